//! Moving: the selected item, and what of the page is in sight.

use std::sync::Arc;

use crossterm::event::KeyCode;

use crate::case::shown::typed::repeated;
use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::tui::keys::binding::{Binding, row};
use crate::tui::keys::chord::{control, key, letter};
use crate::tui::keys::when::{When, always, has_items, only};
use crate::tui::model::Model;
use crate::tui::model::place::{Asking, Cursor, Focus, View};
use crate::tui::page::item::{Item, Row};
use crate::tui::page::window;
use crate::tui::view::places::{self, sheet};

use super::open;

pub(crate) const SEARCH: &[Binding] = &[
    row(&[letter('/')], has_items, |model, _| model.place.ask(Asking::Search, ""), "keys.search")
        .footer("word.search", 85),
    row(&[letter('n')], has_next, |model, _| search(model, true, false), "keys.search-next"),
    row(&[letter('N')], has_search, |model, _| search(model, false, false), "keys.search-previous"),
];

pub(crate) const KEYS: &[Binding] = &[
    row(&[key(KeyCode::Tab), key(KeyCode::BackTab)], shows_steps, |model, _| other_pane(model), "keys.other-pane"),
    row(&[key(KeyCode::Up), letter('k')], always, |model, _| up(model), "keys.up").else_says("why.at-the-first"),
    row(&[key(KeyCode::Down), letter('j')], always, |model, _| down(model), "keys.down").else_says("why.at-the-last"),
    row(&[key(KeyCode::PageUp), control('u')], has_items, |model, _| scroll(model, false), "keys.page-up")
        .else_says("why.at-the-first"),
    row(&[key(KeyCode::PageDown), control('d')], has_items, |model, _| scroll(model, true), "keys.page-down")
        .else_says("why.at-the-last"),
    row(&[letter(' ')], pages_by_space, |model, _| scroll(model, true), "keys.space").else_says("why.at-the-last"),
    row(&[letter('g'), key(KeyCode::Home)], always, |model, _| first(model), "keys.first")
        .else_says("why.at-the-first"),
    row(&[letter('G'), key(KeyCode::End)], always, |model, _| last(model), "keys.last").else_says("why.at-the-last"),
];

/// In the guided setup, the key means the next step.
fn has_next(model: &Model) -> When {
    let is_set_up = matches!(model.place.view(), View::SetUp(_));
    only(model.place.search.is_some(), if is_set_up { "why.no-other-stage" } else { "why.no-search" })
}

/// Whether the steps are in sight beside the view, so that the arrows can move in them.
fn shows_steps(model: &Model) -> When {
    let places = places::of(model);
    only(places.steps.height > 0 || places.strip.height > 0, "why.no-list")
}

/// Whether the arrows move in the steps. A view that takes their place takes the arrows, too.
fn in_steps(model: &Model) -> bool {
    model.place.focus == Focus::Steps && shows_steps(model).is_ok()
}

fn has_search(model: &Model) -> When {
    only(model.place.search.is_some(), "why.no-search")
}

/// Where Space has no other meaning.
fn pages_by_space(model: &Model) -> When {
    match model.place.view() {
        View::Targets => Err("why.not-in-targets"),
        View::Policy => Err("why.no-change-of-rule"),
        _ => has_items(model),
    }
}

fn other_pane(model: &mut Model) -> bool {
    model.place.focus = match model.place.focus {
        Focus::Steps => Focus::Pane,
        Focus::Pane => Focus::Steps,
    };
    true
}

/// Brings the selected item into sight, or selects one where none is.
pub(super) fn settle(model: &mut Model) {
    let page = Arc::clone(&model.page);
    let sheet = sheet(model);
    let mut cursor = model.place.cursor();
    let known = cursor.item.as_deref().and_then(|id| page.position(id));
    let item = known.or_else(|| {
        let start = page.start.as_deref().and_then(|id| page.position(id));
        // The beginning of the answer stays in sight. In the other views, what is selected at first comes into sight.
        if !matches!(model.place.view(), View::Cause | View::SetUp(_)) && start.is_some() {
            return start;
        }
        let in_sight = window::window(&page, 0, 0, &sheet);
        let is_whole = |at: &usize| {
            let rows = in_sight.iter().filter(|placed| placed.item == *at).count();
            rows > 0 && rows == window::height(&page, *at, &sheet)
        };
        let way = page.items.iter().position(|item| item.tools);
        start.filter(is_whole).or(way.filter(is_whole)).or_else(|| page.selectable_from(0))
    });
    if known.is_none() {
        (cursor.top, cursor.skipped) = (0, 0);
    }
    cursor.item = item.and_then(|at| page.get(at)).map(|item| item.id.clone());
    if let Some(item) = item {
        let top = window::follow(&page, (cursor.top, cursor.skipped), item, &sheet);
        // A page that has become shorter leaves no empty rows below its end.
        let last = window::top_for_end(&page, page.len().saturating_sub(1), &sheet);
        (cursor.top, cursor.skipped) = top.min(last);
    }
    model.place.set_cursor(cursor);
}

fn select(model: &mut Model, at: Option<usize>) -> bool {
    let Some(item) = at.and_then(|at| model.page.get(at)).map(|item| item.id.clone()) else {
        return false;
    };
    let before = model.place.cursor();
    let cursor = Cursor { item: Some(item), ..before.clone() };
    let is_other = cursor != before;
    model.place.set_cursor(cursor);
    is_other
}

fn choose(model: &mut Model, number: Option<usize>) -> bool {
    let Some(step) = number.and_then(|number| StepId::ALL.get(number)) else {
        return false;
    };
    open::choose(model, *step);
    true
}

