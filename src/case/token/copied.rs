//! The token in what people copy: an assignment of a shell, a header, a JSON answer, the list that PowerShell prints,
//! lines that a terminal broke.

use serde_json::Value;

use super::decode::token_in;
use crate::case::json;
use crate::case::text::percent_decoded;

/// A token as it was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The token alone, or the text where no token was found in it.
    pub token: String,
    /// How many lines it was broken over.
    pub lines: usize,
    /// How many different tokens the text has beside it.
    pub others: usize,
}

/// Longer texts than this are not searched.
const LONGEST: usize = 4 << 20;
/// A signature of RS256 has this many characters: what is behind it is no part of the token.
const SIGNATURE: usize = 342;

/// Finds the token in a text.
#[must_use]
pub fn copied(text: &str) -> Copied {
    // UTF-16 that was read as single bytes has a NUL beside each character.
    let clean: String = text.chars().filter(|character| *character != '\0').collect();
    let text = clean.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
    let alone = |token: String| Copied { token, lines: 1, others: 0 };
    if text.len() > LONGEST || is_bare(text) {
        return alone(text.to_owned());
    }
    if let Some(token) = in_json(text) {
        return alone(token);
    }
    // Where it is the value of a form or of an address, `%2E` and the like.
    let decoded = percent_decoded(text, |code| code.is_ascii_graphic() || code == b' ');
    let mut tokens = in_lines(&decoded);
    let named = tokens.iter().position(|found| found.is_access_token).unwrap_or_default();
    if tokens.is_empty() {
        return alone(value_of(&token_in(text)).to_owned());
    }
    let first = tokens.swap_remove(named);
    Copied {
        others: tokens.iter().filter(|other| other.token != first.token).count(),
        lines: first.lines,
        token: first.token,
    }
}

/// Whether a text is a token and nothing else, or at least one word.
fn is_bare(text: &str) -> bool {
    let is_part =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '=' | '+' | '/');
    text.starts_with("eyJ") && text.chars().all(is_part)
}

/// The names of access tokens in answers, without case and signs, and then those of other tokens.
const NAMES: [&str; 5] = ["accesstoken", "token", "value", "idtoken", "refreshtoken"];

fn in_json(text: &str) -> Option<String> {
    if !text.starts_with(['{', '[', '"']) {
        return None;
    }
    let value = json::parse(text).ok()?;
    NAMES.iter().find_map(|name| member(&value, name, 0))
}

/// The text with this name, in an object, or in objects and lists within it.
fn member(value: &Value, wanted: &str, depth: usize) -> Option<String> {
    const DEEPEST: usize = 4;
    match value {
        _ if depth > DEEPEST => None,
        Value::Object(members) => {
            let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
            let own = members.iter().find_map(|(name, value)| {
                let text = value.as_str().filter(|text| !text.trim().is_empty())?;
                plain(name).eq_ignore_ascii_case(wanted).then(|| text.trim().to_owned())
            });
            own.or_else(|| members.values().find_map(|inner| member(inner, wanted, depth.saturating_add(1))))
        }
        Value::Array(items) => items.iter().take(20).find_map(|item| member(item, wanted, depth.saturating_add(1))),
        Value::String(text) if depth == 0 => Some(token_in(text)),
        _ => None,
    }
}

struct Found {
    token: String,
    lines: usize,
    is_access_token: bool,
}

/// The tokens in a text: each begins with a JSON object in base64url, and goes on in the next line where a terminal
/// broke it.
fn in_lines(text: &str) -> Vec<Found> {
    const MOST: usize = 20;
    let lines: Vec<&str> = text.lines().collect();
    let mut found: Vec<Found> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at = at.saturating_add(1);
        let mut rest = *line;
        let mut before = String::new();
        while let Some((start, tail)) = rest.split_once("eyJ") {
            before.push_str(start);
            let end = tail.find(|character| !is_part(character)).unwrap_or(tail.len());
            let (run, behind) = tail.split_at_checked(end).unwrap_or((tail, ""));
            let follows_a_part = before.ends_with(is_part) && !before.ends_with('=');
            let mut token = format!("eyJ{run}");
            let mut count = 1_usize;
            if behind.trim().is_empty() {
                let mut width = line.trim_end().chars().count();
                while let Some(next) = lines.get(at).filter(|next| goes_on(&token, width, next)) {
                    token.push_str(next.trim());
                    width = next.trim_end().chars().count();
                    count = count.saturating_add(1);
                    at = at.saturating_add(1);
                }
            }
            if token.contains('.') && !follows_a_part && found.len() < MOST {
                let name: String = before.chars().rev().take(24).filter(char::is_ascii_alphanumeric).collect();
                let name: String = name.chars().rev().collect::<String>().to_ascii_lowercase();
                // A full stop behind it belongs to the sentence.
                if token.ends_with('.') && token.matches('.').count() == 3 {
                    token.pop();
                }
                found.push(Found { token, lines: count, is_access_token: name.ends_with("accesstoken") });
            }
            before.push_str("eyJ");
            before.push_str(run);
            rest = behind;
        }
    }
    found
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '=')
}

/// Whether a line is the next piece of a token that ends with a line of this width.
fn goes_on(token: &str, width: usize, next: &str) -> bool {
    let piece = next.trim();
    let signature = token.splitn(3, '.').nth(2).map_or(0, str::len);
    !piece.is_empty()
        && piece.chars().all(is_part)
        && next.trim_end().chars().count() <= width
        && signature < SIGNATURE
        && (!piece.starts_with("eyJ") || ends_with_its_header(token))
        && width >= 40
}

