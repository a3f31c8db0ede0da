//! Shell completions, made from the options' own description and the values that the other rooms know.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

use crate::case::inputs::{Cloud, CredentialKind};
use crate::cli;
use crate::knowledge;

use super::CliError;
use super::console::Console;

/// Prints completions for a shell.
///
/// # Errors
/// A closed output.
pub fn run(shell: Shell, console: &mut Console) -> Result<u8, CliError> {
    let mut script = Vec::new();
    let command = match shell {
        // Only this script keeps commands and other words apart.
        Shell::Bash => cli::command(),
        _ => commands_first(cli::command(), shell == Shell::Zsh),
    };
    let mut command = with_values(command);
    clap_complete::generate(shell, &mut command, "easyauth-doctor", &mut script);
    let script = String::from_utf8_lossy(&script);
    let script = match shell {
        // clap reads the hyphen of the program's name as the start of a command in one half of the script
        // (clap-rs/clap#6421).
        Shell::Bash => script.replace("easyauth__subcmd__doctor", "easyauth__doctor"),
        Shell::Fish => script.replace(FISH_READS, FISH_READS_ALSO) + &words_for_fish(&with_values(cli::command())),
        _ => script.into_owned(),
    };
    console.print_bytes(script.as_bytes())?;
    Ok(0)
}

/// How clap's script for fish reads the words before the cursor. It gives up where the last of them is an option whose
/// value is being typed.
const FISH_READS: &str = include_str!("../../assets/completions/read-words.fish");
/// The same without that option.
const FISH_READS_ALSO: &str = include_str!("../../assets/completions/read-words-again.fish");

/// A line of it for the words that a command takes.
const FISH_WORDS: &str = include_str!("../../assets/completions/words.fish");

/// Completions of the commands' own words for fish, which clap leaves out.
fn words_for_fish(command: &Command) -> String {
    let mut lines = String::new();
    for sub in command.get_subcommands() {
        for argument in sub.get_positionals() {
            let values = argument.get_possible_values();
            let names: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
            if !names.is_empty() {
                let line = FISH_WORDS.replace("COMMAND", sub.get_name());
                lines.push_str(&line.replace("WORDS", &names.join(" ")));
            }
        }
    }
    lines
}

/// The same commands, where one that has commands takes no other words, since the scripts would mix them up. Scenarios
/// are offered as commands of `lab` where the script has no other way.
fn commands_first(command: Command, with_scenarios: bool) -> Command {
    let name = command.get_name().to_owned();
    let mut bare = Command::new(name.clone())
        .about(command.get_about().cloned().unwrap_or_default())
        .args(command.get_arguments().filter(|argument| !argument.is_positional()).cloned())
        .subcommands(
            command
                .get_subcommands()
                .cloned()
                .map(|sub| if sub.has_subcommands() { commands_first(sub, with_scenarios) } else { sub }),
        );
    if name == "lab" && with_scenarios {
        bare = bare.subcommands(scenarios().into_iter().map(Command::new));
    }
    bare
}

/// The command line with every argument's possible values, for a person who presses Tab. They are not all that is
/// accepted.
fn with_values(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let mut command = command.mut_args(with_value);
    for name in names {
        command = command.mut_subcommand(name, with_values);
    }
    command
}

fn with_value(argument: Arg) -> Arg {
    if !argument.get_action().takes_values() || !argument.get_possible_values().is_empty() {
        return argument;
    }
    let values = match argument.get_id().as_str() {
        "credential" => CredentialKind::ALL.iter().map(|kind| kind.name().to_owned()).collect(),
        "cloud" => Cloud::ALL.iter().map(|cloud| cloud.name().to_owned()).collect(),
        "method" => ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"].map(str::to_owned).into(),
        "identity" => ["auto", "system", "client-id:", "object-id:", "resource-id:"].map(str::to_owned).into(),
        "text" => knowledge::list().into_iter().filter_map(|entry| known_word(&entry.key)).collect(),
        "scenario" | "scenarios" => scenarios(),
        _ => Vec::new(),
    };
    if !values.is_empty() {
        // Defaults are checked against these values, too, when a script is made.
        return argument.value_parser(PossibleValuesParser::new(values)).hide_possible_values(true);
    }
    let is_file = argument
        .get_value_names()
        .is_some_and(|names| names.iter().any(|name| matches!(name.as_str(), "FILE" | "CASE")));
    // A name with a colon would end the description in zsh's notation.
    let argument = if argument.get_id() == "headers" { argument.value_name("HEADER") } else { argument };
    argument.value_hint(if is_file { ValueHint::FilePath } else { ValueHint::Other })
}

/// What is one word can be completed; sentences can't.
fn known_word(name: &str) -> Option<String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

#[cfg(feature = "lab")]
fn scenarios() -> Vec<String> {
    let scenarios = crate::lab::scenario::all().unwrap_or_default();
    scenarios.into_iter().map(|scenario| scenario.name).collect()
}

#[cfg(not(feature = "lab"))]
fn scenarios() -> Vec<String> {
    Vec::new()
}
