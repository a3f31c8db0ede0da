//! Whose answer it is: Easy Auth's own forms behind a page that names the caller, tokens that nobody validates, sign-in
//! pages and pages that only quote one, and certificates that are asked for. Each was written with its right answer
//! before it was run.

use easyauth_doctor::case::code::Code;
use easyauth_doctor::case::exchange::{FailureKind, Outcome};
use easyauth_doctor::knowledge;
use easyauth_doctor::report::Confidence::{Likely, Possible};
use easyauth_doctor::report::{Report, Severity, Verdict};
use serde_json::{Value, json};

use crate::field::target::{
    Brings, CALLER, HTML, ID, JSON, PASSED, PLAIN, Seen, TENANT, World, behind_easy_auth, challenge, for_everybody,
    settings, v1_issuer,
};
use crate::helpers::observing;
use crate::helpers::server::{RESOURCE, http};

fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

fn step(seen: &Seen, name: &str) -> String {
    let step = seen.0.steps().iter().find(|step| step.id.id() == name).unwrap();
    format!("{:?}", step.status)
}

/// Easy Auth's own page, which names this caller.
fn me() -> String {
    let body = json!([{"provider_name": "aad", "user_id": CALLER, "user_claims": [{"typ": "appid", "val": CALLER}]}]);
    http("200 OK", &format!("{PASSED}{JSON}"), &body.to_string())
}

/// Easy Auth's own page names the caller, and the call gets this for each token.
fn named(answer: impl Fn(Brings) -> String + Send + Sync + 'static) -> World {
    World::of(move |head| match path(head) {
        "/.auth/me" if Brings::of(head).is_real() => me(),
        _ => behind_easy_auth(head, &answer),
    })
}

/// App 2's settings, which allow App 2 alone.
fn of_app_2_alone() -> Value {
    settings(&v1_issuer(), &[RESOURCE], &[ID])
}

// ------------------------------------------------------------------------------- Easy Auth's own page and its policy

