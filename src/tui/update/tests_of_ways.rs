//! The ways on from an answer: what to do, where, and what is known after it.

use std::sync::Arc;

use chrono::DateTime;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::case::inputs::Inputs;
use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::{Report, StepStatus, Verdict};
use crate::session::Event;
use crate::tui::bench;
use crate::tui::farewell::{self, Left, shows_lab};
use crate::tui::journeys::asking;
use crate::tui::look::Looks;
use crate::tui::model::Model;
use crate::tui::model::form::{At, Kind};
use crate::tui::model::place::{Asking, Over, View};
use crate::tui::model::target::{StepState, Target};
use crate::tui::svg;
use crate::tui::tests::{key, opened, press, report};
use crate::tui::update::{Message, update};

const NO_IDENTITY: &str = include_str!("../../../tests/it/saved/identity-not-enabled.json");
const NO_PATH: &str = include_str!("../../../tests/it/saved/target-egress-blocked-without-settings.json");

fn of(text: &str, change: impl FnOnce(&mut Inputs)) -> Arc<Report> {
    let mut case: crate::case::Case = serde_json::from_str(text).unwrap();
    change(&mut case.inputs);
    Arc::new(Report::of(case))
}

/// The form, and then a check that ended so.
fn checked(report: Arc<Report>) -> Model {
    let mut model = asking();
    update(&mut model, Message::Checking { title: "t".to_owned() });
    update(&mut model, Message::Session(Event::Finished(report)));
    model
}

#[test]
fn a_fix_says_when_it_takes_effect_and_which_steps_nobody_has_checked_yet() {
    let report = of(NO_IDENTITY, |_| ());
    let effect = phrase("takes-effect.restart-of-app1").text();
    let mut model = checked(Arc::clone(&report));
    let steps = phrase("screen.through").with("first", 4_u64).with("last", 8_u64).text();
    let unchecked = phrase("screen.unchecked").with("steps", steps).when("several", true).text();
    let tools: Vec<String> =
        report.diagnosis().root_cause.iter().flat_map(|cause| &cause.fixes).map(|fix| fix.via.clone()).collect();
    for tool in tools {
        model.place.tool = Some(tool);
        update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
        let text = model.page.text();
        assert!(text.contains(&effect) && text.contains(&unchecked), "{text}");
        assert!(!text.contains(&phrase("screen.nothing-next").text()), "{text}");
    }
    press(&mut model, "o");
    assert!(model.page.text().contains(&effect), "{}", model.page.text());
}

#[test]
fn the_first_check_of_a_setup_ends_at_the_step_to_do() {
    let report = of(NO_PATH, |_| ());
    let cause = report.diagnosis().root_cause.as_ref().unwrap().step;
    assert!(cause > StepId::Identity);
    let mut model = asking();
    while model.form.as_ref().unwrap().at != At::SetUp {
        key(&mut model, KeyCode::Tab);
    }
    model.form.as_mut().unwrap().sets_up = true;
    update(&mut model, Message::Checking { title: "t".to_owned() });
    update(&mut model, Message::Session(Event::Finished(report)));
    assert_eq!(*model.place.view(), View::SetUp(cause));
    // Nothing is behind it that comes before it.
    press(&mut model, "1");
    let later = phrase("tour.is-later").text();
    assert!(!model.page.text().contains(&later), "{}", model.page.text());
}

