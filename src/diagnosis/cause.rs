//! A finding as the root cause: with its owner and its fixes.

use crate::case::Case;
use crate::case::step::StepId;
use crate::check::Found;
use crate::knowledge::{self, Owner};

use super::{Change, NextFault, RootCause, fixes};

/// A finding of this step as the root cause.
#[must_use]
pub fn cause(case: &Case, step: StepId, found: &Found) -> RootCause {
    RootCause {
        step,
        found: found.clone(),
        owner: owner(found),
        change: change(case, found),
    }
}

/// A finding of this step as what the call meets next.
pub(super) fn fault(case: &Case, step: StepId, found: &Found) -> NextFault {
    NextFault {
        step,
        found: found.clone(),
        change: change(case, found),
    }
}

fn change(case: &Case, found: &Found) -> Change {
    fixes::stored_without(case, found).map_or(Change::OfCode, Change::Restart)
}

/// Who has to act: the owner of the code, or of a value that this finding has.
fn owner(finding: &Found) -> Option<Owner> {
    let entry = knowledge::finding(finding.code)?;
    let of_value = entry
        .owner_where
        .iter()
        .find(|(name, _)| finding.values.contains_key(name.as_str()))
        .map(|(_, owner)| *owner);
    Some(of_value.unwrap_or(entry.owner))
}
