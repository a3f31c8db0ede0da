//! `lab` and its commands.

use clap::{Args, Subcommand};

use super::options::{DisplayOptions, OutputOptions};

/// `lab`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LabOptions {
    /// What to do other than run the doctor on a scenario.
    #[command(subcommand)]
    pub command: Option<LabCommand>,
    /// The scenario; see `lab list`
    #[arg(value_name = "SCENARIO", default_value = "healthy")]
    pub scenario: String,
    /// Do not let the doctor read App 2's settings: judge by App 2's answers alone
    #[arg(long)]
    pub without_settings: bool,
    /// Delay every answer of the lab by this many milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub delay: u64,
    /// Where and how the report is written.
    #[command(flatten)]
    pub output: OutputOptions,
    /// How it is shown.
    #[command(flatten)]
    pub display: DisplayOptions,
}

impl LabOptions {
    /// How the command in use is to be shown.
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
        /// How it is shown.
        #[command(flatten)]
        display: DisplayOptions,
    },
    /// Keep a lab running for other clients: print NAME=value lines and READY, serve until standard input closes
    Serve {
        /// The scenario
        #[arg(value_name = "SCENARIO", default_value = "healthy")]
        scenario: String,
        /// Serve https with a certificate authority made for this run (LAB_CA_FILE)
        #[arg(long)]
        tls: bool,
        /// Delay every answer by this many milliseconds
        #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=60_000))]
        delay: u64,
    },
    /// Run every scenario through the doctor, with and without settings, and compare with what it must say
    Verify {
        /// Only these scenarios
        #[arg(value_name = "SCENARIO")]
        scenarios: Vec<String>,
        /// Print one JSON array instead of lines
        #[arg(long)]
        json: bool,
        /// How it is shown.
        #[command(flatten)]
        display: DisplayOptions,
    },
}
