//! Azure Resource Manager: App 2's site object and its configuration, with RBAC.

use serde_json::{Value, json};

use super::http::{Answer, Received};
use super::issue::RESOURCE_MANAGER;
use super::put;
use super::shared::Shared;
use super::validation::{Expected, Invalid, validate};
use super::world::{Access, World};

/// Answers one request.
pub(crate) fn answer(shared: &Shared, world: &World, request: &Received) -> Answer {
    let claims = match authenticate(shared, world, request) {
        Ok(claims) => claims,
        Err(answer) => return answer,
    };
    if request.query("api-version").is_none() {
        return error(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        );
    }
    let path = request.path();
    let site = world.site_resource_id();
    let list = format!("/subscriptions/{}/providers/microsoft.web/sites", world.site.subscription);
    let slots = format!("{}/slots", world.production_resource_id().to_ascii_lowercase());
    let lower = path.trim_end_matches('/').to_ascii_lowercase();
    if lower == list || lower == slots {
        let page = || sites(world, request, lower == slots);
        return guarded(world, &claims, Access::SiteOnly, "Microsoft.Web/sites/read", &lower, page);
    }
    match lower.strip_prefix(&site.to_ascii_lowercase()) {
        Some(rest) => below_site(shared, world, request, &claims, rest),
        None => error(
            404,
            "ResourceNotFound",
            &format!(
                "The Resource '{path}' was not found. For more details please go to \
                 https://aka.ms/ARMResourceNotFoundFix"
            ),
        ),
    }
}

fn below_site(shared: &Shared, world: &World, request: &Received, claims: &Value, rest: &str) -> Answer {
    let site = world.site_resource_id();
    let scope = |suffix: &str| format!("{site}{suffix}");
    if world.is_container_app() {
        return below_container_app(shared, world, request, claims, rest);
    }
    match (request.method.as_str(), rest) {
        ("GET", "") => {
            guarded(world, claims, Access::SiteOnly, "Microsoft.Web/sites/read", &site, || site_object(world))
        }
        ("GET", "/config/web") => {
            guarded(world, claims, Access::SiteOnly, "Microsoft.Web/sites/config/read", &scope("/config/web"), || {
                web_config(world)
            })
        }
        ("GET", "/config/authsettingsv2") => guarded(
            world,
            claims,
            Access::Reader,
            "Microsoft.Web/sites/config/read",
            &scope("/config/authsettingsV2"),
            || settings_object(world),
        ),
        ("PUT", "/config/authsettingsv2") => {
            let action = "Microsoft.Web/sites/config/write";
            put_settings(shared, world, request, claims, action, &scope("/config/authsettingsV2"))
        }
        ("GET" | "POST", "/config/authsettingsv2/list") => guarded(
            world,
            claims,
            Access::Contributor,
            "Microsoft.Web/sites/config/list/action",
            &scope("/config/authsettingsV2"),
            || settings_object(world),
        ),
        ("POST", "/config/authsettings/list") => guarded(
            world,
            claims,
            Access::Contributor,
            "Microsoft.Web/sites/config/list/action",
            &scope("/config/authsettings"),
            || classic_view(world),
        ),
        ("POST", "/config/appsettings/list") => guarded(
            world,
            claims,
            Access::Contributor,
            "Microsoft.Web/sites/config/list/action",
            &scope("/config/appsettings"),
            || {
                let properties = &world.easy_auth.app_settings;
                json!({"id": scope("/config/appsettings"), "name": "appsettings", "properties": properties})
            },
        ),
        _ => error(404, "NotFound", "The requested resource does not exist."),
    }
}

/// A container app and its `authConfigs`; it has no `config`.
fn below_container_app(shared: &Shared, world: &World, request: &Received, claims: &Value, rest: &str) -> Answer {
    let app = world.site_resource_id();
    match (request.method.as_str(), rest) {
        ("GET", "") => {
            guarded(world, claims, Access::SiteOnly, "Microsoft.App/containerApps/read", &app, || container_app(world))
        }
        ("GET", "/authconfigs/current") => guarded(
            world,
            claims,
            Access::Reader,
            "Microsoft.App/containerApps/authConfigs/read",
            &format!("{app}/authConfigs/current"),
            || settings_object(world),
        ),
        ("PUT", "/authconfigs/current") => {
            let action = "Microsoft.App/containerApps/authConfigs/write";
            put_settings(shared, world, request, claims, action, &format!("{app}/authConfigs/current"))
        }
        _ => error(404, "NotFound", "The requested resource does not exist."),
    }
}

