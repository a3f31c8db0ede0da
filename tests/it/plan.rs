//! `--plan`: everything that a run sends is in its plan, and the plan itself sends nothing.

use std::net::TcpListener;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use easyauth_doctor::case::exchange::{Exchange, Outcome, Purpose};
use easyauth_doctor::knowledge::phrase;
use easyauth_doctor::lab::{self, Received};
use easyauth_doctor::probe::preview::{Carried, Planned, Recipient};
use serde_json::Value;

use crate::helpers::network::NOBODY;
use crate::helpers::observing::{self, Observed};
use crate::helpers::program::{doctor, text};

/// Whether a text has the form of a template with placeholders in angle or square brackets.
fn fits(template: &str, text: &str) -> bool {
    let Some(start) = template.find(['<', '[']) else {
        return template == text;
    };
    let (before, rest) = template.split_at(start);
    let close = if rest.starts_with('<') { '>' } else { ']' };
    let Some((_, after)) = rest.split_once(close) else {
        return template == text;
    };
    text.strip_prefix(before).is_some_and(|text| {
        let mut ends = (1..=text.len()).filter_map(|at| text.get(at..));
        ends.any(|end| fits(after, end))
    })
}

fn same_purpose(planned: &Purpose, done: &Purpose) -> bool {
    match (planned, done) {
        (Purpose::CallRedirect(_), Purpose::CallRedirect(_)) => true,
        _ => planned == done,
    }
}

fn is_planned(planned: &Planned, exchange: &Exchange) -> bool {
    same_purpose(&planned.purpose, &exchange.purpose)
        && planned.method.split(" or ").any(|method| method == exchange.method)
        && fits(&planned.url, &exchange.url)
}

/// Whether a request left the machine: one that was not sent at all is recorded with its reason.
fn was_sent(exchange: &Exchange) -> bool {
    exchange.method != "RUN" || matches!(exchange.outcome, Outcome::Answer(_))
}

#[test]
fn a_template_fits_what_it_stands_for() {
    for (template, text, expected) in [
        ("http://a/b", "http://a/b", true),
        ("http://a/b", "http://a/bc", false),
        ("http://a/<x>/me", "http://a/.auth/me", true),
        ("http://a/<x>/me", "http://b/.auth/me", false),
        ("http://a/<x>/me", "http://a/me", false),
        ("http://a/?k=[redacted]&v=1", "http://a/?k=secret&v=1", true),
        ("http://a/?k=[redacted]&v=1", "http://a/?k=secret&v=2", false),
    ] {
        assert_eq!(fits(template, text), expected, "{template} {text}");
    }
}

fn differences(observed: &Observed) -> Vec<String> {
    let plan = &observed.plan.requests;
    let mut found = Vec::new();
    for exchange in observed.report.observed().exchanges.iter().filter(|exchange| was_sent(exchange)) {
        if !plan.iter().any(|planned| is_planned(planned, exchange)) {
            found.push(format!("not planned: {:?} {} {}", exchange.purpose, exchange.method, exchange.url));
        }
    }
    for purpose in plan.iter().map(|planned| &planned.purpose) {
        let of_purpose = plan.iter().filter(|planned| planned.purpose == *purpose);
        let most: u32 = of_purpose.map(|planned| planned.at_most).sum();
        let exchanges = observed.report.observed().exchanges.iter();
        let sent = exchanges.filter(|exchange| same_purpose(purpose, &exchange.purpose)).count();
        if sent > most as usize {
            found.push(format!("{purpose:?}: {sent} sent, {most} planned"));
        }
    }
    found
}

const fn server(to: Recipient) -> Option<lab::Server> {
    match to {
        Recipient::IdentityEndpoint => Some(lab::Server::Identity),
        Recipient::Proxy => Some(lab::Server::Proxy),
        Recipient::AzureCli => None,
        Recipient::Entra => Some(lab::Server::Entra),
        Recipient::App2 => Some(lab::Server::App2),
        Recipient::ResourceManager => Some(lab::Server::ResourceManager),
        Recipient::Graph => Some(lab::Server::Graph),
    }
}

