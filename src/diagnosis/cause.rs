//! A finding as the root cause: with its owner and its fixes.

use crate::case::Case;
use crate::case::step::StepId;
use crate::check::Finding;
use crate::knowledge::{self, Owner};

use super::{RootCause, fixes};

/// A finding of this step as the root cause.
#[must_use]
pub fn cause(case: &Case, step: StepId, finding: &Finding) -> RootCause {
    RootCause {
        code: finding.code,
        step,
        confidence: finding.confidence,
        owner: owner(finding),
        summary: finding.message.clone(),
        evidence: finding.evidence.clone(),
        difference: finding.difference.clone(),
        fixes: fixes::fill(case, finding),
    }
}

/// Who has to act: the owner of the code, or of a value that this finding has.
fn owner(finding: &Finding) -> Option<Owner> {
    let entry = knowledge::finding(finding.code)?;
    let of_value = entry
        .owner_where
        .iter()
        .find(|(name, _)| finding.values.contains_key(*name))
        .map(|(_, owner)| *owner);
    Some(of_value.unwrap_or(entry.owner))
}
