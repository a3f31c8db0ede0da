//! The two values that decide, where a cause is such a difference: what App 2, Entra, or the user expects, and what
//! there is.

use crate::case::ids::ClientId;
use crate::case::issuer::Issuer;
use crate::case::resource::{self, well_known};
use crate::case::resource_id::Parts;
use crate::case::text::visible;
use crate::evidence::{Evidence, target};
use crate::knowledge::{self, Words, phrase};

/// What is compared: the claims of the token.
pub const AUDIENCE: &str = "audience (aud)";
pub(super) const ISSUER: &str = "issuer (iss)";
pub(super) const TENANT: &str = "tenant (tid)";
pub(super) const CLIENT_ID: &str = "client ID (appid/azp)";
pub(super) const OBJECT_ID: &str = "object ID (oid)";
pub(super) const GROUPS: &str = "group (groups)";
pub(super) const VERSION: &str = "token version (ver)";
pub(super) const EXPIRES: &str = "expiration time (exp)";
pub(super) const NOT_BEFORE: &str = "validity start (nbf)";
pub(super) const KEY: &str = "signing key (kid)";
/// What is compared: the resource that the token is requested for.
pub(super) const RESOURCE: &str = "resource";
/// What is compared: whose token it is.
pub(super) const IDENTITY: &str = "identity";

/// Two values that should be the same, or one that should be in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What is compared.
    pub subject: &'static str,
    /// The values of which one is needed.
    pub expected: Vec<Value>,
    /// The value that there is.
    pub actual: Value,
    /// Where the expected values come from.
    pub source: Words,
}

/// A value, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The value; `None` where there is none.
    pub value: Option<String>,
    /// What it is, such as `client ID of App 2`, where that is known.
    pub name: Option<Words>,
}

impl Difference {
    /// A difference of these values; what they are is added when the step is judged.
    #[must_use]
    pub fn of<E: AsRef<str>>(
        subject: &'static str,
        expected: impl IntoIterator<Item = E>,
        actual: Option<impl AsRef<str>>,
        source: impl Into<Words>,
    ) -> Self {
        Self {
            subject,
            expected: expected.into_iter().map(|value| Value::of(value.as_ref())).collect(),
            actual: actual.map_or_else(Value::none, |value| Value::of(value.as_ref())),
            source: source.into(),
        }
    }

    /// A resource, or another name, beside those of App 2's own names that count.
    pub(super) fn of_own_names(evidence: &Evidence<'_>, actual: Option<&str>, counts: impl Fn(&str) -> bool) -> Self {
        let own = target::own_names(evidence).into_iter().filter(|(name, _)| counts(name));
        let (names, mut sources): (Vec<String>, Vec<String>) = own.unzip();
        sources.dedup();
        Self::of(RESOURCE, names, actual, sources.join(", "))
    }

    /// The same with what the expected values are, where nothing of the case tells it.
    #[must_use]
    pub(super) fn expected_is(mut self, name: impl Into<Words>) -> Self {
        let name = name.into();
        for value in &mut self.expected {
            value.name = Some(name.clone());
        }
        self
    }

    /// Says of each value what it is, as far as this run knows it.
    pub(super) fn name_values(&mut self, evidence: &Evidence<'_>) {
        let subject = self.subject;
        let name = |text: &str| match subject {
            ISSUER => of_issuer(text),
            VERSION | EXPIRES | NOT_BEFORE | KEY => None,
            _ => name(evidence, text),
        };
        for value in self.expected.iter_mut().chain([&mut self.actual]) {
            if let (None, Some(text)) = (&value.name, &value.value) {
                value.name = name(text.trim());
            }
        }
    }
}

impl Value {
    fn of(value: &str) -> Self {
        Self { value: Some(visible(value)), name: None }
    }

    const fn none() -> Self {
        Self { value: None, name: None }
    }
}

/// What a value is, in a few words, as far as a case knows it.
#[must_use]
pub fn name_of(evidence: &Evidence<'_>, value: &str) -> Option<Words> {
    name(evidence, value)
}

/// What a value is, in a few words.
fn name(evidence: &Evidence<'_>, value: &str) -> Option<Words> {
    if let Some(api) = well_known::api(value) {
        return Some(api.into());
    }
    of_app_2(evidence, value)
        .or_else(|| of_caller(evidence, value))
        .or_else(|| knowledge::first_party_app(value).map(Words::from))
}

fn of_issuer(value: &str) -> Option<Words> {
    let version = Issuer::new(value).parts().version?;
    Some(phrase("difference.issuer").with("version", version.word()).into())
}

fn of_app_2(evidence: &Evidence<'_>, value: &str) -> Option<Words> {
    let registration = evidence.registration.as_ref();
    let own = target::client_id(evidence).map(|(id, _)| id);
    let is_own = |id: &str| own.as_ref().is_some_and(|own| own.matches(&ClientId::new(id)));
    if is_own(value) {
        let display = registration
            .filter(|it| it.client_id.as_ref().is_some_and(|id| is_own(id.as_str())))
            .and_then(|it| it.display_name.as_deref());
        return Some(titled("difference.target-client-id", display));
    }
    let uris = registration.and_then(|it| it.identifier_uris.as_deref());
    if uris.is_some_and(|uris| uris.iter().any(|uri| uri == value)) {
        return Some(phrase("difference.target-uri").into());
    }
    // It may be no Application ID URI: the registration has the ones that were added to it.
    if resource::client_id_of(value).is_some_and(is_own) {
        return Some(phrase("difference.target-client-id-uri").into());
    }
    let principal = registration.and_then(|it| it.service_principal_id.as_ref());
    if principal.is_some_and(|id| id.as_str().eq_ignore_ascii_case(value)) {
        return Some(phrase("difference.target-object-id").into());
    }
    let tenant = target::tenant(evidence);
    tenant
        .is_some_and(|tenant| tenant.as_str().eq_ignore_ascii_case(value))
        .then(|| phrase("difference.target-tenant").into())
}

fn of_caller(evidence: &Evidence<'_>, value: &str) -> Option<Words> {
    let token = evidence.token.as_ref().map(|token| &token.decoded);
    let stand_in = evidence.caller.as_ref();
    let same = |id: Option<&str>| id.is_some_and(|id| id.eq_ignore_ascii_case(value));
    let (client, object, tenant) = match token {
        Some(token) => (token.caller_client_id(), token.object_id(), token.tenant()),
        None => (
            stand_in.and_then(|caller| caller.client_id.clone()),
            stand_in.and_then(|caller| caller.object_id.clone()),
            stand_in.and_then(|caller| caller.tenant.clone()),
        ),
    };
    let of_graph = evidence.registration.as_ref().and_then(|registration| registration.caller_display_name.as_deref());
    let identity = token.and_then(|token| token.text("xms_mirid")).and_then(Parts::of);
    let display = of_graph.or(identity.map(|identity| identity.name));
    if same(client.as_ref().map(AsRef::as_ref)) {
        Some(titled("difference.caller-client-id", display))
    } else if same(object.as_ref().map(AsRef::as_ref)) {
        Some(titled("difference.caller-object-id", display))
    } else if same(tenant.as_ref().map(AsRef::as_ref)) {
        Some(phrase("difference.caller-tenant").into())
    } else {
        None
    }
}

fn titled(key: &'static str, display_name: Option<&str>) -> Words {
    phrase(key).with_some("display_name", display_name).into()
}
