//! A resource: an Application ID URI or client ID, its scope, and its other forms.

pub mod relation;
pub mod well_known;

use serde::{Deserialize, Serialize};

pub use super::ids::{is_guid, without_spn};

/// The resource of the token and where the choice came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenResource {
    /// The resource as the token is asked for: without `/.default` and without a scope's name.
    pub value: String,
    /// The text it was made from, when that differed.
    pub given: Option<String>,
    /// Where it came from.
    pub source: ResourceSource,
}

impl ChosenResource {
    /// The resource and where it came from, as a line of evidence.
    #[must_use]
    pub fn line(&self) -> String {
        format!("resource = {} (from {})", self.value, self.source.place())
    }
}

/// Where the resource came from. The names are those of the report's `resource_source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceSource {
    /// `--resource`.
    Option,
    /// `EASYAUTH_DOCTOR_RESOURCE`.
    Environment,
    /// `resource_id` of App 2's challenge, or the client ID of its redirect to the sign-in page.
    Challenge,
    /// App 2's authentication settings.
    Settings,
    /// App 2's protected-resource metadata.
    Metadata,
    /// App 2's registration in Microsoft Graph.
    Registration,
    /// The host name of the target's URL.
    Host,
}

impl ResourceSource {
    /// Where that is, for people.
    #[must_use]
    pub const fn place(self) -> &'static str {
        match self {
            Self::Option => "--resource",
            Self::Environment => "EASYAUTH_DOCTOR_RESOURCE",
            Self::Challenge => "App 2's challenge",
            Self::Settings => "App 2's settings",
            Self::Metadata => "App 2's resource metadata",
            Self::Registration => "App 2's app registration",
            Self::Host => "App 2's host name",
        }
    }

    /// The name in the report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Environment => "environment",
            Self::Challenge => "challenge",
            Self::Settings => "settings",
            Self::Metadata => "metadata",
            Self::Registration => "registration",
            Self::Host => "host",
        }
    }
}

/// Scope names that Azure itself gives a new registration, and so are behind a resource by mistake. Any other last
/// segment may belong to the Application ID URI (`api://<tenant>/<name>`).
const USUAL_SCOPE_NAMES: [&str; 3] = ["user_impersonation", "access_as_user", "access_as_application"];

/// What was taken off a given resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// White space, quotes, or a `scope=` or `resource=` before it.
    Wrapping,
    /// `/.default`, which belongs to a scope.
    DefaultScope,
    /// This scope's name (`/user_impersonation`).
    ScopeName(String),
}

/// A given resource in the form in which a token is asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Normalised {
    /// The resource.
    pub value: String,
    /// What was taken off, in that order. Empty: it was given rightly.
    pub removed: Vec<Removed>,
}

/// The resource in a text that a person gave: an Application ID URI, a client ID, or a scope of either. A trailing
/// slash stays, for it is part of the name: `https://x//.default` is the scope of `https://x/`.
#[must_use]
pub fn normalise(given: &str) -> Normalised {
    let mut removed = Vec::new();
    let wrapping = |character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '`' | '\u{feff}');
    let mut value = given.trim_matches(wrapping);
    for name in ["resource=", "scope=", "scopes="] {
        if let Some(rest) = value.strip_prefix(name) {
            value = rest.trim_matches(wrapping);
        }
    }
    if value != given {
        removed.push(Removed::Wrapping);
    }
    if let Some(rest) = without_default(value) {
        value = rest;
        removed.push(Removed::DefaultScope);
    }
    if let Some((rest, name)) = value.rsplit_once('/')
        && USUAL_SCOPE_NAMES.iter().any(|usual| usual.eq_ignore_ascii_case(name))
        && !rest.is_empty()
        && !rest.ends_with('/')
    {
        removed.push(Removed::ScopeName(name.to_owned()));
        value = rest;
    }
    Normalised { value: value.to_owned(), removed }
}

/// The text before `/.default`, or before a typo of it (`./default`, `.default`, `/default`, `/.defualt`). Only
/// `/.default` itself leaves a slash before it to the resource.
fn without_default(text: &str) -> Option<&str> {
    if let Some(rest) = strip_suffix_ignoring_case(text, "/.default") {
        return Some(rest);
    }
    let is_sign = |character: char| matches!(character, '.' | '/' | ' ');
    let trimmed = text.trim_end_matches(is_sign);
    let start = trimmed.rfind(is_sign)?.checked_add(1)?;
    let (rest, word) = trimmed.split_at_checked(start)?;
    let bare = rest.trim_end_matches(is_sign);
    let signs = rest.get(bare.len()..)?;
    let lower = word.to_ascii_lowercase();
    let is_word = lower == "default" || signs.contains('.') && signs.contains('/') && is_almost(&lower, "default");
    // A host or a scheme is no resource with a suffix: `api://default`, `https://contoso.default`.
    let is_resource = !bare.ends_with(':') && (is_guid(bare) || bare.contains("://"));
    let is_host =
        !signs.contains('/') && !is_guid(bare.rsplit('/').next().unwrap_or_default()) && !bare.contains("api://");
    (is_word && is_resource && !is_host).then_some(bare)
}

/// Whether two words differ in one letter: another, a missing or an added one, or two that changed places.
fn is_almost(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let (one, other) = (one.get(same..).unwrap_or_default(), other.get(same..).unwrap_or_default());
    let tail = |text: &'_ [u8], by: usize| text.get(by..).map(<[u8]>::to_vec);
    tail(one, 1) == tail(other, 1)
        || tail(one, 1).as_deref() == Some(other)
        || Some(one.to_vec()) == tail(other, 1)
        || matches!((one, other), ([a, b, x @ ..], [c, d, y @ ..]) if a == d && b == c && x == y)
}

