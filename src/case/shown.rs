//! What of a case may be shown or saved. One place decides it, for every format: what is harmless by its name and form
//! stays, everything else keeps its name and loses its value, and no secret of the run remains in any text.
//!
//! | file | decides of |
//! |---|---|
//! | [`secrets`] | the run's own tokens, keys, and passwords, in whatever encoding they come back |
//! | [`quote`] | bodies, log lines, messages |
//! | [`address`] | addresses and their queries |
//! | [`typed`] | addresses that are being typed |
//! | [`variables`], [`settings`], [`claims`], `headers` | which names show their values |
//! | `harmless` | forms that no secret has |
//! | [`drawn`] | structured values: claims, settings, what Azure says of App 2 |
//! | `encoded`, `numbers` | the encodings in which a secret comes back |
//!
//! Judging works on what was observed ([`Case`]); reports and saved cases are made of a [`ShownCase`].

pub mod address;
pub mod claims;
pub mod drawn;
mod encoded;
pub mod harmless;
mod headers;
mod known_words;
mod numbers;
pub mod quote;
pub mod routing;
mod runs;
mod saved;
pub mod secret_names;
pub mod secrets;
pub mod settings;
mod spaced;
pub mod typed;
pub mod variables;
mod words;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::Case;
use super::auth_settings::{AuthSettings, SettingsReading};
use super::environment::Environment;
use super::exchange::{Answer, Exchange, Failure, FailureKind, Outcome, Purpose};
use super::inputs::Inputs;
use super::secret::{REDACTED, without_credentials};
use super::target_log::{LogEntry, TargetLog};
use super::text::{shortened, visible};
use super::under_way::ShownUrl;

pub use secrets::Secrets;

/// Bytes of a long body that are its beginning.
const BEGINNING: usize = 4 * 1024;

/// A case without anything that may not be shown. The only form in which a case is saved.
#[derive(Clone)]
pub struct ShownCase {
    /// Everything but the bodies of answers, of which only what they say is shown.
    shown: Case,
    observed: Arc<Case>,
    bodies: Bodies,
}

/// The bodies that were shown, so that each is searched for secrets once.
#[derive(Default)]
struct Bodies {
    /// By the place of their exchange: a case that somebody edited may have the same ID twice.
    whole: Mutex<HashMap<usize, Arc<str>>>,
    /// The beginnings of long ones, and how many lines of them are kept.
    beginnings: Mutex<HashMap<u32, (Arc<str>, usize)>>,
}

/// A copy of a case searches for itself.
impl Clone for Bodies {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Deref for ShownCase {
    type Target = Case;

    fn deref(&self) -> &Case {
        &self.shown
    }
}

impl Serialize for ShownCase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        saved::serialize(&self.with_bodies(), serializer)
    }
}

impl PartialEq for ShownCase {
    fn eq(&self, other: &Self) -> bool {
        self.with_bodies() == other.with_bodies()
    }
}

impl fmt::Debug for ShownCase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("ShownCase").field(&self.with_bodies()).finish()
    }
}

impl ShownCase {
    /// What may be shown of a case.
    #[must_use]
    pub fn of(observed: Arc<Case>) -> Self {
        Self { shown: shown(&observed), observed, bodies: Bodies::default() }
    }

    /// The body of an answer as it is saved: without anything that may be a secret.
    #[must_use]
    pub fn body(&self, id: u32) -> Option<Arc<str>> {
        let place = self.observed.exchanges.iter().position(|exchange| exchange.id == id)?;
        let answer = self.observed.exchanges.get(place)?.answer()?;
        Some(self.kept_body(place, answer))
    }

    /// The beginning of a body that is too long to be kept whole, as it may be shown, and how many lines are kept of
    /// the body; `None` of a shorter one.
    #[must_use]
    pub fn beginning(&self, id: u32) -> Option<(Arc<str>, usize)> {
        let exchange = self.observed.exchanges.iter().find(|exchange| exchange.id == id)?;
        let body = exchange.answer().map(|answer| &answer.body).filter(|body| body.len() > quote::KEPT)?;
        let up_to = |end| body.get(..body.floor_char_boundary(end)).unwrap_or(body);
        let mut known = self.bodies.beginnings.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || (self.kept(up_to(BEGINNING), false).into(), up_to(quote::KEPT).lines().count());
        Some(known.entry(id).or_insert_with(make).clone())
    }

    fn kept_body(&self, place: usize, answer: &Answer) -> Arc<str> {
        let mut bodies = self.bodies.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || self.kept(&answer.body, !answer.truncated).into();
        Arc::clone(bodies.entry(place).or_insert_with(make))
    }

    fn kept(&self, body: &str, whole: bool) -> String {
        quote::kept(body, whole, |text| self.observed.secrets.scrub_foreign(text).into_owned())
    }

