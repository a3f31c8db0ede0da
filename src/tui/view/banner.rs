//! The root cause above everything:
//!
//! ```text
//! ✗ caller-not-in-allowed-applications (certain, step 7)
//!   The caller's client id … is not in App 2's allowedApplications (…).
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::case::text::{shortened, visible};
use crate::report::words;
use crate::report::wrap::wrap;
use crate::tui::model::Model;

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let Some(report) = model.report.as_ref().filter(|_| area.height > 0) else {
        return;
    };
    let Some(cause) = &report.diagnosis.root_cause else {
        return;
    };
    let status = words::verdict_status(report.diagnosis.verdict);
    let theme = model.theme;
    let head = format!(
        "{} {} ({}, step {})",
        words::glyph(status, theme.ascii),
        cause.code,
        cause.confidence.word(),
        cause.step.number()
    );
    let mut lines = vec![Line::from(Span::styled(head, theme.status(status)))];
    let room = usize::from(area.height).saturating_sub(1);
    let wrapped = wrap(
        &theme.text(&visible(&cause.summary)),
        usize::from(area.width).saturating_sub(2),
    );
    let cut = wrapped.len() > room;
    for (number, text) in wrapped.into_iter().take(room).enumerate() {
        let last = cut && number + 1 == room;
        // The whole sentence stands in the tab `cause`.
        let text = if last {
            format!(
                "{} {}",
                shortened(&text, usize::from(area.width).saturating_sub(6))
                    .trim_end_matches('…')
                    .trim_end(),
                theme.text("…")
            )
        } else {
            text
        };
        lines.push(Line::from(format!("  {text}")));
    }
    frame.render_widget(Paragraph::new(lines), area);
}
