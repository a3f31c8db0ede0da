//! The screen in a pseudo-terminal: what a person sees, and how the terminal is given back. The rendered screen is
//! looked at, not the bytes; every wait is for a text or for the end, never for a time.

use std::net::TcpListener;
use std::sync::Arc;

use easyauth_doctor::case::Case;
use easyauth_doctor::knowledge::phrase;
use easyauth_doctor::report::Report;

use crate::helpers::network::NOBODY;
use crate::helpers::terminal::Screen;

const SCENARIO: &str = "caller-not-in-allowed-applications";

/// What the title says once the check is over.
const ENDED: &str = "✗ FAIL · certain";

fn finished() -> Screen {
    let screen = Screen::open(&["lab", SCENARIO], &[]);
    screen.wait_for(ENDED);
    screen
}

/// Types a text and confirms it. Keys that come together are a paste, and a paste presses nothing: Enter comes alone.
fn enter(screen: &mut Screen, text: &str) {
    screen.keys(text);
    // What was typed is seen; of a long one its end.
    let end: String = text.chars().rev().take(20).collect::<Vec<_>>().into_iter().rev().collect();
    screen.wait_for(end.trim_start_matches('\x15'));
    screen.settled();
    screen.keys("\r");
}

#[test]
fn the_eight_steps_stand_on_a_screen_of_80_by_24_and_can_be_walked() {
    let mut screen = finished();
    let shown = screen.wait_for("? help  q quit");
    for step in [
        "1 ✓ identity",
        "2 ✓ protection",
        "3 ✓ scope",
        "4 ✓ token",
        "5 ! claims",
        "6 ✓ audience",
        "7 ✗ authorization",
        "8 ✗ call",
    ] {
        assert!(shown.contains(step), "{step} is not in\n{shown}");
    }
    assert!(shown.contains("▌7 ✗ authorization"), "the cause is selected:\n{shown}");
    assert!(shown.contains(SCENARIO), "{shown}");
    for (key, question) in [
        ("1", "Does App 1 have an identity"),
        ("\tj", "Is App 2 reachable"),
        ("j", "Which resource must the token"),
        ("\x1b[B", "Can App 1 get a token"),
        ("8", "Does the call succeed, and"),
        ("\tk", "policy allow this"),
    ] {
        screen.keys(key);
        screen.wait_for(question);
    }
    screen.keys("c");
    screen.wait_for(&phrase("label.not-listed").text());
    screen.keys("x");
    screen.wait_for("token for App 2");
    screen.keys("?");
    screen.wait_for(&phrase("keys.copy-all").text());
    screen.keys("\x1b");
    screen.wait("the help to close", |screen| !screen.contents().contains(&phrase("keys.copy-all").text()));
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
}

#[test]
fn it_runs_again_and_survives_every_size() {
    // With a delay the run is long enough to be seen.
    let mut screen = Screen::open(&["lab", SCENARIO, "--delay", "100"], &[]);
    screen.wait_for("checking");
    screen.wait_for(ENDED);
    screen.resize(5, 20);
    screen.wait("the cause's step in the title", |screen| {
        screen.contents().lines().next().is_some_and(|row| row.trim_end().ends_with("✗ 7"))
    });
    screen.resize(1, 1);
    screen.resize(16, 50);
    screen.wait_for("7✗ 8✗");
    screen.resize(24, 80);
    screen.wait_for("8 ✗ call");
    screen.keys("r");
    screen.wait_for("checking");
    screen.wait_for(ENDED);
    screen.wait_for("? help  q quit");
    screen.keys("\x03");
    assert_eq!(screen.ended().exit_code(), 130);
}

#[test]
fn a_signal_and_a_panic_give_the_terminal_back() {
    let screen = finished();
    screen.signal("TERM");
    assert_eq!(screen.ended().exit_code(), 143);
    let panicking = Screen::open(&["lab", SCENARIO], &[("EASYAUTH_DOCTOR_TEST_PANIC", "1")]);
    let status = panicking.ended();
    assert!(!status.success(), "{status:?}");
}

