//! App 2's settings: members that are not known keep their names and lose their values.

use std::path::PathBuf;

use easyauth_doctor::report::written;
use serde_json::{Value, json};

use crate::helpers::outputs::{came_back_the_same, leak, outputs};
use crate::helpers::server::RESOURCE;
use crate::helpers::world::World;

const SECRET: &str = "sT5gHyUj7kIlO9pQaZwSxEdC";
const CALLER: &str = "c0000000-0000-4000-8000-000000000001";

/// Settings whose policy doesn't list the caller, with more members at the root of the Entra provider's registration.
fn settings(more: &Value) -> Value {
    let mut settings = json!({"properties": {
        "platform": {"enabled": true},
        "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401"},
        "identityProviders": {"azureActiveDirectory": {
            "enabled": true,
            "registration": {"clientId": RESOURCE.trim_start_matches("api://"),
                "openIdIssuer": "https://sts.windows.net/11111111-2222-4333-8444-555555555555/",
                "clientSecretSettingName": "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET"},
            "validation": {"allowedAudiences": [RESOURCE],
                "defaultAuthorizationPolicy": {"allowedApplications": ["a0000000-0000-4000-8000-000000000009"]}}}}}});
    let registration = settings
        .pointer_mut("/properties/identityProviders/azureActiveDirectory/registration")
        .and_then(Value::as_object_mut)
        .unwrap();
    registration.extend(more.as_object().unwrap().clone());
    settings
}

fn world(settings: &Value) -> (World, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("settings.json");
    std::fs::write(&path, settings.to_string()).unwrap();
    let mut world =
        World::refusing("403 Forbidden", "x-ms-middleware-request-id: 0f8fad5b-d9cb-469f-a165-70867728950f\r\n", "");
    world.inputs.auth_settings = Some(path);
    (world, folder)
}

#[test]
fn secrets_under_any_name_are_neither_shown_nor_written() {
    for name in [
        "clientSecretValue",
        "apiKey",
        "connectionString",
        "sharedAccessKey",
        "somethingNew",
        "sasUrl",
        "privateKeyPem",
        "clientSecret",
        "x",
    ] {
        for value in
            [json!(SECRET), json!({"inner": [SECRET]}), json!(format!("Endpoint=sb://x/;SharedAccessKey={SECRET}"))]
        {
            let (world, _folder) = world(&settings(&json!({name: value})));
            let report = world.observe();
            let cause = report.diagnosis().root_cause.as_ref().unwrap();
            assert_eq!(cause.code.name(), "caller-not-in-allowed-applications", "{name}");
            let outputs = outputs(&report);
            assert_eq!(leak(&outputs, SECRET), None, "{name}");
            came_back_the_same(name, &outputs);
            match written::edited_settings(&report) {
                // What is known to be a secret that is only written is left out.
                Ok((text, _)) => assert!(["clientSecret", "sasUrl"].contains(&name), "{text}"),
                Err(reason) => assert!(reason.to_string().contains(name), "{name}: {reason}"),
            }
        }
    }
}

#[test]
fn unknown_members_that_hold_no_secret_are_written_back() {
    let (world, _folder) = world(&settings(&json!({"futureFlag": true, "futureMode": "Strict", "futureLimit": 7})));
    let report = world.observe();
    let (text, _) = written::edited_settings(&report).unwrap();
    let edited: Value = serde_json::from_str(&text).unwrap();
    let provider = edited.pointer("/properties/identityProviders/azureActiveDirectory").unwrap();
    assert_eq!(provider["registration"]["futureMode"], "Strict");
    assert_eq!(provider["registration"]["futureLimit"], 7);
    let list = provider["validation"]["defaultAuthorizationPolicy"]["allowedApplications"].as_array().unwrap();
    assert!(list.contains(&json!(CALLER)) && list.len() == 2, "{text}");
    came_back_the_same("unknown members", &outputs(&report));
    // A saved case no longer has the values, so nothing is written of it that would take a setting away.
    let saved = written::saved(std::slice::from_ref(&report), false);
    let opened = easyauth_doctor::report::Report::of(serde_json::from_str(&saved).unwrap());
    let reason = written::edited_settings(&opened).unwrap_err().to_string();
    assert!(reason.contains("futureMode"), "{reason}");
}

/// Settings with a value at a path below `properties`.
fn with_value(path: &str, value: &Value) -> Value {
    let mut settings = settings(&json!({}));
    let mut place = &mut settings["properties"];
    for name in path.split('.') {
        place = &mut place[name];
    }
    *place = value.clone();
    settings
}

#[test]
fn a_secret_under_a_name_whose_values_are_shown_is_not_shown() {
    const REGISTRATION: &str = "identityProviders.azureActiveDirectory.registration";
    for path in [
        format!("{REGISTRATION}.clientSecretSettingName"),
        format!("{REGISTRATION}.clientSecretCertificateThumbprint"),
        format!("{REGISTRATION}.clientId"),
        format!("{REGISTRATION}.openIdIssuer"),
        format!("{REGISTRATION}.thumbprint"),
        "httpSettings.forwardProxy.customHostHeaderName".to_owned(),
        "httpSettings.forwardProxy.customProtoHeaderName".to_owned(),
        "httpSettings.forwardProxy.convention".to_owned(),
        "login.tokenStore.azureBlobStorage.sasUrlSettingName".to_owned(),
        "login.allowedExternalRedirectUrls".to_owned(),
        "globalValidation.redirectToProvider".to_owned(),
        "globalValidation.excludedPaths".to_owned(),
        "identityProviders.google.registration.clientId".to_owned(),
        "identityProviders.twitter.registration.consumerKey".to_owned(),
        "identityProviders.azureActiveDirectory.validation.allowedAudiences".to_owned(),
        "platform.runtimeVersion".to_owned(),
        "platform.configFilePath".to_owned(),
    ] {
        for value in [
            json!(SECRET),
            json!([RESOURCE, SECRET]),
            json!(format!("https://user:{SECRET}@host.example/")),
            json!(format!("https://host.example/x?sig={SECRET}")),
        ] {
            let (world, _folder) = world(&with_value(&path, &value));
            let report = world.observe();
            let mut outputs = outputs(&report);
            // The settings to send back are App 2's own, and are written to a file that only this user can read.
            outputs.retain(|(form, _)| form != "settings");
            assert_eq!(leak(&outputs, SECRET), None, "{path}: {value}");
            // Opened again, it is judged the same, and shows nothing either.
            let saved = written::saved(std::slice::from_ref(&report), false);
            let opened = easyauth_doctor::report::Report::of(serde_json::from_str(&saved).unwrap());
            assert_eq!(opened.verdict(), report.verdict(), "{path}: {value}");
        }
    }
}
