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

/// The part of a field's text that its cursor is in, and the cell of the cursor in it. What is invisible is spelled out
/// and counted as it is drawn. However long the text is, only what can be seen of it is looked at.
pub(super) fn edited(input: &Input, room: usize, looks: Looks) -> (String, usize) {
    let drawn = |character: char| looks.text(&visible_lines(character.encode_utf8(&mut [0; 4])));
    let value = input.value();
    let cursor = value.char_indices().nth(input.cursor()).map_or(value.len(), |(at, _)| at);
    let (before, after) = value.split_at_checked(cursor).unwrap_or((value, ""));
    // The cell of the cursor itself is kept free.
    let most = room.saturating_sub(1);
    let (mut pieces, mut cells) = (Vec::new(), 0);
    let mut rest = before.chars().rev();
    for character in rest.by_ref() {
        let piece = drawn(character);
        cells += wrap::width(&piece);
        pieces.push(piece);
        if cells > most {
            break;
        }
    }
    if (cells > most || rest.next().is_some()) && room > 2 {
        // The mark takes the cell of what is cut.
        while cells + 1 > most {
            let Some(cut) = pieces.pop() else { break };
            cells -= wrap::width(&cut);
        }
        pieces.push(looks.cut_before().to_owned());
    }
    pieces.reverse();
    let mut shown = pieces.concat();
    // Characters that are drawn as one need fewer cells than each for itself.
    let cells = wrap::width(&shown);
    let mut used = cells;
    for piece in after.chars().map(drawn) {
        used += wrap::width(&piece);
        if used > room {
            break;
        }
        shown.push_str(&piece);
    }
    (shown, cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stands_behind_what_is_drawn_before_it() {
        let looks = Looks::new(false, false);
        for (value, cursor, room, expected) in [
            ("abc", 3, 10, ("abc", 3)),
            ("a\u{200b}b", 3, 20, (r"a\u{200b}b", 10)),
            ("a\u{200b}b", 1, 20, (r"a\u{200b}b", 1)),
            ("漢字漢字", 4, 10, ("漢字漢字", 8)),
            ("漢字漢字", 4, 8, ("‹字漢字", 7)),
            ("👩🏽x", 3, 8, ("👩🏽x", 3)),
            ("/👨\u{200d}👩/x", 6, 9, ("‹👩/x", 5)),
            ("abcdefgh", 8, 5, ("‹fgh", 4)),
            ("abcdefgh", 2, 5, ("abcde", 2)),
        ] {
            let (text, cell) = edited(&Input::new(value.to_owned()).with_cursor(cursor), room, looks);
            assert_eq!((text.as_str(), cell), expected, "{value:?} {cursor} {room}");
        }
    }
}