    /// The case with the bodies of its answers as they are saved: judging reads them, and no report shows them.
    fn with_bodies(&self) -> Case {
        let mut whole = self.shown.clone();
        let observed = self.observed.exchanges.iter().enumerate();
        for (shown, (place, exchange)) in whole.exchanges.iter_mut().zip(observed) {
            if let (Outcome::Answer(shown), Outcome::Answer(answer)) = (&mut shown.outcome, &exchange.outcome) {
                shown.body = self.kept_body(place, answer).as_ref().to_owned();
            }
        }
        whole
    }
}

/// What may be shown of a case, without the bodies of its answers.
fn shown(case: &Case) -> Case {
    let secrets = &case.secrets;
    Case {
        case_version: case.case_version,
        started_at: case.started_at,
        elapsed_ms: case.elapsed_ms,
        continued: case.continued.clone(),
        inputs: inputs(case),
        environment: case.environment.as_ref().map(|found| environment(found, case)),
        resource: scrubbed(&case.resource, case).flatten(),
        token: scrubbed(&case.token, case).flatten(),
        caller: scrubbed(&case.caller, case).flatten(),
        outside_token: scrubbed(&case.outside_token, case).flatten(),
        secret_form: case.secret_form,
        settings: case.settings.iter().map(|reading| self::reading(reading, case)).collect(),
        site: scrubbed(&case.site, case).flatten(),
        registration: scrubbed(&case.registration, case).flatten(),
        target_log: case.target_log.as_ref().and_then(|log| scrubbed(&target_log(log, secrets), case)),
        exchanges: case.exchanges.iter().map(|exchange| self::exchange(exchange, case)).collect(),
        left_out: scrubbed(&case.left_out, case).unwrap_or_default(),
        tool_version: visible(&drawn::without_any(case, &case.tool_version)),
        decision: scrubbed(&case.decision, case).flatten(),
        secrets: Secrets::default(),
        settled: case.settled.clone(),
    }
}

/// The value without any secret in its texts, and without what is one by its form; `None` where it cannot be shown
/// without one.
fn scrubbed<T: Serialize + DeserializeOwned + Clone>(value: &T, case: &Case) -> Option<T> {
    // As a case is saved and opened: each further way to write and read its types makes the program larger.
    let text = serde_json::to_string_pretty(value).ok()?;
    let json = serde_json::from_str(&text).ok()?;
    let has_own = matches!(case.secrets.scrub(&text), Cow::Owned(_));
    let clean = without(&json, case, has_own);
    if clean == json {
        return Some(value.clone());
    }
    crate::objects::from_str(&clean.to_string()).ok()
}

/// The value without what other people's secrets look like, and without the run's own where it has one.
fn without(value: &Value, case: &Case, has_own: bool) -> Value {
    let scrub = |text: &str| {
        if has_own { drawn::without_any(case, text) } else { drawn::without_drawn(case, text) }
    };
    match value {
        Value::String(text) => Value::String(scrub(text)),
        Value::Array(items) => items.iter().map(|item| without(item, case, has_own)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (scrub(name), without(value, case, has_own))).collect()
        }
        other => other.clone(),
    }
}

/// What the user asked for, as it may be shown.
#[must_use]
pub fn inputs(case: &Case) -> Inputs {
    let inputs = &case.inputs;
    let shown = Inputs {
        target: inputs.target.as_deref().map(address::own),
        client_secret: None,
        headers: Vec::new(),
        ..inputs.clone()
    };
    Inputs {
        // Serialized values of headers are gone by type; their names remain.
        headers: inputs.headers.clone(),
        // What is only assumed is not saved, but shown.
        assume: inputs.assume.iter().map(|change| case.secrets.scrub(change).into_owned()).collect(),
        ..scrubbed(&shown, case).unwrap_or_default()
    }
}

fn environment(environment: &Environment, case: &Case) -> Environment {
    let shown =
        Environment { variables: environment.variables.iter().map(variables::shown).collect(), ..environment.clone() };
    scrubbed(&shown, case).unwrap_or_default()
}

fn reading(reading: &SettingsReading, case: &Case) -> SettingsReading {
    let shown = SettingsReading {
        source: reading.source.clone(),
        outcome: match &reading.outcome {
            Ok(settings) => Ok(Box::new(AuthSettings {
                editable: settings.editable.as_ref().map(settings::shown),
                ..(**settings).clone()
            })),
            Err(reason) => Err(reason.clone()),
        },
    };
    scrubbed(&shown, case).unwrap_or_else(|| SettingsReading {
        source: reading.source.clone(),
        outcome: Err("these settings can't be shown without a secret".to_owned()),
    })
}

