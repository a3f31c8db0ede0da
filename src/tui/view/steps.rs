//! The eight steps: as a list beside the pane, or as a strip above it.
//!
//! ```text
//! ▌7 ✗ authorization 93 ms
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::{Said, phrase};
use crate::report::tour::{self, Progress};
use crate::report::wrap::{padded, width};
use crate::report::{StepStatus, words};
use crate::tui::look::{Looks, Role};
use crate::tui::model::Model;
use crate::tui::model::place::{Focus, Over, View};
use crate::tui::model::target::{Run, StepState};
use crate::tui::page::amount::{passed, time};
use crate::tui::page::layout::clipped;

use super::draw::put;
use super::places::{Class, class};

/// Cells of the longest name of a step.
const NAME: usize = 13;

pub(super) fn list(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    if area.height == 0 || area.width == 0 {
        return;
    }
    // On a low screen the selected step stays in sight.
    let rows = usize::from(area.height);
    let first = usize::from(model.place.step.number()).saturating_sub(rows);
    let open = not_done(model);
    let shown = StepId::ALL.iter().skip(first).take(rows);
    let mut lines: Vec<Line<'_>> = shown.map(|step| row(model, *step, &open, usize::from(area.width))).collect();
    lines.extend(below(model, usize::from(area.width)));
    lines.truncate(rows);
    put(frame, area, lines);
}

fn row(model: &Model, step: StepId, open: &[StepId], cells: usize) -> Line<'static> {
    let looks = model.looks;
    let state = model.target.step(step);
    let (glyph, role, word) = shown(model, step, open, state);
    let is_selected = step == model.place.step;
    let is_consequence = model.target.cause().is_some_and(|cause| step > cause);
    let lead = if is_selected { looks.cursor() } else { " " };
    let mut head = format!("{lead}{} ", step.number());
    let mut mark = format!("{glyph} ");
    if class(model.size.0, model.size.1) == Class::Wide {
        mark.push_str(&padded(&word, 8));
    }
    let took = took(model, step, state);
    let room = cells.saturating_sub(width(&head) + width(&mark));
    let name = padded(step.id(), NAME);
    let gap = room.saturating_sub(width(&name) + width(&took));
    // A name is never cut; a time without room is left out.
    let tail =
        if gap > 0 || took.is_empty() { format!("{name}{}{took}", " ".repeat(gap)) } else { padded(&name, room) };
    if is_selected && model.place.focus == Focus::Steps {
        head.push_str(&mark);
        head.push_str(&tail);
        return Line::from(Span::styled(head, looks.style(Role::Selected)));
    }
    let text = match (is_selected, is_consequence) {
        (true, _) => Role::Heading,
        (false, true) => Role::Faint,
        (false, false) => Role::Text,
    };
    let role = if is_consequence { Role::Faint } else { role };
    Line::from(vec![
        Span::styled(head, looks.style(if is_selected { Role::Heading } else { Role::Faint })),
        Span::styled(mark, looks.style(role)),
        Span::styled(tail, looks.style(text)),
    ])
}

/// The mark, how it looks, and the word of a step's state.
fn shown(model: &Model, step: StepId, open: &[StepId], state: StepState) -> (&'static str, Role, String) {
    let ascii = model.looks.ascii;
    match state {
        StepState::Waiting => (model.looks.waiting(), Role::Faint, waiting(model)),
        StepState::Busy(_) => (model.looks.busy(), Role::Busy, phrase("screen.asking").text()),
        // What holds in thought only was not seen.
        StepState::Judged(status) if model.target.is_supposed(step) => {
            (model.looks.supposed(), Role::Supposed, words::status(status).to_owned())
        }
        StepState::Judged(StepStatus::Pass) if open.contains(&step) => {
            (model.looks.waiting(), Role::Faint, phrase("tour.open").text())
        }
        StepState::Judged(status) => (words::glyph(status, ascii), Role::of(status), words::status(status).to_owned()),
    }
}

/// In the guided setup, the stages that aren't done: a step that passes can be one, where nothing confirms it yet.
fn not_done(model: &Model) -> Vec<StepId> {
    if !matches!(model.place.view(), View::SetUp(_)) {
        return Vec::new();
    }
    let stages = tour::stages(model.target.known());
    stages.into_iter().filter(|stage| stage.progress != Progress::Done).map(|stage| stage.step).collect()
}

/// What is said of a step that was not checked; nothing where no check has begun.
fn waiting(model: &Model) -> String {
    match model.target.run {
        Run::Never => String::new(),
        _ => phrase("screen.waiting").text(),
    }
}

