//! The two values that decide, where a cause is such a difference: what App 2, Entra, or the user expects, and what
//! there is.

use crate::case::ids::{ClientId, ObjectId, TenantId};
use crate::case::issuer::Issuer;
use crate::case::resource::{self, well_known};
use crate::case::resource_id::Parts;
use crate::case::text::visible;
use crate::case::token::Caller;
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
#[must_use]
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Value {
    /// The value; `None` where there is none.
    pub value: Option<String>,
    /// What it is, such as `client ID of App 2`, where that is known.
    pub name: Option<Words>,
}

impl Difference {
    /// A difference of these values; what they are is added when the step is judged.
    pub fn of<E: AsRef<str>>(
        subject: &'static str,
        expected: impl IntoIterator<Item = E>,
        actual: Option<impl AsRef<str>>,
        source: impl Into<Words>,
    ) -> Self {
        Self {
            subject,
            expected: expected.into_iter().map(|value| Value::of(value.as_ref())).collect(),
            actual: actual.map_or_else(Value::default, |value| Value::of(value.as_ref())),
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
        for value in self.expected.iter_mut().chain([&mut self.actual]) {
            let Some(text) = value.value.as_deref().map(str::trim).filter(|_| value.name.is_none()) else { continue };
            value.name = match subject {
                ISSUER => of_issuer(text),
                VERSION | EXPIRES | NOT_BEFORE | KEY => None,
                _ => name_of(evidence, text),
            };
        }
    }

    /// Whether what is expected is a list of those that are allowed, in which the actual value isn't.
    pub fn is_of_list(&self) -> bool {
        let is_one = self.subject == TENANT && self.expected.len() == 1;
        matches!(self.subject, CLIENT_ID | OBJECT_ID | GROUPS | TENANT) && !is_one && self.actual.value.is_some()
    }
}

impl Value {
    fn of(value: &str) -> Self {
        Self { value: Some(visible(value)), name: None }
    }
}

/// What a value is, in a few words, as far as a case knows it.
pub fn name_of(evidence: &Evidence<'_>, value: &str) -> Option<Words> {
    well_known::api(value)
        .map(Words::from)
        .or_else(|| of_app_2(evidence, value))
        .or_else(|| of_caller(evidence, value))
        .or_else(|| knowledge::first_party_app(value).map(Words::from))
}

fn of_issuer(value: &str) -> Option<Words> {
    let version = Issuer::new(value).parts().version?;
    Some(phrase("difference.issuer").with("version", version.word()).into())
}

fn of_app_2(evidence: &Evidence<'_>, value: &str) -> Option<Words> {
    let registration = target::registration(evidence);
    let own = target::client_id(evidence).map(|(id, _)| id);
    let is_own = |id: &str| own.as_ref().is_some_and(|own| own.matches(&ClientId::new(id)));
    let is = |id: Option<&str>| id.is_some_and(|id| id.eq_ignore_ascii_case(value));
    let uris = registration.and_then(|it| it.identifier_uris.as_deref());
    let key = if is_own(value) {
        let own = registration.filter(|it| it.client_id.as_ref().is_some_and(|id| is_own(id.as_str())));
        return Some(titled("difference.target-client-id", own.and_then(|it| it.display_name.as_deref())));
    } else if uris.is_some_and(|uris| uris.iter().any(|uri| uri == value)) {
        "difference.target-uri"
    } else if resource::client_id_of(value).is_some_and(is_own) {
        // It may be no Application ID URI: the registration has the ones that were added to it.
        "difference.target-client-id-uri"
    } else if is(registration.and_then(|it| it.service_principal_id.as_ref()).map(ObjectId::as_str)) {
        "difference.target-object-id"
    } else if is(target::tenant(evidence).as_ref().map(TenantId::as_str)) {
        "difference.target-tenant"
    } else {
        return None;
    };
    Some(phrase(key).into())
}

fn of_caller(evidence: &Evidence<'_>, value: &str) -> Option<Words> {
    let token = evidence.decoded();
    let caller = token.map(Caller::of).or_else(|| evidence.caller.clone())?;
    let is = |id: Option<&str>| id.is_some_and(|id| id.eq_ignore_ascii_case(value));
    let of_graph = evidence.registration.as_ref().and_then(|registration| registration.caller_display_name.as_deref());
    let identity = token.and_then(|token| token.text("xms_mirid")).and_then(Parts::of);
    let display = of_graph.or(identity.map(|identity| identity.name));
    if is(caller.client_id.as_ref().map(ClientId::as_str)) {
        Some(titled("difference.caller-client-id", display))
    } else if is(caller.object_id.as_ref().map(ObjectId::as_str)) {
        Some(titled("difference.caller-object-id", display))
    } else {
        is(caller.tenant.as_ref().map(TenantId::as_str)).then(|| phrase("difference.caller-tenant").into())
    }
}

fn titled(key: &'static str, display_name: Option<&str>) -> Words {
    phrase(key).with_some("display_name", display_name).into()
}
