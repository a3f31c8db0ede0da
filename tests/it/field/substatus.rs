//! What IIS's own page says of Easy Auth on Windows, a reference that App Service didn't resolve, and App 2's
//! environment of which only a part was copied. Each has its right answer and why.

use easyauth_doctor::report::Confidence::{Certain, Likely, Possible};
use serde_json::json;

use crate::field::caller::{Field, issued};
use crate::field::target::{Brings, PASSED, World, behind_easy_auth, for_everybody, refused_by_policy};
use crate::helpers::server::{RESOURCE, Server, http};

/// Easy Auth on Windows: no header of the Linux middleware, and IIS's sentence.
fn on_windows(status: &'static str, page: String) -> World {
    let iis = "server: Microsoft-IIS/10.0\r\nx-powered-by: ASP.NET\r\ncontent-type: text/html\r\n";
    World::of(move |head| {
        let answer = behind_easy_auth(head, |_| http(status, iis, &page));
        let is_asked = head.starts_with("GET /api") || head.starts_with("POST /api");
        if is_asked && !Brings::of(head).is_real() { answer.replace(PASSED, iis) } else { answer }
    })
}

/// The module's own numbers: 401.71 and 401.83 are no validator in the app's code, and 403.60 is no missing role.
#[test]
fn a_substatus_of_easy_auths_module_is_not_the_apps() {
    let brief = |number: &str, reason: &str| format!("HTTP Error {number} - {reason}");
    let detailed = |number: &str, reason: &str| {
        format!("<title>IIS 10.0 Detailed Error - {number} - {reason}</title><h4>You do not have permission.</h4>")
    };
    for page in [brief, detailed] as [fn(&str, &str) -> String; 2] {
        let refused = |number| on_windows("401 Unauthorized", page(number, "Unauthorized")).observe();
        refused("401.71").is("authorization-header-dropped", Likely);
        refused("401.83").is("undetermined-401", Possible);
        assert!(!refused("401.83").candidates().contains(&"authorization-header-dropped"));
        let forbidden = on_windows("403 Forbidden", page("403.60", "Forbidden")).observe();
        forbidden.is("undetermined-403", Possible);
        assert!(forbidden.candidates().contains(&"csrf-origin-rejected"), "{:?}", forbidden.candidates());
        assert!(!forbidden.candidates().contains(&"app-requires-role-or-scope"), "{:?}", forbidden.candidates());
    }
}

/// What IIS and ASP.NET refuse by App 2's web.config, its files, or addresses is no validator in the app's code, and no
/// missing role (learn.microsoft.com: HTTP status codes in IIS; Customize sign-ins, server level).
#[test]
fn a_page_of_iis_names_the_part_that_refuses() {
    let detailed = |number: &str| format!("<title>IIS 10.0 Detailed Error - {number} - Denied</title>");
    let custom = |number: &str| format!("<h1>Server Error</h1><h2>{number} - Denied: Access is denied.</h2>");
    let asp_net = |number: &str| format!("<title>Access is denied.</title><b> Error message {number}.: </b>Denied");
    for (page, number, part) in [
        (detailed("401.1"), "401", "IIS itself"),
        (detailed("401.2"), "401", "a rule in App 2's web.config"),
        (custom("401.2"), "401", "a rule in App 2's web.config"),
        (asp_net("401.2"), "401", "a rule in App 2's web.config"),
        (asp_net("401.3"), "401", "a file permission in IIS"),
        (detailed("401.5"), "401", "an ISAPI filter or a CGI application in IIS"),
        (detailed("401.502"), "401", "the address filter of IIS"),
        (custom("403.2"), "403", "IIS itself"),
        (detailed("403.16"), "403", "the certificate rule of IIS"),
        (detailed("403.504"), "403", "the address filter of IIS"),
    ] {
        let status = if number == "401" { "401 Unauthorized" } else { "403 Forbidden" };
        let seen = on_windows(status, page.clone()).observe();
        assert!(seen.is("app-error", Likely).tells(&format!("App 2 accepts the token, but {part} rejects")), "{page}");
        assert_eq!(seen.candidates(), ["app-error"], "{page}");
        if !(page.contains("0 Detailed Error - 401.2") || page.contains("403.504")) {
            continue;
        }
        // The same for everybody shows nothing of the token.
        let answer = http(status, "server: Microsoft-IIS/10.0\r\ncontent-type: text/html\r\n", &page);
        let seen = World::of(move |head| for_everybody(head, &answer)).observe();
        assert!(seen.is("app-error", Likely).tells(&format!("With and without a token, {part} rejects")), "{page}");
    }
}

