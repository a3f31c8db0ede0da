//! The ways of people through the screen from their beginning to their end, each with nothing but the keyboard.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use easyauth_doctor::knowledge::phrase;
use rstest::rstest;

use crate::helpers::lab_client::{get, send};
use crate::helpers::observing::runtime;
use crate::helpers::program::{served, variable_of};
use crate::helpers::terminal::{Kind, Screen};

const CODE: &str = "caller-not-in-allowed-applications";
const FIELD: &str = "App 2's URL";

/// A row of the screen that has the cursor's mark and this text.
fn select(screen: &mut Screen, key: &str, text: &str) {
    // The mark is before the text, and of buttons in a row right before it.
    let is_there = |line: &str| {
        let before = line.split_once(text).map(|(before, _)| before);
        let marked = before.and_then(|before| before.rsplit_once(['▌', '>']));
        marked.is_some_and(|(_, between)| between.matches('[').count() < 2)
    };
    // What the screen is still about to select would be passed by.
    screen.settled();
    for _ in 0..40 {
        let shown = screen.wait_for("");
        if shown.lines().any(is_there) {
            return;
        }
        screen.keys(key);
        screen.settled();
    }
    panic!("{text} can't be selected");
}

fn title(screen: &Screen, text: &str) {
    screen.wait("the title", |now| now.contents().lines().next().is_some_and(|row| row.contains(text)));
}

/// From nothing at all to a call that works, on every kind of terminal: without color, Unicode, alternate screen, or
/// clipboard it is the same way.
#[rstest]
fn from_nothing_through_the_lab_to_a_call_that_works(#[values(0, 1, 2, 3, 4, 5)] kind: usize) {
    let mut screen = Screen::open_in(Kind::ALL[kind], &[], &[]);
    screen.wait_for(FIELD);
    let ways = ["form.check", "form.set-up", "form.lab", "form.open"].map(|way| phrase(way).text());
    screen.wait("every way on", |screen| ways.iter().all(|way| screen.contents().contains(way)));
    select(&mut screen, "\x1b[Z", &phrase("form.lab").text());
    screen.keys("\r");
    title(&screen, "FAIL");
    screen.wait_for(CODE);
    screen.settled();
    // To where the terminal has a clipboard, and else the message says how to get the text.
    screen.keys("y");
    screen.wait_for("P shows");
    screen.keys("w");
    title(&screen, "next check");
    screen.keys("b");
    screen.wait_for("[Lab]");
    select(&mut screen, "j", "only App 2 itself is allowed");
    screen.keys(" ");
    title(&screen, "PASS");
    // The watch has seen it, and is over.
    screen.wait("the end of the watch", |now| !now.contents().contains("next check"));
    screen.keys("q");
    let (status, left) = screen.ended_with();
    assert_eq!(status.exit_code(), 0);
    assert!(left.contains(&phrase("headline.passes").text()), "{left}");
    assert!(left.contains("easyauth-doctor lab"), "{left}");
}

/// Who only looks at the lab finds what was typed again, and the command on leaving is about what is shown.
#[test]
fn the_form_is_as_it_was_after_the_lab_and_a_case_that_was_saved_before_a_fix_is_not_what_is_shown() {
    let mut screen = Screen::open_in(Kind::ALL[0], &[], &[]);
    screen.wait_for(FIELD);
    screen.keys("http://127.0.0.1:9/typed");
    let lab = phrase("form.lab").text();
    select(&mut screen, "\x1b[Z", &lab);
    screen.keys("\r");
    title(&screen, "FAIL");
    screen.wait_for(CODE);
    screen.settled();
    screen.keys("\x1b");
    screen.wait_for("http://127.0.0.1:9/typed");
    select(&mut screen, "\x1b[Z", &lab);
    screen.keys("\r");
    title(&screen, "FAIL");
    screen.wait_for(CODE);
    screen.settled();
    screen.keys("s");
    screen.wait_for(&phrase("prompt.save").text());
    screen.settled();
    let folder = tempfile::tempdir().unwrap();
    screen.keys("\x15");
    screen.settled();
    screen.keys(&folder.path().join("shown.json").display().to_string());
    screen.wait_for("shown.json");
    screen.settled();
    screen.keys("\r");
    let asks = phrase("prompt.save").text();
    screen.wait("the end of the prompt", |now| !now.contents().contains(&asks));
    screen.keys("b");
    screen.wait_for("[Lab]");
    select(&mut screen, "j", "only App 2 itself is allowed");
    screen.keys(" ");
    title(&screen, "PASS");
    screen.keys("q");
    let (_, left) = screen.ended_with();
    let after = left.split_once(&phrase("leave.lab-anew").text()).unwrap().1;
    assert!(after.contains("easyauth-doctor lab") && !after.contains("easyauth-doctor open"), "{left}");
}

/// A resource says for which App 2 a token is, not which URL is called: without a target, nothing is sent unasked.
#[test]
fn without_a_target_the_form_opens_whatever_else_is_given() {
    let mut screen = Screen::open_in(Kind::ALL[0], &["-r", "api://other"], &[]);
    screen.wait_for(FIELD);
    screen.wait_for("api://other");
    screen.keys("\x1b");
    assert_eq!(screen.ended_with().0.exit_code(), 3);
}

