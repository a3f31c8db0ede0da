//! A resource that is a Microsoft API, and settings that have one's client ID as App 2's.

use super::voices::chosen_from;
use crate::case::may_send::Decision;
use crate::check::CONFIGURED_API_ID;
use crate::check::prelude::*;

/// App 2's settings have the client ID of a Microsoft API. No customer's app can be that app: tokens for it are for the
/// API, and tokens for App 2 are accepted only where `allowedAudiences` lists their audience.
pub(super) fn configured(evidence: &Evidence<'_>) -> Option<Found> {
    let entra = target::configured_entra(evidence)?;
    let id = entra.client_id.as_ref()?.as_str();
    let api = well_known::api(id)?;
    let read = format!("registration.clientId = {id} (from {})", target::settings_source(evidence));
    let audiences = evidence.decoded().map(|token| token.list("aud")).unwrap_or_default();
    let mut allowed = entra.allowed_audiences.iter().flatten();
    let listed = allowed.any(|allowed| audiences.contains(&allowed.as_str()));
    let seen = evidence.seen();
    let is_used = listed || seen == Seen::Accepted;
    let sure = seen == Seen::Refused && target::settings_are_enforced(evidence) && target::settings_are_live(evidence);
    let finding = Found::of(Code::ResourceIsAnotherApi, "settings")
        .certain_if(sure || is_used)
        .warning_if(is_used)
        .because_of(Origin::SettingsPath(settings_path::CLIENT_ID), read)
        .value(CONFIGURED_API_ID, id);
    Some(finding.value("api", api))
}

/// A resource that is a Microsoft API: a warning where App 2 lists it, or where the user has its token sent.
pub(super) fn finding(evidence: &Evidence<'_>, chosen: &ChosenResource, api: &str) -> Found {
    let found = |key| Found::of(Code::ResourceIsAnotherApi, key);
    let finding = match target::listed_api(evidence, api) {
        Some(listed) => found("listed").value("listed", listed.as_str()),
        None if matches!(evidence.decision, Some(Decision::Sent(_))) => {
            found("sent").error_if(evidence.seen() == Seen::Refused, Confidence::Likely)
        }
        None => found("withheld").confidence(target::is_another_api(evidence, api)),
    };
    let (own, source) = target::client_id(evidence).unzip();
    finding
        .value("asked", &chosen.value)
        .value("api", api)
        .differs(Difference::of(RESOURCE, own, Some(&chosen.value), source.unwrap_or_default()))
        .because(chosen_from(chosen))
}
