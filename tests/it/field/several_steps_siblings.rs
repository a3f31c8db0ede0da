//! Siblings of the worlds in `several_steps.rs`. Each has its right answer, which was written before the first run.

use easyauth_doctor::report::Confidence::{Likely, Possible};
use serde_json::{Value, json};

use crate::field::caller::{Field, OTHER_TENANT, TENANT, app_service, as_json, imds, issued, issued_with};
use crate::field::target::{Brings, HTML, PASSED, World, behind_easy_auth};
use crate::helpers::routing::OWN;
use crate::helpers::server::{RESOURCE, Server, http};
use crate::helpers::world::answer;

fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

fn redirect(to: &str) -> String {
    http("302 Found", &format!("location: {to}\r\n"), "")
}

/// Authelia sends everybody to another host, with the address to come back to.
#[test]
fn authelia_in_front() {
    let to = "https://auth.example/?rd=https%3A%2F%2Fapp2.example%2Fapi&rm=GET";
    World::of(move |_| redirect(to)).observe().is("undetermined-failure", Possible);
}

/// A server that speaks both on one port sends everybody to https there: that is the address to call.
#[test]
fn https_on_the_same_port() {
    let seen = World::of(|head| {
        let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().trim().to_owned();
        http("301 Moved Permanently", &format!("location: https://{host}{}\r\n", path(head)), "")
    });
    seen.observe().is("authorization-header-dropped", Likely);
}

/// Spring Security with SAML: everybody gets to a sign-in on the same host, which is a page.
#[test]
fn saml_on_the_same_host() {
    let seen = World::of(|head| match path(head) {
        "/saml2/authenticate?registrationId=x" => http("200 OK", HTML, "<html><body onload='submit()'></body></html>"),
        _ => redirect("/saml2/authenticate?registrationId=x"),
    })
    .observe();
    seen.is("undetermined-failure", Possible);
    assert!(!seen.candidates().contains(&"app-error"));
}

/// OAuth2 Proxy that accepts bearer tokens: only requests without one are sent to its sign-in.
#[test]
fn a_sign_in_that_accepts_bearer_tokens() {
    let seen = World::of(|head| match Brings::of(head) {
        Brings::Nothing => redirect("/oauth2/start?rd=%2Fapi"),
        Brings::InvalidToken => http("401 Unauthorized", "", ""),
        Brings::Uri | Brings::Bare => http("200 OK", "", "hello"),
    })
    .observe();
    assert_eq!(seen.root(), "pass");
}

/// The app behind Easy Auth sends only the real token to its own sign-in.
#[test]
fn the_apps_own_sign_in_behind_easy_auth() {
    let seen = World::of(|head| match path(head) {
        "/users/sign_in" => http("200 OK", HTML, "<form><input type=\"password\"></form>"),
        _ => behind_easy_auth(head, |_| http("302 Found", &format!("{PASSED}location: /users/sign_in\r\n"), "")),
    })
    .observe();
    seen.is("app-validates-token-itself", Likely);
}

/// A self-hosted runner in a pod: the pod's own credential comes first.
#[test]
fn a_runner_in_a_pod() {
    let field = Field::pod(|_| imds("Identity not found")).set("GITHUB_ACTIONS", "true");
    field.check().root("workload-identity-incomplete", "likely");
}

/// A self-hosted agent on a virtual machine that has an identity works like any machine.
#[test]
fn an_agent_with_an_identity() {
    Field::machine(|_| issued(RESOURCE)).set("TF_BUILD", "True").check().passes();
}

/// A secret's name in a workflow, which nothing replaced.
#[test]
fn a_variable_that_was_not_replaced() {
    let field = Field::app_service(|_| issued(RESOURCE)).set("AZURE_CLIENT_ID", "${{ secrets.AZURE_CLIENT_ID }}");
    field.check().root("selected-identity-not-attached", "certain").says("placeholder");
    assert!(field.identity.received().is_empty());
    let tenant = Field::secret(|_| issued(RESOURCE)).set("AZURE_TENANT_ID", "YOUR-TENANT-ID");
    tenant.check().root("credential-incomplete", "certain");
}

/// The numbers as texts are no contradiction.
#[test]
fn error_codes_as_texts() {
    let text = "AADSTS7000222: The provided client secret keys for app are expired.";
    let body = json!({"error": "invalid_client", "error_description": text, "error_codes": ["7000222"]});
    Field::secret(move |_| as_json("401 Unauthorized", &body)).check().root("caller-secret-expired", "certain");
}

