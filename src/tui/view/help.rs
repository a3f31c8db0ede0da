//! The help over the screen: every key that works now, and what the marks mean.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use crate::knowledge::phrase;
use crate::report::StepStatus;
use crate::report::words;
use crate::report::wrap::padded;
use crate::tui::keymap::ENTRIES;
use crate::tui::model::Model;

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let theme = model.theme;
    let mut lines: Vec<Line<'_>> = ENTRIES
        .iter()
        .filter(|entry| model.enables(entry.action) || entry.word.is_empty())
        .map(|entry| {
            let keys = if theme.ascii {
                entry.keys.replace("↑ ↓ ", "").replace('…', "-")
            } else {
                entry.keys.to_owned()
            };
            Line::from(vec![
                Span::styled(padded(&keys, 10), theme.heading()),
                Span::raw(phrase(entry.help).text()),
            ])
        })
        .collect();
    lines.push(Line::default());
    let marks = [
        StepStatus::Pass,
        StepStatus::Warn,
        StepStatus::Fail,
        StepStatus::Skipped,
        StepStatus::Unknown,
    ];
    let mut legend = Vec::new();
    for status in marks {
        legend.push(Span::styled(
            format!("{} {}", words::glyph(status, theme.ascii), status.word()),
            theme.status(status),
        ));
        legend.push(Span::raw("  "));
    }
    lines.push(Line::from(legend));
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2)
        .min(area.height);
    let width = 66.min(area.width);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, place);
    let mut block = Block::bordered().title(" Keys ");
    if theme.ascii {
        block = block.border_set(ASCII);
    }
    frame.render_widget(Paragraph::new(lines).block(block), place);
}

/// A border of ASCII.
const ASCII: ratatui::symbols::border::Set<'static> = ratatui::symbols::border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};
