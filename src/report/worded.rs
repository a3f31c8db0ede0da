//! What was judged, in words: every sentence filled in, every value safe to show.

use serde::Serialize;

use crate::case::code::Code;
use crate::case::step::StepId;
use crate::diagnosis::Verdict;
use crate::knowledge::{Confidence, Origin, Owner, RuleVerdict, Severity, StepStatus};

use super::fixes::{Fix, TakesEffect};

/// A line of evidence, and where it was observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceLine {
    /// The words.
    pub text: String,
    /// Where it was observed, where that is one place.
    pub origin: Option<Origin>,
}

impl Serialize for EvidenceLine {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Two values that should be the same, or one that should be in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What is compared.
    pub subject: &'static str,
    /// The values of which one is needed.
    pub expected: Vec<NamedValue>,
    /// The value that there is.
    pub actual: NamedValue,
    /// Where the expected values come from.
    pub source: String,
    /// Whether the expected values are a list of those that are allowed.
    #[serde(skip)]
    pub is_list: bool,
}

/// A value, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedValue {
    /// The value; `None` where there is none.
    pub value: Option<String>,
    /// What it is, such as `App 2's client ID`, where that is known.
    pub name: Option<String>,
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What is wrong, with the actual values.
    pub message: String,
    /// The observations that support it, each with its values.
    pub evidence: Vec<EvidenceLine>,
    /// The two values that decide, where it is about such a difference.
    pub difference: Option<Difference>,
    /// Whether it is the root cause of an open verdict, whose sentence is read there.
    pub is_open_root: bool,
}

/// A named fact of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is, such as `client ID`.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A table of a step: the claims of the token, or the rules of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Its heading.
    pub title: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

impl StepReport {
    /// The first error.
    #[must_use]
    pub fn first_error(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.severity == Severity::Error)
    }
}

/// The root cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootCause {
    /// The finding's code.
    pub code: Code,
    /// Its step.
    pub step: StepId,
    /// How sure it is.
    pub confidence: Confidence,
    /// Who has to act; `None` where the knowledge base has no entry for the code.
    pub owner: Option<Owner>,
    /// What is wrong, with the actual values.
    pub summary: String,
    /// The observations that support it.
    pub evidence: Vec<EvidenceLine>,
    /// The two values that decide, where the cause is such a difference.
    pub difference: Option<Difference>,
    /// How to fix it.
    pub fixes: Vec<Fix>,
    /// When that shows, where it is not at once.
    pub takes_effect: Option<TakesEffect>,
}

/// Another cause that fits the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alternative {
    /// The finding's code.
    pub code: Code,
    /// Its step.
    pub step: StepId,
    /// How sure it is.
    pub confidence: Confidence,
    /// What would be wrong, with the actual values.
    pub summary: String,
    /// How to confirm it.
    pub distinguish: String,
    /// How to fix it, if it is the cause.
    #[serde(skip)]
    pub fixes: Vec<Fix>,
}

/// A fault that the call meets once the root cause is fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextFault {
    /// The finding's code.
    pub code: Code,
    /// Its step.
    pub step: StepId,
    /// What is wrong, with the actual values.
    pub summary: String,
    /// How to fix it.
    pub fixes: Vec<Fix>,
}

/// The diagnosis of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Does the call work?
    pub verdict: Verdict,
    /// What prevents it; `None` when the verdict is `pass` or `would-pass`.
    pub root_cause: Option<RootCause>,
    /// Other causes that fit, likeliest first.
    pub alternatives: Vec<Alternative>,
    /// Faults that the call meets after the root cause is fixed, in order.
    pub next: Vec<NextFault>,
}

/// A rule that the token must meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name: a setting, or `signature`, `validity`.
    pub name: &'static str,
    /// The claims that it is about.
    pub claims: &'static [&'static str],
    /// What App 2 requires.
    pub expected: String,
    /// What the token has.
    pub found: String,
    /// Whether the token meets it.
    pub verdict: RuleVerdict,
    /// The step that compared it.
    pub step: StepId,
    /// Where the setting was read.
    pub source: String,
    /// Where the setting is in App 2's settings.
    pub path: Option<&'static str>,
    /// What was found about it.
    pub finding: Option<Broken>,
}

/// What was found about a rule that isn't met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The finding's code.
    pub code: Code,
    /// What is wrong, with the actual values.
    pub message: String,
    /// The two values that decide.
    pub difference: Option<Difference>,
    /// The change of App 2's settings, in the words of `--assume`, with which the rule would be met.
    pub change: Option<String>,
    /// Whether the settings say so, and the run showed otherwise.
    pub disproved: bool,
}
