//! The terminal: taken over and given back on every way out, written to by a thread of its own, and never asked.
//!
//! ```text
//! view(&Model) ─▶ cells ─▶ Sgr ─▶ bytes of one frame ─▶ Writer ─▶ terminal      no frame while one is under way
//! terminal ─▶ keyboard ─▶ keys, pastes, sizes                                   signals beside it
//! ```

mod abilities;
pub mod clipboard;
pub mod keyboard;
mod line;
mod pen;
pub mod plain;
mod sgr;
pub mod signals;
mod writer;

use std::io;
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use crossterm::terminal::disable_raw_mode;
use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal};

pub use abilities::{Abilities, Clipboard, Wishes};
pub use sgr::Sgr;
pub use writer::Writer;

use clipboard::CopyError;
use line::enter_raw_mode;

/// A terminal that takes nothing for so long is not waited for when the program leaves it.
const PATIENCE: Duration = Duration::from_millis(1500);

/// What is waited for a terminal that did not read before.
const LAST_TRY: Duration = Duration::from_millis(100);

/// The size where none can be found out.
const USUAL: Size = Size { width: 80, height: 24 };

/// The screen of this process.
pub struct Screen {
    terminal: Terminal<Sgr>,
    writer: Writer,
    abilities: Abilities,
    is_plain: bool,
}

impl Screen {
    /// Takes the terminal. A panic gives it back before its message is printed.
    ///
    /// # Errors
    /// When there is no terminal, or it cannot be set up.
    pub fn open(abilities: Abilities) -> io::Result<Self> {
        // A console of Windows understands control sequences once that is enabled.
        #[cfg(windows)]
        if !crossterm::ansi_support::supports_ansi() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let writer = Writer::of_the_process()?;
        restore_on_panic();
        let Ok(terminal) = Terminal::new(Sgr::new(abilities, size()));
        enter_raw_mode()?;
        let mut screen = Self { terminal, writer, abilities, is_plain: false };
        screen.enter();
        Ok(screen)
    }

