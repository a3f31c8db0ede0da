//! App 2's site object, as Azure Resource Manager shows it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::{ObjectId, TenantId};
use super::resource_id::ResourceId;
use super::restriction::{self, Ruling};
use super::target_kind::TargetKind;
use super::text::{shortened, visible};

/// From where a container app takes requests: `properties.configuration.ingress` and its `external`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ingress {
    /// From nowhere: it has none.
    Off,
    /// From its own environment.
    Internal,
    /// From outside its environment as well.
    External,
}

/// What of the site object matters. Field names and values: `Site` of `azure-mgmt-web`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Site {
    /// The ARM resource ID.
    pub id: Option<ResourceId>,
    /// The site's name.
    pub name: Option<String>,
    /// `kind`, such as `app,linux` or `functionapp`.
    pub kind: Option<String>,
    /// `properties.state`: `Running` or `Stopped`.
    pub state: Option<String>,
    /// `properties.enabled`.
    pub enabled: Option<bool>,
    /// `properties.usageState`: `Normal` or `Exceeded` (quota).
    pub usage_state: Option<String>,
    /// `properties.availabilityState`.
    pub availability_state: Option<String>,
    /// `properties.defaultHostName`.
    pub default_host_name: Option<String>,
    /// `properties.hostNames` and `enabledHostNames`.
    pub host_names: Vec<String>,
    /// From where the ingress of a container app takes requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingress: Option<Ingress>,
    /// `properties.httpsOnly`.
    pub https_only: Option<bool>,
    /// `properties.clientCertEnabled`.
    pub client_certificate_enabled: Option<bool>,
    /// `properties.clientCertMode`: `Required`, `Optional` or `OptionalInteractiveUser`; of a container app the
    /// `clientCertificateMode` of its ingress (`require`, `accept`, `ignore`).
    pub client_certificate_mode: Option<String>,
    /// `properties.clientCertExclusionPaths`.
    pub client_certificate_exclusions: Option<String>,
    /// `properties.publicNetworkAccess`: `Enabled` or `Disabled`.
    pub public_network_access: Option<String>,
    /// `properties.siteConfig.ipSecurityRestrictionsDefaultAction`.
    pub restrictions_default: Option<String>,
    /// `properties.siteConfig.ipSecurityRestrictions`, each as a line: priority, action, address, name.
    pub restrictions: Vec<String>,
    /// How many private endpoints are approved: `properties.privateEndpointConnections`.
    #[serde(default, skip_serializing_if = "is_none_of_them")]
    pub private_endpoints: usize,
    /// The first of the restrictions that allows only what comes through a gateway: by a header or Front Door's tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_rule: Option<String>,
    /// Object ID of the site's own system-assigned identity.
    pub identity_principal_id: Option<ObjectId>,
    /// The tenant of that identity, which is the tenant of the site's subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_tenant: Option<TenantId>,
}

impl Site {
    /// Reads the site object of a GET (`{id, name, kind, properties}`), or what `az webapp show` prints of it.
    #[must_use]
    pub fn from_json(value: &Value) -> Self {
        let properties = value.get("properties").filter(|properties| properties.is_object()).unwrap_or(value);
        let flag = |name: &str| properties.get(name).and_then(Value::as_bool);
        let mut host_names: Vec<String> = Vec::new();
        for name in ["hostNames", "enabledHostNames"] {
            let names = properties.get(name).and_then(Value::as_array);
            for name in names.into_iter().flatten().filter_map(Value::as_str).map(clean) {
                if !host_names.contains(&name) {
                    host_names.push(name);
                }
            }
        }
        let mut site = Self {
            id: text(value, "id").map(ResourceId::new),
            name: text(value, "name"),
            kind: text(value, "kind"),
            state: text(properties, "state"),
            enabled: flag("enabled"),
            usage_state: text(properties, "usageState"),
            availability_state: text(properties, "availabilityState"),
            default_host_name: text(properties, "defaultHostName"),
            host_names,
            https_only: flag("httpsOnly"),
            client_certificate_enabled: flag("clientCertEnabled"),
            client_certificate_mode: text(properties, "clientCertMode"),
            client_certificate_exclusions: text(properties, "clientCertExclusionPaths"),
            public_network_access: text(properties, "publicNetworkAccess"),
            private_endpoints: private_endpoints(properties),
            identity_principal_id: value
                .get("identity")
                .and_then(|identity| text(identity, "principalId"))
                .map(ObjectId::new),
            identity_tenant: value.get("identity").and_then(|identity| text(identity, "tenantId")).map(TenantId::new),
            ..Self::default()
        };
        if let Some(configuration) = properties.get("configuration") {
            site.take_ingress(configuration);
            site.state = site.state.or_else(|| text(properties, "runningStatus"));
        }
        if let Some(configuration) = properties.get("siteConfig") {
            site.take_configuration(configuration);
        }
        site
    }

