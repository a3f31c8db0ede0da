//! What the screen withstands and costs: 100 000 keys, pastes, and sizes without sense, the memory of a large case, and
//! the time of a key in every view of it on 200 by 50 cells.
//!
//! `cargo bench --bench screen_limits` fails where a limit is exceeded; the memory is read on Linux.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark may fail, and reads clocks"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::DateTime;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use easyauth_doctor::line::open;
use easyauth_doctor::report::Report;
use easyauth_doctor::tui::look::Looks;
use easyauth_doctor::tui::model::Model;
use easyauth_doctor::tui::terminal::{Abilities, Clipboard, Sgr};
use easyauth_doctor::tui::update::{Message, update};
use easyauth_doctor::tui::view;
use ratatui::Terminal;
use ratatui::layout::Size;

const SIZE: (u16, u16) = (200, 50);

/// The most that a key may take until its bytes are there, also where its view has to be made.
const MOST: Duration = Duration::from_millis(1);
/// What the keys without sense begin with.
const SEEDS: [u64; 3] = [7, 1_618_033, 2_718_281_828];
/// So often is each key pressed.
const TRIES: usize = 40;

#[path = "../it/helpers/every_view.rs"]
mod every_view;

#[path = "../it/helpers/large_case.rs"]
mod large_case;
#[path = "../it/helpers/random_keys.rs"]
mod random_keys;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../it/helpers/screens.rs"]
mod screens;

/// A line of `/proc/self/status`, in bytes.
fn memory(name: &str) -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().strip_suffix(" kB")?.parse::<usize>().ok().map(|kilobytes| kilobytes << 10)
}

/// The least time that a key took until its bytes were there: what else the machine does meanwhile counts for nothing.
fn least(tries: usize, mut key: impl FnMut() -> Duration) -> Duration {
    (0..tries).map(|_| key()).min().unwrap()
}

/// Moves in every view, and each view made anew as when it is opened. Says what took too long.
fn times(report: &Arc<Report>) -> Vec<String> {
    let mut over = Vec::new();
    for (name, mut model) in every_view::all(report, SIZE) {
        let abilities =
            Abilities { color: true, marks: true, boxes: true, like_xterm: true, clipboard: Clipboard::Terminal };
        let Ok(mut terminal) = Terminal::new(Sgr::new(abilities, Size::new(SIZE.0, SIZE.1)));
        let mut draw = |model: &mut Model, message: Message| {
            let begin = Instant::now();
            update(model, message);
            let Ok(_) = terminal.draw(|frame| view::render(frame, model));
            let bytes = terminal.backend_mut().take().len();
            let took = begin.elapsed();
            assert!(bytes < 60_000, "{name}: {bytes} bytes");
            took
        };
        let key = |code| Message::Key(KeyEvent::new(code, KeyModifiers::NONE));
        draw(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
        let pairs = [(KeyCode::Down, KeyCode::Up), (KeyCode::PageDown, KeyCode::PageUp), (KeyCode::End, KeyCode::Home)];
        let mut all = Vec::new();
        for (there, back) in pairs {
            let took = least(TRIES, || draw(&mut model, key(there)).max(draw(&mut model, key(back))));
            all.push((format!("{there:?}"), took));
        }
        let anew = least(TRIES, || {
            model.made.clear();
            (model.page_key, model.detail_key) = (None, None);
            draw(&mut model, Message::Tick(DateTime::UNIX_EPOCH))
        });
        all.push(("opened".to_owned(), anew));
        for (what, took) in all {
            println!("{name}, {what}: {took:?}");
            if took > MOST {
                over.push(format!("{name}, {what}: {took:?}"));
            }
        }
    }
    over
}

/// Opens a large case as the program does, and goes through its views.
fn memory_of_a_large_case(path: &str) {
    let size = usize::try_from(std::fs::metadata(path).unwrap().len()).unwrap();
    // The knowledge base is there, whatever is opened.
    drop(screens::opened(screens::FAILS, Looks::default(), (200, 50)));
    let Some(before) = memory("VmRSS") else { return };
    let report = Arc::new(open::one(path).unwrap());
    let mut model = screens::showing(report, Looks::new(true, false), (200, 50));
    screens::press(&mut model, "xG\r");
    screens::press(&mut model, "12345678ctpxgioL");
    let (after, most) = (memory("VmRSS").unwrap() - before, memory("VmHWM").unwrap() - before);
    println!("memory: {after} bytes, at most {most}, for a case of {size} bytes: {:.2}", most as f64 / size as f64);
    assert!(after <= 3 * size, "more than three times its file");
}

fn main() {
    let path = std::env::temp_dir().join(format!("large-{}.json", std::process::id()));
    // Written by a process of its own: what it takes is not what opening it takes.
    if let Some(path) = std::env::var_os("LARGE_CASE") {
        std::fs::write(path, large_case::file(8)).unwrap();
        return;
    }
    let writer = std::process::Command::new(std::env::current_exe().unwrap()).env("LARGE_CASE", &path).status();
    assert!(writer.unwrap().success());
    memory_of_a_large_case(path.to_str().unwrap());
    std::fs::remove_file(path).unwrap();
    let report = Arc::new(Report::of(serde_json::from_str(&large_case::file(8)).unwrap()));
    let over = times(&report);
    for seed in SEEDS {
        let begin = Instant::now();
        let met = random_keys::press(seed, 100_000);
        println!("100 000 keys from seed {seed}: {:?}, {met:?}", begin.elapsed());
    }
    // The times depend on the machine as well, so what the keys did is known first.
    assert!(over.is_empty(), "more than {MOST:?}: {over:#?}");
}
