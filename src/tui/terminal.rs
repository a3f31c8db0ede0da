//! The terminal: raw mode and the alternate screen, given back on every way out.

use std::io::{self, Stdout, Write as _};
use std::sync::Once;

use base64::Engine as _;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;

use crate::knowledge::phrase;

use super::model::Model;
use super::view;

/// No longer text is sent to a clipboard; terminals drop longer ones.
const CLIPBOARD_LIMIT: usize = 70_000;

/// The screen of this process.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

/// Why nothing went to the clipboard.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// More than terminals take.
    #[error("{}", phrase("screen.too-long").text())]
    TooLong,
    /// The terminal is gone.
    #[error(transparent)]
    Terminal(#[from] io::Error),
}

impl Screen {
    /// Takes the terminal. A panic gives it back before its message is printed.
    ///
    /// # Errors
    /// When there is no terminal, or it cannot be set up.
    pub fn open() -> io::Result<Self> {
        restore_on_panic();
        // The color policy is ours: with NO_COLOR crossterm would turn bold and reverse into nothing as well.
        crossterm::style::force_color_output(true);
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        enter()?;
        Ok(Self { terminal })
    }

    /// Draws one frame, whole or not at all.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, model: &Model) -> io::Result<()> {
        execute!(io::stdout(), BeginSynchronizedUpdate)?;
        let drawn = self.terminal.draw(|frame| view::render(frame, model)).map(|_| ());
        execute!(io::stdout(), EndSynchronizedUpdate)?;
        drawn
    }

    /// The size in cells: columns, rows.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        self.terminal.size().map_or((80, 24), |size| (size.width, size.height))
    }

    /// Gives the terminal to the shell for a while.
    pub fn leave(&mut self) {
        restore();
    }

    /// Takes the terminal again, clears it, and forgets what was drawn.
    ///
    /// `Terminal::clear` would ask the terminal where the cursor is, and never hear the answer: the keyboard's stream
    /// reads the input.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn enter_again(&mut self) -> io::Result<()> {
        enter()?;
        let (columns, rows) = self.size();
        self.terminal.resize(Rect::new(0, 0, columns, rows))
    }

    /// Sends a text to the terminal's clipboard (OSC 52). Whether the terminal takes it cannot be seen.
    ///
    /// # Errors
    /// When the text is too long, or the terminal is gone.
    pub fn copy(&mut self, text: &str) -> Result<(), CopyError> {
        if text.len() > CLIPBOARD_LIMIT {
            return Err(CopyError::TooLong);
        }
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        let mut out = io::stdout();
        write!(out, "\x1b]52;c;{encoded}\x07")?;
        Ok(out.flush()?)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    let entered = execute!(io::stdout(), EnterAlternateScreen, Hide, EnableBracketedPaste);
    if entered.is_err() {
        restore();
    }
    entered
}

/// Gives the terminal back. Errors are of no use to anybody then.
fn restore() {
    let _ = execute!(io::stdout(), DisableBracketedPaste, Show, LeaveAlternateScreen);
    let _ = disable_raw_mode();
}

fn restore_on_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            restore();
            before(info);
        }));
    });
}
