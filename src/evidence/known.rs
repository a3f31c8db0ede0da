//! Which gateway, proxy, or server wrote an answer, by the marks of `assets/knowledge/responders.toml`.

use crate::case::exchange::{Answer, Mark};
use crate::knowledge::{AnswerMark, GatewaySays, KnownResponder, ResponderKind, responders};

/// Something in front of App 2, or on App 1's way to it, that wrote an answer itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gateway {
    /// Its name.
    pub name: &'static str,
    /// Whether it is on App 1's side, such as a company's web proxy.
    pub is_proxy: bool,
    /// What the answer means, where its status doesn't tell.
    pub says: Option<GatewaySays>,
}

impl Gateway {
    /// Whether it says, whatever the status, that the request goes no further.
    pub const fn blocks(&self) -> bool {
        matches!(self.says, Some(GatewaySays::Blocks | GatewaySays::Challenge))
    }
}

/// The gateway or proxy that wrote an answer, and its mark.
pub(super) fn gateway(answer: &Answer) -> Option<(Gateway, String)> {
    let (responder, says, mark) = writer(answer, |kind| matches!(kind, ResponderKind::Gateway | ResponderKind::Proxy))?;
    let gateway = Gateway { name: &responder.name, is_proxy: responder.kind == ResponderKind::Proxy, says };
    Some((gateway, mark))
}

/// Whether an answer has a gateway's mark, whoever gave it.
pub(super) fn has_a_mark(answer: &Answer) -> bool {
    let of_gateway = |mark: &Mark| responders().get(mark.responder).map(|it| it.kind) == Some(ResponderKind::Gateway);
    answer.read.marks.get(|| marks_in(answer)).iter().any(of_gateway)
}

/// What of this kind wrote an answer, by name.
pub(super) fn of_kind(answer: &Answer, wanted: ResponderKind) -> Option<&'static str> {
    let (responder, ..) = writer(answer, |kind| kind == wanted)?;
    Some(&responder.name)
}

/// The server that the header of an answer names. Those that App Service, its containers, and usual frameworks send
/// (IIS, Kestrel, uvicorn, Envoy) tell nothing of a server in front, and are no entries.
pub(super) fn server_header(answer: &Answer) -> Option<&'static str> {
    let header = answer.header("server")?.to_ascii_lowercase();
    let mut servers = responders().iter().filter(|responder| responder.kind == ResponderKind::Server);
    servers
        .find(|responder| responder.server.iter().any(|begin| header.starts_with(begin)))
        .map(|responder| responder.name.as_str())
}

/// The first responder of these kinds whose mark is in an answer, and the mark. Every step asks who answered, so the
/// marks are searched for once.
fn writer(
    answer: &Answer,
    is_asked: impl Fn(ResponderKind) -> bool,
) -> Option<(&'static KnownResponder, Option<GatewaySays>, String)> {
    answer.read.marks.get(|| marks_in(answer)).iter().find_map(|mark| {
        let responder = responders().get(mark.responder).filter(|responder| is_asked(responder.kind))?;
        let known = responder.marks.get(mark.place).filter(|known| !is_on_everything(known, answer))?;
        Some((responder, known.says, mark.text.clone()))
    })
}

fn marks_in(answer: &Answer) -> Vec<Mark> {
    let known = responders().iter().enumerate();
    let marks = known.flat_map(|(responder, known)| {
        let marks = known.marks.iter().enumerate();
        marks.filter_map(move |(place, mark)| Some(Mark { responder, place, text: found(mark, answer)? }))
    });
    marks.collect()
}

/// Whether a mark is only a header that an answer of App 2's own has as well, so that it shows who passed this one on.
/// A page without words of its own may still be the page of who did.
fn is_on_everything(mark: &AnswerMark, answer: &Answer) -> bool {
    let is_header = mark.status.is_empty()
        && [&mark.body, &mark.whole, &mark.message, &mark.location].into_iter().all(Vec::is_empty);
    let is_html = answer.header("content-type").is_some_and(|kind| kind.contains("html"));
    let is_bare_page = || is_html && answer.excerpt().starts_with(&answer.status.to_string());
    let others = &answer.read.of_app_2;
    is_header && mark.headers.iter().all(|wanted| wanted.find(others).is_some()) && !is_bare_page()
}

/// The mark as it is in an answer, if all of its conditions hold.
fn found(mark: &AnswerMark, answer: &Answer) -> Option<String> {
    let is_status = match mark.status.as_slice() {
        [] => answer.status >= 400,
        known => known.contains(&answer.status),
    };
    if !is_status {
        return None;
    }
    let mut headers = Vec::new();
    for wanted in &mark.headers {
        headers.push(wanted.find(&answer.headers)?);
    }
    let json = (!mark.message.is_empty()).then(|| answer.json()).flatten();
    let message = json.as_ref().and_then(|json| json.get("message")?.as_str());
    let location = answer.header("location");
    let texts = [(&mark.body, Some(answer.body.as_str())), (&mark.message, message), (&mark.location, location)];
    let mut said = None;
    for (wanted, text) in texts.into_iter().filter(|(wanted, _)| !wanted.is_empty()) {
        said = Some(wanted.iter().find(|wanted| text.is_some_and(|text| text.contains(wanted.as_str())))?);
    }
    if !mark.whole.is_empty() {
        said = Some(mark.whole.iter().find(|wanted| answer.body.trim() == wanted.as_str())?);
    }
    let named = said.map(|said| said.replace("%2F", "/")).or_else(|| headers.first().map(ToString::to_string));
    named.or_else(|| Some(answer.status.to_string()))
}
