//! What a check leaves to the next one: its answer while there is no other, and no row that means something else there.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use crossterm::event::KeyCode;

use crate::case::exchange::{Outcome, Purpose};
use crate::case::inputs::Inputs;
use crate::case::step::StepId;
use crate::case::under_way::{ShownUrl, UnderWay};
use crate::knowledge::phrase;
use crate::report::text::Style;
use crate::report::{Report, tour};
use crate::session::Event;
use crate::tui::bench::{Done, Output, Ran};
use crate::tui::farewell::{self, Left};
use crate::tui::journeys::{asking, type_in};
use crate::tui::keys;
use crate::tui::look::Looks;
use crate::tui::model::Model;
use crate::tui::model::place::{Over, View};
use crate::tui::model::target::StepState;
use crate::tui::page::item::Row;
use crate::tui::svg;
use crate::tui::tests::{key, opened, press, report};

use super::tests::on_a_lab;
use super::{Effect, Message, update};

const HEALTHY: &str = include_str!("../../../tests/it/saved/healthy.json");
const OPEN: &str = include_str!("../../../tests/it/saved/easy-auth-not-active.json");
const APP_ERROR: &str = include_str!("../../../tests/it/saved/app-error.json");
const NO_IDENTITY: &str = include_str!("../../../tests/it/saved/identity-not-enabled.json");

const NARROW: Style =
    Style { color: false, ascii: false, width: 60, detail: crate::report::document::Detail::Normal, program: None };

fn of(text: &str) -> Arc<Report> {
    Arc::new(Report::of(serde_json::from_str(text).unwrap()))
}

fn finished(report: Arc<Report>, size: (u16, u16)) -> Model {
    let mut model = Model::checking("app".to_owned(), Looks::new(true, false), size, DateTime::UNIX_EPOCH);
    finish(&mut model, report);
    model
}

fn finish(model: &mut Model, report: Arc<Report>) {
    update(model, Message::Session(Event::Finished(report)));
}

/// What a check knows that has had no response.
fn nothing() -> Arc<Report> {
    let inputs = Inputs { target: Some("https://app2.example/".to_owned()), ..Inputs::default() };
    Arc::new(Report::of(crate::case::Case::new(inputs, DateTime::UNIX_EPOCH)))
}

