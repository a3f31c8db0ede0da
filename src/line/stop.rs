//! Why a command ended before it had an answer.

use crate::cli::UsageError;
use crate::probe::InputError;

/// Why a command ended before it had an answer.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// Wrong usage or unreadable input; nothing was sent.
    #[error("{0}")]
    Usage(String),
    /// Whoever read standard output has gone: nobody is left to be told.
    #[error("standard output was closed")]
    OutputClosed,
    /// A signal came; its number.
    #[error("interrupted by signal {0}")]
    Signal(u8),
}

impl Stop {
    /// The exit code: 2 for usage, 128 and the signal's number otherwise, as shells count it.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::OutputClosed => 128 + 13,
            Self::Signal(number) => 128 + *number,
        }
    }
}

impl From<UsageError> for Stop {
    fn from(error: UsageError) -> Self {
        Self::Usage(error.0)
    }
}

impl From<InputError> for Stop {
    fn from(error: InputError) -> Self {
        Self::Usage(error.0)
    }
}
