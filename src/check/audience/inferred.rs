//! Audience and issuer without settings: what App 2's answers show, and no more.

use super::logged;
use super::subject::{Subject, for_another_application};
use crate::check::prelude::*;

/// Judges audience and issuer by the answers alone.
pub(super) fn judge(subject: Subject<'_>, report: &mut StepReport) {
    let Subject { evidence, token, seen, earlier } = subject;
    if seen == Seen::Accepted {
        return;
    }
    if for_another_application(evidence, &token.list("aud")) {
        report.find(wrong_application(subject));
        return;
    }
    // A token that is broken in itself explains the refusal; step 5 reports it.
    if seen != Seen::Refused || earlier.token_is_broken() {
        return;
    }
    let named = logged::findings(evidence, token);
    let determined = named.iter().any(|finding| finding.confidence > Confidence::Possible);
    // A line about the issuer leaves the audience out of the candidates; an old one is a candidate among others.
    let narrowed = log::reason(evidence).is_some_and(|word| word.weight > Confidence::Possible);
    report.findings.extend(named);
    if determined || narrowed && report.first_error().is_some() {
        return;
    }
    match other_form_accepted(evidence, token) {
        Some(finding) => report.find(finding),
        None => candidates(evidence, token, report),
    }
}

/// An error about the token's audience.
fn about_audience(code: Code, key: &'static str, token: &DecodedToken) -> Found {
    let audiences = token.list("aud");
    Found::error(code, says(key)).value("audience", audiences.join(", ")).value("token_audience", audiences.join(" "))
}

fn wrong_application(subject: Subject<'_>) -> Found {
    let (id, source) = target::client_id(subject.evidence).unwrap_or_default();
    let audiences = subject.token.list("aud").join(", ");
    about_audience(Code::TokenForWrongResource, "other-application", subject.token)
        .value("own_id", id.to_string())
        .value("source", source)
        .because_of(Origin::Claim("aud"), format!("aud = {audiences}"))
        .because(phrase("audience.own-client-id").with("id", id.to_string()).with("source", source))
        .differs(Difference::of(AUDIENCE, [&id], Some(audiences), source))
        // The list of allowed audiences is not known: it could have this audience, were it not for the refusal.
        .confidence(match subject.seen {
            Seen::Refused => Confidence::Likely,
            Seen::Accepted | Seen::Silent => Confidence::Possible,
        })
}

/// The audience, where the settings accept it and App 2 does not: App 2 accepted the other form of its name.
pub(super) fn contradicted(evidence: &Evidence<'_>, token: &DecodedToken) -> Option<Found> {
    let finding = other_form_accepted(evidence, token)?;
    let says = phrase("audience.settings-accept-it").with("message", finding.message());
    Some(Found { says: says.into(), ..finding })
}

/// The same caller's token for the other form of the audience passed validation: so the audience is the reason.
fn other_form_accepted(evidence: &Evidence<'_>, token: &DecodedToken) -> Option<Found> {
    let exchange =
        evidence.exchange(&Purpose::CallOtherAudience).filter(|_| target::other_audience(evidence) == Some(true))?;
    let status = exchange.status()?;
    let (id, _) = target::client_id(evidence).unwrap_or_default();
    let audiences = token.list("aud").join(", ");
    // A trailing slash alone may be the reason.
    let confidence = if audiences.ends_with('/') { Confidence::Possible } else { Confidence::Likely };
    Some(
        about_audience(Code::AudienceNotAllowed, "other-form-accepted", token)
            .value("status", status)
            .confidence(confidence)
            .differs(Difference::of(AUDIENCE, [&id], Some(audiences), "App 2's answers"))
            .because(target::evidence(exchange)),
    )
}

fn candidates(evidence: &Evidence<'_>, token: &DecodedToken, report: &mut StepReport) {
    let client_id = target::client_id(evidence).map(|(id, _)| id);
    let is_client_id = client_id.as_ref().is_some_and(|id| {
        token.list("aud").iter().any(|audience| resource::likeness(id.as_str(), audience) == Likeness::Same)
    });
    let call = target::final_call(evidence).map(target::evidence);
    let possible = |finding: Found| {
        let finding = finding.confidence(Confidence::Possible);
        call.iter().cloned().fold(finding, Found::because)
    };
    if let Some((host, option)) = target::other_cloud(evidence) {
        let other = Found::error(Code::ForeignTenantToken, says("cloud"))
            .value("named_host", host)
            .value_if_any("other_cloud", option)
            .value_if_any("token_issuer", token.text("iss"));
        report.find(possible(other).confidence(Confidence::Likely));
        return;
    }
    let hint = target::challenge(evidence).and_then(|challenge| challenge.tenant_hint());
    let tenant = token.text("tid").unwrap_or_default();
    let other = hint.filter(|hint| resource::is_guid(hint) && !hint.eq_ignore_ascii_case(tenant));
    let mut foreign =
        Some(possible(Found::error(Code::ForeignTenantToken, says("answers")).value("token_tenant", tenant)));
    // A challenge that names another tenant makes it the first candidate, one that names the token's own the last.
    if let Some(other) = other
        && let Some(finding) = foreign.take()
    {
        let finding = finding
            .differs(Difference::of(TENANT, [&other], Some(tenant), "App 2's challenge"))
            .value("named", other.as_str())
            .value("target_tenant", other.as_str());
        // The challenge has been seen to say `common`, and never another tenant than the app's; the login address
        // agrees or is silent. A token of another tenant fails there whatever its audience.
        if target::login_tenant(evidence).is_none_or(|login| login.eq_ignore_ascii_case(&other)) {
            report.find(finding.confidence(Confidence::Likely).when("likely", true));
            return;
        }
        report.find(finding);
    }
    // The bare client ID is always accepted, so then only the issuer remains of what Easy Auth validates.
    let other_is_refused = target::other_audience(evidence) == Some(false);
    if !is_client_id && !other_is_refused {
        report.find(possible(about_audience(Code::AudienceNotAllowed, "answers", token)));
    }
    for code in [Code::AudienceTokenVersionMismatch, Code::IssuerNotAccepted] {
        report.find(possible(Found::error(code, says("answers"))));
    }
    report.findings.extend(foreign);
}
