//! The help over the screen: what the shown view is for, its keys that do something now, and what the marks mean. It
//! scrolls, so it fits any screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use crate::knowledge::phrase;
use crate::report::wrap::{self, padded, wrap};
use crate::report::{StepStatus, words};
use crate::tui::keys;
use crate::tui::look::Role;
use crate::tui::model::Model;
use crate::tui::page::layout::clipped;

use super::draw::put;

/// Cells of the keys.
const KEYS: usize = 18;

/// The widest help.
const WIDEST: u16 = 76;

/// The rows of the help, and how many of them are seen at once.
#[must_use]
pub fn size(model: &Model) -> (usize, usize) {
    let place = place(model);
    (lines(model, usize::from(place.width)).len(), usize::from(place.height).saturating_sub(1))
}

fn place(model: &Model) -> Rect {
    let (columns, rows) = model.size;
    let width = columns.min(WIDEST);
    Rect::new((columns - width) / 2, 0, width, rows)
}

fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    let looks = model.looks;
    let view = model.place.view();
    let room = width.saturating_sub(2).max(1);
    let mut lines =
        vec![Line::from(Span::styled(format!(" {}", phrase(view.name()).text()), looks.style(Role::Heading)))];
    for line in wrap(&looks.text(&phrase(view.about()).text()), room) {
        lines.push(Line::from(format!(" {line}")));
    }
    lines.push(Line::default());
    for binding in keys::enabled(model) {
        let keys = binding.keys(looks.ascii);
        // A key that has another meaning here is listed with that one.
        let is_hidden = binding.chords.first().is_some_and(|chord| {
            let first = keys::enabled(model).find(|other| other.chords.contains(chord));
            first.is_some_and(|first| !std::ptr::eq(first, binding))
        });
        if is_hidden {
            continue;
        }
        let text = looks.text(&phrase(binding.help).text());
        let lead = KEYS.max(wrap::width(&keys) + 1).min(room / 2);
        for (number, piece) in wrap(&text, room.saturating_sub(lead).max(1)).into_iter().enumerate() {
            let key = if number == 0 { clipped(&keys, lead, looks) } else { String::new() };
            lines.push(Line::from(vec![
                Span::styled(format!(" {}", padded(&key, lead)), looks.style(Role::Heading)),
                Span::raw(piece),
            ]));
        }
    }
    lines.push(Line::default());
    let marks = [StepStatus::Pass, StepStatus::Warn, StepStatus::Fail, StepStatus::Skipped, StepStatus::Unknown];
    for status in marks {
        lines.push(Line::from(vec![
            Span::styled(
                format!(" {}", padded(words::glyph(status, looks.ascii), KEYS.min(room / 2))),
                looks.style(Role::of(status)),
            ),
            Span::raw(status.word()),
        ]));
    }
    lines
}

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, top: usize) {
    let looks = model.looks;
    let place = place(model);
    let (rows, height) = size(model);
    let top = top.min(rows.saturating_sub(height));
    frame.render_widget(Clear, Rect::new(0, 0, model.size.0, model.size.1));
    let shown: Vec<Line<'_>> = lines(model, usize::from(place.width)).into_iter().skip(top).take(height).collect();
    put(frame, Rect { height: place.height.saturating_sub(1), ..place }, shown);
    let more = match (top > 0, top + height < rows) {
        (false, false) => String::new(),
        (above, below) => {
            format!(" {}{}", if above { looks.above() } else { " " }, if below { looks.below() } else { " " })
        }
    };
    let text = clipped(
        &looks.text(&format!(" {}{more}", phrase("screen.close-help").text())),
        usize::from(place.width),
        looks,
    );
    let foot = Rect { y: place.height.saturating_sub(1), height: place.height.min(1), ..place };
    put(frame, foot, vec![Line::from(Span::styled(text, looks.style(Role::Faint)))]);
}
