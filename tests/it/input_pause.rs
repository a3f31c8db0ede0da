//! A process that was stopped and continued, as a laptop does that sleeps: the gap of its clock is no timeout.

use std::io::Write as _;
use std::process::{Child, Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use easyauth_doctor::report::words;
use serde_json::Value;

use crate::helpers::program::doctor;
use crate::helpers::server::{IDENTITY_HEADER, RESOURCE, Server, http, token_for};

fn signal(name: &str, child: &Child) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Longer than a busy machine takes for an answer, and shorter than the process sleeps.
const TIMEOUT: Duration = Duration::from_secs(10);
const ASLEEP: Duration = Duration::from_millis(10_500);

/// What comes of a check during which the process sleeps, once a request that `interrupts` picks has arrived: its
/// connection is gone when the process wakes up.
fn slept_through(
    more: &[&str],
    interrupts: impl Fn(&str) -> bool + Send + Sync + 'static,
) -> (Output, Vec<String>, usize) {
    let (arrived, wait) = mpsc::channel();
    let (asleep, once) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
    let still = Arc::clone(&asleep);
    let dropped = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&dropped);
    let server = Server::play(move |stream, head| {
        if interrupts(head) && !once.swap(true, Ordering::SeqCst) {
            counted.fetch_add(1, Ordering::SeqCst);
            arrived.send(()).unwrap();
            while still.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(20));
            }
            return;
        }
        let with_token = head.to_lowercase().contains("authorization: bearer eyj")
            && !head.contains("ZWFzeWF1dGgtZG9jdG9yLmludmFsaWQ");
        let answer = if head.contains("/msi") {
            let body = format!("{{\"access_token\": \"{}\", \"expires_on\": \"1999999999\"}}", token_for(RESOURCE));
            http("200 OK", "content-type: application/json\r\n", &body)
        } else if with_token && !head.contains("/.auth/") {
            http("200 OK", "", "hello")
        } else {
            http("401 Unauthorized", "www-authenticate: Bearer realm=\"x\"\r\n", "")
        };
        let _ = stream.write_all(answer.as_bytes());
    });
    let child = doctor(&["check", "-t", &server.url, "-r", RESOURCE, "--timeout", &TIMEOUT.as_secs().to_string()])
        .args(more)
        .env("IDENTITY_ENDPOINT", format!("{}/msi", server.url))
        .env("IDENTITY_HEADER", IDENTITY_HEADER)
        .spawn()
        .unwrap();
    wait.recv_timeout(Duration::from_secs(60)).unwrap();
    signal("-STOP", &child);
    thread::sleep(ASLEEP);
    asleep.store(false, Ordering::SeqCst);
    thread::sleep(Duration::from_millis(200));
    signal("-CONT", &child);
    let output = child.wait_with_output().unwrap();
    (output, server.received(), dropped.load(Ordering::SeqCst))
}

fn slept(more: &[&str], interrupts: impl Fn(&str) -> bool + Send + Sync + 'static) -> (Value, Vec<String>, usize) {
    let (output, received, dropped) = slept_through(&[more, &["--format", "json"]].concat(), interrupts);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (report, received, dropped)
}

/// Whether a request asks for App 2's token. Those for other APIs are sent at the same time, and a run may be over
/// before they are answered.
fn is_for_app_2(head: &str) -> bool {
    head.contains("/msi") && head.contains(RESOURCE.trim_start_matches("api://"))
}

/// Whoever reads the report reads of the pause, too, once.
#[test]
fn the_report_names_the_pause_once() {
    let in_json = thread::spawn(|| slept_through(&["--format", "json"], is_for_app_2).0);
    let output = slept_through(&["--format", "text"], is_for_app_2).0;
    let (report, notes) = (text_of(&output.stdout), text_of(&output.stderr));
    assert_eq!(report.matches("This process was paused").count(), 1, "{report}");
    assert!(!notes.contains("paused"), "{notes}");
    assert!(!report.contains("attempt"), "{report}");
    let output = in_json.join().unwrap();
    assert!(text_of(&output.stderr).contains(&words::PAUSED.text()), "{output:?}");
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What the report says of pauses.
fn pauses(report: &Value, purpose: &str) -> Vec<String> {
    let exchanges = report["exchanges"].as_array().unwrap().iter();
    exchanges
        .filter(|exchange| exchange["purpose"].as_str() == Some(purpose))
        .filter_map(|exchange| exchange["failure"]["message"].as_str())
        .filter(|message| message.contains("this process was paused"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn what_a_pause_interrupts_is_asked_again_unless_it_changes_something() {
    let invalid =
        |head: &str| head.contains("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImVhc3lhdXRoLWRvY3Rvci1wcm9iZSJ9");
    let real = move |head: &str| head.to_lowercase().contains("authorization: bearer") && !invalid(head);
    let anonymous = |head: &str| head.starts_with("GET / ") && !head.to_lowercase().contains("authorization:");
    let runs = [
        thread::spawn(move || ("App 2 without a token", slept(&[], anonymous))),
        thread::spawn(|| ("token for App 2", slept(&[], is_for_app_2))),
        thread::spawn(move || {
            ("App 2 with the token", slept(&[], move |head| head.starts_with("GET / ") && real(head)))
        }),
        thread::spawn(move || ("POST", slept(&["-X", "POST", "--yes"], move |head| head.starts_with("POST / ")))),
    ];
    for run in runs {
        let (what, (report, received, dropped)) = run.join().unwrap();
        assert_eq!(dropped, 1, "{what}");
        let purpose = if what == "POST" { "App 2 with the token" } else { what };
        let pauses = pauses(&report, purpose);
        assert_eq!(pauses.len(), 1, "{what}: {report:#}");
        for code in ["target-unreachable", "identity-endpoint-transient"] {
            assert!(!report.to_string().contains(code), "{what}: {report:#}");
        }
        let posts = received.iter().filter(|head| head.starts_with("POST / ")).count();
        if what == "POST" {
            assert_eq!(posts, 1, "it is never sent twice");
            assert!(pauses[0].contains("never repeated"), "{pauses:?}");
            assert_eq!(report["verdict"], "inconclusive", "{report:#}");
        } else {
            assert!(pauses[0].contains("was repeated"), "{what}: {pauses:?}");
            assert_eq!(report["steps"][7]["status"], "pass", "{what}: {report:#}");
        }
    }
}
