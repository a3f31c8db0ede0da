//! What is said of an answer that isn't whole: of a check that was stopped, of a change in thought that doesn't help,
//! and of inputs that were changed since.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::case::exchange::Purpose;
use crate::case::inputs::Inputs;
use crate::case::step::StepId;
use crate::case::under_way::{ShownUrl, UnderWay};
use crate::knowledge::phrase;
use crate::report::text::Style;
use crate::report::{Report, StepStatus, Verdict};
use crate::session::Event;
use crate::tui::farewell::{self, Left};
use crate::tui::journeys::{asking, type_in};
use crate::tui::look::Looks;
use crate::tui::model::Model;
use crate::tui::model::target::{Run, StepState, Target};
use crate::tui::page::under_way::unanswered_lines;
use crate::tui::svg;
use crate::tui::tests::{key, opened, press, report};

use super::{Message, update};

const WIDE: Style =
    Style { color: false, ascii: false, width: 400, detail: crate::report::document::Detail::Normal, program: None };

/// A request for a token that nobody answers.
fn request() -> Event {
    let url = "http://127.0.0.1:9/msi/token?resource=api%3A%2F%2Fx";
    Event::Started(Box::new(UnderWay {
        id: 1,
        method: "GET".to_owned(),
        url: ShownUrl::of(&Purpose::Token, url),
        purpose: Purpose::Token,
        at: Duration::ZERO,
        limit: Duration::from_secs(10),
    }))
}

/// What a check knows that has had no response.
fn nothing() -> Arc<Report> {
    let inputs = Inputs { target: Some("https://app2.example/".to_owned()), ..Inputs::default() };
    Arc::new(Report::of(crate::case::Case::new(inputs, DateTime::UNIX_EPOCH)))
}

fn after(model: &mut Model, seconds: i64) {
    update(model, Message::Tick(DateTime::UNIX_EPOCH + TimeDelta::try_seconds(seconds).unwrap()));
}

