//! Fixes that fit the place: the platform of App 1 and of App 2, and the shell of whoever reads them, decide the words.
//!
//! The rows are written from the platforms' documentation, before the program was run on them.

use chrono::DateTime;
use easyauth_doctor::case::Case;
use easyauth_doctor::case::auth_settings::{AuthSettings, SettingsReading, SettingsSource};
use easyauth_doctor::case::code::Code;
use easyauth_doctor::case::credential::CredentialSource;
use easyauth_doctor::case::environment::{Environment, Place, Variable, VariableValue};
use easyauth_doctor::case::inputs::Inputs;
use easyauth_doctor::case::resource_id::ResourceId;
use easyauth_doctor::case::site::Site;
use easyauth_doctor::case::step::StepId;
use easyauth_doctor::case::token::{AcquiredToken, DecodedToken};
use easyauth_doctor::diagnosis::Change;
use easyauth_doctor::knowledge::Found;
use easyauth_doctor::report::fixes::fill;
use easyauth_doctor::report::text::Style;
use easyauth_doctor::report::{Fix, Format, render};
use rstest::rstest;
use serde_json::json;

use crate::helpers::observing;

const SUBSCRIPTION: &str = "11112222-3333-4444-5555-666677778888";
const CALLER: &str = "aaaaaaaa-0000-0000-0000-000000000001";
const OWN: &str = "bbbbbbbb-0000-0000-0000-000000000001";

const WEB: &[&str] = &["WEBSITE_SITE_NAME=app1", "WEBSITE_OWNER_NAME=11112222-3333-4444-5555-666677778888+rg1-space"];
const WEB_GROUP: &str = "WEBSITE_RESOURCE_GROUP=rg1";

fn environment(variables: &[&str]) -> Environment {
    Environment {
        os: "linux".to_owned(),
        variables: variables
            .iter()
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| Variable {
                name: name.to_owned(),
                value: VariableValue::Plain(value.to_owned()),
                place: Place::Process,
            })
            .collect(),
        ..Environment::default()
    }
}

/// App 1 on a host, by its variables. Its own app is `app1` in `rg1`.
fn on(variables: &[&str]) -> Case {
    let mut case = Case::new(
        Inputs { target: Some("https://app2.azurewebsites.net/api".to_owned()), ..Inputs::default() },
        DateTime::UNIX_EPOCH,
    );
    let all: Vec<&str> = match variables.first() {
        Some(first)
            if first.starts_with("WEBSITE") || first.starts_with("FUNCTIONS") || first.starts_with("APP_KIND") =>
        {
            WEB.iter().copied().chain([WEB_GROUP]).chain(variables.iter().copied()).collect()
        }
        _ => variables.to_vec(),
    };
    case.environment = Some(environment(&all));
    case
}

/// App 2 as a resource of a kind, with settings that were read and a token for it.
fn calling(id: &str, kind: &str) -> Case {
    let mut case = on(&[]);
    case.environment = Some(environment(&[]));
    let id = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg2/providers/{id}");
    case.inputs.target_resource_id = Some(ResourceId::new(&id));
    case.site = Some(Site { kind: Some(kind.to_owned()), ..Site::default() });
    let claims = [("aud", OWN), ("appid", CALLER), ("oid", CALLER), ("ver", "1.0")];
    case.token = Some(AcquiredToken {
        source: CredentialSource::Token,
        resource: None,
        response: Vec::new(),
        decoded: DecodedToken {
            claims: claims.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect(),
            ..DecodedToken::default()
        },
        signature: None,
    });
    let object = json!({"properties": {"platform": {"enabled": true}, "identityProviders": {"azureActiveDirectory": {
        "registration": {"clientId": OWN},
        "validation": {"defaultAuthorizationPolicy": {"allowedApplications": [OWN]}}}}}});
    case.settings.push(SettingsReading {
        source: SettingsSource::ResourceManager,
        outcome: Ok(Box::new(AuthSettings::from_json(&object).unwrap())),
    });
    case
}

fn fixes(case: &Case, finding: &Found) -> Vec<Fix> {
    fill(case, finding, &Change::OfCode, &str::to_owned)
}

fn text(fixes: &[Fix]) -> String {
    let texts = fixes.iter().map(|fix| format!("{}\n{}", fix.text, fix.caution.as_deref().unwrap_or_default()));
    texts.collect::<Vec<_>>().join("\n")
}

