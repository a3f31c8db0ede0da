//! What an answer's own words decide: links of App Service's pages, addresses of service endpoints, roles and scopes,
//! and failures behind the app; and settings that are not what runs. Each was written with its right answer before it
//! was run.

use easyauth_doctor::report::Confidence::{Certain, Likely, Possible};
use serde_json::{Value, json};

use crate::field::caller::Field;
use crate::field::target::{
    Brings, CALLER, HTML, ID, JSON, PASSED, PLAIN, Seen, TENANT, World, behind_easy_auth, challenge, for_everybody,
    settings, v1_issuer,
};
use crate::helpers::server::{RESOURCE, http};

fn summary(seen: &Seen) -> &str {
    &seen.0.diagnosis().root_cause.as_ref().unwrap().summary
}

/// Easy Auth's own page, which names this caller.
const ME: &str = r#"[{"provider_name": "aad", "user_id": "c0000000-0000-4000-8000-000000000001",
    "user_claims": [{"typ": "appid", "val": "c0000000-0000-4000-8000-000000000001"}]}]"#;

/// The app's own code answers this behind Easy Auth, whose own page accepts the caller.
fn app_says(status: &'static str, headers: &'static str, body: &'static str) -> World {
    World::of(move |head| match head.split(' ').nth(1).unwrap_or_default() {
        "/.auth/me" if Brings::of(head).is_real() => http("200 OK", &format!("{PASSED}{JSON}"), ME),
        _ => behind_easy_auth(head, |_| http(status, &format!("{PASSED}{headers}"), body)),
    })
}

/// Easy Auth lets only some callers through, and its own page doesn't accept this one either.
fn policy_refuses() -> World {
    World::of(|head| match head.split(' ').nth(1).unwrap_or_default() {
        "/.auth/me" if Brings::of(head).is_real() => http("403 Forbidden", PASSED, ""),
        _ => behind_easy_auth(head, |_| http("403 Forbidden", PASSED, "")),
    })
}

// ------------------------------------------------------------------------------ a link isn't a token's issuer

/// The page of App Service for an app that doesn't start.
const APPLICATION_ERROR: &str = "<html><head><title>Application Error</title></head><body><h1>:( Application Error</h1>\
    <p>If you are the application administrator, you can access the <a \
    href='https://app2.scm.azurewebsites.net/detectors'>diagnostic resources</a>.</p></body></html>";

/// App Service's page for an app that doesn't start links to its diagnostics, on the host of Static Web Apps' issuers.
#[test]
fn a_link_to_diagnostics_is_not_static_web_apps() {
    for status in ["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable"] {
        let page = http(status, HTML, APPLICATION_ERROR);
        let seen = World::of(move |head| for_everybody(head, &page)).observe();
        assert!(!seen.candidates().contains(&"gateway-replaced-caller"), "{status}: {:?}", seen.candidates());
        let seen = app_says(status, HTML, APPLICATION_ERROR).observe();
        assert!(["app-error", "app-unavailable"].contains(&seen.root()), "{status}: {:?}", seen.candidates());
    }
    // What a validator expects isn't what came.
    for said in [
        r#"{"error": "audience must be https://app2.scm.azurewebsites.net/azurefunctions"}"#,
        r#"{"error": "IDX10205: Did not match: ValidIssuer: 'https://app2.scm.azurewebsites.net'"}"#,
    ] {
        app_says("401 Unauthorized", JSON, said).observe().is("app-validates-token-itself", Likely);
    }
}

/// A validator quotes the issuer that it rejects in one of these ways.
#[test]
fn the_issuer_of_the_hosts_token_shows_static_web_apps() {
    for said in [
        r#"{"error": "IDX10205: Issuer validation failed. Issuer: 'https://5c1f0a2e.scm.azurewebsites.net'."}"#,
        r#"{"error": "Issuer: \u0027https://5c1f0a2e.scm.azurewebsites.net\u0027."}"#,
        r#"{"error": "The issuer \"https://5c1f0a2e.scm.azurewebsites.net/\" is invalid"}"#,
    ] {
        app_says("401 Unauthorized", JSON, said).observe().is("gateway-replaced-caller", Likely);
    }
}

// -------------------------------------------------------------------------------------- a service endpoint's address