/// What is printed on leaving.
fn left(model: &Model) -> String {
    let left = Left {
        report: model.target.observed.as_deref(),
        before: model.target.answer_before(),
        is_running: model.target.is_running(),
        stopped: model.target.is_cut_short().then(Vec::new),
        is_here: true,
        ..Left::default()
    };
    farewell::text(&left, &NARROW).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_last_complete_answer_stays_until_there_is_another_one() {
    let code = "caller-not-in-allowed-applications";
    let mut model = finished(report(), (80, 24));
    press(&mut model, "r");
    let running = left(&model);
    assert!(running.contains(code) && running.contains(&phrase("leave.unfinished").text()), "{running}");
    assert!(running.contains("easyauth-doctor --target"), "{running}");
    press(&mut model, "\x1b\x1b");
    finish(&mut model, nothing());
    let stopped = left(&model);
    assert!(stopped.contains(code) && stopped.contains(&phrase("leave.stopped").text()), "{stopped}");
    let text = model.page.text();
    assert!(text.contains(code) && text.contains(&phrase("screen.stopped-long").text()), "{text}");
    // It is neither a verdict nor something to compare with, and what was set up before is still known.
    assert_eq!(model.target.history.last().unwrap().verdict, None);
    press(&mut model, "d");
    assert_eq!(model.log.toast, Some(phrase("why.cut-short").text()));
    press(&mut model, "o");
    assert_eq!(*model.place.view(), View::SetUp(StepId::Authorization));
    assert_eq!(model.exit_code(), 3);
    // While a check runs, what it knows so far isn't compared.
    let mut model = finished(report(), (80, 24));
    press(&mut model, "r");
    finish(&mut model, report());
    press(&mut model, "dr");
    update(&mut model, Message::Session(Event::Progress { report: nothing(), busy: Vec::new() }));
    assert!(!model.page.text().contains(&phrase("compare.cause").text()), "{}", model.page.text());
}

#[test]
fn a_command_that_calls_this_program_as_it_was_started_is_printed_whole() {
    let report = nothing();
    let left = Left { report: Some(&report), program: Some("/a/b/easyauth-doctor"), is_here: true, ..Left::default() };
    let printed = farewell::text(&left, &NARROW);
    let is_whole = |line: &str| line.contains("/a/b/easyauth-doctor check --target \"https://app2.example/\"");
    assert!(printed.lines().any(is_whole), "{printed}");
}

#[test]
fn a_warning_of_a_call_that_succeeds_is_printed_on_leaving() {
    let report = of(include_str!("../../../tests/it/saved/resource-is-another-api-sent.json"));
    let (_, warning) = report.warnings().next().unwrap();
    let printed = left(&finished(Arc::clone(&report), (80, 24)));
    assert!(printed.contains(&warning.message), "{printed}");
    assert!(printed.contains(&format!("easyauth-doctor explain {}", warning.code)), "{printed}");
}

#[test]
fn another_cause_is_read_from_its_first_row_on() {
    for view in ["c", "o"] {
        let fresh = |report: &Arc<Report>| {
            let mut model = finished(Arc::clone(report), (120, 50));
            press(&mut model, view);
            model.place.cursor().item
        };
        let (one, other) = (report(), of(NO_IDENTITY));
        let mut model = finished(one, (120, 50));
        press(&mut model, view);
        press(&mut model, "jjj");
        let moved = model.place.cursor().item;
        press(&mut model, "r");
        finish(&mut model, report());
        assert_eq!(model.place.cursor().item, moved, "the same cause");
        press(&mut model, "r");
        finish(&mut model, Arc::clone(&other));
        press(&mut model, view);
        assert_eq!(model.place.cursor().item, fresh(&other));
    }
    // The rule that is broken is selected although it wasn't known while the check ran.
    let mut model = Model::checking("app".to_owned(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
    update(&mut model, Message::Session(Event::Progress { report: of(HEALTHY), busy: Vec::new() }));
    press(&mut model, "p");
    finish(&mut model, report());
    let selected = model.item().unwrap().plain();
    assert!(selected.starts_with('✗'), "{selected}");
}

#[test]
fn a_page_that_has_become_shorter_is_in_sight_whole() {
    let mut model = opened((80, 24));
    press(&mut model, "xG/");
    type_in(&mut model, "403\r");
    let shown = svg::text(&model);
    assert!(shown.contains("403 ") && shown.contains(" of "), "{shown}");
    assert_eq!(model.place.cursor().top, 0, "{shown}");
}

#[test]
fn the_target_is_cut_last_in_the_title() {
    let mut model = opened((100, 50));
    model.title = "https://app2.azurewebsites.net/api/a/long/path/of/it".to_owned();
    update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
    let shown = svg::text(&model);
    let title = shown.lines().next().unwrap();
    assert!(title.contains(model.title.trim_start_matches("https://")) && title.contains("FAIL"), "{title}");
}

#[test]
fn what_is_drawn_in_ascii_has_a_sign_for_each_arrow() {
    assert_eq!(Looks::new(true, true).text("‹ a › ← →"), "< a > <- ->");
    let mut model = asking();
    model.looks = Looks::new(true, true);
    type_in(&mut model, "\t");
    let shown = svg::text(&model);
    assert!(shown.contains("< auto >") && shown.contains("Left/Right choose"), "{shown}");
    assert!(shown.is_ascii() && !shown.contains("? auto"), "{shown}");
    // On a small screen, what is shown is named, and the key that checks.
    let mut model = asking();
    update(&mut model, Message::Resized(30, 10));
    let shown = svg::text(&model);
    assert!(shown.contains(&phrase("view.form").text()), "{shown}");
    assert!(!shown.contains(&phrase("view.cause").text()), "{shown}");
    assert!(shown.lines().last().unwrap().contains(&format!("Enter {}", phrase("word.check").text())), "{shown}");
}

#[test]
fn a_body_that_was_not_read_to_its_end_has_the_length_that_was_sent() {
    for (header, said) in [(true, "1,060,000 bytes"), (false, "at least 262,144 bytes")] {
        let mut case = report().observed().clone();
        let exchange = case.exchanges.iter_mut().find(|exchange| exchange.answer().is_some()).unwrap();
        let id = exchange.id;
        let Outcome::Answer(answer) = &mut exchange.outcome else { panic!("no answer") };
        (answer.truncated, answer.body_length) = (true, 262_144);
        answer.headers.retain(|(name, _)| name != "content-length" && name != "content-encoding");
        answer.headers.extend(header.then(|| ("content-length".to_owned(), "1060000".to_owned())));
        let mut model = opened((120, 40));
        model.target.observed = Some(Arc::new(Report::of(case)));
        model.target.generation += 1;
        model.place.open(View::Request(id));
        update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
        let text = model.page.text();
        assert!(text.replace(',', "").contains(&said.replace(',', "")), "{text}");
    }
}

#[test]
fn the_time_of_a_step_is_that_of_all_its_requests() {
    let mut model = Model::checking("app".to_owned(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
    let started = |id, seconds| {
        Event::Started(Box::new(UnderWay {
            id,
            method: "GET".to_owned(),
            url: ShownUrl::of(&Purpose::CallAnonymous, "https://app2.example/"),
            purpose: Purpose::CallAnonymous,
            at: Duration::from_secs(seconds),
            limit: Duration::from_secs(10),
        }))
    };
    update(&mut model, Message::Session(started(1, 1)));
    update(&mut model, Message::Session(Event::Ended { id: 1 }));
    update(&mut model, Message::Session(started(2, 4)));
    let first = DateTime::UNIX_EPOCH + TimeDelta::try_seconds(1).unwrap();
    assert_eq!(model.target.step(StepId::Protection), StepState::Busy(first));
}

#[test]
fn what_is_offered_fits_what_there_is() {
    // No rule is broken, so no change is offered.
    let mut model = finished(of(HEALTHY), (80, 24));
    press(&mut model, "p");
    assert!(!model.page.text().contains("Space"), "{}", model.page.text());
    // A name that is taken isn't proposed.
    let mut model = opened((80, 24));
    assert_eq!(press(&mut model, "e"), [Effect::FindName("edited.json".to_owned())]);
    update(&mut model, Message::FreeName("edited-2.json".to_owned()));
    let Some(Over::Prompt(prompt)) = &model.place.over else { panic!("no prompt") };
    assert_eq!(prompt.input.value(), "edited-2.json");
}

#[test]
fn what_was_filled_in_about_one_app_is_not_used_for_another() {
    let mut model = asking();
    type_in(&mut model, "https://app2.example/");
    let form = model.form.as_mut().unwrap();
    let mut resource = form.fields[0].clone();
    (resource.name, resource.label, resource.rare) = ("resource", "field.resource", true);
    resource.input = "api://one".into();
    form.fields.push(resource);
    update(&mut model, Message::Checking { title: "t".to_owned() });
    finish(&mut model, report());
    let of_resource = |model: &Model| model.form.as_ref().unwrap().fields.last().unwrap().value().to_owned();
    update(&mut model, Message::Paste("https://app2.example/other".to_owned()));
    key(&mut model, KeyCode::Enter);
    assert_eq!(of_resource(&model), "api://one", "the same app");
    key(&mut model, KeyCode::Esc);
    update(&mut model, Message::Paste("https://other.example/".to_owned()));
    key(&mut model, KeyCode::Enter);
    assert_eq!(of_resource(&model), "");
    assert_eq!(model.log.toast, Some(phrase("paste.other-app").text()));
}

#[test]
fn a_command_that_the_lab_does_not_run_is_logged_with_the_reason_and_a_whole_object_as_such() {
    let mut model = on_a_lab();
    let ran = |line: &str, output| Ran { line: line.to_owned(), output };
    let printed = ran("az -o tsv", Output::Printed("{}".to_owned()));
    let ran = vec![printed, ran("help", Output::Refused("only az".to_owned()))];
    update(&mut model, Message::Bench(Box::new(Done { ran, ..Done::default() })));
    assert!(model.log.entries.iter().any(|entry| entry.text.contains("help (only az)")), "{:?}", model.log.entries);
    press(&mut model, "b");
    assert_eq!(model.page.text().matches(&phrase("bench.whole").text()).count(), 1, "{}", model.page.text());
}

/// The row of a step in the list beside the pane.
fn row_of(model: &Model, step: StepId) -> String {
    let start = |row: &&str| row.get(1..).is_some_and(|row| row.starts_with(&format!("{} ", step.number())));
    let shown = svg::text(model);
    let in_list = |row: &str| row.strip_prefix('▌').or(row.strip_prefix(' ')).map(|row| format!(" {row}"));
    let mut rows = shown.lines().filter_map(in_list);
    rows.find(|row| start(&row.as_str())).map(|row| row.chars().take(26).collect()).unwrap_or_default()
}

#[test]
fn in_the_guided_setup_only_what_is_done_has_a_tick_and_as_many_as_are_counted() {
    for text in [NO_IDENTITY, OPEN] {
        let mut model = finished(of(text), (80, 24));
        let ticks = |model: &Model| StepId::ALL.iter().filter(|step| row_of(model, **step).contains('✓')).count();
        let passed = ticks(&model);
        press(&mut model, "o");
        let done = tour::done(&tour::stages(model.target.known()));
        assert!(done < passed, "{done} of {passed}");
        assert_eq!(ticks(&model), done, "{}", svg::text(&model));
        // What was found there is in its view.
        press(&mut model, "c");
        assert_eq!(ticks(&model), passed);
    }
}

#[test]
fn the_guided_setup_begins_with_the_tool_that_the_answer_begins_with() {
    let tool = |model: &Model| {
        model.page.items.iter().find_map(|item| match &item.row {
            Row::Heading { tools, .. } => tools.iter().find(|tool| tool.chosen).map(|tool| tool.via.clone()),
            _ => None,
        })
    };
    let mut others = 0;
    for text in [APP_ERROR, NO_IDENTITY, OPEN] {
        let mut model = finished(of(text), (120, 40));
        let of_answer = tool(&model);
        let cause = model.target.cause();
        let fixes = &model.target.observed.as_ref().unwrap().diagnosis().root_cause.as_ref().unwrap().fixes;
        others += usize::from(fixes.first().map(|fix| fix.via.clone()) != of_answer);
        press(&mut model, "o");
        assert_eq!((Some(model.place.step), tool(&model)), (cause, of_answer));
    }
    assert!(others > 0, "one only looks");
}

#[test]
fn a_stage_that_nothing_was_seen_of_is_not_said_to_be_missing() {
    let mut model = finished(nothing(), (80, 24));
    press(&mut model, "o");
    let shown = svg::text(&model);
    assert_eq!(model.place.step, StepId::Identity);
    assert!(shown.contains(&phrase("tour.is-next-open").text().chars().take(40).collect::<String>()), "{shown}");
    assert!(!shown.contains(&phrase("tour.is-next").text()), "{shown}");
    press(&mut model, "c");
    let mut model = finished(of(NO_IDENTITY), (80, 24));
    press(&mut model, "o");
    assert!(svg::text(&model).contains(&phrase("tour.is-next").text()));
}

#[test]
fn with_one_tool_the_arrows_show_the_view_beside_and_the_footer_names_no_other_tool() {
    let mut model = opened((120, 40));
    assert!(keys::footer(&model).iter().any(|(_, word)| *word == "word.tool"));
    let page = Arc::make_mut(&mut model.page);
    for item in &mut page.items {
        if let Row::Heading { tools, .. } = &mut item.row {
            tools.truncate(1);
        }
    }
    let words: Vec<&str> = keys::footer(&model).into_iter().map(|(_, word)| word).collect();
    assert!(!words.contains(&"word.tool") && words.contains(&"word.view"), "{words:?}");
    key(&mut model, KeyCode::Right);
    assert!(matches!(model.place.view(), View::Step(_)) && model.place.tool.is_none());
}

#[test]
fn a_row_that_begins_with_the_text_is_found_before_those_that_mention_it() {
    let mut model = opened((80, 24));
    press(&mut model, "t");
    key(&mut model, KeyCode::Home);
    let text = model.page.text();
    assert!(text.find("version 1.0").unwrap() < text.find("\nver").unwrap(), "{text}");
    press(&mut model, "/ver\r");
    assert_eq!(model.place.cursor().item.as_deref(), Some("claim/ver"));
}

#[test]
fn what_a_change_in_thought_makes_of_a_steps_rules_is_marked_as_supposed() {
    let mut model = opened((120, 60));
    press(&mut model, "7");
    assert!(svg::text(&model).contains("✗ allowedApplications"), "{}", svg::text(&model));
    press(&mut model, "a7");
    let shown = svg::text(&model);
    assert!(shown.contains("◇ allowedApplications") && !shown.contains("✓ allowedApplications"), "{shown}");
    press(&mut model, "u");
    assert!(svg::text(&model).contains("✗ allowedApplications"));
}

#[test]
fn every_row_of_what_is_higher_than_the_pane_can_be_seen() {
    let mut model = finished(of(NO_IDENTITY), (60, 12));
    let words: Vec<String> = (0..200).map(|number| format!("word{number:03}")).collect();
    model.log.keep(model.now, words.join(" "));
    press(&mut model, "L");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..80 {
        let shown = svg::text(&model);
        seen.extend(words.iter().filter(|word| shown.contains(word.as_str())).cloned());
        key(&mut model, KeyCode::Down);
    }
    assert_eq!(seen.len(), words.len());
    assert!(model.page.position(model.place.cursor().item.as_deref().unwrap()) > Some(0));
}
