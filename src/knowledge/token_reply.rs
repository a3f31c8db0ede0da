//! What came of a token request: the answers of identity endpoints and of Microsoft Entra ID, sorted into classes.
//!
//! The texts that identify a class are quoted in issues and in Microsoft's documentation for App Service, virtual
//! machines, and Microsoft Entra ID. Because wording changes, the status decides where a text is unknown.

use super::entra_refusal::EntraRefusal;
use super::evidence_line::{EvidenceLine, Origin};
use super::known;
use super::marks::has_mark;
use super::responders::ResponderKind;
use super::sentences::{endpoint_says, endpoint_says_in};
use super::words::{Said, Words, phrase};
use crate::case::Case;
use crate::case::error_text::EndpointSays;
use crate::case::exchange::{Answer, Exchange, FailureKind, Outcome, Purpose};
use crate::case::shown;
use crate::case::text::shortened;

/// The last answer to a token request, and how often it was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply<'a> {
    /// The last attempt.
    pub(crate) exchange: &'a Exchange,
    pub(crate) attempts: usize,
    pub(crate) class: Class,
}

/// Kinds of answers to a token request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Class {
    /// A token.
    Issued,
    /// Success by its status, but no token in it.
    NoToken,
    /// A refusal by Microsoft Entra ID, recognized by its number or at least by its form.
    Entra(EntraRefusal),
    /// What an identity endpoint says in words that are known, or in words of its own with a status that is.
    Endpoint(EndpointSays),
    /// The endpoint does not support the path or method.
    UnknownPath,
    /// Too many requests.
    Throttled,
    /// The service is not ready.
    Transient,
    /// An error that hides its cause.
    Opaque,
    /// A status or a text that no table knows.
    Other,
    /// No answer.
    Failure(FailureKind),
}

impl<'a> Reply<'a> {
    /// The reply to the request with this purpose, if it was made and this process did not end it.
    pub(crate) fn to(case: &'a Case, purpose: &Purpose) -> Option<Self> {
        // A pause of this process says nothing about the endpoint, and neither does an answer that nobody waited for.
        let mut attempts =
            case.exchanges.iter().filter(|exchange| &exchange.purpose == purpose && !exchange.says_nothing());
        let exchange = attempts.next_back()?;
        Some(Self { exchange, attempts: attempts.count().saturating_add(1), class: classify(exchange) })
    }

    /// The reply to the request with this purpose, if it has a token.
    pub(crate) fn issued(case: &'a Case, purpose: &Purpose) -> Option<Self> {
        Self::to(case, purpose).filter(|reply| reply.class == Class::Issued)
    }

    /// The kind of answer, in a few words.
    pub(crate) fn outcome(&self) -> Said {
        let failure = self.exchange.failure();
        let number = match &self.class {
            Class::Entra(refusal) => Some(&refusal.number),
            _ => None,
        };
        let class = phrase(self.class.key())
            .with_some("number", number)
            .with_some("reason", failure.map(|failure| shortened(&shown::reason(failure), 300)));
        phrase("refusal.outcome")
            .with("class", class)
            .with_some("status", self.exchange.status())
            .with_some("attempts", self.repeated())
    }

    /// Something about what was answered, as evidence.
    pub(crate) fn line(&self, text: impl Into<Words>) -> EvidenceLine {
        EvidenceLine::of(Origin::Exchange(self.exchange.id), text)
    }

    /// The number of attempts, where there was more than one.
    pub(crate) fn repeated(&self) -> Option<usize> {
        (self.attempts > 1).then_some(self.attempts)
    }

    /// The other cloud whose metadata endpoint gave the answer; none where it speaks as Azure's do.
    pub(crate) fn other_cloud(&self) -> Option<&'static str> {
        let answer = self.exchange.answer()?;
        // Few answers have a mark, and the sentences are many.
        known::of_kind(answer, ResponderKind::Cloud).filter(|_| by_text(answer).is_none())
    }

    /// Whether the answer is a web page, which neither an identity endpoint nor Entra's token endpoint sends.
    pub(crate) fn is_page(&self) -> bool {
        self.exchange.answer().is_some_and(Answer::is_page)
    }

    /// Whether two opaque answers look alike: the same status, and the same text except for IDs and numbers.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        let text = |reply: &Self| reply.exchange.answer().map(|answer| (answer.status, answer.body_without_ids()));
        match (&self.class, &other.class) {
            (Class::Opaque, Class::Opaque) => text(self) == text(other),
            (one, another) => one == another,
        }
    }
}

