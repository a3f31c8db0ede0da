//! Where everything is, for wide, narrow and tiny screens.

use ratatui::layout::Rect;

use crate::tui::model::Model;

/// Below these no panels are drawn, only one line.
const SMALLEST: (u16, u16) = (40, 10);
/// From this width on steps and text are side by side.
const SIDE_BY_SIDE: u16 = 66;
/// Width of the steps beside the text.
const STEPS_WIDTH: u16 = 32;
/// The steps' rows.
const STEPS_ROWS: u16 = 8;

/// The places of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// The title line.
    pub title: Rect,
    /// The root cause; no rows when there is none.
    pub banner: Rect,
    /// The steps; no rows when the text covers them.
    pub steps: Rect,
    /// The text with its line of tabs.
    pub text: Rect,
    /// The keys.
    pub footer: Rect,
}

/// The places on a screen of this size; `None` when it is too small for panels.
#[must_use]
pub fn places(model: &Model, area: Rect) -> Option<Places> {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return None;
    }
    let banner_rows = banner_rows(model, area);
    let title = Rect { height: 1, ..area };
    let banner = Rect {
        y: area.y + 1,
        height: banner_rows,
        ..area
    };
    let body = Rect {
        y: area.y + 1 + banner_rows,
        height: area.height - 2 - banner_rows,
        ..area
    };
    let footer = Rect {
        y: area.y + area.height - 1,
        height: 1,
        ..area
    };
    let (steps, text) = split(model, body);
    Some(Places {
        title,
        banner,
        steps,
        text,
        footer,
    })
}

fn banner_rows(model: &Model, area: Rect) -> u16 {
    let has_cause = model
        .report
        .as_ref()
        .is_some_and(|report| report.diagnosis().root_cause.is_some() || !report.assumed().is_empty());
    let running = model.progress == crate::tui::model::Progress::Running;
    match (has_cause && !running, area.height) {
        (false, _) => 0,
        (true, 0..=14) => 1,
        (true, 15..=29) => 3,
        (true, _) => 4,
    }
}

fn split(model: &Model, body: Rect) -> (Rect, Rect) {
    let nothing = Rect {
        width: 0,
        height: 0,
        ..body
    };
    if model.opened {
        return (nothing, body);
    }
    if body.width >= SIDE_BY_SIDE {
        let steps = Rect {
            width: STEPS_WIDTH,
            ..body
        };
        let text = Rect {
            x: body.x + STEPS_WIDTH + 1,
            width: body.width - STEPS_WIDTH - 1,
            ..body
        };
        return (steps, text);
    }
    let rows = STEPS_ROWS.min(body.height.saturating_sub(2));
    let steps = Rect { height: rows, ..body };
    let text = Rect {
        y: body.y + rows,
        height: body.height - rows,
        ..body
    };
    (steps, text)
}

fn text_place(model: &Model) -> Option<Rect> {
    let (width, height) = model.size;
    places(
        model,
        Rect {
            x: 0,
            y: 0,
            width,
            height,
        },
    )
    .map(|places| places.text)
}

/// The width to which the text is wrapped.
#[must_use]
pub fn text_width(model: &Model) -> usize {
    text_place(model)
        .map_or(40, |place| usize::from(place.width).saturating_sub(2))
        .max(10)
}

/// The rows in which the text is seen: without the line of tabs.
#[must_use]
pub fn text_rows(model: &Model) -> usize {
    text_place(model)
        .map_or(1, |place| usize::from(place.height).saturating_sub(1))
        .max(1)
}
