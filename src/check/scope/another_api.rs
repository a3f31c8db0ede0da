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
    let finding = Found::error(Code::ResourceIsAnotherApi, says("settings"))
        .because_of(
            Origin::SettingsPath(settings_path::CLIENT_ID),
            format!("registration.clientId = {id} (from {})", target::settings_source(evidence)),
        )
        .value(CONFIGURED_API_ID, id)
        .value("api", api);
    let audiences = evidence.token.as_ref().map(|token| token.decoded.list("aud"));
    let listed = audiences.is_some_and(|audiences| {
        let mut allowed = entra.allowed_audiences.iter().flatten();
        allowed.any(|allowed| audiences.contains(&allowed.as_str()))
    });
    let seen = evidence.seen();
    if listed || seen == target::Seen::Accepted {
        return Some(Found { severity: Severity::Warning, ..finding });
    }
    let sure =
        seen == target::Seen::Refused && target::settings_are_enforced(evidence) && target::settings_are_live(evidence);
    Some(finding.confidence(if sure { Confidence::Certain } else { Confidence::Likely }))
}

/// A resource that is a Microsoft API: a warning where App 2 lists it, or where the user has its token sent.
pub(super) fn finding(evidence: &Evidence<'_>, chosen: &ChosenResource, api: &str) -> Found {
    let finding = match target::listed_api(evidence, api) {
        Some(listed) => Found::warning(Code::ResourceIsAnotherApi, says("listed")).value("listed", listed.as_str()),
        None if matches!(evidence.decision, Some(Decision::Sent(_))) => match evidence.seen() {
            target::Seen::Refused => {
                Found::error(Code::ResourceIsAnotherApi, says("sent")).confidence(Confidence::Likely)
            }
            target::Seen::Accepted | target::Seen::Silent => Found::warning(Code::ResourceIsAnotherApi, says("sent")),
        },
        None => {
            Found::error(Code::ResourceIsAnotherApi, says("withheld")).confidence(target::is_another_api(evidence, api))
        }
    };
    let (own, source) = target::client_id(evidence).unzip();
    finding
        .value("asked", &chosen.value)
        .value("api", api)
        .differs(Difference::of(RESOURCE, own, Some(&chosen.value), source.unwrap_or_default()))
        .because(chosen_from(chosen))
}
