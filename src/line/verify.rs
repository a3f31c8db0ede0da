//! `lab verify`: every scenario through the doctor, and what it said against what it must say.
//!
//! | word | meaning |
//! |---|---|
//! | right | the verdict, the root cause, its confidence and the other findings are as expected |
//! | cautious | without settings: left open, with the expected cause among the candidates |
//! | wrong | something else |
//! | over-claimed | something else, and said with more certainty than the evidence bears |

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use crate::knowledge::phrase;
use crate::lab::{Expected, Keys, Lab, LabOptions, Scenario, scenario};
use crate::report::wrap::padded;
use crate::report::{Confidence, Report, StepStatus, Verdict, words};
use crate::session;

use super::console::Console;
use super::{CliError, loopback};

/// Scenarios that run at the same time.
const SIDE_BY_SIDE: usize = 4;

/// How an answer compares with what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// As expected.
    Right,
    /// Left open, with the expected cause among the candidates.
    Cautious,
    /// Not as expected.
    Wrong,
    /// Not as expected, and said with more certainty than the evidence bears.
    OverClaimed,
}

impl Mark {
    const ALL: [Self; 4] = [Self::Right, Self::Cautious, Self::Wrong, Self::OverClaimed];

    const fn word(self) -> &'static str {
        match self {
            Self::Right => "as expected",
            Self::Cautious => "undetermined",
            Self::Wrong => "wrong",
            Self::OverClaimed => "too certain",
        }
    }

    /// Whether the doctor must be fixed.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Wrong | Self::OverClaimed)
    }

    const fn status(self) -> StepStatus {
        match self {
            Self::Right => StepStatus::Pass,
            Self::Cautious => StepStatus::Warn,
            Self::Wrong | Self::OverClaimed => StepStatus::Fail,
        }
    }
}

/// One scenario, with or without settings: expected against found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The scenario's name.
    pub scenario: String,
    /// Whether App 2's settings could be read.
    pub settings: bool,
    /// The verdict that was expected.
    pub expected_verdict: String,
    /// The code that was expected.
    pub expected_code: Option<String>,
    /// The verdict that was found.
    pub verdict: &'static str,
    /// The code that was found.
    pub code: Option<&'static str>,
    /// How sure it was.
    pub confidence: Option<&'static str>,
    /// How they compare.
    pub mark: Mark,
    /// What differs, in words.
    pub differences: Vec<String>,
}

/// Runs scenarios by name, or all, and prints what came of them. The exit code is 1 when one is wrong.
///
/// # Errors
/// An unknown scenario, or a lab that cannot start.
pub async fn run(names: &[String], json: bool, console: &mut Console) -> Result<u8, CliError> {
    let usage = |error: crate::lab::LabError| CliError::Usage(error.to_string());
    let scenarios = if names.is_empty() {
        scenario::all().map_err(usage)?
    } else {
        names.iter().map(|name| loopback::named(name)).collect::<Result<_, _>>()?
    };
    let keys = Arc::new(Keys::generate().map_err(usage)?);
    let cells = scenarios.iter().flat_map(|scenario| [(scenario, true), (scenario, false)]);
    let mut running = stream::iter(cells)
        .map(|(scenario, settings)| judged(scenario, settings, Arc::clone(&keys)))
        .buffered(SIDE_BY_SIDE);
    let mut rows = Vec::new();
    while let Some(row) = running.next().await {
        let row = row?;
        if !json {
            console.print(&lines(&row, console.style.ascii))?;
        }
        rows.push(row);
    }
    if json {
        let text = serde_json::to_string_pretty(&rows).map_err(|error| CliError::Usage(error.to_string()))?;
        console.print_json(&(text + "\n"))?;
    } else {
        console.print(&summary(&rows))?;
    }
    Ok(u8::from(rows.iter().any(|row| row.mark.is_bad())))
}

/// Runs one scenario and compares.
///
/// # Errors
/// A lab that cannot start, or options of the scenario that are wrong.
pub async fn judged(scenario: &Scenario, settings: bool, keys: Arc<Keys>) -> Result<Row, CliError> {
    let report = observed(scenario, settings, keys).await?;
    Ok(compare(scenario, settings, &report))
}

/// The report of one scenario.
///
/// # Errors
/// As [`judged`].
pub async fn observed(scenario: &Scenario, settings: bool, keys: Arc<Keys>) -> Result<Report, CliError> {
    let options = LabOptions { black_box: !settings, keys: Some(keys), ..LabOptions::default() };
    let lab = Lab::start(scenario, options).await.map_err(|error| {
        let message = phrase("lab.unstarted").with("error", error.to_string());
        CliError::Usage(message.with("scenario", scenario.name.as_str()).text())
    })?;
    let prepared = loopback::prepare(&lab)?;
    let (sender, _) = unbounded_channel();
    Ok(session::run(&prepared, None, sender, CancellationToken::new()).await)
}

