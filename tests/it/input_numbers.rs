//! Numbers from outside: whatever a header, a claim, a member of JSON or of a case says, nothing overflows and nothing
//! aborts. The tests are built with overflow checks, so that an overflow is a panic here.

use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use easyauth_doctor::case::Case;
use easyauth_doctor::case::inputs::Inputs;
use easyauth_doctor::case::token::DecodedToken;
use easyauth_doctor::probe::prepare_with;
use easyauth_doctor::report::{Format, Report, render, text};
use easyauth_doctor::session;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use crate::helpers::network::{self, NOBODY};
use crate::helpers::observing;
use crate::helpers::program::doctor;
use crate::helpers::server::{IDENTITY_HEADER, RESOURCE, Server, http};

/// Numbers as text that are at an edge, beyond it, or none.
const EXTREMES: [&str; 20] = [
    "0",
    "-1",
    "1",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "253402300800",
    "8000000000000",
    "-8000000000001",
    "1e400",
    "-1e308",
    "1.7976931348623157e308",
    "0.1",
    "1e-400",
    "99999999999999999999999999999999999999",
];

/// A number is read as JSON; what is none there is a text.
fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

#[test]
fn no_retry_after_aborts_the_program() {
    let values = [
        "9223372036854775807",
        "18446744073709551615",
        "99999999999999999999999",
        "-1",
        "1.5",
        "1e300",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "3, 9223372036854775807",
        "",
    ];
    let statuses = ["429 X", "500 X", "502 X", "503 X", "504 X", "404 X", "410 X"];
    let runs: Vec<_> = values
        .iter()
        .enumerate()
        .flat_map(|(place, value)| {
            // Every value meets two statuses, and every status several values.
            [place, place + 3].map(|at| (*value, statuses[at % statuses.len()]))
        })
        .map(|(value, status)| {
            thread::spawn(move || {
                let server = Server::answers(move |_| http(status, &format!("retry-after: {value}\r\n"), "{}"));
                for of_machine in [false, true] {
                    let mut program = doctor(&["check", "-t", NOBODY, "-r", RESOURCE, "--timeout", "1", "-q"]);
                    if of_machine {
                        program.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", &server.url);
                    } else {
                        program.env("IDENTITY_ENDPOINT", &server.url);
                        program.env("IDENTITY_HEADER", IDENTITY_HEADER);
                    }
                    let output = program.output().unwrap();
                    let code = output.status.code();
                    assert!(matches!(code, Some(1 | 3)), "{status} {value}: {:?}", output.status);
                }
            })
        })
        .collect();
    for run in runs {
        run.join().unwrap();
    }
}

