//! Answers that were surer, or less sure, than what was observed allows. Each world has the fact that decides it.

use easyauth_doctor::case::shown::quote::quote;
use easyauth_doctor::case::target_log::TargetLog;
use easyauth_doctor::report::Confidence::{Likely, Possible};
use easyauth_doctor::report::Severity;
use serde_json::json;

use crate::field::caller::{Field, asks_for_resource_manager, entra, issued};
use crate::field::target::{
    Brings, ID, PASSED, World, behind_easy_auth, challenge, for_everybody, settings, to_tokens, v1_issuer,
};
use crate::helpers::routing::OTHER;
use crate::helpers::server::{RESOURCE, http};

/// A bare 400 for everybody is what an app returns that is linked to a static web app, also after it was unlinked
/// (techcommunity.microsoft.com, blog 3759599); one with words of its own is the app's.
#[test]
fn a_bare_400_for_everybody_may_be_a_linked_backends() {
    let everybody = |body: &'static str| World::of(move |_| http("400 Bad Request", PASSED, body));
    for body in ["Bad Request", ""] {
        let seen = everybody(body).observe();
        assert_eq!(seen.candidates(), ["undetermined-failure", "linked-backend-exclusive", "app-error"]);
    }
    let seen = everybody(r#"{"error":"the parameter id is missing"}"#).observe();
    seen.is("app-error", Likely);
    assert!(seen.found("linked-backend-exclusive").is_empty());
    // Beside the Microsoft provider, another one is accepted as well; here nothing is.
    let mut both = settings(&v1_issuer(), &[RESOURCE], &[]);
    both["properties"]["identityProviders"]["azureStaticWebApps"] =
        json!({"enabled": true, "registration": {"clientId": "blue-sea-123.5.azurestaticapps.net"}});
    let seen = everybody("").with_settings(&both).observe();
    assert_eq!(seen.found("linked-backend-exclusive"), [Severity::Error]);
    assert_eq!(
        to_tokens(&challenge()).with_settings(&both).observe().found("linked-backend-exclusive"),
        [Severity::Warning]
    );
}

/// The call is redirected to https at the same host, and nobody answers there: that address is no way out.
#[test]
fn an_https_side_that_does_not_answer_is_the_cause() {
    let world = World::of(|head| {
        let host = head.lines().find_map(|line| line.to_lowercase().strip_prefix("host: ").map(str::to_owned));
        let host = host.unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default().to_owned();
        http("301 Moved Permanently", &format!("location: https://{host}/api/hello\r\n"), "")
    });
    let seen = world.observe();
    seen.is("target-unreachable", Likely);
    assert!(seen.tells("redirects the call to https://127.0.0.1/"), "{:?}", seen.candidates());
    assert!(seen.found("authorization-header-dropped").is_empty());
}

/// The identity endpoint hides its reason from the selected identity, and gives another one a token.
#[test]
fn a_token_without_a_selection_shows_that_the_selection_is_the_cause() {
    let opaque = || http("500 Internal Server Error", "server: Kestrel\r\n", "");
    let selected = |without: fn() -> String| {
        let field = Field::app_service(move |head| if head.contains("client_id=") { opaque() } else { without() });
        field.set("AZURE_CLIENT_ID", OTHER).check()
    };
    selected(|| issued("https://management.azure.com")).root("selected-identity-not-attached", "likely");
    // A refusal that no table knows, at an address that works for another identity.
    let field = Field::app_service(move |head| match head.contains("client_id=") {
        true => http("404 Not Found", "content-type: text/plain\r\n", "nope"),
        false => issued("https://management.azure.com"),
    });
    field.set("AZURE_CLIENT_ID", OTHER).check().root("selected-identity-not-attached", "likely");
    // Where nobody gets one, the selection is one of several causes.
    selected(|| http("500 Internal Server Error", "server: Kestrel\r\n", ""))
        .unknown("may not be assigned", "selected-identity-not-attached");
    // The selected identity gets other tokens, so that it is attached.
    let field = Field::app_service(move |head| match asks_for_resource_manager(head) {
        true => issued("https://management.azure.com"),
        false => opaque(),
    });
    field.set("AZURE_CLIENT_ID", OTHER).check().never_finds("selected-identity-not-attached");
}

/// Where no table has the number, Entra's sentence decides (AADSTS501051, AADSTS50105), and vaguer words only suggest.
#[test]
fn the_sentence_of_an_unknown_number_counts() {
    let says = |number, text: &'static str| Field::secret(move |_| entra(number, text)).check();
    says(599_999, "Application 'a'(app1) is not assigned to a role for the application 'b'(app2).")
        .root("assignment-required-not-assigned", "likely");
    says(599_998, "The service principal has no app role assignment for the resource.")
        .unknown("AADSTS599998", "assignment-required-not-assigned");
}

/// The Functions host serves `/admin/…` itself, with the master key (azure-functions-host, wiki page "Admin API").
#[test]
fn the_address_of_the_functions_host_requires_the_master_key() {
    let at = |path| World::of(|head| behind_easy_auth(head, |_| http("401 Unauthorized", PASSED, ""))).at(path);
    for path in ["/admin/host/status", "/admin/functions/hello/keys", "/admin/functions"] {
        let seen = at(path).observe();
        seen.is("function-key-required", Likely);
        assert!(seen.tells("master key") && seen.fixes().contains("/api/<route>"), "{}", seen.fixes());
        assert!(!seen.fixes().contains("keys list"), "{}", seen.fixes());
    }
    // Without a mark of Easy Auth as well; an app's own address of this form is its own.
    let everybody = || World::of(|head| for_everybody(head, &http("401 Unauthorized", "", "")));
    everybody().at("/admin/host/status").observe().is("function-key-required", Likely);
    at("/admin/users").observe().is("undetermined-401", Possible);
    let forbidden =
        World::of(|head| behind_easy_auth(head, |_| http("403 Forbidden", PASSED, ""))).at("/admin/host/ping");
    assert!(forbidden.observe().candidates().contains(&"function-key-required"));
}

/// An empty list is an error or a warning, and not both.
#[test]
fn a_possible_error_takes_the_place_of_its_warning() {
    let empty = settings(&v1_issuer(), &[RESOURCE], &[]);
    let refused = to_tokens(&http("403 Forbidden", PASSED, "")).with_settings(&empty).observe();
    assert_eq!(refused.found("allowed-applications-empty"), [Severity::Error]);
    let passes = to_tokens(&http("200 OK", PASSED, "hello")).with_settings(&empty).observe();
    assert_eq!(passes.found("allowed-applications-empty"), [Severity::Warning]);
}

/// A placeholder for the tenant is the cause where it is stored; in a file, it may be filled in later.
#[test]
fn a_placeholder_in_place_of_the_tenant_is_no_tenant() {
    let at = |tenant: &str| settings(&format!("https://login.microsoftonline.com/{tenant}/v2.0"), &[RESOURCE], &[]);
    let failing = || World::of(|head| for_everybody(head, &http("500 Internal Server Error", PASSED, "")));
    for tenant in ["<tenant-id>", "YOUR_TENANT_ID", "{tenantId}"] {
        let seen = failing().managed(&at(tenant), &json!({"hostNames": ["127.0.0.1"]})).observe();
        assert_eq!(seen.root(), "issuer-invalid", "{tenant}: {:?}", seen.candidates());
        let seen = failing().with_settings(&at(tenant)).observe();
        assert!(seen.candidates().contains(&"issuer-invalid"), "{tenant}: {:?}", seen.candidates());
        assert!(seen.tells("placeholder"), "{tenant}");
    }
}

/// The rows of a log as terminals print them and tools cut them.
#[test]
fn rows_of_a_terminal_are_read_whole() {
    let at = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S.123456Z").to_string();
    let line = format!(
        "JWT validation failed: IDX10214: Audience validation failed. Audiences: '{RESOURCE}'. Did not match: \
         validationParameters.ValidAudience: '{ID}' or validationParameters.ValidAudiences: 'null'."
    );
    let (wide, dashes) = (line.len(), "-".repeat(line.len()));
    let wrapped: Vec<String> =
        line.as_bytes().chunks(40).map(|piece| String::from_utf8(piece.to_vec()).unwrap()).collect();
    let cut = line.split_at(line.find("ValidAudiences").unwrap()).0;
    for (name, text) in [
        (
            "az --output table",
            format!("Level    {:<wide$}  TimeGenerated\n-------  {dashes}  ----\nWarning  {line}  {at}\n", "Message"),
        ),
        ("az --output tsv", format!("x\t{line}\tPrimaryResult\t{at}\n")),
        ("az --output yaml", format!("- Level: Warning\n  Message: \"{line}\"\n  TimeGenerated: '{at}'\n")),
        (
            "Format-List",
            format!(
                "\nTimeGenerated : {at}\nMessage       : {}\nLevel         : 2\n\n",
                wrapped.join("\n                ")
            ),
        ),
        (
            "ContainerAppConsoleLogs_CL",
            json!({"AppName": "app2", "Log_s": line, "_timestamp_d": chrono::Utc::now().timestamp()}).to_string(),
        ),
        ("a row that was cut", format!("TimeGenerated,Message\n{at},\"{cut}\n{at},\"{line}\"\n")),
    ] {
        let log = TargetLog::from_bytes("log", text.as_bytes());
        let entry = log.entries.last().unwrap_or_else(|| panic!("{name}: {log:?}"));
        assert_eq!((entry.idx.as_deref(), entry.value(&["audiences"])), (Some("IDX10214"), Some(RESOURCE)), "{name}");
        assert!(entry.time.is_some(), "{name}: {entry:?}");
        assert_eq!(log.entries.len(), if name == "a row that was cut" { 2 } else { 1 }, "{name}: {log:?}");
    }
    // A value that was cut is another one only where its beginning differs; a number that was cut is none.
    let token = easyauth_doctor::case::token::DecodedToken {
        claims: vec![("aud".to_owned(), json!(RESOURCE))],
        ..Default::default()
    };
    let entry = |text: &str| TargetLog::from_bytes("log", text.as_bytes()).entries.remove(0);
    let audience = |shown: &str| entry(&format!("IDX10214: Audience validation failed. Audiences: '{shown}'."));
    assert_eq!(audience("api://0f8f...").is_of_token(&token), None);
    assert_eq!(audience("api://9999…").is_of_token(&token), Some(false));
    let cut = format!("{at} JWT validation failed: IDX102");
    let seen = World::of(|head| behind_easy_auth(head, |_| challenge())).with_log(&cut).observe();
    seen.is("undetermined-401", Possible);
    assert!(crate::field::target::text(&seen).contains("JWT validation failed: IDX102"));
}

/// What would be a secret in one piece is none in pieces.
#[test]
fn a_secret_behind_a_blank_is_hidden() {
    for text in [
        "login failed with password hunter2xyz for user bob",
        "Passwort hunter2xyz ist falsch",
        "client secret hunter2xyz expired",
        "PIN 48291 wrong",
        "token eyJ0 eXAi OiJK V1Qi LCJh bGci OiJS UzI1 NiIs is invalid",
        "key aB3d\nE5gH\n7jK9\nmN1p\nQ3sT\n5vW7\nyZ9b",
    ] {
        let quoted = quote(text);
        let is_shown = ["hunter2", "48291", "eXAi", "E5gH", "yZ9b"].iter().any(|secret| quoted.contains(secret));
        assert!(!is_shown, "{text}: {quoted}");
    }
    for text in [
        "the password grant of OAuth isn't supported",
        "password OAuth2 grant",
        "the secret orders-db was not found",
        "users 401 401 403 200 200 404 500",
        "they will have been seen with them from that time on",
    ] {
        assert_eq!(quote(text), text);
    }
}

/// The token of a preview environment, where the production environment is linked (Azure/static-web-apps#1581).
#[test]
fn the_token_of_a_preview_environment_is_named() {
    let message = "IDX10205: Issuer validation failed. Issuer: \
        'https://blue-sea-123-7.centralus.5.azurestaticapps.net/.auth'. Did not match: \
        validationParameters.ValidIssuer: 'https://blue-sea-123.5.azurestaticapps.net/.auth' or \
        validationParameters.ValidIssuers: 'null'.";
    let body = json!({"code": 401, "message": message}).to_string();
    let seen = World::of(move |head| match Brings::of(head) {
        _ if head.contains("/.") => http("404 Not Found", "", ""),
        _ => http("401 Unauthorized", "content-type: application/json\r\n", &body),
    })
    .observe();
    seen.is("gateway-replaced-caller", Likely);
    assert!(seen.tells("https://blue-sea-123.5.azurestaticapps.net/.auth"), "{:?}", seen.candidates());
}

/// A 503 with `Retry-After` may be an outage (RFC 9110, section 15.6.4), a 429 isn't.
#[test]
fn only_429_is_certainly_about_too_many_requests() {
    let json = r#"{"statusCode":503,"message":"Service unavailable"}"#;
    let says = |status: &'static str| Field::app_service(move |_| http(status, "retry-after: 0\r\n", json)).check();
    says("503 Service Unavailable").root("identity-endpoint-throttled", "likely");
    says("429 Too Many Requests").root("identity-endpoint-throttled", "certain");
}