/// Compares a report with what the scenario expects.
#[must_use]
pub fn compare(scenario: &Scenario, settings: bool, report: &Report) -> Row {
    let expected = scenario.expected(!settings);
    let diagnosis = report.diagnosis();
    let cause = diagnosis.root_cause.as_ref();
    let code = cause.map(|cause| cause.code.name());
    let differences = differences(scenario, settings, expected, report);
    let among_candidates = expected
        .code
        .as_deref()
        .is_some_and(|expected| diagnosis.alternatives.iter().any(|alternative| alternative.code.name() == expected));
    let mark = if differences.is_empty() {
        Mark::Right
    } else if !settings && diagnosis.verdict == Verdict::Inconclusive && among_candidates {
        Mark::Cautious
    } else if claims_too_much(expected, report) {
        Mark::OverClaimed
    } else {
        Mark::Wrong
    };
    Row {
        scenario: scenario.name.clone(),
        settings,
        expected_verdict: expected.verdict.clone(),
        expected_code: expected.code.clone(),
        verdict: diagnosis.verdict.word(),
        code,
        confidence: cause.map(|cause| cause.confidence.word()),
        mark,
        differences: if mark == Mark::Cautious { Vec::new() } else { differences },
    }
}

/// Whether a wrong cause is called certain, a cause is named that cannot be determined, or a failure passes.
fn claims_too_much(expected: &Expected, report: &Report) -> bool {
    let diagnosis = report.diagnosis();
    match (&diagnosis.root_cause, diagnosis.verdict) {
        (_, Verdict::Pass) => expected.verdict != Verdict::Pass.word(),
        (Some(cause), Verdict::Fail) => {
            let other_code = expected.code.as_deref() != Some(cause.code.name());
            (other_code && cause.confidence == Confidence::Certain)
                || (expected.verdict == Verdict::Inconclusive.word() && cause.confidence > Confidence::Possible)
        }
        _ => false,
    }
}

fn differences(scenario: &Scenario, settings: bool, expected: &Expected, report: &Report) -> Vec<String> {
    let diagnosis = report.diagnosis();
    let cause = diagnosis.root_cause.as_ref();
    let code = cause.map(|cause| cause.code.name());
    let mut differences = Vec::new();
    if expected.verdict != diagnosis.verdict.word() {
        differences.push(differs("verify.verdict", diagnosis.verdict.word(), &expected.verdict));
    }
    if expected.code.as_deref() != code && (expected.code.is_some() || expected.verdict == Verdict::Pass.word()) {
        let expected = expected.code.as_deref().unwrap_or("none");
        differences.push(differs("verify.cause", code.unwrap_or("none"), expected));
    }
    if let (Some(least), Some(cause)) = (&expected.confidence, cause)
        && [Confidence::Possible, Confidence::Likely, Confidence::Certain]
            .into_iter()
            .find(|confidence| confidence.word() == least)
            .is_some_and(|least| cause.confidence < least)
    {
        differences.push(differs("verify.confidence", cause.confidence.word(), least));
    }
    for candidate in &expected.candidates {
        if !diagnosis.alternatives.iter().any(|alternative| alternative.code.name() == candidate) {
            differences.push(phrase("verify.no-alternative").with("code", candidate).text());
        }
    }
    for wanted in &expected.findings {
        let found = report.steps().iter().flat_map(|step| &step.findings).any(|finding| finding.code.name() == wanted);
        if !found {
            differences.push(phrase("verify.no-finding").with("code", wanted).text());
        }
    }
    let next: Vec<&str> = diagnosis.next.iter().map(|fault| fault.code.name()).collect();
    if settings && next != scenario.expect.next {
        differences.push(differs("verify.next", &next.join(", "), &scenario.expect.next.join(", ")));
    }
    differences
}

fn differs(key: &'static str, found: &str, expected: &str) -> String {
    phrase(key).with("found", found).with("expected", expected).text()
}

const fn of_settings(are_read: bool) -> &'static str {
    if are_read { "with settings" } else { "without settings" }
}

fn lines(row: &Row, ascii: bool) -> String {
    let status = row.mark.status();
    let found = match (row.code, row.confidence) {
        (Some(code), Some(confidence)) => format!("{} {code} ({confidence})", row.verdict),
        _ => row.verdict.to_owned(),
    };
    let settings = of_settings(row.settings);
    let mut text = format!(
        "{} {} {} {} {found}\n",
        words::glyph(status, ascii),
        padded(row.mark.word(), 12),
        padded(settings, 16),
        padded(&row.scenario, 38),
    );
    for difference in &row.differences {
        text.push_str(&format!("      {difference}\n"));
    }
    text
}

fn summary(rows: &[Row]) -> String {
    let mut text = String::from("\n");
    for settings in [true, false] {
        let of_kind: Vec<&Row> = rows.iter().filter(|row| row.settings == settings).collect();
        let counts: Vec<String> = Mark::ALL
            .into_iter()
            .map(|mark| {
                let count = of_kind.iter().filter(|row| row.mark == mark).count();
                format!("{count} {}", mark.word())
            })
            .collect();
        let kind = of_settings(settings);
        text.push_str(&format!("{} {} runs: {}\n", padded(kind, 16), of_kind.len(), counts.join(", ")));
    }
    text
}
