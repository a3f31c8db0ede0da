//! How long a person waits for the program in a pseudo-terminal, and what it takes while nobody does anything.
//!
//! `cargo bench --bench screen_waits` fails where a limit is exceeded. Each wait is the least of some tries: what else
//! the machine does meanwhile counts for nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark may fail, and reads clocks"
)]

#[cfg(unix)]
#[allow(dead_code, unused_imports, reason = "the tests use all of it")]
#[path = "../it/helpers/network.rs"]
mod network;
#[cfg(unix)]
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../it/helpers/terminal.rs"]
mod terminal;

#[cfg(unix)]
fn main() {
    unix::main();
}

#[cfg(not(unix))]
fn main() {
    println!("there are no pseudo-terminals here");
}

#[cfg(unix)]
mod unix {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;
    use std::time::{Duration, Instant};

    use easyauth_doctor::case::Case;
    use easyauth_doctor::knowledge::phrase;

    use super::terminal::{Kind, Screen};

    const CASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/saved/audience-not-allowed.json");
    const TRIES: usize = 5;

    /// From SIGCONT until the whole screen is there again.
    const WOKEN: Duration = Duration::from_millis(50);
    /// From a request until it is listed.
    const LISTED: Duration = Duration::from_millis(200);
    /// From the second Esc until the check has stopped.
    const STOPPED: Duration = Duration::from_millis(100);
    /// How much longer a request may seem to take because a terminal does not read.
    const DELAYED: u64 = 5;
    /// So long it does not.
    const STALLED: Duration = Duration::from_secs(15);
    /// The bytes a second of a slow line, and how long a key may take on it.
    const RATE: usize = 960;
    const ANSWERED: Duration = Duration::from_millis(400);
    /// What nothing may take in ten seconds.
    const IDLE: Duration = Duration::from_millis(5);

    pub fn main() {
        let mut over = Vec::new();
        let mut check = |what: &str, took: Duration, most: Duration| {
            println!("{what}: {took:?} of {most:?}");
            if took > most {
                over.push(format!("{what}: {took:?} of {most:?}"));
            }
        };
        check("the screen after a sleep", least(woken), WOKEN);
        let (listed, stopped): (Vec<_>, Vec<_>) = (0..TRIES).map(|_| silent()).unzip();
        check("a request is listed", listed.into_iter().min().unwrap(), LISTED);
        check("a check is stopped", stopped.into_iter().min().unwrap(), STOPPED);
        check("a key on a slow line", slow(), ANSWERED);
        check("ten seconds without anything", idle(), IDLE);
        let (read, unread) = (slowest(false), slowest(true));
        let delayed = Duration::from_millis(unread.abs_diff(read));
        println!("requests take {read} ms, and {unread} ms where the terminal does not read");
        check("requests of a terminal that does not read", delayed, Duration::from_millis(DELAYED));
        assert!(over.is_empty(), "{over:#?}");
    }

    fn least(wait: impl Fn() -> Duration) -> Duration {
        (0..TRIES).map(|_| wait()).min().unwrap()
    }

    fn opened() -> Screen {
        let screen = Screen::open(&["open", CASE], &[]);
        screen.wait_for("audience-not-allowed");
        screen.settled();
        screen
    }

    fn quit(mut screen: Screen) {
        screen.keys("q");
        screen.ended();
    }

    fn woken() -> Duration {
        let mut screen = opened();
        let before = screen.wait_for("");
        screen.keys("\x1a");
        screen.wait_stopped();
        screen.wait("the shell's screen", |now| !now.alternate_screen());
        let begin = Instant::now();
        screen.signal("CONT");
        screen.wait("the same screen", |now| now.alternate_screen() && now.contents() == before);
        let took = begin.elapsed();
        quit(screen);
        took
    }

