//! The token requests and what came of each.

use crate::case::exchange::Purpose;
use crate::case::span::moment;
use crate::case::text::{or_none, short};
use crate::evidence::Evidence;
use crate::knowledge;
use crate::knowledge::token_reply::{Class, Reply};

use super::shown::Shown;

pub(super) fn facts(evidence: &Evidence<'_>, shown: &mut Shown) {
    shown.fact_if_any("requested resource", evidence.requested());
    if let Some(token) = &evidence.outside_token {
        for (name, value) in [
            ("federated token iss", token.issuer.clone()),
            ("federated token sub", token.subject.clone()),
            ("federated token aud", Some(token.audiences.join(", "))),
            ("federated token exp", token.expires.map(|at| moment(at, evidence.started_at))),
        ] {
            let value = value.filter(|value| !value.is_empty());
            shown.fact(name, or_none(value.map(|value| short(&value))));
        }
    }
    if let Some(token) = &evidence.token {
        shown.fact_if_any("token's resource", token.resource.as_ref());
        for (name, value) in &token.response {
            shown.fact(&format!("response's {name}"), short(value));
        }
    }
    let experiments = [
        Purpose::Token,
        Purpose::TokenOtherProxyWay,
        Purpose::TokenForResourceManager,
        Purpose::TokenForBareClientId,
        Purpose::TokenAgain,
        Purpose::TokenWithoutLastPart,
        Purpose::TokenForNonsense,
        Purpose::TokenUnselected,
    ];
    for purpose in experiments {
        let Some(reply) = Reply::to(evidence, &purpose) else {
            let reason = evidence.left_out(&purpose);
            shown.fact_if_any(purpose.describe(), reason.map(|reason| format!("not requested: {reason}")));
            continue;
        };
        shown.fact(purpose.describe(), reply.outcome());
        if let Class::Entra(refusal) = &reply.class
            && let Some(entry) = knowledge::entra_error(&refusal.number)
        {
            shown.fact(&format!("AADSTS{}", entry.number), &entry.meaning);
        }
    }
}
