//! `terraform show -json`, of a state or of a plan, and the state file itself.

use serde_json::{Value, json};

use super::candidate::Candidate;
use super::fields::{Notes, Place, has_any, member};
use super::wanted::site_of;
use super::{AuthSettings, EntraProvider, Shape, classic, v2, variables};
use crate::case::ids::ClientId;
use crate::case::issuer::Issuer;
use crate::case::resource_id::ResourceId;
use crate::case::target_kind::TargetKind;

/// Whether this is Terraform's form.
pub(super) fn is_terraform(value: &Value) -> bool {
    let is_state_file = member(value, "resources").and_then(|resources| member(resources.get(0)?, "instances"));
    has_any(value, &["terraform_version", "format_version"])
        || is_state_file.is_some()
        || member(value, "values").is_some_and(|values| has_any(values, &["root_module"]))
}

/// The web apps with authentication settings. A plan's state before it counts first: that is what runs now.
pub(super) fn candidates(value: &Value) -> Vec<Candidate> {
    let prior = member(value, "prior_state").and_then(|state| member(state, "values"));
    let roots = [(member(value, "values"), false), (prior, false), (member(value, "planned_values"), true)];
    for (root, planned) in roots {
        let mut found = Vec::new();
        if let Some(module) = root.and_then(|root| member(root, "root_module")) {
            walk(module, member(value, "resource_changes").filter(|_| planned), &mut found);
        }
        if !found.is_empty() {
            if planned {
                for candidate in &mut found {
                    candidate.settings.planned = true;
                    candidate.settings.incomplete = Some(
                        "these are planned values, which take effect after `terraform apply`; `terraform show \
                         -json` without a plan file shows the current ones"
                            .to_owned(),
                    );
                }
            }
            return found;
        }
    }
    of_state_file(value)
}

/// The web apps in a state file (`terraform.tfstate`, `terraform state pull`). A deposed instance is about to be
/// destroyed, and isn't App 2.
fn of_state_file(value: &Value) -> Vec<Candidate> {
    let resources = member(value, "resources").and_then(Value::as_array);
    let mut found = Vec::new();
    for resource in resources.into_iter().flatten() {
        let text = |name: &str| member(resource, name).and_then(Value::as_str).unwrap_or_default();
        let data = if text("mode") == "data" { "data" } else { "" };
        let parts = [text("module"), data, text("type"), text("name")];
        let address = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
        let instances = member(resource, "instances").and_then(Value::as_array);
        for instance in instances.into_iter().flatten().filter(|it| member(it, "deposed").is_none()) {
            let Some(values) = member(instance, "attributes") else { continue };
            let key = member(instance, "index_key").map(|key| format!("[{key}]")).unwrap_or_default();
            let shown = json!({"address": format!("{address}{key}"), "type": text("type"), "values": values});
            found.extend(candidate(&shown, None));
        }
    }
    found
}

fn walk(module: &Value, changes: Option<&Value>, found: &mut Vec<Candidate>) {
    let resources = member(module, "resources").and_then(Value::as_array);
    found.extend(resources.into_iter().flatten().filter_map(|resource| candidate(resource, changes)));
    let children = member(module, "child_modules").and_then(Value::as_array);
    for child in children.into_iter().flatten() {
        walk(child, changes, found);
    }
}

/// Puts an expression where a plan has no value yet: what isn't known until it is applied isn't absent.
fn mark_unknown(value: &mut Value, unknown: &Value) {
    match (value, unknown) {
        (value, Value::Bool(true)) => *value = "[unknown]".into(),
        (Value::Array(items), Value::Array(unknown)) => {
            items.iter_mut().zip(unknown).for_each(|(item, unknown)| mark_unknown(item, unknown));
        }
        (Value::Object(members), Value::Object(unknown)) => {
            for (name, unknown) in unknown {
                mark_unknown(members.entry(name).or_insert(Value::Null), unknown);
            }
        }
        _ => {}
    }
}

