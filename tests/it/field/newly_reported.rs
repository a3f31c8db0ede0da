//! Public reports that no rule knew, each built on loopback: an identity endpoint that isn't ready or isn't reached,
//! Easy Auth that says what is missing, empty lists, and settings in a code page of Windows.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use easyauth_doctor::case::auth_settings::AuthSettings;
use serde_json::{Value, json};

use crate::field::caller::{Field, Seen, TENANT, issued};
use crate::field::target::{PASSED, behind_easy_auth};
use crate::field::whose_identity::authority;
use crate::helpers::server::{RESOURCE, Server, http};

const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const OTHER: &str = "11f8fad5-0000-4469-a165-70867728950e";

/// App 2's settings with these rules for tokens.
fn settings(validation: &Value) -> Value {
    let registration = json!({"clientId": ID, "openIdIssuer": format!("https://sts.windows.net/{TENANT}/")});
    json!({"properties": {"platform": {"enabled": true},
        "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401"},
        "identityProviders": {"azureActiveDirectory":
            {"enabled": true, "registration": registration, "validation": validation}}}})
}

fn check(answer: impl Fn(&str) -> String + Send + Sync + 'static, file: &[u8]) -> Seen {
    let mut field = Field::app_service(|_| issued(RESOURCE));
    field.app2 = Server::answers(answer);
    field.entra = Server::answers(authority);
    let path = field.files.path().join("settings.json");
    std::fs::write(&path, file).unwrap();
    field.option(&["--auth-settings", &path.display().to_string()]).check()
}

/// Easy Auth's policy rejects the caller at the call and at its own page.
fn denies(head: &str) -> String {
    match head.split(' ').nth(1) {
        Some("/.auth/me") if head.contains("eyJ") => http("403 Forbidden", PASSED, ""),
        _ => behind_easy_auth(head, |_| http("403 Forbidden", PASSED, "")),
    }
}

// ------------------------------------------------------------------------------------- App 1's identity endpoint

/// App Service's proxy cuts the first connections while it starts (MicrosoftDocs/azure-docs#37859).
#[test]
fn an_identity_endpoint_that_cuts_the_first_connections_is_asked_again() {
    let asked = AtomicUsize::new(0);
    let mut field = Field::app_service(|_| issued(RESOURCE));
    field.identity = Server::play(move |stream, _| {
        if asked.fetch_add(1, Ordering::SeqCst) >= 2 {
            let _ = stream.write_all(issued(RESOURCE).as_bytes());
        }
    });
    field.check().passes();
}

/// No identity endpoint redirects, so that the identity isn't to blame.
#[test]
fn a_redirect_is_no_answer_of_the_identity_endpoint() {
    let portal = "location: http://portal.contoso.com/login\r\n";
    let seen = Field::machine(move |_| http("302 Found", portal, "")).check();
    assert_eq!(seen.candidates().first(), Some(&"proxy-intercepts-identity-endpoint"));
    seen.never_finds("identity-not-enabled");
}

// ------------------------------------------------------------------------------------- App 2

/// Easy Auth says itself what is missing (18F/piipan#2322), and the issuer is one that this run resolves.
#[test]
fn easy_auth_that_says_what_is_missing_is_not_the_app() {
    let said = "Unable to download OpenID Connect Configuration";
    let file = settings(&json!({"allowedAudiences": [RESOURCE]})).to_string();
    let seen = check(move |_| http("500 Internal Server Error", PASSED, said), file.as_bytes());
    seen.root("target-egress-blocked", "likely");
    seen.never_finds("provider-secret-broken").never_finds("app-error");
    let seen =
        check(move |head| behind_easy_auth(head, |_| http("500 Internal Server Error", PASSED, said)), file.as_bytes());
    assert!(seen.candidates().contains(&"target-egress-blocked"), "{:?}", seen.candidates());
}

/// Empty lists let nobody in where the claim checks have them (hashicorp/terraform-provider-azurerm#20820).
#[test]
fn an_empty_list_of_the_claim_checks_lets_nobody_in() {
    let empty = json!({"jwtClaimChecks": {"allowedClientApplications": [], "allowedGroups": []}});
    let seen = check(denies, settings(&empty).to_string().as_bytes());
    seen.root("allowed-applications-empty", "likely").says("Remove empty lists");
    let policy = json!({"defaultAuthorizationPolicy": {"allowedApplications": []}});
    let seen = check(denies, settings(&policy).to_string().as_bytes());
    assert_ne!((seen.code(), seen.confidence()), ("allowed-applications-empty", "likely"));
    seen.never_says("jwtClaimChecks has");
}

/// The settings say that Easy Auth is off, and App 2 returns its challenge, so that they explain nothing.
#[test]
fn a_refusal_that_other_settings_cause_asks_for_those() {
    let mut file = settings(&json!({}));
    file["properties"]["platform"]["enabled"] = json!(false);
    let seen = check(denies, file.to_string().as_bytes());
    seen.root("undetermined-403", "possible")
        .says("contradict this, so App 2 runs with others")
        .says("Read App 2's current settings");
}

/// `az … > FILE` on Windows writes the system's code page: all that decides is ASCII, and a letter that can't be read
/// must not be written back.
#[test]
fn settings_in_a_code_page_are_read() {
    let with = |letter: u8, at: &str| {
        let mut value = settings(&json!({"defaultAuthorizationPolicy": {"allowedApplications": [OTHER]}}));
        value.pointer_mut(at).unwrap()["owner"] = json!("Caf?");
        let text = value.to_string();
        AuthSettings::from_bytes(&text.bytes().map(|it| if it == b'?' { letter } else { it }).collect::<Vec<_>>())
    };
    for (letter, at, is_editable) in [(b'e', "/properties", true), (0xe9, "", true), (0xe9, "/properties", false)] {
        let read = with(letter, at).unwrap();
        let listed = read.entra_enabled().unwrap().allowed_applications.as_ref().unwrap();
        assert_eq!(listed.first().unwrap().as_str(), OTHER, "{letter} {at}");
        assert_eq!(read.editable.is_some(), is_editable, "{letter} {at}");
    }
    assert!(AuthSettings::from_bytes(b"{\"a\": \"\xe9\0\0\"}").is_err());
}
