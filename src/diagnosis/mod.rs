//! Why the call fails: root cause, alternatives, fixes, from the step reports and the case. Pure.

mod cause;
pub mod fixes;
mod model;
mod rules;

use crate::case::Case;
use crate::check::{self, StepReport};
use crate::evidence::Evidence;

pub use crate::knowledge::{Command, Owner, Shell};
pub use cause::{cause, change, takes_effect};
pub use model::{Change, Diagnosis, Fix, Other, RootCause, TakesEffect, Verdict};
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