#[test]
fn a_check_that_is_stopped_keeps_the_requests_that_had_no_response() {
    let mut model = Model::checking("app".to_owned(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
    update(&mut model, Message::Session(request()));
    update(&mut model, Message::Session(Event::Progress { report: nothing(), busy: vec![StepId::Token] }));
    after(&mut model, 5);
    let pending = phrase("token.pending").text();
    press(&mut model, "t");
    let text = model.page.text();
    assert!(text.contains(&phrase("screen.token-requested").text()) && !text.contains(&pending), "{text}");
    // A request under way can be read as a whole.
    press(&mut model, "x");
    let shown = svg::text(&model);
    assert!(shown.contains("/msi/token?resource=") && shown.contains("5 s of 10 s"), "{shown}");
    press(&mut model, "\x1b\x1b");
    update(&mut model, Message::Session(Event::Finished(nothing())));
    let said = phrase("screen.unanswered").with("time", "5 s").text();
    after(&mut model, 60);
    for view in ["x", "4", "c"] {
        press(&mut model, view);
        let shown = svg::text(&model);
        assert!(shown.contains(&said) && shown.contains("token for App 2"), "{view}\n{shown}");
        assert!(!shown.contains(&pending) && !shown.contains(&phrase("screen.no-request").text()), "{view}\n{shown}");
    }
    press(&mut model, "t");
    let stopped = phrase("screen.token-requested").with("stopped", "5 s").text();
    assert!(model.page.text().contains(&stopped) && !model.page.text().contains(&pending), "{}", model.page.text());
    assert_eq!(model.target.step(StepId::Token), StepState::Judged(StepStatus::Unknown));
    // So do the last words, which name no cause of what was never looked at.
    let report = nothing();
    let stopped = Some(unanswered_lines(&model.target));
    let left = farewell::text(&Left { report: Some(&report), stopped, ..Left::default() }, &WIDE);
    assert!(left.contains(&phrase("leave.stopped").text()) && left.contains(&said), "{left}");
    assert!(!left.contains("undetermined"), "{left}");
    // The next check begins without them.
    press(&mut model, "r");
    assert!(model.target.under_way.is_empty() && model.target.ran().is_none());
}

#[test]
fn a_target_whose_check_was_stopped_has_no_verdict_in_the_table() {
    let all =
        vec![("one".to_owned(), Target::saved(report())), ("two".to_owned(), Target::checking(DateTime::UNIX_EPOCH))];
    let mut model = Model::several(all, Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
    update(&mut model, Message::Target(1, request()));
    after(&mut model, 4);
    press(&mut model, "j");
    model.target.run = Run::Stopping;
    // What was found until then would be a failure.
    update(&mut model, Message::Target(1, Event::Finished(report())));
    model.show_targets();
    after(&mut model, 4);
    let shown = svg::text(&model);
    let title = shown.lines().next().unwrap();
    assert!(title.ends_with("✗ 1 fail · 1 stopped"), "{shown}");
    let row = shown.lines().find(|row| row.contains("two")).unwrap();
    assert!(row.contains("? two") && row.contains("stopped") && row.contains("4.0 s"), "{shown}");
    let report = report();
    let all = vec![("one", Some(&*report), false), ("two", Some(&*report), true)];
    let left = farewell::text(&Left { all, ..Left::default() }, &WIDE);
    assert!(left.contains(&phrase("screen.stopped").text()), "{left}");
}

#[test]
fn a_change_in_thought_that_does_not_help_says_where_the_call_still_fails() {
    let mut model = opened((80, 40));
    press(&mut model, "A");
    update(&mut model, Message::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
    press(&mut model, "allowedAudiences+=api://other\r");
    let supposed = Arc::clone(model.target.shown().unwrap());
    let cause = supposed.diagnosis().root_cause.as_ref().unwrap();
    assert_eq!(supposed.verdict(), Verdict::Fail);
    let said = phrase("screen.would-fail").with("number", cause.step.number()).with("code", cause.code.name());
    let is_certain = cause.confidence == crate::report::Confidence::Certain;
    assert!(model.page.text().contains(&said.when("certain", is_certain).text()), "{}", model.page.text());
    // A step that isn't called then holds in thought neither, and took no time.
    let skipped = supposed.steps().iter().filter(|step| step.status == StepStatus::Skipped).map(|step| step.id);
    for step in skipped {
        assert!(!model.target.is_supposed(step), "{step:?}");
        let shown = svg::text(&model);
        let row = shown.lines().find(|row| row.get(1..).is_some_and(|row| row.starts_with(&step.number().to_string())));
        let row: String = row.unwrap().chars().take(24).collect();
        assert!(!row.contains('◇') && !row.contains("ms"), "{shown}");
    }
}

#[test]
fn an_answer_for_other_inputs_says_so_in_the_title_of_every_size_and_when_it_is_left_or_saved() {
    let mut model = asking();
    type_in(&mut model, "app2.example");
    update(&mut model, Message::Checking { title: "https://app2.example/".to_owned() });
    update(&mut model, Message::Session(Event::Finished(report())));
    let stale = phrase("screen.stale").text();
    let title = |model: &Model| svg::text(model).lines().next().unwrap_or_default().to_owned();
    assert!(model.stale().is_none() && !title(&model).contains(&stale));
    press(&mut model, "i");
    type_in(&mut model, "/x\x1b");
    let step = model.stale().unwrap();
    assert_eq!(model.log.toast, Some(phrase("form.stale").with("number", step.number()).text()));
    for size in [(120, 40), (80, 24), (60, 20), (30, 10), (29, 8)] {
        update(&mut model, Message::Resized(size.0, size.1));
        for view in ["c", "t", "p", "x"] {
            press(&mut model, view);
            assert!(title(&model).contains(&stale), "{size:?} {view}: {}", title(&model));
        }
    }
    update(&mut model, Message::Saved(Ok("one.case.json".to_owned())));
    let saved = phrase("screen.saved").with("file", "one.case.json").text();
    assert_eq!(model.log.toast, Some(phrase("form.stale-saved").with("said", saved).text()));
    let report = report();
    let left = farewell::text(&Left { report: Some(&report), is_stale: true, ..Left::default() }, &WIDE);
    assert!(left.contains(&phrase("leave.stale").text()), "{left}");
}

#[test]
fn the_command_to_return_has_every_option_or_says_what_is_missing() {
    let text = include_str!("../../../tests/it/saved/healthy.json");
    let of = |change: &dyn Fn(&mut Inputs)| {
        let mut case: crate::case::Case = serde_json::from_str(text).unwrap();
        change(&mut case.inputs);
        Report::of(case)
    };
    let said = |report: &Report, again: Option<&str>, program: Option<&str>| {
        let left = Left { report: Some(report), again, program, is_here: true, ..Left::default() };
        farewell::text(&left, &WIDE)
    };
    let report = of(&|inputs| {
        inputs.timeout_s = 4;
        inputs.expect_identity = Some("11111111-1111-4111-8111-111111111111".to_owned());
    });
    let left = said(&report, None, None);
    assert!(left.contains("--timeout \"4\"") && left.contains("--expect-identity \"11111111-"), "{left}");
    // Also that of several targets.
    let secret = of(&|inputs| {
        inputs.timeout_s = 4;
        inputs.target = Some("https://app2.example/api?code=abcdefghijklmnopqrstuvwxyz0123456789ABCD".to_owned());
    });
    let (one, other) = (report.inputs(), secret.inputs());
    let all = farewell::checks_all(None, &[one, other]);
    assert!(all.contains(" --timeout \"4\"") && !all.contains("--expect-identity"), "{all}");
    let note = phrase("leave.without").when("hidden", true).text();
    for (again, is_hidden) in [(Some(&*all), true), (None, false)] {
        let left = said(&report, again, None);
        assert_eq!(left.contains(&note), is_hidden, "{left}");
    }
    assert!(said(&secret, None, None).contains(&note));
    // Without any option, too, the program is called as it was started.
    let report = of(&|inputs| *inputs = Inputs::default());
    let left = said(&report, None, Some("/home/site/easyauth-doctor"));
    assert!(left.contains("    /home/site/easyauth-doctor\n"), "{left}");
}

#[test]
fn a_message_does_not_hide_the_selected_row() {
    for (size, view) in [((80, 24), "c"), ((80, 24), "x"), ((30, 10), "p"), ((60, 20), "p"), ((120, 40), "c")] {
        let mut model = opened(size);
        press(&mut model, view);
        for _ in 0..40 {
            key(&mut model, KeyCode::Down);
            model.log.hint("a long message ".repeat(12));
            let cursor = model.looks.cursor();
            let rows = svg::text(&model);
            let pane = |row: &str| row.trim_start_matches([' ', '│']).contains(cursor);
            assert!(rows.lines().skip(1).any(pane), "{size:?} {view}\n{rows}");
        }
    }
}

#[test]
fn without_settings_the_policy_leads_to_the_form_and_offers_no_change_of_rules_that_are_not_there() {
    let mut model = asking();
    type_in(&mut model, "app2.example");
    update(&mut model, Message::Checking { title: "https://app2.example/".to_owned() });
    update(&mut model, Message::Session(Event::Finished(nothing())));
    press(&mut model, "p");
    let text = model.page.text();
    assert!(text.contains(&phrase("views.give-settings").when("form", true).text()), "{text}");
    assert!(!text.contains("--auth-settings") && !text.contains(&phrase("views.no-change").text()), "{text}");
}
