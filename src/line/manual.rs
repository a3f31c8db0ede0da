//! The manual page, made from the options' own description.

use clap::{Arg, Command};
use roff::{Inline, Roff, bold, italic, roman};

use crate::cli;
use crate::knowledge::phrase;

use super::CliError;
use super::console::Console;

/// Variables that no option has as its own, and the phrase that says what each is for.
const VARIABLES: &[(&str, &str)] = &[
    ("IDENTITY_ENDPOINT, IDENTITY_HEADER, MSI_ENDPOINT, MSI_SECRET, IMDS_ENDPOINT", "manual.identity"),
    (
        "AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH, \
         AZURE_FEDERATED_TOKEN_FILE",
        "manual.principal",
    ),
    ("HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "manual.proxy"),
    ("NO_COLOR", "manual.no-color"),
];

/// Prints the manual page: one page for the program and all its commands.
///
/// # Errors
/// A closed output.
pub fn page(console: &mut Console) -> Result<u8, CliError> {
    let mut command = cli::command();
    command.build();
    let page = written(&command);
    console.print_bytes(in_ascii(&page).as_bytes())?;
    Ok(0)
}

/// The page in ASCII, with the names that every roff has for other characters.
fn in_ascii(page: &str) -> String {
    let named = |character: char| match character {
        character if character.is_ascii() => character.to_string(),
        character => format!("\\[u{:04X}]", u32::from(character)),
    };
    page.chars().map(named).collect()
}

fn written(command: &Command) -> String {
    let mut page = Roff::new();
    let version = format!("easyauth-doctor {}", env!("CARGO_PKG_VERSION"));
    // An empty date would make the version the date.
    page.control("TH", ["EASYAUTH-DOCTOR", "1", " ", version.as_str(), "User Commands"]);
    // Names are never hyphenated, and gaps between words stay small.
    page.control("nh", []);
    page.control("ad", ["l"]);
    page.control("SH", ["NAME"]);
    page.text([roman(format!("easyauth-doctor - {}", phrase("manual.purpose").text()))]);
    page.control("SH", ["SYNOPSIS"]);
    synopsis(&mut page, command, "[OPTIONS] [URL]...");
    for sub in commands(command).flat_map(|sub| std::iter::once(sub).chain(commands(sub))) {
        page.control("br", []);
        synopsis(&mut page, sub, &arguments(sub));
    }
    page.control("SH", ["DESCRIPTION"]);
    paragraphs(&mut page, &described(command));
    page.control("SH", ["OPTIONS"]);
    let mut heading = None;
    for argument in shown(command).filter(|argument| !is_general(argument)) {
        if argument.get_help_heading() != heading {
            heading = argument.get_help_heading();
            page.control("SS", heading);
        }
        option(&mut page, argument);
    }
    page.control("SH", ["COMMANDS"]);
    for sub in commands(command) {
        about_command(&mut page, sub, command);
    }
    page.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in cli::EXIT_CODES {
        entry(&mut page, vec![bold(code)], meaning);
    }
    page.control("SH", ["ENVIRONMENT"]);
    for argument in shown(command) {
        if let Some(name) = argument.get_env().and_then(|name| name.to_str()) {
            let text = phrase("manual.default-of").with("option", name_of(argument)).text();
            entry(&mut page, vec![bold(name)], &text);
        }
    }
    for (names, meaning) in VARIABLES {
        entry(&mut page, vec![bold(*names)], &phrase(meaning).text());
    }
    page.control("PP", []);
    page.text([roman(cli::SECRETS)]);
    page.control("SH", ["EXAMPLES"]);
    for (line, meaning) in cli::EXAMPLES {
        page.control("PP", []);
        page.text([roman(*meaning)]);
        page.control("RS", ["4"]);
        page.control("nf", []);
        page.text([bold(*line)]);
        page.control("fi", []);
        page.control("RE", []);
    }
    page.render()
}

/// A command's name and form.
fn synopsis(page: &mut Roff, command: &Command, rest: &str) {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    page.text([bold(name), roman(format!(" {rest}"))]);
}

/// What follows a command's name: its positional arguments, and whether it has options or commands.
fn arguments(command: &Command) -> String {
    let many = |argument: &Arg| matches!(argument.get_action(), clap::ArgAction::Append);
    let named = command
        .get_positionals()
        .map(|argument| {
            let value = value_of(argument);
            let value = if argument.is_required_set() { value } else { format!("[{value}]") };
            if many(argument) { value + "..." } else { value }
        })
        .collect::<Vec<_>>()
        .join(" ");
    if command.get_name() == "man" {
        return String::new();
    }
    format!("[OPTIONS] {named}").trim_end().to_owned()
}

/// One command: what it does, and the options that the program itself doesn't have.
fn about_command(page: &mut Roff, command: &Command, parent: &Command) {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    page.control("SS", [name]);
    paragraphs(page, &described(command));
    let of_parent: Vec<&str> = shown(parent).map(|argument| argument.get_id().as_str()).collect();
    let own = |argument: &&Arg| !is_general(argument) && !of_parent.contains(&argument.get_id().as_str());
    let mut as_above = Vec::new();
    for argument in shown(command).filter(|argument| !is_general(argument)) {
        if own(&argument) {
            option(page, argument);
        } else {
            as_above.push(name_of(argument));
        }
    }
    if !as_above.is_empty() {
        let said = if as_above.len() == of_parent.len().saturating_sub(2) {
            phrase("manual.all-options")
        } else {
            phrase("manual.options-as-above").with("options", as_above.join(", "))
        };
        page.control("PP", []);
        page.text([roman(said.text())]);
    }
    for sub in commands(command) {
        about_command(page, sub, parent);
    }
}

fn commands(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|sub| sub.get_name() != "help" && !sub.is_hide_set())
}

