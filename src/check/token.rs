//! Step 4, `token`: does the identity endpoint (or Entra) issue that token?
//!
//! What Entra names itself is looked up by its number (`token/named.rs`). An identity endpoint often hides Entra's word
//! behind a 500 without a cause; then the same identity's other token requests tell the causes apart (`token/opaque.rs`,
//! where the decision table stands). Answers that speak of the identity belong to step 1 and are not told again here.

mod entra_error;
mod opaque;
mod transient;

use crate::case::code::Code;
use crate::case::credential::CredentialSource;
use crate::case::exchange::{Exchange, FailureKind, Purpose};
use crate::case::step::StepId;
use crate::case::text::visible;

use super::words::{moment, short};
use super::{Confidence, Earlier, Found, Severity, StepReport, StepStatus};
use crate::evidence::Evidence;
use crate::evidence::refusal::{Class, Reply, correlation_of};
use crate::knowledge::Words;
use transient::{outcome, resource_of, throttled, transient};

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Token);
    facts(evidence, &mut report);
    let reply = Reply::to(evidence, &Purpose::Token);
    if let Some(token) = &evidence.token {
        if token.source == CredentialSource::Token {
            report.conclude(StepStatus::Skipped, "a token was given, so none was requested");
        } else {
            issued(reply.as_ref(), &mut report);
        }
        return report;
    }
    if let Some(error) = earlier.errors(StepId::Identity).next() {
        let status = if reply.is_some() {
            StepStatus::Fail
        } else {
            StepStatus::Skipped
        };
        report.conclude(status, format!("no token, because of step 1: {}", error.code));
        return report;
    }
    match &reply {
        Some(reply) => refused(evidence, reply, &mut report),
        None => not_asked(evidence, &mut report),
    }
    report
}

fn facts(evidence: &Evidence<'_>, report: &mut StepReport) {
    if let Some(resource) = &evidence.resource {
        report.fact("resource asked for", visible(&resource.value));
    }
    if let Some(token) = &evidence.outside_token {
        for (name, value) in [
            ("outside token's issuer (iss)", token.issuer.clone()),
            ("outside token's subject (sub)", token.subject.clone()),
            ("outside token's audience (aud)", Some(token.audiences.join(", "))),
            (
                "outside token valid until",
                token.expires.map(|at| moment(at, evidence.started_at)),
            ),
        ] {
            report.fact(
                name,
                value
                    .filter(|value| !value.is_empty())
                    .map_or_else(|| "none".to_owned(), |value| short(&value)),
            );
        }
    }
    if let Some(token) = &evidence.token {
        if let Some(resource) = &token.resource {
            report.fact("token's resource", visible(resource));
        }
        for (name, value) in &token.response {
            report.fact(&format!("answer's {}", visible(name)), short(value));
        }
    }
    let experiments = [
        Purpose::Token,
        Purpose::TokenOtherProxyWay,
        Purpose::TokenForResourceManager,
        Purpose::TokenForBareClientId,
        Purpose::TokenForNonsense,
    ];
    for purpose in experiments {
        if let Some(reply) = Reply::to(evidence, &purpose) {
            report.fact(purpose.describe(), outcome(&reply));
        } else if let Some(reason) = evidence.left_out(&purpose) {
            report.fact(purpose.describe(), format!("not asked: {}", visible(reason)));
        }
    }
}

fn issued(reply: Option<&Reply<'_>>, report: &mut StepReport) {
    let attempts = reply.map_or(1, |reply| reply.attempts);
    if attempts > 1 {
        report.find(Found::warning(
            Code::IdentityEndpointTransient,
            format!("The token came only at attempt {attempts}: the endpoint failed before, and an app without retries fails then."),
        ));
        report.conclude(StepStatus::Warn, format!("issued at attempt {attempts}"));
    } else {
        report.conclude(StepStatus::Pass, "issued");
    }
}

fn not_asked(evidence: &Evidence<'_>, report: &mut StepReport) {
    let reason = evidence.left_out(&Purpose::Token).map(visible);
    match reason {
        Some(reason) => report.conclude(StepStatus::Skipped, reason),
        None if evidence.exchange(&Purpose::Token).is_some_and(Exchange::was_paused) => report.conclude(
            StepStatus::Unknown,
            "the token request was interrupted, because this process was paused: check again",
        ),
        None if evidence.resource.is_none() && evidence.is_settled(StepId::Scope) => {
            report.conclude(StepStatus::Skipped, "no token was requested: the resource is not known");
        }
        None => report.conclude(StepStatus::Unknown, "no token was requested yet"),
    }
}

