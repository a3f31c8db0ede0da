//! The fixes of a finding, filled with the case's values.

use crate::case::Case;
use crate::check::Finding;

use super::Fix;

/// The fixes of a finding, filled with the case's values.
#[must_use]
pub fn fill(case: &Case, finding: &Finding) -> Vec<Fix> {
    let _ = (case, finding);
    Vec::new()
}
