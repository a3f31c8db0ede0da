//! Where the ground isn't what it seems: a machine of another cloud, requests that came through a proxy, an identity
//! endpoint that can't reach Microsoft Entra ID, a container app that is not there, and lines of a log that are about
//! something else. Each has its right answer, which was written before it was run.

use serde_json::json;

use crate::field::caller::{Field, app_service, as_json, asks_for_resource_manager, issued};
use crate::field::target::{PASSED, behind_easy_auth, challenge, for_everybody};
use crate::helpers::server::{RESOURCE, Server, http};

const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const HTML: &str = "content-type: text/html\r\n";

// ------------------------------------------------------------------------------------- the identity's ground

#[test]
fn the_metadata_endpoint_of_another_cloud_is_no_refusal() {
    let page = "<?xml version=\"1.0\"?><html><head><title>401 - Unauthorized</title></head></html>";
    for (status, headers, body) in [
        ("401 Unauthorized", "server: EC2ws\r\n", page),
        ("404 Not Found", "server: EC2ws\r\n", ""),
        ("403 Forbidden", "metadata-flavor: Google\r\n", "Missing Metadata-Flavor:Google header."),
        ("404 Not Found", "metadata-flavor: Google\r\n", "Not Found"),
    ] {
        let seen = Field::machine(move |_| http(status, headers, body)).check();
        seen.root("identity-unsupported-on-host", "likely");
    }
    // Without its mark, nothing says what refuses the request, and no secret was sent that could be outdated.
    let seen = Field::machine(|_| http("401 Unauthorized", "", "no")).check();
    seen.never_finds("identity-variables-hidden");
    assert_eq!(seen.confidence(), "possible");
}

#[test]
fn the_metadata_endpoint_refuses_what_came_through_a_proxy() {
    for said in ["Required metadata header not specified", "Request contains X-Forwarded-For header"] {
        let refused = json!({"error": "bad_request_102", "error_description": said});
        let seen = Field::machine(move |_| as_json("400 Bad Request", &refused)).check();
        seen.root("proxy-intercepts-identity-endpoint", "likely").says(said);
    }
}

#[test]
fn an_endpoint_without_its_header_says_nothing_of_an_old_value() {
    let refused =
        json!({"error": {"code": "SecretHeaderNotFound", "message": "Secret is not found in the request headers."}});
    let answer = as_json("400 Bad Request", &refused);
    let seen = Field::app_service(move |_| answer.clone()).check();
    assert_eq!(seen.confidence(), "possible");
    seen.never_says("(401)");
}

#[test]
fn an_endpoint_names_the_connection_that_it_did_not_get() {
    for (said, code, sureness) in [
        ("No such host is known. (login.microsoftonline.com:443)", "caller-egress-blocked", "likely"),
        (
            "An attempt was made to access a socket in a way forbidden by its access permissions. \
             (login.microsoftonline.com:443)",
            "caller-egress-blocked",
            "likely",
        ),
        // Of another host, which isn't the authority.
        ("No such host is known. (database.contoso.com:443)", "undetermined-token-refusal", "possible"),
        ("An unexpected error occured while fetching the AAD Token.", "undetermined-token-refusal", "possible"),
    ] {
        let seen = Field::app_service(move |_| app_service("500 Internal Server Error", said)).check();
        seen.root(code, sureness);
    }
    // The identity gets a token for another resource: its endpoint reaches Microsoft Entra ID.
    let seen = Field::app_service(|head| match asks_for_resource_manager(head) {
        true => issued("https://management.azure.com/"),
        false => app_service("500 Internal Server Error", "No such host is known. (login.microsoftonline.com:443)"),
    });
    seen.check().never_finds("caller-egress-blocked");
}

// ------------------------------------------------------------------------------------- App 2's ground

