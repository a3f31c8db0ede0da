//! Who speaks, by the words of an answer: runtimes, frameworks, and servers that name themselves. The words are those
//! of captured answers and of the products' source.

use crate::case::challenge::Challenge;
use crate::case::exchange::Answer;
use crate::case::text::shortened;
use crate::knowledge::{ResponderKind, marks, no_token_texts};

use super::known;

/// What the runtime of Logic Apps says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogicApps {
    /// A signature in the address (SAS) and a bearer token at once.
    BothSchemes,
    /// It reads the Authorization header itself, as it does where Easy Auth isn't in front of it.
    OwnScheme,
    /// The claims don't match the workflow's own authorization policy.
    Claims,
}

/// The codes of the runtime (facts: easy-auth, 3.8), and the one sentence that is also quoted without its code.
const LOGIC_APPS: [(&str, LogicApps); 5] = [
    ("DirectApiRequestHasMoreThanOneAuthorization", LogicApps::BothSchemes),
    ("Only one scheme should", LogicApps::BothSchemes),
    ("DirectApiInvalidAuthorizationScheme", LogicApps::OwnScheme),
    ("DirectApiAuthorizationRequired", LogicApps::OwnScheme),
    ("MisMatchingOAuthClaims", LogicApps::Claims),
];

/// What the runtime of Logic Apps says in an answer, and the mark.
pub fn logic_apps(answer: &Answer) -> Option<(LogicApps, &'static str)> {
    let known = LOGIC_APPS.iter().find(|(mark, _)| answer.body.contains(mark));
    known.filter(|_| answer.status >= 400).map(|(mark, says)| (*says, *mark))
}

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
    page_of(answer).or_else(|| known::server_header(answer))
}

/// Whether an answer says that the request came without a token, as frameworks say it.
pub fn says_no_token(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 403) && {
        let said = answer.excerpt().to_ascii_lowercase();
        no_token_texts().iter().any(|text| said.contains(&text.to_ascii_lowercase()))
    }
}

/// A scheme of authorization other than Bearer that a 401 asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherScheme {
    /// Its name, such as `Basic`.
    pub scheme: String,
    /// What it protects.
    pub realm: Option<String>,
}

/// The other scheme that a 401 asks for, where it does not ask for a bearer token as well.
pub fn other_scheme(answer: &Answer) -> Option<OtherScheme> {
    if answer.status != 401 || answer.bearer().is_some() {
        return None;
    }
    let mut challenges = answer.headers_named("www-authenticate").flat_map(Challenge::parse);
    let is_name = |scheme: &str| scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    // By other names, these take the token as well.
    let takes_tokens = |scheme: &str| ["", "bearer", "jwt", "token"].contains(&scheme.to_ascii_lowercase().as_str());
    let other = challenges.find(|challenge| is_name(&challenge.scheme) && !takes_tokens(&challenge.scheme))?;
    let realm = other.parameter("realm").map(|realm| answer.quote(realm));
    Some(OtherScheme { scheme: shortened(&answer.quote(&other.scheme), 40), realm })
}

/// Whether Static Web Apps is in front: its sign-in, or the token that it puts in place of the caller's.
pub fn is_static_web_apps(answer: &Answer) -> bool {
    let host = answer.leads_to().and_then(url::Url::host_str);
    let signs_in = host.is_some_and(|host| host.ends_with(".azurestaticapps.net"));
    signs_in || answer.status >= 400 && names_the_hosts_issuer(answer)
}

/// Whether an answer names the issuer of the host's own token (signed with a shared key), as a validator quotes the
/// issuer that it rejects. Pages of App Service and of IIS link to addresses of this host name.
fn names_the_hosts_issuer(answer: &Answer) -> bool {
    let said = [Some(answer.body.as_str()), answer.bearer().and_then(Challenge::error)].into_iter().flatten();
    said.map(|said| said.replace("\\u0027", "'").replace("\\\"", "\"")).any(|said| {
        said.split("https://").zip(said.split("https://").skip(1)).any(|(before, address)| {
            let (opening, name) = (before.trim_end_matches(|it: char| !it.is_alphanumeric()), before.chars().last());
            let is_quoted = name.filter(|mark| matches!(mark, '\'' | '"')).is_some_and(|mark| {
                let host = address.split(mark).next().unwrap_or_default().trim_end_matches('/');
                host.ends_with(".scm.azurewebsites.net") && !host.contains('/')
            });
            // Not `ValidIssuer`, which is what the validator expects.
            let word = opening.rsplit(|it: char| !it.is_alphanumeric()).next().unwrap_or_default();
            is_quoted && (word.eq_ignore_ascii_case("issuer") || word.eq_ignore_ascii_case("iss"))
        })
    })
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
    words(answer).filter(|words| words.contains(&said)).or(Some(said))
}

