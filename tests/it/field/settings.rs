//! Field cases of App 2's settings and its log: shapes and spellings that people have, and lines that others wrote.
//!
//! A world of the lab is observed once; a case takes its settings or its log in the form at hand, and is judged again.

use std::collections::BTreeSet;

use easyauth_doctor::case::Case;
use easyauth_doctor::case::auth_settings::{AuthSettings, SettingsError, SettingsReading, SettingsSource};
use easyauth_doctor::case::code::Code;
use easyauth_doctor::case::step::StepId;
use easyauth_doctor::case::target_log::TargetLog;
use easyauth_doctor::check;
use easyauth_doctor::diagnosis::Change;
use easyauth_doctor::evidence::Evidence;
use easyauth_doctor::knowledge::Found;
use easyauth_doctor::report::fixes::fill;
use easyauth_doctor::report::{Confidence, Report, Severity, Verdict};
use rstest::rstest;
use serde_json::{Value, json};

use crate::helpers::observing::{self, candidates, root};

const TRAP: &str = "caller-not-in-allowed-applications";
const SITE: &str =
    "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers/Microsoft.Web/sites/app2";
const CONTAINER_APP: &str =
    "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers/Microsoft.App/containerApps/ca2";

/// A world without anything that was read of App 2 in Azure, and its settings.
pub(crate) fn world(scenario: &str) -> (Case, Value) {
    let mut case = observing::of(scenario, true).report.observed().clone();
    let stored = case.settings.iter().find_map(|reading| reading.outcome.as_deref().ok()?.editable.clone());
    case.settings.clear();
    case.registration = None;
    case.site = None;
    (case, stored.unwrap()["properties"].clone())
}

fn with_settings(mut case: Case, file: &[u8]) -> Report {
    case.settings = vec![SettingsReading {
        source: SettingsSource::File("settings.json".to_owned()),
        outcome: Ok(Box::new(AuthSettings::from_bytes(file).unwrap())),
    }];
    Report::of(case)
}

/// The world with its settings in this form.
fn judged(scenario: &str, form: impl Fn(Value) -> Value) -> Report {
    let (case, properties) = world(scenario);
    with_settings(case, form(properties).to_string().as_bytes())
}

/// Codes that something was concluded from, in any step.
fn errors(report: &Report) -> BTreeSet<Code> {
    let found = report.steps().iter().flat_map(|step| &step.findings);
    found
        .filter(|finding| finding.severity == Severity::Error && finding.confidence > Confidence::Possible)
        .map(|finding| finding.code)
        .collect()
}

/// Whether a finding says that the settings contradict it.
fn is_contradicted(report: &Report) -> bool {
    let steps = check::all(&Evidence::of(report.observed()));
    let mut found = steps.iter().flat_map(|step| &step.findings);
    found.any(|found| found.says.key() == Some("authorization.settings-contradict"))
}

fn envelope(properties: Value) -> Value {
    json!({"id": format!("{SITE}/config/authsettingsV2"), "name": "authsettingsV2",
        "type": "Microsoft.Web/sites/config", "properties": properties})
}

/// Every object below the first one wrapped into a `properties` of its own.
fn nested(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let inner: serde_json::Map<_, _> =
                members.iter().map(|(name, value)| (name.clone(), nested(value))).collect();
            json!({"properties": inner})
        }
        other => other.clone(),
    }
}

fn snake(value: &Value) -> Value {
    let name = |name: &str| {
        name.chars().fold(String::new(), |mut all, letter| {
            if letter.is_ascii_uppercase() {
                all.push('_');
            }
            all.push(letter.to_ascii_lowercase());
            all
        })
    };
    match value {
        Value::Object(members) => Value::Object(members.iter().map(|(key, value)| (name(key), snake(value))).collect()),
        other => other.clone(),
    }
}

fn renamed(mut properties: Value, path: &str, to: &str) -> Value {
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = properties.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    let value = parent.remove(name).unwrap();
    parent.insert(to.to_owned(), value);
    properties
}

