//! Worlds in which a value has another form than it must have, and siblings of what a second stranger found. Each has
//! the right answer and why.

use easyauth_doctor::report::{Report, Severity};
use serde_json::{Value, json};

use crate::field::caller::{
    AKS, CLIENT, EXCHANGE, Field, OTHER_TENANT, TENANT, app_service, as_json, imds, issued_with, jwt, now,
    service_account,
};
use crate::field::target::{
    Brings, CALLER, HTML, ID, JSON, PASSED, Seen, World, behind_easy_auth, challenge, settings, v1_issuer,
};
use crate::helpers::program::doctor;
use crate::helpers::server::{RESOURCE, Server, http};
use crate::helpers::world::answer;

const OTHER: &str = "c0000000-0000-4000-8000-00000000000f";

fn refused(number: &str, text: &str) -> String {
    let description = format!("AADSTS{number}: {text}");
    let number: u64 = number.parse().unwrap();
    let body = json!({"error": "invalid_client", "error_description": description, "error_codes": [number]});
    as_json("400 Bad Request", &body)
}

fn file(field: &Field, name: &str, text: &str) -> String {
    let path = field.files.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// App 2 refuses this caller's tenant, and its own environment has these allowed tenants.
fn tenants(list: &str) -> crate::field::caller::Seen {
    let mut field = Field::app_service(|_| issued_with(RESOURCE, &json!({})));
    field.app2 = Server::answers(|head| answer(head, "403 Forbidden", "", ""));
    let lines =
        format!("WEBSITE_AUTH_ENABLED=True\nWEBSITE_AUTH_CLIENT_ID={ID}\nWEBSITE_AUTH_AAD_ALLOWED_TENANTS={list}\n");
    let path = file(&field, "environ", &lines);
    field.option(&["--target-environ", &path]).check()
}

/// With a tenant behind it, neither is a reference resolved nor a variable replaced: the fix is the value itself.
#[test]
fn allowed_tenants_that_are_no_values_are_never_extended() {
    for instead in [
        "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/tenants)",
        "@Microsoft.KeyVault(VaultName=kv;SecretName=tenants)",
        "@Microsoft.AppConfiguration(Endpoint=https://c.azconfig.io;Key=tenants)",
        "$(AllowedTenants)",
        "<tenant-id>",
    ] {
        let seen = tenants(instead);
        seen.root("tenant-not-allowed", "likely").never_says(&format!("),{TENANT}"));
        assert!(!seen.fixes().contains(&format!("{instead},")), "{}", seen.fixes());
        assert!(seen.fixes().contains(TENANT));
    }
}

#[test]
fn allowed_tenants_that_something_else_separates_become_a_list_with_commas() {
    for list in [format!("{TENANT};{OTHER_TENANT}"), format!("{OTHER_TENANT} {TENANT}"), format!("{{{TENANT}}}")] {
        let seen = tenants(&list);
        seen.root("tenant-not-allowed", "likely");
        assert!(!seen.fixes().contains(&format!("{list},")) && !seen.fixes().contains(';'), "{}", seen.fixes());
    }
    // Here the tenant is missing as well.
    let seen = tenants(&format!("{OTHER_TENANT};{OTHER}"));
    seen.root("tenant-not-allowed", "certain").says(&format!("{OTHER_TENANT},{OTHER},{TENANT}"));
}

fn assertion(number: &'static str, text: &'static str) -> crate::field::caller::Seen {
    Field::federated(&service_account(AKS, EXCHANGE, 60), move |_| refused(number, text)).check()
}

/// The token's own claim is refused, or its kind: another token of the same kind is refused as well.
#[test]
fn an_assertion_whose_claim_is_refused_isnt_renewed() {
    for (number, text) in [
        ("700023", "Client assertion audience claim does not match Realm issuer."),
        ("700021", "Client assertion application identifier doesn't match 'client_id' parameter."),
        ("50048", "Subject mismatches Issuer claim in the client assertion."),
        ("500135", "Assertion audience is invalid."),
    ] {
        let seen = assertion(number, text);
        seen.root("assertion-rejected", "certain").never_says("kubectl").never_says("jwks_uri").says("aud = api://");
        assert_eq!(seen.0["root_cause"]["owner"], "app1");
    }
    // No credential of the registration fits a token that was itself exchanged.
    let chained = assertion("700231", "Token obtained using a federated identity credential may not be used as one.");
    chained.root("federated-credential-mismatch", "certain").never_says("kubectl");
    for (number, text) in
        [("5000811", "Unable to verify token signature."), ("900384", "JWT token failed signature validation.")]
    {
        assertion(number, text).root("assertion-rejected", "certain").says("jwks_uri");
    }
}

/// Only an administrator of the tenant can change its policy.
#[test]
fn a_tenants_policy_about_an_issuer_is_its_administrators() {
    for (number, text) in [
        ("700238", "Tokens issued by issuer 'https://token.actions.githubusercontent.com' may not be used."),
        ("7002381", "The token doesn't have the claim that the tenant's policy requires."),
    ] {
        let seen = assertion(number, text);
        seen.root("assertion-rejected", "certain").never_says("kubectl").never_says("jwks_uri");
        assert_eq!(seen.0["root_cause"]["owner"], "tenant");
    }
}

/// The Azure CLI signs in with a certificate or with a federated token, and doesn't say with which.
#[test]
fn what_the_azure_cli_presents_isnt_told_by_a_claim() {
    for text in [
        "ERROR: AADSTS700023: Client assertion audience claim does not match Realm issuer.",
        "ERROR: AADSTS50048: Subject mismatches Issuer claim in the client assertion.",
        "ERROR: AADSTS50027: JWT token is invalid or malformed.",
    ] {
        Field::azure_cli(text).check().unknown("AADSTS", "");
    }
}

fn stale(_: &str) -> String {
    refused("700016", "Application with identifier 'x' was not found in the directory 'Contoso'.")
}

/// The system-assigned identity may be healthy: only the selected one is removed and assigned again.
#[test]
fn a_stale_user_assigned_identity_isnt_mended_by_the_system_assigned_one() {
    let site =
        |field: Field| field.set("WEBSITE_OWNER_NAME", &format!("{OTHER}+rg-x")).set("WEBSITE_RESOURCE_GROUP", "rg");
    let id = "/subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e/resourceGroups/rg/providers/\
        Microsoft.ManagedIdentity/userAssignedIdentities/app1";
    for (field, known) in [
        (site(Field::app_service(stale)).set("AZURE_CLIENT_ID", CLIENT), CLIENT),
        (Field::container_app(stale).set("AZURE_CLIENT_ID", CLIENT), CLIENT),
        (Field::machine(stale).set("AZURE_CLIENT_ID", CLIENT), CLIENT),
        (site(Field::app_service(stale)).option(&["--identity", &format!("resource-id:{id}")]), id),
    ] {
        let seen = field.check();
        seen.root("managed-identity-stale", "likely").never_says("[system]").never_says("--system-assigned");
        assert!(seen.fixes().contains(known) && seen.fixes().contains("identity list"), "{}", seen.fixes());
    }
    site(Field::app_service(stale)).check().root("managed-identity-stale", "likely").says("[system]");
    Field::container_app(stale).check().root("managed-identity-stale", "likely").says("--system-assigned");
}

/// A token that is given needs no request: with the change, every step is settled.
#[test]
fn a_given_token_passes_with_the_change_that_it_needs() {
    let with = |change: &str| {
        let mut field = Field::app_service(|_| imds("unused"));
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| http("403 Forbidden", PASSED, "")));
        field.entra = Server::answers(|_| http("503 Service Unavailable", "", ""));
        let claims = json!({"aud": RESOURCE, "iss": v1_issuer(), "tid": TENANT, "appid": CALLER, "oid": OTHER,
            "idtyp": "app", "ver": "1.0", "iat": now() - 300, "nbf": now() - 300, "exp": now() + 3600});
        let token = file(&field, "token", &jwt(&claims));
        let shown = file(&field, "settings", &settings(&v1_issuer(), &[RESOURCE], &[ID]).to_string());
        field.option(&["--token-file", &token, "--auth-settings", &shown, "--assume", change]).check()
    };
    let needed = with(&format!("allowedApplications+={CALLER}"));
    assert_eq!(needed.verdict(), "would-pass", "{:#}", needed.0);
    let other = with(&format!("allowedApplications+={CLIENT}"));
    assert_eq!((other.verdict(), other.code()), ("fail", "caller-not-in-allowed-applications"));
}

