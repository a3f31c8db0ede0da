//! Worlds after public reports and documentation, of a tester who hadn't read the code: gateways, proxies, and apps
//! that answer in App 2's place. Each row was written with its right answer before it was run.

use easyauth_doctor::report::Confidence::{self, Likely};

use crate::field::front::{For, all_right, row};
use crate::field::target::{HTML, JSON, PASSED, PLAIN, World, behind_easy_auth};
use crate::helpers::server::http;

const BLOCKED: (&str, Confidence) = ("network-access-restricted", Likely);
const UNAVAILABLE: (&str, Confidence) = ("app-unavailable", Likely);
const VALIDATES: (&str, Confidence) = ("app-validates-token-itself", Likely);
const OF_THE_APP: (&str, Confidence) = ("app-error", Likely);
const OTHER_APP: &str = "c56a4180-65aa-42ec-a945-5fd21dec0538";

/// Nothing of what is between App 1 and App 2 is taken for App 2's.
#[test]
fn proxies_and_gateways_speak_for_themselves() {
    let zscaler = "server: Zscaler/6.2\r\nlocation: https://gateway.zscaler.net:443/auD?origurl=http\r\n";
    let akamai = format!("{HTML}server: AkamaiGHost\r\n");
    let denied = "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>You don't have permission \
        to access this server.<P>Reference&#32;&#35;18&#46;2d</BODY></HTML>";
    let imperva = "<html><body>Request unsuccessful. Incapsula incident ID: 877000180123456789-91</body></html>";
    let front_door = format!("{HTML}x-azure-ref: 20261129T020000Z-abc\r\n");
    let no_route = "<html><head><title>Page not found</title></head><body><h2>Oops! We weren't able to find your Azure \
        Front Door Service configuration.</h2></body></html>";
    let addresses = "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"The client IP address '203.0.113.7' is \
        not in the allowed caller IP address ranges specified in the workflow access control configuration.\"}}";
    let negotiate = "server: Microsoft-IIS/10.0\r\nwww-authenticate: Negotiate\r\nwww-authenticate: NTLM\r\n";
    all_right(vec![
        row("Zscaler", For::All, ("302 Found", zscaler, ""), BLOCKED).tells("Zscaler, a web proxy between"),
        row("Akamai", For::All, ("403 Forbidden", &akamai, denied), BLOCKED).tells("Akamai"),
        row("Imperva", For::All, ("403 Forbidden", HTML, imperva), BLOCKED).tells("Imperva"),
        row("no route", For::All, ("404 Not Found", &front_door, no_route), ("target-not-found", Likely))
            .tells("Front Door"),
        row("addresses", For::All, ("401 Unauthorized", JSON, addresses), BLOCKED).tells("203.0.113.7"),
        row("Negotiate", For::All, ("401 Unauthorized", negotiate, ""), ("authorization-scheme-conflict", Likely)),
    ]);
}

/// What is behind Easy Auth is quoted, and isn't told to change the token where the token isn't the reason.
#[test]
fn apps_behind_easy_auth_speak_for_themselves() {
    let passed = format!("{JSON}{PASSED}");
    let inner = format!(
        "{PASSED}www-authenticate: Bearer realm=\"inner.azurewebsites.net\" authorization_uri=\
         \"https://login.windows.net/common/oauth2/authorize\" resource_id=\"{OTHER_APP}\"\r\n"
    );
    let disabled = "{\"error\":{\"code\":\"WorkflowTriggerIsNotEnabled\",\"message\":\"Could not execute workflow \
        'orders' trigger 'manual' with state 'Disabled': trigger is not enabled.\"}}";
    let principal = r#"{"error":"X-MS-CLIENT-PRINCIPAL-NAME header missing; user not authenticated"}"#;
    let host = "Function host is not running.";
    let nginx = "<html><head><title>401 Authorization Required</title></head><body><center><h1>401 Authorization \
        Required</h1></center><hr><center>nginx</center></body></html>";
    let by_nginx = format!("{HTML}server: nginx\r\n{PASSED}");
    all_right(vec![
        row("disabled", For::Real, ("404 Not Found", &passed, disabled), OF_THE_APP).tells("trigger is not enabled"),
        row("principal", For::Real, ("401 Unauthorized", &passed, principal), VALIDATES)
            .tells("X-MS-CLIENT-PRINCIPAL-NAME"),
        row("auth_request", For::Real, ("401 Unauthorized", &by_nginx, nginx), VALIDATES)
            .tells("nginx, in front of App 2's own code, rejects"),
        row("406", For::Real, ("406 Not Acceptable", PASSED, ""), OF_THE_APP).tells("406"),
        row("host", For::Real, ("503 Service Unavailable", &format!("{PLAIN}{PASSED}"), host), UNAVAILABLE)
            .tells("Function host is not running"),
        row("two Easy Auths", For::Real, ("401 Unauthorized", &inner, ""), VALIDATES).tells(OTHER_APP),
    ]);
    let seen = World::of(move |head| behind_easy_auth(head, |_| http("401 Unauthorized", &inner, ""))).observe();
    let fixes = seen.fixes();
    assert!(fixes.contains(&format!("{OTHER_APP}/.default")) && !fixes.contains("ValidAudiences"), "{fixes}");
}

/// What App 1 can look up doesn't replace how App 2's owner finds App 2, and the reason for its gateway's 502.
#[test]
fn the_owner_of_app_2_gets_the_commands_for_app_2() {
    let rules = World::of(|_| http("403 Forbidden", &format!("{PLAIN}server: envoy\r\n"), "RBAC: access denied"));
    let fixes = rules.observe().fixes();
    assert!(fixes.contains("az containerapp list"), "{fixes}");
    let page = "<html><center>Microsoft-Azure-Application-Gateway/v2</center></html>";
    let fixes = World::of(move |_| http("502 Bad Gateway", HTML, page)).observe().fixes();
    assert!(fixes.contains("health probe"), "{fixes}");
}

/// Who sends a function's key calls a function app: its host refuses the key, as Easy Auth lets the token through.
#[test]
fn a_functions_key_that_is_sent_and_refused_is_the_reason() {
    let world = || World::of(|head| behind_easy_auth(head, |_| http("401 Unauthorized", PASSED, "")));
    world().observe().is("undetermined-401", Confidence::Possible);
    let seen = world().sending("x-functions-key", "sesame-0123456789").observe();
    seen.is("function-key-required", Likely);
    assert!(seen.tells("the key that was sent isn't valid"));
}