    /// What the terminal can show and do.
    #[must_use]
    pub const fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// Whoever writes to the terminal.
    #[must_use]
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// Whether a frame would be written now: the one before is, and no plain text is shown.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.is_plain && self.writer.is_idle()
    }

    /// Makes one frame and has it written. Nothing is written where nothing changed.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) {
        let Ok(_) = self.terminal.draw(render);
        let cells = self.terminal.backend_mut().take();
        if cells.is_empty() {
            return;
        }
        let frame = if self.abilities.like_xterm { [BEGIN, &cells, END].concat() } else { cells };
        self.writer.write(frame);
    }

    /// The size in cells: columns, rows.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        let Ok(size) = self.terminal.size();
        (size.width, size.height)
    }

    /// The screen has another size. The next frame is whole.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.terminal.backend_mut().set_size(Size::new(columns, rows));
        self.redraw();
    }

    /// Forgets what was drawn; the next frame clears the screen and is whole.
    ///
    /// `Terminal::clear` would ask the terminal where the cursor is, and never hear the answer: the keyboard's stream
    /// reads the input.
    pub fn redraw(&mut self) {
        let (columns, rows) = self.size();
        let Ok(()) = self.terminal.resize(Rect::new(0, 0, columns, rows));
    }

    /// Gives the terminal to the shell: for a while, or for good. A terminal that does not read is not waited for; says
    /// whether it reads.
    pub fn leave(&mut self) -> bool {
        // Under a plain text the terminal is on its normal screen already; leaving the other one once more would move
        // the cursor back to where the program was started, and the shell would write over the text.
        let leaving = if std::mem::take(&mut self.is_plain) { Vec::new() } else { self.leaving() };
        give_back(&self.writer, &leaving)
    }

    /// Takes the terminal again, whatever was done to it meanwhile.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn enter_again(&mut self) -> io::Result<()> {
        enter_raw_mode()?;
        self.is_plain = false;
        self.enter();
        Ok(())
    }

    /// Sends a text to the terminal's clipboard, and says what is known then.
    ///
    /// # Errors
    /// Why nothing was sent.
    pub fn copy(&self, text: &str) -> Result<String, CopyError> {
        let sent = clipboard::sequence(text, self.abilities.clipboard)?;
        self.writer.write(sent.bytes);
        Ok(sent.said)
    }

    /// Prints a text on the normal screen. Nothing is drawn until [`Screen::end_plain`].
    pub fn show_plain(&mut self, text: &str) {
        let (columns, _) = self.size();
        let page = plain::page(text, self.abilities, columns);
        self.writer.write([self.leaving(), page.into_bytes()].concat());
        self.is_plain = true;
    }

    /// Whether a text is shown on the normal screen.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Back from the normal screen.
    pub fn end_plain(&mut self) {
        self.is_plain = false;
        self.enter();
    }

    /// Prints the last words on the normal screen, after [`Screen::leave`].
    pub fn say(&self, text: &str) {
        self.writer.write(text.as_bytes().to_vec());
        let _ = self.writer.finish(PATIENCE);
    }

    fn enter(&mut self) {
        // The size may have changed without a notice.
        let now = size();
        self.terminal.backend_mut().set_size(now);
        // What was not written yet belongs to the screen before.
        self.terminal.backend_mut().take();
        let entering: &[&[u8]] =
            if self.abilities.like_xterm { &[ALTERNATE, sgr::CLEAR, HIDE, PASTES] } else { &[sgr::CLEAR, HIDE] };
        let leaving = self.leaving();
        *locked(&HELD) = Some((self.writer.clone(), leaving));
        self.writer.write(entering.concat());
        let Ok(()) = self.terminal.resize(Rect::new(0, 0, now.width, now.height));
        // It is clear already.
        self.terminal.backend_mut().take();
    }

    /// Attributes off, and a line of its own for what comes next, where the terminal has no other screen to go back to.
    fn leaving(&self) -> Vec<u8> {
        let (_, rows) = self.size();
        let last = format!("\x1b[m\x1b[{rows}H\r\n");
        let rest: &[&[u8]] = if self.abilities.like_xterm {
            &[last.as_bytes(), NO_PASTES, SHOW, NORMAL]
        } else {
            &[last.as_bytes(), SHOW]
        };
        rest.concat()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if locked(&HELD).is_some() {
            self.leave();
        }
    }
}

const ALTERNATE: &[u8] = b"\x1b[?1049h";
const NORMAL: &[u8] = b"\x1b[?1049l";
const HIDE: &[u8] = b"\x1b[?25l";
const SHOW: &[u8] = b"\x1b[?25h";
const PASTES: &[u8] = b"\x1b[?2004h";
const NO_PASTES: &[u8] = b"\x1b[?2004l";
/// A frame is shown whole, where the terminal can.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// Ends a string that was cut off.
const END_OF_STRING: &[u8] = b"\x1b\\";

/// Who has the terminal, and what gives it back; `None`: the shell has it.
static HELD: Mutex<Option<(Writer, Vec<u8>)>> = Mutex::new(None);

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn size() -> Size {
    crossterm::terminal::size()
        .ok()
        .filter(|(columns, rows)| *columns > 0 && *rows > 0)
        .map_or(USUAL, |(width, height)| Size { width, height })
}

fn give_back(writer: &Writer, leaving: &[u8]) -> bool {
    let is_read = writer.finish(PATIENCE);
    let is_read = if is_read {
        writer.write(leaving.to_vec());
        writer.finish(PATIENCE)
    } else {
        writer.abandon();
        writer.write([END_OF_STRING, leaving].concat());
        writer.finish(LAST_TRY)
    };
    let _ = disable_raw_mode();
    *locked(&HELD) = None;
    is_read
}

fn restore_on_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let held = locked(&HELD).take();
            if let Some((writer, leaving)) = held {
                give_back(&writer, &leaving);
            }
            before(info);
        }));
    });
}
