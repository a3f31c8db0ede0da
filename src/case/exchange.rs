//! One HTTP request and its answer, as they were observed, within limits. What of them may be shown, [`super::shown`]
//! decides.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::Url;

use super::challenge::Challenge;
use super::json;
use super::once::Once;
use super::plain_address;
use super::shown::address;
use super::shown::quote;
use super::shown::secrets::Secrets;
use super::step::StepId;

/// Why a request was made. Every request of a run has one; checks find their evidence by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The token for App 2's resource, from the identity endpoint or from Entra.
    Token,
    /// Azure Arc's first request, which names the key file.
    ArcChallenge,
    /// The same identity, for a resource that always exists (Azure Resource Manager). Also the token for reading
    /// settings.
    TokenForResourceManager,
    /// The same identity, for the bare client ID instead of the Application ID URI.
    TokenForBareClientId,
    /// The same request as [`Self::Token`] once more, after that for the bare client ID succeeded.
    TokenAgain,
    /// The same identity, for the resource without its last part, which may be a scope's name.
    TokenWithoutLastPart,
    /// The same identity, for a resource that cannot exist.
    TokenForNonsense,
    /// The identity that is used where none is selected, for a resource that always exists.
    TokenUnselected,
    /// The same request again, past (or through) the proxy that the variables name.
    TokenOtherProxyWay,
    /// A token for Microsoft Graph, to read the registration.
    TokenForGraph,
    /// The authority's OpenID metadata, v1 form.
    MetadataV1,
    /// The authority's OpenID metadata, v2 form.
    MetadataV2,
    /// The metadata that App 2's own `openIdIssuer` leads to, asked at the authority in use.
    IssuerMetadata,
    /// The authority's signing keys, v1 form.
    KeysV1,
    /// The authority's signing keys, v2 form.
    KeysV2,
    /// App 2 without any token.
    CallAnonymous,
    /// App 2 with a deliberately invalid token.
    CallInvalidToken,
    /// App 2 with the real token.
    CallWithToken,
    /// The same call once more, after a 401 or 403: what passes by itself has another answer then.
    CallAgain,
    /// App 2 with a real token for the other form of the audience (bare client ID against URI).
    CallOtherAudience,
    /// A redirect of the real call, followed by hand; `0` is the first.
    CallRedirect(u8),
    /// App 2's login address, whose redirect names the client ID and tenant.
    LoginRedirect,
    /// App 2's OAuth protected-resource metadata.
    ProtectedResourceMetadata,
    /// App 2's `/.auth/me`, with the real token.
    AuthMe,
    /// App 2's site object.
    Site,
    /// Search of App 2 by host name in a subscription.
    SiteSearch,
    /// `config/authsettingsV2`.
    AuthSettingsV2,
    /// `config/authsettingsV2/list`.
    AuthSettingsV2List,
    /// `config/web`, for `siteAuthEnabled`.
    ConfigWeb,
    /// Graph: the service principal of App 2's registration.
    GraphResourcePrincipal,
    /// Graph: App 2's application object.
    GraphApplication,
    /// Graph: the caller's service principal.
    GraphCaller,
    /// Graph: the caller's app role assignments.
    GraphAssignments,
    /// Graph: the service principals that App 2's policy lists.
    GraphListedIds,
}

impl Purpose {
    /// The step under which the report lists the exchange.
    #[must_use]
    pub const fn step(&self) -> StepId {
        match self {
            Self::Token
            | Self::ArcChallenge
            | Self::TokenForResourceManager
            | Self::TokenForBareClientId
            | Self::TokenAgain
            | Self::TokenWithoutLastPart
            | Self::TokenForNonsense
            | Self::TokenUnselected
            | Self::TokenOtherProxyWay
            | Self::TokenForGraph => StepId::Token,
            Self::IssuerMetadata => StepId::Protection,
            Self::MetadataV1 | Self::MetadataV2 | Self::KeysV1 | Self::KeysV2 => StepId::Claims,
            Self::CallAnonymous | Self::CallInvalidToken | Self::Site | Self::SiteSearch => StepId::Protection,
            Self::LoginRedirect | Self::ProtectedResourceMetadata => StepId::Scope,
            Self::AuthSettingsV2 | Self::AuthSettingsV2List | Self::ConfigWeb => StepId::Protection,
            Self::GraphResourcePrincipal | Self::GraphApplication => StepId::Scope,
            Self::GraphCaller | Self::GraphAssignments | Self::GraphListedIds => StepId::Authorization,
            Self::CallWithToken | Self::CallAgain | Self::CallOtherAudience | Self::CallRedirect(_) | Self::AuthMe => {
                StepId::Call
            }
        }
    }