/// A token whose times are these.
fn token(times: [&str; 3]) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims = format!(
        r#"{{"aud":"{RESOURCE}","iss":"https://sts.windows.net/0f8fad5b-d9cb-469f-a165-70867728950e/",
            "ver":"1.0","appid":"0f8fad5b-d9cb-469f-a165-70867728950e","idtyp":"app",
            "exp":{},"nbf":{},"iat":{}}}"#,
        times[0], times[1], times[2]
    );
    format!("{}.{}.{}", part(r#"{"alg":"RS256","kid":"k"}"#), part(&claims), part("signature"))
}

/// One server for all parts, with these numbers in everything that has one.
fn server(numbers: [&'static str; 6]) -> Server {
    Server::answers(move |head| {
        let [first, second, third, fourth, fifth, sixth] = numbers;
        let headers = format!(
            "retry-after: {fifth}\r\nage: {sixth}\r\nx-ms-ratelimit-remaining: {first}\r\n\
             cache-control: max-age={second}\r\n\
             date: Fri, 31 Dec 9999 23:59:59 GMT\r\ncontent-type: application/json\r\n"
        );
        let body = if head.starts_with("GET /msi") {
            format!(
                r#"{{"access_token":"{}","expires_on":{fourth},"expires_in":"{fifth}","ext_expires_in":{sixth},
                    "not_before":"{first}","resource":"{RESOURCE}"}}"#,
                token([first, second, third])
            )
        } else {
            format!(r#"{{"value":{first},"error":{{"code":{second},"innerError":{third}}},"keys":[{fourth}]}}"#)
        };
        let status = if head.starts_with("GET /msi") { "200 OK" } else { "401 Unauthorized" };
        http(status, &headers, &body)
    })
}

/// What comes of a check of such a server, in every form.
fn checked(numbers: [&'static str; 6]) -> Report {
    let server = server(numbers);
    let url = server.url.clone();
    let inputs = Inputs {
        target: Some(format!("{url}/api")),
        resource: Some(RESOURCE.to_owned()),
        authority: Some(url.clone()),
        resource_manager: Some(url.clone()),
        graph: Some(url.clone()),
        timeout_s: u64::MAX,
        ..Inputs::default()
    };
    let variables = vec![
        ("IDENTITY_ENDPOINT".to_owned(), format!("{url}/msi")),
        ("IDENTITY_HEADER".to_owned(), IDENTITY_HEADER.to_owned()),
    ];
    network::guard(network::refused_inputs(&inputs, &variables));
    let prepared = prepare_with(inputs, Some(variables)).unwrap();
    let (events, _) = unbounded_channel();
    observing::runtime().block_on(session::run(&prepared, None, events, CancellationToken::new()))
}

fn shown(report: &Report) {
    for format in [Format::Text, Format::Json, Format::Markdown, Format::Html, Format::Junit] {
        let style = text::Style { detail: easyauth_doctor::report::document::Detail::Full, ..text::Style::default() };
        assert!(render(std::slice::from_ref(report), false, format, &style).len() > 100);
    }
}

/// Scenarios whose cases hold times of tokens, clocks, and logs.
const NAMES: [&str; 3] = ["token-lifetime-cached", "federated-credential-mismatch", "audience-not-allowed-log"];

/// Whether the time of these tests is over; a slow machine tries less.
fn is_over(budget: Duration) -> bool {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGUN.elapsed() > budget
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 10,
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_number_of_an_answer_overflows(numbers in proptest::array::uniform6(proptest::sample::select(&EXTREMES[..]))) {
        if !is_over(Duration::from_secs(12)) {
            shown(&checked(numbers));
        }
    }

    #[test]
    fn no_number_of_a_token_overflows(times in proptest::array::uniform3(proptest::sample::select(&EXTREMES[..]))) {
        let decoded = DecodedToken::decode(&token(times));
        for name in ["exp", "nbf", "iat"] {
            let bounded = decoded.time(name).is_none_or(|time| time.unsigned_abs() < 9_000_000_000_000);
            prop_assert!(bounded, "{times:?}");
        }
    }
}

/// A case with numbers in the places where they may be: for each place the first that it may hold, in the order that is
/// given for it.
fn with_numbers(scenario: &str, order: impl Fn(usize) -> Vec<&'static str>) -> Case {
    let case = serde_json::to_value(observing::of(scenario, true).report.case()).unwrap();
    let mut extreme = case.clone();
    let mut places = Vec::new();
    numbers_in(&case, &mut String::new(), &mut places);
    assert!(places.len() > 20, "{places:?}");
    let mut changed = 0;
    for (at, place) in places.iter().enumerate() {
        for drawn in order(at) {
            let before = std::mem::replace(extreme.pointer_mut(place).unwrap(), number(drawn));
            if serde_json::from_value::<Case>(extreme.clone()).is_ok() {
                changed += 1;
                break;
            }
            *extreme.pointer_mut(place).unwrap() = before;
        }
    }
    assert!(changed > 15, "{changed} of {}", places.len());
    serde_json::from_value(extreme).unwrap()
}

#[test]
fn no_number_of_a_case_overflows() {
    let chosen = [
        ["-9223372036854775808", "18446744073709551615", "4294967295", "65535"],
        ["9223372036854775807", "4294967295", "65535", "0"],
        ["-1", "18446744073709551614", "4294967295", "0"],
        ["1e400", "-9223372036854775807", "0", "1"],
    ];
    for scenario in NAMES {
        for order in chosen {
            if !is_over(Duration::from_secs(20)) {
                shown(&Report::of(with_numbers(scenario, |_| order.to_vec())));
            }
        }
        // Times that are far from one another.
        let order = |at: usize| chosen[at % 2].to_vec();
        shown(&Report::of(with_numbers(scenario, order)));
    }
}

/// Where numbers are in a case, and where an absent time can be.
fn numbers_in(value: &Value, path: &mut String, places: &mut Vec<String>) {
    let may_be_one = value.is_null() && (path.ends_with("clock_skew_s") || path.ends_with("/time"));
    let mut below = |name: &str, item: &Value| {
        let length = path.len();
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        numbers_in(item, path, places);
        path.truncate(length);
    };
    match value {
        Value::Number(_) => places.push(path.clone()),
        Value::Null if may_be_one => places.push(path.clone()),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                below(&at.to_string(), item);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                below(name, item);
            }
        }
        _ => {}
    }
}

/// Arguments and targets files say numbers, too.
#[test]
fn no_number_of_an_argument_is_taken_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for value in EXTREMES {
        for arguments in [["--timeout", value], ["--delay", value]] {
            let command = if arguments[0] == "--delay" { "lab" } else { "check" };
            let output = doctor(&[command, "-q"]).args(arguments).args(["--frobnicate"]).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        }
        let path = folder.path().join("targets.toml");
        std::fs::write(&path, format!("[[target]]\nurl = \"{NOBODY}\"\ntimeout = {value}\n")).unwrap();
        if value != "1" {
            let output = doctor(&["check", "--targets", path.to_str().unwrap()]).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "timeout = {value}");
        }
    }
    assert_eq!(json!(1), number("1"));
}
