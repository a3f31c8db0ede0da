//! Taking a token apart, whatever it is: nothing here trusts the text, and nothing fails.

use base64::DecodeError;
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::Value;

use super::look_alike::look_alike;
use super::{ALG_NONE, CUT_SIGNATURE, DecodedToken, NO_ALG, NO_SIGNATURE};
use crate::case::json;
use crate::case::resource::is_guid;
use crate::case::secret::without_tokens;
use crate::case::shown::claims;
use crate::case::text::{shortened, visible};

/// Base64url whose last character may have stray bits: the token must be shown even so.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Longer tokens than this are not taken apart: no server takes a header of that size.
const LONGEST_TOKEN: usize = 4 << 20;
/// More members than this of one object are not kept.
const MOST_MEMBERS: usize = 500;
/// More items than this of one list are not kept.
const MOST_ITEMS: usize = 1000;
/// Longer texts than this are not kept whole.
const LONGEST_TEXT: usize = 4096;
/// A part with more values than this is not read.
const MOST_VALUES: usize = 250_000;
/// More defects than this are not reported one by one.
const MOST_DEFECTS: usize = 20;

/// The token in what a person hands over: without white space around, `Bearer`, an `Authorization:` before it, and
/// quotes; or the `access_token` (`accessToken`) of a token response in JSON.
#[must_use]
pub fn token_in(text: &str) -> String {
    let text = text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
    if text.starts_with('{')
        && let Ok(Value::Object(members)) = json::parse(text)
        && let Some(token) =
            ["access_token", "accessToken", "token"].iter().find_map(|name| members.get(*name)?.as_str())
    {
        return token.trim().to_owned();
    }
    let mut token = text;
    loop {
        let mut shorter = token.trim().trim_matches(['"', '\'', '`']);
        for prefix in ["authorization:", "bearer"] {
            if let Some((start, rest)) = shorter.split_at_checked(prefix.len())
                && start.eq_ignore_ascii_case(prefix)
                && (prefix.ends_with(':') || rest.is_empty() || rest.starts_with(char::is_whitespace))
            {
                shorter = rest;
            }
        }
        if shorter == token {
            return token.to_owned();
        }
        token = shorter;
    }
}

/// Whether a text is a signed JWT and nothing else: three base64url parts, of which the first two are JSON objects.
/// What is not may be any file, and is never sent.
#[must_use]
pub fn is_signed_jwt(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let is_object =
        |part: &str| bytes(part).is_some_and(|bytes| matches!(json::parse_bytes(&bytes), Ok(Value::Object(_))));
    match parts.as_slice() {
        [header, payload, signature] => {
            is_object(header) && is_object(payload) && bytes(signature).is_some_and(|bytes| !bytes.is_empty())
        }
        _ => false,
    }
}

impl DecodedToken {
    /// Takes a token apart. Never fails: what cannot be read is reported in `defects`. What is kept is bounded, and
    /// contains
    /// neither the signature nor any text that looks like another token.
    #[must_use]
    pub fn decode(token: &str) -> Self {
        let mut decoded = Self { length: token.trim().chars().count(), ..Self::default() };
        if token.len() > LONGEST_TOKEN {
            decoded.defect(format!(
                "it has {} bytes; tokens of more than {LONGEST_TOKEN} bytes aren't decoded",
                token.len()
            ));
            decoded.unreadable = true;
            return decoded;
        }
        let mut token = token_in(token);
        if let Some(what) = look_alike(&token) {
            decoded.length = token.chars().count();
            decoded.defect(what);
            decoded.unreadable = true;
            return decoded;
        }
        if token.contains(char::is_whitespace) {
            decoded.defect("it contains white space or line breaks");
            token.retain(|character| !character.is_whitespace());
        }
        decoded.length = token.chars().count();
        if token.is_empty() {
            decoded.defect("it is empty");
            decoded.unreadable = true;
            return decoded;
        }
        let mut parts = token.split('.');
        decoded.parts = parts.clone().count();
        decoded.count_parts(&token);
        let (header, payload, signature) = (parts.next(), parts.next(), parts.next());
        if let (Some(part), true) = (header, decoded.parts > 1) {
            decoded.header = decoded.members(part, "header");
        }
        if decoded.is_encrypted() {
            decoded.unreadable = true;
            decoded.defect("it is an encrypted token (JWE): only its recipient can read the claims");
        } else if let (Some(part), true) = (payload, decoded.parts > 1) {
            decoded.claims = decoded.members(part, "payload");
            decoded.has_signature = signature.is_some_and(|part| !part.is_empty());
            decoded.judge_header();
            decoded.judge_signature(signature.unwrap_or_default());
        }
        decoded
    }

    /// What the defects of the form come to (`unreadable`, `truncated`, `ill-formed`), and the one that says most.
    #[must_use]
    pub fn main_defect(&self) -> Option<(&'static str, &String)> {
        let first = self.defects.first()?;
        let cut = self.defects.iter().find(|defect| defect.starts_with(CUT_SIGNATURE));
        Some(match cut {
            _ if self.unreadable => ("unreadable", first),
            Some(cut) => ("truncated", cut),
            None => ("ill-formed", first),
        })
    }

    fn count_parts(&mut self, token: &str) {
        self.unreadable |= self.parts != 3;
        match self.parts {
            3 | 5 => {}
            1 => {
                let what = if is_guid(token) {
                    "it is a GUID"
                } else if token.starts_with('<') {
                    "it looks like a web page"
                } else {
                    "it contains no dots"
                };
                self.defect(format!("{what}, so it isn't a JWT (header.payload.signature)"));
            }
            parts => {
                self.defect(format!("it has {parts} parts between dots; a signed token has 3, an encrypted one 5"))
            }
        }
    }

