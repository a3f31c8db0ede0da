//! Answers that no table knows. They determine nothing: their words are quoted, and the same identity's other requests
//! show where to look.

use super::opaque;
use crate::check::prelude::*;
use crate::evidence::refusal::correlation_of;

/// The refusal itself, with the causes that are possible; or the cause alone, where another request determines it.
pub(super) fn findings(evidence: &Evidence<'_>, reply: &Reply<'_>, asks_entra: bool) -> Vec<Found> {
    let possible = |code| vec![Found::of(code, "unknown").because(reply.evidence())];
    let manager = Reply::to(evidence, &Purpose::TokenForResourceManager).map(|manager| manager.class);
    let causes = match manager {
        _ if asks_entra => possible(Code::CallerEgressBlocked),
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
    let refusal = Found::of(Code::UndeterminedTokenRefusal, key)
        .because(reply.evidence())
        .value_if_any("asked", evidence.requested())
        .value_if_any("status", reply.exchange.status())
        .value_if_any("said", reply.sentence())
        .value_if_any("correlation_id", reply.exchange.answer().and_then(correlation_of))
        .when("page", reply.is_page())
        .when("unknown_answer", true);
    std::iter::once(refusal).chain(causes).collect()
}
