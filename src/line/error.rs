//! Why a command ended before it had an answer.

use std::io;

use crate::cli::UsageError;
use crate::knowledge::{Said, phrase};
use crate::probe::InputError;
use crate::probe::input::in_words;

/// Why a command ended before it had an answer.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Wrong usage or unreadable input; nothing was sent.
    #[error("{0}")]
    Usage(String),
    /// The machine does not give what the program runs on; nothing was sent.
    #[error("{0}")]
    Unavailable(String),
    /// The work was done, but what came of it could not be written.
    #[error("{0}")]
    NotWritten(String),
    /// Standard output was closed: a message has no reader.
    #[error("{}", phrase("line.output-closed").text())]
    OutputClosed,
    /// A signal came; its number.
    #[error("{}", phrase("line.interrupted").with("number", *.0).text())]
    Signal(u8),
}

impl CliError {
    /// The exit code: 2 for what nothing was sent for, 4 for what could not be written, 128 and the signal's number
    /// otherwise, as shells count it.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Unavailable(_) => 2,
            Self::NotWritten(_) => 4,
            Self::OutputClosed => 128 + 13,
            Self::Signal(number) => 128_u8.saturating_add(*number),
        }
    }

    /// What a failed write means: a closed output, or a message about the error.
    #[must_use]
    pub fn of_output(message: Said, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::NotWritten(message.with("error", in_words(error)).text()),
        }
    }
}

impl From<UsageError> for CliError {
    fn from(error: UsageError) -> Self {
        Self::Usage(error.0)
    }
}

impl From<InputError> for CliError {
    fn from(error: InputError) -> Self {
        Self::Usage(error.0)
    }
}
