//! The change that would fix a finding, in the words of `--assume`.

use crate::case::Case;
use crate::check::Finding;

use super::values::Values;

/// The change of App 2's settings that would fix a finding, as `--assume` takes it (`allowedAudiences+=api://…`). `None` where
/// no setting fixes it, or the value is not known.
#[must_use]
pub fn what_if(case: &Case, finding: &Finding) -> Option<String> {
    Values { case, finding }.changes().first()?.assumption()
}
