//! How a protected API checks a bearer token: signature, issuer, audience, lifetime. Written anew for the lab.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::RSA_PKCS1_2048_8192_SHA256;
use serde_json::Value;

use super::keys::Keys;
use super::shared::now;

/// The skew that validators allow by default, in seconds (facts: caller, 6).
const SKEW_S: i64 = 300;

/// What an API accepts.
pub(crate) struct Expected<'a> {
    /// Accepted audiences.
    pub audiences: &'a [String],
    /// Whether audiences are compared without regard to case and slashes at the end, or exactly.
    pub loosely: bool,
    /// Accepted issuers, compared exactly; `None` accepts every issuer of the authority.
    pub issuers: Option<&'a [String]>,
}

/// Why a token is not valid, in the library's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Invalid {
    /// IDX12741: not three parts, or not JSON inside.
    Malformed,
    /// IDX10511 and its kin.
    Signature,
    /// IDX10205.
    Issuer,
    /// IDX10214.
    Audience,
    /// IDX10223.
    Expired,
    /// IDX10222.
    NotYetValid,
}

/// The claims of a valid token.
///
/// # Errors
/// The first check that fails, in the order of Microsoft.IdentityModel: signature, lifetime, audience, issuer.
pub(crate) fn validate(keys: &Keys, token: &str, expected: &Expected<'_>) -> Result<Value, Invalid> {
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Invalid::Malformed);
    };
    let header_json = json(header)?;
    let claims_json = json(claims)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Invalid::Malformed)?;
    let rs256 = header_json.get("alg").and_then(Value::as_str) == Some("RS256");
    let known = header_json.get("kid").and_then(Value::as_str) == Some(keys.entra.thumbprint().as_str());
    let message = format!("{header}.{claims}");
    if !rs256 || !known || !keys.entra.verifies(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature) {
        return Err(Invalid::Signature);
    }
    let Some(expiry) = claims_json.get("exp").and_then(Value::as_i64) else {
        return Err(Invalid::Expired);
    };
    if expiry + SKEW_S < now() {
        return Err(Invalid::Expired);
    }
    if claims_json.get("nbf").and_then(Value::as_i64).is_some_and(|from| from - SKEW_S > now()) {
        return Err(Invalid::NotYetValid);
    }
    let text = |name: &str| claims_json.get(name).and_then(Value::as_str);
    let same = |accepted: &String, audience: &str| {
        let bare = |text: &str| text.trim_end_matches('/').to_ascii_lowercase();
        accepted == audience || expected.loosely && bare(accepted) == bare(audience)
    };
    if !text("aud").is_some_and(|audience| expected.audiences.iter().any(|accepted| same(accepted, audience))) {
        return Err(Invalid::Audience);
    }
    if let Some(issuers) = expected.issuers
        && !text("iss").is_some_and(|issuer| issuers.iter().any(|accepted| accepted == issuer))
    {
        return Err(Invalid::Issuer);
    }
    Ok(claims_json)
}

fn json(part: &str) -> Result<Value, Invalid> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Invalid::Malformed)?;
    super::http::json(&bytes).map_err(|_| Invalid::Malformed)
}
