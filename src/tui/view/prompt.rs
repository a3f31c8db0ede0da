//! A line to fill in, above the keys that it has; and why what was typed isn't accepted.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use tui_input::Input;

use crate::case::shown::typed::masked;
use crate::case::text::visible_lines;
use crate::case::url_password::Expected;
use crate::knowledge::phrase;
use crate::report::wrap::{self, wrap};
use crate::tui::look::Role;
use crate::tui::model::Model;
use crate::tui::model::place::{Asking, Prompt, View};
use crate::tui::page::layout::clipped;

use super::draw::{edited, put};
use super::places::{Class, Places};

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, prompt: &Prompt, places: &Places) {
    let looks = model.looks;
    let (columns, rows) = model.size;
    let width = usize::from(columns);
    let label = phrase(match prompt.asking {
        Asking::Case => "prompt.case",
        Asking::SavePath if *model.place.view() == View::Targets => "prompt.save-all",
        Asking::SavePath => "prompt.save",
        Asking::WhatIf => "prompt.what-if",
        Asking::FixedPath => "prompt.edited-settings",
        Asking::Search => "prompt.search",
        Asking::Filter => "prompt.filter",
        Asking::Command => "prompt.command",
        Asking::ListPath => "prompt.list",
    });
    let ended = model.all_targets().filter(|(_, target)| target.has_answer()).count();
    let label = looks.text(&format!(" {} ", label.with("count", ended).text()));
    // A long label has a row of its own.
    let is_beside = wrap::width(&label) + 24 <= width;
    let mut lines: Vec<Line<'static>> = Vec::new();
    let error = prompt.error.as_deref().map(|error| looks.text(&visible_lines(error)));
    for line in error.iter().flat_map(|error| wrap(error, width.saturating_sub(4).max(1))) {
        let mark = if lines.is_empty() { " ! " } else { "   " };
        lines.push(Line::from(vec![Span::styled(mark, looks.style(Role::Bad)), Span::raw(line)]));
    }
    let mut lead = label.clone();
    if !is_beside {
        lines.push(Line::from(Span::styled(clipped(&label, width, looks), looks.style(Role::Heading))));
        lead = " ".to_owned();
    }
    let typed = Input::new(masked(prompt.input.value(), Expected::Text, true)).with_cursor(prompt.input.cursor());
    let (shown, at) = edited(&typed, width.saturating_sub(wrap::width(&lead)), looks);
    let at = wrap::width(&lead) + at;
    let role = if prompt.proposed { Role::Selected } else { Role::Text };
    lines
        .push(Line::from(vec![Span::styled(lead, looks.style(Role::Heading)), Span::styled(shown, looks.style(role))]));
    let is_tiny = places.class == Class::Tiny;
    let keys = u16::from(rows >= 2);
    let wanted = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let height = if is_tiny { rows - keys } else { wanted.min(rows.saturating_sub(keys)) };
    // The line itself is always seen, the reason as far as there is room.
    let lines = lines.split_off(lines.len().saturating_sub(usize::from(height)));
    let count = u16::try_from(lines.len()).unwrap_or(height);
    let top = if is_tiny { 0 } else { rows - keys - height };
    frame.render_widget(Clear, Rect::new(0, top, columns, rows - top));
    put(frame, Rect::new(0, top, columns, height), lines);
    footer(frame, model, prompt, Rect::new(0, rows - keys, columns, keys));
    let column = u16::try_from(at).unwrap_or(u16::MAX).min(columns.saturating_sub(1));
    frame.set_cursor_position(Position { x: column, y: (top + count.max(1) - 1).min(rows.saturating_sub(1)) });
}

fn footer(frame: &mut Frame<'_>, model: &Model, prompt: &Prompt, area: Rect) {
    let looks = model.looks;
    let keys = phrase(match prompt.asking {
        Asking::Search => "prompt.keys-search",
        Asking::Filter => "prompt.keys-filter",
        Asking::Command => "prompt.keys-command",
        Asking::Case | Asking::SavePath | Asking::WhatIf | Asking::FixedPath | Asking::ListPath => "prompt.keys",
    });
    let text = clipped(&looks.text(&format!(" {}", keys.text())), usize::from(area.width), looks);
    put(frame, area, vec![Line::from(text)]);
}
