//! Entra ID: metadata, signing keys, and the token endpoint, with Entra's error bodies.

use serde_json::{Value, json};
use uuid::Uuid;

use super::client::authenticate;
use super::http::{Answer, Received};
use super::issue::{Issued, Refusal, issue};
use super::shared::{Shared, now};
use super::tenants::issuer;
use super::world::World;

/// Answers one request.
pub(crate) fn answer(shared: &Shared, world: &World, request: &Received) -> Answer {
    let path = request.path();
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let tenant = segments.next().unwrap_or_default().to_owned();
    let rest: Vec<&str> = segments.collect();
    match (request.method.as_str(), rest.as_slice()) {
        ("GET", [".well-known", "openid-configuration"]) => metadata(world, &tenant, false),
        ("GET", ["v2.0", ".well-known", "openid-configuration"]) => metadata(world, &tenant, true),
        ("GET", ["discovery", "keys"]) => keys(shared, world, false),
        ("GET", ["discovery", "v2.0", "keys"]) => keys(shared, world, true),
        ("POST", ["oauth2", "v2.0", "token"]) => token(shared, world, request, &tenant, true),
        ("POST", ["oauth2", "token"]) => token(shared, world, request, &tenant, false),
        ("GET", ["oauth2", "v2.0", "authorize"] | ["oauth2", "authorize"]) => Answer::html(
            200,
            "<!DOCTYPE html><html><head><title>Sign in to your account</title></head><body>Sign in</body></html>",
        ),
        ("GET", ["discovery", "instance"]) if tenant == "common" => instance(world),
        _ => Answer::empty(404),
    }
}

fn metadata(world: &World, tenant: &str, v2: bool) -> Answer {
    let Some(issuer) = issuer(world, tenant, v2) else {
        return refusal(400, &unknown_tenant(tenant));
    };
    let base = format!("{}/{tenant}", world.addresses.entra);
    let (oauth, discovery) = if v2 {
        (format!("{base}/oauth2/v2.0"), format!("{base}/discovery/v2.0/keys"))
    } else {
        (format!("{base}/oauth2"), format!("{base}/discovery/keys"))
    };
    Answer::json(
        200,
        &json!({
            "token_endpoint": format!("{oauth}/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": discovery,
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": issuer,
            "authorization_endpoint": format!("{oauth}/authorize"),
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
        }),
    )
}

fn keys(shared: &Shared, world: &World, v2: bool) -> Answer {
    let issuer = format!("https://login.microsoftonline.com/{}/v2.0", world.tenant.id);
    Answer::json(200, &json!({"keys": [shared.keys.entra.public_jwk(v2.then_some(issuer.as_str()))]}))
}

/// What MSAL asks to learn which hosts are one authority.
fn instance(world: &World) -> Answer {
    let host = world.addresses.entra.split("://").nth(1).unwrap_or_default();
    Answer::json(
        200,
        &json!({
            "tenant_discovery_endpoint":
                format!("{}/{}/v2.0/.well-known/openid-configuration", world.addresses.entra, world.tenant.id),
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }),
    )
}

/// The token endpoint; `v2` takes `scope`, v1 takes `resource`.
fn token(shared: &Shared, world: &World, request: &Received, tenant: &str, v2: bool) -> Answer {
    let outcome = check_tenant(world, tenant)
        .and_then(|()| check_grant(request))
        .and_then(|()| if v2 { scope(request) } else { v1_resource(request) })
        .and_then(|resource| authenticate(shared, world, request).map(|principal| (principal, resource)));
    let (principal, resource) = match outcome {
        Ok(both) => both,
        Err(refused) => return refusal(status(&refused), &refused),
    };
    match issue(world, &shared.keys, &principal, &resource) {
        Ok(Ok(issued)) => success(&issued, &resource, v2),
        Ok(Err(refused)) => refusal(status(&refused), &refused),
        Err(_) => Answer::empty(500),
    }
}

fn check_tenant(world: &World, tenant: &str) -> Result<(), Refusal> {
    match issuer(world, tenant, true) {
        None => Err(unknown_tenant(tenant)),
        Some(_) if matches!(tenant, "common" | "organizations") => Err(Refusal::new(
            50_194,
            "Application is not configured as a multi-tenant application. Usage of the /common endpoint is not \
             supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the \
             application to be multi-tenant.",
        )),
        Some(_) => Ok(()),
    }
}

fn unknown_tenant(tenant: &str) -> Refusal {
    if Uuid::try_parse(tenant).is_ok() || tenant.contains('.') {
        Refusal::new(
            90_002,
            format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into \
                 the correct cloud. Check with your subscription administrator, this may happen if there are no \
                 active subscriptions for the tenant."
            ),
        )
    } else {
        Refusal::new(
            900_023,
            format!("Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain."),
        )
    }
}

fn check_grant(request: &Received) -> Result<(), Refusal> {
    match request.form("grant_type").as_deref() {
        Some("client_credentials") => Ok(()),
        None => Err(Refusal::new(900_144, "The request body must contain the following parameter: 'grant_type'.")),
        Some(other) => Err(Refusal::new(70_003, format!("The app requested an unsupported grant type '{other}'."))),
    }
}

fn scope(request: &Received) -> Result<String, Refusal> {
    let Some(scope) = request.form("scope") else {
        return Err(Refusal::new(900_144, "The request body must contain the following parameter: 'scope'."));
    };
    scope.strip_suffix("/.default").map(str::to_owned).ok_or_else(|| {
        Refusal::new(
            1_002_012,
            format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope \
                value with /.default suffixed to the resource identifier (application ID URI)."
            ),
        )
    })
}

fn v1_resource(request: &Received) -> Result<String, Refusal> {
    request
        .form("resource")
        .ok_or_else(|| Refusal::new(900_144, "The request body must contain the following parameter: 'resource'."))
}

fn success(issued: &Issued, resource: &str, v2: bool) -> Answer {
    let left = issued.expires_on - now();
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": left,
        "ext_expires_in": left,
        "access_token": issued.token,
    });
    if let (false, Some(object)) = (v2, body.as_object_mut()) {
        object.insert("expires_on".to_owned(), Value::from(issued.expires_on.to_string()));
        object.insert("not_before".to_owned(), Value::from(issued.not_before.to_string()));
        object.insert("resource".to_owned(), Value::from(resource));
        object.insert("expires_in".to_owned(), Value::from(left.to_string()));
        object.insert("ext_expires_in".to_owned(), Value::from(left.to_string()));
    }
    Answer::json(200, &body).header("cache-control", "no-store, no-cache")
}

fn status(refused: &Refusal) -> u16 {
    match refused.error() {
        "invalid_client" => 401,
        "temporarily_unavailable" => 503,
        _ => 400,
    }
}

fn refusal(status: u16, refused: &Refusal) -> Answer {
    let mut body = refused.body();
    if refused.error() == "invalid_grant"
        && let Some(object) = body.as_object_mut()
        && (53_000..=53_003).contains(&refused.number)
    {
        object.insert("suberror".to_owned(), Value::from("message_only"));
    }
    Answer::json(status, &body)
}
