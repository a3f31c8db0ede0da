//! The eight steps: number, glyph, word, id, time.
//!
//! ```text
//! 1 ✓ pass    identity      3 ms
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::case::step::StepId;
use crate::report::words;
use crate::report::wrap::padded;
use crate::tui::model::Model;

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    if area.height == 0 {
        return;
    }
    // On a low screen the selected step stays in sight.
    let rows = usize::from(area.height);
    let selected = usize::from(model.selected.number()) - 1;
    let first = (selected + 1).saturating_sub(rows);
    let lines: Vec<Line<'_>> = StepId::ALL
        .iter()
        .skip(first)
        .take(rows)
        .map(|step| line(model, *step, usize::from(area.width)))
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
}

fn line(model: &Model, step: StepId, width: usize) -> Line<'static> {
    let theme = model.theme;
    let (glyph, word, style) = match model.status(step) {
        Some(status) => (words::glyph(status, theme.ascii), status.word(), theme.status(status)),
        None => (theme.spinner(model.turn), "asking", theme.faint()),
    };
    let time = model
        .step(step)
        .map(|report| report.elapsed_ms)
        .filter(|time| *time > 0);
    let time = time.map(|time| format!("{time} ms")).unwrap_or_default();
    let head = format!("{} ", step.number());
    let mark = format!("{glyph} {}", padded(word, 8));
    let tail = padded(&format!("{}{time:>7}", padded(step.id(), 13)), width.saturating_sub(12));
    if step == model.selected {
        // One style for the whole row: it must be seen without color, too.
        let style = style.patch(theme.selected());
        return Line::from(vec![
            Span::styled(head, style),
            Span::styled(mark, style),
            Span::styled(tail, style),
        ]);
    }
    Line::from(vec![
        Span::styled(head, theme.faint()),
        Span::styled(mark, style),
        Span::styled(tail, Style::new()),
    ])
}
