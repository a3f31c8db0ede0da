//! `responders.toml`: who answers in front of App 2, by which marks.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::case::exchange::{Answer, Mark};

/// Something in front of App 2, or a web server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownResponder {
    /// Its name for people.
    pub name: String,
    /// Where it is.
    pub kind: ResponderKind,
    /// Where its marks are documented.
    pub source: String,
    /// How the header `server` begins, in lower case, where an answer only passed through it.
    #[serde(default)]
    pub server: Vec<String>,
    /// The marks of its own answers.
    #[serde(default, rename = "answer")]
    pub marks: Vec<AnswerMark>,
}

/// Where a responder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponderKind {
    /// In front of App 2.
    Gateway,
    /// On App 1's way to the internet.
    Proxy,
    /// In front of App 2, or part of it.
    Server,
    /// Behind Easy Auth: another service whose refusal the app passes on, or a part of the server.
    Behind,
    /// Another cloud's metadata endpoint.
    Cloud,
}

/// A mark: every condition must hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerMark {
    /// The statuses; empty: all errors.
    #[serde(default)]
    pub status: Vec<u16>,
    /// These headers are there.
    #[serde(default)]
    pub headers: Vec<HeaderMark>,
    /// One of these texts is in the body.
    #[serde(default)]
    pub body: Vec<String>,
    /// The whole body is one of these texts.
    #[serde(default)]
    pub whole: Vec<String>,
    /// IIS's own page has one of these sub-statuses.
    #[serde(default)]
    pub sub_status: Vec<String>,
    /// One of these texts is in the member `message` of a JSON body.
    #[serde(default)]
    pub message: Vec<String>,
    /// One of these texts is in the address that the answer redirects to.
    #[serde(default)]
    pub location: Vec<String>,
    /// Whether its own answers can have the header of Easy Auth's middleware as well.
    #[serde(default)]
    pub with_middleware_id: bool,
    /// What the answer means, where its status doesn't tell.
    #[serde(default)]
    pub says: Option<GatewaySays>,
}

/// A header that shows a responder: `name`, `name*`, or `name: how the value begins`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct HeaderMark {
    written: String,
    name: String,
    is_prefix: bool,
    begins: String,
}

impl From<String> for HeaderMark {
    fn from(written: String) -> Self {
        let (name, begins) = written.split_once(": ").unwrap_or((&written, ""));
        let (name, is_prefix) = name.strip_suffix('*').map_or((name, false), |start| (start, true));
        Self { name: name.to_owned(), is_prefix, begins: begins.to_owned(), written }
    }
}

impl HeaderMark {
    /// The header among these, as it may be quoted: its name, and how its value begins where the mark says so.
    #[must_use]
    pub fn find<'a>(&'a self, headers: &'a [(String, String)]) -> Option<&'a str> {
        let is_name = |name: &str| if self.is_prefix { name.starts_with(&self.name) } else { name == self.name };
        let is_value = |value: &str| {
            // A saved case may have the known part of a long value only.
            let start = value.trim_start_matches("[… ").get(..self.begins.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(&self.begins))
        };
        let (name, _) = headers.iter().find(|(name, value)| is_name(name) && is_value(value))?;
        Some(if self.begins.is_empty() { name } else { &self.written })
    }
}

impl AnswerMark {
    /// The mark as it is in an answer, if all of its conditions hold.
    fn found_in(&self, answer: &Answer) -> Option<String> {
        let is_status = match self.status.as_slice() {
            [] => answer.status >= 400,
            known => known.contains(&answer.status),
        };
        if !is_status {
            return None;
        }
        let mut headers = Vec::new();
        for wanted in &self.headers {
            headers.push(wanted.find(&answer.headers)?);
        }
        let message = (!self.message.is_empty()).then(|| answer.message()).flatten();
        let location = answer.header("location");
        let texts = [(&self.body, Some(answer.body.as_str())), (&self.message, message), (&self.location, location)];
        let mut said = None;
        for (wanted, text) in texts.into_iter().filter(|(wanted, _)| !wanted.is_empty()) {
            said = Some(wanted.iter().find(|wanted| text.is_some_and(|text| text.contains(wanted.as_str())))?);
        }
        if !self.whole.is_empty() {
            said = Some(self.whole.iter().find(|wanted| answer.body.trim() == wanted.as_str())?);
        }
        if !self.sub_status.is_empty() {
            let number = answer.sub_status()?;
            said = Some(self.sub_status.iter().find(|wanted| *wanted == number)?);
        }
        let named = said.map(|said| said.replace("%2F", "/")).or_else(|| headers.first().map(ToString::to_string));
        named.or_else(|| Some(answer.status.to_string()))
    }
}

