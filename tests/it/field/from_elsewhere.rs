//! Worlds in which an answer says less than it seems to, because it is another one's: another cloud's, another
//! registration's, a gateway's, a server's, or that of what is before the app. Each has its right answer, which was
//! written before it was run.

use easyauth_doctor::report::Confidence::{Likely, Possible};
use rstest::rstest;
use serde_json::{Value, json};

use crate::field::caller::{CLIENT, Field, OTHER_TENANT, TENANT, as_json, entra, issued};
use crate::field::target::{
    Brings, HTML, PASSED, World, behind_easy_auth, challenge, for_everybody, settings, v1_issuer,
};
use crate::field::whose_identity::authority;
use crate::helpers::server::{RESOURCE, Server, http};

const OTHER: &str = "44444444-2222-4333-8444-555555555555";

fn app_2(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Field {
    let mut field = Field::app_service(|_| issued(RESOURCE));
    field.app2 = Server::answers(answer);
    field.entra = Server::answers(authority);
    field
}

fn with(field: Field, option: &str, text: &str) -> Field {
    let file = field.files.path().join(option);
    std::fs::write(&file, text).unwrap();
    field.option(&[option, &file.display().to_string()])
}

// ------------------------------------------------------------------------------------- another cloud's tenant

/// An authority knows the tenants of its own cloud: that it doesn't know one of another cloud's says nothing.
#[rstest]
#[case::of_this_cloud("https://login.microsoftonline.com", "issuer-invalid", "certain")]
#[case::of_us_government("https://login.microsoftonline.us", "undetermined-failure", "possible")]
#[case::of_china("https://login.partner.microsoftonline.cn", "undetermined-failure", "possible")]
fn a_tenant_is_looked_for_in_its_own_cloud(#[case] host: &str, #[case] code: &str, #[case] confidence: &str) {
    let mut field = app_2(|head| for_everybody(head, &http("500 Internal Server Error", PASSED, "")));
    field.entra = Server::answers(|head| match head.contains(OTHER_TENANT) {
        true => entra(90002, "Tenant not found. Check to make sure you have the correct tenant ID."),
        false => authority(head),
    });
    let issuer = settings(&format!("{host}/{OTHER_TENANT}/v2.0"), &[RESOURCE], &[]);
    let seen = with(field, "--auth-settings", &issuer.to_string()).check();
    seen.root(code, confidence);
    seen.finds("issuer-invalid");
}

// ------------------------------------------------------------------------------------- another registration's sign-in

/// The sign-in of an app's own comes back to a path of its own, and its client is the web app's, not the API's.
#[test]
fn the_client_of_an_apps_own_sign_in_is_not_easy_auths() {
    let to = |back: &str| {
        let to = format!(
            "https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?client_id={OTHER}&redirect_uri={back}"
        );
        app_2(move |head| for_everybody(head, &http("302 Found", &format!("location: {to}\r\n"), ""))).check()
    };
    let own = to("https%3A%2F%2Fapp2.example%2Fsignin-oidc");
    own.root("undetermined-failure", "possible").never_finds("token-for-wrong-resource");
    own.never_finds("resource-differs-from-target");
    assert!(own.candidates().contains(&"app-validates-token-itself"), "{:?}", own.candidates());
    // Easy Auth's own names App 2's registration, also under another prefix.
    for back in ["https%3A%2F%2Fapp2.example%2F.auth%2Flogin%2Faad%2Fcallback", "%2Fauth%2Flogin%2Faad%2Fcallback"] {
        to(back).finds("resource-differs-from-target");
    }
}

// ------------------------------------------------------------------------------------- a gateway's own token

/// Easy Auth rejects a made-up token with 401. A 403 of its form for one means that it got another token.
#[test]
fn a_403_for_a_made_up_token_behind_a_gateway_may_be_for_the_gateways() {
    let world = |front: &'static str, settings: Option<Value>| {
        let refused = move || http("403 Forbidden", &format!("{PASSED}{front}"), "");
        let is_closed = settings.is_some();
        let world = World::of(move |head| match Brings::of(head) {
            Brings::Nothing if !is_closed => behind_easy_auth(head, |_| challenge()),
            _ => refused(),
        });
        settings.iter().fold(world, World::with_settings).observe()
    };
    let front = "x-azure-ref: 20260101T000000Z-1\r\n";
    let seen = world(front, None);
    seen.is("undetermined-403", Possible);
    assert!(seen.candidates().contains(&"gateway-replaced-caller"), "{:?}", seen.candidates());
    // Nothing in front is known to send a token of its own.
    assert!(world("", None).found("gateway-replaced-caller").is_empty());
    // A lost header looks the same where requests without a token get 403.
    let mut closed = settings(&v1_issuer(), &[RESOURCE], &[]);
    closed["properties"]["globalValidation"]["unauthenticatedClientAction"] = json!("Return403");
    assert!(world(front, Some(closed)).found("gateway-replaced-caller").is_empty());
}

// ------------------------------------------------------------------------------------- a server's page

