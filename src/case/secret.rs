//! Secrets that cannot be shown: the type [`Secret`], and what has the form of a credential in a text.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{Zeroize, Zeroizing};

use super::ids::{bare, is_guid, wrapped_guid};

mod named;
mod redacted;

pub use redacted::{HIDDEN_NUMBER, REDACTED};

/// A value that is never shown: `Debug`, `Display` and serde all give [`REDACTED`]. Its memory is wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

/// What a client secret's form shows, which its value never has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretForm {
    /// It is a GUID, as a secret's ID is.
    Guid,
    /// It has a line break.
    LineBreak,
    /// White space or an invisible character is around it.
    WhiteSpace,
    /// Quotation marks are around it.
    Quotes,
    /// It is a JSON document, such as what `az ad app credential reset` prints.
    Json,
    /// It is a key or a certificate in PEM.
    Pem,
    /// A name and `=` are before it.
    Assignment,
    /// It is escaped for a URL.
    Escaped,
    /// It is what a log or a pipeline shows instead of a secret.
    Masked,
}

impl SecretForm {
    /// The form of a text that isn't that of a client secret.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let inner = bare(text);
        let is_in = |mark: char| inner.len() > 1 && inner.starts_with(mark) && inner.ends_with(mark);
        match inner {
            _ if inner.starts_with("-----BEGIN ") => Some(Self::Pem),
            _ if text.contains(['\n', '\r']) => Some(Self::LineBreak),
            _ if !inner.is_empty() && inner.chars().all(|it| it == '*') => Some(Self::Masked),
            _ if is_assignment(inner) => Some(Self::Assignment),
            _ if inner.to_ascii_lowercase().contains("%7e") => Some(Self::Escaped),
            _ if is_guid(inner) || wrapped_guid(inner).is_some() => Some(Self::Guid),
            _ if is_in('"') || is_in('\'') => Some(Self::Quotes),
            _ if inner.starts_with('{') && inner.ends_with('}') => Some(Self::Json),
            _ => (inner != text).then_some(Self::WhiteSpace),
        }
    }

    /// The word in sentences' conditions.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Guid => "guid",
            Self::LineBreak => "line-break",
            Self::WhiteSpace => "white-space",
            Self::Quotes => "quotes",
            Self::Json => "json",
            Self::Pem => "pem",
            Self::Assignment => "assignment",
            Self::Escaped => "escaped",
            Self::Masked => "masked",
        }
    }
}

/// Whether a text is a variable's name, `=`, and its value, as a line of a file has them.
fn is_assignment(text: &str) -> bool {
    let name = text.split_once('=').map_or("", |(name, _)| name.trim_start_matches("export ").trim());
    name.contains('_') && name.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_')
}

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
        // A saved case never contains a secret, and one put there by hand is not taken in.
        String::deserialize(deserializer)?.zeroize();
        Ok(Self::new(REDACTED.to_owned()))
    }
}

/// The text without what is named as a credential in it: pages for debugging, connection strings and log lines hold
/// other people's secrets.
#[must_use]
pub fn without_credentials(text: &str) -> String {
    named::without_values(&without_users(without_keys(text)), REDACTED).into_owned()
}

/// The text without tokens and without what is named as a credential in it.
#[must_use]
pub fn without_secrets(text: &str) -> String {
    without_credentials(&without_tokens(text))
}

