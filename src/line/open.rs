//! `open`: a saved case judged again, on any machine, without network.

use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::case::secret::without_tokens;
use crate::case::text::decoded;
use crate::case::{CASE_VERSION, Case, json, quote};
use crate::cli::{DisplayOptions, OpenOptions, OutputOptions};
use crate::knowledge::{Said, Value, Words, phrase};
use crate::objects;
use crate::probe::input::{self, Kind};
use crate::report::{Format, Report, compare, render, text, token_report};

use super::CliError;
use super::check::worst;
use super::console::Console;
use super::files::{self, Named};
use super::outputs::Outputs;

/// Prints the report of a saved case; returns its exit code.
///
/// # Errors
/// What is not a saved case, or cannot be read or written.
pub async fn run(options: &OpenOptions, console: &mut Console) -> Result<u8, CliError> {
    if let Some(other) = &options.compare {
        return compared(options, other, console);
    }
    let (reports, many) = read(options)?;
    let cases: Vec<Named> = options.cases.iter().map(|case| Named::new("case", Path::new(case))).collect();
    let outputs = Outputs::open(&options.output, many, &cases)?;
    let work = async |outputs: Outputs| {
        if outputs.prints_report() {
            console.print(&render(&reports, many, Format::Text, &text::Style { ..console.style }))?;
        }
        outputs.finish(&reports, console)?;
        Ok(worst(&reports))
    };
    outputs.after(work).await
}

/// The reports of the saved cases, and whether there may be several: in several files, or in an array.
///
/// # Errors
/// What is not a saved case, or cannot be read.
pub fn read(options: &OpenOptions) -> Result<(Vec<Report>, bool), CliError> {
    let mut reports = Vec::new();
    let mut many = options.cases.len() > 1;
    for path in &options.cases {
        let bytes = files::read("the case file", path, Kind::Case)?;
        let (cases, is_array) = cases(&bytes).map_err(|reason| {
            let file = if path == "-" { input::named("the case file", path.as_ref()) } else { quote::path(path) };
            let message = phrase("open.not-a-case").with("file", file);
            CliError::Usage(message.with("reason", Value::from(reason)).text())
        })?;
        many |= is_array;
        reports.extend(cases.into_iter().map(|mut case| {
            case.inputs.assume.extend(options.assume.iter().cloned());
            token_report::of_saved(case)
        }));
    }
    Ok((reports, many))
}

/// Prints what changed between two saved cases; returns the exit code of the later one.
fn compared(options: &OpenOptions, other: &str, console: &mut Console) -> Result<u8, CliError> {
    if options.output.format != Format::Text {
        return Err(CliError::Usage(phrase("open.compare-formats").text()));
    }
    let [(_, before), (_, after)] = both(compared_with(options)?, other)?;
    let blocks = compare::document(&before, &after);
    console.print(&without_tokens(&text::blocks(&blocks, &text::Style { ..console.style })))?;
    Ok(after.exit_code())
}

/// The one case that another one is compared with.
///
/// # Errors
/// When there are several.
pub fn compared_with(options: &OpenOptions) -> Result<&str, CliError> {
    match options.cases.as_slice() {
        [only] => Ok(only),
        _ => Err(CliError::Usage(phrase("open.compare-one").text())),
    }
}

/// Two saved cases and their files, the earlier one first.
///
/// # Errors
/// As [`one`].
pub fn both<'a>(one: &'a str, other: &'a str) -> Result<[(&'a str, Report); 2], CliError> {
    let mut both = [(one, self::one(one)?), (other, self::one(other)?)];
    crate::sort::by_key(&mut both, |(_, report)| report.observed().started_at);
    Ok(both)
}

/// The report of a file that contains one saved case.
///
/// # Errors
/// As [`read`]; also a file that contains several.
pub fn one(path: &str) -> Result<Report, CliError> {
    let (reports, _) = read(&OpenOptions {
        cases: vec![path.to_owned()],
        assume: Vec::new(),
        compare: None,
        output: OutputOptions::default(),
        display: DisplayOptions::default(),
    })?;
    let count = reports.len();
    <[_; 1]>::try_from(reports).map(|[report]| report).map_err(|_| {
        let said = phrase("open.several").with("file", quote::path(path));
        CliError::Usage(said.with("count", count as u64).text())
    })
}

/// The report of a saved case that was pasted.
///
/// # Errors
/// What is not one saved case.
pub fn pasted(text: &str) -> Result<Report, CliError> {
    let wrong = |reason: Words| {
        let message = phrase("open.not-a-case").with("file", phrase("open.pasted").text());
        CliError::Usage(message.with("reason", Value::from(reason)).text())
    };
    let (cases, _) = cases(text.as_bytes()).map_err(wrong)?;
    cases.into_iter().next().map(token_report::of_saved).ok_or_else(|| wrong(phrase("open.empty").into()))
}

/// More JSON values than this are in no saved case of the size that is read.
const MOST_VALUES: usize = 1_000_000;

