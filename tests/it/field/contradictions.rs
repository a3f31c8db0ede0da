//! Worlds of a black-box tester in which one part of the run contradicts another: a page that only the first request
//! got, a refused token before a policy that nobody reached, a proxy's error that isn't Entra's or Graph's, what stands
//! in front of an App 2 without Easy Auth, and rules that only `config/web` shows.

use easyauth_doctor::report::Confidence::Certain;
use easyauth_doctor::report::Verdict;
use serde_json::json;

use crate::field::caller::{Field, app_service, as_json, asks_for_resource_manager, entra, issued};
use crate::field::target::{
    Brings, CALLER, HTML, JSON, PASSED, World, behind_easy_auth, for_everybody, settings, v1_issuer,
};
use crate::helpers::routing::OTHER;
use crate::helpers::server::{RESOURCE, Server, http};

const STOPPED: &str = "<html><head><title>Web App - Unavailable</title></head><body>Error 403 - This web app is \
                       stopped.</body></html>";
const NO_SITE: &str =
    "<html><head><title>404 Web Site not found.</title></head><body>404 Web Site not found</body></html>";

/// The first request, which has no token, gets the front end's page; the others reach App 2.
fn starting(status: &'static str, page: &'static str, call: &'static str) -> World {
    World::of(move |head| {
        if Brings::of(head) == Brings::Nothing && !head.contains("/.") {
            return http(status, HTML, page);
        }
        behind_easy_auth(head, |_| http(call, PASSED, if call.starts_with("200") { "hello" } else { "" }))
    })
}

#[test]
fn a_page_that_only_the_first_request_got_stops_no_call() {
    for (status, page, code) in [
        ("403 Site Disabled", STOPPED, "target-stopped"),
        ("404 Web Site not found", NO_SITE, "target-not-found"),
        ("403 Ip Forbidden", "", "network-access-restricted"),
    ] {
        let seen = starting(status, page, "200 OK").observe();
        assert_eq!(seen.verdict(), Verdict::Pass, "{status}: {:?}", seen.candidates());
        assert!(!seen.found(code).is_empty(), "{status}: what the first request got is reported");
        let excluded = settings(&v1_issuer(), &[RESOURCE], &[OTHER]);
        let seen = starting(status, page, "403 Forbidden").with_settings(&excluded).observe();
        assert_eq!(seen.root(), "caller-not-in-allowed-applications", "{status}: {:?}", seen.candidates());
        // What every request gets stays what it is.
        let always = World::of(move |head| for_everybody(head, &http(status, HTML, page))).observe();
        assert_eq!(always.root(), code, "{status}: {:?}", always.candidates());
    }
}

