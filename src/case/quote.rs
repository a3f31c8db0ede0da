//! What of a value that somebody typed, or that is in a file, a message may repeat.
//!
//! A message must let a typo be recognized (`--cloud mars`), and the value may be a secret that was put in the wrong
//! place. So a short value of ordinary words, a GUID, an address, and a path are quoted; whatever looks random, is
//! long, or has characters that passwords have is described by its length. Secrets of an address (user and password,
//! the values of its query) are never quoted.

use super::ids::wrapped_guid;
use super::secret::without_credentials;
use super::text::{shortened, visible};
use super::url_password::{Expected, hidden};

/// Longer values than this are described unless they are an address, a path, or a resource ID.
const LONGEST: usize = 64;
/// Values that turn more often than this between letters and digits, or small letters and capitals, look random.
const MOST_TURNS: usize = 6;
/// Longer addresses and paths than this are shortened.
const LONGEST_ADDRESS: usize = 300;

/// The value in quotation marks where it may be repeated, and its length otherwise: `'mars'`, or
/// `(43 characters, not shown)`.
#[must_use]
pub fn value(text: &str) -> String {
    shown(text).map_or_else(|| described(text), |text| format!("'{text}'"))
}

/// As [`value`], for the name of a file, which may be longer.
#[must_use]
pub fn path(text: &str) -> String {
    let start = text.trim().get(..5).unwrap_or_default().to_ascii_lowercase();
    let is_url = text.contains("://") || start.starts_with("http:") || start == "https";
    let shown = if is_url && text.contains(':') { shown(text) } else { shown_path(text) };
    shown.map_or_else(|| described(text), |text| format!("'{text}'"))
}

/// The value where it may be repeated, safe to print; `None` where only its length may be reported.
#[must_use]
pub fn shown(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some((scheme, rest)) = text.split_once("://") {
        return address(scheme, rest);
    }
    if text.starts_with("/subscriptions/") {
        return shown_path(text);
    }
    if names_credential(text) || !hidden(text, Expected::ApplicationIdUri, false).is_empty() {
        return None;
    }
    if wrapped_guid(text).is_some() {
        return Some(visible(text));
    }
    let harmless = |character: char| {
        character.is_alphanumeric() || matches!(character, ' ' | '-' | '.' | '_' | ':' | '/' | '\\' | ',' | '+' | '=')
    };
    let short = text.chars().count() <= LONGEST;
    let turning: usize = words_of(text).map(turns).sum();
    // Padding at the end is base64's.
    let most = if text.ends_with('=') { 1 } else { MOST_TURNS };
    let ordinary = words_of(text).all(is_word) && turning <= most;
    (short && ordinary && text.chars().all(harmless)).then(|| visible(text))
}

/// A sentence from outside, as far as its words may be repeated; `…` stands for the others.
#[must_use]
pub fn sentence(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .take(LONGEST)
        .map(|word| {
            let core = word.trim_matches(|character: char| !character.is_alphanumeric());
            let safe = core.is_empty() && word.len() < 4 || shown(core).is_some();
            if safe { visible(word) } else { "…".to_owned() }
        })
        .collect();
    shortened(&words.join(" "), LONGEST_ADDRESS)
}

/// The replacement of a value that isn't repeated.
#[must_use]
pub fn described(text: &str) -> String {
    match text.trim().chars().count() {
        1 => "(1 character, not shown)".to_owned(),
        count => format!("({count} characters, not shown)"),
    }
}

/// A message of a parser (serde, TOML) without the values that it repeats; the names in it stay where they may be
/// shown.
#[must_use]
pub fn parser_message(message: &str) -> String {
    let message = message
        .rsplit_once(" at line ")
        .filter(|(_, place)| place.starts_with(|character: char| character.is_ascii_digit()))
        .map_or(message, |(words, _)| words);
    for start in ["invalid type: ", "invalid value: "] {
        if let Some((found, expected)) = message.strip_prefix(start).and_then(|rest| rest.rsplit_once(", expected ")) {
            let kind = found.split(['"', '`', '\'']).next().unwrap_or_default().trim();
            let (expected, kind) = (plain(kind_of(expected)), plain(kind_of(kind)));
            return if expected == kind {
                format!("{kind} that isn't allowed here")
            } else {
                format!("expected {expected}, found {kind}")
            };
        }
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let known = rest.rsplit_once(", expected ").map_or("", |(_, known)| known);
        return format!("an unknown value; expected {}", plain(known));
    }
    match message {
        "trailing characters" => "text follows its end".to_owned(),
        "recursion limit exceeded" => "it is nested too deeply".to_owned(),
        "key must be a string" => "a name isn't in straight double quotes (\")".to_owned(),
        "expected value" => "a value is missing or misspelled".to_owned(),
        message if message.ends_with("hex escape") => "an invalid \\u escape".to_owned(),
        message => plain(&without_quoted(message)),
    }
}