/// An app, or a page of another server, that quotes such a page is not Easy Auth.
#[test]
fn a_page_that_quotes_a_substatus_is_not_easy_auths() {
    for (form, body) in [
        ("application/json", r#"{"error": "orders answered: IIS 10.0 HTTP Error 401.71 - Unauthorized"}"#),
        ("text/html", "<h1>Sign in</h1><p>If you see \"HTTP Error 401.71 - Unauthorized\", contact IT.</p>"),
        ("application/json", r#"{"error": "HTTP Error 401.2 - Unauthorized"}"#),
        ("text/html", "<h1>Sign in</h1><p>If you see \"HTTP Error 401.2 - Unauthorized\", contact IT.</p>"),
        ("text/html", "<h1>Sign in</h1><p>401.2 of 1000 requests fail.</p><p>403.6 - Forbidden</p>"),
    ] {
        let answer = http("401 Unauthorized", &format!("{PASSED}content-type: {form}\r\n"), body);
        let seen = World::of(move |head| behind_easy_auth(head, |_| answer.clone())).observe();
        seen.is("app-validates-token-itself", Likely);
    }
}

#[test]
fn the_guard_against_cross_site_requests_is_for_what_changes_state() {
    let page = http("403 Forbidden", "content-type: text/html\r\n", "HTTP Error 403.60 - Forbidden");
    let mut field = Field::app_service(|_| issued(RESOURCE)).option(&["--method", "POST", "--yes"]);
    field.app2 = Server::answers(move |head| behind_easy_auth(head, |_| page.clone()));
    field.check().root("csrf-origin-rejected", "likely");
}

/// The pages of Static Web Apps, and what Microsoft.Identity.Web throws where a role is missing.
#[test]
fn pages_and_exceptions_that_say_whose_they_are() {
    let page =
        http("404 Not Found", "content-type: text/html\r\n", "<title>Azure Static Web Apps - 404: Not found</title>");
    World::of(move |head| for_everybody(head, &page)).observe().is("target-not-found", Likely);
    let thrown =
        "System.UnauthorizedAccessException: IDW10201: Neither scope or roles claim was found in the bearer token.";
    let answer = http("500 Internal Server Error", &format!("{PASSED}content-type: text/plain\r\n"), thrown);
    let seen = World::of(move |head| behind_easy_auth(head, |_| answer.clone())).observe();
    seen.is("app-requires-role-or-scope", Likely);
}

/// A client ID behind a reference to a key vault: who may read the secret decides, and which identity reads it.
#[test]
fn a_reference_in_place_of_the_client_id() {
    let reference = "@Microsoft.KeyVault(SecretUri=https://v1.vault.azure.net/secrets/ClientId/)";
    let field = Field::app_service(|_| http("500 Internal Server Error", "", "")).set("AZURE_CLIENT_ID", reference);
    let seen = field.check();
    seen.root("selected-identity-not-attached", "certain").says("Key Vault Secrets User");
    seen.says("keyVaultReferenceIdentity");
}

/// `docker run --env-file` keeps quotation marks.
#[test]
fn an_endpoint_within_quotation_marks() {
    let field = Field::app_service(|_| issued(RESOURCE)).set("IDENTITY_ENDPOINT", "\"{identity}/msi/token\"");
    field.check().root("credential-incomplete", "certain").says("quotation marks");
}

/// Two variables of App 2's environment don't say that its client ID isn't set, which its challenge names.
#[test]
fn a_part_of_app_2s_environment_that_has_the_rule() {
    for (variable, claims, code) in [
        (
            "WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL=true",
            json!({"oid": null}),
            "principal-not-in-allowed-identities",
        ),
        ("WEBSITE_AUTH_AAD_ALLOWED_TENANTS=99999999-2222-4333-8444-555555555555", json!({}), "tenant-not-allowed"),
    ] {
        for before in ["", "WEBSITE_AUTH_ENABLED=True\n"] {
            let world = refused_by_policy().giving(claims.clone()).with_environ(&format!("{before}{variable}\n"));
            let seen = world.observe();
            seen.is(code, Certain);
            assert!(seen.found("entra-provider-missing").is_empty(), "{variable}");
        }
    }
}
