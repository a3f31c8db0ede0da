//! Several targets in the screen: a table that is filled in, each target as a screen of its own, and the way back.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use easyauth_doctor::case::Case;
use easyauth_doctor::knowledge::phrase;
use easyauth_doctor::report::Report;
use easyauth_doctor::session::Event;
use easyauth_doctor::tui::look::Looks;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::model::place::View;
use easyauth_doctor::tui::model::target::{Run, Target};
use easyauth_doctor::tui::svg;
use easyauth_doctor::tui::update::{Effect, Message, update};

use crate::helpers::program::{run, served, text, variable_of};
use crate::helpers::terminal::{Kind, Screen};

const CASES: [&str; 3] = ["healthy", "caller-not-in-allowed-applications-slot", "audience-not-allowed"];

fn path(name: &str) -> String {
    format!("{}/tests/it/saved/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

fn saved(name: &str) -> Arc<Report> {
    let case: Case = serde_json::from_str(&std::fs::read_to_string(path(name)).unwrap()).unwrap();
    Arc::new(Report::of(case))
}

fn model(of: impl Fn(&str) -> Target, size: (u16, u16)) -> Model {
    let all = CASES.iter().map(|name| (format!("https://{name}.example/api"), of(name)));
    let mut model = Model::several(all.collect(), Looks::new(true, false), size, DateTime::UNIX_EPOCH);
    update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
    model
}

fn opened(size: (u16, u16)) -> Model {
    model(|name| Target::saved(saved(name)), size)
}

fn checking() -> Model {
    model(|_| Target::checking(DateTime::UNIX_EPOCH), (80, 24))
}

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let code = |key| match key {
        '\r' => KeyCode::Enter,
        '\x1b' => KeyCode::Esc,
        other => KeyCode::Char(other),
    };
    let keys = keys.chars().map(|key| KeyEvent::new(code(key), KeyModifiers::NONE));
    keys.flat_map(|key| update(model, Message::Key(key)).0).collect()
}

fn seconds(seconds: i64) -> Message {
    Message::Tick(DateTime::UNIX_EPOCH + TimeDelta::try_seconds(seconds).unwrap())
}

fn finished(name: &str) -> Event {
    Event::Finished(saved(name))
}

fn code(model: &Model) -> Option<&'static str> {
    Some(model.target.shown()?.diagnosis().root_cause.as_ref()?.code.name())
}

#[test]
fn the_table_at_every_size() {
    for size in [(30, 10), (60, 20), (80, 24), (120, 40)] {
        let mut model = opened(size);
        press(&mut model, "j");
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("snapshots/screens");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let name = format!("targets-{}x{}", size.0, size.1);
        settings.bind(|| insta::assert_snapshot!(name, svg::text(&model)));
    }
}

#[test]
fn each_row_is_a_screen_of_its_own_and_escape_leads_back_to_it() {
    let mut model = opened((80, 24));
    assert_eq!((model.place.view(), code(&model), model.exit_code()), (&View::Targets, None, 1));
    // Every key is about the selected row.
    press(&mut model, "jj");
    assert_eq!(code(&model), Some("audience-not-allowed"));
    press(&mut model, "\r");
    assert_eq!(*model.place.view(), View::Cause);
    assert!(svg::text(&model).lines().next().unwrap().contains("audience-not-allowed.example"));
    // A view that was opened is closed first.
    press(&mut model, "x\r");
    assert!(matches!(model.place.view(), View::Request(_)));
    press(&mut model, "\x1b\x1b");
    assert_eq!((model.place.view(), model.at()), (&View::Targets, 2));
    // What is supposed of one is not of another, and a page of one is never shown for another.
    press(&mut model, "ap");
    let of_third = svg::text(&model);
    press(&mut model, "\x1bkp");
    assert_eq!(model.at(), 1);
    assert!(model.target.changes().is_empty());
    let of_second = svg::text(&model);
    assert_ne!(of_second, of_third);
    press(&mut model, "\x1bj");
    assert_eq!(model.target.changes().len(), 1);
    assert!(svg::text(&model).contains("would pass"), "{}", svg::text(&model));
    // Found by its text.
    press(&mut model, "/healthy\r");
    assert_eq!((model.at(), code(&model)), (0, None));
    // What is saved of the table are all of them, and of one that one.
    assert_eq!(model.to_save().len(), 3);
    press(&mut model, "\x1bc");
    assert_eq!(model.to_save().len(), 1);
}

