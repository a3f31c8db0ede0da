//! An access token, decoded without trust: broken tokens must be shown, too.

pub mod copied;
pub mod decode;
mod look_alike;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::credential::CredentialSource;
use super::ids::{ClientId, ObjectId, TenantId, guids_in, wrapped_guid};
use super::issuer::Issuer;
use super::resource::well_known;
use super::resource_id::Parts;
use super::text::{is_deceptive, short, terms};

/// The defect of a token without a third part.
pub const NO_SIGNATURE: &str = "it has no signature";
/// How a defect begins: the signature is shorter than any of its algorithm.
pub const CUT_SIGNATURE: &str = "its signature was probably truncated";
/// The defect of a token whose header names no algorithm on purpose.
pub const ALG_NONE: &str = "its header has alg none: it isn't signed, so it must not be accepted";

/// The defect of a token whose header does not say how it is signed.
pub const NO_ALG: &str = "its header has no alg (signature algorithm)";

/// The caller's own names, as a token of the same identity for another resource gives them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The client ID (application ID).
    pub client_id: Option<ClientId>,
    /// The object ID of its service principal.
    pub object_id: Option<ObjectId>,
    /// The tenant.
    pub tenant: Option<TenantId>,
    /// The tool of Microsoft's with which a user got the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub developer_tool: Option<String>,
    /// Whether it is a person, whose object ID is not an application's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub person: bool,
}

/// The token for App 2: its claims, never its signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AcquiredToken {
    /// Where it came from.
    pub source: CredentialSource,
    /// The resource it was asked for.
    pub resource: Option<String>,
    /// What the endpoint said beside it: `expires_on`, `client_id`, `resource`, `token_type`, as text.
    pub response: Vec<(String, String)>,
    /// The decoded token.
    pub decoded: DecodedToken,
    /// Whether its signature is valid; `None` before it was checked.
    pub signature: Option<SignatureVerdict>,
}

/// A JWT taken apart as far as it can be.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DecodedToken {
    /// Length of the whole token in characters.
    pub length: usize,
    /// How many parts the dots made.
    pub parts: usize,
    /// The header's members in their order; duplicates stay.
    pub header: Vec<(String, Value)>,
    /// The claims in their order; duplicates stay.
    pub claims: Vec<(String, Value)>,
    /// Whether a third, non-empty part was there.
    pub has_signature: bool,
    /// Whether header or claims could not be read, or not whole.
    #[serde(default)]
    pub unreadable: bool,
    /// What is wrong with its form, in words, cleaned. Empty for a well-formed token.
    pub defects: Vec<String>,
}

/// What Entra compares of a federated token with the federated credentials of the caller: three claims, letter by
/// letter.
///
/// Source: Microsoft identity platform, "Workload identity federation".
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OutsideToken {
    /// Its issuer (`iss`).
    pub issuer: Option<String>,
    /// Its subject (`sub`).
    pub subject: Option<String>,
    /// Its audiences (`aud`).
    pub audiences: Vec<String>,
    /// Until when it is valid (`exp`), in seconds since 1970-01-01.
    pub expires: Option<i64>,
    /// Whether a byte order mark is before it in its file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marked: bool,
    /// From when on it is valid (`nbf`), in seconds since 1970-01-01.
    #[serde(default)]
    pub not_before: Option<i64>,
}

impl OutsideToken {
    /// Its audiences in one text.
    #[must_use]
    pub fn audience_list(&self) -> Option<String> {
        Some(self.audiences.join(", ")).filter(|list| !list.is_empty())
    }

    /// What a federated credential must match, as evidence.
    pub fn shown(&self) -> impl Iterator<Item = String> {
        let claims = [("iss", self.issuer.clone()), ("sub", self.subject.clone()), ("aud", self.audience_list())];
        claims.into_iter().filter_map(|(claim, value)| Some(format!("federated token: {claim} = {}", short(&value?))))
    }
}

impl AcquiredToken {
    /// Whether it is a managed identity's, which the platform gives again until it expires. Source: "Managed identities
    /// for Azure resources frequently asked questions" (tokens are cached for up to 24 hours).
    #[must_use]
    pub const fn is_of_managed_identity(&self) -> bool {
        matches!(self.source, CredentialSource::ManagedIdentity(_))
    }

    /// Until when the platform gives it again, where that isn't over.
    #[must_use]
    pub fn cached_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let expires = self.decoded.time("exp").filter(|_| self.is_of_managed_identity())?;
        DateTime::from_timestamp(expires, 0).filter(|expires| *expires > now)
    }
}

impl Caller {
    /// The caller that a token names.
    #[must_use]
    pub fn of(token: &DecodedToken) -> Self {
        Self {
            client_id: token.caller_client_id(),
            object_id: token.object_id(),
            tenant: token.tenant(),
            developer_tool: token.developer_tool().map(str::to_owned),
            person: token.is_of_a_person(),
        }
    }

