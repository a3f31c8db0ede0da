//! Whose identity, whose credential, whose tenant: what App 1 uses is settled before App 2 is asked to allow it, and no
//! fix allows an identity that isn't App 1's. Each expectation was written before the run.

use serde_json::{Value, json};

use crate::field::caller::{
    CLIENT, Field, OTHER_TENANT, Seen, TENANT, app_service, as_json, entra, imds, issued, issued_with, now,
};
use crate::field::target::{PASSED, behind_easy_auth, challenge, for_everybody};
use crate::helpers::network::NOBODY;
use crate::helpers::program::doctor;
use crate::helpers::routing::{NAMINGS, app_2, check};
use crate::helpers::server::{RESOURCE, Server, http};

const CALLER: &str = "c0000000-0000-4000-8000-000000000001";
const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const GROUP: &str = "/subscriptions/12345678-2222-4333-8444-555555555555/resourcegroups/rg/providers";

// ------------------------------------------------------------------------------------- whose identity

/// App 1 on App Service with a token of this identity, which App 2's policy refuses with 403.
fn refused(identity: &str, variables: &[(&str, &str)]) -> Field {
    denied(identity, variables, &json!({"allowedApplications": [ID]}))
}

fn denied(identity: &str, variables: &[(&str, &str)], policy: &Value) -> Field {
    let claims = json!({"xms_mirid": format!("{GROUP}/{identity}")});
    let mut field = Field::app_service(move |_| issued_with(RESOURCE, &claims));
    field.entra = Server::answers(authority);
    field.app2 = Server::answers(|head| behind_easy_auth(head, |_| http("403 Forbidden", PASSED, "")));
    let field = variables.iter().fold(field, |field, (name, value)| field.set(name, value));
    with_settings(field, &json!({"validation": {"allowedAudiences": [RESOURCE], "defaultAuthorizationPolicy": policy}}))
}

fn with_settings(field: Field, entra: &Value) -> Field {
    let mut provider = json!({"enabled": true, "registration": {"clientId": ID,
        "openIdIssuer": format!("https://sts.windows.net/{TENANT}/")}});
    for (name, value) in entra.as_object().unwrap() {
        match value.as_object() {
            Some(members) if provider[name].is_object() => {
                members.iter().for_each(|(member, value)| provider[name][member] = value.clone());
            }
            _ => provider[name] = value.clone(),
        }
    }
    let settings = json!({"properties": {"platform": {"enabled": true},
        "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401"},
        "identityProviders": {"azureActiveDirectory": provider}}});
    let file = field.files.path().join("settings.json");
    std::fs::write(&file, settings.to_string()).unwrap();
    field.option(&["--auth-settings", &file.display().to_string()])
}

/// What `--edited-settings` writes; `None` where it writes nothing.
fn edited(field: Field) -> (Seen, Option<String>) {
    let file = field.files.path().join("edited.json");
    let field = field.option(&["--edited-settings", &file.display().to_string()]);
    let seen = field.check();
    (seen, std::fs::read_to_string(file).ok())
}

const SITE: &str = "Microsoft.Web/sites/app1";
const USER_ASSIGNED: &str = "Microsoft.ManagedIdentity/userAssignedIdentities/x";

#[test]
fn an_identity_that_is_not_app_1s_is_never_allowed() {
    let staging = format!("{SITE}/slots/staging");
    for (identity, variables, options, sureness) in [
        (staging.as_str(), &[("WEBSITE_SLOT_NAME", "Production")][..], &[][..], "likely"),
        ("Microsoft.Web/sites/app9", &[], &[], "likely"),
        (SITE, &[("WEBSITE_SLOT_NAME", "staging")], &[], "likely"),
        (USER_ASSIGNED, &[], &["--identity", "system"], "certain"),
        (SITE, &[("AZURE_CLIENT_ID", CLIENT)], &[], "certain"),
        (SITE, &[], &["--expect-identity", CLIENT], "certain"),
    ] {
        let (seen, written) = edited(refused(identity, variables).option(options));
        seen.root("unexpected-identity-used", sureness).never_says("allowedApplications");
        assert_eq!(written, None, "{identity} {variables:?} {options:?}");
        let of_next = seen.0["next"].to_string();
        assert!(!of_next.contains("az rest"), "{of_next}");
    }
}

