//! How a client proves itself at Entra's token endpoint: secret, certificate assertion, federated assertion.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256};
use serde_json::Value;

use super::http::Received;
use super::issue::{Principal, Refusal};
use super::shared::{Shared, now};
use super::world::{CertificateState, SecretState, World};

/// The skew that Entra allows in an assertion, in seconds.
const SKEW_S: i64 = 300;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who the client is, when it proves it.
///
/// # Errors
/// Entra's refusal.
pub(crate) fn authenticate(shared: &Shared, world: &World, request: &Received) -> Result<Principal, Refusal> {
    let registered = &world.service_principal;
    let Some(client_id) = request.form("client_id") else {
        return Err(Refusal::new(900_144, "The request body must contain the following parameter: 'client_id'."));
    };
    if !registered.in_tenant || !client_id.eq_ignore_ascii_case(&registered.client_id) {
        return Err(Refusal::new(
            700_016,
            format!(
                "Application with identifier '{client_id}' was not found in the directory '{}'. This can happen if \
                 the application has not been installed by the administrator of the tenant or consented to by any \
                 user in the tenant. You may have sent your authentication request to the wrong tenant.",
                world.tenant.domain
            ),
        ));
    }
    if !registered.enabled {
        return Err(Refusal::new(
            7_000_112,
            format!("Application '{client_id}'({}) is disabled.", registered.display_name),
        ));
    }
    let authenticated_by = match (request.form("client_secret"), request.form("client_assertion")) {
        (Some(secret), _) => {
            check_secret(shared, world, &client_id, &secret)?;
            1
        }
        (None, Some(assertion)) => {
            if request.form("client_assertion_type").as_deref() != Some(ASSERTION_TYPE) {
                return Err(Refusal::new(700_023, "Client assertion type is not supported."));
            }
            check_assertion(shared, world, &client_id, &assertion)?;
            2
        }
        (None, None) => {
            return Err(Refusal::new(
                7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            ));
        }
    };
    Ok(Principal {
        client_id: registered.client_id.clone(),
        object_id: registered.object_id.clone(),
        name: registered.display_name.clone(),
        resource_id: None,
        authenticated_by,
    })
}

fn check_secret(shared: &Shared, world: &World, client_id: &str, secret: &str) -> Result<(), Refusal> {
    if secret != shared.secrets.client_secret {
        return Err(Refusal::new(
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
                 value, not the client secret ID, for a secret added to app '{client_id}'."
            ),
        ));
    }
    match world.service_principal.secret {
        SecretState::Expired => Err(Refusal::new(
            7_000_222,
            format!(
                "The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create \
                 new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for \
                 added security: https://aka.ms/certCreds."
            ),
        )),
        SecretState::Valid | SecretState::Wrong | SecretState::Missing => Ok(()),
    }
}

/// A JWT taken apart: header, claims, the signed text, the signature.
struct Parts {
    header: Value,
    claims: Value,
    message: String,
    signature: Vec<u8>,
}

fn take_apart(assertion: &str) -> Option<Parts> {
    let mut parts = assertion.split('.');
    let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let json = |text: &str| super::http::json(&URL_SAFE_NO_PAD.decode(text).ok()?).ok();
    Some(Parts {
        header: json(header)?,
        claims: json(claims)?,
        message: format!("{header}.{claims}"),
        signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
    })
}

fn check_assertion(shared: &Shared, world: &World, client_id: &str, assertion: &str) -> Result<(), Refusal> {
    let Some(parts) = take_apart(assertion) else {
        return Err(Refusal::new(50_027, "JWT token is invalid or malformed."));
    };
    let text = |name: &str| parts.claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    // A client that signs for itself names itself as issuer; anything else is an outside issuer's token.
    if text("iss").eq_ignore_ascii_case(client_id) {
        check_certificate(shared, world, client_id, &parts)?;
        let audience = text("aud");
        let base = format!("{}/{}", world.addresses.entra, world.tenant.id);
        if !audience.starts_with(&base)
            && !audience.starts_with(&format!("{}/{}", world.addresses.entra, world.tenant.domain))
        {
            return Err(Refusal::new(
                700_023,
                format!(
                    "Client assertion audience claim does not match Realm issuer. Review the documentation at \
                     https://docs.microsoft.com/azure/active-directory/develop/\
                     active-directory-certificate-credentials. Received '{audience}'."
                ),
            ));
        }
        if !text("sub").eq_ignore_ascii_case(client_id) {
            return Err(Refusal::new(
                700_021,
                "Client assertion application identifier doesn't match 'client_id' parameter.",
            ));
        }
    } else {
        check_federation(shared, world, &parts)?;
    }
    check_times(&parts.claims)
}

