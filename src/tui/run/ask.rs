//! What the screen is asked to show, and how it was left.

use std::io;

use crate::report::Report;
use crate::session::Prepared;
use crate::tui::bench::Bench;
use crate::tui::desk::{AnyError, Preparing};
use crate::tui::terminal::Abilities;

/// What the screen shows.
pub enum Source {
    /// The form.
    Asking,
    /// A run of its own for each of these targets.
    Live(Vec<Prepared>),
    /// A run of its own on a lab, as soon as this has made its inputs; the lab's world can be changed meanwhile.
    Lab(Preparing, Box<dyn Bench>),
    /// Saved cases, and the files that were named.
    Saved(Vec<Report>, Vec<String>),
    /// What changed from one saved case to another, and their files.
    Compared(Box<Report>, Box<Report>, [String; 2]),
}

/// How the screen looks.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the terminal can show and do.
    pub abilities: Abilities,
    /// The title; the target if there is none.
    pub title: Option<String>,
    /// The command line that shows the same again, where the inputs alone do not tell it.
    pub again: Option<String>,
    /// Whether checks are repeated until the call succeeds.
    pub watch: bool,
    /// How this program is called here, where its name alone isn't found.
    pub program: Option<String>,
}

/// How the screen was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By a key; with the report's exit code (0 pass, 1 fail, 3 inconclusive), 3 while it was still running.
    Quit(u8),
    /// By this signal.
    Signal(u8),
}

impl Exit {
    /// The exit code of the program.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Quit(code) => code,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }
}

/// Why the screen ended without an answer.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The terminal cannot be used.
    #[error(transparent)]
    Terminal(#[from] io::Error),
    /// What was to be shown could not be prepared.
    #[error(transparent)]
    Unprepared(AnyError),
}
