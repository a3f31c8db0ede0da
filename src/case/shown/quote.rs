//! What may be quoted of a text that somebody else wrote: short, printable, and without anything that may be a secret.

use serde_json::{Map, Value};

use super::harmless::{LEFT_OUT, is_ordinary};
use super::known_words::LONGEST_WORD;
use super::runs::{cut_off, without_runs};
use super::secret_names::names_secret;
use crate::case::json;
use crate::case::resource::is_guid;
use crate::case::secret::{HIDDEN_NUMBER, REDACTED, without_credentials};
use crate::case::text::{shortened, visible};

/// Characters of a quotation.
const QUOTED: usize = 300;
/// Bytes of a body that is no JSON in which what it says is looked for.
const WINDOW: usize = 8 * 1024;
/// Members of an answer that say what went wrong, the most telling first.
const SAYING: [&str; 9] =
    ["error_description", "message", "msg", "detail", "title", "error", "reason", "Message", "statusText"];
/// Levels of JSON in which a message is looked for.
const DEEPEST: usize = 4;
/// Bytes of a body that are kept in a saved case, and characters of one text in it.
pub(super) const KEPT: usize = 64 * 1024;
/// Bytes of a body that are looked at for it.
const LOOKED_AT: usize = 2 * KEPT;
const KEPT_TEXT: usize = 2000;
/// Members of an object, and items of an array, that are kept.
const MOST_MEMBERS: usize = 200;

/// The text as it may be quoted: at most 300 printable characters, in which every long run without spaces that is no
/// ID, host, address, or known word is left out.
#[must_use]
pub fn quote(text: &str) -> String {
    shortened(&visible(&without_runs(text.trim())), QUOTED)
}

/// A line of a log, or a value in one, as it may be quoted: of any length that the reader kept.
#[must_use]
pub fn log_line(text: &str) -> String {
    visible(&without_runs(text))
}

/// The line without what follows the name of a header that has credentials, however short they are.
fn without_credential_headers(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let names = ["authorization", "x-zumo-auth", "x-ms-client-principal", "cookie"];
    let end = names.iter().filter_map(|name| {
        let at = lower.find(name)?;
        // The name of a class is no header.
        let is_whole = !lower.get(..at)?.ends_with('.');
        let rest = lower.get(at + name.len()..)?;
        let sign = rest.find([':', '=']).filter(|sign| rest.get(..*sign).is_some_and(|gap| gap.trim().is_empty()))?;
        is_whole.then_some(at + name.len() + sign + 1)
    });
    match end.min().and_then(|end| line.get(..end)) {
        Some(before) => format!("{before} {REDACTED}"),
        None => line.to_owned(),
    }
}

/// As [`log_line`]; where the line was cut when it was read, its last run may be the beginning of a secret.
#[must_use]
pub fn cut_line(text: &str) -> String {
    let text = &without_credential_headers(text);
    match text.strip_suffix('…') {
        Some(text) => log_line(&cut_off(text)),
        None => log_line(text),
    }
}

/// What a body says, as it may be quoted: the message of a JSON object, the title of a page, or its text. Of JSON
/// without a message the names of its members are reported. Empty where nothing may be quoted. `scrub`
/// takes the run's secrets out of what is quoted.
#[must_use]
pub fn excerpt(body: &str, scrub: impl Fn(&str) -> String) -> String {
    if is_binary(body) {
        return String::new();
    }
    let body = body.trim_start_matches('\u{feff}').trim();
    let short = |text: String| Some(shortened(&visible(&text), QUOTED)).filter(|text| says_something(text));
    if let Ok(json) = json::parse(body) {
        return match said(&json) {
            Some(text) => short(without_runs(&scrub(&without_named(&text, &json)))),
            None => short(scrub(&outline(&json))),
        }
        .unwrap_or_default();
    }
    let window = body.get(..body.floor_char_boundary(WINDOW)).unwrap_or(body);
    // Only the tags of a table tell its names from their values.
    let page = without_credentials(&scrub(window));
    let text = match title(&page) {
        // A title of one word says less than the page.
        Some(title) if title.split_whitespace().count() > 1 => title,
        _ if is_markup(window) => text_of(&page),
        _ => page,
    };
    short(without_runs(scrub(&text).trim())).unwrap_or_default()
}