#[test]
fn lists_of_object_ids_are_no_exception() {
    let staging = format!("{SITE}/slots/staging");
    let policy = json!({"allowedPrincipals": {"identities": [ID]}});
    let (seen, written) = edited(denied(&staging, &[("WEBSITE_SLOT_NAME", "Production")], &policy));
    seen.root("unexpected-identity-used", "likely");
    assert_eq!(written, None);
}

#[test]
fn app_1s_own_identity_is_allowed() {
    for (identity, variables, options) in [
        (SITE, &[][..], &[][..]),
        // Nothing was selected, and the host gave the only one that there is.
        (USER_ASSIGNED, &[], &[]),
        (USER_ASSIGNED, &[("AZURE_CLIENT_ID", CALLER)], &[]),
        // Whoever expects it says that it is App 1's.
        ("Microsoft.Web/sites/app9", &[], &["--expect-identity", CALLER]),
    ] {
        let (seen, written) = edited(refused(identity, variables).option(options));
        assert_eq!(seen.code(), "caller-not-in-allowed-applications", "{identity}");
        assert!(written.unwrap().contains(CALLER), "{identity}");
    }
}

#[test]
fn a_call_that_works_is_only_warned_of() {
    let staging = json!({"xms_mirid": format!("{GROUP}/{SITE}/slots/staging")});
    let field = Field::app_service(move |_| issued_with(RESOURCE, &staging)).set("WEBSITE_SLOT_NAME", "Production");
    field.check().passes().finds("unexpected-identity-used");
}

// ------------------------------------------------------------------------------------- whose credential

const SECRET: &str = "a-secret-of-nobody-0123456789";

/// A machine where nothing listens at the metadata endpoint.
fn nowhere(variables: &[(&str, &str)]) -> Field {
    let field = Field::new(|_| http("404 Not Found", "", "")).set("AZURE_POD_IDENTITY_AUTHORITY_HOST", NOBODY);
    variables.iter().fold(field, |field, (name, value)| field.set(name, value))
}

#[test]
fn a_part_of_a_service_principal_is_named() {
    let (client, tenant, secret) =
        (("AZURE_CLIENT_ID", CLIENT), ("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_SECRET", SECRET));
    let certificate = ("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere/app1.pem");
    for (variables, missing) in [
        (&[client, secret][..], "AZURE_TENANT_ID"),
        (&[client, secret, ("AZURE_TENANT_ID", "")], "AZURE_TENANT_ID"),
        (&[tenant, secret], "AZURE_CLIENT_ID"),
        (&[tenant, secret, ("AZURE_CLIENT_ID", ""), ("TF_BUILD", "True")], "AZURE_CLIENT_ID"),
        (&[client, certificate, ("GITHUB_ACTIONS", "true")], "AZURE_TENANT_ID"),
        (&[secret], "AZURE_TENANT_ID, AZURE_CLIENT_ID"),
        (&[secret, client, ("KUBERNETES_SERVICE_HOST", "10.0.0.1")], "AZURE_TENANT_ID"),
        // Three secrets of a pipeline that aren't there.
        (
            &[
                ("AZURE_CLIENT_ID", ""),
                ("AZURE_TENANT_ID", ""),
                ("AZURE_CLIENT_SECRET", ""),
                ("GITHUB_ACTIONS", "true"),
            ],
            "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET",
        ),
    ] {
        nowhere(variables).check().root("credential-incomplete", "certain").says(missing);
    }
    // A container that was given nothing else, and no metadata endpoint.
    let bare = Field::new(|_| http("404 Not Found", "", "")).set(client.0, client.1).set(secret.0, secret.1);
    bare.check().root("credential-incomplete", "certain").says("AZURE_TENANT_ID");
}