/// Eight groups look like an identifier, and are the address that decides which rule is needed.
#[test]
fn the_address_of_a_service_endpoint_is_shown_and_needs_its_subnet() {
    const ADDRESS: &str = "fd40:30ab:12:4a1:7a12:100:a00:4";
    for header in [
        "x-ms-forbidden-ip: fd40:30ab:12:4a1:7a12:100:a00:4\r\n",
        "x-ms-forbidden-ip: [fd40:30ab:12:4a1:7a12:100:a00:4]\r\n",
        "x-ms-forbidden-ip: [fd40:30ab:12:4a1:7a12:100:a00:4]:51234\r\n",
    ] {
        let refused = http("403 Ip Forbidden", &format!("{header}{HTML}"), "<title>Web App - Unavailable</title>");
        let world = World::of(move |head| for_everybody(head, &refused));
        let seen = world.managed(&settings(&v1_issuer(), &[RESOURCE], &[]), &json!({})).observe();
        seen.is("network-access-restricted", Certain);
        let said = summary(&seen);
        assert!(said.contains(ADDRESS) && said.contains("virtual network rule"), "{header}: {said}");
        assert!(seen.fixes().contains("--subnet"), "{header}: {}", seen.fixes());
        assert!(!seen.fixes().contains("/32") && !seen.fixes().contains("possibleOutbound"), "{}", seen.fixes());
        assert!(format!("{:?}", seen.0.observed()).contains(ADDRESS));
    }
}

// ------------------------------------------------------------------- what the app says of the role that it requires