/// What is around a secret is sent with it; what is a GUID is its ID. A saved case knows the form as well.
#[test]
fn the_form_of_a_client_secret_says_what_to_do() {
    let secret = "a-secret-of-nobody-0123456789";
    for (given, is_around) in [
        (format!("{secret}\n"), true),
        (format!("{secret}\r\n"), true),
        (format!(" {secret}"), true),
        (format!("\"{secret}\""), true),
        (format!("'{secret}'"), true),
        (format!("{{\"password\": \"{secret}\"}}"), true),
        (OTHER.to_owned(), false),
        (secret.to_owned(), false),
    ] {
        let field = Field::secret(|_| refused("7000215", "Invalid client secret provided."));
        let path = field.files.path().join("case.json").display().to_string();
        let seen = field.set("AZURE_CLIENT_SECRET", &given).option(&["--save", &path]);
        let files = &seen;
        let seen = files.check();
        seen.root("caller-secret-invalid", "certain");
        assert_eq!(seen.fixes().contains("credential reset"), !is_around, "{given:?}: {}", seen.fixes());
        assert!(!seen.cause().contains(secret));
        let opened = doctor(&["open", &path, "--format", "json"]).output().unwrap();
        let opened: Value = serde_json::from_slice(&opened.stdout).unwrap();
        assert_eq!(opened["root_cause"], seen.0["root_cause"]);
    }
}

