//! Settings in forms that tools leave behind, and what the Functions host says of its keys. Each was written with its
//! right answer before it was run.

use easyauth_doctor::case::auth_settings::SettingsSource;
use easyauth_doctor::report::Confidence::{Likely, Possible};
use easyauth_doctor::report::Report;
use serde_json::{Value, json};

use crate::field::caller::Field;
use crate::field::target::{Brings, JSON, PASSED, Seen, World, behind_easy_auth, challenge, settings, v1_issuer};
use crate::helpers::observing;
use crate::helpers::server::{RESOURCE, http};

fn summary(seen: &Seen) -> &str {
    &seen.0.diagnosis().root_cause.as_ref().unwrap().summary
}

// ----------------------------------------------------------------------------- a list that a tool stored as a text

/// App 2 accepts its client ID alone; its settings have this where the list of audiences belongs.
fn listed_as(value: &Value) -> World {
    let mut settings = settings(&v1_issuer(), &[], &[]);
    settings["properties"]["identityProviders"]["azureActiveDirectory"]["validation"]["allowedAudiences"] =
        value.clone();
    let world = World::of(|head| {
        behind_easy_auth(head, |brings| match brings {
            Brings::Bare => http("200 OK", PASSED, "hello"),
            _ => challenge(),
        })
    });
    world.managed(&settings, &json!({}))
}

/// `az webapp auth update --set` stores a list without quotation marks as a text (azure-cli issue 26603). The settings
/// are whole anyway: they are written back with a list, which keeps what the text has.
#[test]
fn a_list_that_is_a_text_becomes_a_list() {
    for (stored, list) in [
        (json!(format!("[{RESOURCE}]")), json!([RESOURCE])),
        (json!(RESOURCE), json!([RESOURCE])),
        (json!("api://other"), json!(["api://other", RESOURCE])),
        (json!("[api://other, https://other.example]"), json!(["api://other", "https://other.example", RESOURCE])),
    ] {
        let seen = listed_as(&stored).observe();
        seen.is("audience-not-allowed", Likely);
        assert!(summary(&seen).contains("is a string"), "{}", summary(&seen));
        let edited = seen.edited().unwrap();
        let validation = &edited["properties"]["identityProviders"]["azureActiveDirectory"]["validation"];
        assert_eq!(validation["allowedAudiences"], list, "{stored}");
        // The filter of jq says the same.
        let filter = format!("validation.allowedAudiences = {list}");
        assert!(seen.fixes().contains(&filter), "{stored}: {}", seen.fixes());
    }
    // What a template computes isn't known.
    assert!(listed_as(&json!("[parameters('audiences')]")).observe().edited().is_none());
}

// ----------------------------------------------------------------------------- the Functions host requires its own key

/// Easy Auth's own page, which names this caller.
const ME: &str = r#"[{"provider_name": "aad", "user_id": "c0000000-0000-4000-8000-000000000001",
    "user_claims": [{"typ": "appid", "val": "c0000000-0000-4000-8000-000000000001"}]}]"#;

/// The Functions host behind Easy Auth answers like this, at an address of an extension or at another one.
fn host_says(status: &'static str, path: &str) -> World {
    World::of(move |head| match head.split(' ').nth(1).unwrap_or_default() {
        "/.auth/me" if Brings::of(head).is_real() => http("200 OK", &format!("{PASSED}{JSON}"), ME),
        _ => behind_easy_auth(head, |_| http(status, PASSED, "")),
    })
    .at(path)
}

/// Easy Auth's own page accepts the caller, so the host's 403 at an extension's address is for the missing key.
#[test]
fn a_403_at_an_extensions_address_is_for_the_key() {
    host_says("403 Forbidden", "/runtime/webhooks/mcp").observe().is("function-key-required", Likely);
    host_says("403 Forbidden", "/api/hello").observe().is("app-requires-role-or-scope", Likely);
}

/// The host's log names its own scheme, before or after the line that says that it rejected the request.
#[test]
fn the_hosts_log_names_the_key() {
    let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ");
    for (status, line) in [
        ("403 Forbidden", "Executing ForbidResult with authentication schemes (WebJobsAuthLevel, Bearer)."),
        ("401 Unauthorized", "Executing ChallengeResult with authentication schemes (WebJobsAuthLevel)."),
        ("401 Unauthorized", "AuthenticationScheme: WebJobsAuthLevel was challenged."),
    ] {
        let seen = host_says(status, "/api/hello").with_log(&format!("[{now}] {line}\n")).observe();
        seen.is("function-key-required", Likely);
    }
    let seen = host_says("401 Unauthorized", "/api/hello").observe();
    seen.is("undetermined-401", Possible);
}

// ---------------------------------------------------------------- a file that agrees with the token, and App 2 doesn't

/// Settings of a file say nothing of what runs: where the token satisfies them all, App 2 may run with others.
#[test]
fn a_file_that_agrees_with_the_token_may_be_old() {
    let mut case = observing::of("authorization-header-dropped", true).report.observed().clone();
    let live = Report::of(case.clone());
    for reading in &mut case.settings {
        reading.source = SettingsSource::File("settings.json".into());
    }
    let report = Report::of(case);
    for (report, words) in [(live, "may run with other settings"), (report, "file settings.json")] {
        let seen = Seen(report);
        seen.is("undetermined-401", Possible);
        let summary = summary(&seen);
        assert!(summary.contains("although the token matches the settings") && summary.contains(words), "{summary}");
    }
}

