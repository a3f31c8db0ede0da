//! Shell completions and the manual page, made from the options' own description.

use crate::cli;
use crate::knowledge::phrase;

use super::CliError;
use super::console::Console;

/// Prints completions for a shell.
///
/// # Errors
/// A closed output.
pub fn completions(shell: clap_complete::Shell, console: &mut Console) -> Result<u8, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "easyauth-doctor", &mut script);
    console.print_bytes(&script)?;
    Ok(0)
}

/// Prints the manual page with those of the commands behind it, as one roff document.
///
/// # Errors
/// A closed output.
pub fn page(console: &mut Console) -> Result<u8, CliError> {
    let mut command = cli::command();
    command.build();
    let mut page = Vec::new();
    render(&command, &mut page)
        .map_err(|error| CliError::Usage(phrase("line.manual-page").with("error", error.to_string()).text()))?;
    console.print_bytes(&page)?;
    Ok(0)
}

fn render(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        render(sub, page)?;
    }
    Ok(())
}
