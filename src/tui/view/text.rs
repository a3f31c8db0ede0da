//! The text of the shown tab, with the line of tabs above it:
//!
//! ```text
//! [step]  cause  requests  set up                       12-30/44
//! Does App 2's policy allow this application …?
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::case::text::visible_lines;
use crate::knowledge::{self, phrase};
use crate::report::document::{self, Block, Detail};
use crate::report::words;
use crate::report::wrap::{self, wrap};
use crate::tui::model::{Model, Progress, Tab};

use super::blocks;

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    if area.height == 0 {
        return;
    }
    let theme = model.theme;
    let divided = !model.opened && area.x > 0;
    if divided {
        let bar: Vec<Line<'_>> = (0..area.height)
            .map(|_| Line::from(Span::styled(theme.bar(), theme.faint())))
            .collect();
        frame.render_widget(
            Paragraph::new(bar),
            Rect {
                x: area.x - 1,
                width: 1,
                ..area
            },
        );
    }
    let inner = Rect {
        x: area.x + u16::from(divided),
        width: area.width - u16::from(divided),
        ..area
    };
    frame.render_widget(Paragraph::new(tabs(model, inner)), Rect { height: 1, ..inner });
    let rows = usize::from(area.height) - 1;
    let slice: Vec<Line<'_>> = model.text.iter().skip(model.scroll).take(rows).cloned().collect();
    frame.render_widget(
        Paragraph::new(slice),
        Rect {
            y: inner.y + 1,
            height: inner.height - 1,
            ..inner
        },
    );
}

fn tabs(model: &Model, area: Rect) -> Line<'static> {
    let theme = model.theme;
    let mut spans = Vec::new();
    for tab in Tab::ALL {
        if tab == model.tab {
            spans.push(Span::styled(format!("[{}]", tab.word()), theme.heading()));
        } else {
            spans.push(Span::styled(format!(" {} ", tab.word()), theme.faint()));
        }
    }
    let rows = usize::from(area.height).saturating_sub(1);
    if model.text.len() > rows {
        let last = (model.scroll + rows).min(model.text.len());
        let place = format!("{}-{last}/{}", model.scroll + 1, model.text.len());
        let used: usize = spans.iter().map(|span| wrap::width(&span.content)).sum();
        let gap = usize::from(area.width).saturating_sub(used + place.len() + 1);
        spans.push(Span::raw(" ".repeat(gap)));
        spans.push(Span::styled(place, theme.faint()));
    }
    Line::from(spans)
}

/// The whole text of the shown tab, wrapped to a width.
pub(super) fn compose(model: &Model, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    match model.tab {
        Tab::Step => {
            let mut lines = prose(model, &knowledge::step(model.selected).question, width);
            lines.push(Line::default());
            if let Some(step) = model.step(model.selected) {
                // The list beside it shows the step's own line already.
                let blocks: Vec<Block> = document::step(step, Detail::Full).into_iter().collect();
                lines.extend(blocks::lines(&blocks, theme, width));
            }
            lines
        }
        Tab::Cause => match &model.report {
            Some(report) if model.progress != Progress::Running => {
                blocks::lines(&document::conclusion(report, Detail::Normal), theme, width)
            }
            _ => prose(model, &phrase("screen.running").text(), width),
        },
        Tab::Requests => requests(model, width),
        Tab::Guide => knowledge::explain(model.selected.id())
            .iter()
            .flat_map(|entry| {
                let mut lines = vec![Line::from(Span::styled(entry.title.clone(), theme.heading()))];
                lines.extend(prose(model, &entry.body, width));
                lines
            })
            .collect(),
    }
}

fn prose(model: &Model, text: &str, width: usize) -> Vec<Line<'static>> {
    wrap(&model.theme.text(&visible_lines(text)), width)
        .into_iter()
        .map(Line::from)
        .collect()
}

fn requests(model: &Model, width: usize) -> Vec<Line<'static>> {
    let Some(report) = &model.report else { return Vec::new() };
    let theme = model.theme;
    let mut lines = Vec::new();
    for exchange in report
        .case()
        .exchanges_where(|purpose| purpose.step() == model.selected)
    {
        lines.push(Line::from(Span::styled(
            format!("{}. {}", exchange.id, exchange.purpose.describe()),
            theme.heading(),
        )));
        lines.extend(prose(model, &format!("{} {}", exchange.method, exchange.url), width));
        for (name, value) in &exchange.request_headers {
            lines.extend(prose(model, &format!("  {name}: {value}"), width));
        }
        match (exchange.answer(), exchange.failure()) {
            (Some(answer), _) => {
                let reason = answer.reason.clone().unwrap_or_default();
                lines.extend(prose(
                    model,
                    &format!(
                        "→ {} {reason}  ({} ms, {} bytes)",
                        answer.status, exchange.elapsed_ms, answer.body_length
                    ),
                    width,
                ));
                for (name, value) in &answer.headers {
                    lines.extend(prose(model, &format!("  {name}: {value}"), width));
                }
                let body = answer.excerpt();
                if !body.is_empty() {
                    lines.extend(prose(model, &format!("  {body}"), width));
                }
            }
            (None, Some(failure)) => lines.extend(prose(model, &format!("→ {}", failure.message), width)),
            (None, None) => {}
        }
        lines.push(Line::default());
    }
    if lines.is_empty() {
        lines = prose(model, &phrase("screen.no-request").text(), width);
    }
    lines
}

/// Root cause, fixes and alternatives as they stand, for the clipboard.
pub(super) fn source(model: &Model) -> String {
    let Some(report) = &model.report else {
        return String::new();
    };
    let mut text = words::headline(report);
    if let Some(observed) = words::observed(report) {
        text.push_str(&format!("\n{observed}\n"));
    }
    if let Some(cause) = &report.diagnosis().root_cause {
        text.push_str(&format!("\n{}\n", visible_lines(&cause.summary)));
        for fix in &cause.fixes {
            text.push_str(&format!("\n{}:\n{}\n", words::tool(&fix.via), visible_lines(&fix.text)));
        }
    }
    crate::case::secret::without_tokens(&text)
}
