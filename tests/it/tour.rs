//! Guided setup and the lab bench, from end to end: the commands that the screen shows are run on the lab, and the
//! screen sees that they worked.

use std::sync::Arc;

use chrono::DateTime;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use easyauth_doctor::case::step::StepId;
use easyauth_doctor::knowledge::phrase;
use easyauth_doctor::lab::scenario;
use easyauth_doctor::line::bench::Bench;
use easyauth_doctor::report::{Report, Verdict, set_up, tour};
use easyauth_doctor::session::Event;
use easyauth_doctor::tui::bench::{Request, State};
use easyauth_doctor::tui::look::Looks;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::model::place::View;
use easyauth_doctor::tui::page::item::Row;
use easyauth_doctor::tui::update::{Effect, Message, update};

use crate::helpers::lab_client::start;
use crate::helpers::observing::{self, observe};
use crate::helpers::screens;
use crate::helpers::terminal::Screen;

fn press(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    update(model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE))).0
}

async fn bench(name: &str) -> Bench {
    Bench::new(start(name).await, scenario::find(name).unwrap())
}

/// A check as the screen sees it.
async fn check(model: &mut Model, bench: &Bench) -> Arc<Report> {
    let report = Arc::new(observe(&bench.lab).await);
    update(model, Message::Session(Event::Finished(Arc::clone(&report))));
    report
}

/// The commands that the screen shows. Where the program doesn't write the edited settings, the line for jq does.
fn commands(model: &Model) -> Vec<String> {
    let rows = model.page.items.iter().map(|item| &item.row);
    let is_edited = model.page.text().contains("--edited-settings");
    rows.filter_map(|row| match row {
        Row::Command { text, .. } => Some(text.clone()),
        Row::Text { text, .. } | Row::Code(text) if !is_edited => {
            text.trim_start_matches("# ").starts_with("jq ").then(|| text.trim_start_matches("# ").to_owned())
        }
        _ => None,
    })
    .collect()
}

#[tokio::test]
async fn the_guided_setup_leads_from_nothing_to_a_working_call() {
    let bench = bench("nothing-set-up").await;
    let looks = Looks::new(true, false);
    let mut model = Model::checking("app2".to_owned(), looks, (80, 24), DateTime::UNIX_EPOCH);
    model.place.tool = Some("az".to_owned());
    let mut report = check(&mut model, &bench).await;
    press(&mut model, KeyCode::Char('o'));
    let mut shown = Vec::new();
    while report.verdict() != Verdict::Pass {
        let View::SetUp(step) = *model.place.view() else {
            panic!("a stage is shown");
        };
        assert_eq!(tour::next(Some(&report)), Some(step));
        shown.push(step);
        assert!(shown.len() < 10, "{shown:?}");
        let commands = commands(&model);
        assert!(!commands.is_empty(), "{step:?}: {:?}", model.page.text());
        for line in &commands {
            if let Err(refused) = bench.run(line, Some(&report)) {
                panic!("{step:?}: {line}: {refused}\n{}", model.page.text());
            }
        }
        // Enter looks again; the screen itself goes on to the next stage.
        assert_eq!(press(&mut model, KeyCode::Enter), [Effect::Check { from: None }]);
        report = check(&mut model, &bench).await;
    }
    shown.dedup();
    assert!(shown.starts_with(&[StepId::Identity, StepId::Protection]), "{shown:?}");
    assert_eq!(tour::done(&tour::stages(Some(&report))), 8);
}

#[tokio::test]
async fn a_stage_is_skipped_and_comes_again() {
    let bench = bench("nothing-set-up").await;
    let looks = Looks::new(true, false);
    let mut model = Model::checking("app2".to_owned(), looks, (80, 24), DateTime::UNIX_EPOCH);
    let report = check(&mut model, &bench).await;
    press(&mut model, KeyCode::Char('o'));
    let stage = |model: &Model| match *model.place.view() {
        View::SetUp(step) => step,
        ref other => panic!("{other:?}"),
    };
    let first = tour::next(Some(&report)).unwrap();
    let mut seen = vec![stage(&model)];
    let left = tour::stages(Some(&report)).len() - tour::done(&tour::stages(Some(&report)));
    for _ in 1..left {
        press(&mut model, KeyCode::Char('n'));
        seen.push(stage(&model));
    }
    assert!(seen.starts_with(&[first]) && seen.is_sorted(), "{seen:?}");
    press(&mut model, KeyCode::Char('n'));
    assert_eq!(stage(&model), first);
    press(&mut model, KeyCode::Char('w'));
    assert!(model.page.items.iter().any(|item| item.id == "watching"), "{}", model.page.text());
    press(&mut model, KeyCode::Char('w'));
    // Whichever stage is shown: once it is done, the next one that isn't follows.
    press(&mut model, KeyCode::Char('n'));
    let shown = stage(&model);
    for line in commands(&model) {
        bench.run(&line, Some(&report)).unwrap_or_else(|refused| panic!("{line}: {refused}"));
    }
    press(&mut model, KeyCode::Enter);
    let report = check(&mut model, &bench).await;
    let is_done = |stage: &tour::Stage| stage.step == shown && stage.progress == tour::Progress::Done;
    if tour::stages(Some(&report)).iter().any(is_done) {
        assert_eq!(Some(stage(&model)), tour::next(Some(&report)));
    }
}

