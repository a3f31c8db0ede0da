//! Answers that no table knows: their words are quoted, and the same identity's other requests show where to look.

use super::opaque;
use crate::check::prelude::*;

/// What the words of an answer or a command point to; likely, where a command names the address that it couldn't reach.
fn of_words(reply: &Reply<'_>) -> Vec<Found> {
    let answer = reply.exchange.answer().map(|answer| answer.body.as_str());
    let said = reply.exchange.failure().map(|failure| failure.message.as_str()).or(answer);
    let (codes, named) = said.and_then(knowledge::points_to).unwrap_or_default();
    // An application's own credential has nothing to do with the identity of its host; the Azure CLI's may.
    let fits = |code: &Code| answer.is_none() || code.step() == StepId::Token;
    let has_words = |code: &Code| knowledge::finding(*code).is_some_and(|entry| entry.says.get("unknown").is_some());
    // Only an endpoint that has several identities says so.
    let is_likely = answer.is_none() && (named || codes == [Code::UserAssignedIdentityNotSelected]);
    let has = |key| said.is_some_and(|said| knowledge::mark_in(key, said).is_some());
    let found = codes.iter().filter(|code| fits(code) && has_words(code)).map(|code| {
        let has_several = is_likely && *code == Code::UserAssignedIdentityNotSelected;
        let is_of_network = *code == Code::CallerEgressBlocked;
        Found::of(*code, if has_several { "endpoint" } else { "unknown" })
            .likely_if(is_likely)
            .because(reply.exchange)
            .when("is_azure_cli", has_several)
            .when("tls_inspected", is_of_network && has("untrusted-certificate"))
            .when("proxy_login", is_of_network && has("proxy-requires-sign-in"))
    });
    found.collect()
}

/// The refusal itself, with the causes that are possible; or the cause alone, where another request determines it.
pub(super) fn findings(evidence: &Evidence<'_>, reply: &Reply<'_>, asks_entra: bool) -> Vec<Found> {
    let possible = |code| vec![Found::of(code, "unknown").because(reply.exchange)];
    let manager = Reply::to(evidence, &Purpose::TokenForResourceManager).map(|manager| manager.class);
    let causes = match manager {
        _ if asks_entra => {
            if let Some(by) = reply.exchange.answer().and_then(knowledge::proxy_in) {
                let found = Found::of(Code::CallerEgressBlocked, "unknown").value("responder", by);
                return vec![found.confidence(Confidence::Likely).because(reply.exchange)];
            }
            let found = of_words(reply);
            let is_command = reply.class == Class::Failure(FailureKind::Command);
            if found.is_empty() && !is_command { possible(Code::CallerEgressBlocked) } else { found }
        }
        None | Some(Class::Issued | Class::Entra(_) | Class::Throttled | Class::Transient) => {
            opaque::findings(evidence, reply)
        }
        // The endpoint answered, so that it isn't Entra that can't be reached.
        Some(_) => possible(Code::IdentityEndpointTransient),
    };
    if causes.iter().any(Found::is_determined) {
        return causes;
    }
    let key = if reply.class == Class::NoToken { "no-token" } else { "answers" };
    let several = asks_entra && causes.iter().any(|cause| cause.code != Code::CallerEgressBlocked);
    let refusal = Found::of(Code::UndeterminedTokenRefusal, key)
        .when("several", several)
        .because(reply.exchange)
        .value_if_any("status", reply.exchange.status())
        .value_if_any("said", shown::sentence(reply.exchange))
        .value_if_any("correlation_id", reply.exchange.answer().and_then(EntraRefusal::correlation_of))
        .when("page", reply.is_page());
    std::iter::once(refusal).chain(causes).collect()
}
