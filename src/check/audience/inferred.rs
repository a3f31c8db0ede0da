//! Audience and issuer without settings: what the pattern of the answers allows to say, and no more.

use crate::case::code::Code;
use crate::case::exchange::Purpose;
use crate::case::resource::{self, Likeness};
use crate::case::text::visible;
use crate::case::token::DecodedToken;
use crate::check::difference::{AUDIENCE, Difference, TENANT};
use crate::check::{Confidence, Found, StepReport};
use crate::evidence::target::Seen;
use crate::evidence::{Evidence, Origin, log, target};
use crate::knowledge::phrase;

use super::logged;
use super::subject::{Subject, for_another_application};

/// Judges audience and issuer by the answers alone.
pub(super) fn judge(subject: Subject<'_>, report: &mut StepReport) {
    let Subject {
        evidence,
        token,
        seen,
        earlier,
    } = subject;
    if seen == Seen::Accepted {
        return;
    }
    let audiences = token.list("aud");
    let shown = visible(&audiences.join(", "));
    if for_another_application(evidence, &audiences) {
        report.find(wrong_application(subject, &audiences, &shown));
        return;
    }
    // A token that is broken in itself explains the refusal; step 5 says so.
    if seen != Seen::Refused || earlier.token_is_broken() {
        return;
    }
    let named = logged::findings(evidence, token);
    let determined = named.iter().any(|finding| finding.confidence > Confidence::Possible);
    // A line about the issuer leaves the audience out of the candidates; an old one is a candidate among others.
    let narrowed = log::reason(evidence).is_some_and(|word| word.weight > Confidence::Possible);
    for finding in named {
        report.find(finding);
    }
    if determined || narrowed && report.first_error().is_some() {
        return;
    }
    if let Some(finding) = other_form_accepted(evidence, &audiences, &shown) {
        report.find(finding);
        return;
    }
    candidates(evidence, token, &shown, report);
}

fn wrong_application(subject: Subject<'_>, audiences: &[&str], shown: &str) -> Found {
    let (id, source) = target::client_id(subject.evidence).unwrap_or_default();
    let finding = Found::error(
        Code::TokenForWrongResource,
        format!("The token is for another application: its audience is {shown}, and App 2's client id is {id} (from {source}). Ask for the token with App 2's resource."),
    )
    .differs(Difference::of(AUDIENCE, [&id], Some(audiences.join(", ")), source))
    .because_of(Origin::Claim("aud"), format!("aud = {shown}"))
    .because(format!("App 2's client id {id} (from {source})"))
    .value("token_audience", audiences.join(" "));
    // The list of allowed audiences is not seen: it could hold this audience, were it not for the refusal.
    match subject.seen {
        Seen::Refused => finding.confidence(Confidence::Likely),
        Seen::Accepted | Seen::Silent => finding
            .confidence(Confidence::Possible)
            .confirm("App 2's allowedAudiences: this audience in the list would be accepted"),
    }
}

/// The audience, where the settings accept it and App 2 does not: the other form of its name was taken.
pub(super) fn contradicted(evidence: &Evidence<'_>, token: &DecodedToken) -> Option<Found> {
    let audiences = token.list("aud");
    let finding = other_form_accepted(evidence, &audiences, &visible(&audiences.join(", ")))?;
    Some(Found {
        says: phrase("audience.settings-accept-it")
            .with("message", finding.message())
            .into(),
        ..finding
    })
}

/// The same caller's token for the other form of the audience passed validation: so the audience is the reason.
fn other_form_accepted(evidence: &Evidence<'_>, audiences: &[&str], shown: &str) -> Option<Found> {
    let exchange = evidence
        .exchange(&Purpose::CallOtherAudience)
        .filter(|_| target::other_audience(evidence) == Some(true))?;
    let status = exchange.status()?;
    let (id, _) = target::client_id(evidence).unwrap_or_default();
    Some(
        Found::error(
            Code::AudienceNotAllowed,
            format!("App 2 does not accept the audience {shown}: the same identity's token for the other form of its name is accepted ({status}). Add {shown} to allowedAudiences, or ask for the resource {id}."),
        )
        // With a slash at the end the slash alone may be the reason.
        .confidence(if shown.ends_with('/') { Confidence::Possible } else { Confidence::Likely })
        .differs(Difference::of(AUDIENCE, [&id], Some(audiences.join(", ")), "App 2's answers"))
        .because(target::evidence(exchange))
        .value("token_audience", audiences.join(" ")),
    )
}

