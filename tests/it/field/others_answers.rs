//! Others' answers that look like App 2's: sign-ins of other providers, one refusal for everybody, a key that opens
//! without a token, errors of what the app calls, clocks, and settings whose form decides. Each has its right answer,
//! which was written before it was run.

use serde_json::{Value, json};

use crate::field::caller::{Field, OTHER_TENANT, TENANT, as_json, issued};
use crate::field::target::{Brings, PASSED, behind_easy_auth};
use crate::field::whose_identity::authority;
use crate::helpers::server::{RESOURCE, Server, http};

const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const HTML: &str = "content-type: text/html\r\n";
const JSON: &str = "content-type: application/json\r\nx-ms-middleware-request-id: 1\r\n";

fn app_2(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Field {
    let mut field = Field::app_service(|_| issued(RESOURCE));
    field.app2 = Server::answers(answer);
    field.entra = Server::answers(authority);
    field
}

fn path_of(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

fn with_provider(field: Field, provider: &Value, others: &Value) -> Field {
    let mut providers = others.clone();
    providers["azureActiveDirectory"] = provider.clone();
    let settings = json!({"properties": {"platform": {"enabled": true},
        "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401"},
        "identityProviders": providers}});
    let file = field.files.path().join("settings.json");
    std::fs::write(&file, settings.to_string()).unwrap();
    field.option(&["--auth-settings", &file.display().to_string()])
}

fn provider(issuer: &str, validation: &Value) -> Value {
    json!({"enabled": true, "registration": {"clientId": ID, "openIdIssuer": issuer}, "validation": validation})
}

// ------------------------------------------------------------------------------------- other providers

/// Easy Auth with another provider as the default: it redirects every request to that provider's sign-in.
fn sends_to(sign_in: &'static str, name: &'static str, entra_is_there: bool) -> Field {
    app_2(move |head| match path_of(head) {
        "/.auth/login/aad" if !entra_is_there => http("404 Not Found", PASSED, ""),
        "/.auth/login/aad" => {
            let to = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?client_id={ID}");
            http("302 Found", &format!("location: {to}\r\n{PASSED}"), "")
        }
        "/.auth/me" => http("401 Unauthorized", PASSED, ""),
        _ if entra_is_there && head.contains("eyJ") && !head.contains("invalid") => http("200 OK", PASSED, "hello"),
        _ => {
            let back = format!("https%3A%2F%2Fapp2.example%2F.auth%2Flogin%2F{name}%2Fcallback");
            let to = format!("{sign_in}&redirect_uri={back}");
            http("302 Found", &format!("location: {to}\r\n{PASSED}"), "")
        }
    })
}

const SIGN_INS: [(&str, &str); 6] = [
    ("https://accounts.google.com/o/oauth2/v2/auth?client_id=1-a.apps.googleusercontent.com", "google"),
    ("https://github.com/login/oauth/authorize?client_id=Iv1.8a61f9b3a7aba766", "github"),
    ("https://www.facebook.com/v8.0/dialog/oauth?client_id=310294857261849", "facebook"),
    ("https://contoso.okta.com/oauth2/default/v1/authorize?client_id=0oa1b2c3d4e5f6g7h8", "okta"),
    (
        "https://contoso.b2clogin.com/contoso.onmicrosoft.com/oauth2/v2.0/authorize?p=b2c_1_in&client_id=\
         66666666-6666-4666-8666-666666666666",
        "b2c",
    ),
    ("https://sso.contoso.example/realms/x/protocol/openid-connect/auth?client_id=orders-web", "keycloak"),
];

#[test]
fn the_client_id_of_another_provider_is_no_name_of_app_2() {
    for (sign_in, name) in SIGN_INS {
        let seen = sends_to(sign_in, name, false).check();
        seen.root("entra-provider-missing", "likely").never_finds("resource-differs-from-target");
        assert_eq!(seen.step("audience")["status"], "skipped", "{name}");
        let seen = sends_to(sign_in, name, false).without_resource().check();
        seen.root("entra-provider-missing", "likely");
        assert_eq!(seen.0["resource"], Value::Null, "{name}");
    }
}

#[test]
fn entra_beside_another_default_provider_is_found_by_its_own_sign_in() {
    let (sign_in, name) = SIGN_INS[0];
    sends_to(sign_in, name, true).check().never_finds("entra-provider-missing");
}

#[test]
fn the_sign_in_of_entra_still_names_app_2() {
    let to = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?client_id={ID}");
    let seen = app_2(move |_| http("302 Found", &format!("location: {to}\r\n{PASSED}"), "")).without_resource().check();
    assert_eq!(seen.0["resource_source"], "challenge");
}

/// Two challenges that name different client IDs in the same form: none is used, both are shown, and Easy Auth's own
/// sign-in decides where it is there.
#[test]
fn two_challenges_with_two_client_ids() {
    const OTHER: &str = "11f8fad5-0000-4469-a165-70867728950e";
    let two = |signs_in: bool| {
        app_2(move |head| match path_of(head) {
            "/.auth/login/aad" if signs_in => {
                let to = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?client_id={ID}");
                http("302 Found", &format!("location: {to}\r\n{PASSED}"), "")
            }
            path if path.starts_with("/.") => http("404 Not Found", PASSED, ""),
            _ if Brings::of(head) == Brings::Bare => http("200 OK", PASSED, "hello"),
            _ => {
                let named =
                    [OTHER, ID].map(|id| format!("www-authenticate: Bearer realm=\"h\" resource_id=\"{id}\"\r\n"));
                http("401 Unauthorized", &format!("{PASSED}{}", named.concat()), "")
            }
        })
    };
    let seen = two(false).without_resource().check();
    seen.root("resource-undetermined", "likely").says(OTHER).says(ID);
    assert_eq!(seen.0["resource"], Value::Null);
    let seen = two(true).without_resource().check();
    assert_eq!((seen.0["resource"].as_str(), seen.0["resource_source"].as_str()), (Some(ID), Some("challenge")));
}

/// The page of a static web app's own rules is no missing app role, whatever its headers; an app that Easy Auth
/// protects can pass such a page on.
#[test]
fn the_pages_of_static_web_apps() {
    let page = |number: &str| format!("<title>Azure Static Web Apps - {number}: Denied</title>");
    for (status, number, passed, code) in [
        ("403 Forbidden", "403", PASSED, "network-access-restricted"),
        ("403 Forbidden", "403", "", "network-access-restricted"),
        ("401 Unauthorized", "401", PASSED, "app-validates-token-itself"),
    ] {
        let answer = http(status, &format!("{HTML}{passed}"), &page(number));
        let field = app_2(move |head| match path_of(head) {
            path if path.starts_with("/.auth/login") => {
                http("302 Found", "location: https://identity.7.azurestaticapps.net/.redirect/aad\r\n", "")
            }
            path if path.starts_with("/.") => http("404 Not Found", "", ""),
            _ => answer.clone(),
        });
        field.check().root(code, "likely").says("staticwebapp.config.json").never_says("missing a role");
    }
    let answer = http("403 Forbidden", &format!("{HTML}{PASSED}"), &page("403"));
    let seen = app_2(move |head| behind_easy_auth(head, |_| answer.clone())).check();
    seen.root("app-error", "likely").never_finds("app-requires-role-or-scope");
}

#[test]
fn a_linked_static_web_app_is_not_disproved_by_a_403() {
    let others = json!({"azureStaticWebApps": {"enabled": true, "registration": {"clientId": "x"}}});
    for (status, sureness) in [("403 Forbidden", "likely"), ("401 Unauthorized", "certain")] {
        let field = app_2(move |head| match path_of(head) {
            "/api/hello" if Brings::of(head).is_real() => http(status, PASSED, ""),
            "/api/hello" => http("401 Unauthorized", PASSED, ""),
            _ => http("404 Not Found", PASSED, ""),
        });
        let seen = with_provider(field, &json!({"enabled": false}), &others).check();
        assert_eq!((seen.code(), seen.confidence()), ("linked-backend-exclusive", sureness), "{status}");
    }
}

// ------------------------------------------------------------------------------------- one answer for everybody

#[test]
fn a_page_for_every_request_is_not_the_policys() {
    for page in [
        "<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1><hr>nginx</body></html>",
        "<html><title>Acc\u{e8}s refus\u{e9}</title><body>Votre administrateur a bloqu\u{e9} ce site</body></html>",
    ] {
        let field = app_2(move |_| http("403 Forbidden", HTML, page));
        let policy = json!({"defaultAuthorizationPolicy": {"allowedApplications": [ID]}});
        let issuer = format!("https://sts.windows.net/{TENANT}/");
        let seen = with_provider(field, &provider(&issuer, &policy), &json!({})).check();
        seen.root("undetermined-403", "possible");
    }
}

#[test]
fn a_key_alone_does_not_make_app_2_open_to_anyone() {
    let field = app_2(|head| {
        let has_key = head.to_ascii_lowercase().contains("x-functions-key");
        let found = if path_of(head) == "/api/hello" && has_key { "200 OK" } else { "404 Not Found" };
        http(found, "", "hello")
    });
    let seen = field.option(&["-H", "x-functions-key: sesame-0123456789"]).check();
    let finding = seen.finding("easy-auth-not-active");
    assert!(finding["message"].as_str().unwrap().contains("x-functions-key"), "{finding}");
    seen.never_says("sesame");
}

#[test]
fn a_call_that_succeeds_for_everybody_shows_nothing_of_the_caller() {
    let seen = app_2(|_| http("200 OK", "", "hello")).check();
    assert_eq!(seen.step("authorization")["status"], "unknown");
    let seen = app_2(|head| behind_easy_auth(head, |_| http("200 OK", PASSED, "hello"))).check();
    assert_eq!(seen.step("authorization")["status"], "pass");
}

// ------------------------------------------------------------------------------------- what the app calls

#[test]
fn an_entra_error_in_the_apps_answer_is_about_the_apps_own_request() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let body = "{\"error\":\"Upstream: AADSTS7000222: The provided client secret keys are expired.\"}";
        let seen = app_2(move |head| behind_easy_auth(head, move |_| http(status, JSON, body))).check();
        seen.root("app-error", "likely").says("AADSTS7000222");
    }
    let body = "{\"error\":\"IDX10214: Audience validation failed.\"}";
    let seen = app_2(move |head| behind_easy_auth(head, move |_| http("401 Unauthorized", JSON, body))).check();
    assert_eq!(seen.code(), "app-validates-token-itself");
}

