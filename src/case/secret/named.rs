//! Where a text names a credential, and its value: `Password=…`, `"apiKey": "…"`, `<td>CLIENT_SECRET</td><td>…`.
//!
//! Written by hand: this runs over every text that is quoted, and regular expressions for it took more of a check's
//! time than anything else.

use std::borrow::Cow;
use std::ops::Range;

/// What a name ends with whose value is a credential.
const NAMES: [&str; 22] = [
    "secret",
    "password",
    "passwd",
    "apikey",
    "api_key",
    "api-key",
    "accountkey",
    "account_key",
    "account-key",
    "accesskey",
    "access_key",
    "access-key",
    "subscriptionkey",
    "subscription_key",
    "subscription-key",
    "functionskey",
    "functions_key",
    "functions-key",
    "identity_header",
    "identity-header",
    "authsession",
    "sessionid",
];
const MORE_NAMES: [&str; 9] = [
    "primarykey",
    "primary_key",
    "primary-key",
    "secondarykey",
    "secondary_key",
    "secondary-key",
    "connectionstring",
    "connection_string",
    "connection-string",
];
/// Names that are whole words.
const WORDS: [&str; 3] = ["pwd", "pw", "jwt"];
/// What begins a value that is a credential.
const SCHEMES: [&str; 6] = ["bearer", "basic", "negotiate", "digest", "apikey", "token"];
/// Whole words that a value follows directly that may be one, if it has digits.
const SHORT_NAMES: [&str; 2] = ["token", "key"];
/// Parameters of an address whose values are keys or signatures.
const PARAMETERS: [&str; 10] =
    ["sig", "signature", "code", "key", "apikey", "api-key", "token", "access_token", "id_token", "sas"];
/// Characters of the shortest value: of a cookie, of a parameter, and of any other name.
const SHORTEST_COOKIE: usize = 4;
const SHORTEST_PARAMETER: usize = 12;
const SHORTEST: usize = 6;
/// The same behind a word that names a credential only perhaps.
const SHORTEST_OF_SHORT: usize = 8;
/// Bytes of the longest tag between a name and its value.
const LONGEST_TAG: usize = 80;

/// The text with this in place of the values of cookies, of parameters, and of what is named as a credential.
pub(super) fn without_values<'a>(text: &'a str, put: &str) -> Cow<'a, str> {
    let mut clean = Cow::Borrowed(text);
    for find in [cookie, parameter, named, element, authorization, short_named] {
        if let Some(cleaner) = without(&clean, put, find) {
            clean = Cow::Owned(cleaner);
        }
    }
    clean
}

/// The text without the values that are found behind its separators; `None` where there is none.
fn without(text: &str, put: &str, find: impl Fn(&str, usize, usize) -> Option<Range<usize>>) -> Option<String> {
    let bytes = text.as_bytes();
    let mut clean: Option<String> = None;
    let (mut at, mut done) = (0, 0);
    let next = |at: usize| {
        let rest = bytes.get(at..)?;
        Some(at + rest.iter().position(|byte| matches!(byte, b'=' | b':' | b'<' | b'>'))?)
    };
    while let Some(separator) = next(at) {
        at = separator + 1;
        if let Some(value) = find(text, separator, done) {
            let clean = clean.get_or_insert_with(|| String::with_capacity(text.len()));
            clean.push_str(text.get(done..value.start).unwrap_or_default());
            clean.push_str(put);
            done = value.end;
            at = done;
        }
    }
    let mut clean = clean?;
    clean.push_str(text.get(done..).unwrap_or_default());
    Some(clean)
}

