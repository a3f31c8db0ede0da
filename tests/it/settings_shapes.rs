//! The same App 2 in every shape that a person can get its settings in reads as the same settings.

use easyauth_doctor::case::audience::Audience;
use easyauth_doctor::case::auth_settings::{AuthSettings, Shape, Wanted};
use easyauth_doctor::case::ids::{ClientId, TenantId};
use easyauth_doctor::case::issuer::Issuer;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

const CLIENT: &str = "11111111-2222-3333-4444-555555555555";
const ISSUER: &str = "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";

fn properties() -> Value {
    json!({
        "platform": {"enabled": true, "runtimeVersion": "~1"},
        "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401",
            "redirectToProvider": "azureactivedirectory", "excludedPaths": ["/health"]},
        "identityProviders": {
            "azureActiveDirectory": {
                "registration": {"clientId": CLIENT, "openIdIssuer": ISSUER,
                    "clientSecretSettingName": "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET"},
                "login": {"disableWWWAuthenticate": false},
                "validation": {
                    "allowedAudiences": [format!("api://{CLIENT}")],
                    "jwtClaimChecks": {},
                    "defaultAuthorizationPolicy": {
                        "allowedPrincipals": {"identities": ["99999999-2222-3333-4444-555555555555"]},
                        "allowedApplications": [CLIENT, "88888888-2222-3333-4444-555555555555"]
                    }
                }
            }
        },
        "login": {"tokenStore": {"enabled": true}, "routes": {}},
        "httpSettings": {"requireHttps": true, "routes": {"apiPrefix": "/.auth"}}
    })
}

fn envelope(properties: Value) -> Value {
    json!({"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/app2/config/authsettingsV2",
        "name": "authsettingsV2", "type": "Microsoft.Web/sites/config",
        "location": "West Europe", "properties": properties})
}

/// The newer `az webapp auth show`: no envelope, absent values as null, another spelling.
fn flattened() -> Value {
    let mut flat = properties();
    for (name, value) in [
        ("id", json!("/subscriptions/s/x")),
        ("kind", Value::Null),
        ("name", json!("authsettingsV2")),
        ("resourceGroup", json!("g")),
        ("systemData", Value::Null),
        ("type", json!("Microsoft.Web/sites/config")),
    ] {
        flat[name] = value;
    }
    flat["identityProviders"]["facebook"] = Value::Null;
    let directory = &mut flat["identityProviders"]["azureActiveDirectory"];
    directory["enabled"] = Value::Null;
    directory["login"] = json!({"disableWwwAuthenticate": false, "loginParameters": null});
    flat["platform"]["configFilePath"] = Value::Null;
    flat
}

fn terraform_app(name: &str) -> Value {
    json!({"address": format!("azurerm_linux_web_app.{name}"), "type": "azurerm_linux_web_app", "name": name,
        "values": {"name": name, "default_hostname": format!("{name}.azurewebsites.net"), "app_settings": {"A": "b"},
        "auth_settings": [], "auth_settings_v2": [{
            "auth_enabled": true, "runtime_version": "~1", "config_file_path": "", "require_authentication": true,
            "unauthenticated_action": "Return401", "default_provider": "azureactivedirectory",
            "excluded_paths": ["/health"], "require_https": true, "http_route_api_prefix": "/.auth",
            "login": [{"token_store_enabled": true}], "apple_v2": [], "google_v2": [],
            "active_directory_v2": [{"client_id": CLIENT, "tenant_auth_endpoint": ISSUER,
                "client_secret_setting_name": "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET",
                "www_authentication_disabled": false, "jwt_allowed_groups": [], "jwt_allowed_client_applications": [],
                "allowed_groups": [], "allowed_identities": ["99999999-2222-3333-4444-555555555555"],
                "allowed_applications": [CLIENT, "88888888-2222-3333-4444-555555555555"],
                "allowed_audiences": [format!("api://{CLIENT}")]}]
        }]
    }})
}

fn terraform(place: &str, apps: &[Value]) -> Value {
    let module = json!({"root_module": {"resources": [{"type": "azurerm_resource_group", "values": {}}],
        "child_modules": [{"resources": apps}]}});
    match place {
        "prior_state" => json!({"format_version": "1.2", "prior_state": {"values": module}}),
        other => json!({"format_version": "1.0", "terraform_version": "1.9.0", other: module}),
    }
}

