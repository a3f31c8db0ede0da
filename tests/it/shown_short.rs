//! Secrets of six to eight characters, secrets that a redirect spreads over its path, and what looks like a secret
//! under a name whose values are shown.

use easyauth_doctor::case::secret::Secret;
use easyauth_doctor::report::Report;
use serde_json::json;

use crate::helpers::outputs::{came_back_the_same, leak, outputs};
use crate::helpers::server::Server;
use crate::helpers::world::{World, answer};

/// Fails where an output has the text.
fn shows_nowhere(place: &str, report: &Report, secret: &str) {
    let outputs = outputs(report);
    for (form, text) in &outputs {
        let found = text.to_lowercase().find(&secret.to_lowercase()).map(|at| {
            let start = text.floor_char_boundary(at.saturating_sub(60));
            text.get(start..text.ceil_char_boundary((at + 60).min(text.len()))).unwrap_or_default()
        });
        assert_eq!(found, None, "{place}: {form} shows {secret}");
    }
    came_back_the_same(place, &outputs);
}

/// Answers with a sentence that repeats what was sent: status, headers, body.
fn sentences(secret: &str) -> Vec<(&'static str, String, String)> {
    let said = format!("bad password {secret} for user");
    let described = json!({"error": "invalid_client", "error_description": said}).to_string();
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let references: String = secret.bytes().map(|byte| format!("&#{byte};")).collect();
    vec![
        ("400 Bad Request", String::new(), described.clone()),
        ("401 Unauthorized", String::new(), described),
        ("403 Forbidden", String::new(), json!({"message": said}).to_string()),
        ("500 Internal Server Error", String::new(), json!({"error": {"code": secret, "message": said}}).to_string()),
        ("500 Internal Server Error", String::new(), format!("<html><title>Error: {said}</title></html>")),
        ("502 Bad Gateway", "content-type: text/plain\r\n".to_owned(), format!("{said}.")),
        ("403 Forbidden", String::new(), json!({"detail": format!("bad password {percent}")}).to_string()),
        ("403 Forbidden", String::new(), format!("<p>bad password for user {references}</p>")),
        (
            "401 Unauthorized",
            format!("www-authenticate: Bearer error=\"invalid_token\", error_description=\"{said}\"\r\n"),
            String::new(),
        ),
        (
            "302 Found",
            format!("location: /login/{secret}?error_description={}\r\n", said.replace(" ", "+")),
            String::new(),
        ),
        ("403 Forbidden", format!("server: {secret}\r\nvia: 1.1 {secret}\r\n"), String::new()),
    ]
}

#[test]
fn a_short_secret_is_shown_in_no_sentence() {
    for secret in ["hunter2", "sesam9", "pa55word", "Tr0ub4", "qwerty12"] {
        for (status, headers, body) in sentences(secret) {
            for place in ["client secret", "header", "cookie", "query", "basic"] {
                let mut world = World::refusing(status, &headers, &body);
                match place {
                    "client secret" => {
                        world.variables.push(("AZURE_CLIENT_SECRET".to_owned(), secret.to_owned()));
                    }
                    "header" => world.inputs.headers = vec![("x-anything".to_owned(), Secret::new(secret.to_owned()))],
                    "cookie" => {
                        let cookies = Secret::new(format!("a=b; c={secret}"));
                        world.inputs.headers = vec![("Cookie".to_owned(), cookies)];
                    }
                    "basic" => {
                        let pair = format!("Basic {secret}");
                        world.inputs.headers = vec![("x-gate".to_owned(), Secret::new(pair))];
                    }
                    _ => {
                        let target = world.inputs.target.clone().unwrap_or_default();
                        world.inputs.target = Some(format!("{target}?anything={secret}"));
                    }
                }
                let report = world.observe();
                shows_nowhere(&format!("{place}, {status}: {headers}{body}"), &report, secret);
            }
        }
    }
}

const SECRET: &str = "fK3+vQ9xLw7Rt~Y2pNc8HdJ5sBm4";
/// A secret of somebody else.
const CANARY: &str = "Vb6nMq2WeRt8YuIo4PaSdF7gHjK1lZxC";

/// A text in parts of so many characters, each percent-encoded so often.
fn spread(text: &str, size: usize, encoded: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    let parts: Vec<String> = characters
        .chunks(size)
        .map(|part| {
            (0..encoded).fold(part.iter().collect::<String>(), |part, _| {
                part.bytes().map(|byte| format!("%{byte:02x}")).collect()
            })
        })
        .collect();
    parts.join("/")
}

#[test]
fn a_redirect_shows_no_secret_in_its_path() {
    for secret in [SECRET, CANARY, "hunter2hunter2"] {
        for size in [3, 5, 8, 12, 16, 19, 40] {
            for encoded in 0..3 {
                let path = spread(secret, size, encoded);
                let location = format!("location: https://elsewhere.example/reset/{path}/done\r\n");
                let mut world = World::refusing("302 Found", &location, "");
                if secret != CANARY {
                    world.inputs.headers = vec![("x-functions-key".to_owned(), Secret::new(secret.to_owned()))];
                }
                let report = world.observe();
                let place = format!("{size}, {encoded}: {location}");
                let outputs = outputs(&report);
                for (form, text) in &outputs {
                    let joined: String = text.split('/').collect();
                    for text in [text.clone(), joined] {
                        assert_eq!(leak(&[(form.clone(), text)], secret), None, "{place}");
                    }
                }
                came_back_the_same(&place, &outputs);
            }
        }
    }
}

