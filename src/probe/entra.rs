//! Entra: tokens for service principals by secret, certificate or federated token ("Microsoft identity platform and the
//! OAuth 2.0 client credentials flow"), OpenID metadata and signing keys.

pub mod assertion;
pub mod azure_cli;
pub mod metadata;
mod pfx;

use url::Url;

use crate::case::environment::Environment;
use crate::case::exchange::Purpose;
use crate::case::ids::{ClientId, Unresolved, bare, is_placeholder, reads_as_resource_id, wrapped_guid};
use crate::case::inputs::Inputs;
use crate::case::observation::Observation;
use crate::case::quote;
use crate::case::resource::{is_guid, scope_for};
use crate::case::secret::{Secret, SecretForm};
use crate::case::text::decoded;
use crate::case::token::decode::is_signed_jwt;
use crate::case::token::{DecodedToken, OutsideToken};

use super::address::{is_loopback, is_tenant};
use super::credential::{Credential, Issued, issued};
use super::http::{Reply, Request};
use super::input::{self, Kind};
use super::trust;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Refusals of an assertion after which the older form (RS256, SHA-1 thumbprint) is worth one try: the certificate is
/// not found by its thumbprint, or the signature is not understood.
const ASSERTION_REFUSED: [&str; 4] = ["AADSTS700027", "AADSTS50012", "AADSTS50013", "AADSTS5002738"];

/// Why Entra cannot be asked for a token, and what to set or give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The authority is no address.
    #[error("AZURE_AUTHORITY_HOST {shown} isn't a URL ({reason})")]
    NotAUrl {
        /// The variable, as it may be shown.
        shown: String,
        /// Why not.
        reason: url::ParseError,
    },
    /// The authority would be asked in the open.
    #[error("AZURE_AUTHORITY_HOST {shown} isn't an https URL")]
    NotHttps {
        /// The variable, as it may be shown.
        shown: String,
    },
    /// A file chooses the authority for a secret of this machine.
    #[error(transparent)]
    SecretStays(#[from] trust::SecretStays),
    /// Nothing names the tenant.
    #[error("the tenant isn't set; set AZURE_TENANT_ID or use --tenant")]
    NoTenant,
    /// The tenant can't be part of a URL.
    #[error("the tenant {shown} is neither a GUID nor a domain name")]
    Tenant {
        /// The tenant, as it may be shown.
        shown: String,
    },
    /// The tenant ID has braces or quotation marks around it.
    #[error("the tenant is {shown}; its ID is {inner}, without braces or quotation marks")]
    WrappedTenant {
        /// The tenant, as it may be shown.
        shown: String,
        /// The ID.
        inner: String,
    },
    /// The tenant has white space or an invisible character around it.
    #[error("the tenant has white space or an invisible character around {inner}; remove it")]
    SpacedTenant {
        /// The tenant.
        inner: String,
    },
    /// The tenant's setting has a reference or a variable, as these words say.
    #[error("{name} is {words}")]
    UnresolvedTenant {
        /// The setting.
        name: &'static str,
        /// What it has.
        words: &'static str,
    },
    /// The tenant only holds the place of one.
    #[error("the tenant {shown} is a placeholder; set it to the tenant's ID")]
    PlaceholderTenant {
        /// The tenant, as it may be shown.
        shown: String,
    },
    /// Authority and tenant give no address.
    #[error(transparent)]
    Address(#[from] url::ParseError),
}

/// The authority in use, without tenant and without a slash at the end.
///
/// # Errors
/// When `AZURE_AUTHORITY_HOST` of App 1's environment is not usable, or a file chooses it for a secret of this machine.
pub fn authority(inputs: &Inputs, environment: &Environment) -> Result<String, EndpointError> {
    let named = named_authority(inputs, environment)?;
    match trust::local_secret(inputs, environment) {
        Some(secret) => {
            trust::may_receive(inputs, environment, &named, secret)?;
            Ok(named)
        }
        None => Ok(named),
    }
}

/// The authority that is named, whoever names it.
fn named_authority(inputs: &Inputs, environment: &Environment) -> Result<String, EndpointError> {
    let text = environment.authority(inputs);
    let url = Url::parse(&text).map_err(|reason| EndpointError::NotAUrl { shown: quote::value(&text), reason })?;
    if url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url) {
        Ok(text)
    } else {
        Err(EndpointError::NotHttps { shown: quote::value(&text) })
    }
}

