//! `lab`: the doctor on a world that is broken as a scenario says, in one process and without the real environment.

use std::time::Duration;

use crate::cli::{LabCommand, LabOptions as Options};
use crate::knowledge::{phrase, shell_word};
use crate::lab::{Lab, LabOptions, Scenario, scenario};
use crate::report::wrap::{padded, wrap};

use super::check::{self, Ready};
use super::console::Console;
use super::input_end::input_end;
use super::loopback::{named, start};
use super::outputs::Outputs;
use super::{CliError, interruptible, verify};

/// Runs one of the lab's commands; returns the exit code.
///
/// # Errors
/// An unknown scenario, a lab that cannot start, a closed output or a signal.
pub async fn run(options: &Options, console: &mut Console) -> Result<u8, CliError> {
    match &options.command {
        Some(LabCommand::List { .. }) => list(console),
        Some(LabCommand::Serve { scenario, tls, delay }) => interruptible(serve(scenario, *tls, *delay, console)).await,
        Some(LabCommand::Verify { scenarios, json, .. }) => interruptible(verify::run(scenarios, *json, console)).await,
        None => {
            // An unknown scenario is reported before any place is touched.
            named(&options.scenario)?;
            let outputs = Outputs::open(&options.output, false, &[])?;
            let work = async {
                outputs.try_out()?;
                let (lab, prepared) = start(options).await?;
                let ready = Ready { prepared: vec![prepared], outputs };
                let code = check::perform(ready, false, options.display.verbose, console).await;
                drop(lab);
                code
            };
            interruptible(work).await
        }
    }
}

fn list(console: &mut Console) -> Result<u8, CliError> {
    let scenarios = scenario::all().map_err(|error| CliError::Usage(error.to_string()))?;
    let lines: String = scenarios.iter().map(|scenario| lines(scenario, console.style.width)).collect();
    console.print(&lines)?;
    Ok(0)
}

/// A scenario's name at the beginning of a line, and its title beside it, or below it where the name is too long.
fn lines(scenario: &Scenario, width: usize) -> String {
    const COLUMN: usize = 40;
    let (below, beside) = if scenario.name.len() < COLUMN - 1 { ("", &*scenario.name) } else { (&*scenario.name, "") };
    let mut lines = if below.is_empty() { String::new() } else { format!("{below}\n") };
    for (at, line) in wrap(&scenario.title, width.saturating_sub(COLUMN).max(16)).into_iter().enumerate() {
        lines.push_str(&format!("{}{line}\n", padded(if at == 0 { beside } else { "" }, COLUMN)));
    }
    lines
}

/// Prints what other clients need and serves until standard input ends.
async fn serve(name: &str, tls: bool, delay: u64, console: &mut Console) -> Result<u8, CliError> {
    let scenario = named(name)?;
    let lab = Lab::start(&scenario, LabOptions { delay: Duration::from_millis(delay), tls, ..LabOptions::default() })
        .await
        .map_err(|error| CliError::Usage(phrase("lab.unstarted").with("error", error.to_string()).text()))?;
    let mut lines: String =
        lab.variables().iter().map(|(name, value)| format!("{name}={}\n", shell_word(value))).collect();
    lines.push_str("# READY\n");
    console.print(&lines)?;
    input_end().await;
    drop(lab);
    Ok(0)
}