fn template(resources: Value) -> Value {
    json!({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "parameters": {}, "resources": resources})
}

fn utf16(value: &Value, big: bool, mark: bool) -> Vec<u8> {
    let mut units: Vec<u16> = value.to_string().encode_utf16().collect();
    if mark {
        units.insert(0, 0xfeff);
    }
    units.into_iter().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn upper_case_names(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.to_uppercase(), upper_case_names(value))).collect())
        }
        other => other.clone(),
    }
}

/// What does not depend on the shape. Absent lists and empty ones are written alike by some tools.
fn meaning(settings: AuthSettings) -> AuthSettings {
    let mut settings = AuthSettings {
        shape: Shape::V2,
        incomplete: None,
        config_version: None,
        editable: None,
        site_id: None,
        planned: false,
        is_function_app: false,
        ..settings
    };
    if let Some(entra) = &mut settings.entra {
        let applications = &mut entra.claim_check_applications;
        *applications = applications.take().filter(|list| !list.is_empty());
        for list in [&mut entra.claim_check_groups, &mut entra.allowed_groups] {
            *list = list.take().filter(|list| !list.is_empty());
        }
    }
    settings
}

#[rstest]
#[case::resource_manager(envelope(properties()), Shape::Arm)]
#[case::older_cli(json!({"id": "x", "properties": properties()}), Shape::Arm)]
#[case::bare(properties(), Shape::V2)]
#[case::newer_cli(flattened(), Shape::V2)]
#[case::other_case(json!({"PROPERTIES": upper_case_names(&properties())}), Shape::Arm)]
#[case::list_of_configs(
    json!({"value": [{"name": "web", "properties": {"siteAuthEnabled": true}}, envelope(properties())]}),
    Shape::Arm
)]
#[case::array(json!([envelope(properties())]), Shape::Arm)]
#[case::text_in_json(json!(properties().to_string()), Shape::V2)]
#[case::app_settings(
    json!([{"name": "WEBSITE_AUTH_V2_CONFIG_JSON", "slotSetting": false, "value": properties().to_string()}]),
    Shape::V2
)]
#[case::terraform_state(terraform("values", &[terraform_app("app2")]), Shape::Terraform)]
#[case::terraform_plan(terraform("planned_values", &[terraform_app("app2")]), Shape::Terraform)]
#[case::terraform_prior_state(terraform("prior_state", &[terraform_app("app2")]), Shape::Terraform)]
#[case::template_flat(template(json!([
    {"type": "Microsoft.Web/sites", "name": "app2", "properties": {}},
    {"type": "Microsoft.Web/sites/config", "name": "[format('{0}/{1}', 'app2', 'authsettingsV2')]",
        "properties": properties()}
])), Shape::Template)]
#[case::template_nested(template(json!([
    {"type": "Microsoft.Web/sites", "name": "app2", "resources": [
        {"type": "config", "name": "authsettingsV2", "properties": properties()}]}
])), Shape::Template)]
#[case::template_symbolic(template(json!({
    "module": {"type": "Microsoft.Resources/deployments", "name": "m", "properties": {"template": template(json!({
        "auth": {"type": "Microsoft.Web/sites/config", "name": "app2/authsettingsV2", "properties": properties()}}))}}
})), Shape::Template)]
#[case::terraform_state_file(json!({"version": 4, "terraform_version": "1.9.0", "resources": [
    {"mode": "managed", "type": "azapi_resource", "name": "auth", "instances": [{"attributes": {
        "type": "Microsoft.App/containerApps/authConfigs@2024-03-01", "name": "current",
        "body": {"properties": properties()}}}]}
]}), Shape::Terraform)]
#[case::pulumi_state(json!({"version": 3, "deployment": {"resources": [
    {"type": "azure-native:web:WebAppAuthSettingsV2", "inputs": {"identityProviders": {}}, "outputs": properties()}
]}}), Shape::V2)]
#[case::deployment_parameters(json!({"contentVersion": "1.0.0.0", "parameters": {
    "authSettingV2Configuration": {"value": properties()}, "kind": {"value": "app"}
}}), Shape::V2)]
#[case::export_of_ones_own(json!({"app2": {"authSettings": properties()}}), Shape::V2)]
fn one_app_in_every_shape(#[case] value: Value, #[case] shape: Shape) {
    let expected = meaning(AuthSettings::from_json(&properties()).unwrap());
    let entra = expected.entra.as_ref().unwrap();
    assert_eq!(entra.client_id, Some(ClientId::new(CLIENT)));
    assert_eq!(entra.allowed_applications.as_ref().unwrap().len(), 2);
    for bytes in [
        value.to_string().into_bytes(),
        format!("\u{feff}{value:#}\r\n").into_bytes(),
        utf16(&value, false, true),
        utf16(&value, true, true),
        utf16(&value, false, false),
        utf16(&value, true, false),
    ] {
        let settings = AuthSettings::from_bytes(&bytes).unwrap();
        assert_eq!(settings.shape, shape);
        assert_eq!(meaning(settings), expected);
    }
}

