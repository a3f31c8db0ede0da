//! Servers that do not behave: endless, dripping, silent, garbled, echoing, luring. The program always ends, says what
//! it saw, and lets no token and no control character through.

use std::io::Write as _;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use crate::helpers::network::NOBODY;
use crate::helpers::server::{IDENTITY_HEADER, RESOURCE, Run, Server, http, identity_for, token_for};

/// Three requests in a row at the most, one second each, and a slow machine.
const LONGEST: Duration = Duration::from_secs(20);

/// What each misbehaving server does once the request has arrived.
fn parts() -> Vec<(&'static str, Server)> {
    vec![
        (
            "an endless body",
            Server::play(|stream, _| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n");
                while stream.write_all(&[b'x'; 65_536]).is_ok() {}
            }),
        ),
        (
            "a byte at a time",
            Server::play(|stream, _| {
                for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 50000\r\n\r\n".iter().chain(&[b'x'; 600]) {
                    if stream.write_all(&[*byte]).is_err() {
                        return;
                    }
                    thread::sleep(Duration::from_millis(100));
                }
            }),
        ),
        ("silence", Server::play(|_, _| thread::sleep(Duration::from_secs(30)))),
        ("garbage", Server::answers(|_| "\u{1b}[2J\u{7}\0\0SSH-2.0-OpenSSH\r\n\r\n".to_owned())),
        ("a close without a word", Server::play(|_, _| {})),
        (
            "a megabyte of headers",
            Server::answers(|_| {
                let line = format!("x-header: {}\r\n", "y".repeat(1000));
                http("200 OK", &line.repeat(1000), "hello")
            }),
        ),
        (
            "escape sequences",
            Server::answers(|_| {
                http(
                    "401 \u{1b}[31mNo\u{1b}]0;title\u{7}",
                    "content-type: text/html\r\nserver: \u{1b}[2Jevil\r\n",
                    "\u{1b}[2J\u{1b}]52;c;ZXZpbA==\u{7}\u{202e}\u{0}\u{9b}31m",
                )
            }),
        ),
        (
            "a length that lies",
            Server::answers(|_| "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\nshort".to_owned()),
        ),
    ]
}