    /// What the header says against the token.
    fn judge_header(&mut self) {
        let algorithm = self.header("alg").cloned();
        match algorithm.as_ref().and_then(Value::as_str) {
            Some(name) if name.eq_ignore_ascii_case("none") => {
                self.defect(ALG_NONE);
            }
            Some(_) => {}
            None if self.header.is_empty() => {}
            None => self.defect(NO_ALG),
        }
        if !self.has_signature && self.parts >= 2 {
            self.defect(NO_SIGNATURE);
        }
    }

    /// The signature of RS256 is as long as the key, which has 2048 bits or more. A short text stands for one that was
    /// left out on purpose, and keys of 1024 bits are in examples only.
    fn judge_signature(&mut self, signature: &str) {
        const OF_2048_BITS: usize = 342;
        const OF_1024_BITS: usize = 171;
        let length = signature.len();
        let is_rs256 = self.header("alg").and_then(Value::as_str) == Some("RS256");
        if is_rs256 && (OF_1024_BITS + 1..OF_2048_BITS).contains(&length) {
            self.defect(format!(
                "{CUT_SIGNATURE} ({length} characters; with RS256, there are at least {OF_2048_BITS})"
            ));
        }
    }

    /// The members of the JSON object in one part; those before a mistake are kept.
    fn members(&mut self, part: &str, name: &str) -> Vec<(String, Value)> {
        let Some(bytes) = self.bytes(part, name) else {
            return Vec::new();
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                self.unreadable = true;
                self.defect(format!("its {name} isn't UTF-8 (first invalid byte at {at})"));
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }
        };
        if let Err(reason) = json::within(text.as_bytes(), MOST_VALUES) {
            self.unreadable = true;
            self.defect(format!("its {name} wasn't read: {reason}"));
            return Vec::new();
        }
        let mut members = Vec::new();
        let mut reader = serde_json::Deserializer::from_str(&text);
        let outcome = reader.deserialize_map(MembersVisitor { members: &mut members }).and_then(|()| reader.end());
        if let Err(error) = outcome {
            self.unreadable = true;
            self.defect(format!("its {name} isn't a JSON object: {}", json::told(&error)));
        }
        self.note_duplicates(&members, name);
        if members.len() > MOST_MEMBERS {
            self.defect(format!("its {name} has {} members; {MOST_MEMBERS} are kept", members.len()));
            members.truncate(MOST_MEMBERS);
        }
        for (key, value) in &mut members {
            *key = shortened(key, 256);
            if bound(value) {
                self.defect(format!("{} in its {name} is very large; only a part of it is kept", visible(key)));
            }
            *value = claims::shown(key, std::mem::take(value));
        }
        members
    }

    fn note_duplicates(&mut self, members: &[(String, Value)], name: &str) {
        let mut seen = std::collections::BTreeMap::<&str, usize>::new();
        for (key, _) in members {
            let count = seen.entry(key).or_default();
            *count = count.saturating_add(1);
        }
        for (key, count) in seen.into_iter().filter(|(_, count)| *count > 1) {
            self.defect(format!(
                "{} occurs {count} times in its {name}; validators differ in which one they use",
                visible(&shortened(key, 80))
            ));
        }
    }

    /// The bytes of one part. Padding and the standard alphabet are read as well, and reported.
    fn bytes(&mut self, part: &str, name: &str) -> Option<Vec<u8>> {
        let mut text = part.trim_end_matches('=').to_owned();
        if text.len() != part.len() {
            self.defect(format!("its {name} is padded with ="));
        }
        if text.contains(['+', '/']) {
            self.defect(format!("its {name} is base64, not base64url (+ or / in it)"));
            text = text.replace('+', "-").replace('/', "_");
        }
        match LENIENT.decode(&text) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.unreadable = true;
                self.defect(match error {
                    DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol { offset: at, .. } => {
                        format!("its {name} isn't base64url (first invalid character at {at})")
                    }
                    DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => {
                        format!("its {name} isn't base64url (no such text has its length)")
                    }
                });
                None
            }
        }
    }

    fn defect(&mut self, words: impl Into<String>) {
        match self.defects.len() {
            0..MOST_DEFECTS => self.defects.push(visible(&shortened(&words.into(), 300))),
            MOST_DEFECTS => self.defects.push("and more".to_owned()),
            _ => {}
        }
    }
}

/// Reads an object's members in order, duplicates too, into a list that keeps what was read before a mistake.
struct MembersVisitor<'a> {
    members: &'a mut Vec<(String, Value)>,
}

impl<'de> Visitor<'de> for MembersVisitor<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(member) = map.next_entry::<String, Value>()? {
            self.members.push(member);
        }
        Ok(())
    }
}

/// Cuts what is too large to keep, and removes what looks like a token. Says whether something was cut.
fn bound(value: &mut Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        // With arbitrary precision a number is a text of any length.
        Value::Number(number) => {
            let text = number.to_string();
            let long = text.len() > 64;
            if long {
                *value = Value::String(shortened(&text, 64));
            }
            long
        }
        Value::String(text) => {
            let long = text.len() > LONGEST_TEXT;
            if long {
                *text = shortened(text, LONGEST_TEXT);
            }
            if text.contains("eyJ") {
                *text = without_tokens(text);
            }
            long
        }
        Value::Array(items) => {
            let mut long = items.len() > MOST_ITEMS;
            items.truncate(MOST_ITEMS);
            for item in items {
                long |= bound(item);
            }
            long
        }
        Value::Object(members) => {
            let mut long = members.len() > MOST_MEMBERS;
            if long {
                *members = std::mem::take(members).into_iter().take(MOST_MEMBERS).collect();
            }
            for item in members.values_mut() {
                long |= bound(item);
            }
            long
        }
    }
}

#[cfg(test)]
mod tests;
