//! Every argument and variable, with clap, and what they mean as [`Inputs`](crate::case::inputs::Inputs).

mod clap_error;
pub mod fields;
pub mod inputs;
#[cfg(feature = "lab")]
pub mod lab;
pub mod options;
pub mod targets;
pub mod usage;

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::case::value_parsers;
#[cfg(feature = "lab")]
pub use lab::{LabCommand, LabOptions};
pub use options::{CheckOptions, ColorWhen, DisplayOptions, OutputOptions, TargetOptions};
pub use usage::UsageError;

/// The text above the options in `--help`.
const LONG_ABOUT: &str = "\
Finds out why an Azure app (App 1) can't call another app (App 2) that App Service Authentication (Easy Auth) protects \
with Microsoft Entra ID, and shows how to fix it.

Run it where App 1 runs: in the SSH session or the Kudu console of its App Service app, in its container, or on \
its machine. Without a command, the program opens the interactive screen, or runs `check` if there is no terminal.";

/// The exit codes and their meanings.
pub const EXIT_CODES: [(&str, &str); 6] = [
    ("0", "the call succeeds"),
    ("1", "a problem was found"),
    ("2", "invalid usage or unreadable input; nothing was sent"),
    ("3", "the call fails, and the evidence doesn't determine why"),
    ("4", "the check ran, but its report or case couldn't be written"),
    ("129-131, 143", "hung up, interrupted, quit, terminated"),
];

/// How secrets reach the program.
pub const SECRETS: &str = "\
Secrets are never passed as arguments. They come from the environment (AZURE_CLIENT_SECRET, \
AZURE_CLIENT_CERTIFICATE_PATH, AZURE_FEDERATED_TOKEN_FILE), from a file, or from a hidden prompt.";

/// Lines to type, each with what it is for.
pub const EXAMPLES: &[(&str, &str)] = &[
    ("easyauth-doctor https://app2.azurewebsites.net/api/hello", "Find out why this call fails:"),
    ("easyauth-doctor check https://app2.azurewebsites.net/api/hello --format json", "The same as JSON, for a script:"),
    (
        "easyauth-doctor check https://app2.azurewebsites.net/api/hello --auth-settings app2-auth.json",
        "Use App 2's settings, for a more certain answer:",
    ),
    ("easyauth-doctor explain AADSTS500011", "Explain an error:"),
    #[cfg(feature = "lab")]
    ("easyauth-doctor lab caller-not-in-allowed-applications", "Try it without Azure:"),
];

/// The text below the options in `--help`.
fn after_help() -> String {
    let codes = EXIT_CODES.map(|(code, meaning)| format!("  {code:<12}  {meaning}\n")).concat();
    let examples: Vec<String> = EXAMPLES.iter().map(|(line, _)| format!("\n  {line}")).collect();
    format!("Exit codes:\n{codes}\n{SECRETS}\n\nExamples:{}", examples.concat())
}

/// The version, with the commit where the release was built from one, and the platform.
fn version() -> String {
    let commit = option_env!("EASYAUTH_DOCTOR_COMMIT").unwrap_or("not a release");
    format!("{} ({commit}, {}-{})", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH, std::env::consts::OS)
}

/// The whole command line.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "easyauth-doctor",
    version = version(),
    about = "Finds out why App 1 can't call App 2 through Easy Auth, and how to fix it",
    long_about = LONG_ABOUT,
    after_long_help = after_help(),
    args_conflicts_with_subcommands = true,
    max_term_width = 100
)]
pub struct Arguments {
    /// The command; without one, the interactive screen opens, or `check` runs if there is no terminal.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The options of the default command.
    #[command(flatten)]
    pub check: CheckOptions,
}

/// The commands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Run the check in line mode: print each step as it finishes, then the root cause and its fixes
    Check(Box<CheckOptions>),
    /// Open a saved case (see --save) in the interactive screen, or print its report; uses no network
    Open(OpenOptions),
    /// Decode and explain an access token; uses no network without --verify
    Token(TokenOptions),
    /// Explain a finding code, an AADSTS or IDX number, a claim, a substatus, a step, or a pasted error text
    Explain(ExplainOptions),
    /// Try the check without Azure: the identity endpoint, Microsoft Entra ID, App 2, and Azure Resource Manager are
    /// simulated on this computer, with a problem of your choice
    #[cfg(feature = "lab")]
    Lab(LabOptions),
    /// Print shell completions
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page in roff format
    Man,
}

