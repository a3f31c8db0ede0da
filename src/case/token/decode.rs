//! Taking a token apart, whatever it is: nothing here trusts the text, and nothing fails.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::Value;

use super::{ALG_NONE, DecodedToken, NO_SIGNATURE};
use crate::case::resource::is_guid;
use crate::case::secret::without_tokens;
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
/// More defects than this are not told one by one.
const MOST_DEFECTS: usize = 20;

/// The token in what a person hands over: without white space around, `Bearer`, an `Authorization:` before it, and quotes;
/// or the `access_token` (`accessToken`) of a token response in JSON.
#[must_use]
pub fn token_in(text: &str) -> String {
    let text = text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
    if text.starts_with('{')
        && let Ok(Value::Object(members)) = serde_json::from_str::<Value>(text)
        && let Some(token) = ["access_token", "accessToken", "token"]
            .iter()
            .find_map(|name| members.get(*name)?.as_str())
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

impl DecodedToken {
    /// Takes a token apart. Never fails: what cannot be read is told in `defects`. What is kept is bounded, and holds
    /// neither the signature nor any text that looks like another token.
    #[must_use]
    pub fn decode(token: &str) -> Self {
        let mut decoded = Self {
            length: token.trim().chars().count(),
            ..Self::default()
        };
        if token.len() > LONGEST_TOKEN {
            decoded.defect(format!(
                "it is {} bytes long; tokens of more than {LONGEST_TOKEN} bytes are not taken apart",
                token.len()
            ));
            decoded.unreadable = true;
            return decoded;
        }
        let mut token = token_in(token);
        if token.contains(char::is_whitespace) {
            decoded.defect("white space or line breaks stand inside it");
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
        let encrypted = decoded.parts == 5 || decoded.header("enc").is_some();
        if encrypted {
            decoded.unreadable = true;
            decoded.defect("it is an encrypted token (JWE): only its addressee can read the claims");
        } else if let (Some(part), true) = (payload, decoded.parts > 1) {
            decoded.claims = decoded.members(part, "payload");
            decoded.has_signature = signature.is_some_and(|part| !part.is_empty());
            decoded.judge_header();
        }
        decoded
    }

    fn count_parts(&mut self, token: &str) {
        self.unreadable |= self.parts != 3;
        match self.parts {
            3 | 5 => {}
            1 => {
                let what = if is_guid(token) {
                    "it is a GUID"
                } else if token.starts_with('<') {
                    "it begins like a web page"
                } else {
                    "it has no dots"
                };
                self.defect(format!("{what}, so it is no JWT (header.payload.signature)"));
            }
            parts => self.defect(format!(
                "it has {parts} parts between dots; a signed token has 3, an encrypted one 5"
            )),
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
            None => self.defect("its header has no alg (the signature's algorithm)"),
        }
        if !self.has_signature && self.parts >= 2 {
            self.defect(NO_SIGNATURE);
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
                self.defect(format!("its {name} is not UTF-8 (first at byte {at})"));
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }
        };
        let mut members = Vec::new();
        let mut reader = serde_json::Deserializer::from_str(&text);
        let outcome = reader
            .deserialize_map(MembersVisitor { members: &mut members })
            .and_then(|()| reader.end());
        if let Err(error) = outcome {
            self.unreadable = true;
            self.defect(format!("its {name} is not a JSON object: {error}"));
        }
        self.note_duplicates(&members, name);
        if members.len() > MOST_MEMBERS {
            self.defect(format!(
                "its {name} has {} members; {MOST_MEMBERS} are kept",
                members.len()
            ));
            members.truncate(MOST_MEMBERS);
        }
        for (key, value) in &mut members {
            *key = shortened(key, 256);
            if bound(value) {
                self.defect(format!(
                    "{} of its {name} is very large and kept in part only",
                    visible(key)
                ));
            }
        }
        members
    }

    fn note_duplicates(&mut self, members: &[(String, Value)], name: &str) {
        let mut seen = std::collections::BTreeMap::<&str, usize>::new();
        for (key, _) in members {
            *seen.entry(key).or_default() += 1;
        }
        for (key, count) in seen.into_iter().filter(|(_, count)| *count > 1) {
            self.defect(format!(
                "{} stands {count} times in its {name}; readers disagree which one counts",
                visible(&shortened(key, 80))
            ));
        }
    }

    /// The bytes of one part. Padding and the standard alphabet are read as well, and told.
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
                self.defect(format!("its {name} is not base64url: {error}"));
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
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    fn token(header: &str, payload: &[u8]) -> String {
        format!(
            "{}.{}.c2lnbmF0dXJl",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(payload)
        )
    }

    const HEADER: &str = r#"{"typ":"JWT","alg":"RS256","kid":"k1"}"#;

    #[test]
    fn a_sound_token_has_no_defects_in_every_wrapping() {
        let bare = token(HEADER, br#"{"aud":"api://a","exp":1767225600,"roles":["R"]}"#);
        for text in [
            bare.clone(),
            format!("  Bearer {bare}\r\n"),
            format!("\"{bare}\""),
            format!("Authorization: bearer '{bare}'"),
            format!("{{\"access_token\":\"{bare}\",\"expires_on\":\"1\"}}"),
        ] {
            let decoded = DecodedToken::decode(&text);
            assert_eq!(decoded.defects, Vec::<String>::new(), "{text}");
            assert_eq!(decoded.length, bare.len());
            assert_eq!(decoded.text("aud"), Some("api://a"));
            assert_eq!(decoded.time("exp"), Some(1_767_225_600));
            assert!(decoded.has_signature);
        }
    }

    #[test]
    fn defects_are_told_and_what_can_be_read_is_read() {
        let cases: &[(String, &str, Option<&str>)] = &[
            (String::new(), "empty", None),
            ("Bearer ".to_owned(), "empty", None),
            ("0f8fad5b-d9cb-469f-a165-70867728950e".to_owned(), "GUID", None),
            ("<html><body>".to_owned(), "web page", None),
            ("a.b.c.d".to_owned(), "4 parts", None),
            (token(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, b"xx"), "JWE", None),
            (
                format!("{}.e.f.g.h", URL_SAFE_NO_PAD.encode(r#"{"alg":"dir"}"#)),
                "JWE",
                None,
            ),
            (token(r#"{"alg":"none"}"#, br#"{"aud":"a"}"#), "alg none", Some("a")),
            (token(HEADER, br#"{"aud":"a","aud":"b"}"#), "2 times", Some("b")),
            (token(HEADER, b"{\"aud\":\"a\xff\"}"), "not UTF-8", Some("a\u{fffd}")),
            (token(HEADER, br#"{"aud":"a","#), "not a JSON object", Some("a")),
            (token(HEADER, b"[1]"), "not a JSON object", None),
            (format!("{}.", token(HEADER, b"{}")), "4 parts", None),
            (
                format!("{}.{}.", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode("{}")),
                "no signature",
                None,
            ),
            (
                format!(
                    "{}.{}.s",
                    STANDARD.encode(HEADER),
                    STANDARD.encode(br#"{"aud":"??>>a"}"#)
                ),
                "base64",
                Some("??>>a"),
            ),
            (
                token(HEADER, br#"{"aud":"a"}"#).replacen('.', ".\n", 1),
                "white space",
                Some("a"),
            ),
        ];
        for (text, defect, audience) in cases {
            let decoded = DecodedToken::decode(text);
            assert!(
                decoded.defects.iter().any(|words| words.contains(defect)),
                "{text}: {:?} lacks {defect:?}",
                decoded.defects
            );
            assert_eq!(decoded.text("aud"), *audience, "{text}");
        }
    }

    #[test]
    fn extreme_values_are_kept_within_bounds() {
        let groups: Vec<String> = (0..200).map(|number| format!("g{number}")).collect();
        let payload = format!(
            r#"{{"exp":1e400,"iat":"1767225600","nbf":1767225600.5,"big":"{}","groups":{}}}"#,
            "x".repeat(1 << 20),
            serde_json::to_string(&groups).unwrap()
        );
        let decoded = DecodedToken::decode(&token(HEADER, payload.as_bytes()));
        assert_eq!(decoded.time("exp"), None);
        assert!(decoded.claim("exp").unwrap().to_string().contains("400"));
        assert_eq!(decoded.time("iat"), Some(1_767_225_600));
        assert_eq!(decoded.time("nbf"), Some(1_767_225_600));
        assert_eq!(decoded.list("groups").len(), 200);
        assert!(decoded.text("big").unwrap().len() < 5000);
        assert!(serde_json::to_string(&decoded).unwrap().len() < 20_000);
        let deep = format!("{{\"a\":{}", "[".repeat(100_000));
        let decoded = DecodedToken::decode(&token(HEADER, deep.as_bytes()));
        assert!(
            decoded.defects.iter().any(|words| words.contains("recursion")),
            "{:?}",
            decoded.defects
        );
    }

    #[test]
    fn neither_signature_nor_inner_tokens_are_kept() {
        let inner = token(HEADER, b"{}");
        let payload = format!(r#"{{"assertion":"{inner}","list":["{inner}"]}}"#);
        let kept = serde_json::to_string(&DecodedToken::decode(&token(HEADER, payload.as_bytes()))).unwrap();
        assert!(!kept.contains("c2lnbmF0dXJl"), "{kept}");
        assert!(kept.contains("[redacted]"), "{kept}");
    }

    #[test]
    fn a_saved_token_reads_back_equal() {
        let decoded = DecodedToken::decode(&token(HEADER, br#"{"exp":1e400,"a":1,"a":{"b":[1.50,null]}}"#));
        let saved = serde_json::to_string(&decoded).unwrap();
        assert_eq!(serde_json::from_str::<DecodedToken>(&saved).unwrap(), decoded);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".{0,200}") {
            let _ = DecodedToken::decode(&text);
        }

        #[test]
        fn arbitrary_parts_never_panic_and_stay_deterministic(
            header in proptest::collection::vec(any::<u8>(), 0..80),
            payload in proptest::collection::vec(any::<u8>(), 0..200),
            dots in 0usize..6,
        ) {
            let text = format!(
                "{}.{}{}",
                URL_SAFE_NO_PAD.encode(&header),
                URL_SAFE_NO_PAD.encode(&payload),
                ".e30".repeat(dots)
            );
            let decoded = DecodedToken::decode(&text);
            prop_assert_eq!(&decoded, &DecodedToken::decode(&text));
            prop_assert_eq!(decoded.parts, dots + 2);
        }

        #[test]
        fn arbitrary_json_payloads_are_read(key in "[a-z\\x00-\\x1f\\u{202e}]{1,9}", text in ".{0,40}") {
            let payload = serde_json::json!({ key.clone(): text }).to_string();
            let decoded = DecodedToken::decode(&token(HEADER, payload.as_bytes()));
            prop_assert!(decoded.claim(&key).is_some());
            prop_assert!(decoded.defects.iter().all(|words| !words.chars().any(char::is_control)));
        }
    }
}
