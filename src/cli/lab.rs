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
    /// Don't give the doctor App 2's settings: it uses only App 2's responses
    #[arg(long)]
    pub without_settings: bool,
    /// Delay every response of the lab, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=60_000))]
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

/// `lab …`.
#[derive(Debug, Clone, Subcommand)]
pub enum LabCommand {
    /// List the scenarios
    List {
        /// How output is shown.
        #[command(flatten)]
        display: DisplayOptions,
    },
    /// Run a lab for other clients: print NAME=value lines that a shell can source and then `# READY`, and serve until
    /// standard input closes
    Serve {
        /// The scenario
        #[arg(value_name = "SCENARIO", default_value = "healthy")]
        scenario: String,
        /// Serve HTTPS with a certificate authority that is created for this run (LAB_CA_FILE)
        #[arg(long)]
        tls: bool,
        /// Delay every response, in milliseconds
        #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=60_000))]
        delay: u64,
    },
    /// Run the doctor on every scenario, with and without settings, and compare its report with the expected one
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