fn up(model: &mut Model) -> bool {
    if in_steps(model) {
        return choose(model, usize::from(model.place.step.number()).checked_sub(2));
    }
    let at = model.selected().unwrap_or(0);
    let cursor = model.place.cursor();
    // What is higher than the pane scrolls before another item is selected; and the beginning comes into sight.
    let above = model.page.selectable_before(at);
    let is_cut = cursor.top == at && cursor.skipped > 0;
    if is_cut || (above.is_none() && (cursor.top, cursor.skipped) != (0, 0)) {
        let top = window::scrolled_up(&model.page, (cursor.top, cursor.skipped), 1, &sheet(model));
        return set_top(model, top);
    }
    select(model, above)
}

fn down(model: &mut Model) -> bool {
    if in_steps(model) {
        return choose(model, Some(usize::from(model.place.step.number())));
    }
    let sheet = sheet(model);
    let cursor = model.place.cursor();
    let at = model.selected();
    if let Some(at) = at.filter(|at| cursor.top == *at)
        && window::height(&model.page, at, &sheet).saturating_sub(cursor.skipped) > sheet.height
    {
        return set_top(model, (cursor.top, cursor.skipped + 1));
    }
    let below = model.page.selectable_from(at.map_or(0, |at| at + 1));
    select(model, below)
}

fn first(model: &mut Model) -> bool {
    if in_steps(model) {
        return choose(model, Some(0));
    }
    let moved = set_top(model, (0, 0));
    select(model, model.page.selectable_from(0)) || moved
}

fn last(model: &mut Model) -> bool {
    if in_steps(model) {
        return choose(model, Some(7));
    }
    select(model, model.page.selectable_before(model.page.len()))
}

/// Scrolls by a pane, and selects an item in sight.
fn scroll(model: &mut Model, down: bool) -> bool {
    let sheet = sheet(model);
    let rows = sheet.height.saturating_sub(1).max(1);
    let page = Arc::clone(&model.page);
    let before = model.place.cursor();
    let top = (before.top, before.skipped);
    let top = if down {
        window::scrolled_down(&page, top, rows, &sheet)
    } else {
        window::scrolled_up(&page, top, rows, &sheet)
    };
    let moved = set_top(model, top);
    if !moved {
        // At an end of the page, its last or first item.
        let at = if down { page.selectable_before(page.len()) } else { page.selectable_from(0) };
        return select(model, at);
    }
    let in_sight = window::window(&page, top.0, top.1, &sheet);
    let mut items: Vec<usize> = in_sight.iter().map(|placed| placed.item).collect();
    items.dedup();
    items.retain(|at| page.get(*at).is_some_and(|item| item.is_selectable()));
    // Items that are in sight from their first to their last row come first.
    let is_whole = |at: &usize| {
        let seen = in_sight.iter().filter(|placed| placed.item == *at).count();
        window::height(&page, *at, &sheet) == seen
    };
    let wanted = if down {
        items.iter().find(|at| is_whole(at)).or(items.first())
    } else {
        items.iter().rfind(|at| is_whole(at)).or(items.last())
    };
    // At an end of the page the selected item may still be in sight: it doesn't go back.
    let goes_back = |at: &usize| wanted.is_some_and(|wanted| if down { at > wanted } else { at < wanted });
    let kept = model.selected().filter(|at| items.contains(at) && is_whole(at) && goes_back(at));
    select(model, kept.or(wanted.copied()));
    true
}

fn set_top(model: &mut Model, top: (usize, usize)) -> bool {
    let mut cursor = model.place.cursor();
    if (cursor.top, cursor.skipped) == top {
        return false;
    }
    (cursor.top, cursor.skipped) = top;
    model.place.set_cursor(cursor);
    true
}

/// The next item in which the wanted text occurs, round and round; with `here`, the selected one may be it.
pub(super) fn search(model: &mut Model, forward: bool, here: bool) -> bool {
    let Some(wanted) = model.place.search.clone() else {
        return true;
    };
    let shown = repeated(&wanted);
    let page = Arc::clone(&model.page);
    let items = page.all().enumerate();
    let lower = wanted.to_lowercase();
    let hits: Vec<usize> =
        items.filter(|(_, item)| item.is_selectable() && item.contains(&lower)).map(|(at, _)| at).collect();
    let at = model.selected().unwrap_or(0);
    // A row that begins with the text is named so; others only mention it.
    let is_named_so = |at: &&usize| page.get(**at).is_some_and(|item| is_named(&item, &lower));
    let named = || hits.iter().filter(is_named_so);
    let found = match (forward, here) {
        (true, true) if named().next().is_some() => named().find(|hit| **hit >= at).or(named().next()),
        (true, true) => hits.iter().find(|hit| **hit >= at).or(hits.first()),
        (true, false) => hits.iter().find(|hit| **hit > at).or(hits.first()),
        (false, _) => hits.iter().rfind(|hit| **hit < at).or(hits.last()),
    };
    let said = match found {
        Some(found) => {
            select(model, Some(*found));
            let number = hits.iter().position(|hit| hit == found).map_or(1, |at| at + 1);
            phrase("screen.found")
                .with("text", shown)
                .with("number", number.to_string())
                .with("count", hits.len().to_string())
                .when("several", hits.len() > 1)
        }
        None => {
            model.place.search = None;
            phrase("screen.not-found").with("text", shown)
        }
    };
    model.log.hint(said.text());
    true
}

/// Whether a row begins with this text, which is in lower case; its mark aside.
fn is_named(item: &Item, lower: &str) -> bool {
    let text = match &item.row {
        Row::Text { text, .. } => text.clone(),
        _ => item.plain(),
    };
    text.trim_start_matches(|character: char| !character.is_alphanumeric()).to_lowercase().starts_with(lower)
}
