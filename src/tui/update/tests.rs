//! Keys and messages: what they change, what they ask for, and what they never do.

use std::sync::Arc;

use chrono::DateTime;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::Verdict;
use crate::session::Event;
use crate::tui::bench;
use crate::tui::bench::Output::{Printed, Refused};
use crate::tui::files::FileError;
use crate::tui::keys;
use crate::tui::look::Looks;
use crate::tui::model::Model;
use crate::tui::model::place::{Over, View};
use crate::tui::model::target::Run;
use crate::tui::page::item::{Item, Row};
use crate::tui::svg;
use crate::tui::tests::{key, opened, press, report};

use super::{Effect, Message, update};

fn control(model: &mut Model, character: char) -> Vec<Effect> {
    let event = KeyEvent::new(KeyCode::Char(character), KeyModifiers::CONTROL);
    update(model, Message::Key(event)).0
}

/// A check that is over.
fn finished() -> Model {
    let mut model = Model::checking("app".to_owned(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
    update(&mut model, Message::Session(Event::Finished(report())));
    model
}

fn header(model: &Model) -> String {
    svg::text(model).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_change_in_thought_is_marked_undone_and_never_what_was_observed() {
    let mut model = finished();
    assert_eq!(model.exit_code(), 1);
    let observed = Arc::clone(model.target.observed.as_ref().unwrap());
    press(&mut model, "a");
    assert_eq!(model.target.shown().unwrap().verdict(), Verdict::WouldPass);
    assert_eq!(model.target.changes().len(), 1);
    for keys in ["", "1", "x", "cj"] {
        press(&mut model, keys);
        assert!(header(&model).contains("◇ IF"), "{}", header(&model));
        assert_eq!(model.exit_code(), 1);
        assert!(Arc::ptr_eq(model.target.observed.as_ref().unwrap(), &observed));
    }
    assert!(model.target.observed.as_ref().unwrap().assumed().is_empty());
    // In the list of steps as well, what holds in thought only has its own mark; and how to make the change stays.
    let rows = svg::text(&model);
    assert!(rows.contains("7 ◇ authorization") && rows.contains("6 ✓ audience"), "{rows}");
    let commands = |model: &Model| {
        let is_command = |item: &&Item| matches!(item.row, Row::Command { .. });
        model.page.items.iter().filter(is_command).filter_map(|item| item.copy.clone()).collect::<Vec<_>>()
    };
    let to_make_it = commands(&model);
    press(&mut model, "u");
    assert!(!to_make_it.is_empty() && to_make_it == commands(&model));
    assert_eq!(model.target.shown().unwrap().verdict(), Verdict::Fail);
    assert!(!header(&model).contains('◇'));
    // Again, and taken back by the same key; then two changes, taken back one by one and together.
    press(&mut model, "aa");
    assert!(model.target.supposed.is_none());
    press(&mut model, "aA");
    control(&mut model, 'u');
    press(&mut model, "enabled=true\r");
    assert_eq!(model.target.changes().len(), 2);
    press(&mut model, "u");
    assert_eq!(model.target.changes().len(), 1);
    press(&mut model, "U");
    assert!(model.target.supposed.is_none());
    // A change of one's own leaves the root cause: the key adds what fixes that, and then takes all back. The answer is
    // shown from its beginning, where the changes stand.
    press(&mut model, "GA");
    control(&mut model, 'u');
    press(&mut model, "allowedAudiences+=api://other\r");
    assert_eq!(model.target.shown().unwrap().verdict(), Verdict::Fail);
    assert_eq!((model.place.cursor().top, model.place.cursor().skipped), (0, 0));
    assert!(svg::text(&model).contains("◇ allowedAudiences+=api://other"), "{}", svg::text(&model));
    press(&mut model, "a");
    assert_eq!(model.target.changes().len(), 2);
    assert_eq!(model.target.shown().unwrap().verdict(), Verdict::WouldPass);
    press(&mut model, "a");
    assert!(model.target.supposed.is_none());
}

#[test]
fn a_saved_case_can_be_supposed_about_and_given_back() {
    let mut model = opened((80, 24));
    press(&mut model, "a");
    assert_eq!(model.target.shown().unwrap().verdict(), Verdict::WouldPass);
    assert_eq!(model.exit_code(), 1);
    press(&mut model, "u");
    assert_eq!(model.target.shown().unwrap().verdict(), Verdict::Fail);
    // What can't be is said.
    assert!(press(&mut model, "r").is_empty());
    assert!(model.log.toast.is_some());
}

#[test]
fn a_prompt_keeps_its_text_and_says_why() {
    let mut model = finished();
    press(&mut model, "A");
    control(&mut model, 'u');
    press(&mut model, "allowedAudiences+=\r");
    let Some(Over::Prompt(prompt)) = &model.place.over else {
        panic!("the prompt is open");
    };
    assert_eq!(prompt.input.value(), "allowedAudiences+=");
    assert!(prompt.error.is_some());
    assert!(model.target.supposed.is_none());
    press(&mut model, "\x1b");
    assert!(press(&mut model, "s").iter().all(|effect| matches!(effect, Effect::FindName(_))));
    update(&mut model, Message::FreeName("free.case.json".to_owned()));
    assert_eq!(press(&mut model, "\r"), [Effect::Save("free.case.json".to_owned())]);
    // It is sent once, and the answer either closes the prompt or is said in it.
    assert!(press(&mut model, "\r").is_empty());
    update(&mut model, Message::Saved(Err(FileError::Exists { shown: "free.case.json".to_owned() })));
    press(&mut model, "x");
    assert_eq!(press(&mut model, "\r"), [Effect::Save("free.case.jsonx".to_owned())]);
    update(&mut model, Message::Saved(Ok("free.case.jsonx".to_owned())));
    assert!(model.place.over.is_none());
    assert!(model.log.toast.as_ref().unwrap().contains("free.case.jsonx"));
}

#[test]
fn pasted_text_goes_to_the_cursor_of_a_prompt_and_presses_no_key_elsewhere() {
    let mut model = finished();
    let (effects, _) = update(&mut model, Message::Paste("sq\r\nr".to_owned()));
    assert!(effects.is_empty() && model.place.over.is_none() && model.target.run == Run::Finished);
    press(&mut model, "A");
    control(&mut model, 'u');
    press(&mut model, "=b");
    control(&mut model, 'a');
    update(&mut model, Message::Paste("a\n".to_owned()));
    let Some(Over::Prompt(prompt)) = &model.place.over else {
        panic!("the prompt is open");
    };
    assert_eq!(prompt.input.value(), "a=b");
}

#[test]
fn escape_twice_stops_a_check_and_once_does_not() {
    let mut model = Model::checking("app".to_owned(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
    assert!(press(&mut model, "\x1b").is_empty());
    // Another key in between takes the first one back.
    assert!(press(&mut model, "j\x1b").is_empty());
    assert_eq!(press(&mut model, "\x1b"), [Effect::Stop]);
    assert_eq!(model.target.run, Run::Stopping);
    update(&mut model, Message::Session(Event::Finished(report())));
    assert_eq!((model.target.run, model.exit_code()), (Run::Stopped, 3));
    assert_eq!(press(&mut model, "r"), [Effect::Check { from: None }]);
}

#[test]
fn another_check_keeps_the_answer_before_and_forgets_what_was_supposed() {
    let mut model = finished();
    let before = Arc::clone(model.target.observed.as_ref().unwrap());
    press(&mut model, "a5");
    let from = Some(StepId::Claims);
    assert_eq!(press(&mut model, "R"), [Effect::Check { from }]);
    assert!(Arc::ptr_eq(model.target.before.as_ref().unwrap(), &before));
    assert!(model.target.supposed.is_none() && model.target.observed.is_none());
    press(&mut model, "c");
    assert!(model.page.stale, "the answer before is shown faint");
    assert!(svg::text(&model).contains("caller-not-in-allowed-applications"));
    // While it runs, nothing can be started, saved, or supposed, and each says so.
    for keys in ["r", "R", "s", "e", "a", "A"] {
        assert!(press(&mut model, keys).is_empty());
        assert!(model.log.toast.is_some() && model.place.over.is_none(), "{keys}");
    }
    assert_eq!(model.exit_code(), 3);
}

#[test]
fn each_view_keeps_its_place_and_items_lead_to_what_they_are_about() {
    let mut model = finished();
    press(&mut model, "x\x1bjjjj");
    let place = model.place.cursor();
    press(&mut model, "cG7x");
    assert_eq!(model.place.cursor(), place);
    // A line of evidence opens the token's claim, and Esc leads back.
    press(&mut model, "c/appid =\r\r");
    assert_eq!(*model.place.view(), View::Token);
    assert_eq!(model.item().unwrap().id, "claim/appid");
    assert!(svg::text(&model).contains("f0abd25d-7421-4531-90b3-d7e904d2d151"));
    press(&mut model, "\x1b");
    assert_eq!(*model.place.view(), View::Cause);
    // The tool is chosen once for all views.
    let mut model = finished();
    press(&mut model, "l");
    let report = report();
    let fixes = &report.diagnosis().root_cause.as_ref().unwrap().fixes;
    let mut tools: Vec<&str> = fixes.iter().map(|fix| &*fix.via).collect();
    tools.dedup();
    assert_eq!(model.place.tool.as_deref(), Some(tools[1]));
    press(&mut model, "]");
    assert_eq!(*model.place.view(), View::Step(StepId::Claims));
    press(&mut model, "]]]");
    assert_eq!(*model.place.view(), View::Step(StepId::Claims));
}

#[test]
fn a_command_is_copied_whole_and_without_what_surrounds_it() {
    let mut model = finished();
    let report = report();
    let cause = report.diagnosis().root_cause.as_ref().unwrap();
    let commands = cause.fixes.iter().find(|fix| fix.via == "az").unwrap().commands();
    assert!(commands.len() > 2);
    for command in &commands {
        while model.item().unwrap().copy.as_ref() != Some(&command.command) {
            assert!(key(&mut model, KeyCode::Down).1, "{} isn't an item", command.command);
        }
        assert_eq!(press(&mut model, "y"), [Effect::Copy(command.command.clone())]);
        press(&mut model, "g");
    }
    let [Effect::Copy(all)] = &press(&mut model, "Y")[..] else {
        panic!("a text");
    };
    assert!(commands.iter().all(|command| all.contains(&command.command)));
}

#[test]
fn every_key_does_what_its_row_says_or_says_why_not() {
    let models = [
        finished(),
        opened((80, 24)),
        Model::checking("app".to_owned(), Looks::default(), (80, 24), DateTime::UNIX_EPOCH),
    ];
    for model in models {
        for code in (' '..='~').map(KeyCode::Char).chain([KeyCode::Enter, KeyCode::Esc, KeyCode::F(9), KeyCode::Insert])
        {
            let mut model = model.clone();
            let event = KeyEvent::new(code, KeyModifiers::NONE);
            let does = matches!(keys::meaning(&model, event), keys::Meaning::Does(_));
            let (effects, changed) = update(&mut model, Message::Key(event));
            if !does {
                assert!(effects.is_empty() && changed && model.log.toast.is_some(), "{code:?} is silent");
            }
        }
    }
}

#[test]
fn help_and_footer_list_exactly_the_keys_that_do_something() {
    let mut model = finished();
    model.size = (80, 200);
    press(&mut model, "?");
    let help = svg::text(&model);
    for binding in keys::all() {
        let said = crate::knowledge::phrase(binding.help).text();
        let is_first = |chord: &keys::Chord| {
            let mut rows = keys::enabled(&model).filter(|row| row.chords.contains(chord));
            rows.next().is_some_and(|row| std::ptr::eq(row, binding))
        };
        let begin: String = said.chars().take(24).collect();
        let is_listed = help.lines().any(|line| line.contains(&begin));
        assert_eq!(is_listed, binding.chords.first().is_some_and(is_first), "{said}\n{help}");
    }
    press(&mut model, "\x1b");
    for (binding, _) in keys::footer(&model) {
        assert!((binding.when)(&model).is_ok());
    }
    let has = |name| keys::footer(&model).iter().any(|(binding, _)| binding.help == name);
    assert!(has("keys.copy") && !has("keys.undo"));
}

#[test]
fn help_fits_and_scrolls_on_a_small_screen() {
    let mut model = finished();
    model.size = (40, 12);
    press(&mut model, "?");
    let mut seen = svg::text(&model);
    for _ in 0..80 {
        key(&mut model, KeyCode::Down);
        seen.push_str(&svg::text(&model));
    }
    for word in ["Ctrl-L", "Ctrl-Z", "unknown"] {
        assert!(seen.contains(word), "{word}");
    }
    assert!(press(&mut model, "q").is_empty(), "q closes the help");
    assert_eq!(press(&mut model, "q"), [Effect::Quit]);
    assert_eq!(control(&mut model, 'c'), [Effect::Interrupt]);
}

/// A screen on a lab with one fault.
pub(super) fn on_a_lab() -> Model {
    let mut model = finished();
    let fault = bench::Breakable {
        name: "stopped".to_owned(),
        title: "App 2 is stopped".to_owned(),
        group: "app2".to_owned(),
        code: "target-stopped".to_owned(),
        broken: false,
    };
    let state = bench::State {
        scenario: "healthy".to_owned(),
        faults: vec![fault],
        scenarios: Arc::new(vec![
            ("healthy".to_owned(), "one".to_owned()),
            ("target-stopped".to_owned(), "another".to_owned()),
        ]),
        ..bench::State::default()
    };
    let done = bench::Done { state: Some(state), ..bench::Done::default() };
    update(&mut model, Message::Bench(Box::new(done)));
    model
}

#[test]
fn without_a_lab_the_bench_says_why_not_and_sends_nothing() {
    let mut model = finished();
    for keys in ["b", "$"] {
        assert!(press(&mut model, keys).is_empty());
        assert!(model.log.toast.is_some());
        assert_ne!(*model.place.view(), View::Lab);
    }
}

#[test]
fn the_footer_of_a_narrow_bench_has_the_key_that_breaks() {
    let mut model = on_a_lab();
    press(&mut model, "b");
    for (width, has_quit) in [(24, false), (30, true), (60, true)] {
        update(&mut model, Message::Resized(width, 10));
        let shown = crate::tui::svg::text(&model);
        let footer = shown.lines().last().unwrap();
        assert!(footer.contains(&format!("Space {}", phrase("word.switch").text())), "{shown}");
        assert!(footer.contains(&phrase("word.help").text()), "{shown}");
        assert_eq!(footer.contains(&phrase("word.quit").text()), has_quit, "{shown}");
    }
}

#[test]
fn the_bench_asks_for_what_is_selected_and_for_nothing_else() {
    let mut model = on_a_lab();
    press(&mut model, "b");
    let asked = press(&mut model, " ");
    let set = bench::Request::Set { name: "stopped".to_owned(), broken: true };
    assert_eq!(asked, [Effect::Bench(set)]);
    // Elsewhere the key pages.
    assert!(press(&mut model, "c ").is_empty());
    press(&mut model, "b/\x1bj");
    let asked = press(&mut model, "\r");
    assert_eq!(asked, [Effect::Bench(bench::Request::Switch("target-stopped".to_owned()))]);
    assert_eq!(*model.place.view(), View::Lab);
}

#[test]
fn what_a_command_printed_is_in_sight_above_the_next_one() {
    let mut model = on_a_lab();
    press(&mut model, "b$one\r");
    let printed = (0..30).map(|number| format!("row {number}\n")).collect::<String>();
    for (output, last) in [
        (Printed(printed), "row 0"),
        (Printed("short".to_owned()), "short"),
        (Refused("refused".to_owned()), "refused"),
    ] {
        let ran = bench::Ran { line: "one".to_owned(), output };
        let done = bench::Done { ran: vec![ran], ..bench::Done::default() };
        update(&mut model, Message::Bench(Box::new(done)));
        let selected = model.item().unwrap().plain();
        assert!(selected.contains(last), "{selected}");
        assert_eq!(svg::text(&model).matches(last).count(), 1, "{}", svg::text(&model));
    }
}

#[test]
fn pasted_commands_wait_for_enter_and_run_one_after_another() {
    let mut model = on_a_lab();
    press(&mut model, "b");
    let pasted = "# a comment\naz one\r\n\n az two \n".to_owned();
    let (effects, _) = update(&mut model, Message::Paste(pasted));
    assert!(effects.is_empty());
    let asked = press(&mut model, "\r");
    let [Effect::Bench(bench::Request::Run { lines, .. })] = asked.as_slice() else {
        panic!("{asked:?}");
    };
    assert_eq!(lines, &["az one", "az two"]);
    // A refusal keeps the line, and is said there where nothing else is seen; success empties it for the next one.
    let refused = || Refused("no".to_owned());
    for (size, output, left, has_error) in [
        ((80, 24), refused(), "az one && az two", false),
        ((20, 5), refused(), "az one && az two", true),
        ((20, 5), Printed(String::new()), "", false),
    ] {
        update(&mut model, Message::Resized(size.0, size.1));
        let ran = bench::Ran { line: "az one".to_owned(), output };
        let done = bench::Done { ran: vec![ran], ..bench::Done::default() };
        update(&mut model, Message::Bench(Box::new(done)));
        let Some(Over::Prompt(prompt)) = &model.place.over else {
            panic!("the prompt is open");
        };
        assert_eq!((prompt.input.value(), prompt.error.is_some()), (left, has_error));
        press(&mut model, "\r");
    }
    assert_eq!(model.target.run, Run::Finished, "what changed nothing is not checked again");
    // What is pasted then is another command, and what is pasted into a line that was changed belongs to it.
    for (keys, left) in [("", "az three"), ("x", "az fourxaz three")] {
        control(&mut model, 'u');
        press(&mut model, "az four\r");
        let ran = bench::Ran { line: "az four".to_owned(), output: refused() };
        update(&mut model, Message::Bench(Box::new(bench::Done { ran: vec![ran], ..bench::Done::default() })));
        press(&mut model, keys);
        update(&mut model, Message::Paste("az three".to_owned()));
        let Some(Over::Prompt(prompt)) = &model.place.over else { panic!("the prompt is open") };
        assert_eq!(prompt.input.value(), left);
    }
}

#[test]
fn the_guided_setup_shows_the_next_stage_and_leaves_it_when_it_is_done() {
    let mut model = finished();
    press(&mut model, "1o");
    assert_eq!(*model.place.view(), View::SetUp(StepId::Identity), "the step that was chosen");
    press(&mut model, "co");
    assert_eq!(*model.place.view(), View::SetUp(StepId::Authorization), "the stage that is next");
    assert_eq!(press(&mut model, "\r"), [Effect::Check { from: None }]);
    // Nothing new: the stage stays.
    update(&mut model, Message::Session(Event::Finished(report())));
    assert_eq!(*model.place.view(), View::SetUp(StepId::Authorization));
    assert_eq!(press(&mut model, "\r"), [Effect::Check { from: None }]);
    let text = include_str!("../../../tests/it/saved/healthy.json");
    let works = crate::report::Report::of(serde_json::from_str(text).unwrap());
    update(&mut model, Message::Session(Event::Finished(Arc::new(works))));
    assert_eq!(model.log.entries.len(), 1, "{:?}", model.log.entries);
    let asked = press(&mut model, "s");
    assert_eq!(asked, [Effect::FindName("app2-setup.md".to_owned())]);
    update(&mut model, Message::FreeName("app2-setup-2.md".to_owned()));
    assert_eq!(press(&mut model, "\r"), [Effect::WriteList("app2-setup-2.md".to_owned())]);
}
