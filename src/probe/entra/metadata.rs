//! OpenID metadata and signing keys, fetched from the authority in use only: never from where a token's `iss` points.

use url::Url;

use crate::case::exchange::Purpose;
use crate::case::ids::TenantId;
use crate::case::issuer::Version;
use crate::probe::address::is_tenant;
use crate::probe::http::{Http, Reply, Request};

/// A signing key: its id, and the RSA numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key id.
    pub kid: String,
    /// The modulus, base64url.
    pub modulus: String,
    /// The exponent, base64url.
    pub exponent: String,
}

/// The address of the metadata for tokens of this version:
/// `{authority}/{tenant}[/v2.0]/.well-known/openid-configuration`.
pub fn address(authority: &str, tenant: &TenantId, version: Version) -> Option<Url> {
    let middle = match version {
        Version::V1 => "",
        Version::V2 => "/v2.0",
    };
    is_tenant(tenant.as_str())
        .then(|| Url::parse(&format!("{authority}/{tenant}{middle}/.well-known/openid-configuration")).ok())?
}

/// Why a tenant's signing keys are not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// The tenant can't be part of a URL.
    #[error("the token has no valid tenant")]
    NoTenant,
    /// One of the two requests got no answer that can be read.
    #[error("couldn't get {what} ({reason})")]
    Unread {
        /// What was asked for.
        what: &'static str,
        /// The status, or why there was no answer.
        reason: String,
    },
    /// No `jwks_uri`.
    #[error("the authority's metadata contains no URL of signing keys")]
    NoAddress,
    /// A `jwks_uri` that is no address.
    #[error("the authority's metadata contains an invalid URL of signing keys")]
    WrongAddress,
    /// A `jwks_uri` elsewhere.
    #[error("the authority's metadata refers to another host for its signing keys ({host}), which isn't used")]
    OtherHost {
        /// The host.
        host: String,
    },
    /// An answer without `keys`.
    #[error("the authority's response contains no signing keys")]
    NoKeys,
}

/// Asks for the metadata for tokens of this version. `None`: the tenant can't be part of a URL.
pub async fn ask(http: &Http, authority: &str, tenant: &TenantId, version: Version) -> Option<Reply> {
    let purpose = match version {
        Version::V1 => Purpose::MetadataV1,
        Version::V2 => Purpose::MetadataV2,
    };
    let url = address(authority, tenant, version)?;
    Some(http.send(Request::get(purpose, url)).await)
}

/// Fetches the signing keys of a tenant. `early` is its metadata, where it is there already.
///
/// # Errors
/// Why they are not there, in words.
pub async fn keys(
    http: &Http,
    authority: &str,
    tenant: &TenantId,
    version: Version,
    early: Option<&Reply>,
) -> Result<Vec<Key>, KeysError> {
    let for_keys = match version {
        Version::V1 => Purpose::KeysV1,
        Version::V2 => Purpose::KeysV2,
    };
    let url = address(authority, tenant, version).ok_or(KeysError::NoTenant)?;
    let asked;
    let reply = match early {
        Some(early) => early,
        None => {
            asked = ask(http, authority, tenant, version).await.ok_or(KeysError::NoTenant)?;
            &asked
        }
    };
    let metadata = reply
        .json()
        .filter(|_| reply.status() == Some(200))
        .ok_or_else(|| unread("the authority's metadata", &reply.exchange))?;
    let named = metadata.get("jwks_uri").and_then(|uri| uri.as_str()).ok_or(KeysError::NoAddress)?;
    let named = Url::parse(named).map_err(|_| KeysError::WrongAddress)?;
    if named.origin() != url.origin() {
        return Err(KeysError::OtherHost { host: named.host_str().unwrap_or_default().to_owned() });
    }
    let reply = http.send(Request::get(for_keys, named)).await;
    let list = reply
        .json()
        .filter(|_| reply.status() == Some(200))
        .ok_or_else(|| unread("the authority's signing keys", &reply.exchange))?;
    let keys = list.get("keys").and_then(|keys| keys.as_array()).ok_or(KeysError::NoKeys)?;
    Ok(keys.iter().filter_map(key).collect())
}

fn unread(what: &'static str, exchange: &crate::case::exchange::Exchange) -> KeysError {
    let reason = match (exchange.status(), exchange.failure()) {
        (Some(status), _) => status.to_string(),
        (None, None) => "not waited for".to_owned(),
        (None, failure) => failure.map(|failure| failure.message.clone()).unwrap_or_default(),
    };
    KeysError::Unread { what, reason }
}

fn key(value: &serde_json::Value) -> Option<Key> {
    let text = |name: &str| value.get(name).and_then(|text| text.as_str()).map(str::to_owned);
    (text("kty")? == "RSA").then_some(())?;
    Some(Key { kid: text("kid")?, modulus: text("n")?, exponent: text("e")? })
}
