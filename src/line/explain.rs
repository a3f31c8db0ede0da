//! `explain`: the knowledge base in words.

use crate::cli::ExplainOptions;

use super::Stop;
use super::console::Console;

/// Prints what the knowledge base has for a text; returns the exit code.
///
/// # Errors
/// Nothing found, or a closed output.
pub fn run(options: &ExplainOptions, console: &mut Console) -> Result<u8, Stop> {
    let _ = (options, console);
    Err(Stop::Usage("the knowledge base is not built yet".to_owned()))
}
