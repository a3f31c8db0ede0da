//! Where everything is, by the size of the screen.

use ratatui::layout::Rect;

use crate::case::text::visible_lines;
use crate::report::wrap::wrap;
use crate::tui::model::Model;
use crate::tui::model::place::{Asking, Over, View};
use crate::tui::page;
use crate::tui::page::lab;
use crate::tui::page::layout::Sheet;
use crate::tui::page::window;

/// A class of sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// One column: the verdict, a strip of the steps, and the text.
    Tiny,
    /// One pane below the path and the strip.
    Narrow,
    /// The steps beside the pane.
    Normal,
    /// The steps with their words beside the pane.
    Wide,
}

/// The places of a screen. What has no place has no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// The class of its size.
    pub class: Class,
    /// The target and the verdict.
    pub header: Rect,
    /// The path of the call.
    pub path: Rect,
    /// The steps in one row.
    pub strip: Rect,
    /// The line below the path.
    pub rule: Rect,
    /// The steps in a list.
    pub steps: Rect,
    /// The line between steps and pane.
    pub divider: Rect,
    /// The names of the views.
    pub tabs: Rect,
    /// The page.
    pub page: Rect,
    /// What is shown of the selected item, below a line; in the lab what the doctor says, beside a line.
    pub detail: Rect,
    /// The keys.
    pub footer: Rect,
}

/// Cells of the list of steps: number, mark, name, time.
const STEPS: u16 = 26;
/// The same with the word of the status.
const STEPS_WITH_WORDS: u16 = 33;

/// Cells from which on the list of steps is beside every view.
const VERY_WIDE: u16 = 160;

/// Cells from which on it is beside the token, too: an ID and what it was compared with have room in a row.
const WIDE_TOKEN: u16 = 116;

/// Rows of other rules that stay in sight above the selected one's.
const OTHERS: u16 = 6;

/// Cells from which on the path has a row.
const SHORT_PATH: u16 = 50;

/// The class of a size.
#[must_use]
pub const fn class(columns: u16, rows: u16) -> Class {
    match (columns, rows) {
        (..30, _) | (_, ..8) => Class::Tiny,
        (..66, _) => Class::Narrow,
        (..100, _) => Class::Normal,
        _ => Class::Wide,
    }
}

/// The places on this screen.
#[must_use]
pub fn of(model: &Model) -> Places {
    let (columns, rows) = model.size;
    let class = class(columns, rows);
    let nothing = Rect::new(0, 0, columns, 0);
    let mut free = Rect::new(0, 0, columns, rows);
    let footer = bottom(&mut free, u16::from(rows >= 3));
    let header = top(&mut free, u16::from(rows >= 2));
    bottom(&mut free, asked(model));
    let path_rows = match class {
        Class::Tiny => 0,
        Class::Narrow => u16::from(rows >= 10 && columns >= SHORT_PATH),
        Class::Normal => u16::from(rows >= 10),
        Class::Wide => u16::from(rows >= 10) + u16::from(rows >= 24),
    };
    let path = top(&mut free, path_rows);
    let strip_rows = match class {
        Class::Tiny => u16::from(rows >= 4),
        Class::Narrow => 1,
        Class::Normal | Class::Wide => 0,
    };
    let strip = top(&mut free, strip_rows);
    let rule = top(&mut free, u16::from(class > Class::Tiny && rows >= 16));
    let (mut steps, mut divider) = (nothing, nothing);
    let list = if class == Class::Wide { STEPS_WITH_WORDS } else { STEPS };
    if class >= Class::Normal && !is_over_the_width(model, class) {
        steps = Rect { width: list, ..free };
        divider = Rect { x: list, width: 1, ..free };
        free.x += list + 1;
        free.width -= list + 1;
    }
    let mut beside = nothing;
    if lab::is_beside(model) {
        let left = free.width / 2;
        beside = Rect { x: free.x + left + 1, width: free.width - left - 1, ..free };
        divider = Rect { x: free.x + left, width: 1, ..free };
        free.width = left;
    }
    let has_tabs = class >= Class::Normal || (class == Class::Narrow && rows >= 12);
    let tabs = top(&mut free, u16::from(has_tabs));
    let most = detail(model, free);
    let rows = if most > 0 && page::has_details(&model.page) { most } else { 0 };
    let detail = if beside.height > 0 { beside } else { bottom(&mut free, rows) };
    Places { class, header, path, strip, rule, steps, divider, tabs, page: free, detail, footer }
}

/// The rows of a command line: what the last one printed stays in sight above it.
fn asked(model: &Model) -> u16 {
    let Some(Over::Prompt(prompt)) = &model.place.over else { return 0 };
    if prompt.asking != Asking::Command || class(model.size.0, model.size.1) == Class::Tiny {
        return 0;
    }
    let width = usize::from(model.size.0).saturating_sub(4).max(1);
    let reason = prompt.error.iter().flat_map(|error| wrap(&model.looks.text(&visible_lines(error)), width));
    u16::try_from(reason.count() + 1).unwrap_or(u16::MAX)
}

/// Whether the view needs the width that the steps would have: the path keeps the overview.
fn is_over_the_width(model: &Model, class: Class) -> bool {
    let view = model.place.view();
    let is_normal = class == Class::Normal && (model.place.is_opened() || matches!(view, View::Lab | View::Scenarios));
    is_normal
        || lab::is_beside(model)
        || *view == View::Targets
        || (model.size.0 < WIDE_TOKEN && matches!(view, View::Token))
        || (model.size.0 < VERY_WIDE && matches!(view, View::Requests | View::Policy))
}

/// The rows of what is shown of the selected item, its line included. A low pane has none: Enter opens it.
fn detail(model: &Model, free: Rect) -> u16 {
    let rows = free.height;
    match (model.place.view(), rows) {
        (_, ..14) => 0,
        (View::Token | View::Targets, _) => 6,
        // A rule is whole, and so many others stay in sight.
        (View::Policy, _) => {
            let sheet = Sheet { comments: usize::MAX, selected: None, ..sheet_of(model, free) };
            let whole: usize = (0..model.detail.len()).map(|at| window::height(&model.detail, at, &sheet)).sum();
            let least = if rows < 24 { 8 } else { 12 };
            u16::try_from(whole + 1).unwrap_or(u16::MAX).clamp(least, rows - OTHERS)
        }
        (View::Requests, _) => rows * 9 / 20,
        _ => 0,
    }
}

fn top(free: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(free.height);
    let place = Rect { height: rows, ..*free };
    free.y += rows;
    free.height -= rows;
    place
}

fn bottom(free: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(free.height);
    free.height -= rows;
    Rect { y: free.y + free.height, height: rows, ..*free }
}

/// How the shown page is laid out.
#[must_use]
pub fn sheet(model: &Model) -> Sheet {
    sheet_of(model, of(model).page)
}

fn sheet_of(model: &Model, place: Rect) -> Sheet {
    let sheet = Sheet {
        width: usize::from(place.width),
        height: usize::from(place.height),
        looks: model.looks,
        wrap: model.place.wrap,
        search: model.place.search.as_ref().map(|wanted| wanted.to_lowercase()),
        comments: usize::MAX,
        selected: model.selected(),
    };
    Sheet { comments: window::comment_rows(&model.page, &sheet), ..sheet }
}