fn has_line(fixes: &[Fix], line: &str) -> bool {
    text(fixes).lines().any(|known| known.trim_start_matches(['#', ' ']) == line)
}

// ---- App 1

#[rstest]
#[case::web_app(&["WEBSITE_SKU=Basic"], "az webapp identity assign {app} {sub} --identities \"[system]\"")]
#[case::slot(
    &["WEBSITE_SLOT_NAME=blue"],
    "az webapp identity assign {app} --slot \"blue\" {sub} --identities \"[system]\""
)]
#[case::slot_in_bicep(&["WEBSITE_SLOT_NAME=blue"], "resource app1 'Microsoft.Web/sites/slots@2023-12-01' = {")]
#[case::function_app(
    &["FUNCTIONS_EXTENSION_VERSION=~4"],
    "az functionapp identity assign {app} {sub} --identities \"[system]\""
)]
#[case::flex_consumption(
    &["WEBSITE_SKU=FlexConsumption"],
    "az functionapp identity assign {app} {sub} --identities \"[system]\""
)]
#[case::logic_app(
    &["APP_KIND=workflowApp", "FUNCTIONS_EXTENSION_VERSION=~4"],
    "az logicapp identity assign {app} {sub} --system-assigned"
)]
#[case::container_app(
    &["CONTAINER_APP_NAME=ca1"],
    "az containerapp identity assign --name \"ca1\" --resource-group \"<its group>\" --system-assigned"
)]
#[case::container_apps_job(
    &["CONTAINER_APP_JOB_NAME=job1"],
    "az containerapp job identity assign --name \"job1\" --resource-group \"<its group>\" --system-assigned"
)]
#[case::virtual_machine(
    &["AZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:1"],
    "az vm identity assign --name \"<App 1's virtual machine>\" --resource-group \"<its group>\""
)]
fn an_identity_is_given_with_the_hosts_own_command(#[case] variables: &[&str], #[case] line: &str) {
    let fixes = fixes(&on(variables), &Found::error(Code::IdentityNotEnabled, "x"));
    let line = line
        .replace("{app}", "--name \"app1\" --resource-group \"rg1\"")
        .replace("{sub}", &format!("--subscription \"{SUBSCRIPTION}\""));
    assert!(has_line(&fixes, &line), "{fixes:#?}");
}

#[rstest]
#[case::azure_arc(&["IDENTITY_ENDPOINT=http://localhost:40342/x", "IMDS_ENDPOINT=http://localhost:40342"], "azcmagent")]
#[case::azure_ml(&["MSI_ENDPOINT=identity-responder-not-enabled"], "studio")]
#[case::github_actions(&["GITHUB_ACTIONS=true"], "id-token: write")]
#[case::azure_devops(&["TF_BUILD=True"], "service connection")]
#[case::cloud_shell(&["MSI_ENDPOINT=http://localhost:50342/oauth2/token"], "--environ")]
#[case::laptop(&[], "--environ")]
fn where_no_command_gives_an_identity_none_is_printed(#[case] variables: &[&str], #[case] word: &str) {
    let fixes = fixes(&on(variables), &Found::error(Code::IdentityNotEnabled, "x"));
    let text = text(&fixes);
    assert!(text.contains(word) && !text.contains("identity assign"), "{text}");
}

/// Words that belong to one kind of host each.
const HOSTS: &[(&str, &[&str], &[&str])] = &[
    (
        "web app",
        &["WEBSITE_SKU=Basic"],
        &["az webapp ", "azurerm_linux_web_app", "azurerm_windows_web_app", "Set-AzWebApp"],
    ),
    ("function app", &["FUNCTIONS_EXTENSION_VERSION=~4"], &["az functionapp ", "function_app", "Update-AzFunctionApp"]),
    ("logic app", &["APP_KIND=workflowApp"], &["az logicapp ", "azurerm_logic_app_standard"]),
    ("container app", &["CONTAINER_APP_NAME=ca1"], &["az containerapp ", "azurerm_container_app", "Microsoft.App/"]),
    (
        "virtual machine",
        &["AZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:1"],
        &["az vm ", "az vmss ", "virtual_machine", "Microsoft.Compute/"],
    ),
    ("pod", &["KUBERNETES_SERVICE_HOST=10.0.0.1"], &["kubectl ", "az aks "]),
    (
        "Azure Arc",
        &["IDENTITY_ENDPOINT=http://localhost:40342/x", "IMDS_ENDPOINT=http://localhost:40342"],
        &["azcmagent", "himds"],
    ),
    ("pipeline", &["GITHUB_ACTIONS=true"], &["azure/login"]),
    ("laptop", &[], &[]),
];

