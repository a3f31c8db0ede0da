//! The one place that sends. Every request has a deadline, a body limit and a purpose; redirects are never followed on
//! their own; every answer is recorded before anybody sees it.

mod body;
mod client;
mod compressed;
pub mod failure;
pub mod pause;
pub mod proxy;
#[allow(clippy::arithmetic_side_effects, reason = "the difference of two moments that a calendar can show")]
pub mod record;
mod request;
pub mod tls;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::case::LeftOut;
use crate::case::exchange::{Exchange, Failure, FailureKind, LOCAL, Outcome, Purpose};
use crate::case::json;
use crate::case::observation::Observation;
use crate::case::secret::Secret;
use crate::case::under_way::{ShownUrl, UnderWay};

use super::address;
use body::BodyError;
use client::Clients;
use proxy::{Proxies, Proxy};
use request::shown_headers;

pub use request::{HeaderText, LIST_LIMIT, Reply, Request, Way};

/// Sends requests and records them.
#[derive(Debug)]
pub struct Http {
    timeout: Duration,
    started: Instant,
    /// How long the run was under way when this sender began.
    before: Duration,
    counter: AtomicU32,
    /// Numbers of local commands count down from the largest: they leave no gap in those of exchanges.
    commands: AtomicU32,
    proxies: Proxies,
    clients: Clients,
    observations: UnboundedSender<Observation>,
    /// From when on no answer is waited for.
    verdict: CancellationToken,
    /// From when on it is clear that Microsoft Graph has nothing to explain.
    unexplained: CancellationToken,
    /// Whether the identity endpoint failed twice in the same way.
    is_lasting: AtomicBool,
    /// When the last answer came.
    last_answer: Mutex<Instant>,
}

impl Http {
    /// A sender whose records count from `first_id`.
    pub fn new(
        timeout: Duration,
        extra_roots: Option<Vec<u8>>,
        proxies: Proxies,
        first_id: u32,
        observations: UnboundedSender<Observation>,
    ) -> Self {
        Self {
            timeout,
            started: Instant::now(),
            before: Duration::ZERO,
            counter: AtomicU32::new(first_id),
            commands: AtomicU32::new(u32::MAX),
            proxies,
            clients: Clients::new(timeout, extra_roots),
            observations,
            verdict: CancellationToken::new(),
            unexplained: CancellationToken::new(),
            is_lasting: AtomicBool::new(false),
            last_answer: Mutex::new(Instant::now()),
        }
    }

    /// The same for a run that began some time ago: its records count from there.
    pub const fn continuing(mut self, before: Duration) -> Self {
        self.before = before;
        self
    }

    /// The time since the run began.
    fn elapsed(&self) -> Duration {
        self.before.saturating_add(self.started.elapsed())
    }

    /// The deadline of each request.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Makes a secret known, so that it appears in nothing that is shown.
    pub fn learn(&self, secret: &str) {
        self.tell(Observation::Secret(Secret::new(secret.to_owned())));
    }

    /// Makes known what is sent under a name and may be a secret.
    pub fn learn_sent(&self, name: &str, value: &Secret<String>) {
        self.tell(Observation::Sent { name: name.to_owned(), value: value.clone() });
    }

    /// Ends whatever is under way, which is not waited for; nothing is sent from now on.
    pub fn stop_waiting(&self) {
        self.verdict.cancel();
    }

    /// When the last answer came, or the last request failed.
    pub fn last_answer(&self) -> Instant {
        *lock(&self.last_answer)
    }

    /// Ends the request for a token for Microsoft Graph, whose answers only explain a rejection.
    pub fn nothing_to_explain(&self) {
        self.unexplained.cancel();
    }

    /// The identity endpoint failed twice in the same way.
    pub fn lasting_fault(&self) {
        self.is_lasting.store(true, Ordering::Relaxed);
    }

    /// Whether it did.
    pub fn has_lasting_fault(&self) -> bool {
        self.is_lasting.load(Ordering::Relaxed)
    }

    /// Whether an answer would still be read.
    fn is_needed(&self, purpose: &Purpose) -> bool {
        !(self.verdict.is_cancelled() || *purpose == Purpose::TokenForGraph && self.unexplained.is_cancelled())
    }

    /// Work whose outcome may come too late. `None`: it was not waited for.
    pub async fn waited_for<T>(&self, purpose: &Purpose, work: impl Future<Output = T>) -> Option<T> {
        let explains = *purpose == Purpose::TokenForGraph;
        // What is there is taken, even where it came at the last moment.
        tokio::select! {
            biased;
            outcome = work => Some(outcome),
            () = self.verdict.cancelled() => None,
            () = self.unexplained.cancelled(), if explains => None,
        }
    }

