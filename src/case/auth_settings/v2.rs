//! The V2 object: `platform`, `globalValidation`, `identityProviders`, `login`, `httpSettings`.

use serde_json::{Map, Value, json};

use super::fields::{Notes, Place, member, without_secrets};
use super::misplaced::{KNOWN, home, is_misplaced, misplaced};
use super::{AuthSettings, EntraProvider, Shape};
use crate::case::ids::ClientId;
use crate::case::issuer::Issuer;

/// The members by which the V2 object is recognised.
pub(super) const MEMBERS: [&str; 5] = ["platform", "globalValidation", "identityProviders", "login", "httpSettings"];

/// What an envelope or a tool puts beside the settings.
const ENVELOPE: [&str; 9] =
    ["id", "name", "type", "kind", "location", "tags", "resourceGroup", "systemData", "$schema"];

/// Reads the V2 object.
pub(super) fn read(value: &Value, shape: Shape) -> AuthSettings {
    read_at(value, &Place::root(value, ""), shape)
}

/// Reads the V2 object that Azure Resource Manager stores.
pub(super) fn read_stored(value: &Value, shape: Shape) -> AuthSettings {
    read_at(value, &Place::stored(value), shape)
}

fn read_at(value: &Value, root: &Place<'_>, shape: Shape) -> AuthSettings {
    let mut notes = Notes::new();
    let platform = root.at("platform", &mut notes);
    let validation = root.at("globalValidation", &mut notes);
    let providers = root.at("identityProviders", &mut notes);
    let http = root.at("httpSettings", &mut notes);
    let directory = providers.at("azureActiveDirectory", &mut notes);
    let mut settings = AuthSettings {
        enabled: platform.flag("enabled", &mut notes),
        runtime_version: platform.text("runtimeVersion", &mut notes),
        config_file_path: platform.text("configFilePath", &mut notes),
        require_authentication: validation.flag("requireAuthentication", &mut notes),
        unauthenticated_action: validation.text("unauthenticatedClientAction", &mut notes),
        redirect_to_provider: validation.text("redirectToProvider", &mut notes),
        excluded_paths: validation.list("excludedPaths", &mut notes).unwrap_or_default(),
        entra: directory.value().is_some().then(|| provider(&directory, &mut notes)),
        other_providers: providers.value().map(other_providers).unwrap_or_default(),
        require_https: http.flag("requireHttps", &mut notes),
        api_prefix: http.at("routes", &mut notes).text("apiPrefix", &mut notes),
        token_store: root.at("login", &mut notes).at("tokenStore", &mut notes).flag("enabled", &mut notes),
        misplaced: misplaced(value),
        unread: unread(value, &mut notes),
        editable: Some(editable(value)),
        ..AuthSettings::unknown(shape)
    };
    notes.dedup();
    settings.undetermined = notes;
    settings
}

/// Reads the Entra provider's object.
pub(super) fn provider(place: &Place<'_>, notes: &mut Notes) -> EntraProvider {
    let registration = place.at("registration", notes);
    let validation = place.at("validation", notes);
    let claims = validation.at("jwtClaimChecks", notes);
    let policy = validation.at("defaultAuthorizationPolicy", notes);
    let principals = policy.at("allowedPrincipals", notes);
    EntraProvider {
        enabled: place.flag("enabled", notes),
        client_id: registration.text("clientId", notes).map(ClientId::new),
        issuer: registration.padded_text("openIdIssuer", notes).map(Issuer::new),
        secret_setting: registration.setting_name("clientSecretSettingName", notes),
        disable_www_authenticate: place.at("login", notes).flag("disableWWWAuthenticate", notes),
        allowed_audiences: validation.list("allowedAudiences", notes),
        claim_check_applications: claims.list("allowedClientApplications", notes),
        claim_check_groups: claims.list("allowedGroups", notes),
        allowed_applications: policy.list("allowedApplications", notes),
        allowed_identities: principals.list("identities", notes),
        allowed_groups: principals.list("groups", notes),
    }
}

/// Reads the Entra provider's object alone.
pub(super) fn provider_alone(value: &Value) -> AuthSettings {
    let mut notes = Notes::new();
    let entra = Some(provider(&Place::root(value, "azureActiveDirectory"), &mut notes));
    let wrapped = json!({"identityProviders": {"azureActiveDirectory": value}});
    AuthSettings {
        entra,
        misplaced: misplaced(&wrapped),
        unread: unread(&wrapped, &mut notes),
        undetermined: notes,
        incomplete: Some(
            "this is only the Microsoft provider: it doesn't show whether authentication is turned on, the action \
             for unauthenticated requests, or the excluded paths. `az webapp auth show` (extension authV2) or \
             `az rest --method get --url …/config/authsettingsV2?api-version=2024-04-01` shows all settings"
                .to_owned(),
        ),
        ..AuthSettings::unknown(Shape::EntraProvider)
    }
}

/// `{}`: what `az webapp auth microsoft show` prints without a provider, and `az containerapp auth show` prints after
/// any error. It shows nothing.
pub(super) fn nothing() -> AuthSettings {
    AuthSettings {
        undetermined: ["platform", "globalValidation", "identityProviders"].map(str::to_owned).to_vec(),
        incomplete: Some(
            "this is {}, which `az containerapp auth show` also prints if it fails. Run `az rest --method get --url` \
             with the URL of the settings, which shows the error"
                .to_owned(),
        ),
        ..AuthSettings::unknown(Shape::EntraProvider)
    }
}

