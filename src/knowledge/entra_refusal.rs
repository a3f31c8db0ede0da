//! Refusals of token requests by Microsoft Entra ID: the number, the text, and the IDs of an answer.

use serde_json::Value;

use super::echo::echoed_resource;
use super::lookup::entra_error;
use super::marks::marks;
use crate::case::code::Code;
use crate::case::exchange::Answer;
use crate::case::ids::{guids_in, is_guid};
use crate::case::resource::{self, Likeness};
use crate::case::shown::quote::quote;
use crate::case::text::shortened;

/// A refusal by Microsoft Entra ID.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntraRefusal {
    /// The digits after `AADSTS`; empty where there is no number, or the answer contradicts itself.
    pub number: String,
    /// The number of its text, and the first one of `error_codes`, where the list doesn't have that of the text.
    pub contradiction: Option<(String, String)>,
    /// Its text, without IDs and times.
    pub text: String,
    /// The OAuth error, such as `invalid_client`.
    pub error: Option<String>,
    /// The trace ID.
    pub trace: Option<String>,
    /// The correlation ID.
    pub correlation: Option<String>,
}

impl EntraRefusal {
    /// The refusal in an answer: Entra's own, or one that is passed on, which only its number shows.
    #[must_use]
    pub fn in_answer(answer: &Answer) -> Option<Self> {
        Self::of_entra(answer).or_else(|| {
            // In JSON, only the text with the number is Entra's.
            let said = answer.json().and_then(|json| text_with_number(json, 0));
            Self::in_text(&answer.secrets.scrub_foreign(said.unwrap_or(&answer.body)))
        })
    }

    /// The refusal in a text, by its number.
    #[must_use]
    pub fn in_text(text: &str) -> Option<Self> {
        Some(Self { number: aadsts(text)?, ..Self::quoted(text) })
    }

    /// The refusal in an answer that has the form of Entra's.
    #[must_use]
    pub fn of_entra(answer: &Answer) -> Option<Self> {
        let json = answer.json()?;
        let text = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
        let error = text("error");
        let description = text("error_description")?;
        let listed: Vec<String> = json
            .get("error_codes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|number| number.is_number())
            .map(ToString::to_string)
            .collect();
        let said = aadsts(&description);
        let is_listed = |said: &String| {
            let first = numbers(&description).next();
            listed.iter().any(|number| number == said || Some(number.as_str()) == first)
        };
        let contradiction = said.clone().filter(|said| !is_listed(said)).zip(listed.first().cloned());
        let number = said
            .filter(|_| contradiction.is_none())
            .or_else(|| listed.first().filter(|_| contradiction.is_none()).cloned());
        // Only Entra's answers have these members; other endpoints also say `error` and `error_description`.
        let from_entra = ["error_codes", "trace_id", "error_uri"].iter().any(|name| json.get(name).is_some());
        if number.is_none() && contradiction.is_none() && !from_entra {
            return None;
        }
        let inner = Self::quoted(&answer.secrets.scrub_foreign(&description));
        Some(Self {
            number: number.unwrap_or_default(),
            contradiction,
            text: inner.text,
            error: error.map(|error| shortened(&answer.quote(&error), 60)),
            trace: text("trace_id").map(|id| shortened(&answer.quote(&id), 60)).or(inner.trace),
            correlation: text("correlation_id").map(|id| shortened(&answer.quote(&id), 60)).or(inner.correlation),
        })
    }

    /// Entra's text within a longer one: from its number to the IDs after it.
    #[must_use]
    pub fn quoted(text: &str) -> Self {
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
        Self {
            number: String::new(),
            contradiction: None,
            text: quote(sentence.get(..end).unwrap_or(sentence)),
            error: None,
            trace: id_after("Trace ID").or_else(|| id_after("trace_id")),
            correlation: id_after("Correlation ID")
                .or_else(|| id_after("correlation_id"))
                .or_else(|| id_after("correlationId"))
                .or_else(|| id_after("CorrelationId")),
        }
    }

    /// The correlation ID of an answer that names no cause, for a support request or the sign-in logs.
    #[must_use]
    pub fn correlation_of(answer: &Answer) -> Option<String> {
        let header = answer.header("x-correlation-id").or_else(|| answer.header("x-ms-correlation-request-id"));
        let id = header.map(str::to_owned).or_else(|| Self::quoted(&answer.body).correlation)?;
        Some(shortened(&answer.quote(&id), 60))
    }

    /// The trace ID and the correlation ID in an answer to a token request.
    #[must_use]
    pub fn support_ids(answer: &Answer) -> (Option<String>, Option<String>) {
        let refusal = Self::in_answer(answer).unwrap_or_default();
        (refusal.trace, refusal.correlation.or_else(|| Self::correlation_of(answer)))
    }

    /// A body without the IDs at the end of Entra's text, which have lines of their own.
    #[must_use]
    pub fn without_ids(body: &str) -> &str {
        body.split_once(" Trace ID:").map_or(body, |(text, _)| text)
    }

    /// Whether the resource is unknown in the tenant, or not available to this client.
    #[must_use]
    pub fn is_of_an_unknown_resource(&self) -> bool {
        entra_error(&self.number).is_some_and(|entry| entry.unknown_resource)
    }

    /// What Entra's text names in place of the client that was sent and the resource that was asked for: the
    /// placeholder of fixes that it fills, the name, and what was sent.
    pub fn others<'a>(
        &'a self,
        sent: Option<&'a str>,
        asked: Option<&'a str>,
    ) -> impl Iterator<Item = (&'static str, &'a str, &'a str)> {
        let client = sent.and_then(|sent| Some((self.other_application("entra-names-the-client", 0, sent)?, sent)));
        let asked_id = asked.and_then(resource::client_id_of);
        let application =
            asked_id.and_then(|asked| Some((self.other_application("entra-names-the-resource", 1, asked)?, asked)));
        // A name of which a part was left out can't be compared.
        let echoed = echoed_resource(&self.text).filter(|name| name.contains("://") && !name.contains('…')).zip(asked);
        let echoed = echoed.filter(|(name, asked)| resource::likeness(name, asked) == Likeness::Different);
        let all = [("caller_client_id", client), ("target_client_id", application), ("looked_for", echoed)];
        all.into_iter().filter_map(|(name, other)| other.map(|(named, known)| (name, named, known)))
    }

