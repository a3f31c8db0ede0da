//! Lines in their place.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

/// Draws lines.
pub(super) fn put(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'_>>) {
    if area.height > 0 && area.width > 0 {
        frame.render_widget(Paragraph::new(lines), area);
    }
}
