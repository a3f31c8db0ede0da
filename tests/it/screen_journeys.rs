//! What a person does at the screen, in a pseudo-terminal: on terminals with one screen that is full of text, and on
//! xterm. Each wait is for what is shown or written, never for a time.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use chrono::Utc;
use easyauth_doctor::case::Case;
use easyauth_doctor::knowledge::phrase;
use easyauth_doctor::tui::look::Looks;
use rstest::rstest;

use crate::helpers::observing::side_by_side;
use crate::helpers::server::{Server, http};
use crate::helpers::terminal::{DEADLINE, Kind, Screen};

const CASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/saved/audience-not-allowed.json");
const CODE: &str = "audience-not-allowed";

/// What the footer ends with.
const END: &str = "? help  q quit";

/// The key Esc as one sequence, so that no key after it makes another one of it.
const ESC: &str = "\x1b[27u";

const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6Im90aGVyIn0.eyJhdWQiOiJhcGk6Ly9vdGhlciIsImFwcGlkIjoieCJ9.U0lHTkFUVVJF";

/// As a terminal of this kind shows it.
fn shown_on(kind: Kind, text: &str) -> String {
    let is_ascii = matches!(kind.name, "linux" | "vt100" | "never-heard-of");
    Looks::new(false, is_ascii).text(text)
}

fn said(kind: Kind, key: &'static str) -> String {
    shown_on(kind, &phrase(key).text())
}

fn opened(folder: &Path, kind: Kind) -> Screen {
    let screen = Screen::open_at(folder, kind, &["open", CASE], &[]);
    screen.wait_for(CODE);
    screen.wait_for(END);
    screen
}

fn last_row(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    screen.rows(0, columns).nth(usize::from(rows) - 1).unwrap_or_default()
}

/// Types a text into a prompt and confirms it. Enter comes alone: within a paste it would press nothing.
fn enter(screen: &mut Screen, text: &str) {
    screen.keys(text);
    let end: String = text.chars().skip(text.chars().count().saturating_sub(20)).collect();
    screen.wait_for(&end);
    screen.keys("\r");
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

/// A server that refuses every request once it is let, and counts what it has answered.
struct Held {
    server: Server,
    answers: Arc<(Mutex<(bool, usize)>, Condvar)>,
}

impl Held {
    fn new() -> Self {
        let answers = Arc::new((Mutex::new((false, 0)), Condvar::new()));
        let (held, turns) = (Arc::clone(&answers), Arc::clone(&answers));
        let server = Server::play(move |stream, _| {
            drop(held.1.wait_while(held.0.lock().unwrap(), |(is_open, _)| !*is_open).unwrap());
            let _ = stream.write_all(http("401 Unauthorized", "", "").as_bytes());
            turns.0.lock().unwrap().1 += 1;
            turns.1.notify_all();
        });
        Self { server, answers }
    }

    /// How many requests for a token have arrived.
    fn asked(&self) -> usize {
        self.server.received().iter().filter(|head| head.contains("/msi/token")).count()
    }

    fn open(&self) {
        self.answers.0.lock().unwrap().0 = true;
        self.answers.1.notify_all();
    }
}

/// Has the program write until the terminal takes no more, and as long as this holds: it gets another size again and
/// again.
fn fill(screen: &Screen, goes_on: impl Fn() -> bool) {
    for columns in [90, 100].into_iter().cycle().take_while(|_| goes_on()) {
        screen.resize(40, columns);
        std::thread::sleep(Duration::from_millis(15));
    }
}

/// What is seen is the order, which no busy machine changes: while the terminal takes nothing, an answer is read and
/// the next requests are sent, and the last of them is over before the terminal reads again.
#[test]
fn a_terminal_that_does_not_read_delays_no_request() {
    const STALLED: Duration = Duration::from_secs(3);
    let folder = tempfile::tempdir().unwrap();
    let stalled = |number: usize, kind: Kind| {
        let held = Held::new();
        let url = held.server.url.clone();
        let endpoint = format!("{url}/msi/token");
        let variables = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "x")];
        let arguments = ["--target", &url, "--resource", "api://x", "--timeout", "300"];
        let mut screen = Screen::open_at(folder.path(), kind, &arguments, &variables);
        screen.wait_for("checking");
        let limit = Instant::now() + DEADLINE;
        let in_time = || Instant::now() < limit;
        while held.asked() == 0 {
            assert!(in_time(), "{}: no token is requested", kind.name);
            std::thread::sleep(Duration::from_millis(15));
        }
        screen.stall(true);
        let full = Instant::now() + STALLED;
        fill(&screen, || Instant::now() < full);
        assert_eq!(held.asked(), 1, "{}: only the answer leads on", kind.name);
        let opened = Instant::now();
        held.open();
        // The endpoint refused, and what explains that is asked of it.
        fill(&screen, || held.asked() < 2 && in_time());
        assert!(held.asked() > 1, "{}: the answer waits for the terminal", kind.name);
        // As long as this machine needs for everything that is still under way, and far longer.
        let end = Instant::now() + STALLED + opened.elapsed() * 20;
        fill(&screen, || Instant::now() < end);
        let read = Utc::now();
        screen.stall(false);
        screen.resize(24, 80);
        screen.wait_for(&shown_on(kind, "FAIL · likely"));
        screen.keys("s");
        screen.wait_for(&said(kind, "prompt.save"));
        let path = folder.path().join(format!("{number}.json"));
        screen.keys("\x15");
        enter(&mut screen, path.to_str().unwrap());
        screen.wait("the saved file", |_| path.exists());
        let case: Case = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for exchange in &case.exchanges {
            let ended = case.after(exchange.started_ms + exchange.elapsed_ms);
            assert!(ended < read, "{}: {:?} ended at {ended}, and {read} is later", kind.name, exchange.purpose);
        }
        screen.keys("q");
        assert_eq!(screen.ended().exit_code(), 1);
    };
    let all = Kind::ALL[..5].iter().enumerate().collect();
    side_by_side(all, |(number, kind)| stalled(number, *kind));
}