/// The identity endpoint refuses the token without a reason; App 2's policy has another fault.
#[test]
fn a_refused_token_is_not_explained_by_the_policy() {
    let excluded = settings(&v1_issuer(), &[RESOURCE], &[OTHER]).to_string();
    let opaque = app_service("500 Internal Server Error", "An unexpected error occured while fetching the AAD Token.");
    let strange = http("403 Forbidden", JSON, r#"{"sorry":"no"}"#);
    for answer in [opaque, strange] {
        let field = Field::app_service(move |head| match head {
            _ if asks_for_resource_manager(head) => issued("https://management.azure.com"),
            _ => answer.clone(),
        });
        let file = field.files.path().join("settings.json");
        std::fs::write(&file, &excluded).unwrap();
        let seen = field.option(&["--auth-settings", file.to_str().unwrap()]).check();
        assert_ne!(seen.code(), "caller-not-in-allowed-applications", "{:#}", seen.0["root_cause"]);
        assert_ne!(seen.confidence(), "certain", "{:#}", seen.0["root_cause"]);
        assert!(!seen.fixes().contains("defaultAuthorizationPolicy: { }"), "{}", seen.fixes());
    }
}

/// Errors of a proxy, and pages of anybody, don't show that Entra has no such tenant; Entra's own words do.
#[test]
fn only_entra_says_that_a_tenant_is_unknown() {
    let seen = |metadata: String| {
        let mut field = Field::app_service(|head| match head {
            _ if asks_for_resource_manager(head) => issued("https://management.azure.com"),
            _ => issued(RESOURCE),
        });
        field.app2 = Server::answers(|head| for_everybody(head, &http("500 Internal Server Error", "", "")));
        field.entra = Server::answers(move |_| metadata.clone());
        let file = field.files.path().join("settings.json");
        let other = format!("https://login.microsoftonline.com/{OTHER}/v2.0");
        std::fs::write(&file, settings(&other, &[RESOURCE], &[]).to_string()).unwrap();
        field.option(&["--auth-settings", file.to_str().unwrap()]).check()
    };
    for metadata in [
        http("404 Not Found", "", ""),
        http("404 Not Found", HTML, "<html><title>ERROR: The requested URL could not be retrieved</title></html>"),
        http("200 OK", HTML, "<html><body>Sign in to the guest network</body></html>"),
        as_json("404 Not Found", &json!({"error": "not found"})),
        as_json("400 Bad Request", &json!({"message": "blocked"})),
        as_json("200 OK", &json!({"status": "ok"})),
    ] {
        let seen = seen(metadata.clone());
        assert!(seen.code() != "issuer-invalid" || seen.confidence() != "certain", "{metadata}: {}", seen.cause());
    }
    seen(entra(90_002, "Tenant 'x' not found.")).root("issuer-invalid", "certain");
}

/// Easy Auth is off in the settings, and what answers isn't the app: switching it on changes nothing for the call.
#[test]
fn what_stands_in_front_explains_a_refusal_before_settings_that_are_off() {
    let mut off = settings(&v1_issuer(), &[RESOURCE], &[]);
    off["properties"]["platform"]["enabled"] = json!(false);
    let worlds: [(&str, &str, &str); 4] = [
        ("407 Proxy Authentication Required", "proxy-authenticate: Basic realm=\"corp\"\r\n", ""),
        (
            "401 Access Denied",
            "content-type: application/json\r\n",
            "{ \"statusCode\": 401, \"message\": \"Access denied due to missing subscription key. Make sure to include \
             subscription key when making requests to an API.\" }",
        ),
        ("302 Found", "location: https://sso.contoso.com/realms/x/protocol/openid-connect/auth?redirect_uri=a\r\n", ""),
        ("401 Unauthorized", "x-goog-iap-generated-response: true\r\n", "Invalid IAP credentials: empty token"),
    ];
    for (status, headers, body) in worlds {
        let seen =
            World::of(move |head| for_everybody(head, &http(status, headers, body))).with_settings(&off).observe();
        assert_ne!((seen.root(), seen.sureness()), ("easy-auth-not-active", Some(Certain)), "{status}");
    }
    // Where nobody else is in front, what is off is off.
    let seen = World::of(|head| for_everybody(head, &http("200 OK", "", "hello"))).with_settings(&off).observe();
    seen.is("easy-auth-not-active", Certain);
}

/// The rules of access restrictions are in `config/web`, with their headers and tags.
#[test]
fn access_restrictions_are_read_where_they_reject_the_request() {
    let address = "20.50.1.2";
    let answer = format!("x-ms-forbidden-ip: {address}\r\n");
    let forbidden = World::of(move |head| for_everybody(head, &http("403 Ip Forbidden", &answer, "")));
    let rules = json!([{"ipAddress": "AzureFrontDoor.Backend", "tag": "ServiceTag", "action": "Allow", "priority": 100,
        "name": "front", "headers": {"x-azure-fdid": ["11112222-3333-4444-5555-666677778888"]}}]);
    let web = json!({"ipSecurityRestrictions": rules, "ipSecurityRestrictionsDefaultAction": "Deny"});
    let all = settings(&v1_issuer(), &[RESOURCE], &[CALLER]);
    let seen = forbidden.managed(&all, &json!({"web": web, "siteConfig": {"ipSecurityRestrictions": null}})).observe();
    seen.is("network-access-restricted", Certain);
    assert!(!seen.fixes().contains("access-restriction add"), "{}", seen.fixes());
    let evidence = format!("{:?}", seen.0.diagnosis().root_cause.as_ref().map(|cause| cause.evidence.clone()));
    assert!(evidence.contains("AzureFrontDoor.Backend") && evidence.contains("x-azure-fdid"), "{evidence}");
}

/// Nobody who isn't rejected by them is asked for them.
#[test]
fn access_restrictions_are_not_read_without_need() {
    let all = settings(&v1_issuer(), &[RESOURCE], &[CALLER]);
    let world = World::of(|head| behind_easy_auth(head, |_| http("200 OK", PASSED, "hello")));
    let seen = world.managed(&all, &json!({"web": {"ipSecurityRestrictions": []}})).observe();
    assert_eq!(seen.verdict(), Verdict::Pass);
    let asked = seen.0.observed().exchanges.iter().any(|exchange| exchange.url.contains("/config/web"));
    assert!(!asked, "config/web was read");
}

/// An app that protects itself and lets the token in: nothing is rejected that would need another explanation.
#[test]
fn what_is_off_is_off_where_the_call_succeeds() {
    let mut off = settings(&v1_issuer(), &[RESOURCE], &[]);
    off["properties"]["platform"]["enabled"] = json!(false);
    for (status, headers, body) in [
        ("401 Unauthorized", "content-type: application/json\r\n", r#"{"error":"no token"}"#),
        ("302 Found", "location: /login\r\n", ""),
    ] {
        let world = World::of(move |head| match Brings::of(head) {
            brings if brings.is_real() => http("200 OK", "", "hello"),
            _ => for_everybody(head, &http(status, headers, body)),
        });
        world.with_settings(&off).observe().is("easy-auth-not-active", Certain);
    }
}

/// Basic authentication of whatever is in front, and no Entra provider in the settings.
#[test]
fn a_missing_provider_is_not_certain_where_another_component_answers() {
    let mut none = settings(&v1_issuer(), &[RESOURCE], &[]);
    none["properties"]["identityProviders"] = json!({"azureActiveDirectory": {"enabled": false}});
    for headers in
        ["www-authenticate: Basic realm=\"traefik\"\r\n", "www-authenticate: Digest realm=\"x\", nonce=\"1\"\r\n"]
    {
        let seen = World::of(move |head| for_everybody(head, &http("401 Unauthorized", headers, "Unauthorized")))
            .with_settings(&none)
            .observe();
        assert_ne!(seen.sureness(), Some(Certain), "{headers}: {}", seen.root());
    }
}

/// Requests without a token are stopped, while Easy Auth answers another one: one instance of several.
#[test]
fn a_stopped_app_that_answers_elsewhere_is_not_certain() {
    let seen = World::of(|head| match Brings::of(head) {
        Brings::InvalidToken => behind_easy_auth(head, |_| String::new()),
        _ if head.contains("/.") => behind_easy_auth(head, |_| String::new()),
        _ => http("403 Site Disabled", HTML, STOPPED),
    })
    .observe();
    assert_eq!(seen.root(), "target-stopped", "{:?}", seen.candidates());
    assert_ne!(seen.sureness(), Some(Certain));
}

/// 500 without a token, and a 403 of the policy with it: the policy is why the call fails.
#[test]
fn an_error_that_the_call_does_not_get_is_not_its_cause() {
    let excluded = settings(&v1_issuer(), &[RESOURCE], &[OTHER]);
    let world = World::of(|head| match Brings::of(head) {
        brings if brings.is_real() => http("403 Forbidden", PASSED, ""),
        _ => for_everybody(head, &http("500 Internal Server Error", "", "")),
    });
    let seen = world.with_settings(&excluded).observe();
    assert_eq!(seen.root(), "caller-not-in-allowed-applications", "{:?}", seen.candidates());
}

/// The environment of another slot says which host it is of.
#[test]
fn the_environment_of_another_host_is_refused() {
    for (target, block, is_refused) in [
        ("app2-staging.azurewebsites.net", "app2.azurewebsites.net", true),
        ("app2.azurewebsites.us", "app9.azurewebsites.us", true),
        ("app2.chinacloudsites.cn", "app9.chinacloudsites.cn", true),
        ("app2.azurewebsites.net", "App2.azurewebsites.net", false),
        // What is in front of it has another name.
        ("api.contoso.com", "app2.azurewebsites.net", false),
    ] {
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines = format!("WEBSITE_HOSTNAME={block}\nWEBSITE_AUTH_ENABLED=True\nWEBSITE_AUTH_CLIENT_ID={OTHER}\n");
        std::fs::write(file.path(), lines).unwrap();
        let inputs = easyauth_doctor::case::inputs::Inputs {
            target: Some(format!("https://{target}/api/hello")),
            target_environ: Some(file.path().to_path_buf()),
            ..Default::default()
        };
        let prepared = easyauth_doctor::probe::prepare_with(inputs, Some(Vec::new()));
        assert_eq!(prepared.is_err(), is_refused, "{target} {block}");
    }
}
