//! The program in a pseudo-terminal.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use super::network::{self, ENDPOINTS, NOBODY};

/// No wait is longer, on the busiest machine.
pub const DEADLINE: Duration = Duration::from_secs(180);

/// What the terminal shows, and whether the program has closed it.
pub struct Seen {
    pub parser: vt100::Parser,
    /// Everything that the program wrote.
    pub bytes: Vec<u8>,
    ended: bool,
    /// Whether the terminal reads nothing for now.
    stalled: bool,
    /// So many bytes a second it reads; `None`: all that is there.
    rate: Option<usize>,
    /// What makes it a terminal that has only one screen; bytes of a sequence that is not whole yet.
    one_screen: Option<Vec<u8>>,
}

impl Seen {
    /// The terminal reads again, whoever wrote to it.
    pub fn release(&mut self) {
        self.stalled = false;
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let Some(mut held) = self.one_screen.take() else {
            self.parser.process(bytes);
            return;
        };
        held.extend_from_slice(bytes);
        let (shown, rest) = without_alternate_screen(&held);
        self.parser.process(&shown);
        self.one_screen = Some(rest);
    }
}

/// What a terminal without an alternate screen understands of these bytes, and the beginning of a sequence at the end.
fn without_alternate_screen(bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    const SWITCHES: [&[u8]; 2] = [b"\x1b[?1049h", b"\x1b[?1049l"];
    let (mut shown, mut rest) = (Vec::new(), bytes);
    while let Some((first, others)) = rest.split_first() {
        if let Some(after) = SWITCHES.iter().find_map(|switch| rest.strip_prefix(*switch)) {
            rest = after;
        } else if SWITCHES.iter().any(|switch| switch.starts_with(rest)) {
            return (shown, rest.to_vec());
        } else {
            shown.push(*first);
            rest = others;
        }
    }
    (shown, Vec::new())
}

/// What a terminal is like before the program starts in it.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The value of TERM.
    pub name: &'static str,
    /// Whether it has only one screen, full of text.
    pub one_screen: bool,
}

impl Kind {
    pub const XTERM: Self = Self { name: "xterm-256color", one_screen: false };