fn terraform(resource: Value) -> Value {
    json!({"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {"resources": [resource]}}})
}

fn azapi(kind: &str, values: Value) -> Value {
    terraform(
        json!({"address": format!("{kind}.auth"), "mode": "managed", "type": kind, "name": "auth", "values": values}),
    )
}

fn template(resource: Value) -> Value {
    json!({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": [resource]})
}

fn with_list(mut properties: Value, list: Value) -> Value {
    properties.pointer_mut(POLICY).unwrap()["allowedApplications"] = list;
    properties
}

const POLICY: &str = "/identityProviders/azureActiveDirectory/validation/defaultAuthorizationPolicy";

// ------------------------------------------------------------------------------------------------ T2: shapes

/// Whatever wraps them, these are App 2's settings: the policy in them explains the 403.
#[rstest]
#[case::azapi_config_web(|p| azapi("azapi_update_resource", json!({"type": "Microsoft.Web/sites/config@2020-12-01",
    "name": "web", "resource_id": format!("{SITE}/config/web"),
    "body": json!({"properties": {"siteAuthSettingsV2": p}}).to_string()})))]
#[case::config_web(|p| json!({"id": format!("{SITE}/config/web"), "name": "web", "type": "Microsoft.Web/sites/config",
    "properties": {"siteAuthEnabled": true, "siteAuthSettingsV2": p}}))]
#[case::invoke_az_rest_method(|p| json!({"Headers": [], "Version": "1.1", "StatusCode": 200, "Method": "GET",
    "Content": envelope(p).to_string()}))]
#[case::container_app_show(|p| p)]
#[case::container_app_azapi(|p| azapi("azapi_resource", json!({"name": "current", "parent_id": CONTAINER_APP,
    "type": "Microsoft.App/containerApps/authConfigs@2024-03-01", "body": {"properties": p}})))]
#[case::container_app_template(|p| template(json!({"type": "Microsoft.App/containerApps/authConfigs",
    "apiVersion": "2024-03-01", "name": "[format('{0}/{1}', 'ca-app2', 'current')]", "properties": p})))]
// Siblings. The first seven are the same settings in other wrappings, so the answer is the same.
#[case::azapi_action(|p| azapi("azapi_resource_action", json!({"type": "Microsoft.Web/sites/config@2023-12-01",
    "resource_id": format!("{SITE}/config/authsettingsV2"), "method": "PUT", "body": {"properties": p}})))]
#[case::azapi_data(|p| azapi("azapi_resource", json!({"type": "Microsoft.App/containerApps/authConfigs@2025-01-01",
    "name": "current", "resource_id": format!("{CONTAINER_APP}/authConfigs/current"), "output": {"properties": p}})))]
#[case::azapi_slot(|p| azapi("azapi_update_resource", json!({"type": "Microsoft.Web/sites/slots/config@2022-03-01",
    "name": "authsettingsV2", "parent_id": format!("{SITE}/slots/blue"), "body": {"properties": p}})))]
#[case::azapi_site(|p| azapi("azapi_resource", json!({"type": "Microsoft.Web/sites@2023-12-01", "name": "app2",
    "parent_id": "/subscriptions/s/resourceGroups/rg",
    "body": {"properties": {"siteConfig": {"siteAuthSettingsV2": p}}}})))]
#[case::child_of_a_container_app(|p| template(json!({"type": "Microsoft.App/containerApps", "name": "ca-app2",
    "properties": {}, "resources": [{"type": "authConfigs", "name": "current", "properties": p}]})))]
#[case::symbolic_names(|p| json!({"languageVersion": "2.0", "contentVersion": "1.0.0.0", "resources": {"auth":
    {"type": "Microsoft.App/containerApps/authConfigs", "name": "ca-app2/current", "properties": p}}}))]
#[case::list_of_auth_configs(|p| json!({"value": [{"id": format!("{CONTAINER_APP}/authConfigs/current"),
    "name": "current", "type": "Microsoft.App/containerApps/authConfigs", "properties": p}]}))]
#[case::site_object(|p| json!({"id": SITE, "name": "app2", "type": "Microsoft.Web/sites",
    "properties": {"state": "Running", "siteConfig": {"siteAuthSettingsV2": p}}}))]
#[case::invoke_web_request(|p: Value| json!({"StatusCode": 200, "StatusDescription": "OK", "RawContentLength": 2,
    "Content": p.to_string()}))]
