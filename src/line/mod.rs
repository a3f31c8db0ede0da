//! The line-mode front end: everything that prints without a screen.
//!
//! | file | holds |
//! |---|---|
//! | [`surroundings`] | what the process stands in: terminals, width, variables |
//! | [`console`] | standard output and error, and how lines look there |
//! | [`files`] | bounded reading, and writing that is never seen half done |
//! | [`ask`] | the question before an unsafe method, and the hidden prompt |
//! | [`check`], [`open`], [`token`], [`explain`], [`lab`], [`verify`], [`manual`] | the commands |

pub mod ask;
pub mod check;
pub mod console;
pub mod explain;
pub mod files;
pub mod manual;
pub mod open;
pub mod surroundings;
pub mod token;

use crate::cli::{Arguments, Command, UsageError};
use crate::probe::InputError;

use console::Console;
use surroundings::Surroundings;

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

/// Runs a command in line mode and returns the exit code.
///
/// # Errors
/// What ended it before it had an answer.
pub async fn run(arguments: Arguments, around: &Surroundings, console: &mut Console) -> Result<u8, Stop> {
    match arguments.command {
        None => check::run(&arguments.check, around, console).await,
        Some(Command::Check(options)) => check::run(&options, around, console).await,
        Some(Command::Open(options)) => open::run(&options, console),
        Some(Command::Token(options)) => token::run(&options, around, console).await,
        Some(Command::Explain(options)) => explain::run(&options, console),
        Some(Command::Lab(_)) => Err(Stop::Usage("the lab is not built yet".to_owned())),
        Some(Command::Completions { shell }) => manual::completions(shell, console),
        Some(Command::Man) => manual::page(console),
    }
}

/// Runs work until it ends or a signal comes. Handlers are set up only here, so that before any request is sent the
/// signals do what they always do.
///
/// # Errors
/// The work's own, or the signal.
pub async fn interruptible<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    tokio::select! {
        outcome = work => outcome,
        number = signal() => Err(Stop::Signal(number)),
    }
}

/// Waits for a signal that ends the program and returns its number.
#[cfg(unix)]
async fn signal() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let watched = |kind: SignalKind| async move {
        match signal(kind) {
            Ok(mut stream) => {
                stream.recv().await;
            }
            // Without a handler the signal keeps its usual effect.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = watched(SignalKind::interrupt()) => 2,
        () = watched(SignalKind::terminate()) => 15,
        () = watched(SignalKind::hangup()) => 1,
    }
}

/// Waits for Ctrl-C and returns the number that shells count it as.
#[cfg(not(unix))]
async fn signal() -> u8 {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    2
}