fn candidates(evidence: &Evidence<'_>, token: &DecodedToken, shown: &str, report: &mut StepReport) {
    let client_id = target::client_id(evidence).map(|(id, _)| id);
    let is_client_id = client_id.as_ref().is_some_and(|id| {
        token
            .list("aud")
            .iter()
            .any(|audience| resource::likeness(id.as_str(), audience) == Likeness::Same)
    });
    let call = target::final_call(evidence).map(target::evidence);
    let with_call = |finding: Found| match &call {
        Some(line) => finding.because(line.clone()),
        None => finding,
    };
    let hint = target::challenge(evidence).and_then(|challenge| challenge.tenant_hint());
    let tenant = token.text("tid").unwrap_or_default();
    let names_other = hint
        .as_deref()
        .is_some_and(|hint| resource::is_guid(hint) && !hint.eq_ignore_ascii_case(tenant));
    let hint = visible(hint.as_deref().unwrap_or_default());
    // The challenge has been seen to say `common`, and never another tenant than the app's; the login address agrees or
    // is silent. A token of another tenant fails there whatever its audience.
    let sure = names_other && target::login_tenant(evidence).is_none_or(|login| login.eq_ignore_ascii_case(&hint));
    let foreign = Found::error(
        Code::ForeignTenantToken,
        if sure {
            format!("App 2 belongs to another tenant than the token: its challenge names the tenant {hint}, and the token comes from {}.", visible(tenant))
        } else if names_other {
            format!("App 2 may belong to another tenant than the token's, {}. Its challenge names the tenant {hint}.", visible(tenant))
        } else {
            format!("App 2 may belong to another tenant than the token's, {}.", visible(tenant))
        },
    )
    .confidence(if sure { Confidence::Likely } else { Confidence::Possible })
    .value("token_tenant", tenant.to_owned())
    .confirm("App 2's openIdIssuer names its tenant: another one than the token's tid means this");
    let foreign = with_call(if names_other {
        foreign
            .differs(Difference::of(TENANT, [&hint], Some(tenant), "App 2's challenge"))
            .value("target_tenant", hint.clone())
    } else {
        foreign
    });
    if sure {
        report.find(foreign);
        return;
    }
    // A challenge that names another tenant makes it the first candidate, one that names the token's own the last.
    let last = if names_other {
        report.find(foreign);
        None
    } else {
        Some(foreign)
    };
    let version = token.version().unwrap_or("unknown");
    // The bare client id is always accepted, so then only the issuer remains of what Easy Auth validates.
    let other_is_refused = target::other_audience(evidence) == Some(false);
    if !is_client_id && !other_is_refused {
        report.find(with_call(
            Found::error(
                Code::AudienceNotAllowed,
                format!("App 2 may not list the token's audience {shown} among its allowedAudiences."),
            )
            .confidence(Confidence::Possible)
            .confirm("App 2's settings: allowedAudiences must hold it exactly; or its log: IDX10214 means this")
            .value("token_audience", token.list("aud").join(" ")),
        ));
    }
    report.find(with_call(
        Found::error(
            Code::AudienceTokenVersionMismatch,
            format!("App 2 may be set up for the other token version: the token is version {version} with issuer {}.", visible(token.text("iss").unwrap_or("none"))),
        )
        .confidence(Confidence::Possible)
        .confirm("App 2's openIdIssuer: with /v2.0 it wants v2 tokens, without it v1 tokens; or its log: IDX10205 means the issuer"),
    ));
    report.find(with_call(
        Found::error(
            Code::IssuerNotAccepted,
            format!(
                "App 2 may accept another issuer than {}.",
                visible(token.text("iss").unwrap_or("none"))
            ),
        )
        .confidence(Confidence::Possible)
        .confirm("App 2's openIdIssuer must lead to the token's tenant; its log: IDX10205 means this"),
    ));
    report.findings.extend(last);
}