    /// Whether its plan's quota is used up (`usageState`): it doesn't run then, whatever its state says.
    #[must_use]
    pub fn is_over_quota(&self) -> bool {
        self.usage_state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("Exceeded"))
    }

    /// Whether its `kind` has this part, such as `linux`; `None` where it has no kind.
    #[must_use]
    pub fn is_of_kind(&self, part: &str) -> Option<bool> {
        Some(self.kind.as_deref()?.to_ascii_lowercase().contains(part))
    }

    /// Whether it runs on Windows: `linux` is part of the `kind` of all others.
    #[must_use]
    pub fn is_on_windows(&self) -> bool {
        self.kind.as_deref().is_some_and(|kind| !kind.contains("linux") && !kind.contains("container"))
    }

    /// Whether it runs, by its state. An app without quota is in the state Running, and doesn't run.
    #[must_use]
    pub fn is_running(&self) -> Option<bool> {
        Some(self.state.as_deref()?.eq_ignore_ascii_case("Running") && !self.is_over_quota())
    }

    /// Whether it is closed to the public network.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.public_network_access.as_deref().is_some_and(|access| access.eq_ignore_ascii_case("Disabled"))
    }

    /// What its settings say of an address that was rejected: public network access first, then its access
    /// restrictions. `SecuredByPerimeter` lets in only what a rule of the perimeter allows.
    #[must_use]
    pub fn ruling(&self, address: Option<&str>) -> Option<Ruling> {
        let is_closed =
            |access: &&str| ["Disabled", "SecuredByPerimeter"].iter().any(|name| access.eq_ignore_ascii_case(name));
        if let Some(access) = self.public_network_access.as_deref().filter(is_closed) {
            return Some(Ruling { fact: "access", rule: access.to_owned(), priority: None });
        }
        restriction::judge(&self.restrictions, self.restrictions_default.as_deref(), address?)
    }

    /// The mode in which it requires a client certificate. App Service has a mode also where certificates are off.
    #[must_use]
    pub fn certificate_mode(&self) -> Option<&str> {
        let is_on =
            |mode: &&str| *mode == "require" || *mode == "Required" && self.client_certificate_enabled == Some(true);
        self.client_certificate_mode.as_deref().filter(is_on)
    }

    /// Takes in the host names of a container app's ingress, and whether it requires a certificate.
    fn take_ingress(&mut self, configuration: &Value) {
        let Some(ingress) = configuration.get("ingress").filter(|ingress| ingress.is_object()) else {
            self.ingress = Some(Ingress::Off);
            return;
        };
        let external = ingress.get("external").and_then(Value::as_bool);
        self.ingress = external.map(|external| if external { Ingress::External } else { Ingress::Internal });
        self.default_host_name = text(ingress, "fqdn");
        self.client_certificate_mode = text(ingress, "clientCertificateMode");
        let domains = ingress.get("customDomains").and_then(Value::as_array);
        let custom = domains.into_iter().flatten().filter_map(|domain| text(domain, "name"));
        self.host_names.extend(self.default_host_name.clone().into_iter().chain(custom));
    }

    /// Takes in the access restrictions of `siteConfig`, or of `config/web`'s answer.
    pub fn take_configuration(&mut self, value: &Value) {
        let properties = value.get("properties").filter(|properties| properties.is_object()).unwrap_or(value);
        if let Some(action) = text(properties, "ipSecurityRestrictionsDefaultAction") {
            self.restrictions_default = Some(action);
        }
        if let Some(rules) = properties.get("ipSecurityRestrictions").and_then(Value::as_array) {
            self.restrictions = rules.iter().take(restriction::MOST).map(line_of).collect();
            self.gateway_rule = rules.iter().take(restriction::MOST).find(is_for_a_gateway).map(line_of);
        }
    }

    /// Takes in the access restrictions that were read later.
    pub fn take_restrictions(&mut self, read: Self) {
        self.restrictions_default = read.restrictions_default.or_else(|| self.restrictions_default.take());
        self.restrictions = read.restrictions;
        self.gateway_rule = read.gateway_rule;
    }

    /// Whether this is the site with this host name.
    #[must_use]
    pub fn has_host(&self, host: &str) -> bool {
        fn bare(name: &str) -> &str {
            name.split(':').next().unwrap_or(name)
        }
        // A revision of a container app, or a label, has a name of its own before the environment's domain.
        let of_app = host.split_once('.').filter(|_| TargetKind::by_host(host) == Some(TargetKind::ContainerApp));
        let of_app = of_app.and_then(|(label, domain)| Some(format!("{}.{domain}", label.split_once("--")?.0)));
        let host = of_app.as_deref().unwrap_or(host);
        self.host_names.iter().chain(&self.default_host_name).any(|name| bare(name).eq_ignore_ascii_case(bare(host)))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
const fn is_none_of_them(number: &usize) -> bool {
    *number == 0
}

/// The private endpoints that are approved.
fn private_endpoints(properties: &Value) -> usize {
    let connections = properties.get("privateEndpointConnections").and_then(Value::as_array);
    let state = |connection: &Value| {
        let inner = connection.get("properties").unwrap_or(connection);
        text(inner.get("privateLinkServiceConnectionState")?, "status")
    };
    let is_approved = |connection: &&Value| state(connection).is_some_and(|state| state == "Approved");
    connections.into_iter().flatten().filter(is_approved).count()
}

/// Whether a rule allows only what comes through a gateway: it requires a header that the gateway adds, or names Front
/// Door's service tag.
fn is_for_a_gateway(rule: &&Value) -> bool {
    let is_allow = text(rule, "action").is_some_and(|action| action.eq_ignore_ascii_case("Allow"));
    let is_front_door = text(rule, "ipAddress").is_some_and(|address| address.starts_with("AzureFrontDoor"));
    is_allow && (is_front_door || !headers(rule).is_empty())
}

/// The headers that a rule requires, with their values.
fn headers(rule: &Value) -> Vec<String> {
    let headers = rule.get("headers").and_then(Value::as_object);
    let value = |values: &Value| {
        let values = values.as_array()?.iter().filter_map(Value::as_str).map(clean);
        Some(values.collect::<Vec<_>>().join(", "))
    };
    let headers = headers.into_iter().flatten();
    headers.take(8).filter_map(|(name, values)| Some(format!("{}: {}", clean(name), value(values)?))).collect()
}

/// One access restriction as a line: priority, action, address, required headers, name.
fn line_of(rule: &Value) -> String {
    let priority = rule.get("priority").filter(|priority| priority.is_number());
    let address = ["ipAddress", "vnetSubnetResourceId"].iter().find_map(|name| text(rule, name));
    [
        priority.map(ToString::to_string),
        text(rule, "action"),
        address,
        Some(headers(rule).join("; ")).filter(|headers| !headers.is_empty()),
        text(rule, "name").map(|name| format!("({name})")),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" ")
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(clean)
}

fn clean(text: &str) -> String {
    visible(&shortened(text, 400))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_site_object_is_read_in_both_forms() {
        let properties = json!({"state": "Running", "enabled": true, "usageState": "Normal",
            "defaultHostName": "app2.azurewebsites.net", "hostNames": ["app2.azurewebsites.net"],
            "enabledHostNames": ["app2.azurewebsites.net", "app2.scm.azurewebsites.net"], "clientCertEnabled": false,
            "clientCertMode": "Required", "publicNetworkAccess": null, "siteConfig": {
                "ipSecurityRestrictionsDefaultAction": "Deny", "ipSecurityRestrictions": [
                    {"ipAddress": "10.0.0.0/8", "action": "Allow", "priority": 100, "name": "office"},
                    {"vnetSubnetResourceId": "/s/x", "action": "Allow"}]}});
        let mut flat = properties.clone();
        flat.as_object_mut().unwrap().extend([
            ("id".to_owned(), json!("/subscriptions/s")),
            ("name".to_owned(), json!("app2")),
            ("identity".to_owned(), json!({"principalId": "p"})),
        ]);
        let enveloped = json!({"id": "/subscriptions/s", "name": "app2", "identity": {"principalId": "p"},
            "properties": properties});
        let site = Site::from_json(&enveloped);
        assert_eq!(site, Site::from_json(&flat));
        assert_eq!(site.restrictions, ["100 Allow 10.0.0.0/8 (office)", "Allow /s/x"]);
        assert_eq!((site.private_endpoints, &site.gateway_rule), (0, &None));
        assert_eq!((site.host_names.len(), site.public_network_access.as_deref()), (2, None));
        assert_eq!(site.identity_principal_id, Some(ObjectId::new("p")));
        assert!(site.has_host("APP2.azurewebsites.net:443") && !site.has_host("app3.azurewebsites.net"));
        assert_eq!(Site::from_json(&json!([1])), Site::default());
    }

    #[test]
    fn a_revision_of_a_container_app_has_a_name_of_its_own() {
        let fqdn = "app2.blue.westeurope.azurecontainerapps.io".to_owned();
        let site = Site { host_names: vec![fqdn], ..Site::default() };
        for host in ["app2--rev1", "app2---label", "app2--rev1--2", "APP2--rev1", "app2"] {
            assert!(site.has_host(&format!("{host}.blue.westeurope.azurecontainerapps.io:443")), "{host}");
        }
        for host in ["app3--rev1.blue.westeurope.azurecontainerapps.io", "app2--rev1.azurewebsites.net"] {
            assert!(!site.has_host(host), "{host}");
        }
    }

    #[test]
    fn private_endpoints_and_rules_for_gateways_are_read() {
        let connection =
            |status: &str| json!({"properties": {"privateLinkServiceConnectionState": {"status": status}}});
        let site = Site::from_json(&json!({"properties": {
            "privateEndpointConnections": [connection("Approved"), connection("Pending"), {}],
            "siteConfig": {"ipSecurityRestrictions": [
                {"ipAddress": "10.0.0.0/8", "action": "Allow", "priority": 100, "name": "office"},
                {"ipAddress": "AzureFrontDoor.Backend", "tag": "ServiceTag", "action": "Allow", "priority": 200,
                    "name": "afd", "headers": {"x-azure-fdid": ["0f8fad5b-d9cb-469f-a165-70867728950e"]}}]}}}));
        assert_eq!(site.private_endpoints, 1);
        let rule = "200 Allow AzureFrontDoor.Backend x-azure-fdid: 0f8fad5b-d9cb-469f-a165-70867728950e (afd)";
        assert_eq!(site.gateway_rule.as_deref(), Some(rule));
        let denied = json!({"ipSecurityRestrictions": [{"ipAddress": "AzureFrontDoor.Backend", "action": "Deny"}]});
        let mut other = Site::default();
        other.take_configuration(&denied);
        assert_eq!(other.gateway_rule, None);
    }
}
