//! One HTTP server on loopback: accepts, records what arrived, applies the server's faults, and answers.

use std::sync::Arc;

use bytes::Bytes;
use chrono::TimeDelta;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{DATE, HeaderValue};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::clock;
use super::http::{Answer, Received, Server};
use super::services;
use super::shared::Shared;
use super::world::Faults;

/// The largest request body that a server reads, in bytes.
const BODY_LIMIT: usize = 1 << 20;

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
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
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
    let answer = failing(&faults, number).unwrap_or_else(|| services::answer(server, shared, &world, &received));
    let mut response = answer.into_response();
    let now = clock::utc();
    let skew = TimeDelta::try_seconds(faults.clock_skew_s).unwrap_or_default();
    let date = now.checked_add_signed(skew).unwrap_or(now).format("%a, %d %b %Y %H:%M:%S GMT");
    if let Ok(date) = HeaderValue::try_from(date.to_string()) {
        response.headers_mut().insert(DATE, date);
    }
    Ok(response)
}

async fn receive(server: Server, request: hyper::Request<hyper::body::Incoming>) -> Received {
    let (parts, body) = request.into_parts();
    let body =
        Limited::new(body, BODY_LIMIT).collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
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

/// The answer of a server that fails whatever it is asked; `number` counts its requests for the same address from 1.
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