/// The identity is attached; what is around its ID has to go.
#[test]
fn what_is_around_a_selected_id_is_removed() {
    let text = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
    for around in [format!("{CLIENT} "), format!("\t{CLIENT}"), format!("\u{feff}{CLIENT}"), format!("{{{CLIENT}}}")] {
        for field in [
            Field::app_service(move |_| app_service("400 Bad Request", text)),
            Field::container_app(move |_| app_service("400 Bad Request", text)),
        ] {
            let seen = field.set("AZURE_CLIENT_ID", &around).check();
            seen.root("selected-identity-not-attached", "certain").says(&format!("AZURE_CLIENT_ID to {CLIENT}"));
            assert!(!seen.fixes().contains("identity assign") && !seen.fixes().contains("select Add"));
        }
    }
}

/// A reference or a variable stands for a value: the fix is about it, and not about the whole credential.
#[test]
fn an_id_that_wasnt_resolved_is_named_with_its_variable() {
    for (variable, value) in [
        ("AZURE_CLIENT_ID", "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/id)"),
        ("AZURE_TENANT_ID", "@Microsoft.KeyVault(VaultName=kv;SecretName=tenant)"),
        ("AZURE_TENANT_ID", "$(TenantId)"),
        ("AZURE_CLIENT_ID", "${CLIENT}"),
    ] {
        let field = Field::secret(|_| refused("90002", "Tenant not found."));
        let seen = field.set("WEBSITE_SITE_NAME", "app1").set(variable, value).check();
        seen.root("credential-incomplete", "certain");
        assert!(seen.fixes().contains(variable), "{}", seen.fixes());
        assert!(!seen.fixes().contains("set AZURE_TENANT_ID, AZURE_CLIENT_ID"), "{}", seen.fixes());
        assert!(seen.fixes().contains("Key Vault Secrets User") == value.starts_with('@'), "{}", seen.fixes());
    }
}

