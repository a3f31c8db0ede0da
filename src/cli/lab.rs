//! `lab` and its commands.

use clap::{Args, Subcommand};

use super::options::{DisplayOptions, OutputOptions};

/// `lab`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LabOptions {
    /// A command other than running the doctor on a scenario.
    #[command(subcommand)]
    pub command: Option<LabCommand>,
    /// The scenario; see `lab list`
    #[arg(value_name = "SCENARIO", default_value = "healthy")]
    pub scenario: String,
    /// Check without App 2's settings, as if they couldn't be read
    #[arg(long)]
    pub without_settings: bool,
    /// Delay every response of the lab, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0, allow_negative_numbers = true,
        value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub delay: u64,
    /// The report's format and destination.
    #[command(flatten)]
    pub output: OutputOptions,
    /// How output is shown.
    #[command(flatten)]
    pub display: DisplayOptions,
}

impl LabOptions {
    /// How the command in use shows its output.
    #[must_use]
    pub fn shown(&self) -> DisplayOptions {
        match &self.command {
            Some(LabCommand::List { display } | LabCommand::Verify { display, .. }) => display.clone(),
            Some(LabCommand::Serve { .. }) => DisplayOptions::default(),
            None => self.display.clone(),
        }
    }
}

/// How the variables that a served lab prints are used.
const SERVE_EXAMPLES: &str = "\
Examples:
  easyauth-doctor lab serve > lab.env

  Then, in another terminal, load the variables, and start the program that calls the lab:

  Bash:
  set -a; . ./lab.env; set +a
  PowerShell:
  gc lab.env | % { if ($_ -match '^(\\w+)=\"(.*)\"$') { Set-Item \"Env:$($Matches[1])\" $Matches[2] } }

  To end the lab, press Ctrl-D (in Windows, Ctrl-Z and Enter). In the background, end its process.";

/// `lab …`.
#[derive(Debug, Clone, Subcommand)]
pub enum LabCommand {
    /// List the scenarios
    #[command(
        long_flag = "list",
        mut_arg("quiet", |argument| argument.hide(true)),
        mut_arg("verbose", |argument| argument.hide(true))
    )]
    List {
        /// How output is shown.
        #[command(flatten)]
        display: DisplayOptions,
    },
    /// Run the lab for other programs: print the variables they need, then `# READY`, and run until standard input
    /// closes
    #[command(after_help = SERVE_EXAMPLES)]
    Serve {
        /// The scenario
        #[arg(value_name = "SCENARIO", default_value = "healthy")]
        scenario: String,
        /// Serve HTTPS with a certificate authority that is created for this run (LAB_CA_FILE)
        #[arg(long)]
        tls: bool,
        /// Delay every response, in milliseconds
        #[arg(long, value_name = "MS", default_value_t = 0, allow_negative_numbers = true,
            value_parser = clap::value_parser!(u64).range(..=60_000))]
        delay: u64,
    },
    /// Check every scenario, with and without App 2's settings, and compare each report with the expected one
    #[command(
        mut_arg("quiet", |argument| argument.hide(true)),
        mut_arg("verbose", |argument| argument.hide(true))
    )]
    Verify {
        /// The scenarios to run [default: all]
        #[arg(value_name = "SCENARIO")]
        scenarios: Vec<String>,
        /// Print a JSON array instead of lines
        #[arg(long)]
        json: bool,
        /// How output is shown.
        #[command(flatten)]
        display: DisplayOptions,
    },
}
