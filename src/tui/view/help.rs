//! The help over the screen: what the shown view is for, its keys that do something now, and what the marks mean. It
//! scrolls, so it fits any screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use crate::case::text::visible_lines;
use crate::knowledge::phrase;
use crate::report::wrap::{self, padded, wrap};
use crate::report::{StepStatus, words};
use crate::tui::keys::{self, Chord};
use crate::tui::look::{Looks, Role};
use crate::tui::model::Model;
use crate::tui::model::form::Form;
use crate::tui::model::place::Over;
use crate::tui::page::layout::clipped;

use super::draw::put;

/// Cells of the keys.
const KEYS: usize = 18;

/// The widest help.
const WIDEST: u16 = 76;

/// The widest list of requests: addresses are long.
const WIDEST_PLAN: u16 = 110;

/// The rows of the help, and how many of them are seen at once.
#[must_use]
pub fn size(model: &Model) -> (usize, usize) {
    let place = place(model);
    (lines(model, usize::from(place.width)).len(), usize::from(place.height).saturating_sub(1))
}

/// The columns that the list of requests has.
#[must_use]
pub fn room(model: &Model) -> usize {
    usize::from(model.size.0.min(WIDEST_PLAN)).saturating_sub(2).max(1)
}

fn place(model: &Model) -> Rect {
    let (columns, rows) = model.size;
    let width = columns.min(if matches!(model.place.over, Some(Over::FormPlan(_))) { WIDEST_PLAN } else { WIDEST });
    Rect::new((columns - width) / 2, 0, width, rows)
}

/// Keys of the form, as they are shown, in Unicode and in ASCII, and what they do.
const FORM: [(&str, &str, &str); 9] = [
    ("Tab ↓", "Tab Down", "form.next"),
    ("Shift-Tab ↑", "Shift-Tab Up", "form.previous"),
    ("← →", "Left Right", "form.choose"),
    ("Enter", "Enter", "form.enter"),
    ("Ctrl-R", "Ctrl-R", "form.check-now"),
    ("Ctrl-U", "Ctrl-U", "form.empty"),
    ("F2", "F2", "form.plan"),
    ("F3", "F3", "form.claims"),
    ("Esc", "Esc", "form.leave"),
];

fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    match (&model.place.over, &model.form) {
        (Some(Over::FormHelp(_)), Some(form)) => of_form(model, form, width),
        (Some(Over::FormPlan(_)), Some(form)) => of_plan(model, form),
        _ => of_view(model, width),
    }
}

/// What a view or the form is for.
fn head(title: &'static str, about: &'static str, looks: Looks, room: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::from(Span::styled(format!(" {}", phrase(title).text()), looks.style(Role::Heading)))];
    lines.extend(wrap(&looks.text(&phrase(about).text()), room).into_iter().map(|line| Line::from(format!(" {line}"))));
    lines.push(Line::default());
    lines
}

/// What something is or does, beside its name.
fn entry(name: &str, text: &str, least: usize, looks: Looks, room: usize) -> Vec<Line<'static>> {
    let lead = least.max(wrap::width(name) + 1).min(room / 2);
    let pieces = wrap(&looks.text(text), room.saturating_sub(lead).max(1));
    let line = |(number, piece): (usize, String)| {
        let name = if number == 0 { clipped(name, lead, looks) } else { String::new() };
        Line::from(vec![
            Span::styled(format!(" {}", padded(&name, lead)), looks.style(Role::Heading)),
            Span::raw(piece),
        ])
    };
    pieces.into_iter().enumerate().map(line).collect()
}

/// The keys of the form, and what each of its fields is for.
fn of_form(model: &Model, form: &Form, width: usize) -> Vec<Line<'static>> {
    let looks = model.looks;
    let room = width.saturating_sub(2).max(1);
    let mut lines = head("form.title", "form.about", looks, room);
    let labels: Vec<String> = form.fields.iter().map(|field| looks.text(&phrase(field.label).text())).collect();
    let least = labels.iter().map(|label| wrap::width(label) + 1).max().unwrap_or(KEYS);
    for (unicode, plain, does) in FORM {
        lines.extend(entry(if looks.ascii { plain } else { unicode }, &phrase(does).text(), least, looks, room));
    }
    lines.push(Line::default());
    for (label, field) in labels.iter().zip(&form.fields) {
        lines.extend(entry(label, &visible_lines(&field.help), least, looks, room));
    }
    lines
}

