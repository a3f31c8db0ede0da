//! The runs of characters of a text, without those that may be secrets.

use super::address;
use super::harmless::{LEFT_OUT, is_call, is_federated, is_harmless};
use super::known_words::{LONGEST_WORD, is_known_word, marks_in};
use super::secret_names::names_secret;
use super::words::is_camel_case;
use super::{numbers, spaced};
use crate::case::resource::is_guid;
use crate::case::secret::{REDACTED, without_secrets};
use crate::case::text::with_in_place_of;

/// Levels of parameters in a parameter.
const DEEPEST: usize = 4;

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
        // Nearly every word is harmless, and then what is before it need not be read.
        if is_harmless(word) || is_call(word) || is_public(&clean, word) {
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
    let (_, inner, _) = unwrapped(run);
    is_thumbprint(before, inner) || {
        let end = end_of(before);
        is_of_assertion(&end, inner) || is_named_rule(&end, inner)
    }
}

/// Whether this is the thumbprint of a certificate, as Entra names it: `Thumbprint of key used by client: '0F8F…'`.
/// It is public, and the next thing that is compared.
fn is_thumbprint(before: &str, inner: &str) -> bool {
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

/// Whether this is the subject or issuer of a federated token, where Entra quotes it: what must be compared with the
/// federated credential.
fn is_of_assertion(end: &str, inner: &str) -> bool {
    const NAMES: [&str; 4] = ["assertion subject", "assertion issuer", "assertion audience", "subject claim"];
    NAMES.iter().any(|name| end.ends_with(name)) && is_federated(inner)
}

/// Whether this is the name of a policy, role, or scheme in words of the app's own: `policy 'RequireOrdersReader'`.
fn is_named_rule(end: &str, inner: &str) -> bool {
    const NAMES: [&str; 7] = ["policy", "policies", "role", "roles", "scope", "scheme", "requirement"];
    let last = end.rsplit(|character: char| !character.is_ascii_alphabetic()).next().unwrap_or_default();
    NAMES.contains(&last) && is_camel_case(inner)
}

/// A run that isn't harmless, as far as it may be shown.
fn push_run(clean: &mut String, run: &str) {
    if let Some(shown) = listed(run).or_else(|| bracketed(run)).or_else(|| structured(run, 0)) {
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
pub(super) fn cut_off(text: &str) -> String {
    let end = text.rfind(is_separator).unwrap_or(0);
    let kept = text.get(..end).unwrap_or_default().trim_end_matches(is_separator);
    format!("{kept} {LEFT_OUT}")
}