fn took(model: &Model, step: StepId, state: StepState) -> String {
    let is_stale = model.form.as_ref().and_then(|form| form.stale()).is_some_and(|from| step >= from);
    match state {
        // What was found with another value.
        StepState::Judged(_) if is_stale => phrase("screen.stale").text(),
        StepState::Waiting if class(model.size.0, model.size.1) == Class::Wide => String::new(),
        StepState::Waiting => waiting(model),
        // Its seconds alone: they change often enough.
        StepState::Busy(since) => format!("{} s", passed(model.now - since) / 1_000),
        // What a request of it took is no part of a step that is left out.
        StepState::Judged(StepStatus::Skipped) => String::new(),
        StepState::Judged(_) => {
            let report = model.target.shown().and_then(|report| report.step(step));
            let elapsed = report.map_or(0, |step| step.elapsed_ms);
            if elapsed == 0 { String::new() } else { time(elapsed) }
        }
    }
}

/// Below the steps: with what was checked, and the last checks where there is more than one.
fn below(model: &Model, cells: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if class(model.size.0, model.size.1) == Class::Wide {
        lines.extend(inputs(model, cells));
    }
    lines.extend(runs(model, cells));
    lines
}

/// An empty line and a heading.
fn headed(heading: &Said, looks: Looks) -> Vec<Line<'static>> {
    let text = format!(" {}", heading.text());
    vec![Line::default(), Line::from(Span::styled(text, looks.style(Role::Heading)))]
}

/// The identity, and the resource.
fn inputs(model: &Model, cells: usize) -> Vec<Line<'static>> {
    let looks = model.looks;
    let Some(report) = model.target.shown() else {
        return Vec::new();
    };
    let mut lines = headed(&phrase("view.inputs"), looks);
    let values = [
        report.identity().map(|identity| {
            let labeled = phrase("screen.identity").with("identity", identity.as_str()).text();
            if width(&labeled) + 2 <= cells { labeled } else { identity }
        }),
        report.resource().map(|(resource, _)| resource),
        report.resource_place().map(|place| phrase("screen.from").with("source", place).text()),
    ];
    for value in values.into_iter().flatten() {
        let text = looks.text(&format!("  {}", visible(&value)));
        lines.push(Line::from(clipped(&text, cells, looks)));
    }
    lines
}

/// The last checks, where there is more than one.
fn runs(model: &Model, cells: usize) -> Vec<Line<'static>> {
    let looks = model.looks;
    let ended = &model.target.history;
    // The messages have this list as well.
    if ended.len() < 2 || *model.place.view() == View::Log {
        return Vec::new();
    }
    let mut lines = headed(&phrase("section.runs"), looks);
    for run in ended.iter().rev().take(8) {
        let (verdict, status) = run.verdict();
        let step = run.step.map(|step| phrase("screen.step").with("number", step.number()).text());
        let said = step.unwrap_or(verdict);
        let text = format!("  {} {} {said}", run.at.format("%H:%M:%SZ"), words::glyph(status, looks.ascii));
        lines.push(Line::from(clipped(&text, cells, looks)));
    }
    lines
}

/// The steps in one row: their numbers and marks, and the name of the selected one where there is room; without tabs,
/// the name of the shown view.
pub(super) fn strip(frame: &mut Frame<'_>, model: &Model, area: Rect, has_tabs: bool) {
    if area.height == 0 {
        return;
    }
    let looks = model.looks;
    let cells = usize::from(area.width);
    // With room, a gap before each.
    let spaced = cells >= 34;
    let mut line = Line::default();
    let open = not_done(model);
    for step in StepId::ALL {
        let (glyph, role, _) = shown(model, step, &open, model.target.step(step));
        let is_selected = step == model.place.step;
        if spaced {
            line.spans.push(Span::raw(if is_selected { looks.cursor() } else { " " }));
        }
        let number = if is_selected && model.place.focus == Focus::Steps {
            Role::Selected
        } else if is_selected {
            Role::Heading
        } else {
            Role::Text
        };
        line.spans.push(Span::styled(step.number().to_string(), looks.style(number)));
        line.spans.push(Span::styled(glyph, looks.style(role)));
    }
    let shown = if matches!(model.place.over, Some(Over::Form)) { "view.form" } else { model.place.view().name() };
    let name = if has_tabs { model.place.step.id().to_owned() } else { phrase(shown).text() };
    let gap = if has_tabs { 2 } else { cells.saturating_sub(line.width() + width(&name) + 1) };
    if (spaced || !has_tabs) && gap > 0 && line.width() + gap + width(&name) <= cells {
        line.spans.push(Span::raw(format!("{}{}", " ".repeat(gap), looks.text(&name))));
    }
    put(frame, area, vec![line]);
}
