//! Step `claims`.

use crate::case::Case;
use crate::case::step::StepId;

use super::StepReport;

/// Judges the step.
#[must_use]
pub fn check(case: &Case) -> StepReport {
    let _ = case;
    StepReport::new(StepId::Claims)
}

/// Whether the token is broken in itself (expired, not yet valid, badly signed, malformed, not an access token), so
/// that its refusal needs no other reason.
#[must_use]
pub fn is_broken(case: &Case) -> bool {
    check(case).first_error().is_some()
}