/// Whether a body is no text: compressed, or in an encoding that isn't read. A text in Latin-1 has few such characters.
fn is_binary(body: &str) -> bool {
    const LOOKED_AT_FIRST: usize = 200;
    let odd = |character: &char| *character == '\u{fffd}' || character.is_control() && !character.is_whitespace();
    let start = body.trim_start_matches('\u{feff}').chars().take(LOOKED_AT_FIRST);
    start.clone().filter(odd).count() * 5 > start.count()
}

/// Whether a quotation has anything beside what was left out of it.
#[must_use]
pub fn says_something(text: &str) -> bool {
    text.replace(LEFT_OUT, "").chars().any(char::is_alphanumeric)
}

/// The body as a saved case keeps it: what judging reads of it, and nothing that may be a secret. `whole`: it was not
/// cut when it was read. `scrub` takes the run's secrets out of every text before it is cut.
#[must_use]
pub fn kept(body: &str, whole: bool, scrub: impl Fn(&str) -> String) -> String {
    let clean = match json::parse(body.trim_start_matches('\u{feff}')) {
        Ok(json) => kept_below("", &json, &scrub).to_string(),
        Err(_) => {
            let window = scrub(body.get(..body.floor_char_boundary(LOOKED_AT)).unwrap_or(body));
            if whole && body.len() <= LOOKED_AT { without_runs(&window) } else { without_runs(&cut_off(&window)) }
        }
    };
    if clean.len() <= KEPT {
        return clean;
    }
    let end = clean.floor_char_boundary(KEPT - LEFT_OUT.len() - 1);
    cut_off(clean.get(..end).unwrap_or_default())
}

/// The text that says what went wrong, and the one in its details, which often has the reason.
fn said(json: &Value) -> Option<String> {
    let text = message(json, 0)?;
    let reason = in_details(json, 0).filter(|reason| !text.contains(reason.trim_end_matches('.')));
    Some(reason.map_or_else(|| text.to_owned(), |reason| format!("{}: {reason}", text.trim_end_matches(['.', ':']))))
}

fn in_details(json: &Value, depth: usize) -> Option<&str> {
    let members = json.as_object().filter(|_| depth <= DEEPEST)?;
    let own = ["innererror", "innerError", "details", "errors"].iter().find_map(|name| {
        let details = members.get(*name)?;
        message(details, depth + 1).or_else(|| in_details(details, depth + 1))
    });
    own.or_else(|| in_details(members.get("error")?, depth + 1))
}

/// The text that says what went wrong, wherever in the JSON it is.
fn message(json: &Value, depth: usize) -> Option<&str> {
    if depth > DEEPEST {
        return None;
    }
    match json {
        Value::Object(members) => {
            let own = SAYING.iter().find_map(|name| {
                let text = members.get(*name)?.as_str()?;
                (!text.trim().is_empty()).then_some(text)
            });
            own.or_else(|| {
                let inner = ["error", "detail", "innererror", "errors", "odata.error", "fault"];
                inner.iter().find_map(|name| message(members.get(*name)?, depth + 1))
            })
            .or_else(|| {
                // A sentence says something under whichever name, also in a list of them.
                let is_list = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
                let is_text = |value: &Value| value.is_string() || is_list(value);
                let mut others = members.iter().filter(|(name, value)| is_text(value) && !names_secret(name));
                others.find_map(|(_, value)| message(value, depth + 1))
            })
        }
        Value::Array(items) => items.iter().take(3).find_map(|item| message(item, depth + 1)),
        Value::String(text) if depth == 0 || text.split_whitespace().count() > 3 => Some(text),
        _ => None,
    }
}

/// The text without values that other members of the same JSON name as secrets.
fn without_named(text: &str, json: &Value) -> String {
    const MOST: usize = 64;
    let mut named = Vec::new();
    collect_named(json, &mut named, 0);
    let mut clean = text.to_owned();
    for value in named.into_iter().take(MOST) {
        if clean.contains(value) {
            clean = clean.replace(value, REDACTED);
        }
    }
    clean
}

fn collect_named<'a>(json: &'a Value, named: &mut Vec<&'a str>, depth: usize) {
    const MOST: usize = 64;
    if depth > DEEPEST || named.len() >= MOST {
        return;
    }
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if names_secret(name) && !is_ordinary(text) => {
                        named.push(text);
                        if named.len() >= MOST {
                            return;
                        }
                    }
                    other => collect_named(other, named, depth + 1),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_named(item, named, depth + 1)),
        _ => {}
    }
}

