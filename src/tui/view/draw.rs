//! Lines in their place, and the part of a field's text that its cursor is in.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::report::wrap;

/// Draws lines.
pub(super) fn put(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'_>>) {
    if area.height > 0 && area.width > 0 {
        frame.render_widget(Paragraph::new(lines), area);
    }
}

/// The text without its first cells.
pub(super) fn skipped(text: &str, cells: usize) -> String {
    let mut left = cells;
    let mut rest = text.chars();
    while left > 0 {
        let Some(character) = rest.next() else { break };
        left = left.saturating_sub(wrap::width(character.encode_utf8(&mut [0; 4])).max(1));
    }
    rest.collect()
}

/// As much of a text as fits, without a mark: the rest follows the cursor.
pub(super) fn taken(text: &str, width: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|character| {
            used += wrap::width(character.encode_utf8(&mut [0; 4]));
            used <= width
        })
        .collect()
}