fn refused(evidence: &Evidence<'_>, reply: &Reply<'_>, report: &mut StepReport) {
    match &reply.class {
        Class::Entra(refusal) => report.find(entra_error::finding(evidence, reply, refusal)),
        Class::Issued => report.conclude(
            StepStatus::Unknown,
            "a token was issued, but could not be read from the answer",
        ),
        Class::Throttled => report.find(throttled(reply)),
        Class::Transient => report.find(transient(reply)),
        Class::Failure(kind) => failed(evidence, reply, *kind, report),
        Class::Opaque if asks_entra(evidence) => report.find(transient(reply)),
        Class::Opaque
        | Class::Unauthorized
        | Class::UnknownPath
        | Class::NoToken
        | Class::NoIdentity
        | Class::NotAttached
        | Class::NotSelected(_)
        | Class::UnsupportedVersion
        | Class::Proxy => {
            if asks_entra(evidence) {
                report.find(unclear(evidence, reply));
            } else {
                report.findings.extend(opaque::findings(evidence, reply));
            }
        }
        Class::Other => report.find(unclear(evidence, reply)),
    }
    if let Some(first) = report.first_error() {
        let possible = report
            .findings
            .iter()
            .all(|finding| finding.severity != Severity::Error || finding.confidence == Confidence::Possible);
        let summary = if possible {
            Words::from(format!("refused, {}; several causes fit", outcome(reply)))
        } else {
            first.message()
        };
        report.conclude(StepStatus::Fail, summary);
    }
}

/// Whether the request went to Entra itself, not to an identity endpoint.
fn asks_entra(evidence: &Evidence<'_>) -> bool {
    evidence.environment.as_ref().is_some_and(|environment| {
        matches!(
            crate::case::credential::choose(environment, &evidence.inputs).source,
            CredentialSource::ClientSecret
                | CredentialSource::ClientCertificate
                | CredentialSource::WorkloadIdentity
                | CredentialSource::AzureCli
        )
    })
}

/// No answer at all.
fn failed(evidence: &Evidence<'_>, reply: &Reply<'_>, kind: FailureKind, report: &mut StepReport) {
    if !asks_entra(evidence) {
        report.findings.extend(opaque::findings(evidence, reply));
        return;
    }
    let host = url::Url::parse(&reply.exchange.url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| "Entra".to_owned());
    let why = match kind {
        FailureKind::NameNotResolved => "its name is not resolved",
        FailureKind::ConnectionRefused => "the connection is refused",
        FailureKind::ConnectionReset => "the connection is cut",
        FailureKind::NetworkUnreachable => "there is no route",
        FailureKind::ConnectTimeout | FailureKind::AnswerTimeout => "silence, as a firewall gives it",
        FailureKind::TlsUntrusted => "its certificate is not trusted: something on the way opens the TLS connection",
        FailureKind::TlsFailed | FailureKind::NotHttp => "what answers is not Entra",
        FailureKind::Proxy => "the proxy refuses",
        FailureKind::Command | FailureKind::NotSent | FailureKind::Other => "the request failed",
    };
    report.find(
        Found::error(
            Code::CallerEgressBlocked,
            format!("App 1 cannot reach Entra at {}: {why}.", visible(&host)),
        )
        .confidence(Confidence::Likely)
        .because(reply.evidence())
        .value("authority_host", visible(&host))
        .confirm(format!("`curl -v https://{}` from App 1's own network", visible(&host))),
    );
}

/// A refusal whose cause nobody names.
fn unclear(evidence: &Evidence<'_>, reply: &Reply<'_>) -> Found {
    let id = reply
        .exchange
        .answer()
        .and_then(correlation_of)
        .map(|id| format!(" Correlation id: {id}."))
        .unwrap_or_default();
    Found::error(
        Code::TokenRequestRejected,
        format!(
            "The token request for {} is refused ({}).{id}",
            resource_of(evidence),
            outcome(reply)
        ),
    )
    .because(reply.evidence())
    .confirm(entra_error::SIGN_IN_LOGS)
}

#[cfg(test)]
mod tests;
