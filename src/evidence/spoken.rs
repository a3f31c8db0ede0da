//! Who speaks, by the words of an answer: runtimes, frameworks, and servers that name themselves. The words are those
//! of captured answers and of the products' source.

use super::prelude::*;
pub use crate::knowledge::{LogicApps, logic_apps};
use crate::knowledge::{
    ResponderKind, is_about_the_token, marks, names_the_hosts_issuer, no_token_texts, server_in_header,
};

/// The server whose own page an answer is.
pub fn page_of(answer: &Answer) -> Option<&'static str> {
    known::of_kind(answer, ResponderKind::Server)
}

/// What behind Easy Auth refuses the request for a reason that isn't the caller: a service that the app calls, say.
pub fn behind_the_app(answer: &Answer) -> Option<&'static str> {
    known::of_kind(answer, ResponderKind::Behind)
}

/// The server that an answer names: by its page, or by its header.
pub fn server_of(answer: &Answer) -> Option<&'static str> {
    page_of(answer).or_else(|| server_in_header(answer))
}

/// Whether an answer says that the request came without a token, as frameworks say it.
pub fn says_no_token(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 403) && {
        let said = answer.excerpt().to_ascii_lowercase();
        no_token_texts().iter().any(|text| said.contains(&text.to_ascii_lowercase()))
    }
}

/// Whether Static Web Apps is in front: its sign-in, or the token that it puts in place of the caller's.
pub fn is_static_web_apps(answer: &Answer) -> bool {
    let host = answer.leads_to().and_then(url::Url::host_str);
    let signs_in = host.is_some_and(|host| host.ends_with(".azurestaticapps.net"));
    let said = [Some(answer.body.as_str()), answer.bearer().and_then(Challenge::error)];
    signs_in || answer.status >= 400 && said.into_iter().flatten().any(names_the_hosts_issuer)
}

/// Whether the Functions host says that no key came with a request to an extension's endpoint.
pub fn misses_a_function_key(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 403) && answer.body.contains("Handler assertion should")
}

/// What a framework's own protection against cross-site requests says, where it answered.
pub fn own_cross_site(answer: &Answer) -> Option<String> {
    let lower = answer.body.to_ascii_lowercase();
    let (at, mark) = marks("own-cross-site").iter().find_map(|mark| Some((lower.find(mark.as_str())?, mark)))?;
    let said = answer.body.get(at..)?.get(..mark.len()).filter(|_| answer.status == 403)?.to_owned();
    answer.words().filter(|words| words.contains(&said)).or(Some(said))
}

/// Whether the app says that a request of its own to another service fails, which isn't about its caller.
pub fn is_about_its_own_request(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 403)
        && has_mark("requests-of-the-app", &answer.body)
        && !is_about_the_token(&answer.excerpt())
}

/// The server or proxy that the headers of an answer name, and another's don't; not what apps run on.
pub fn server_of_one(answer: &Answer, other: &Answer) -> Option<String> {
    ["via", "server"].iter().find_map(|name| {
        let value = answer.header(name).filter(|value| other.header(name) != Some(value))?;
        (!has_mark("servers-of-apps", value)).then(|| shortened(&answer.quote(value), 40))
    })
}

/// The gateway whose own body an answer has, which frameworks send as well: where no framework names itself.
pub fn shared_body(answer: &Answer) -> Option<&'static str> {
    let own = answer.json()?;
    let is_it = |body: &String| serde_json::from_str::<serde_json::Value>(body).is_ok_and(|body| body == *own);
    let is_shared = marks("shared-bodies").iter().any(is_it);
    (is_shared && answer.header("x-powered-by").is_none()).then_some("API Management")
}