/// The token endpoint of the credential's tenant.
///
/// # Errors
/// Which part of it is missing, in words.
pub fn token_endpoint(credential: &Credential<'_>) -> Result<Url, EndpointError> {
    let authority = authority(&credential.prepared.inputs, &credential.environment)?;
    let tenant = credential.tenant().ok_or(EndpointError::NoTenant)?;
    if let Some(inner) = wrapped_guid(tenant.as_str()) {
        return Err(EndpointError::WrappedTenant { shown: quote::value(tenant.as_str()), inner: inner.to_owned() });
    }
    let inner = bare(tenant.as_str());
    if inner != tenant.as_str() && is_tenant(inner) {
        return Err(EndpointError::SpacedTenant { inner: inner.to_owned() });
    }
    if let Some(instead) = Unresolved::of(tenant.as_str()).filter(|instead| *instead != Unresolved::Placeholder) {
        let name = if credential.prepared.inputs.tenant.is_some() { "--tenant" } else { "AZURE_TENANT_ID" };
        return Err(EndpointError::UnresolvedTenant { name, words: instead.words() });
    }
    if is_placeholder(tenant.as_str()) {
        return Err(EndpointError::PlaceholderTenant { shown: quote::value(tenant.as_str()) });
    }
    if !is_tenant(tenant.as_str()) {
        return Err(EndpointError::Tenant { shown: quote::value(tenant.as_str()) });
    }
    Ok(Url::parse(&format!("{authority}/{tenant}/oauth2/v2.0/token"))?)
}

/// With a client secret.
pub async fn with_secret(credential: &Credential<'_>, purpose: Purpose, resource: &str) -> Option<Issued> {
    let secret = credential.prepared.client_secret.clone().or_else(|| credential.variable("AZURE_CLIENT_SECRET"));
    let Some(secret) = secret.filter(|secret| !secret.expose().is_empty()) else {
        return credential.incomplete(purpose, "no client secret: set AZURE_CLIENT_SECRET");
    };
    if let Some(instead) = Unresolved::of(secret.expose()) {
        return credential.incomplete(purpose, &not_a_secret(credential, instead.words()));
    }
    // As a secret, it would be hidden wherever it is the client ID.
    if credential.client_id().is_some_and(|id| id.as_str().eq_ignore_ascii_case(secret.expose().trim())) {
        return credential.incomplete(purpose, &not_a_secret(credential, "App 1's client ID"));
    }
    if let Some(form) = SecretForm::of(secret.expose()) {
        credential.http.tell(Observation::SecretForm(form));
    }
    credential.http.learn(secret.expose());
    request(credential, purpose, resource, &[("client_secret", secret.expose())]).await.as_ref().and_then(issued)
}

/// With a certificate: PS256 first, and once the older form where that is refused.
pub async fn with_certificate(credential: &Credential<'_>, purpose: Purpose, resource: &str) -> Option<Issued> {
    // The address first: where a file may not choose it, the certificate is not even read.
    let endpoint = match token_endpoint(credential) {
        Ok(endpoint) => endpoint,
        Err(error) => return credential.incomplete(purpose, &error.to_string()),
    };
    let certificate = match certificate(credential).await {
        Ok(certificate) => certificate,
        Err(message) => return credential.incomplete(purpose, &message),
    };
    let client_id = credential.client_id().unwrap_or_default();
    let mut last = None;
    for form in [assertion::Form::Ps256, assertion::Form::Rs256] {
        let signed = match certificate.sign(&client_id, endpoint.as_str(), form, super::clock::utc()) {
            Ok(signed) => signed,
            Err(error) => return credential.incomplete(purpose, &error.to_string()),
        };
        credential.http.learn(signed.expose());
        let proof = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", signed.expose().as_str())];
        let reply = request(credential, purpose.clone(), resource, &proof).await?;
        let refused = reply.exchange.answer().is_some_and(|answer| {
            answer.status != 200 && ASSERTION_REFUSED.iter().any(|code| answer.body.contains(&format!("{code}:")))
        });
        last = Some(reply);
        if !refused {
            break;
        }
    }
    last.as_ref().and_then(issued)
}

async fn certificate(credential: &Credential<'_>) -> Result<assertion::Certificate, String> {
    let path = credential
        .environment
        .text("AZURE_CLIENT_CERTIFICATE_PATH")
        .ok_or("no certificate: set AZURE_CLIENT_CERTIFICATE_PATH")?;
    let password = credential.variable("AZURE_CLIENT_CERTIFICATE_PASSWORD");
    let bytes = read(credential, "AZURE_CLIENT_CERTIFICATE_PATH", path, Kind::Certificates).await?;
    let chain = credential
        .environment
        .text("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN")
        .is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"));
    assertion::Certificate::read(&bytes, password.as_ref(), chain)
        .map_err(|reason| format!("the certificate {}: {reason}", quote::path(path)))
}

