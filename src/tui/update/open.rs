//! From view to view.

use crossterm::event::{KeyCode, KeyEvent};

use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::{StepStatus, tour};
use crate::tui::keys::binding::{Binding, Press, row};
use crate::tui::keys::chord::{Chord, key, letter};
use crate::tui::keys::when::{When, always, can_open, only};
use crate::tui::model::Model;
use crate::tui::model::place::{Cursor, Focus, Over, View};
use crate::tui::model::target::Run;
use crate::tui::page;
use crate::tui::page::item::{Item, Opens, Row, Tool};

use super::effect::Effect;
use super::form;

pub(crate) const KEYS: &[Binding] =
    &[row(&[key(KeyCode::Enter)], can_open, |model, press| open(model, press.effects), "keys.open")
        .footer("word.open", 20)];

pub(crate) const TOOLS: &[Binding] = &[
    row(&[key(KeyCode::Left), letter('h')], has_tools, |model, _| tool(model, false), "keys.tool-left"),
    row(&[key(KeyCode::Right), letter('l')], has_tools, |model, _| tool(model, true), "keys.tool-right")
        .footer("word.tool", 15)
        .in_footer_as("←→", "h/l"),
    row(&[letter('W')], has_command, |model, _| wrap(model), "keys.wrap").footer("word.wrap", 80),
];

pub(crate) const BACK: &[Binding] = &[
    row(&[letter(']')], has_problem, |model, _| problem(model, true), "keys.next-problem")
        .footer("word.next-problem", 65),
    row(&[letter('[')], has_problem, |model, _| problem(model, false), "keys.previous-problem"),
    row(&[key(KeyCode::Esc)], is_filtered, |model, _| clear_filter(model), "keys.clear-filter")
        .footer("word.clear-filter", 12),
    row(&[key(KeyCode::Esc)], is_opened, |model, _| close(model), "keys.back").footer("word.back", 9),
    row(&[key(KeyCode::Esc)], is_searched, |model, _| clear_search(model), "keys.clear-search").footer("word.back", 9),
    row(&[key(KeyCode::Esc)], is_of_several, |model, _| to_targets(model), "keys.to-targets").footer("word.back", 9),
    row(&[key(KeyCode::Esc)], is_before_a_check, |model, _| to_form(model), "keys.to-form").footer("word.back", 9),
    row(&[key(KeyCode::Esc)], is_on_bench, |model, _| show(model, View::Cause), "keys.from-lab").footer("word.back", 9),
    row(&[key(KeyCode::Esc)], has_left_form, back_to_form, "keys.leave-lab").footer("word.back", 9),
    row(&[key(KeyCode::Esc)], is_running, stop, "keys.stop").footer("word.stop", 5),
];

pub(crate) const VIEWS: &[Binding] = &[
    row(DIGITS, always, |model, press| digit(model, press.key), "keys.step").shown_as("1…8", "1-8").shows("view.step"),
    row(&[letter('c')], always, |model, _| show(model, View::Cause), "keys.cause")
        .shows("view.cause")
        .footer("word.cause", 60),
    row(&[letter('t')], always, |model, _| show(model, View::Token), "keys.token")
        .shows("view.token")
        .footer("word.token", 46),
    row(&[letter('p')], always, |model, _| show(model, View::Policy), "keys.policy")
        .shows("view.policy")
        .footer("word.policy", 47),
    row(&[letter('x')], always, |model, _| show(model, View::Requests), "keys.requests")
        .shows("view.requests")
        .footer("word.requests", 50),
    row(&[letter('i')], is_before_a_check, |model, press| form::open(model, press.effects), "keys.first-form")
        .footer("word.form", 6),
    row(&[letter('i')], can_edit, |model, press| form::open(model, press.effects), "keys.form").footer("word.form", 75),
    row(&[letter('i')], always, |model, _| show(model, View::Inputs), "keys.inputs").shows("view.inputs"),
    row(&[letter('o')], always, |model, _| set_up(model), "keys.set-up").shows("view.set-up").footer("word.set-up", 90),
    row(&[letter('L')], always, |model, _| show(model, View::Log), "keys.log").shows("view.log"),
    row(&[key(KeyCode::Left), letter('h')], always, |model, _| sideways(model, false), "keys.left"),
    row(&[key(KeyCode::Right), letter('l')], always, |model, _| sideways(model, true), "keys.right")
        .footer("word.view", 70)
        .in_footer_as("←→", "h/l"),
];