fn strip_suffix_ignoring_case<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let (rest, end) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(rest)
}

impl ChosenResource {
    /// The resource in what a person or a service gave.
    #[must_use]
    pub fn from_given(given: &str, source: ResourceSource) -> Self {
        let normalised = normalise(given);
        Self { given: (normalised.value != given).then(|| given.to_owned()), value: normalised.value, source }
    }
}

/// The scope that asks for everything granted on a resource. A resource that ends in a slash keeps it.
#[must_use]
pub fn scope_for(resource: &str) -> String {
    format!("{resource}/.default")
}

/// The client ID in a resource that is one, bare or as `api://<client id>`.
#[must_use]
pub fn client_id_of(resource: &str) -> Option<&str> {
    let id = strip_prefix_ignoring_case(resource, "api://").unwrap_or(resource);
    is_guid(id.trim_end_matches('/')).then(|| id.trim_end_matches('/'))
}

/// What is before the last slash of a resource, where that can be a resource as well: the rest may be the name of a
/// scope. A client ID's name is asked for by the ID.
#[must_use]
pub fn without_last_part(resource: &str) -> Option<&str> {
    let (base, name) = resource.rsplit_once('/')?;
    let (_, rest) = base.split_once("://")?;
    let is_own = !name.is_empty() && !rest.is_empty();
    (is_own && client_id_of(base).is_none() && well_known::api(base).is_none()).then_some(base)
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The other usual form of a resource that is a client ID: bare for `api://<client id>`, and the reverse.
#[must_use]
pub fn other_form(resource: &str) -> Option<String> {
    let id = client_id_of(resource)?;
    Some(if is_guid(resource) { format!("api://{id}") } else { id.to_owned() })
}

/// How alike two audiences or resources are. Whether a server treats unlike ones as equal is the server's affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The same text.
    Same,
    /// The same but for upper and lower case.
    Case,
    /// The same but for slashes at the end (and perhaps case).
    TrailingSlash,
    /// The same client ID, bare and as `api://…`.
    OtherForm,
    /// Different.
    Different,
}

/// Whether nothing follows the scheme, as where a variable within the name was empty.
#[must_use]
pub fn is_only_a_scheme(name: &str) -> bool {
    name.trim_end_matches('/').ends_with(':')
}

/// How alike two audiences or resources are.
#[must_use]
pub fn likeness(one: &str, other: &str) -> Likeness {
    if one == other {
        Likeness::Same
    } else if one.eq_ignore_ascii_case(other) {
        Likeness::Case
    } else if one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/')) {
        Likeness::TrailingSlash
    } else if let (Some(one), Some(other)) = (client_id_of(one), client_id_of(other))
        && one.eq_ignore_ascii_case(other)
    {
        Likeness::OtherForm
    } else {
        Likeness::Different
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    #[test]
    fn a_given_resource_becomes_what_a_token_is_asked_for() {
        let api = format!("api://{ID}");
        let cases: &[(String, &str, &[Removed])] = &[
            (api.clone(), &api, &[]),
            (ID.to_owned(), ID, &[]),
            (format!("{api}/.default"), &api, &[Removed::DefaultScope]),
            (format!("{ID}/.default"), ID, &[Removed::DefaultScope]),
            ("https://x//.default".to_owned(), "https://x/", &[Removed::DefaultScope]),
            ("https://x/".to_owned(), "https://x/", &[]),
            (format!("{api}/user_impersonation"), &api, &[Removed::ScopeName("user_impersonation".to_owned())]),
            (format!(" '{api}' \n"), &api, &[Removed::Wrapping]),
            (format!("scope={api}/.Default"), &api, &[Removed::Wrapping, Removed::DefaultScope]),
            ("api://tenant/orders".to_owned(), "api://tenant/orders", &[]),
            ("/.default".to_owned(), "", &[Removed::DefaultScope]),
            (String::new(), "", &[]),
        ];
        for (given, value, removed) in cases {
            let normalised = normalise(given);
            assert_eq!((normalised.value.as_str(), normalised.removed.as_slice()), (*value, *removed), "{given}");
        }
        assert_eq!(scope_for("https://x/"), "https://x//.default");
        let chosen = ChosenResource::from_given(&format!("{api}/.default"), ResourceSource::Option);
        assert_eq!((chosen.value.as_str(), chosen.given.is_some()), (api.as_str(), true));
        assert_eq!(ChosenResource::from_given(&api, ResourceSource::Option).given, None);
    }

    #[test]
    fn forms_of_one_resource_are_recognised() {
        let api = format!("api://{ID}");
        assert_eq!(other_form(&api).as_deref(), Some(ID));
        assert_eq!(other_form(ID), Some(api.clone()));
        assert_eq!(other_form("api://orders"), None);
        assert_eq!(likeness(&api, &api), Likeness::Same);
        assert_eq!(likeness(&api, &api.to_uppercase()), Likeness::Case);
        assert_eq!(likeness(&api, &format!("{api}/")), Likeness::TrailingSlash);
        assert_eq!(likeness(&api, ID), Likeness::OtherForm);
        assert_eq!(likeness("api://a", "api://b"), Likeness::Different);
    }

    proptest! {
        #[test]
        fn nothing_panics(one in ".{0,60}", other in ".{0,60}") {
            let normalised = normalise(&one);
            prop_assert!(normalised.value.len() <= one.len());
            let _ = (likeness(&one, &other), well_known::api(&one), other_form(&one));
        }
    }
}
