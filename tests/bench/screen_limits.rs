//! What the screen withstands and costs: 100 000 keys, pastes, and sizes without sense, and the memory of a large case.
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
use std::time::Instant;

use easyauth_doctor::line::open;
use easyauth_doctor::tui::look::Looks;

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
    let begin = Instant::now();
    let met = random_keys::press(100_000);
    println!("100 000 keys: {:?}, {met:?}", begin.elapsed());
}
