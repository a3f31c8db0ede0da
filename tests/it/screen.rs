//! The screen in a pseudo-terminal: what a person sees, and how the terminal is given back. The rendered screen is
//! looked at, not the bytes; every wait is for a text or for the end, never for a time.

use std::sync::Arc;

use easyauth_doctor::case::Case;
use easyauth_doctor::knowledge::phrase;
use easyauth_doctor::report::Report;

use crate::helpers::terminal::Screen;

const SCENARIO: &str = "caller-not-in-allowed-applications";

fn finished() -> Screen {
    let screen = Screen::open(&["lab", SCENARIO], &[]);
    screen.wait_for("✗ fail");
    screen.wait_for("(certain, step 7)");
    screen
}

#[test]
fn the_eight_steps_stand_on_a_screen_of_80_by_24_and_can_be_walked() {
    let mut screen = finished();
    let shown = screen.wait_for("what if");
    for step in [
        "1 ✓ pass    identity",
        "2 ✓ pass    protection",
        "3 ✓ pass    scope",
        "4 ✓ pass    token",
        "5 ! warn    claims",
        "6 ✓ pass    audience",
        "7 ✗ fail    authorization",
        "8 ✗ fail    call",
    ] {
        assert!(shown.contains(step), "{step} is not in\n{shown}");
    }
    for (key, question) in [
        ("1", "Does App 1 have an identity"),
        ("j", "Is App 2 reachable"),
        ("j", "Which resource must the token"),
        ("\x1b[B", "Can App 1 get a token"),
        ("8", "Does the call succeed, and"),
        ("k", "policy allow this"),
    ] {
        screen.keys(key);
        screen.wait_for(question);
    }
    screen.keys("\t");
    screen.wait_for("A problem was found");
    screen.keys("\t4");
    screen.wait_for("token for App 2");
    screen.keys("?");
    screen.wait_for(&phrase("keys.again").text());
    screen.keys("\x1b");
    screen.wait("the help to close", |screen| {
        !screen.contents().contains(&phrase("keys.again").text())
    });
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
}

#[test]
fn it_runs_again_and_survives_every_size() {
    // With a delay the run is long enough to be seen.
    let mut screen = Screen::open(&["lab", SCENARIO, "--delay", "100"], &[]);
    screen.wait_for("checking");
    screen.wait_for("(certain, step 7)");
    screen.resize(5, 20);
    screen.wait("one line", |screen| screen.contents().starts_with("✗ caller-not-in"));
    screen.resize(1, 1);
    screen.resize(16, 50);
    screen.wait_for("8 ✗ fail");
    screen.resize(24, 80);
    screen.wait_for("what if");
    screen.keys("r");
    screen.wait_for("checking");
    screen.wait_for("(certain, step 7)");
    screen.wait_for("what if");
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
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.json");
    let mut screen = finished();
    // Keys that come together are a paste, and a paste presses nothing.
    screen.keys("a\x15");
    screen.keys("allowedAudiences+=");
    screen.wait_for("What if: allowedAudiences+=");
    screen.settled();
    screen.keys("\r");
    screen.wait_for("the value is missing");
    screen.keys("a");
    screen.wait_for(&format!("{} allowedApplications+=", phrase("prompt.what-if").text()));
    screen.keys("\r");
    screen.wait_for("what if: ✓ would pass");
    screen.keys("1");
    screen.wait_for("Does App 1 have an identity");
    let shown = screen.wait_for("what if: ✓ would pass");
    assert!(shown.contains("The observed verdict is fail"), "{shown}");
    // Another run observes anew, also from a later step on.
    screen.keys("5R");
    screen.wait("what was observed", |now| {
        !now.contents().contains("what if: ") && now.contents().contains("(certain, step 7)")
    });
    screen.keys("a");
    screen.wait_for(&format!("{} allowedApplications+=", phrase("prompt.what-if").text()));
    screen.keys("\r");
    screen.wait_for("what if: ✓ would pass");
    screen.keys(&format!("s\x15{}", path.display()));
    screen.wait_for("case.json");
    screen.settled();
    screen.keys("\r");
    screen.wait_for("saved as");
    screen.keys("q");
    let (status, left) = screen.ended_with();
    assert_eq!(status.exit_code(), 1);
    assert!(
        left.contains(&phrase("headline.fails").with("code", SCENARIO).text()),
        "{left}"
    );
    let case: Case = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let report = Report::of(case);
    assert_eq!(report.assumed(), [""; 0]);
    assert_eq!(report.diagnosis().root_cause.as_ref().unwrap().code.name(), SCENARIO);
}

#[test]
fn without_colour_the_selected_step_is_still_seen() {
    let mut screen = Screen::open(&["lab", SCENARIO], &[("NO_COLOR", "1")]);
    screen.wait_for("(certain, step 7)");
    screen.keys("3");
    screen.wait("step 3 reversed", |screen| {
        (0..24_u16).any(|row| {
            screen
                .cell(row, 0)
                .is_some_and(|cell| cell.contents() == "3" && cell.inverse())
        })
    });
    let coloured = {
        let seen = screen.seen.0.lock().unwrap();
        (0..24_u16)
            .flat_map(|row| (0..80_u16).map(move |column| (row, column)))
            .any(|(row, column)| {
                seen.parser
                    .screen()
                    .cell(row, column)
                    .is_some_and(|cell| cell.fgcolor() != vt100::Color::Default)
            })
    };
    assert!(!coloured, "NO_COLOR leaves no color");
    screen.keys("q");
    screen.ended();
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