/// Names of other providers that are not disabled and have a client.
fn other_providers(providers: &Value) -> Vec<String> {
    let Some(providers) = providers.as_object() else {
        return Vec::new();
    };
    let configured = |provider: &Value| {
        let enabled = member(provider, "enabled").and_then(Value::as_bool) != Some(false);
        let registration = member(provider, "registration");
        let client = registration.is_some_and(|registration| {
            ["clientId", "appId", "consumerKey"]
                .iter()
                .filter_map(|name| member(registration, name)?.as_str())
                .any(|id| !id.is_empty())
        });
        enabled && client
    };
    let mut names = Vec::new();
    for (name, provider) in providers {
        if name.eq_ignore_ascii_case("azureActiveDirectory") {
            continue;
        }
        // `openIdConnectProviders` in auth.json, `customOpenIdConnectProviders` in ARM: a map of names.
        if name.to_ascii_lowercase().ends_with("openidconnectproviders") {
            let custom = provider.as_object().into_iter().flatten();
            let custom = custom.filter(|(_, provider)| configured(provider));
            names.extend(custom.map(|(name, _)| format!("{name} (OpenID Connect)")));
        } else if configured(provider) {
            names.push(name.clone());
        }
    }
    names
}

/// Members that are neither known nor known to be misplaced; and into `hidden` the known ones that are missing beside
/// them, because what isn't understood may be theirs.
fn unread(value: &Value, hidden: &mut Notes) -> Vec<String> {
    const MOST: usize = 20;
    let mut found = Vec::new();
    for (path, deciding, others) in KNOWN {
        let place = path.iter().try_fold(value, |value, name| member(value, name));
        let Some(members) = place.and_then(Value::as_object) else {
            continue;
        };
        let is = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let misplaced = |name: &str| is_misplaced(path, name);
        let envelope = |name: &str| path.is_empty() && is(&ENVELOPE, name);
        let missing: Vec<&&str> =
            deciding.iter().filter(|name| place.is_some_and(|place| member(place, name).is_none())).collect();
        // What a registration has besides its client ID decides nothing.
        let decides = path.last() != Some(&"registration") || missing.iter().any(|name| **name == "clientId");
        let before = found.len();
        for (name, member) in members {
            let is_empty = member.is_null() || member.as_object().is_some_and(Map::is_empty);
            let is_known = is(deciding, name) || is(others, name) || misplaced(name) || envelope(name);
            // A setting in a tool's spelling is one, whatever is beside it.
            if !is_empty && !is_known && (decides || home(name).is_some()) {
                found.push(joined(path, as_a_setting(name)));
            }
        }
        if found.len() > before {
            hidden.extend(missing.into_iter().map(|name| joined(path, name)));
        }
    }
    found.truncate(MOST);
    found
}

fn joined(path: &[&str], name: &str) -> String {
    path.iter().copied().chain([name]).collect::<Vec<_>>().join(".")
}

/// Whether an object has a member of the V2 object under its own name, or under the name that a tool's own language
/// gives it (`identity_providers`).
pub(super) fn is_v2(value: &Value) -> bool {
    value.as_object().into_iter().flatten().any(|(name, member)| {
        let plain = name.replace('_', "");
        !member.is_null() && MEMBERS.iter().any(|known| known.eq_ignore_ascii_case(&plain))
    })
}

/// A member's name, where it can be a setting's: it is from a file, and may be anything.
fn as_a_setting(name: &str) -> &str {
    let is_one = name.len() <= 60 && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-".contains(&byte));
    if is_one { name } else { "…" }
}

/// The CLI writes one member otherwise than the wire has it.
fn with_wire_names(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let name = if name.eq_ignore_ascii_case("disableWWWAuthenticate") {
                        "disableWWWAuthenticate".to_owned()
                    } else {
                        name
                    };
                    (name, with_wire_names(value))
                })
                .collect(),
        ),
        other => other,
    }
}

/// The object in the form that a PUT of `authsettingsV2` requires.
fn editable(value: &Value) -> Value {
    let clean = with_wire_names(without_secrets(value));
    let mut properties = Map::new();
    for (name, value) in clean.as_object().into_iter().flatten() {
        if !ENVELOPE.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            properties.insert(name.clone(), value.clone());
        }
    }
    if let Some(Value::Object(providers)) = properties.get_mut("identityProviders")
        && let Some(custom) = providers.shift_remove("openIdConnectProviders")
    {
        providers.insert("customOpenIdConnectProviders".to_owned(), custom);
    }
    json!({ "properties": properties })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_not_known_is_listed_and_makes_the_policy_open() {
        let settings = AuthSettings::from_json(&json!({"properties": {
            "platform": {"enabled": true, "flavor": "mint"},
            "globalValidation": {"requireAuthentication": true, "Redirecttoprovider": "azureActiveDirectory"},
            "identityProviders": {"azureActiveDirectory": {
                "registration": {"clientId": "0f8fad5b-d9cb-469f-a165-70867728950e", "anything": 1},
                "validation": {
                    "allowedAudiences": [], "nothing": null, "empty": {},
                    "defaultAuthorizationPolicy": {
                        "allowedApplications": ["a"], "allowedRegions": ["x"], "s3cret-\u{1b}[31m": 1, "identities": []
                    }
                }
            }}
        }}))
        .unwrap();
        assert_eq!(
            settings.unread,
            [
                "platform.flavor",
                "identityProviders.azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedRegions",
                "identityProviders.azureActiveDirectory.validation.defaultAuthorizationPolicy.…"
            ]
        );
        // A part of the policy in the wrong place counts as well: the identities.
        assert_eq!(settings.unread_policy().count(), 3);
    }
}