/// A fix that says what to save as body.json is pasted whole, as it is printed.
#[tokio::test]
async fn a_body_in_a_pasted_fix_is_saved_in_the_lab() {
    for name in ["client-certificate-required", "assignment-required-not-assigned"] {
        let bench = bench(name).await;
        let report = observe(&bench.lab).await;
        let cause = report.diagnosis().root_cause.as_ref().unwrap();
        let fix = cause.fixes.iter().find(|fix| fix.via == "az").unwrap();
        let mut model =
            Model { bench: Some(State::default()), ..screens::opened(screens::FAILS, Looks::default(), (80, 24)) };
        press(&mut model, KeyCode::Char('$'));
        update(&mut model, Message::Paste(fix.text.clone()));
        let asked = press(&mut model, KeyCode::Enter);
        let [Effect::Bench(Request::Run { lines, .. })] = asked.as_slice() else {
            panic!("{asked:?}");
        };
        for line in lines {
            bench.run(line, Some(&report)).unwrap_or_else(|refused| panic!("{name}: {line}: {refused}"));
        }
        assert_eq!(observe(&bench.lab).await.verdict(), Verdict::Pass, "{name}");
    }
}

/// What isn't known of a new app stays a placeholder; nothing that the case knows does.
#[test]
fn the_stages_name_the_values_that_the_case_knows() {
    for name in ["healthy", "healthy-container-app"] {
        let report = &crate::helpers::observing::of(name, true).report;
        let ways = StepId::ALL.into_iter().flat_map(|step| set_up::ways(Some(report), step));
        for way in ways {
            for unknown in ["<App 1", "<App 2", "<tenant", "<subscription", "<group", "<allowed", "<resource"] {
                assert!(!way.text.contains(unknown), "{name}, {}: {}", way.via, way.text);
            }
        }
    }
    let ways = StepId::ALL.into_iter().flat_map(|step| set_up::ways(None, step));
    assert!(ways.map(|way| way.text).any(|text| text.contains("https://management.azure.com<App 2 resource ID>/")));
}

/// Selects a fault on the bench; the list begins with the first one.
fn select(screen: &mut Screen, title: &str) {
    for _ in 0..40 {
        let shown = screen.wait_for("[Lab]");
        let line = shown.lines().find(|line| line.contains(title));
        if line.is_some_and(|line| line.contains("▌[")) {
            return;
        }
        screen.keys("j");
        screen.settled();
    }
    panic!("{title} can't be selected");
}

#[test]
fn what_is_broken_in_the_lab_is_fixed_by_pasting_the_printed_commands() {
    let mut screen = Screen::open(&["lab", "healthy"], &[]);
    screen.wait_for("✓ PASS");
    // Wide enough for commands that are not cut.
    screen.resize(40, 400);
    // Only the title of a wide screen begins like this.
    screen.wait_for("easyauth-doctor  lab healthy");
    screen.keys("b");
    screen.wait_for("as expected");
    select(&mut screen, "only App 2 itself is allowed");
    screen.keys(" ");
    let shown = screen.wait("the fault to be found", |screen| {
        let contents = screen.contents();
        contents.matches("caller-not-in-allowed-applications, certain").count() == 2 && contents.contains("as expected")
    });
    assert!(shown.contains("[x] only App 2 itself is allowed"), "{shown}");
    screen.keys("c");
    let shown = screen.wait_for("\"@edited.json\"");
    let is_command = |line: &&str| line.contains(" az rest --") || line.contains(" easyauth-doctor check ");
    let commands = shown.lines().filter(is_command).map(|line| {
        let from = line.find("az rest").or(line.find("easyauth-doctor check")).unwrap();
        line.get(from..).unwrap().trim().to_owned()
    });
    let commands: Vec<String> = commands.collect();
    assert_eq!(commands.len(), 3, "{shown}");
    screen.keys("b");
    screen.wait_for("[Lab]");
    screen.keys(&format!("\x1b[200~{}\x1b[201~", commands.join("\r")));
    // The end of the line is in sight, where the cursor is.
    screen.wait_for("@edited.json");
    screen.settled();
    screen.keys("\r");
    screen.wait_for("✓ PASS");
    screen.keys("\x1b");
    screen.settled();
    screen.keys("g");
    let shown = screen.wait_for("[ ] only App 2 itself is allowed");
    // The commands made a state that no scenario describes.
    assert!(shown.contains(&phrase("bench.unknown").text()), "{shown}");
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 0);
}