/// The cookies behind the name of their header, to the end of their line.
fn cookie(text: &str, separator: usize, done: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if !matches!(bytes.get(separator), Some(b'=' | b':')) {
        return None;
    }
    let before = trimmed_end(bytes.get(done..separator)?, is_space);
    let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(before);
    let before = before.strip_suffix(b"2").unwrap_or(before);
    let name = before.len().checked_sub(b"cookie".len())?;
    if !ends_with(before, "cookie") || name > 0 && before.get(name - 1).is_some_and(is_of_word) {
        return None;
    }
    let spaces = separator + 1;
    let quoted = skip(bytes, spaces, is_space);
    let start = quoted + usize::from(matches!(bytes.get(quoted), Some(b'"' | b'\'')));
    let end = skip(bytes, start, |byte| !matches!(byte, b'\r' | b'\n' | b'"' | b'\'' | b'<'));
    let count = |start: usize| text.get(start..end).map_or(0, |value| value.chars().count());
    // A short value counts with the blanks before it.
    let is_blank = |at: usize| bytes.get(at).is_some_and(|byte| is_space(byte) && !matches!(byte, b'\r' | b'\n'));
    let mut first = start;
    while count(first) < SHORTEST_COOKIE {
        first = first.checked_sub(1).filter(|at| start == quoted && *at >= spaces && is_blank(*at))?;
    }
    Some(first..end)
}

/// The value of a parameter in an address.
fn parameter(text: &str, separator: usize, done: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = near(bytes, done, separator).filter(|_| bytes.get(separator) == Some(&b'='))?;
    let begin = before.iter().rposition(|byte| matches!(byte, b'?' | b'&' | b';'))?;
    let name = before.get(begin + 1..)?;
    PARAMETERS.iter().find(|known| name.eq_ignore_ascii_case(known.as_bytes()))?;
    let start = separator + 1;
    let end = skip(bytes, start, |byte| !is_space(byte) && !matches!(byte, b'&' | b'"' | b'\'' | b'<' | b'>' | b'#'));
    is_long(text, start..end, SHORTEST_PARAMETER)
}

/// The value behind a name of a credential, and what stands between them: a sign, or the cells of a table.
fn named(text: &str, separator: usize, done: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if !is_name(without_quotes(bytes.get(done..separator)?)) {
        return None;
    }
    let mut at = match bytes.get(separator)? {
        b'>' => return None,
        b'<' => {
            let mut at = separator;
            while let Some(end) = end_of_tag(bytes, at) {
                at = skip(bytes, end, is_space);
            }
            Some(at).filter(|at| *at > separator)?
        }
        b'=' if bytes.get(separator + 1) == Some(&b'>') => separator + 2,
        _ => separator + 1,
    };
    at = skip(bytes, at, is_space);
    at = skip(bytes, at, is_opening);
    let behind = behind_a_scheme(bytes, at, &["bearer"]).and_then(|start| value(text, start, SHORTEST));
    behind.or_else(|| value(text, at, SHORTEST))
}

/// The value of an element that is named as a credential: `<password>…`.
fn element(text: &str, separator: usize, done: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = near(bytes, done, separator).filter(|_| bytes.get(separator) == Some(&b'>'))?;
    let begin = before.iter().rposition(|byte| *byte == b'<')?;
    let name = before.get(begin + 1..)?;
    let is_name_of_one = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| is_of_word(byte) || matches!(byte, b'-' | b'.' | b':'))
        && is_name(name);
    let start = skip(bytes, skip(bytes, separator + 1, is_space), is_opening);
    is_name_of_one.then(|| value(text, start, SHORTEST)).flatten()
}

/// The credentials behind the name of the header and their scheme.
fn authorization(text: &str, separator: usize, done: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = bytes.get(done..separator).filter(|_| matches!(bytes.get(separator), Some(b'=' | b':')))?;
    if !ends_with(without_quotes(before), "authorization") {
        return None;
    }
    let at = skip(bytes, skip(bytes, separator + 1, is_space), is_opening);
    behind_a_scheme(bytes, at, &SCHEMES).and_then(|start| value(text, start, SHORTEST))
}

/// A value with digits directly behind a word that may name a credential.
fn short_named(text: &str, separator: usize, done: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = bytes.get(done..separator).filter(|_| bytes.get(separator) == Some(&b'='))?;
    SHORT_NAMES.iter().find(|word| ends_with_whole(before, word))?;
    value(text, separator + 1, SHORTEST_OF_SHORT).filter(|place| text.get(place.clone()).is_some_and(has_both))
}

