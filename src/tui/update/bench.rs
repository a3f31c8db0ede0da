//! The lab bench and the guided setup: what their keys ask for, and what comes of it.

use crossterm::event::KeyCode;

use crate::case::shown::typed::repeated;
use crate::case::step::StepId;
use crate::knowledge::{self, phrase};
use crate::report::{Report, Shell, tour, words};
use crate::tui::bench::{Done, Ran, Request};
use crate::tui::keys::binding::{Binding, row};
use crate::tui::keys::chord::{key, letter};
use crate::tui::keys::when::{When, can_check, only};
use crate::tui::model::Model;
use crate::tui::model::place::{Asking, Cursor, Over, View};
use crate::tui::model::target::Watch;
use crate::tui::page::item::{Item, Row};
use crate::tui::page::lab;
use crate::tui::view::places::{self, Class};

use super::effect::Effect;
use super::{begin, open, save, watch};

/// No more command lines are kept.
const MOST: usize = 12;

/// What stands between command lines in one row.
const AND: &str = " && ";

pub(crate) const KEYS: &[Binding] = &[
    row(&[key(KeyCode::Enter)], on_scenario, |model, press| pick(model, press.effects), "keys.pick")
        .footer("word.pick", 4),
    row(&[key(KeyCode::Enter)], can_look, |model, press| watch::check(model, None, press), "keys.look")
        .footer("word.look", 4),
    row(&[letter(' ')], on_fault, |model, press| switch(model, press.effects), "keys.switch").footer("word.switch", 5),
    row(&[letter('/')], in_lab, |model, _| scenarios(model), "keys.scenarios").footer("word.scenarios", 6),
    row(&[letter('$')], has_lab, |model, _| command(model), "keys.command").footer("word.command", 16),
    row(&[letter('b')], has_lab, |model, _| open::show(model, View::Lab), "keys.lab")
        .shows("view.lab")
        .footer("word.lab", 48),
    row(&[letter('n')], can_skip, |model, _| skip(model), "keys.skip").footer("word.skip", 21),
    row(&[letter('s')], in_set_up, save::save_list, "keys.save-list").footer("word.save-list", 22),
];

/// The screen runs on a lab that is there.
fn has_lab(model: &Model) -> When {
    let has_button = model.form.as_ref().is_some_and(|form| form.has_lab);
    only(model.bench.is_some(), if has_button { "why.no-lab-yet" } else { "why.no-lab" })
}

fn in_lab(model: &Model) -> When {
    only(*model.place.view() == View::Lab, "why.not-in-lab")
}

fn on_fault(model: &Model) -> When {
    in_lab(model)?;
    let is_fault = |item: &Item| item.id.starts_with(lab::FAULT);
    only(model.item().as_deref().is_some_and(is_fault), "why.no-fault")
}

fn on_scenario(model: &Model) -> When {
    let is_scenario = |item: &Item| item.id.starts_with(lab::SCENARIO);
    only(model.item().as_deref().is_some_and(is_scenario), "why.not-opened")
}

fn in_set_up(model: &Model) -> When {
    only(matches!(model.place.view(), View::SetUp(_)), "why.not-in-set-up")
}

/// Whether there is another stage to do. A search has its own next place.
fn can_skip(model: &Model) -> When {
    in_set_up(model)?;
    let stages = tour::stages(model.target.known());
    let is_other = |stage: &tour::Stage| stage.progress != tour::Progress::Done && stage.step != model.place.step;
    only(model.place.search.is_none() && stages.iter().any(is_other), "why.no-other-stage")
}

fn can_look(model: &Model) -> When {
    in_set_up(model)?;
    can_check(model)
}

/// Lists the scenarios, and asks which are looked for.
fn scenarios(model: &mut Model) -> bool {
    model.place.open(View::Scenarios);
    let item = model.bench.as_ref().map(|state| format!("{}{}", lab::SCENARIO, state.scenario));
    model.place.set_cursor(Cursor { item, ..Cursor::default() });
    model.place.ask(Asking::Search, "")
}