/// What a parser calls a kind of value, as the formats call it.
fn kind_of(parsers: &str) -> &str {
    match parsers {
        "sequence" | "a sequence" => "a list",
        "map" | "a map" => "an object",
        "string" | "path string" => "a string",
        "boolean" | "a boolean" => "true or false",
        "integer" | "floating point" | "u8" | "u16" | "u64" | "usize" | "i64" | "f64" => "a number",
        _ if parsers.starts_with("struct ") => "an object",
        _ if parsers.starts_with("a tuple ") => "a list",
        other => other,
    }
}

/// One line without anything that a terminal interprets, of a bounded length.
fn plain(text: &str) -> String {
    visible(&shortened(text.trim(), LONGEST_ADDRESS))
}

/// The text with what is between backticks or quotation marks checked like any value.
fn without_quoted(text: &str) -> String {
    let mut clean = String::new();
    let mut rest = text;
    while let Some((before, mark, inner, after)) = quoted_part(rest) {
        clean.push_str(before);
        match shown(inner) {
            Some(inner) => clean.push_str(&format!("{mark}{inner}{mark}")),
            None => clean.push_str(&described(inner)),
        }
        rest = after;
    }
    clean.push_str(rest);
    clean
}

/// What is before the first quoted part, its mark, the part, and what is behind it.
fn quoted_part(text: &str) -> Option<(&str, char, &str, &str)> {
    let (at, mark) = text.char_indices().find(|(_, character)| matches!(character, '`' | '"'))?;
    let (before, rest) = text.split_at_checked(at)?;
    let rest = rest.strip_prefix(mark)?;
    let (inner, after) = rest.rsplit_once(mark)?;
    // An attacker's value may contain the mark itself; the last one ends it, unless several values are in the text.
    match (inner.contains(mark), rest.split_once(mark)) {
        (true, Some((first, after))) if first.len() <= LONGEST => Some((before, mark, first, after)),
        _ => Some((before, mark, inner, after)),
    }
}

/// A path: each part must be an ordinary name, which may be longer than a word.
fn shown_path(text: &str) -> Option<String> {
    let text = text.trim();
    let is_user = |(_, rest): (&str, &str)| rest.contains('@') && !rest.starts_with(['/', '\\']);
    if names_credential(text) || text.split_once(':').is_some_and(is_user) {
        return None;
    }
    let ordinary = |part: &str| {
        let stem = part.rsplit_once('.').map_or(part, |(stem, _)| stem);
        !is_token(part) && part.len() <= 255 && (part.len() < 20 || words_of(stem).all(is_name) && !has_odd_mark(part))
    };
    let apart = |character: char| matches!(character, '/' | '\\');
    (!is_token(text) && text.split(apart).all(ordinary)).then(|| shortened(&visible(text), LONGEST_ADDRESS))
}

/// Whether a text names a credential and has its value.
fn names_credential(text: &str) -> bool {
    without_credentials(text) != text
}

/// An address without user, password, and the values of its query.
fn address(scheme: &str, rest: &str) -> Option<String> {
    // What is before the last `@` may be a password with any signs in it; without one, what follows may be.
    let has_password = |rest: &str| !hidden(&format!("{scheme}://{rest}"), Expected::Url, false).is_empty();
    let (is_user, rest) = match rest.rsplit_once('@') {
        Some((_, behind)) if has_password(rest) => (true, behind),
        _ => (false, rest),
    };
    if has_password(rest) {
        return None;
    }
    let plain_scheme = scheme.len() <= 12 && scheme.chars().all(|character| character.is_ascii_alphabetic());
    let (place, query) = match rest.split_once(['?', '#']) {
        Some((place, query)) => (place, Some(query)),
        None => (rest, None),
    };
    let (user, place) = match place.rsplit_once('@') {
        Some((_, place)) => ("[redacted]@", place),
        None if is_user => ("[redacted]@", place),
        None => ("", place),
    };
    let (host, path) = place.split_once('/').map_or((place, None), |(host, path)| (host, Some(path)));
    let is_host = host.len() <= 255
        && host.split('.').all(|label| label.len() <= 63)
        && host.chars().all(|character| {
            character.is_alphanumeric() || matches!(character, '-' | '.' | '_' | ':' | '[' | ']' | ' ')
        });
    if !plain_scheme || !is_host {
        return None;
    }
    let part = |text: &str| shown(text).unwrap_or_else(|| "…".to_owned());
    let path: String =
        path.map(|path| path.split('/').map(|segment| format!("/{}", part(segment))).collect()).unwrap_or_default();
    let query: Vec<String> = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) => format!("{}=…", part(name)),
            None => "…".to_owned(),
        })
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let whole = format!("{scheme}://{user}{host}{path}{mark}{}", query.join("&"));
    Some(shortened(&visible(&whole), LONGEST_ADDRESS))
}