/// Whether a text has letters and digits.
fn has_both(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A value that begins here, if it is long enough.
fn value(text: &str, start: usize, shortest: usize) -> Option<Range<usize>> {
    let end = skip(text.as_bytes(), start, |byte| {
        let ends =
            matches!(byte, b'"' | b'\'' | b'&' | b';' | b',' | b'<' | b'>' | b'(' | b')' | b'{' | b'}' | b'[' | b']');
        !is_space(byte) && !ends
    });
    is_long(text, start..end, shortest)
}

/// Where the credentials begin behind one of these words.
fn behind_a_scheme(bytes: &[u8], at: usize, schemes: &[&str]) -> Option<usize> {
    schemes.iter().find_map(|scheme| {
        let end = at + scheme.len();
        let start = skip(bytes, end, is_space);
        let is_it = bytes.get(at..end).is_some_and(|word| word.eq_ignore_ascii_case(scheme.as_bytes()));
        (is_it && start > end).then_some(start)
    })
}

const fn is_opening(byte: &u8) -> bool {
    matches!(byte, b'(' | b'"' | b'\'')
}

/// What precedes a separator, as far back as a name can begin: the time grows with the text alone.
fn near(bytes: &[u8], done: usize, separator: usize) -> Option<&[u8]> {
    const LONGEST: usize = 512;
    bytes.get(done.max(separator.saturating_sub(LONGEST))..separator)
}

/// Whether the bytes end with a name of a credential.
fn is_name(before: &[u8]) -> bool {
    // Most do not even end with its last letter.
    if !before.last().is_some_and(|byte| b"tdynwrg".contains(&byte.to_ascii_lowercase())) {
        return false;
    }
    NAMES.iter().chain(&MORE_NAMES).any(|name| ends_with(before, name))
        || ends_with(before, "token")
            && before_the(before, "token").is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'))
        || WORDS.iter().any(|word| ends_with_whole(before, word))
}

/// Where a tag ends that begins here.
fn end_of_tag(bytes: &[u8], at: usize) -> Option<usize> {
    let inner = bytes.get(at..)?.strip_prefix(b"<")?;
    let name = inner.strip_prefix(b"/").unwrap_or(inner);
    name.first().filter(|byte| byte.is_ascii_alphabetic())?;
    let length = name.iter().position(|byte| matches!(byte, b'<' | b'>'))?;
    let is_tag = name.get(length) == Some(&b'>') && length <= LONGEST_TAG + 1;
    is_tag.then(|| at + 1 + (inner.len() - name.len()) + length + 1)
}

fn is_long(text: &str, value: Range<usize>, shortest: usize) -> Option<Range<usize>> {
    let is_long = text.get(value.clone())?.chars().count() >= shortest;
    is_long.then_some(value)
}

fn ends_with(bytes: &[u8], word: &str) -> bool {
    let end = bytes.len().checked_sub(word.len()).and_then(|at| bytes.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether the bytes end with this word, and not with a longer one.
fn ends_with_whole(bytes: &[u8], word: &str) -> bool {
    ends_with(bytes, word) && !before_the(bytes, word).is_some_and(is_of_word)
}

/// The last byte before the word that the bytes end with.
fn before_the<'a>(bytes: &'a [u8], word: &str) -> Option<&'a u8> {
    bytes.len().checked_sub(word.len() + 1).and_then(|at| bytes.get(at))
}

/// What precedes a separator, without the spaces and the closing quotes there.
fn without_quotes(before: &[u8]) -> &[u8] {
    trimmed_end(trimmed_end(before, is_space), |byte| matches!(byte, b'"' | b'\''))
}

/// The first place from here on where a byte is not like this.
fn skip(bytes: &[u8], from: usize, is: impl Fn(&u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| is(byte)).count()
}

fn trimmed_end(bytes: &[u8], is: impl Fn(&u8) -> bool) -> &[u8] {
    let end = bytes.iter().rposition(|byte| !is(byte)).map_or(0, |at| at + 1);
    bytes.get(..end).unwrap_or_default()
}

const fn is_space(byte: &u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

const fn is_of_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex_lite::{Captures, Regex};

    use super::*;
    use crate::case::secret::REDACTED;

    /// The same as regular expressions, which find it at its first letter.
    fn by_expressions(text: &str) -> String {
        const NAMED: &str = r#"(?ix)
            ( (?: [a-z0-9_.-]* (?: secret | password | passwd | api[_-]?key | account[_-]?key | access[_-]?key
                    | subscription[_-]?key | functions[_-]?key | primary[_-]?key | secondary[_-]?key
                    | connection[_-]?string | identity[_-]header | [a-z]token | [_-]token | authsession | sessionid )
                | \b (?: pwd | pw | jwt ) ) )
            ( ["']* \s* (?: => | [:=] | (?: </?[a-z][^<>]{0,80}> \s* )+ ) \s* [("']* (?: bearer \s+ )? )
            ( [^\s"'&;,<>(){}\[\]]{6,} )"#;
        const COOKIES: &str = r#"(?i)\b((?:set-)?cookie2?["']?\s*[:=]\s*["']?)([^\r\n"'<]{4,})"#;
        const IN_QUERY: &str = r#"(?ix)
            ( [?&;] (?: sig | signature | code | key | apikey | api-key | token | access_token | id_token | sas ) = )
            ( [^&\s"'<>\#]{12,} )"#;
        const ELEMENT: &str = r#"(?ix)
            ( < (?: (?: [a-z] [a-z0-9_.:-]* )? (?: secret | password | passwd | api[_-]?key | account[_-]?key
                    | access[_-]?key | subscription[_-]?key | functions[_-]?key | primary[_-]?key | secondary[_-]?key
                    | connection[_-]?string | identity[_-]header | [a-z]token | authsession | sessionid )
                | [a-z] [a-z0-9_.:-]* [_-]token
                | (?: [a-z] [a-z0-9_.:-]* [.:-] )? (?: pwd | pw | jwt ) ) > \s* [("']* )
            ( [^\s"'&;,<>(){}\[\]]{6,} )"#;
        const AUTHORIZATION: &str = r#"(?ix)
            ( authorization ["']* \s* [:=] \s* [("']* (?: bearer | basic | negotiate | digest | apikey | token ) \s+ )
            ( [^\s"'&;,<>(){}\[\]]{6,} )"#;
        const SHORT: &str = r#"(?i)\b((?:token|key)=)([^\s"'&;,<>(){}\[\]]{8,})"#;
        let mut clean = text.to_owned();
        for pattern in [COOKIES, IN_QUERY, NAMED, ELEMENT, AUTHORIZATION, SHORT] {
            let replaced = Regex::new(pattern).unwrap().replace_all(&clean, |found: &Captures<'_>| {
                let part = |number: usize| found.get(number).map_or("", |part| part.as_str());
                match (part(1), part(2), part(3)) {
                    (before, value, "") if pattern == SHORT && !has_both(value) => format!("{before}{value}"),
                    (before, _, "") => format!("{before}{REDACTED}"),
                    (name, between, _) => format!("{name}{between}{REDACTED}"),
                }
            });
            clean = replaced.into_owned();
        }
        clean
    }

    /// Texts of the words and signs that matter here.
    fn texts() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "secret",
            "password",
            "api",
            "key",
            "_",
            "-",
            "token",
            "access",
            "pwd",
            "pw",
            "jwt",
            "cookie",
            "Set-Cookie",
            "2",
            "\"",
            "'",
            " ",
            "\n",
            "\t",
            ":",
            "=",
            "=>",
            "<td>",
            "</td>",
            "<",
            ">",
            "(",
            "bearer ",
            "Bearer",
            "?",
            "&",
            ";",
            "sig",
            "code",
            "abcdef",
            "0123456789ab",
            "\u{e4}",
            "x",
            ",",
            "[",
            "identity",
            "header",
            "connection",
            "String",
            "sessionid",
            "<pre class=\"code\">",
            "abc",
            "#",
            "Authorization",
            "basic ",
            "password>",
        ]);
        prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn values_are_found_as_by_regular_expressions(text in texts()) {
            prop_assert_eq!(without_values(&text, REDACTED).into_owned(), by_expressions(&text), "{}", text);
        }
    }
}