fn settings_are_read_in_every_wrapping(#[case] form: fn(Value) -> Value) {
    let (code, confidence) = root(&judged(TRAP, form)).unwrap();
    assert_eq!(code, Code::CallerNotInAllowedApplications);
    assert!(confidence >= Confidence::Likely);
}

#[test]
fn an_answer_that_was_saved_with_its_headers_is_read() {
    let (case, properties) = world(TRAP);
    let saved = format!("HTTP/2 200\r\ncontent-type: application/json\r\n\r\n{}", envelope(properties));
    let (code, _) = root(&with_settings(case, saved.as_bytes())).unwrap();
    assert_eq!(code, Code::CallerNotInAllowedApplications);
}

/// What isn't App 2's settings is refused in words that say what it is.
#[test]
fn what_is_something_else_is_refused_by_its_kind() {
    let refused = |value: Value| AuthSettings::from_json(&value).unwrap_err();
    let denied = json!({"StatusCode": 403, "Method": "GET", "Version": "1.1",
        "Content": json!({"error": {"code": "AuthorizationFailed", "message": "no"}}).to_string()});
    assert!(matches!(refused(denied), SettingsError::ErrorAnswer { code, .. } if code == "AuthorizationFailed"));
    let page = json!({"StatusCode": 200, "Content": "<html>Sign in</html>"});
    assert_eq!(refused(page), SettingsError::Content);
    // Its clientId is the identity's, not App 2's.
    let identity = json!({"type": "Microsoft.ManagedIdentity/userAssignedIdentities", "name": "id",
        "properties": {"clientId": "11111111-2222-4333-8444-555555555555", "principalId": "x", "tenantId": "y"}});
    assert!(matches!(refused(identity), SettingsError::OtherResource { .. }));
    let static_site = json!({"type": "Microsoft.Web/staticSites", "properties": {"provider": "GitHub"}});
    assert!(matches!(refused(static_site), SettingsError::OtherResource { .. }));
    let container_app = json!({"type": "Microsoft.App/containerApps", "id": CONTAINER_APP,
        "properties": {"managedEnvironmentId": "x", "configuration": {}}});
    assert_eq!(refused(container_app), SettingsError::ContainerApp);
}

/// `{}` is what `az containerapp auth show` prints after any error: nothing follows from it.
#[rstest]
#[case::passes("healthy")]
#[case::policy(TRAP)]
#[case::audience("audience-not-allowed")]
#[case::no_provider("entra-provider-missing")]
fn an_empty_object_shows_nothing(#[case] scenario: &str) {
    let empty = judged(scenario, |_| json!({}));
    let (mut case, _) = world(scenario);
    case.settings.clear();
    let without = Report::of(case);
    assert_eq!(root(&empty), root(&without));
    assert_eq!(empty.verdict(), without.verdict());
    for code in [Code::EasyAuthNotActive, Code::EntraProviderMissing] {
        assert_eq!(errors(&empty).contains(&code), errors(&without).contains(&code), "{code}");
    }
}

// ------------------------------------------------------------------------------------------------ T1: not understood

/// App 2 runs without a provider, and the file shows one in a form that the service doesn't read.
#[rstest]
#[case::nested(|p| envelope(nested(&p)["properties"].clone()))]
// Siblings: the same cause in other spellings.
#[case::snake(|p| snake(&p))]
#[case::singular(|p| envelope(renamed(p, "/identityProviders", "identityProvider")))]
#[case::other_provider_name(|p| envelope(renamed(p, "/identityProviders/azureActiveDirectory", "microsoftEntraId")))]
fn a_provider_that_the_service_does_not_read_is_misplaced(#[case] form: fn(Value) -> Value) {
    let report = judged("entra-provider-missing", |mut properties| {
        properties["identityProviders"]["azureActiveDirectory"]["enabled"] = json!(true);
        form(properties)
    });
    let (code, confidence) = root(&report).unwrap();
    assert!(matches!(code, Code::ProviderSettingsMisplaced | Code::EntraProviderMissing), "{code}");
    assert!(confidence < Confidence::Certain);
    assert!(!errors(&report).contains(&Code::EasyAuthNotActive));
}

