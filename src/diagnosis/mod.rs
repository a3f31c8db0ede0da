//! Why the call fails: root cause, alternatives, and what fixes it, from the step reports and the case. Pure.

mod model;
mod remedy;
mod rules;

use crate::case::Case;
use crate::check::{self, StepReport};
use crate::evidence::Evidence;

pub use model::{Change, Diagnosis, Other, RootCause, Verdict};
pub use remedy::{CLAIM_CHECKS, Remedy, cause, change};
pub use rules::is_open;

/// Judges a case: its eight steps, and why the call fails.
pub fn judge(case: &Case) -> (Vec<StepReport>, Diagnosis) {
    let evidence = Evidence::of(case);
    let steps = check::all(&evidence);
    let diagnosis = rules::diagnose(&evidence, &steps);
    (steps, diagnosis)
}

/// Diagnoses a case from its step reports.
pub fn diagnose(case: &Case, steps: &[StepReport]) -> Diagnosis {
    rules::diagnose(&Evidence::of(case), steps)
}

#[cfg(test)]
mod tests;
