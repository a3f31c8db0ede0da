//! What App 2's own log says of audience and issuer.

use crate::check::prelude::*;
use crate::check::words::logged_values;
use crate::evidence::log::{Says, Word};

/// Where these values come from.
const LOG: &str = "App 2's log";

/// Adds what the log says to what the rules found: as evidence where they agree, as a finding of its own where they
/// find nothing or where App 2 runs with other settings.
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
        // A line without values can't outweigh a rule that isn't met, and what is possible adds nothing to it.
        if determined && logged.confidence < Confidence::Certain {
            continue;
        }
        let contradicts = !determined && !report.rules.is_empty() && logged.confidence > Confidence::Possible;
        if !contradicts {
            report.find(logged);
        } else if log::reason(evidence).is_some_and(|word| word.older) {
            // What was refused before may have been fixed since.
            let test = phrase("audience.log-line-is-older");
            report.find(logged.confidence(Confidence::Possible).confirm(test));
        } else {
            let says = phrase("audience.settings-do-not-explain").with("message", logged.message());
            report.find(Found { says: says.into(), ..logged });
        }
    }
}

/// The findings that the log's line about this token stands for, the likeliest first.
pub(super) fn findings(evidence: &Evidence<'_>, token: &DecodedToken) -> Vec<Found> {
    let Some(word) = log::reason(evidence) else {
        return Vec::new();
    };
    let about = |code: Code, key: &'static str| {
        Found::error(code, says(key))
            .value("log_values", logged_values(&word))
            .confidence(word.weight)
            .because(word.evidence())
    };
    // An issuer that fails without the value that App 2 expects fits each of these.
    let each = |key: &'static str| {
        let codes = [Code::AudienceTokenVersionMismatch, Code::ForeignTenantToken, Code::IssuerNotAccepted];
        codes.map(|code| about(code, key).confidence(Confidence::Possible)).to_vec()
    };
    match word.says {
        Says::Audience => {
            let audiences = token.list("aud").join(", ");
            vec![
                about(Code::AudienceNotAllowed, "log")
                    .value("audience", audiences.as_str())
                    .differs(Difference::of(AUDIENCE, accepted(&word), Some(audiences), LOG))
                    .value("token_audience", token.list("aud").join(" ")),
            ]
        }
        Says::Issuer => expected_issuer(&word).map_or_else(
            || each("log"),
            |expected| vec![of_values(token, &expected, about).value("expected", expected)],
        ),
        Says::UnknownKey => each("log-key"),
        _ => Vec::new(),
    }
}

/// The audiences that App 2 accepts, where the line shows them.
fn accepted<'a>(word: &Word<'a>) -> Vec<&'a str> {
    let shown = ["validAudiences", "validAudience"].iter().find_map(|name| word.value(name));
    let all = shown.unwrap_or_default().split(',').map(str::trim);
    all.filter(|audience| !audience.is_empty()).collect()
}

/// The issuer that App 2 expects, where the line shows it.
fn expected_issuer(word: &Word<'_>) -> Option<String> {
    ["validIssuer", "validIssuers"]
        .iter()
        .find_map(|name| word.value(name))
        .map(|shown| shown.split(',').next().unwrap_or(shown).trim().to_owned())
}

fn of_values(token: &DecodedToken, expected: &str, about: impl Fn(Code, &'static str) -> Found) -> Found {
    const KEY: &str = "log-values";
    let (of_token, of_app) = (token.issuer().unwrap_or_default().parts(), Issuer::new(expected).parts());
    let tenants = of_token.tenant_guid().zip(of_app.tenant_guid());
    let versions = of_token.version.zip(of_app.version);
    let issuers = Difference::of(ISSUER, [expected], token.text("iss"), LOG);
    match (tenants, versions) {
        (Some((token, app)), _) if token != app => about(Code::ForeignTenantToken, KEY)
            .differs(Difference::of(TENANT, [app], Some(token), LOG))
            .value("token_tenant", token.to_string())
            .value("target_tenant", app.to_string()),
        (Some(_), Some((token, app))) if token != app => about(Code::AudienceTokenVersionMismatch, KEY)
            .value("of_app", app.word())
            .value("of_token", token.word())
            .differs(issuers),
        _ => about(Code::IssuerNotAccepted, KEY).differs(issuers),
    }
}
