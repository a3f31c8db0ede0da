//! What is said, and what is no longer said, when something begins or ends.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};

use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::Report;
use crate::session::Event;
use crate::tui::look::Looks;
use crate::tui::model::Model;
use crate::tui::model::place::View;
use crate::tui::tests::{press, report};

use super::{Effect, Message, update};

fn checking() -> Model {
    Model::checking("app".to_owned(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH)
}

fn finish(model: &mut Model, report: Arc<Report>) {
    update(model, Message::Session(Event::Finished(report)));
}

#[test]
fn a_stopped_check_is_no_previous_answer_but_a_later_check_may_begin_with_it() {
    let mut model = checking();
    finish(&mut model, report());
    let answer = Arc::clone(model.target.observed.as_ref().unwrap());
    press(&mut model, "r\x1b\x1b");
    let stopped = Arc::new(Report::of(report().observed().clone()));
    finish(&mut model, Arc::clone(&stopped));
    press(&mut model, "3R");
    assert!(Arc::ptr_eq(model.target.before.as_ref().unwrap(), &answer));
    assert!(Arc::ptr_eq(model.target.base.as_ref().unwrap(), &stopped));
}

#[test]
fn a_stopped_check_shows_the_steps_that_passed() {
    let text = include_str!("../../../tests/it/saved/healthy.json");
    let mut case: crate::case::Case = serde_json::from_str(text).unwrap();
    case.settled.clear();
    let mut model = checking();
    press(&mut model, "\x1b\x1b");
    // Its answer is open, but some steps are judged.
    case.exchanges.retain(|exchange| exchange.purpose.step() < StepId::Call);
    let report = Arc::new(Report::of(case));
    let passed = report.steps().iter().filter(|step| step.status == crate::report::StepStatus::Pass).count();
    assert!(passed > 0);
    finish(&mut model, report);
    press(&mut model, "c");
    let known = model.page.items.iter().filter(|item| item.id.starts_with("known/")).count();
    assert!(known >= passed, "{known} of {passed}");
}

#[test]
fn what_holds_only_while_a_check_runs_is_no_longer_said_when_it_ends() {
    let mut model = checking();
    press(&mut model, "s");
    assert_eq!(model.log.toast, Some(phrase("why.running").text()));
    finish(&mut model, report());
    assert_eq!(model.log.toast, None);
}

#[test]
fn a_new_check_says_that_it_undoes_the_what_if() {
    let mut model = checking();
    finish(&mut model, report());
    press(&mut model, "aw");
    assert_eq!(model.target.changes().len(), 1);
    let later = DateTime::UNIX_EPOCH + TimeDelta::try_hours(1).unwrap();
    let (effects, _) = update(&mut model, Message::Tick(later));
    assert_eq!(effects, [Effect::Check { from: None }]);
    let said = phrase("screen.what-if-undone").text();
    assert_eq!(model.log.toast.as_ref(), Some(&said));
    assert_eq!(model.log.entries.last().map(|entry| &entry.text), Some(&said));
}

#[test]
fn a_setup_that_is_done_asks_for_nothing_more() {
    let text = include_str!("../../../tests/it/saved/healthy.json");
    let mut model = checking();
    finish(&mut model, Arc::new(Report::of(serde_json::from_str(text).unwrap())));
    press(&mut model, "8o");
    assert_eq!(*model.place.view(), View::SetUp(StepId::Call));
    assert!(!model.page.items.iter().any(|item| item.id.starts_with("way")));
}