impl Class {
    const fn key(&self) -> &'static str {
        match self {
            Self::Issued => "refusal.issued",
            Self::NoToken => "refusal.no-token",
            Self::Entra(_) => "refusal.entra",
            Self::Endpoint(says) => says.key(),
            Self::UnknownPath => "refusal.unknown-path",
            Self::Throttled => "refusal.throttled",
            Self::Transient => "refusal.transient",
            Self::Opaque => "refusal.opaque",
            Self::Other => "refusal.other",
            Self::Failure(_) => "refusal.failure",
        }
    }
}

fn classify(exchange: &Exchange) -> Class {
    let answer = match &exchange.outcome {
        Outcome::Answer(answer) => answer,
        Outcome::Failure(failure) => {
            return match EntraRefusal::in_text(&failure.message) {
                Some(refusal) => Class::Entra(refusal),
                // In Cloud Shell, the Azure CLI passes on what the endpoint says.
                None if endpoint_says(&failure.message) == Some(EndpointSays::AudienceNotSupported) => {
                    Class::Endpoint(EndpointSays::AudienceNotSupported)
                }
                // An endpoint that waits for Microsoft Entra ID in vain accepts the connection and sends no answer.
                None => Class::Failure(failure.kind),
            };
        }
        Outcome::NotWaitedFor => return Class::Other,
    };
    if (200..300).contains(&answer.status) {
        if answer.has_token() {
            return Class::Issued;
        }
        // Entra's page for people has its number, too.
        return EntraRefusal::in_answer(answer).map_or(Class::NoToken, Class::Entra);
    }
    by_text(answer).unwrap_or_else(|| by_status(exchange, answer))
}

fn by_text(answer: &Answer) -> Option<Class> {
    let refusal = EntraRefusal::in_answer(answer).map(Class::Entra);
    refusal.or_else(|| endpoint_says_in(answer).map(Class::Endpoint))
}

fn by_status(exchange: &Exchange, answer: &Answer) -> Class {
    let by_proxy = exchange.proxy.is_some() || answer.names_a_proxy();
    let to_entra = exchange.url.contains("/oauth2/v2.0/token");
    match answer.status {
        // An identity endpoint is on this machine: a proxy has no business there. Before Entra it may be a rule.
        407 if !to_entra => Class::Endpoint(EndpointSays::Proxy),
        403 | 404 | 405 | 500 | 502 | 503 | 504 if by_proxy && !to_entra && answer.json().is_none() => {
            Class::Endpoint(EndpointSays::Proxy)
        }
        // Another server's page says nothing of the header, the path, or the method.
        401 | 404 | 405 if !to_entra && answer.is_page() => Class::Other,
        401 => Class::Endpoint(EndpointSays::Unauthorized),
        429 => Class::Throttled,
        503 if answer.header("retry-after").is_some() && !known::shows_another_server(answer) => Class::Throttled,
        // A proxy before Entra has a page of its own where it can't reach Entra.
        502..=504 if to_entra && known::is_a_proxys_page(answer) => Class::Other,
        410 | 503 => Class::Transient,
        // The metadata endpoint isn't ready; other words are another component's.
        404 if exchange.url.contains("/metadata/identity/") && (answer.body.is_empty() || answer.json().is_some()) => {
            Class::Transient
        }
        404 if exchange.url.contains("/metadata/identity/") => Class::Other,
        // An endpoint that names an error of its own has the path.
        404 | 405 if answer.names_an_error() || has_mark("identity-endpoint-errors", &answer.body) => Class::Other,
        404 | 405 => Class::UnknownPath,
        500.. => Class::Opaque,
        _ => Class::Other,
    }
}

#[cfg(test)]
mod tests;
