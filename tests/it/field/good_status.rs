//! Answers whose HTTP status is good and that are none, or may be none; a page that only something in front of App 2
//! writes; and a path that Easy Auth doesn't protect. Each was written with its right answer before it was run.

use easyauth_doctor::report::Confidence::Likely;
use easyauth_doctor::report::Verdict;
use serde_json::json;

use crate::field::target::{
    Brings, HTML, ID, JSON, PASSED, PLAIN, World, behind_easy_auth, for_everybody, settings, text, to_tokens, v1_issuer,
};
use crate::helpers::server::{RESOURCE, http};

/// The app behind Easy Auth answers this.
fn app_returns(headers: &str, body: &str) -> World {
    to_tokens(&http("200 OK", &format!("{PASSED}{headers}"), body))
}

/// gRPC reports its own status beside HTTP's, which is 200 for a call that failed as well (grpc/grpc:
/// doc/PROTOCOL-HTTP2.md, Trailers-Only; doc/statuscodes.md).
#[test]
fn a_failed_call_of_grpc_does_not_succeed() {
    for (kind, status, message, code) in [
        ("application/grpc", "16", "audience%20not%20accepted", "app-validates-token-itself"),
        ("application/grpc+proto", "7", "role Orders.Read is required", "app-requires-role-or-scope"),
        ("application/grpc", "14", "upstream%20connect%20error", "app-unavailable"),
        ("application/grpc", "4", "", "app-unavailable"),
        ("application/grpc-web+proto", "12", "unknown method", "app-error"),
        ("application/grpc", "13", "", "app-error"),
    ] {
        let headers = format!("content-type: {kind}\r\ngrpc-status: {status}\r\ngrpc-message: {message}\r\n");
        let seen = app_returns(&headers, "").observe();
        seen.is(code, Likely);
        assert_eq!(seen.verdict(), Verdict::Fail, "{status}");
        assert!(seen.tells(&format!("grpc-status {status} (")) && !seen.tells("%20"), "{status}");
    }
}

/// Without Easy Auth, everybody reaches the app, whatever it says then.
#[test]
fn an_error_of_grpc_for_everybody_is_no_protection() {
    let refused = http("200 OK", "content-type: application/grpc\r\ngrpc-status: 16\r\n", "");
    World::of(move |_| refused.clone()).observe().is("easy-auth-not-active", Likely);
}

/// Another number is none of gRPC's, and the header means nothing elsewhere.
#[test]
fn what_is_no_status_of_grpc_changes_nothing() {
    for headers in [
        "content-type: application/grpc\r\ngrpc-status: 0\r\n",
        "content-type: application/grpc\r\ngrpc-status: OK\r\n",
        "content-type: application/grpc\r\ngrpc-status: 99\r\n",
        "content-type: text/plain\r\ngrpc-status: 16\r\n",
    ] {
        assert_eq!(app_returns(headers, "").observe().verdict(), Verdict::Pass, "{headers}");
    }
}

/// Only App 1 knows whether it expects such an answer, so the check passes with a warning that quotes it.
#[test]
fn an_error_in_json_with_a_good_status_is_quoted() {
    for (body, said) in [
        (r#"{"status":401,"error":"AUTH_REQUIRED","message":"no session"}"#, "AUTH_REQUIRED: no session"),
        (r#"{"error":"token_expired","error_description":"sign in again"}"#, "token_expired: sign in again"),
        (r#"{"data":null,"errors":[{"message":"not signed in"}]}"#, "not signed in"),
        (r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"Session not found"}}"#, "Session not found"),
        (r#"{"title":"x","status":403,"detail":"no access"}"#, "no access"),
    ] {
        let seen = app_returns(JSON, body).observe();
        assert_eq!(seen.verdict(), Verdict::Pass, "{body}");
        assert!(text(&seen).contains(&format!("reports an error: \\\"{said}\\\"")), "{body}: {}", text(&seen));
    }
    for body in [
        r#"{"error":null,"errors":[],"status":"ok"}"#,
        r#"[{"error":"a log entry","status":500}]"#,
        r#"{"id":401,"status":"open","code":403,"message":"Your order"}"#,
        r#"{"data":{"orders":[]},"errors":[{"message":"no prices"}]}"#,
        r#"{"result":1,"error":"rounded"}"#,
    ] {
        assert!(!text(&app_returns(JSON, body).observe()).contains("reports an error"), "{body}");
    }
}

/// Cloudflare's page for an address that a rule of its customer rejects (developers.cloudflare.com: Error 1020).
#[test]
fn cloudflares_page_for_a_rejected_address_is_not_easy_auths_policy() {
    let page = "<html><head><title>Access denied | api.contoso.example used Cloudflare to restrict access</title>\
        </head><body><h1>Error 1020</h1></body></html>";
    let page = http("403 Forbidden", &format!("{HTML}server: cloudflare\r\n"), page);
    let seen = World::of(move |head| for_everybody(head, &page)).observe();
    seen.is("network-access-restricted", Likely);
    assert!(seen.tells("Cloudflare") && seen.candidates() == ["network-access-restricted"], "{:?}", seen.candidates());
}

/// Easy Auth passes every request on at a path that its settings exclude, so a 401 in other words is the app's.
#[test]
fn the_app_refuses_at_an_excluded_path() {
    let mut excluding = settings(&v1_issuer(), &[RESOURCE], &[ID]);
    let open = excluding.clone();
    excluding["properties"]["globalValidation"]["excludedPaths"] = json!(["/api/*"]);
    let world = || {
        World::of(|head| match head.split(' ').nth(1).unwrap_or_default() {
            path if path.starts_with("/.auth") || path.starts_with("/.well-known") => {
                behind_easy_auth(head, |_| http("403 Forbidden", PASSED, ""))
            }
            _ => {
                let said = r#"{"detail":"Token audience is not accepted"}"#;
                http("401 Unauthorized", &format!("{PASSED}{JSON}www-authenticate: Bearer\r\n"), said)
            }
        })
    };
    let seen = world().managed(&excluding, &json!({})).observe();
    seen.is("app-validates-token-itself", Likely);
    assert!(seen.tells("Token audience is not accepted"));
    assert_ne!(world().managed(&open, &json!({})).observe().sureness(), Some(Likely));
}

/// A custom OpenID Connect provider takes no bearer tokens, whoever issues them (MicrosoftDocs/azure-docs#72019).
#[test]
fn microsoft_entra_as_a_custom_provider_is_named_as_one() {
    let mut custom = settings(&v1_issuer(), &[], &[]);
    custom["properties"]["identityProviders"] = json!({"customOpenIdConnectProviders": {"entra": {
        "enabled": true, "registration": {"clientId": ID}
    }}});
    let world = World::of(|head| match Brings::of(head) {
        _ if head.contains("/.auth/login/aad") => http("404 Not Found", PASSED, ""),
        _ => http("401 Unauthorized", &format!("{PASSED}{PLAIN}"), ""),
    });
    let seen = world.managed(&custom, &json!({})).observe();
    assert_eq!(seen.root(), "entra-provider-missing");
    assert!(seen.tells("entra (OpenID Connect)"));
}
