//! `az webapp` and `az role`: the lab's two apps as resources.

use std::net::IpAddr;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::azure::{App, Azure};
use super::command::Command;
use super::refused::Refused;
use crate::lab::target_kinds::settings_object;
use crate::lab::world::{Access, Faults, Identity, Visibility, World};

/// `az webapp show`: what the printed queries read.
pub(super) fn show(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    Ok(shown(&azure.world, azure.app(command)?))
}

/// `az webapp list`, which has neither function apps nor logic apps.
pub(super) fn list_web_apps(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    Ok(listed(&azure.world, command, |kind| !kind.contains("functionapp")))
}

/// `az functionapp list`.
pub(super) fn list_function_apps(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    Ok(listed(&azure.world, command, |kind| kind.contains("functionapp") && !kind.contains("workflowapp")))
}

/// `az logicapp list`.
pub(super) fn list_logic_apps(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    Ok(listed(&azure.world, command, |kind| kind.contains("workflowapp")))
}

/// The apps of the lab that are of such a kind, in the named resource group where one is named.
fn listed(world: &World, command: &Command, is_of_kind: fn(&str) -> bool) -> Value {
    let group = command.get("--resource-group");
    let apps = [
        (App::Caller, &world.app1.kind, &world.app1.resource_group),
        (App::Target, &world.site.kind, &world.site.resource_group),
    ];
    let is_meant = |(_, kind, of): &(App, &String, &String)| is_of_kind(kind) && group.is_none_or(|group| group == *of);
    apps.into_iter().filter(is_meant).map(|(app, ..)| shown(world, app)).collect()
}

fn shown(world: &World, app: App) -> Value {
    match app {
        App::Target => json!({
            "id": world.site_resource_id(), "name": world.site.name, "state": world.site.state,
            "usageState": world.site.usage_state, "availabilityState": world.site.availability_state,
            "defaultHostName": world.site.default_host_name, "hostNames": world.site.host_names,
        }),
        App::Caller => json!({
            "name": world.app1.site_name, "state": "Running",
            "possibleOutboundIpAddresses": world.front_end.caller_address,
        }),
    }
}

/// `az webapp start`. What a used-up quota or the plan keeps down stays down.
pub(super) fn start(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    azure.target(command)?;
    azure.world.site.state = "Running".to_owned();
    Ok(Value::Null)
}

/// `az webapp restart`.
pub(super) fn restart(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    let app = azure.app(command)?;
    restarted(&mut azure.world, app);
    Ok(Value::Null)
}

/// App 2 applies what is stored. App 1 gets another token endpoint, and its new sessions that one's variables.
fn restarted(world: &mut World, app: App) {
    match app {
        App::Target => world.easy_auth.running = json!({}),
        App::Caller => {
            world.identity_endpoint.faults = Faults::default();
            world.identity_endpoint.stale_header = false;
        }
    }
}

/// `az webapp identity show`.
pub(super) fn show_identity(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    azure.caller(command)?;
    let app1 = &azure.world.app1;
    let user_assigned: Map<String, Value> = app1
        .user_assigned
        .iter()
        .map(|one| (one.resource_id.clone(), json!({"clientId": one.client_id, "principalId": one.object_id})))
        .collect();
    let principal = app1.system_identity.as_ref().map(|identity| &identity.object_id);
    Ok(json!({
        "principalId": principal, "tenantId": azure.world.tenant.id, "userAssignedIdentities": user_assigned,
    }))
}

/// `az webapp identity assign`: a system-assigned identity of its own, or those that `--identities` names.
///
/// A new identity is new in every respect: nothing allows it yet.
pub(super) fn assign_identity(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    azure.caller(command)?;
    let named = command.all("--identities");
    let app1 = &mut azure.world.app1;
    for id in named.iter().filter(|id| **id != "[system]") {
        let detached = &app1.detached_identity;
        let attached = app1.user_assigned.iter().any(|one| one.resource_id.eq_ignore_ascii_case(id));
        if !attached && !detached.resource_id.eq_ignore_ascii_case(id) {
            return Err(Refused::ResourceManager {
                code: "BadRequest",
                message: format!("The identity '{id}' was not found."),
            });
        }
        if !attached {
            app1.user_assigned.push(detached.clone());
        }
    }
    if (named.is_empty() || named.contains(&"[system]")) && app1.system_identity.is_none() {
        app1.system_identity = Some(Identity {
            name: app1.site_name.clone(),
            client_id: Uuid::new_v4().to_string(),
            object_id: Uuid::new_v4().to_string(),
            resource_id: format!(
                "/subscriptions/{}/resourcegroups/{}/providers/Microsoft.Web/sites/{}",
                app1.subscription, app1.resource_group, app1.site_name
            ),
        });
    }
    // The platform restarts the app, which has the variables from then on.
    if app1.variables == Visibility::Absent {
        app1.variables = Visibility::Visible;
    }
    restarted(&mut azure.world, App::Caller);
    show_identity(azure, command)
}

