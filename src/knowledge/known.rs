//! Which gateway, proxy, or server wrote an answer, by the marks of `assets/knowledge/responders.toml`.

use super::marks::{has_mark, marks};
use super::responders::{
    AnswerMark, GatewaySays, KnownResponder, ResponderKind, marks_in, responders, server_in_header,
};
use crate::case::exchange::{Answer, Mark};
use crate::case::text::shortened;

/// Something in front of App 2, or on App 1's way to it, that wrote an answer itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gateway {
    /// Its name.
    pub name: &'static str,
    /// Whether it is on App 1's side, such as a company's web proxy.
    pub is_proxy: bool,
    /// Whether its own answers can have the header of Easy Auth's middleware as well.
    pub with_middleware_id: bool,
    /// What the answer means, where its status doesn't tell.
    pub says: Option<GatewaySays>,
}

impl Gateway {
    /// Whether it says, whatever the status, that the request goes no further.
    #[must_use]
    pub const fn blocks(&self) -> bool {
        matches!(self.says, Some(GatewaySays::Blocks | GatewaySays::Challenge))
    }
}

/// The gateway or proxy that wrote an answer, and its mark.
#[must_use]
pub fn gateway(answer: &Answer) -> Option<(Gateway, String)> {
    let (responder, known, mark) =
        writer(answer, |kind| matches!(kind, ResponderKind::Gateway | ResponderKind::Proxy))?;
    let is_proxy = responder.kind == ResponderKind::Proxy;
    let AnswerMark { with_middleware_id, says, .. } = *known;
    let gateway = Gateway { name: &responder.name, is_proxy, with_middleware_id, says };
    Some((gateway, mark))
}

/// Whether a page, or the mark or name of a server or gateway, shows that no token endpoint gave an answer.
#[must_use]
pub fn shows_another_server(answer: &Answer) -> bool {
    answer.is_page() || gateway(answer).is_some() || server_in_header(answer).is_some()
}

/// Whether an answer is a page of a web proxy, by the header in which it names itself.
#[must_use]
pub fn is_a_proxys_page(answer: &Answer) -> bool {
    answer.is_page() && answer.header("server").is_some_and(|server| has_mark("proxies", server))
}

/// Whether a token endpoint itself says that there were too many requests: with 429, in JSON or alone, and nothing
/// shows another server. A 503 with `Retry-After` may also be an outage (RFC 9110, section 15.6.4; "How to use managed
/// identities … on an Azure VM", Microsoft Learn: 5xx is a transient error of the service).
#[must_use]
pub fn throttles_tokens(answer: &Answer) -> bool {
    let is_own = answer.body.is_empty() || answer.json().is_some();
    answer.status == 429 && is_own && !shows_another_server(answer)
}

/// Whether an answer is in an identity endpoint's form: JSON, or no body from the server that gave the other answer.
#[must_use]
pub fn is_an_identity_endpoints(answer: &Answer, other: Option<&Answer>) -> bool {
    if answer.body.trim().is_empty() {
        return other.is_none_or(|other| other.header("server") == answer.header("server"));
    }
    let members = ["/access_token", "/error_description", "/statusCode", "/StatusCode", "/error/code"];
    answer.json().is_some_and(|json| members.iter().any(|name| json.pointer(name).is_some()))
}

/// Whether an answer has a gateway's mark, whoever gave it.
#[must_use]
pub fn has_a_mark(answer: &Answer) -> bool {
    let of_gateway = |mark: &Mark| responders().get(mark.responder).map(|it| it.kind) == Some(ResponderKind::Gateway);
    answer.read.marks.get(|| marks_in(answer)).iter().any(of_gateway)
}

/// What of this kind wrote an answer, by name.
#[must_use]
pub fn of_kind(answer: &Answer, wanted: ResponderKind) -> Option<&'static str> {
    let (responder, ..) = writer(answer, |kind| kind == wanted)?;
    Some(&responder.name)
}

/// The server whose own page an answer is.
#[must_use]
pub fn page_of(answer: &Answer) -> Option<&'static str> {
    of_kind(answer, ResponderKind::Server)
}

/// What behind Easy Auth refuses the request for a reason that isn't the caller: a service that the app calls, say.
#[must_use]
pub fn behind_the_app(answer: &Answer) -> Option<&'static str> {
    of_kind(answer, ResponderKind::Behind)
}

/// The server that an answer names: by its page, or by its header.
#[must_use]
pub fn server_of(answer: &Answer) -> Option<&'static str> {
    page_of(answer).or_else(|| server_in_header(answer))
}

/// Whether Easy Auth says in its own answer that it can't load the metadata of its issuer.
#[must_use]
pub fn tells_of_no_metadata(answer: &Answer) -> bool {
    has_mark("easy-auth-without-metadata", &answer.body)
}

/// The first responder of these kinds whose mark is in an answer, and the mark. Every step asks who answered, so the
/// marks are searched for once.
fn writer(
    answer: &Answer,
    is_asked: impl Fn(ResponderKind) -> bool,
) -> Option<(&'static KnownResponder, &'static AnswerMark, String)> {
    answer.read.marks.get(|| marks_in(answer)).iter().find_map(|mark| {
        let responder = responders().get(mark.responder).filter(|responder| is_asked(responder.kind))?;
        let known = responder.marks.get(mark.place).filter(|known| !is_on_everything(known, answer))?;
        Some((responder, known, mark.text.clone()))
    })
}

/// Whether a mark is only a header that an answer of App 2's own has as well, so that it shows who passed this one on.
/// A page without words of its own may still be the page of who did.
fn is_on_everything(mark: &AnswerMark, answer: &Answer) -> bool {
    let is_header = mark.status.is_empty()
        && [&mark.body, &mark.whole, &mark.sub_status, &mark.message, &mark.location].into_iter().all(Vec::is_empty);
    let is_html = answer.header("content-type").is_some_and(|kind| kind.contains("html"));
    let is_bare_page = || is_html && answer.excerpt().starts_with(&answer.status.to_string());
    let others = &answer.read.of_app_2;
    is_header && mark.headers.iter().all(|wanted| wanted.find(others).is_some()) && !is_bare_page()
}

/// The server or proxy that the headers of an answer name, and those of another answer don't. What apps run on names
/// itself as well, and isn't one.
#[must_use]
pub fn server_of_one(answer: &Answer, other: &Answer) -> Option<String> {
    ["via", "server"].iter().find_map(|name| {
        let value = answer.header(name).filter(|value| other.header(name) != Some(value))?;
        (!has_mark("servers-of-apps", value)).then(|| shortened(&answer.quote(value), 40))
    })
}

/// The gateway whose own body an answer has, which frameworks send as well: where no framework names itself.
#[must_use]
pub fn shared_body(answer: &Answer) -> Option<&'static str> {
    let own = answer.json()?;
    let is_it = |body: &String| serde_json::from_str::<serde_json::Value>(body).is_ok_and(|body| body == *own);
    let is_shared = marks("shared-bodies").iter().any(is_it);
    (is_shared && answer.header("x-powered-by").is_none()).then_some("API Management")
}