/// An identity endpoint passes such an answer on.
#[test]
fn a_contradiction_that_an_endpoint_passes_on() {
    let text =
        format!("AADSTS500011: The resource principal named {RESOURCE} was not found in the tenant named Contoso.");
    let body = json!({"error": "invalid_resource", "error_description": text, "error_codes": [501_051]});
    let seen = Field::app_service(move |_| as_json("400 Bad Request", &body)).check();
    seen.root("undetermined-token-refusal", "possible");
    for code in ["resource-not-registered", "assignment-required-not-assigned"] {
        assert!(seen.candidates().contains(&code), "{:?}", seen.candidates());
    }
    Field::app_service(move |_| app_service("400 Bad Request", &text))
        .check()
        .root("resource-not-registered", "certain");
}

/// A body in chunks whose size is no number.
#[test]
fn a_chunk_without_a_size() {
    let mut field = Field::app_service(|_| issued(RESOURCE));
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nsize\r\nhello\r\n0\r\n\r\n";
    field.app2 = Server::answers(move |_| chunked.to_owned());
    field.check().root("target-unreachable", "likely").never_says("chunk size line");
}

/// A list of audiences with a Microsoft API in it goes nowhere.
#[test]
fn a_list_with_an_api() {
    let list = json!(["https://management.azure.com", RESOURCE]);
    let field = Field::app_service(move |_| issued_with(RESOURCE, &json!({"aud": list})));
    assert_ne!(field.check().verdict(), "pass");
    assert!(field.app2.audiences().iter().all(|audience| audience.ends_with(".invalid")));
}

/// What an issuer adds to the header stays there, and a known claim of odd form is shown.
#[test]
fn an_unknown_member_of_the_header() {
    let token = crate::helpers::routing::token_of("RS256", &json!({"aud": RESOURCE, "roles": ["Orders.Read"]}));
    let (_, rest) = token.split_once('.').unwrap();
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": "k", "signing_password": "hunter2hunter2hunter2"});
    use base64::Engine as _;
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header.to_string());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, format!("{header}.{rest}")).unwrap();
    let output = crate::helpers::program::doctor(&["token", file.to_str().unwrap()]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("signing_password") && said.contains("Orders.Read"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

/// A listed object ID that no service principal has may be a user's.
#[test]
fn a_listed_user() {
    let graph = Server::answers(|head| match head.contains("%20in%20") {
        true => as_json("200 OK", &json!({"value": []})),
        false => as_json("403 Forbidden", &json!({"error": {"code": "Authorization_RequestDenied"}})),
    });
    let settings = json!({"properties": {"platform": {"enabled": true}, "identityProviders": {
        "azureActiveDirectory": {"registration": {"clientId": OWN}, "validation": {
            "defaultAuthorizationPolicy": {"allowedPrincipals": {"identities": [TENANT, OTHER_TENANT]}}}}}}});
    let mut field = Field::app_service(|head| match head.contains("graph.microsoft.com") {
        true => issued("https://graph.microsoft.com"),
        false => issued(RESOURCE),
    });
    field.app2 = Server::answers(|head| answer(head, "403 Forbidden", "", ""));
    let file = field.files.path().join("settings.json");
    std::fs::write(&file, settings.to_string()).unwrap();
    let file = file.display().to_string();
    let seen = field.option(&["--auth-settings", &file, "--graph", &graph.url]).check();
    seen.root("principal-not-in-allowed-identities", "certain").finds("listed-identity-deleted");
    let found = |step: &Value| step["findings"].as_array().unwrap().iter().any(|found| found["severity"] == "error");
    assert!(found(&seen.0["steps"][6]));
}

/// nginx within App 2 refuses the real token only, with its own page.
#[test]
fn a_page_of_nginx_behind_easy_auth() {
    let page = "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1>\
        </center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body>\r\n</html>\r\n";
    let headers = format!("{PASSED}{HTML}server: nginx/1.25.3\r\n");
    let seen = World::of(move |head| behind_easy_auth(head, |_| http("403 Forbidden", &headers, page))).observe();
    seen.is("undetermined-403", Possible);
    assert!(seen.tells("nginx"));
}

/// A front end of its own scheme in every cloud: the redirect leads to the same path on https, and is no sign-in.
#[test]
fn a_redirect_to_https_whose_path_reads_like_a_sign_in() {
    let seen = World::of(|_| redirect("https://127.0.0.1/api/hello")).observe();
    // Nobody answers there.
    assert_eq!(seen.root(), "target-unreachable");
}
