//! A finding as the root cause: who has to act, what its fixes change, and when they show.

use chrono::{DateTime, Utc};

use crate::case::Case;
use crate::case::credential::CredentialSource;
use crate::case::step::StepId;
use crate::check::Found;
use crate::evidence::target;
use crate::knowledge::{self, Delay, Owner, Value};

use super::{Change, RootCause, TakesEffect, fixes};

/// A finding of this step as the root cause.
pub fn cause(case: &Case, step: StepId, found: &Found) -> RootCause {
    RootCause { step, found: found.clone(), change: change(case, found) }
}

/// What the fixes of a finding change.
pub fn change(case: &Case, found: &Found) -> Change {
    fixes::stored_without(case, found).map_or(Change::OfCode, Change::Restart)
}

/// When the fix of a finding shows. Sources: "Managed identities for Azure resources frequently asked questions"
/// (tokens are cached for up to 24 hours), "How to use managed identities for App Service and Azure Functions".
pub fn takes_effect(case: &Case, RootCause { found, change, .. }: &RootCause) -> Option<TakesEffect> {
    if let Change::Restart(_) = change {
        return Some(TakesEffect { after: Delay::RestartOfApp2, at: None });
    }
    let entry = knowledge::finding(found.code)?;
    let restarts = !entry.changes.is_empty() && target::kind(case).data().restarts;
    let by_settings = restarts.then_some(Delay::RestartOfApp2);
    let after = entry.takes_effect.or(by_settings)?;
    let host = fixes::value(case, "caller_host");
    let host = host.as_ref().and_then(Value::text);
    let on_app_service = matches!(host, Some("app-service" | "functions" | "logic-apps"));
    if after == Delay::RestartOfApp1 && !on_app_service {
        return None;
    }
    let cached = (after == Delay::NextToken).then(|| expiry_of_cached(case)).flatten();
    Some(TakesEffect { after, at: cached })
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
    let of_value =
        entry.owner_where.iter().find(|(name, _)| finding.values.contains_key(name.as_str())).map(|(_, owner)| *owner);
    Some(of_value.unwrap_or(entry.owner))
}