#[test]
fn no_fix_of_app_1_names_what_its_host_is_not() {
    let mut seen = 0;
    for (name, variables, _) in HOSTS {
        for code in Code::ALL.iter().filter(|code| code.step() == StepId::Identity) {
            // A pod's missing parts, and a host without an endpoint, are about one kind of host by themselves.
            if matches!(code.name(), "workload-identity-incomplete" | "identity-unsupported-on-host") {
                continue;
            }
            let text = text(&fixes(&on(variables), &Found::error(*code, "x")));
            for (other, _, words) in HOSTS.iter().filter(|(other, ..)| other != name) {
                let found = words.iter().find(|word| text.contains(**word));
                assert!(found.is_none(), "{code} on a {name} has {found:?} of a {other}:\n{text}");
            }
            seen += usize::from(!text.is_empty());
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn a_user_assigned_identity_of_a_function_app_is_selected_with_its_own_commands() {
    let fixes =
        fixes(&on(&["FUNCTIONS_EXTENSION_VERSION=~4"]), &Found::error(Code::UserAssignedIdentityNotSelected, "x"));
    let app = format!("--name \"app1\" --resource-group \"rg1\" --subscription \"{SUBSCRIPTION}\"");
    assert!(
        has_line(&fixes, &format!("az functionapp identity show {app} --query \"userAssignedIdentities\"")),
        "{fixes:#?}"
    );
    let set = format!("az functionapp config appsettings set {app} --settings \"AZURE_CLIENT_ID=<client ID>\"");
    assert!(has_line(&fixes, &set), "{fixes:#?}");
}

// ---- App 2

const WEB_APP: &str = "Microsoft.Web/sites/app2";
const CONTAINER_APP: &str = "Microsoft.App/containerApps/ca2";

#[rstest]
#[case::web_app(WEB_APP, "app,linux", &["az functionapp config", "az logicapp", "Microsoft.App/", "azurerm_logic_app"])]
#[case::slot("Microsoft.Web/sites/app2/slots/blue", "app", &["az functionapp config", "az logicapp", "Microsoft.App/"])]
#[case::function_app(
    WEB_APP,
    "functionapp,linux",
    &[
        "az webapp config",
        "az webapp restart",
        "az webapp show",
        "az webapp start",
        "az logicapp",
        "Microsoft.App/",
    ]
)]
#[case::logic_app(
    WEB_APP,
    "functionapp,workflowapp",
    &[
        "az webapp ",
        "az functionapp config",
        "az functionapp restart",
        "az functionapp show",
        "Microsoft.App/",
        "active_directory_v2",
        "auth_settings_v2",
        "azurerm_linux",
    ]
)]
#[case::container_app(
    CONTAINER_APP,
    "",
    &[
        "az webapp ",
        "az functionapp ",
        "az logicapp ",
        "Microsoft.Web/",
        "active_directory_v2",
        "auth_settings_v2",
        "azurerm_",
    ]
)]
fn no_fix_of_app_2_names_what_it_is_not(#[case] id: &str, #[case] kind: &str, #[case] foreign: &[&str]) {
    let case = calling(id, kind);
    for code in Code::ALL {
        if !matches!(code.step(), StepId::Protection | StepId::Audience | StepId::Authorization | StepId::Call) {
            continue;
        }
        for fix in fixes(&case, &Found::error(*code, "x").value("egress_ip", "203.0.113.7")) {
            // What Terraform has instead is said in a comment.
            let text: String =
                fix.text.replace("# The azurerm provider", "").replace("# azurerm_logic_app_standard", "");
            // The extension authV2 acts on every site.
            let caution = fix.caution.unwrap_or_default().replace("az webapp auth ", "");
            let found = foreign.iter().find(|word| text.contains(**word) || caution.contains(**word));
            assert!(found.is_none(), "{code}: {found:?} for {kind:?}:\n{text}\n{caution}");
        }
    }
}

