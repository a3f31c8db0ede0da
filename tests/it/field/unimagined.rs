//! Worlds that nobody imagined when the rules were written: a tester who didn't know the code built them. Each row has
//! the right answer and, where it isn't plain, why.

use easyauth_doctor::report::Confidence::{self, Likely};
use serde_json::json;

use crate::field::caller::{
    EXCHANGE, Field, app_service, as_json, asks_for_resource_manager, entra, issued, issued_with, service_account,
};
use crate::field::front::all_right;
use crate::field::target::{HTML, ID, JSON, PASSED, PLAIN, World, behind_easy_auth, challenge, settings, v1_issuer};
use crate::helpers::answering::{only_the_call, real, time, with_log};
use crate::helpers::server::{RESOURCE, http};

const SITE: &str =
    "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers/Microsoft.Web/sites/app2";

// -------------------------------------------------------------------------------- settings of the site, and its slot

/// The file is the site's, and the target's host name is that of a slot, which has settings of its own.
#[test]
fn the_settings_file_of_the_site_is_not_its_slots() {
    for (host, is_refused) in [
        ("app2.azurewebsites.net", false),
        ("app2-a1b2c3d4e5f6a7b8.westeurope-01.azurewebsites.net", false),
        ("app2.contoso.com", false),
        ("app2-staging.azurewebsites.net", true),
        ("app2-staging-a1b2c3d4e5f6a7b8.westeurope-01.azurewebsites.net", true),
    ] {
        let mut file = settings(&v1_issuer(), &[RESOURCE], &[]);
        file["id"] = json!(format!("{SITE}/config/authsettingsV2"));
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), file.to_string()).unwrap();
        let inputs = easyauth_doctor::case::inputs::Inputs {
            target: Some(format!("https://{host}/api/hello")),
            auth_settings: Some(path.path().to_path_buf()),
            ..Default::default()
        };
        let prepared = easyauth_doctor::probe::prepare_with(inputs, Some(Vec::new()));
        assert_eq!(prepared.is_err(), is_refused, "{host}");
    }
}

/// Azure Resource Manager shows the settings of the site, but not the site with its host names; App 2's challenge names
/// the slot's host.
#[test]
fn the_settings_read_for_the_site_are_not_its_slots() {
    let refuse = |host: &'static str| {
        World::of(move |head| {
            let own = challenge().replace("realm=\"127.0.0.1\"", &format!("realm=\"{host}\""));
            let answer = behind_easy_auth(head, |_| http("403 Forbidden", PASSED, ""));
            if answer.starts_with("HTTP/1.1 401") { own } else { answer }
        })
        .managed(&settings(&v1_issuer(), &[RESOURCE], &[ID]), &json!({"hostNames": [], "defaultHostName": null}))
        .observe()
    };
    refuse("app2.azurewebsites.net").is("caller-not-in-allowed-applications", Confidence::Certain);
    let of_slot = refuse("app2-staging.azurewebsites.net");
    assert_ne!(of_slot.sureness(), Some(Confidence::Certain), "{:?}", of_slot.candidates());
    assert!(!of_slot.found("settings-not-used").is_empty());
}

// ------------------------------------------------------------------------------------------------------ App 1's side

/// What isn't in a file may still be set: the file may be a part of the environment, or another session's.
#[test]
fn a_file_with_a_part_of_the_environment_proves_no_absence() {
    let lines = [
        ("WEBSITE_SITE_NAME=app1\n", "identity-not-enabled"),
        ("WEBSITE_SITE_NAME=app1\nWEBSITE_HOSTNAME=app1.azurewebsites.net\nKUDU_APPPATH=/x\n", "identity-not-enabled"),
        ("FUNCTIONS_WORKER_RUNTIME=node\nWEBSITE_SITE_NAME=f\n", "identity-not-enabled"),
        ("WEBSITE_SITE_NAME=app1\nIDENTITY_HEADER=853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a\n", "credential-incomplete"),
        ("AZUREML_RUN_ID=run_1\n", "identity-not-enabled"),
        ("AZURE_CLIENT_SECRET=x-secret-of-nobody-01\n", "credential-incomplete"),
    ];
    for (text, code) in lines {
        let field = Field::new(|_| issued(RESOURCE));
        let file = field.files.path().join("environ");
        std::fs::write(&file, text).unwrap();
        let seen = field.option(&["--environ", file.to_str().unwrap()]).check();
        seen.root(code, "likely");
    }
}