/// Tokens that arrived where the plan has none.
fn unplanned_tokens(observed: &Observed) -> Vec<String> {
    const TOKENS: [Carried; 5] = [
        Carried::InvalidToken,
        Carried::TargetToken,
        Carried::ClientIdToken,
        Carried::ResourceManagerToken,
        Carried::GraphToken,
    ];
    let planned = |request: &Received| {
        let target = request.target.split('?').next().unwrap_or_default();
        observed.plan.requests.iter().any(|planned| {
            let path = planned.url.split('?').next().unwrap_or_default();
            let path = path.splitn(4, '/').nth(3).map_or("/".to_owned(), |path| format!("/{path}"));
            server(planned.to) == Some(request.server)
                && planned.carries.iter().any(|carried| TOKENS.contains(carried))
                && (fits(&path, target) || planned.url.contains("<port and path"))
        })
    };
    let with_token = observed.received.iter().filter(|request| request.bearer().is_some());
    with_token
        .filter(|request| !planned(request))
        .map(|request| format!("{:?} {} got a token", request.server, request.target))
        .collect()
}

#[test]
fn everything_that_a_run_sends_is_in_its_plan() {
    let mut found = Vec::new();
    let mut sent = 0;
    for observed in observing::all() {
        let name = format!("{} (settings: {})", observed.scenario.name, observed.settings);
        assert_eq!(observed.received_by_plan, 0, "{name}: the plan sent something");
        sent += observed.report.observed().exchanges.len();
        let wrong = differences(observed).into_iter().chain(unplanned_tokens(observed));
        found.extend(wrong.map(|wrong| format!("{name}: {wrong}")));
    }
    assert!(found.is_empty(), "{found:#?}");
    assert!(sent > 1000, "{sent}");
}

const IDENTITY_HEADER: &str = "the-identity-header-0123456789abcdef";
const RESOURCE: &str = "api://0f8fad5b-d9cb-469f-a165-70867728950e";
const SITE: &str =
    "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/g/providers/Microsoft.Web/sites/a";

