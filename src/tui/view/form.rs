//! The form: the fields with their labels, what is used while they are empty, and why a value can't be used.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use tui_input::Input;

use crate::case::inputs::CredentialKind;
use crate::case::shown::typed::masked;
use crate::case::text::{visible, visible_lines};
use crate::knowledge::phrase;
use crate::report::wrap::{self, padded, wrap};
use crate::tui::look::Role;
use crate::tui::model::Model;
use crate::tui::model::form::{At, Field, Form, Kind};
use crate::tui::page::amount::size;
use crate::tui::page::layout::clipped;

use super::draw::{edited, put};
use super::places::{Class, Places};

/// Cells of the labels, where there is room.
const LABEL: usize = 20;

/// Below this many columns, a label is above its value.
const NARROW: usize = 40;

/// Rows from which on there are empty ones between its parts.
const HIGH: u16 = 16;

/// The widest form.
const WIDEST: u16 = 110;

struct Rows {
    lines: Vec<Line<'static>>,
    /// The rows of what is selected.
    selected: (usize, usize),
    /// The row of its value.
    value: usize,
    /// The column of the cursor, in a field of text.
    cursor: Option<u16>,
}

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, form: &Form, places: &Places) {
    let (columns, rows) = model.size;
    let is_tiny = places.class == Class::Tiny;
    let top = if is_tiny { places.header.height } else { places.rule.y.max(places.strip.y + places.strip.height) };
    let top = (top + places.rule.height).min(rows);
    let foot = places.footer.height;
    let mut area = Rect::new(0, top, columns.min(WIDEST), rows.saturating_sub(top + foot));
    frame.render_widget(Clear, Rect::new(0, top, columns, rows.saturating_sub(top)));
    let width = usize::from(area.width);
    let mut all = lines(model, form, width, false);
    // Where not all is in sight, the ways on stay so if they have room in a row.
    let ways = [false, true].map(|is_short| Line::from(ways(model, form, is_short)));
    let ways = ways.into_iter().find(|ways| ways.width() < width).unwrap_or_default();
    if rows >= HIGH && ways.width() > 0 && all.lines.len() > usize::from(area.height) {
        area.height = area.height.saturating_sub(1);
        put(frame, Rect { y: area.bottom(), height: 1, ..area }, vec![ways]);
        all = lines(model, form, width, true);
    }
    let height = usize::from(area.height);
    // What is selected is in sight, with what is said of it; at least its value.
    let ((first, last), value) = (all.selected, all.value);
    let skipped = (last + 1).saturating_sub(height).min(first).max((value + 1).saturating_sub(height));
    let is_cut = all.lines.len() > skipped + height;
    let shown: Vec<Line<'static>> = all.lines.into_iter().skip(skipped).take(height).collect();
    put(frame, area, shown);
    if is_cut && area.width > 0 && height > 0 {
        let corner = Rect::new(area.right() - 1, area.bottom() - 1, 1, 1);
        put(frame, corner, vec![Line::from(Span::styled(model.looks.below(), model.looks.style(Role::Faint)))]);
    }
    footer(frame, model, form, places.footer);
    let row = u16::try_from(value.saturating_sub(skipped)).unwrap_or(0);
    if let Some(column) = all.cursor.filter(|_| row < area.height) {
        frame.set_cursor_position(Position { x: column.min(columns.saturating_sub(1)), y: top + row });
    }
}

/// What can be done with the form, in a row; in short where there is no room.
fn ways(model: &Model, form: &Form, is_short: bool) -> Vec<Span<'static>> {
    let is_way = |stop: &At| !matches!(stop, At::Field(_) | At::More);
    form.stops().into_iter().filter(is_way).flat_map(|stop| button(model, form, stop, is_short)).collect()
}

/// Something that Enter does, and the mark before it.
fn button(model: &Model, form: &Form, stop: At, is_short: bool) -> [Span<'static>; 2] {
    let looks = model.looks;
    let text = match stop {
        At::More if form.more => phrase("form.less"),
        At::More => phrase("form.more"),
        At::Check => phrase("form.check"),
        At::SetUp => phrase(if is_short { "form.set-up-short" } else { "form.set-up" }),
        At::Lab => phrase(if is_short { "form.lab-short" } else { "form.lab" }),
        At::Open | At::Field(_) => phrase(if is_short { "form.open-short" } else { "form.open" }),
    };
    let (mark, role) = if stop == form.at { (looks.cursor(), Role::Selected) } else { (" ", Role::Text) };
    let text = if stop == At::More { text.text() } else { format!("[ {} ]", text.text()) };
    [Span::raw(mark), Span::styled(looks.text(&text), looks.style(role))]
}

