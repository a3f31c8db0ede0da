//! What is said, and what is no longer said, when something begins or ends.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::Report;
use crate::report::text::Style;
use crate::report::words;
use crate::session::Event;
use crate::tui::farewell::{self, Left};
use crate::tui::keys::{self, Chord};
use crate::tui::look::Looks;
use crate::tui::model::Model;
use crate::tui::model::form::{At, Kind};
use crate::tui::model::place::{Cursor, Over, View};
use crate::tui::model::target::Target;
use crate::tui::page::content::Page;
use crate::tui::page::item::{Item, Opens, Row};
use crate::tui::svg;
use crate::tui::tests::{opened, press, report};

use super::tests::on_a_lab;
use super::{Effect, Message, update};

fn checking() -> Model {
    Model::checking("app".to_owned(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH)
}

fn healthy() -> Arc<Report> {
    let text = include_str!("../../../tests/it/saved/healthy.json");
    Arc::new(Report::of(serde_json::from_str(text).unwrap()))
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

#[test]
fn esc_clears_the_filter_of_the_requests_and_no_match_is_said() {
    let mut model = opened((80, 24));
    press(&mut model, "x");
    let all = model.page.len();
    press(&mut model, "/nothing-like-it\r");
    assert!(model.page.items.iter().any(|item| item.id == "none"));
    press(&mut model, "\x1b");
    assert_eq!((model.page.len(), model.place.view()), (all, &View::Requests));
    press(&mut model, "\x1b");
    assert_eq!(model.log.toast, Some(phrase("why.nothing-open").text()));
}

#[test]
fn where_no_settings_can_be_written_no_name_is_asked_for() {
    let text = include_str!("../../../tests/it/saved/healthy.json");
    let mut model = checking();
    finish(&mut model, Arc::new(Report::of(serde_json::from_str(text).unwrap())));
    press(&mut model, "e");
    assert!(model.place.over.is_none() && model.log.toast.is_some());
}

#[test]
fn the_checks_that_ended_are_listed_once() {
    let heading = phrase("section.runs").text();
    for (keys, size) in [("", (120, 40)), ("L", (120, 40)), ("L", (80, 24))] {
        let mut model = checking();
        (0..2).for_each(|_| finish(&mut model, report()));
        update(&mut model, Message::Resized(size.0, size.1));
        press(&mut model, keys);
        let rows = svg::text(&model);
        assert_eq!(rows.matches(&heading).count(), 1, "{rows}");
    }
}

/// Values may be a little longer than their column.
#[test]
fn what_claims_are_compared_with_is_one_column() {
    let mut model = opened((80, 24));
    press(&mut model, "t");
    let rows = svg::text(&model);
    let column = |end: &str| {
        let row = rows.lines().find(|row| row.trim_end().ends_with(end)).unwrap();
        row.split(end).next().map(|before| before.chars().count())
    };
    assert_eq!(column("audience (6)"), column("allowedApplications (7)"), "{rows}");
}

#[test]
fn what_was_looked_for_is_said_as_it_was_typed() {
    let mut model = opened((80, 24));
    press(&mut model, "/No Such Text\r");
    assert_eq!(model.log.toast, Some(phrase("screen.not-found").with("text", "No Such Text").text()));
    press(&mut model, "/ALLOWEDAPPLICATIONS\r");
    assert!(model.log.toast.as_ref().unwrap().starts_with("ALLOWEDAPPLICATIONS: "), "{:?}", model.log.toast);
}

/// A test that needs an input begins in the form, at its field; a command is copied.
#[test]
fn enter_on_the_test_of_a_candidate_begins_it_and_its_fix_has_the_values_of_the_case() {
    let text = include_str!("../../../tests/it/saved/caller-not-in-allowed-applications-without-settings.json");
    let report = Arc::new(Report::of(serde_json::from_str(text).unwrap()));
    let candidate = report.diagnosis().alternatives.iter().find(|other| !other.fixes.is_empty()).unwrap();
    let known = report.observed().inputs.target_host().unwrap();
    let known = known.split(':').next().unwrap();
    let mut model = checking();
    model.form = crate::tui::journeys::asking().form;
    let fields = &mut model.form.as_mut().unwrap().fields;
    fields.push(crate::tui::journeys::field("auth-settings", Kind::Text, StepId::Protection, ""));
    let at = fields.len() - 1;
    finish(&mut model, Arc::clone(&report));
    let is_started = |item: &Item| item.opens == Some(Opens::Field("auth-settings"));
    let test = model.page.items.iter().find(|item| is_started(item)).unwrap_or_else(|| panic!("{}", model.page.text()));
    model.place.set_cursor(Cursor { item: Some(test.id.clone()), ..Cursor::default() });
    let effects = press(&mut model, "\r");
    assert!(matches!(model.place.over, Some(Over::Form)) && matches!(effects.as_slice(), [Effect::Plan(_)]));
    assert_eq!(model.form.as_ref().unwrap().at, At::Field(at));
    // A saved case has no form: nothing leads there.
    let mut saved = Model::saved(String::new(), Looks::new(false, false), (80, 24), Arc::clone(&report));
    update(&mut saved, Message::Tick(DateTime::UNIX_EPOCH));
    assert!(!saved.page.items.iter().any(is_started));
    // Its explanation ends with the commands for this case.
    saved.place.open(View::Explain(candidate.code.name().to_owned()));
    update(&mut saved, Message::Resized(100, 30));
    let commands: Vec<String> = saved.page.items.iter().filter(|item| item.tools).map(Item::plain).collect();
    assert!(commands.iter().any(|line| line.contains(known)), "{commands:#?}");
}

#[test]
fn enter_on_the_command_of_a_test_copies_it() {
    let command = "az version";
    let sentence = format!("Run `{command}` or `false`.");
    let items = [
        Item::new("candidate/0/confirm/1", Row::Command { number: 1, text: command.to_owned() }),
        Item::pair("candidate/0/confirm/0", "to confirm", &*sentence),
        Item::text("candidate/0/confirm/0", &*sentence),
        Item::text("candidate/0/confirm/0", "Look at `false`."),
        Item::text("summary", &*sentence),
    ];
    let copied = items.map(|item| {
        let mut model = opened((80, 24));
        model.place.set_cursor(Cursor { item: Some(item.id.clone()), ..Cursor::default() });
        model.page = Arc::new(Page::of(vec![item]));
        press(&mut model, "\r")
    });
    let expected = || vec![Effect::Copy(command.to_owned())];
    assert_eq!(copied, [expected(), expected(), expected(), vec![], vec![]]);
}

/// What comes next depends on what a command prints, and the last words are about the same tool.
#[test]
fn commands_of_powershell_are_copied_one_by_one_and_printed_where_they_were_chosen() {
    let mut model = opened((120, 40));
    model.place.tool = Some("powershell".to_owned());
    update(&mut model, Message::Resized(121, 40));
    let is_command = |item: &&Item| matches!(item.row, Row::Command { .. });
    let commands: Vec<String> =
        model.page.items.iter().filter(is_command).filter_map(|item| item.copy.clone()).collect();
    assert!(commands.iter().any(|one| one.starts_with("if ($r.StatusCode -ne 200) { throw")), "{commands:#?}");
    assert!(commands.iter().any(|one| one.contains("-Method PUT") && one.contains("-ErrorAction Stop")));
    assert!(commands.iter().all(|one| !one.contains('\n')), "{commands:#?}");
    let style = Style { color: false, ascii: false, width: 400, ..Style::default() };
    let report = report();
    let said = farewell::text(&Left { report: Some(&report), tool: Some("powershell"), ..Left::default() }, &style);
    assert!(said.contains("Invoke-AzRestMethod") && !said.contains("az rest"), "{said}");
}

/// Two saved cases of one target.
fn twice(files: &[&str]) -> Model {
    let title = "https://app2.example/".to_owned();
    let mut all = vec![(title.clone(), Target::saved(report())), (title, Target::saved(report()))];
    let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
    Model::name_apart(&mut all, &files);
    let mut model = Model::several(all, Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
    update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
    model
}

#[test]
fn targets_of_the_same_name_are_told_apart_and_compared_by_their_names() {
    let titles = |model: &Model| model.all_targets().map(|(title, _)| title.to_owned()).collect::<Vec<_>>();
    let mut model = twice(&["one.json", "two.json"]);
    assert_eq!(titles(&model), ["one.json: app2.example/", "two.json: app2.example/"]);
    let started = report().observed().started_at.format("%Y-%m-%d %H:%M:%SZ").to_string();
    assert!(titles(&twice(&[])).iter().all(|title| title.starts_with(&started)));
    press(&mut model, " jd");
    let same = model.page.items.iter().find(|item| item.id == "same").unwrap();
    let Row::Text { text, .. } = &same.row else { panic!("a text") };
    let [one, other] = ["one.json: app2.example/", "two.json: app2.example/"];
    assert_eq!(*text, phrase("targets.same").with("one", one).with("other", other).text());
}

#[test]
fn targets_of_different_names_are_compared_with_their_files() {
    let mut model = twice(&["one.json", "two.json"]);
    for (at, row) in model.targets.rows.iter_mut().enumerate() {
        row.title = format!("https://app{at}.example/");
        row.target.files = vec![format!("{at}.json")];
    }
    model.target.files = vec!["0.json".to_owned()];
    press(&mut model, " jd");
    let after = model.page.items.iter().find(|item| item.id == "after").unwrap().plain();
    let before = model.page.items.iter().find(|item| item.id == "before").unwrap().plain();
    assert!(before.contains("0.json") && after.contains("1.json: https://app1.example/"), "{before} {after}");
}

#[test]
fn the_footer_says_whether_w_begins_or_stops() {
    let mut model = checking();
    finish(&mut model, report());
    let word = |model: &Model| {
        let rows = keys::footer(model);
        let key = KeyEvent::new(KeyCode::Char('w'), KeyModifiers::NONE);
        rows.iter().find(|(binding, _)| binding.chords.contains(&Chord::of(key))).map(|(_, word)| *word)
    };
    assert_eq!(word(&model), Some("word.watch"));
    press(&mut model, "w");
    assert_eq!(word(&model), Some("word.unwatch"));
}

#[test]
fn the_scenario_in_place_has_another_mark_than_the_selected_one() {
    let mut model = on_a_lab();
    press(&mut model, "b/\x1b");
    let marks = model.page.items.iter().filter_map(|item| match &item.row {
        Row::Text { mark: Some((mark, _)), .. } => Some(mark.as_str()),
        _ => None,
    });
    let marks: Vec<&str> = marks.collect();
    assert!(marks.contains(&model.looks.busy()) && !marks.contains(&model.looks.cursor()), "{marks:?}");
    let there = model.bench.as_ref().unwrap().scenario.clone();
    assert_eq!(model.item().unwrap().id, format!("{}{there}", crate::tui::page::lab::SCENARIO));
}

#[test]
fn leaving_an_open_answer_names_what_fits_under_a_heading_that_does_not_promise_a_fix() {
    let text = include_str!("../../../tests/it/saved/caller-not-in-allowed-applications-without-settings.json");
    let report = Report::of(serde_json::from_str(text).unwrap());
    let causes = &report.diagnosis().alternatives;
    assert!(!causes.is_empty());
    let style = Style { color: false, ascii: false, width: 200, ..Style::default() };
    let said = farewell::text(&Left { report: Some(&report), ..Left::default() }, &style);
    for cause in causes {
        assert!(said.contains(cause.code.name()), "{said}");
    }
    assert!(said.contains(&phrase("screen.find-out").text()) && !said.contains(&words::FIXES.text()), "{said}");
}

/// As in the field of a browser.
#[test]
fn what_is_typed_replaces_a_whole_proposal_and_goes_on_with_a_beginning() {
    let value = |model: &Model| match &model.place.over {
        Some(Over::Prompt(prompt)) => prompt.input.value().to_owned(),
        _ => panic!("no prompt"),
    };
    let mut model = opened((80, 24));
    press(&mut model, "A");
    let proposal = value(&model);
    assert!(proposal.starts_with("allowedApplications+="), "{proposal}");
    press(&mut model, "e");
    assert_eq!(value(&model), "e");
    // Whoever moves in it changes it.
    press(&mut model, "\x1bA");
    update(&mut model, Message::Key(KeyCode::End.into()));
    press(&mut model, "e");
    assert_eq!(value(&model), format!("{proposal}e"));
    press(&mut model, "\x1bA");
    update(&mut model, Message::Paste("enabled=true".to_owned()));
    assert_eq!(value(&model), "enabled=true");
    press(&mut model, "\x1bx/403\r/");
    assert_eq!(value(&model), "403");
    press(&mut model, "4");
    assert_eq!(value(&model), "4");
    press(&mut model, "\x1b/");
    update(&mut model, Message::Key(KeyCode::Backspace.into()));
    assert_eq!(value(&model), "");
    // What is known to fix nothing is only begun.
    let mut model = Model::saved(String::new(), Looks::new(false, false), (80, 24), healthy());
    update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
    press(&mut model, "Ax");
    assert_eq!(value(&model), "allowedAudiences+=x");
}

/// What is printed can be typed: the name alone isn't found everywhere.
#[test]
fn commands_call_this_program_as_it_was_started() {
    let called = "/home/site/easyauth-doctor";
    let report = || {
        let text = include_str!("../../../tests/it/saved/target-egress-blocked-without-settings.json");
        Arc::new(Report::of(serde_json::from_str(text).unwrap()))
    };
    let is_own =
        |item: &&Item| matches!(item.row, Row::Command { .. }) && item.plain().contains("easyauth-doctor check");
    let copied = |model: &Model| model.page.items.iter().find(is_own).unwrap().copy.clone().unwrap();
    let mut model = checking();
    update(&mut model, Message::Session(Event::Finished(report())));
    assert!(copied(&model).starts_with("easyauth-doctor check "));
    model.program = Some(called.to_owned());
    update(&mut model, Message::Session(Event::Finished(report())));
    assert!(copied(&model).starts_with("/home/site/easyauth-doctor check "));
    // Where a saved case is opened, another machine may be meant; and the lab plays its commands itself.
    let saved = Model::saved("app".to_owned(), Looks::new(true, false), (80, 24), report());
    let mut saved = Model { program: model.program.clone(), ..saved };
    update(&mut saved, Message::Resized(100, 30));
    assert!(copied(&saved).starts_with("easyauth-doctor check "));
    let mut lab = Model { program: model.program.clone(), ..on_a_lab() };
    finish(&mut lab, report());
    assert!(copied(&lab).starts_with("easyauth-doctor check "));
    // So do the lines of a report, and the last words.
    let style = Style { color: false, ascii: false, width: 400, ..Style::default() };
    for (program, check) in [(Some(called), called), (None, "easyauth-doctor")] {
        let said = crate::report::text::report(&report(), &Style { program, ..style });
        assert!(said.contains(&format!("    {check} check --target")), "{said}");
    }
    let report = report();
    for (is_here, check) in [(true, "/home/site/easyauth-doctor check "), (false, "    easyauth-doctor check ")] {
        let left = Left { report: Some(&report), program: Some(called), is_here, ..Left::default() };
        let said = farewell::text(&left, &style);
        assert!(said.contains(check), "{said}");
        assert_eq!(said.contains("/home/site/easyauth-doctor --target "), is_here, "{said}");
    }
}

#[test]
fn cases_that_are_compared_are_called_by_their_files() {
    let mut model = opened((80, 24));
    model.target.before = Some(report());
    model.target.files = ["one.json", "two.json"].map(str::to_owned).to_vec();
    press(&mut model, "d");
    for (id, file) in [("before", "one.json"), ("after", "two.json")] {
        let item = model.page.items.iter().find(|item| item.id == id).unwrap();
        assert!(item.plain().contains(file), "{}", item.plain());
    }
}

#[test]
fn a_check_that_changes_nothing_is_seen_in_the_guided_setup() {
    let mut model = checking();
    finish(&mut model, report());
    press(&mut model, "o\r");
    finish(&mut model, report());
    let at = report().observed().started_at.format("%H:%M:%S UTC").to_string();
    let said = phrase("tour.not-yet").with("number", StepId::Authorization.number()).with("time", at);
    assert_eq!(model.log.toast, Some(said.text()));
}

#[test]
fn there_is_nothing_to_try_where_the_call_succeeds() {
    let mut model = checking();
    let text = include_str!("../../../tests/it/saved/healthy.json");
    let works = crate::report::Report::of(serde_json::from_str(text).unwrap());
    finish(&mut model, Arc::new(works));
    assert!(press(&mut model, "a").is_empty());
    assert_eq!(model.log.toast, Some(phrase("why.passes").text()));
}