/// Asks for a command line: the selected command of a fix is proposed, also one in a comment.
fn command(model: &mut Model) -> bool {
    let is_of_fix = |item: &Item| matches!(item.row, Row::Command { .. } | Row::Comment(_));
    let selected = model.item().filter(|item| is_of_fix(item)).and_then(|item| item.copy.clone());
    let played = selected.filter(|text| Shell::of(text.trim_start_matches(['#', ' '])) == Some(Shell::Bash));
    to_lab(model);
    model.place.ask(Asking::Command, &played.map(|text| in_one_row(&text)).unwrap_or_default())
}

/// Shows the lab; Esc leads back to where the command is.
pub(super) fn to_lab(model: &mut Model) {
    if *model.place.view() != View::Lab {
        model.place.open(View::Lab);
    }
}

/// Breaks or fixes the selected thing.
fn switch(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let name = model.item().and_then(|item| item.id.strip_prefix(lab::FAULT).map(str::to_owned));
    let faults = model.bench.iter().flat_map(|state| &state.faults);
    let Some(fault) = faults.into_iter().find(|fault| Some(&fault.name) == name.as_ref()) else {
        return false;
    };
    let (name, broken) = (fault.name.clone(), !fault.broken);
    effects.push(Effect::Bench(Request::Set { name, broken }));
    false
}

/// Puts the selected scenario in place.
fn pick(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let name = model.item().and_then(|item| item.id.strip_prefix(lab::SCENARIO).map(str::to_owned));
    let Some(name) = name else { return false };
    model.place.show(View::Lab);
    // What it is comes first.
    model.place.set_cursor(Cursor { item: Some(lab::NAME.to_owned()), ..Cursor::default() });
    model.place.search = None;
    effects.push(Effect::Bench(Request::Switch(name)));
    true
}

/// What a comment says to save as a request's body, else the line itself.
fn or_body(line: &str) -> &str {
    line.strip_prefix("# ").filter(|rest| rest.starts_with('{')).unwrap_or(line)
}

/// Whether a text is commands, such as a printed fix.
pub(super) fn is_command(text: &str) -> bool {
    let mut lines = text.lines().map(|line| line.trim_start_matches(['#', ' ']));
    lines.any(|line| Shell::of(line).is_some())
}

/// What was pasted, as one row: commands in lines of their own run one after another.
pub(super) fn in_one_row(text: &str) -> String {
    let all = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> = all().map(or_body).filter(|line| !line.starts_with('#')).collect();
    if lines.is_empty() {
        // A command in a comment does the same as another one: it was chosen by who copied it alone.
        let commands = all().map(|line| line.trim_start_matches(['#', ' '])).filter(|line| words::is_to_copy(line));
        return commands.collect::<Vec<_>>().join(AND);
    }
    lines.join(AND)
}

/// The request to run what was typed.
pub(super) fn run(model: &Model, typed: &str) -> Effect {
    Effect::Bench(Request::Run {
        lines: typed.split(AND).map(str::to_owned).collect(),
        report: model.target.known_shared(),
    })
}

/// What came of a request; the world that it changed is checked at once.
pub(super) fn take(model: &mut Model, done: Done, effects: &mut Vec<Effect>) -> bool {
    let Done { request, ran, failed, state, prepared } = done;
    let title = |name: &str| {
        let faults = model.bench.iter().flat_map(|state| &state.faults);
        let found = faults.into_iter().find(|fault| fault.name == name);
        found.map_or_else(|| name.to_owned(), |fault| fault.title.clone())
    };
    let said = match (&request, &failed) {
        (_, Some(reason)) => Some(reason.clone()),
        (Some(Request::Set { name, broken }), None) => {
            let key = if *broken { "bench.broken" } else { "bench.fixed" };
            Some(phrase(key).with("title", title(name)).text())
        }
        (Some(Request::Switch(name)), None) => {
            model.console.clear();
            Some(phrase("bench.switched").with("scenario", name.as_str()).text())
        }
        (Some(Request::Run { .. }) | None, None) => None,
    };
    if let Some(said) = said {
        model.log.say(model.now, said);
    }
    if let Some(state) = state {
        model.bench = Some(state);
    }
    take_lines(model, ran);
    model.target.generation += 1;
    if let Some(state) = &model.bench
        && request.as_ref().is_some_and(|request| matches!(request, Request::Switch(_)))
    {
        model.title = phrase("bench.title").with("scenario", state.scenario.as_str()).text();
    }
    if prepared.is_some() {
        watch::goes_on(model);
        begin::start(model, StepId::Identity);
        effects.push(Effect::Check { from: None });
    }
    true
}