#[test]
fn without_a_url_the_answer_and_the_setup_lead_to_the_form_and_leaving_says_how_to_return() {
    let report = of(NO_IDENTITY, |inputs| inputs.target = None);
    let report = match report.verdict() {
        Verdict::Inconclusive => report,
        _ => {
            let mut case: crate::case::Case = serde_json::from_str(NO_IDENTITY).unwrap();
            let healthy = include_str!("../../../tests/it/saved/healthy.json");
            let mut whole: crate::case::Case = serde_json::from_str(healthy).unwrap();
            whole.inputs.target = None;
            whole.exchanges.retain(|exchange| exchange.purpose == crate::case::exchange::Purpose::Token);
            std::mem::swap(&mut case, &mut whole);
            Arc::new(Report::of(case))
        }
    };
    assert_eq!(report.verdict(), Verdict::Inconclusive);
    let mut model = checked(Arc::clone(&report));
    let text = model.page.text();
    assert!(text.contains(&phrase("screen.enter-url").text()), "{text}");
    assert!(!text.contains("easyauth-doctor check"), "{text}");
    key(&mut model, KeyCode::Enter);
    assert!(matches!(model.place.over, Some(Over::Form)) && model.form.as_ref().unwrap().at == At::Field(0));
    press(&mut model, "\x1bo");
    let next = crate::report::tour::next(Some(&report)).unwrap();
    assert_eq!(*model.place.view(), View::SetUp(next));
    assert!(model.page.text().contains(&phrase("tour.no-url").text()), "{}", model.page.text());
    let left = Left { report: Some(&report), is_here: true, ..Left::default() };
    let style = crate::report::text::Style {
        color: false,
        ascii: false,
        width: 80,
        detail: crate::report::document::Detail::Normal,
        program: None,
    };
    let said = farewell::text(&left, &style);
    assert!(said.contains(&phrase("leave.again").text()), "{said}");
}

#[test]
fn a_lab_that_answers_slowly_is_opened_again_as_slow() {
    assert!(shows_lab("healthy", false, 300).ends_with(" --delay 300"));
    assert!(!shows_lab("healthy", true, 0).contains("--delay"));
}