#[rstest]
fn a_what_if_can_be_taken_back_and_is_not_saved(#[values(0, 1, 2, 3, 4)] kind: usize) {
    let kind = Kind::ALL[kind];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.json");
    let mut screen = opened(folder.path(), kind);
    let would_pass = shown_on(kind, "◇ IF · ✓ would pass");
    let observed = shown_on(kind, "✗ FAIL · certain");
    screen.wait_for(&observed);
    screen.keys("a");
    screen.wait_for(&would_pass);
    screen.keys("u");
    screen.wait("what was observed", |now| now.contents().contains(&observed) && !now.contents().contains(&would_pass));
    screen.keys("a");
    screen.wait_for(&would_pass);
    screen.keys("s");
    screen.wait_for(&said(kind, "prompt.save"));
    screen.keys("\x15");
    enter(&mut screen, path.to_str().unwrap());
    screen.wait("the saved file", |_| path.exists());
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
    let case: Case = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(case.inputs.assume, [""; 0]);
}

#[rstest]
fn a_pasted_token_is_offered_and_writes_and_quits_nothing(#[values(0, 1, 2, 3, 4)] kind: usize) {
    let kind = Kind::ALL[kind];
    let folder = tempfile::tempdir().unwrap();
    let mut screen = opened(folder.path(), kind);
    let offered = said(kind, "paste.keys");
    for (before, after) in [("\x1b[200~", "\x1b[201~"), ("", "")] {
        screen.keys(&format!("{before}{TOKEN}\n{after}"));
        screen.wait("the offer", |now| last_row(now).contains(&offered));
        screen.keys(ESC);
        screen.wait("the keys", |now| last_row(now).ends_with(END));
    }
    // What is no token presses nothing either.
    for text in ["eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9\nq\ns\n", "tty -a | grep -o x\n", "see\nq\ns\n"] {
        screen.keys(text);
        screen.wait_for(&said(kind, "screen.pasted"));
        screen.keys("\x0c");
        screen.wait("the message to go", |now| !now.contents().contains(&said(kind, "screen.pasted")));
    }
    // A prompt that keys of one moment open is not confirmed by one of them.
    screen.keys("s\n");
    screen.wait_for(&said(kind, "prompt.save"));
    screen.settled();
    screen.keys(ESC);
    screen.wait("the keys", |now| last_row(now).ends_with(END));
    screen.keys("?");
    screen.wait_for(&said(kind, "keys.copy-all"));
    screen.keys(ESC);
    screen.wait("the keys", |now| last_row(now).ends_with(END));
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
    assert!(is_empty(folder.path()));
}

#[rstest]
fn a_request_to_a_silent_endpoint_is_listed_and_can_be_stopped(#[values(0, 1, 2, 3, 4)] kind: usize) {
    let kind = Kind::ALL[kind];
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let endpoint = format!("{address}/msi/token");
    let variables = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "x")];
    let target = format!("{address}/");
    let arguments = ["--target", &target, "--resource", "api://x", "--timeout", "100"];
    let mut screen = Screen::open_in(kind, &arguments, &variables);
    let listed = screen.wait_for("/msi/token");
    assert!(listed.contains("checking") && listed.contains("of 100 s"), "{listed}");
    // Its time goes on; a busy machine draws not every second.
    let is_later = |now: &str| (1..100).any(|seconds| now.contains(&format!(" {seconds} s of 100 s")));
    screen.wait("a later time", |now| is_later(&now.contents()));
    screen.keys(ESC);
    screen.wait_for(&said(kind, "screen.stop"));
    screen.keys(ESC);
    screen.wait("the end of the check", |now| !now.contents().contains("checking"));
    screen.keys("q");
    let (status, left) = screen.ended_with();
    assert_eq!(status.exit_code(), 3);
    assert!(left.contains(&format!("easyauth-doctor --target \"{target}\"")), "{left}");
}

