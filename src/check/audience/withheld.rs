//! A token that wasn't sent because it is for another app or a Microsoft API.

use super::subject::Subject;
use crate::check::prelude::*;

/// The option that names the audience of a token that may be sent although it is a Microsoft API's.
const OPTION: &str = "--send-token-for";

/// What is wrong with the audience of a token that wasn't sent, or that was sent because the user said so.
pub(super) fn finding(subject: Subject<'_>) -> Option<Found> {
    let evidence = subject.evidence;
    let api = subject.token.list("aud").into_iter().find_map(well_known::api);
    match (api, &evidence.decision) {
        // App 2 accepts a token for an API although it could use it elsewhere.
        (Some(api), Some(Decision::Sent(_))) => evidence
            .accepts_the_token()
            .then(|| Found::of(Code::TokenForWrongResource, "api-accepted").value("api", api)),
        (Some(api), _) => Some(match target::listed_api(evidence, api) {
            Some(listed) => for_a_listed_api(api, listed.as_str()),
            None => for_an_api(subject, api),
        }),
        (None, Some(Decision::Withheld(Refusal::OtherThanException { audience, exception, permitted: false }))) => {
            // The user says which token is meant, and nothing says that this one is App 2's either.
            let finding = not_the_targets("other-than-exception", audience, exception, OPTION);
            let finding = finding.value("exception", short(exception));
            Some(finding.because(format!("{OPTION} {}", short(exception))))
        }
        (None, Some(Decision::Withheld(Refusal::Contradicted { audience, otherwise, named_by }))) => {
            Some(contradicted(evidence, audience, otherwise, named_by))
        }
        (None, _) => None,
    }
}

/// "Call Azure functions from workflows in Azure Logic Apps" (Microsoft Learn) lists `https://management.azure.com`.
fn for_a_listed_api(api: &str, listed: &str) -> Found {
    let finding = Found::of(Code::TokenForWrongResource, "listed-api").value("api", api).value("listed", listed);
    finding.because_setting(settings_path::ALLOWED_AUDIENCES, format!("allowedAudiences: {listed}"))
}

/// An audience that isn't App 2's, beside the name that should be.
fn not_the_targets(key: &'static str, audience: &str, expected: &str, source: &str) -> Found {
    Found::of(Code::TokenForWrongResource, key)
        .value("audience", short(audience))
        .value("token_audience", audience)
        .differs(Difference::of(AUDIENCE, [expected], Some(audience), source))
        .because_claim("aud", short(audience))
}

fn for_an_api(subject: Subject<'_>, api: &str) -> Found {
    let evidence = subject.evidence;
    let own = target::client_id(evidence);
    let exception = evidence.inputs.send_token_for.as_deref();
    let (own_id, source) = own.map(|(id, source)| (id.to_string(), source)).unzip();
    let (expected, by) = match exception {
        Some(name) => (Some(name.to_owned()), OPTION),
        None => (own_id.clone(), source.unwrap_or_default()),
    };
    subject
        .about_audience(Code::TokenForWrongResource, "api")
        .value("api", api)
        .value_if_any("exception", exception.map(short))
        .value_if_any("own_id", own_id)
        .value_if_any("source", source)
        .because_claim("aud", subject.audience())
        .differs(Difference::of(AUDIENCE, expected, Some(subject.audience()), by))
        .because_all(exception.map(|name| format!("{OPTION} {}", short(name))))
        .confidence(target::is_another_api(evidence, api))
}

fn contradicted(evidence: &Evidence<'_>, audience: &str, otherwise: &Name, named_by: &[Voice]) -> Found {
    // Two sources disagree, and neither is known to be right.
    let is_open = match otherwise.by {
        Voice::ResourceManager => named_by.contains(&Voice::Challenge),
        by => !by.confirms() && !named_by.is_empty(),
    };
    let has_audiences = target::entra(evidence).is_some_and(|entra| !entra.accepted_audiences().is_empty());
    let are_shown = has_audiences && target::audiences_are_known(evidence);
    let confidence = match otherwise.by {
        _ if is_open => Confidence::Possible,
        Voice::ResourceManager | Voice::TargetEnviron if are_shown => Confidence::Certain,
        _ => Confidence::Likely,
    };
    let (by, name) = (otherwise.by.to_string(), short(&otherwise.value));
    not_the_targets("contradicted", audience, &otherwise.value, &by)
        .because(format!("{by}: {name}"))
        .value("by", by)
        .value("name", name)
        .confidence(confidence)
}

fn short(text: &str) -> String {
    shortened(&visible(text), 120)
}