#[test]
fn an_identity_that_answers_is_used_in_place_of_a_part() {
    let part = [("AZURE_CLIENT_SECRET", SECRET), ("AZURE_CLIENT_ID", CLIENT)];
    let with = |field: Field| part.iter().fold(field, |field, (name, value)| field.set(name, value));
    with(Field::machine(|_| issued(RESOURCE))).check().never_finds("credential-incomplete");
    // It has none with this client ID, which is the application's.
    let none = app_service(
        "400 Bad Request",
        "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
    );
    with(Field::app_service(move |_| none.clone())).check().root("credential-incomplete", "likely");
    with(Field::machine(|_| imds("Identity not found"))).check().root("credential-incomplete", "likely");
    // Without a secret the client ID selects an identity.
    let seen = Field::machine(|_| imds("Identity not found")).set("AZURE_CLIENT_ID", CLIENT).check();
    seen.never_finds("credential-incomplete");
}

#[cfg(not(windows))]
#[test]
fn names_in_another_case_do_not_count() {
    let lower = [("azure_client_id", CLIENT), ("azure_tenant_id", TENANT), ("azure_client_secret", SECRET)];
    nowhere(&lower).check().root("credential-incomplete", "certain").says("azure_tenant_id");
    let mixed = [("AZURE_CLIENT_ID", CLIENT), ("Azure_Tenant_Id", TENANT), ("AZURE_CLIENT_SECRET", SECRET)];
    nowhere(&mixed).check().root("credential-incomplete", "certain").says("AZURE_TENANT_ID").says("Azure_Tenant_Id");
    let endpoint = Field::new(|_| issued(RESOURCE)).set("Identity_Endpoint", "{identity}/msi/token");
    endpoint.set("Identity_Header", "h").check().root("credential-incomplete", "certain").says("Identity_Header");
    // Only a warning, where another credential works.
    let seen = Field::app_service(|head| match head.contains("client_id") {
        true => app_service("400 Bad Request", "No User Assigned or Delegated Managed Identity found."),
        false => issued(RESOURCE),
    });
    seen.set("azure_client_id", CLIENT).check().passes().finds("credential-incomplete");
    // Tools read proxies in either case, and Windows everything.
    let seen = Field::app_service(|_| issued(RESOURCE)).set("no_proxy", "127.0.0.1").check();
    seen.passes().never_finds("credential-incomplete");
    let field = Field::secret(|_| issued(RESOURCE));
    let block = field.files.path().join("environ");
    let of_windows = format!(
        "windir=C:\\Windows\r\nazure_client_id={CLIENT}\r\nAzure_Tenant_Id={TENANT}\r\nAZURE_CLIENT_SECRET={SECRET}"
    );
    std::fs::write(&block, of_windows).unwrap();
    let field = Field { variables: Vec::new(), ..field };
    field.option(&["--environ", &block.display().to_string()]).check().passes();
}

// ------------------------------------------------------------------------------------- whose host

#[test]
fn a_host_of_its_own_has_no_fixes_of_a_virtual_machine() {
    let several = "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity";
    for (name, value, code) in [
        ("AZ_BATCH_POOL_ID", "pool", "identity-not-enabled"),
        ("Fabric_ApplicationName", "caas-0123", "identity-not-enabled"),
        ("DATABRICKS_RUNTIME_VERSION", "15.4", "identity-unsupported-on-host"),
        ("CODESPACES", "true", "identity-unsupported-on-host"),
        ("AZURE_SERVICE", "Microsoft.ProjectArcadia", "identity-unsupported-on-host"),
    ] {
        let seen = Field::machine(|_| imds("Identity not found")).set(name, value).check();
        assert_eq!(seen.code(), code, "{name}");
        seen.never_says("az vm ").never_says("az webapp");
        assert_ne!(seen.0["root_cause"]["fixes"], json!([]), "{name}");
        let seen = Field::machine(move |_| imds(several)).set(name, value).check();
        seen.never_says("az vm ").never_says("az webapp");
        assert_ne!(seen.0["root_cause"]["fixes"], json!([]), "{name}");
    }
    // An agent of one's own, with several identities: the job selects one.
    for pipeline in [("GITHUB_ACTIONS", "true"), ("TF_BUILD", "True")] {
        let seen = Field::machine(move |_| imds(several)).set(pipeline.0, pipeline.1).check();
        seen.root("user-assigned-identity-not-selected", "certain");
        assert_ne!(seen.0["root_cause"]["fixes"], json!([]), "{pipeline:?}");
    }
    // A runbook has App Service's protocol, and an Automation account.
    let none = app_service("400 Bad Request", "Unable to load the proper Managed Identity.");
    let runbook = Field::new(move |_| none.clone())
        .set("IDENTITY_ENDPOINT", "{identity}/oauth2/token")
        .set("IDENTITY_HEADER", "h")
        .set("AUTOMATION_ASSET_ACCOUNTID", "x");
    let seen = runbook.check();
    seen.never_says("app_settings").never_says("siteConfig");
    assert_ne!(seen.0["root_cause"]["fixes"], json!([]));
}