fn target_log(log: &TargetLog, secrets: &Secrets) -> TargetLog {
    let line = |text: &str| quote::log_line(&secrets.scrub_foreign(text));
    let entry = |entry: &LogEntry| LogEntry {
        text: quote::cut_line(&secrets.scrub_foreign(&entry.text)),
        request: entry.request.as_deref().map(line),
        app: entry.app.as_deref().map(|app| secrets.scrub_foreign(app).into_owned()),
        values: entry.values.iter().map(|(name, value)| logged(name, &secrets.scrub_foreign(value))).collect(),
        ..entry.clone()
    };
    TargetLog { entries: log.entries.iter().map(entry).collect(), ..log.clone() }
}

/// A value that a log line names, and its name: audiences and issuers are addresses and IDs, by which the line differs
/// from other callers'. Every other value is what somebody else wrote.
#[must_use]
pub fn logged(name: &str, value: &str) -> (String, String) {
    const OWN: [&str; 7] =
        ["audience", "audiences", "validAudience", "validAudiences", "issuer", "validIssuer", "validIssuers"];
    let named = format!("{name}: '{value}'");
    let is_secret = secret_names::names_secret(name) || without_credentials(&named) != named;
    let is_plain = value.contains("://") && !value.contains(['?', '@', ' ', '"', '{', '=']);
    let shown = match value {
        _ if is_secret => REDACTED.to_owned(),
        _ if is_plain && OWN.contains(&name) => visible(value),
        _ => quote::log_line(value),
    };
    (quote::log_line(name), shown)
}

/// The values that a log line shows, each with its name.
#[must_use]
pub fn logged_values(entry: &LogEntry) -> Vec<String> {
    let values = entry.values.iter().filter(|(_, value)| value != "null");
    values.map(|(name, value)| logged(name, value)).map(|(name, value)| format!("{name} {value}")).collect()
}

/// The address of an exchange as it may be shown.
#[must_use]
pub fn url(exchange: &Exchange) -> String {
    match (&exchange.purpose, exchange.answer()) {
        (Purpose::CallRedirect(_), Some(answer)) => redirect(&exchange.url, &answer.secrets),
        (purpose, _) => ShownUrl::of(purpose, &exchange.url).as_str().to_owned(),
    }
}

fn redirect(url: &str, secrets: &Secrets) -> String {
    address::foreign(&address::scrubbed(url, secrets)).unwrap_or_default()
}

/// Why there was no answer, as it may be shown: our own words as they are, other people's as they may be quoted.
#[must_use]
pub fn reason(failure: &Failure) -> String {
    match failure.kind {
        FailureKind::NotSent => visible(&failure.message),
        _ => quote::quote(&failure.message),
    }
}

/// What came of a request, in its own words, as it may be quoted.
#[must_use]
pub fn sentence(exchange: &Exchange) -> Option<String> {
    let text = match &exchange.outcome {
        Outcome::Answer(answer) => answer.excerpt(),
        Outcome::Failure(failure) => reason(failure),
        Outcome::NotWaitedFor => String::new(),
    };
    let text = text.trim().trim_end_matches('.');
    (!text.is_empty()).then(|| shortened(text, 160))
}

/// An exchange as it may be shown.
fn exchange(exchange: &Exchange, case: &Case) -> Exchange {
    let secrets = &case.secrets;
    // Of a saved case anybody may have edited what was clean when it was written.
    let scrub = |text: &str| drawn::without_any(case, text);
    Exchange {
        url: match (&exchange.purpose, exchange.answer()) {
            (Purpose::CallRedirect(_), Some(_)) => redirect(&exchange.url, secrets),
            _ => scrub(&url(exchange)),
        },
        method: scrub(&exchange.method),
        request_headers: headers::shown(&scrubbed_pairs(&exchange.request_headers, secrets)),
        proxy: exchange.proxy.as_deref().map(|proxy| address::own(&scrub(proxy))),
        address: exchange.address,
        outcome: match &exchange.outcome {
            Outcome::Answer(answer) => Outcome::Answer(Answer {
                status: answer.status,
                reason: answer.reason.as_deref().map(|reason| answer.quote(reason)),
                headers: headers::shown(&scrubbed_pairs(&answer.headers, secrets)),
                body: String::new(),
                body_length: answer.body_length,
                truncated: answer.truncated,
                clock_skew_s: answer.clock_skew_s,
                excerpt: Some(scrub(&answer.excerpt())),
                ..Answer::default()
            }),
            Outcome::Failure(failure) => {
                Outcome::Failure(Failure { kind: failure.kind, message: scrub(&reason(failure)) })
            }
            Outcome::NotWaitedFor => Outcome::NotWaitedFor,
        },
        ..exchange.clone()
    }
}

fn scrubbed_pairs(pairs: &[(String, String)], secrets: &Secrets) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| {
            let value = if name == "location" {
                address::scrubbed(value, secrets)
            } else {
                secrets.scrub_foreign(value).into_owned()
            };
            (secrets.scrub_foreign(name).into_owned(), value)
        })
        .collect()
}