/// Container Apps runs in Kubernetes, and has the variables of both.
#[test]
fn a_container_app_is_known_by_any_of_its_variables() {
    for variable in ["CONTAINER_APP_PORT", "CONTAINER_APP_ENV_DNS_SUFFIX"] {
        let field = Field::new(|_| app_service("400 Bad Request", "Unable to load the proper Managed Identity."))
            .set("IDENTITY_ENDPOINT", "{identity}/msi/token")
            .set("IDENTITY_HEADER", crate::helpers::server::IDENTITY_HEADER)
            .set("KUBERNETES_SERVICE_HOST", "10.0.0.1")
            .set("CONTAINER_APP_HOSTNAME", "")
            .set(variable, "8080");
        let seen = field.check();
        seen.root("user-assigned-identity-not-selected", "likely").says("az containerapp").never_says("siteConfig");
    }
}

/// Entra's iat is five minutes before the moment of issue.
#[test]
fn a_token_is_fresh_for_five_minutes_after_its_issue() {
    for (before, is_cached) in [(300, false), (590, false), (1200, true)] {
        let claims = json!({"iat": now() - before, "nbf": now() - before, "exp": now() + 86_000});
        let world = World::of(|head| behind_easy_auth(head, |_| http("200 OK", PASSED, "hello"))).giving(claims);
        assert_eq!(!world.observe().found("token-lifetime-cached").is_empty(), is_cached, "{before}");
    }
}

fn called(status: &'static str, header: &'static str, body: &'static str) -> Seen {
    World::of(move |head| behind_easy_auth(head, |_| http(status, header, body))).observe()
}

/// The token is the longest header: a smaller one, or fewer others. Neither path nor method nor body is at fault.
#[test]
fn headers_that_are_too_large_are_made_smaller() {
    for (status, body) in [
        ("431 Request Header Fields Too Large", ""),
        (
            "400 Bad Request",
            "<TITLE>Bad Request</TITLE><h2>Bad Request - Request Too Long</h2><p>HTTP Error 400. The size of the \
             request headers is too long.</p>",
        ),
        ("400 Bad Request", "<center><h1>400 Bad Request</h1></center>Request Header Or Cookie Too Large<hr>nginx"),
        ("400 Bad Request", "Size of a request header field exceeds server limit."),
        ("400 Bad Request", "java.lang.IllegalArgumentException: Request header is too large"),
    ] {
        let seen = called(status, HTML, body);
        assert_eq!(seen.root(), "app-error");
        assert_eq!(seen.says("app-error").as_deref(), Some("headers-too-large"), "{body}");
        assert!(!seen.fixes().contains("Check the path"), "{}", seen.fixes());
    }
    for (status, body) in
        [("400 Bad Request", "The field quantity is required."), ("413 Payload Too Large", "Request Entity Too Large")]
    {
        let seen = called(status, HTML, body);
        assert_ne!(seen.says("app-error").as_deref(), Some("headers-too-large"), "{body}");
        assert!(seen.fixes().contains("Check the path"), "{}", seen.fixes());
    }
}