/// JSON in a few words, without any of its values.
fn outline(json: &Value) -> String {
    const MOST: usize = 12;
    match json {
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let names: Vec<String> = members.keys().take(MOST).map(|name| without_runs(name)).collect();
            let more = if members.len() > MOST { ", …" } else { "" };
            format!("JSON with the members {}{more}", names.join(", "))
        }
        Value::Array(items) => format!("a JSON array with {} items", items.len()),
        Value::String(text) => without_runs(text),
        Value::Bool(flag) => flag.to_string(),
        Value::Null => "null".to_owned(),
        Value::Number(_) => REDACTED.to_owned(),
    }
}

/// Members whose short values are kept: they name errors, protocols, and identities, never secrets.
const PLAIN: [&str; 47] = [
    "typ",
    "error",
    "error_uri",
    "suberror",
    "code",
    "errorcode",
    "status",
    "statuscode",
    "type",
    "trace_id",
    "correlation_id",
    "timestamp",
    "target",
    "token_type",
    "tokentype",
    "expires_in",
    "expires_on",
    "expireson",
    "ext_expires_in",
    "not_before",
    "resource",
    "client_id",
    "issuer",
    "jwks_uri",
    "token_endpoint",
    "authorization_endpoint",
    "scopes_supported",
    "authorization_servers",
    "resource_name",
    "provider_name",
    "kid",
    "kty",
    "alg",
    "use",
    "id",
    "name",
    "appid",
    "location",
    "kind",
    "error_codes",
    "odata.metadata",
    "@odata.context",
    "activityid",
    "requestid",
    "request_id",
    "instance",
    "defaulthostname",
];

fn is_kept(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    PLAIN.contains(&lower.as_str()) || SAYING.iter().any(|saying| saying.eq_ignore_ascii_case(name))
}

fn kept_below(name: &str, json: &Value, scrub: &impl Fn(&str) -> String) -> Value {
    match json {
        Value::Object(members) => {
            let mut kept = Map::new();
            for (name, value) in members.iter().take(MOST_MEMBERS) {
                let shown =
                    if is_kept(name) || name.len() <= LONGEST_WORD { scrub(name) } else { without_runs(&scrub(name)) };
                kept.insert(shown, kept_below(name, value, scrub));
            }
            Value::Object(kept)
        }
        Value::Array(items) => items.iter().take(MOST_MEMBERS).map(|item| kept_below(name, item, scrub)).collect(),
        // Where a token belongs, that there is none is what the answer says.
        Value::String(text) if text.is_empty() || text == HIDDEN_NUMBER => json.clone(),
        // The caller's IDs on Easy Auth's page.
        Value::String(text) if name == "val" && is_guid(text) => json.clone(),
        Value::String(text) if is_kept(name) || name.is_empty() => Value::String(kept_text(without_runs(&scrub(text)))),
        // A sentence may tell who wrote the answer; a single word of an unknown member may be anything.
        Value::String(text) if !names_secret(name) && is_sentence(text) => {
            let clean = kept_text(without_runs(&scrub(text)));
            Value::String(if is_sentence(&clean) { clean } else { REDACTED.to_owned() })
        }
        Value::Number(number) if is_kept(name) => Value::Number(number.clone()),
        Value::Number(_) => Value::String(HIDDEN_NUMBER.to_owned()),
        Value::String(_) => Value::String(REDACTED.to_owned()),
        Value::Bool(_) | Value::Null => json.clone(),
    }
}

fn is_sentence(text: &str) -> bool {
    text.split_whitespace().count() > 3
}

/// The text up to the last run that fits: a part of a run would be shown in another way the next time.
fn kept_text(text: String) -> String {
    match text.char_indices().nth(KEPT_TEXT).and_then(|(end, _)| text.get(..end)) {
        Some(start) => cut_off(start),
        None => text,
    }
}

fn is_markup(body: &str) -> bool {
    body.starts_with('<')
}

/// The title of a page.
#[must_use]
pub fn title(body: &str) -> Option<String> {
    let lower = body.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    let title = body.get(start..end)?.trim();
    (!title.is_empty()).then(|| title.to_owned())
}

/// The text of a page without its tags, scripts, and styles.
fn text_of(body: &str) -> String {
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let hidden = ["script", "style", "!--"]
            .into_iter()
            .find(|name| after.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)));
        let end = match hidden {
            Some("!--") => after.find("-->").map(|at| at + 3),
            Some(name) => after
                .to_ascii_lowercase()
                .find(&format!("</{name}"))
                .and_then(|at| Some(at + after.get(at..)?.find('>')? + 1)),
            None => after.find('>').map(|at| at + 1),
        };
        rest = end.and_then(|end| after.get(end..)).unwrap_or_default();
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
