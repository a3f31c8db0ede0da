//! An HTTP answer as it was received, and what is read in it by everybody who looks at it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::case::challenge::{Bearers, Challenge};
use crate::case::json;
use crate::case::once::Once;
use crate::case::shown::address;
use crate::case::shown::quote;
use crate::case::shown::secrets::Secrets;

/// An HTTP answer. Bytes that are not UTF-8 are replaced.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The reason phrase as sent, where the connection gives it. App Service's front end distinguishes causes by it.
    pub reason: Option<String>,
    /// Response headers in the order received, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decoded and cut at the limit.
    pub body: String,
    /// The body's length in bytes as read.
    pub body_length: u64,
    /// Whether the body was longer than the limit, and cut there.
    pub truncated: bool,
    /// The server's clock less ours in seconds, from the `Date` header. Resolution one second.
    pub clock_skew_s: Option<i64>,
    /// What the body says, as a saved case contains it: its message, title, or text, at most 300 characters.
    #[serde(default)]
    pub excerpt: Option<String>,
    /// What the run must hide in what is quoted of this answer.
    #[serde(skip)]
    pub secrets: Secrets,
    /// What was read in it. It is worked out once, so the headers and the body stay as they are.
    #[serde(skip)]
    pub read: Box<Read>,
}

/// What is read in an answer by everybody who looks at it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Read {
    json: Once<Option<serde_json::Value>>,
    bearers: Once<Bearers>,
    /// The marks of known responders that are in it, in the order of their table.
    pub marks: Once<Vec<Mark>>,
    leads_to: Once<Option<Url>>,
    /// The client ID in the address of Microsoft Entra ID's sign-in page that it leads to.
    pub sign_in: Once<Option<String>>,
    /// The headers of the run's answers that App 2 itself gave.
    pub of_app_2: Arc<Vec<(String, String)>>,
}

/// A mark of a known responder, as it is in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The place of the responder in its table.
    pub responder: usize,
    /// The place of the mark among the responder's.
    pub place: usize,
    /// What shows it.
    pub text: String,
}

/// The header in which access restrictions name the address that they reject.
pub const FORBIDDEN_IP: &str = "x-ms-forbidden-ip";

/// The header that the Linux middleware puts on its own answers and on everything that passes it.
pub const MIDDLEWARE_ID: &str = "x-ms-middleware-request-id";

impl Answer {
    /// What the body says, as it may be shown. Empty where nothing of it may be, although the body isn't.
    #[must_use]
    pub fn excerpt(&self) -> String {
        match &self.excerpt {
            Some(excerpt) if quote::says_something(excerpt) => excerpt.clone(),
            Some(_) => String::new(),
            None => quote::excerpt(&self.body, |text| self.secrets.scrub_foreign(text).into_owned()),
        }
    }

    /// A text of this answer, as it may be quoted.
    #[must_use]
    pub fn quote(&self, text: &str) -> String {
        quote::quote(&self.secrets.scrub_foreign(text))
    }

    /// An address that this answer names, as it may be quoted.
    #[must_use]
    pub fn shown_address(&self, address: &str) -> String {
        quote::quote(&address::scrubbed(address, &self.secrets))
    }

    /// Where the answer redirects to, as it may be quoted.
    #[must_use]
    pub fn location(&self) -> Option<String> {
        self.header("location").map(|location| self.shown_address(location))
    }

    /// The whole address that it names in `Location`, where it is one.
    #[must_use]
    pub fn leads_to(&self) -> Option<&Url> {
        self.read.leads_to.get(|| Url::parse(self.header("location")?).ok()).as_ref()
    }

    /// Whether its status is one of those of redirects.
    #[must_use]
    pub const fn is_redirect(&self) -> bool {
        matches!(self.status, 300..=399)
    }

    /// Whether the front end's access restrictions reject the request.
    #[must_use]
    pub fn is_ip_forbidden(&self) -> bool {
        self.status == 403 && (self.is_named_ip_forbidden() || self.header(FORBIDDEN_IP).is_some())
    }

    /// Whether its reason phrase is that of access restrictions.
    #[must_use]
    pub fn is_named_ip_forbidden(&self) -> bool {
        self.reason.as_deref().is_some_and(|reason| reason.eq_ignore_ascii_case("Ip Forbidden"))
    }

    /// The first header with this (lower-case) name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All headers with this (lower-case) name.
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON, if it is, and contains no more values than are read into memory.
    #[must_use]
    pub fn json(&self) -> Option<&serde_json::Value> {
        let read = || json::parse(self.body.trim_start_matches('\u{feff}')).ok();
        self.read.json.get(read).as_ref()
    }

    /// Its Bearer challenges.
    #[must_use]
    pub fn bearers(&self) -> &Bearers {
        self.read.bearers.get(|| Bearers::of(self.headers_named("www-authenticate")))
    }

    /// The Bearer challenge that decides who answers.
    #[must_use]
    pub fn bearer(&self) -> Option<&Challenge> {
        self.bearers().deciding.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_more_values_than_are_read_is_no_json() {
        let of = |zeros: usize| Answer { body: format!("\u{feff}[{}0]", "0,".repeat(zeros)), ..Answer::default() };
        assert!(of(10).json().is_some());
        assert!(of(json::MOST_VALUES).json().is_none());
    }
}
