//! What of a request and its answer goes into the case: cleaned, bounded, without secrets.

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::case::exchange::Answer;
use crate::case::observation::Observation;
use crate::case::secret::{REDACTED, Scrubber};

/// No more of a header's value, and no more headers, are kept.
const HEADER_LENGTH: usize = 2048;
const HEADERS: usize = 100;
/// No more of a body is kept, in bytes; readers of long answers have the whole of it.
const KEPT_BODY: usize = 64 * 1024;

/// Headers whose values are never kept, on either side.
const HIDDEN: [&str; 14] = [
    "authorization",
    "cookie",
    "set-cookie",
    "proxy-authorization",
    "x-identity-header",
    "secret",
    "x-functions-key",
    "x-functions-clientid",
    "x-zumo-auth",
    "x-api-key",
    "ocp-apim-subscription-key",
    "x-ms-client-principal",
    "x-arr-log-id-token",
    "authentication-info",
];

/// Whether a header's value is never kept.
pub fn is_hidden(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    HIDDEN.contains(&name.as_str())
        || name.starts_with("x-ms-token-")
        || name.contains("secret")
        || name.contains("password")
}

/// Headers of an answer as the case keeps them.
pub fn headers(map: &HeaderMap, scrubber: &Scrubber) -> Vec<(String, String)> {
    map.iter()
        .take(HEADERS)
        .map(|(name, value)| {
            let name = name.as_str().to_ascii_lowercase();
            let text = if is_hidden(&name) {
                REDACTED.to_owned()
            } else {
                let text: String = String::from_utf8_lossy(value.as_bytes())
                    .chars()
                    .take(HEADER_LENGTH)
                    .collect();
                scrubber.scrub(&text)
            };
            (name, text)
        })
        .collect()
}

/// The answer as the case keeps it.
pub fn answer(
    status: u16,
    reason: Option<String>,
    map: &HeaderMap,
    body: &Zeroizing<Vec<u8>>,
    truncated: bool,
    scrubber: &Scrubber,
) -> Answer {
    let kept = body.get(..KEPT_BODY).unwrap_or(body);
    Answer {
        status,
        reason,
        headers: headers(map, scrubber),
        body: scrubber.scrub(&String::from_utf8_lossy(kept)),
        body_length: body.len() as u64,
        truncated: truncated || kept.len() < body.len(),
        clock_skew_s: clock_skew(map, Utc::now()),
    }
}

/// The server's clock less ours, from its `Date` header.
fn clock_skew(map: &HeaderMap, now: DateTime<Utc>) -> Option<i64> {
    let date = DateTime::parse_from_rfc2822(map.get("date")?.to_str().ok()?).ok()?;
    Some((date.with_timezone(&Utc) - now).num_seconds())
}

/// An observation without any known secret in what was parsed from bodies and files.
pub fn cleaned(observation: Observation, scrubber: &Scrubber) -> Observation {
    match observation {
        Observation::Token(token) => Observation::Token(Box::new(scrubbed(*token, scrubber))),
        Observation::Caller(caller) => Observation::Caller(scrubbed(caller, scrubber)),
        Observation::OutsideToken(token) => Observation::OutsideToken(Box::new(scrubbed(*token, scrubber))),
        Observation::Settings(reading) => Observation::Settings(Box::new(scrubbed(*reading, scrubber))),
        Observation::Site(site) => Observation::Site(Box::new(scrubbed(*site, scrubber))),
        Observation::Registration(registration) => {
            Observation::Registration(Box::new(scrubbed(*registration, scrubber)))
        }
        Observation::TargetLog(log) => Observation::TargetLog(Box::new(scrubbed(*log, scrubber))),
        // The environment hides its secrets by type, exchanges were cleaned when they were recorded, and the rest holds
        // nothing from outside.
        other => other,
    }
}

fn scrubbed<T: Serialize + DeserializeOwned>(value: T, scrubber: &Scrubber) -> T {
    let Ok(json) = serde_json::to_value(&value) else {
        return value;
    };
    let clean = without_needles(&json, scrubber);
    if clean == json {
        return value;
    }
    // Texts stay texts, so that the form is the same.
    serde_json::from_value(clean).unwrap_or(value)
}

fn without_needles(value: &Value, scrubber: &Scrubber) -> Value {
    match value {
        Value::String(text) => Value::String(scrubber.scrub(text)),
        Value::Array(items) => items.iter().map(|item| without_needles(item, scrubber)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (scrubber.scrub(name), without_needles(value, scrubber)))
            .collect(),
        other => other.clone(),
    }
}

/// Every value in a JSON body whose name says that it is a token or a secret, for the scrubber to learn.
pub fn secrets_in(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                let name = name.to_ascii_lowercase().replace('_', "");
                let secret = [
                    "accesstoken",
                    "refreshtoken",
                    "idtoken",
                    "clientsecret",
                    "clientassertion",
                    "authenticationtoken",
                    "password",
                ];
                match value {
                    serde_json::Value::String(text) if secret.contains(&name.as_str()) => found.push(text.clone()),
                    _ => secrets_in(value, found),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| secrets_in(item, found)),
        _ => {}
    }
}
