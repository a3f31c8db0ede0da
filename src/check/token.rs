//! Step `token`.

use crate::case::Case;
use crate::case::step::StepId;

use super::StepReport;

/// Judges the step.
#[must_use]
pub fn check(case: &Case) -> StepReport {
    let _ = case;
    StepReport::new(StepId::Token)
}

/// Whether Entra refused the token because it knows no such resource, in its own words (AADSTS500011, 650057 …).
#[must_use]
pub fn refused_as_unknown_resource(case: &Case) -> bool {
    let _ = case;
    false
}