/// What an answer of a gateway means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GatewaySays {
    /// A rule blocks the request.
    Blocks,
    /// It checks whether a browser asks.
    Challenge,
    /// Its own validator rejects the token.
    Token,
    /// It asks for its own sign-in.
    SignIn,
    /// Its connection to App 2 fails for TLS.
    Tls,
    /// The caller has used up what it lets through in a time.
    Limit,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(rename = "responder")]
    responders: Vec<KnownResponder>,
    says_no_token: Texts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    texts: Vec<String>,
    #[expect(dead_code, reason = "for whoever changes the file")]
    source: String,
}

fn read() -> Result<File, crate::packed::Unreadable> {
    crate::packed::read(packed!("knowledge/responders.toml"))
}

/// A file that does not parse is empty, so that the program still judges (a test parses it).
static FILE: LazyLock<File> = LazyLock::new(|| read().unwrap_or_default());

/// All of them: the first one that has a mark of an answer gave it.
#[must_use]
pub fn responders() -> &'static [KnownResponder] {
    &FILE.responders
}

/// The marks of all of them that are in an answer, in the order of the table.
#[must_use]
pub fn marks_in(answer: &Answer) -> Vec<Mark> {
    let known = responders().iter().enumerate();
    let marks = known.flat_map(|(responder, known)| {
        let marks = known.marks.iter().enumerate();
        marks.filter_map(move |(place, mark)| Some(Mark { responder, place, text: mark.found_in(answer)? }))
    });
    marks.collect()
}

/// The server that the header of an answer names. Those that App Service, its containers, and usual frameworks send
/// (IIS, Kestrel, uvicorn, Envoy) tell nothing of a server in front, and are no entries.
#[must_use]
pub fn server_in_header(answer: &Answer) -> Option<&'static str> {
    let header = answer.header("server")?.to_ascii_lowercase();
    let mut servers = responders().iter().filter(|responder| responder.kind == ResponderKind::Server);
    let named = servers.find(|responder| responder.server.iter().any(|begin| header.starts_with(begin)));
    named.map(|responder| responder.name.as_str())
}

/// The proxy whose own answer this is, by its name: it is between the sender and the internet.
#[must_use]
pub fn proxy_in(answer: &Answer) -> Option<&'static str> {
    let known = marks_in(answer).into_iter().filter_map(|mark| responders().get(mark.responder));
    let mut proxies = known.filter(|known| known.kind == ResponderKind::Proxy);
    proxies.next().map(|known| known.name.as_str())
}

/// What frameworks say when a request comes without a token.
#[must_use]
pub fn no_token_texts() -> &'static [String] {
    &FILE.says_no_token.texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_parses_and_every_mark_has_a_condition() {
        let file: File = read().unwrap();
        for responder in &file.responders {
            let name = &responder.name;
            assert!(
                !(responder.source.is_empty() || responder.marks.is_empty() && responder.server.is_empty()),
                "{name}"
            );
            assert!(responder.server.iter().all(|begin| *begin == begin.to_lowercase()), "{name}");
            for mark in &responder.marks {
                let texts = [&mark.body, &mark.whole, &mark.sub_status, &mark.message, &mark.location];
                // Two statuses are those of proxies and networks by definition (RFC 9110, RFC 6585).
                let is_defined =
                    !mark.status.is_empty() && mark.status.iter().all(|status| [407, 511].contains(status));
                let is_marked = !mark.headers.is_empty() || texts.iter().any(|texts| !texts.is_empty());
                assert!(is_marked || is_defined, "{name}: a status alone is no mark");
                // A good answer is somebody else's only by its own words or header.
                let is_good = mark.status.iter().any(|status| *status < 400);
                assert!(!is_good || mark.says.is_some(), "{name}: what does a good status mean?");
            }
        }
    }
}