/// The same files where App 2 works: nothing is wrong, and nothing is called empty or missing.
#[rstest]
#[case::nested(|p| envelope(nested(&p)["properties"].clone()))]
#[case::snake(|p| snake(&p))]
#[case::typo(|p| envelope(renamed(p, "/identityProviders", "identityProvider")))]
fn a_file_that_is_not_understood_spoils_no_call_that_works(#[case] form: fn(Value) -> Value) {
    let report = judged("healthy", form);
    assert_eq!((report.verdict(), errors(&report)), (Verdict::Pass, BTreeSet::new()));
    let found: Vec<Code> = report.steps().iter().flat_map(|step| &step.findings).map(|found| found.code).collect();
    assert!(!found.contains(&Code::EasyAuthNotActive) && !found.contains(&Code::EntraProviderMissing), "{found:?}");
}

/// The policy is in the file, in a form that isn't understood: it is a candidate, and the file isn't held against it.
#[rstest]
#[case::nested(|p| envelope(nested(&p)["properties"].clone()))]
#[case::snake(|p| snake(&p))]
// Siblings: whatever part isn't understood, the file doesn't say that the caller is allowed.
#[case::snake_without_platform(|p| { let mut all = snake(&p); all.as_object_mut().unwrap().remove("platform"); all })]
#[case::typo_of_the_policy(|p| envelope(renamed(p, POLICY, "defaultAuthorisationPolicy")))]
#[case::typo_of_the_list(|p| envelope(renamed(p, &format!("{POLICY}/allowedApplications"), "allowedApplication")))]
#[case::string_for_list(|p| envelope(with_list(p, json!("x"))))]
#[case::object_for_list(|p| envelope(with_list(p, json!({"0": "x"}))))]
#[case::objects_in_list(|p| envelope(with_list(p, json!([{"clientId": "x"}]))))]
#[case::number_for_policy(|mut p: Value| { *p.pointer_mut(POLICY).unwrap() = json!(1); envelope(p) })]
fn a_policy_that_is_not_understood_stays_a_candidate(#[case] form: fn(Value) -> Value) {
    let report = judged(TRAP, form);
    assert!(candidates(&report).contains(&Code::CallerNotInAllowedApplications));
    assert!(!is_contradicted(&report));
    assert!(root(&report).unwrap().1 < Confidence::Certain);
    for wrong in [Code::EasyAuthNotActive, Code::EntraProviderMissing, Code::ProviderSettingsMisplaced] {
        assert!(!errors(&report).contains(&wrong), "{wrong}");
    }
}

#[test]
fn a_switch_that_is_not_understood_is_neither_on_nor_off() {
    for value in [json!("yes"), json!(2), json!({"value": true})] {
        let settings = AuthSettings::from_json(&json!({"properties": {"platform": {"enabled": value}}})).unwrap();
        assert_eq!(settings.enabled, None);
        assert!(settings.is_undetermined("enabled"));
    }
}

#[test]
fn the_words_of_a_settings_file_for_an_action_change_nothing() {
    let report = judged("healthy", |mut properties| {
        properties["globalValidation"]["unauthenticatedClientAction"] = json!("RejectWith401");
        properties
    });
    assert_eq!((report.verdict(), errors(&report)), (Verdict::Pass, BTreeSet::new()));
}

// ------------------------------------------------------------------------------------------------ T4: the log

/// The world of answers alone, with this log; `@NOW`, `@AUD`, and `@ID` stand for the run's time, the token's
/// audience, and App 2's client ID.
fn with_log(scenario: &str, log: &str) -> Report {
    let mut case = observing::of(scenario, false).report.observed().clone();
    let token = case.token.as_ref().unwrap();
    let audience = token.decoded.list("aud").join(",");
    let id = audience.trim_start_matches("api://").to_owned();
    let now = case.started_at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let log = log.replace("@NOW", &now).replace("@AUD", &audience).replace("@ID", &id);
    case.target_log = Some(TargetLog::from_bytes("app2.log", log.as_bytes()));
    Report::of(case)
}

