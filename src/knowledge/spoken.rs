//! Who speaks, by the words of an answer: runtimes, frameworks, and servers that name themselves. The words are those
//! of captured answers and of the products' source.

use super::marks::{mark_in, marks};
use super::refusal_words::names_the_hosts_issuer;
use super::responders::no_token_texts;
use crate::case::challenge::Challenge;
use crate::case::exchange::Answer;

pub use super::known::{behind_the_app, page_of, server_of, server_of_one, shared_body, tells_of_no_metadata};
pub use super::logic_apps::{LogicApps, logic_apps};
pub use super::refusal_words::is_about_its_own_request;

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

/// Whether the words of a refusal show who speaks behind Easy Auth: a framework's protection, the Functions host, a
/// workflow, or what is behind the app.
pub fn names_its_speaker(answer: &Answer) -> bool {
    own_cross_site(answer).is_some()
        || misses_a_function_key(answer)
        || logic_apps(answer).is_some()
        || behind_the_app(answer).is_some()
}

/// Whether the Functions host says that no key came with a request to an extension's endpoint.
pub fn misses_a_function_key(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 403) && mark_in("function-key-of-an-extension", &answer.body).is_some()
}

/// Whether an answer is a refusal with the sentence that IIS sends for a 401 or 403 without a body, Easy Auth's on
/// Windows among them.
#[must_use]
pub fn has_iis_sentence(answer: &Answer) -> bool {
    let is_it = |sentence: &String| answer.body.trim() == sentence;
    matches!(answer.status, 401 | 403) && marks("sentence-of-iis").iter().any(is_it)
}

/// The server whose own page a 403 is. IIS also puts the page for a client certificate or a file into an empty answer.
#[must_use]
pub fn server_of_page(answer: &Answer) -> Option<&'static str> {
    page_of(answer).or_else(|| mark_in("pages-of-iis", &answer.body).map(|_| "IIS"))
}

/// What a framework's own protection against cross-site requests says, where it answered.
pub fn own_cross_site(answer: &Answer) -> Option<String> {
    let lower = answer.body.to_ascii_lowercase();
    let (at, mark) = marks("own-cross-site").iter().find_map(|mark| Some((lower.find(mark.as_str())?, mark)))?;
    let said = answer.body.get(at..)?.get(..mark.len()).filter(|_| answer.status == 403)?.to_owned();
    answer.words().filter(|words| words.contains(&said)).or(Some(said))
}