/// The cases in a file, and whether they are in an array. Each is read into its own type, never into a tree of JSON,
/// so that what is not a case costs no memory.
fn cases(bytes: &[u8]) -> Result<(Vec<Case>, bool), Words> {
    let decoded = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]).then(|| decoded(bytes));
    let decoded = decoded.transpose().map_err(|at| phrase("open.no-text").with("at", at))?;
    let bytes = decoded.as_ref().map_or(bytes, String::as_bytes);
    json::within(bytes, MOST_VALUES).map_err(|error| error.to_string())?;
    // This program saves no token; who edited the file may have added one.
    let clean = without_tokens(&String::from_utf8_lossy(bytes));
    let text = clean.trim_start_matches('\u{feff}');
    if text.trim_ascii().is_empty() {
        return Err(phrase("open.empty-file").into());
    }
    let many = text.trim_ascii_start().starts_with('[');
    let versions: Vec<Version> =
        if many { objects::from_str(text) } else { objects::from_str(text).map(|version| vec![version]) }
            .map_err(|error| json::told(&error))?;
    if versions.is_empty() {
        return Err(phrase("open.empty").into());
    }
    versions.iter().try_for_each(Version::check)?;
    let cases = if many { objects::from_str(text) } else { objects::from_str(text).map(|case| vec![case]) };
    let cases: Vec<Case> = cases.map_err(|error| json::told(&error))?;
    cases.iter().try_for_each(Case::check_size).map_err(|error| error.to_string())?;
    let of_calls = cases.iter().map(|case| &case.inputs.method);
    let of_requests = cases.iter().flat_map(|case| &case.exchanges).map(|exchange| &exchange.method);
    if let Some(wrong) = of_calls.chain(of_requests).find(|method| !is_method(method)) {
        return Err(phrase("open.no-method").with("method", quote::value(wrong)).into());
    }
    Ok((cases, many))
}

/// Whether a text can be a method, so that it is harmless in a command that is copied. RFC 9110 allows other marks,
/// which no method has, and none that is registered is as long as a key.
fn is_method(text: &str) -> bool {
    const LONGEST: usize = 19;
    (1..=LONGEST).contains(&text.len())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
}

/// What says of an object that it is a case which this program reads.
#[derive(Deserialize)]
struct Version {
    case_version: Option<u64>,
    schema_version: Option<IgnoredAny>,
}

impl Version {
    fn check(&self) -> Result<(), Said> {
        match self.case_version {
            Some(version) if version == u64::from(CASE_VERSION) => Ok(()),
            Some(version) => {
                Err(phrase("open.version").with("version", version).with("known", u64::from(CASE_VERSION)))
            }
            None if self.schema_version.is_some() => Err(phrase("open.report")),
            None => Err(phrase("open.no-version")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::inputs::Inputs;
    use crate::case::shown::ShownCase;

    #[test]
    fn a_case_that_somebody_edited_brings_no_token_and_no_command() {
        let case = Case::new(Inputs { method: "GET".to_owned(), ..Inputs::default() }, chrono::DateTime::UNIX_EPOCH);
        let saved = serde_json::to_string(&ShownCase::of(std::sync::Arc::new(case))).unwrap();
        assert!(cases(saved.as_bytes()).is_ok());
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.U0lHTkFUVVJF";
        let (found, _) = cases(saved.replace("\"GET\"", &format!("\"GET-{token}\"")).as_bytes()).unwrap_or_default();
        assert!(found.is_empty(), "[redacted] is no method");
        for method in ["AKIAIOSFODNN7EXAMPLE", "GET\\r\\nrm -r x", "GET\\u001b]0;x", "GET`id`", ""] {
            let error = cases(saved.replace("\"GET\"", &format!("\"{method}\"")).as_bytes()).unwrap_err().raw();
            assert!(error.contains("open.no-method"), "{error}");
        }
        let named = saved.replace("\"target\":null", &format!("\"target\":\"https://x.example/{token}\""));
        assert_ne!(named, saved);
        let (found, _) = cases(named.as_bytes()).unwrap();
        assert!(!found.iter().any(|case| case.inputs.target.as_deref().is_some_and(|url| url.contains("U0lH"))));
    }

    #[test]
    fn what_is_no_case_is_named_and_costs_nothing() {
        let zeros = format!("[{}0]", "0,".repeat(900_000));
        let deep = format!("{{\"a\":{}", "[".repeat(900_000));
        for (text, said) in [
            ("", "open.empty-file"),
            (" \n", "open.empty-file"),
            ("foo", "it isn't JSON"),
            ("<html>", "it isn't JSON"),
            ("{}", "open.no-version"),
            ("{\"schema_version\": 1}", "open.report"),
            ("{\"case_version\": 7}", "open.version: {\"known\": Text(\"1\"), \"version\": Text(\"7\")}"),
            ("{\"case_version\": 99999999999999999999}", "a number that isn't allowed here"),
            ("[]", "open.empty"),
            ("7", "expected an object, found a"),
            ("{\"case_version\": 1}", "missing field"),
            (zeros.as_str(), "expected an object, found a"),
            (deep.as_str(), "incomplete"),
        ] {
            let error = cases(text.as_bytes()).unwrap_err().raw();
            assert!(error.contains(said), "{said}: {error}");
        }
        let error = cases(format!("[{}0]", "0,".repeat(MOST_VALUES)).as_bytes()).unwrap_err().raw();
        assert!(error.contains("1000002 JSON values"), "{error}");
    }
}
