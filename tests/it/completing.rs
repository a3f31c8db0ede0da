//! The completions as a person meets them: typed into bash, zsh, and fish, each in a terminal. A shell that isn't
//! installed is named and skipped.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use crate::helpers::program::{doctor, text};

/// No wait is longer.
const DEADLINE: Duration = Duration::from_secs(60);

/// A shell in a terminal.
struct Typed {
    writer: Box<dyn std::io::Write + Send>,
    bytes: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    child: Box<dyn Child + Send + Sync>,
}

impl Typed {
    /// `None` where the shell isn't installed.
    fn open(shell: &str, arguments: &[&str], home: &Path) -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        if !std::env::split_paths(&path).any(|folder| folder.join(shell).is_file()) {
            #[expect(clippy::print_stderr, reason = "a skipped test says so")]
            {
                eprintln!("{shell} is not installed: its completions are not tried");
            }
            return None;
        }
        let size = PtySize { rows: 60, cols: 200, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(shell);
        command.args(arguments);
        command.cwd(home);
        command.env_clear();
        for (name, value) in [("TERM", "xterm"), ("PS1", "ready> "), ("LC_ALL", "C.UTF-8")] {
            command.env(name, value);
        }
        command.env("HOME", home);
        command.env("PATH", &path);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let (sent, bytes) = channel();
        std::thread::spawn(move || {
            // The terminal lives as long as somebody reads it.
            let _master = pair.master;
            let mut buffer = [0_u8; 4096];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sent.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Some(Self { writer, bytes, screen: vt100::Parser::new(60, 200, 0), child })
    }

    fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Waits until the screen shows all of these.
    fn wait(&mut self, wanted: &[&str]) {
        self.wait_until(&format!("{wanted:?}"), |shown| wanted.iter().all(|word| shown.contains(word)));
    }

    fn wait_for_empty(&mut self) {
        self.wait_until("an empty screen", |shown| !shown.contains("easyauth-doctor"));
    }

    fn wait_until(&mut self, what: &str, holds: impl Fn(&str) -> bool) {
        let limit = Instant::now() + DEADLINE;
        loop {
            let shown = self.screen.screen().contents();
            if holds(&shown) {
                return;
            }
            let left = limit.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.bytes.recv_timeout(left) else {
                panic!("waited for {what}; the screen shows:\n{shown}");
            };
            // fish asks what the terminal is, and waits for the answer.
            if bytes.windows(2).any(|pair| pair == b"[c") {
                self.keys("\x1b[?62;c");
            }
            self.screen.process(&bytes);
        }
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn script(shell: &str, place: &Path) {
    let output = doctor(&["completions", shell]).env_clear().output().unwrap();
    assert!(output.status.success());
    std::fs::write(place, text(&output.stdout)).unwrap();
}

/// Types each line with Tab, and expects these words in what the shell offers.
fn offers(shell: &str, arguments: &[&str], file: &str, prepare: &str) {
    let home = tempfile::tempdir().unwrap();
    let place = home.path().join(file);
    script(shell, &place);
    let Some(mut typed) = Typed::open(shell, arguments, home.path()) else {
        return;
    };
    typed.keys(&format!("{}; echo prep''ared\n", prepare.replace("FILE", place.to_str().unwrap())));
    typed.wait(&["prepared"]);
    for (line, wanted) in [
        ("easyauth-doctor ch", &["easyauth-doctor check"][..]),
        ("easyauth-doctor check --auth-s", &["easyauth-doctor check --auth-settings"]),
        ("easyauth-doctor check --format j", &["json", "junit"]),
        ("easyauth-doctor check --credential w", &["workload-identity"]),
        ("easyauth-doctor --cloud us", &["--cloud usgov"]),
        ("easyauth-doctor lab caller-not-in-allowed-a", &["caller-not-in-allowed-applications"]),
        // fish leaves out what was typed.
        ("easyauth-doctor explain AADSTS5001", &["50013"]),
        ("easyauth-doctor lab ver", &["lab verify"]),
    ] {
        typed.keys(&format!("{line}\t"));
        typed.keys("\t");
        typed.wait(wanted);
        // To the end of the line, delete it, and start again on an empty screen.
        typed.keys("\x05\x15clear\n");
        typed.wait_for_empty();
    }
}

#[test]
fn bash_completes() {
    offers("bash", &["--norc", "--noprofile", "-i"], "easyauth-doctor.bash", "source FILE");
}

#[test]
fn zsh_completes() {
    offers("zsh", &["-f", "-i"], "_easyauth-doctor", "fpath=($HOME $fpath); autoload -Uz compinit; compinit -u -D");
}

#[test]
fn fish_completes() {
    offers("fish", &["--no-config", "-i"], "easyauth-doctor.fish", "source FILE");
}