    /// A token that names this caller and says nothing else.
    #[must_use]
    pub fn as_token(&self) -> DecodedToken {
        let named = [
            ("appid", self.client_id.as_ref().map(ClientId::as_str)),
            ("oid", self.object_id.as_ref().map(ObjectId::as_str)),
            ("tid", self.tenant.as_ref().map(TenantId::as_str)),
        ];
        let claims = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        DecodedToken { claims: claims.collect(), ..DecodedToken::default() }
    }

    /// What a person signed in with: a tool of Microsoft's, or a client of one's own. `None`: the caller is no person.
    #[must_use]
    pub fn signed_in_through(&self) -> Option<String> {
        let own = || self.client_id.as_ref().filter(|_| self.person);
        self.developer_tool.clone().or_else(|| Some(format!("the client {}", own()?)))
    }

    /// Whether a list of client IDs has the object ID, which is no ID of an application.
    #[must_use]
    pub fn has_object_id_in(&self, list: &[ClientId]) -> bool {
        self.object_id.as_ref().is_some_and(|id| ClientId::new(id.as_str()).is_in(list))
    }

    /// Whether a list of object IDs has the client ID, which is no ID of a principal.
    #[must_use]
    pub fn has_client_id_in(&self, list: &[ObjectId]) -> bool {
        self.client_id.as_ref().is_some_and(|id| ObjectId::new(id.as_str()).is_in(list))
    }

    /// An entry that has the client ID in braces, or among spaces or other IDs in one string. Whether the platform
    /// accepts that is not established.
    #[must_use]
    pub fn entry_with_client_id<'a>(&self, list: &'a [ClientId]) -> Option<&'a ClientId> {
        entry_with(self.client_id.as_ref()?.as_str(), list)
    }

    /// The same with the object ID.
    #[must_use]
    pub fn entry_with_object_id<'a>(&self, list: &'a [ObjectId]) -> Option<&'a ObjectId> {
        entry_with(self.object_id.as_ref()?.as_str(), list)
    }
}

impl TenantId {
    /// An entry that has this tenant among anything else, such as brackets or an address.
    #[must_use]
    pub fn entry_in<'a>(&self, list: &'a [Self]) -> Option<&'a Self> {
        list.iter().find(|entry| guids_in(entry.as_str()).iter().any(|id| id.eq_ignore_ascii_case(self.as_str())))
    }
}

fn entry_with<'a, T: AsRef<str>>(id: &str, list: &'a [T]) -> Option<&'a T> {
    let without_hyphens = id.replace('-', "");
    let is_it = |part: &str| {
        let part = part.replace(is_deceptive, "");
        let part = wrapped_guid(&part).unwrap_or(part.trim());
        [id, &without_hyphens].iter().any(|form| part.eq_ignore_ascii_case(form))
    };
    let between = |it: char| matches!(it, ',' | ';') || it.is_whitespace();
    list.iter().find(|entry| entry.as_ref().split(between).any(is_it))
}

impl OutsideToken {
    /// What of a decoded token counts; empty where it is no JWT.
    #[must_use]
    pub fn of(token: &DecodedToken) -> Self {
        Self {
            issuer: token.text("iss").map(str::to_owned),
            subject: token.text("sub").map(str::to_owned),
            audiences: token.list("aud").into_iter().map(str::to_owned).collect(),
            expires: token.time("exp"),
            marked: false,
            not_before: token.time("nbf"),
        }
    }
}

/// What checking the signature gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureVerdict {
    /// Signed by the authority's key with this id.
    Valid {
        /// The key id.
        kid: String,
    },
    /// The key is the authority's, the signature is not its.
    Invalid {
        /// The key id.
        kid: String,
    },
    /// The authority has no key with the token's key id, also after a second fetch.
    UnknownKey {
        /// The token's key id.
        kid: String,
        /// The key ids that the authority has.
        known: Vec<String>,
    },
    /// It could not be checked, for this reason (keys not readable, a `nonce` in the header, an unknown algorithm, …).
    NotChecked {
        /// The reason in words.
        reason: String,
    },
}

