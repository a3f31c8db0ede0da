//! A token that was not sent because it is not App 2's, or is a Microsoft API's.

use crate::case::code::Code;
use crate::case::may_send::{Decision, Refusal};
use crate::case::resource::well_known;
use crate::case::target_names::{Name, Voice};
use crate::case::text::{shortened, visible};
use crate::case::token::DecodedToken;
use crate::check::difference::{AUDIENCE, Difference};
use crate::check::{Confidence, Found};
use crate::evidence::target::Seen;
use crate::evidence::{Evidence, Origin, settings_path, target};

use super::subject::accepted;

/// What is wrong with the audience of a token that stayed here, or that went to App 2 because the user wanted it.
pub(super) fn finding(evidence: &Evidence<'_>, token: &DecodedToken) -> Option<Found> {
    let audiences = token.list("aud");
    let api = audiences.iter().find_map(|audience| well_known::api(audience));
    match (api, &evidence.decision) {
        (Some(api), Some(Decision::Sent(_))) => sent(evidence, api),
        (Some(api), _) => Some(match target::listed_api(evidence, api) {
            Some(listed) => for_a_listed_api(&audiences, api, listed.as_str()),
            None => for_an_api(evidence, &audiences, api),
        }),
        (
            None,
            Some(Decision::Withheld(Refusal::OtherThanException {
                audience,
                exception,
                permitted: false,
            })),
        ) => Some(for_another_than_the_exception(audience, exception)),
        (
            None,
            Some(Decision::Withheld(Refusal::Contradicted {
                audience,
                otherwise,
                named_by,
            })),
        ) => Some(contradicted(evidence, audience, otherwise, named_by)),
        (None, _) => None,
    }
}

/// "Call Azure functions from workflows in Azure Logic Apps" (Microsoft Learn) lists `https://management.azure.com`.
fn for_a_listed_api(audiences: &[&str], api: &str, listed: &str) -> Found {
    Found::warning(
        Code::TokenForWrongResource,
        format!(
            "App 2's allowedAudiences has {}, and the token is for {api}, where it works as well. \
             It wasn't sent to App 2; to send it, add --send-token-for {}.",
            visible(listed),
            visible(&audiences.join(" "))
        ),
    )
    .because_of(
        Origin::SettingsPath(settings_path::ALLOWED_AUDIENCES),
        format!("allowedAudiences has {}", visible(listed)),
    )
}

/// The user says which token is meant, and nothing says that this one is App 2's either.
fn for_another_than_the_exception(audience: &str, exception: &str) -> Found {
    let shown = |text: &str| shortened(&visible(text), 120);
    Found::error(
        Code::TokenForWrongResource,
        format!(
            "The token is for {}, and --send-token-for names {}. The token wasn't sent.",
            shown(audience),
            shown(exception)
        ),
    )
    .differs(Difference::of(
        AUDIENCE,
        [exception],
        Some(audience),
        "--send-token-for",
    ))
    .because_of(Origin::Claim("aud"), format!("aud = {}", shown(audience)))
    .because(format!("--send-token-for {}", shown(exception)))
    .confidence(Confidence::Likely)
    .confirm(format!(
        "run again with --send-token-for {}, if App 2 may receive this token",
        shown(audience)
    ))
    .value("token_audience", audience.to_owned())
}

fn for_an_api(evidence: &Evidence<'_>, audiences: &[&str], api: &str) -> Found {
    let shown = visible(&audiences.join(", "));
    let own = target::client_id(evidence)
        .map(|(id, source)| format!(" App 2's client ID is {} (from {source}).", visible(id.as_str())))
        .unwrap_or_default();
    let exception = evidence.inputs.send_token_for.as_deref();
    let exception = exception.map(|name| shortened(&visible(name), 120));
    let reason = exception.as_ref().map_or_else(
        || ", not for App 2".to_owned(),
        |name| format!(", and --send-token-for names {name}"),
    );
    let (wanted, source) = match evidence.inputs.send_token_for.clone() {
        Some(name) => (Some(name), "--send-token-for"),
        None => target::client_id(evidence).map_or((None, ""), |(id, source)| (Some(id.to_string()), source)),
    };
    let finding = Found::error(
        Code::TokenForWrongResource,
        format!("The token is for {api} (aud {shown}){reason}, so it wasn't sent.{own}"),
    )
    .differs(Difference::of(AUDIENCE, wanted, Some(audiences.join(", ")), source))
    .because_of(Origin::Claim("aud"), format!("aud = {shown}"));
    exception
        .map(|name| format!("--send-token-for {name}"))
        .into_iter()
        .fold(finding, Found::because)
        .value("token_audience", audiences.join(" "))
        .confidence(target::is_another_api(evidence, api))
        .confirm("App 2's settings: if allowedAudiences has this audience, App 2 accepts the token")
}

/// A token for an API that App 2 accepts although it could use it elsewhere.
fn sent(evidence: &Evidence<'_>, api: &str) -> Option<Found> {
    (evidence.seen() == Seen::Accepted).then(|| {
        Found::warning(
            Code::TokenForWrongResource,
            format!(
                "App 2 accepts tokens for {api}: any app of the tenant with such a token gets in, and App 2 could use it \
                 at {api}. Use an Application ID URI of App 2's own."
            ),
        )
    })
}

fn contradicted(evidence: &Evidence<'_>, audience: &str, otherwise: &Name, named_by: &[Voice]) -> Found {
    let shown = |text: &str| shortened(&visible(text), 120);
    let confidence = match otherwise.by {
        Voice::ResourceManager | Voice::TargetEnviron if audiences_are_told(evidence) => Confidence::Certain,
        // Two sources disagree, and neither is known to be right.
        by if !by.confirms() && !named_by.is_empty() => Confidence::Possible,
        _ => Confidence::Likely,
    };
    Found::error(
        Code::TokenForWrongResource,
        format!(
            "The token is for {}, and {} names {} as App 2's. The token wasn't sent.",
            shown(audience),
            otherwise.by,
            shown(&otherwise.value)
        ),
    )
    .differs(Difference::of(
        AUDIENCE,
        [&otherwise.value],
        Some(audience),
        otherwise.by.to_string(),
    ))
    .because_of(Origin::Claim("aud"), format!("aud = {}", shown(audience)))
    .because(format!("{}: {}", otherwise.by, shown(&otherwise.value)))
    .confidence(confidence)
    .confirm("App 2's settings: its client ID, or this audience in allowedAudiences")
    .value("token_audience", audience.to_owned())
}

/// Whether the settings in force show every audience that App 2 accepts.
fn audiences_are_told(evidence: &Evidence<'_>) -> bool {
    let shown =
        target::settings(evidence).is_some_and(|settings| settings.shows_audiences() && settings.shows_policy());
    shown
        && target::settings_are_enforced(evidence)
        && target::entra(evidence).is_some_and(|entra| !accepted(entra).is_empty())
}
