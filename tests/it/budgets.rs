//! Bytes on a slow line, in every view of a case of 500 requests with bodies of 1 MB: the first frame, a move that
//! scrolls nothing, and one that does.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use easyauth_doctor::report::Report;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::terminal::{Abilities, Clipboard, Sgr};
use easyauth_doctor::tui::update::{Message, update};
use easyauth_doctor::tui::view;
use ratatui::Terminal;
use ratatui::layout::Size;

use crate::helpers::{every_view, large_case};

const FIRST: usize = 3_072;
const STILL: usize = 256;
const MOVED: usize = 1_638;

#[test]
fn no_view_of_a_large_case_costs_more_than_its_bytes() {
    let report = Arc::new(Report::of(serde_json::from_str(&large_case::file(3)).unwrap()));
    let (mut moves, mut over) = (0, Vec::new());
    for (name, mut model) in every_view::all(&report, (80, 24)) {
        let abilities =
            Abilities { color: true, marks: true, boxes: true, like_xterm: true, clipboard: Clipboard::Terminal };
        let Ok(mut terminal) = Terminal::new(Sgr::new(abilities, Size::new(80, 24)));
        let mut bytes = |model: &Model| {
            let Ok(_) = terminal.draw(|frame| view::render(frame, model));
            terminal.backend_mut().take().len()
        };
        let mut check = |what: &str, cost: usize, most: usize| {
            if cost > most {
                over.push(format!("{name}, {what}: {cost} bytes of {most}"));
            }
        };
        check("first frame", bytes(&model), FIRST);
        for code in [KeyCode::Down, KeyCode::Down, KeyCode::Up, KeyCode::PageDown, KeyCode::End, KeyCode::Home] {
            let before = model.place.cursor();
            update(&mut model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
            let after = model.place.cursor();
            // The form says something of each field, and some views of each item.
            let says_more = model.place.over.is_some() || !model.detail.items.is_empty();
            let is_still = (before.top, before.skipped) == (after.top, after.skipped) && !says_more;
            check(&format!("{code:?}"), bytes(&model), if is_still { STILL } else { MOVED });
            moves += usize::from(before != after);
        }
    }
    assert!(over.is_empty(), "{over:#?}");
    assert!(moves > 50, "{moves}");
}