#[test]
fn comments_and_last_commas_are_read_and_two_apps_are_not() {
    let commented = format!("{{ // the app's\n\"properties\": {:#}, /* all */ }}", properties());
    let settings = AuthSettings::from_bytes(commented.as_bytes()).unwrap();
    assert_eq!(meaning(settings), meaning(AuthSettings::from_json(&properties()).unwrap()));
    let mut other = properties();
    other["globalValidation"]["unauthenticatedClientAction"] = json!("AllowAnonymous");
    let two = json!({"a": properties(), "b": other});
    assert!(AuthSettings::from_bytes(two.to_string().as_bytes()).is_err());
}

#[test]
fn an_environment_block_gives_the_same() {
    let json = properties().to_string();
    for block in [
        format!("WEBSITE_SITE_NAME=app2\0WEBSITE_AUTH_ENABLED=True\0WEBSITE_AUTH_V2_CONFIG_JSON={json}\0"),
        format!("WEBSITE_AUTH_ENABLED=True\nWEBSITE_AUTH_V2_CONFIG_JSON={json}\r\n"),
        format!("export WEBSITE_AUTH_V2_CONFIG_JSON='{json}'\n"),
        format!("declare -x WEBSITE_AUTH_V2_CONFIG_JSON=\"{}\"\n", json.replace('"', "\\\"")),
    ] {
        let settings = AuthSettings::from_bytes(block.as_bytes()).unwrap();
        assert_eq!(meaning(settings), meaning(AuthSettings::from_json(&properties()).unwrap()), "{block}");
    }
}

/// The classic view in both of its forms, Terraform's classic block and the single variables agree on what they show.
#[test]
fn views_that_lose_the_policy_say_so() {
    let flat = json!({"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/app2/config/authsettings",
        "name": "authsettings", "enabled": true, "runtimeVersion": "~1", 
        "unauthenticatedClientAction": "RedirectToLoginPage",
        "defaultProvider": "AzureActiveDirectory", "clientId": CLIENT, "clientSecret": "hunter2hunter2",
        "issuer": ISSUER,
        "allowedAudiences": ["api://a", "api://b"], "tokenStoreEnabled": true, "isAuthFromFile": "false",
        "configVersion": "v2"});
    let enveloped = json!({"id": flat["id"], "name": "authsettings", "properties": flat});
    let variables = format!(
        "WEBSITE_AUTH_ENABLED=True\nWEBSITE_AUTH_CLIENT_ID={CLIENT}\nWEBSITE_AUTH_OPENID_ISSUER={ISSUER}\n\
         WEBSITE_AUTH_ALLOWED_AUDIENCES=api://a api://b\nWEBSITE_AUTH_UNAUTHENTICATED_ACTION=RedirectToLoginPage\n\
         WEBSITE_AUTH_AAD_ALLOWED_TENANTS=t1, t2\nWEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL=1"
    );
    let terraform = terraform(
        "values",
        &[json!({"address": "a", "values": {
        "name": "app2", "auth_settings": [{"enabled": true, "issuer": ISSUER,
            "default_provider": "AzureActiveDirectory", "unauthenticated_client_action": "RedirectToLoginPage",
            "active_directory": [{"client_id": CLIENT, "allowed_audiences": ["api://a", "api://b"]}]}]}})],
    );
    for text in [flat.to_string(), enveloped.to_string(), variables.clone(), terraform.to_string()] {
        let settings = AuthSettings::from_bytes(text.as_bytes()).unwrap();
        assert_eq!(settings.enabled, Some(true), "{text}");
        assert_eq!(settings.unauthenticated_action.as_deref(), Some("RedirectToLoginPage"));
        let entra = settings.entra.as_ref().unwrap();
        assert_eq!((&entra.client_id, &entra.issuer), (&Some(ClientId::new(CLIENT)), &Some(Issuer::new(ISSUER))));
        assert_eq!(entra.allowed_audiences, Some(["api://a", "api://b"].map(Audience::new).to_vec()));
        assert!(!settings.shows_policy() && settings.incomplete.is_some() && settings.editable.is_none());
        assert!(!serde_json::to_string(&settings).unwrap().contains("hunter2"));
    }
    let settings = AuthSettings::from_bytes(variables.as_bytes()).unwrap();
    assert_eq!(settings.allowed_tenants, Some(vec![TenantId::new("t1"), TenantId::new("t2")]));
    assert_eq!(settings.require_client_service_principal, Some(true));
    let from_file = AuthSettings::from_json(&json!({"properties": {"enabled": true, "isAuthFromFile": "true",
        "authFilePath": "auth.json", "configVersion": "v1"}}))
    .unwrap();
    assert_eq!(from_file.config_file_path.as_deref(), Some("auth.json"));
    assert!(from_file.shows_policy() && from_file.incomplete.is_none());
    let web = AuthSettings::from_json(&json!({"name": "web", "properties": {"siteAuthEnabled": false}})).unwrap();
    assert_eq!((web.shape, web.enabled), (Shape::WebConfig, Some(false)));
}