/// What a key is called in the help, as a terminal sends it.
fn sent(name: &str) -> String {
    match name {
        "↑" | "Up" => "\x1b[A",
        "↓" | "Down" => "\x1b[B",
        "→" | "Right" => "\x1b[C",
        "←" | "Left" => "\x1b[D",
        "PgUp" => "\x1b[5~",
        "PgDn" => "\x1b[6~",
        "Home" => "\x1b[H",
        "End" => "\x1b[F",
        "Tab" => "\t",
        "Shift-Tab" => "\x1b[Z",
        "Enter" => "\r",
        "Esc" => ESC,
        "Space" => " ",
        "F1" => "\x1bOP",
        "1…8" | "1-8" => "3",
        name => {
            if let Some(letter) = name.strip_prefix("Ctrl-") {
                return char::from(letter.as_bytes()[0] & 0x1f).to_string();
            }
            assert_eq!(name.chars().count(), 1, "{name}");
            name
        }
    }
    .to_owned()
}

/// Closes whatever is open, and gives how many bytes were written until then.
fn quiet(screen: &mut Screen, kind: Kind) -> usize {
    screen.keys(&format!("{ESC}{ESC}Uc?"));
    screen.wait_for(&said(kind, "screen.close-help"));
    screen.keys(ESC);
    screen.wait("the keys", |now| last_row(now).ends_with(END));
    screen.bytes().len()
}

#[rstest]
fn every_row_of_the_help_does_something_and_every_other_key_says_why_not(#[values(0, 1, 2, 3, 4)] kind: usize) {
    let (all, kind) = (kind == 0, Kind::ALL[kind]);
    let folder = tempfile::tempdir().unwrap();
    let mut screen = opened(folder.path(), kind);
    screen.resize(80, 80);
    screen.wait("the new size", |now| now.size().0 == 80 && last_row(now).ends_with(END));
    screen.keys("?");
    let help = screen.wait("the help", |now| last_row(now).contains(&said(kind, "screen.close-help")));
    screen.keys(ESC);
    screen.wait("the keys", |now| last_row(now).ends_with(END));
    screen.resize(24, 80);
    screen.wait("the new size", |now| last_row(now).ends_with(END));
    // What the view is for, an empty row, the keys, an empty row, the marks.
    // An empty row may be one of spaces, which took away what was there before.
    let rows: Vec<&str> = help.lines().collect();
    let mut blocks = rows.split(|row| row.trim().is_empty()).filter(|block| !block.is_empty());
    let names = blocks.nth(1).unwrap().iter().map(|row| row.chars().skip(3).take(18).collect::<String>());
    let names: Vec<Vec<String>> = names.map(|names| names.split_whitespace().map(str::to_owned).collect()).collect();
    assert!(names.len() > 25, "{help}");
    let of_row = if all { usize::MAX } else { 1 };
    let listed = names.iter().flat_map(|names| names.iter().take(of_row));
    // These leave the screen.
    let listed = listed.filter(|name| !matches!(name.as_str(), "q" | "Ctrl-C" | "Ctrl-Z"));
    for name in listed.map(String::as_str).chain(["%", "$", "r", "d", "~"]) {
        let before = quiet(&mut screen, kind);
        screen.keys(&sent(name));
        let seen = std::sync::Arc::clone(&screen.seen);
        let seen = seen
            .1
            .wait_timeout_while(seen.0.lock().unwrap(), Duration::from_secs(30), |seen| seen.bytes.len() == before);
        assert!(!seen.unwrap().1.timed_out(), "{}: {name} is silent\n{help}", kind.name);
    }
    quiet(&mut screen, kind);
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
    assert!(is_empty(folder.path()));
}

#[rstest]
fn the_last_cell_of_the_footer_is_kept_at_every_width_and_a_prompt_at_every_size(#[values(0, 1, 2, 3, 4)] kind: usize) {
    let kind = Kind::ALL[kind];
    let folder = tempfile::tempdir().unwrap();
    let mut screen = opened(folder.path(), kind);
    for columns in [30, 31, 45, 58, 65, 66, 80, 99, 100, 159, 200] {
        screen.resize(24, columns);
        screen.wait("the footer's end in the last cell", |now| {
            let row = last_row(now);
            row.ends_with(END) && row.chars().count() == usize::from(columns)
        });
    }
    screen.resize(5, 20);
    screen.keys("A");
    screen.wait_for(&said(kind, "prompt.what-if"));
    screen.keys("\x15");
    enter(&mut screen, "xyz");
    // The reason comes above it, and what was typed stays in sight.
    let label = said(kind, "prompt.what-if");
    screen.wait("the reason", |now| {
        now.contents().contains("xyz") && !now.contents().lines().next().is_some_and(|row| row.contains(&label))
    });
    screen.keys(ESC);
    screen.wait("the prompt to close", |now| !now.contents().contains("xyz"));
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
    assert!(is_empty(folder.path()));
}