/// Whether the policy applies to Easy Auth's own page isn't established: settings that refuse this caller, and a 403 in
/// Easy Auth's own form, outweigh that page.
#[test]
fn the_own_page_does_not_refute_settings_that_refuse_the_caller() {
    let refused = || named(|_| http("403 Forbidden", PASSED, ""));
    for world in [
        refused().managed(&of_app_2_alone(), &json!({})),
        refused().with_settings(&of_app_2_alone()),
        refused().with_environ(&format!("WEBSITE_AUTH_V2_CONFIG_JSON={}", of_app_2_alone()["properties"])),
    ] {
        let seen = world.observe();
        seen.is("caller-not-in-allowed-applications", Likely);
        assert!(seen.candidates().contains(&"app-requires-role-or-scope"), "{:?}", seen.candidates());
        assert!(seen.tells("/.auth/me"), "the contradiction is named");
    }
    // Without settings, that page speaks for the app, and the policy stays a candidate.
    let seen = refused().observe();
    seen.is("app-requires-role-or-scope", Likely);
    assert!(seen.candidates().contains(&"caller-not-in-allowed-applications"), "{:?}", seen.candidates());
    // Words of its own are the app's, whatever the settings say.
    let seen =
        named(|_| http("403 Forbidden", &format!("{PASSED}{JSON}"), r#"{"message": "Missing role Orders.Read"}"#));
    seen.managed(&of_app_2_alone(), &json!({})).observe().is("app-requires-role-or-scope", Likely);
}

/// No app sends Easy Auth's challenge for App 2's own host.
#[test]
fn a_401_with_easy_auths_challenge_is_its_own() {
    let other = "0f8fad5b-0000-469f-a165-70867728950e";
    for answer in [challenge(), challenge().replace(ID, other)] {
        let seen = named(move |_| answer.clone()).observe();
        seen.is("undetermined-401", Possible);
        assert_eq!(seen.says("undetermined-401").as_deref(), Some("me"));
        assert!(!seen.candidates().contains(&"app-validates-token-itself"), "{:?}", seen.candidates());
    }
    // The other audience is accepted here, and this one on Easy Auth's own page: both are candidates.
    let seen = named(|brings| if brings == Brings::Bare { http("200 OK", PASSED, "hello") } else { challenge() });
    let seen = seen.observe();
    assert!(seen.candidates().contains(&"audience-not-allowed"), "{:?}", seen.candidates());
    assert!(!seen.candidates().contains(&"app-validates-token-itself"), "{:?}", seen.candidates());
    // A challenge with another realm may be another app's, which App 2 calls.
    let elsewhere = challenge().replace("realm=\"127.0.0.1\"", "realm=\"app3.azurewebsites.net\"");
    named(move |_| elsewhere.clone()).observe().is("app-validates-token-itself", Likely);
}

/// azure-docs issue 76111: Easy Auth itself answers with its validator's sentence.
#[test]
fn easy_auths_own_sentence_names_what_is_wrong() {
    let says = |message: String| {
        let body = json!({"code": 401, "message": message}).to_string();
        World::of(move |head| match path(head) {
            "/.auth/me" => http("401 Unauthorized", &format!("{PASSED}{JSON}"), &body),
            _ => behind_easy_auth(head, |_| http("401 Unauthorized", &format!("{PASSED}{JSON}"), &body)),
        })
        .observe()
    };
    let audience = |of: &str| {
        format!(
            "IDX10214: Audience validation failed. Audiences: '{of}'. Did not match: \
             validationParameters.ValidAudience: '{ID}' or validationParameters.ValidAudiences: 'null'."
        )
    };
    says(audience(RESOURCE)).is("audience-not-allowed", Likely);
    let issuer = |expected: &str| {
        format!(
            "IDX10205: Issuer validation failed. Issuer: '{}'. Did not match: \
             validationParameters.ValidIssuer: '{expected}' or validationParameters.ValidIssuers: 'null'.",
            v1_issuer()
        )
    };
    says(issuer("https://sts.windows.net/99999999-2222-4333-8444-555555555555/")).is("foreign-tenant-token", Likely);
    let version_2 = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    says(issuer(&version_2)).is("audience-token-version-mismatch", Likely);
    // Another token's audience, or a sentence without values, decides nothing; it is quoted.
    for (said, quoted) in [
        (audience("https://graph.microsoft.com"), "IDX10214"),
        ("IDX10511: Signature validation failed. Keys tried: '[PII is hidden]'.".to_owned(), "IDX10511"),
    ] {
        let seen = says(said);
        seen.is("undetermined-401", Possible);
        assert!(seen.tells(quoted), "{quoted}");
        assert!(!seen.candidates().contains(&"app-validates-token-itself"), "{:?}", seen.candidates());
    }
}

/// A redirect that comes back to Easy Auth is its own; one that comes back to the app is the app's.
#[test]
fn a_redirect_that_comes_back_to_easy_auth_is_its_own() {
    let to = |back: &str| {
        let back: String =
            url::form_urlencoded::byte_serialize(format!("https://app2.azurewebsites.net{back}").as_bytes()).collect();
        format!("https://login.windows.net/{TENANT}/oauth2/v2.0/authorize?redirect_uri={back}&client_id={ID}")
    };
    for location in [to("/.auth/login/aad/callback"), "/.auth/login/aad?post_login_redirect_uri=%2Fapi".to_owned()] {
        let seen = named(move |_| http("302 Found", &format!("{PASSED}location: {location}\r\n"), "")).observe();
        assert_ne!(seen.root(), "app-validates-token-itself", "{:?}", seen.candidates());
        assert!(seen.candidates().contains(&"authorization-header-dropped"), "{:?}", seen.candidates());
    }
    let own = to("/signin-oidc");
    let seen = named(move |_| http("302 Found", &format!("{PASSED}location: {own}\r\n"), "")).observe();
    seen.is("app-validates-token-itself", Likely);
}

// ----------------------------------------------------------------------------------- nobody validates the token

/// A deliberately invalid token gets the same as the real one: the success proves nothing, and Easy Auth isn't there.
#[test]
fn a_token_that_anybody_can_make_up_proves_nothing() {
    let open = |head: &str| match (path(head), Brings::of(head)) {
        (path, _) if path.starts_with("/.auth") || path.starts_with("/.well-known") => http("404 Not Found", "", ""),
        (_, Brings::Nothing) => http("401 Unauthorized", JSON, r#"{"error": "no credentials"}"#),
        _ => http("200 OK", JSON, r#"{"orders": []}"#),
    };
    let seen = World::of(open).observe();
    seen.is("easy-auth-not-active", Likely);
    assert_eq!(seen.verdict(), Verdict::Fail);
    assert_eq!((step(&seen, "audience"), step(&seen, "authorization")), ("Unknown".to_owned(), "Unknown".to_owned()));
    let stored = settings(&v1_issuer(), &[RESOURCE], &[]);
    let seen = World::of(open).managed(&stored, &json!({})).observe();
    seen.is("easy-auth-not-active", Likely);
    assert!(seen.tells("aren't in effect"));
    assert_eq!((step(&seen, "audience"), step(&seen, "authorization")), ("Unknown".to_owned(), "Unknown".to_owned()));
    // Settings that leave requests without a token to the app explain it.
    let mut anonymous = stored;
    anonymous["properties"]["globalValidation"] =
        json!({"requireAuthentication": false, "unauthenticatedClientAction": "AllowAnonymous"});
    let seen = World::of(open).managed(&anonymous, &json!({})).observe();
    assert_eq!(seen.found("easy-auth-not-active"), [], "{:?}", seen.candidates());
    // An invalid token that is rejected shows a validation.
    let validated = move |head: &str| match Brings::of(head) {
        Brings::InvalidToken => http("401 Unauthorized", JSON, r#"{"error": "invalid token"}"#),
        _ => open(head),
    };
    assert_eq!(World::of(validated).observe().root(), "pass");
}

// ------------------------------------------------------------------------------------------- pages for signing in

/// A page that only quotes words of Microsoft Entra ID's sign-in is what App 1 asked for.
#[test]
fn a_page_that_quotes_an_error_of_a_sign_in_is_no_sign_in() {
    for page in [
        "<html><title>Runbook</title><table><tr><td>AADSTS700016</td><td>app not found</td></tr></table></html>",
        "<html><title>FAQ</title><p>If you see \"Sign in to your account\" again, clear cookies.</p></html>",
        "<html><title>Orders</title><script>if(e.message.indexOf(\"AADSTS90118\")>-1){login(reset)}</script></html>",
        "<html><title>Search</title><a href=\"https://login.microsoftonline.com/\">x</a><form action=\"/find\"></html>",
    ] {
        let seen = World::of(move |head| behind_easy_auth(head, |_| http("200 OK", &format!("{PASSED}{HTML}"), page)));
        let seen = seen.observe();
        assert_eq!((seen.root(), seen.found("app-validates-token-itself")), ("pass", vec![]), "{page}");
    }
    for page in [
        "<html><head><title>Sign in to your account</title></head><body>AADSTS50011: The redirect URI</body></html>",
        "<html><meta name=\"PageID\" content=\"ConvergedSignIn\"><title>Bei Ihrem Konto anmelden</title></html>",
        "<html><body onload=\"f()\"><form action=\"https://login.microsoftonline.com/x/oauth2\"></form></html>",
    ] {
        let seen = World::of(move |head| behind_easy_auth(head, |_| http("200 OK", &format!("{PASSED}{HTML}"), page)));
        assert_ne!(seen.observe().root(), "pass", "{page}");
    }
}

/// Another product's sign-in page may be what App 1 expects, so it is a warning; where nothing shows Easy Auth, nothing
/// shows that the call succeeds.
#[test]
fn another_products_sign_in_page_is_told() {
    for (status, page) in [
        ("203 Non-Authoritative Information", "<html><title>Azure DevOps Services | Sign In</title></html>"),
        ("200 OK", "<html><head><title>Contoso - Sign In</title></head><div id=\"okta-sign-in\"></div></html>"),
        ("200 OK", "<html><head><title>Sign in to GitHub · GitHub</title></head></html>"),
        ("200 OK", "<html><head><title>Log in | Django site admin</title></head></html>"),
    ] {
        let answer = move || http(status, &format!("{PASSED}{HTML}"), page);
        let seen = World::of(move |head| behind_easy_auth(head, |_| answer())).observe();
        assert_eq!(seen.root(), "pass", "{page}");
        assert_eq!(seen.found("app-validates-token-itself"), [Severity::Warning], "{page}");
        let seen = World::of(move |head| match Brings::of(head) {
            Brings::Nothing => for_everybody(head, &http("401 Unauthorized", "", "")),
            _ => for_everybody(head, &answer()),
        });
        assert_ne!(seen.observe().root(), "pass", "{page}");
    }
    let page = "<html><title>Login history | Contoso</title></html>";
    let seen = World::of(move |head| behind_easy_auth(head, |_| http("200 OK", &format!("{PASSED}{HTML}"), page)));
    assert_eq!(seen.observe().found("app-validates-token-itself"), []);
}

// --------------------------------------------------------------------------------------- who else refuses the request

/// nginx's page for a client certificate that wasn't sent, which Application Gateway returns as well.
#[test]
fn a_certificate_that_a_server_in_front_requires() {
    const PAGE: &str = "<html><head><title>400 No required SSL certificate was sent</title></head><body>\
        <center><h1>400 Bad Request</h1></center><center>No required SSL certificate was sent</center><hr>\
        <center>nginx</center></body></html>";
    for server in ["server: nginx\r\n", "server: Microsoft-Azure-Application-Gateway/v2\r\n"] {
        let page = http("400 Bad Request", &format!("{server}{HTML}"), PAGE);
        let seen = World::of(move |head| for_everybody(head, &page)).observe();
        seen.is("client-certificate-required", Likely);
        assert!(seen.tells("No required SSL certificate was sent"));
    }
}

/// The TLS alert says that no certificate came; an older server only ends the handshake.
#[test]
fn an_alert_for_a_missing_certificate() {
    for (message, code) in [
        ("received fatal alert: CertificateRequired", "client-certificate-required"),
        ("received fatal alert: HandshakeFailure", "target-unreachable"),
    ] {
        let mut case = observing::of("target-tls-untrusted", true).report.observed().clone();
        for exchange in case.exchanges.iter_mut().filter(|exchange| exchange.purpose.is_to_the_target()) {
            let Outcome::Failure(failure) = &mut exchange.outcome else { continue };
            (failure.kind, failure.message) = (FailureKind::TlsFailed, message.to_owned());
        }
        assert_eq!(Seen(Report::of(case)).root(), code, "{message}");
    }
}

/// A sub-status of Easy Auth's isn't the shorter one of IIS for a client certificate.
#[test]
fn a_sub_status_is_no_part_of_a_longer_one() {
    let is_it = |text: &str| {
        let found = knowledge::explained(text).entries;
        found.iter().flat_map(|entry| &entry.findings).any(|code| *code == Code::ClientCertificateRequired)
    };
    assert!(is_it("HTTP Error 403.7 - Forbidden"));
    for text in ["HTTP Error 403.70", "HTTP Error 403.71 - Forbidden", "HTTP Error 403.76"] {
        assert!(!is_it(text), "{text}");
    }
}

/// The access control of a workflow in Logic Apps names itself.
#[test]
fn the_addresses_that_a_workflow_allows() {
    const SAID: &str = "{\"error\": {\"code\": \"AuthorizationFailed\", \"message\": \"The client IP address \
        '20.1.2.3' is not in the allowed caller IP address ranges specified in the workflow access control \
        configuration.\"}}";
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let world = World::of(move |head| behind_easy_auth(head, |_| http(status, &format!("{PASSED}{JSON}"), SAID)));
        let seen = world.observe();
        seen.is("network-access-restricted", Likely);
        assert!(seen.fixes().contains("allowedCallerIpAddresses"), "{}", seen.fixes());
    }
}

/// A 403 that misses the middleware's header on every answer to this caller isn't certainly Easy Auth's.
#[test]
fn a_403_without_the_middlewares_header_is_not_certainly_the_policys() {
    for headers in ["", "server: cloudflare\r\ncf-ray: 1\r\n"] {
        let world = World::of(move |head| match path(head) {
            "/.auth/me" if Brings::of(head).is_real() => http("403 Forbidden", headers, ""),
            _ => behind_easy_auth(head, |_| http("403 Forbidden", headers, "")),
        });
        let seen = world.managed(&of_app_2_alone(), &json!({})).observe();
        seen.is("caller-not-in-allowed-applications", Likely);
    }
}

/// A challenge that names an address, as Azure Storage's does, isn't Easy Auth's, whose `resource_id` is a client ID.
#[test]
fn the_challenge_of_another_service_is_not_easy_auths() {
    let header = format!(
        "www-authenticate: Bearer authorization_uri=https://login.microsoftonline.com/{TENANT}/oauth2/authorize \
         resource_id=https://storage.azure.com\r\n"
    );
    let refused = http("401 Unauthorized", &format!("{header}{PLAIN}"), "");
    let seen = World::of(move |head| for_everybody(head, &refused)).observe();
    assert_ne!(step(&seen, "protection"), "Pass");
}
