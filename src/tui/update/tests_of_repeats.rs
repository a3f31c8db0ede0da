//! Checks that are made again: with what is filled in, and not unasked where a call changes data.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use crossterm::event::KeyCode;

use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::Report;
use crate::session::Event;
use crate::tui::desk::Refused;
use crate::tui::journeys::{asking, type_in};
use crate::tui::look::Looks;
use crate::tui::model::Model;
use crate::tui::model::form::Kind;
use crate::tui::model::place::Over;
use crate::tui::model::target::{Run, Target, Watch};
use crate::tui::tests::{key, opened, press, report};

use super::{Effect, Message, update};

fn finished(report: Arc<Report>) -> Model {
    let mut model = Model::checking("app".to_owned(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
    update(&mut model, Message::Session(Event::Finished(report)));
    model
}

#[test]
fn a_call_that_can_change_data_is_sent_again_only_when_asked_twice() {
    let mut case = report().observed().clone();
    case.inputs.method = "POST".to_owned();
    let posts = Arc::new(Report::of(case));
    for keys in ["r", "R", "w"] {
        let mut model = finished(Arc::clone(&posts));
        assert!(press(&mut model, keys).is_empty() && model.target.watch == Watch::Off, "{keys}");
        assert_eq!(model.log.toast, Some(phrase("watch.repeats").with("method", "POST").text()));
        let effects = press(&mut model, keys);
        assert!(!effects.is_empty() || model.target.watch != Watch::Off, "{keys}");
    }
    assert!(!press(&mut finished(report()), "r").is_empty());
    // What was agreed to belongs to the key that asked, and ends with any other and with a paste.
    for keys in ["rjr", "rw", "rR", "Rr", "wr", "r?\x1br", "or\r", "o\rr"] {
        let mut model = finished(Arc::clone(&posts));
        assert!(press(&mut model, keys).is_empty() && model.target.watch == Watch::Off, "{keys}");
        assert_eq!(model.log.toast, Some(phrase("watch.repeats").with("method", "POST").text()), "{keys}");
    }
    let mut model = finished(Arc::clone(&posts));
    press(&mut model, "r");
    update(&mut model, Message::Paste("nothing".to_owned()));
    assert!(press(&mut model, "r").is_empty());
    // One that was stopped before anything was observed had the same method.
    press(&mut model, "r\x1b\x1b");
    model.target.run = Run::Stopped;
    assert!(press(&mut model, "r").is_empty());
}

#[test]
fn all_targets_are_checked_again_only_when_asked_twice_where_one_call_can_change_data() {
    let mut case = report().observed().clone();
    case.inputs.method = "POST".to_owned();
    let all = [report(), Arc::new(Report::of(case))].map(|report| {
        let mut target = Target::saved(report);
        target.run = Run::Finished;
        ("https://app2.example/".to_owned(), target)
    });
    let mut model = Model::several(all.into(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
    assert!(press(&mut model, "RjR").is_empty());
    assert_eq!(press(&mut model, "R").len(), 2);
}

/// A check of what is in the form that is over.
fn checked() -> Model {
    let mut model = asking();
    type_in(&mut model, "https://app2.example/\r");
    update(&mut model, Message::Checking { title: "app2".to_owned() });
    update(&mut model, Message::Session(Event::Finished(report())));
    model
}

#[test]
fn what_is_repeated_is_what_is_filled_in() {
    let mut model = checked();
    assert!(press(&mut model, "w").is_empty());
    press(&mut model, "wi");
    type_in(&mut model, "x\x1b");
    let effects = press(&mut model, "w");
    assert!(matches!(&effects[..], [Effect::CheckForm(_)]), "{effects:?}");
    update(&mut model, Message::Checking { title: "app2x".to_owned() });
    assert!(matches!(model.target.watch, Watch::Looking(_)));
    update(&mut model, Message::Session(Event::Finished(report())));
    assert!(matches!(model.target.watch, Watch::Waiting { .. }));
    // While it is being changed, nothing is checked; afterwards the changed input is.
    press(&mut model, "i");
    type_in(&mut model, "y");
    let late = model.now + TimeDelta::try_seconds(700).unwrap();
    assert!(update(&mut model, Message::Tick(late)).0.is_empty());
    key(&mut model, KeyCode::Esc);
    let effects = update(&mut model, Message::Tick(late)).0;
    assert!(matches!(&effects[..], [Effect::CheckForm(_)]), "{effects:?}");
}

#[test]
fn the_form_is_as_it_was_after_a_saved_case() {
    let mut model = asking();
    type_in(&mut model, "app2.example");
    update(&mut model, Message::Opened(Ok(("case".to_owned(), report()))));
    press(&mut model, "xL");
    assert!(model.place.over.is_none());
    press(&mut model, "\x1b");
    assert!(matches!(model.place.over, Some(Over::Form)));
    assert_eq!(model.form.as_ref().unwrap().fields[0].value(), "app2.example");
    assert!(model.target.observed.is_none());
}

#[test]
fn a_page_that_fits_again_is_shown_from_its_beginning() {
    let mut model = opened((120, 60));
    let whole = crate::tui::svg::text(&model);
    for size in [(80, 12), (20, 5), (120, 60)] {
        update(&mut model, Message::Resized(size.0, size.1));
    }
    assert_eq!(crate::tui::svg::text(&model), whole);
}

#[test]
fn a_command_that_was_copied_from_a_comment_runs_and_one_among_others_does_not() {
    let one = "# jq '.properties.x = 1' authsettings.json > edited.json";
    assert_eq!(super::bench::in_one_row(one), one.trim_start_matches("# "));
    assert_eq!(super::bench::in_one_row(&format!("az account show\n{one}")), "az account show");
    assert_eq!(super::bench::in_one_row("# Only words."), "");
}

#[test]
fn a_watch_that_was_asked_for_at_the_start_outlives_the_form_and_says_once_that_it_can_change_data() {
    let mut model = asking();
    let kinds = ["yes", "no"].map(str::to_owned).to_vec();
    let yes = crate::tui::journeys::field("yes", Kind::Choice(kinds), StepId::Call, "yes");
    model.form.as_mut().unwrap().fields.push(yes);
    model.watch_all();
    type_in(&mut model, "app2.example\r");
    update(&mut model, Message::Refused(Refused { field: Some("yes"), reason: "POST".to_owned() }));
    type_in(&mut model, "\r");
    update(&mut model, Message::Checking { title: "https://app2.example/".to_owned() });
    let mut case = report().observed().clone();
    case.inputs.method = "POST".to_owned();
    let posts = Arc::new(Report::of(case));
    let said = phrase("watch.repeating").with("method", "POST").text();
    let count = |model: &Model| model.log.entries.iter().filter(|entry| entry.text == said).count();
    update(&mut model, Message::Session(Event::Finished(Arc::clone(&posts))));
    let Watch::Waiting { next, .. } = model.target.watch else { panic!("{:?}", model.target.watch) };
    assert_eq!((count(&model), model.log.toast.as_ref()), (1, Some(&said)));
    update(&mut model, Message::Tick(next));
    update(&mut model, Message::Session(Event::Finished(posts)));
    assert!(matches!(model.target.watch, Watch::Waiting { .. }) && count(&model) == 1);
}