fn ends_well(name: &str, run: &Run) {
    let report = run.report();
    assert!(run.took < LONGEST, "{name}: took {:?}", run.took);
    assert_ne!(report["verdict"], "pass", "{name}");
    assert!(report["root_cause"]["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    assert!([Some(1), Some(3)].contains(&run.output.status.code()), "{name}: {:?}", run.output.status);
}

#[test]
fn a_misbehaving_app_2_ends_in_a_verdict() {
    let identity = identity_for(RESOURCE);
    for (name, app2) in parts() {
        // What answers 200 to everybody is no failure of the program, but none of Easy Auth's successes either.
        ends_well(name, &Run::of(&app2.url, &identity.url, NOBODY, &["--format", "json"]));
    }
}

#[test]
fn an_answer_that_is_malformed_is_no_failed_handshake_and_no_silence() {
    for malformed in ["transfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx", "x y: z\r\n\r\n"] {
        let server = || Server::answers(move |_| format!("HTTP/1.1 200 OK\r\n{malformed}"));
        let refusing = Server::answers(|_| http("401 Unauthorized", "www-authenticate: Bearer realm=\"x\"\r\n", ""));
        let (app2, identity) = (server(), server());
        for run in [
            Run::of(&app2.url, &identity_for(RESOURCE).url, NOBODY, &["--format", "json"]),
            Run::of(&refusing.url, &identity.url, NOBODY, &["--format", "json"]),
        ] {
            let summary = run.report()["root_cause"]["summary"].as_str().unwrap_or_default().to_owned();
            assert!(summary.contains("valid HTTP"), "{malformed}: {summary}");
        }
    }
}

#[test]
fn interim_responses_without_end_do_not_outlast_the_deadline_by_far() {
    let identity = identity_for(RESOURCE);
    let app2 =
        Server::play(|stream, _| while stream.write_all(&b"HTTP/1.1 100 Continue\r\n\r\n".repeat(400)).is_ok() {});
    // The flood takes all of the processor that there is, which beside other tests is little: time on the clock says
    // nothing. A program that doesn't end by itself is ended by the system.
    let run = Run::with_processor_time(20, &app2.url, &identity.url, NOBODY);
    run.text();
    assert!([Some(1), Some(3)].contains(&run.output.status.code()), "{:?}", run.output.status);
}

#[test]
fn a_misbehaving_identity_endpoint_ends_in_a_verdict() {
    let app2 = Server::answers(|_| http("401 Unauthorized", "www-authenticate: Bearer realm=\"x\"\r\n", ""));
    for (name, identity) in parts() {
        ends_well(name, &Run::of(&app2.url, &identity.url, NOBODY, &["--format", "json"]));
        let only_impossible = app2.audiences().iter().all(|audience| audience.ends_with(".invalid"));
        assert!(only_impossible, "{name}: {:?}", app2.audiences());
    }
}

#[test]
fn a_misbehaving_authority_does_not_hold_up_the_call() {
    let identity = identity_for(RESOURCE);
    let app2 = Server::answers(|_| http("403 Forbidden", "x-ms-middleware-request-id: 1\r\n", ""));
    for (name, authority) in parts() {
        ends_well(name, &Run::of(&app2.url, &identity.url, &authority.url, &["--format", "json"]));
    }
}

#[test]
fn lines_on_a_terminal_hold_no_control_character_from_the_wire() {
    let identity = identity_for(RESOURCE);
    for (name, app2) in parts() {
        let run = Run::of(&app2.url, &identity.url, NOBODY, &["-v"]);
        assert!(run.text().contains("protection"), "{name}");
    }
}

#[test]
fn a_redirect_to_another_host_gets_no_token() {
    let lure = Server::answers(|_| http("200 OK", "", "welcome"));
    let elsewhere = lure.url.clone();
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let to = elsewhere.clone();
        let app2 = Server::answers(move |head| {
            if head.contains("sts.windows.net") || head.to_lowercase().contains("\r\nauthorization:") {
                http(status, &format!("location: {to}/steal\r\n"), "")
            } else {
                http("401 Unauthorized", "www-authenticate: Bearer realm=\"x\"\r\n", "")
            }
        });
        let identity = identity_for(RESOURCE);
        let report = Run::of(&app2.url, &identity.url, NOBODY, &["--format", "json"]).report();
        assert_eq!(report["root_cause"]["code"], "authorization-header-dropped", "{status}");
        let called = app2.audiences().contains(&RESOURCE.to_owned());
        assert!(called, "{status}: the call itself carries the token");
    }
    let lured: Vec<String> = lure.received();
    assert!(lured.iter().all(|head| !head.to_lowercase().contains("authorization:")), "{lured:?}");
}

#[test]
fn keys_are_fetched_from_the_authority_only() {
    let lure = Server::answers(|_| http("200 OK", "content-type: application/json\r\n", "{\"keys\": []}"));
    let keys = lure.url.clone();
    let authority = Server::answers(move |_| {
        let body = json!({"issuer": "https://sts.windows.net/11111111-2222-4333-8444-555555555555/",
            "jwks_uri": format!("{keys}/keys")});
        http("200 OK", "content-type: application/json\r\n", &body.to_string())
    });
    let identity = identity_for(RESOURCE);
    let app2 = Server::answers(|_| http("401 Unauthorized", "www-authenticate: Bearer realm=\"x\"\r\n", ""));
    let report = Run::of(&app2.url, &identity.url, &authority.url, &["--format", "json"]).report();
    assert!(lure.received().is_empty(), "{:?}", lure.received());
    assert_ne!(report["verdict"], "pass");
}

#[test]
fn a_token_for_another_api_never_arrives_at_app_2() {
    for audience in [
        "https://management.azure.com/",
        "https://graph.microsoft.com",
        "00000003-0000-0000-c000-000000000000",
        "https://vault.azure.net",
        "https://storage.azure.com/",
        "https://database.windows.net/",
    ] {
        let identity = identity_for(audience);
        let app2 = Server::answers(|head| {
            if head.to_lowercase().contains("\r\nauthorization:") && !head.contains("ZWFzeWF1dGgtZG9jdG9yLXByb2Jl") {
                http("200 OK", "", "hello")
            } else {
                http("401 Unauthorized", "www-authenticate: Bearer realm=\"x\"\r\n", "")
            }
        });
        let report = Run::of(&app2.url, &identity.url, NOBODY, &["--format", "json"]).report();
        assert_eq!(app2.audiences(), ["easyauth-doctor.invalid"], "{audience}");
        assert_eq!(report["verdict"], "fail", "{audience}");
    }
}

#[test]
fn what_app_2_names_as_its_resource_gets_no_token_unless_it_is_a_client_id() {
    let own = "0f8fad5b-d9cb-469f-a165-70867728950e";
    for (named, asked) in [
        ("https://org.crm4.dynamics.com", false),
        ("https://api.azureml.ms", false),
        ("api://somebody-elses", false),
        ("https://payroll.contoso.com", false),
        ("00000007-0000-0000-c000-000000000000", false),
        ("797f4846-ba00-4fd7-ba43-dac1f8f63013", false),
        (own, true),
    ] {
        let identity = Server::answers(|head| {
            let resource = head
                .split(['?', '&', ' '])
                .find_map(|part| part.strip_prefix("resource="))
                .unwrap_or_default()
                .replace("%3A", ":")
                .replace("%2F", "/");
            let body = json!({"access_token": token_for(&resource), "expires_on": "1999999999"});
            http("200 OK", "content-type: application/json\r\n", &body.to_string())
        });
        let challenge = format!("www-authenticate: Bearer realm=\"x\" resource_id=\"{named}\"\r\n");
        let scopes = json!({"scopes_supported": [format!("{named}/user_impersonation")]}).to_string();
        let app2 = Server::answers(move |head| {
            if head.contains("/.well-known/") {
                http("200 OK", "content-type: application/json\r\n", &scopes)
            } else {
                http("401 Unauthorized", &challenge, "")
            }
        });
        Run::asking(&app2.url, &identity.url, NOBODY, &["--timeout", "2", "--format", "json"]).report();
        let arrived = app2.audiences();
        assert_eq!(arrived.iter().any(|audience| audience == own), asked, "{named}: {arrived:?}");
        assert!(
            arrived.iter().all(|audience| audience == own || audience == "easyauth-doctor.invalid"),
            "{named}: {arrived:?}"
        );
    }
}

#[test]
fn what_is_echoed_back_is_not_shown_and_not_saved() {
    let app2 = Server::answers(|head| {
        let sent = head.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or_default().to_owned();
        http(
            "403 Forbidden",
            &format!("x-echo: {sent}\r\nset-cookie: session={sent}\r\n"),
            &format!(
                "you sent {sent} <{sent}>, or {}, cut {} and {}, with Cookie: AppServiceAuthSession=c00k1ec00k1e",
                STANDARD.encode(&sent),
                sent.chars().skip(20).collect::<String>(),
                sent.split_at(sent.len() / 2).0
            ),
        )
    });
    let identity = Server::answers(|head| {
        let body = json!({"access_token": token_for(RESOURCE), "expires_on": "1999999999", "resource": head});
        http("200 OK", &format!("x-echo: {IDENTITY_HEADER}\r\ncontent-type: application/json\r\n"), &body.to_string())
    });
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case.json");
    for format in ["text", "json", "markdown", "html", "junit"] {
        let run =
            Run::of(&app2.url, &identity.url, NOBODY, &["--format", format, "-v", "--save", case.to_str().unwrap()]);
        run.text();
        let saved = std::fs::read_to_string(&case).unwrap();
        assert!(!saved.contains(IDENTITY_HEADER) && !saved.contains(&URL_SAFE_NO_PAD.encode([7_u8; 256])), "{format}");
        // Parts of the signature, of its base64, and other people's cookies.
        let signature = URL_SAFE_NO_PAD.encode([7_u8; 24]);
        let again = STANDARD.encode(URL_SAFE_NO_PAD.encode([7_u8; 30]));
        for gone in [signature.as_str(), again.split_at(24).0, "c00k1ec00k1e"] {
            assert!(!saved.contains(gone), "{format}: {gone}");
        }
    }
}

#[test]
fn the_deadline_is_the_one_that_was_given() {
    let identity = identity_for(RESOURCE);
    let app2 = Server::play(|_, _| thread::sleep(Duration::from_secs(60)));
    let run = Run::within("3", &app2.url, &identity.url, NOBODY, &["--format", "json"]);
    let report = run.report();
    assert_eq!(report["root_cause"]["code"], "target-unreachable");
    let slowest = report["exchanges"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|exchange| exchange["elapsed_ms"].as_u64())
        .max()
        .unwrap();
    assert!((2900..5000).contains(&slowest), "{slowest} ms");
}