#[rstest]
fn a_token_that_is_pasted_is_offered_and_nothing_else(#[values("", "\x1b[200~")] before: &str) {
    const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJhcGk6Ly9hcHAyIn0.c2lnbmF0dXJl";
    let folder = tempfile::tempdir().unwrap();
    let case = format!("{}/tests/it/saved/{CODE}-slot.json", env!("CARGO_MANIFEST_DIR"));
    let mut screen = Screen::open_at(folder.path(), Kind::XTERM, &["open", &case], &[]);
    screen.wait_for(CODE);
    screen.settled();
    let after = if before.is_empty() { "" } else { "\x1b[201~" };
    screen.keys(&format!("{before}{TOKEN}{after}"));
    screen.wait_for(&phrase("paste.keys").text());
    screen.keys("\r");
    screen.wait_for("[Token]");
    let shown = screen.wait_for("api://app2");
    assert!(!shown.contains("c2lnbmF0dXJl"), "{shown}");
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// The address that the printed commands write App 2's settings to.
fn settings_url(screen: &Screen) -> String {
    screen.resize(60, 400);
    // The whole row: of a narrower screen it is cut.
    let shown = screen.wait_for("--body \"@edited.json\"");
    let line = shown.lines().find(|line| line.contains("--method put --url")).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

/// What was sent to the terminal's clipboard last.
fn copied(screen: &Screen) -> String {
    let bytes = String::from_utf8_lossy(&screen.bytes()).into_owned();
    let sent = bytes.rsplit("\x1b]52;c;").next().unwrap();
    let sent = sent.split(['\x07', '\x1b']).next().unwrap();
    String::from_utf8(STANDARD.decode(sent).unwrap()).unwrap()
}

#[test]
fn from_the_form_to_a_fix_that_was_tried_in_thought_and_is_seen_to_work() {
    let (mut lab, variables) = served(&[CODE]);
    let variable = |name: &str| variable_of(&variables, name).unwrap();
    let target = variable("EASYAUTH_DOCTOR_TARGET");
    let given: Vec<(&str, &str)> = variables
        .iter()
        .filter(|(name, _)| name != "EASYAUTH_DOCTOR_TARGET" && name != "EASYAUTH_DOCTOR_RESOURCE")
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let mut screen = Screen::open_at(folder.path(), Kind::XTERM, &[], &given);
    screen.wait_for(FIELD);
    screen.keys(&target);
    screen.settled();
    screen.keys("\x12");
    title(&screen, "FAIL");
    screen.wait_for(CODE);
    // In thought first: nothing is sent, and the verdict says so.
    screen.keys("p");
    screen.wait_for("▌✗ allowedApplications");
    screen.keys(" ");
    title(&screen, "would pass");
    screen.keys("u");
    title(&screen, "FAIL");
    screen.keys("c");
    select(&mut screen, "j", "az rest --method put");
    screen.keys("y");
    screen.wait_for("P shows");
    let url = settings_url(&screen);
    let copied = copied(&screen);
    assert!(copied.starts_with("az rest --method put") && copied.contains(&format!("\"{url}\"")), "{copied}");
    assert!(copied.ends_with("\"@edited.json\""), "{copied}");
    screen.keys("e");
    screen.wait_for(&phrase("prompt.edited-settings").text());
    screen.settled();
    screen.keys("\r");
    let file = folder.path().join("edited.json");
    screen.wait("the file", |_| file.exists());
    screen.settled();
    screen.keys("w");
    title(&screen, "next check");
    // What the copied command does, as somebody who may write the settings.
    let edited = std::fs::read_to_string(&file).unwrap();
    runtime().block_on(async {
        let endpoint = variable("IDENTITY_ENDPOINT");
        let asked = format!("{endpoint}?resource=https://management.azure.com&api-version=2019-08-01");
        let answer = get(&asked, &[("x-identity-header", &variable("IDENTITY_HEADER"))]).await;
        let bearer = format!("Bearer {}", answer.json()["access_token"].as_str().unwrap());
        let answer = send("PUT", &url, &[("authorization", &bearer)], &edited).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    });
    title(&screen, "PASS");
    screen.keys("q");
    let (status, left) = screen.ended_with();
    assert_eq!(status.exit_code(), 0);
    assert!(left.contains(&phrase("headline.passes").text()), "{left}");
    drop(lab.stdin.take());
    lab.wait().unwrap();
}

#[test]
fn two_cases_are_opened_and_compared() {
    let saved = |name: &str| format!("{}/tests/it/saved/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let (one, other) = (saved("audience-not-allowed"), saved("healthy"));
    let mut screen = Screen::open(&["open", &one, &other], &[]);
    screen.wait_for("1 fail · 1 pass");
    // Not before one is marked.
    screen.keys("d");
    screen.wait_for(&phrase("why.no-marked").text());
    screen.keys(" ");
    screen.settled();
    screen.keys("j");
    screen.settled();
    screen.keys("d");
    screen.wait_for("[Compare]");
    let shown = screen.wait_for(&phrase("compare.verdict").text());
    assert!(shown.contains("fail") && shown.contains("pass"), "{shown}");
    screen.keys("\x1b");
    screen.wait_for("[Targets]");
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
}

/// No shell fills in the home folder of what is typed on the screen.
#[test]
fn a_path_in_the_home_folder_is_found() {
    let home = tempfile::tempdir().unwrap();
    let saved = format!("{}/tests/it/saved/healthy.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(saved, home.path().join("case.json")).unwrap();
    let mut screen = Screen::open_in(Kind::ALL[0], &[], &[("HOME", home.path().to_str().unwrap())]);
    screen.wait_for(FIELD);
    select(&mut screen, "\x1b[Z", &phrase("form.open").text());
    screen.keys("\r");
    screen.wait_for(&phrase("prompt.case").text());
    screen.settled();
    screen.keys("~/case.json");
    screen.wait_for("~/case.json");
    screen.settled();
    screen.keys("\r");
    title(&screen, "PASS");
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 0);
}