impl DecodedToken {
    /// The value of a claim; the last one wins where it occurs twice, as in most parsers.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The value of a header member.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&Value> {
        self.header.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// A claim that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claim(name)?.as_str()
    }

    /// The members of a claim that is a list of texts, or its one string instead of a list.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<&str> {
        match self.claim(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// A claim that is a time in seconds since 1970: a number, a float or a text with one; `None` when it is not, or
    /// beyond what a calendar can show.
    #[must_use]
    pub fn time(&self, name: &str) -> Option<i64> {
        self.claim(name).and_then(seconds)
    }

    /// Whether it is encrypted (JWE), so that only its recipient can read the claims.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.parts == 5 || self.header("enc").is_some()
    }

    /// The caller's client ID: `appid` of v1 tokens, `azp` of v2 tokens.
    #[must_use]
    pub fn caller_client_id(&self) -> Option<ClientId> {
        self.text("appid").or_else(|| self.text("azp")).map(ClientId::new)
    }

    /// The tool of Microsoft's with which a user got the token, such as the Azure CLI. Such a token shows nothing of
    /// another application.
    #[must_use]
    pub fn developer_tool(&self) -> Option<&'static str> {
        let client_id = self.caller_client_id().filter(|_| self.claim("scp").is_some())?;
        well_known::api(client_id.as_str())
    }

    /// Whether it has an audience that can be compared: a text that isn't empty, or several.
    #[must_use]
    pub fn has_usable_audience(&self) -> bool {
        let is_named = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
        match self.claim("aud") {
            Some(Value::Array(items)) => !items.is_empty() && items.iter().all(is_named),
            found => found.is_some_and(is_named),
        }
    }

    /// The audience, where there is exactly one.
    #[must_use]
    pub fn only_audience(&self) -> Option<&str> {
        match self.list("aud").as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether a person's sign-in gave the token.
    #[must_use]
    pub fn is_of_a_person(&self) -> bool {
        let names = ["upn", "preferred_username", "unique_name"];
        self.claim("scp").is_some() && names.iter().any(|name| self.text(name).is_some())
    }

    /// The only role that a text names, where the token has it. Another word of this form may be what is missing.
    #[must_use]
    pub fn only_role_in(&self, text: &str) -> Option<&str> {
        let role = self.list("roles").into_iter().find(|role| terms(text).any(|term| term == *role))?;
        (!terms(text).any(|term| term != role && term.contains(['.', '_', ':']))).then_some(role)
    }

    /// Whether a text has the client ID or object ID of the caller.
    #[must_use]
    pub fn has_its_caller_in(&self, text: &str) -> bool {
        self.caller_client_id().is_some_and(|id| text.contains(id.as_str()))
            || self.object_id().is_some_and(|id| text.contains(id.as_str()))
    }

    /// The first defect of its signature.
    #[must_use]
    pub fn signature_defect(&self) -> Option<&String> {
        self.defects.iter().find(|defect| is_of_the_signature(defect))
    }

    /// Whether its defects, if any, are all of its signature.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        self.defects.iter().all(|defect| is_of_the_signature(defect))
    }

    /// The claim that names the caller's client ID in a token of this version.
    #[must_use]
    pub fn caller_claim(&self) -> &'static str {
        if self.text("appid").is_none() && self.text("azp").is_some() { "azp" } else { "appid" }
    }

    /// The resource that the managed identity belongs to, or is: `xms_mirid`.
    #[must_use]
    pub fn resource_of_identity(&self) -> Option<Parts<'_>> {
        Parts::of(self.text("xms_mirid")?)
    }

    /// The caller's object ID: `oid`.
    #[must_use]
    pub fn object_id(&self) -> Option<ObjectId> {
        self.text("oid").map(ObjectId::new)
    }

    /// The groups that the caller is in, as far as the token names them: `groups`.
    #[must_use]
    pub fn groups(&self) -> Vec<ObjectId> {
        self.list("groups").into_iter().map(ObjectId::new).collect()
    }

    /// The tenant that issued it: `tid`.
    #[must_use]
    pub fn tenant(&self) -> Option<TenantId> {
        self.text("tid").map(TenantId::new)
    }

    /// The issuer: `iss`.
    #[must_use]
    pub fn issuer(&self) -> Option<Issuer> {
        self.text("iss").map(Issuer::new)
    }

    /// The token's version: `1.0` or `2.0`, by `ver`.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.text("ver")
    }
}

fn is_of_the_signature(defect: &str) -> bool {
    matches!(defect, NO_SIGNATURE | ALG_NONE | NO_ALG)
}

/// A time in seconds since 1970: a number, a float or a text with one; `None` when it is not, or beyond what a calendar
/// can show.
#[must_use]
pub fn seconds(value: &Value) -> Option<i64> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let seconds = text.parse::<i64>().ok().or_else(|| {
        let float = text.parse::<f64>().ok().filter(|float| float.is_finite() && float.abs() < 8.0e12)?;
        #[allow(clippy::cast_possible_truncation, reason = "bounded above, and a cast of a float saturates")]
        Some(float as i64)
    })?;
    chrono::DateTime::from_timestamp(seconds, 0).map(|_| seconds)
}

/// The year 5000 in seconds. A later time is in smaller units, such as milliseconds.
const LATEST_S: f64 = 95_617_584_000.0;

/// Whether a time can't be in seconds, as the times of a token are.
#[must_use]
pub fn is_in_smaller_units(value: &Value) -> bool {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    number.is_some_and(|number: f64| number > LATEST_S && number.is_finite())
}
