//! Bytes that reach the terminal, counted: a slow line pays for each of them. And sizes, of which none is too small.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::layout::Size;

use crate::report::Report;
use crate::report::wrap;

use super::look::Looks;
use super::model::Model;
use super::page::layout::{self, Sheet};
use super::page::window;
use super::terminal::{Abilities, Clipboard, Sgr};
use super::update::{Message, update};
use super::view;

pub(super) fn report() -> Arc<Report> {
    let text = include_str!("../../tests/it/saved/caller-not-in-allowed-applications-slot.json");
    Arc::new(Report::of(serde_json::from_str(text).unwrap()))
}

pub(super) fn opened(size: (u16, u16)) -> Model {
    let title = "https://app2.azurewebsites.net/api/hello".to_owned();
    let mut model = Model::saved(title, Looks::new(true, false), size, report());
    update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
    model
}

pub(super) fn key(model: &mut Model, code: KeyCode) -> (Vec<super::update::Effect>, bool) {
    update(model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

/// Presses each key; the effects of all.
pub(super) fn press(model: &mut Model, keys: &str) -> Vec<super::update::Effect> {
    let mut effects = Vec::new();
    for character in keys.chars() {
        let code = match character {
            '\r' => KeyCode::Enter,
            '\x1b' => KeyCode::Esc,
            '\t' => KeyCode::Tab,
            other => KeyCode::Char(other),
        };
        effects.extend(key(model, code).0);
    }
    effects
}

/// What begins and ends a frame.
const FRAME: usize = 16;

pub(super) fn terminal(columns: u16, rows: u16) -> Terminal<Sgr> {
    let abilities =
        Abilities { color: true, marks: true, boxes: true, like_xterm: true, clipboard: Clipboard::Terminal };
    let Ok(terminal) = Terminal::new(Sgr::new(abilities, Size::new(columns, rows)));
    terminal
}

#[test]
fn frames_are_small() {
    let mut terminal = terminal(80, 28);
    let mut bytes = |model: &Model| {
        terminal.draw(|frame| view::render(frame, model)).unwrap();
        terminal.backend_mut().take().len()
    };
    let mut model = opened((80, 28));
    let first = bytes(&model);
    assert!(first <= 3072, "first frame: {first} bytes");
    key(&mut model, KeyCode::Down);
    let moved = bytes(&model);
    assert!(moved <= 256 - FRAME, "a move in a list whose pane does not scroll: {moved} bytes");
    assert_eq!(bytes(&model), bytes(&model), "nothing changes by itself");
    let (_, changed) = update(&mut model, Message::Tick(DateTime::UNIX_EPOCH + TimeDelta::try_seconds(9).unwrap()));
    assert!(!changed, "nothing is drawn while nothing happens");
    // A turn of the spinner, however many requests are under way.
    let now = DateTime::UNIX_EPOCH + TimeDelta::try_milliseconds(10).unwrap();
    let mut model = Model::checking("https://app2/".to_owned(), Looks::new(true, false), (80, 24), now);
    for id in 1..=8 {
        let purpose = crate::case::exchange::Purpose::Token;
        let request = crate::case::under_way::UnderWay {
            id,
            method: "GET".to_owned(),
            url: crate::case::under_way::ShownUrl::of(&purpose, "https://app2/"),
            purpose,
            at: std::time::Duration::ZERO,
            limit: std::time::Duration::from_secs(10),
        };
        update(&mut model, Message::Session(crate::session::Event::Started(Box::new(request))));
    }
    bytes(&model);
    assert!(update(&mut model, Message::Tick(now + TimeDelta::try_milliseconds(160).unwrap())).1);
    let spinner = bytes(&model);
    assert!(spinner <= 64 - FRAME, "a turn of the spinner: {spinner} bytes");
}

#[test]
fn a_countdown_costs_a_slow_line_little() {
    let mut terminal = terminal(80, 24);
    let mut bytes = |model: &Model| {
        terminal.draw(|frame| view::render(frame, model)).unwrap();
        terminal.backend_mut().take().len()
    };
    let second = |seconds: i64| DateTime::UNIX_EPOCH + TimeDelta::try_seconds(seconds).unwrap();
    for keys in ["w", "ow", "xw"] {
        let mut model =
            Model::checking("https://app2/".to_owned(), Looks::new(true, false), (80, 24), DateTime::UNIX_EPOCH);
        update(&mut model, Message::Session(crate::session::Event::Finished(report())));
        press(&mut model, keys);
        bytes(&model);
        for at in 1..5 {
            assert!(update(&mut model, Message::Tick(second(at))).1, "{keys}");
            let cost = bytes(&model);
            assert!((1..=48 - FRAME).contains(&cost), "{keys}: a second of the countdown: {cost} bytes");
        }
    }
}

#[test]
fn no_size_is_too_small() {
    for columns in [1, 2, 5, 13, 29, 30, 49, 50, 65, 66, 100, 130] {
        for rows in [1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 15, 16, 24, 45] {
            let mut terminal = terminal(columns, rows);
            let mut model = opened((columns, rows));
            for code in [
                KeyCode::Char('?'),
                KeyCode::Esc,
                KeyCode::Enter,
                KeyCode::PageDown,
                KeyCode::Tab,
                KeyCode::Char('x'),
                KeyCode::Char('s'),
            ] {
                key(&mut model, code);
                terminal.draw(|frame| view::render(frame, &model)).unwrap();
            }
        }
    }
}

#[test]
fn no_row_of_an_item_is_wider_than_its_place() {
    let mut model = opened((80, 24));
    let mut seen = 0;
    for code in "cixoto12345678tvthpL".chars() {
        key(&mut model, KeyCode::Char(code));
        for width in (3..=120).step_by(3) {
            for wrap in [false, true] {
                let sheet = Sheet {
                    width,
                    height: 20,
                    looks: model.looks,
                    wrap,
                    search: Some("a".to_owned()),
                    comments: usize::MAX,
                    selected: None,
                };
                for line in model.page.all().flat_map(|item| layout::rows(&item, &sheet)) {
                    seen += 1;
                    assert!(line.width() < width, "{width}: {line}");
                }
            }
        }
    }
    assert!(seen > 10_000, "{seen} rows");
}

#[test]
fn a_key_lays_out_a_window_and_not_the_page() {
    use super::page::content::Page;
    use super::page::item::Item;
    let items = (0..100_000).map(|number| Item::text(format!("{number}"), format!("row {number}")));
    let page = Page::of(items.collect());
    let sheet = Sheet {
        width: 40,
        height: 20,
        looks: Looks::new(false, false),
        wrap: false,
        search: None,
        comments: usize::MAX,
        selected: None,
    };
    assert_eq!(window::window(&page, 50_000, 0, &sheet).len(), 20);
    // The last item is in sight at once, and what is above it fills the pane.
    assert_eq!(window::follow(&page, (0, 0), 99_999, &sheet), (99_980, 0));
    assert_eq!(window::scrolled_down(&page, (99_975, 0), 19, &sheet), (99_980, 0));
    assert_eq!(window::scrolled_up(&page, (30, 0), 19, &sheet), (11, 0));
}

#[test]
fn what_is_wrapped_is_whole() {
    let mut model = opened((40, 12));
    key(&mut model, KeyCode::Char('7'));
    let sheet = view::places::sheet(&model);
    let squeezed = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
    for item in &model.page.items {
        if let super::page::item::Row::Text { text, .. } = &item.row {
            let rows: String = layout::rows(item, &sheet).iter().map(ToString::to_string).collect();
            assert!(squeezed(&rows).contains(&squeezed(text)), "{rows}");
            assert!(wrap::width(text) > 0);
        }
    }
}

#[test]
fn a_wrapped_command_is_broken_at_its_separators_and_goes_on_below_its_beginning() {
    use super::page::item::{Item, Row};
    let id = "a9557393-2e1c-4d5f-9c0b-b05e5f426aa1";
    let text =
        format!("# jq '.properties.validation.allowedApplications |= (. + [\"{id}\"] | unique)' old.json > new.json");
    let rows_of = |row: Row, width: usize| -> Vec<String> {
        let sheet = Sheet {
            width,
            height: 20,
            looks: Looks::new(false, false),
            wrap: true,
            search: None,
            comments: usize::MAX,
            selected: None,
        };
        layout::rows(&Item::new("one", row), &sheet).iter().map(ToString::to_string).collect()
    };
    for width in 12..130 {
        for (lead, row) in [("", Row::Code(text.clone())), ("1 ", Row::Command { number: 1, text: text.clone() })] {
            let rows = rows_of(row, width);
            let whole: String = rows
                .iter()
                .map(|row| row.trim_end_matches('↪'))
                .enumerate()
                .fold(String::new(), |all, (number, row)| {
                    all + row.get(if number == 0 { lead.len() } else { 2 }..).unwrap_or_default()
                });
            assert_eq!(whole, text, "{width}");
            assert!(rows.iter().skip(1).all(|row| row.starts_with("  ")), "{rows:#?}");
            assert!(width < 46 || rows.iter().any(|row| row.contains(id)), "{width}: {rows:#?}");
        }
    }
}

#[test]
fn each_view_has_its_name_above_the_pane_or_is_counted_with_its_key() {
    use super::model::place::View;
    use crate::knowledge::phrase;
    let mut left_out = 0;
    for width in 66..=130 {
        for keys in ["", "7", "t", "x", "L"] {
            let mut model = opened((width, 24));
            press(&mut model, keys);
            let rows = super::svg::text(&model);
            let tabs = rows.lines().nth(if width < 100 { 3 } else { 4 }).unwrap_or_default();
            let views = View::tabs(model.place.step);
            let (shown, others): (Vec<&View>, Vec<&View>) = views.iter().partition(|view| {
                let name = phrase(view.name()).text();
                tabs.contains(&format!(" {name} ")) || tabs.contains(&format!("[{name}]"))
            });
            assert!(shown.contains(&model.place.view()), "{tabs}");
            let keys: Vec<String> = others
                .iter()
                .filter_map(|view| super::keys::of_view(view))
                .map(|binding| binding.first(false))
                .collect();
            assert_eq!(keys.len(), others.len());
            let said = phrase("screen.more-views").with("keys", keys.join(" ")).text();
            assert!(others.is_empty() || tabs.contains(said.trim()), "{width}: {said} is not in {tabs}");
            left_out += others.len();
        }
    }
    assert!(left_out > 100, "{left_out}");
}
