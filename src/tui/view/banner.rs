//! The root cause above everything:
//!
//! ```text
//! ✗ caller-not-in-allowed-applications (certain, step 7)
//!   The caller's client ID … is not in App 2's allowedApplications (…).
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::case::text::{shortened, visible};
use crate::report::wrap::wrap;
use crate::report::{Report, words};
use crate::tui::model::Model;

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let Some(report) = model.report.as_ref().filter(|_| area.height > 0) else {
        return;
    };
    let Some((head, summary)) = said(report) else {
        return;
    };
    let status = words::verdict_status(report.verdict());
    let theme = model.theme;
    let head = theme.text(&format!("{} {head}", words::glyph(status, theme.ascii)));
    let mut lines = vec![Line::from(Span::styled(head, theme.status(status)))];
    let room = usize::from(area.height).saturating_sub(1);
    let wrapped = wrap(&theme.text(&summary), usize::from(area.width).saturating_sub(2));
    let cut = wrapped.len() > room;
    for (number, text) in wrapped.into_iter().take(room).enumerate() {
        let last = cut && number + 1 == room;
        // The whole sentence is in the tab `cause`.
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

/// The first line and the sentence below it: the root cause, or what clears it.
fn said(report: &Report) -> Option<(String, String)> {
    match &report.diagnosis().root_cause {
        Some(cause) => {
            let place = format!("({}, step {})", cause.confidence.word(), cause.step.number());
            Some((format!("{} {place}", cause.code), visible(&cause.summary)))
        }
        None => Some((words::headline(report), words::observed(report)?)),
    }
}
