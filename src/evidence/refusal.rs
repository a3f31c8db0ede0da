//! What came of a token request: the answers of identity endpoints and of Entra, sorted into classes.
//!
//! The texts by which classes are told are those that issues and Microsoft's documentation quote for App Service,
//! virtual machines and Entra; wording changes, so that the status decides where a text is unknown.

use serde_json::Value;

use crate::case::Case;
use crate::case::exchange::{Answer, Exchange, FailureKind, Outcome, Purpose};
use crate::case::shown;
use crate::case::shown::quote::quote;
use crate::case::text::shortened;

use super::evidence_line::{EvidenceLine, Origin};

/// The last answer to a token request, and how often it was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply<'a> {
    /// The last attempt.
    pub(crate) exchange: &'a Exchange,
    /// How many attempts were made.
    pub(crate) attempts: usize,
    /// What kind of answer it is.
    pub(crate) class: Class,
}

/// Kinds of answers to a token request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Class {
    /// A token.
    Issued,
    /// Success by its status, but no token in it.
    NoToken,
    /// Entra's own refusal, by number or at least in Entra's form.
    Entra(EntraRefusal),
    /// The endpoint knows no identity like the one selected.
    NotAttached,
    /// The endpoint has several identities and none was selected. `true`: it says so in as many words.
    NotSelected(bool),
    /// The endpoint has no identity at all.
    NoIdentity,
    /// The endpoint does not know this protocol version.
    UnsupportedVersion,
    /// The endpoint refused the proof (identity header, secret, key).
    Unauthorized,
    /// The endpoint does not know the path or method.
    UnknownPath,
    /// A proxy answered.
    Proxy,
    /// Too many requests.
    Throttled,
    /// The service says that it is not ready.
    Transient,
    /// An error that hides its cause.
    Opaque,
    /// Another status.
    Other,
    /// No answer.
    Failure(FailureKind),
}

/// What Entra said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct EntraRefusal {
    /// The digits behind `AADSTS`; empty where there is no number.
    pub(crate) number: String,
    /// Its sentence, without ids and times.
    pub(crate) text: String,
    /// The OAuth error, such as `invalid_client`.
    pub(crate) error: Option<String>,
    /// The trace id.
    pub(crate) trace: Option<String>,
    /// The correlation id.
    pub(crate) correlation: Option<String>,
}

impl<'a> Reply<'a> {
    /// The reply to the request with this purpose, if it was made and not only interrupted by a pause.
    pub(crate) fn to(case: &'a Case, purpose: &Purpose) -> Option<Self> {
        // A pause of this process says nothing of the endpoint.
        let mut attempts = case
            .exchanges
            .iter()
            .filter(|exchange| &exchange.purpose == purpose && !exchange.was_paused());
        let exchange = attempts.next_back()?;
        Some(Self {
            exchange,
            attempts: attempts.count().saturating_add(1),
            class: classify(exchange),
        })
    }

    /// One line for evidence: what was asked, and what was answered.
    pub(crate) fn evidence(&self) -> EvidenceLine {
        EvidenceLine::of(Origin::Exchange(self.exchange.id), self.in_words())
    }

    fn in_words(&self) -> String {
        let asked = self.exchange.purpose.describe();
        let times = if self.attempts > 1 {
            format!(" ({} attempts)", self.attempts)
        } else {
            String::new()
        };
        match &self.exchange.outcome {
            Outcome::Answer(answer) => {
                let body = answer.excerpt();
                let body = if body.is_empty() { "empty body".to_owned() } else { body };
                let body = if self.class == Class::Issued {
                    "a token".to_owned()
                } else {
                    body
                };
                format!("{asked}: {}{times}, {body}", answer.status)
            }
            Outcome::Failure(failure) => format!("{asked}: no answer{times}, {}", shown::reason(failure)),
        }
    }

    /// Whether two opaque answers look alike: same status, and the same text but for ids and numbers.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        let text = |reply: &Self| {
            let answer = reply.exchange.answer()?;
            let words = answer.body.split(|character: char| !character.is_alphanumeric());
            Some((answer.status, words.filter(|word| !is_id(word)).collect::<String>()))
        };
        match (&self.class, &other.class) {
            (Class::Opaque, Class::Opaque) => text(self) == text(other),
            (one, another) => one == another,
        }
    }
}

