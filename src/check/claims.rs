//! Step 5, `claims`: are the token's audience, issuer, caller, validity, and signature in order?

mod cached;
mod foreign;
mod kind;
mod lifetime;
mod logged;
mod signature;
mod table;

use chrono::{DateTime, Utc};

use crate::case::code::Code;
use crate::case::exchange::Purpose;
use crate::case::issuer::Version;
use crate::case::step::StepId;
use crate::case::token::{AcquiredToken, DecodedToken};
use crate::evidence::Evidence;
use crate::knowledge::{Words, phrase};

use super::weigh::weigh;
use super::words::{moment, short};
use super::{Earlier, Found, Severity, StepReport, StepStatus, Table, says};
use lifetime::Clock;
pub use lifetime::moment_of_use;

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Claims);
    let Some(token) = &evidence.token else {
        let refused = evidence.exchange(&Purpose::Token).is_some() || evidence.left_out(&Purpose::Token).is_some();
        if refused || evidence.is_settled(StepId::Token) {
            report.conclude(StepStatus::Skipped, phrase("claims.no-token"));
        } else {
            report.conclude(StepStatus::Unknown, phrase("claims.not-yet"));
        }
        return report;
    };
    let claims = &token.decoded;
    facts(evidence, claims, &mut report);
    let at = lifetime::moment_of_use(evidence);
    report.tables.extend(tables(claims, at));
    report.findings = findings(evidence, token).into_iter().map(|finding| weigh(evidence, earlier, finding)).collect();
    conclude(claims, at, &mut report);
    report
}

/// What is wrong with the token, without the facts and tables that only the step's own report needs.
fn findings(evidence: &Evidence<'_>, token: &AcquiredToken) -> Vec<Found> {
    let claims = &token.decoded;
    let mut found = Vec::from_iter(malformed(claims));
    if let Some(foreign) = foreign::of(evidence, claims) {
        // Nothing else about it is judged: other rules apply to another issuer's tokens.
        found.push(foreign::finding(claims, &foreign));
        return found;
    }
    if let Some(list) = kind::audience_list(claims) {
        found.push(list);
        return found;
    }
    if !claims.claims.is_empty() {
        found.extend(kind::audience(claims));
        found.extend(lifetime::findings(evidence, token));
        found.extend(cached::finding(evidence, token));
        found.extend(kind::findings(evidence, token));
    }
    found.extend(signature::findings(evidence, token));
    logged::confirm(evidence, token, &mut found);
    found
}

/// The claims and the header of a token as tables; times are relative to `at`.
#[must_use]
pub fn tables(token: &DecodedToken, at: DateTime<Utc>) -> Vec<Table> {
    [table::claims(token, at), table::header(token)].into_iter().flatten().collect()
}

fn facts(evidence: &Evidence<'_>, claims: &DecodedToken, report: &mut StepReport) {
    let mut fact = |name: &str, value: Option<Words>| {
        if let Some(value) = value {
            report.fact(name, value);
        }
    };
    let text = |name: &str| claims.text(name).map(|text| short(text).into());
    let list = |name: &str| Some(claims.list(name).join(", ")).filter(|list| !list.is_empty());
    fact("audience (aud)", list("aud").map(|list| short(&list).into()));
    fact("issuer (iss)", text("iss"));
    let caller = claims.caller_client_id();
    fact("caller client ID", caller.map(|id| short(id.as_str()).into()));
    fact("caller object ID", text("oid"));
    fact("tenant", text("tid"));
    fact("version", text("ver"));
    fact("roles", (!claims.unreadable).then(|| list("roles").map_or("none".into(), |list| short(&list).into())));
    let at = lifetime::moment_of_use(evidence);
    fact("valid until", claims.time("exp").map(|time| moment(time, at).into()));
    let token = evidence.token.as_ref();
    fact("signature", token.map(|token| signature::fact(token.signature.as_ref())));
    let clock = Clock::of(evidence);
    fact("clock", clock.map(|clock| Clock::say(Some(clock), "claims.clock").into()));
    fact("length", Some(phrase("claims.length").with("count", claims.length).into()));
}

/// Defects of the form. Those that hide claims are errors; servers differ about the others.
fn malformed(claims: &DecodedToken) -> Option<Found> {
    let (first, others) = claims.defects.split_first()?;
    // An unsigned token is reported with the signature.
    if claims.defects.iter().all(|defect| signature::is_about(defect)) {
        return None;
    }
    let finding = if claims.unreadable {
        Found::error(Code::TokenMalformed, says("unreadable"))
    } else {
        Found::warning(Code::TokenMalformed, says("ill-formed"))
    };
    let others = others.iter().cloned();
    Some(others.fold(finding.value("defect", first), Found::because))
}

fn conclude(claims: &DecodedToken, at: DateTime<Utc>, report: &mut StepReport) {
    let of = |severity: Severity| report.findings.iter().filter(move |finding| finding.severity == severity);
    let mut errors = of(Severity::Error);
    if let Some(error) = errors.clone().find(|error| error.is_determined()).or_else(|| errors.next()) {
        let status = if error.is_determined() { StepStatus::Fail } else { StepStatus::Warn };
        let summary = error.message();
        report.conclude(status, summary);
        return;
    }
    let status = if of(Severity::Warning).next().is_some() { StepStatus::Warn } else { StepStatus::Pass };
    let summary = phrase("claims.valid")
        .with_some("version", claims.version().and_then(Version::of_claim).map(Version::word))
        .with("audience", short(&claims.list("aud").join(", ")))
        .with_some("expired", claims.time("exp").filter(|exp| *exp < at.timestamp()).map(|_| "yes"))
        .with_some("until", claims.time("exp").map(|time| moment(time, at)));
    report.conclude(status, summary);
}

#[cfg(test)]
mod tests;
