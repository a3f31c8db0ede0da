//! JUnit XML as Jenkins reads it (the schema `junit-10.xsd` of its xUnit plugin): one test suite a target, one test
//! case a step, so that pipelines show which step broke.

use chrono::SecondsFormat;

use crate::case::step::StepId;
use crate::case::text::visible_lines;
use crate::knowledge::{self, phrase};

use super::{Finding, Report, Severity, StepReport, StepStatus, words};

/// All reports as one document.
#[must_use]
pub fn reports(reports: &[Report]) -> String {
    let suites: Vec<Suite> = reports.iter().map(suite).collect();
    let total = suites.iter().fold(Counts::default(), |sum, suite| sum.and(&suite.counts));
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.push_str(&format!("<testsuites name=\"easyauth-doctor\" {}>\n", total.attributes()));
    for suite in suites {
        xml.push_str(&suite.xml);
    }
    xml.push_str("</testsuites>\n");
    xml
}

#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    milliseconds: u64,
}

impl Counts {
    const fn and(self, other: &Self) -> Self {
        Self {
            tests: self.tests.saturating_add(other.tests),
            failures: self.failures.saturating_add(other.failures),
            errors: self.errors.saturating_add(other.errors),
            skipped: self.skipped.saturating_add(other.skipped),
            milliseconds: self.milliseconds.saturating_add(other.milliseconds),
        }
    }

    /// What all suites together and each suite have. How many were skipped only a suite may say.
    fn attributes(&self) -> String {
        let counts = [("tests", self.tests), ("failures", self.failures), ("errors", self.errors)];
        let counts = counts.map(|(name, count)| format!("{name}=\"{count}\"")).join(" ");
        format!("{counts} time=\"{}\"", seconds(self.milliseconds))
    }
}

struct Suite {
    counts: Counts,
    xml: String,
}

/// What a step counts as.
enum Outcome {
    Passed,
    Failure,
    Error,
    Skipped,
}

/// Whether a finding is a fault that no other step explains.
fn is_its_own(finding: &Finding) -> bool {
    finding.severity == Severity::Error && !finding.code.is_undetermined()
}

fn outcome(report: &Report, step: &StepReport) -> Outcome {
    let decides = match &report.diagnosis().root_cause {
        Some(cause) => cause.step == step.id,
        // What would pass with changes that are only assumed has not passed: the call was not made.
        None => step.id == StepId::Call && report.exit_code() != 0,
    };
    match step.status {
        // What fails because of another step, and has nothing of its own to say, would be counted twice.
        StepStatus::Fail if !decides && !step.findings.iter().any(is_its_own) => Outcome::Skipped,
        StepStatus::Fail => Outcome::Failure,
        // A pipeline must not be green because nothing could be determined: the step of the open question is an error.
        StepStatus::Unknown | StepStatus::Skipped | StepStatus::Pass | StepStatus::Warn if decides => Outcome::Error,
        StepStatus::Pass | StepStatus::Warn => Outcome::Passed,
        StepStatus::Skipped | StepStatus::Unknown => Outcome::Skipped,
    }
}

fn suite(report: &Report) -> Suite {
    let mut counts = Counts { milliseconds: report.case().elapsed_ms, ..Counts::default() };
    let mut cases = String::new();
    for step in report.steps() {
        counts.tests += 1;
        let outcome = outcome(report, step);
        match outcome {
            Outcome::Passed => {}
            Outcome::Failure => counts.failures += 1,
            Outcome::Error => counts.errors += 1,
            Outcome::Skipped => counts.skipped += 1,
        }
        cases.push_str(&case(report, step, &outcome));
    }
    let started = report.case().started_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    Suite {
        xml: format!(
            "  <testsuite name=\"{}\" {} skipped=\"{}\" timestamp=\"{started}\">\n{cases}    \
             <system-out>{}</system-out>\n  </testsuite>\n",
            target(report),
            counts.attributes(),
            counts.skipped,
            element(&conclusion(report)),
        ),
        counts,
    }
}

