//! The line-mode front end: everything that prints without a screen.
//!
//! | file | contains |
//! |---|---|
//! | [`surroundings`] | the process's surroundings: terminals, width, variables |
//! | [`console`] | standard output and error, and how lines look there |
//! | [`files`] | bounded reading, and which file is which |
//! | [`outputs`] | where the report, the case, and the edited settings go |
//! | [`ask`] | the questions: the target, an unsafe method, a client secret |
//! | `start` | what a start without a target says: what was found here, and what to type |
//! | `waiting` | what is said while an answer takes long |
//! | `input_end` | until when the lab serves other programs |
//! | [`loopback`], [`bench`](mod@bench), [`jq`] | the doctor on a lab of its own process, and what changes that lab |
//! | [`check`], [`plan`], [`open`], [`token`], [`explain`], [`lab`], [`verify`] | the commands |
//! | [`completions`], [`manual`] | shell completions and the manual page |

pub mod ask;
#[cfg(feature = "lab")]
pub mod bench;
pub mod check;
pub mod completions;
pub mod console;
mod error;
pub mod explain;
pub mod files;
#[cfg(feature = "lab")]
mod input_end;
#[cfg(feature = "lab")]
pub mod jq;
#[cfg(feature = "lab")]
pub mod lab;
#[cfg(feature = "lab")]
pub mod loopback;
pub mod manual;
pub mod open;
pub mod outputs;
pub mod plan;
mod signals;
pub mod start;
pub mod surroundings;
pub mod token;
#[cfg(feature = "lab")]
pub mod verify;
mod waiting;

use crate::cli::{Arguments, Command};

pub use error::CliError;
pub use signals::{interruptible, survive_file_limits};

use console::Console;
use surroundings::Surroundings;

/// Runs a command in line mode and returns the exit code.
///
/// # Errors
/// What ended it before it had an answer.
pub async fn run(arguments: Arguments, around: &Surroundings, console: &mut Console) -> Result<u8, CliError> {
    match arguments.command {
        None if arguments.check.run.plan => plan::run(&arguments.check, console),
        None => check::run(&arguments.check, around, console).await,
        Some(Command::Check(options)) if options.run.plan => plan::run(&options, console),
        Some(Command::Check(options)) => check::run(&options, around, console).await,
        Some(Command::Open(options)) => open::run(&options, console).await,
        Some(Command::Token(options)) => token::run(&options, console).await,
        Some(Command::Explain(options)) => explain::run(&options, around, console),
        #[cfg(feature = "lab")]
        Some(Command::Lab(options)) => lab::run(&options, console).await,
        Some(Command::Completions { shell }) => completions::run(shell, console),
        Some(Command::Man) => manual::page(console),
    }
}