#[test]
fn rows_are_filled_in_as_checks_end_in_any_order() {
    let mut model = checking();
    assert_eq!(svg::text(&model).matches(&phrase("screen.waiting").text()).count(), 3, "{}", svg::text(&model));
    assert_eq!(model.exit_code(), 3);
    // Its root cause's step is selected there, and nothing moves here.
    update(&mut model, Message::Target(2, finished(CASES[2])));
    assert!(model.target.is_running() && model.at() == 0);
    let row = svg::text(&model).lines().find(|row| row.contains(".example")).unwrap().to_owned();
    assert!(row.contains("healthy"), "{row}");
    let shown = svg::text(&model);
    assert!(shown.contains("✗ audience-not-allowe›ample/api") && shown.contains("checking 2"), "{shown}");
    update(&mut model, Message::Target(1, finished(CASES[1])));
    update(&mut model, Message::Target(0, finished(CASES[0])));
    assert!(!model.is_running() && model.exit_code() == 1);
    // One is checked again, and all; those that are under way go on.
    press(&mut model, "j");
    assert_eq!(press(&mut model, "r"), [Effect::Check { from: None }]);
    assert_eq!(model.at(), 1);
    assert_eq!(press(&mut model, "R"), [Effect::CheckTarget(0), Effect::CheckTarget(2)]);
    assert_eq!(press(&mut model, "R"), []);
    assert!(model.all_targets().all(|(_, target)| target.is_running()));
    // Esc asks, and stops the selected one.
    assert_eq!(press(&mut model, "\x1b\x1b"), [Effect::Stop]);
    let runs: Vec<bool> = model.all_targets().map(|(_, target)| target.run == Run::Stopping).collect();
    assert_eq!(runs, [false, true, false]);
}

#[test]
fn a_target_is_watched_while_another_one_is_looked_at() {
    let mut model = checking();
    for (at, name) in CASES.iter().enumerate() {
        update(&mut model, Message::Target(at, finished(name)));
    }
    assert_eq!(press(&mut model, "jwk"), []);
    assert!(model.moves());
    assert_eq!(update(&mut model, seconds(4)).0, []);
    assert_eq!(update(&mut model, seconds(5)).0, [Effect::CheckTarget(1)]);
    assert_eq!(model.at(), 0);
    update(&mut model, Message::Target(1, finished("healthy")));
    let said = phrase("targets.said").with("target", format!("https://{}.example/api", CASES[1]));
    let said = said.with("text", phrase("watch.passed").text()).text();
    assert!(model.log.entries.iter().any(|entry| entry.text == said), "{:?}", model.log.entries);
    assert!(!model.moves());
}

#[test]
fn checks_that_are_repeated_from_the_start_wait_after_the_first() {
    let mut model = checking();
    model.watch_all();
    for (at, name) in CASES.iter().enumerate() {
        update(&mut model, Message::Target(at, finished(name)));
    }
    assert_eq!(model.target.history.len(), 1, "the first check is remembered");
    assert_eq!(update(&mut model, seconds(5)).0, [Effect::CheckTarget(1), Effect::CheckTarget(2)]);
}

#[test]
fn two_marked_targets_are_compared_from_any_row_and_each_step_on_the_way_is_said() {
    let marks = |model: &Model| svg::text(model).lines().filter(|row| row.contains('◆')).count();
    let mut model = opened((80, 24));
    press(&mut model, "d");
    assert_eq!(model.log.toast, Some(phrase("why.no-marked").text()));
    press(&mut model, "j ");
    press(&mut model, "d");
    assert_eq!(model.log.toast, Some(phrase("why.select-another").text()));
    press(&mut model, "k ");
    assert_eq!((marks(&model), model.at()), (2, 0));
    press(&mut model, "d");
    assert_eq!((model.place.view(), model.at()), (&View::Against(1), 0));
    // On a third row, the two are still those that are marked.
    press(&mut model, "\x1bjjd");
    assert_eq!((model.place.view(), model.at()), (&View::Against(1), 0));
    // A third mark takes that of the first away, and a mark is taken away by the same key.
    press(&mut model, "\x1bjj ");
    assert_eq!(model.targets.marked, [0, 2]);
    press(&mut model, " ");
    assert_eq!((model.targets.marked.as_slice(), marks(&model)), (&[0][..], 1));
}