/// The text without the user name and password of the addresses in it.
fn without_users(text: String) -> String {
    const SCHEME: &str = "://";
    if !text.contains('@') {
        return text;
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(SCHEME).and_then(|at| at.checked_add(SCHEME.len())) {
        let (before, after) = rest.split_at(at);
        clean.push_str(before);
        let ends = |sign: char| sign.is_whitespace() || matches!(sign, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | '\\');
        let authority = after.get(..after.find(ends).unwrap_or(after.len())).unwrap_or(after);
        rest = after;
        if let Some(user) = authority.rfind('@').filter(|length| *length > 0) {
            clean.push_str(REDACTED);
            rest = after.get(user..).unwrap_or_default();
        }
    }
    clean.push_str(rest);
    clean
}

/// The text without what is between the lines that begin and end a key or certificate in PEM.
fn without_keys(text: &str) -> String {
    const BEGIN: &str = "-----BEGIN ";
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        clean.push_str(before);
        clean.push_str(BEGIN);
        let label = after.find("-----").map_or(0, |at| at.saturating_add(5));
        let (label, key) = after.split_at_checked(label).unwrap_or(("", after));
        clean.push_str(label);
        clean.push_str(&format!(" {REDACTED} "));
        rest = key.find("-----END ").and_then(|end| key.get(end..)).unwrap_or_default();
    }
    clean.push_str(rest);
    clean
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
        let end = candidate.find(|character| !is_token_character(character)).unwrap_or(candidate.len());
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
    fn what_is_named_as_a_credential_disappears_and_its_name_stays() {
        for (text, gone, stays) in [
            ("Cookie: AppServiceAuthSession=abcdef123456; x=y", "abcdef123456", "Cookie: [redacted]"),
            ("Set-Cookie: a=b1234; path=/\nnext line", "b1234", "next line"),
            ("GET https://x/api?code=0123456789abcdef== 401", "0123456789abcdef", "401"),
            ("https://s.blob.core.windows.net/c?sv=2024&sig=AbC%2Fdefghijkl", "AbC%2Fdefghijkl", "sv=2024"),
            ("Server=db;User Id=u;Password=hunter2hunter2;", "hunter2hunter2", "Server=db"),
            ("AccountKey=AAAABBBBCCCC==;EndpointSuffix=x", "AAAABBBBCCCC", "EndpointSuffix=x"),
            (
                "<tr><td>AZURE_CLIENT_SECRET</td>\n<td class=\"code\"><pre>'s3cr3tvalue'</pre></td>",
                "s3cr3tvalue",
                "AZURE_CLIENT_SECRET",
            ),
            (
                "{\"x-functions-key\": \"abcdefgh12345678\", \"role\": \"reader\"}",
                "abcdefgh12345678",
                "\"role\": \"reader\"}",
            ),
            ("{\"message\":\"Authorization: Basic dXNlcjpwYXNz\"}", "dXNlcjpwYXNz", "Authorization: Basic [redacted]"),
            ("Authorization: Bearer abc123def456 was sent", "abc123def456", "was sent"),
            ("<error><password>Sh0rt!x</password></error>", "Sh0rt!x", "</password>"),
            ("<title>token=AbCd1234Ef</title>", "AbCd1234Ef", "</title>"),
            ("text/plain; key=CtVal1234", "CtVal1234", "text/plain"),
            ("X-MS-TOKEN-AAD-REFRESH-TOKEN: 0.AXoAabcdef", "0.AXoAabcdef", "X-MS-TOKEN-AAD-REFRESH-TOKEN"),
        ] {
            let clean = without_credentials(text);
            assert!(!clean.contains(gone) && clean.contains(stays), "{text} became {clean}");
        }
        for same in [
            "{\"token_type\":\"Bearer\",\"expires_in\":3599}",
            "Bearer realm=\"app2\" authorization_uri=\"https://login.windows.net/t/oauth2/authorize\" \
             resource_id=\"x\"",
            "\"clientSecretSettingName\":\"MICROSOFT_PROVIDER_AUTHENTICATION_SECRET\"",
            "error=\"invalid_token\", error_description=\"The audience 'api://own' is invalid\"",
            "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the client secret value.",
            "https://app2/api?code=DE&country=x",
            "error=\"invalid_token\" token=expired, key=unknown-kid",
            "Send Authorization: Bearer <token>, or see <secret> </secret>",
        ] {
            assert_eq!(without_credentials(same), same);
        }
    }
}
