//! Why the call fails: root cause, alternatives, fixes, from the step reports and the case. Pure.

pub mod fixes;
mod model;
mod rules;

use crate::case::Case;
use crate::check::StepReport;

pub use model::{Alternative, Diagnosis, Fix, NextFault, RootCause, Verdict};

/// Diagnoses a case from its step reports.
#[must_use]
pub fn diagnose(case: &Case, steps: &[StepReport]) -> Diagnosis {
    rules::diagnose(case, steps)
}