#[test]
fn the_provider_alone_and_a_site_without_settings() {
    let provider = AuthSettings::from_json(&properties()["identityProviders"]["azureActiveDirectory"]).unwrap();
    assert_eq!(provider.shape, Shape::EntraProvider);
    assert!(provider.enabled.is_none() && provider.incomplete.is_some());
    assert_eq!(provider.entra.unwrap().client_id, Some(ClientId::new(CLIENT)));
    assert_eq!(AuthSettings::from_json(&json!({})).unwrap().entra, None);
    assert_eq!(AuthSettings::from_json(&envelope(json!({}))).unwrap().enabled, Some(false));
}

#[test]
fn what_stands_in_the_wrong_place_is_told() {
    let settings = AuthSettings::from_json(&json!({"platform": {"enabled": true}, "identityProviders": {
        "azureActiveDirectory": {"clientId": CLIENT, "openIdIssuer": ISSUER,
            "validation": {"allowedApplications": ["x"]}},
        "google": {"registration": {"clientId": "g"}},
        "twitter": {"enabled": false, "registration": {"consumerKey": "t"}},
        "customOpenIdConnectProviders": {"okta": {"registration": {"clientId": "o"}}}}}))
    .unwrap();
    assert_eq!(
        settings.misplaced,
        [
            "azureActiveDirectory.clientId",
            "azureActiveDirectory.openIdIssuer",
            "azureActiveDirectory.validation.allowedApplications"
        ]
    );
    assert_eq!(settings.other_providers, ["google", "okta (OpenID Connect)"]);
    assert_eq!(settings.entra.unwrap().client_id, None);
}

#[test]
fn expressions_of_a_template_are_no_values() {
    let mut with_expressions = properties();
    let directory = &mut with_expressions["identityProviders"]["azureActiveDirectory"];
    directory["registration"]["clientId"] = json!("[parameters('clientId')]");
    directory["validation"]["allowedAudiences"] = json!(["api://a", "[format('api://{0}', parameters('clientId'))]"]);
    directory["validation"]["defaultAuthorizationPolicy"]["allowedApplications"] = json!("[variables('apps')]");
    let settings = AuthSettings::from_json(&template(json!([
        {"type": "Microsoft.Web/sites/config", "name": "app2/authsettingsV2", "properties": with_expressions}])))
    .unwrap();
    let entra = settings.entra.as_ref().unwrap();
    assert_eq!((&entra.client_id, &entra.allowed_audiences, &entra.allowed_applications), (&None, &None, &None));
    assert!(settings.is_undetermined("allowedAudiences") && settings.is_undetermined("allowedApplications"));
    assert!(settings.is_undetermined("clientId") && !settings.is_undetermined("openIdIssuer"));
    assert_eq!(settings.editable, None);
}

