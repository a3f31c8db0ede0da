//! Token endpoints of the platforms other than App Service (facts: caller, 2).

use serde_json::{Value, json};

use super::http::{Answer, Received};
use super::issue::{GRAPH, Issued, RESOURCE_MANAGER};
use super::managed_identity::{hand_out, principal, select};
use super::shared::{Shared, now};
use super::world::World;

/// Service Fabric: GET with the header `Secret` over TLS; the client compares the certificate's thumbprint.
pub(crate) fn service_fabric(shared: &Shared, world: &World, request: &Received) -> Answer {
    if request.header("secret") != Some(shared.secrets.identity_header.as_str()) {
        return fabric_error(403, "SecretHeaderNotFound", "Secret is not found in the request headers.");
    }
    if request.query("api-version").as_deref() != Some("2019-07-01-preview") {
        return fabric_error(400, "InvalidApiVersion", "'api-version' is not supported.");
    }
    let Some(resource) = request.query("resource") else {
        return fabric_error(400, "ArgumentNullOrEmpty", "'resource' is missing.");
    };
    match select(world, request, &[]) {
        Err(_) => fabric_error(404, "ManagedIdentityNotFound", "No managed identity is assigned to the application."),
        Ok(identity) => hand_out(shared, world, &principal(identity), &resource, |issued| {
            json!({
                "token_type": "Bearer",
                "access_token": issued.token,
                "expires_on": issued.expires_on,
                "resource": resource,
            })
        }),
    }
}

fn fabric_error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({"error": {"correlationId": uuid::Uuid::new_v4().to_string(), "code": code, "message": message}}),
    )
}

/// Azure Arc: first 401 that names a file, then the file's content as Basic credentials.
pub(crate) fn azure_arc(shared: &Shared, world: &World, request: &Received) -> Answer {
    if let Some(refused) = metadata_refusal(request) {
        return refused;
    }
    if !matches!(request.query("api-version").as_deref(), Some("2020-06-01" | "2019-11-01")) {
        return imds_error(400, "invalid_request", "The requested api-version is not supported");
    }
    let Some(resource) = request.query("resource") else {
        return imds_error(400, "invalid_request", "Required query variable 'resource' is missing");
    };
    match request.header("authorization") {
        None => {
            let realm = arc_key_file(world);
            Answer::empty(401).header("www-authenticate", format!("Basic realm={realm}"))
        }
        Some(value) if value == format!("Basic {}", shared.secrets.arc_key) => {
            imds_token(shared, world, request, &resource)
        }
        Some(_) => imds_error(401, "unauthorized_client", "The key of the challenge does not match"),
    }
}

/// Where the key of Azure Arc's challenge lies. The agent's own directory belongs to the machine, so the lab's is
/// another.
pub(crate) fn arc_key_file(world: &World) -> String {
    format!("{}/challenge.key", world.addresses.arc)
}

/// Cloud Shell: POST with a form; the token is the signed-in user's, for a fixed list of audiences (facts: caller, 2).
pub(crate) fn cloud_shell(shared: &Shared, world: &World, request: &Received) -> Answer {
    if request.method != "POST" || request.header("metadata") != Some("true") {
        return imds_error(400, "invalid_request", "Required metadata header not specified");
    }
    let Some(resource) = request.form("resource") else {
        return imds_error(400, "invalid_request", "Required audience parameter not specified");
    };
    let listed = RESOURCE_MANAGER.iter().chain(&GRAPH);
    if !listed.clone().any(|known| *known == resource) {
        let list: Vec<&str> = listed.copied().collect();
        let message = format!(
            "Audience {resource} is not a supported MSI token audience. Supported audiences: {}",
            list.join(",")
        );
        return Answer::json(400, &json!({"error": {"code": "AudienceNotSupported", "message": message}}));
    }
    imds_token(shared, world, request, &resource)
}

/// A virtual machine's metadata endpoint, 2018-02-01.
pub(crate) fn virtual_machine(shared: &Shared, world: &World, request: &Received) -> Answer {
    if request.path() != "/metadata/identity/oauth2/token" {
        return Answer::empty(404);
    }
    if let Some(refused) = metadata_refusal(request) {
        return refused;
    }
    if request.header("x-forwarded-for").is_some() {
        return imds_error(400, "invalid_request", "Request contains X-Forwarded-For header");
    }
    if request.query("api-version").is_none_or(|version| version.as_str() < "2018-02-01") {
        return imds_error(400, "bad_request_102", "Required api-version parameter not specified or not supported");
    }
    match request.query("resource") {
        Some(resource) => imds_token(shared, world, request, &resource),
        None => imds_error(400, "invalid_request", "Required query variable 'resource' is missing"),
    }
}

fn metadata_refusal(request: &Received) -> Option<Answer> {
    if request.method != "GET" {
        return Some(Answer::empty(405));
    }
    let given = request.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    (!given).then(|| imds_error(400, "bad_request_102", "Required metadata header not specified"))
}

fn imds_token(shared: &Shared, world: &World, request: &Received, resource: &str) -> Answer {
    match select(world, request, &["client_id", "object_id", "msi_res_id", "mi_res_id"]) {
        Err(_) => imds_error(400, "invalid_request", "Identity not found"),
        Ok(identity) => hand_out(shared, world, &principal(identity), resource, |issued| {
            imds_body(issued, &identity.client_id, resource)
        }),
    }
}

fn imds_body(issued: &Issued, client_id: &str, resource: &str) -> Value {
    let left = (issued.expires_on - now()).to_string();
    json!({
        "access_token": issued.token,
        "client_id": client_id,
        "expires_in": left,
        "expires_on": issued.expires_on.to_string(),
        "ext_expires_in": left,
        "not_before": issued.not_before.to_string(),
        "resource": resource,
        "token_type": "Bearer",
    })
}

fn imds_error(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, &json!({"error": error, "error_description": description}))
}
