//! Step 5, `claims`: is the token what it should be: who, for whom, by whom, until when, signed?

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
use crate::case::step::StepId;
use crate::case::token::{AcquiredToken, DecodedToken};
use crate::evidence::Evidence;

use super::weigh::weigh;
use super::words::{moment, short};
use super::{Earlier, Found, Severity, StepReport, StepStatus, Table};

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Claims);
    let Some(token) = &evidence.token else {
        let refused = evidence.exchange(&Purpose::Token).is_some() || evidence.left_out(&Purpose::Token).is_some();
        if refused || evidence.is_settled(StepId::Token) {
            report.conclude(StepStatus::Skipped, "there is no token to look at");
        } else {
            report.conclude(StepStatus::Unknown, "no token was obtained yet");
        }
        return report;
    };
    let claims = &token.decoded;
    facts(evidence, claims, &mut report);
    let at = lifetime::moment_of_use(evidence);
    report.tables.extend(tables(claims, at));
    report.findings = findings(evidence, token)
        .into_iter()
        .map(|finding| weigh(evidence, earlier, finding))
        .collect();
    conclude(claims, at, &mut report);
    report
}

/// What is wrong with the token, without the facts and tables that only the step's own report needs.
fn findings(evidence: &Evidence<'_>, token: &AcquiredToken) -> Vec<Found> {
    let claims = &token.decoded;
    let mut found = Vec::from_iter(malformed(claims));
    if let Some(foreign) = foreign::of(evidence, claims) {
        // What else is wrong with it is another issuer's affair.
        found.push(foreign::finding(claims, &foreign));
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
    [table::claims(token, at), table::header(token)]
        .into_iter()
        .flatten()
        .collect()
}

fn facts(evidence: &Evidence<'_>, claims: &DecodedToken, report: &mut StepReport) {
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            report.fact(name, value);
        }
    };
    let text = |name: &str| claims.text(name).map(short);
    fact(
        "for whom (aud)",
        Some(claims.list("aud").join(", "))
            .filter(|list| !list.is_empty())
            .map(|list| short(&list)),
    );
    fact("by whom (iss)", text("iss"));
    fact(
        "caller's client id",
        claims.caller_client_id().map(|id| short(id.as_str())),
    );
    fact("caller's object id", text("oid"));
    fact("tenant", text("tid"));
    fact("version", text("ver"));
    let roles = claims.list("roles");
    fact(
        "roles",
        Some(if roles.is_empty() {
            "none".to_owned()
        } else {
            short(&roles.join(", "))
        }),
    );
    fact(
        "valid until",
        claims
            .time("exp")
            .map(|seconds| moment(seconds, lifetime::moment_of_use(evidence))),
    );
    fact(
        "signature",
        evidence
            .token
            .as_ref()
            .map(|token| signature::words(token.signature.as_ref())),
    );
    fact(
        "clock",
        lifetime::clock(evidence).map(|(skew, whose)| match skew {
            0 => format!("as {whose}'s"),
            skew => format!(
                "{} s {} {whose}'s",
                skew.unsigned_abs(),
                if skew > 0 { "behind" } else { "ahead of" }
            ),
        }),
    );
    fact("length", Some(format!("{} characters", claims.length)));
}

/// Defects of the form. Those that hide the claims, or part of them, are errors; servers differ about the others.
fn malformed(claims: &DecodedToken) -> Option<Found> {
    let (first, others) = claims.defects.split_first()?;
    // An unsigned token is the signature's affair.
    if claims.defects.iter().all(|defect| signature::is_about(defect)) {
        return None;
    }
    let mut finding = if claims.unreadable {
        Found::error(Code::TokenMalformed, format!("The token cannot be read: {first}."))
    } else {
        Found::warning(
            Code::TokenMalformed,
            format!("The token's form is not as it should be: {first}. Not every server accepts that."),
        )
    };
    for other in others {
        finding = finding.because(other.clone());
    }
    Some(finding)
}

fn conclude(claims: &DecodedToken, at: DateTime<Utc>, report: &mut StepReport) {
    let errors = || {
        report
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
    };
    if let Some(error) = errors().find(|error| error.is_determined()).or_else(|| errors().next()) {
        let status = if error.is_determined() {
            StepStatus::Fail
        } else {
            StepStatus::Warn
        };
        let summary = error.message();
        report.conclude(status, summary);
        return;
    }
    let warned = report
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Warning);
    let version = claims.version().map_or(
        "token",
        |version| if version == "2.0" { "v2 token" } else { "v1 token" },
    );
    let who = claims
        .caller_client_id()
        .map_or_else(|| "an unnamed caller".to_owned(), |id| short(id.as_str()));
    let audience = claims.list("aud").join(", ");
    let until = claims
        .time("exp")
        .map(|seconds| format!(", valid until {}", moment(seconds, at)))
        .unwrap_or_default();
    report.conclude(
        if warned { StepStatus::Warn } else { StepStatus::Pass },
        format!("{version} of {who} for {}{until}", short(&audience)),
    );
}

#[cfg(test)]
mod tests;