/// `open CASE …`.
#[derive(Debug, Clone, Args)]
pub struct OpenOptions {
    /// The saved case (`-`: standard input); several are shown as a table on the screen, or one after another
    #[arg(value_name = "CASE", required = true)]
    pub cases: Vec<String>,
    /// Also evaluate App 2's settings with this change: 'allowedAudiences+=api://...', 'issuer=...' (repeatable)
    #[arg(long, value_name = "CHANGE", value_parser = value_parsers::assumption)]
    pub assume: Vec<String>,
    /// Compare with this saved case: show what changed from the earlier of the two to the later
    #[arg(long, value_name = "CASE", conflicts_with_all = ["assume", "output", "save", "edited_settings"])]
    pub compare: Option<String>,
    /// The report's format and destination.
    #[command(flatten)]
    pub output: OutputOptions,
    /// How output is shown.
    #[command(flatten)]
    pub display: DisplayOptions,
}

/// `token [FILE]`.
#[derive(Debug, Clone, Args)]
#[command(
    mut_arg("edited_settings", |argument| argument.hide(true)),
    mut_arg("resource_manager", |argument| argument.hide(true)),
    mut_arg("graph", |argument| argument.hide(true)),
    mut_arg("verbose", |argument| argument.hide(true)),
    mut_arg("quiet", |argument| argument.help("Print only what is wrong, without the claims"))
)]
pub struct TokenOptions {
    /// A file that contains the token or a token response in JSON (`-` or omitted: standard input)
    #[arg(value_name = "FILE")]
    pub file: Option<String>,
    /// Get the signing keys from the authority and verify the signature
    #[arg(long)]
    pub verify: bool,
    /// The caller's expected client ID or object ID
    #[arg(long, value_name = "GUID", value_parser = value_parsers::guid)]
    pub expect_identity: Option<String>,
    /// The resource that the token must be issued for
    #[arg(short, long, value_name = "URI", value_parser = value_parsers::resource)]
    pub resource: Option<String>,
    /// Endpoints for --verify.
    #[command(flatten)]
    pub endpoints: options::EndpointOptions,
    /// The report's format and destination.
    #[command(flatten)]
    pub output: OutputOptions,
    /// How output is shown.
    #[command(flatten)]
    pub display: DisplayOptions,
}

/// `explain`.
#[derive(Debug, Clone, Args)]
#[command(
    mut_arg("quiet", |argument| argument.hide(true)),
    mut_arg("verbose", |argument| argument.hide(true))
)]
pub struct ExplainOptions {
    /// A code, number, claim, substatus, step ID, log, or pasted error text (`-`, or omitted: standard input)
    #[arg(value_name = "CODE")]
    pub text: Vec<String>,
    /// A file with the text, such as a log or saved output
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    pub file: Option<String>,
    /// List all entries, and the hosts and targets that are covered
    #[arg(long, conflicts_with_all = ["text", "file"])]
    pub list: bool,
    /// The output's format
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: PageFormat,
    /// How output is shown.
    #[command(flatten)]
    pub display: DisplayOptions,
}

/// The formats of what is no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum PageFormat {
    /// Plain text
    #[default]
    Text,
    /// JSON for other programs
    Json,
}

/// Reads the command line and the variables.
///
/// # Errors
/// clap's error about invalid usage; also `--help` and `--version`, which print to standard output.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|argument| argument == "explain") {
        without_leading_dashes(&mut arguments);
    }
    if let Some((kind, said)) = clap_error::unusable(&arguments) {
        return Err(command().error(kind, said));
    }
    // Behind `check`, a word is a URL that isn't complete.
    let has_command = arguments.get(1).is_some_and(|argument| argument == "check");
    let wrong = |error| {
        let error = if has_command { error } else { clap_error::about_a_command(error, &command()) };
        clap_error::cleaned(clap_error::about_a_second_scenario(error, &command()))
    };
    let matches = Arguments::command().try_get_matches_from(arguments).map_err(wrong)?;
    let mut parsed = Arguments::from_arg_matches(&matches).map_err(wrong)?;
    take_sources(&mut parsed.check, &matches);
    if let (Some(Command::Check(options)), Some(("check", matches))) = (&mut parsed.command, matches.subcommand()) {
        take_sources(options, matches);
    }
    Ok(parsed)
}