#[test]
fn a_server_error_for_everybody_comes_before_an_unknown_resource() {
    let seen = app_2(|_| http("500 Internal Server Error", PASSED, "")).without_resource().check();
    assert!(seen.candidates().contains(&"target-error-every-request"), "{:#}", seen.0["root_cause"]);
    let seen = app_2(|_| http("502 Bad Gateway", "", "<h1>502 Bad Gateway</h1>")).without_resource().check();
    seen.finds("app-unavailable");
}

// ------------------------------------------------------------------------------------- whose tenant

#[test]
fn resource_manager_names_the_tenant_of_app_2s_subscription() {
    let refused = json!({"error": "invalid_resource", "error_description": format!(
        "AADSTS500011: The resource principal named {RESOURCE} was not found in the tenant named Contoso.")});
    let mut field = Field::app_service(move |head| match head.contains("management") {
        true => issued("https://management.azure.com"),
        false => as_json("400 Bad Request", &refused),
    });
    let wrong = json!({"error": {"code": "InvalidAuthenticationTokenTenant", "message": format!(
        "The access token is from the wrong issuer 'https://sts.windows.net/{TENANT}/'. It must match the tenant \
         'https://sts.windows.net/{OTHER_TENANT}/' associated with this subscription.")}});
    let manager = Server::answers(move |_| as_json("401 Unauthorized", &wrong));
    field.app2 = Server::answers(|_| http("401 Unauthorized", "www-authenticate: Bearer realm=\"app2\"\r\n", ""));
    let group = "/subscriptions/12345678-2222-4333-8444-555555555555/resourceGroups/rg/providers/Microsoft.Web";
    let field = field.option(&["--target-resource-id", &format!("{group}/sites/app2")]);
    let field = field.option(&["--resource-manager", &manager.url]);
    let seen = field.check();
    seen.root("identity-in-other-tenant", "likely").says(OTHER_TENANT);
}