    /// A pause between two attempts.
    pub async fn sleep(&self, purpose: &Purpose, time: Duration) {
        self.waited_for(purpose, tokio::time::sleep(time)).await;
    }

    /// The proxies that the environment names.
    pub const fn proxies(&self) -> &Proxies {
        &self.proxies
    }

    /// Tells an observation.
    pub fn tell(&self, observation: Observation) {
        // Without a listener there is nobody left who needs it.
        let _ = self.observations.send(observation);
    }

    /// Tells that a planned request is left out, and why.
    pub fn leave_out(&self, purpose: Purpose, reason: impl Into<String>) {
        self.tell(Observation::LeftOut(LeftOut { purpose, reason: reason.into() }));
    }

    /// Records a failure without a request: a local command, or a request that a rule forbids.
    pub fn record_failure(&self, purpose: Purpose, what: &str, kind: FailureKind, message: &str) -> Exchange {
        let message = crate::case::text::shortened(message, 2000);
        self.record(purpose, what, Outcome::Failure(Failure { kind, message }))
    }

    /// Records what came of a local command.
    pub fn record(&self, purpose: Purpose, what: &str, outcome: Outcome) -> Exchange {
        let started = self.elapsed();
        let exchange = Exchange {
            id: self.counter.fetch_add(1, Ordering::Relaxed),
            purpose,
            method: LOCAL.to_owned(),
            url: what.to_owned(),
            request_headers: Vec::new(),
            started_ms: millis(started),
            elapsed_ms: 0,
            proxy: None,
            address: None,
            outcome,
        };
        self.tell(Observation::Exchange(Box::new(exchange.clone())));
        exchange
    }

    /// Tells that a local command starts, which may take this long. Returns its number, for [`Observation::Ended`].
    pub fn begin_command(&self, purpose: Purpose, command: &str, limit: Duration) -> u32 {
        let id = self.commands.fetch_sub(1, Ordering::Relaxed);
        self.tell(Observation::Started(Box::new(UnderWay {
            id,
            url: ShownUrl::of(&purpose, command),
            purpose,
            method: LOCAL.to_owned(),
            at: self.elapsed(),
            limit,
        })));
        id
    }

    /// Sends a request through the proxy that the environment names for its address, loopback or not.
    pub async fn send_through_proxy(&self, request: Request) -> Option<Reply> {
        let proxy = self.proxies.for_url(&request.url)?;
        Some(Box::pin(self.send_by(request, Some(proxy))).await)
    }

    /// Sends a request and records what came of it.
    pub async fn send(&self, request: Request) -> Reply {
        let proxy = match request.way {
            Way::AsEnvironment => self.proxies.for_url(&request.url).filter(|_| !address::is_loopback(&request.url)),
            Way::Direct | Way::Pinned(_) => None,
        };
        // On the heap: every probe waits for it, some of them several at a time.
        Box::pin(self.send_by(request, proxy)).await
    }

    async fn send_by(&self, request: Request, proxy: Option<Proxy>) -> Reply {
        let (reply, interrupted) = self.send_once(&request, proxy.clone()).await;
        if interrupted && pause::may_be_repeated(&request.method, &request.purpose) {
            return self.send_once(&request, proxy).await.0;
        }
        reply
    }

    /// Sends a request, and says whether a pause of this process interrupted it.
    async fn send_once(&self, request: &Request, proxy: Option<Proxy>) -> (Reply, bool) {
        if !self.is_needed(&request.purpose) {
            return (self.not_sent(request), false);
        }
        for (name, text) in &request.headers {
            if let HeaderText::Hidden(secret) = text {
                self.learn_sent(name, secret);
            }
        }
        let id = self.counter.fetch_add(1, Ordering::Relaxed);
        let began = self.elapsed();
        self.tell(Observation::Started(Box::new(UnderWay {
            id,
            purpose: request.purpose.clone(),
            method: request.method.clone(),
            url: ShownUrl::of(&request.purpose, request.url.as_str()),
            at: began,
            limit: self.timeout,
        })));
        let work = self.waited_for(&request.purpose, self.exchange(request, proxy.clone()));
        let (ended, paused) = pause::watched(self.timeout, work).await;
        let Ended { mut outcome, body, address } = ended.unwrap_or_else(|| Ended::of(Outcome::NotWaitedFor));
        *lock(&self.last_answer) = Instant::now();
        let interrupted = pause::interrupted(&mut outcome, paused, &request.method, &request.purpose);
        let exchange = Exchange {
            id,
            purpose: request.purpose.clone(),
            method: request.method.clone(),
            url: request.url.as_str().to_owned(),
            request_headers: shown_headers(&request.headers),
            started_ms: millis(began),
            elapsed_ms: millis(self.elapsed().saturating_sub(began)),
            proxy: proxy.map(|proxy| proxy.shown),
            address,
            outcome,
        };
        self.tell(Observation::Exchange(Box::new(exchange.clone())));
        (Reply { exchange, body }, interrupted)
    }

