//! Lines in their place, and the part of a field's text that its cursor is in.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use tui_input::Input;

use crate::case::text::visible_lines;
use crate::report::wrap;
use crate::tui::look::Looks;

/// Draws lines; what is behind the last one stays as it is.
pub(super) fn put(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'_>>) {
    let buffer = frame.buffer_mut();
    let area = area.intersection(buffer.area);
    for (y, line) in (area.top()..area.bottom()).zip(&lines) {
        row(buffer, Position::new(area.x, y), line, area.width);
    }
}

/// Draws a line from this place on. Most text is ASCII, of which each byte is a cell.
pub(super) fn row(buffer: &mut Buffer, mut at: Position, line: &Line<'_>, width: u16) {
    let end = at.x.saturating_add(width).min(buffer.area.right());
    for span in line {
        let room = usize::from(end.saturating_sub(at.x));
        let style = line.style.patch(span.style);
        let text = span.content.as_ref();
        if room == 0 {
            break;
        }
        if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            at.x = buffer.set_stringn(at.x, at.y, text, room, style).0;
            continue;
        }
        let first = buffer.index_of(at.x, at.y);
        let cells = buffer.content.iter_mut().skip(first).take(room);
        for (cell, place) in cells.zip(0..text.len()) {
            cell.set_symbol(text.get(place..=place).unwrap_or(" ")).set_style(style);
            at.x = at.x.saturating_add(1);
        }
    }
}

/// The part of a field's text that its cursor is in, and the cell of the cursor in it.
pub(super) fn edited(input: &Input, room: usize, looks: Looks) -> (String, usize) {
    let scroll = input.visual_scroll(room.saturating_sub(1));
    let mut shown = looks.text(&visible_lines(&skipped(input.value(), scroll)));
    if scroll > 0 && room > 2 {
        shown = looks.cut_before().to_owned() + &skipped(&shown, 1);
    }
    (taken(&shown, room), input.visual_cursor().saturating_sub(scroll))
}

/// The text without its first cells.
fn skipped(text: &str, cells: usize) -> String {
    let mut left = cells;
    let mut rest = text.chars();
    while left > 0 {
        let Some(character) = rest.next() else { break };
        left = left.saturating_sub(wrap::width(character.encode_utf8(&mut [0; 4])).max(1));
    }
    rest.collect()
}

/// As much of a text as fits, without a mark: the rest follows the cursor.
fn taken(text: &str, width: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|character| {
            used += wrap::width(character.encode_utf8(&mut [0; 4]));
            used <= width
        })
        .collect()
}