    /// Every kind that the screen is tried on.
    pub const ALL: [Self; 6] = [
        Self::XTERM,
        Self { name: "xterm", one_screen: true },
        Self { name: "screen", one_screen: true },
        Self { name: "linux", one_screen: true },
        Self { name: "vt100", one_screen: true },
        Self { name: "never-heard-of", one_screen: false },
    ];
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
        Self::open_in(Kind::XTERM, arguments, variables)
    }

    /// The same in a terminal of this kind.
    pub fn open_in(kind: Kind, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        // Without it the terminal starts in the home folder, which not every user has.
        Self::open_at(&std::env::current_dir().unwrap(), kind, arguments, variables)
    }

    /// The same in a folder.
    pub fn open_at(folder: &Path, kind: Kind, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let variables: Vec<(String, String)> = ENDPOINTS
            .map(|name| (name, NOBODY))
            .iter()
            .chain(variables)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        network::guard(network::refused_words(arguments, &variables));
        let pair =
            native_pty_system().openpty(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
        let cooked = modes(pair.master.as_ref());
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_easyauth-doctor"));
        command.args(arguments);
        command.cwd(folder);
        command.env_clear();
        command.env("TERM", kind.name);
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut parser = vt100::Parser::new(24, 80, 0);
        if kind.one_screen {
            parser.process("x".repeat(80 * 24).as_bytes());
        }
        let seen = Arc::new((
            Mutex::new(Seen {
                parser,
                bytes: Vec::new(),
                ended: false,
                stalled: false,
                rate: None,
                one_screen: kind.one_screen.then(Vec::new),
            }),
            Condvar::new(),
        ));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0_u8; 4096];
            loop {
                let seen = shared.0.lock().unwrap();
                let rate = shared.1.wait_while(seen, |seen| seen.stalled).unwrap().rate;
                // A slow line takes a fiftieth of a second's bytes at a time.
                let most = rate.map_or(buffer.len(), |rate| (rate / 50).clamp(1, buffer.len()));
                let read = reader.read(&mut buffer[..most]).unwrap_or(0);
                if let Some(rate) = rate {
                    std::thread::sleep(Duration::from_secs_f64(read as f64 / rate as f64));
                }
                let mut seen = shared.0.lock().unwrap();
                if read == 0 {
                    seen.ended = true;
                } else {
                    seen.take(&buffer[..read]);
                }
                shared.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { master: pair.master, writer, child, seen, cooked }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap()
    }

    /// The terminal reads nothing, or goes on reading. What it reads already it takes.
    pub fn stall(&self, stalled: bool) {
        self.seen().stalled = stalled;
        self.seen.1.notify_all();
    }

    /// From now on the terminal reads so many bytes a second.
    #[allow(dead_code, reason = "for benchmarks")]
    pub fn slow(&self, rate: usize) {
        self.seen().rate = Some(rate);
    }

    /// The processor time that the program has taken so far, where Linux tells.
    #[allow(dead_code, reason = "for benchmarks")]
    pub fn processor_time(&self) -> Option<Duration> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.process_id()?)).ok()?;
        let of_task = |task: std::io::Result<std::fs::DirEntry>| -> Option<u64> {
            let stat = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            stat.split(' ').next()?.parse().ok()
        };
        Some(Duration::from_nanos(tasks.filter_map(of_task).sum()))
    }

    /// What the program has written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen().bytes.clone()
    }

    /// Waits until the program writes nothing for a while, and gives how many bytes it has written.
    pub fn settled(&self) -> usize {
        let limit = Instant::now() + DEADLINE;
        let mut seen = self.seen();
        loop {
            let before = seen.bytes.len();
            let (next, waited) = self.seen.1.wait_timeout(seen, Duration::from_millis(400)).unwrap();
            seen = next;
            if waited.timed_out() && seen.bytes.len() == before {
                return before;
            }
            assert!(Instant::now() < limit, "it never rests");
        }
    }

    /// Waits until the screen fulfils a condition; fails with what it shows instead.
    pub fn wait(&self, what: &str, condition: impl Fn(&vt100::Screen) -> bool) -> String {
        let limit = Instant::now() + DEADLINE;
        let mut seen = self.seen();
        loop {
            let contents = seen.parser.screen().contents();
            if condition(seen.parser.screen()) {
                return contents;
            }
            let left = limit.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !seen.ended, "waited for {what}; the screen shows:\n{contents}");
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
        self.seen().parser.screen_mut().set_size(rows, cols);
        self.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Waits until the program is stopped.
    pub fn wait_stopped(&self) {
        let path = format!("/proc/{}/stat", self.child.process_id().unwrap());
        let limit = Instant::now() + DEADLINE;
        // The state follows the name, which may contain anything.
        let is_stopped = || {
            let stat = std::fs::read_to_string(&path).unwrap();
            stat.rsplit(") ").next().unwrap().starts_with('T')
        };
        while cfg!(target_os = "linux") && !is_stopped() {
            assert!(Instant::now() < limit, "it does not stop");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sets the line as a shell does when it gets the terminal back.
    pub fn cook(&self) {
        let path = self.master.tty_name().unwrap();
        let line = std::fs::File::open(path).unwrap();
        let set = std::process::Command::new("stty").arg("sane").stdin(line).status();
        assert!(set.unwrap().success());
    }

    /// Whether the terminal passes every key on at once.
    pub fn is_raw(&self) -> bool {
        !modes(self.master.as_ref()).unwrap().contains("ICANON")
    }

    /// Wakes the program and waits until it has taken the terminal again.
    pub fn wake(&self) {
        let limit = Instant::now() + DEADLINE;
        loop {
            self.signal("CONT");
            let before = self.bytes().len();
            let mut seen = self.seen();
            if seen.bytes.len() == before {
                seen = self.seen.1.wait_timeout(seen, Duration::from_millis(50)).unwrap().0;
            }
            let is_back = seen.parser.screen().hide_cursor();
            assert!(Instant::now() < limit && !seen.ended, "it does not wake");
            drop(seen);
            if is_back && self.is_raw() {
                return;
            }
        }
    }

    /// Waits for the end, and sees the terminal given back: main screen, cursor shown, no attribute left, line settings
    /// as before.
    pub fn ended(self) -> ExitStatus {
        self.ended_with().0
    }

    /// The same, with what was printed after the screen was left, or everything where it was never there.
    pub fn ended_with(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        let limit = Instant::now() + DEADLINE;
        let mut seen = self.seen.0.lock().unwrap();
        while !seen.ended && Instant::now() < limit {
            seen = self.seen.1.wait_timeout(seen, Duration::from_millis(200)).unwrap().0;
        }
        let screen = seen.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen was left");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        assert!(!screen.bracketed_paste(), "pastes come as they did");
        let pen = (screen.fgcolor(), screen.bgcolor(), screen.bold(), screen.inverse(), screen.underline());
        let default = (vt100::Color::Default, vt100::Color::Default, false, false, false);
        assert_eq!(pen, default, "no attribute is left");
        let show = b"\x1b[?25h";
        let left = seen.bytes.windows(show.len()).rposition(|part| part == show);
        let mut paper = vt100::Parser::new(500, 80, 0);
        paper.process(&seen.bytes[left.unwrap_or(0)..]);
        let contents = paper.screen().contents();
        drop(seen);
        assert_eq!(modes(self.master.as_ref()), self.cooked, "the line settings are as before");
        (status, contents)
    }

    /// Waits for the end without looking at the terminal.
    pub fn status(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// The line settings of the terminal, to be compared before and after.
fn modes(master: &dyn MasterPty) -> Option<String> {
    master
        .get_termios()
        .map(|modes| format!("{:?} {:?} {:?}", modes.input_flags, modes.output_flags, modes.local_flags))
}
