//! What is heard of App 2 from the side: log lines, templates, and environments of another app; names of another
//! registration; identities that others have, too. Each case has its right answer, written before it was run.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::field::caller::{Field, OTHER_TENANT, Seen, TENANT, as_json, issued, issued_with};
use crate::field::target::{Brings, PASSED, behind_easy_auth, challenge, settings, v1_issuer};
use crate::field::whose_identity::authority;
use crate::helpers::server::{RESOURCE, Server, http};

const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const OTHER: &str = "99999999-9999-4999-8999-999999999999";
const GROUP: &str = "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers";

/// Azure Resource Manager that lets nobody read.
fn closed() -> &'static str {
    static CLOSED: OnceLock<Server> = OnceLock::new();
    let answer = |_: &str| http("403 Forbidden", "", r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#);
    &CLOSED.get_or_init(|| Server::answers(answer)).url
}

/// An App 2 with Easy Auth, and an identity that gets tokens for its URI and for its bare client ID.
fn app_2(code: impl Fn(Brings) -> String + Send + Sync + 'static) -> Field {
    let of = |head: &str| issued(if head.contains("api%3A") || head.contains("api:") { RESOURCE } else { ID });
    let mut field = Field::app_service(of);
    field.app2 = Server::answers(move |head| behind_easy_auth(head, &code));
    field.entra = Server::answers(authority);
    field
}

fn refuses_all() -> Field {
    app_2(|_| challenge())
}

/// The token for the URI is refused, the one for the client ID accepted.
fn accepts_the_id() -> Field {
    app_2(|brings| if brings == Brings::Bare { http("200 OK", "", "hello") } else { challenge() })
}

fn denies_the_caller() -> Field {
    app_2(|_| http("403 Forbidden", PASSED, ""))
}

fn of(field: Field, id: &str) -> Field {
    field.option(&["--target-resource-id", id, "--resource-manager", closed()])
}

fn site(name: &str) -> String {
    format!("{GROUP}/Microsoft.Web/sites/{name}")
}

fn with(field: Field, option: &str, text: &str) -> Field {
    let file = field.files.path().join("given");
    std::fs::write(&file, text).unwrap();
    field.option(&[option, &file.display().to_string()])
}

// ------------------------------------------------------------------------------------- lines of another app (A6, A7)

fn audience_failed(expected: &str) -> String {
    format!(
        "JWT validation failed: IDX10214: Audience validation failed. Audiences: '{RESOURCE}'. Did not match: \
         validationParameters.ValidAudience: '{expected}' or validationParameters.ValidAudiences: 'null'."
    )
}

fn issuer_failed() -> String {
    format!(
        "JWT validation failed: IDX10205: Issuer validation failed. Issuer: 'https://sts.windows.net/{TENANT}/'. Did \
         not match: validationParameters.ValidIssuer: 'https://sts.windows.net/{OTHER_TENANT}/' or \
         validationParameters.ValidIssuers: 'null'."
    )
}

fn row(message: &str, columns: &Value) -> String {
    let mut row = columns.clone();
    row["TimeGenerated"] = json!(chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string());
    row["StatusCode"] = json!(401);
    row["SubStatusCode"] = json!(83);
    row["Message"] = json!(message);
    json!([row]).to_string()
}

fn logged(field: Field, text: &str) -> Seen {
    with(field, "--target-log", text).check()
}

#[test]
fn rows_of_another_app_decide_nothing() {
    let columns = [
        json!({"_ResourceId": site("app9").to_lowercase()}),
        json!({"resourceId": site("app9").to_uppercase()}),
        json!({"_ResourceId": site("app2/slots/staging")}),
        json!({"_ResourceId": site("app2").replace("11112222", "99992222")}),
        json!({"SiteName": "app9"}),
        json!({"ContainerAppName_s": "app9"}),
    ];
    for columns in columns {
        let seen = logged(of(refuses_all(), &site("app2")), &row(&audience_failed(ID), &columns));
        assert_eq!((seen.code(), seen.verdict()), ("undetermined-401", "inconclusive"), "{columns}");
    }
}