#[test]
fn a_sign_in_shows_no_secret_that_is_spread_over_its_address() {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let beginning: String = letters(SECRET).chars().take(10).collect();
    for between in ["-", ".", "\",\"", "_/_"] {
        let spread = SECRET.chars().map(|it| it.to_string()).collect::<Vec<_>>().join(between);
        for address in ["https://elsewhere.example/login?client_id=", "https://elsewhere.example/login/"] {
            let location = format!("location: {address}{spread}&redirect_uri=https://a/{spread}\r\n");
            let mut world = World::refusing("302 Found", &location, "");
            world.inputs.headers = vec![("x-functions-key".to_owned(), Secret::new(SECRET.to_owned()))];
            let report = world.observe();
            for (form, text) in outputs(&report) {
                assert!(!letters(&text).contains(&beginning), "{form}: {location}: {text}");
            }
        }
    }
}

#[test]
fn a_redirect_within_app_2_shows_no_secret_in_its_path() {
    let world = World::with(Server::answers(|head| {
        if head.starts_with("GET /next/") {
            return answer(head, "403 Forbidden", "", &json!({"message": format!("no {CANARY} here")}).to_string());
        }
        answer(head, "302 Found", &format!("location: /next/{}/x\r\n", spread(CANARY, 10, 0)), "")
    }));
    let report = world.observe();
    let outputs = outputs(&report);
    assert_eq!(leak(&outputs, CANARY), None);
    came_back_the_same("redirect", &outputs);
}

#[test]
fn a_key_in_the_path_of_the_target_is_used_and_not_shown() {
    for path in [
        format!("/services/T0001/{CANARY}"),
        format!("/hooks/{CANARY}/x?api-version=1"),
        format!("/api/{CANARY}.json"),
        format!("/a/{}", spread(CANARY, 40, 1)),
    ] {
        let mut world =
            World::refusing("403 Forbidden", "", &json!({"message": format!("no hook {path}")}).to_string());
        world.inputs.target = Some(format!("{}{path}", world.app2.url));
        let report = world.observe();
        let outputs = outputs(&report);
        assert_eq!(leak(&outputs, CANARY), None, "{path}");
        came_back_the_same(&path, &outputs);
        assert!(world.app2.received().iter().any(|head| head.starts_with(&format!("GET {path}"))), "{path}");
    }
}

#[test]
fn ordinary_paths_are_shown() {
    for path in [
        "/api/hello",
        "/.auth/login/aad",
        "/11111111-2222-4333-8444-555555555555/oauth2/v2.0/authorize",
        "/subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e/resourceGroups/rg-orders-prod/providers/Microsoft.Web",
        "/sites/orders-api-2024/slots/staging",
        "/api/v1/Orders/20260101/items/42",
        "/a%20b/index.html",
    ] {
        let location = format!("location: https://elsewhere.example{path}\r\n");
        let report = World::refusing("302 Found", &location, "").observe();
        let (_, json) = outputs(&report).into_iter().find(|(form, _)| form == "Json").unwrap();
        assert!(json.contains(&format!("https://elsewhere.example{path}\"")), "{path}");
    }
}

#[test]
fn a_log_shows_no_short_secret_and_none_that_was_cut() {
    let folder = tempfile::tempdir().unwrap();
    let long = "word ".repeat(2000);
    for secret in ["hunter2", "pa55word"] {
        let mut lines =
            format!("2026-01-01T00:00:00Z IDX10214: Audience validation failed, password {secret} of user\n");
        // In one of these lines the reader cuts the secret.
        for start in 0..2200 {
            let filler = long.get(..start).unwrap_or_default();
            if start % 3 == 0 {
                lines.push_str(&format!("2026-01-01T00:00:00Z IDX10214: {filler} {secret}{secret} end\n"));
            }
        }
        let path = folder.path().join(format!("{}.log", secret.len()));
        std::fs::write(&path, lines).unwrap();
        let mut world = World::refusing("401 Unauthorized", "", "");
        world.inputs.target_log = Some(path);
        world.inputs.headers = vec![("x-anything".to_owned(), Secret::new(secret.to_owned()))];
        shows_nowhere(secret, &world.observe(), secret);
    }
}

#[test]
fn a_secret_that_was_typed_as_an_audience_is_not_shown() {
    for place in ["resource", "send-token-for"] {
        let mut world = World::refusing("403 Forbidden", "", "");
        match place {
            "resource" => world.inputs.resource = Some(CANARY.to_owned()),
            _ => world.inputs.send_token_for = Some(CANARY.to_owned()),
        }
        let report = world.observe();
        let outputs = outputs(&report);
        assert_eq!(leak(&outputs, CANARY), None, "{place}");
        came_back_the_same(place, &outputs);
    }
}
