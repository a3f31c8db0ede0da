//! What the user sends (headers, cookies, bodies, keys in the address) and what the program sends for them (tokens)
//! comes back in answers, in many forms, and is shown in none.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use easyauth_doctor::case::secret::Secret;

use crate::helpers::outputs::{came_back_the_same, leak, outputs};
use crate::helpers::server::{IDENTITY_HEADER, Server};
use crate::helpers::world::{World, answer};

const KEY: &str = "fK3+vQ/9xLw=7Rt~Y2&pNc8\"HdJ5<sBm";
const COOKIE: &str = "cQ8wErT5yUiO2pAsDfG4hJkL";
const PASSWORD: &str = "pW7zXcVb1nMqWeRt6YuIoP3a";
const CODE: &str = "dC4rFvTgB8yHnUjM2ikOlP0q";
const DATA: &str = "bD6qAzWsX3edCrFvT9gbYhNu";

/// How a server sends a text back, by name.
fn echo(form: usize, text: &str) -> Option<String> {
    let percent: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let forms = [
        text.to_owned(),
        percent.clone(),
        percent.to_lowercase(),
        url::form_urlencoded::byte_serialize(percent.as_bytes()).collect(),
        serde_json::to_string(text).unwrap_or_default(),
        text.chars().map(|character| format!("\\u{:04x}", character as u32)).collect(),
        text.chars().map(|character| format!("&#x{:x};", character as u32)).collect(),
        text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;"),
        STANDARD.encode(text),
        STANDARD.encode(format!("Authorization: {text}")),
        URL_SAFE_NO_PAD.encode(format!("x{text}")),
        text.bytes().map(|byte| format!("{byte:02x}")).collect(),
        text.as_bytes().chunks(6).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n"),
        text.as_bytes().chunks(7).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\r\n  "),
    ];
    forms.get(form).cloned()
}
const FORMS: usize = 14;

fn headers_of(head: &str) -> Vec<(String, String)> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect()
}

/// App 2 sends every header and the address back in one form, in its body and in headers that are shown.
fn echoing(form: usize, place: usize) -> World {
    let mut world = World::with(Server::answers(move |head| {
        let mut lines: Vec<String> = headers_of(head)
            .iter()
            .filter_map(|(name, value)| Some(format!("{name}: {}", echo(form, value)?)))
            .collect();
        lines.extend(head.lines().next().and_then(|line| echo(form, line.split(' ').nth(1)?)));
        lines.extend(echo(form, PASSWORD));
        lines.extend(echo(form, DATA));
        let text = lines.join("\n");
        let one_line = text.replace(['\r', '\n'], " ");
        let (headers, body) = match place {
            0 => ("content-type: text/plain\r\n".to_owned(), text),
            1 => (
                "content-type: application/json\r\n".to_owned(),
                serde_json::json!({"message": text, "other": one_line}).to_string(),
            ),
            2 => (
                format!("server: {}\r\nvia: {}\r\n", one_line.get(..1500).unwrap_or(&one_line), one_line),
                String::new(),
            ),
            _ => (
                format!("location: https://elsewhere.example/{0}?state={0}\r\n", one_line.replace(' ', "/")),
                "<title>moved</title>".to_owned(),
            ),
        };
        let status = if place == 3 { "302 Found" } else { "400 Bad Request" };
        answer(head, status, &headers, &body)
    }));
    let header = |name: &str, value: String| (name.to_owned(), Secret::new(value));
    world.inputs.headers = vec![
        header("x-functions-key", KEY.to_owned()),
        header("Cookie", format!("theme=dark; session={COOKIE}")),
        header("x-proxy-auth", format!("Basic {}", STANDARD.encode(format!("user:{PASSWORD}")))),
    ];
    let target = world.inputs.target.clone().unwrap_or_default();
    world.inputs.target = Some(format!("{target}?api-version=2016-10-01&code={CODE}"));
    world
}

#[test]
fn what_is_sent_is_shown_in_no_form() {
    for place in 0..4 {
        for form in 0..FORMS {
            let world = echoing(form, place);
            let report = world.observe();
            let outputs = outputs(&report);
            let arrived = world.app2.received();
            let token = arrived
                .iter()
                .flat_map(|head| headers_of(head))
                .find_map(|(name, value)| {
                    Some(value.strip_prefix("Bearer ").filter(|_| name == "authorization")?.to_owned())
                })
                .filter(|token| token.len() > 400);
            let signature = URL_SAFE_NO_PAD.encode([7_u8; 256]);
            // Its beginning reads like the name of a header.
            let identity_header = IDENTITY_HEADER.trim_start_matches("the-identity-header-");
            for secret in [KEY, COOKIE, PASSWORD, CODE, identity_header, &signature].into_iter().chain(token.as_deref())
            {
                assert_eq!(leak(&outputs, secret), None, "form {form}, place {place}");
            }
            came_back_the_same(&format!("form {form}, place {place}"), &outputs);
        }
    }
}

#[test]
fn a_body_that_is_sent_back_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (name, data) in [
        ("JSON", format!("{{\"apiKey\": \"{DATA}\", \"name\": \"x\"}}")),
        ("form", format!("user=a&secret={DATA}")),
        ("text", DATA.to_owned()),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, &data).unwrap();
        let page = format!("You sent: {data} and that is wrong");
        let mut world = World::refusing("400 Bad Request", "content-type: text/plain\r\n", &page);
        world.inputs.method = "POST".to_owned();
        world.inputs.confirmed = true;
        world.inputs.data = Some(path);
        let report = world.observe();
        assert_eq!(leak(&outputs(&report), DATA), None, "{name}");
    }
}

#[test]
fn a_key_in_the_address_is_used_and_not_shown() {
    for (name, value) in [
        ("code", CODE),
        ("key", CODE),
        ("apikey", CODE),
        ("token", CODE),
        ("password", "hunter2"),
        ("sig", CODE),
        ("sas", CODE),
        ("signature", CODE),
        ("subscription_key", CODE),
        ("x-functions-key", CODE),
        ("code", "abc123"),
        ("anything", CODE),
    ] {
        let mut world = World::refusing("403 Forbidden", "", "");
        let target = world.inputs.target.clone().unwrap_or_default();
        world.inputs.target = Some(format!("{target}?{name}={value}&api-version=2016-10-01"));
        let report = world.observe();
        let outputs = outputs(&report);
        assert!(!outputs.iter().any(|(_, text)| text.contains(value)), "{name}={value}");
        assert!(outputs.iter().all(|(form, text)| !["Text", "Json", "case"].contains(&form.as_str())
            || text.contains("api-version=2016-10-01")));
        // The final call carries it, and nothing else does.
        let (with, without): (Vec<String>, Vec<String>) =
            world.app2.received().into_iter().partition(|head| head.contains(&format!("{name}={value}")));
        let lines = |heads: &[String]| {
            heads.iter().filter_map(|head| head.lines().next().map(str::to_owned)).collect::<Vec<_>>()
        };
        assert_eq!(with.len(), 1, "{name}: {:?} against {:?}", lines(&with), lines(&without));
        assert!(without.len() >= 2);
    }
}