/// The app's own sentence names what is missing, so the report quotes it, and the fix has the role.
#[test]
fn the_sentence_that_names_the_role_is_quoted() {
    for (said, quoted, role) in [
        (r#"{"message": "Missing app role Tasks.ReadWrite.All (id 7c1d-4f)"}"#, "Tasks.ReadWrite.All", true),
        (r#"{"message": "User does not have role PRJ-2024-Writer"}"#, "PRJ-2024-Writer", true),
        (r#"{"message": "Required role 'urn:contoso:orders:v2:write' missing"}"#, "urn:contoso:orders:v2:write", true),
        (r#"{"statusCode": 403, "message": "Forbidden resource"}"#, "Forbidden resource", false),
        // What follows isn't a role's value.
        (r#"{"message": "The app-role assignment is missing: ask an Orders.Owner"}"#, "ask an Orders.Owner", false),
    ] {
        let seen = app_says("403 Forbidden", JSON, said).observe();
        seen.is("app-requires-role-or-scope", Likely);
        assert!(summary(&seen).contains(quoted), "{}", summary(&seen));
        let is_named = seen.fixes().contains(&format!("with the value {quoted}"));
        assert_eq!(is_named, role, "{said}: {}", seen.fixes());
    }
}

/// An application's own token never has a scope; the app must accept a role as well.
#[test]
fn a_scope_is_nothing_that_an_application_can_have() {
    let said = "IDW10203: The 'scope' or 'scp' claim does not contain scopes 'access_as_user' or was not found. ";
    let seen = app_says("403 Forbidden", PLAIN, said).observe();
    seen.is("app-requires-role-or-scope", Likely);
    let words = summary(&seen);
    assert!(words.contains("'access_as_user'") && words.contains("never has a scope"), "{words}");
    assert!(seen.fixes().contains("Accept an app role instead"), "{}", seen.fixes());
    // It names the roles as well.
    let said = "IDW10201: Neither scope nor roles claim was found in the bearer token.";
    let seen = app_says("403 Forbidden", PLAIN, said).observe();
    assert!(summary(&seen).contains("no roles claim"), "{}", summary(&seen));
}

// ---------------------------------------------------------------------------------- what fails behind the app

/// The app passes on what its own request to another service got: App 1's token has nothing to do with it.
#[test]
fn a_request_of_the_apps_own_that_fails_is_the_apps() {
    for said in [
        "SqlException (0x80131904): Login failed for user '<token-identified principal>'.",
        "ManagedIdentityCredential authentication failed: Identity not found",
        "Access denied due to Virtual Network/Firewall rules.",
        "The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot",
    ] {
        for status in ["401 Unauthorized", "403 Forbidden"] {
            let seen = app_says(status, PLAIN, said).observe();
            seen.is("app-error", Likely);
            assert_eq!(seen.says("app-error").as_deref(), Some("downstream"), "{status} {said}");
        }
    }
    // A validator that can't read its keys speaks of the token.
    let said = "Jwt validation failed: the remote certificate is invalid";
    app_says("401 Unauthorized", PLAIN, said).observe().is("app-validates-token-itself", Likely);
}

/// API Management's key has a header of its own; only the call is asked for it, so the app passes the answer on.
#[test]
fn a_subscription_key_is_not_in_the_way_of_the_token() {
    let asks = "www-authenticate: AzureApiManagementKey realm=\"https://partner.example\",\
        name=\"Ocp-Apim-Subscription-Key\",type=\"header\"\r\n";
    let said = r#"{"statusCode": 401, "message": "Access denied due to missing subscription key."}"#;
    let seen = app_says("401 Unauthorized", asks, said).observe();
    seen.is("app-error", Likely);
    assert!(summary(&seen).contains("API Management"), "{}", summary(&seen));
}

/// The ingress of Container Apps answers before Easy Auth, also where only the call meets its page.
#[test]
fn the_ingress_page_is_not_the_apps() {
    let page = "<title>Azure Container App - Unavailable</title><h1>Error 404 - This Container App is stopped or does \
        not exist.</h1>";
    let seen = World::of(move |head| behind_easy_auth(head, |_| http("404 Not Found", HTML, page))).observe();
    assert!(seen.candidates().contains(&"target-stopped"), "{:?}", seen.candidates());
    assert_eq!(seen.sureness(), Some(Possible));
}

// -------------------------------------------------------------------------------------- settings that don't run

/// A container app that never had authentication has no such resource, and it is what Azure Resource Manager shows.
#[test]
fn a_container_app_without_settings_has_no_easy_auth() {
    let answers = |headers: &'static str| {
        let world = World::of(move |head| {
            for_everybody(head, &http("401 Unauthorized", &format!("{headers}www-authenticate: Bearer\r\n"), ""))
        });
        world.container_app_with(Some(&json!({"runningStatus": "Running"})), None).observe()
    };
    answers("").is("easy-auth-not-active", Likely);
    let marked = answers(PASSED);
    assert_ne!((marked.root(), marked.sureness()), ("easy-auth-not-active", Some(Likely)));
}

/// What is to be deployed may not be stored yet; a file with what was stored says what was.
#[test]
fn a_template_says_what_is_to_be() {
    let stored = settings(&v1_issuer(), &[RESOURCE], &[ID]);
    let template = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [{"type": "Microsoft.Web/sites/config", "apiVersion": "2022-03-01",
            "name": "app2/authsettingsV2", "properties": stored["properties"]}]
    });
    policy_refuses().with_settings(&stored).observe().is("caller-not-in-allowed-applications", Certain);
    let seen = policy_refuses().with_settings(&template).observe();
    seen.is("caller-not-in-allowed-applications", Likely);
    let evidence = &seen.0.diagnosis().root_cause.as_ref().unwrap().evidence;
    assert!(evidence.iter().any(|shown| shown.text.contains("template or a plan")), "{evidence:?}");
}

/// Terraform's name of the resource says that it is a function app, whose host answers an empty 401 for its key.
#[test]
fn terraform_names_a_function_app() {
    let state = |kind: &str| {
        json!({"format_version": "1.0", "values": {"root_module": {"resources": [{
            "address": format!("{kind}.app2"), "type": kind, "name": "app2", "values": {"name": "app2",
            "auth_settings_v2": [{"auth_enabled": true, "require_authentication": true,
                "unauthenticated_action": "Return401", "active_directory_v2": [{"client_id": ID,
                "tenant_auth_endpoint": v1_issuer(), "allowed_audiences": [RESOURCE]}]}]}
        }]}}})
    };
    let world = || app_says("401 Unauthorized", "", "");
    world().with_settings(&state("azurerm_linux_function_app")).observe().is("function-key-required", Likely);
    world().with_settings(&state("azurerm_linux_web_app")).observe().is("undetermined-401", Possible);
}

/// A file allows the caller, and Easy Auth doesn't: the file may be old, and is read again.
#[test]
fn a_file_that_allows_a_refused_caller_may_be_old() {
    let seen = policy_refuses().with_settings(&settings(&v1_issuer(), &[RESOURCE], &[CALLER])).observe();
    seen.is("undetermined-403", Possible);
    assert!(seen.candidates().contains(&"settings-not-used"), "{:?}", seen.candidates());
    assert!(summary(&seen).contains("may be old or another slot's"), "{}", summary(&seen));
    assert!(seen.fixes().contains("Read App 2's current settings"), "{}", seen.fixes());
}

/// Something in front refused the call, whatever Easy Auth would say of its token.
#[test]
fn what_is_in_front_comes_before_the_audience() {
    let refused = "<html><body>The request is blocked.</body></html>";
    for (status, headers, code) in [
        ("403 Forbidden", "x-azure-ref: 20260101T000000Z-abc\r\n", "network-access-restricted"),
        ("502 Bad Gateway", "", "app-unavailable"),
    ] {
        let world = World::of(move |head| {
            behind_easy_auth(head, |brings| match brings {
                Brings::Bare => challenge(),
                _ => http(status, &format!("{headers}{HTML}"), refused),
            })
        });
        let seen = world.with_settings(&settings(&v1_issuer(), &["api://another"], &[])).observe();
        seen.is(code, Likely);
        let next: Vec<&str> = seen.0.diagnosis().next.iter().map(|fault| fault.code.name()).collect();
        assert!(next.contains(&"audience-not-allowed"), "{next:?}");
    }
}

// --------------------------------------------------------------------------------------- a 401 that names the issuer

/// A validator, whoever it is, says in its 401 which issuer it expects.
#[test]
fn a_401_that_names_the_expected_issuer_decides() {
    const OTHER: &str = "aaaaaaaa-2222-4333-8444-555555555555";
    let says = |expected: String| {
        let said = format!(
            "IDX10205: Issuer validation failed. Issuer: '{}'. Did not match: validationParameters.ValidIssuer: \
             '{expected}' or validationParameters.ValidIssuers: 'null'.",
            v1_issuer()
        );
        let body = json!({"code": 401, "message": said}).to_string();
        World::of(move |head| match (head.split(' ').nth(1).unwrap_or_default(), Brings::of(head)) {
            (path, Brings::Nothing) if path.starts_with("/.auth") || path.starts_with("/.well-known") => {
                http("404 Not Found", PASSED, "")
            }
            (_, Brings::Nothing) => challenge(),
            _ => http("401 Unauthorized", &format!("{PASSED}{JSON}"), &body),
        })
        .observe()
    };
    let seen = says(format!("https://login.microsoftonline.com/{OTHER}/v2.0"));
    seen.is("foreign-tenant-token", Likely);
    assert!(summary(&seen).contains(OTHER), "{}", summary(&seen));
    says(format!("https://login.microsoftonline.com/{TENANT}/v2.0")).is("audience-token-version-mismatch", Likely);
}

/// The portal's default has the other version, and usually works: whatever else it may be comes first.
#[test]
fn a_pair_of_versions_is_the_last_candidate() {
    let page = "<html><title>Sign in to your account</title><form></form></html>";
    let world = World::of(move |head| for_everybody(head, &http("200 OK", HTML, page)));
    let portal = settings(&format!("https://sts.windows.net/{TENANT}/v2.0"), &[RESOURCE], &[]);
    let seen = world.with_settings(&portal).observe();
    // What is seen comes before what may explain it.
    assert!(summary(&seen).contains("a sign-in page (200)"), "{}", summary(&seen));
    let candidates = seen.candidates();
    let at = candidates.iter().position(|code| *code == "audience-token-version-mismatch");
    assert!(at.is_none_or(|at| at + 1 == candidates.len()), "{candidates:?}");
}

// ------------------------------------------------------------------------------------- what the Azure CLI says

/// The identity endpoint's own sentence is in a JSON object in the command's text.
#[test]
fn the_azure_cli_repeats_the_identity_endpoint() {
    let say = |description: &str| {
        let answer = json!({"error": "invalid_request", "error_description": description});
        Field::azure_cli(&format!("ERROR: Get Token request returned http error: 400, reason: {answer}")).check()
    };
    let seen = say("Multiple user assigned identities exist, please specify the clientId / resourceId of the identity");
    seen.root("user-assigned-identity-not-selected", "likely").says("az login --identity --client-id");
    say("Identity not found").unknown("Identity not found", "identity-not-enabled");
}

/// What is between the command and Entra, by its words.
#[test]
fn the_azure_cli_names_the_proxy() {
    let pool =
        "ERROR: HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /x";
    let seen = Field::azure_cli(&format!(
        "{pool} (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify \
         failed: self signed certificate in certificate chain (_ssl.c:1006)')))"
    ))
    .check();
    seen.root("caller-egress-blocked", "likely").says("CERTIFICATE_VERIFY_FAILED").says("REQUESTS_CA_BUNDLE");
    let seen = Field::azure_cli(&format!(
        "{pool} (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Proxy \
         Authentication Required')))"
    ))
    .check();
    seen.root("caller-egress-blocked", "likely").says("407 Proxy Authentication Required").says("HTTPS_PROXY");
}

// ------------------------------------------------------------------------------------------- names that decide

/// The subject that a federated credential must have is made of two names of the cluster.
#[test]
fn the_subject_of_a_service_account_is_shown() {
    let value: Value = json!("system:serviceaccount:orders-prod-01:sa-orders-7f3a");
    let subject = value.as_str().unwrap();
    let said = format!(
        "AADSTS700213: No matching federated identity record found for presented assertion subject '{subject}'. Check \
         your federated identity credential Subject, Audience and Issuer against the presented assertion."
    );
    Field::azure_cli(&format!("ERROR: {said}")).check().says(subject);
}
