//! Microsoft Graph: service principals, applications and app role assignments.

use serde_json::{Value, json};
use uuid::Uuid;

use super::http::{Answer, Received};
use super::issue::GRAPH;
use super::shared::Shared;
use super::validation::{Expected, validate};
use super::world::{Access, Identity, World};

/// Answers one request.
pub(crate) fn answer(shared: &Shared, world: &World, request: &Received) -> Answer {
    let audiences: Vec<String> = GRAPH.iter().map(|audience| (*audience).to_owned()).collect();
    let expected = Expected { loosely: false, audiences: &audiences, issuers: None };
    let valid = request.bearer().is_some_and(|token| validate(&shared.keys, token, &expected).is_ok());
    if !valid {
        return error(401, "InvalidAuthenticationToken", "Access token is empty or invalid.");
    }
    if world.graph.access < Access::Reader {
        return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    }
    let path = request.path();
    let Some(rest) = path.strip_prefix("/v1.0/") else {
        return error(400, "BadRequest", "Resource not found for the segment.");
    };
    let segments: Vec<&str> = rest.split('/').collect();
    match segments.as_slice() {
        ["servicePrincipals"] => list(principals(world), request, "servicePrincipals"),
        ["applications"] => list(vec![application(world)], request, "applications"),
        [one] if one.starts_with("applications") => single(vec![application(world)], one),
        [one] if one.starts_with("servicePrincipals") => single(principals(world), one),
        ["applications", id] => by_id(vec![application(world)], id),
        ["servicePrincipals", id] => by_id(principals(world), id),
        ["servicePrincipals", id, "appRoleAssignments"] => assignments(world, |entry| entry.0.eq_ignore_ascii_case(id)),
        ["servicePrincipals", id, "appRoleAssignedTo"] => assignments(world, |entry| entry.1.eq_ignore_ascii_case(id)),
        [one, "appRoleAssignments"] => match found(principals(world), one) {
            Some(principal) => assignments(world, |entry| text(&principal, "id") == entry.0),
            None => missing(one),
        },
        _ => error(400, "BadRequest", "Resource not found for the segment."),
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The entry that `name(appId='…')` means.
fn found(entries: Vec<Value>, segment: &str) -> Option<Value> {
    let wanted = segment.split('\'').nth(1)?;
    entries.into_iter().find(|entry| text(entry, "appId").eq_ignore_ascii_case(wanted))
}

fn single(entries: Vec<Value>, segment: &str) -> Answer {
    found(entries, segment).map_or_else(|| missing(segment), |entry| Answer::json(200, &entry))
}

fn by_id(entries: Vec<Value>, id: &str) -> Answer {
    entries
        .into_iter()
        .find(|entry| text(entry, "id").eq_ignore_ascii_case(id))
        .map_or_else(|| missing(id), |entry| Answer::json(200, &entry))
}

/// Lists, with the filters by `appId`, `id`, and the names that a client can ask a token for.
fn list(entries: Vec<Value>, request: &Received, kind: &str) -> Answer {
    let filter = request.query("$filter").unwrap_or_default();
    let value = filter.split('\'').nth(1).unwrap_or_default().to_owned();
    let listed: Vec<&str> = filter.split('\'').skip(1).step_by(2).collect();
    let matches = |entry: &Value| {
        let is_listed = |name: &str| listed.iter().any(|id| id.eq_ignore_ascii_case(text(entry, name)));
        let names = |list: &str| {
            entry
                .get(list)
                .and_then(Value::as_array)
                .is_some_and(|names| names.iter().any(|name| name.as_str() == Some(value.as_str())))
        };
        if filter.is_empty() {
            true
        } else if filter.contains(" in (") {
            is_listed("appId") || is_listed("id")
        } else if filter.starts_with("appId") {
            text(entry, "appId").eq_ignore_ascii_case(&value)
        } else if filter.starts_with("id ") {
            text(entry, "id").eq_ignore_ascii_case(&value)
        } else {
            names("servicePrincipalNames") || names("identifierUris")
        }
    };
    let value: Vec<Value> = entries.into_iter().filter(matches).collect();
    Answer::json(
        200,
        &json!({"@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#{kind}"), "value": value}),
    )
}

/// Assignments as (principal, resource) pairs that fulfil the condition.
fn assignments(world: &World, condition: impl Fn((&str, &str)) -> bool) -> Answer {
    let resource = &world.registration.service_principal_id;
    let value: Vec<Value> = world
        .registration
        .assignments
        .iter()
        .filter(|assignment| condition((&assignment.principal, resource)))
        .map(|assignment| {
            json!({
                "id": Uuid::new_v4().simple().to_string(),
                "appRoleId": assignment.role,
                "principalId": assignment.principal,
                "principalType": "ServicePrincipal",
                "resourceId": resource,
                "resourceDisplayName": world.registration.display_name,
            })
        })
        .collect();
    Answer::json(200, &json!({"value": value}))
}

/// Every service principal of the directory, as Graph shows them.
pub(crate) fn principals(world: &World) -> Vec<Value> {
    let mut all: Vec<Value> =
        world.app1.system_identity.iter().chain(&world.app1.user_assigned).map(managed_identity).collect();
    let caller = &world.service_principal;
    if caller.in_tenant {
        all.push(json!({
            "id": caller.object_id, "appId": caller.client_id, "displayName": caller.display_name,
            "accountEnabled": caller.enabled, "servicePrincipalType": "Application",
            "servicePrincipalNames": [caller.client_id], "appRoleAssignmentRequired": false, "appRoles": [],
        }));
    }
    let registration = &world.registration;
    if registration.in_tenant {
        let mut names = registration.identifier_uris.clone();
        names.push(registration.client_id.clone());
        all.push(json!({
            "id": registration.service_principal_id,
            "appId": registration.client_id,
            "displayName": registration.display_name,
            "accountEnabled": registration.enabled,
            "appOwnerOrganizationId": world.tenant.id,
            "appRoleAssignmentRequired": registration.assignment_required,
            "servicePrincipalNames": names,
            "servicePrincipalType": "Application",
            "signInAudience": registration.sign_in_audience,
            "appRoles": roles(world),
        }));
    }
    all
}

fn managed_identity(identity: &Identity) -> Value {
    json!({
        "id": identity.object_id,
        "appId": identity.client_id,
        "displayName": identity.name,
        "accountEnabled": true,
        "servicePrincipalType": "ManagedIdentity",
        "alternativeNames": ["isExplicit=False", identity.resource_id],
        "servicePrincipalNames": [identity.client_id],
        "appRoleAssignmentRequired": false,
        "appRoles": [],
    })
}

/// App 2's registration, as Graph shows it.
pub(crate) fn application(world: &World) -> Value {
    let registration = &world.registration;
    json!({
        "id": registration.object_id,
        "appId": registration.client_id,
        "displayName": registration.display_name,
        "identifierUris": registration.identifier_uris,
        "signInAudience": registration.sign_in_audience,
        "api": {
            "requestedAccessTokenVersion": registration.requested_access_token_version,
            "oauth2PermissionScopes": [],
            "preAuthorizedApplications": [],
        },
        "appRoles": roles(world),
        "web": {"redirectUris": []},
    })
}

fn roles(world: &World) -> Vec<Value> {
    world
        .registration
        .app_roles
        .iter()
        .map(|role| {
            json!({
                "id": role.id, "value": role.value, "displayName": role.value, "description": role.value,
                "isEnabled": true, "allowedMemberTypes": ["Application"],
            })
        })
        .collect()
}

fn missing(what: &str) -> Answer {
    error(
        404,
        "Request_ResourceNotFound",
        &format!("Resource '{what}' does not exist or one of its queried reference-property objects are not present."),
    )
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let id = Uuid::new_v4().to_string();
    Answer::json(
        status,
        &json!({"error": {"code": code, "message": message, "innerError": {
            "date": super::clock::utc().format("%Y-%m-%dT%H:%M:%S").to_string(),
            "request-id": id, "client-request-id": id
        }}}),
    )
}