// ------------------------------------------------------------------------------------- whose tenant

/// An authority that knows every tenant.
pub(crate) fn authority(head: &str) -> String {
    let path = head.split(' ').nth(1).unwrap_or_default();
    let tenant = path.split('/').nth(1).unwrap_or_default();
    let issuer = match path.contains("/v2.0/") {
        true => format!("https://login.microsoftonline.com/{tenant}/v2.0"),
        false => format!("https://sts.windows.net/{tenant}/"),
    };
    as_json("200 OK", &json!({"issuer": issuer, "jwks_uri": "http://127.0.0.1:9/keys"}))
}

/// App 2 refuses the token with 401, and this is its issuer.
fn issuer(issuer: &str, answer: &'static str) -> Field {
    let mut field = Field::app_service(|_| issued_with(RESOURCE, &json!({})));
    field.entra = Server::answers(authority);
    field.app2 = Server::answers(move |head| match answer {
        "" => challenge(),
        status => for_everybody(head, &http(status, PASSED, "")),
    });
    let settings = json!({"registration": {"openIdIssuer": issuer}, "validation": {"allowedAudiences": [RESOURCE]}});
    with_settings(field, &settings)
}

#[test]
fn an_id_that_is_no_tenants_is_no_foreign_tenant() {
    for id in [ID, CALLER] {
        for form in [format!("https://sts.windows.net/{id}/"), format!("https://login.microsoftonline.com/{id}/v2.0")] {
            issuer(&form, "").check().root("issuer-invalid", "likely").never_says(OTHER_TENANT);
        }
    }
    let foreign = format!("https://sts.windows.net/{OTHER_TENANT}/");
    issuer(&foreign, "").check().root("foreign-tenant-token", "likely");
}

#[test]
fn personal_accounts_are_no_version() {
    for tenant in ["consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"] {
        let setting = format!("https://login.microsoftonline.com/{tenant}/v2.0");
        issuer(&setting, "").check().root("issuer-not-accepted", "likely");
    }
}

#[test]
fn another_cloud_is_named_before_another_version() {
    let setting = format!("https://login.microsoftonline.us/{TENANT}/v2.0");
    issuer(&setting, "").check().root("issuer-not-accepted", "likely");
    // There, the version 1 issuer is the same as in the public cloud.
    let seen = issuer(&setting, "").option(&["--cloud", "usgov"]).check();
    seen.root("audience-token-version-mismatch", "likely");
}

#[test]
fn blanks_around_an_issuer_are_a_candidate() {
    let setting = format!(" https://sts.windows.net/{TENANT}/ ");
    let seen = issuer(&setting, "").check();
    assert!(seen.candidates().contains(&"issuer-not-accepted"), "{:?}", seen.candidates());
    let seen = issuer(&setting, "500 Internal Server Error").check();
    assert!(seen.candidates().contains(&"issuer-invalid"), "{:?}", seen.candidates());
}

#[test]
fn an_issuer_of_every_tenant_is_warned_of_where_no_list_limits_the_callers() {
    let passes = |policy: Value| {
        let mut field = Field::app_service(|_| issued_with(RESOURCE, &json!({})));
        field.entra = Server::answers(authority);
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| http("200 OK", PASSED, "hello")));
        let validation = json!({"allowedAudiences": [RESOURCE], "defaultAuthorizationPolicy": policy});
        let common = "https://login.microsoftonline.com/common/v2.0";
        with_settings(field, &json!({"registration": {"openIdIssuer": common}, "validation": validation})).check()
    };
    passes(json!({})).passes().finds("issuer-invalid");
    passes(json!({"allowedApplications": []})).passes().finds("issuer-invalid");
    passes(json!({"allowedApplications": [CALLER]})).passes().never_finds("issuer-invalid");
    passes(json!({"allowedPrincipals": {"identities": ["d0000000-0000-4000-8000-000000000001"]}}))
        .passes()
        .never_finds("issuer-invalid");
}

