//! Worlds of a tester who hadn't read the code: answers of gateways, hosts, and validators after public reports and
//! documentation. Each row was written with its right answer before it was run.

use easyauth_doctor::report::Confidence::{self, Likely};

use crate::field::front::{For, all_right, row};
use crate::field::target::{CALLER, HTML, ID, JSON, PASSED, PLAIN, World, behind_easy_auth, settings, v1_issuer};
use crate::helpers::server::{RESOURCE, http};

const UNAVAILABLE: (&str, Confidence) = ("app-unavailable", Likely);
const BLOCKED: (&str, Confidence) = ("network-access-restricted", Likely);
const VALIDATES: (&str, Confidence) = ("app-validates-token-itself", Likely);
const OF_THE_APP: (&str, Confidence) = ("app-error", Likely);
const SCHEME: (&str, Confidence) = ("authorization-scheme-conflict", Likely);

/// A limit of a gateway is neither a network rule nor a fault of the app, whatever its status.
#[test]
fn limits_of_a_gateway_and_apps_that_do_not_answer() {
    let quota =
        r#"{ "statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 00:33:20." }"#;
    let rate = r#"{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 30 seconds." }"#;
    let offline = "<html><body>This app is offline for maintenance</body></html>";
    let not_started = "<!DOCTYPE html><html><head><title>HTTP Error 500.30 - ASP.NET Core app failed to start</title>\
        </head><body></body></html>";
    let envoy = "upstream connect error or disconnect/reset before headers. reset reason: connection failure";
    let too_large = "<html><head><title>400 Request Header Or Cookie Too Large</title></head><body><center><h1>400 Bad \
        Request</h1></center><hr><center>nginx/1.25.3</center></body></html>";
    let to_https = "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head><body><center>\
        <h1>400 Bad Request</h1></center><hr><center>nginx</center></body></html>";
    let kestrel = format!("{JSON}server: Kestrel\r\n{PASSED}");
    let iis = format!("{HTML}server: Microsoft-IIS/10.0\r\n{PASSED}");
    all_right(vec![
        row("quota", For::All, ("403 Forbidden", JSON, quota), UNAVAILABLE).tells("replenished in 00:33:20"),
        row("quota of the token", For::Real, ("403 Forbidden", JSON, quota), UNAVAILABLE).tells("quota"),
        row("rate limit", For::All, ("429 Too Many Requests", JSON, rate), UNAVAILABLE)
            .tells("Try again in 30 seconds"),
        row("app_offline.htm", For::Real, ("503 Service Unavailable", &iis, offline), UNAVAILABLE)
            .tells("offline for maintenance"),
        row("500.30", For::Real, ("500 Internal Server Error", &iis, not_started), OF_THE_APP).tells("500.30"),
        row("envoy", For::Real, ("503 Service Unavailable", &format!("{PLAIN}{PASSED}"), envoy), UNAVAILABLE)
            .tells("upstream connect error"),
        row("host", For::Real, ("503 Service Unavailable", PASSED, "Function host is not running."), UNAVAILABLE)
            .tells("Function host is not running"),
        row("dependency", For::Real, ("424 Failed Dependency", &kestrel, r#"{"error":"downstream"}"#), OF_THE_APP),
        row("headers", For::Real, ("400 Bad Request", &format!("server: nginx\r\n{HTML}"), too_large), OF_THE_APP),
        row("plain HTTP", For::All, ("400 Bad Request", &format!("server: nginx\r\n{HTML}"), to_https), OF_THE_APP)
            .tells("plain HTTP request"),
        row("coalesced", For::All, ("421 Misdirected Request", PLAIN, "Misdirected Request"), OF_THE_APP),
    ]);
}

/// Validators of many languages, and rules of the app's own that no app role satisfies.
#[test]
fn validators_and_rules_of_the_app_in_their_own_words() {
    let kestrel = format!("{JSON}server: Kestrel\r\n{PASSED}");
    let plain = format!("{PLAIN}{PASSED}");
    let express = format!("x-powered-by: Express\r\n{PASSED}");
    let python = format!("server: gunicorn\r\n{JSON}{PASSED}");
    let bearer = |said: &str| format!("{PASSED}www-authenticate: Bearer error=\"invalid_token\", {said}\r\n");
    let passport = format!(
        "{express}www-authenticate: Bearer realm=\"Users\", error=\"invalid_token\", error_description=\"error: jwt \
         audience is invalid. expected: {ID}\"\r\n"
    );
    let trace = "<!DOCTYPE html><html lang=\"en\"><head><title>Error</title></head><body><pre>UnauthorizedError: jwt \
        audience invalid. expected: api://orders<br> &nbsp; &nbsp;at /app/node_modules/express-jwt/dist/index.js:122\
        </pre></body></html>";
    let jose = r#"{"error":"ERR_JWT_CLAIM_VALIDATION_FAILED","message":"unexpected \"aud\" claim value"}"#;
    let go = format!("oidc: expected audience \"orders\" got [\"{RESOURCE}\"]\n");
    let no_key = "error_description=\"The signature key was not found\"";
    let dpop = format!("{PASSED}www-authenticate: DPoP algs=\"ES256\", error=\"invalid_token\"\r\n");
    let scope = "IDW10203: The 'scope' or 'scp' claim does not contain scopes 'access_as_user' or was not found. ";
    const UNAUTHORIZED: &str = "401 Unauthorized";
    const FORBIDDEN: &str = "403 Forbidden";
    const ROLE: (&str, Confidence) = ("app-requires-role-or-scope", Likely);
    all_right(vec![
        row("passport", For::Real, (UNAUTHORIZED, &passport, "Unauthorized"), VALIDATES)
            .tells("jwt audience is invalid"),
        row("express-jwt", For::Real, (UNAUTHORIZED, &format!("{express}{HTML}"), trace), VALIDATES)
            .tells("jwt audience invalid"),
        row("jose", For::Real, (UNAUTHORIZED, &kestrel, jose), VALIDATES).tells("aud"),
        row("go-oidc", For::Real, (UNAUTHORIZED, &plain, &go), VALIDATES).tells("expected audience"),
        row("PyJWT", For::Real, (UNAUTHORIZED, &python, r#"{"message":"Invalid audience"}"#), VALIDATES)
            .tells("Invalid audience"),
        row(
            "flask",
            For::Real,
            ("422 Unprocessable Entity", &python, r#"{"msg":"Signature verification failed"}"#),
            VALIDATES,
        )
        .tells("Signature verification failed"),
        row("JwtBearer", For::Real, (UNAUTHORIZED, &bearer(no_key), ""), VALIDATES)
            .tells("signature key was not found"),
        row("subscription", For::Real, (UNAUTHORIZED, &kestrel, r#"{"error":"subscription expired"}"#), VALIDATES)
            .tells("subscription expired"),
        row("DPoP", For::Real, (UNAUTHORIZED, &dpop, ""), SCHEME).tells("DPoP"),
        row("scope", For::Real, (FORBIDDEN, &plain, scope), ROLE).tells("IDW10203"),
        row(
            "its own IP list",
            For::Real,
            (FORBIDDEN, &kestrel, r#"{"error":"IP address 203.0.113.9 is not whitelisted"}"#),
            OF_THE_APP,
        )
        .tells("not whitelisted"),
        row(
            "its own tenants",
            For::Real,
            (FORBIDDEN, &kestrel, r#"{"message":"Tenant is not onboarded"}"#),
            OF_THE_APP,
        )
        .tells("not onboarded"),
    ]);
}

/// The front end's own page shows what App 2 is, also under a custom host name: its fixes are a container app's.
#[test]
fn a_page_of_container_apps_has_their_fixes() {
    let page = "<html><head><title>Azure Container App - Unavailable</title></head><body><h1>Error 404 - This \
        Container App is stopped or does not exist.</h1></body></html>";
    let rules = settings(&v1_issuer(), &[RESOURCE], &[CALLER]);
    for (answer, code) in [
        (http("404 Not Found", HTML, page), "undetermined-failure"),
        (http("403 Forbidden", PLAIN, "RBAC: access denied"), BLOCKED.0),
    ] {
        let seen = World::of(move |_| answer.clone()).with_settings(&rules).observe();
        assert_eq!(seen.root(), code);
        let fixes = seen.fixes();
        for of_a_web_app in
            ["az webapp list", "privatelink.azurewebsites.net", "begins with fd", "Public network access"]
        {
            assert!(!fixes.contains(of_a_web_app), "{code}: {of_a_web_app} in {fixes}");
        }
        assert!(fixes.contains("az containerapp list") || fixes.contains("Networking > Ingress"), "{fixes}");
    }
    // An app behind Easy Auth passes such a page on; App 2 is still what it was.
    let passed_on =
        World::of(move |head| behind_easy_auth(head, |_| http("404 Not Found", &format!("{HTML}{PASSED}"), page)));
    let seen = passed_on.with_settings(&settings(&v1_issuer(), &[RESOURCE], &[])).observe();
    assert!(!seen.fixes().contains("containerapp"), "{}", seen.fixes());
}
