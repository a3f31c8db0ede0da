//! The change that would fix a finding, in the words of `--assume`.

use crate::case::Case;
use crate::check::Found;

use super::values::Values;

/// The change of App 2's settings that would fix a finding, as `--assume` takes it (`allowedAudiences+=api://…`).
/// `None` where no setting fixes it, or the value is not known.
pub fn what_if(case: &Case, finding: &Found) -> Option<String> {
    Values { case, finding: Some(finding) }.changes().first()?.assumption()
}