const OWN: &str = "JWT validation failed: IDX10214: Audience validation failed. Audiences: '@AUD'. Did not match: \
    validationParameters.ValidAudience: '@ID' or validationParameters.ValidAudiences: 'null'.";

/// Easy Auth's own line with this token's audience proves the cause, in whatever column it comes.
#[rstest]
#[case::plain(format!("@NOW {OWN}\n"))]
#[case::container_app_cli(format!("{}\n", json!({"TimeStamp": "@NOW", "Log": OWN})))]
// Siblings: other exports of the same line.
#[case::container_app_table(format!("TimeGenerated,ContainerName_s,Log_s\n@NOW,app2,\"{OWN}\"\n"))]
#[case::kubernetes(json!([{"TimeGenerated": "@NOW", "PodName": "app2", "LogMessage": OWN}]).to_string())]
#[case::app_insights(json!({"tables": [{"name": "PrimaryResult", "columns": [{"name": "timestamp"},
    {"name": "message"}, {"name": "severityLevel"}], "rows": [["@NOW", OWN, 2]]}]}).to_string())]
#[case::docker(format!("{}\n", json!({"log": OWN, "stream": "stderr", "time": "@NOW"})))]
#[case::unknown_column(json!({"value": [{"time": "@NOW", "payload": OWN}]}).to_string())]
fn a_line_of_easy_auth_proves_the_cause_in_every_export(#[case] log: String) {
    let report = with_log("audience-not-allowed", &log);
    assert_eq!(root(&report), Some((Code::AudienceNotAllowed, Confidence::Certain)));
    let read = report.observed().target_log.as_ref().unwrap();
    assert_eq!(read.entries.len(), 1);
}

/// Lines of the Functions host, and lines that nothing attributes, outrank no probe.
#[rstest]
#[case::stack("@NOW [Error] IDX10205: Issuer validation failed.\n\
    Microsoft.IdentityModel.Tokens.SecurityTokenInvalidIssuerException:\n   at Microsoft.Extensions.\
    DependencyInjection.ScriptJwtBearerExtensions.IssuerValidator \
    (Microsoft.Azure.WebJobs.Script.WebHost)\n".to_owned())]
#[case::worded("@NOW [Error] Unexpected JWT Validation Exception - IDX10205: Issuer validation failed.\n".to_owned())]
// Siblings.
#[case::stack_in_rows(format!("{}\n{}\n{}\n",
    json!({"TimeStamp": "@NOW", "Log": "IDX10205: Issuer validation failed."}),
    json!({"TimeStamp": "@NOW", "Log": "Microsoft.IdentityModel.Tokens.SecurityTokenInvalidIssuerException: IDX10205"}),
    json!({"TimeStamp": "@NOW", "Log": "   at Microsoft.Azure.WebJobs.Script.WebHost.X()"})))]
#[case::app_exceptions(json!([{"TimeGenerated": "@NOW", "Type": "AppExceptions", "OuterMessage":
    "IDX10205: Issuer validation failed.", "Assembly": "Microsoft.Azure.WebJobs.Script.WebHost, Version=4"}])
    .to_string())]
#[case::nothing_attributes_it("@NOW IDX10205: Issuer validation failed.\n".to_owned())]
#[case::lifetime_of_another("@NOW IDX10223: Lifetime validation failed. The token is expired.\n".to_owned())]
fn noise_does_not_outrank_a_probe(#[case] log: String) {
    let without = with_log("audience-not-allowed", "");
    let with = with_log("audience-not-allowed", &log);
    assert_eq!(root(&with), root(&without));
    assert_eq!(root(&with).unwrap().0, Code::AudienceNotAllowed);
}

/// The application's own validator speaks: that is the cause, not the function's key.
#[rstest]
#[case::rows(format!("{}\n{}\n{}\n",
    json!({"TimeStamp": "@NOW", "Log": "Microsoft.AspNetCore.Authentication.JwtBearer.JwtBearerHandler[1]"}),
    json!({"TimeStamp": "@NOW", "Log": "Failed to validate the token."}),
    json!({"TimeStamp": "@NOW", "Log": "Microsoft.IdentityModel.Tokens.SecurityTokenInvalidAudienceException: \
        IDX10214: Audience validation failed. See https://aka.ms/identitymodel/app-context-switches"})))]
