//! One HTTP server on loopback: accepts, records what arrived, applies the server's faults, and answers.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http_body_util::{BodyExt, Full, Limited};
use hyper::ext::ReasonPhrase;
use hyper::header::{DATE, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::shared::Shared;
use super::world::Faults;

/// The largest request body that a server reads, in bytes.
const BODY_LIMIT: usize = 1 << 20;

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
    pub const ALL: [Self; 7] = [
        Self::Identity,
        Self::Entra,
        Self::App2,
        Self::ResourceManager,
        Self::Graph,
        Self::OtherHost,
        Self::Proxy,
    ];
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
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The path without the query, percent-decoded.
    #[must_use]
    pub fn path(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        let pairs = format!("p={}", path.replace('+', "%2B"));
        url::form_urlencoded::parse(pairs.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
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
    url::form_urlencoded::parse(encoded)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
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
        Self {
            status,
            reason: None,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// An answer with a JSON body.
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::empty(status)
            .header("content-type", "application/json; charset=utf-8")
            .with_body(value.to_string())
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

    fn into_response(self) -> hyper::Response<Full<Bytes>> {
        let mut response = hyper::Response::new(Full::new(self.body));
        *response.status_mut() = hyper::StatusCode::from_u16(self.status).unwrap_or(hyper::StatusCode::IM_A_TEAPOT);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        if let Some(reason) = self.reason {
            response
                .extensions_mut()
                .insert(ReasonPhrase::from_static(reason.as_bytes()));
        }
        response
    }
}

/// Serves until stopped.
pub(crate) async fn serve(server: Server, listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Running out of descriptors passes; spinning on it would not help.
                Err(_) => { tokio::task::yield_now().await; continue; }
            },
        };
        let (shared, tls, stop) = (Arc::clone(&shared), shared.acceptor(server), stop.clone());
        tokio::spawn(async move {
            let work = async {
                match tls {
                    None => connection(server, stream, shared).await,
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            connection(server, stream, shared).await;
                        }
                    }
                }
            };
            tokio::select! { () = stop.cancelled() => {}, () = work => {} }
        });
    }
}

async fn connection<S: AsyncRead + AsyncWrite + Unpin>(server: Server, stream: S, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { exchange(server, request, &shared).await }
    });
    // A client that goes away in the middle is its own business.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn exchange(
    server: Server,
    request: hyper::Request<hyper::body::Incoming>,
    shared: &Shared,
) -> Result<hyper::Response<Full<Bytes>>, std::convert::Infallible> {
    let received = receive(server, request).await;
    let world = shared.world();
    let number = shared.record(received.clone());
    let faults = shared.faults(&world, server);
    if faults.silent {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(shared.delay()).await;
    let answer = failing(&faults, number).unwrap_or_else(|| super::dispatch(server, shared, &world, &received));
    let mut response = answer.into_response();
    let shown = SystemTime::now() + Duration::from_secs(u64::try_from(faults.clock_skew_s).unwrap_or(0))
        - Duration::from_secs(u64::try_from(-faults.clock_skew_s).unwrap_or(0));
    let date = DateTime::<Utc>::from(shown).format("%a, %d %b %Y %H:%M:%S GMT");
    if let Ok(date) = HeaderValue::try_from(date.to_string()) {
        response.headers_mut().insert(DATE, date);
    }
    Ok(response)
}

async fn receive(server: Server, request: hyper::Request<hyper::body::Incoming>) -> Received {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, BODY_LIMIT)
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    Received {
        server,
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body,
    }
}

/// The answer of a server that fails whatever it is asked; `number` counts its requests from 1.
fn failing(faults: &Faults, number: u32) -> Option<Answer> {
    if number > faults.failing_requests {
        return None;
    }
    let mut answer = Answer::empty(faults.status).with_body(faults.body.clone());
    if let Some(seconds) = faults.retry_after_s {
        answer = answer.header("retry-after", seconds.to_string());
    }
    if faults.body.starts_with('{') {
        answer = answer.header("content-type", "application/json");
    }
    Some(answer)
}
