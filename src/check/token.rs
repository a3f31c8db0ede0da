//! Step 4, `token`: does the identity endpoint or Microsoft Entra ID issue a token?
//!
//! A refusal with an AADSTS number is looked up by the number (`token/entra_error.rs`). An identity endpoint often
//! hides Entra's refusal behind a 500 without a reason; then the same identity's other token requests distinguish the
//! causes (`token/opaque.rs`). Answers that concern the identity itself belong to step 1 and aren't repeated here.

mod assertion;
mod entra_error;
mod opaque;
mod tenant;
mod transient;
mod unknown;

use crate::check::prelude::*;
use transient::{requested, source, throttled, transient};

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Token);
    facts(evidence, &mut report);
    let reply = Reply::to(evidence, &Purpose::Token);
    if let Some(token) = &evidence.token {
        if token.source == CredentialSource::Token {
            report.conclude(StepStatus::Skipped, phrase("token.given"));
        } else {
            issued(reply.as_ref(), &mut report);
        }
        return report;
    }
    // What the identity may be missing explains an answer that no table knows, beside the causes of this step.
    let of_identity = earlier.errors(StepId::Identity);
    let mut decides = of_identity.filter(|error| reply.is_none() || error.is_determined());
    if let Some(error) = decides.next() {
        let status = if reply.is_some() { StepStatus::Fail } else { StepStatus::Skipped };
        report.conclude(status, phrase("token.no-identity").with("code", error.code.name()));
        return report;
    }
    match &reply {
        Some(reply) => refused(evidence, reply, &mut report),
        None => not_requested(evidence, &mut report),
    }
    report
}

fn facts(evidence: &Evidence<'_>, report: &mut StepReport) {
    if let Some(resource) = &evidence.resource {
        report.fact("requested resource", &resource.value);
    }
    if let Some(token) = &evidence.outside_token {
        for (name, value) in [
            ("outside token iss", token.issuer.clone()),
            ("outside token sub", token.subject.clone()),
            ("outside token aud", Some(token.audiences.join(", "))),
            ("outside token exp", token.expires.map(|at| moment(at, evidence.started_at))),
        ] {
            let value = value.filter(|value| !value.is_empty());
            report.fact(name, value.map_or_else(|| "none".to_owned(), |value| short(&value)));
        }
    }
    if let Some(token) = &evidence.token {
        if let Some(resource) = &token.resource {
            report.fact("token's resource", resource);
        }
        for (name, value) in &token.response {
            report.fact(&format!("answer's {name}"), short(value));
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
            report.fact(purpose.describe(), reply.outcome());
            if let Class::Entra(refusal) = &reply.class
                && let Some(entry) = knowledge::entra_error(&refusal.number)
            {
                report.fact(&format!("AADSTS{}", entry.number), &entry.meaning);
            }
        } else if let Some(reason) = evidence.left_out(&purpose) {
            report.fact(purpose.describe(), format!("not requested: {reason}"));
        }
    }
}

fn issued(reply: Option<&Reply<'_>>, report: &mut StepReport) {
    let attempts = reply.and_then(Reply::repeated);
    let status = if let Some(attempts) = attempts {
        report.find(Found::warning(Code::IdentityEndpointTransient, says("retried")).value("attempts", attempts));
        StepStatus::Warn
    } else {
        StepStatus::Pass
    };
    report.conclude(status, phrase("token.issued").with_some("attempts", attempts));
}

fn not_requested(evidence: &Evidence<'_>, report: &mut StepReport) {
    let was_paused = evidence.exchange(&Purpose::Token).is_some_and(Exchange::was_paused);
    let (status, summary) = match evidence.left_out(&Purpose::Token) {
        Some(reason) => (StepStatus::Skipped, phrase("token.not-requested").with("reason", reason)),
        None if was_paused => (StepStatus::Unknown, phrase("token.paused")),
        None if evidence.resource.is_none() && evidence.is_settled(StepId::Scope) => {
            (StepStatus::Skipped, phrase("token.no-resource"))
        }
        None => (StepStatus::Unknown, phrase("token.pending")),
    };
    report.conclude(status, summary);
}

fn refused(evidence: &Evidence<'_>, reply: &Reply<'_>, report: &mut StepReport) {
    let asks_entra = asks_entra(evidence);
    match &reply.class {
        Class::Entra(refusal) if refusal.contradiction.is_some() => {
            report.findings.extend(entra_error::contradicting(evidence, reply, refusal));
        }
        Class::Entra(refusal) => {
            let finding = entra_error::finding(evidence, reply, refusal);
            match tenant::refused(evidence, reply, refusal) {
                Some(other_tenant) if finding.code == Code::ResourceNotRegistered => {
                    report.findings.extend([other_tenant, finding.confidence(Confidence::Possible)]);
                }
                Some(other_tenant) => report.find(other_tenant),
                None => report.find(finding),
            }
        }
        Class::AudienceNotSupported => report.find(
            Found::error(Code::AudienceNotSupportedByEndpoint, says("endpoint"))
                .because(reply.evidence())
                .value_if_any("asked", requested(evidence)),
        ),
        Class::Issued => report.conclude(StepStatus::Unknown, phrase("token.unreadable")),
        Class::Throttled => report.find(throttled(reply)),
        Class::Transient => report.find(transient(reply)),
        Class::Opaque if asks_entra => report.find(transient(reply)),
        Class::Failure(FailureKind::Command) => report.findings.extend(unknown::findings(evidence, reply, asks_entra)),
        Class::Failure(_) if asks_entra => report.find(unreachable(reply)),
        _ if asks_entra || matches!(reply.class, Class::Other | Class::NoToken) => {
            report.findings.extend(unknown::findings(evidence, reply, asks_entra));
        }
        _ => match tenant::opaque(evidence, reply) {
            Some(other_tenant) => {
                let others = opaque::findings(evidence, reply).into_iter();
                let possible = others.map(|finding| finding.confidence(Confidence::Possible));
                report.findings.extend(std::iter::once(other_tenant).chain(possible));
            }
            None => report.findings.extend(opaque::findings(evidence, reply)),
        },
    }
    if let Some(first) = report.first_error() {
        let possible = report
            .findings
            .iter()
            .all(|finding| finding.severity != Severity::Error || finding.confidence == Confidence::Possible);
        let summary = if possible {
            phrase("token.several-causes").with("outcome", reply.outcome()).into()
        } else {
            first.message()
        };
        report.conclude(StepStatus::Fail, summary);
    }
}

/// Whether the request went to Entra itself, not to an identity endpoint.
fn asks_entra(evidence: &Evidence<'_>) -> bool {
    source(evidence).is_some_and(|source| {
        matches!(
            source,
            CredentialSource::ClientSecret
                | CredentialSource::ClientCertificate
                | CredentialSource::WorkloadIdentity
                | CredentialSource::AzureCli
        )
    })
}

/// Entra gave no answer.
fn unreachable(reply: &Reply<'_>) -> Found {
    let url = url::Url::parse(&reply.exchange.url).ok();
    let host = url.as_ref().and_then(url::Url::host_str);
    Found::error(Code::CallerEgressBlocked, says("entra"))
        .confidence(Confidence::Likely)
        .because(reply.evidence())
        .value_if_any("authority_host", host)
        .value_if_any("reason", reply.exchange.failure().map(shown::reason))
}

#[cfg(test)]
mod tests;