/// Nobody on the internet can fetch the keys of these issuers, so that no federated credential helps.
#[test]
fn issuers_that_entra_can_never_reach() {
    for issuer in [
        "https://oidc.corp.internal",
        "https://100.64.0.1",
        "https://cluster.lan",
        "https://host.docker.internal:6443",
        "https://rke2.home.arpa",
        "https://k8s.corp",
        "https://oidc.intranet",
        "https://[::ffff:10.0.0.1]",
        "https://198.18.0.7",
        "https://0.0.0.0",
        "https://issuer.localdomain",
    ] {
        let text = format!(
            "No matching federated identity record found for presented assertion. Assertion Issuer: '{issuer}'."
        );
        let field = Field::federated(&service_account(issuer, EXCHANGE, 60), move |_| entra(70_021, &text));
        field.check().root("assertion-issuer-unreachable", "certain");
    }
    let public = "https://oidc.contoso.com";
    let field = Field::federated(&service_account(public, EXCHANGE, 60), |_| entra(70_021, "No matching record."));
    field.check().root("federated-credential-mismatch", "certain");
}

/// A token that Entra probably didn't issue isn't sent, whatever names its audience.
#[test]
fn a_token_with_a_list_of_audiences_is_not_sent() {
    let field = Field::app_service(|_| issued_with(RESOURCE, &json!({"aud": [RESOURCE]})));
    let seen = field.check();
    seen.root("token-not-from-entra", "likely");
    assert_eq!(seen.step("call")["status"], "skipped");
    let sent: Vec<String> = field.app2.audiences();
    assert!(sent.iter().all(|audience| audience.contains("invalid")), "{sent:?}");
}

/// A number of Entra's counts in its own form only: what a proxy's page links to, or names of yesterday, is no refusal.
#[test]
fn a_number_that_is_only_mentioned_is_no_refusal() {
    for text in [
        "<html>Bad gateway. See https://help.contoso.com/AADSTS90002-faq for sign-in problems</html>",
        "Upstream failed (last failure yesterday: AADSTS7000222).",
        r#"{"error":"upstream","help":"https://aka.ms/AADSTS700016"}"#,
    ] {
        let seen = Field::app_service(move |_| http("502 Bad Gateway", "", text)).check();
        seen.never_finds("managed-identity-stale").never_finds("tenant-not-found");
    }
}

/// The endpoint failed for a moment: the Application ID URI is requested once more before it is said to be wrong.
#[test]
fn an_endpoint_that_failed_for_a_moment() {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    for (status, fails) in [("400 Bad Request", 1), ("404 Not Found", 1), ("500 Internal Server Error", 2)] {
        for lasts in [false, true] {
            let asked = AtomicUsize::new(0);
            let field = Field::app_service(move |head| {
                let is_uri = head.contains("api%3A%2F%2F");
                if is_uri && (asked.fetch_add(1, SeqCst) < fails || lasts) {
                    return as_json(status, &json!({"message": "The endpoint isn't ready"}));
                }
                if asks_for_resource_manager(head) { issued("https://management.azure.com") } else { issued(ID) }
            })
            .option(&["--resource", &format!("api://{ID}")]);
            let seen = field.check();
            let code = if lasts { "resource-not-registered" } else { "identity-endpoint-transient" };
            seen.root(code, "likely");
            let heads = field.identity.received();
            let of_uri = heads.iter().filter(|head| head.contains("api%3A%2F%2F")).count();
            assert_eq!(of_uri, fails + 1, "{status}");
        }
    }
}