#[test]
fn what_is_assumed_is_no_more_tolerant_than_what_is_read() {
    let assumed = |change: &str| {
        let mut field = Field::app_service(|_| issued_with(RESOURCE, &json!({})));
        field.entra = Server::answers(authority);
        field.app2 = Server::answers(|_| challenge());
        let settings = json!({"validation": {"allowedAudiences": ["api://other"]}});
        with_settings(field, &settings).option(&["--assume", change]).check()
    };
    assert_eq!(assumed(&format!("allowedAudiences+={RESOURCE}")).verdict(), "would-pass");
    for change in [format!("allowedAudiences+={RESOURCE}/"), format!("allowedAudiences={}", RESOURCE.to_uppercase())] {
        assert_eq!(assumed(&change).verdict(), "inconclusive", "{change}");
    }
}

// ------------------------------------------------------------------------------------- whose token

#[test]
fn app_2s_word_alone_gets_no_token_for_another_ones_api() {
    for named in [
        "6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26",
        "a3747411-ce7c-4888-9ddc-3a230786ca19",
        "61c50b89-703d-431d-8d80-1e8618748775",
        "5d13f7d7-0567-429c-9880-320e9555e5fc",
        "7319c514-987d-4e9b-ac3d-d38c4f427f4c",
        "608f6f31-fed0-4f7b-809f-90f6c9b3de78",
        "02d637f4-6bed-46c2-aa72-274c8c5e0782",
        "8602e328-9b72-4f2d-a4ae-1387d013a2b3",
        // The caller itself, and the tenant.
        CALLER,
        TENANT,
    ] {
        for naming in NAMINGS {
            check(&app_2(naming, named), &[]).assert_withheld(named);
        }
    }
}

#[test]
fn a_token_of_entra_is_no_outside_token() {
    let refusal = "AAD-issued tokens may not be used for federated identity flows for applications in this tenant.";
    for issuer in
        [format!("https://sts.windows.net/{TENANT}/"), format!("https://login.microsoftonline.com/{TENANT}/v2.0")]
    {
        let claims = json!({"iss": issuer, "sub": CALLER, "aud": "api://AzureADTokenExchange",
            "iat": now() - 60, "nbf": now() - 60, "exp": now() + 3600});
        let seen = Field::federated(&claims, move |_| entra(700_222, refusal)).check();
        seen.root("federated-credential-mismatch", "certain")
            .never_says("kubectl")
            .never_says("federated-credential create");
    }
}

#[test]
fn an_answer_without_a_token_opens_as_it_was_checked() {
    for body in [
        json!({"access_token": "", "expires_on": "0"}),
        json!({"access_token": null, "expires_on": "0"}),
        json!({"accessToken": "", "tokenType": ""}),
    ] {
        let field = Field::app_service(move |_| as_json("200 OK", &body));
        let case = field.files.path().join("case.json").display().to_string();
        let field = field.option(&["--save", &case]);
        let checked = field.check();
        let opened = doctor(&["open", &case, "--format", "json"]).output().unwrap();
        let opened: Value = serde_json::from_slice(&opened.stdout).unwrap();
        assert_eq!(opened["root_cause"]["code"], checked.0["root_cause"]["code"]);
        assert_eq!(opened["root_cause"]["summary"], checked.0["root_cause"]["summary"]);
    }
}

#[test]
fn a_slot_has_a_page_of_its_own() {
    let of = |slot: &str| {
        let resource = format!("{GROUP}/Microsoft.Web/sites/app2{slot}");
        let seen = refused(SITE, &[]).option(&["--target-resource-id", &resource]).check();
        assert_eq!(seen.code(), "caller-not-in-allowed-applications");
        seen.0["root_cause"]["fixes"].as_array().unwrap().iter().find(|fix| fix["via"] == "portal").unwrap().to_string()
    };
    assert!(of("/slots/staging").contains("> staging >"));
    assert!(!of("").contains("> staging >"));
}