/// The plan of these options, printed by the program.
fn plan(arguments: &[&str]) -> (i32, String, String) {
    let output = doctor(arguments)
        .env("IDENTITY_ENDPOINT", format!("{NOBODY}/msi/token"))
        .env("IDENTITY_HEADER", IDENTITY_HEADER)
        .output()
        .unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_plan_reaches_no_server_and_asks_nothing() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    let target = format!("{url}/api/x?code=the-function-key&api-version=7");
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims = r#"{"aud": "https://vault.azure.net",
        "iss": "https://sts.windows.net/11111111-2222-4333-8444-555555555555/",
        "tid": "11111111-2222-4333-8444-555555555555", "appid": "c0000000-0000-4000-8000-000000000001", "ver": "1.0"}"#;
    let text = format!("{}.{}.{}", part(r#"{"typ": "JWT", "alg": "RS256"}"#), part(claims), part("signature"));
    std::fs::write(&token, text).unwrap();
    let token = token.to_str().unwrap();
    let url = url.as_str();
    let everywhere = ["--authority", url, "--resource-manager", url, "--graph", url];
    for (more, needed) in [
        (&["--resource", RESOURCE, "--target-resource-id", SITE][..], "app role assignments"),
        (&["--resource", RESOURCE, "-X", "POST"], "POST "),
        (
            &[
                "--credential",
                "client-secret",
                "--client-id",
                "c0000000-0000-4000-8000-000000000001",
                "--tenant",
                "contoso.example",
                "--resource",
                RESOURCE,
            ],
            "with the client secret. Purpose: token for App 2. Requested resource: api://0f8f",
        ),
        (&["--token-file", token], "Azure Key Vault and is valid there"),
        (&["--token-file", token, "--send-token-for", "https://vault.azure.net"], "the token for App 2"),
        (&["-H", "x-functions-key: the-function-key"], "x-functions-key"),
        (&[], "no resource is given"),
    ] {
        for start in [&["check", "--plan", "--target"][..], &["--plan", "--target"]] {
            let arguments = [start, &[target.as_str()], &everywhere, more].concat();
            let (code, out, error) = plan(&arguments);
            let all = out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(code == 0 && error.is_empty(), "{more:?}: {code} {error}");
            assert!(all.contains(needed), "{more:?}: {out}");
            let [probes, calls] = ["/api/x?api-version=7 ", "/api/x?code=[redacted]&api-version=7"]
                .map(|address| all.matches(&format!("GET {url}{address}")).count());
            assert_eq!(probes, 2, "{out}");
            assert!(calls > 0 || more.contains(&"POST") || more == ["--token-file", token], "{more:?}: {out}");
            for secret in ["the-function-key", IDENTITY_HEADER, "eyJ"] {
                assert!(!out.contains(secret), "{more:?}: {secret} in {out}");
            }
        }
    }
    assert_eq!(server.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn a_plan_in_json_is_one_object_for_all_targets() {
    let arguments = ["check", "--plan", "--format", "json", "--resource", RESOURCE];
    let targets = ["--target", "http://127.0.0.1:9/a", "--target", "http://127.0.0.1:9/b?c=d"];
    let (code, out, _) = plan(&[&arguments[..], &targets].concat());
    let plan: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    let urls: Vec<_> = plan["targets"].as_array().unwrap().iter().map(|target| &target["target"]).collect();
    assert_eq!(urls, ["http://127.0.0.1:9/a", "http://127.0.0.1:9/b?c=[redacted]"]);
    let requests = plan["targets"][1]["requests"].as_array().unwrap();
    let of = |purpose: &str| requests.iter().find(|request| request["purpose"] == purpose).unwrap();
    let call = of("App 2 with the token");
    assert_eq!(call["to"], "app-2");
    assert_eq!(call["carries"], serde_json::json!(["target-token"]));
    assert_eq!(call["when"], "token-cleared");
    let token = of("token for App 2");
    assert_eq!(token["to"], "identity-endpoint");
    assert_eq!(token["asks_for"], RESOURCE);
    assert_eq!(token["carries"], serde_json::json!(["identity-header"]));
    let numbers: Vec<_> = requests.iter().map(|request| request["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=requests.len() as u64).collect::<Vec<_>>());
}

#[test]
fn the_token_of_another_api_is_neither_asked_for_nor_sent() {
    let target_token = phrase("plan.target-token").text();
    for resource in ["https://vault.azure.net", "https://management.azure.com/.default"] {
        let arguments = ["check", "--plan", "--target", "http://127.0.0.1:9/a", "--resource", resource];
        let (_, out, _) = plan(&arguments);
        assert!(
            out.contains(phrase("plan.no-token").with("reason", "the resource is").text().trim_end_matches('.')),
            "{out}"
        );
        assert!(!out.contains(&target_token) && !out.contains("msi/token"), "{out}");
        let (_, out, _) = plan(&[&arguments[..], &["--send-token-for", resource]].concat());
        assert_eq!(out.contains(&target_token), resource == "https://vault.azure.net", "{out}");
    }
}

#[test]
fn wrong_usage_of_a_plan_ends_with_2() {
    for more in [
        &[][..],
        &["--target", "ftp://a.example"],
        &["--target", "http://127.0.0.1:9/a", "--format", "html"],
        &["--target", "http://127.0.0.1:9/a", "--format", "junit"],
        &["--target", "http://127.0.0.1:9/a", "--watch"],
        &["--target", "http://127.0.0.1:9/a", "--save", "/nowhere/x"],
        &["--target", "http://127.0.0.1:9/a", "-o", "/nowhere/x"],
        &["--target", "http://127.0.0.1:9/a", "--token-file", "/nowhere/x"],
        &["--target", "http://127.0.0.1:9/a", "--auth-settings", "/nowhere/x"],
    ] {
        let (code, out, error) = plan(&[&["check", "--plan"], more].concat());
        assert!(code == 2 && out.is_empty() && !error.is_empty(), "{more:?}: {code} {out} {error}");
    }
}

/// An address with a password where the client ID belongs is shown as nowhere else either.
#[test]
fn a_plan_shows_no_password_of_a_wrong_client_id() {
    let output = doctor(&["check", "--plan", "--target", NOBODY])
        .env("IDENTITY_ENDPOINT", format!("{NOBODY}/msi/token"))
        .env("IDENTITY_HEADER", IDENTITY_HEADER)
        .env("AZURE_CLIENT_ID", "http://u:the-function-key@h.example/")
        .output()
        .unwrap();
    let out = text(&output.stdout);
    assert!(out.contains("client_id=[redacted]") && !out.contains("the-function-key"), "{out}");
}
