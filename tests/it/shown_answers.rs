//! What servers answer: other people's secrets are not shown, and what a server calls a secret blinds nothing.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use easyauth_doctor::case::secret::without_credentials;
use easyauth_doctor::case::shown::Secrets;
use easyauth_doctor::report::Report;
use serde_json::json;

use crate::helpers::effort::effort;
use crate::helpers::outputs::{came_back_the_same, leak, outputs};
use crate::helpers::server::{RESOURCE, Server, http};
use crate::helpers::world::World;

/// A secret of somebody else, of 32 random characters.
const CANARY: &str = "Vb6nMq2WeRt8YuIo4PaSdF7gHjK1lZxC";

/// Answers that hold the canary: status, headers, body.
fn answers() -> Vec<(&'static str, String, String)> {
    let encoded = STANDARD.encode(format!("user:{CANARY}"));
    let mut all: Vec<(&'static str, String, String)> = Vec::new();
    let bodies = [
        format!("-----BEGIN RSA PRIVATE KEY-----\n{CANARY}{CANARY}\n{CANARY}\n-----END RSA PRIVATE KEY-----"),
        json!({"jwt": CANARY}).to_string(),
        json!({"error": {"code": "X", "message": format!("the key {CANARY} is wrong")}}).to_string(),
        json!({"detail": CANARY, "title": format!("key={CANARY}"), "message": format!("\"{CANARY}\"")}).to_string(),
        json!({"message": format!("GET https://x/?sas={CANARY} failed, Authorization: Bearer {CANARY}")}).to_string(),
        json!({"a": {"b": [{"c": CANARY}]}, CANARY: 1}).to_string(),
        json!(CANARY).to_string(),
        json!([CANARY, {"message": CANARY}]).to_string(),
        format!(
            "<html><head><title>{CANARY}</title></head><body data-key=\"{CANARY}\">{CANARY}<!-- {CANARY} \
             --></body></html>"
        ),
        format!("<pre>Authorization: Basic {encoded}\nCookie: s={CANARY}\nX-Key: {CANARY}</pre>"),
        format!("System.Exception: Server=db;Password={CANARY};AccountKey={CANARY}== at X.Y()"),
        format!("<?xml version=\"1.0\"?><Error><Key>{CANARY}</Key></Error>"),
        format!("{{\"password\":\"{CANARY}\",\"message\":\"cut off"),
        CANARY.to_owned(),
        format!("user={CANARY}&pass={CANARY}"),
        format!("\u{feff}{{\"token\":\"{CANARY}\"}}"),
    ];
    for body in bodies {
        all.push(("body", String::new(), body));
    }
    for limit in [300, 2000, 64 * 1024, 256 * 1024] {
        for before in [4, 12, 20, 31] {
            let filler = "word ".repeat(limit / 5 + 1);
            let start = filler.get(..limit - before).unwrap_or_default();
            all.push(("a body cut at a limit", String::new(), format!("{start}{CANARY} end")));
            all.push((
                "a message cut at a limit",
                String::new(),
                json!({"message": format!("{start}{CANARY} end")}).to_string(),
            ));
        }
    }
    for headers in [
        format!("x-anything: {CANARY}\r\n"),
        format!("set-cookie: session={CANARY}\r\n"),
        format!("server: {CANARY}\r\n"),
        format!("server: nginx ({CANARY})\r\n"),
        format!("www-authenticate: Bearer error=\"invalid_token\", error_description=\"key {CANARY} unknown\"\r\n"),
        format!("www-authenticate: Bearer realm=\"{CANARY}\"\r\n"),
        format!("location: https://app2.example.com/reset/{CANARY}?code={CANARY}#{CANARY}\r\n"),
        format!("location: https://user:{CANARY}@app2.example.com/\r\n"),
        format!("x-ms-middleware-request-id: {CANARY}\r\n"),
        format!("retry-after: {CANARY}\r\n"),
        format!("content-type: text/{CANARY}\r\n"),
        format!("x-ms-forbidden-ip: {CANARY}\r\n"),
        format!("{CANARY}: value\r\n"),
        format!("x-{CANARY}: value\r\n"),
        format!("via: {}{CANARY}\r\n", "1.1 proxy ".repeat(203)),
    ] {
        all.push(("header", headers, String::new()));
    }
    all
}

#[test]
fn other_peoples_secrets_are_not_shown() {
    for status in ["401 Unauthorized", "403 Forbidden", "302 Found", "500 Internal Server Error", "200 OK"] {
        for (kind, headers, body) in answers() {
            // The long bodies are the same in every status.
            if body.len() > 10_000 && status != "403 Forbidden" {
                continue;
            }
            let report = World::refusing(status, &headers, &body).observe();
            let place = format!("{status}, {kind}: {headers}{}", body.get(..80).unwrap_or(&body));
            let outputs = outputs(&report);
            assert_eq!(leak(&outputs, CANARY), None, "{place}");
            came_back_the_same(&place, &outputs);
        }
    }
    let report = World::refusing(&format!("403 {CANARY}"), "", "").observe();
    let outputs = outputs(&report);
    assert_eq!(leak(&outputs, CANARY), None);
    came_back_the_same("reason phrase", &outputs);
}

#[test]
fn other_peoples_secrets_in_a_refusal_of_a_token_are_not_shown() {
    for (kind, headers, body) in answers().into_iter().filter(|(_, _, body)| body.len() < 10_000) {
        for status in ["400 Bad Request", "500 Internal Server Error", "200 OK"] {
            let mut world = World::refusing("403 Forbidden", "", "");
            let (sent, text) = (headers.clone(), body.clone());
            let identity = Server::answers(move |_| http(status, &sent, &text));
            world.variables.retain(|(name, _)| name != "IDENTITY_ENDPOINT");
            world.variables.push(("IDENTITY_ENDPOINT".to_owned(), format!("{}/msi/token", identity.url)));
            let report = world.observe();
            let place = format!("{status}, {kind}: {headers}{body}");
            let outputs = outputs(&report);
            assert_eq!(leak(&outputs, CANARY), None, "{place}");
            came_back_the_same(&place, &outputs);
        }
    }
}

/// What stands for a hidden number in a saved case is no token either.
#[test]
fn a_number_in_place_of_a_token_is_no_token_in_the_saved_case_either() {
    for value in [json!(5), json!(-1), json!(1e308), json!(9_223_372_036_854_775_808_u64), json!(true), json!(null)] {
        let mut world = World::refusing("403 Forbidden", "", "");
        let text = json!({"access_token": value, "expires_on": 1_999_999_999, "resource": RESOURCE}).to_string();
        let identity = Server::answers(move |_| http("200 OK", "content-type: application/json\r\n", &text));
        world.variables.retain(|(name, _)| name != "IDENTITY_ENDPOINT");
        world.variables.push(("IDENTITY_ENDPOINT".to_owned(), format!("{}/msi/token", identity.url)));
        came_back_the_same(&value.to_string(), &outputs(&world.observe()));
    }
}

fn verdict(report: &Report) -> String {
    let cause =
        report.diagnosis().root_cause.as_ref().map(|cause| (cause.code, cause.confidence, cause.summary.clone()));
    let alternatives: Vec<_> =
        report.diagnosis().alternatives.iter().map(|other| (other.code, other.confidence)).collect();
    format!("{:?} {cause:?} {alternatives:?}", report.verdict())
}

#[test]
fn what_a_server_calls_a_secret_changes_no_verdict() {
    let id = RESOURCE.trim_start_matches("api://");
    let known = [
        id,
        RESOURCE,
        "127.0.0.1",
        "11111111-2222-4333-8444-555555555555",
        "c0000000-0000-4000-8000-000000000001",
        "https://sts.windows.net/11111111-2222-4333-8444-555555555555/",
        "Bearer",
        "allowedApplications",
        "authsettingsV2",
        "AADSTS700016",
        "/api/hello",
        "api://",
    ];
    let names = ["access_token", "password", "refresh_token", "clientSecret", "x-functions-key", "sig"];
    for (status, headers) in [
        ("403 Forbidden", "x-ms-middleware-request-id: 0f8fad5b-d9cb-469f-a165-70867728950f\r\n"),
        ("401 Unauthorized", ""),
    ] {
        let port_free = |report: &Report, world: &World| verdict(report).replace(&world.app2.url, "APP2");
        for value in known {
            let harmless = json!({names[0]: "x", names[1]: "x"}).to_string();
            let control = World::refusing(status, headers, &harmless);
            let expected = port_free(&control.observe(), &control);
            for name in names {
                let other = if name == names[0] { names[1] } else { names[0] };
                let world = World::refusing(status, headers, &json!({name: value, other: "x"}).to_string());
                let report = world.observe();
                let found = port_free(&report, &world);
                assert_eq!(
                    found.replace(&format!("{name}, {other}"), "N"),
                    expected.replace(&format!("{}, {}", names[0], names[1]), "N"),
                    "{name} = {value}"
                );
                let outputs = outputs(&report);
                came_back_the_same(&format!("{name} = {value}"), &outputs);
                let text = outputs.into_iter().map(|(_, text)| text).collect::<String>();
                assert!(text.contains(id), "{name} = {value}: App 2's client ID is hidden");
            }
        }
    }
}

#[test]
fn many_named_secrets_cost_little() {
    let members = |name: &str| {
        let members: Vec<String> =
            (0..8000).map(|number| format!("\"{name}{number}\":\"A1b2C3d4E5f6{number:08}\"")).collect();
        format!("{{{}}}", members.join(","))
    };
    let took = |body: &str| {
        let world = World::refusing("403 Forbidden", "", body);
        let report = world.observe();
        effort(|| {
            let again = Report::of(report.observed().clone());
            let _ = outputs(&again);
        })
    };
    let (ordinary, named) = (took(&members("color")), took(&members("password")));
    assert!(named < 3 * ordinary + Duration::from_millis(300), "{named:?} against {ordinary:?}");
}

#[test]
fn hostile_texts_cost_little() {
    let mut secrets = Secrets::default();
    for number in 0..2000 {
        secrets.learn(&format!("secret-{number}-{}", "ab".repeat(700)));
    }
    let took = |text: &str| effort(|| drop(secrets.scrub(text)));
    let ordinary = took(&"ordinary words ".repeat(1 << 14));
    for text in ["a", "ab", "%61", "6161", "YWJh", "&#97;", "\\u0061"] {
        let long = text.repeat((1 << 18) / text.len());
        let took = took(&long);
        assert!(took < 20 * ordinary + Duration::from_millis(500), "{text}: {took:?} against {ordinary:?}");
    }
}

/// Each is 256 KiB of the same: the time grows with the text alone.
#[test]
fn texts_full_of_names_cost_little() {
    const SIZE: usize = 1 << 18;
    let took = |text: &str| effort(|| drop(without_credentials(text)));
    let ordinary = took(&"ordinary words ".repeat(SIZE / 15));
    for piece in [
        "password=",
        "password=\"",
        "password=\\\"",
        "token=\"a ",
        "token:\"",
        "key=",
        "secret: ",
        "<password>",
        "<td>password</td>",
        "password<td>",
        "password ",
        "password \"",
        "password is ",
        "--password ",
        "authorization: basic ",
        "cookie=",
        "a",
        "\\",
        "\"password\" ",
        "secret&quot;",
        "password=(",
        "password=a;",
        "password=a a=",
        "x_",
        "[password]",
        "'",
        "password='a'b",
        "Authorization:",
        "authorization: bearer a=b ",
        "authorization: basic a=\"",
        "\"authorization\": \"basic ",
        "<key>a",
        "password\n",
        "pass\" value ",
        "sig=",
        "?code=",
        "&amp;",
        "token=\"",
        "jwt:'a b c d",
    ] {
        let took = took(&piece.repeat(SIZE / piece.len()));
        assert!(took < 60 * ordinary + Duration::from_secs(4), "{piece}: {took:?} against {ordinary:?}");
    }
}

#[test]
fn a_token_that_arrives_later_is_hidden_in_what_came_before() {
    // The endpoint gives a token of another form than a JWT, which App 2 knew from elsewhere.
    let token = format!("opaque-{CANARY}-{CANARY}");
    let mut world = World::with(Server::answers({
        let token = token.clone();
        move |_| http("401 Unauthorized", &format!("server: {}\r\n", token.get(..18).unwrap_or_default()), &token)
    }));
    let body = json!({"access_token": token, "expires_on": "1999999999"}).to_string();
    let identity = Server::answers(move |_| http("200 OK", "", &body));
    world.variables.retain(|(name, _)| name != "IDENTITY_ENDPOINT");
    world.variables.push(("IDENTITY_ENDPOINT".to_owned(), format!("{}/msi/token", identity.url)));
    let report = world.observe();
    assert_eq!(leak(&outputs(&report), CANARY), None);
}