#[test]
fn a_what_if_is_marked_and_changes_neither_the_exit_code_nor_what_is_saved() {
    const WOULD_PASS: &str = "◇ IF · ✓ would pass";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.json");
    let mut screen = finished();
    screen.keys("A");
    screen.wait_for(&format!("{} allowedApplications+=", phrase("prompt.what-if").text()));
    screen.keys("\x15");
    enter(&mut screen, "allowedAudiences+=");
    // It can be corrected where it is, and given up.
    let shown = screen.wait_for("the value is missing");
    assert!(shown.contains("allowedAudiences+="), "{shown}");
    screen.keys("\x1b");
    let asked = phrase("prompt.what-if").text();
    screen.wait("the prompt to close", |now| !now.contents().contains(&asked));
    screen.keys("A");
    screen.wait_for(&format!("{} allowedApplications+=", phrase("prompt.what-if").text()));
    screen.keys("\r");
    screen.wait_for(WOULD_PASS);
    // Every view says so.
    for (key, question) in
        [("1", "Does App 1 have an identity"), ("x", "token for App 2"), ("c", "Without it, the verdict")]
    {
        screen.keys(key);
        screen.wait_for(question);
        let shown = screen.wait_for(WOULD_PASS);
        assert!(!shown.contains(ENDED), "{shown}");
    }
    screen.keys("u");
    screen.wait("what was observed", |now| !now.contents().contains(WOULD_PASS) && now.contents().contains(ENDED));
    screen.keys("a");
    screen.wait_for(WOULD_PASS);
    // Another run observes anew, also from a later step on.
    screen.keys("5R");
    screen.wait("what was observed", |now| !now.contents().contains(WOULD_PASS) && now.contents().contains(ENDED));
    screen.keys("a");
    screen.wait_for(WOULD_PASS);
    screen.keys("s");
    screen.wait_for(&phrase("prompt.save").text());
    enter(&mut screen, &format!("\x15{}", path.display()));
    screen.wait("the saved file", |_| path.exists());
    screen.wait_for("Saved as");
    screen.keys("q");
    let (status, left) = screen.ended_with();
    assert_eq!(status.exit_code(), 1);
    assert!(left.contains(&phrase("headline.fails").with("code", SCENARIO).text()), "{left}");
    let case: Case = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let report = Report::of(case);
    assert_eq!(report.assumed(), [""; 0]);
    assert_eq!(report.diagnosis().root_cause.as_ref().unwrap().code.name(), SCENARIO);
}

#[test]
fn without_colour_the_selected_step_is_still_seen() {
    let mut screen = Screen::open(&["lab", SCENARIO], &[("NO_COLOR", "1")]);
    screen.wait_for(ENDED);
    screen.keys("3");
    screen.wait_for("▌3 ✓ scope");
    // With the focus the row is reversed.
    screen.keys("\t");
    screen.wait("step 3 reversed", |screen| {
        (0..24_u16).any(|row| screen.cell(row, 1).is_some_and(|cell| cell.contents() == "3" && cell.inverse()))
    });
    let coloured = {
        let seen = screen.seen.0.lock().unwrap();
        (0..24_u16).flat_map(|row| (0..80_u16).map(move |column| (row, column))).any(|(row, column)| {
            seen.parser.screen().cell(row, column).is_some_and(|cell| cell.fgcolor() != vt100::Color::Default)
        })
    };
    assert!(!coloured, "NO_COLOR leaves no color");
    screen.keys("q");
    screen.ended();
}

