//! What actions do.

use crossterm::event::{KeyCode, KeyEvent};

use crate::case::secret::without_tokens;
use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::written;
use crate::tui::keys::{self, Action, Meaning};
use crate::tui::model::Model;
use crate::tui::model::place::{Asking, Focus, Over, View};
use crate::tui::model::target::Run;
use crate::tui::view::help;

use super::effect::Effect;
use super::{begin, bench, evidence, form, moves, open, prompt, targets, watch};

/// Does it. Says whether the screen changed.
pub(super) fn act(
    model: &mut Model,
    action: Action,
    key: KeyEvent,
    asked_to_stop: bool,
    effects: &mut Vec<Effect>,
) -> bool {
    match action {
        Action::Up => moves::up(model),
        Action::Down => moves::down(model),
        Action::First => moves::first(model),
        Action::Last => moves::last(model),
        Action::PageUp => moves::page_up(model),
        Action::PageDown => moves::page_down(model),
        Action::Step => step(model, key),
        Action::OtherPane => {
            model.place.focus = match model.place.focus {
                Focus::Steps => Focus::Pane,
                Focus::Pane => Focus::Steps,
            };
            true
        }
        Action::Left | Action::Right => open::sideways(model, action == Action::Right),
        Action::Cause => open::show(model, View::Cause),
        Action::Requests => open::show(model, View::Requests),
        Action::Inputs => open::show(model, View::Inputs),
        Action::Form => form::open(model, effects),
        Action::SetUp => bench::set_up(model),
        Action::Lab => open::show(model, View::Lab),
        Action::Switch => bench::switch(model, effects),
        Action::Scenarios => {
            model.place.open(View::Scenarios);
            prompt::open(model, Asking::Search, "")
        }
        Action::Pick => bench::pick(model, effects),
        Action::Command => {
            open::show(model, View::Lab);
            prompt::open(model, Asking::Command, "")
        }
        Action::Look => check(model, None, effects),
        Action::Skip => bench::skip(model),
        Action::SaveList => {
            effects.push(Effect::FindName(prompt::LIST.to_owned()));
            prompt::open(model, Asking::ListPath, prompt::LIST)
        }
        Action::Log => open::show(model, View::Log),
        Action::Open => open::open(model),
        Action::Back => back(model, asked_to_stop, effects),
        Action::NextProblem => open::problem(model, true),
        Action::PreviousProblem => open::problem(model, false),
        Action::Search => prompt::open(model, Asking::Search, ""),
        Action::SearchNext => moves::search(model, true, false),
        Action::SearchPrevious => moves::search(model, false, false),
        Action::Copy => {
            let text = model.item().and_then(|item| item.copy.clone()).unwrap_or_default();
            done(effects, Effect::Copy(without_tokens(&text)))
        }
        Action::CopyAll => done(effects, Effect::Copy(without_tokens(&model.page.text()))),
        Action::Plain => {
            let text = model.looks.text(&model.page.text());
            done(effects, Effect::Plain(without_tokens(&text)))
        }
        Action::Wrap => {
            model.place.wrap = !model.place.wrap;
            true
        }
        Action::Try => try_fix(model),
        Action::WhatIf => {
            let report = model.target.shown().cloned();
            let change = report.as_ref().and_then(|report| report.suggested_assumption());
            prompt::open(model, Asking::WhatIf, change.unwrap_or("allowedAudiences+="))
        }
        Action::Undo => {
            let mut changes = model.target.changes().to_vec();
            changes.pop();
            prompt::undo(model, changes)
        }
        Action::UndoAll => prompt::undo(model, Vec::new()),
        Action::Watch => watch::toggle(model),
        Action::LookNow => watch::look(model, effects),
        Action::Mark => targets::mark(model),
        Action::CompareMarked => targets::compare(model),
        Action::Compare => {
            model.place.open(View::Compare);
            model.place.focus = Focus::Pane;
            true
        }
        Action::RunAll => check(model, None, effects),
        Action::RunEvery => targets::check_all(model, effects),
        Action::RunFrom => check(model, Some(model.place.step), effects),
        Action::Save => {
            let name = moves::file_name(model);
            effects.push(Effect::FindName(name.clone()));
            prompt::open(model, Asking::SavePath, &name)
        }
        Action::WriteFixed => write_fixed(model),
        Action::Help => {
            model.place.over = Some(Over::Help(0));
            true
        }
        Action::Redraw => done(effects, Effect::Redraw),
        Action::Suspend => done(effects, Effect::Suspend),
        Action::Interrupt => done(effects, Effect::Interrupt),
        Action::Quit => done(effects, Effect::Quit),
        Action::Token => open::show(model, View::Token),
        Action::Policy => open::show(model, View::Policy),
        Action::Header | Action::Raw | Action::Suppose | Action::Filter | Action::OnlyStep | Action::Order => {
            evidence::act(model, action)
        }
    }
}