/// A token without a tenant was not issued in another one, and B2C has no two versions of issuers.
#[test]
fn a_token_without_a_tenant_is_of_no_other_tenant() {
    for issuer in ["https://contoso.b2clogin.com/{}/v2.0/", "https://contoso.b2clogin.com/tfp/{}/b2c_1_x/v2.0/"] {
        let issuer = issuer.replace("{}", OTHER_TENANT);
        let mut field = Field::app_service(|_| imds("unused"));
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| challenge()));
        let claims = json!({"iss": issuer, "aud": ID, "azp": CALLER, "scp": "read", "ver": "1.0", "sub": "x",
            "iat": now() - 300, "nbf": now() - 300, "exp": now() + 3600});
        let token = file(&field, "token", &jwt(&claims));
        let field = field.option(&["--token-file", &token, "--resource", ID]);
        let seen = field.check();
        assert!(!seen.candidates().contains(&"foreign-tenant-token"), "{:?}", seen.candidates());
        assert!(!seen.candidates().contains(&"audience-token-version-mismatch"), "{:?}", seen.candidates());
        assert!(seen.candidates().contains(&"issuer-not-accepted"), "{:#}", seen.0["root_cause"]);
    }
}

/// An application has no name for Easy Auth's header of names; a person has.
#[test]
fn an_application_has_no_principal_name() {
    let refusing = |claims: Value, text: &'static str| {
        let answer = move |_: Brings| http("401 Unauthorized", &format!("{PASSED}{JSON}"), text);
        let world = World::of(move |head| match head.split(' ').nth(1) {
            Some("/.auth/me") if Brings::of(head) == Brings::Uri => http("200 OK", PASSED, "[]"),
            _ => behind_easy_auth(head, answer),
        });
        world.giving(claims).observe()
    };
    let text = r#"{"error":"Missing X-MS-CLIENT-PRINCIPAL-NAME header"}"#;
    let app = refusing(json!({}), text);
    assert_eq!(app.root(), "app-validates-token-itself");
    assert!(app.fixes().contains("X-MS-CLIENT-PRINCIPAL-ID"), "{}", app.fixes());
    let person = json!({"idtyp": "user", "scp": "user_impersonation", "upn": "ann@contoso.com"});
    assert!(!refusing(person, text).fixes().contains("X-MS-CLIENT-PRINCIPAL-ID"));
    let whole = refusing(json!({}), r#"{"error":"Missing x-ms-client-principal header"}"#);
    assert!(!whole.fixes().contains("X-MS-CLIENT-PRINCIPAL-ID"), "{}", whole.fixes());
}

/// A person's call says nothing of App 1, also where it succeeds.
#[test]
fn a_persons_success_is_a_warning() {
    let claims = json!({"aud": RESOURCE, "iss": v1_issuer(), "tid": TENANT, "oid": OTHER, "ver": "1.0",
        "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46", "scp": "user_impersonation", "upn": "ann@contoso.com",
        "iat": now() - 300, "nbf": now() - 300, "exp": now() + 3600});
    let mut field = Field::azure_cli("");
    let printed = json!({"accessToken": jwt(&claims), "expires_on": now() + 3600, "tokenType": "Bearer"});
    let printed = file(&field, "printed", &printed.to_string());
    file(&field, "az", &format!("#!/bin/sh\n/bin/cat '{printed}'\n"));
    field.app2 = Server::answers(|head| answer(head, "200 OK", "", "hello"));
    let seen = field.check();
    seen.passes().finds("token-not-app-only");
    let claims = seen.0["steps"].as_array().unwrap().iter().find(|step| step["id"] == "claims").unwrap();
    assert_eq!(claims["status"], "warn", "{claims:#}");
}

/// The policy refuses this caller, as Easy Auth's own page says as well.
fn refused_by_the_policy(head: &str) -> String {
    match head.split(' ').nth(1) {
        Some("/.auth/me") if Brings::of(head) != Brings::Nothing => http("403 Forbidden", PASSED, ""),
        _ => behind_easy_auth(head, |_| http("403 Forbidden", PASSED, "")),
    }
}

