//! A finding as the root cause: who has to act, what its fixes change, and when they show.

use crate::case::Case;
use crate::case::step::StepId;
use crate::check::Found;
use crate::evidence::target;
use crate::knowledge::{self, Delay};

use super::{Change, RootCause, TakesEffect, fixes};

/// A finding of this step as the root cause.
pub fn cause(case: &Case, step: StepId, found: &Found) -> RootCause {
    RootCause { step, found: found.clone(), change: change(case, found) }
}

/// What the fixes of a finding change.
pub fn change(case: &Case, found: &Found) -> Change {
    fixes::stored_without(case, found).map_or(Change::OfCode, Change::Restart)
}

/// When the fix of a finding shows.
pub fn takes_effect(case: &Case, RootCause { found, change, .. }: &RootCause) -> Option<TakesEffect> {
    if let Change::Restart(_) = change {
        return Some(TakesEffect { after: Delay::RestartOfApp2, at: None });
    }
    let entry = knowledge::finding(found.code)?;
    let restarts = !entry.changes.is_empty() && target::kind(case).data().restarts;
    let after = entry.takes_effect.or(restarts.then_some(Delay::RestartOfApp2))?;
    // Only App Service's apps have a group of az that restarts them.
    let is_shown = after != Delay::RestartOfApp1 || fixes::value(case, "caller_az").is_some();
    let at = (after == Delay::NextToken).then(|| case.token.as_ref()?.cached_until(case.started_at)).flatten();
    is_shown.then_some(TakesEffect { after, at })
}
