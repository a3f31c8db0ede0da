//! Audience and issuer without settings: what App 2's responses show, and no more.

use super::logged;
use super::subject::Subject;
use crate::check::prelude::*;

pub(super) fn judge(subject: Subject<'_>, report: &mut StepReport) {
    if subject.evidence.accepts_the_token() {
        return;
    }
    if subject.is_for_another_application() {
        return report.find(wrong_application(subject));
    }
    // A token that is broken in itself explains the refusal; step 5 reports it.
    if !subject.evidence.refuses_the_token() || subject.earlier.found(Means::BrokenToken) {
        return;
    }
    let named = logged::findings(subject);
    let determined = named.iter().any(|finding| finding.confidence > Confidence::Possible);
    // A line about the issuer leaves the audience out of the candidates; an old one is a candidate among others.
    let narrowed = log::reason(subject.evidence).is_some_and(|word| word.weight > Confidence::Possible);
    report.findings.extend(named);
    if determined || narrowed && report.first_error().is_some() {
        return;
    }
    match other_form_accepted(subject) {
        Some(finding) => report.find(finding),
        None if subject.evidence.is_named() => {}
        None => {
            // What Easy Auth says of the token leaves out what would have another sentence.
            let of_key = |says| matches!(says, Says::Issuer | Says::UnknownKey | Says::Signature);
            let is_open = |says, code| of_key(says) && code != Code::AudienceNotAllowed;
            let fits = |found: &Found| logged::said(subject).is_none_or(|says| is_open(says, found.code));
            report.findings.extend(candidates(subject).into_iter().filter(fits));
        }
    }
}

fn wrong_application(subject: Subject<'_>) -> Found {
    let (id, source) = target::client_id(subject.evidence).unwrap_or_default();
    let audience = subject.audience();
    subject
        .about_audience(Code::TokenForWrongResource, "other-application")
        .value("own_id", id.to_string())
        .value("source", source)
        .because_claim("aud", &audience)
        .because(phrase("audience.own-client-id").with("id", id.to_string()).with("source", source))
        .differs(Difference::of(AUDIENCE, [&id], Some(audience), source))
        // The list of allowed audiences is not known: it could have this audience, were it not for the refusal.
        .likely_if(subject.evidence.refuses_the_token())
}

/// The audience, where App 2 accepted the other form of its name, and the settings accept both, as far as they show it.
pub(super) fn contradicted(subject: Subject<'_>, shown: bool) -> Option<Found> {
    let finding = other_form_accepted(subject)?;
    Some(if shown { finding.within(phrase("audience.settings-accept-it")) } else { finding })
}

/// The same caller's token for the other form of the audience passed validation: so the audience is the reason.
fn other_form_accepted(subject: Subject<'_>) -> Option<Found> {
    let evidence = subject.evidence;
    let is_accepted = target::other_audience(evidence) == Some(true);
    let status = evidence.exchange(&Purpose::CallOtherAudience).filter(|_| is_accepted)?.status()?;
    let (id, source) = target::client_id(evidence).unwrap_or_default();
    let is_named = evidence.resource.as_ref().is_some_and(|asked| resource::client_id_of(&asked.value).is_none());
    let audience = subject.audience();
    let has_slash = audience.ends_with('/');
    let finding = subject
        .about_audience(Code::AudienceNotAllowed, "other-form-accepted")
        .value("status", status)
        .value_if_any("bare", is_named.then(|| id.to_string()))
        .value("source", source)
        .differs(Difference::of(AUDIENCE, [&id], Some(audience), "App 2's responses"))
        .shown_by(evidence, [Purpose::CallWithToken, Purpose::CallOtherAudience])
        // A trailing slash alone may be the reason, and what accepts the token on its own page may be another instance.
        .likely_if(!has_slash && !evidence.is_named());
    Some(if has_slash { finding.confirm(phrase("audience.without-slash")) } else { finding })
}

fn candidates(subject: Subject<'_>) -> Vec<Found> {
    let Subject { evidence, token, .. } = subject;
    let mut found = Vec::new();
    let other_cloud = target::other_cloud(evidence);
    let is_of_two_clouds = other_cloud.is_some();
    if let Some(other) = other_cloud {
        let finding = Found::of(Code::ForeignTenantToken, "cloud")
            .shown_by_call(evidence)
            .likely_if(other.is_named)
            .when("by_host", !other.is_named)
            .value("named_host", other.host)
            .value_if_any("other_cloud", other.option);
        if other.is_named {
            return vec![finding];
        }
        found.push(finding);
    }
    let own_id = target::client_id(evidence).map(|(id, _)| id);
    let likeness = |audience: &str| Some(resource::likeness(own_id.as_ref()?.as_str(), audience));
    let likenesses = || token.list("aud").into_iter().filter_map(likeness);
    // Where there is no challenge, the sign-in of App 2's own application names its tenant.
    let login = evidence.answer(&Purpose::LoginRedirect).and_then(target_names::sign_in_tenant);
    let of_login = || login.clone().filter(|_| likenesses().any(|it| it != Likeness::Different));
    let of_challenge = target::challenge(evidence).and_then(|challenge| challenge.tenant_hint());
    let by_login = of_challenge.is_none();
    let hint = of_challenge.or_else(of_login);
    let tenant = token.text("tid").unwrap_or_default();
    // A token without a tenant says nothing of it.
    let differs = |hint: &String| !tenant.is_empty() && !hint.eq_ignore_ascii_case(tenant);
    let other = hint.filter(|hint| resource::is_guid(hint) && differs(hint));
    let by_call = |code| Found::of(code, "answers").shown_by_call(evidence);
    let foreign = (!is_of_two_clouds && !tenant.is_empty())
        .then(|| by_call(Code::ForeignTenantToken).value("token_tenant", tenant));
    // A challenge that names another tenant makes it the first candidate, one that names the token's own the last.
    let last = match (foreign, other) {
        (Some(finding), Some(other)) => {
            let finding = finding
                .differs(Difference::of(TENANT, [&other], Some(tenant), "App 2's responses"))
                .value("named", other.as_str())
                .value("target_tenant", other.as_str());
            // The challenge has been seen to say `common`, and never another tenant than the app's; the login address
            // agrees or is silent. A token of another tenant fails there whatever its audience.
            if login.as_ref().is_none_or(|login| login.eq_ignore_ascii_case(&other)) {
                return vec![finding.confidence(Confidence::Likely).when("likely", true).when("by_login", by_login)];
            }
            found.push(finding);
            None
        }
        (foreign, _) => foreign,
    };
    // The bare client ID is always accepted, so then only the issuer remains of what Easy Auth validates.
    if !likenesses().any(|it| it == Likeness::Same) && target::other_audience(evidence) != Some(false) {
        found.push(subject.about_audience(Code::AudienceNotAllowed, "answers").shown_by_call(evidence));
    }
    // The two versions are of Entra's own issuers.
    let version = token.issuer().is_some_and(|issuer| !issuer.parts().external);
    let others = version.then_some(Code::AudienceTokenVersionMismatch).into_iter().chain([Code::IssuerNotAccepted]);
    found.extend(others.map(by_call));
    found.extend(last);
    found
}
