//! A token that wasn't sent because it is for another app or a Microsoft API.

use super::subject::accepted;
use crate::case::may_send::{Decision, Refusal};
use crate::case::target_names::{Name, Voice};
use crate::check::prelude::*;

/// The option that names the audience of a token that may be sent although it is a Microsoft API's.
const OPTION: &str = "--send-token-for";

/// What is wrong with the audience of a token that wasn't sent, or that was sent because the user said so.
pub(super) fn finding(evidence: &Evidence<'_>, token: &DecodedToken) -> Option<Found> {
    let audiences = token.list("aud");
    let api = audiences.iter().find_map(|audience| well_known::api(audience));
    match (api, &evidence.decision) {
        (Some(api), Some(Decision::Sent(_))) => sent(evidence, api),
        (Some(api), _) => Some(match target::listed_api(evidence, api) {
            Some(listed) => for_a_listed_api(api, listed.as_str()),
            None => for_an_api(evidence, &audiences, api),
        }),
        (None, Some(Decision::Withheld(Refusal::OtherThanException { audience, exception, permitted: false }))) => {
            Some(for_another_than_the_exception(audience, exception))
        }
        (None, Some(Decision::Withheld(Refusal::Contradicted { audience, otherwise, named_by }))) => {
            Some(contradicted(evidence, audience, otherwise, named_by))
        }
        (None, _) => None,
    }
}

/// "Call Azure functions from workflows in Azure Logic Apps" (Microsoft Learn) lists `https://management.azure.com`.
fn for_a_listed_api(api: &str, listed: &str) -> Found {
    Found::warning(Code::TokenForWrongResource, says("listed-api"))
        .value("api", api)
        .value("listed", listed)
        .because_of(Origin::SettingsPath(settings_path::ALLOWED_AUDIENCES), format!("allowedAudiences: {listed}"))
}

/// The user says which token is meant, and nothing says that this one is App 2's either.
fn for_another_than_the_exception(audience: &str, exception: &str) -> Found {
    Found::error(Code::TokenForWrongResource, says("other-than-exception"))
        .value("audience", short(audience))
        .value("exception", short(exception))
        .differs(Difference::of(AUDIENCE, [exception], Some(audience), OPTION))
        .because_of(Origin::Claim("aud"), format!("aud = {}", short(audience)))
        .because(format!("{OPTION} {}", short(exception)))
        .confidence(Confidence::Likely)
        .value("token_audience", audience)
}

fn for_an_api(evidence: &Evidence<'_>, audiences: &[&str], api: &str) -> Found {
    let own = target::client_id(evidence);
    let exception = evidence.inputs.send_token_for.as_deref();
    let (expected, source) = match (exception, &own) {
        (Some(name), _) => (Some(name.to_owned()), OPTION),
        (None, Some((id, source))) => (Some(id.to_string()), *source),
        (None, None) => (None, ""),
    };
    let shown = audiences.join(", ");
    let finding = Found::error(Code::TokenForWrongResource, says("api"))
        .value("api", api)
        .value("audience", shown.as_str())
        .value_if_any("exception", exception.map(short))
        .value_if_any("own_id", own.as_ref().map(|(id, _)| id.to_string()))
        .value_if_any("source", own.map(|(_, source)| source))
        .because_of(Origin::Claim("aud"), format!("aud = {shown}"))
        .differs(Difference::of(AUDIENCE, expected, Some(shown), source));
    exception
        .map(|name| format!("{OPTION} {}", short(name)))
        .into_iter()
        .fold(finding, Found::because)
        .value("token_audience", audiences.join(" "))
        .confidence(target::is_another_api(evidence, api))
}

/// A token for an API that App 2 accepts although it could use it elsewhere.
fn sent(evidence: &Evidence<'_>, api: &str) -> Option<Found> {
    let finding = || Found::warning(Code::TokenForWrongResource, says("api-accepted")).value("api", api);
    (evidence.seen() == Seen::Accepted).then(finding)
}

fn contradicted(evidence: &Evidence<'_>, audience: &str, otherwise: &Name, named_by: &[Voice]) -> Found {
    let confidence = match otherwise.by {
        Voice::ResourceManager | Voice::TargetEnviron if audiences_are_shown(evidence) => Confidence::Certain,
        // Two sources disagree, and neither is known to be right.
        by if !by.confirms() && !named_by.is_empty() => Confidence::Possible,
        _ => Confidence::Likely,
    };
    let (by, name) = (otherwise.by.to_string(), short(&otherwise.value));
    Found::error(Code::TokenForWrongResource, says("contradicted"))
        .value("audience", short(audience))
        .because_of(Origin::Claim("aud"), format!("aud = {}", short(audience)))
        .because(format!("{by}: {name}"))
        .differs(Difference::of(AUDIENCE, [&otherwise.value], Some(audience), by.as_str()))
        .value("by", by)
        .value("name", name)
        .confidence(confidence)
        .value("token_audience", audience)
}

fn short(text: &str) -> String {
    shortened(&visible(text), 120)
}

/// Whether the settings in force show every audience that App 2 accepts.
fn audiences_are_shown(evidence: &Evidence<'_>) -> bool {
    let shown =
        target::settings(evidence).is_some_and(|settings| settings.shows_audiences() && settings.shows_policy());
    shown
        && target::settings_are_enforced(evidence)
        && target::entra(evidence).is_some_and(|entra| !accepted(entra).is_empty())
}