#[test]
fn without_a_target_the_screen_asks_for_one_and_keeps_what_cannot_be_used() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}/api", silent.local_addr().unwrap());
    let asked = phrase("field.target").text();
    // Given up, nothing was checked.
    let mut screen = Screen::open(&[], &[]);
    screen.wait_for(&asked);
    screen.keys("\x1b");
    let (status, left) = screen.ended_with();
    assert_eq!(status.exit_code(), 3);
    assert!(!left.contains("usage"), "{left}");
    let mut screen = Screen::open(&["--timeout", "1"], &[]);
    screen.wait_for(&asked);
    enter(&mut screen, "http://192.0.2.1/api");
    let shown = screen.wait_for("http is allowed");
    assert!(shown.contains("http://192.0.2.1/api"), "{shown}");
    screen.keys("\x15");
    enter(&mut screen, &target);
    screen.wait("the title", |now| now.contents().lines().next().is_some_and(|row| row.contains("/api")));
    screen.wait("the end of the run", |now| {
        let title = now.contents().lines().next().unwrap_or_default().to_owned();
        title.contains("FAIL") || title.contains("INCONCLUSIVE")
    });
    screen.keys("q");
    let (status, left) = screen.ended_with();
    assert!([1, 3].contains(&status.exit_code()), "{status:?}");
    assert!(left.contains(&format!("easyauth-doctor --target \"{target}\"")), "{left}");
    // The other options stay as they were given, and a method that may change something is not sent unasked.
    let mut screen = Screen::open(&["-X", "POST"], &[]);
    screen.wait_for(&asked);
    enter(&mut screen, &target);
    screen.wait_for("Ask before sending to no");
    // What was entered is discarded only when asked twice.
    screen.keys("\x1b");
    screen.wait_for(&phrase("form.discard").text());
    screen.keys("\x1b");
    screen.ended();
}

#[test]
fn what_was_given_and_cannot_be_sent_is_said_at_its_field() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}/api", silent.local_addr().unwrap());
    let mut screen = Screen::open(&["-X", "POST", "--target", &target], &[]);
    let shown = screen.wait_for("Ask before sending to no");
    assert!(shown.contains(&target) && shown.contains(&format!("▌{}", phrase("field.yes").text())), "{shown}");
    screen.keys("\x1b");
    assert_eq!(screen.ended().exit_code(), 3);
    // The reason names other options as well.
    let no_settings = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let mut screen = Screen::open(&[], &[]);
    screen.wait_for(&phrase("field.target").text());
    screen.keys(&target);
    screen.settled();
    for _ in 0..20 {
        let shown = screen.wait_for("");
        if shown.contains(&format!("▌{}", phrase("field.auth-settings").text())) {
            break;
        }
        screen.keys("\t");
        screen.settled();
    }
    enter(&mut screen, no_settings);
    let shown = screen.wait_for(&format!("! '{}", env!("CARGO_MANIFEST_DIR")));
    assert!(shown.contains(&format!("▌{}", phrase("field.auth-settings").text())), "{shown}");
    // The form has fields, and no options.
    assert!(!shown.contains("--auth-settings"), "{shown}");
    screen.keys("\x03");
    assert_eq!(screen.ended().exit_code(), 130);
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_fills_is_refused_in_the_form_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut screen = Screen::open(&["--auth-settings", pipe.to_str().unwrap()], &[]);
    screen.wait_for(&phrase("field.auth-settings").text());
    enter(&mut screen, &format!("{NOBODY}/api"));
    screen.wait_for("a pipe or");
    screen.keys("\x03");
    assert_eq!(screen.ended().exit_code(), 130);
}

#[test]
fn a_dumb_terminal_gets_lines() {
    let screen = Screen::open(&["lab", "healthy"], &[("TERM", "dumb")]);
    let (status, shown) = {
        let seen = Arc::clone(&screen.seen);
        let status = screen.ended();
        let shown = seen.0.lock().unwrap().parser.screen().contents();
        (status, shown)
    };
    assert_eq!(status.exit_code(), 0);
    assert!(shown.contains(&phrase("headline.passes").text()), "{shown}");
}

#[test]
fn a_command_among_words_is_printed_whole_on_leaving_and_so_is_the_rest_of_the_way() {
    let mut screen = Screen::open(&["lab", "identity-variables-hidden"], &[]);
    screen.wait_for("FAIL");
    screen.keys("q");
    let (_, left) = screen.ended_with();
    let is_whole = |line: &str| line.contains("--environ /proc/1/environ --target \"http://");
    assert!(left.lines().any(is_whole), "{left}");
    assert!(left.contains("restart App 1."), "{left}");
    // The way that is printed is the one that was shown.
    let mut screen = Screen::open(&["lab", "nothing-set-up"], &[]);
    screen.wait_for("[az]");
    screen.keys("q");
    let (_, left) = screen.ended_with();
    assert!(left.contains("az webapp identity assign"), "{left}");
}