#[test]
fn the_editable_object_is_whole_and_holds_no_secret() {
    let mut value = flattened();
    value["identityProviders"]["google"] = json!({"registration": {"clientId": "g", "clientSecret": "hunter2hunter2"}});
    value["identityProviders"]["openIdConnectProviders"] = json!({"okta": {"enabled": false}});
    let editable = AuthSettings::from_json(&value).unwrap().editable.unwrap();
    let names: Vec<&String> = editable["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["platform", "globalValidation", "identityProviders", "login", "httpSettings"]);
    let providers = &editable["properties"]["identityProviders"];
    assert_eq!(providers["google"], json!({"registration": {"clientId": "g"}}));
    assert!(providers["customOpenIdConnectProviders"].is_object());
    assert_eq!(
        providers["azureActiveDirectory"]["registration"]["clientSecretSettingName"],
        "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET"
    );
}

#[test]
fn several_apps_are_told_apart_by_host_name_or_named() {
    let mut other = terraform_app("other");
    other["values"]["auth_settings_v2"][0]["auth_enabled"] = json!(false);
    let bytes = terraform("values", &[terraform_app("app2"), other]).to_string().into_bytes();
    let error = AuthSettings::from_bytes(&bytes).unwrap_err().to_string();
    assert!(
        error.contains("azurerm_linux_web_app.app2 at app2.azurewebsites.net") && error.contains("2 apps"),
        "{error}"
    );
    let chosen = |host| {
        AuthSettings::from_bytes_for(&bytes, Wanted { host: Some(host), id: None }).map(|settings| settings.enabled)
    };
    assert_eq!(chosen("other.azurewebsites.net"), Ok(Some(false)));
    assert_eq!(chosen("APP2.azurewebsites.net:443"), Ok(Some(true)));
    assert!(chosen("third.example.com").is_err());
}

#[rstest]
#[case("", "empty")]
#[case("<!DOCTYPE html><html>", "web page")]
#[case("resource \"azurerm_linux_web_app\" \"a\" {\n  name = \"x\"\n}", "terraform show -json")]
#[case("param name string\nresource app 'Microsoft.Web/sites@2022-03-01' = {", "bicep build")]
#[case("{\"platform\": {\"enabled\": tru", "invalid")]
#[case("PATH=/bin\nHOME=/root", "WEBSITE_AUTH_")]
#[case("{\"error\": {\"code\": \"AuthorizationFailed\", \"message\": \"no\"}}", "AuthorizationFailed")]
#[case("{\"appId\": \"x\", \"identifierUris\": []}", "appId, identifierUris")]
#[case("{\"defaultHostName\": \"x\", \"kind\": \"app\"}", "the site itself")]
#[case("[]", "an empty list")]
#[case("42", "42")]
#[case("Enabled    ClientId\n---------  ---", "--output json")]
#[case("{\"terraform_version\": \"1\", \"values\": {\"root_module\": {}}}", "auth_settings_v2")]
#[case("{\"$schema\": \"https://x/deploymentTemplate.json#\", \"resources\": []}", "authsettingsV2")]
fn what_is_no_settings_is_refused_in_words(#[case] text: &str, #[case] expected: &str) {
    let error = AuthSettings::from_bytes(text.as_bytes()).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

/// Puts a value at a place in a tree, as deep as the path and the tree go.
fn put(place: &mut Value, path: &[prop::sample::Index], damage: Value) {
    let inner = match (path.first(), &mut *place) {
        (Some(index), Value::Object(members)) if !members.is_empty() => {
            let at = index.index(members.len());
            members.values_mut().nth(at)
        }
        (Some(index), Value::Array(items)) if !items.is_empty() => {
            let at = index.index(items.len());
            items.get_mut(at)
        }
        _ => None,
    };
    match inner {
        Some(inner) => put(inner, &path[1..], damage),
        None => *place = damage,
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = AuthSettings::from_bytes(&bytes);
    }

    /// Any part of a real file, with something else in its place, is read or refused, never more.
    #[test]
    fn damaged_files_never_panic(
        pick in any::<prop::sample::Index>(),
        path in proptest::collection::vec(any::<prop::sample::Index>(), 1..6),
        damage in prop_oneof![
            Just(json!(null)), Just(json!([])), Just(json!({})), Just(json!("[x()]")), Just(json!(7)), Just(json!([[]]))
        ],
    ) {
        let shapes = [
            envelope(properties()),
            flattened(),
            terraform("values", &[terraform_app("app2")]),
            template(json!([
                {"type": "Microsoft.Web/sites/config", "name": "authsettingsV2", "properties": properties()}])),
        ];
        let mut value = pick.get(&shapes).clone();
        put(&mut value, &path, damage);
        prop_assert_eq!(AuthSettings::from_json(&value), AuthSettings::from_json(&value));
    }
}
