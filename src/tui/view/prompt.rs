//! A line to fill in, where the keys usually stand: `Save the case as: easyauth-case.json▏`.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};
use tui_input::Input;

use crate::knowledge::phrase;
use crate::report::wrap;
use crate::tui::model::{Asking, Model};

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, asking: Asking, input: &Input, area: Rect) {
    let label = phrase(match asking {
        Asking::SavePath => "prompt.save",
        Asking::Assume => "prompt.what-if",
        Asking::FixedPath => "prompt.edited-settings",
    });
    let label = label.text() + " ";
    let room = usize::from(area.width).saturating_sub(wrap::width(&label) + 1);
    let scroll = input.visual_scroll(room);
    let shown: String = input.value().chars().skip(scroll).collect();
    frame.render_widget(Clear, area);
    let at = wrap::width(&label) + input.visual_cursor().saturating_sub(scroll);
    let line = Line::from(vec![Span::styled(label, model.theme.heading()), Span::raw(shown)]);
    frame.render_widget(Paragraph::new(line), area);
    let column = u16::try_from(at).unwrap_or(u16::MAX).min(area.width.saturating_sub(1));
    frame.set_cursor_position(Position {
        x: area.x + column,
        y: area.y,
    });
}
