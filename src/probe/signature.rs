//! Whether a token's signature is the authority's. The signature itself never leaves this room; the case keeps the
//! verdict.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents};

use crate::case::issuer::Version;
use crate::case::secret::Secret;
use crate::case::text::visible;
use crate::case::token::{DecodedToken, SignatureVerdict};

use super::entra::metadata::{self, Key};
use super::http::{Http, Reply};

/// The version whose keys a token is signed with.
pub fn version(decoded: &DecodedToken) -> Version {
    decoded.version().and_then(Version::of_claim).unwrap_or(Version::V1)
}

/// Checks a token's signature against the keys of its tenant at the authority in use. `early` is that tenant's metadata
/// for the token's version, where it is there already.
///
/// # Errors
/// None: what cannot be checked is a verdict, too.
pub async fn verify(
    http: &Http,
    authority: &str,
    token: &Secret<String>,
    decoded: &DecodedToken,
    mut early: Option<&Reply>,
) -> SignatureVerdict {
    if let Some(verdict) = undecidable(decoded) {
        return verdict;
    }
    let Some(tenant) = decoded.tenant() else {
        return not_checked("the token has no tenant (tid), so its keys can't be found");
    };
    let version = version(decoded);
    let kid = decoded.header("kid").and_then(|kid| kid.as_str()).unwrap_or_default();
    let mut known = Vec::new();
    // Keys rotate: an unknown key id is worth one more look.
    for _ in 0..2 {
        let keys = match metadata::keys(http, authority, &tenant, version, early.take()).await {
            Ok(keys) => keys,
            Err(error) => return not_checked(&error.to_string()),
        };
        if let Some(key) = keys.iter().find(|key| key.kid == kid) {
            return against(token, decoded, key);
        }
        known = keys.into_iter().map(|key| visible(&key.kid)).collect();
    }
    SignatureVerdict::UnknownKey { kid: visible(kid), known }
}

fn not_checked(reason: &str) -> SignatureVerdict {
    SignatureVerdict::NotChecked { reason: reason.to_owned() }
}

/// Tokens whose signature nobody but their own API can check, and those that have none.
fn undecidable(decoded: &DecodedToken) -> Option<SignatureVerdict> {
    let algorithm = decoded.header("alg").and_then(|alg| alg.as_str()).unwrap_or_default();
    if decoded.parts != 3 || !decoded.has_signature {
        return Some(not_checked("the token has no signature"));
    }
    if decoded.header("nonce").is_some() {
        return Some(not_checked(
            "the token's header has a nonce, so only the API that it is for can verify its signature",
        ));
    }
    if !matches!(algorithm, "RS256" | "PS256") {
        return Some(not_checked(&format!(
            "the token is signed with \"{}\", which Microsoft Entra ID doesn't use for access tokens",
            visible(algorithm)
        )));
    }
    None
}

fn against(token: &Secret<String>, decoded: &DecodedToken, key: &Key) -> SignatureVerdict {
    let kid = visible(&key.kid);
    let Some((signed, signature)) = token.expose().rsplit_once('.') else {
        return not_checked("the token has no signature");
    };
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok();
    let (Some(modulus), Some(exponent)) = (bytes(&key.modulus), bytes(&key.exponent)) else {
        return not_checked("the authority's key can't be read");
    };
    let Some(signature) = bytes(signature) else {
        return SignatureVerdict::Invalid { kid };
    };
    let modulus: Vec<u8> = modulus.into_iter().skip_while(|byte| *byte == 0).collect();
    let key = RsaPublicKeyComponents { n: modulus, e: exponent };
    let pss = decoded.header("alg").and_then(|alg| alg.as_str()) == Some("PS256");
    let padding = if pss { &RSA_PSS_2048_8192_SHA256 } else { &RSA_PKCS1_2048_8192_SHA256 };
    if key.verify(padding, signed.as_bytes(), &signature).is_ok() {
        SignatureVerdict::Valid { kid }
    } else {
        SignatureVerdict::Invalid { kid }
    }
}