/// The digits of the steps.
const DIGITS: &[Chord] =
    &[letter('1'), letter('2'), letter('3'), letter('4'), letter('5'), letter('6'), letter('7'), letter('8')];

/// Whether there is another tool for what the selected row does.
fn has_tools(model: &Model) -> When {
    only(model.item().is_some_and(|item| item.tools) && tools(model).is_some(), "why.no-tool")
}

/// The tools of the shown page, where there is more than one.
fn tools(model: &Model) -> Option<&[Tool]> {
    let tools = model.page.items.iter().find_map(|item| match &item.row {
        Row::Heading { tools, .. } if !tools.is_empty() => Some(tools),
        _ => None,
    });
    tools.map(|tools| &**tools).filter(|tools| tools.len() > 1)
}

fn has_command(model: &Model) -> When {
    let is_cut = |item: &Item| matches!(item.row, Row::Command { .. } | Row::Comment(_) | Row::Code(_));
    only(model.page.all().any(|item| is_cut(&item)), "why.no-command")
}

fn has_problem(model: &Model) -> When {
    let report = model.target.shown().ok_or("why.nothing-known")?;
    only(report.steps().iter().any(|step| is_problem(step.status)), "why.no-problem")
}

const fn is_problem(status: StepStatus) -> bool {
    matches!(status, StepStatus::Fail | StepStatus::Warn)
}

/// Whether what is checked can be changed here.
fn can_edit(model: &Model) -> When {
    only(model.form.is_some(), "why.saved-case")
}

/// Whether only some of the requests are shown.
fn is_filtered(model: &Model) -> When {
    only(*model.place.view() == View::Requests && model.place.choices.filter.is_some(), "why.nothing-open")
}

fn is_opened(model: &Model) -> When {
    only(model.place.is_opened(), "why.nothing-open")
}

fn is_searched(model: &Model) -> When {
    only(model.place.search.is_some(), "why.nothing-open")
}

fn is_of_several(model: &Model) -> When {
    only(model.is_several() && *model.place.view() != View::Targets, "why.nothing-open")
}

fn is_before_a_check(model: &Model) -> When {
    only(model.target.run == Run::Never && model.form.is_some(), "why.nothing-open")
}

/// Whether the lab or a saved case took the place of the form.
fn has_left_form(model: &Model) -> When {
    only(model.left.is_some() && !model.target.is_running(), "why.nothing-open")
}

fn is_on_bench(model: &Model) -> When {
    only(*model.place.view() == View::Lab && !model.target.is_running(), "why.nothing-open")
}

fn is_running(model: &Model) -> When {
    only(matches!(model.target.run, Run::Running { .. }), "why.nothing-open")
}

fn wrap(model: &mut Model) -> bool {
    model.place.wrap = !model.place.wrap;
    true
}

fn clear_filter(model: &mut Model) -> bool {
    model.place.choices.filter = None;
    true
}

fn close(model: &mut Model) -> bool {
    model.place.close();
    if let View::Step(step) | View::SetUp(step) = *model.place.view() {
        model.place.step = step;
    }
    true
}

fn clear_search(model: &mut Model) -> bool {
    model.place.search = None;
    true
}

fn to_targets(model: &mut Model) -> bool {
    model.show_targets();
    true
}

/// Back to what everything began with, and nothing is behind it any more.
fn to_form(model: &mut Model) -> bool {
    model.place.show(View::Cause);
    model.place.over = Some(Over::Form);
    true
}

/// The form as it was before the lab or the saved case; its next check is a first one.
fn back_to_form(model: &mut Model, press: &mut Press<'_>) -> bool {
    // What was done in the lab is gone with it.
    let is_used = !model.console.is_empty() || model.bench.as_ref().is_some_and(|state| state.changed);
    if is_used && !press.asked_to_stop {
        model.place.stop_asked = true;
        model.log.hint(phrase("screen.leave-lab").text());
        return true;
    }
    let Some(mut form) = model.left.take() else { return false };
    form.begin_again();
    let program = model.program.take();
    *model = Model { now: model.now, program, ..Model::asking(form, model.looks, model.size) };
    form::open(model, press.effects)
}

/// Stops the check; the first time it only asks.
fn stop(model: &mut Model, press: &mut Press<'_>) -> bool {
    if press.asked_to_stop {
        model.target.run = Run::Stopping;
        model.target.generation += 1;
        press.effects.push(Effect::Stop);
    } else {
        model.place.stop_asked = true;
        model.log.hint(phrase("screen.stop").text());
    }
    true
}