/// What the settings contradict is no candidate; the contradiction itself is said.
#[test]
fn settings_that_allow_a_refused_caller_leave_no_candidate_that_they_contradict() {
    let policy = ["caller-not-in-allowed-applications", "principal-not-in-allowed-identities", "groups-claim-missing"];
    let allowing = settings(&v1_issuer(), &[RESOURCE], &["c0000000-0000-4000-8000-000000000001"]);
    let seen = World::of(refused_by_the_policy).with_settings(&allowing).observe();
    assert_eq!(seen.root(), "undetermined-403");
    assert!(!policy.iter().any(|code| seen.candidates().contains(code)), "{:?}", seen.candidates());
    // A list that isn't told contradicts nothing.
    let mut hidden = allowing;
    let list = "/properties/identityProviders/azureActiveDirectory/validation/defaultAuthorizationPolicy";
    hidden.pointer_mut(list).unwrap()["allowedApplications"] = json!("[parameters('callers')]");
    let seen = World::of(refused_by_the_policy).with_settings(&hidden).observe();
    assert_eq!(seen.root(), "undetermined-403");
    assert!(seen.candidates().contains(&policy[0]), "{:?}", seen.candidates());
}

/// A person and a client are two: nobody takes the ID of one for the other's.
#[test]
fn a_person_is_no_client() {
    let claims = json!({"appid": OTHER, "idtyp": "user", "scp": "x", "upn": "ann@contoso.com"});
    let seen = World::of(refused_by_the_policy).giving(claims).observe();
    assert_eq!(seen.root(), "undetermined-403");
    for code in ["object-id-in-allowed-applications", "application-id-in-allowed-identities"] {
        assert!(!seen.candidates().contains(&code), "{:?}", seen.candidates());
    }
    let app = World::of(refused_by_the_policy).observe();
    assert!(app.candidates().contains(&"object-id-in-allowed-applications"));
    assert_eq!(app.found("token-not-app-only"), Vec::<Severity>::new());
}

/// Before a token is requested, an identity that may be missing explains nothing; the call meets it next.
#[test]
fn an_identity_that_may_be_missing_is_met_next() {
    let nobody = crate::helpers::network::NOBODY;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.json").display().to_string();
    doctor(&["check", "--timeout", "5", "--target", nobody, "--save", &path]).output().unwrap();
    let case: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let next = |variables: Value| -> Vec<String> {
        let mut case = case.clone();
        case["environment"]["variables"] = variables;
        case["environment"]["places"] = json!([{"place": "first-process", "outcome": {"Err": "denied"}}]);
        case["environment"]["chassis_asset_tag"] = Value::Null;
        let report = Report::of(serde_json::from_value(case).unwrap());
        let root = report.diagnosis().root_cause.clone().unwrap();
        assert_eq!(root.code.name(), "target-unreachable");
        report.diagnosis().next.iter().map(|fault| fault.code.name().to_owned()).collect()
    };
    assert_eq!(next(json!([])), ["identity-unsupported-on-host"]);
    let variable = |name: &str, value: &str| json!({"name": name, "value": {"plain": value}, "place": "process"});
    let site = variable("WEBSITE_SITE_NAME", "app1");
    let endpoint = variable("IDENTITY_ENDPOINT", nobody);
    let header = variable("IDENTITY_HEADER", "h");
    assert_eq!(next(json!([site, endpoint, header])), Vec::<String>::new());
}

/// A wrong issuer explains that the token for the bare client ID is refused as well; a wrong audience does not.
#[test]
fn a_wrong_issuer_needs_no_lost_header() {
    let refusing = || World::of(|head| behind_easy_auth(head, |_| challenge()));
    let other = format!("https://sts.windows.net/{OTHER_TENANT}/");
    let version_2 = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    for issuer in [other, version_2] {
        let seen = refusing().with_settings(&settings(&issuer, &[RESOURCE], &[])).observe();
        assert_eq!(seen.found("authorization-header-dropped"), Vec::<Severity>::new(), "{issuer}");
    }
    let seen = refusing().with_settings(&settings(&v1_issuer(), &["api://another"], &[])).observe();
    assert_eq!(seen.found("authorization-header-dropped"), [Severity::Error], "{}", seen.root());
}
