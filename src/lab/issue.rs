//! Entra's decision: who gets a token for what, or which refusal.

use serde_json::{Value, json};
use uuid::Uuid;

use super::clock;
use super::error::LabError;
use super::keys::{Keys, part};
use super::shared;
use super::world::{SignatureShape, World};

/// Azure Resource Manager, by its identifier URIs and client ID.
pub(crate) const RESOURCE_MANAGER: [&str; 4] = [
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://management.azure.com/",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013",
];
/// Microsoft Graph, by its identifier URI and client ID.
pub(crate) const GRAPH: [&str; 3] =
    ["https://graph.microsoft.com", "https://graph.microsoft.com/", "00000003-0000-0000-c000-000000000000"];
/// The audience of tokens that other directories' federations take.
const TOKEN_EXCHANGE: &str = "api://AzureADTokenExchange";

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Principal {
    pub client_id: String,
    pub object_id: String,
    pub name: String,
    /// `xms_mirid` of a managed identity.
    pub resource_id: Option<String>,
    /// `appidacr`: 1 for a secret, 2 for a certificate, an assertion or a managed identity.
    pub authenticated_by: u8,
}

/// A refusal of Entra.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub number: u32,
    pub text: String,
}

impl Refusal {
    pub fn new(number: u32, text: impl Into<String>) -> Self {
        Self { number, text: text.into() }
    }

    /// An error body as Entra writes it.
    pub fn body(&self) -> Value {
        let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
        let timestamp = clock::utc().format("%Y-%m-%d %H:%M:%SZ");
        json!({
            "error": self.error(),
            "error_description": format!(
                "AADSTS{}: {}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {timestamp}",
                self.number, self.text
            ),
            "error_codes": [self.number],
            "timestamp": timestamp.to_string(),
            "trace_id": trace.to_string(),
            "correlation_id": correlation.to_string(),
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.number),
        })
    }

    /// The OAuth error name that goes with the number.
    pub const fn error(&self) -> &'static str {
        match self.number {
            7_000_215 | 7_000_222 | 700_027 | 700_024 | 7_000_218 | 7_000_216 | 700_021 | 700_023 | 50_012 | 50_027 => {
                "invalid_client"
            }
            500_011 | 500_014 | 500_001 | 50_001 => "invalid_resource",
            700_016 | 7_000_112 | 7_000_113 | 7_000_229 => "unauthorized_client",
            501_051 | 50_105 | 53_000..=53_003 | 530_034 | 530_035 | 65_001 => "invalid_grant",
            90_033 | 90_024 | 50_033 | 50_000 => "temporarily_unavailable",
            70_011 | 1_002_012 => "invalid_scope",
            _ => "invalid_request",
        }
    }
}

/// A token that was given out.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub token: String,
    pub not_before: i64,
    pub expires_on: i64,
}

/// What kind of API is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Api {
    App2,
    ResourceManager,
    Graph,
    /// Another API of the directory, or what other directories' federations take.
    Other,
}

/// Decides about a request for `resource`, which has no `/.default`, and makes the token.
///
/// # Errors
/// Entra's refusal, inside the outer result that says whether the lab itself worked.
pub(crate) fn issue(
    world: &World,
    keys: &Keys,
    principal: &Principal,
    resource: &str,
) -> Result<Result<Issued, Refusal>, LabError> {
    let api = match decide(world, principal, resource) {
        Ok(api) => api,
        Err(refusal) => return Ok(Err(refusal)),
    };
    mint(world, keys, principal, resource, api).map(Ok)
}

