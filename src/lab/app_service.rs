//! App Service's token endpoint, in its two protocols (facts: caller, 2 and 3).

use chrono::DateTime;
use serde_json::{Value, json};
use uuid::Uuid;

use super::http::{Answer, Received};
use super::managed_identity::{correlated, hand_out, principal, select, status_body};
use super::shared::Shared;
use super::world::World;

/// Protocol 2019-08-01 (facts: caller, 2).
pub(crate) fn protocol_2019(shared: &Shared, world: &World, request: &Received) -> Answer {
    if world.identity_endpoint.old_protocol_only {
        // The route is chosen by the version, before anything looks at the header.
        match request.query("api-version").as_deref() {
            Some("2017-09-01") => {}
            other => return unsupported_version(other),
        }
        return protocol_2017(shared, world, request);
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
        Err(reason) => return status_body(400, &reason.to_string()),
    };
    let is_app_service = world.identity_endpoint.platform == "app-service";
    hand_out(shared, world, &principal, &resource, |issued| {
        let mut body = json!({
            "access_token": issued.token,
            "expires_on": issued.expires_on.to_string(),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": principal.client_id,
        });
        if let Some(object) = body.as_object_mut().filter(|_| is_app_service) {
            object.insert("not_before".to_owned(), Value::from(issued.not_before.to_string()));
        }
        body
    })
}

/// Protocol 2017-09-01: header `Secret`, selector `clientid`, and a date as `expires_on`.
pub(crate) fn protocol_2017(shared: &Shared, world: &World, request: &Received) -> Answer {
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
        let form = if windows { "%-m/%-d/%Y %-I:%M:%S %p +00:00" } else { "%m/%d/%Y %H:%M:%S +00:00" };
        json!({
            "access_token": issued.token,
            "expires_on": date.format(form).to_string(),
            "resource": resource,
            "token_type": "Bearer",
        })
    })
}

/// What the endpoint requires in its header: not what the variables say when those are stale.
fn expected_header(shared: &Shared, world: &World) -> String {
    if world.identity_endpoint.stale_header {
        format!("{}-after-restart", shared.secrets.identity_header)
    } else {
        shared.secrets.identity_header.clone()
    }
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
