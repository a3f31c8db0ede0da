//! What may be quoted of a text that somebody else wrote: short, printable, and without anything that may be a secret.

use serde_json::{Map, Value};

use super::address;
use super::harmless::{
    LEFT_OUT, LONGEST_WORD, is_call, is_camel_case, is_federated, is_harmless, is_known_word, marks_in, names_secret,
};
use super::{numbers, spaced};
use crate::case::json;
use crate::case::resource::is_guid;
use crate::case::secret::{HIDDEN_NUMBER, REDACTED, without_credentials, without_secrets};
use crate::case::text::{shortened, visible, with_in_place_of};

/// Characters of a quotation.
const QUOTED: usize = 300;
/// Bytes of a body that is no JSON in which what it says is looked for.
const WINDOW: usize = 8 * 1024;
/// Members of an answer that say what went wrong, the most telling first.
const SAYING: [&str; 9] =
    ["error_description", "message", "msg", "detail", "title", "error", "reason", "Message", "statusText"];
/// Levels of JSON in which a message is looked for, and of parameters in a parameter.
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

/// The text without every run of characters that may be a secret, and without what is named as one.
#[must_use]
pub(super) fn without_runs(text: &str) -> String {
    const MOST: usize = 4;
    let mut clean = text.to_owned();
    // What is left out changes what is around it: a saved case is shown as it was the first time.
    for _ in 0..MOST {
        let cleaner = without_runs_once(&clean);
        if cleaner == clean {
            break;
        }
        clean = cleaner;
    }
    clean
}

fn without_runs_once(text: &str) -> String {
    let text = without_secrets(text);
    let text = with_in_place_of(&text, numbers::lists(&text, says_no_secret), LEFT_OUT);
    let text = with_in_place_of(&text, spaced::runs(&text), LEFT_OUT);
    let mut clean = String::with_capacity(text.len());
    for run in text.split_inclusive(is_separator) {
        let word = run.trim_end_matches(is_separator);
        if is_public(&clean, word) {
            clean.push_str(word);
        } else {
            push_run(&mut clean, word);
        }
        clean.push_str(run.get(word.len()..).unwrap_or_default());
    }
    clean
}

/// Whether a text that is written in another way shows nothing that could be a secret.
fn says_no_secret(text: &str) -> bool {
    without_secrets(text) == text && text.split(is_separator).all(is_harmless)
}

/// Whether a character separates the runs of a text.
pub(super) fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '<' | '>')
}

/// Whether what is before a run says that it is public.
pub(super) fn is_public(before: &str, run: &str) -> bool {
    is_thumbprint(before, run) || is_of_assertion(before, run) || is_named_rule(before, run)
}

/// Whether a run is the thumbprint of a certificate, as Entra names it: `Thumbprint of key used by client: '0F8F…'`.
/// It is public, and the next thing that is compared.
fn is_thumbprint(before: &str, run: &str) -> bool {
    let (_, inner, _) = unwrapped(run);
    let is_hash = match inner.trim_end_matches('=') {
        hex if matches!(hex.len(), 40 | 64) => hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        base64 => {
            matches!(base64.len(), 27 | 43)
                && base64.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        }
    };
    const NAMES: [&str; 3] = ["thumbprint of key used by client:", "thumbprint:", "kid:"];
    let before = before.trim_end();
    let is_named = |name: &&str| {
        let (rest, end) = before.split_at(before.floor_char_boundary(before.len().saturating_sub(name.len())));
        end.eq_ignore_ascii_case(name) && !rest.ends_with(|last: char| last.is_alphanumeric() || last == '_')
    };
    is_hash && NAMES.iter().any(is_named)
}

/// The end of what is before a run, without white space and signs, in lower case.
fn end_of(before: &str) -> String {
    const LONGEST: usize = 40;
    let before = before.trim_end_matches(|last: char| last.is_whitespace() || matches!(last, ':' | '-'));
    let start = before.ceil_char_boundary(before.len().saturating_sub(LONGEST));
    before.get(start..).unwrap_or_default().to_ascii_lowercase()
}

/// Whether a run is the subject or issuer of a federated token, where Entra quotes it: what must be compared with the
/// federated credential.
fn is_of_assertion(before: &str, run: &str) -> bool {
    const NAMES: [&str; 4] = ["assertion subject", "assertion issuer", "assertion audience", "subject claim"];
    let (_, inner, _) = unwrapped(run);
    is_federated(inner) && NAMES.iter().any(|name| end_of(before).ends_with(name))
}

/// Whether a run is the name of a policy, role, or scheme in words of the app's own: `policy 'RequireOrdersReader'`.
fn is_named_rule(before: &str, run: &str) -> bool {
    const NAMES: [&str; 7] = ["policy", "policies", "role", "roles", "scope", "scheme", "requirement"];
    let (_, inner, _) = unwrapped(run);
    let end = end_of(before);
    let last = end.rsplit(|character: char| !character.is_ascii_alphabetic()).next().unwrap_or_default();
    is_camel_case(inner) && NAMES.contains(&last)
}

