//! The platform's token endpoint on App 1's machine: App Service's protocols, and what all platforms share.

use chrono::DateTime;
use serde_json::{Value, json};
use uuid::Uuid;

use super::entra::error_body;
use super::issue::{Issued, Principal, Refusal, issue};
use super::platforms;
use super::server::{Answer, Received};
use super::shared::Shared;
use super::world::{Identity, Platform, Refusals, World};

/// Answers one request.
pub(crate) fn answer(shared: &Shared, world: &World, request: &Received) -> Answer {
    match world.identity_endpoint.platform {
        Platform::AppService | Platform::ContainerApps => app_service(shared, world, request),
        Platform::AppService2017 | Platform::MachineLearning => app_service_2017(shared, world, request),
        Platform::ServiceFabric => platforms::service_fabric(shared, world, request),
        Platform::AzureArc => platforms::azure_arc(shared, world, request),
        Platform::CloudShell => platforms::cloud_shell(shared, world, request),
        Platform::VirtualMachine => platforms::virtual_machine(shared, world, request),
        Platform::Unsupported => Answer::empty(404),
    }
}

/// Protocol 2019-08-01 (facts: caller, 2).
fn app_service(shared: &Shared, world: &World, request: &Received) -> Answer {
    if world.identity_endpoint.old_protocol_only {
        return app_service_2017(shared, world, request);
    }
    if request.method != "GET" {
        return Answer::empty(405);
    }
    if request.header("x-identity-header") != Some(expected_header(shared, world).as_str()) {
        return correlated(Answer::empty(401));
    }
    match request.query("api-version").as_deref() {
        Some("2019-08-01") => {}
        other => return unsupported_version(other),
    }
    let Some(resource) = request.query("resource").filter(|resource| !resource.is_empty()) else {
        return status_body(400, "The parameter 'resource' is missing or empty.");
    };
    let principal = match select(world, request, &["client_id", "principal_id", "object_id", "mi_res_id"]) {
        Ok(identity) => principal(identity),
        Err(message) => return status_body(400, &message),
    };
    let platform = world.identity_endpoint.platform;
    hand_out(shared, world, &principal, &resource, |issued| {
        let mut body = json!({
            "access_token": issued.token,
            "expires_on": issued.expires_on.to_string(),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": principal.client_id,
        });
        if let (Platform::AppService, Some(object)) = (platform, body.as_object_mut()) {
            object.insert("not_before".to_owned(), Value::from(issued.not_before.to_string()));
        }
        body
    })
}

/// Protocol 2017-09-01: header `Secret`, selector `clientid`, and a date as `expires_on`.
fn app_service_2017(shared: &Shared, world: &World, request: &Received) -> Answer {
    if request.header("secret") != Some(expected_header(shared, world).as_str()) {
        return correlated(Answer::empty(401));
    }
    match request.query("api-version").as_deref() {
        Some("2017-09-01") => {}
        other => return unsupported_version(other),
    }
    let Some(resource) = request.query("resource").filter(|resource| !resource.is_empty()) else {
        return status_body(400, "The parameter 'resource' is missing or empty.");
    };
    let principal = match select(world, request, &["clientid"]) {
        Ok(identity) => principal(identity),
        Err(_) => {
            let message = "No MSI found for specified ClientId/ResourceId.";
            return Answer::json(
                400,
                &json!({"StatusCode": 400, "Message": message, "CorrelationId": Uuid::new_v4().to_string()}),
            );
        }
    };
    let windows = !world.app1.linux;
    hand_out(shared, world, &principal, &resource, |issued| {
        let date = DateTime::from_timestamp(issued.expires_on, 0).unwrap_or_default();
        // The two hosts write dates in two ways; both have been seen by the SDKs.
        let form = if windows {
            "%-m/%-d/%Y %-I:%M:%S %p +00:00"
        } else {
            "%m/%d/%Y %H:%M:%S +00:00"
        };
        json!({
            "access_token": issued.token,
            "expires_on": date.format(form).to_string(),
            "resource": resource,
            "token_type": "Bearer",
        })
    })
}