fn case(report: &Report, step: &StepReport, outcome: &Outcome) -> String {
    let title = format!("{} {}: {}", step.id.number(), step.id.id(), attribute(&knowledge::step(step.id).title));
    let attributes = [("classname", target(report)), ("name", title), ("time", seconds(step.elapsed_ms))];
    let attributes = attributes.map(|(name, value)| format!(" {name}=\"{value}\"")).concat();
    let head = format!("    <testcase{attributes}");
    let summary = attribute(&step.summary);
    let body = if step.findings.is_empty() { summary.clone() } else { element(&findings(step)) };
    let cause = report.diagnosis().root_cause.as_ref().filter(|cause| cause.step == step.id);
    let kind = cause
        .map(|cause| cause.code.name())
        .or_else(|| step.first_error().map(|finding| finding.code.name()))
        .unwrap_or(match &report.diagnosis().root_cause {
            Some(_) => "undetermined",
            None => report.verdict().word(),
        });
    match outcome {
        Outcome::Passed if step.findings.is_empty() => {
            format!("{head}><system-out>{summary}</system-out></testcase>\n")
        }
        Outcome::Passed => format!("{head}><system-out>{summary}\n{body}</system-out></testcase>\n"),
        Outcome::Failure => {
            format!("{head}><failure type=\"{kind}\" message=\"{summary}\">{body}</failure></testcase>\n")
        }
        Outcome::Error => format!("{head}><error type=\"{kind}\" message=\"{summary}\">{body}</error></testcase>\n"),
        Outcome::Skipped => {
            let said = match &report.diagnosis().root_cause {
                Some(cause) if step.status == StepStatus::Fail => {
                    let said = phrase("junit.not-counted").with("number", cause.step.number());
                    attribute(&said.with("code", cause.code.name()).text())
                }
                _ => format!("{}: {summary}", step.status.word()),
            };
            format!("{head}><skipped message=\"{said}\"/></testcase>\n")
        }
    }
}

/// The target, as an attribute: what tells the test cases of several targets apart.
fn target(report: &Report) -> String {
    attribute(report.case().inputs.target.as_deref().unwrap_or("no target"))
}

fn findings(step: &StepReport) -> String {
    step.findings
        .iter()
        .map(|finding| format!("{} {}: {}", words::severity(finding.severity), finding.code, finding.message))
        .collect::<Vec<_>>()
        .join("\n")
}

fn conclusion(report: &Report) -> String {
    let mut lines = vec![words::headline(report)];
    lines.extend(words::of_the_lab(report));
    lines.extend(words::observed(report));
    if let Some(cause) = &report.diagnosis().root_cause {
        lines.push(cause.summary.clone());
        lines.push(words::standing(report));
        for fix in &cause.fixes {
            lines.push(format!("{}: {}", words::tool(&fix.via), fix.text));
        }
        lines.extend(words::takes_effect(cause));
        let mut cautions: Vec<&str> = Vec::new();
        for caution in cause.fixes.iter().filter_map(|fix| fix.caution.as_deref()).flat_map(str::lines) {
            if !cautions.contains(&caution) {
                cautions.push(caution);
            }
        }
        lines.extend(cautions.iter().map(|caution| format!("{}: {caution}", words::CAUTION.text())));
    }
    lines.join("\n")
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// Text between tags. Control characters are made visible: XML 1.0 cannot hold most of them even as references.
fn element(text: &str) -> String {
    escape(&visible_lines(text))
}

/// Text of an attribute, in which line feeds would become spaces.
fn attribute(text: &str) -> String {
    escape(&crate::case::text::visible(text))
}

/// The characters that mean something to XML and HTML as references.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => clean.push_str("&amp;"),
            '<' => clean.push_str("&lt;"),
            '>' => clean.push_str("&gt;"),
            '"' => clean.push_str("&quot;"),
            '\'' => clean.push_str("&#39;"),
            // Not characters of XML 1.0.
            '\u{fffe}' | '\u{ffff}' => clean.push('\u{fffd}'),
            other => clean.push(other),
        }
    }
    clean
}
