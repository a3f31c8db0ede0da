//! What a check says of its step.

use super::vocabulary::*;

/// What a check says of its step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// The step.
    pub id: StepId,
    /// What came of it.
    pub status: StepStatus,
    /// Time spent on its requests in milliseconds, side by side ones counted once.
    pub elapsed_ms: u64,
    /// One line.
    pub summary: Words,
    /// Findings; the first error is the one that decides the step.
    pub findings: Vec<Found>,
    /// The rules of App 2's settings that were compared.
    pub rules: Vec<Rule>,
    /// Whether requests are stopped before any token could be looked at: by the network, the front end, a gateway, or a
    /// fault of every request. Whatever is wrong with the token bites later.
    pub stops_every_request: bool,
}

impl StepReport {
    /// An empty report: unknown.
    pub const fn new(id: StepId) -> Self {
        Self {
            id,
            status: StepStatus::Unknown,
            elapsed_ms: 0,
            summary: Words::none(),
            findings: Vec::new(),
            rules: Vec::new(),
            stops_every_request: false,
        }
    }

    /// Sets the summary, and the status that the knowledge base has for it: the good one, where it has none.
    pub fn conclude(&mut self, summary: Said) {
        self.conclude_as(knowledge::status_of(self.id, summary.key).unwrap_or_else(|| self.good()), summary);
    }

    /// Sets status and summary.
    pub fn conclude_as(&mut self, status: StepStatus, summary: impl Into<Words>) {
        self.status = status;
        self.summary = summary.into();
    }

    /// Adds a finding. A warning with its code says less than an error.
    pub fn find(&mut self, finding: Found) {
        let is_error = finding.severity == Severity::Error;
        self.findings.retain(|known| !is_error || known.code != finding.code || known.severity == Severity::Error);
        self.findings.push(finding);
    }

    /// Concludes with what the first error says, where there is one: failed, or this where the error is only possible.
    pub fn conclude_by_error(&mut self, where_possible: StepStatus) -> bool {
        let Some(error) = self.first_error() else { return false };
        let status = if error.is_determined() { StepStatus::Fail } else { where_possible };
        let message = error.message();
        self.conclude_as(status, message);
        true
    }

    /// The status where nothing is wrong.
    pub fn good(&self) -> StepStatus {
        let warned = self.findings.iter().any(|finding| finding.severity == Severity::Warning);
        if warned { StepStatus::Warn } else { StepStatus::Pass }
    }

    /// Whether it found what stops every request.
    pub fn stops(&self) -> bool {
        self.stops_every_request && self.first_error().is_some()
    }

    /// The first error.
    pub fn first_error(&self) -> Option<&Found> {
        self.findings.iter().find(|finding| finding.severity == Severity::Error)
    }
}
