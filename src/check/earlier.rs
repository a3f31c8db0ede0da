//! What the steps before a step found. A step reads it here, and runs no other step.

use super::step_report::StepReport;
use super::vocabulary::*;

/// The value of a finding that says that App 2's settings have a Microsoft API's client ID.
pub const CONFIGURED_API_ID: &str = "configured_api_id";

/// The reports of the steps before one, in order.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a>(&'a [StepReport]);

impl<'a> Earlier<'a> {
    /// These reports.
    pub const fn of(steps: &'a [StepReport]) -> Self {
        Self(steps)
    }

    pub(super) fn step(self, id: StepId) -> Option<&'a StepReport> {
        self.0.iter().find(|step| step.id == id)
    }

    pub(super) fn errors(self, id: StepId) -> impl Iterator<Item = &'a Found> {
        self.step(id).into_iter().flat_map(|step| &step.findings).filter(|finding| finding.severity == Severity::Error)
    }

    pub(super) fn has_determined_error(self, id: StepId) -> bool {
        self.errors(id).any(Found::is_determined)
    }

    /// Whether an earlier step found why the call fails, so that what the answer may mean otherwise doesn't matter.
    pub(super) fn explains(self) -> bool {
        self.0.iter().any(|step| self.has_determined_error(step.id))
    }

    /// Whether a step found, more than possibly, what means this for the steps behind it.
    pub(super) fn found(self, meaning: Means) -> bool {
        let means = |entry: &FindingEntry| entry.means.contains(&meaning);
        let has_it = |found: &Found| found.is_determined() && knowledge::finding(found.code).is_some_and(means);
        self.0.iter().any(|step| self.errors(step.id).any(|found| found.code.step() == step.id && has_it(found)))
    }

    /// Whether step 2 found what stops every request, so that the token's faults are met later.
    pub(super) fn stops_every_request(self) -> bool {
        self.step(StepId::Protection).is_some_and(StepReport::stops)
    }

    /// Whether App 2 takes the token for valid although the settings shown would certainly refuse it: then others run,
    /// and what these say of the policy proves nothing.
    pub(super) fn settings_are_disproved(self) -> bool {
        let disproved = |id: StepId, least: Confidence| {
            let is_so = |finding: &Found| finding.disproved && finding.confidence >= least;
            self.step(id).is_some_and(|step| step.findings.iter().any(is_so))
        };
        disproved(StepId::Protection, Confidence::Possible) || disproved(StepId::Audience, Confidence::Certain)
    }

    /// Whether step 6 found a fault that the settings shown don't have, so that others run.
    pub(super) fn settings_explain_nothing(self) -> bool {
        let others = ["audience.settings-do-not-explain", "audience.settings-accept-it"];
        self.errors(StepId::Audience).any(|error| error.says.key().is_some_and(|key| others.contains(&key)))
    }
}
