//! The title line: ` easyauth-doctor · target          verdict `.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::case::text::{shortened, visible};
use crate::report::words;
use crate::report::wrap;
use crate::tui::model::{Model, Progress};

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let (word, style) = state(model);
    let room = usize::from(area.width).saturating_sub(wrap::width(&word) + 20);
    let target = shortened(&visible(&model.title), room);
    let left = format!("easyauth-doctor {}", model.theme.text(&format!("· {target}")));
    let gap = usize::from(area.width).saturating_sub(wrap::width(&left) + wrap::width(&word));
    let line = Line::from(vec![
        Span::styled(left, model.theme.heading()),
        Span::raw(" ".repeat(gap)),
        Span::styled(word, style),
    ]);
    frame.render_widget(Paragraph::new(line), area);
}

fn state(model: &Model) -> (String, ratatui::style::Style) {
    let settled = model.report.as_ref().map_or(0, |report| report.case().settled.len());
    match (&model.report, model.progress) {
        (Some(report), Progress::Finished | Progress::Saved) => {
            let verdict = report.verdict();
            let status = words::verdict_status(verdict);
            let saved = if model.progress == Progress::Saved {
                "saved case, "
            } else {
                ""
            };
            // A supposition is never shown as if it were observed.
            let what_if = if report.assumed().is_empty() { "" } else { "what if: " };
            (
                format!(
                    "{saved}{what_if}{} {}",
                    words::glyph(status, model.theme.ascii),
                    verdict.word().replace('-', " ")
                ),
                model.theme.status(status),
            )
        }
        _ => (format!("checking {settled}/8"), model.theme.faint()),
    }
}
