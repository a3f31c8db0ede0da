//! Who answered: Easy Auth, the front end in front of it, a gateway, the Functions host, or the app itself. Each is
//! known by a mark of captured answers, which is named beside it; those of gateways are in
//! `assets/knowledge/responders.toml`.

use super::front_end;
use super::inside;
use super::known::{self, Gateway};
use super::marks::mark_in;
use super::spoken;
use crate::case::challenge::Challenge;
use crate::case::exchange::{Answer, FORBIDDEN_IP};

pub use super::front_end::FrontEnd;
pub use super::sign_ins::{asks_for_sign_in, has_sign_in_form, is_login_page, reads_like_sign_in};

/// Who gave an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Responder {
    /// Easy Auth itself: an answer that only it gives.
    EasyAuth,
    /// App Service's front end, in front of Easy Auth.
    FrontEnd(FrontEnd),
    /// A gateway or proxy in front of App 2.
    Gateway(Gateway),
    /// A validator inside the app (JwtBearer middleware or the like).
    AppValidator,
    /// A 401 in words of its own, or with a challenge that isn't Easy Auth's: the app, or something in front of it.
    NotEasyAuth,
    /// A server's own page, by the server's name. It is in front of App 2, or part of it.
    Server(&'static str),
    /// Something at or behind the Easy Auth middleware: Easy Auth or the app.
    BehindMiddleware,
    /// No mark is known.
    Unknown,
}

/// Whether an answer has a body that was written for it: not empty, and not a server's own page (what a rejection by
/// Easy Auth's policy looks like on Windows is not established).
pub fn has_own_body(answer: &Answer) -> bool {
    !answer.body.trim().is_empty()
        && answer.easy_auth_sub_status().is_none()
        && mark_in("server-pages", &answer.body).is_none()
        && spoken::page_of(answer).is_none()
}

/// Who gave an answer, by which mark.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// Who gave it.
    pub by: Responder,
    /// The answer.
    pub answer: &'a Answer,
    /// The text by which a gateway or the front end is recognized.
    pub mark: String,
}

/// Judges who gave an answer.
pub fn judge(answer: &Answer) -> Judged<'_> {
    let front = |(kind, mark)| (Responder::FrontEnd(kind), mark);
    let found = front_end::wants_certificate(answer).map(front);
    let found = found.or_else(|| by_gateway(answer)).or_else(|| front_end::page(answer).map(front));
    let (by, mark) = found.unwrap_or_else(|| {
        let by = easy_auth(answer).or_else(|| another(answer)).or_else(|| behind(answer));
        (by.unwrap_or(Responder::Unknown), String::new())
    });
    Judged { by, answer, mark }
}

/// Whether the front end or a gateway gave an answer, so that the request did not reach App 2.
pub fn is_from_before(answer: &Answer) -> bool {
    matches!(judge(answer).by, Responder::FrontEnd(_) | Responder::Gateway(_))
}

/// Whether an answer is in words or with a challenge that Easy Auth doesn't use.
pub fn is_of_another(answer: &Answer) -> bool {
    matches!(judge(answer).by, Responder::AppValidator | Responder::NotEasyAuth | Responder::Server(_))
}

/// The gateway that gave an answer.
pub fn gateway(answer: &Answer) -> Option<Gateway> {
    match judge(answer).by {
        Responder::Gateway(gateway) => Some(gateway),
        _ => None,
    }
}

/// Whether an answer has a good status, and is neither a sign-in page nor a page of a gateway that blocks the request.
pub fn is_good(answer: &Answer) -> bool {
    answer.is_success() && !is_login_page(answer) && gateway(answer).is_none()
}

/// Whether the app itself says in a good answer that the call failed. Whoever gets it was let through to the app.
pub fn fails_inside(answer: &Answer) -> bool {
    inside::failure(answer).is_some()
}

/// The challenge of an answer, where Easy Auth writes such ones. A realm alone is also what frameworks send; Easy
/// Auth's answer then has no words of its own beside it.
pub fn easy_auth_challenge(answer: &Answer) -> Option<&Challenge> {
    let challenge = answer.bearers().easy_auths.as_ref()?;
    let is_full = ["resource_id", "authorization_uri", "resource_metadata"]
        .iter()
        .any(|name| challenge.parameter(name).is_some());
    let is_realm_alone = challenge.parameter("realm").is_some() && challenge.parameters.len() == 1;
    // What is an address is another service's name: Easy Auth names a client ID.
    let is_address = challenge.resource_id().is_some_and(|id| id.contains("://"));
    (!is_address && (is_full || is_realm_alone && !has_own_body(answer))).then_some(challenge)
}

/// Whether nothing shows that an answer with the front end's mark is another's: no header that apps and other servers
/// send, and a sentence is what a part of the page begins with (`<h1>Error 403 - This web app is stopped.`).
pub fn is_the_front_ends(answer: &Answer) -> bool {
    let of_an_app = ["x-powered-by", "set-cookie"].iter().any(|name| answer.header(name).is_some());
    let mark = judge(answer).mark;
    let is_bare_header = mark.contains(FORBIDDEN_IP) && !answer.is_named_ip_forbidden() && answer.body_length > 0;
    let of_another = of_an_app || spoken::server_of(answer).is_some() || is_bare_header && !answer.is_html();
    !of_another && !answer.only_quotes(&mark)
}

fn by_gateway(answer: &Answer) -> Option<(Responder, String)> {
    let (gateway, mark) = known::gateway(answer)?;
    // What has Easy Auth's challenge, or was written behind Easy Auth, only passed through.
    let is_marked = gateway.with_middleware_id && answer.read.of_app_2.is_empty();
    let is_own = easy_auth_challenge(answer).is_none() && (is_marked || !answer.passed_the_middleware());
    is_own.then_some((Responder::Gateway(gateway), mark))
}

fn easy_auth(answer: &Answer) -> Option<Responder> {
    let names_error = answer.bearer().is_some_and(Challenge::names_error);
    match answer.status {
        _ if answer.is_login_redirect() => Some(Responder::EasyAuth),
        401 if names_error => Some(Responder::AppValidator),
        _ if answer.is_in_easy_auths_words() => Some(Responder::EasyAuth),
        401 => easy_auth_challenge(answer).map(|_| Responder::EasyAuth),
        _ => None,
    }
}

/// Neither Easy Auth nor a gateway: a page of a server's own, or a 401 in words that Easy Auth doesn't use.
fn another(answer: &Answer) -> Option<Responder> {
    if let Some(server) = spoken::page_of(answer).filter(|_| !answer.passed_the_middleware()) {
        return Some(Responder::Server(server));
    }
    let is_own = || has_own_body(answer) || answer.other_scheme().is_some() || spoken::behind_the_app(answer).is_some();
    (answer.status == 401 && is_own()).then_some(Responder::NotEasyAuth)
}

fn behind(answer: &Answer) -> Option<Responder> {
    let is_marked = spoken::has_iis_sentence(answer) || answer.status >= 400 && answer.passed_the_middleware();
    is_marked.then_some(Responder::BehindMiddleware)
}