fn candidate(resource: &Value, changes: Option<&Value>) -> Option<Candidate> {
    let mut values = member(resource, "values")?.clone();
    let of_resource = |change: &&Value| member(change, "address") == member(resource, "address");
    let change = changes.and_then(Value::as_array).and_then(|changes| changes.iter().find(of_resource));
    if let Some(unknown) = change.and_then(|change| member(member(change, "change")?, "after_unknown")) {
        mark_unknown(&mut values, unknown);
    }
    let values = &values;
    let text = |name: &str| member(values, name).and_then(Value::as_str).map(str::to_owned);
    let mut settings = block(values, "auth_settings_v2")
        .map(read_v2)
        .or_else(|| block(values, "auth_settings").map(read_classic))
        .or_else(|| azapi(values))?;
    if let Some(pairs) = member(values, "app_settings").and_then(variables::in_json) {
        variables::beside(&mut settings, &pairs);
    }
    settings.site_id = settings.site_id.or_else(|| app_of(values));
    let address = member(resource, "address").and_then(Value::as_str);
    let kind = member(resource, "type").and_then(Value::as_str).unwrap_or_default();
    settings.is_function_app = kind.starts_with("azurerm_") && kind.contains("_function_app");
    let is_slot = kind.starts_with("azurerm_").then(|| kind.ends_with("_slot"));
    let of_configuration = ["authsettingsV2", "current", "web"];
    let name = match &settings.site_id {
        Some(id) => id.parts().map(site_of),
        None => text("name")
            .filter(|name| !of_configuration.iter().any(|other| name.eq_ignore_ascii_case(other)))
            .map(|name| if is_slot == Some(true) { format!("/{name}") } else { name }),
    };
    Some(Candidate {
        label: address.map(str::to_owned).or_else(|| name.clone()).unwrap_or_default(),
        site: name,
        host: text("default_hostname").or_else(|| text("default_site_hostname")),
        kind: is_slot.map(|_| TargetKind::WebApp),
        is_slot,
        settings,
    })
}

/// The one block of a list, where it is there.
fn block<'a>(values: &'a Value, name: &str) -> Option<&'a Value> {
    match member(values, name)? {
        Value::Array(items) => items.first(),
        object @ Value::Object(_) => Some(object),
        _ => None,
    }
}

/// A resource of the provider `azapi`, whose body is ARM's: the settings themselves, `config/web`, or the site.
fn azapi(values: &Value) -> Option<AuthSettings> {
    let text = |name: &str| member(values, name).and_then(Value::as_str).unwrap_or_default();
    let kind = text("type").split('@').next().unwrap_or_default().to_ascii_lowercase();
    let id = ["resource_id", "parent_id", "id"].map(text);
    let names = |last: &str| {
        let ends = |text: &str| text.rsplit('/').next().is_some_and(|end| end.eq_ignore_ascii_case(last));
        ends(text("name")) || id.iter().any(|id| ends(id))
    };
    let parsed;
    let body = match ["body", "output"].iter().find_map(|name| member(values, name))? {
        Value::String(text) => {
            parsed = crate::case::json::parse(text).ok()?;
            &parsed
        }
        other => other,
    };
    // A state file has a dynamic value beside its type.
    let body = member(body, "value").unwrap_or(body);
    let properties = member(body, "properties").filter(|properties| properties.is_object())?;
    let is_config = kind.starts_with("microsoft.web/sites/") && kind.ends_with("/config");
    let settings = if kind == "microsoft.app/containerapps/authconfigs" || is_config && names("authsettingsV2") {
        properties
    } else if is_config && names("web") {
        member(properties, classic::WEB_V2)?
    } else {
        member(member(properties, "siteConfig").filter(|_| kind == "microsoft.web/sites")?, classic::WEB_V2)?
    };
    Some(AuthSettings { editable: None, site_id: app_of(values), ..v2::read(settings, Shape::Terraform) })
}

/// The app that a resource of `azapi` belongs to.
fn app_of(values: &Value) -> Option<ResourceId> {
    ["resource_id", "parent_id", "id"]
        .iter()
        .filter_map(|name| member(values, name)?.as_str().map(ResourceId::new))
        .find_map(|id| id.app().is_some().then(|| id.clone()).or_else(|| id.app_of_configuration()))
}

/// Empty lists and empty texts are what the provider prints for an absent attribute, and leaves out of the PUT.
fn filled<T>(list: Option<Vec<T>>) -> Option<Vec<T>> {
    list.filter(|list| !list.is_empty())
}

