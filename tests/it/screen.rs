//! The screen in a pseudo-terminal: what a person sees, and how the terminal is given back. The rendered screen is looked
//! at, not the bytes; every wait is for a text or for the end, never for a time.

use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// No wait is longer.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the terminal shows, and whether the program has closed it.
struct Seen {
    parser: vt100::Parser,
    ended: bool,
}

/// The program in a terminal of its own.
struct Screen {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    /// The line settings before the program started.
    cooked: Option<String>,
}

impl Screen {
    fn open(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize {
                rows: 24,
                cols: 80,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let cooked = modes(pair.master.as_ref());
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_easyauth-doctor"));
        command.args(arguments);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen = Arc::new((
            Mutex::new(Seen {
                parser: vt100::Parser::new(24, 80, 0),
                ended: false,
            }),
            Condvar::new(),
        ));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0_u8; 4096];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let mut seen = shared.0.lock().unwrap();
                if read == 0 {
                    seen.ended = true;
                } else {
                    seen.parser.process(&buffer[..read]);
                }
                shared.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self {
            master: pair.master,
            writer,
            child,
            seen,
            cooked,
        }
    }

    /// Waits until the screen fulfils a condition; fails with what it shows instead.
    fn wait(&self, what: &str, condition: impl Fn(&vt100::Screen) -> bool) -> String {
        let limit = Instant::now() + DEADLINE;
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            let contents = seen.parser.screen().contents();
            if condition(seen.parser.screen()) {
                return contents;
            }
            let left = limit.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !seen.ended,
                "waited for {what}; the screen shows:\n{contents}"
            );
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contents().contains(text))
    }

    fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    fn resize(&self, rows: u16, cols: u16) {
        self.seen.0.lock().unwrap().parser.screen_mut().set_size(rows, cols);
        self.master
            .resize(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
    }

    fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(
            std::process::Command::new("kill")
                .args([&format!("-{name}"), &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for the end, and sees the terminal given back: main screen, cursor shown, line settings as before.
    fn ended(mut self) -> ExitStatus {
        let status = self.child.wait().unwrap();
        let limit = Instant::now() + DEADLINE;
        let mut seen = self.seen.0.lock().unwrap();
        while !seen.ended && Instant::now() < limit {
            seen = self.seen.1.wait_timeout(seen, Duration::from_millis(200)).unwrap().0;
        }
        assert!(
            !seen.parser.screen().alternate_screen(),
            "the alternate screen was left"
        );
        assert!(!seen.parser.screen().hide_cursor(), "the cursor is shown");
        drop(seen);
        assert_eq!(
            modes(self.master.as_ref()),
            self.cooked,
            "the line settings are as before"
        );
        status
    }
}

/// The line settings of the terminal, to be compared before and after.
fn modes(master: &dyn MasterPty) -> Option<String> {
    master.get_termios().map(|modes| {
        format!(
            "{:?} {:?} {:?}",
            modes.input_flags, modes.output_flags, modes.local_flags
        )
    })
}

const SCENARIO: &str = "caller-not-in-allowed-applications";

fn finished() -> Screen {
    let screen = Screen::open(&["lab", SCENARIO], &[]);
    screen.wait_for("✗ fail");
    screen.wait_for("(certain, step 7)");
    screen
}

#[test]
fn the_eight_steps_stand_on_a_screen_of_80_by_24_and_can_be_walked() {
    let mut screen = finished();
    let shown = screen.wait_for("what if");
    for step in [
        "1 ✓ pass    identity",
        "2 ✓ pass    protection",
        "3 ✓ pass    scope",
        "4 ✓ pass    token",
        "5 ! warn    claims",
        "6 ✓ pass    audience",
        "7 ✗ fail    authorization",
        "8 ✗ fail    call",
    ] {
        assert!(shown.contains(step), "{step} is not in\n{shown}");
    }
    for (key, question) in [
        ("1", "Has App 1 an identity"),
        ("j", "Is App 2 reachable"),
        ("j", "Which Application ID URI"),
        ("\x1b[B", "Does the identity endpoint"),
        ("8", "Does the authenticated call succeed"),
        ("k", "policy admit this"),
    ] {
        screen.keys(key);
        screen.wait_for(question);
    }
    screen.keys("\t");
    screen.wait_for("A problem was found");
    screen.keys("\t4");
    screen.wait_for("token for App 2");
    screen.keys("?");
    screen.wait_for("check everything again");
    screen.keys("\x1b");
    screen.wait("the help to close", |screen| {
        !screen.contents().contains("check everything again")
    });
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
}

#[test]
fn it_runs_again_and_survives_every_size() {
    // With a delay the run is long enough to be seen.
    let mut screen = Screen::open(&["lab", SCENARIO, "--delay", "100"], &[]);
    screen.wait_for("checking");
    screen.wait_for("(certain, step 7)");
    screen.resize(5, 20);
    screen.wait("one line", |screen| screen.contents().starts_with("✗ caller-not-in"));
    screen.resize(1, 1);
    screen.resize(16, 50);
    screen.wait_for("8 ✗ fail");
    screen.resize(24, 80);
    screen.wait_for("what if");
    screen.keys("r");
    screen.wait_for("checking");
    screen.wait_for("(certain, step 7)");
    screen.wait_for("what if");
    screen.keys("\x03");
    assert_eq!(screen.ended().exit_code(), 1);
}

#[test]
fn a_signal_and_a_panic_give_the_terminal_back() {
    let screen = finished();
    screen.signal("TERM");
    assert_eq!(screen.ended().exit_code(), 143);
    let panicking = Screen::open(&["lab", SCENARIO], &[("EASYAUTH_DOCTOR_TEST_PANIC", "1")]);
    let status = panicking.ended();
    assert!(!status.success(), "{status:?}");
}

#[test]
fn without_colour_the_selected_step_is_still_seen() {
    let mut screen = Screen::open(&["lab", SCENARIO], &[("NO_COLOR", "1")]);
    screen.wait_for("(certain, step 7)");
    screen.keys("3");
    screen.wait("step 3 reversed", |screen| {
        (0..24_u16).any(|row| {
            screen
                .cell(row, 0)
                .is_some_and(|cell| cell.contents() == "3" && cell.inverse())
        })
    });
    let coloured = {
        let seen = screen.seen.0.lock().unwrap();
        (0..24_u16)
            .flat_map(|row| (0..80_u16).map(move |column| (row, column)))
            .any(|(row, column)| {
                seen.parser
                    .screen()
                    .cell(row, column)
                    .is_some_and(|cell| cell.fgcolor() != vt100::Color::Default)
            })
    };
    assert!(!coloured, "NO_COLOR leaves no colour");
    screen.keys("q");
    screen.ended();
}

#[test]
fn a_dumb_terminal_gets_lines() {
    let screen = Screen::open(&["lab", "healthy"], &[("TERM", "dumb")]);
    let (status, shown) = {
        let seen = Arc::clone(&screen.seen);
        let status = screen.ended();
        let shown = seen.0.lock().unwrap().parser.screen().contents();
        (status, shown)
    };
    assert_eq!(status.exit_code(), 0);
    assert!(shown.contains("The call works"), "{shown}");
}
