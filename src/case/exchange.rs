//! One HTTP request and its answer, as they were observed, within limits. What of them may be shown, [`super::shown`]
//! decides.

mod purpose;
mod received;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use url::Url;

use super::plain_address;

pub use purpose::Purpose;
pub use received::{Answer, FORBIDDEN_IP, MIDDLEWARE_ID, Mark, Read};

/// An observation that was planned and then left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// What would have been asked.
    pub purpose: Purpose,
    /// Why it was not, in words for the user.
    pub reason: String,
}

/// Requests in the order in which they were sent.
pub fn by_id<'a>(exchanges: impl IntoIterator<Item = &'a Exchange>) -> Vec<&'a Exchange> {
    let mut exchanges: Vec<&Exchange> = exchanges.into_iter().collect();
    crate::sort::by_key(&mut exchanges, |exchange| exchange.id);
    exchanges
}

/// One request and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Counts from 1 in the order of the requests' starts.
    pub id: u32,
    /// Why it was made.
    pub purpose: Purpose,
    /// The HTTP method.
    pub method: String,
    /// The whole URL, query included.
    pub url: String,
    /// Request headers; secret values are redacted.
    pub request_headers: Vec<(String, String)>,
    /// When it started, in milliseconds since the start of the run.
    pub started_ms: u64,
    /// How long it took to the end of the body or the failure, in milliseconds.
    pub elapsed_ms: u64,
    /// Whether a proxy was between, and which (without credentials).
    pub proxy: Option<String>,
    /// The address that the host's name had here, where no proxy looks it up: the one that answered, or the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// An HTTP answer, whatever its status.
    Answer(Answer),
    /// No (whole) HTTP answer.
    Failure(Failure),
    /// The verdict was given before the answer came. It says nothing of the other side.
    NotWaitedFor,
}

/// Where an answer redirects to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The address that was asked.
    pub from: Url,
    /// The address to ask instead.
    pub to: Url,
}

impl Redirect {
    /// Whether it only leads to the same path at another address, such as from http to https: that says nothing of what
    /// is there.
    #[must_use]
    pub fn is_a_move(&self) -> bool {
        let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
        self.to != self.from && path(&self.to) == path(&self.from)
    }
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind of failure.
    pub kind: FailureKind,
    /// The cause in the words of the library that saw it.
    pub message: String,
}

/// What the message of a request begins with that a pause of this process interrupted.
pub const PAUSED: &str = "this process was paused";

/// The method of what is no request: a local command.
pub const LOCAL: &str = "RUN";

/// What the message of a request begins with whose server has the certificate of a certificate authority. OpenSSL and
/// .NET may accept it; the library of this program does not.
pub const CA_AS_SERVER: &str = "the certificate is a certificate authority's own (CA:TRUE)";

/// Kinds of failure of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The host name has no address (NXDOMAIN), or could not be looked up.
    NameNotResolved,
    /// The DNS server didn't answer (EAI_AGAIN), which says nothing of the name.
    LookupUnanswered,
    /// The other side refused the connection.
    ConnectionRefused,
    /// The other side closed the connection in the middle.
    ConnectionReset,
    /// There is no route to the address, or the network is down.
    NetworkUnreachable,
    /// No connection within the deadline: silence, as firewalls give it.
    ConnectTimeout,
    /// A connection, but no (whole) answer within the deadline.
    AnswerTimeout,
    /// The TLS certificate is not trusted, expired or for another name.
    TlsUntrusted,
    /// Another failure of the TLS handshake.
    TlsFailed,
    /// What came was not HTTP.
    NotHttp,
    /// The answer has more or longer headers than this program reads.
    HeadersTooLarge,
    /// The proxy refused or could not connect.
    Proxy,
    /// A local command (Azure CLI) failed; nothing was sent by us.
    Command,
    /// The request was not sent because a rule of safety forbids it.
    NotSent,
    /// Anything else.
    Other,
}

impl FailureKind {
    /// Whether it shows that the connection to the host itself was made, not only the one to a proxy.
    #[must_use]
    pub const fn is_after_connecting(self) -> bool {
        matches!(self, Self::TlsUntrusted | Self::TlsFailed | Self::AnswerTimeout | Self::NotHttp)
    }
}

impl Exchange {
    /// The host that was asked.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        plain_address::host(&self.url)
    }

    /// The host and the port that were asked.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        let url = Url::parse(&self.url).ok()?;
        Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
    }

    /// The answer, if there was one.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        match &self.outcome {
            Outcome::Answer(answer) => Some(answer),
            Outcome::Failure(_) | Outcome::NotWaitedFor => None,
        }
    }

    /// The failure, if there was no answer.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        match &self.outcome {
            Outcome::Answer(_) | Outcome::NotWaitedFor => None,
            Outcome::Failure(failure) => Some(failure),
        }
    }

    /// Whether a pause of this process interrupted it, so that it says nothing of the other side.
    #[must_use]
    pub fn was_paused(&self) -> bool {
        self.failure().is_some_and(|failure| failure.message.starts_with(PAUSED))
    }

    /// Whether the Azure CLI says that a user has to sign in, which it never says of an application.
    #[must_use]
    pub fn asks_for_a_browser(&self) -> bool {
        self.failure().is_some_and(|failure| failure.message.contains("Interactive authentication"))
    }

    /// Whether the verdict was given before the answer came.
    #[must_use]
    pub const fn was_not_waited_for(&self) -> bool {
        matches!(self.outcome, Outcome::NotWaitedFor)
    }

    /// Whether it says nothing of the other side: this process ended it, not the network or a server.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.was_paused() || self.was_not_waited_for()
    }

    /// Where the answer redirects to, and the address that was asked.
    #[must_use]
    pub fn redirect(&self) -> Option<Redirect> {
        let location = self.answer().filter(|answer| answer.is_redirect())?.header("location")?;
        let from = Url::parse(&self.url).ok()?;
        Some(Redirect { to: from.join(location).ok()?, from })
    }

    /// Whether its answer only redirects to the same path at another address.
    #[must_use]
    pub fn is_moved(&self) -> bool {
        self.redirect().is_some_and(|redirect| redirect.is_a_move())
    }

    /// The status code, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.answer().map(|answer| answer.status)
    }
}