fn read_v2(value: &Value) -> AuthSettings {
    let mut notes = Notes::new();
    let place = Place::root(value, "auth_settings_v2");
    let directory = place.at("active_directory_v2", &mut notes);
    let entra = directory.value().is_some().then(|| EntraProvider {
        enabled: None,
        client_id: directory.text("client_id", &mut notes).map(ClientId::new),
        issuer: directory.text("tenant_auth_endpoint", &mut notes).map(Issuer::new),
        secret_setting: directory.setting_name("client_secret_setting_name", &mut notes),
        disable_www_authenticate: directory.flag("www_authentication_disabled", &mut notes),
        allowed_audiences: filled(directory.list("allowed_audiences", &mut notes)),
        claim_check_applications: filled(directory.list("jwt_allowed_client_applications", &mut notes)),
        claim_check_groups: filled(directory.list("jwt_allowed_groups", &mut notes)),
        allowed_applications: filled(directory.list("allowed_applications", &mut notes)),
        allowed_identities: filled(directory.list("allowed_identities", &mut notes)),
        allowed_groups: filled(directory.list("allowed_groups", &mut notes)),
    });
    AuthSettings {
        enabled: place.flag("auth_enabled", &mut notes),
        runtime_version: place.text("runtime_version", &mut notes),
        config_file_path: place.text("config_file_path", &mut notes),
        require_authentication: place.flag("require_authentication", &mut notes),
        unauthenticated_action: place.text("unauthenticated_action", &mut notes),
        redirect_to_provider: place.text("default_provider", &mut notes),
        excluded_paths: place.list("excluded_paths", &mut notes).unwrap_or_default(),
        entra,
        other_providers: other_providers(value),
        require_https: place.flag("require_https", &mut notes),
        api_prefix: place.text("http_route_api_prefix", &mut notes),
        token_store: place.at("login", &mut notes).flag("token_store_enabled", &mut notes),
        undetermined: notes.iter().map(|path| arm_path(path)).collect(),
        ..AuthSettings::unknown(Shape::Terraform)
    }
}

/// The name of a setting in `authsettingsV2`, for what could not be determined.
fn arm_path(path: &str) -> String {
    const NAMES: [(&str, &str); 9] = [
        ("active_directory_v2", "azureActiveDirectory"),
        ("client_id", "clientId"),
        ("tenant_auth_endpoint", "openIdIssuer"),
        ("allowed_audiences", "allowedAudiences"),
        ("allowed_applications", "allowedApplications"),
        ("allowed_identities", "identities"),
        ("allowed_groups", "groups"),
        ("jwt_allowed_client_applications", "allowedClientApplications"),
        ("jwt_allowed_groups", "allowedGroups"),
    ];
    let name = path.rsplit('.').next().unwrap_or(path);
    NAMES.iter().find(|(own, _)| *own == name).map_or_else(|| path.to_owned(), |(_, arm)| (*arm).to_owned())
}

fn other_providers(value: &Value) -> Vec<String> {
    [
        "apple_v2",
        "azure_static_web_app_v2",
        "custom_oidc_v2",
        "facebook_v2",
        "github_v2",
        "google_v2",
        "microsoft_v2",
        "twitter_v2",
    ]
    .into_iter()
    .filter(|name| block(value, name).is_some())
    .map(|name| name.trim_end_matches("_v2").to_owned())
    .collect()
}

fn read_classic(value: &Value) -> AuthSettings {
    let mut notes = Notes::new();
    let place = Place::root(value, "auth_settings");
    let directory = place.at("active_directory", &mut notes);
    let entra = directory.value().is_some().then(|| EntraProvider {
        client_id: directory.text("client_id", &mut notes).map(ClientId::new),
        issuer: place.text("issuer", &mut notes).map(Issuer::new),
        secret_setting: directory.setting_name("client_secret_setting_name", &mut notes),
        allowed_audiences: filled(directory.list("allowed_audiences", &mut notes)),
        ..EntraProvider::default()
    });
    AuthSettings {
        enabled: place.flag("enabled", &mut notes),
        runtime_version: place.text("runtime_version", &mut notes),
        unauthenticated_action: place.text("unauthenticated_client_action", &mut notes),
        redirect_to_provider: place.text("default_provider", &mut notes),
        entra,
        token_store: place.flag("token_store_enabled", &mut notes),
        incomplete: Some(
            "the classic auth_settings block has no policy (allowedApplications, allowedPrincipals); if the app \
             uses the V2 settings, `az rest --method get --url …/config/authsettingsV2?api-version=2024-04-01` \
              shows them"
                .to_owned(),
        ),
        undetermined: notes,
        ..AuthSettings::unknown(Shape::TerraformClassic)
    }
}
