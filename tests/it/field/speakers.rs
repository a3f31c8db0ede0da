//! Who says a sentence decides how sure it is: the same words on another's page, in another's log line, or from a proxy
//! prove nothing. Each world was written with its right answer before it was run.

use easyauth_doctor::report::Confidence::{Certain, Likely};
use easyauth_doctor::report::Report;
use serde_json::json;

use crate::field::caller::Field;
use crate::field::target::{
    Brings, HTML, JSON, PASSED, World, behind_easy_auth, challenge, for_everybody, settings, v1_issuer,
};
use crate::helpers::routing::OTHER;
use crate::helpers::server::{RESOURCE, http};

// ------------------------------------------------------------------------------------------ the identity endpoint

/// Status and headers, and the body, of an answer of the identity endpoint.
const NOT_THE_ENDPOINTS: [(&str, &str, &str); 6] = [
    (
        "403 Forbidden",
        "Server: squid/5.7\r\nVia: 1.1 proxy01 (squid/5.7)\r\nContent-Type: text/html\r\n",
        "<html><body>User identity not found for 10.1.2.3. Please authenticate.</body></html>",
    ),
    ("407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=\"corp\"\r\n", "Identity not found"),
    ("403 Forbidden", "Server: istio-envoy\r\n", "RBAC: access denied: peer identity not found"),
    (
        "503 Service Unavailable",
        "Content-Type: application/json\r\n",
        r#"{"statusCode":503,"message":"Identity not found in cache, retry later"}"#,
    ),
    ("429 Too Many Requests", "Retry-After: 1\r\n", r#"{"message":"Identity not found, slow down"}"#),
    ("410 Gone", "", r#"{"error":"invalid_request","error_description":"Identity not found"}"#),
];

#[test]
fn a_missing_identity_is_what_the_endpoint_itself_says() {
    for (status, headers, body) in NOT_THE_ENDPOINTS {
        let seen = Field::app_service(move |_| http(status, headers, body)).check();
        let code = seen.code();
        assert!(!["identity-not-enabled", "selected-identity-not-attached"].contains(&code), "{status}: {code}");
    }
}

// ---------------------------------------------------------------------------------------------- the front end's page

#[test]
fn a_page_with_the_front_ends_words_is_not_always_the_front_ends() {
    let express = "X-Powered-By: Express\r\nContent-Type: text/html\r\n";
    for (status, headers, body) in [
        ("404 Not Found", express, "<title>My shop</title><p>No results for \"404 Web Site not found\"</p>"),
        ("404 Not Found", HTML, "<p>No results for \"404 Web Site not found\"</p>"),
        ("404 Not Found", "Server: nginx\r\nContent-Type: text/html\r\n", "<h1>Web Site not found</h1>"),
        ("404 Not Found", JSON, r#"{"detail":"404 Web Site not found. Did you mean /blog?"}"#),
        ("403 Forbidden", JSON, r#"{"message":"This web app is stopped."}"#),
        ("403 Forbidden", JSON, r#"{"error":"Client Certificate Required"}"#),
        ("403 Forbidden", "x-ms-forbidden-ip: 1.2.3.4\r\nContent-Type: text/plain\r\n", "no"),
    ] {
        let seen = World::of(move |head| for_everybody(head, &http(status, headers, body))).observe();
        assert_ne!(seen.sureness(), Some(Certain), "{status} {body}: {:?}", seen.candidates());
    }
    for (status, headers, body, code) in [
        ("404 Site Not Found", HTML, "<h1>404 Web Site not found.</h1>", "target-not-found"),
        ("404 Not Found", HTML, "<html><h1 id=\"unavailable\">Error 404 - Web app not found.</h1>", "target-not-found"),
        ("403 Ip Forbidden", "x-ms-forbidden-ip: 20.50.1.2\r\n", "", "network-access-restricted"),
        (
            "403 Forbidden",
            HTML,
            "<h1>Error 403 - Forbidden: Client Certificate Required.</h1>",
            "client-certificate-required",
        ),
    ] {
        World::of(move |head| for_everybody(head, &http(status, headers, body))).observe().is(code, Certain);
    }
    // Microsoft names several causes of this page, a used-up quota among them: only a state that was read proves one.
    let page = "<h1>Error 403 - This web app is stopped.</h1>";
    let stopped = || World::of(move |head| for_everybody(head, &http("403 Site Disabled", HTML, page)));
    stopped().observe().is("target-stopped", Likely);
    let site = json!({"hostNames": ["127.0.0.1"], "state": "Stopped"});
    let read = settings(&v1_issuer(), &[RESOURCE], &[]);
    stopped().managed(&read, &site).observe().is("target-stopped", Certain);
}

/// Behind Easy Auth that lets everybody in, an app quotes the front end's page: the answer is the app's.
#[test]
fn what_passed_the_middleware_is_the_apps() {
    let headers: &'static str = Box::leak(format!("{PASSED}{JSON}").into_boxed_str());
    let body = r#"{"error":"404 Web Site not found"}"#;
    let seen = World::of(move |head| for_everybody(head, &http("404 Not Found", headers, body))).observe();
    assert!(!["target-not-found", "undetermined-failure"].contains(&seen.root()), "{:?}", seen.candidates());
}

// -------------------------------------------------------------------------------------------------- a proxy in between

/// The proxy's name can't be resolved, or nothing listens there: that says nothing of App 2.
#[test]
fn a_broken_proxy_is_named_and_app_2_is_not_blamed() {
    let seen = World::of(|head| behind_easy_auth(head, |_| http("200 OK", PASSED, "hello"))).observe();
    for (kind, message) in [
        ("name-not-resolved", "error resolving DNS: failed to lookup address information"),
        ("connection-refused", "tcp connect error"),
        ("proxy", "tunnel error: unsuccessful"),
    ] {
        // A loopback target is never asked through a proxy, so the case is changed.
        let mut case = serde_json::to_value(seen.0.case()).unwrap();
        let exchanges = case["exchanges"].as_array_mut().unwrap();
        exchanges.retain(|exchange| exchange["purpose"] == "call-anonymous");
        exchanges[0]["proxy"] = json!("http://proxy.corp.example:8080/");
        exchanges[0]["outcome"] = json!({"failure": {"kind": kind, "message": message}});
        let report = Report::of(serde_json::from_value(case).unwrap());
        let root = report.diagnosis().root_cause.clone().unwrap();
        assert_eq!((root.code.name(), root.confidence), ("target-unreachable", Likely), "{kind}");
        assert!(root.summary.contains("proxy.corp.example"), "{kind}: {}", root.summary);
        assert!(root.fixes.iter().all(|fix| !fix.text.contains("nslookup")), "{kind}");
    }
}

// ------------------------------------------------------------------------------------------------------ App 2's log

/// An access log quotes what a caller sent: the settings, which accept the token, are not refuted with certainty.
#[test]
fn a_sentence_that_a_line_quotes_is_never_certain() {
    let sentence = "IDX10205: Issuer validation failed. Issuer: '{iss}'. Did not match: \
                    validationParameters.ValidIssuer: 'https://evil/'";
    for form in ["GET /api/x 200 user-agent=\"{}\"", "stdout: user said: {}", "[app] INFO request body: {\"q\":\"{}\"}"]
    {
        let line = form.replacen("{}", &sentence.replace("{iss}", &v1_issuer()), 1);
        let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ");
        let world = World::of(|head| behind_easy_auth(head, |_| challenge()));
        let seen = world.with_log(&format!("{now} {line}\n")).observe();
        assert_ne!(seen.sureness(), Some(Certain), "{line}: {:?}", seen.candidates());
    }
}

// ------------------------------------------------------------------------------------------- another identity

/// Another identity than the expected one asks; the expected one is in the list, so nothing bites after that.
#[test]
fn the_policy_judges_the_expected_identity_later() {
    let listed = settings(&v1_issuer(), &[RESOURCE], &[OTHER]);
    let world = World::of(|head| {
        behind_easy_auth(head, |brings| match brings {
            Brings::Nothing => challenge(),
            _ => http("403 Forbidden", PASSED, ""),
        })
    });
    let seen = world.expecting(OTHER).with_settings(&listed).observe();
    assert_eq!(seen.root(), "unexpected-identity-used", "{:?}", seen.candidates());
    let next: Vec<_> = seen.0.diagnosis().next.iter().map(|fault| fault.code.name()).collect();
    assert!(next.is_empty(), "{next:?}");
}
