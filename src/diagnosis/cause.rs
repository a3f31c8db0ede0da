//! A finding as the root cause: who has to act, what its fixes change, and when they show.

use chrono::{DateTime, Utc};

use crate::case::Case;
use crate::case::credential::CredentialSource;
use crate::case::step::StepId;
use crate::check::Found;
use crate::evidence::target;
use crate::knowledge::{self, Delay, Owner};

use super::{Change, RootCause, TakesEffect, fixes};

/// A finding of this step as the root cause.
pub fn cause(case: &Case, step: StepId, found: &Found) -> RootCause {
    RootCause { step, found: found.clone(), change: change(case, found) }
}

/// What the fixes of a finding change.
pub fn change(case: &Case, found: &Found) -> Change {
    fixes::stored_without(case, found).map_or(Change::OfCode, Change::Restart)
}

/// When the fix of a finding shows. Source: "Managed identities for Azure resources frequently asked questions" (tokens
/// are cached for up to 24 hours).
pub fn takes_effect(case: &Case, RootCause { found, change, .. }: &RootCause) -> Option<TakesEffect> {
    if let Change::Restart(_) = change {
        return Some(TakesEffect { after: Delay::RestartOfApp2, at: None });
    }
    let entry = knowledge::finding(found.code)?;
    let restarts = !entry.changes.is_empty() && target::kind(case).data().restarts;
    let after = entry.takes_effect.or(restarts.then_some(Delay::RestartOfApp2))?;
    // Only App Service's apps have a group of az that restarts them.
    let is_shown = after != Delay::RestartOfApp1 || fixes::value(case, "caller_az").is_some();
    let at = (after == Delay::NextToken).then(|| expiry_of_cached(case)).flatten();
    is_shown.then_some(TakesEffect { after, at })
}

/// When the token expires that a platform gives again until then: a managed identity's.
fn expiry_of_cached(case: &Case) -> Option<DateTime<Utc>> {
    let token = case.token.as_ref()?;
    let is_cached = matches!(token.source, CredentialSource::ManagedIdentity(_));
    let expires = token.decoded.time("exp").filter(|_| is_cached)?;
    DateTime::from_timestamp(expires, 0).filter(|expires| *expires > case.started_at)
}

/// Who has to act: the owner of the code, or of a value that this finding has.
pub fn owner(finding: &Found) -> Option<Owner> {
    let entry = knowledge::finding(finding.code)?;
    let of_value = entry.owner_where.iter().find(|(name, _)| finding.values.contains_key(name.as_str()));
    Some(of_value.map_or(entry.owner, |(_, owner)| *owner))
}