#[case::plain("@NOW [Information] Failed to validate the token.\n@NOW IDX10214: Audience validation failed. Audiences: \
    '@AUD'. Did not match: validationParameters.ValidAudience: 'https://own' or validationParameters.ValidAudiences: \
    'null'.\n".to_owned())]
// Siblings.
#[case::by_its_audience("@NOW IDX10214: Audience validation failed. Audiences: '@AUD'. Did not match: \
    validationParameters.ValidAudience: 'https://own' or validationParameters.ValidAudiences: 'null'.\n".to_owned())]
#[case::by_its_stack("@NOW IDX10214: Audience validation failed.\nMicrosoft.IdentityModel.Tokens.\
    SecurityTokenInvalidAudienceException:\n   at Microsoft.AspNetCore.Authentication.JwtBearer.X()\n".to_owned())]
#[case::by_its_category(json!([{"TimeGenerated": "@NOW", "Category":
    "Microsoft.AspNetCore.Authentication.JwtBearer.JwtBearerHandler", "Message":
    "Bearer was not authenticated. Failure message: IDX10214: Audience validation failed."}]).to_string())]
#[case::express("@NOW JsonWebTokenError: jwt audience invalid. expected: https://own\n".to_owned())]
#[case::python("@NOW jwt.exceptions.InvalidAudienceError: Audience doesn't match\n".to_owned())]
fn the_applications_own_validator_is_named(#[case] log: String) {
    let report = with_log("function-key-required", &log);
    let (code, confidence) = root(&report).unwrap();
    assert_eq!((code, confidence), (Code::AppValidatesTokenItself, Confidence::Likely));
}

/// A line of Easy Auth between lines of the application stays Easy Auth's.
#[test]
fn a_line_of_easy_auth_is_not_taken_for_its_neighbors() {
    let log = format!("@NOW JwtBearerHandler[7]\n@NOW {OWN}\n");
    let report = with_log("audience-not-allowed", &log);
    assert_eq!(root(&report), Some((Code::AudienceNotAllowed, Confidence::Certain)));
}

// ------------------------------------------------------------------------------------------------ T10, container apps

/// Words that stand for web apps in commands and templates.
const OF_WEB_APPS: [&str; 6] =
    ["az webapp", "az functionapp", "Microsoft.Web/", "authsettingsV2", "active_directory_v2", "auth-classic"];

/// Where App 2 is a container app, no fix of any finding speaks of a web app, and no web app gets a container app's.
#[test]
fn fixes_are_for_app_2s_own_kind() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for code in Code::ALL {
        for (scenario, of_container_apps) in [("caller-not-in-allowed-applications-container-app", true), (TRAP, false)]
        {
            let case = observing::of(scenario, true).report.observed();
            let finding = Found::of(*code, "settings");
            for fix in fill(case, &finding, &Change::OfCode, &str::to_owned) {
                let words = format!("{} {}", fix.text, fix.caution.unwrap_or_default());
                seen += usize::from(words.contains("/authConfigs/current"));
                let of_others: &[&str] =
                    if of_container_apps { &OF_WEB_APPS } else { &["containerapp", "authConfigs"] };
                // App 1 is a web app in both worlds, and its own commands say so.
                let of_app_1 = words.contains("--name \"app1\"") || code.step() < StepId::Protection;
                let named = of_others.iter().filter(|word| words.contains(**word) && !of_app_1);
                wrong.extend(named.map(|word| format!("{code}, {scenario}, {}: {word}", fix.via)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 5);
}

#[test]
fn the_settings_of_a_container_app_are_read_and_edited_where_they_are() {
    let observed = observing::of("caller-not-in-allowed-applications-container-app", true);
    assert_eq!(root(&observed.report), Some((Code::CallerNotInAllowedApplications, Confidence::Certain)));
    let sources: Vec<&SettingsSource> = observed.report.observed().settings.iter().map(|read| &read.source).collect();
    assert_eq!(sources, [&SettingsSource::AuthConfigs]);
    let asked = observed.received.iter().filter(|one| one.target.contains("/config/"));
    assert_eq!(asked.count(), 0);
}
