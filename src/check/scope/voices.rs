//! The sources that name a resource as App 2's, and whether any but App 2 itself does.

use crate::case::voices::{names, naming, words};
use crate::check::prelude::*;

/// The sources of a resource that none of them confirms; empty where one does.
pub(super) fn unconfirmed(evidence: &Evidence<'_>, chosen: &ChosenResource) -> Vec<String> {
    let voices = naming(evidence, &chosen.value);
    if voices.iter().any(|by| by.confirms()) { Vec::new() } else { words(&voices) }
}

/// The audience of a token that was given and sent, and the sources that name it, where none of them confirms it.
pub(super) fn of_a_given_token(evidence: &Evidence<'_>) -> Option<(String, Vec<String>)> {
    match &evidence.decision {
        Some(Decision::Sent(Permission::Claimed { audience, by })) => Some((audience.clone(), words(by))),
        _ => None,
    }
}

/// The finding with a name that contradicts, and its source.
fn against(finding: Found, other: &Name) -> Found {
    finding.value("other", &other.value).because(other.line())
}

/// Settings and App 2's own answer name different client IDs: another app may have answered.
pub(super) fn answered_otherwise(evidence: &Evidence<'_>, chosen: &ChosenResource) -> Option<Found> {
    let all = names(evidence);
    let by_settings = |by: Voice| matches!(by, Voice::ResourceManager | Voice::TargetEnviron);
    let own = all.iter().find(|name| by_settings(name.by) && name.is(Relation::Same, &chosen.value))?;
    let answered = target_names::answered(&evidence.exchanges)?;
    let other = Some(&answered).filter(|name| name.is(Relation::Different, &chosen.value))?;
    let finding = Found::of(Code::ResourceDiffersFromTarget, "answers").value("own", &own.value);
    let finding = against(finding.value("by", own.by.to_string()).because(own.line()), other);
    let severity = if is_disproved(evidence, finding.code) { Severity::Info } else { finding.severity };
    Some(Found { severity, ..finding })
}

/// A v2 token, sent because the user confirmed it, whose audience isn't the client ID that another source names.
pub(super) fn token_names_another(evidence: &Evidence<'_>, chosen: &ChosenResource) -> Option<Found> {
    let Some(Decision::Sent(Permission::Confirmed { audience, .. })) = &evidence.decision else { return None };
    if !is_client_id(audience) || is_client_id(&chosen.value) {
        return None;
    }
    let all = names(evidence);
    let is_named = |by: Voice| all.iter().any(|name| name.by == by && name.is(Relation::Same, audience));
    let is_other = |name: &&Name| is_client_id(&name.value) && name.is(Relation::Different, audience);
    let others = all.iter().filter(|name| !name.by.confirms() && !is_named(name.by) && is_other(name));
    let other = others.min_by_key(|name| name.by)?;
    let finding = Found::of(Code::ResourceDiffersFromTarget, "token")
        .value("asked", &chosen.value)
        .value("audience", audience)
        .value("by", other.by.to_string());
    Some(against(finding, other).because_claim("aud", audience))
}

/// No resource was chosen although a source names one: two sources disagree, or the name isn't used unless it is given.
pub(super) fn not_used(evidence: &Evidence<'_>) -> Option<Found> {
    let all = names(evidence);
    let found = |key| Found::of(Code::ResourceUndetermined, key);
    let first = |by: Voice| all.iter().find(|name| name.by == by && is_client_id(&name.value));
    let settings = [Voice::ResourceManager, Voice::SettingsFile].into_iter().filter_map(first);
    if let Some(answer) = first(Voice::Challenge)
        && let Some(other) = settings.into_iter().find(|own| !answer.is(Relation::Same, &own.value))
    {
        let finding = found("two-names").value("answer", &answer.value);
        return Some(finding.value("other", &other.value).value("by", other.by.to_string()));
    }
    let mut challenged = evidence.exchanges.iter().filter_map(Exchange::answer).map(|answer| &answer.bearers().ids);
    if let Some([answer, other, ..]) = challenged.find(|ids| ids.len() > 1).map(Vec::as_slice) {
        return Some(found("two-challenges").value("answer", quote(answer)).value("other", quote(other)));
    }
    // A forged answer could name any resource to obtain a token for it, so only a customer's client ID is used.
    let name = all.iter().find(|name| !name.by.confirms())?;
    let finding = found("unconfirmed").value("name", &name.value).value("by", name.by.to_string());
    Some(finding.value_if_any("api", well_known::api(&name.value)))
}
