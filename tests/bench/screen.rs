//! How long a key takes until its bytes are there, with 500 requests and bodies of 1 MB on 200 by 50 cells: at most a
//! millisecond.
//!
//! `cargo bench --bench screen` measures; the figures count in the release profile only.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a benchmark may fail")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use easyauth_doctor::report::Report;
use easyauth_doctor::tui::look::Looks;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::terminal::{Abilities, Clipboard, Sgr};
use easyauth_doctor::tui::update::{Message, update};
use easyauth_doctor::tui::view;
use ratatui::Terminal;
use ratatui::layout::Size;

#[path = "../it/helpers/large_case.rs"]
mod large_case;

const SIZE: (u16, u16) = (200, 50);

struct Screen {
    model: Model,
    terminal: Terminal<Sgr>,
}

impl Screen {
    fn open(report: &Arc<Report>, keys: &str) -> Self {
        let looks = Looks::new(true, false);
        let mut model = Model::saved("https://app2.azurewebsites.net/".to_owned(), looks, SIZE, Arc::clone(report));
        update(&mut model, Message::Resized(SIZE.0, SIZE.1));
        let abilities =
            Abilities { color: true, marks: true, boxes: true, like_xterm: true, clipboard: Clipboard::Terminal };
        let Ok(terminal) = Terminal::new(Sgr::new(abilities, Size::new(SIZE.0, SIZE.1)));
        let mut screen = Self { model, terminal };
        for key in keys.chars() {
            screen.press(if key == '\r' { KeyCode::Enter } else { KeyCode::Char(key) });
        }
        screen
    }

    /// A key, and the bytes of its frame.
    fn press(&mut self, code: KeyCode) -> usize {
        update(&mut self.model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        let model = &self.model;
        let Ok(_) = self.terminal.draw(|frame| view::render(frame, model));
        self.terminal.backend_mut().take().len()
    }
}

fn keys(criterion: &mut Criterion) {
    let report = Arc::new(Report::of(serde_json::from_str(&large_case::file(8)).unwrap()));
    for (name, keys, there, back, items) in [
        ("move in the cause", "c", KeyCode::Down, KeyCode::Up, 10),
        ("move in the requests", "x", KeyCode::Down, KeyCode::Up, 500),
        ("page through the requests", "x", KeyCode::PageDown, KeyCode::PageUp, 500),
        ("move to a body of 1 MB below the requests", "xGkk", KeyCode::Up, KeyCode::Down, 500),
        ("move in a body of 1 MB", "xGkk\rG\r", KeyCode::Up, KeyCode::Down, 1_000),
        ("page through a body of 1 MB", "xGkk\rG\r", KeyCode::PageUp, KeyCode::PageDown, 1_000),
        ("end of a body of 1 MB", "xGkk\rG\r", KeyCode::Home, KeyCode::End, 1_000),
        ("open a body of 1 MB", "xGkk", KeyCode::Enter, KeyCode::Esc, 500),
        ("from view to view", "c", KeyCode::Char('x'), KeyCode::Char('c'), 10),
        ("from step to step", "7", KeyCode::Char('8'), KeyCode::Char('7'), 10),
    ] {
        let mut screen = Screen::open(&report, keys);
        assert!(screen.model.page.len() >= items, "{name}: {} items", screen.model.page.len());
        let mut is_there = false;
        criterion.bench_function(&format!("key: {name}"), |bencher| {
            bencher.iter(|| {
                is_there = !is_there;
                black_box(screen.press(if is_there { there } else { back }))
            });
        });
    }
}

criterion_group!(benches, keys);
criterion_main!(benches);
