//! Refusals that pass: too many requests, and faults of the moment.

use crate::case::code::Code;
use crate::case::shown;
use crate::case::text::visible;
use crate::check::words::short;
use crate::check::{Confidence, Found};
use crate::evidence::Evidence;
use crate::evidence::refusal::{Class, Reply};

/// The resource asked for, for messages.
pub(super) fn resource_of(evidence: &Evidence<'_>) -> String {
    evidence
        .resource
        .as_ref()
        .map_or_else(|| "App 2's resource".to_owned(), |resource| visible(&resource.value))
}

pub(super) fn throttled(reply: &Reply<'_>) -> Found {
    let wait = reply
        .exchange
        .answer()
        .and_then(|answer| answer.header("retry-after"))
        .map(|after| format!(" It asks to wait (Retry-After: {}).", short(after)))
        .unwrap_or_default();
    Found::error(
        Code::IdentityEndpointThrottled,
        format!("Too many token requests: the endpoint refuses more for a while.{wait} Cache tokens, and wait between attempts."),
    )
    .because(reply.evidence())
}

pub(super) fn transient(reply: &Reply<'_>) -> Found {
    Found::error(
        Code::IdentityEndpointTransient,
        format!(
            "The endpoint is not ready ({}), which usually passes within minutes: try again.",
            outcome(reply)
        ),
    )
    .confidence(Confidence::Likely)
    .because(reply.evidence())
    .confirm("the same check in a few minutes (--watch)")
}

/// What came of a request, in a few words.
pub(super) fn outcome(reply: &Reply<'_>) -> String {
    let status = reply
        .exchange
        .status()
        .map_or_else(String::new, |status| format!("{status}, "));
    let words = match &reply.class {
        Class::Issued => "issued".to_owned(),
        Class::NoToken => "no token in the answer".to_owned(),
        Class::Entra(refusal) if refusal.number.is_empty() => "refused by Entra".to_owned(),
        Class::Entra(refusal) => format!("refused by Entra (AADSTS{})", refusal.number),
        Class::NotAttached => "the selected identity is not attached".to_owned(),
        Class::NotSelected(_) => "no identity selected".to_owned(),
        Class::NoIdentity => "no identity".to_owned(),
        Class::UnsupportedVersion => "unknown protocol version".to_owned(),
        Class::Unauthorized => "the endpoint refuses the proof".to_owned(),
        Class::UnknownPath => "unknown path".to_owned(),
        Class::Proxy => "a proxy answered".to_owned(),
        Class::Throttled => "throttled".to_owned(),
        Class::Transient => "not ready".to_owned(),
        Class::Opaque => "refused without a cause".to_owned(),
        Class::Other => "refused".to_owned(),
        Class::Failure(_) => {
            let failure = reply.exchange.failure();
            failure.map_or_else(
                || "no answer".to_owned(),
                |failure| format!("no answer: {}", short(&shown::reason(failure))),
            )
        }
    };
    let attempts = if reply.attempts > 1 {
        format!(" after {} attempts", reply.attempts)
    } else {
        String::new()
    };
    format!("{status}{words}{attempts}")
}