#[test]
fn a_tenant_for_customers_gives_a_managed_identity_nothing() {
    let refused = json!({"error": "invalid_resource", "error_description": format!(
        "AADSTS500011: The resource principal named {RESOURCE} was not found in the tenant named Contoso.")});
    for (issuer, code) in [
        ("https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_in/v2.0", "identity-in-other-tenant"),
        ("https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0", "identity-in-other-tenant"),
        (&format!("https://sts.windows.net/{TENANT}/"), "resource-not-registered"),
    ] {
        let refused = refused.clone();
        let mut field = Field::app_service(move |head| match head.contains("management") {
            true => issued("https://management.azure.com"),
            false => as_json("400 Bad Request", &refused),
        });
        field.app2 = Server::answers(|_| http("401 Unauthorized", "www-authenticate: Bearer realm=\"app2\"\r\n", ""));
        field.entra = Server::answers(authority);
        let seen = with_provider(field, &provider(issuer, &json!({})), &json!({})).check();
        assert_eq!(seen.code(), code, "{issuer}");
        assert!(code == "resource-not-registered" || seen.confidence() == "likely", "{issuer}");
    }
}

// ------------------------------------------------------------------------------------- settings by their form

#[test]
fn a_text_where_a_list_belongs_is_shown_with_its_value() {
    for (policy, code, absent) in [
        (
            json!({"allowedApplications": ID}),
            "caller-not-in-allowed-applications",
            "principal-not-in-allowed-identities",
        ),
        (
            json!({"allowedPrincipals": {"identities": ID}}),
            "principal-not-in-allowed-identities",
            "caller-not-in-allowed-applications",
        ),
    ] {
        let field = app_2(|head| behind_easy_auth(head, |_| http("403 Forbidden", PASSED, "")));
        let issuer = format!("https://sts.windows.net/{TENANT}/");
        let validation = json!({"defaultAuthorizationPolicy": policy});
        let seen = with_provider(field, &provider(&issuer, &validation), &json!({})).check();
        seen.root("undetermined-403", "possible").finds(code);
        assert!(seen.finding(code)["message"].as_str().unwrap().contains(ID), "{policy}");
        // A file may be old, so that what it doesn't have may be there by now.
        assert!(seen.candidates().contains(&absent), "{policy}: {:?}", seen.candidates());
    }
}