/// A pasted text may begin with dashes, as lines of a list and inner exceptions do. An option is one word, or has a
/// value behind `=`.
fn without_leading_dashes(arguments: &mut [OsString]) {
    let mut is_files_name = false;
    for argument in arguments {
        let text = argument.to_str().filter(|text| text.starts_with('-') && !is_files_name).unwrap_or_default();
        let first = text.split_whitespace().next().unwrap_or_default();
        let pasted = text.trim_start_matches(['-', ' ']);
        is_files_name = argument == "--file";
        if !pasted.is_empty() && first.len() < text.len() && !first.contains('=') || text.starts_with("---") {
            *argument = OsString::from(pasted);
        }
    }
}

/// The options of `check` from given arguments, and from given variables instead of the process's.
///
/// # Errors
/// Arguments that `check` doesn't accept.
pub fn options_from(
    arguments: impl IntoIterator<Item = String>,
    variables: &[(String, String)],
) -> Result<CheckOptions, UsageError> {
    let wrong = |error: clap::Error| UsageError(clap_error::cleaned(error).to_string());
    let command = CheckOptions::augment_args(clap::Command::new("easyauth-doctor check"));
    let named: Vec<(String, OsString)> = command
        .get_arguments()
        .filter_map(|argument| {
            let name = argument.get_env()?.to_str()?;
            let (_, value) = variables.iter().find(|(known, value)| known == name && !value.is_empty())?;
            Some((argument.get_id().to_string(), OsString::from(value)))
        })
        .collect();
    let command = command.mut_args(|argument| argument.env(None));
    let matches =
        command.try_get_matches_from(std::iter::once("easyauth-doctor".to_owned()).chain(arguments)).map_err(wrong)?;
    let mut options = CheckOptions::from_arg_matches(&matches).map_err(wrong)?;
    let value = |id: &str| {
        let (_, value) = named.iter().find(|(known, _)| known == id)?;
        value.to_str().map(str::to_owned)
    };
    let target = &mut options.target;
    if target.target.is_empty() {
        target.target.extend(value("target"));
        target.target_from_environment = true;
    }
    if target.resource.is_none() {
        target.resource = value("resource");
        target.resource_from_environment = target.resource.is_some();
    }
    target.target_resource_id_from_environment =
        target.target_resource_id.is_none() && value("target_resource_id").is_some();
    let endpoints = &mut target.endpoints;
    for (place, id) in [
        (&mut target.target_resource_id, "target_resource_id"),
        (&mut endpoints.authority, "authority"),
        (&mut endpoints.resource_manager, "resource_manager"),
        (&mut endpoints.graph, "graph"),
        (&mut endpoints.ca_bundle, "ca_bundle"),
    ] {
        if place.is_none() {
            *place = value(id);
        }
    }
    Ok(options)
}

/// Takes bare URLs as targets and notes which values came from variables: the report says so, and what was typed wins
/// over them.
fn take_sources(options: &mut CheckOptions, matches: &ArgMatches) {
    let urls = std::mem::take(&mut options.url);
    let options = &mut options.target;
    let from_environment = |id: &str| matches.value_source(id) == Some(ValueSource::EnvVariable);
    options.resource_from_environment = from_environment("resource");
    options.target_from_environment = from_environment("target");
    options.target_resource_id_from_environment = from_environment("target_resource_id");
    if !urls.is_empty() && options.target_from_environment {
        options.target.clear();
        options.target_from_environment = false;
    }
    options.target.splice(0..0, urls);
}