    /// A server that never answers, and when each request came.
    fn never() -> (String, Receiver<Instant>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming() {
                held.push(stream);
                if sender.send(Instant::now()).is_err() {
                    return;
                }
            }
        });
        (address, receiver)
    }

    fn silent() -> (Duration, Duration) {
        let (address, came) = never();
        let endpoint = format!("{address}/msi/token");
        let variables = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "x")];
        let target = format!("{address}/");
        let mut screen = Screen::open(&["--target", &target, "--resource", "api://x", "--timeout", "100"], &variables);
        let first = came.recv().unwrap();
        screen.wait_for("of 100 s");
        let listed = first.elapsed();
        const ESC: &str = "\x1b[27u";
        screen.keys(ESC);
        screen.wait_for(&phrase("screen.stop").text());
        let begin = Instant::now();
        screen.keys(ESC);
        screen.wait("the end of the check", |now| !now.contents().contains("checking"));
        let stopped = begin.elapsed();
        quit(screen);
        (listed, stopped)
    }

    /// What a move costs on a slow line that is free, and what many at once leave to be read.
    fn slow() -> Duration {
        let mut screen = opened();
        screen.slow(RATE);
        // The slow line begins with the next reading.
        let mut answered = Vec::new();
        for key in ["\x1b[B", "\x1b[A", "\x1b[B", "\x1b[A"] {
            let before = screen.settled();
            let begin = Instant::now();
            screen.keys(key);
            let end = screen.settled();
            assert!(end > before, "nothing was answered");
            // It settles after a pause of 400 ms.
            answered.push(begin.elapsed().saturating_sub(Duration::from_millis(400)));
        }
        let before = screen.settled();
        for key in ["\x1b[B", "\x1b[A"].into_iter().cycle().take(400) {
            screen.keys(key);
            thread::sleep(Duration::from_millis(5));
        }
        let bytes = screen.settled() - before;
        println!("400 keys on a slow line: {bytes} bytes");
        quit(screen);
        answered.into_iter().skip(1).min().unwrap()
    }

    fn idle() -> Duration {
        let screen = opened();
        let taken = || screen.processor_time().unwrap_or_default();
        let (bytes, before) = (screen.settled(), taken());
        assert!(before > Duration::ZERO || !cfg!(target_os = "linux"), "the processor time isn't known");
        thread::sleep(Duration::from_secs(10));
        let took = taken() - before;
        assert_eq!(screen.bytes().len(), bytes, "something was written");
        quit(screen);
        took
    }

    /// How long requests to a server take by the saved case, that answers each after half a second: the middle one.
    fn slowest(stalls: bool) -> u64 {
        let url = answers_late();
        let endpoint = format!("{url}/msi/token");
        let variables = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "x")];
        let path = std::env::temp_dir().join(format!("waits-{}.json", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let arguments = ["--target", &url, "--resource", "api://x"];
        let mut screen = Screen::open_in(Kind::XTERM, &arguments, &variables);
        screen.wait_for("checking");
        if stalls {
            screen.stall(true);
            let end = Instant::now() + STALLED;
            for columns in [90, 100].into_iter().cycle().take_while(|_| Instant::now() < end) {
                screen.resize(40, columns);
                thread::sleep(Duration::from_millis(15));
            }
            screen.stall(false);
            screen.resize(24, 80);
        }
        screen.wait("the verdict", |now| now.contents().contains("FAIL") || now.contents().contains("INCONCLUSIVE"));
        screen.settled();
        screen.keys("s");
        screen.wait_for(&phrase("prompt.save").text());
        screen.settled();
        screen.keys("\x15");
        screen.keys(path.to_str().unwrap());
        screen.wait_for(&format!("waits-{}.json", std::process::id()));
        screen.keys("\r");
        screen.wait("the saved file", |_| path.exists());
        screen.settled();
        screen.keys("q");
        screen.ended();
        let case: Case = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        std::fs::remove_file(path).unwrap();
        let mut all: Vec<u64> = case.exchanges.iter().map(|exchange| exchange.elapsed_ms).collect();
        all.retain(|took| *took >= 500);
        all.sort_unstable();
        all[all.len() / 2]
    }

    fn answers_late() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answer = |mut stream: TcpStream| {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            thread::sleep(Duration::from_millis(500));
            let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || answer(stream));
            }
        });
        url
    }
}