#[test]
fn targets_that_differ_at_their_ends_look_different_and_the_selected_one_is_whole() {
    let urls = ["https://app2.azurewebsites.net/api/hello", "https://app2.azurewebsites.net/api/hello2"];
    let all = urls.map(|url| (url.to_owned(), Target::saved(report())));
    let mut model = Model::several(all.to_vec(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
    update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
    for url in urls {
        let shown = svg::text(&model);
        let row = |end: &str| shown.lines().filter(|row| row.contains(end)).count();
        assert!(row("hello  ") >= 1 && row("hello2  ") >= 1, "{shown}");
        assert!(shown.contains(url), "{shown}");
        key(&mut model, KeyCode::Down);
    }
}

#[test]
fn a_command_that_is_pasted_into_any_view_of_the_lab_waits_at_its_prompt() {
    let command = "az account show";
    let mut model = opened((80, 24));
    update(&mut model, Message::Paste(command.to_owned()));
    assert!(model.place.over.is_none() && model.log.toast.is_some(), "no lab");
    model.bench = Some(bench::State::default());
    for text in [command.to_owned(), format!("# Where App 1 runs:\n{command}\n")] {
        model.place.over = None;
        press(&mut model, "c");
        let (effects, _) = update(&mut model, Message::Paste(text));
        assert!(effects.is_empty());
        let Some(Over::Prompt(prompt)) = &model.place.over else { panic!("the prompt") };
        assert_eq!((prompt.asking, prompt.input.value()), (Asking::Command, command));
    }
    // Any other text is what it was, settings too.
    for text in ["hello there", r#"{"properties": {"platform": {"enabled": true}, "globalValidation": {}}}"#] {
        press(&mut model, "\x1bc");
        update(&mut model, Message::Paste(text.to_owned()));
        assert!(!matches!(model.place.over, Some(Over::Prompt(_))), "{text}");
    }
}

#[test]
fn a_comment_is_copied_so_that_a_shell_runs_nothing_of_it() {
    let model = opened((80, 40));
    let comments = model.page.items.iter().filter(|item| item.tools && item.plain().starts_with('#'));
    let copied: Vec<&str> = comments.filter_map(|item| item.copy.as_deref()).collect();
    assert!(!copied.is_empty());
    let is_safe = |text: &&str| text.starts_with('#') || crate::report::Shell::of(text).is_some();
    assert!(copied.iter().all(is_safe), "{copied:#?}");
}

#[test]
fn what_is_compared_already_is_said_to_be() {
    let mut model = opened((80, 24));
    model.target.before = Some(report());
    model.place.open(View::Compare);
    let event = KeyEvent::new(KeyCode::Char('d'), KeyModifiers::NONE);
    update(&mut model, Message::Key(event));
    assert_eq!(model.log.toast, Some(phrase("why.shown-already").text()));
}

#[test]
fn without_tabs_the_view_is_named_beside_the_steps() {
    let mut model = opened((30, 10));
    for (pressed, view) in [("x", View::Requests), ("t", View::Token), ("c", View::Cause)] {
        press(&mut model, pressed);
        let shown = svg::text(&model);
        let name = phrase(view.name()).text();
        assert!(shown.lines().take(3).any(|row| row.trim_end().ends_with(&name)), "{shown}");
    }
}

#[test]
fn an_error_that_is_pasted_into_the_form_is_explained_and_used_as_a_log_only_when_asked() {
    let mut model = asking();
    let form = model.form.as_mut().unwrap();
    form.fields.push(crate::tui::journeys::field("target-log", Kind::Text, StepId::Protection, ""));
    let place = form.fields.len() - 1;
    form.fields[place].takes_text = true;
    let text = "AADSTS700016: 1\n2";
    update(&mut model, Message::Paste(text.to_owned()));
    assert!(model.form.as_ref().unwrap().fields[place].pasted.is_none());
    assert!(matches!(model.place.over, Some(Over::Offer(_))), "{:?}", model.log.toast);
}

#[test]
fn values_that_begin_alike_are_told_apart_by_their_ends() {
    let text = include_str!("../../../tests/it/saved/foreign-tenant-token-issuer.json");
    let report = of(text, |_| ());
    let mut model = Model::saved("t".to_owned(), Looks::new(true, false), (80, 24), Arc::clone(&report));
    update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
    press(&mut model, "p");
    let rule = crate::report::policy::rules(&report).into_iter().find(|rule| rule.name == "issuer").unwrap();
    let shown = svg::text(&model);
    let row = shown.lines().find(|row| row.contains("✗ issuer ")).unwrap();
    let end = |value: &str| value.chars().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect::<String>();
    assert!(row.contains(&end(&rule.expected)) && row.contains(&end(&rule.found)), "{row}");
}

#[test]
fn what_a_stopped_check_did_not_reach_is_open_and_was_not_skipped() {
    let mut case: crate::case::Case = serde_json::from_str(NO_IDENTITY).unwrap();
    case.settled.retain(|step| *step == StepId::Identity);
    let mut model = asking();
    update(&mut model, Message::Checking { title: "t".to_owned() });
    press(&mut model, "\x1b\x1b");
    update(&mut model, Message::Session(Event::Finished(Arc::new(Report::of(case)))));
    for step in StepId::ALL {
        let state = model.target.step(step);
        assert_ne!(state, StepState::Judged(StepStatus::Skipped), "{step:?}");
    }
}

#[test]
fn another_scenario_is_shown_from_its_name_on() {
    let scenarios = ["a", "b"].map(|name| (name.to_owned(), name.to_owned())).to_vec();
    let fault = |number: u32| bench::Breakable {
        name: format!("fault{number}"),
        title: number.to_string(),
        group: String::new(),
        code: String::new(),
        broken: number == 39,
    };
    let state = bench::State {
        scenario: "a".to_owned(),
        scenarios: Arc::new(scenarios),
        faults: (0..40).map(fault).collect(),
        ..bench::State::default()
    };
    let mut model = opened((80, 24));
    model.bench = Some(state.clone());
    press(&mut model, "b");
    key(&mut model, KeyCode::End);
    press(&mut model, "/\x1bj");
    let effects = press(&mut model, "\r");
    assert_eq!(effects.len(), 1, "{effects:?}");
    let request = Some(bench::Request::Switch("b".to_owned()));
    let state = Some(bench::State { scenario: "b".to_owned(), ..state });
    update(&mut model, Message::Bench(Box::new(bench::Done { request, state, ..bench::Done::default() })));
    let name = phrase("bench.scenario").text();
    assert!(svg::text(&model).lines().any(|row| row.contains(&name)), "{}", svg::text(&model));
}