fn decide(world: &World, principal: &Principal, resource: &str) -> Result<Api, Refusal> {
    let registration = &world.registration;
    let is_app2 = registration.client_id.eq_ignore_ascii_case(resource)
        || registration.identifier_uris.iter().any(|uri| uri.eq_ignore_ascii_case(resource.trim_end_matches('/')));
    if world.entra.refuse != 0 && (is_app2 || world.entra.refuse_everything) {
        return Err(configured(world, principal, resource));
    }
    if RESOURCE_MANAGER.contains(&resource.trim_end_matches('/')) {
        return Ok(Api::ResourceManager);
    }
    if GRAPH.contains(&resource) {
        return Ok(Api::Graph);
    }
    let other = &world.entra.other_resources;
    if resource.eq_ignore_ascii_case(TOKEN_EXCHANGE) || other.iter().any(|name| name.eq_ignore_ascii_case(resource)) {
        return Ok(Api::Other);
    }
    if !is_app2 || !registration.in_tenant {
        return Err(Refusal::new(
            500_011,
            format!(
                "The resource principal named {resource} was not found in the tenant named {}. This can happen if the \
                 application has not been installed by the administrator of the tenant or consented to by any user in \
                 the tenant. You might have sent your authentication request to the wrong tenant.",
                world.tenant.id
            ),
        ));
    }
    if !registration.enabled {
        return Err(Refusal::new(
            500_014,
            format!(
                "The service principal for resource '{resource}' is disabled. This indicate that a subscription \
                 within the tenant has lapsed, or that the administrator for this tenant has disabled the \
                 application, preventing tokens from being issued for it."
            ),
        ));
    }
    let assigned = registration.assignments.iter().any(|assignment| assignment.principal == principal.object_id);
    if registration.assignment_required && !assigned {
        return Err(Refusal::new(
            501_051,
            format!(
                "Application '{}'({}) is not assigned to a role for the application '{resource}'({}).",
                principal.client_id, principal.name, registration.display_name
            ),
        ));
    }
    Ok(Api::App2)
}

/// The refusal that the world names.
fn configured(world: &World, principal: &Principal, resource: &str) -> Refusal {
    let text = if world.entra.refuse_text.is_empty() {
        format!("The request of application '{}' for '{resource}' was refused.", principal.client_id)
    } else {
        world.entra.refuse_text.clone()
    };
    Refusal::new(world.entra.refuse, text)
}

/// Makes the token: claims as a real app-only token carries them (facts: caller, 6).
fn mint(world: &World, keys: &Keys, principal: &Principal, resource: &str, api: Api) -> Result<Issued, LabError> {
    let shape = &world.entra.tokens;
    let api = if api == Api::App2 && shape.for_resource_manager { Api::ResourceManager } else { api };
    let ours = api == Api::App2;
    // An identity of the other directory has all its tokens from there.
    let tenant = if shape.foreign_tenant && (ours || !world.registration.in_tenant) {
        &world.tenant.foreign_id
    } else {
        &world.tenant.id
    };
    let not_before = shared::now() - if ours { shape.issued_ago_s } else { 0 };
    let usual = if principal.resource_id.is_some() { 86_400 } else { 3_599 };
    let lifetime = if ours && shape.lifetime_s != 0 { shape.lifetime_s } else { usual };
    let expires_on = not_before + lifetime;
    let version = shape.cached_version.or(world.registration.requested_access_token_version);
    let v2 = ours && version == Some(2);
    let audience = match api {
        Api::App2 if v2 => world.registration.client_id.clone(),
        Api::ResourceManager if shape.for_resource_manager => "https://management.azure.com".to_owned(),
        Api::App2 | Api::ResourceManager | Api::Graph | Api::Other => resource.to_owned(),
    };
    let mut claims = claims(principal, tenant, &audience, v2, (not_before, expires_on));
    if ours {
        shape_claims(world, principal, &mut claims);
    }
    let token = if ours && !shape.raw.is_empty() {
        shape.raw.clone()
    } else {
        sign(keys, if ours { shape.signature } else { SignatureShape::Good }, v2, &claims)?
    };
    Ok(Issued { token, not_before, expires_on })
}

fn claims(principal: &Principal, tenant: &str, audience: &str, v2: bool, (from, until): (i64, i64)) -> Value {
    let (issuer, caller, how, version) = if v2 {
        (format!("https://login.microsoftonline.com/{tenant}/v2.0"), "azp", "azpacr", "2.0")
    } else {
        (format!("https://sts.windows.net/{tenant}/"), "appid", "appidacr", "1.0")
    };
    let mut claims = json!({
        "aud": audience,
        "iss": issuer,
        "iat": from,
        "nbf": from,
        "exp": until,
        "aio": opaque(),
        caller: principal.client_id,
        how: principal.authenticated_by.to_string(),
        "idp": format!("https://sts.windows.net/{tenant}/"),
        "idtyp": "app",
        "oid": principal.object_id,
        "rh": format!("1.AAAA{}.", opaque()),
        "sub": principal.object_id,
        "tid": tenant,
        "uti": opaque(),
        "ver": version,
        "xms_ftd": opaque(),
        "xms_idrel": "7 2",
    });
    if let (Some(resource_id), Some(object)) = (&principal.resource_id, claims.as_object_mut()) {
        object.insert("xms_mirid".to_owned(), Value::from(resource_id.as_str()));
    }
    claims
}