/// Why an action had no effect although its key does something here.
pub(super) const fn no_effect(action: Action) -> Option<&'static str> {
    Some(match action {
        Action::Up | Action::First | Action::PageUp => "why.at-the-first",
        Action::Down | Action::Last | Action::PageDown => "why.at-the-last",
        Action::Left | Action::Right => "why.one-tool",
        Action::Cause | Action::Requests | Action::Inputs | Action::SetUp | Action::Log | Action::Step => {
            "why.shown-already"
        }
        _ => return None,
    })
}

/// What an effect shows comes with its answer.
fn done(effects: &mut Vec<Effect>, effect: Effect) -> bool {
    effects.push(effect);
    false
}

/// The step whose digit was pressed, and what is known of it.
fn step(model: &mut Model, key: KeyEvent) -> bool {
    let digit = match key.code {
        KeyCode::Char(digit) => digit.to_digit(10),
        _ => None,
    };
    let place = digit.and_then(|digit| usize::try_from(digit).ok()?.checked_sub(1));
    let Some(step) = place.and_then(|place| StepId::ALL.get(place)) else {
        return false;
    };
    open::choose(model, *step);
    model.place.focus = Focus::Pane;
    true
}

fn back(model: &mut Model, asked_to_stop: bool, effects: &mut Vec<Effect>) -> bool {
    if keys::when::is_filtered(model) {
        model.place.choices.filter = None;
    } else if model.place.is_opened() {
        model.place.close();
        if let View::Step(step) | View::SetUp(step) = *model.place.view() {
            model.place.step = step;
        }
    } else if model.place.search.is_some() {
        model.place.search = None;
    } else if model.is_several() && *model.place.view() != View::Targets {
        model.show_targets();
    } else if keys::when::goes_to_form(model) {
        model.place.over = Some(Over::Form);
    } else if asked_to_stop {
        model.target.run = Run::Stopping;
        model.target.generation += 1;
        effects.push(Effect::Stop);
    } else {
        model.place.stop_asked = true;
        model.log.hint(phrase("screen.stop").text());
    }
    true
}

/// The change that fixes the root cause, in thought; where there is a change already, all are taken back.
fn try_fix(model: &mut Model) -> bool {
    if !model.target.changes().is_empty() {
        return prompt::undo(model, Vec::new());
    }
    let observed = model.target.observed.clone();
    let Some(change) = observed.as_ref().and_then(|report| report.suggested_assumption()) else {
        return false;
    };
    if let Err(error) = prompt::suppose(model, change) {
        model.log.say(model.now, error.to_string());
    }
    model.place.show(View::Cause);
    true
}

/// Asks for a name, where there is something to write.
fn write_fixed(model: &mut Model) -> bool {
    let Some(report) = model.target.observed.as_deref() else { return false };
    if let Err(reason) = written::edited_settings(report) {
        model.log.hint(phrase("screen.not-written").with("reason", reason.to_string()).text());
        return true;
    }
    prompt::open(model, Asking::FixedPath, "edited.json")
}

pub(super) fn check(model: &mut Model, from: Option<StepId>, effects: &mut Vec<Effect>) -> bool {
    begin::start(model, from.unwrap_or(StepId::Identity));
    model.place.following = from.is_none();
    watch::goes_on(model);
    effects.push(Effect::Check { from });
    true
}

/// A key while the help is open: it scrolls, and everything else closes it.
pub(super) fn in_help(model: &mut Model, top: usize, key: KeyEvent) -> bool {
    let (rows, height) = help::size(model);
    let last = rows.saturating_sub(height);
    let page = height.max(1);
    let action = match keys::meaning(model, key) {
        Meaning::Does(binding) => Some(binding.action),
        Meaning::Nothing(_) | Meaning::Unknown => None,
    };
    let top = match action {
        Some(Action::Up) => Some(top.saturating_sub(1)),
        Some(Action::Down) => Some(top + 1),
        Some(Action::PageUp) => Some(top.saturating_sub(page)),
        Some(Action::PageDown) => Some(top + page),
        Some(Action::First) => Some(0),
        Some(Action::Last) => Some(last),
        _ => None,
    };
    model.place.over = top.map(|top| Over::Help(top.min(last)));
    true
}
