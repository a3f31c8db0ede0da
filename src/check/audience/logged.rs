//! What App 2's own log says of audience and issuer.

use crate::case::code::Code;
use crate::case::issuer::Issuer;
use crate::case::text::visible;
use crate::case::token::DecodedToken;
use crate::check::difference::{AUDIENCE, Difference, ISSUER, TENANT};
use crate::check::{Confidence, Found, Severity, StepReport};
use crate::evidence::Evidence;
use crate::evidence::log::{self, Says, Word};
use crate::knowledge::phrase;

/// Where these values come from.
const LOG: &str = "App 2's log";

/// Adds the log's word to what the rules found: as evidence where they agree, as a finding of its own where they say
/// nothing or where the settings shown are not those that refused.
pub(super) fn confirm(evidence: &Evidence<'_>, token: &DecodedToken, report: &mut StepReport) {
    for logged in findings(evidence, token) {
        let known = report
            .findings
            .iter_mut()
            .find(|finding| finding.severity == Severity::Error && finding.code == logged.code);
        if let Some(known) = known {
            known.confidence = known.confidence.max(logged.confidence);
            known.evidence.extend(logged.evidence);
            continue;
        }
        let determined = report.findings.iter().any(Found::is_determined);
        // A line without values cannot outweigh a rule that is broken, and what is possible says nothing new beside it.
        if determined && logged.confidence < Confidence::Certain {
            continue;
        }
        let contradicts = !determined && !report.rules.is_empty() && logged.confidence > Confidence::Possible;
        // What was refused before may have been mended since.
        let old = contradicts && log::reason(evidence).is_some_and(|word| word.older);
        let logged = if old {
            logged.confidence(Confidence::Possible).confirm(
                "a line of App 2's log from this run's own time: the older one may speak of what was mended since",
            )
        } else {
            logged
        };
        let contradicts = contradicts && !old;
        let says = if contradicts {
            phrase("audience.settings-do-not-explain")
                .with("message", logged.message())
                .into()
        } else {
            logged.message()
        };
        report.find(Found { says, ..logged });
    }
}

/// The findings that the log's line about this token stands for, the likeliest first.
pub(super) fn findings(evidence: &Evidence<'_>, token: &DecodedToken) -> Vec<Found> {
    let Some(word) = log::reason(evidence) else {
        return Vec::new();
    };
    let aud = visible(&token.list("aud").join(", "));
    let iss = visible(token.text("iss").unwrap_or("none"));
    let about = |code: Code, message: String, confidence: Confidence| {
        Found::error(code, format!("{message}{}", word.values()))
            .confidence(confidence)
            .because(word.evidence())
    };
    match word.says {
        Says::Audience => vec![
            about(
                Code::AudienceNotAllowed,
                format!("App 2's log says that the audience failed validation; the token's is {aud}."),
                word.weight,
            )
            .differs(Difference::of(
                AUDIENCE,
                accepted(&word),
                Some(token.list("aud").join(", ")),
                LOG,
            ))
            .value("token_audience", token.list("aud").join(" ")),
        ],
        Says::Issuer => match wanted(&word) {
            Some(wanted) => vec![of_values(token, &word, &wanted, about)],
            None => issuer_candidates()
                .map(|code| {
                    about(
                        code,
                        format!("App 2's log says that the issuer failed validation; the token's is {iss}."),
                        Confidence::Possible,
                    )
                    .confirm(
                        "App 2's openIdIssuer: another tenant, the other version (/v2.0 or not), or another authority",
                    )
                })
                .collect(),
        },
        Says::UnknownKey => issuer_candidates()
            .map(|code| {
                about(
                    code,
                    format!(
                        "App 2's log says that no key of its authority signed the token; the token's issuer is {iss}."
                    ),
                    Confidence::Possible,
                )
                .confirm("App 2's openIdIssuer: the keys in its metadata must hold the kid of the token's header")
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Without the value that App 2 wants, an issuer that fails fits each of these.
fn issuer_candidates() -> impl Iterator<Item = Code> {
    [
        Code::AudienceTokenVersionMismatch,
        Code::ForeignTenantToken,
        Code::IssuerNotAccepted,
    ]
    .into_iter()
}

/// The audiences that App 2 accepts, where the line shows them.
fn accepted<'a>(word: &Word<'a>) -> Vec<&'a str> {
    let shown = ["validAudiences", "validAudience"]
        .iter()
        .find_map(|name| word.value(name));
    let all = shown.unwrap_or_default().split(',').map(str::trim);
    all.filter(|audience| !audience.is_empty()).collect()
}

/// The issuer that App 2 wants, where the line shows it.
fn wanted(word: &Word<'_>) -> Option<String> {
    ["validIssuer", "validIssuers"]
        .iter()
        .find_map(|name| word.value(name))
        .map(|shown| shown.split(',').next().unwrap_or(shown).trim().to_owned())
}

fn of_values(
    token: &DecodedToken,
    word: &Word<'_>,
    wanted: &str,
    about: impl Fn(Code, String, Confidence) -> Found,
) -> Found {
    let iss = visible(token.text("iss").unwrap_or("none"));
    let shown = visible(wanted);
    let (of_token, of_app) = (token.issuer().unwrap_or_default().parts(), Issuer::new(wanted).parts());
    let tenants = of_token.tenant_guid().zip(of_app.tenant_guid());
    let versions = of_token.version.zip(of_app.version);
    let issuers = Difference::of(ISSUER, [wanted], token.text("iss"), LOG);
    match (tenants, versions) {
        (Some((token, app)), _) if token != app => about(
            Code::ForeignTenantToken,
            format!("App 2's log says that the token's issuer {iss} is not the one it expects, {shown}: the token comes from another tenant."),
            word.weight,
        )
        .differs(Difference::of(TENANT, [app], Some(token), LOG))
        .value("token_tenant", token.to_string())
        .value("target_tenant", app.to_string()),
        (Some(_), Some((token, app))) if token != app => about(
            Code::AudienceTokenVersionMismatch,
            format!(
                "App 2's log says that the token's issuer {iss} is not the one it expects, {shown}: App 2 is set up for {} tokens and its registration gets {} tokens.",
                app.word(),
                token.word()
            ),
            word.weight,
        )
        .differs(issuers),
        _ => about(
            Code::IssuerNotAccepted,
            format!("App 2's log says that the token's issuer {iss} is not the one it expects, {shown}."),
            word.weight,
        )
        .differs(issuers),
    }
}
