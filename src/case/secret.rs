//! Secrets that cannot be shown: the type [`Secret`], and the [`Scrubber`] that removes known secrets from text.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{Zeroize, Zeroizing};

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// A value that is never shown: `Debug`, `Display` and serde all give [`REDACTED`]. Its memory is wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Takes a value into hiding.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

impl<T: Zeroize> fmt::Display for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

impl<T: Zeroize> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

impl<'de> Deserialize<'de> for Secret<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A saved case never holds a secret, and one put there by hand is not taken in.
        String::deserialize(deserializer)?.zeroize();
        Ok(Self::new(REDACTED.to_owned()))
    }
}

/// Removes secrets from text: those it was told of (as they are, percent-encoded and base64), and everything that has
/// the form of a signed token.
#[derive(Clone, Default)]
pub struct Scrubber {
    needles: Vec<Zeroizing<String>>,
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scrubber({} secrets)", self.needles.len())
    }
}

/// Shorter secrets than this are not searched for: they would blank out ordinary words.
const SHORTEST: usize = 6;

impl Scrubber {
    /// Remembers a secret; its percent-encoded and base64 forms are removed too.
    pub fn learn(&mut self, secret: &str) {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
        let secret = secret.trim();
        if secret.len() < SHORTEST {
            return;
        }
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let json = serde_json::to_string(secret).unwrap_or_default();
        for form in [
            secret.to_owned(),
            encoded,
            json.trim_matches('"').to_owned(),
            STANDARD.encode(secret),
            STANDARD_NO_PAD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
        ] {
            if !self.needles.iter().any(|needle| **needle == form) {
                self.needles.push(Zeroizing::new(form));
            }
        }
        self.needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
    }

    /// The text without any secret.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for needle in &self.needles {
            if clean.contains(needle.as_str()) {
                clean = clean.replace(needle.as_str(), REDACTED);
            }
        }
        without_tokens(&clean)
    }
}

/// The text with everything that looks like a JWT replaced: a base64url JSON object (`eyJ…`), a dot, and what follows.
#[must_use]
pub fn without_tokens(text: &str) -> String {
    let is_token_character =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '=');
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("eyJ") {
        let (before, candidate) = rest.split_at(start);
        clean.push_str(before);
        let end = candidate
            .find(|character| !is_token_character(character))
            .unwrap_or(candidate.len());
        let (token, after) = candidate.split_at(end);
        if token.contains('.') || token.len() > 200 {
            clean.push_str(REDACTED);
        } else {
            clean.push_str(token);
        }
        rest = after;
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_nothing_in_any_form() {
        let secret = Secret::new("hunter2hunter2".to_owned());
        assert_eq!(format!("{secret} {secret:?}"), "[redacted] [redacted]");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"[redacted]\"");
    }

    #[test]
    fn known_secrets_and_tokens_disappear_from_text() {
        let mut scrubber = Scrubber::default();
        scrubber.learn("p/w+d==~x");
        let text =
            "secret p/w+d==~x, encoded p%2Fw%2Bd%3D%3D%7Ex, token eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln; eyJoeg stays";
        let clean = scrubber.scrub(text);
        assert!(
            !clean.contains("p/w+d") && !clean.contains("p%2Fw") && !clean.contains("c2ln"),
            "{clean}"
        );
        assert!(clean.contains("eyJoeg stays"), "{clean}");
    }
}