    /// The client ID at this place among those of the text, for the numbers whose text has one there.
    fn other_application(&self, numbers: &str, place: usize, known: &str) -> Option<&str> {
        let named = guids_in(&self.text).get(place).copied().filter(|named| is_guid(named))?;
        let is_of_number = marks(numbers).contains(&self.number);
        (is_of_number && is_guid(known) && !named.eq_ignore_ascii_case(known)).then_some(named)
    }

    /// The sentence of its number without the full stop, or the OAuth error where it has no text.
    #[must_use]
    pub fn first_sentence(&self) -> Option<&str> {
        let from = self.text.find(&format!("AADSTS{}:", self.number)).unwrap_or(0);
        let text = self.text.get(from..).unwrap_or(&self.text);
        let (first, _) = text.split_once(". ").unwrap_or((text, ""));
        let first = first.trim_end_matches('.');
        Some(first).filter(|text| !text.is_empty()).or(self.error.as_deref())
    }
}

/// Whether Entra itself says that it has no such tenant. What stands between has errors of its own.
#[must_use]
pub fn is_unknown_tenant(answer: &Answer) -> bool {
    let entry = EntraRefusal::of_entra(answer).and_then(|refusal| entra_error(&refusal.number));
    entry.is_some_and(|entry| entry.finding == Code::TenantNotFound)
}

/// The digits of the `AADSTS` number in a text that has the reason: the first one, unless it says only that another one
/// follows.
fn aadsts(text: &str) -> Option<String> {
    let wraps = |number: &&str| entra_error(number).is_some_and(|entry| entry.wraps);
    let mut numbers = numbers(text);
    let first = numbers.next()?;
    let telling = if wraps(&first) { numbers.find(|number| !wraps(number)) } else { None };
    Some(telling.unwrap_or(first).to_owned())
}

/// The digits of the `AADSTS` numbers in a text that are in Entra's form: a colon and its sentence are after each. A
/// link to help, or an older refusal that is only named, has none.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("AADSTS").filter_map(|(at, prefix)| {
        let (digits, _) = text.get(at.saturating_add(prefix.len())..)?.split_once(':')?;
        let is_number = matches!(digits.len(), 4..=12) && digits.chars().all(|digit| digit.is_ascii_digit());
        let is_older = || {
            let sentence = text.get(..at).and_then(|before| before.rsplit(['.', ';', '\n']).next());
            let sentence = sentence.unwrap_or_default().to_ascii_lowercase();
            marks("of-an-earlier-attempt").iter().any(|mark| sentence.contains(mark.as_str()))
        };
        (is_number && !is_older()).then_some(digits)
    })
}

/// The first text in JSON that contains an `AADSTS` number.
fn text_with_number(json: &Value, depth: usize) -> Option<&str> {
    const DEEPEST: usize = 8;
    match json {
        _ if depth > DEEPEST => None,
        Value::String(text) => aadsts(text).map(|_| text.as_str()),
        Value::Array(items) => items.iter().find_map(|item| text_with_number(item, depth.saturating_add(1))),
        Value::Object(members) => members.values().find_map(|value| text_with_number(value, depth.saturating_add(1))),
        _ => None,
    }
}