/// As a person does it: `o`, the stage's commands pasted behind `$`, and back, until everything is set up.
#[test]
fn on_the_screen_the_guided_setup_leads_from_nothing_to_a_working_call() {
    let mut screen = Screen::open(&["lab", "nothing-set-up"], &[]);
    screen.wait_for("✗ FAIL");
    // No command is cut.
    screen.resize(60, 1800);
    screen.wait_for("easyauth-doctor  lab nothing-set-up");
    let mut stages = Vec::new();
    loop {
        screen.keys("o");
        screen.wait_for("[Setup]");
        screen.settled();
        let shown = screen.wait_for(" of 8");
        if shown.contains("✓ PASS") {
            assert!(shown.contains(&phrase("tour.all-done").text()), "{shown}");
            break;
        }
        let mut numbered = shown.split("Step ").filter_map(|rest| rest.split_once(": ").map(|(number, _)| number));
        let stage = numbered.find(|number| number.len() == 1).unwrap().to_owned();
        assert!(!stages.contains(&stage), "{stage} again:\n{shown}");
        stages.push(stage);
        let starts = ["az ", "jq ", "easyauth-doctor check "];
        let command = |line: &str| {
            let pane = line.rsplit('│').next()?.trim_start_matches(['▌', ' ']);
            let pane = pane.trim_start_matches(|letter: char| letter.is_ascii_digit()).trim();
            starts.iter().any(|start| pane.starts_with(start)).then(|| pane.to_owned())
        };
        let commands: Vec<String> = shown.lines().filter_map(command).collect();
        assert!(!commands.is_empty(), "{shown}");
        screen.keys("$");
        screen.wait_for(&phrase("prompt.keys-command").text());
        screen.keys(&format!("\x1b[200~{}\x1b[201~", commands.join("\r")));
        screen.settled();
        screen.keys("\r");
        screen.wait("an empty line to type", |now| now.contents().lines().nth(58).is_some_and(|row| row.trim() == "$"));
        screen.settled();
        screen.keys("\x1b");
        screen.wait("the prompt to close", |now| {
            let title = now.contents().lines().next().unwrap_or_default().to_owned();
            !now.contents().contains(&phrase("prompt.keys-command").text()) && !title.contains("checking")
        });
    }
    assert!(stages.starts_with(&["1".to_owned(), "2".to_owned()]), "{stages:?}");
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 0);
}

#[test]
fn another_scenario_runs_without_leaving_the_screen() {
    let mut screen = Screen::open(&["lab", "healthy"], &[]);
    screen.wait_for("✓ PASS");
    screen.keys("b");
    screen.wait_for("as expected");
    screen.keys("/");
    screen.wait_for(&phrase("prompt.search").text());
    screen.keys("target-stopped");
    screen.settled();
    screen.keys("\r");
    screen.wait_for("▌  target-stopped");
    screen.keys("\r");
    screen.wait_for("lab target-stopped");
    screen.wait("the fault to be found", |screen| {
        let contents = screen.contents();
        contents.matches("target-stopped, certain").count() == 2 && contents.contains("as expected")
    });
    // What is refused is said where it was typed, and the line stays.
    screen.keys("$");
    screen.wait_for(&phrase("prompt.keys-command").text());
    screen.keys("az webapp start --name app3 --resource-group rg-target");
    screen.settled();
    screen.keys("\r");
    screen.wait_for("was not found");
    screen.keys("\x15");
    screen.keys("az webapp start --name app2 --resource-group rg-target");
    screen.settled();
    screen.keys("\r");
    screen.wait_for("✓ PASS");
    screen.keys("\x1b");
    screen.settled();
    screen.keys("q");
    let (status, left) = screen.ended_with();
    assert_eq!(status.exit_code(), 0);
    assert!(left.contains("easyauth-doctor lab \"target-stopped\""), "{left}");
}

#[test]
fn the_list_of_stages_is_saved_as_a_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("setup.md");
    let mut screen = Screen::open(&["lab", "nothing-set-up"], &[]);
    screen.wait_for("✗ FAIL");
    screen.keys("o");
    screen.wait_for("Step 1:");
    screen.keys("s");
    screen.wait_for("app2-setup.md");
    screen.keys("\x15");
    screen.keys(path.to_str().unwrap());
    screen.settled();
    screen.keys("\r");
    screen.wait("the prompt to close", |screen| !screen.contents().contains(&phrase("prompt.list").text()));
    let list = std::fs::read_to_string(&path).unwrap();
    assert!(list.contains("az webapp identity assign --name \"app1\""), "{list}");
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
}

#[test]
fn a_step_whose_rule_may_not_be_met_is_not_ticked() {
    let report = &observing::of("combination-17", true).report;
    let stages = tour::stages(Some(report));
    let audience = stages.iter().find(|stage| stage.step == StepId::Audience).unwrap();
    assert_ne!(audience.progress, tour::Progress::Done);
    let list = tour::markdown(Some(report));
    assert_eq!(list.matches("- [x]").count(), tour::done(&stages));
}