fn push_run(clean: &mut String, run: &str) {
    if is_harmless(run) || is_call(run) {
        clean.push_str(run);
    } else if let Some(shown) = listed(run).or_else(|| bracketed(run)).or_else(|| structured(run, 0)) {
        clean.push_str(&shown);
    } else {
        let marks = marks_in(run);
        if marks.is_empty() {
            clean.push_str(LEFT_OUT);
        } else {
            clean.push_str(&format!("[… {} …]", marks.join(" ")));
        }
    }
}

/// Several parameters, addresses, or IDs without spaces between them: `a="b",c="d"`.
fn listed(run: &str) -> Option<String> {
    let parts: Vec<&str> = run.split_inclusive([',', ';']).collect();
    if parts.len() < 2 {
        return None;
    }
    let name = |part| {
        let (_, inner, _) = unwrapped(part);
        if is_guid(inner) { Some(part.to_owned()) } else { inner.contains("://").then(|| structured(part, 0))? }
    };
    parts.into_iter().map(|part| parameter(part, 0).or_else(|| name(part))).collect()
}

/// An ID or address with a name beside it, as Entra writes it: `'0f8f…'(orders-api),`. A name that may be a secret is
/// left out.
fn bracketed(run: &str) -> Option<String> {
    let parts = run.split(['\'', '"', '(', ')', ',']).map(|part| part.trim_end_matches('.'));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let is_id = |part: &str| is_guid(part) || part.contains("://") && address::foreign(part).as_deref() == Some(part);
    let ids = parts.iter().filter(|part| is_id(part)).count();
    // The name of an app, which is in brackets behind its ID, is of short words.
    let is_app = |part: &str| {
        run.contains("'(") && part.split(['-', '_', '.']).all(|word| word.len() <= LONGEST_WORD && is_harmless(word))
    };
    let hidden = parts.iter().find(|part| !is_id(part) && !is_harmless(part) && !is_app(part));
    (ids > 0 && parts.len() <= ids + 1)
        .then(|| hidden.map_or_else(|| run.to_owned(), |name| run.replace(name, LEFT_OUT)))
}

/// A long run of a known structure: an ID or host in quotes, a parameter, an address.
fn structured(run: &str, depth: usize) -> Option<String> {
    let (before, inner, after) = unwrapped(run);
    if inner.len() < run.len() && is_harmless(inner) {
        return Some(format!("{before}{inner}{after}"));
    }
    if let Some(shown) = parameter(run, depth) {
        return Some(shown);
    }
    let is_address = inner.contains("://") || inner.starts_with('/');
    is_address.then(|| address::foreign(inner).map(|shown| format!("{before}{shown}{after}")))?
}

/// A parameter of which at least the name is harmless: `resource_id="0f8f…"`, `key=[…]`.
fn parameter(run: &str, depth: usize) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    let (before, inner, after) = unwrapped(run);
    let (name, value) = inner.split_once(['=', ':']).filter(|(name, _)| is_name(name))?;
    let separator = inner.get(name.len()..=name.len())?;
    let (open, value, close) = unwrapped(value);
    if inner.starts_with('/') || value.starts_with("//") || value.contains([',', ';']) {
        return None;
    }
    let shown = if value.trim_matches(['"', '\'']) == REDACTED {
        value.to_owned()
    } else if names_secret(name) && !value.is_empty() && !is_known_word(value) {
        REDACTED.to_owned()
    } else if is_harmless(value) {
        value.to_owned()
    } else {
        structured(value, depth + 1).unwrap_or_else(|| LEFT_OUT.to_owned())
    };
    Some(format!("{before}{name}{separator}{open}{shown}{close}{after}"))
}

/// A run without the quotes, brackets, and punctuation around it, and these.
fn unwrapped(run: &str) -> (&str, &str, &str) {
    const OPENING: [char; 6] = ['"', '\'', '(', '[', '{', '`'];
    const CLOSING: [char; 10] = ['"', '\'', ')', ']', '}', '`', ',', ';', '.', ':'];
    let core = run.trim_start_matches(OPENING);
    let mut inner = core.trim_end_matches(CLOSING);
    // The brackets of what was left out before belong to it.
    if inner.ends_with("[redacted") && core.get(inner.len()..).is_some_and(|after| after.starts_with(']')) {
        inner = core.get(..=inner.len()).unwrap_or(inner);
    } else if inner.contains('…') || inner.ends_with("redacted") {
        return ("", run, "");
    }
    let before = run.get(..run.len() - core.len()).unwrap_or_default();
    (before, inner, core.get(inner.len()..).unwrap_or_default())
}

fn is_name(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'))
        && (text.len() <= 19 || text.contains(['_', '-']))
}

/// The text with its last run left out: where a body was cut, that may be the beginning of a secret.
fn cut_off(text: &str) -> String {
    let end = text.rfind(is_separator).unwrap_or(0);
    let kept = text.get(..end).unwrap_or_default().trim_end_matches(is_separator);
    format!("{kept} {LEFT_OUT}")
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
                    Value::String(text) if names_secret(name) && !super::harmless::is_ordinary(text) => {
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