fn lines(model: &Model, form: &Form, width: usize, without_ways: bool) -> Rows {
    let looks = model.looks;
    let mut all = Rows { lines: Vec::new(), selected: (0, 0), value: 0, cursor: None };
    let heading = |text: String| Line::from(Span::styled(format!(" {text}"), looks.style(Role::Heading)));
    let mut group = "";
    for stop in form.stops() {
        let field = match stop {
            At::Field(at) => form.fields.get(at),
            _ => None,
        };
        if let Some(field) = field {
            if field.group != group {
                if !all.lines.is_empty() && model.size.1 >= HIGH && !field.rare {
                    all.lines.push(Line::default());
                }
                group = field.group;
                if !field.rare {
                    all.lines.push(heading(looks.text(&phrase(group).text())));
                }
            }
            self::field(model, field, stop == form.at, width, &mut all);
            continue;
        }
        // What was unfolded comes into sight.
        if stop == At::Check && form.at == At::More && form.more {
            all.selected.1 = all.lines.len().saturating_sub(1);
        }
        let is_left_out = without_ways && stop != At::More;
        if !is_left_out {
            if stop == At::Check && model.size.1 >= HIGH {
                all.lines.push(Line::default());
            }
            let [mark, mut text] = button(model, form, stop, false);
            text.content = clipped(&text.content, width.saturating_sub(2), looks).into();
            all.lines.push(Line::from(vec![mark, text]));
        }
        if stop == form.at {
            let at = all.lines.len().saturating_sub(1);
            (all.selected, all.value) = ((at, at), at);
        }
    }
    let mut below: Vec<String> = Vec::new();
    if let Some(plan) = &form.plan {
        below.push(phrase("form.sends").text());
        below.extend(plan.summary.iter().cloned());
    }
    if !form.machine.is_empty() {
        below.push(phrase("form.machine").text());
        below.extend(form.machine.iter().cloned());
    }
    let headings = [phrase("form.sends").text(), phrase("form.machine").text()];
    for text in below {
        if headings.contains(&text) {
            all.lines.push(Line::default());
            all.lines.push(heading(looks.text(&text)));
            continue;
        }
        for line in wrap(&looks.text(&visible(&text)), width.saturating_sub(4).max(1)) {
            all.lines.push(Line::from(format!("  {line}")));
        }
    }
    all
}

fn field(model: &Model, field: &Field, is_selected: bool, width: usize, all: &mut Rows) {
    let looks = model.looks;
    let first = all.lines.len();
    let is_above = width < NARROW;
    let lead = if is_above { 1 } else { LABEL.min(width / 3) };
    let cells = if is_above { width } else { lead };
    let label = clipped(&looks.text(&phrase(field.label).text()), cells.saturating_sub(1), looks);
    let mark = if is_selected { looks.cursor() } else { " " };
    let mut line = Line::from(vec![
        Span::raw(mark),
        Span::styled(padded(&label, lead), looks.style(if is_selected { Role::Heading } else { Role::Faint })),
    ]);
    if is_above {
        all.lines.push(std::mem::replace(&mut line, Line::from(" ".repeat(1 + lead))));
    }
    let room = width.saturating_sub(lead + 2).max(1);
    let (value, role, note) = shown(field);
    // A token that is given is what is used.
    let is_auto = field.name == "credential" && field.value() == CredentialKind::Auto.name();
    let is_given = |other: &Field| other.name == "token-file" && (other.pasted.is_some() || !other.value().is_empty());
    let has_token = is_auto && model.form.iter().flat_map(|form| &form.fields).any(is_given);
    let note = if has_token { CredentialKind::Token.name().to_owned() } else { looks.text(&note) };
    let note_room = if wrap::width(&note) + 16 <= room { wrap::width(&note) + 2 } else { 0 };
    let room = room.saturating_sub(note_room).max(1);
    let is_text = field.kind == Kind::Text && !field.input.value().is_empty();
    let (text, at) = if is_selected && is_text {
        edited(&Input::new(field.masked()).with_cursor(field.input.cursor()), room, looks)
    } else {
        (clipped(&looks.text(&visible(&value)), room, looks), 0)
    };
    let text = if note_room > 0 { padded(&text, room) } else { text };
    line.spans.push(Span::styled(text, looks.style(role)));
    if note_room > 0 {
        line.spans.push(Span::styled(format!("  {note}"), looks.style(Role::Faint)));
    }
    let value_row = all.lines.len();
    all.lines.push(line);
    let mut said = |text: &str, role: Role, mark: &str| {
        for (number, piece) in wrap(&looks.text(text), width.saturating_sub(lead + 4).max(8)).into_iter().enumerate() {
            let mark = if number == 0 { mark } else { " " };
            all.lines.push(Line::from(vec![
                Span::raw(" ".repeat(lead)),
                Span::styled(padded(mark, 2), looks.style(role)),
                Span::styled(piece, looks.style(if mark == "!" || role == Role::Bad { Role::Text } else { role })),
            ]));
        }
    };
    if let Some(error) = &field.error {
        let error = model.form.as_ref().map_or_else(|| error.clone(), |form| form.in_its_words(field.name, error));
        said(&visible_lines(&error), Role::Bad, "!");
    } else if field.may_have_password() {
        said(&phrase("form.masked").text(), Role::Warn, "!");
    } else if let Some(doubt) = (field.doubt)(field.value()) {
        said(&visible_lines(&doubt), Role::Warn, "!");
    } else if is_selected {
        let about = phrase("form.takes-text").with("help", field.help.as_str()).text();
        said(if field.takes_text { &about } else { &field.help }, Role::Faint, "");
    }
    if is_selected {
        (all.selected, all.value) = ((first, all.lines.len().saturating_sub(1)), value_row);
        if !matches!(field.kind, Kind::Choice(_)) {
            all.cursor = u16::try_from(1 + lead + at).ok();
        }
    }
}