/// The managed identity of App 2 itself.
fn identity(world: &World) -> Value {
    json!({
        "type": "SystemAssigned",
        "tenantId": world.tenant.id,
        "principalId": world.site.identity_principal_id,
    })
}

fn container_app(world: &World) -> Value {
    let site = &world.site;
    json!({
        "id": world.site_resource_id(),
        "name": site.name,
        "type": "Microsoft.App/containerApps",
        "location": site.location,
        "identity": identity(world),
        "properties": {
            "runningStatus": site.state,
            "configuration": {"ingress": {
                "fqdn": site.default_host_name,
                "external": true,
                "customDomains": site.host_names.iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
            }},
        }
    })
}

/// Replaces the authentication settings as a whole, and gives them as they are stored.
fn put_settings(
    shared: &Shared,
    world: &World,
    request: &Received,
    claims: &Value,
    action: &str,
    scope: &str,
) -> Answer {
    if world.resource_manager.access < Access::Contributor {
        return guarded(world, claims, Access::Contributor, action, scope, || Value::Null);
    }
    let body = serde_json::from_slice(&request.body);
    let body: Value = match body {
        Ok(body) => body,
        Err(parsing) => {
            let message = format!("The request content was invalid and could not be deserialized: '{parsing}'.");
            return error(400, "InvalidRequestContent", &message);
        }
    };
    let mut changed = world.clone();
    changed.easy_auth.properties = match put::properties(&body) {
        Ok(properties) => properties,
        Err(wrong) => return error(400, "BadRequest", &wrong.to_string()),
    };
    let answer = Answer::json(200, &settings_object(&changed));
    match shared.change_world(changed) {
        Ok(()) => answer,
        Err(failed) => error(500, "InternalServerError", &failed.to_string()),
    }
}

/// The caller's claims, if it has a token for Azure Resource Manager.
fn authenticate(shared: &Shared, world: &World, request: &Received) -> Result<Value, Answer> {
    let challenge = format!(
        "Bearer authorization_uri=\"https://login.windows.net/{}\", error=\"invalid_token\", \
         error_description=\"The authentication failed because of missing 'Authorization' header.\"",
        world.tenant.id
    );
    let Some(token) = request.bearer() else {
        let message = "Authentication failed. The 'Authorization' header is missing.";
        return Err(error(401, "AuthenticationFailed", message).header("www-authenticate", challenge));
    };
    let audiences: Vec<String> =
        RESOURCE_MANAGER.iter().flat_map(|audience| [(*audience).to_owned(), format!("{audience}/")]).collect();
    let expected = Expected { loosely: false, audiences: &audiences, issuers: None };
    validate(&shared.keys, token, &expected).map_err(|invalid| match invalid {
        Invalid::Audience => error(
            401,
            "InvalidAuthenticationTokenAudience",
            "The access token has been obtained for wrong audience or resource. It should exactly match one of the \
             allowed audiences 'https://management.core.windows.net/','https://management.core.windows.net',\
             'https://management.azure.com/','https://management.azure.com'.",
        ),
        Invalid::Expired => error(
            401,
            "ExpiredAuthenticationToken",
            "The access token expiry UTC time is earlier than current UTC time.",
        ),
        Invalid::Malformed | Invalid::Signature | Invalid::Issuer | Invalid::NotYetValid => {
            error(401, "InvalidAuthenticationToken", "The access token is invalid.")
        }
    })
}

/// The body, when the caller's access reaches that far.
fn guarded(
    world: &World,
    claims: &Value,
    needed: Access,
    action: &str,
    scope: &str,
    body: impl FnOnce() -> Value,
) -> Answer {
    if world.resource_manager.access >= needed {
        return Answer::json(200, &body());
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    error(
        403,
        "AuthorizationFailed",
        &format!(
            "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope \
             '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
            text("appid"),
            text("oid")
        ),
    )
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"error": {"code": code, "message": message}}))
}