// ------------------------------------------------------------------------- a proxy before the identity endpoint

/// The endpoint is on App 1's own machine: an answer that came through a proxy isn't its own, whatever its status.
#[test]
fn a_page_that_came_through_a_proxy_is_the_proxys() {
    let page = "<title>Network Error</title>Your request could not be processed.";
    for status in ["403 Forbidden", "502 Bad Gateway", "503 Service Unavailable"] {
        let answers = |headers: &'static str| {
            Field::app_service(move |_| http(status, &format!("content-type: text/html\r\n{headers}"), page)).check()
        };
        let seen = answers("via: 1.1 proxy.contoso.com\r\n");
        seen.root("proxy-intercepts-identity-endpoint", "likely");
        assert_ne!(answers("").code(), "proxy-intercepts-identity-endpoint", "{status}");
    }
}

// ----------------------------------------------------------------- requests without a token reach the app as well

/// Easy Auth lets requests without a token through, and rejects a deliberately invalid one; the app says this to
/// everybody else.
fn open_app_says(status: &'static str, body: &'static str, page: bool) -> World {
    let mut settings = settings(&v1_issuer(), &[RESOURCE], &[]);
    settings["properties"]["globalValidation"]["unauthenticatedClientAction"] = json!("AllowAnonymous");
    let world = World::of(move |head| match (head.split(' ').nth(1).unwrap_or_default(), Brings::of(head)) {
        ("/.auth/me", brings) if page && brings.is_real() => http("200 OK", &format!("{PASSED}{JSON}"), ME),
        (path, _) if path.starts_with("/.auth") || path.starts_with("/.well-known") => {
            behind_easy_auth(head, |_| challenge())
        }
        (_, Brings::InvalidToken) => challenge(),
        _ => http(status, &format!("{PASSED}{JSON}"), body),
    });
    world.managed(&settings, &json!({}))
}

/// Only Easy Auth rejects the invalid token, so what everybody else gets is the app's, not that of something in front.
#[test]
fn what_everybody_gets_is_the_apps_where_easy_auth_rejects_an_invalid_token() {
    for page in [true, false] {
        let seen = open_app_says("500 Internal Server Error", r#"{"error":"NullReferenceException"}"#, page).observe();
        seen.is("app-error", Likely);
    }
    let seen = open_app_says("403 Forbidden", r#"{"error":"Role Orders.Read required"}"#, true).observe();
    seen.is("app-requires-role-or-scope", Likely);
    assert!(!seen.candidates().contains(&"network-access-restricted"), "{:?}", seen.candidates());
}

// ---------------------------------------------------------------------------- what ASP.NET Core logs of a missing role

/// The requirement that isn't met has a line of its own, which names the role.
#[test]
fn the_role_that_the_apps_log_names_is_the_cause() {
    let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ");
    let of_role =
        "RolesAuthorizationRequirement:User.IsInRole must be true for one of the following roles: (Orders.Admin)";
    for line in [of_role, "AuthenticationScheme: Bearer was forbidden."] {
        let log = format!(
            "{now} info: Microsoft.AspNetCore.Authorization.DefaultAuthorizationService[2]\n\
             {now}       Authorization failed. These requirements were not met:\n\
             {now}       {line}\n"
        );
        let seen = host_says("403 Forbidden", "/api/orders").with_log(&log).observe();
        seen.is("app-requires-role-or-scope", Likely);
        assert_eq!(seen.says("app-requires-role-or-scope").as_deref(), Some("log"), "{line}");
        let evidence = &seen.0.diagnosis().root_cause.as_ref().unwrap().evidence;
        assert!(evidence.iter().any(|shown| shown.text.contains(line)), "{evidence:?}");
    }
}

// ---------------------------------------------------------------------------------------- IIS's words aren't the app's

/// IIS puts its sentence into an empty answer of the app; Easy Auth's rules for one path answer in the same way.
#[test]
fn the_sentence_of_iis_is_not_quoted_as_the_apps() {
    const SENTENCE: &str = "You do not have permission to view this directory or page.";
    for (status, code) in
        [("401 Unauthorized", "app-validates-token-itself"), ("403 Forbidden", "app-requires-role-or-scope")]
    {
        let world = World::of(move |head| match head.split(' ').nth(1).unwrap_or_default() {
            "/.auth/me" if Brings::of(head).is_real() => http("200 OK", &format!("{PASSED}{JSON}"), ME),
            _ => behind_easy_auth(head, |_| http(status, &format!("{PASSED}content-type: text/html\r\n"), SENTENCE)),
        });
        let seen = world.observe();
        assert!(seen.candidates().contains(&code), "{status}: {:?}", seen.candidates());
        assert!(seen.candidates().contains(&"url-authorization-rules"), "{status}: {:?}", seen.candidates());
        assert!(!summary(&seen).contains(SENTENCE), "{}", summary(&seen));
    }
}