/// What the world says about tokens for App 2: roles, groups, and oddities.
fn shape_claims(world: &World, principal: &Principal, claims: &mut Value) {
    let Some(object) = claims.as_object_mut() else { return };
    let shape = &world.entra.tokens;
    let roles: Vec<&str> = world
        .registration
        .assignments
        .iter()
        .filter(|assignment| assignment.principal == principal.object_id)
        .filter_map(|assignment| world.registration.app_roles.iter().find(|role| role.id == assignment.role))
        .map(|role| role.value.as_str())
        .collect();
    if !roles.is_empty() && !shape.without_roles {
        object.insert("roles".to_owned(), json!(roles));
    }
    if shape.groups > 0 {
        let groups: Vec<String> = (0..shape.groups).map(|_| Uuid::new_v4().to_string()).collect();
        object.insert("groups".to_owned(), json!(groups));
    }
    for name in &shape.drop_claims {
        object.remove(name);
    }
    for (name, value) in &shape.set_claims {
        object.insert(name.clone(), value.clone());
    }
}

fn sign(keys: &Keys, shape: SignatureShape, v2: bool, claims: &Value) -> Result<String, LabError> {
    let kid = keys.entra.thumbprint();
    let mut header = json!({"typ": "JWT", "alg": "RS256"});
    if let Some(object) = header.as_object_mut() {
        if !v2 {
            object.insert("x5t".to_owned(), Value::from(kid.as_str()));
        }
        object.insert("kid".to_owned(), Value::from(kid));
        match shape {
            SignatureShape::None => {
                object.insert("alg".to_owned(), Value::from("none"));
            }
            SignatureShape::Nonce => {
                object.insert("nonce".to_owned(), Value::from(opaque()));
            }
            SignatureShape::SharedKey => {
                object.insert("alg".to_owned(), Value::from("HS256"));
            }
            SignatureShape::Good | SignatureShape::Tampered => {}
        }
    }
    let signed = match shape {
        SignatureShape::None => return Ok(format!("{}.{}.", part(&header), part(claims))),
        SignatureShape::SharedKey => {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, Uuid::new_v4().as_bytes());
            let message = format!("{}.{}", part(&header), part(claims));
            let signature = encoded(ring::hmac::sign(&key, message.as_bytes()).as_ref());
            return Ok(format!("{message}.{signature}"));
        }
        // Graph signs over a hash of the nonce; whoever checks the header as it stands finds a bad signature.
        SignatureShape::Nonce => {
            let mut hashed = header.clone();
            if let Some(object) = hashed.as_object_mut() {
                object.insert("nonce".to_owned(), Value::from("hashed"));
            }
            keys.entra.sign(&hashed, claims)?
        }
        SignatureShape::Good | SignatureShape::Tampered => keys.entra.sign(&header, claims)?,
    };
    Ok(match shape {
        SignatureShape::Good | SignatureShape::None | SignatureShape::SharedKey => signed,
        SignatureShape::Nonce => {
            let signature = signed.rsplit('.').next().unwrap_or_default();
            format!("{}.{}.{signature}", part(&header), part(claims))
        }
        SignatureShape::Tampered => tampered(&signed),
    })
}

/// The token with one character of its signature changed.
fn tampered(token: &str) -> String {
    let Some((message, signature)) = token.rsplit_once('.') else {
        return token.to_owned();
    };
    let mut characters: Vec<char> = signature.chars().collect();
    if let Some(first) = characters.first_mut() {
        *first = if *first == 'A' { 'B' } else { 'A' };
    }
    format!("{message}.{}", characters.into_iter().collect::<String>())
}

/// A value that only Entra understands.
pub(crate) fn opaque() -> String {
    encoded(Uuid::new_v4().as_bytes())
}

fn encoded(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
