//! Questions to the person at the terminal: before a call that may change something, and for a client secret.

use std::io::{self, BufRead as _, Read as _};

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use zeroize::Zeroizing;

use crate::case::ids::ClientId;
use crate::case::inputs::{CredentialKind, Inputs};
use crate::case::quote;
use crate::case::secret::Secret;
use crate::cli::value_parsers::is_safe_method;
use crate::knowledge::{Value, phrase};

use super::CliError;
use super::console::Console;
use super::surroundings::Surroundings;

/// Asks what must be asked before anything is sent, and puts the answers into the inputs.
///
/// # Errors
/// No, or nobody there to ask.
pub fn what_is_needed(inputs: &mut [Inputs], around: &Surroundings, console: &mut Console) -> Result<(), CliError> {
    for inputs in inputs.iter_mut() {
        confirm_method(inputs, around, console)?;
    }
    let Some(first) = inputs.iter().find(|inputs| needs_secret(inputs, around)) else {
        return Ok(());
    };
    if !around.can_ask() {
        // Not an error here: the step `identity` says what is missing.
        return Ok(());
    }
    let client = first
        .client_id
        .clone()
        .or_else(|| around.variable("AZURE_CLIENT_ID").map(ClientId::new));
    let client = client
        .and_then(|id| quote::shown(id.as_str()))
        .map_or_else(|| phrase("ask.service-principal").into(), Value::from);
    console.say(&(phrase("ask.secret").with("client", client).text() + " "));
    let secret = hidden_line();
    console.say("\n");
    let secret = secret?;
    for inputs in inputs.iter_mut().filter(|inputs| needs_secret(inputs, around)) {
        inputs.client_secret = Some(secret.clone());
    }
    Ok(())
}

fn needs_secret(inputs: &Inputs, around: &Surroundings) -> bool {
    inputs.credential == CredentialKind::ClientSecret
        && inputs.client_secret_file.is_none()
        && inputs.environ.is_none()
        && around.variable("AZURE_CLIENT_SECRET").is_none()
}

fn confirm_method(inputs: &mut Inputs, around: &Surroundings, console: &mut Console) -> Result<(), CliError> {
    if inputs.confirmed || is_safe_method(&inputs.method) {
        return Ok(());
    }
    // The address may carry a key in its query.
    let target = inputs
        .target
        .as_deref()
        .and_then(quote::shown)
        .map_or_else(|| phrase("ask.target").into(), Value::from);
    let said = |key| phrase(key).with("method", inputs.method.as_str());
    if !around.can_ask() {
        return Err(CliError::Usage(said("ask.unconfirmed").with("target", target).text()));
    }
    console.say(&(said("ask.confirm").with("target", target).text() + " "));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .take(1000)
        .read_line(&mut answer)
        .map_err(|error| CliError::Usage(phrase("ask.answer-unreadable").with("error", error.to_string()).text()))?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        inputs.confirmed = true;
        Ok(())
    } else {
        Err(CliError::Usage(said("ask.declined").text()))
    }
}

/// A line from the terminal that is not echoed.
fn hidden_line() -> Result<Secret<String>, CliError> {
    let unreadable =
        |error: io::Error| CliError::Usage(phrase("ask.secret-unreadable").with("error", error.to_string()).text());
    crossterm::terminal::enable_raw_mode().map_err(unreadable)?;
    let line = read_keys();
    // Restored before anything else can fail; that it fails too changes nothing of what there is to say.
    let _ = crossterm::terminal::disable_raw_mode();
    match line {
        Ok(Some(line)) if !line.trim().is_empty() => Ok(Secret::new(line.trim().to_owned())),
        Ok(Some(_)) => Err(CliError::Usage(phrase("ask.no-secret").text())),
        Ok(None) => Err(CliError::Signal(2)),
        Err(error) => Err(unreadable(error)),
    }
}

/// The line; `None` when it was given up with Ctrl-C or Ctrl-D.
fn read_keys() -> io::Result<Option<Zeroizing<String>>> {
    let mut line = Zeroizing::new(String::new());
    loop {
        match crossterm::event::read()? {
            Event::Key(key) if key.kind != KeyEventKind::Release => match key.code {
                KeyCode::Enter => return Ok(Some(line)),
                KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => return Ok(None),
                KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => line.clear(),
                KeyCode::Backspace => {
                    line.pop();
                }
                KeyCode::Char(character) => line.push(character),
                _ => {}
            },
            Event::Paste(text) => line.push_str(&text),
            _ => {}
        }
    }
}
