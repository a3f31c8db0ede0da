//! A resource that is a Microsoft API, and settings that have one's client ID as App 2's.

use crate::case::code::Code;
use crate::case::may_send::Decision;
use crate::case::resource::{ChosenResource, well_known};
use crate::case::text::visible;
use crate::check::difference::{Difference, RESOURCE};
use crate::check::{CONFIGURED_API_ID, Confidence, Found, Severity};
use crate::evidence::{Evidence, Origin, settings_path, target};

/// App 2's settings have the client ID of a Microsoft API. No app of a customer's can be that app: tokens for it are
/// for the API, and tokens for App 2 are accepted only where `allowedAudiences` lists their audience.
pub(super) fn configured(evidence: &Evidence<'_>) -> Option<Found> {
    let entra = target::configured_entra(evidence)?;
    let id = entra.client_id.as_ref()?.as_str();
    let api = well_known::api(id)?;
    let source = target::settings_source(evidence);
    let shown = visible(id);
    let finding = Found::error(
        Code::ResourceIsAnotherApi,
        format!(
            "App 2's settings have the client ID {shown}, which is {api}'s. They must have the client ID of App 2's \
             own app registration."
        ),
    )
    .because_of(
        Origin::SettingsPath(settings_path::CLIENT_ID),
        format!("registration.clientId = {shown} (from {source})"),
    )
    .value(CONFIGURED_API_ID, id)
    .confirm(format!(
        "`az ad app show --id {shown}`: an error means that no app registration of yours has it"
    ));
    let audiences = evidence.token.as_ref().map(|token| token.decoded.list("aud"));
    let listed = audiences.is_some_and(|audiences| {
        let mut allowed = entra.allowed_audiences.iter().flatten();
        allowed.any(|allowed| audiences.contains(&allowed.as_str()))
    });
    let seen = evidence.seen();
    if listed || seen == target::Seen::Accepted {
        return Some(Found {
            severity: Severity::Warning,
            ..finding
        });
    }
    let sure =
        seen == target::Seen::Refused && target::settings_are_enforced(evidence) && target::settings_are_live(evidence);
    Some(finding.confidence(if sure { Confidence::Certain } else { Confidence::Likely }))
}

/// What is wrong with such a resource: a warning where App 2 lists it, or where the user wants its token sent.
pub(super) fn finding(evidence: &Evidence<'_>, chosen: &ChosenResource, api: &str) -> Found {
    let own = target::client_id(evidence)
        .map(|(id, source)| format!(" App 2's client id is {id} (from {source})."))
        .unwrap_or_default();
    let finding = match target::listed_api(evidence, api) {
        Some(listed) => Found::warning(
            Code::ResourceIsAnotherApi,
            format!(
                "The resource {} is {api}, and App 2's allowedAudiences has {}. Such a token also works at {api}; \
                 an Application ID URI of App 2's own is safer.",
                visible(&chosen.value),
                visible(listed.as_str())
            ),
        ),
        None if matches!(evidence.decision, Some(Decision::Sent(_))) => {
            let sent = format!(
                "The resource {} is {api}, and its token was sent to App 2.",
                visible(&chosen.value)
            );
            match evidence.seen() {
                target::Seen::Refused => Found::error(Code::ResourceIsAnotherApi, sent).confidence(Confidence::Likely),
                target::Seen::Accepted | target::Seen::Silent => Found::warning(Code::ResourceIsAnotherApi, sent),
            }
        }
        None => Found::error(
            Code::ResourceIsAnotherApi,
            format!(
                "The resource {} is {api}, not App 2. A token for it works at {api}, so it isn't sent to App 2.{own}",
                visible(&chosen.value)
            ),
        )
        .confidence(target::is_another_api(evidence, api))
        .confirm("App 2's settings: if allowedAudiences has this resource, App 2 accepts its token"),
    };
    let (own, source) = target::client_id(evidence).unzip();
    let own = Difference::of(RESOURCE, own, Some(&chosen.value), source.unwrap_or_default());
    finding.differs(own).because(format!(
        "resource = {} (from {})",
        visible(&chosen.value),
        chosen.source.name()
    ))
}
