//! Worlds after public reports, each with the right answer, and beside it one that looks like it and is something else.

use std::io::Write as _;

use easyauth_doctor::report::Confidence::{Certain, Likely};
use easyauth_doctor::report::Verdict;
use serde_json::json;

use crate::field::caller::{Field, entra, issued};
use crate::field::target::{
    Brings, CALLER, ID, PASSED, World, behind_easy_auth, challenge, for_everybody, settings, v1_issuer,
};
use crate::helpers::server::{RESOURCE, Server, http};

const OTHER: &str = "a9999999-8888-4777-8666-555544443333";

/// Entra knows no application by the name of one of its scopes, and the rest of the name is App 2's.
#[test]
fn a_name_behind_app_2s_own_is_probably_a_scopes() {
    for (asked, code, sureness) in [
        (format!("{RESOURCE}/Orders.Read"), "scope-name-in-resource", "likely"),
        (format!("{RESOURCE}/my-scope"), "scope-name-in-resource", "likely"),
        // Nothing names the rest as App 2's.
        ("api://contoso.com/orders".to_owned(), "resource-not-registered", "certain"),
        (format!("api://{OTHER}/Orders.Read"), "resource-not-registered", "certain"),
    ] {
        let name = asked.clone();
        let mut field = Field::secret(move |_| {
            entra(500_011, &format!("The resource principal named {name} was not found in the tenant named Contoso."))
        });
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| String::new()));
        let seen = field.option(&["--resource", &asked]).check();
        seen.root(code, sureness);
        assert_eq!(code == "scope-name-in-resource", seen.fixes().contains(&format!("{RESOURCE}/.default")), "{asked}");
    }
}

/// A wrapping number says only that another one follows.
#[test]
fn the_second_number_has_the_reason() {
    let text =
        "Error validating credentials. AADSTS50012: Client assertion audience claim does not match Realm issuer.";
    let seen = Field::secret(move |_| entra(70_002, text)).check();
    seen.root("token-request-rejected", "certain").says("AADSTS50012: Client assertion audience claim");
    Field::secret(|_| entra(70_002, "Error validating credentials. AADSTS50012: Invalid client secret is provided."))
        .check()
        .root("caller-secret-invalid", "certain");
}

/// App 2 names an ID that may be no application's. Without Microsoft Graph nothing shows whose fault it is.
#[test]
fn a_resource_that_app_2_does_not_name_is_certain_only_if_its_own_is_registered() {
    let world = World::of(|head| behind_easy_auth(head, |_| challenge()).replace("HTTP/1.1 200", "HTTP/1.1 401"));
    let own = settings(&v1_issuer(), &[], &[CALLER]);
    let seen = world.with_settings(&own).asking(Some(&format!("api://{OTHER}"))).observe();
    assert_ne!(seen.sureness(), Some(Certain), "{:?}", seen.candidates());
}

/// A display name in the place of the client ID: that is App 2's fault, whatever App 1 requests.
#[test]
fn a_client_id_that_is_no_id_is_app_2s_fault() {
    let mut named = settings(&v1_issuer(), &[], &[]);
    named["properties"]["identityProviders"]["azureActiveDirectory"]["registration"]["clientId"] =
        json!("app2-easyauth");
    let refused = || http("401 Unauthorized", PASSED, "");
    let world = World::of(move |head| {
        let answer = behind_easy_auth(head, |_| refused());
        if answer.starts_with("HTTP/1.1 401") { refused() } else { answer }
    });
    let seen = world.managed(&named, &json!({})).asking(Some(RESOURCE)).observe();
    assert_eq!((seen.root(), seen.sureness()), ("entra-provider-missing", Some(Likely)), "{:?}", seen.candidates());
    assert!(!seen.fixes().contains("app2-easyauth"), "{}", seen.fixes());
}

/// The token was issued for its own caller. No list of App 2's changes that.
#[test]
fn a_token_for_its_own_caller_is_not_mended_by_app_2() {
    let field = Field::app_service(|_| issued(OTHER));
    let mut field = field.option(&["--resource", RESOURCE]);
    field.app2 = Server::answers(|head| behind_easy_auth(head, |_| challenge()));
    let file = field.files.path().join("settings.json");
    std::fs::write(&file, settings(&v1_issuer(), &[RESOURCE], &[]).to_string()).unwrap();
    let seen = field.option(&["--auth-settings", file.to_str().unwrap()]).check();
    assert_eq!(seen.code(), "token-for-wrong-resource", "{:?}", seen.candidates());
    seen.never_finds("audience-not-allowed");
}

/// The response has begun, and its status is known: what streams has no end.
#[test]
fn a_stream_is_an_answer() {
    let headers = format!("{PASSED}content-type: text/event-stream\r\n");
    let app2 = Server::play(move |stream, head| {
        let answer = behind_easy_auth(head, |_| format!("HTTP/1.1 200 OK\r\n{headers}\r\ndata: 1\n\n"));
        let is_stream = answer.contains("text/event-stream");
        let _ = stream.write_all(answer.as_bytes());
        while is_stream && stream.write_all(b"data: 2\n\n").is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    });
    let mut field = Field::app_service(|_| issued(RESOURCE));
    field.app2 = app2;
    field.check().passes();
}

