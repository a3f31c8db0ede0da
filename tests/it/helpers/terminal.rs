//! The program in a pseudo-terminal.

use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use super::network::{self, ENDPOINTS, NOBODY};

/// No wait is longer.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the terminal shows, and whether the program has closed it.
pub struct Seen {
    pub parser: vt100::Parser,
    ended: bool,
}

/// The program in a terminal of its own.
pub struct Screen {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    pub seen: Arc<(Mutex<Seen>, Condvar)>,
    /// The line settings before the program started.
    cooked: Option<String>,
}

impl Screen {
    /// Opens a terminal of 80 by 24 and starts the program in it, with no other variables than these and the
    /// terminal's.
    pub fn open(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let variables: Vec<(String, String)> = ENDPOINTS
            .map(|name| (name, NOBODY))
            .iter()
            .chain(variables)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        network::guard(network::refused_words(arguments, &variables));
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
        // Without it the terminal starts in the home folder, which not every user has.
        command.cwd(std::env::current_dir().unwrap());
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
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
    pub fn wait(&self, what: &str, condition: impl Fn(&vt100::Screen) -> bool) -> String {
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

    pub fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contents().contains(text))
    }

    pub fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    pub fn resize(&self, rows: u16, cols: u16) {
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

    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(
            std::process::Command::new("kill")
                .args([&format!("-{name}"), &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Wakes the program until it has taken the terminal again: it may not sleep yet.
    pub fn wake(&self) {
        let limit = Instant::now() + DEADLINE;
        loop {
            self.signal("CONT");
            let seen = self.seen.0.lock().unwrap();
            let seen = self.seen.1.wait_timeout(seen, Duration::from_millis(50)).unwrap().0;
            if seen.parser.screen().alternate_screen() {
                return;
            }
            assert!(Instant::now() < limit && !seen.ended, "it does not wake");
        }
    }

    /// Waits for the end, and sees the terminal given back: main screen, cursor shown, line settings as before.
    pub fn ended(mut self) -> ExitStatus {
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