/// The step whose digit was pressed, and what is known of it.
fn digit(model: &mut Model, key: KeyEvent) -> bool {
    let number = DIGITS.iter().position(|digit| digit.code == key.code);
    let Some(step) = number.and_then(|number| StepId::ALL.get(number)) else {
        return false;
    };
    let before = (model.place.view().clone(), model.place.focus);
    choose(model, *step);
    model.place.focus = Focus::Pane;
    before != (model.place.view().clone(), model.place.focus)
}

/// The stage to show: that of the shown step, else the one that is next.
fn set_up(model: &mut Model) -> bool {
    let chosen = match model.place.view() {
        View::Step(step) => Some(*step),
        _ => tour::next(model.target.known()),
    };
    let step = chosen.unwrap_or(model.place.step);
    model.place.step = step;
    show(model, View::SetUp(step))
}

/// Shows a view instead of everything that is open.
pub(super) fn show(model: &mut Model, view: View) -> bool {
    if *model.place.view() == view && !model.place.is_opened() {
        return false;
    }
    model.place.show(view);
    model.place.focus = Focus::Pane;
    true
}

/// Selects a step and shows it.
pub(super) fn choose(model: &mut Model, step: StepId) {
    model.place.following = false;
    model.place.choose(step);
    if !matches!(model.place.view(), View::Step(_) | View::SetUp(_)) {
        model.place.show(View::Step(step));
    }
}

/// The view beside the shown one.
fn sideways(model: &mut Model, right: bool) -> bool {
    let tabs = View::tabs(model.place.step);
    let next = beside(model.place.view().tab().unwrap_or(0), tabs.len(), right);
    tabs.get(next).cloned().is_some_and(|view| show(model, view))
}

fn beside(at: usize, count: usize, right: bool) -> usize {
    let next = if right { at + 1 } else { at + count.saturating_sub(1) };
    next % count.max(1)
}

/// The tool beside the chosen one.
fn tool(model: &mut Model, right: bool) -> bool {
    let Some(tools) = tools(model) else { return false };
    let at = tools.iter().position(|tool| tool.chosen).unwrap_or(0);
    let Some(next) = tools.get(beside(at, tools.len(), right)) else {
        return false;
    };
    model.place.tool = Some(next.via.clone());
    page::refresh(model);
    // The first command of the other tool's way.
    let item = page::fix::start(&model.page.items);
    let cursor = model.place.cursor();
    model.place.set_cursor(Cursor { item, ..cursor });
    true
}

/// Opens what the selected item is about.
fn open(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    match model.item().and_then(|item| item.opens.clone()) {
        Some(Opens::Request(id)) => {
            model.place.choices.unfolded = false;
            model.place.open(View::Request(id));
            model.place.focus = Focus::Pane;
            true
        }
        Some(Opens::Fold) => {
            model.place.choices.unfolded = !model.place.choices.unfolded;
            true
        }
        Some(Opens::Target) => show(model, View::Cause),
        Some(Opens::Field(name)) => {
            let Some(form) = &mut model.form else { return false };
            if let Some(at) = form.fields.iter().position(|field| field.name == name) {
                form.select(at);
            }
            form::open(model, effects)
        }
        Some(Opens::View(view, item)) => {
            if let View::Step(step) | View::SetUp(step) = view {
                model.place.following = false;
                model.place.step = step;
            }
            model.place.open(view);
            if let Some(item) = item {
                select(model, item);
            }
            model.place.focus = Focus::Pane;
            true
        }
        None => false,
    }
}

fn select(model: &mut Model, item: String) {
    model.place.set_cursor(Cursor { item: Some(item), ..Cursor::default() });
}

/// The next step with a problem, round and round.
fn problem(model: &mut Model, forward: bool) -> bool {
    let Some(report) = model.target.shown() else {
        return false;
    };
    let problems: Vec<StepId> =
        report.steps().iter().filter(|step| is_problem(step.status)).map(|step| step.id).collect();
    let here = match model.place.view() {
        View::Step(step) => Some(*step),
        _ => None,
    };
    let next = match (here, forward) {
        (None, true) => problems.first(),
        (None, false) => problems.last(),
        (Some(here), true) => problems.iter().find(|step| **step > here).or(problems.first()),
        (Some(here), false) => problems.iter().rfind(|step| **step < here).or(problems.last()),
    };
    let Some(step) = next.copied() else { return false };
    model.place.following = false;
    model.place.step = step;
    model.place.show(View::Step(step));
    model.place.set_cursor(Cursor::default());
    model.place.focus = Focus::Pane;
    true
}