    /// Whether it goes to App 2 itself.
    #[must_use]
    pub const fn is_to_the_target(&self) -> bool {
        matches!(
            self,
            Self::CallAnonymous
                | Self::CallInvalidToken
                | Self::CallWithToken
                | Self::CallAgain
                | Self::CallOtherAudience
                | Self::CallRedirect(_)
                | Self::LoginRedirect
                | Self::ProtectedResourceMetadata
                | Self::AuthMe
        )
    }

    /// Whether it asks for a token, so that its answer contains one.
    #[must_use]
    pub const fn asks_for_token(&self) -> bool {
        matches!(
            self,
            Self::Token
                | Self::TokenForResourceManager
                | Self::TokenForBareClientId
                | Self::TokenAgain
                | Self::TokenWithoutLastPart
                | Self::TokenForNonsense
                | Self::TokenUnselected
                | Self::TokenOtherProxyWay
                | Self::TokenForGraph
        )
    }

    /// What the request is for, in words for the user.
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match self {
            Self::Token => "token for App 2",
            Self::ArcChallenge => "Azure Arc key challenge",
            Self::TokenForResourceManager => "token for Azure Resource Manager (a resource that always exists)",
            Self::TokenForBareClientId => "token for the bare client ID",
            Self::TokenAgain => "token for App 2, once more",
            Self::TokenWithoutLastPart => "token for the resource without its last part",
            Self::TokenForNonsense => "token for a resource that doesn't exist",
            Self::TokenUnselected => "token of the identity that is used if none is selected",
            Self::TokenOtherProxyWay => "the same token request with the opposite proxy setting",
            Self::TokenForGraph => "token for Microsoft Graph",
            Self::MetadataV1 => "OpenID metadata (v1)",
            Self::MetadataV2 => "OpenID metadata (v2)",
            Self::IssuerMetadata => "OpenID metadata of App 2's issuer setting",
            Self::KeysV1 => "signing keys (v1)",
            Self::KeysV2 => "signing keys (v2)",
            Self::CallAnonymous => "App 2 without a token",
            Self::CallInvalidToken => "App 2 with a deliberately invalid token",
            Self::CallWithToken => "App 2 with the token",
            Self::CallAgain => "App 2 with the token, once more",
            Self::CallOtherAudience => "App 2 with a token for its client ID",
            Self::CallRedirect(_) => "redirect of the call",
            Self::LoginRedirect => "App 2's sign-in redirect",
            Self::ProtectedResourceMetadata => "App 2's protected-resource metadata",
            Self::AuthMe => "App 2's /.auth/me",
            Self::Site => "App 2's site object",
            Self::SiteSearch => "search of App 2 by host name",
            Self::AuthSettingsV2 => "App 2's authentication settings",
            Self::AuthSettingsV2List => "App 2's authentication settings (list)",
            Self::ConfigWeb => "App 2's web configuration",
            Self::GraphResourcePrincipal => "App 2's service principal",
            Self::GraphApplication => "App 2's application registration",
            Self::GraphCaller => "the caller's service principal",
            Self::GraphAssignments => "the caller's app role assignments",
            Self::GraphListedIds => "service principals that App 2's policy lists",
        }
    }
}

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
    bearer: Once<Option<Challenge>>,
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

    /// Where the answer redirects to, as it may be quoted.
    #[must_use]
    pub fn location(&self) -> Option<String> {
        let location = self.header("location")?;
        Some(quote::quote(&address::scrubbed(location, &self.secrets)))
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

    /// The first Bearer challenge.
    #[must_use]
    pub fn bearer(&self) -> Option<&Challenge> {
        self.read.bearer.get(|| Challenge::bearer(self.headers_named("www-authenticate"))).as_ref()
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
