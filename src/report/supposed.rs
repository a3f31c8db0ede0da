//! A case judged with the changes that it assumes.
//!
//! No call is made with them, so the answers to the real one are left out. That must not make a change clear what it
//! does not touch: an error of the application was seen in that answer alone, and stays.

use std::borrow::Cow;

use crate::case::Case;
use crate::case::assume::{self, Assumption};
use crate::case::code::Code;
use crate::case::step::StepId;
use crate::check::StepReport;
use crate::diagnosis::{self, Diagnosis, Other, Verdict, is_open};
use crate::knowledge::{Found, Severity};

use super::fixes;

/// A case as it was judged: with the changes that it assumes, or without.
pub(super) struct Supposed<'a> {
    /// The case that the steps are about.
    pub(super) case: Cow<'a, Case>,
    /// Its steps.
    pub(super) steps: Vec<StepReport>,
    /// Why the call fails.
    pub(super) diagnosis: Diagnosis,
    /// The verdict without the changes.
    pub(super) observed: Verdict,
}

/// Judges a case with the changes that it assumes.
pub(super) fn judged(case: &Case) -> Supposed<'_> {
    let changed = assume::applied(case);
    let (steps, diagnosis) = diagnosis::judge(&changed);
    if case.inputs.assume.is_empty() {
        let observed = diagnosis.verdict;
        return Supposed { case: changed, steps, diagnosis, observed };
    }
    let observed_case = case.without_assumptions();
    let (observed_steps, observed) = diagnosis::judge(&observed_case);
    let mut supposed = Supposed { case: changed, steps, diagnosis, observed: observed.verdict };
    let steps = &supposed.steps;
    if steps.iter().any(|step| step.first_error().is_some()) {
        return supposed;
    }
    let cleared = Cleared::by(case, &observed_steps);
    // What is left of it as a warning was seen to block in the answers to the call alone.
    let is_left = |code: Code| {
        let mut found = steps.iter().flat_map(|step| &step.findings);
        found.any(|found| found.code == code && found.severity == Severity::Warning && !found.disproved)
    };
    let stays = |code: Code| !cleared.has(code) || is_left(code);
    if observed.root_cause.as_ref().is_some_and(|root| stays(root.found.code)) {
        let still = |fault: &Other| !cleared.has(fault.found.code);
        let left = Diagnosis { next: observed.next.iter().filter(|fault| still(fault)).cloned().collect(), ..observed };
        return Supposed { case: Cow::Owned(observed_case), steps: observed_steps, diagnosis: left, ..supposed };
    }
    // What only the change made open was judged before: App 2 would answer otherwise.
    let open = steps
        .iter()
        .zip(&observed_steps)
        .any(|(step, before)| step.id < StepId::Call && is_open(case, step) && is_open(case, before));
    if !open {
        supposed.diagnosis =
            Diagnosis { verdict: Verdict::WouldPass, root_cause: None, alternatives: Vec::new(), next: Vec::new() };
    }
    supposed
}

/// The observed errors that the assumed changes clear, where they leave none.
struct Cleared(Vec<Code>);

impl Cleared {
    /// Those that are there without the answers to the call, so that it is the changes that take them away; and those
    /// whose own correction is among the changes.
    fn by(case: &Case, observed: &[StepReport]) -> Self {
        let assumptions = assume::of(case);
        let is_corrected = |finding: &&Found| {
            fixes::what_if(case, finding)
                .and_then(|change| Assumption::parse(&change).ok())
                .is_some_and(|wanted| assumptions.iter().any(|assumed| assumed.covers(&wanted)))
        };
        let without_the_call = diagnosis::judge(&assume::voided(case)).0;
        let corrected = errors(observed).filter(is_corrected).map(|finding| finding.code);
        Self(errors(&without_the_call).map(|finding| finding.code).chain(corrected).collect())
    }

    fn has(&self, code: Code) -> bool {
        self.0.contains(&code)
    }
}

fn errors(steps: &[StepReport]) -> impl Iterator<Item = &Found> {
    steps.iter().flat_map(|step| &step.findings).filter(|finding| finding.severity == Severity::Error)
}
