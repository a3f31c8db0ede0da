//! OpenID metadata and signing keys, fetched from the authority in use only: never from where a token's `iss` points.

use url::Url;

use crate::case::exchange::Purpose;
use crate::case::ids::TenantId;
use crate::case::issuer::Version;
use crate::probe::address::is_tenant;
use crate::probe::http::{Http, Request};

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

/// The address of the metadata for tokens of this version: `{authority}/{tenant}[/v2.0]/.well-known/openid-configuration`.
pub fn address(authority: &str, tenant: &TenantId, version: Version) -> Option<Url> {
    let middle = match version {
        Version::V1 => "",
        Version::V2 => "/v2.0",
    };
    is_tenant(tenant.as_str()).then(|| {
        Url::parse(&format!(
            "{authority}/{tenant}{middle}/.well-known/openid-configuration"
        ))
        .ok()
    })?
}

/// Fetches the signing keys of a tenant.
///
/// # Errors
/// Why they are not there, in words.
pub async fn keys(http: &Http, authority: &str, tenant: &TenantId, version: Version) -> Result<Vec<Key>, String> {
    let (for_metadata, for_keys) = match version {
        Version::V1 => (Purpose::MetadataV1, Purpose::KeysV1),
        Version::V2 => (Purpose::MetadataV2, Purpose::KeysV2),
    };
    let url = address(authority, tenant, version).ok_or("the token names no tenant that an address can be made of")?;
    let reply = http.send(Request::get(for_metadata, url.clone())).await;
    let metadata = reply
        .json()
        .filter(|_| reply.status() == Some(200))
        .ok_or_else(|| unread("the authority's metadata", &reply.exchange))?;
    let named = metadata
        .get("jwks_uri")
        .and_then(|uri| uri.as_str())
        .ok_or("the authority's metadata names no signing keys")?;
    let named =
        Url::parse(named).map_err(|_| "the authority's metadata names an address of the signing keys that is none")?;
    if named.origin() != url.origin() {
        return Err(format!(
            "the authority's metadata points to another host for its signing keys ({}), which is not asked",
            named.host_str().unwrap_or_default()
        ));
    }
    let reply = http.send(Request::get(for_keys, named)).await;
    let list = reply
        .json()
        .filter(|_| reply.status() == Some(200))
        .ok_or_else(|| unread("the authority's signing keys", &reply.exchange))?;
    let keys = list
        .get("keys")
        .and_then(|keys| keys.as_array())
        .ok_or("the authority's answer holds no signing keys")?;
    Ok(keys.iter().filter_map(key).collect())
}

fn unread(what: &str, exchange: &crate::case::exchange::Exchange) -> String {
    match (exchange.status(), exchange.failure()) {
        (Some(status), _) => format!("{what} could not be read ({status})"),
        (None, failure) => format!(
            "{what} could not be read ({})",
            failure.map(|failure| failure.message.as_str()).unwrap_or_default()
        ),
    }
}

fn key(value: &serde_json::Value) -> Option<Key> {
    let text = |name: &str| value.get(name).and_then(|text| text.as_str()).map(str::to_owned);
    (text("kty")? == "RSA").then_some(())?;
    Some(Key {
        kid: text("kid")?,
        modulus: text("n")?,
        exponent: text("e")?,
    })
}
