//! The kinds of app that App 2 can be: their resources in Azure Resource Manager, and where their authentication
//! settings are (facts: app2).

use serde_json::{Value, json};

use super::world::{Access, World};

/// A kind of app.
pub(crate) struct TargetKind {
    /// What the `kind` of a site is in `assets/lab/scenarios.toml`; any other is a web app's.
    name: &'static str,
    /// The type of its resource.
    pub resource_type: &'static str,
    /// Where its authentication settings are, below its resource.
    pub settings: &'static str,
    /// The type of the resource there.
    pub settings_type: &'static str,
    /// Whether that resource has a location.
    pub settings_have_location: bool,
    /// Its resource.
    pub object: fn(&World) -> Value,
    /// What more is below its resource, by method and path in lower case.
    pub more: fn(&World, &str, &str) -> Option<More>,
}

/// What a resource contains beside the authentication settings.
pub(crate) struct More {
    /// Who may read it.
    pub needs: Access,
    /// The action, in the words of Azure RBAC.
    pub action: &'static str,
    /// Its path below the resource.
    pub scope: &'static str,
    /// What is there.
    pub body: Value,
}

static WEB_APP: TargetKind = TargetKind {
    name: "app",
    resource_type: "Microsoft.Web/sites",
    settings: "/config/authsettingsV2",
    settings_type: "Microsoft.Web/sites/config",
    settings_have_location: true,
    object: site_object,
    more: site_configuration,
};

static OTHERS: [TargetKind; 1] = [TargetKind {
    name: "containerapps",
    resource_type: "Microsoft.App/containerApps",
    settings: "/authConfigs/current",
    settings_type: "Microsoft.App/containerApps/authConfigs",
    settings_have_location: false,
    object: container_app,
    more: |_, _, _| None,
}];

/// What kind of app App 2 is.
pub(crate) fn of(world: &World) -> &'static TargetKind {
    OTHERS.iter().find(|kind| kind.name == world.site.kind).unwrap_or(&WEB_APP)
}

impl World {
    /// App 2's resource ID in Azure Resource Manager.
    pub fn site_resource_id(&self) -> String {
        let site = self.production_resource_id();
        match &self.site.slot {
            Some(slot) => format!("{site}/slots/{slot}"),
            None => site,
        }
    }

    /// The resource ID of App 2's site, whichever of its slots App 2 is.
    pub fn production_resource_id(&self) -> String {
        let kind = of(self).resource_type;
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/{kind}/{}",
            self.site.subscription, self.site.resource_group, self.site.name
        )
    }
}

/// App 2's authentication settings as they are stored.
pub(crate) fn settings_object(world: &World) -> Value {
    let kind = of(world);
    let name = kind.settings.rsplit('/').next().unwrap_or_default();
    let mut object = json!({
        "id": format!("{}{}", world.site_resource_id(), kind.settings),
        "name": name,
        "type": kind.settings_type,
        "properties": world.easy_auth.properties,
    });
    if let (true, Some(members)) = (kind.settings_have_location, object.as_object_mut()) {
        members.insert("location".to_owned(), Value::from(world.site.location.clone()));
    }
    object
}

fn site_configuration(world: &World, method: &str, path: &str) -> Option<More> {
    let config = |needs, action, scope, body| Some(More { needs, action, scope, body });
    let list = "Microsoft.Web/sites/config/list/action";
    match (method, path) {
        ("GET", "/config/web") => {
            config(Access::SiteOnly, "Microsoft.Web/sites/config/read", "/config/web", web_config(world))
        }
        ("GET" | "POST", "/config/authsettingsv2/list") => {
            let stored = settings_object(world);
            config(Access::Contributor, list, "/config/authsettingsV2", stored)
        }
        ("POST", "/config/authsettings/list") => {
            config(Access::Contributor, list, "/config/authsettings", classic_view(world))
        }
        ("POST", "/config/appsettings/list") => {
            let id = format!("{}/config/appsettings", world.site_resource_id());
            let body = json!({"id": id, "name": "appsettings", "properties": world.easy_auth.app_settings});
            config(Access::Contributor, list, "/config/appsettings", body)
        }
        _ => None,
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
        "type": of(world).resource_type,
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
            // What is in `config/web` is null here (azure-cli, issues 17053 and 32474: `az webapp config
            // access-restriction show` reads it there).
            "siteConfig": {
                "alwaysOn": true,
                "ipSecurityRestrictions": null,
                "ipSecurityRestrictionsDefaultAction": null,
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