/// What a check would send, request by request.
fn of_plan(model: &Model, form: &Form) -> Vec<Line<'static>> {
    let looks = model.looks;
    let text = form.plan.as_ref().map_or("", |plan| &plan.whole);
    let pieces = |line: &str| {
        let lead = line.len() - line.trim_start().len();
        let pieces = wrap(&looks.text(line.trim_start()), room(model).saturating_sub(lead).max(1));
        pieces.into_iter().map(move |piece| format!(" {}{piece}", " ".repeat(lead)))
    };
    let mut lines: Vec<Line<'static>> = text.lines().flat_map(pieces).map(Line::from).collect();
    if let Some(title) = lines.first_mut() {
        title.style = looks.style(Role::Heading);
    }
    lines
}

fn of_view(model: &Model, width: usize) -> Vec<Line<'static>> {
    let looks = model.looks;
    let view = model.place.view();
    let room = width.saturating_sub(2).max(1);
    let mut lines = head(view.name(), view.about(), looks, room);
    for binding in keys::enabled(model) {
        // A key that has another meaning here is listed with that one.
        let is_its = |chord: &Chord| {
            let first = keys::enabled(model).find(|other| other.chords.contains(chord));
            first.is_some_and(|first| std::ptr::eq(first, binding))
        };
        if !binding.chords.first().is_some_and(is_its) {
            continue;
        }
        let keys = binding.keys(looks.ascii, is_its);
        lines.extend(entry(&keys, &phrase(binding.help).text(), KEYS, looks, room));
    }
    lines.push(Line::default());
    let marks = [StepStatus::Pass, StepStatus::Warn, StepStatus::Fail, StepStatus::Skipped, StepStatus::Unknown];
    let marks =
        marks.map(|status| (words::glyph(status, looks.ascii), Role::of(status), words::status(status).to_owned()));
    let others = [
        (looks.busy(), Role::Busy, "screen.asking"),
        (looks.waiting(), Role::Faint, "screen.waiting"),
        (looks.supposed(), Role::Supposed, "mark.supposed"),
        (looks.opens(), Role::Faint, "mark.opens"),
        ("stale", Role::Faint, "mark.stale"),
    ];
    let others = others.map(|(mark, role, key)| (mark, role, phrase(key).text()));
    for (mark, role, said) in marks.into_iter().chain(others) {
        lines.push(Line::from(vec![
            Span::styled(format!(" {}", padded(mark, KEYS.min(room / 2))), looks.style(role)),
            Span::raw(clipped(&said, room, looks)),
        ]));
    }
    lines.push(Line::default());
    let about = wrap(&looks.text(&phrase("screen.paste-about").text()), room);
    lines.extend(about.into_iter().map(|line| Line::from(format!(" {line}"))));
    lines
}

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, top: usize) {
    let looks = model.looks;
    let place = place(model);
    let (rows, height) = size(model);
    let top = top.min(rows.saturating_sub(height));
    frame.render_widget(Clear, Rect::new(0, 0, model.size.0, model.size.1));
    let shown: Vec<Line<'_>> = lines(model, usize::from(place.width)).into_iter().skip(top).take(height).collect();
    put(frame, Rect { height: place.height.saturating_sub(1), ..place }, shown);
    let more = match (top > 0, top + height < rows) {
        (false, false) => String::new(),
        (above, below) => {
            format!(" {}{}", if above { looks.above() } else { " " }, if below { looks.below() } else { " " })
        }
    };
    let is_plan = matches!(model.place.over, Some(Over::FormPlan(_)));
    let close = phrase(if is_plan { "screen.close-plan" } else { "screen.close-help" });
    let text = clipped(&looks.text(&format!(" {}{more}", close.text())), usize::from(place.width), looks);
    let foot = Rect { y: place.height.saturating_sub(1), height: place.height.min(1), ..place };
    put(frame, foot, vec![Line::from(Span::styled(text, looks.style(Role::Faint)))]);
}