/// The runs of letters and digits in a text; a GUID, also a mistyped one, is none.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric() && character != '-')
        .filter(|part| !is_like_guid(part))
        .flat_map(|part| part.split('-'))
        .filter(|word| !word.is_empty())
}

/// Whether a text has the form of a GUID, or nearly.
fn is_like_guid(text: &str) -> bool {
    let dashes = text.bytes().filter(|byte| *byte == b'-').count();
    (30..=42).contains(&text.len())
        && (3..=6).contains(&dashes)
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Whether a run of letters and digits is an ordinary word, name, or number, and not a piece of a secret.
fn is_word(run: &str) -> bool {
    let count = run.chars().count();
    if count <= 4 {
        return true;
    }
    let digits = run.chars().filter(|character| character.is_numeric()).count();
    if digits == count {
        return count <= 20;
    }
    if digits == 0 {
        return count <= 32 && turns(run) <= count / 4;
    }
    // `app2`, `AADSTS500011`, `IDX10214`, `nonsense99`: digits are at the end, few of them or behind capitals.
    let name = run.trim_end_matches(|character: char| character.is_numeric());
    let capitals = name.chars().all(char::is_uppercase);
    let at_end = !name.chars().any(char::is_numeric);
    count < 8 && turns(run) <= 2 || at_end && count <= 24 && (capitals || digits <= 2) && turns(name) <= count / 4
}

/// Whether a run of letters and digits in a path is an ordinary name.
fn is_name(run: &str) -> bool {
    let count = run.chars().count();
    count < 16 || count <= 64 && turns(run) < count / 4
}

/// How often a text turns from letters to digits, from digits to letters, or from small letters to capitals.
fn turns(text: &str) -> usize {
    text.chars()
        .zip(text.chars().skip(1))
        .filter(|(before, after)| {
            before.is_numeric() != after.is_numeric() || before.is_lowercase() && after.is_uppercase()
        })
        .count()
}

/// Whether a long part of a path has characters that secrets have and names of files have not.
fn has_odd_mark(part: &str) -> bool {
    part.contains(['~', '!', '$', '%', '^', '*', '=', '|', '?', '"', '\'', '`'])
}

/// Whether a text begins like a token (a JWT's header in base64url).
fn is_token(text: &str) -> bool {
    text.contains("eyJ") && text.len() > 20
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    #[test]
    fn typos_are_quoted_and_secrets_described() {
        for quoted in [
            "mars",
            "G T",
            "client-id:nobody",
            "0f8fad5b-d9cb-469f-a165-7086772895",
            "app2.example/x",
            "AADSTS500011",
            "allowedClientApplications",
            "9223372036854775807",
            "--frobnicate",
            "https://app2.example/api/hello",
            "client-id:0f8fad5b-d9cb-469f-a165-70867728950e",
            "nonsense99",
            "contoso.onmicrosoft.com",
            "https://a b/",
            "/subscriptions/x",
            "über",
            "IDX10214",
            "http://[::1]:80/x",
        ] {
            assert_eq!(value(quoted), format!("'{quoted}'"));
        }
        for secret in [
            "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln",
            "abc8Q~aBcDeFgHiJkLmNoPqRsTuVwXyZ-12345",
            "hunter2hunter2",
            "P@ssw0rd!",
            "0123456789abcdef0123456789abcdef",
            "kJ8/3Zt+Qw==",
            "s3cr3tPassw0rd",
            "a\u{1b}]52;c;eA==\u{7}",
            "ab\u{202e}cd",
            "two\nlines",
        ] {
            let told = value(secret);
            assert_eq!(told, format!("({} characters, not shown)", secret.chars().count()));
        }
    }

    #[test]
    fn addresses_keep_their_host_and_lose_their_secrets() {
        for (text, told) in [
            ("https://u:sesame@app2.example/", "'https://[redacted]@app2.example/'"),
            ("https://a.example/x?code=sesame&api-version=1#y", "'https://a.example/x?code=…&api-version=…'"),
            ("https://a.example/kJ83ZtQwkJ83ZtQw/x", "'https://a.example/…/x'"),
            ("api://0f8fad5b-d9cb-469f-a165-70867728950e/scope", "'api://0f8fad5b-d9cb-469f-a165-70867728950e/scope'"),
            ("https://p@ss/word@a.example/x", "'https://[redacted]@a.example/x'"),
            ("https://u:se?sa#me@a.example/x", "'https://[redacted]@a.example/x'"),
            ("https://u:443/sesame@a.example", "'https://[redacted]@a.example'"),
            ("https://a.example:443/x?y=me@b.example", "'https://[redacted]@b.example'"),
            ("https://a.example:8443/x", "'https://a.example:8443/x'"),
        ] {
            assert_eq!(value(text), told);
        }
        assert!(value("eyJhbGciOiJub25lIn0://x").starts_with('('));
        assert_eq!(path("https://u:sesame@a.example/c.json?sig=sesame"), "'https://[redacted]@a.example/c.json?sig=…'");
        for text in
            ["https://u:sesame", "u:sesame", "HTTPS://u:sesame", "https:/u:sesame", "https://u:sesame%40a.example"]
        {
            assert!(value(text).starts_with('('), "{text}");
        }
        // `u:sesame` alone may be a file on a drive.
        for text in ["https://u:sesame", "HTTPS:/u:sesame", "https://u:sesame%40a.example", "u:sesame@a.example"] {
            assert!(path(text).starts_with('('), "{text}");
        }
        for name in ["https.log", r"C:\Users\me@contoso\x"] {
            assert_eq!(path(name), format!("'{name}'"));
        }
        for text in ["password=sesame", "Login failed: DB_PASSWORD=sesame", "curl -u admin:sesame", "a/Password=sesame"]
        {
            assert!(value(text).starts_with('(') && path(text).starts_with('('), "{text}");
        }
    }

    #[test]
    fn paths_are_quoted_unless_they_are_secrets() {
        for quoted in [
            "/tmp/.tmpaB3dE9/settings.json",
            "/var/run/secrets/azure/tokens/azure-identity-token",
            "authsettingsV2.json",
            "C:\\home\\LogFiles\\2026_01_01_lw0sdlwk0001HX_easyauth_docker.log",
        ] {
            assert_eq!(path(quoted), format!("'{quoted}'"));
        }
        for secret in [
            "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln",
            "abc8Q~aBcDeFgHiJkLmNoPqRsTuVwXyZ-12345",
            "kJ83ZtQwkJ83ZtQwkJ83ZtQw",
        ] {
            assert!(path(secret).starts_with('('), "{secret}");
        }
        assert_eq!(path("a\u{1b}[31mb"), "'a\\x1b[31mb'");
    }

    #[test]
    fn sentences_lose_the_words_that_may_be_secrets() {
        let text = "The client '0f8fad5b-d9cb-469f-a165-70867728950e' has no authorization (at 10:00), secret \
            kJ88Q~aBcDeFgHiJkLm!";
        assert_eq!(
            sentence(text),
            "The client '0f8fad5b-d9cb-469f-a165-70867728950e' has no authorization (at 10:00), secret …"
        );
    }

    #[test]
    fn messages_of_parsers_lose_values_and_keep_names() {
        for (message, told) in [
            (
                "invalid type: string \"sesame, expected x\", expected u64 at line 1 column 5",
                "expected a number, found a string",
            ),
            ("missing field `inputs` at line 3 column 1", "missing field `inputs`"),
            ("unknown variant `sesame`, expected one of `a`, `b`", "an unknown value; expected one of `a`, `b`"),
            (
                "unknown field `resorce`, expected one of `url`, `resource`",
                "unknown field `resorce`, expected one of `url`, `resource`",
            ),
            ("expected value at line 1 column 1", "a value is missing or misspelled"),
            ("trailing characters at line 2 column 1", "text follows its end"),
            ("invalid type: sequence, expected struct Version", "expected an object, found a list"),
            ("invalid value: integer `-1`, expected u64", "a number that isn't allowed here"),
        ] {
            assert_eq!(parser_message(message), told);
        }
        assert!(!parser_message("unknown field `kJ83ZtQwkJ83ZtQw`, expected `url`").contains("kJ83"));
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(7),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]
        #[test]
        fn whatever_is_told_is_safe_to_print(text in "\\PC{0,40}|[\u{0}-\u{ff}\u{2028}\u{202e}:/@?=&.]{0,60}") {
            for told in [value(&text), path(&text), parser_message(&text), sentence(&text)] {
                prop_assert!(!told.chars().any(crate::case::text::is_deceptive), "{told:?}");
            }
        }

        #[test]
        fn random_secrets_are_never_repeated(secret in "[A-Za-z0-9+/_~.-]{32,60}", letters in "[A-Za-z0-9]{20,40}") {
            for secret in [secret, letters] {
                // A word by chance would be none of the secrets that are meant here.
                prop_assume!(turns(&secret) >= 8);
                prop_assert!(!value(&secret).contains(&secret), "{secret}");
            }
        }
    }
}