/// Whether a word is a number or a piece of a GUID.
fn is_id(word: &str) -> bool {
    word.contains(|character: char| character.is_ascii_digit())
        || (matches!(word.len(), 4 | 8 | 12) && word.chars().all(|character| character.is_ascii_hexdigit()))
}

fn classify(exchange: &Exchange) -> Class {
    let answer = match &exchange.outcome {
        Outcome::Answer(answer) => answer,
        Outcome::Failure(failure) => {
            return match aadsts(&failure.message) {
                Some(number) => Class::Entra(EntraRefusal {
                    number,
                    ..refusal_in_text(&failure.message)
                }),
                // A connection without an answer is what an endpoint gives that waits in vain for Entra.
                None => Class::Failure(failure.kind),
            };
        }
    };
    if (200..300).contains(&answer.status) {
        let has_token = answer.body.contains("access_token") || answer.body.contains("accessToken");
        return if has_token { Class::Issued } else { Class::NoToken };
    }
    by_text(answer).unwrap_or_else(|| by_status(exchange, answer))
}

fn by_text(answer: &Answer) -> Option<Class> {
    let json = answer.json();
    if let Some(refusal) = json
        .as_ref()
        .and_then(|json| refusal_in_json(answer, json))
        .or_else(|| {
            // Within JSON only the text that holds the number is Entra's.
            let said = json.as_ref().and_then(|json| text_with_number(json, 0));
            let said = answer.secrets.scrub_foreign(said.unwrap_or(&answer.body));
            aadsts(&said).map(|number| EntraRefusal {
                number,
                ..refusal_in_text(&said)
            })
        })
    {
        return Some(Class::Entra(refusal));
    }
    let body = answer.body.to_lowercase();
    let says = |texts: &[&str]| texts.iter().any(|text| body.contains(text));
    if says(&["multiple user assigned identities"]) {
        Some(Class::NotSelected(true))
    } else if says(&["unable to load the proper managed identity"]) {
        Some(Class::NotSelected(false))
    } else if says(&[
        "no user assigned or delegated managed identity found",
        "no msi found for specified",
        "no managed identity found for specified clientid",
        "no managed identity found for specified resourceid",
        "no managed identity found for specified principalid",
    ]) {
        Some(Class::NotAttached)
    } else if says(&["identity not found", "no managed identity found"]) {
        Some(Class::NoIdentity)
    } else if says(&[
        "unsupportedapiversion",
        "unsupported api version",
        "api version is not supported",
    ]) {
        Some(Class::UnsupportedVersion)
    } else {
        None
    }
}

fn by_status(exchange: &Exchange, answer: &Answer) -> Class {
    let by_proxy = exchange.proxy.is_some()
        || ["proxy-agent", "proxy-authenticate", "x-squid-error"]
            .iter()
            .any(|name| answer.header(name).is_some());
    match answer.status {
        407 => Class::Proxy,
        403 | 404 | 405 | 500 | 502 | 503 | 504 if by_proxy && answer.json().is_none() => Class::Proxy,
        401 => Class::Unauthorized,
        429 => Class::Throttled,
        503 if answer.header("retry-after").is_some() => Class::Throttled,
        410 | 503 => Class::Transient,
        404 if exchange.url.contains("/metadata/identity/") => Class::Transient,
        404 | 405 => Class::UnknownPath,
        500.. => Class::Opaque,
        _ => Class::Other,
    }
}

/// The digits of the first `AADSTS` number in a text.
pub(crate) fn aadsts(text: &str) -> Option<String> {
    text.match_indices("AADSTS").find_map(|(at, prefix)| {
        let digits: String = text
            .get(at.saturating_add(prefix.len())..)?
            .chars()
            .take_while(char::is_ascii_digit)
            .take(12)
            .collect();
        (digits.len() >= 4).then_some(digits)
    })
}

/// The first text in JSON that names an error of Entra's.
fn text_with_number(json: &Value, depth: usize) -> Option<&str> {
    const DEEPEST: usize = 8;
    match json {
        _ if depth > DEEPEST => None,
        Value::String(text) => aadsts(text).map(|_| text.as_str()),
        Value::Array(items) => items
            .iter()
            .find_map(|item| text_with_number(item, depth.saturating_add(1))),
        Value::Object(members) => members
            .values()
            .find_map(|value| text_with_number(value, depth.saturating_add(1))),
        _ => None,
    }
}