/// Whether the app says that a request of its own to another service fails, which isn't about its caller.
pub fn is_about_its_own_request(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 403)
        && has_mark(&answer.body, "requests-of-the-app")
        && !is_about_the_token(&answer.excerpt())
}

fn has_mark(text: &str, key: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    marks(key).iter().any(|mark| lower.contains(mark.as_str()))
}

/// Whether a text is about what a token allows (roles, scopes), and not about the token itself.
pub fn is_about_permissions(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut words = lower.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    let is_one_of = |word: &str, key| marks(key).iter().any(|mark| mark == word);
    let names_permission = words.clone().any(|word| is_one_of(word, "names-of-permissions"));
    let names_token = words.any(|word| is_one_of(word, "parts-of-a-token"));
    names_permission && !names_token && !has_mark(text, "not-of-the-caller")
}

/// Whether a text is about the token itself: its form, signature, times, audience, or issuer.
pub fn is_about_the_token(text: &str) -> bool {
    has_mark(text, "about-the-token") && !is_about_permissions(text) && !has_mark(text, "own-cross-site")
}

/// Whether only a validator of bearer tokens says this, whatever the status: its error's code, or its library's name.
pub fn is_of_a_validator(text: &str) -> bool {
    has_mark(text, "validators") && is_about_the_token(text)
}

/// The server or proxy that the headers of an answer name, and those of another answer don't. What apps run on names
/// itself as well, and isn't one.
pub fn server_of_one(answer: &Answer, other: &Answer) -> Option<String> {
    ["via", "server"].iter().find_map(|name| {
        let value = answer.header(name).filter(|value| other.header(name) != Some(value))?;
        (!has_mark(value, "servers-of-apps")).then(|| shortened(&answer.quote(value), 40))
    })
}

/// The gateway whose own body an answer has, which frameworks send as well: where no framework names itself.
pub fn shared_body(answer: &Answer) -> Option<&'static str> {
    let own = answer.json()?;
    let is_it = |body: &String| serde_json::from_str::<serde_json::Value>(body).is_ok_and(|body| body == *own);
    let is_shared = marks("shared-bodies").iter().any(is_it);
    (is_shared && answer.header("x-powered-by").is_none()).then_some("API Management")
}

/// The header by which an answer comes from a cache.
pub fn cache(answer: &Answer) -> Option<String> {
    let is_hit = |name: &str, value: &str| match name {
        "age" => value.trim().parse::<u64>().is_ok_and(|age| age > 0),
        _ => value.to_ascii_lowercase().contains("hit"),
    };
    let mut headers = ["x-cache", "age"].into_iter().filter_map(|name| Some((name, answer.header(name)?)));
    let (name, value) = headers.find(|(name, value)| is_hit(name, value))?;
    Some(format!("{name}: {}", shortened(&answer.quote(value), 40)))
}

/// Whether a refusal can be about what the caller may do: it names a permission, or only says that access is denied,
/// and not to an address, and not by a rule that no role satisfies, such as a list of the app's own.
pub fn may_be_about_permissions(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut terms = lower.split(|letter: char| !letter.is_ascii_alphanumeric());
    let names_other = terms.any(|term| matches!(term, "ip" | "ipv4" | "ipv6")) || names_another_rule(text);
    has_mark(text, "permissions") && (!names_other || is_about_permissions(text))
}

/// Whether a refusal names a rule of the app's own that no role or scope satisfies.
pub fn names_another_rule(text: &str) -> bool {
    (has_mark(text, "rules-of-the-app") || has_mark(text, "not-of-the-caller")) && !is_about_permissions(text)
}

/// The size and kind of a body of which nothing can be quoted, such as one that is only a long run of characters.
pub fn unquoted(answer: &Answer) -> Option<String> {
    let is_said = words(answer).is_some();
    (!is_said && answer.body_length > 0).then(|| size(answer))
}

/// What an answer says of its own, as it may be quoted: the error of its challenge, else its body.
pub fn words(answer: &Answer) -> Option<String> {
    let of_challenge = answer.bearer().and_then(Challenge::error).map(|error| answer.quote(error));
    let said = of_challenge.unwrap_or_else(|| answer.excerpt());
    let said = shortened(said.trim().trim_end_matches('.'), 140);
    Some(said).filter(|said| !said.is_empty())
}

/// The size and kind of an answer's body: `58 bytes of text/html`.
pub fn size(answer: &Answer) -> String {
    let kind = answer.header("content-type");
    let kind = kind.map(|kind| format!(" of {}", shortened(&answer.quote(kind), 40))).unwrap_or_default();
    let plural = if answer.body_length == 1 { "" } else { "s" };
    format!("{} byte{plural}{kind}", answer.body_length)
}
