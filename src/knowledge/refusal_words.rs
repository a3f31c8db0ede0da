//! What the words of a refusal are about, by the texts of `marks.toml`: what the token allows, the token itself, or a
//! rule of the app's own.

use super::marks::{has_mark, marks};

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