fn shown(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|argument| !argument.is_hide_set())
}

fn is_general(argument: &Arg) -> bool {
    matches!(argument.get_id().as_str(), "help" | "version")
}

fn described(command: &Command) -> String {
    let text = command.get_long_about().or_else(|| command.get_about());
    text.map(ToString::to_string).unwrap_or_default()
}

fn paragraphs(page: &mut Roff, text: &str) {
    for (at, paragraph) in text.split("\n\n").enumerate() {
        if at > 0 {
            page.control("PP", []);
        }
        page.text(inlines(paragraph));
    }
}

/// A text with what is between backticks in bold.
fn inlines(text: &str) -> Vec<Inline> {
    let pieces = text.split('`').enumerate();
    pieces.map(|(at, piece)| if at % 2 == 0 { roman(piece) } else { bold(piece) }).collect()
}

/// An option with its value, its default, and its meaning.
fn option(page: &mut Roff, argument: &Arg) {
    let mut head: Vec<Inline> = Vec::new();
    for (at, name) in
        [argument.get_short().map(|short| format!("-{short}")), argument.get_long().map(|long| format!("--{long}"))]
            .into_iter()
            .flatten()
            .enumerate()
    {
        if at > 0 {
            head.push(roman(", "));
        }
        head.push(bold(name));
    }
    if argument.get_action().takes_values() {
        if !head.is_empty() {
            head.push(roman(" "));
        }
        head.push(italic(value_of(argument)));
    }
    let default: Vec<String> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if argument.get_action().takes_values() && !default.is_empty() {
        head.push(roman(format!(" [default: {}]", default.join(", "))));
    }
    let help = argument.get_long_help().or_else(|| argument.get_help());
    entry(page, head, &help.map(ToString::to_string).unwrap_or_default());
    let values: Vec<String> = argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if argument.get_action().takes_values() && !values.is_empty() && !argument.is_hide_possible_values_set() {
        page.control("br", []);
        page.text([roman(phrase("manual.values").with("values", values.join(", ")).text())]);
    }
}

/// The value's name, without the brackets and quotes of the short help.
fn value_of(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let name = names.iter().map(|name| name.trim_matches('\'')).collect::<Vec<_>>().join(" ");
    if name.is_empty() { argument.get_id().as_str().to_uppercase() } else { name }
}

/// The longest name of an option.
fn name_of(argument: &Arg) -> String {
    argument.get_long().map_or_else(|| value_of(argument), |long| format!("--{long}"))
}

fn entry(page: &mut Roff, head: Vec<Inline>, text: &str) {
    page.control("TP", []);
    page.text(head);
    for (at, paragraph) in text.split("\n\n").enumerate() {
        if at > 0 {
            page.control("IP", []);
        }
        page.text(inlines(paragraph));
    }
}