/// Settings that reject the caller explain a 403, but Easy Auth writes no page of nginx's.
#[test]
fn a_servers_403_stays_a_candidate_beside_the_policy() {
    let page = "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center>\
                <hr><center>nginx</center></body></html>";
    let refusing = settings(&v1_issuer(), &[RESOURCE], &[OTHER]);
    let by_server = http("403 Forbidden", &format!("server: nginx\r\n{HTML}"), page);
    let seen = World::of(move |head| behind_easy_auth(head, |_| by_server.clone())).with_settings(&refusing).observe();
    seen.is("caller-not-in-allowed-applications", Likely);
    assert!(seen.candidates().contains(&"network-access-restricted"), "{:?}", seen.candidates());
}

// ------------------------------------------------------------------------------------- before the app

/// A made-up token reaches no app behind Easy Auth: what cuts both off is before the app, or Easy Auth itself.
#[test]
fn what_cuts_a_made_up_token_off_as_well_is_not_the_app() {
    use std::io::Write as _;
    let cut = |cuts: fn(Brings) -> bool| {
        let mut field = app_2(|_| String::new());
        field.app2 = Server::play(move |stream, head| {
            if !cuts(Brings::of(head)) {
                let _ = stream.write_all(behind_easy_auth(head, |_| challenge()).as_bytes());
            }
        });
        field.check()
    };
    let every = cut(|brings| brings != Brings::Nothing);
    every.root("undetermined-failure", "possible");
    let candidates = every.candidates();
    for code in ["network-access-restricted", "target-egress-blocked"] {
        assert!(candidates.contains(&code), "{candidates:?}");
    }
    every.never_finds("app-unavailable");
    cut(Brings::is_real).root("app-unavailable", "likely");
}

/// Easy Auth fails at every token, and the log says why.
#[test]
fn the_log_says_why_every_token_gets_a_server_error() {
    let fails = || {
        app_2(|head| match Brings::of(head) {
            Brings::Nothing => behind_easy_auth(head, |_| challenge()),
            _ => http("500 Internal Server Error", PASSED, ""),
        })
    };
    fails().check().root("undetermined-failure", "possible");
    let log = |seconds: i64| {
        let at = chrono::Utc::now() - chrono::TimeDelta::seconds(seconds);
        format!(
            "{}  PID[6532] Critical    System.InvalidOperationException: IDX20803: Unable to obtain configuration \
             from: 'https://sts.windows.net/{TENANT}/v2.0/.well-known/openid-configuration'.\n",
            at.format("%Y-%m-%dT%H:%M:%S")
        )
    };
    with(fails(), "--target-log", &log(2)).check().root("target-egress-blocked", "likely").says("IDX20803");
    // A line of yesterday's isn't about this call.
    with(fails(), "--target-log", &log(90_000)).check().root("undetermined-failure", "possible");
    let everybody = || app_2(|head| for_everybody(head, &http("500 Internal Server Error", PASSED, "")));
    let accepted = settings(&v1_issuer(), &[RESOURCE], &[]).to_string();
    for (seconds, code) in [(2, "target-egress-blocked"), (90_000, "target-error-every-request")] {
        let field = with(everybody(), "--target-log", &log(seconds));
        with(field, "--auth-settings", &accepted).check().root(code, "likely");
    }
}

/// A made-up token gets the gateway's error as well: the app isn't what keeps it waiting.
#[test]
fn a_bad_gateway_for_a_made_up_token_is_not_the_apps_alone() {
    let world = |cuts: fn(Brings) -> bool| {
        app_2(move |head| match Brings::of(head) {
            brings if cuts(brings) => http("502 Bad Gateway", "", ""),
            _ => behind_easy_auth(head, |_| challenge()),
        })
        .check()
    };
    let every = world(|brings| brings != Brings::Nothing);
    every.root("undetermined-failure", "possible");
    for code in ["target-egress-blocked", "app-unavailable"] {
        assert!(every.candidates().contains(&code), "{:?}", every.candidates());
    }
    world(Brings::is_real).root("app-unavailable", "likely");
}

// ------------------------------------------------------------------------------------- what is rejected next

/// The client ID gets past the audience, and is rejected then: the fix of the audience alone isn't enough.
#[test]
fn what_rejects_the_other_audience_is_said_as_well() {
    let world = |then: &'static str| {
        let answer = move |brings| if brings == Brings::Bare { http(then, PASSED, "") } else { challenge() };
        World::of(move |head| behind_easy_auth(head, answer)).observe()
    };
    let seen = world("403 Forbidden");
    seen.is("audience-not-allowed", Likely);
    assert!(seen.tells("a problem of its own"));
    assert!(!world("200 OK").tells("a problem of its own"));
}

// ------------------------------------------------------------------------------------- a task that signed in

/// The variables that a task sets for AzurePipelinesCredential show that it signed in.
#[test]
fn a_job_with_a_service_connection_is_signed_in() {
    let field = Field::new(|_| as_json("404 Not Found", &json!({})))
        .set("TF_BUILD", "True")
        .set("SYSTEM_OIDCREQUESTURI", "https://vstoken.dev.azure.com/x")
        .set("AZURESUBSCRIPTION_CLIENT_ID", CLIENT)
        .set("AZURESUBSCRIPTION_TENANT_ID", TENANT);
    let seen = field.check();
    seen.root("identity-unsupported-on-host", "likely").never_says("no task signed the job in").says(CLIENT);
    seen.says("SYSTEM_ACCESSTOKEN");
}
