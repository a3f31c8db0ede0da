//! Azure Resource Manager: App 2's site object and its configuration, with RBAC.

use serde_json::{Value, json};

use super::http::{Answer, Received};
use super::issue::RESOURCE_MANAGER;
use super::put;
use super::shared::Shared;
use super::target_kinds::{self, settings_object};
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

/// App 2's resource and its authentication settings, as its kind has them.
fn below_site(shared: &Shared, world: &World, request: &Received, claims: &Value, rest: &str) -> Answer {
    let kind = target_kinds::of(world);
    let site = world.site_resource_id();
    let settings = format!("{site}{}", kind.settings);
    let is_settings = rest.eq_ignore_ascii_case(kind.settings);
    let action = |of: &str, what: &str| format!("{of}/{what}");
    match request.method.as_str() {
        "GET" if rest.is_empty() => {
            let action = action(kind.resource_type, "read");
            guarded(world, claims, Access::SiteOnly, &action, &site, || (kind.object)(world))
        }
        "GET" if is_settings => {
            let action = action(kind.settings_type, "read");
            guarded(world, claims, Access::Reader, &action, &settings, || settings_object(world))
        }
        "PUT" if is_settings => {
            put_settings(shared, world, request, claims, &action(kind.settings_type, "write"), &settings)
        }
        method => match (kind.more)(world, method, rest) {
            Some(more) => {
                let scope = format!("{site}{}", more.scope);
                guarded(world, claims, more.needs, more.action, &scope, || more.body)
            }
            None => error(404, "NotFound", "The requested resource does not exist."),
        },
    }
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
    let body = super::http::json(&request.body);
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
    let mut app2 = (target_kinds::of(world).object)(world);
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