/// `az webapp auth show`, as the extension authV2 shows it.
pub(super) fn show_authentication(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    azure.target(command)?;
    Ok(settings_object(&azure.world))
}

/// `az webapp config access-restriction add`.
pub(super) fn add_restriction(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    azure.target(command)?;
    let range = command.need("--ip-address")?;
    let is_range = |(address, bits): (&str, &str)| address.parse::<IpAddr>().is_ok() && bits.parse::<u8>().is_ok();
    if !range.split_once('/').is_some_and(is_range) {
        return Err(Refused::ResourceManager {
            code: "BadRequest",
            message: format!("IpAddress '{range}' is not in CIDR notation."),
        });
    }
    let action = command.get("--action").unwrap_or("Allow");
    if !matches!(action, "Allow" | "Deny") {
        return Err(Refused::argument("--action", &format!("invalid choice: '{action}'")));
    }
    let priority: u32 =
        command.need("--priority")?.parse().map_err(|_| Refused::argument("--priority", "invalid int value"))?;
    azure.world.site.restrictions.push(json!({
        "ipAddress": range, "action": action, "priority": priority, "name": command.get("--rule-name"),
        "tag": "Default",
    }));
    Ok(Value::from(azure.world.site.restrictions.clone()))
}

/// `az webapp config access-restriction show`.
pub(super) fn show_restrictions(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    azure.target(command)?;
    Ok(json!({"ipSecurityRestrictions": azure.world.site.restrictions.clone()}))
}

/// `az webapp config appsettings list`.
pub(super) fn list_settings(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    let one = |name: &String, value: &String| json!({"name": name, "value": value, "slotSetting": false});
    Ok(match azure.app(command)? {
        App::Target => {
            let settings = &azure.world.easy_auth.app_settings;
            settings.iter().map(|(name, value)| one(name, value)).collect()
        }
        App::Caller => {
            let settings = &azure.app1_settings;
            settings.iter().filter_map(|(name, value)| Some(one(name, value.as_ref()?))).collect()
        }
    })
}

/// `az webapp config appsettings set`. The app restarts.
pub(super) fn set_settings(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    let app = azure.app(command)?;
    for (name, value) in command.pairs("--settings")? {
        let (name, value) = (name.to_owned(), value.to_owned());
        match app {
            App::Target => drop(azure.world.easy_auth.app_settings.insert(name, value)),
            App::Caller => drop(azure.app1_settings.insert(name, Some(value))),
        }
    }
    restarted(&mut azure.world, app);
    list_settings(azure, command)
}

/// `az webapp config appsettings delete`. The app restarts; what is not there is no error.
pub(super) fn delete_settings(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    let app = azure.app(command)?;
    command.need("--setting-names")?;
    for name in command.all("--setting-names") {
        match app {
            App::Target => drop(azure.world.easy_auth.app_settings.remove(*name)),
            App::Caller => drop(azure.app1_settings.insert((*name).to_owned(), None)),
        }
    }
    restarted(&mut azure.world, app);
    list_settings(azure, command)
}

/// `az role assignment create`: what a service principal may read of App 2.
pub(super) fn assign_role(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    let (assignee, scope) = (command.need("--assignee-object-id")?, command.need("--scope")?);
    if azure.app_by_id(scope)? != App::Target {
        return Err(Refused::lab("the lab gives roles on App 2 only"));
    }
    let access = match command.need("--role")? {
        "Reader" => Access::Reader,
        "Contributor" | "Website Contributor" => Access::Contributor,
        role => return Err(Refused::Directory(format!("Role '{role}' doesn't exist."))),
    };
    let app1 = &azure.world.app1;
    let mut callers = app1.system_identity.iter().chain(&app1.user_assigned);
    let is_caller = callers.any(|one| one.object_id.eq_ignore_ascii_case(assignee))
        || azure.world.service_principal.object_id.eq_ignore_ascii_case(assignee);
    if !is_caller {
        return Err(Refused::ResourceManager {
            code: "PrincipalNotFound",
            message: format!("Principal {assignee} does not exist in the directory {}.", azure.world.tenant.id),
        });
    }
    let reader = &mut azure.world.resource_manager;
    reader.access = reader.access.max(access);
    Ok(json!({"principalId": assignee, "scope": scope}))
}
