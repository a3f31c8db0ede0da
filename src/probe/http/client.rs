//! The clients that send: one for each way and proxy, so that their connections are used again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue};

use super::proxy::Proxy;
use super::request::{HeaderText, Request, Way};
use super::tls;

/// Why nothing can be sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsendable {
    /// The certificates to trust can't be used.
    #[error(transparent)]
    Certificates(#[from] tls::TlsError),
    /// The proxy that the environment names, as it may be shown.
    #[error("the proxy URL {0} is invalid")]
    Proxy(String),
    /// The client can't be made.
    #[error("can't set up the HTTP client: {0}")]
    Client(reqwest::Error),
    /// The method.
    #[error("\"{0}\" isn't an HTTP method")]
    Method(String),
    /// The name of a header.
    #[error("\"{0}\" isn't a header name")]
    HeaderName(String),
    /// The value of the header with this name.
    #[error("the value of the header {0} contains characters that aren't allowed in a header")]
    HeaderValue(String),
    /// Something else of the request.
    #[error("{0}")]
    Request(reqwest::Error),
}

/// Those that were made.
#[derive(Debug)]
pub(super) struct Clients {
    timeout: Duration,
    extra_roots: Option<Vec<u8>>,
    made: Mutex<HashMap<(Way, Option<Proxy>), reqwest::Client>>,
}

impl Clients {
    /// None yet: each will have this deadline, and trust these certificates, too.
    pub(super) fn new(timeout: Duration, extra_roots: Option<Vec<u8>>) -> Self {
        Self { timeout, extra_roots, made: Mutex::default() }
    }

    /// The one for a way and a proxy.
    ///
    /// # Errors
    /// Why there can be none.
    pub(super) fn get(&self, way: &Way, proxy: Option<Proxy>) -> Result<reqwest::Client, Unsendable> {
        let key = (if matches!(way, Way::Pinned(_)) { way.clone() } else { Way::Direct }, proxy);
        let mut clients = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let config = match way {
            Way::Pinned(thumbprint) => tls::pinned(thumbprint),
            Way::Direct | Way::AsEnvironment => tls::trusting(self.extra_roots.as_deref()),
        }?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .user_agent(concat!("easyauth-doctor/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .http1_only()
            .no_proxy()
            // Without the header, a server may choose any encoding.
            .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]))
            // Before the request's own deadline, which would say that a connection was made.
            .connect_timeout(self.timeout.saturating_sub(self.timeout.checked_div(20).unwrap_or_default()));
        if let Some(proxy) = &key.1 {
            let proxy = reqwest::Proxy::all(&proxy.address).map_err(|_| Unsendable::Proxy(proxy.shown.clone()))?;
            builder = builder.proxy(proxy);
        }
        let client = builder.build().map_err(Unsendable::Client)?;
        clients.insert(key, client.clone());
        Ok(client)
    }
}

/// A request as the client sends it.
///
/// # Errors
/// What of it can't be sent.
pub(super) fn build(client: &reqwest::Client, request: &Request) -> Result<reqwest::Request, Unsendable> {
    let method = reqwest::Method::from_bytes(request.method.as_bytes())
        .map_err(|_| Unsendable::Method(request.method.clone()))?;
    let mut headers = HeaderMap::new();
    for (name, text) in &request.headers {
        let value = match text {
            HeaderText::Plain(text) => text,
            HeaderText::Hidden(secret) => secret.expose(),
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Unsendable::HeaderName(name.clone()))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| Unsendable::HeaderValue(name.to_string()))?;
        value.set_sensitive(matches!(text, HeaderText::Hidden(_)));
        headers.append(name, value);
    }
    let mut builder = client.request(method, request.url.clone()).headers(headers);
    if let Some(body) = &request.body {
        builder = builder.body(body.to_vec());
    }
    builder.build().map_err(Unsendable::Request)
}
