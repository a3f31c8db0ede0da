//! Refusals that pass: too many requests, and temporary faults.

use crate::case::credential::choose;
use crate::check::prelude::*;

/// The resource that the token is requested for.
pub(super) fn requested<'a>(evidence: &'a Evidence<'_>) -> Option<&'a String> {
    evidence.resource.as_ref().map(|chosen| &chosen.value)
}

/// Where the token comes from.
pub(super) fn source(evidence: &Evidence<'_>) -> Option<CredentialSource> {
    let environment = evidence.environment.as_ref()?;
    Some(choose(environment, &evidence.inputs).source)
}

pub(super) fn throttled(reply: &Reply<'_>) -> Found {
    let answer = reply.exchange.answer();
    let wait = answer.and_then(|answer| answer.header("retry-after")).map(short);
    Found::error(Code::IdentityEndpointThrottled, says("answers"))
        .because(reply.evidence())
        .value_if_any("status", reply.exchange.status())
        .value_if_any("wait", wait)
}

pub(super) fn transient(reply: &Reply<'_>) -> Found {
    Found::error(Code::IdentityEndpointTransient, says("answers"))
        .confidence(Confidence::Likely)
        .because(reply.evidence())
        .value("outcome", reply.outcome())
}