#[test]
fn without_color_and_in_ascii_the_table_says_the_same() {
    let all = CASES.iter().map(|name| ((*name).to_owned(), Target::saved(saved(name))));
    let mut model = Model::several(all.collect(), Looks::new(false, true), (80, 24), DateTime::UNIX_EPOCH);
    update(&mut model, seconds(0));
    press(&mut model, "j");
    let shown = svg::text(&model);
    assert!(shown.is_ascii() && shown.contains(">x caller-not") && shown.contains("++++!+xx"), "{shown}");
}

#[test]
fn several_targets_are_checked_from_a_terminal_and_leaving_prints_all_answers() {
    let (mut lab, variables) = served(&["caller-not-in-allowed-applications"]);
    let one = variable_of(&variables, "EASYAUTH_DOCTOR_TARGET").unwrap();
    // A function key, which no screen may show.
    const KEY: &str = "q7Zk2mVx91LtBc48";
    let other = format!("{one}?code={KEY}");
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (&**name, &**value)).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.json");
    let mut screen = Screen::open_at(folder.path(), Kind::XTERM, &["-t", &one, "-t", &other], &variables);
    screen.wait_for("2 fail");
    screen.keys("j");
    screen.settled();
    screen.keys("\r");
    screen.wait_for("▌7 ✗ authorization");
    screen.keys("r");
    screen.settled();
    screen.wait_for("✗ FAIL · certain");
    screen.keys("\x1b");
    screen.wait_for("2 targets");
    screen.keys("s");
    screen.wait_for(&phrase("prompt.save-all").with("count", 2_u64).text());
    screen.keys("\x15");
    screen.settled();
    screen.keys("all.json");
    screen.settled();
    screen.keys("\r");
    screen.wait("the file", |_| file.exists());
    screen.settled();
    let drawn = String::from_utf8_lossy(&screen.bytes()).into_owned();
    screen.keys("q");
    let (status, left) = screen.ended_with();
    assert!(!drawn.contains(KEY) && !left.contains(KEY), "{left}");
    assert_eq!(status.exit_code(), 1);
    let is_row = |line: &&str| line.contains("  fail  ") || line.ends_with("verdict: fail");
    assert_eq!(left.lines().filter(is_row).count(), 2, "{left}");
    assert!(left.contains("--target"), "{left}");
    let cases: Vec<Case> = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(cases.len(), 2);
    drop(lab.stdin.take());
    lab.wait().unwrap();
}

#[test]
fn several_cases_are_a_table_in_a_terminal_and_one_after_another_in_lines() {
    let (one, other) = (path(CASES[0]), path(CASES[1]));
    let mut screen = Screen::open(&["open", &one, &other], &[]);
    screen.wait_for("1 fail · 1 pass");
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
    let lines = text(&run(&["open", &one, &other]).stdout);
    let of_each = [&one, &other].map(|path| text(&run(&["open", path]).stdout));
    let (pages, summary) = lines.split_once("\nSummary\n").unwrap();
    assert_eq!(pages, of_each.join("\n"));
    let verdicts = ["/api/hello: The call succeeds\n", "caller-not-in-allowed-applications\n"];
    assert!(
        summary.matches("  • http").count() == 2 && verdicts.iter().all(|said| summary.contains(said)),
        "{summary}"
    );
    let json: Vec<serde_json::Value> =
        serde_json::from_slice(&run(&["open", &one, &other, "--format", "json"]).stdout).unwrap();
    assert_eq!(json.len(), 2);
    assert_eq!(run(&["open", &one, &other, "--compare", &one]).status.code(), Some(2));
}
