//! The screen as a pure function of the model.
//!
//! ```text
//! ┌ title ──────────────────────────────────────────────┐
//! │ root cause, when there is one (2 rows)              │
//! ├ steps ───────────────┬ tabs ────────────────────────┤
//! │ 1 ✓ pass  identity   │ the selected step            │
//! │ …                    │                              │
//! │ 8 ✗ fail  call       │                              │
//! └ keys ────────────────┴──────────────────────────────┘
//! ```

mod banner;
mod blocks;
mod footer;
mod help;
pub mod layout;
mod prompt;
mod steps;
mod text;
mod title;

use ratatui::Frame;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::case::text::shortened;
use crate::knowledge::phrase;
use crate::report::{Verdict, words};

use super::model::{Model, Overlay};

/// Draws everything.
pub fn render(frame: &mut Frame<'_>, model: &Model) {
    let area = frame.area();
    let Some(places) = layout::places(model, area) else {
        frame.render_widget(Paragraph::new(one_line(model)), area);
        return;
    };
    title::render(frame, model, places.title);
    banner::render(frame, model, places.banner);
    steps::render(frame, model, places.steps);
    text::render(frame, model, places.text);
    footer::render(frame, model, places.footer);
    match &model.overlay {
        Some(Overlay::Help) => help::render(frame, model, area),
        Some(Overlay::Prompt { asking, input }) => prompt::render(frame, model, *asking, input, places.footer),
        None => {}
    }
}

/// Wraps the text anew for what is selected and for the width of its place.
pub fn compose(model: &mut Model) {
    let width = layout::text_width(model);
    model.text = text::compose(model, width);
}

/// What is copied: root cause and fixes as they stand, not as they are wrapped.
#[must_use]
pub fn source_text(model: &Model) -> String {
    text::source(model)
}

/// All that fits on a screen too small for more: the verdict or the busy step.
fn one_line(model: &Model) -> Line<'static> {
    let text = match &model.report {
        Some(report) if model.busy.is_empty() => {
            let glyph = words::glyph(words::verdict_status(report.verdict()), model.theme.ascii);
            let cause = match (&report.diagnosis().root_cause, report.verdict()) {
                (Some(cause), _) => cause.code.name().to_owned(),
                (None, Verdict::WouldPass) => phrase("screen.would-pass").text(),
                (None, _) => phrase("screen.passes").text(),
            };
            let what_if = if report.assumed().is_empty() { "" } else { "what if: " };
            format!("{what_if}{glyph} {cause}")
        }
        _ => {
            let step = model.busy.first().copied().unwrap_or(model.selected);
            format!("{} {}", step.number(), step.id())
        }
    };
    let text = shortened(&text, usize::from(model.size.0));
    Line::from(model.theme.text(&text))
}