fn refusal_in_json(answer: &Answer, json: &Value) -> Option<EntraRefusal> {
    let text = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
    let error = text("error");
    let description = text("error_description")?;
    let number = aadsts(&description).or_else(|| {
        let number = json.get("error_codes")?.get(0)?;
        number.is_number().then(|| number.to_string())
    });
    // Only Entra's answers have these members; other endpoints also say `error` and `error_description`.
    let from_entra = ["error_codes", "trace_id", "error_uri"]
        .iter()
        .any(|name| json.get(name).is_some());
    if number.is_none() && !from_entra {
        return None;
    }
    let inner = refusal_in_text(&answer.secrets.scrub_foreign(&description));
    Some(EntraRefusal {
        number: number.unwrap_or_default(),
        text: inner.text,
        error: error.map(|error| shortened(&answer.quote(&error), 60)),
        trace: text("trace_id")
            .map(|id| shortened(&answer.quote(&id), 60))
            .or(inner.trace),
        correlation: text("correlation_id")
            .map(|id| shortened(&answer.quote(&id), 60))
            .or(inner.correlation),
    })
}

/// Entra's sentence in a text that may hold more: what stands from its number to the ids behind it.
fn refusal_in_text(text: &str) -> EntraRefusal {
    let sentence = text.find("AADSTS").and_then(|at| text.get(at..)).unwrap_or(text);
    let end = ["Trace ID:", "\\r\\nTrace", "\r\n", "\n", "\",\"", "\\\",\\\""]
        .iter()
        .filter_map(|mark| sentence.find(mark))
        .min()
        .unwrap_or(sentence.len());
    let id_after = |name: &str| {
        let (_, rest) = text.split_once(name)?;
        let id: String = rest
            .trim_start_matches([' ', ':', '"', '\\'])
            .chars()
            .take_while(|character| character.is_ascii_hexdigit() || *character == '-')
            .collect();
        (id.len() >= 32).then_some(id)
    };
    EntraRefusal {
        number: String::new(),
        text: quote(sentence.get(..end).unwrap_or(sentence)),
        error: None,
        trace: id_after("Trace ID").or_else(|| id_after("trace_id")),
        correlation: id_after("Correlation ID")
            .or_else(|| id_after("correlation_id"))
            .or_else(|| id_after("correlationId"))
            .or_else(|| id_after("CorrelationId")),
    }
}

/// The correlation id of an answer that names no cause, for a support request or the sign-in logs.
pub(crate) fn correlation_of(answer: &Answer) -> Option<String> {
    let header = answer
        .header("x-correlation-id")
        .or_else(|| answer.header("x-ms-correlation-request-id"));
    let id = header
        .map(str::to_owned)
        .or_else(|| refusal_in_text(&answer.body).correlation)?;
    Some(shortened(&answer.quote(&id), 60))
}

/// The trace ID and the correlation ID that an answer to a token request names.
pub(crate) fn support_ids(answer: &Answer) -> (Option<String>, Option<String>) {
    match by_text(answer) {
        Some(Class::Entra(refusal)) => (refusal.trace, refusal.correlation.or_else(|| correlation_of(answer))),
        _ => (None, correlation_of(answer)),
    }
}

/// The name in quotes of the resource that Entra says it does not find (AADSTS500011).
pub(crate) fn echoed_resource(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("resource principal named ")?;
    let end = rest.find(" was not found").unwrap_or(rest.len());
    Some(rest.get(..end)?.trim_matches(['\'', '"', ' ']))
}

/// Whether Entra refused the token because it knows no such resource, in its own words (AADSTS500011, 650057 …).
#[must_use]
pub fn refused_as_unknown_resource(case: &Case) -> bool {
    Reply::to(case, &Purpose::Token).is_some_and(|reply| match &reply.class {
        Class::Entra(refusal) => is_unknown_resource(&refusal.number),
        _ => false,
    })
}

/// Whether a number of Entra's says that the resource is not known in the tenant, or not to this client.
pub fn is_unknown_resource(number: &str) -> bool {
    matches!(number, "500011" | "50001" | "650052" | "650056" | "650057")
}

#[cfg(test)]
mod tests;
