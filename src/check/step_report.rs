//! What a check says: the report of a step, its facts and its findings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::difference::Difference;
use super::rule::Rule;
use crate::case::code::Code;
use crate::case::exchange::Exchange;
use crate::case::step::StepId;
use crate::evidence::{Confidence, EvidenceLine, Origin};

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepStatus {
    /// Observed and good.
    Pass,
    /// Observed and good, with something to know.
    Warn,
    /// Observed and bad.
    Fail,
    /// Not needed, or pointless after an earlier failure.
    Skipped,
    /// The evidence is missing.
    Unknown,
}

impl StepStatus {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
        }
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It prevents the call (or makes its success worthless).
    Error,
    /// It does not prevent this call, but wants attention.
    Warning,
    /// Worth knowing.
    Info,
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// One sentence that names the actual values.
    pub message: String,
    /// The observations that support it, each with its values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceLine>,
    /// The two values that decide, where it is about such a difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// The test that would tell this cause from the others, where it is not certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distinguish: Option<String>,
    /// Values for the placeholders of the code's fixes beyond those that the case gives (`{caller_client_id}` …).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// Whether the settings say so, and the run showed otherwise.
    #[serde(skip)]
    pub disproved: bool,
}

impl Finding {
    /// An error that is certain.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            confidence: Confidence::Certain,
            message: message.into(),
            evidence: Vec::new(),
            difference: None,
            distinguish: None,
            values: BTreeMap::new(),
            disproved: false,
        }
    }

    /// A warning that is certain.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// Something to know.
    #[must_use]
    pub fn info(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Info,
            ..Self::error(code, message)
        }
    }

    /// Whether it is an error that is more than possible: one that decides its step.
    #[must_use]
    pub fn is_determined(&self) -> bool {
        self.severity == Severity::Error && self.confidence > Confidence::Possible
    }

    /// The same with another confidence.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// The same with one more piece of evidence.
    #[must_use]
    pub fn because(mut self, evidence: impl Into<EvidenceLine>) -> Self {
        self.evidence.push(evidence.into());
        self
    }

    /// The same with one more piece of evidence, and where it was observed.
    #[must_use]
    pub fn because_of(self, origin: Origin, evidence: impl Into<String>) -> Self {
        self.because(EvidenceLine::of(origin, evidence))
    }

    /// The same with what a request showed.
    #[must_use]
    pub fn because_asked(self, exchange: Option<&Exchange>, evidence: impl Into<String>) -> Self {
        match exchange {
            Some(exchange) => self.because_of(Origin::Exchange(exchange.id), evidence),
            None => self.because(evidence.into()),
        }
    }

    /// The same with the two values that decide. Without a value to expect there is nothing to compare.
    #[must_use]
    pub fn differs(mut self, difference: Difference) -> Self {
        self.difference = Some(difference).filter(|difference| !difference.expected.is_empty());
        self
    }

    /// The same with the test that would tell it from other causes.
    #[must_use]
    pub fn told_apart_by(mut self, test: impl Into<String>) -> Self {
        self.distinguish = Some(test.into());
        self
    }

    /// The same with a value for a placeholder of its fixes.
    #[must_use]
    pub fn value(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }
}

/// A named fact of a step, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is, such as `client id`.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A table of a step: the claims of the token, or the rules of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its heading.
    pub title: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// What a check says of its step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// The step.
    pub id: StepId,
    /// What came of it.
    pub status: StepStatus,
    /// Time spent on its requests in milliseconds, side by side ones counted once.
    pub elapsed_ms: u64,
    /// One line.
    pub summary: String,
    /// Facts in the order of their importance.
    pub facts: Vec<Fact>,
    /// Tables, such as the claims.
    pub tables: Vec<Table>,
    /// Findings; the first error is the one that decides the step.
    pub findings: Vec<Finding>,
    /// The rules of App 2's settings that were compared, which stand in the tables as well.
    #[serde(skip)]
    pub rules: Vec<Rule>,
    /// Whether requests are stopped before any token could be looked at: by the network, the front end, a gateway, or a
    /// fault of every request. Whatever is wrong with the token bites later.
    #[serde(skip)]
    pub stops_every_request: bool,
}

impl StepReport {
    /// An empty report: unknown.
    #[must_use]
    pub fn new(id: StepId) -> Self {
        Self {
            id,
            status: StepStatus::Unknown,
            elapsed_ms: 0,
            summary: String::new(),
            facts: Vec::new(),
            tables: Vec::new(),
            findings: Vec::new(),
            rules: Vec::new(),
            stops_every_request: false,
        }
    }

    /// Sets status and summary.
    pub fn conclude(&mut self, status: StepStatus, summary: impl Into<String>) {
        self.status = status;
        self.summary = summary.into();
    }

    /// Adds a fact.
    pub fn fact(&mut self, name: &str, value: impl Into<String>) {
        self.facts.push(Fact {
            name: name.to_owned(),
            value: value.into(),
        });
    }

    /// Adds rules.
    pub fn compare(&mut self, rules: Vec<Rule>) {
        self.tables.push(table(&rules));
        self.rules.extend(rules);
    }

    /// Adds a finding.
    pub fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Visits every text that is shown of the step.
    pub fn each_text(&mut self, visit: &mut impl FnMut(&mut String)) {
        visit(&mut self.summary);
        for fact in &mut self.facts {
            visit(&mut fact.name);
            visit(&mut fact.value);
        }
        for table in &mut self.tables {
            visit(&mut table.title);
            table.columns.iter_mut().for_each(&mut *visit);
            table.rows.iter_mut().flatten().for_each(&mut *visit);
        }
        for finding in &mut self.findings {
            visit(&mut finding.message);
            finding.evidence.iter_mut().for_each(|line| visit(&mut line.text));
            if let Some(difference) = &mut finding.difference {
                difference.each_text(visit);
            }
            finding.distinguish.iter_mut().for_each(&mut *visit);
            finding.values.values_mut().for_each(&mut *visit);
        }
    }

    /// The first error.
    #[must_use]
    pub fn first_error(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.severity == Severity::Error)
    }
}

/// Rules as a table.
fn table(rules: &[Rule]) -> Table {
    Table {
        title: "Rules".to_owned(),
        columns: ["rule", "expected", "found", "verdict", "source"]
            .map(str::to_owned)
            .to_vec(),
        rows: rules
            .iter()
            .map(|rule| {
                vec![
                    rule.name.to_owned(),
                    rule.expected.clone(),
                    rule.found.clone(),
                    rule.verdict.word().to_owned(),
                    rule.source.clone(),
                ]
            })
            .collect(),
    }
}