/// An identity that gets what it asks for, and an App 2 that answers like this.
fn app_2(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Field {
    let mut field = Field::app_service(|head| issued(if head.contains("resource=api") { RESOURCE } else { ID }));
    field.app2 = Server::answers(answer);
    field
}

#[test]
fn the_page_of_a_container_app_has_several_reasons() {
    let page = "<html><head><title>Azure Container App - Unavailable</title></head><body>\
                <h1>Error 404 - This Container App is stopped or does not exist.</h1></body></html>";
    let seen = app_2(move |head| for_everybody(head, &http("404 Not Found", HTML, page))).check();
    assert_eq!((seen.code(), seen.confidence()), ("undetermined-failure", "possible"));
    assert_eq!(seen.candidates(), ["target-stopped", "network-access-restricted", "target-not-found"]);
}

#[test]
fn pages_of_what_is_in_between_are_not_app_2s() {
    let blocked = "<html><head><title>Web Page Blocked</title></head><body>Access to the web page you were trying to \
                   visit has been blocked in accordance with company policy.</body></html>";
    let application = "<html><head><title>FortiGate Application Control</title></head></html>";
    let policy = r#"{"statusCode":500,"message":"Internal server error","activityId":"2f6b"}"#;
    for (status, headers, body, code) in [
        ("503 Service Unavailable", HTML, blocked, "network-access-restricted"),
        ("200 OK", HTML, application, "network-access-restricted"),
        ("500 Internal Server Error", "content-type: application/json\r\n", policy, "app-error"),
    ] {
        let seen = app_2(move |head| for_everybody(head, &http(status, headers, body))).check();
        seen.root(code, "likely");
    }
}

// ------------------------------------------------------------------------------------- lines of a log

/// A check with a log of this line, written this many seconds before.
fn logged(field: Field, seconds: i64, line: &str) -> Field {
    let file = field.files.path().join("app2.log");
    let time = chrono::Utc::now() - chrono::Duration::seconds(seconds);
    std::fs::write(&file, format!("{}  PID[1] {line}\n", time.format("%Y-%m-%dT%H:%M:%S"))).unwrap();
    field.option(&["--target-log", &file.display().to_string()])
}

#[test]
fn a_line_of_yesterday_is_over_where_the_client_id_fails_today() {
    let line = format!(
        "Warning JWT validation failed: IDX10214: Audience validation failed. Audiences: '{RESOURCE}'. Did not match: \
         validationParameters.ValidAudience: '{ID}' or validationParameters.ValidAudiences: 'null'."
    );
    let refuses = || app_2(|_| challenge());
    assert_eq!(logged(refuses(), 86_400, &line).check().confidence(), "possible");
    // One of this run is about this token.
    logged(refuses(), 2, &line).check().root("audience-not-allowed", "certain");
}

#[test]
fn a_line_about_a_session_is_not_about_a_call_without_one() {
    let line = "Warning Cross-site request forgery detected for user 'ann@contoso.com' from referer ''.";
    let denies = || app_2(|head| behind_easy_auth(head, |_| http("403 Forbidden", PASSED, "")));
    logged(denies(), 2, line).check().never_finds("csrf-origin-rejected");
    let session = denies().option(&["--method", "POST", "--yes", "--header", "Cookie: AppServiceAuthSession=x"]);
    logged(session, 2, line).check().root("csrf-origin-rejected", "likely");
    // A call that changes state may be the one after all, and nothing else is more than possible then.
    let posts = denies().option(&["--method", "POST", "--yes"]);
    let seen = logged(posts, 2, line).check();
    seen.root("undetermined-403", "possible").finds("csrf-origin-rejected");
    // One of this moment that names no user, as the call brings none, is about it.
    let posts = denies().option(&["--method", "POST", "--yes"]);
    let nobodys = "Warning Cross-site request forgery detected for user '' from referer ''.";
    logged(posts, 2, nobodys).check().root("csrf-origin-rejected", "likely");
}

#[test]
fn no_keys_are_not_a_foreign_key() {
    let line = "Warning JWT validation failed: IDX10500: Signature validation failed. No security keys were provided \
                to validate the signature.";
    logged(app_2(|_| challenge()), 2, line).check().root("target-egress-blocked", "likely");
    let metadata = "Error IDX20803: Unable to obtain configuration from: 'https://login.microsoftonline.com/t/v2.0/\
                    .well-known/openid-configuration'. ---> System.Net.Http.HttpRequestException: No such host is \
                    known. (login.microsoftonline.com:443)";
    let fails = app_2(|head| for_everybody(head, &http("500 Internal Server Error", PASSED, "")));
    logged(fails, 2, metadata).check().root("target-egress-blocked", "likely");
}

#[test]
fn lines_that_any_request_leaves_do_not_decide() {
    let line = "Information Sending response: 401.71 Unauthorized";
    logged(app_2(|_| challenge()), 2, line).check().root("undetermined-401", "possible");
    // Each request of the run left one, also those with a token; or it follows a request for the same path.
    let each = [line; 3].join(&format!("\n{}  PID[1] ", chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S")));
    logged(app_2(|_| challenge()), 2, &each).check().root("authorization-header-dropped", "likely");
    let malformed =
        "Warning JWT validation failed: IDX12741: JWT must have three segments (JWS) or five segments (JWE).";
    let seen = logged(app_2(|_| challenge()), 2, malformed).check();
    assert_eq!((seen.code(), seen.confidence()), ("undetermined-401", "possible"));
}

#[test]
fn a_validator_of_the_app_says_nothing_where_easy_auth_answered() {
    let of = |audience: &str| {
        format!(
            "info: Microsoft.AspNetCore.Authentication.JwtBearer.JwtBearerHandler[1] Failed to validate the token. \
             IDX10214: Audience validation failed. Audiences: '{audience}'. Did not match: \
             validationParameters.ValidAudience: 'api://orders' or validationParameters.ValidAudiences: 'null'."
        )
    };
    let hidden = of("[PII is hidden]");
    logged(app_2(|_| challenge()), 2, &hidden).check().never_finds("app-validates-token-itself");
}