/// The value as it may be shown, how it looks, and where it comes from.
fn shown(field: &Field) -> (String, Role, String) {
    let value = field.value();
    let source = field.source.as_ref().filter(|(known, _)| known == value).map(|(_, source)| source.clone());
    if let Some(pasted) = &field.pasted {
        let said = phrase("form.pasted").with("size", size(pasted.expose().len()));
        return (said.text(), Role::Text, String::new());
    }
    match (&field.kind, value.is_empty(), &field.found) {
        (Kind::Choice(_), ..) => (format!("‹ {value} ›"), Role::Text, source.unwrap_or_default()),
        (_, true, Some((found, variable))) => {
            (format!("({})", masked(found, field.expected(), false)), Role::Faint, variable.clone())
        }
        (_, true, None) => {
            let used = field.empty.map(|used| format!("({})", phrase(used).text()));
            (used.unwrap_or_default(), Role::Faint, String::new())
        }
        (Kind::Hidden, ..) => {
            let count = value.chars().count();
            let said = phrase("form.hidden").with("count", count.to_string()).text();
            (said, Role::Text, source.unwrap_or_default())
        }
        (Kind::Text, ..) => (field.masked().trim().to_owned(), Role::Text, source.unwrap_or_default()),
    }
}

fn footer(frame: &mut Frame<'_>, model: &Model, form: &Form, area: Rect) {
    let looks = model.looks;
    let is_choice = form.field().is_some_and(|field| matches!(field.kind, Kind::Choice(_)));
    let has_token = form.pasted_token().is_some();
    let is_first = model.form_is_first();
    let room = usize::from(area.width).saturating_sub(1);
    let keys = match &model.log.toast {
        Some(toast) => visible_lines(toast),
        // Every width shows how to leave.
        None => {
            let enter = match form.at {
                At::Field(_) | At::Check => "word.check",
                At::More if form.more => "word.fold",
                At::More => "word.unfold",
                At::SetUp => "word.set-up-apps",
                At::Lab => "word.pick",
                At::Open => "word.open",
            };
            let all =
                ["form.keys", "form.keys-few", "form.keys-fewer", "form.keys-enter", "form.keys-fewest"].map(|keys| {
                    let keys = phrase(keys).with("enter", phrase(enter).text());
                    let keys = keys.when("choice", is_choice).when("token", has_token);
                    let keys = keys.when("ascii", looks.ascii).when("first", is_first);
                    looks.text(&keys.text())
                });
            let [.., fewest] = &all;
            all.iter().find(|keys| wrap::width(keys) <= room).unwrap_or(fewest).clone()
        }
    };
    let text = clipped(&looks.text(&format!(" {keys}")), usize::from(area.width), looks);
    put(frame, area, vec![Line::from(text)]);
}