/// Whether the line ends exactly between header and payload: what follows is the payload, not another token.
fn ends_with_its_header(token: &str) -> bool {
    token.ends_with('.') && token.matches('.').count() == 1
}

/// The value of `export NAME=value`, `$env:NAME = "value"`, `set NAME=value`, and `Name : value`, where the text is one
/// line of this form.
fn value_of(text: &str) -> &str {
    let text = text.trim();
    if text.contains('\n') {
        return text;
    }
    let mut words = text;
    for prefix in ["export ", "set ", "setx ", "$env:", "$"] {
        words = words.strip_prefix(prefix).unwrap_or(words).trim_start_matches('"');
    }
    let split = words.split_once(['=', ':']).filter(|(name, _)| is_name(name.trim()));
    split.map_or(text, |(_, value)| value.trim().trim_matches(['"', '\'', ';']))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && !text.starts_with("http")
        && text.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.'))
        && text.starts_with(|character: char| character.is_ascii_alphabetic() || character == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJhdWQiOiJhcGk6Ly94IiwiaXNzIjoiaHR0cHM6Ly9zdHMud2lu\
        ZG93cy5uZXQveC8iLCJhcHBpZCI6InkifQ.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl";

    fn wrapped(first: &str, width: usize, indent: usize) -> String {
        let whole = format!("{first}{TOKEN}");
        let (head, mut rest) = whole.split_at(width);
        let mut lines = vec![head.to_owned()];
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at(rest.len().min(width - indent));
            lines.push(format!("{}{piece}", " ".repeat(indent)));
            rest = tail;
        }
        lines.join("\r\n")
    }

    #[test]
    fn a_token_is_found_in_whatever_was_copied() {
        for text in [
            TOKEN.to_owned(),
            format!("  {TOKEN}\r\n"),
            format!("\"{TOKEN}\""),
            format!("export T={TOKEN}"),
            format!("export T='{TOKEN}'\n"),
            format!("T=\"{TOKEN}\"; curl x"),
            format!("$env:T=\"{TOKEN}\""),
            format!("$env:T = '{TOKEN}'"),
            format!("set \"T={TOKEN}\""),
            format!("Bearer {TOKEN}"),
            format!("Authorization: Bearer {TOKEN}"),
            format!("authorization: bearer {TOKEN}\r\nhost: app2"),
            format!("curl -H \"Authorization: Bearer {TOKEN}\" https://app2.example/api"),
            format!("{{\"access_token\":\"{TOKEN}\",\"expires_on\":\"1\"}}"),
            format!("{{\"accessToken\": \"{TOKEN}\", \"expiresOn\": \"x\", \"tenant\": \"t\"}}"),
            format!("{{\"Token\":\"{TOKEN}\",\"TenantId\":\"t\"}}"),
            format!("{{\"value\":{{\"access_token\":\"{TOKEN}\"}}}}"),
            format!("[{{\"token\":\"{TOKEN}\"}}]"),
            format!("\n{{'access_token': '{TOKEN}', 'expires_in': 1}}"),
            format!("Token     : {TOKEN}\r\nExpiresOn : 1/1/2026 8:00:00 PM +00:00\r\nType      : Bearer"),
            format!("AccessToken(token='{TOKEN}', expires_on=1767225600)"),
            format!("token={}&x=1", TOKEN.replace('.', "%2E")),
            format!("Authorization%3A%20Bearer%20{TOKEN}"),
            format!("#access_token={TOKEN}&id_token=eyJhIjoxfQ.eyJiIjoyfQ.c2ln"),
            TOKEN.chars().flat_map(|character| [character, '\0']).collect(),
            format!("\u{feff}{TOKEN}"),
        ] {
            assert_eq!(copied(&text).token, TOKEN, "{text}");
        }
        for (text, lines) in [
            (wrapped("", 80, 0), 2),
            (wrapped("Token     : ", 80, 12) + "\r\nExpiresOn : 1/1/2026", 3),
            (wrapped("export T=", 100, 0) + "\n$ echo done", 2),
        ] {
            let found = copied(&text);
            assert_eq!((found.token.as_str(), found.lines), (TOKEN, lines), "{text}");
        }
    }

    #[test]
    fn a_token_that_is_broken_at_any_column_is_found_whole() {
        for width in 40..=TOKEN.len() {
            let found = copied(&wrapped("", width, 0));
            assert_eq!(found.token, TOKEN, "{width}");
        }
    }

    #[test]
    fn a_text_without_a_token_stays_what_it_is() {
        for (text, value) in [
            ("0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e"),
            ("export T=opaque", "opaque"),
            ("$env:T = \"opaque\"", "opaque"),
            ("Bearer opaque", "opaque"),
            ("https://app2.example/x=y", "https://app2.example/x=y"),
            ("not a token", "not a token"),
            ("a.b.c.d", "a.b.c.d"),
            ("", ""),
            ("eyJ", "eyJ"),
        ] {
            assert_eq!(copied(text).token, value);
        }
        let two = format!("{TOKEN}\n\neyJhIjoxfQ.eyJiIjoyfQ.c2ln");
        assert_eq!((copied(&two).token.as_str(), copied(&two).others), (TOKEN, 1));
        let mut long = "eyJhIjox.".repeat(300_000);
        long.push_str(" x");
        assert!(copied(&long).token.len() <= long.len());
    }
}