fn check_times(claims: &Value) -> Result<(), Refusal> {
    // Microsoft's client for Python writes times with a fraction.
    let time = |name: &str| {
        let value = claims.get(name)?;
        value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
    };
    let late = time("exp").is_none_or(|exp| exp + SKEW_S < now());
    let early = time("nbf").is_some_and(|nbf| nbf - SKEW_S > now());
    if late || early {
        return Err(Refusal::new(
            700_024,
            format!(
                "Client assertion is not within its valid time range. Current time: {}, expiry time of assertion {}.",
                now(),
                time("exp").unwrap_or_default()
            ),
        ));
    }
    Ok(())
}

fn check_certificate(shared: &Shared, world: &World, client_id: &str, parts: &Parts) -> Result<(), Refusal> {
    let header = |name: &str| parts.header.get(name).and_then(Value::as_str);
    let unregistered = || {
        Refusal::new(
            700_027,
            format!(
                "The certificate with identifier used to sign the client assertion is not registered on application. \
                 [Reason - The key was not found., Thumbprint of key used by client: '{}', Please visit the Azure \
                 Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '{client_id}'.]",
                header("x5t#S256").or_else(|| header("x5t")).unwrap_or_default()
            ),
        )
    };
    let key = shared.keys.client().map_err(|_| unregistered())?;
    // Microsoft's client for Python pads the thumbprint, and Entra takes it so.
    let named = header("x5t#S256").map_or_else(
        || header("x5t").is_some_and(|x5t| x5t.trim_end_matches('=') == key.thumbprint()),
        |x5t| x5t.trim_end_matches('=') == key.thumbprint_sha256(),
    );
    if !named || world.service_principal.certificate == CertificateState::Unregistered {
        return Err(unregistered());
    }
    let algorithm = match header("alg") {
        Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
        Some("PS256") => &RSA_PSS_2048_8192_SHA256,
        _ => return Err(Refusal::new(5_002_738, "Invalid JWT token. 'alg' is not supported.")),
    };
    if key.verifies(algorithm, parts.message.as_bytes(), &parts.signature) {
        Ok(())
    } else {
        Err(Refusal::new(
            700_027,
            "The signature of the client assertion is invalid. [Reason - The key used is expired or does not match.]",
        ))
    }
}

fn check_federation(shared: &Shared, world: &World, parts: &Parts) -> Result<(), Refusal> {
    let text = |name: &str| parts.claims.get(name).and_then(Value::as_str).unwrap_or_default();
    // Kubernetes writes a list of audiences.
    let listed = parts.claims.get("aud").and_then(|list| list.get(0)).and_then(Value::as_str);
    let (issuer, subject, audience) = (text("iss"), text("sub"), listed.unwrap_or_else(|| text("aud")));
    let Some(expected) = &world.service_principal.federated else {
        return Err(Refusal::new(
            70_025,
            format!(
                "The client '{}'({}) has no configured federated identity credentials.",
                world.service_principal.client_id, world.service_principal.display_name
            ),
        ));
    };
    if issuer != expected.issuer {
        return Err(Refusal::new(
            700_211,
            format!(
                "No matching federated identity record found for presented assertion issuer '{issuer}'. Please note \
                 that the matching is done using a case-sensitive comparison. Check your federated identity \
                 credential Subject, Audience and Issuer against the presented assertion."
            ),
        ));
    }
    if audience != expected.audience {
        return Err(Refusal::new(
            700_212,
            format!("No matching federated identity record found for presented assertion audience '{audience}'."),
        ));
    }
    if subject != expected.subject {
        return Err(Refusal::new(
            700_213,
            format!(
                "No matching federated identity record found for presented assertion subject '{subject}'. Please note \
                 that the matching is done using a case-sensitive comparison."
            ),
        ));
    }
    let key = shared.keys.outside().map_err(|_| Refusal::new(50_013, "Assertion failed signature validation."))?;
    if key.verifies(&RSA_PKCS1_2048_8192_SHA256, parts.message.as_bytes(), &parts.signature) {
        Ok(())
    } else {
        Err(Refusal::new(
            50_013,
            "Assertion failed signature validation. [Reason - The provided signature value did not match the expected \
             signature value.]",
        ))
    }
}