/// Many clients don't send the header again after a redirect, also within a host: the call that passes here may fail
/// there.
#[test]
fn a_call_that_succeeds_behind_a_redirect_is_warned_about() {
    let world = World::of(|head| {
        let is_there = head.split(' ').nth(1).is_some_and(|path| path.ends_with("/hello/"));
        behind_easy_auth(head, |_| {
            if is_there {
                http("200 OK", PASSED, "hello")
            } else {
                http("307 Temporary Redirect", "location: /api/hello/\r\n", "")
            }
        })
    });
    let seen = world.at("/api/hello").observe();
    assert_eq!(seen.verdict(), Verdict::Pass, "{:?}", seen.candidates());
    assert_eq!(seen.found("authorization-header-dropped").len(), 1);
    let direct = World::of(|head| behind_easy_auth(head, |_| http("200 OK", PASSED, "hello"))).observe();
    assert!(direct.found("authorization-header-dropped").is_empty());
}

/// Extensions of a function app require a system key besides the token.
#[test]
fn an_extension_of_functions_requires_its_key() {
    let refuse = |path: &str| {
        let world = World::of(|head| behind_easy_auth(head, |_| http("403 Forbidden", PASSED, ""))).at(path);
        world.managed(&settings(&v1_issuer(), &[RESOURCE], &[CALLER]), &json!({})).observe()
    };
    assert!(refuse("/runtime/webhooks/signalr").candidates().contains(&"function-key-required"));
    assert!(!refuse("/api/hello").candidates().contains(&"function-key-required"));
}

/// The level `anonymous` is no advice where App 2 lets in everybody.
#[test]
fn a_function_is_not_opened_where_nothing_protects_it() {
    let wants_key = || http("401 Unauthorized", PASSED, "");
    let fixes = |action: &str| {
        let mut own = settings(&v1_issuer(), &[RESOURCE], &[CALLER]);
        own["properties"]["globalValidation"] = json!({
            "requireAuthentication": action == "Return401", "unauthenticatedClientAction": action
        });
        let opens = action != "Return401";
        let world = World::of(move |head| match Brings::of(head) {
            Brings::Nothing if opens => for_everybody(head, &wants_key()),
            _ => behind_easy_auth(head, |_| wants_key()),
        });
        let seen = world.managed(&own, &json!({"kind": "functionapp,linux"})).observe();
        seen.candidates().contains(&"function-key-required").then(|| seen.0.diagnosis().root_cause.clone().unwrap())
    };
    if let Some(root) = fixes("AllowAnonymous") {
        assert!(root.fixes.iter().all(|fix| !fix.text.contains("Anonymous")), "{:?}", root.fixes);
    }
}

/// The address that a restriction names is that of what is in front, and shared by all its customers.
#[test]
fn the_address_of_a_gateway_is_not_allowed_as_app_1s() {
    let refused = |mark: &'static str| {
        let headers = format!("{mark}x-ms-forbidden-ip: 147.243.1.1\r\n");
        let world = World::of(move |head| for_everybody(head, &http("403 Ip Forbidden", &headers, "")));
        world.managed(&settings(&v1_issuer(), &[RESOURCE], &[CALLER]), &json!({})).observe()
    };
    let direct = refused("");
    direct.is("network-access-restricted", Certain);
    assert!(direct.fixes().contains("147.243.1.1/32"), "{}", direct.fixes());
    for mark in ["x-azure-ref: 20261126T100000Z-r1b8f6d\r\n", "cf-ray: 8e8a1b2c3d4e5f67-AMS\r\n"] {
        let behind = refused(mark);
        behind.is("network-access-restricted", Certain);
        assert!(!behind.fixes().contains("147.243.1.1/32"), "{}", behind.fixes());
    }
}

/// The page says that a certificate is required, and the site says that none is.
#[test]
fn a_certificate_that_the_site_does_not_ask_for_is_not_certain() {
    let page = "<title>403 - Forbidden: Client Certificate Required</title>";
    for (enabled, mode, sureness) in
        [(true, "Required", Certain), (false, "Required", Likely), (true, "Optional", Likely)]
    {
        let world = World::of(move |head| for_everybody(head, &http("403 Client Certificate Required", "", page)));
        let site = json!({"clientCertEnabled": enabled, "clientCertMode": mode});
        let seen = world.managed(&settings(&v1_issuer(), &[RESOURCE], &[CALLER]), &site).observe();
        seen.is("client-certificate-required", sureness);
    }
}

/// Requests for the client ID that App 2 names are App 2's, and Microsoft Graph's 404 may be about another application.
#[test]
fn what_app_2_names_outranks_an_application_that_graph_lacks() {
    assert_ne!(ID, OTHER);
    let graph = Server::answers(|_| {
        http(
            "404 Not Found",
            "content-type: application/json\r\n",
            r#"{"error":{"code":"Request_ResourceNotFound","message":"Resource 'x' does not exist."}}"#,
        )
    });
    let mut field = Field::app_service(|head| {
        if head.contains("management") || head.contains("graph") {
            issued("https://management.azure.com")
        } else {
            crate::field::caller::app_service(
                "500 Internal Server Error",
                "An unexpected error occured while fetching the AAD Token.",
            )
        }
    });
    field.app2 = Server::answers(|head| behind_easy_auth(head, |_| challenge()));
    let asked = format!("api://{OTHER}");
    let seen = field.option(&["--resource", &asked, "--graph", &graph.url]).check();
    assert_ne!((seen.code(), seen.confidence()), ("resource-not-registered", "certain"), "{}", seen.cause());
    assert!(!seen.fixes().contains(ID) || !seen.fixes().contains("az ad sp create"), "{}", seen.fixes());
}