/// The command line as clap describes it, for completions and the manual page.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, clap::Error> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_definition_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn the_default_command_and_check_take_the_same_options() {
        let options = "-t https://a.example/x -r api://a --credential client-secret --identity system --format json -v";
        let default = parsed(&format!("easyauth-doctor {options}")).unwrap();
        let check = parsed(&format!("easyauth-doctor check {options}")).unwrap();
        let Some(Command::Check(check)) = check.command else {
            panic!("check was not parsed");
        };
        assert_eq!(format!("{check:?}"), format!("{:?}", default.check));
    }

    #[test]
    fn a_pasted_text_may_begin_with_dashes() {
        let text = |arguments: &[&str]| {
            let line = ["easyauth-doctor", "explain"].iter().chain(arguments).map(OsString::from);
            match parse(line).map(|parsed| parsed.command) {
                Ok(Some(Command::Explain(options))) => Ok((options.text.join(" "), options.file)),
                other => Err(format!("{other:?}")),
            }
        };
        let said = |text: &str| Ok((text.to_owned(), None));
        assert_eq!(text(&["- ManagedIdentityCredential: x"]), said("ManagedIdentityCredential: x"));
        assert_eq!(text(&["---> Azure.Identity.X: y", "--format", "json"]), said("> Azure.Identity.X: y"));
        assert_eq!(text(&["-----\nAADSTS501051"]), said("\nAADSTS501051"));
        assert_eq!(text(&["---->x"]), said(">x"));
        assert_eq!(text(&["-"]), said("-"));
        assert_eq!(text(&["--file=a b"]), Ok((String::new(), Some("a b".to_owned()))));
        for wrong in [&["--lst"][..], &["--file", "-a b"]] {
            assert!(text(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_world_of_its_own_has_its_own_variables() {
        let variables: Vec<(String, String)> = [
            ("EASYAUTH_DOCTOR_TARGET", "http://127.0.0.1:1/x"),
            ("EASYAUTH_DOCTOR_RESOURCE", "api://x"),
            ("AZURE_AUTHORITY_HOST", "http://127.0.0.1:2"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let options = options_from(["--identity".to_owned(), "system".to_owned()], &variables).unwrap();
        assert_eq!(options.target.target, ["http://127.0.0.1:1/x"]);
        assert_eq!(options.target.resource.as_deref(), Some("api://x"));
        assert!(options.target.resource_from_environment);
        assert_eq!(options.target.endpoints.authority.as_deref(), Some("http://127.0.0.1:2"));
        assert_eq!(options.target.endpoints.graph, None);
        let options = options_from(["-r".to_owned(), "api://y".to_owned()], &variables).unwrap();
        assert!(options.target.resource.as_deref() == Some("api://y") && !options.target.resource_from_environment);
    }

    #[test]
    fn a_bare_url_is_a_target() {
        for line in ["easyauth-doctor", "easyauth-doctor check"] {
            let targets = |rest: &str| {
                let parsed = parsed(&format!("{line} {rest}")).unwrap();
                match parsed.command {
                    Some(Command::Check(options)) => options.target.target,
                    _ => parsed.check.target.target,
                }
            };
            assert_eq!(targets("https://a.example/x"), ["https://a.example/x"]);
            assert_eq!(targets("a.example/x -v"), ["https://a.example/x"]);
            assert_eq!(
                targets("-t https://b.example/ https://a.example/x -r api://a"),
                ["https://a.example/x", "https://b.example/"]
            );
        }
        assert!(parsed("easyauth-doctor http://a.example/x").is_err());
    }

    #[cfg(feature = "lab")]
    #[test]
    fn lab_is_a_scenario_or_a_command() {
        let Some(Command::Lab(lab)) = parsed("easyauth-doctor lab audience-not-allowed --format json").unwrap().command
        else {
            panic!("lab was not parsed");
        };
        assert_eq!((lab.scenario.as_str(), lab.command.is_none()), ("audience-not-allowed", true));
        let Some(Command::Lab(lab)) = parsed("easyauth-doctor lab serve healthy --tls").unwrap().command else {
            panic!("lab serve was not parsed");
        };
        assert!(matches!(lab.command, Some(LabCommand::Serve { tls: true, .. })));
    }
}
