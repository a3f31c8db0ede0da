//! `open`: a saved case judged again, on any machine, without network.

use serde::de::Error as _;
use serde_json::Value;

use crate::case::{CASE_VERSION, Case};
use crate::cli::OpenOptions;
use crate::report::{Format, Report, render, text};

use super::Stop;
use super::check::{Outputs, format_of, worst};
use super::console::Console;
use super::files;

/// Prints the report of a saved case; returns its exit code.
///
/// # Errors
/// What is not a saved case, or cannot be read or written.
pub fn run(options: &OpenOptions, console: &mut Console) -> Result<u8, Stop> {
    let (reports, many) = read(options)?;
    let outputs = Outputs::open(&options.output, many)?;
    if format_of(options.output.format) == Format::Text || options.output.output.is_some() {
        console.print(&render(&reports, many, Format::Text, &text::Style { ..console.style }))?;
    }
    outputs.finish(&reports, console)?;
    Ok(worst(&reports))
}

/// The reports of the saved cases, and whether the file holds an array of them.
///
/// # Errors
/// What is not a saved case, or cannot be read.
pub fn read(options: &OpenOptions) -> Result<(Vec<Report>, bool), Stop> {
    let bytes = files::read("open", &options.case)?;
    let told = |error: serde_json::Error| {
        Stop::Usage(format!(
            "'{}' is not a saved case: {error}. A case is what `easyauth-doctor check --save FILE` writes",
            options.case
        ))
    };
    let value: Value = serde_json::from_slice(&bytes).map_err(told)?;
    let (values, many) = match value {
        Value::Array(values) => (values, true),
        one => (vec![one], false),
    };
    let mut reports = Vec::new();
    for value in values {
        let mut case = case(value).map_err(told)?;
        case.inputs.assume.extend(options.assume.iter().cloned());
        reports.push(Report::of(case));
    }
    if reports.is_empty() {
        return Err(told(serde_json::Error::custom("the array is empty")));
    }
    Ok((reports, many))
}

fn case(value: Value) -> Result<Case, serde_json::Error> {
    match value.get("case_version").and_then(Value::as_u64) {
        Some(version) if version == u64::from(CASE_VERSION) => serde_json::from_value(value),
        Some(version) => Err(serde_json::Error::custom(format!(
            "it has version {version}, and this program reads version {CASE_VERSION}; open it with the program that saved it"
        ))),
        None if value.get("schema_version").is_some() => Err(serde_json::Error::custom(
            "it is a JSON report, which holds conclusions and not all that was observed",
        )),
        None => Err(serde_json::Error::custom("it has no case_version")),
    }
}