#[test]
fn the_commands_of_app_2_are_those_of_its_kind() {
    let app = format!("--name \"app2\" --resource-group \"rg2\" --subscription \"{SUBSCRIPTION}\"");
    let blocked = Found::error(Code::NetworkAccessRestricted, "x").value("egress_ip", "203.0.113.7");
    let rule = "--rule-name \"app1\" --action Allow --ip-address \"203.0.113.7/32\" --priority 200";
    let of_functions = fixes(&calling(WEB_APP, "functionapp"), &blocked);
    assert!(has_line(&of_functions, &format!("az functionapp config access-restriction add {app} {rule}")));
    let stopped = fixes(&calling(WEB_APP, "functionapp,workflowapp"), &Found::error(Code::TargetStopped, "x"));
    assert!(has_line(&stopped, &format!("az logicapp start {app}")), "{stopped:#?}");
    let of_slot = fixes(
        &calling("Microsoft.Web/sites/app2/slots/blue", "app"),
        &Found::error(Code::CallerNotInAllowedApplications, "x"),
    );
    let url = format!(
        "https://management.azure.com/subscriptions/{SUBSCRIPTION}/resourceGroups/rg2/providers/Microsoft.Web/sites/\
         app2/slots/blue/\
         config/authsettingsV2?api-version=2024-04-01"
    );
    assert!(
        has_line(&of_slot, &format!("az rest --method put --url \"{url}\" --body \"@edited.json\"")),
        "{of_slot:#?}"
    );
    let of_logic_app =
        fixes(&calling(WEB_APP, "functionapp,workflowapp"), &Found::error(Code::CallerNotInAllowedApplications, "x"));
    assert!(text(&of_logic_app).contains("azapi_update_resource"));
}

// ---- the reader's shell

#[test]
fn powershell_is_a_tool_of_its_own_and_the_first_on_windows() {
    let mut case = calling(WEB_APP, "app");
    let tools = |case: &Case| -> Vec<String> {
        let fixes = fixes(case, &Found::error(Code::CallerNotInAllowedApplications, "x"));
        fixes.into_iter().map(|fix| fix.via).collect()
    };
    assert_eq!(tools(&case)[..2], ["az", "powershell"]);
    case.environment.as_mut().unwrap().os = "windows".to_owned();
    assert_eq!(tools(&case)[..2], ["powershell", "az"]);
}

#[test]
fn jq_comes_before_the_edited_settings_where_it_runs_as_well_as_az() {
    let fixes = fixes(&calling(WEB_APP, "app"), &Found::error(Code::CallerNotInAllowedApplications, "x"));
    let lines: Vec<&str> = fixes[0].text.lines().collect();
    let at = |start: &str| lines.iter().position(|line| line.starts_with(start)).unwrap();
    assert!(at("az rest --method get") < at("jq ") && at("jq ") < at("# easyauth-doctor check "), "{lines:#?}");
    // Windows has no jq, and its PowerShell takes quotation marks out of a filter.
    let powershell = fixes.iter().filter(|fix| fix.via == "powershell");
    assert!(powershell.clone().count() > 0 && powershell.clone().all(|fix| !fix.text.contains("jq ")), "{fixes:#?}");
}

#[test]
fn a_value_that_a_shell_would_read_is_never_part_of_a_command() {
    for group in ["a&b", "a$(id)", "a%PATH%", "a|b", "a\"b", "a`b", "a!b"] {
        let mut case = calling(WEB_APP, "app");
        let id = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{WEB_APP}");
        case.inputs.target_resource_id = Some(ResourceId::new(&id));
        for code in Code::ALL {
            for fix in fixes(&case, &Found::error(*code, "x")) {
                let lines = fix.text.lines().map(|line| line.trim_start_matches(['#', ' ']));
                let with_group: Vec<&str> =
                    lines.filter(|line| line.starts_with("az ") && line.contains(group)).collect();
                assert!(with_group.is_empty(), "{code}: {with_group:#?}");
                assert!(
                    fix.via != "powershell" || !group.contains(['$', '"', '`']) || !fix.text.contains(group),
                    "{code}: {}",
                    fix.text
                );
            }
        }
    }
}