/// Shows what command lines printed; the prompt is ready for the next one, or says what was refused.
fn take_lines(model: &mut Model, ran: Vec<Ran>) {
    if ran.is_empty() {
        return;
    }
    // A password in a line isn't repeated, as it isn't shown while the line is typed.
    let ran: Vec<Ran> = ran.into_iter().map(|one| Ran { line: repeated(&one.line), ..one }).collect();
    for one in &ran {
        let reason = one.output.refused();
        let said = phrase(if reason.is_none() { "bench.ran" } else { "bench.refused" });
        model.log.say(model.now, said.with("line", one.line.as_str()).with_some("reason", reason).text());
    }
    model.log.toast = None;
    let refused = ran.iter().find_map(|one| one.output.refused().cloned());
    model.console.extend(ran);
    let extra = model.console.len().saturating_sub(MOST);
    model.console.drain(..extra);
    let is_alone = places::class(model.size.0, model.size.1) == Class::Tiny;
    if let Some(Over::Prompt(prompt)) = &mut model.place.over
        && prompt.asking == Asking::Command
    {
        (prompt.sent, prompt.refused) = (false, refused.is_some());
        match refused {
            // On a tiny screen the prompt is all that is seen; else the reason is above it, below its command.
            Some(reason) if is_alone => prompt.error = Some(reason),
            Some(_) => {}
            None => prompt.input.reset(),
        }
    }
    if *model.place.view() == View::Lab
        && let Some(last) = model.console.len().checked_sub(1)
    {
        let item = Some(format!("{}{last}", lab::RAN));
        model.place.set_cursor(Cursor { item, ..Cursor::default() });
    }
}

/// Shows the next stage that isn't done, round and round.
fn skip(model: &mut Model) -> bool {
    let here = model.place.step;
    let stages = tour::stages(model.target.known());
    let mut left = stages.iter().filter(|stage| stage.progress != tour::Progress::Done).map(|stage| stage.step);
    let first = left.clone().next();
    let Some(step) = left.find(|step| *step > here).or(first) else {
        return false;
    };
    model.place.choose(step);
    true
}

/// After a check: from a stage that is done now to the next one. Says whether a stage is shown.
pub(super) fn advance(model: &mut Model) -> bool {
    let View::SetUp(shown) = *model.place.view() else {
        return false;
    };
    let observed = model.target.observed.as_deref();
    let next = tour::next(observed);
    let is_done = |report: Option<&Report>| {
        let stages = tour::stages(report);
        stages.iter().any(|stage| stage.step == shown && stage.progress == tour::Progress::Done)
    };
    if is_done(observed) && !is_done(model.target.before.as_deref()) {
        let said = phrase("tour.moved").with("number", shown.number());
        let said = said.with("title", &knowledge::step(shown).title).when("all", next.is_none()).text();
        if let Some(next) = next {
            model.place.choose(next);
        }
        model.log.say(model.now, said);
    } else if let Some(next) = next.filter(|_| model.target.before.is_none()) {
        // The first check shows where to begin.
        model.place.choose(next);
    } else if model.target.watch == Watch::Off {
        // A check that changes nothing is seen, too.
        let key = if is_done(observed) { "tour.still" } else { "tour.not-yet" };
        let at = observed.map(words::checked_at);
        model.log.hint(phrase(key).with("number", shown.number()).with_some("time", at).text());
    }
    true
}
