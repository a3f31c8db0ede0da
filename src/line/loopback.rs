//! The doctor on a lab of its own process: the lab started, and the inputs that meet it.

use std::time::Duration;

use crate::case::quote;
use crate::cli::{self, CheckOptions, LabOptions as Options};
use crate::knowledge::{nearest_name, phrase};
use crate::lab::{Lab, LabError, LabOptions, Scenario, scenario};
use crate::probe::{self, Prepared};

use super::CliError;

/// The scenario with this name.
///
/// # Errors
/// When there is none; the message quotes the name.
pub fn named(name: &str) -> Result<Scenario, CliError> {
    scenario::find(name).map_err(|error| {
        CliError::Usage(match error {
            LabError::UnknownScenario(name) => {
                let near = nearest_name(&name, scenario::all().unwrap_or_default().into_iter().map(|known| known.name));
                phrase("lab.unknown-scenario").with("scenario", quote::value(&name)).with_some("near", near).text()
            }
            other => other.to_string(),
        })
    })
}

/// Starts the lab that the options ask for, and what the doctor needs to run on it.
///
/// # Errors
/// An unknown scenario, or a lab that cannot start.
pub async fn start(options: &Options) -> Result<(Lab, Prepared), CliError> {
    let scenario = named(&options.scenario)?;
    let lab = Lab::start(
        &scenario,
        LabOptions {
            delay: Duration::from_millis(options.delay),
            black_box: options.without_settings,
            ..LabOptions::default()
        },
    )
    .await
    .map_err(|error| CliError::Usage(phrase("lab.unstarted").with("error", error.to_string()).text()))?;
    let prepared = prepare_marked(&lab)?;
    Ok((lab, prepared))
}

/// As [`prepare`], for a report that somebody reads: it says that it is the lab's.
///
/// # Errors
/// As there.
pub fn prepare_marked(lab: &Lab) -> Result<Prepared, CliError> {
    let mut prepared = prepare(lab)?;
    prepared.inputs.is_lab = true;
    Ok(prepared)
}

/// What the doctor needs to run on a lab: the scenario's options and the lab's variables, nothing of the process's own.
///
/// # Errors
/// When the scenario's options are wrong.
pub fn prepare(lab: &Lab) -> Result<Prepared, CliError> {
    let variables = lab.variables();
    let options: CheckOptions = cli::options_from(lab.arguments(), &variables)?;
    let inputs = options.target.inputs(&[])?;
    let first = inputs.into_iter().next().ok_or_else(|| CliError::Usage(phrase("lab.no-target").text()))?;
    Ok(probe::prepare_with(first, Some(variables))?)
}
