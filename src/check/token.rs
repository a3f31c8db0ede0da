//! Step 4, `token`: does the identity endpoint or Microsoft Entra ID issue a token?
//!
//! A refusal with an AADSTS number is looked up by the number. An identity endpoint often hides Entra's refusal behind
//! a 500 without a reason; then the same identity's other token requests distinguish the causes.

mod assertion;
mod entra_error;
mod opaque;
mod tenant;
mod unknown;

use crate::check::prelude::*;
use opaque::{throttled, transient};

pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    let reply = Reply::to(evidence, &Purpose::Token);
    // What the identity may be missing explains an answer that no table knows, beside the causes of this step.
    let of_identity = earlier.errors(StepId::Identity);
    let mut decides = of_identity.filter(|error| reply.is_none() || error.is_determined());
    match (&evidence.token, decides.next(), &reply) {
        (Some(token), ..) if token.source == CredentialSource::Token => report.conclude(phrase("token.given")),
        (Some(_), ..) => issued(reply.as_ref(), report),
        (None, Some(error), _) => {
            let status = if reply.is_some() { StepStatus::Fail } else { StepStatus::Skipped };
            report.conclude_as(status, phrase("token.no-identity").with("code", error.code.name()));
        }
        (None, None, Some(reply)) => refused(evidence, reply, report),
        (None, None, None) => not_requested(evidence, report),
    }
}

fn issued(reply: Option<&Reply<'_>>, report: &mut StepReport) {
    let attempts = reply.and_then(Reply::repeated);
    let retried = Found::of(Code::IdentityEndpointTransient, "retried");
    report.findings.extend(attempts.map(|attempts| retried.value("attempts", attempts)));
    report.conclude(phrase("token.issued").with_some("attempts", attempts));
}

fn not_requested(evidence: &Evidence<'_>, report: &mut StepReport) {
    let was_paused = evidence.exchange(&Purpose::Token).is_some_and(Exchange::was_paused);
    report.conclude(match evidence.left_out(&Purpose::Token) {
        Some(reason) => phrase("token.not-requested").with("reason", reason),
        None if was_paused => phrase("token.paused"),
        None if evidence.resource.is_none() && evidence.is_settled(StepId::Scope) => phrase("token.no-resource"),
        None => phrase("token.pending"),
    });
}

fn refused(evidence: &Evidence<'_>, reply: &Reply<'_>, report: &mut StepReport) {
    if reply.class == Class::Issued {
        return report.conclude(phrase("token.unreadable"));
    }
    let asked = |finding: Found| finding.value_if_any("asked", evidence.requested());
    report.findings.extend(causes(evidence, reply).into_iter().map(asked));
    if report.findings.iter().any(Found::is_determined) {
        report.conclude_by_error(StepStatus::Fail);
    } else if report.first_error().is_some() {
        report.conclude(phrase("token.several-causes").with("outcome", reply.outcome()));
    }
}

fn causes(evidence: &Evidence<'_>, reply: &Reply<'_>) -> Vec<Found> {
    // The request went to Entra itself, not to an identity endpoint.
    let asks = |source: CredentialSource| source.is_service_principal() || source == CredentialSource::AzureCli;
    let asks_entra = evidence.credential_source().is_some_and(asks);
    let is_unknown = matches!(reply.class, Class::Failure(FailureKind::Command) | Class::Other | Class::NoToken);
    match &reply.class {
        Class::Entra(it) if it.contradiction.is_some() => entra_error::contradicting(evidence, reply, it),
        Class::Entra(refusal) => {
            let finding = entra_error::finding(evidence, reply, refusal);
            let other_tenant = tenant::refused(evidence, reply, refusal, finding.code);
            // The name may be unknown in either tenant.
            let is_open = other_tenant.is_none() || finding.code == Code::ResourceNotRegistered;
            let speaks = finding.code.is_undetermined() && knowledge::has_mark("of-an-assignment", &refusal.text);
            let unassigned = Found::of(Code::AssignmentRequiredNotAssigned, "answers").because(reply.exchange);
            let finding = finding.possible_if(other_tenant.is_some());
            let found = other_tenant.into_iter().chain(is_open.then_some(finding));
            found.chain(speaks.then_some(unassigned)).collect()
        }
        Class::Endpoint(EndpointSays::AudienceNotSupported) => {
            vec![Found::of(Code::AudienceNotSupportedByEndpoint, "endpoint").because(reply.exchange)]
        }
        Class::Throttled => vec![throttled(reply)],
        Class::Transient => vec![transient(reply)],
        Class::Opaque if asks_entra => vec![transient(reply)],
        // Entra gave no answer.
        Class::Failure(kind) if asks_entra && *kind != FailureKind::Command => {
            let finding = Found::of(Code::CallerEgressBlocked, "entra").because(reply.exchange);
            let finding = finding.value_if_any("authority_host", reply.exchange.host());
            let finding = finding.value_if_any("proxy", reply.exchange.proxy.as_ref());
            vec![finding.value_if_any("reason", reply.exchange.failure().map(shown::reason))]
        }
        _ if asks_entra || is_unknown => unknown::findings(evidence, reply, asks_entra),
        _ => {
            let (other_tenant, found) = (tenant::opaque(evidence, reply), opaque::findings(evidence, reply));
            let weaker = found.into_iter().map(|finding| finding.possible_if(other_tenant.is_some()));
            other_tenant.iter().cloned().chain(weaker).collect()
        }
    }
}

#[cfg(test)]
mod tests;