/// A list of sites, or of the slots of App 2's site, one a page: slots are no members of the list of sites.
fn sites(world: &World, request: &Received, slots: bool) -> Value {
    let mut app2 = site_object(world);
    if !slots && let (Some(_), Some(object)) = (&world.site.slot, app2.as_object_mut()) {
        object.insert("id".to_owned(), Value::from(world.production_resource_id()));
        object.insert("properties".to_owned(), json!({"hostNames": [], "state": "Running"}));
    }
    if request.query("$skiptoken").is_some() {
        return json!({"value": [app2]});
    }
    let other = json!({
        "id": format!("{}-other", world.production_resource_id()),
        "name": format!("{}-other", world.site.name),
        "properties": {"hostNames": ["other.azurewebsites.net"], "defaultHostName": "other.azurewebsites.net"},
    });
    let next = format!("{}{}&$skiptoken=2", world.addresses.resource_manager, request.target);
    json!({"value": [other], "nextLink": next})
}

fn site_object(world: &World) -> Value {
    let site = &world.site;
    json!({
        "id": world.site_resource_id(),
        "name": site.slot.as_ref().map_or_else(|| site.name.clone(), |slot| format!("{}/{slot}", site.name)),
        "type": if site.slot.is_some() { "Microsoft.Web/sites/slots" } else { "Microsoft.Web/sites" },
        "kind": site.kind,
        "location": site.location,
        "identity": identity(world),
        "properties": {
            "name": site.name,
            "state": site.state,
            "hostNames": site.host_names,
            "enabledHostNames": site.host_names,
            "defaultHostName": site.default_host_name,
            "enabled": true,
            "usageState": site.usage_state,
            "availabilityState": site.availability_state,
            "httpsOnly": site.https_only,
            "clientCertEnabled": site.client_certificate_enabled,
            "clientCertMode": site.client_certificate_mode,
            "clientCertExclusionPaths": site.client_certificate_exclusions,
            "publicNetworkAccess": site.public_network_access,
            "privateEndpointConnections": site.private_endpoint_connections,
            "resourceGroup": site.resource_group,
            "siteConfig": {
                "ipSecurityRestrictions": site.restrictions,
                "ipSecurityRestrictionsDefaultAction": site.restrictions_default,
            }
        }
    })
}

fn web_config(world: &World) -> Value {
    let site = &world.site;
    let enabled = world.easy_auth.properties.pointer("/platform/enabled").and_then(Value::as_bool);
    json!({
        "id": format!("{}/config/web", world.site_resource_id()),
        "name": site.name,
        "type": "Microsoft.Web/sites/config",
        "location": site.location,
        "properties": {
            "siteAuthEnabled": enabled.unwrap_or(false),
            "ipSecurityRestrictions": site.restrictions,
            "ipSecurityRestrictionsDefaultAction": site.restrictions_default,
            "publicNetworkAccess": site.public_network_access,
            "linuxFxVersion": if site.linux { "NODE|22-lts" } else { "" },
        }
    })
}

/// `config/authsettingsV2` as it is stored, or a container app's `authConfigs/current`.
pub(crate) fn settings_object(world: &World) -> Value {
    if world.is_container_app() {
        return json!({
            "id": format!("{}/authConfigs/current", world.site_resource_id()),
            "name": "current",
            "type": "Microsoft.App/containerApps/authConfigs",
            "properties": world.easy_auth.properties,
        });
    }
    json!({
        "id": format!("{}/config/authsettingsV2", world.site_resource_id()),
        "name": "authsettingsV2",
        "type": "Microsoft.Web/sites/config",
        "location": world.site.location,
        "properties": world.easy_auth.properties,
    })
}

/// The classic view of the same settings: it has no place for the policy.
fn classic_view(world: &World) -> Value {
    let at = |pointer: &str| world.easy_auth.properties.pointer(pointer).cloned().unwrap_or_default();
    let provider = "/identityProviders/azureActiveDirectory";
    json!({
        "id": format!("{}/config/authsettings", world.site_resource_id()),
        "name": "authsettings",
        "type": "Microsoft.Web/sites/config",
        "properties": {
            "enabled": at("/platform/enabled"),
            "runtimeVersion": at("/platform/runtimeVersion"),
            "unauthenticatedClientAction": null,
            "tokenStoreEnabled": at("/login/tokenStore/enabled"),
            "defaultProvider": "AzureActiveDirectory",
            "clientId": at(&format!("{provider}/registration/clientId")),
            "issuer": at(&format!("{provider}/registration/openIdIssuer")),
            "allowedAudiences": at(&format!("{provider}/validation/allowedAudiences")),
            "isAuthFromFile": "False",
            "configVersion": "v2",
        }
    })
}