/// The path is right, for other requests of the run were answered in this protocol.
#[test]
fn a_path_that_answered_another_request_is_no_other_protocol() {
    let field = Field::app_service(|head| {
        let is_known = [RESOURCE, "management", "graph", ID].iter().any(|name| head.contains(name));
        if is_known || head.contains("api%3A") {
            http("404 Not Found", "", "")
        } else {
            app_service("400 Bad Request", "AADSTS500011: The resource principal named x was not found.")
        }
    });
    field.check().never_finds("identity-endpoint-protocol-mismatch");
}

// ------------------------------------------------------------------------------------------------------ who answered

const ROLE: &str = "app-requires-role-or-scope";
const FORBIDDEN: &str = "403 Forbidden";

/// Pages and answers that name who wrote them, or that only such a component writes: no role of App 2's satisfies them.
#[test]
fn an_answer_that_names_its_sender_is_not_the_apps() {
    let apache =
        "<title>403 Forbidden</title><h1>Forbidden</h1><p>You don't have permission to access this resource.</p>";
    let haproxy = "<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>";
    let blocked = ("network-access-restricted", "blocks");
    for (name, status, headers, body, (code, told)) in [
        (
            "nginx",
            FORBIDDEN,
            HTML,
            "<center><h1>403 Forbidden</h1></center><hr><center>nginx</center>",
            ("app-error", "nginx"),
        ),
        ("apache", FORBIDDEN, "server: Apache/2.4.57\r\ncontent-type: text/html\r\n", apache, ("app-error", "Apache")),
        ("haproxy", FORBIDDEN, HTML, haproxy, ("app-error", "HAProxy")),
        ("varnish", FORBIDDEN, HTML, "<title>403 Forbidden</title>Varnish cache server", ("app-error", "Varnish")),
        ("iis", FORBIDDEN, HTML, "<h2>403 - Forbidden: Access is denied.</h2>", ("app-error", "IIS")),
        (
            "iis, address",
            FORBIDDEN,
            HTML,
            "<title>403.503 - Forbidden</title>IP address rejected",
            ("app-error", "the address filter of IIS"),
        ),
        (
            "iis, path",
            "404 Not Found",
            HTML,
            "<title>404.8 - Not Found</title>",
            ("app-error", "the request filter of IIS"),
        ),
        (
            "dapr",
            FORBIDDEN,
            JSON,
            r#"{"errorCode":"ERR_PERMISSION","message":"access denied"}"#,
            ("app-error", "the Dapr sidecar"),
        ),
        (
            "opa",
            FORBIDDEN,
            JSON,
            r#"{"allowed":false,"reason":"opa policy denied: caller"}"#,
            ("app-error", "opa policy"),
        ),
        (
            "fastly",
            FORBIDDEN,
            "server: Varnish\r\nx-served-by: cache-ams\r\n",
            "Forbidden",
            ("network-access-restricted", "Fastly"),
        ),
        (
            "envoy",
            FORBIDDEN,
            "server: envoy\r\nx-ext-authz-check-result: denied\r\n",
            "",
            ("network-access-restricted", "Envoy"),
        ),
        (
            "tyk",
            FORBIDDEN,
            JSON,
            r#"{"error":"Access to this API has been disallowed"}"#,
            ("network-access-restricted", "Tyk"),
        ),
        (
            "cloudfront",
            FORBIDDEN,
            "server: CloudFront\r\ncontent-type: text/html\r\n",
            "<TITLE>ERROR: The request could not be satisfied</TITLE>Request blocked.",
            ("network-access-restricted", "CloudFront"),
        ),
        ("fortiweb", FORBIDDEN, HTML, "<title>Web Page Blocked!</title> FortiWeb attack ID: 20000051", blocked),
        ("barracuda", FORBIDDEN, "server: BarracudaHTTP 4.0\r\n", "blocked", blocked),
        ("a title", FORBIDDEN, HTML, "<title>Request blocked</title>Sophos", blocked),
        ("a title, 503", "503 Service Unavailable", HTML, "<title>Application Blocked</title> by policy", blocked),
        (
            "modsecurity",
            "406 Not Acceptable",
            HTML,
            "Not Acceptable! This error was generated by Mod_Security.",
            blocked,
        ),
    ] {
        let seen = only_the_call(status, headers, body).observe();
        assert_eq!((seen.root(), seen.sureness()), (code, Some(Likely)), "{name}: {:?}", seen.candidates());
        assert!(seen.tells(told), "{name}: {:#?}", seen.0.diagnosis().root_cause);
        assert!(!seen.candidates().contains(&ROLE), "{name}");
    }
    // An empty 403, or one in words about the caller, is the app's.
    for (headers, body) in [("", ""), (JSON, r#"{"message":"Forbidden resource"}"#)] {
        only_the_call(FORBIDDEN, headers, body).observe().is(ROLE, Likely);
    }
}

/// A validator rejects the token whatever its status is; an ingress that finds nothing behind it is no app that fails;
/// and a header that is too long is no missing path.
#[test]
fn the_words_decide_whatever_the_status() {
    let validates = ("app-validates-token-itself", Likely);
    let reset = "upstream connect error or disconnect/reset before headers. reset reason: connection failure";
    let jwt = r#"{"errors":[{"extensions":{"code":"invalid-jwt"},"message":"Could not verify JWT: JWSError"}]}"#;
    all_right(vec![
        real("istio's audiences", FORBIDDEN, PLAIN, "Audiences in Jwt are not allowed", validates)
            .tells("Audiences in Jwt"),
        real("flask-jwt", "422 Unprocessable Entity", JSON, r#"{"msg":"Signature verification failed"}"#, validates)
            .tells("Signature verification failed"),
        real("flask-jwt, audience", "422 Unprocessable Entity", JSON, r#"{"msg":"Invalid audience"}"#, validates)
            .tells("Invalid audience"),
        real("fastapi", FORBIDDEN, JSON, r#"{"detail":"Invalid token or expired token."}"#, validates)
            .tells("Invalid token"),
        real("hasura", "400 Bad Request", JSON, jwt, validates),
        real(
            "a parser's token",
            "400 Bad Request",
            JSON,
            r#"{"error":"Invalid token at position 5"}"#,
            ("app-error", Likely),
        ),
        real("another 422", "422 Unprocessable Entity", JSON, r#"{"detail":"id is required"}"#, ("app-error", Likely)),
        real("a role in a token", FORBIDDEN, JSON, r#"{"error":"role admin missing in jwt"}"#, (ROLE, Likely)),
        real("nothing listens", "503 Service Unavailable", PLAIN, reset, ("app-unavailable", Likely)),
        real(
            "IIS's header",
            "404 Not Found",
            HTML,
            "<title>404.10 - Request header too long</title>",
            ("app-error", Likely),
        )
        .tells("too large"),
    ]);
}

/// The app says that it got no token, though Easy Auth accepted one: no setting of its validation helps.
#[test]
fn an_app_that_says_it_got_no_token() {
    for (status, body) in [
        ("401 Unauthorized", r#"{"msg":"Missing Authorization Header"}"#),
        ("401 Unauthorized", r#"{"code":"credentials_required","message":"No authorization token was found"}"#),
        ("401 Unauthorized", r#"{"detail":"Authentication credentials were not provided."}"#),
        (FORBIDDEN, r#"{"detail":"Not authenticated"}"#),
    ] {
        let answer = http(status, &format!("{PASSED}{JSON}"), body);
        let seen = World::of(move |head| behind_easy_auth(head, |_| answer.clone())).observe();
        seen.is("app-validates-token-itself", Likely);
        assert!(seen.candidates().contains(&"authorization-header-dropped"), "{body}: {:?}", seen.candidates());
        assert!(!seen.fixes().contains("ValidAudiences"), "{body}");
    }
    let key = http("401 Unauthorized", &format!("{PASSED}{JSON}"), r#"{"error":"Missing x-api-key header"}"#);
    let seen = World::of(move |head| behind_easy_auth(head, |_| key.clone())).observe();
    assert!(!seen.fixes().contains("ValidAudiences") && seen.tells("x-api-key"), "{}", seen.fixes());
}

// -------------------------------------------------------------------------------------- settings and App 2's log

/// The settings have another tenant and no audience for the token: the second fault stays when the first is corrected.
#[test]
fn an_audience_and_a_tenant_that_are_both_wrong() {
    let other = "https://login.microsoftonline.com/99999999-2222-4333-8444-555555555555/v2.0";
    let seen = World::of(|head| behind_easy_auth(head, |_| challenge()))
        .asking(Some(&format!("api://{ID}")))
        .with_settings(&settings(other, &[], &[]))
        .observe();
    for code in ["audience-not-allowed", "foreign-tenant-token"] {
        assert!(!seen.found(code).is_empty(), "{code}: {:?}", seen.candidates());
    }
}

/// A line of Easy Auth's whose number no table has is quoted, and what it says isn't made up.
#[test]
fn a_line_with_an_unknown_number_is_quoted() {
    for (number, text) in [
        ("IDX99999", "A number nobody knows."),
        ("IDX10209", "Token has length: '300000' which is larger than the MaximumTokenSizeInBytes: '256000'."),
        ("IDX10652", "The algorithm 'none' is not supported."),
    ] {
        let line = format!("{} JWT validation failed: {number}: {text}\n", time("%Y-%m-%dT%H:%M:%SZ"));
        let report = with_log(|_| challenge(), &line);
        assert_eq!(report["root_cause"]["code"], "undetermined-401", "{number}");
        assert!(report["root_cause"]["summary"].as_str().unwrap().contains(number), "{}", report["root_cause"]);
        assert!(report["root_cause"]["evidence"].to_string().contains(number));
    }
}

/// The authority answered the request for metadata, so that nothing blocks App 2's network.
#[test]
fn an_authority_that_answers_is_not_blocked() {
    let line = |text: &str| format!("{} JWT validation failed: IDX20807: {text}\n", time("%Y-%m-%dT%H:%M:%SZ"));
    let refused = line(
        "Unable to retrieve document from: 'https://login.microsoftonline.com/contoso/.well-known/openid-configuration'\
         . HttpResponseMessage: 'StatusCode: 400'",
    );
    assert_eq!(with_log(|_| challenge(), &refused)["root_cause"]["code"], "issuer-invalid");
    let silent =
        line("Unable to retrieve document from: 'https://login.microsoftonline.com/x'. No such host is known.");
    assert_eq!(with_log(|_| challenge(), &silent)["root_cause"]["code"], "target-egress-blocked");
}

/// The portal's export has its times in a form of its own: the line is this run's.
#[test]
fn the_times_of_the_portals_export_are_read() {
    let line = format!(
        "JWT validation failed: IDX10214: Audience validation failed. Audiences: '{RESOURCE}'. Did not match: \
         validationParameters.ValidAudience: '{ID}' or validationParameters.ValidAudiences: 'api://x'."
    );
    let row = format!("\"{}\",401,83,MiddlewareWarning,\"{line}\",\"\"\n", time("%m/%d/%Y, %I:%M:%S.000 %p"));
    let log = format!("TimeGenerated [UTC],StatusCode,SubStatusCode,TaskName,Message,Details\n{row}");
    let report = with_log(|_| challenge(), &log);
    assert_eq!(report["root_cause"]["code"], "audience-not-allowed");
    assert_ne!(report["root_cause"]["confidence"], "possible");
}

/// What the validators of other languages write to App 2's log.
#[test]
fn validators_of_other_languages_are_read_in_the_log() {
    for said in [
        "WARN o.s.s.oauth2.jwt.JwtDecoder : Signed JWT rejected: Invalid issuer",
        "level=error msg=\"token has invalid claims: token has invalid audience\"",
        "com.auth0.jwt.exceptions.InvalidClaimException: The Claim 'aud' value doesn't contain the required audience.",
        "JWTClaimValidationFailed: unexpected \"aud\" claim value",
    ] {
        let line = format!("{} {said}\n", time("%Y-%m-%dT%H:%M:%SZ"));
        let report = with_log(|_| http("401 Unauthorized", PASSED, ""), &line);
        assert_eq!(report["root_cause"]["code"], "app-validates-token-itself", "{said}");
    }
}
