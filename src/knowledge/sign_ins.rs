//! What reads like a sign-in, whoever it is of: an address, or a page.

use crate::case::exchange::Answer;
use crate::case::target_names;

use super::marks::{has_mark, mark_in, marks};

/// Whether an address reads like a sign-in's, of whomever: by its path, or because another host gets the address
/// to send the caller back to.
#[must_use]
pub fn reads_like_sign_in(to: &url::Url, from: &url::Url) -> bool {
    let path = to.path().to_ascii_lowercase();
    let is_back = |name: &str| marks("return-parameters").iter().any(|known| known.eq_ignore_ascii_case(name));
    let comes_back = || to.host_str() != from.host_str() && to.query_pairs().any(|(name, _)| is_back(&name));
    let has_name = |host: &str| marks("sign-in-hosts").iter().any(|name| host.starts_with(name.as_str()));
    let is_sign_in_host = to.host_str().is_some_and(|host| has_name(host) && from.host_str() != Some(host));
    let reads_so =
        is_sign_in_host || mark_in("sign-in-paths", &path).is_some() || path.contains("/.auth/login") || comes_back();
    reads_so && !target_names::is_denied_page(&path)
}

/// Whether an answer with a good status is really Microsoft Entra ID's sign-in page, or leads there by itself. Any page
/// may quote its words.
#[must_use]
pub fn is_login_page(answer: &Answer) -> bool {
    let is_titled = || answer.title().is_some_and(|title| title.eq_ignore_ascii_case("Sign in to your account"));
    answer.is_good_page() && (is_titled() || has_mark("page-of-entra", &answer.body))
}

/// Whether an answer with a good status asks for a sign-in, whoever sends it: for a password, or by the page's title.
#[must_use]
pub fn asks_for_sign_in(answer: &Answer) -> bool {
    let is_mark = |part: &str| {
        let is_it = |mark: &String| part == mark || mark.ends_with(' ') && part.starts_with(mark.as_str());
        marks("sign-in-titles").iter().any(is_it)
    };
    let title = answer.title().filter(|_| answer.is_good_page()).unwrap_or_default().to_lowercase();
    answer.asks_for_password() || title.replace(" - ", "|").split(['|', '·', '–']).any(|part| is_mark(part.trim()))
}

/// Whether an answer with a good status is a page with a form for signing in, whoever sends it.
#[must_use]
pub fn has_sign_in_form(answer: &Answer) -> bool {
    let body = answer.body.to_ascii_lowercase();
    let mut forms = body.split("<form").skip(1).filter_map(|form| form.split('>').next());
    asks_for_sign_in(answer) || answer.is_good_page() && forms.any(|form| mark_in("sign-in-paths", form).is_some())
}
