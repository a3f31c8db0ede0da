//! What the words of a refusal are about, by the texts of `marks.toml`: what the token allows, the token itself, or a
//! rule of the app's own.

use super::marks::{has_mark, marks};
use crate::case::exchange::Answer;
use crate::case::text::terms;

/// Whether a text is about what a token allows (roles, scopes), and not about the token itself.
#[must_use]
pub fn is_about_permissions(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut words = lower.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    let is_one_of = |word: &str, key| marks(key).iter().any(|mark| mark == word);
    let names_permission = words.clone().any(|word| is_one_of(word, "names-of-permissions"));
    let names_token = words.any(|word| is_one_of(word, "parts-of-a-token"));
    names_permission && !names_token && !has_mark("not-of-the-caller", text)
}

/// Whether a text is about the token itself: its form, signature, times, audience, or issuer.
#[must_use]
pub fn is_about_the_token(text: &str) -> bool {
    has_mark("about-the-token", text) && !is_about_permissions(text) && !has_mark("own-cross-site", text)
}

/// Whether the app says that a request of its own to another service fails, which isn't about its caller.
#[must_use]
pub fn is_about_its_own_request(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 403)
        && has_mark("requests-of-the-app", &answer.body)
        && !is_about_the_token(&answer.excerpt())
}

/// Whether only a validator of bearer tokens says this, whatever the status: its error's code, or its library's name.
#[must_use]
pub fn is_of_a_validator(text: &str) -> bool {
    has_mark("validators", text) && is_about_the_token(text)
}

/// Whether a refusal can be about what the caller may do: it names a permission, or only says that access is denied,
/// and not to an address, and not by a rule that no role satisfies, such as a list of the app's own.
#[must_use]
pub fn may_be_about_permissions(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut terms = lower.split(|letter: char| !letter.is_ascii_alphanumeric());
    let names_other = terms.any(|term| matches!(term, "ip" | "ipv4" | "ipv6")) || names_another_rule(text);
    has_mark("permissions", text) && (!names_other || is_about_permissions(text))
}

/// Whether a refusal names a rule of the app's own that no role or scope satisfies.
#[must_use]
pub fn names_another_rule(text: &str) -> bool {
    (has_mark("rules-of-the-app", text) || has_mark("not-of-the-caller", text)) && !is_about_permissions(text)
}

/// How the issuer of the token ends that Static Web Apps sends to its linked backend (Azure/static-web-apps#1581).
const STATIC_WEB_APPS_ISSUER: &str = ".azurestaticapps.net/.auth";

/// Whether an issuer is that of a static web app.
pub(super) fn is_of_static_web_apps(issuer: &str) -> bool {
    issuer.trim_end_matches('/').ends_with(STATIC_WEB_APPS_ISSUER)
}

/// Whether a text names the issuer of the App Service host's own token (signed with a shared key) or of Static Web
/// Apps', as a validator quotes the issuer that it rejects. Pages of App Service and of IIS link to addresses of this
/// host name.
#[must_use]
pub fn names_the_hosts_issuer(text: &str) -> bool {
    let text = text.replace("\\u0027", "'").replace("\\\"", "\"");
    let mut addresses = text.split("https://").zip(text.split("https://").skip(1));
    addresses.any(|(before, address)| {
        let is_quoted = before.chars().last().filter(|mark| matches!(mark, '\'' | '"')).is_some_and(|mark| {
            let host = address.split(mark).next().unwrap_or_default().trim_end_matches('/');
            host.ends_with(".scm.azurewebsites.net") && !host.contains('/') || host.ends_with(STATIC_WEB_APPS_ISSUER)
        });
        // Not `ValidIssuer`, which is what the validator expects.
        let opening = before.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        let word = opening.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
        is_quoted && (word.eq_ignore_ascii_case("issuer") || word.eq_ignore_ascii_case("iss"))
    })
}

/// The value of a role that stands right behind the word in a refusal: one with a sign that only such values have.
#[must_use]
pub fn named_role(said: &str) -> Option<&str> {
    let is_word = |term: &str| marks("words-before-a-role").iter().any(|word| word.eq_ignore_ascii_case(term));
    let mut values = terms(said).filter(|term| !term.is_empty()).skip_while(|term| !is_word(term));
    values.find(|term| !is_word(term)).filter(|term| term.contains(['.', '_', ':', '-']))
}

/// Whether a refusal names a scope and no role.
#[must_use]
pub fn names_a_scope_alone(said: &str) -> bool {
    let names = |words: &[&str]| terms(said).any(|term| words.iter().any(|word| word.eq_ignore_ascii_case(term)));
    names(&["scope", "scopes", "scp"]) && !names(&["role", "roles"])
}