#[test]
fn a_console_has_the_programs_that_are_printed_for_it() {
    let mut case = on(&["WEBSITE_SKU=Basic"]);
    let unreachable = Found::error(Code::TargetUnreachable, "x");
    assert!(has_line(&fixes(&case, &unreachable), "nslookup \"app2.azurewebsites.net\""));
    case.environment.as_mut().unwrap().os = "windows".to_owned();
    let on_windows = fixes(&case, &unreachable);
    assert!(has_line(&on_windows, "nameresolver.exe \"app2.azurewebsites.net\""));
    assert!(!text(&on_windows).contains("nslookup"));
    let blocked = Found::error(Code::TargetEgressBlocked, "x");
    let has = |kind: &str, line: &str| has_line(&fixes(&calling(WEB_APP, kind), &blocked), line);
    assert!(has("app", "tcpping.exe \"login.microsoftonline.com:443\""));
    assert!(!has("app,linux", "tcpping.exe \"login.microsoftonline.com:443\""));
}

// ---- least privilege

fn refused(action: &str) -> Vec<Fix> {
    let mut case = calling(WEB_APP, "app");
    case.settings = vec![SettingsReading {
        source: SettingsSource::ResourceManager,
        outcome: Err(format!(
            "403 AuthorizationFailed: The client 'x' does not have authorization to perform action '{action}' over \
             scope '/x'"
        )),
    }];
    fixes(&case, &Found::error(Code::SettingsUnreadable, "x"))
}

#[test]
fn the_role_follows_from_the_action_that_was_refused() {
    let read = text(&refused("Microsoft.Web/sites/config/read"));
    assert!(read.contains("--role \"Reader\""), "{read}");
    let list = text(&refused("Microsoft.Web/sites/config/list/action"));
    assert!(!list.contains("role assignment create"), "{list}");
    assert!(list.contains("Microsoft.Web/sites/config/list/action") && list.contains("Website Contributor"), "{list}");
}

/// Fixes that let more in than App 1, by what their text contains, and what their caution then says.
const WIDENING: &[(&str, &str)] = &[
    ("appRoleAssignmentRequired=false", "every application in the tenant"),
    ("WEBSITE_AUTH_AAD_ALLOWED_TENANTS={", "Every application of that tenant"),
    ("AuthorizationLevel.Anonymous", "anyone can call"),
    ("\"clientCertMode\": \"Optional\"", "must validate certificates itself"),
    ("access-restriction add", "shares them with other customers"),
    ("an identity of its own (workload identity)", "every pod of the node"),
];

#[test]
fn a_fix_that_widens_access_says_so() {
    for (text, caution) in WIDENING {
        let fixes = Code::ALL
            .iter()
            .filter_map(|code| easyauth_doctor::knowledge::finding(*code))
            .flat_map(|entry| &entry.fixes)
            .filter(|fix| fix.text.source().contains(text));
        let mut seen = 0;
        for fix in fixes {
            let said = fix.caution.as_ref().map(|caution| {
                easyauth_doctor::knowledge::template::unfilled(
                    caution,
                    &[],
                    easyauth_doctor::case::target_kind::TargetKind::USUAL,
                )
            });
            assert!(said.as_ref().is_some_and(|said| said.contains(caution)), "{text}: {said:?}");
            seen += 1;
        }
        assert!(seen > 0, "{text}");
    }
}

// ---- when a fix shows

/// The report's `takes_effect`, and the moment at which the lab's token expires.
fn takes_effect(scenario: &str) -> (serde_json::Value, serde_json::Value) {
    let report = &observing::of(scenario, true).report;
    let json: serde_json::Value =
        serde_json::from_str(&render(std::slice::from_ref(report), false, Format::Json, &Style::default())).unwrap();
    let token = report.observed().token.as_ref();
    let expires = token.and_then(|token| token.decoded.time("exp"));
    let expires = expires.and_then(|time| DateTime::from_timestamp(time, 0));
    (json["root_cause"]["takes_effect"].clone(), json!(expires))
}

#[test]
fn the_answer_says_when_a_fix_shows() {
    let (effect, expires) = takes_effect("app-requires-role-or-scope");
    assert!(expires.is_string());
    assert_eq!(effect, json!({"after": "next-token", "at": expires}));
    for (scenario, after) in [
        ("assignment-required-not-assigned", "minutes"),
        ("identity-not-enabled", "restart-of-app1"),
        ("identity-not-enabled-function-app", "restart-of-app1"),
        ("caller-not-in-allowed-applications", "restart-of-app2"),
    ] {
        assert_eq!(takes_effect(scenario).0, json!({"after": after, "at": null}), "{scenario}");
    }
    for scenario in ["caller-not-in-allowed-applications-container-app", "app-error", "target-stopped"] {
        assert_eq!(takes_effect(scenario).0, json!(null), "{scenario}");
    }
}
