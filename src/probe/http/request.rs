//! What is sent, and what comes back.

use url::Url;
use zeroize::Zeroizing;

use crate::case::exchange::{Exchange, Purpose};
use crate::case::json;
use crate::case::secret::{REDACTED, Secret};
use crate::case::shown::routing::routing;

/// No more of an ordinary answer's body is read: 256 KiB.
const BODY_LIMIT: usize = 256 * 1024;
/// No more of an answer that lists things is read: 4 MiB.
pub const LIST_LIMIT: usize = 4 * 1024 * 1024;

/// A header's value: one that may be shown, or one that may not.
#[derive(Debug, Clone)]
pub enum HeaderText {
    /// May be shown.
    Plain(String),
    /// May not.
    Hidden(Secret<String>),
}

/// Which way a request takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Way {
    /// Past every proxy: identity endpoints and loopback.
    Direct,
    /// Through the proxy that the environment names for the address, if any.
    AsEnvironment,
    /// Direct, to a server whose certificate has this thumbprint.
    Pinned(String),
}

/// A request to send.
#[derive(Debug, Clone)]
pub struct Request {
    /// Why.
    pub purpose: Purpose,
    /// The method.
    pub method: String,
    /// The address.
    pub url: Url,
    /// Headers.
    pub headers: Vec<(String, HeaderText)>,
    /// The body.
    pub body: Option<Zeroizing<Vec<u8>>>,
    /// The way.
    pub way: Way,
    /// No more of the body is read.
    pub limit: usize,
}

impl Request {
    /// A GET without headers.
    pub fn get(purpose: Purpose, url: Url) -> Self {
        Self {
            purpose,
            method: "GET".to_owned(),
            url,
            headers: Vec::new(),
            body: None,
            way: Way::AsEnvironment,
            limit: BODY_LIMIT,
        }
    }

    /// The same with one more header that may be shown.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), HeaderText::Plain(value.to_owned())));
        self
    }

    /// The same with one more header that may not be shown.
    pub fn hidden(mut self, name: &str, value: Secret<String>) -> Self {
        self.headers.push((name.to_owned(), HeaderText::Hidden(value)));
        self
    }

    /// The same with a bearer token.
    pub fn bearer(self, token: &Secret<String>) -> Self {
        self.hidden("Authorization", Secret::new(format!("Bearer {}", token.expose())))
    }

    /// The same as a POST of a form.
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        "POST".clone_into(&mut self.method);
        self.body = Some(Zeroizing::new(body.finish().into_bytes()));
        self.header("Content-Type", "application/x-www-form-urlencoded")
    }

    /// The same on another way.
    pub fn way(mut self, way: Way) -> Self {
        self.way = way;
        self
    }

    /// The same with another body limit.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }
}

/// What came of a request: the record, and the raw body for the one who asked.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The record, as it went into the case.
    pub exchange: Exchange,
    /// The raw body; empty without an answer.
    pub body: Zeroizing<Vec<u8>>,
}

impl Reply {
    /// The status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.exchange.status()
    }

    /// The raw body as JSON.
    pub fn json(&self) -> Option<serde_json::Value> {
        json::parse_bytes(&self.body).ok()
    }
}

/// Headers as the record has them.
pub fn shown_headers(headers: &[(String, HeaderText)]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, text)| {
            let shown = match text {
                HeaderText::Plain(text) => text.clone(),
                HeaderText::Hidden(text) => routing(name, text.expose()).unwrap_or_else(|| REDACTED.to_owned()),
            };
            (name.clone(), shown)
        })
        .collect()
}