    /// The reply to a request that comes after the verdict; it is not recorded.
    fn not_sent(&self, request: &Request) -> Reply {
        Reply {
            exchange: Exchange {
                id: 0,
                purpose: request.purpose.clone(),
                method: request.method.clone(),
                url: request.url.as_str().to_owned(),
                request_headers: Vec::new(),
                started_ms: millis(self.elapsed()),
                elapsed_ms: 0,
                proxy: None,
                address: None,
                outcome: Outcome::NotWaitedFor,
            },
            body: Zeroizing::default(),
        }
    }

    async fn exchange(&self, request: &Request, proxy: Option<Proxy>) -> Ended {
        let asks_dns = proxy.is_none() && request.purpose == Purpose::CallAnonymous;
        let mut ended = self.exchange_by(request, proxy).await;
        // Without an answer, the name's address shows where the request went.
        if asks_dns && ended.address.is_none() && matches!(ended.outcome, Outcome::Failure(_)) {
            ended.address = address::of(&request.url).await;
        }
        ended
    }

    async fn exchange_by(&self, request: &Request, proxy: Option<Proxy>) -> Ended {
        let failure = |failure| Ended::of(Outcome::Failure(failure));
        let failed = |kind, message: String| failure(Failure { kind, message });
        let seconds = self.timeout.as_secs();
        let (asked_at, deadline) = (super::clock::utc(), super::deadline::after(self.timeout));
        let through_proxy = proxy.is_some();
        let prepared = self.clients.get(&request.way, proxy).and_then(|client| {
            let prepared = client::build(&client, request)?;
            Ok((client, prepared))
        });
        let (client, prepared) = match prepared {
            Ok(both) => both,
            Err(error) => return failed(FailureKind::NotSent, error.to_string()),
        };
        let mut response = match tokio::time::timeout_at(deadline, client.execute(prepared)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                return failure(failure::classify(&error, through_proxy, seconds));
            }
            Err(_) => return failure(failure::timed_out("response", seconds)),
        };
        let address = response.remote_addr().map(|address| address.ip());
        let address = address.filter(|_| !through_proxy && request.url.domain().is_some());
        let reason = response
            .extensions()
            .get::<hyper::ext::ReasonPhrase>()
            .map(|phrase| String::from_utf8_lossy(phrase.as_bytes()).into_owned());
        let reason = reason.or_else(|| response.status().canonical_reason().map(str::to_owned));
        // Of App 2's own answers the status decides, and a stream of events has no end.
        let may_be_endless = request.purpose.is_to_the_target();
        let (body, truncated) = match body::read(&mut response, request.limit, deadline, may_be_endless).await {
            Ok(read) => read,
            Err(BodyError::Timeout) => {
                return Ended { address, ..failure(failure::timed_out("complete response", seconds)) };
            }
            Err(BodyError::Broken(error)) => {
                return Ended { address, ..failure(failure::classify(&error, false, seconds)) };
            }
        };
        let opened = compressed::opened(response.headers(), body, truncated, request.limit);
        let body = opened.body;
        if request.purpose.asks_for_token()
            && response.status().is_success()
            && let Ok(json) = json::parse_bytes(&body)
        {
            record::tokens_in(&json).for_each(|token| self.learn(token));
        }
        let mut answer =
            record::answer(response.status().as_u16(), reason, response.headers(), &body, opened.truncated, asked_at);
        if opened.closed {
            answer.body.clear();
        }
        Ended { outcome: Outcome::Answer(answer), body, address }
    }
}

/// A request at its end.
struct Ended {
    outcome: Outcome,
    /// The whole body; of it, the outcome has what is kept.
    body: Zeroizing<Vec<u8>>,
    /// Where it went.
    address: Option<IpAddr>,
}

impl Ended {
    fn of(outcome: Outcome) -> Self {
        Self { outcome, body: Zeroizing::default(), address: None }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A poisoned lock only says that another thread panicked; what it contains is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
