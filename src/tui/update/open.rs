//! From view to view.

use crate::case::step::StepId;
use crate::report::StepStatus;
use crate::tui::model::Model;
use crate::tui::model::place::{Cursor, Focus, View};
use crate::tui::page;
use crate::tui::page::item::{Opens, Row};

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

/// The tool beside the chosen one where there are tools, else the view beside the shown one.
pub(super) fn sideways(model: &mut Model, right: bool) -> bool {
    if model.item().is_some_and(|item| item.tools) {
        return tool(model, right);
    }
    let tabs = View::tabs(model.place.step);
    let next = beside(model.place.view().tab().unwrap_or(0), tabs.len(), right);
    tabs.get(next).cloned().is_some_and(|view| show(model, view))
}

fn beside(at: usize, count: usize, right: bool) -> usize {
    let next = if right { at + 1 } else { at + count.saturating_sub(1) };
    next % count.max(1)
}

fn tool(model: &mut Model, right: bool) -> bool {
    let tools = model.page.items.iter().find_map(|item| match &item.row {
        Row::Heading { tools, .. } if !tools.is_empty() => Some(tools),
        _ => None,
    });
    let Some(tools) = tools else { return false };
    let at = tools.iter().position(|tool| tool.chosen).unwrap_or(0);
    let Some(next) = tools.get(beside(at, tools.len(), right)) else {
        return false;
    };
    model.place.tool = Some(next.via.clone());
    page::refresh(model);
    // The first item of the other tool's way.
    let first = model.page.items.iter().find(|item| item.tools);
    let item = first.map(|item| item.id.clone());
    let cursor = model.place.cursor();
    model.place.set_cursor(Cursor { item, ..cursor });
    true
}

/// Opens what the selected item is about.
pub(super) fn open(model: &mut Model) -> bool {
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
pub(super) fn problem(model: &mut Model, forward: bool) -> bool {
    let Some(report) = model.target.shown() else {
        return false;
    };
    let problems: Vec<StepId> = report
        .steps()
        .iter()
        .filter(|step| matches!(step.status, StepStatus::Fail | StepStatus::Warn))
        .map(|step| step.id)
        .collect();
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
