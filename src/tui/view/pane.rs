//! The pane: the names of the views, and what of the page is in sight.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::wrap;
use crate::tui::keys;
use crate::tui::look::Role;
use crate::tui::model::Model;
use crate::tui::model::place::{Focus, View};
use crate::tui::page::layout::{Sheet, clipped};
use crate::tui::page::window::{self, Placed};

use super::draw::{self, put};
use super::footer;
use super::places::{Places, sheet};

pub(super) fn render(frame: &mut Frame<'_>, model: &Model, places: &Places) {
    let sheet = sheet(model);
    let selected = model.selected();
    let looks = model.looks;
    let focused = model.place.focus == Focus::Pane;
    let (top, skipped) = top(model, places, &sheet);
    let in_sight = window::window(&model.page, top, skipped, &sheet);
    put(frame, places.tabs, vec![tabs(model, usize::from(places.tabs.width), &in_sight, &sheet)]);
    rows(frame, places.page, &in_sight, model.page.stale.then(|| looks.style(Role::Faint)));
    let role = if focused { Role::Heading } else { Role::Faint };
    for (row, placed) in (0..places.page.height).zip(&in_sight) {
        if selected == Some(placed.item) {
            let place = Rect { y: places.page.y + row, height: 1, ..places.page };
            put(frame, place, vec![Line::styled(looks.cursor(), looks.style(role))]);
        }
    }
    detail(frame, model, places, &sheet);
}

/// Where the rows in sight begin: a message over the last ones doesn't hide the selected one.
fn top(model: &Model, places: &Places, sheet: &Sheet) -> (usize, usize) {
    let cursor = model.place.cursor();
    let top = (cursor.top, cursor.skipped);
    let covered = footer::covered_from(model, places).map(|from| places.page.bottom().saturating_sub(from));
    match (covered, model.selected()) {
        (Some(rows @ 1..), Some(selected)) => {
            let height = sheet.height.saturating_sub(usize::from(rows)).max(1);
            window::follow(&model.page, top, selected, &Sheet { height, ..sheet.clone() })
        }
        _ => top,
    }
}

/// What is shown of the selected item, below a line; a mark where there is more of it.
fn detail(frame: &mut Frame<'_>, model: &Model, places: &Places, sheet: &Sheet) {
    let area = places.detail;
    let is_beside = area.x > places.page.x;
    let Some(rows) = area.height.checked_sub(u16::from(!is_beside)) else { return };
    let looks = model.looks;
    let (height, width) = (usize::from(rows) + 1, usize::from(area.width));
    let sheet = Sheet { height, width, comments: usize::MAX, selected: None, ..sheet.clone() };
    let in_sight = window::window(&model.detail, 0, 0, &sheet);
    let below = Rect { y: area.y + (area.height - rows), height: rows, ..area };
    self::rows(frame, below, &in_sight, None);
    if is_beside {
        return;
    }
    let end = if in_sight.len() > usize::from(rows) { looks.below() } else { looks.rule() };
    let rule = looks.rule().repeat(usize::from(area.width).saturating_sub(3));
    let rule = format!("{rule}{end}{}", looks.rule());
    put(frame, area, vec![Line::styled(rule, looks.style(Role::Faint))]);
}

/// The rows in sight, each behind the place of the mark; over this style, where there is one.
fn rows(frame: &mut Frame<'_>, area: Rect, in_sight: &[Placed], style: Option<Style>) {
    let area = area.intersection(frame.area());
    let width = area.width.saturating_sub(1);
    for (y, line) in (area.top()..area.bottom()).zip(in_sight.iter().filter_map(Placed::line)) {
        let at = Position::new(area.x + 1, y);
        match style {
            None => draw::row(frame.buffer_mut(), at, line, width),
            Some(style) => draw::row(frame.buffer_mut(), at, &line.clone().style(style), width),
        }
    }
}

fn tabs(model: &Model, width: usize, in_sight: &[Placed], sheet: &Sheet) -> Line<'static> {
    let looks = model.looks;
    let shown = model.place.view();
    let mut views = View::tabs(model.place.step).to_vec();
    if model.is_several() {
        views.insert(0, View::Targets);
    }
    if !views.contains(shown) {
        views.push(shown.clone());
    }
    let place = place(model, in_sight, sheet);
    let room = width.saturating_sub(wrap::width(&place) + 2);
    let named = |view: &View, with_subject: bool| {
        let name = phrase(view.name()).text();
        match view {
            View::Explain(subject) if with_subject => format!("{name}: {}", visible(subject)),
            View::Request(id) if with_subject => match model.request(*id) {
                Some(number) => format!("{name} {number}"),
                None => name,
            },
            _ => name,
        }
    };
    let wide = |views: &[View], with_subject: bool| -> usize {
        views.iter().map(|view| wrap::width(&named(view, with_subject)) + 2).sum()
    };
    // What the shown view is about gives way first.
    let with_subject = wide(&views, true) <= room;
    let name = |view: &View| named(view, with_subject);
    let all = |views: &[View]| wide(views, with_subject);
    // Where not all names fit, the keys of the last ones stand for them; at last all but the shown one's are left out.
    let mut left_out: Vec<String> = Vec::new();
    let more = |left_out: &[String]| match left_out {
        [] => String::new(),
        keys => phrase("screen.more-views").with("keys", keys.join(" ")).text(),
    };
    while all(&views) + wrap::width(&more(&left_out)) > room {
        let Some(at) = views.iter().rposition(|view| view != shown) else {
            break;
        };
        let view = views.remove(at);
        left_out.insert(0, keys::of_view(&view).map(|binding| binding.first(looks.ascii)).unwrap_or_default());
    }
    let mut line = Line::default();
    for view in &views {
        let (text, role) = if view == shown {
            (format!("[{}]", name(view)), Role::Heading)
        } else {
            (format!(" {} ", name(view)), Role::Faint)
        };
        let room = width.saturating_sub(line.width());
        line.spans.push(Span::styled(clipped(&looks.text(&text), room, looks), looks.style(role)));
    }
    if line.width() + wrap::width(&more(&left_out)) <= room {
        line.spans.push(Span::styled(more(&left_out), looks.style(Role::Faint)));
    }
    let gap = width.saturating_sub(line.width() + wrap::width(&place) + 1);
    line.spans.push(Span::raw(" ".repeat(gap)));
    line.spans.push(Span::styled(place, looks.style(Role::Faint)));
    line
}

/// Which of the items is selected, and whether there is more above and below; nothing where all is in sight. Of an
/// answer before, that it is one.
fn place(model: &Model, in_sight: &[Placed], sheet: &Sheet) -> String {
    if model.page.stale {
        return phrase("screen.previous").text();
    }
    let cursor = model.place.cursor();
    let above = cursor.top > 0 || cursor.skipped > 0;
    let last = in_sight.last().map_or(0, |placed| placed.item);
    let shown = in_sight.iter().filter(|placed| placed.item == last).count();
    let hidden = if last == cursor.top { cursor.skipped } else { 0 };
    let rows = window::height(&model.page, last, sheet);
    let below = last + 1 < model.page.len() || shown + hidden < rows;
    if !above && !below {
        return String::new();
    }
    let count = model.page.count_before(model.page.len());
    let at = model.selected().map_or(0, |at| model.page.count_before(at + 1));
    let looks = model.looks;
    format!("{at}/{count} {}{}", if above { looks.above() } else { " " }, if below { looks.below() } else { " " })
}