#[test]
fn rows_of_app_2_decide_however_they_name_it() {
    let columns = [
        json!({}),
        json!({"_ResourceId": site("APP2").to_uppercase()}),
        json!({"SiteName": "App2"}),
        // A workspace's or an environment's ID says nothing of the app.
        json!({"_ResourceId": format!("{GROUP}/Microsoft.Insights/components/app9"), "SiteName": "app2"}),
        json!({"ResourceId": format!("{GROUP}/Microsoft.App/managedEnvironments/app9")}),
    ];
    for columns in columns {
        let seen = logged(of(refuses_all(), &site("app2")), &row(&audience_failed(ID), &columns));
        assert_eq!(seen.code(), "audience-not-allowed", "{columns}");
    }
    // Behind a custom domain, a name says nothing of whose line it is.
    let seen = logged(refuses_all(), &row(&audience_failed(ID), &json!({"SiteName": "orders-prod"})));
    assert_eq!(seen.code(), "audience-not-allowed");
}

#[test]
fn a_line_with_another_client_id_is_of_another_easy_auth() {
    let text =
        format!("{}  PID[5] Warning     {}\n", chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S"), audience_failed(OTHER));
    for line in [row(&audience_failed(OTHER), &json!({})), text] {
        let seen = logged(refuses_all(), &line);
        assert_eq!((seen.code(), seen.verdict()), ("undetermined-401", "inconclusive"));
    }
}

#[test]
fn an_issuer_that_another_token_of_it_disproves_is_not_the_cause() {
    let text = format!("{}  PID[5] Warning     {}\n", chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S"), issuer_failed());
    assert_eq!(logged(accepts_the_id(), &text).code(), "audience-not-allowed");
    // Where that one is refused as well, the line says why.
    assert_eq!(logged(refuses_all(), &text).code(), "foreign-tenant-token");
}

// ------------------------------------------------------------------------------------- files of another app (A5)

fn properties() -> Value {
    settings(&v1_issuer(), &[RESOURCE], &[OTHER])["properties"].clone()
}

fn template(resource: &Value) -> String {
    json!({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": [resource]})
    .to_string()
}

fn arm(kind: &str, name: &str) -> String {
    template(&json!({"type": kind, "name": name, "properties": properties()}))
}

fn terraform(kind: &str, values: &Value) -> String {
    let mut values = values.clone();
    values["auth_settings_v2"] = json!([{"auth_enabled": true, "require_authentication": true, "active_directory_v2":
        [{"client_id": ID, "tenant_auth_endpoint": v1_issuer(), "allowed_audiences": [RESOURCE],
          "allowed_applications": [OTHER]}]}]);
    json!({"format_version": "1.0", "values": {"root_module": {"resources": [
        {"address": format!("{kind}.x"), "type": kind, "name": "x", "values": values}]}}})
    .to_string()
}

fn environ(variables: &[(&str, &str)]) -> String {
    let own = [("WEBSITE_AUTH_ENABLED", "True"), ("WEBSITE_AUTH_V2_CONFIG_JSON", &properties().to_string())];
    let all = own.iter().chain(variables);
    all.map(|(name, value)| format!("{name}={value}\n")).collect()
}

/// What a check says of this file: the code of its root cause, or `refused`.
fn with_file(id: &str, option: &str, text: &str) -> String {
    let field = with(of(denies_the_caller(), id), option, text);
    field.try_check().map_or_else(|| "refused".to_owned(), |seen| seen.code().to_owned())
}

const CONFIG: &str = "Microsoft.Web/sites/config";
const SLOT_CONFIG: &str = "Microsoft.Web/sites/slots/config";

#[test]
fn a_template_of_another_app_slot_or_kind_is_refused() {
    let container_app = format!("{GROUP}/Microsoft.App/containerApps/app2");
    let staging = site("app2/slots/staging");
    let child = |kind: &str, name: &str| {
        let config = json!({"type": "config", "name": "authsettingsV2", "properties": properties()});
        template(&json!({"type": kind, "name": name, "properties": {}, "resources": [config]}))
    };
    let expression = "[concat(parameters('name'), '/staging/authsettingsV2')]";
    for (id, text) in [
        (site("app2"), arm(CONFIG, "app9/authsettingsV2")),
        (site("app2"), arm(SLOT_CONFIG, "app2/staging/authsettingsV2")),
        (site("app2"), arm(SLOT_CONFIG, expression)),
        (staging.clone(), arm(CONFIG, "app2/authsettingsV2")),
        (staging.clone(), arm(SLOT_CONFIG, "app2/blue/authsettingsV2")),
        (site("app2"), child("Microsoft.Web/sites/slots", "app2/staging")),
        (site("app2"), child("Microsoft.Web/sites", "app9")),
        (site("app2"), arm("Microsoft.App/containerApps/authConfigs", "app2/current")),
        (container_app.clone(), arm(CONFIG, "app2/authsettingsV2")),
        (container_app.clone(), arm("Microsoft.App/containerApps/authConfigs", "app9/current")),
        (site("app2"), arm(CONFIG, "app2/authsettingsV2").replace("\"name\"", "\"condition\":false,\"name\"")),
    ] {
        assert_eq!(with_file(&id, "--auth-settings", &text), "refused", "{id} {text}");
    }
    for (id, text) in [
        (site("app2"), arm(CONFIG, "App2/authsettingsV2")),
        (site("app2"), arm(CONFIG, "[format('{0}/{1}', parameters('name'), 'authsettingsV2')]")),
        (staging.clone(), arm(SLOT_CONFIG, "app2/Staging/authsettingsV2")),
        (staging, child("Microsoft.Web/sites/slots", "app2/staging")),
        (container_app, arm("Microsoft.App/containerApps/authConfigs", "app2/current")),
    ] {
        assert_eq!(with_file(&id, "--auth-settings", &text), "caller-not-in-allowed-applications", "{id} {text}");
    }
}

#[test]
fn terraform_of_another_app_or_slot_is_refused() {
    let staging = site("app2/slots/staging");
    for (id, text) in [
        (site("app2"), terraform("azurerm_linux_web_app", &json!({"name": "app9"}))),
        (site("app2"), terraform("azurerm_linux_web_app_slot", &json!({"name": "staging"}))),
        (site("app2"), terraform("azurerm_windows_function_app_slot", &json!({"name": "app2"}))),
        (staging.clone(), terraform("azurerm_linux_web_app", &json!({"name": "app2"}))),
        (staging.clone(), terraform("azurerm_linux_web_app_slot", &json!({"name": "blue"}))),
        // The same name in another subscription.
        (
            site("app2"),
            terraform("azurerm_linux_web_app", &json!({"name": "app2", "id": site("app2").replace("1111", "7777")})),
        ),
    ] {
        assert_eq!(with_file(&id, "--auth-settings", &text), "refused", "{id} {text}");
    }
    for (id, text) in [
        (site("app2"), terraform("azurerm_linux_web_app", &json!({"name": "app2", "id": site("app2")}))),
        (staging.clone(), terraform("azurerm_linux_web_app_slot", &json!({"name": "staging"}))),
        (staging.clone(), terraform("azurerm_linux_web_app_slot", &json!({"name": "staging", "id": staging}))),
    ] {
        assert_eq!(with_file(&id, "--auth-settings", &text), "caller-not-in-allowed-applications", "{id} {text}");
    }
}

#[test]
fn the_environment_of_another_app_or_slot_is_refused() {
    let owner = ("WEBSITE_OWNER_NAME", "99992222-3333-4444-5555-666677778888+rg-WestEuropewebspace-Linux");
    let own = ("WEBSITE_OWNER_NAME", "11112222-3333-4444-5555-666677778888+rg-WestEuropewebspace");
    let production = ("WEBSITE_SLOT_NAME", "Production");
    let staging = ("WEBSITE_SLOT_NAME", "staging");
    let named = ("WEBSITE_SITE_NAME", "app2");
    let slot = site("app2/slots/staging");
    for (id, variables) in [
        (site("app2"), vec![("WEBSITE_SITE_NAME", "app9")]),
        (site("app2"), vec![named, staging]),
        (slot.clone(), vec![named, production]),
        (site("app2"), vec![named, production, owner]),
        (site("app2"), vec![("CONTAINER_APP_NAME", "app2")]),
    ] {
        assert_eq!(with_file(&id, "--target-environ", &environ(&variables)), "refused", "{id} {variables:?}");
    }
    for (id, variables) in [
        (site("app2"), vec![]),
        (site("app2"), vec![("WEBSITE_SITE_NAME", "App2"), production, own]),
        (slot, vec![named, ("WEBSITE_SLOT_NAME", "Staging"), own]),
    ] {
        let code = with_file(&id, "--target-environ", &environ(&variables));
        assert_eq!(code, "caller-not-in-allowed-applications", "{id} {variables:?}");
    }
}

// ------------------------------------------------------------------------------------- other registrations (A9)

const URI: &str = "https://contoso.com/orders";

/// Microsoft Graph with App 2's registration, this answer for its service principal, and no assignments.
fn graph(uris: &[&str], roles: &[&str], assignment_required: bool) -> Server {
    let names = [uris, &[ID]].concat();
    let roles: Vec<Value> = roles
        .iter()
        .map(|role| json!({"id": TENANT, "value": role, "isEnabled": true, "allowedMemberTypes": ["Application"]}))
        .collect();
    let own = json!({"id": OTHER, "appId": ID, "displayName": "app2", "identifierUris": uris,
        "servicePrincipalNames": names, "accountEnabled": true,
        "appRoleAssignmentRequired": assignment_required,
        "appRoles": roles});
    Server::answers(move |head| match head.split(' ').nth(1).unwrap_or_default() {
        path if path.contains("appRoleAssignments") => as_json("200 OK", &json!({"value": []})),
        path if path.contains(ID) => as_json("200 OK", &own),
        _ => as_json("404 Not Found", &json!({"error": {"code": "Request_ResourceNotFound"}})),
    })
}

fn closed_graph() -> Server {
    Server::answers(|_| as_json("403 Forbidden", &json!({"error": {"code": "Authorization_RequestDenied"}})))
}

/// The identity gets whatever it asks for; App 2 refuses the token for this URI.
fn asks_for_the_uri(graph: &Server, settings: bool) -> Seen {
    let mut field = Field::app_service(|head| {
        if head.contains("graph.microsoft.com") {
            issued("https://graph.microsoft.com")
        } else if head.contains("contoso.com") {
            issued(URI)
        } else {
            issued(ID)
        }
    });
    field.app2 = Server::answers(|head| {
        let refuses = |brings| if brings == Brings::Bare { http("200 OK", "", "hello") } else { challenge() };
        behind_easy_auth(head, refuses)
    });
    field.entra = Server::answers(authority);
    let field = field.option(&["--resource", URI, "--graph", &graph.url]);
    let file = crate::field::target::settings(&v1_issuer(), &[RESOURCE], &[]).to_string();
    if settings { with(field, "--auth-settings", &file).check() } else { field.check() }
}

#[test]
fn the_uri_of_another_registration_is_never_added() {
    for settings in [true, false] {
        let seen = asks_for_the_uri(&graph(&[RESOURCE], &[], false), settings);
        assert!(["token-for-wrong-resource", "resource-differs-from-target"].contains(&seen.code()), "{}", seen.code());
        assert!(!seen.fixes().contains(&format!("\"{URI}\"")), "{}", seen.fixes());
    }
}

#[test]
fn a_uri_of_app_2s_own_is_added_with_certainty() {
    asks_for_the_uri(&graph(&[RESOURCE, URI], &[], false), true).root("audience-not-allowed", "certain");
}

#[test]
fn a_uri_of_nobody_that_is_known_is_added_with_a_caution() {
    let seen = asks_for_the_uri(&closed_graph(), true);
    seen.root("audience-not-allowed", "likely");
    let fixes = seen.0["root_cause"]["fixes"].as_array().unwrap();
    for fix in fixes.iter().filter(|fix| fix["text"].as_str().unwrap().contains(&format!("{URI}\""))) {
        assert!(fix["caution"].as_str().is_some_and(|caution| caution.contains(URI)), "{fix:#}");
    }
    // Its own names need none.
    let seen = with(accepts_the_id(), "--auth-settings", &settings(&v1_issuer(), &[], &[]).to_string()).check();
    seen.root("audience-not-allowed", "certain");
    assert!(!seen.fixes().contains("every token for that app"), "{}", seen.fixes());
}

// ------------------------------------------------------------------------------------- roles (B12)

fn denied_with(said: &'static str, graph: &Server) -> Seen {
    let mut field = app_2(move |_| {
        http("403 Forbidden", "content-type: application/json\r\nx-ms-middleware-request-id: 1\r\n", said)
    });
    field.identity = Server::answers(|head| {
        issued(if head.contains("graph.microsoft.com") { "https://graph.microsoft.com" } else { RESOURCE })
    });
    field.option(&["--graph", &graph.url]).check()
}

#[test]
fn only_the_role_that_is_asked_for_is_assigned() {
    for (said, roles, is_assigned) in [
        (r#"{"error":"Role Orders.Read is required"}"#, &["Orders.Read"][..], true),
        (r#"{"error":"Role Orders.Read is required"}"#, &["Orders.Read", "Orders.Admin"][..], true),
        (r#"{"error":"Role Orders.Admin is required"}"#, &["Orders.Read"][..], false),
        (r#"{"error":"The caller is missing the role Orders.Write"}"#, &["Everything.ReadWrite.All"][..], false),
        (r#"{"error":"Scope user_impersonation is required"}"#, &["Orders.Read"][..], false),
        (r#"{"error":"Missing role"}"#, &["Everything.ReadWrite.All"][..], false),
    ] {
        let seen = denied_with(said, &graph(&[RESOURCE], roles, false));
        let is_role = seen.code() == "app-requires-role-or-scope";
        assert!(is_role || !is_assigned, "{said}: {}", seen.code());
        let named = format!("\\\"appRoleId\\\": \\\"{TENANT}\\\"");
        assert_eq!(seen.fixes().contains(&named), is_assigned, "{said} {roles:?} {}", seen.fixes());
        if is_role && !is_assigned {
            assert!(seen.fixes().contains(roles[0]), "{said} {}", seen.fixes());
        }
    }
}

// ------------------------------------------------------------------------------------- two faults in Graph (B13)

#[test]
fn the_assignment_is_missing_where_the_client_id_is_refused_too() {
    let opaque = || as_json("500 Internal Server Error", &json!({"statusCode": 500, "message": "An error occurred."}));
    let seen = |bare_is_issued: bool, required: bool| {
        let mut field = Field::app_service(move |head| {
            if head.contains("graph.microsoft.com") {
                issued("https://graph.microsoft.com")
            } else if head.contains("management.") {
                issued("https://management.azure.com")
            } else if bare_is_issued && !head.contains("api%3A") && head.contains(ID) {
                issued(ID)
            } else {
                opaque()
            }
        });
        field.entra = Server::answers(authority);
        let graph = graph(&[URI], &[], required);
        field.option(&["--graph", &graph.url]).check()
    };
    let both = seen(false, true);
    both.root("assignment-required-not-assigned", "certain").finds("resource-not-registered");
    assert_eq!(both.0["next"][0]["code"], "resource-not-registered");
    let only_uri = seen(false, false);
    assert_eq!(only_uri.code(), "resource-not-registered");
    only_uri.never_finds("assignment-required-not-assigned");
    assert_eq!(seen(true, false).code(), "resource-not-registered");
}

// ------------------------------------------------------------------------------------- identities of machines (B14)

const SHARED: &str = "Microsoft.ManagedIdentity/userAssignedIdentities/Built-In-Identity-westeurope";
const OWN_MACHINE: &str = "Microsoft.Compute/virtualMachines/runner1";

fn on_a_machine(identity: &str, variables: &[(&str, &str)]) -> Seen {
    let mirid = format!("{GROUP}/{identity}");
    let mut field = Field::machine(move |_| issued_with(RESOURCE, &json!({"xms_mirid": mirid})));
    field.app2 = Server::answers(|head| behind_easy_auth(head, |_| http("403 Forbidden", PASSED, "")));
    field.entra = Server::answers(authority);
    for (name, value) in variables {
        field = field.set(name, value);
    }
    let file = settings(&v1_issuer(), &[RESOURCE], &[OTHER]).to_string();
    with(field, "--auth-settings", &file).check()
}

#[test]
fn an_identity_that_other_machines_and_jobs_have_is_named_with_a_caution() {
    for (identity, variables) in [
        (SHARED, &[][..]),
        ("Microsoft.ManagedIdentity/userAssignedIdentities/AzSecPackAutoConfigUA-westeurope", &[][..]),
        (OWN_MACHINE, &[("GITHUB_ACTIONS", "true")][..]),
        (OWN_MACHINE, &[("TF_BUILD", "True")][..]),
    ] {
        let seen = on_a_machine(identity, variables);
        seen.root("caller-not-in-allowed-applications", "likely");
        let name = identity.rsplit('/').next().unwrap();
        let fixes = seen.0["root_cause"]["fixes"].as_array().unwrap();
        assert!(fixes.iter().any(|fix| fix["caution"].as_str().is_some_and(|it| it.contains(name))), "{fixes:#?}");
    }
}

#[test]
fn a_machines_own_identity_and_a_selected_one_are_app_1s() {
    let client = "c0000000-0000-4000-8000-000000000001";
    for (identity, variables) in [(OWN_MACHINE, &[][..]), (SHARED, &[("AZURE_CLIENT_ID", client)][..])] {
        on_a_machine(identity, variables).root("caller-not-in-allowed-applications", "certain");
    }
}

// ------------------------------------------------------------------------------------- excluded paths (B10)

fn excluding(path: &str, app: impl Fn(&str) -> String + Send + Sync + 'static) -> Seen {
    let mut field = app_2(|_| challenge());
    field.app2 = Server::answers(move |head| match head.split(' ').nth(1).unwrap_or_default() {
        "/api/hello" => app(head),
        _ => behind_easy_auth(head, |_| challenge()),
    });
    let mut all = settings(&v1_issuer(), &[RESOURCE], &[]);
    all["properties"]["globalValidation"]["excludedPaths"] = json!([path]);
    with(field, "--auth-settings", &all.to_string()).check()
}

#[test]
fn an_excluded_path_is_a_candidate_where_the_app_refuses() {
    let json = "content-type: application/json\r\nx-ms-middleware-request-id: 1\r\n";
    let no_principal = move |_: &str| http("401 Unauthorized", json, r#"{"error":"missing x-ms-client-principal"}"#);
    for path in ["/api/*", "/api/hello", "/*"] {
        let seen = excluding(path, no_principal);
        seen.finds("path-excluded");
        assert!(
            seen.code() == "path-excluded" || seen.candidates().contains(&"path-excluded"),
            "{:?}",
            seen.candidates()
        );
    }
    excluding("/api/*", |_| http("302 Found", "location: /login\r\n", "")).finds("path-excluded");
    // Another path, and Easy Auth's own 401 there: nothing is excluded.
    excluding("/health", no_principal).never_finds("path-excluded");
    excluding("/api/*", |_| challenge()).never_finds("path-excluded");
}