/// What the endpoint wants in its header: not what the variables say when those are stale.
fn expected_header(shared: &Shared, world: &World) -> String {
    if world.identity_endpoint.stale_header {
        format!("{}-after-restart", shared.secrets.identity_header)
    } else {
        shared.secrets.identity_header.clone()
    }
}

/// The identity that the request selects by one of these parameters.
///
/// # Errors
/// The endpoint's own words.
pub(crate) fn select<'a>(world: &'a World, request: &Received, parameters: &[&str]) -> Result<&'a Identity, String> {
    let given = parameters
        .iter()
        .find_map(|name| request.query(name).map(|value| (*name, value)));
    let app1 = &world.app1;
    let Some((name, value)) = given else {
        return match &app1.system_identity {
            Some(identity) => Ok(identity),
            None if app1.user_assigned.is_empty() => Err("No Managed Identity found for specified app.".to_owned()),
            None => Err("Unable to load the proper Managed Identity.".to_owned()),
        };
    };
    let matches = |identity: &&Identity| match name {
        "client_id" | "clientid" => identity.client_id.eq_ignore_ascii_case(&value),
        "principal_id" | "object_id" => identity.object_id.eq_ignore_ascii_case(&value),
        _ => identity.resource_id.eq_ignore_ascii_case(&value),
    };
    // The system-assigned identity's own id is refused as well (facts: caller, 3).
    app1.user_assigned.iter().find(matches).ok_or_else(|| {
        let kind = match name {
            "client_id" | "clientid" => "ClientId",
            "principal_id" | "object_id" => "PrincipalId",
            _ => "ResourceId",
        };
        format!("No User Assigned or Delegated Managed Identity found for specified {kind}.")
    })
}

/// A managed identity as a client of Entra.
pub(crate) fn principal(identity: &Identity) -> Principal {
    Principal {
        client_id: identity.client_id.clone(),
        object_id: identity.object_id.clone(),
        name: identity.name.clone(),
        resource_id: Some(identity.resource_id.clone()),
        authenticated_by: 2,
    }
}

/// Asks Entra and writes the platform's success body, or its way of passing a refusal on.
pub(crate) fn hand_out(
    shared: &Shared,
    world: &World,
    principal: &Principal,
    resource: &str,
    body: impl FnOnce(&Issued) -> Value,
) -> Answer {
    if world.app1.egress_blocked {
        return refused(world, None);
    }
    match issue(world, &shared.keys, principal, resource) {
        Ok(Ok(issued)) => Answer::json(200, &body(&issued)),
        Ok(Err(refusal)) => refused(world, Some(&refusal)),
        Err(_) => Answer::empty(500),
    }
}

/// How the endpoint says that Entra refused (`Some`) or could not be reached (`None`).
fn refused(world: &World, refusal: Option<&Refusal>) -> Answer {
    match (world.identity_endpoint.refusals, refusal) {
        (Refusals::Wrapped, Some(refusal)) => {
            let inner = error_body(refusal);
            let description = inner
                .get("error_description")
                .and_then(Value::as_str)
                .unwrap_or_default();
            status_body(400, description)
        }
        (Refusals::Empty, _) => correlated(Answer::empty(500).header("server", "Kestrel")),
        (Refusals::Opaque | Refusals::Wrapped, _) => {
            // The misspelling is the platform's.
            status_body(500, "An unexpected error occured while fetching the AAD Token.")
        }
    }
}

fn status_body(status: u16, message: &str) -> Answer {
    correlated(Answer::json(
        status,
        &json!({"statusCode": status, "message": message, "correlationId": Uuid::new_v4().to_string()}),
    ))
}

fn correlated(answer: Answer) -> Answer {
    answer.header("x-correlation-id", Uuid::new_v4().to_string())
}

fn unsupported_version(version: Option<&str>) -> Answer {
    Answer::json(
        400,
        &json!({"error": {
            "code": "UnsupportedApiVersion",
            "message": format!(
                "The HTTP resource that matches the request URI does not support the API version '{}'.",
                version.unwrap_or_default()
            ),
            "innerError": null
        }}),
    )
}
