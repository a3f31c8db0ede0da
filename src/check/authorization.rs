//! Step `authorization`.

use crate::case::Case;
use crate::case::step::StepId;

use super::StepReport;

/// Judges the step.
#[must_use]
pub fn check(case: &Case) -> StepReport {
    let _ = case;
    StepReport::new(StepId::Authorization)
}
