//! `az rest`: requests to the lab's Azure Resource Manager and Microsoft Graph.

use serde_json::{Value, json};

use super::azure::{App, Azure};
use super::command::Command;
use super::refused::Refused;
use crate::lab::graph::principals;
use crate::lab::put;

use crate::lab::target_kinds::{self, settings_object};
use crate::lab::world::{Assignment, Site};

/// Sends a request.
pub(super) fn send(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    let url = command.need("--url")?;
    let method = command.get("--method").unwrap_or("get").to_ascii_lowercase();
    let addresses = &azure.world.addresses;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    if let Some(path) = path.strip_prefix(addresses.resource_manager.as_str()) {
        if !query.split('&').any(|part| part.starts_with("api-version=")) {
            return Err(Refused::bad_request(
                "(MissingApiVersionParameter) The api-version query parameter is required",
            ));
        }
        let path = path.to_owned();
        return resource(azure, command, &method, &path);
    }
    if let Some(path) = path.strip_prefix(addresses.graph.as_str()) {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        return match (method.as_str(), segments.as_slice()) {
            ("post", ["v1.0", "servicePrincipals", id, "appRoleAssignments"]) => assign_role(azure, command, id),
            _ => Err(Refused::Lab(format!("the lab knows no {method} of {path}"))),
        };
    }
    Err(Refused::Lab(format!("{url} is neither the lab's Azure Resource Manager nor its Microsoft Graph")))
}

/// App 2 as a resource: a GET gives its authentication settings, a PUT replaces the whole of them; a PATCH of the site
/// changes what it names.
fn resource(azure: &mut Azure, command: &Command, method: &str, path: &str) -> Result<Value, Refused> {
    let lower = path.to_ascii_lowercase();
    let settings = lower.strip_suffix(&target_kinds::of(&azure.world).settings.to_ascii_lowercase());
    if azure.app_by_id(settings.unwrap_or(path))? != App::Target {
        return Err(Refused::lab("the lab does this to App 2 only"));
    }
    let body = || command.json("--body");
    let properties = |body: &Value| {
        let properties = body.get("properties").filter(|properties| properties.is_object());
        properties.cloned().ok_or_else(|| Refused::bad_request("the body has no object properties"))
    };
    match (method, settings) {
        ("get", Some(_)) => Ok(settings_object(&azure.world)),
        ("put", Some(_)) => {
            azure.world.easy_auth.properties =
                put::properties(&body()?).map_err(|wrong| Refused::bad_request(&wrong.to_string()))?;
            Ok(settings_object(&azure.world))
        }
        ("patch", None) => patch_site(&mut azure.world.site, &properties(&body()?)?),
        _ => Err(Refused::Lab(format!("the lab knows no {method} of {path}"))),
    }
}

fn patch_site(site: &mut Site, properties: &Value) -> Result<Value, Refused> {
    for (name, value) in properties.as_object().into_iter().flatten() {
        match (name.as_str(), value.as_str()) {
            ("clientCertExclusionPaths", Some(paths)) => site.client_certificate_exclusions = Some(paths.to_owned()),
            ("clientCertMode", Some(mode @ ("Required" | "Optional" | "OptionalInteractiveUser"))) => {
                site.client_certificate_mode = mode.to_owned();
            }
            _ => return Err(Refused::Lab(format!("the lab doesn't support {name}: {value}"))),
        }
    }
    Ok(json!({"properties": properties}))
}

/// Assigns an app role of App 2 to a service principal.
fn assign_role(azure: &mut Azure, command: &Command, id: &str) -> Result<Value, Refused> {
    let body = command.json("--body")?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_known = |id: &str| principals(&azure.world).iter().any(|one| one.get("id") == Some(&Value::from(id)));
    let (principal, resource, role) = (text("principalId"), text("resourceId"), text("appRoleId"));
    let missing = |id: &str| Refused::NotFound(id.to_owned());
    if principal != id {
        return Err(Refused::BadRequest(format!("principalId {principal:?} is not {id}")));
    }
    if !is_known(principal) {
        return Err(missing(principal));
    }
    let registration = &azure.world.registration;
    if !registration.in_tenant || resource != registration.service_principal_id {
        return Err(missing(resource));
    }
    if !registration.app_roles.iter().any(|known| known.id == role) {
        return Err(Refused::bad_request("Permission being assigned was not found on application"));
    }
    let same = |one: &Assignment| one.principal == principal && one.role == role;
    if registration.assignments.iter().any(same) {
        return Err(Refused::bad_request("Permission being assigned already exists on the object"));
    }
    azure.world.registration.assignments.push(Assignment { principal: principal.to_owned(), role: role.to_owned() });
    Ok(json!({"principalId": principal, "resourceId": resource, "appRoleId": role}))
}