/// With a federated token file (workload identity).
pub async fn with_federated_token(credential: &Credential<'_>, purpose: Purpose, resource: &str) -> Option<Issued> {
    let Some(path) = credential.environment.text("AZURE_FEDERATED_TOKEN_FILE") else {
        return credential.incomplete(purpose, "no federated token: set AZURE_FEDERATED_TOKEN_FILE");
    };
    let token = match token_endpoint(credential) {
        Ok(_) => federated_token(credential, path).await,
        Err(error) => Err(error.to_string()),
    };
    let (token, marked) = match token {
        Ok(token) => token,
        Err(reason) => return credential.incomplete(purpose, &reason),
    };
    credential.http.learn(token.expose());
    let outside = OutsideToken { marked, ..OutsideToken::of(&DecodedToken::decode(token.expose())) };
    credential.http.tell(Observation::OutsideToken(Box::new(outside)));
    let proof = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", token.expose().as_str())];
    request(credential, purpose, resource, &proof).await.as_ref().and_then(issued)
}

/// The token in a file, and whether a byte order mark is before it. What is sent as an assertion is a JWT: any other
/// file stays here. SDKs send the file as it is; some remove white space and the mark.
async fn federated_token(credential: &Credential<'_>, path: &str) -> Result<(Secret<String>, bool), String> {
    const NAME: &str = "AZURE_FEDERATED_TOKEN_FILE";
    let bytes = read(credential, NAME, path, Kind::Secret).await?;
    let is_wide = matches!(*bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let text = decoded(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned());
    let token = Secret::new(text.trim().to_owned());
    if token.expose().is_empty() {
        return Err(format!("{NAME} {} is empty", quote::path(path)));
    }
    if is_wide && is_signed_jwt(token.expose()) {
        return Err(format!("{NAME} {} is UTF-16, which SDKs don't read; save it as UTF-8", quote::path(path)));
    }
    if is_signed_jwt(token.expose().trim_matches(['"', '\''])) && !is_signed_jwt(token.expose()) {
        return Err(format!(
            "{NAME} {} has quotation marks around the token, which SDKs send with it; remove them",
            quote::path(path)
        ));
    }
    if !is_signed_jwt(token.expose()) {
        return Err(format!(
            "{NAME} {} contains no token, so nothing was sent; a federated token must be a JWT (three base64url \
             parts separated by dots)",
            quote::path(path)
        ));
    }
    Ok((token, bytes.starts_with(b"\xef\xbb\xbf")))
}

/// A file that a variable names. It may be a pipe, so that it gets no more time than a request.
async fn read(credential: &Credential<'_>, name: &str, path: &str, kind: Kind) -> Result<Vec<u8>, String> {
    let read = input::bytes_within(name, path, kind, credential.http.timeout()).await;
    read.map_err(|error| error.0)
}

/// Why a text is no client ID, before it is sent anywhere.
fn not_a_client_id(credential: &Credential<'_>, id: &ClientId) -> String {
    let name = match credential.prepared.inputs.client_id {
        Some(_) => "--client-id",
        None => "AZURE_CLIENT_ID",
    };
    let shown = quote::value(id.as_str());
    if let Some(inner) = wrapped_guid(id.as_str()) {
        return format!("{name} is {shown}; the client ID is {inner}, without braces or quotation marks");
    }
    let inner = bare(id.as_str());
    if inner != id.as_str() && is_guid(inner) {
        return format!("{name} has white space or an invisible character around {inner}; remove it");
    }
    if let Some(instead) = Unresolved::of(id.as_str()).filter(|instead| *instead != Unresolved::Placeholder) {
        return format!("{name} is {}", instead.words());
    }
    if is_placeholder(id.as_str()) {
        return format!("{name} {shown} is a placeholder; set it to the client ID, a GUID");
    }
    if reads_as_resource_id(id.as_str()) {
        format!("{name} {shown} is a resource ID; the client ID is a GUID (the identity's clientId)")
    } else {
        format!("{name} {shown} isn't a GUID, as every client ID is")
    }
}

/// What the secret's setting has instead of a secret. Nothing of it is shown or sent.
fn not_a_secret(credential: &Credential<'_>, instead: &str) -> String {
    let name = match credential.prepared.client_secret {
        Some(_) => "the given client secret",
        None => "AZURE_CLIENT_SECRET",
    };
    format!("{name} is {instead}")
}

async fn request(
    credential: &Credential<'_>,
    purpose: Purpose,
    resource: &str,
    proof: &[(&str, &str)],
) -> Option<Reply> {
    let endpoint = match token_endpoint(credential) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            credential.incomplete(purpose, &error.to_string());
            return None;
        }
    };
    let Some(client_id) = credential.client_id() else {
        credential.incomplete(purpose, "the client ID isn't set; set AZURE_CLIENT_ID or use --client-id");
        return None;
    };
    if !client_id.is_guid() || is_placeholder(client_id.as_str()) {
        credential.incomplete(purpose, &not_a_client_id(credential, &client_id));
        return None;
    }
    let scope = scope_for(resource);
    let mut fields =
        vec![("grant_type", "client_credentials"), ("client_id", client_id.as_str()), ("scope", scope.as_str())];
    fields.extend_from_slice(proof);
    Some(credential.http.send(Request::get(purpose, endpoint).form(&fields)).await)
}