// ------------------------------------------------------------------------------------- before any token

/// Settings with a fault of their own, and an App 2 that answers every request alike.
#[test]
fn what_every_request_gets_comes_before_what_is_stored() {
    let other = format!("https://sts.windows.net/{OTHER_TENANT}/");
    let own = format!("https://sts.windows.net/{TENANT}/");
    let off = json!({"enabled": false});
    let faults = [provider(&other, &json!({})), provider(&own, &json!({"allowedAudiences": ["api://y"]})), off];
    for fault in faults {
        for (status, code) in [("503 Service Unavailable", "app-unavailable"), ("404 Not Found", "app-error")] {
            let field = app_2(move |_| http(status, "", ""));
            let seen = with_provider(field, &fault, &json!({})).check();
            assert_eq!(seen.code(), code, "{status} {fault}");
        }
    }
}

#[test]
fn without_a_resource_what_every_request_gets_comes_first() {
    for (status, headers, body, code) in [
        ("503 Service Unavailable", "", "", "app-unavailable"),
        ("429 Too Many Requests", "retry-after: 5\r\n", "", "app-unavailable"),
        ("404 Not Found", "", "", "undetermined-failure"),
        ("403 Forbidden", HTML, "<title>Blocked by policy</title>", "undetermined-failure"),
        // A bare refusal may be Easy Auth's, and then the resource is what is missing.
        ("401 Unauthorized", "", "", "resource-undetermined"),
        ("403 Forbidden", "", "", "resource-undetermined"),
    ] {
        let seen = app_2(move |_| http(status, headers, body)).without_resource().check();
        assert_eq!(seen.code(), code, "{status} {body}");
        seen.never_says("real token");
    }
}

#[test]
fn a_refusal_in_json_is_the_apps_whatever_the_stored_list_says() {
    let field = app_2(|head| behind_easy_auth(head, |_| http("403 Forbidden", JSON, "{\"error\":\"nope\"}")));
    let policy = json!({"allowedAudiences": [RESOURCE], "defaultAuthorizationPolicy": {"allowedApplications": [ID]}});
    let issuer = format!("https://sts.windows.net/{TENANT}/");
    let seen = with_provider(field, &provider(&issuer, &policy), &json!({})).check();
    seen.root("app-error", "likely").says("nope");
}
