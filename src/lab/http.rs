//! Requests as they arrive and answers as they go, and the servers between which they do.

use bytes::Bytes;
use http_body_util::Full;
use hyper::ext::ReasonPhrase;
use hyper::header::{HeaderName, HeaderValue};

/// The servers of a lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Server {
    /// The platform's token endpoint on App 1's machine.
    Identity,
    /// Entra ID: metadata, keys, token endpoint.
    Entra,
    /// App 2, with its front end and Easy Auth.
    App2,
    /// Azure Resource Manager.
    ResourceManager,
    /// Microsoft Graph.
    Graph,
    /// Some other host, which should never get a token.
    OtherHost,
    /// A forward proxy.
    Proxy,
}

impl Server {
    /// All servers.
    pub const ALL: [Self; 7] =
        [Self::Identity, Self::Entra, Self::App2, Self::ResourceManager, Self::Graph, Self::OtherHost, Self::Proxy];
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// Where it arrived.
    pub server: Server,
    /// Its method.
    pub method: String,
    /// Its path and query as sent; with an absolute form (proxies) the whole URL.
    pub target: String,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Bytes,
}

impl Received {
    /// The first header with this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The path without the query, percent-decoded.
    #[must_use]
    pub fn path(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        let pairs = format!("p={}", path.replace('+', "%2B"));
        url::form_urlencoded::parse(pairs.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// A parameter of the query.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?').map(|(_, query)| query)?;
        parameter(query.as_bytes(), name)
    }

    /// A field of a form body.
    #[must_use]
    pub fn form(&self, name: &str) -> Option<String> {
        parameter(&self.body, name)
    }

    /// The bearer token, when one came.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        let value = self.header("authorization")?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

fn parameter(encoded: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(encoded).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// What a server answers.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub status: u16,
    /// A reason phrase other than the usual one.
    pub reason: Option<&'static str>,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Answer {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, reason: None, headers: Vec::new(), body: Bytes::new() }
    }

    /// An answer with a JSON body.
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::empty(status).header("content-type", "application/json; charset=utf-8").with_body(value.to_string())
    }

    /// An answer with an HTML body.
    pub fn html(status: u16, body: impl Into<Bytes>) -> Self {
        Self::empty(status).header("content-type", "text/html").with_body(body)
    }

    /// The same with one more header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same with this reason phrase.
    pub fn reason(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The same with this body.
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The answer as hyper sends it.
    pub fn into_response(self) -> hyper::Response<Full<Bytes>> {
        let mut response = hyper::Response::new(Full::new(self.body));
        *response.status_mut() = hyper::StatusCode::from_u16(self.status).unwrap_or(hyper::StatusCode::IM_A_TEAPOT);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        if let Some(reason) = self.reason {
            response.extensions_mut().insert(ReasonPhrase::from_static(reason.as_bytes()));
        }
        response
    }
}

/// A body as JSON. One reader of texts for all JSON keeps the program small.
pub(super) fn json(body: &[u8]) -> serde_json::Result<serde_json::Value> {
    serde_json::from_str(&String::from_utf8_lossy(body))
}
