//! Values that no credential has, although the name before them is that of one.

use std::ops::Range;

use crate::case::ids::is_guid;
use crate::case::secret::redacted::REDACTED;

/// Words that say something about a credential.
const WORDS: [&str; 43] = [
    "disabled",
    "enabled",
    "null",
    "none",
    "nil",
    "true",
    "false",
    "undefined",
    "empty",
    "missing",
    "expired",
    "invalid",
    "valid",
    "required",
    "hidden",
    "redacted",
    "unknown",
    "incorrect",
    "wrong",
    "mismatch",
    "revoked",
    "malformed",
    "not",
    "set",
    "is",
    "are",
    "was",
    "be",
    "must",
    "has",
    "no",
    "yes",
    "kid",
    "bearer",
    "jwt",
    "present",
    "absent",
    "found",
    "provided",
    "specified",
    "configured",
    "denied",
    "unsupported",
];
/// How the names of procedures begin that have digits in them.
const PROCEDURES: [&str; 8] = ["oauth", "sha", "base64", "utf", "pbkdf2", "argon2", "openid", "x509"];
/// Bytes of the longest value that says something, and of the longest word that may be anything.
const LONGEST: usize = 48;
const SHORTEST_KEY: usize = 8;
const SHORTEST_ODD: usize = 5;

/// The place, unless its value is none, or says something about the credential. What was hidden before is hidden again:
/// names between it and its own name count as little as the first time.
pub(super) fn unless(bytes: &[u8], place: Range<usize>) -> Option<Range<usize>> {
    let value = bytes.get(place.clone())?;
    let is_hidden = [&b"[PII "[..], "[…".as_bytes()].iter().any(|mark| value.starts_with(mark))
        || value
            .strip_suffix("…".as_bytes())
            .is_some_and(|cut| !cut.is_empty() && REDACTED.as_bytes().starts_with(cut))
        || value.iter().all(|byte| *byte == b'*')
        || value.starts_with(b"YOUR_") && value.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
        || value.strip_prefix(b"<").and_then(|value| value.strip_suffix(b">")).is_some_and(is_name);
    let words = || value.split(|byte| matches!(byte, b' ' | b'_' | b'-')).filter(|word| !word.is_empty());
    let is_word = |word: &[u8]| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()));
    let says = value.len() <= LONGEST
        && words().next().is_some()
        && words().all(|word| is_word(word.strip_suffix(b".").unwrap_or(word)));
    (!is_hidden && !says).then_some(place)
}

/// Whether the value of a parameter is more than the code of a country.
pub(super) fn is_parameter(value: &[u8]) -> bool {
    const LONGEST_CODE: usize = 3;
    value.len() > LONGEST_CODE || !value.iter().all(u8::is_ascii_alphabetic)
}

/// Whether a value may be a token: no sentence, no type's name, and no JSON.
pub(super) fn is_token(value: &[u8]) -> bool {
    const SHORTEST: usize = 6;
    const SENTENCE: usize = 3;
    (value.len() >= SHORTEST || value.iter().any(u8::is_ascii_digit))
        && value.iter().filter(|byte| **byte == b' ').count() < SENTENCE
        && !is_structured(value)
}

/// Whether a value is a key by its form: letters and digits, and neither an error's number nor an ID.
pub(super) fn is_key(value: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| value.iter().any(is);
    let is_constant =
        !has(u8::is_ascii_lowercase) && value.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    value.len() >= SHORTEST_KEY
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !has(|byte| *byte == b' ')
        && !is_constant
        && !value.starts_with(b"0x")
        && !value.ends_with(b":")
        && !["AADSTS", "IDX"].iter().any(|prefix| value.starts_with(prefix.as_bytes()))
        && !std::str::from_utf8(value).is_ok_and(is_guid)
        && !is_time(value)
        && !is_structured(value)
}

/// Whether a word in a sentence looks drawn at random: letters of both cases and digits, or other signs among them.
pub(super) fn is_drawn(value: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| value.iter().any(is);
    let is_sign = |byte: &u8| byte.is_ascii_punctuation() && !b"-_.,:;/'\"()[]<>".contains(byte);
    let kinds = [has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase), has(is_sign)];
    is_key(value) && kinds.iter().filter(|kind| **kind).count() >= 2
}

/// Whether a word in a sentence about a secret is of letters and digits, and no name of a procedure.
pub(super) fn is_mixed(value: &[u8], shortest: usize) -> bool {
    let is_procedure = PROCEDURES
        .iter()
        .any(|known| value.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known.as_bytes())));
    value.len() >= shortest
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!@#$%^&*+~?".contains(byte))
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_lowercase)
        && !is_procedure
}

/// Whether a word is as long as the ID of a key: the SHA-1 of a certificate, in base64url or in hexadecimal digits.
pub(super) fn is_thumbprint(value: &[u8]) -> bool {
    value.len() == 27 && value.iter().all(u8::is_ascii_alphanumeric)
        || value.len() == 40 && value.iter().all(u8::is_ascii_hexdigit)
}

/// Whether an item of a list is more than a word in small letters.
pub(super) fn is_odd(value: &[u8]) -> bool {
    value.len() >= SHORTEST_ODD
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_alphabetic)
        && !value.contains(&b' ')
}

/// Whether a value behind `=` is more than a name in small letters.
pub(super) fn is_key_or_number(value: &[u8]) -> bool {
    !value.iter().all(|byte| byte.is_ascii_lowercase() || b":_-./".contains(byte))
        && !value.contains(&b' ')
        && !is_structured(value)
}

/// Whether this is the one word that a user name and a password are encoded as.
pub(super) fn is_pair(value: &[u8]) -> bool {
    value == REDACTED.as_bytes()
        || value.len() >= SHORTEST_KEY
            && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte))
}

fn is_name(value: &[u8]) -> bool {
    value.len() <= LONGEST && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b" _-'.".contains(byte))
}

fn is_time(value: &[u8]) -> bool {
    value.get(4) == Some(&b'-') && value.iter().take(4).all(u8::is_ascii_digit)
}

/// JSON, or the name of a type.
fn is_structured(value: &[u8]) -> bool {
    value.first().is_some_and(|first| matches!(first, b'{' | b'['))
        || value.contains(&b'.') && value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'.')
}
