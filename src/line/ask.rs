//! Questions to the person at the terminal: before a call that may change something, and for a client secret.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::PathBuf;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use zeroize::Zeroizing;

use crate::case::ids::ClientId;
use crate::case::inputs::{CredentialKind, Inputs};
use crate::case::secret::Secret;
use crate::case::{quote, value_parsers};
use crate::cli::CheckOptions;
use crate::knowledge::{Said, Value, phrase};

use super::CliError;
use super::console::Console;
use super::signals::typed;
use super::surroundings::Surroundings;

/// A question is asked no more often than this.
const MOST_ANSWERS: usize = 3;

/// No longer answer is read, in bytes.
const LONGEST_ANSWER: usize = 8192;

/// With `--ask`, the options with the target that a person types where none was given. `None`: nothing was asked, or
/// nothing answered.
///
/// # Errors
/// An answer that can't be read.
pub fn target(options: &CheckOptions, console: &mut Console) -> Result<Option<CheckOptions>, CliError> {
    if !options.run.ask || options.target.has_target() {
        return Ok(None);
    }
    let question = phrase("ask.address").when("optional", options.target.has_subject());
    let url = checked(&question, value_parsers::target, console)?;
    Ok(url.map(|url| {
        let mut options = options.clone();
        options.target.target = vec![url];
        options
    }))
}

/// Asks what must be asked before anything is sent, and puts the answers into the inputs. `pipes`: also where the
/// answers don't come from a terminal.
///
/// # Errors
/// No, or nobody there to ask.
pub fn what_is_needed(
    inputs: &mut [Inputs],
    pipes: bool,
    around: &Surroundings,
    console: &mut Console,
) -> Result<(), CliError> {
    for inputs in inputs.iter_mut() {
        confirm_method(inputs, pipes || around.can_ask(), console)?;
    }
    let Some(first) = inputs.iter().find(|inputs| needs_secret(inputs, around)) else {
        return Ok(());
    };
    if !around.can_ask() && !pipes {
        // Not an error here: the step `identity` says what is missing.
        return Ok(());
    }
    let client = first.client_id.clone().or_else(|| around.variable("AZURE_CLIENT_ID").map(ClientId::new));
    let client = client
        .and_then(|id| quote::shown(id.as_str()))
        .map_or_else(|| phrase("ask.service-principal").into(), Value::from);
    let mut waiting: Vec<&mut Inputs> = inputs.iter_mut().filter(|inputs| needs_secret(inputs, around)).collect();
    if !around.can_ask() {
        // What is typed into a pipe may be echoed and kept on its way: a secret isn't asked for there.
        let is_there = |file: &str| {
            let file = PathBuf::from(file);
            // A secret may have been typed instead, so it isn't repeated.
            if file.exists() { Ok(file) } else { Err(phrase("ask.no-such-file").text()) }
        };
        let file = checked(&phrase("ask.secret-file").with("client", client), is_there, console)?;
        for inputs in &mut waiting {
            inputs.client_secret_file.clone_from(&file);
        }
        return Ok(());
    }
    console.say(&(phrase("ask.secret").with("client", client).text() + " "));
    let secret = hidden_line();
    console.say("\n");
    let secret = secret?;
    for inputs in &mut waiting {
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

fn confirm_method(inputs: &mut Inputs, can_ask: bool, console: &mut Console) -> Result<(), CliError> {
    if inputs.confirmed || inputs.only_reads() {
        return Ok(());
    }
    if !can_ask {
        return Err(CliError::Usage(confirmation("ask.unconfirmed", inputs).text()));
    }
    let yes_or_no = |answer: &str| match answer.to_lowercase().as_str() {
        "y" | "yes" => Ok(true),
        "n" | "no" => Ok(false),
        _ => Err(phrase("ask.yes-or-no").text()),
    };
    if checked(&confirmation("ask.confirm", inputs), yes_or_no, console)? == Some(true) {
        inputs.confirmed = true;
        Ok(())
    } else {
        let declined = phrase("ask.declined").with("method", inputs.method.as_str());
        Err(CliError::Usage(declined.text()))
    }
}

/// What is missing where there is no target.
#[must_use]
pub fn no_address() -> String {
    phrase("ask.no-address").text()
}

/// What a field for the client secret is for.
#[must_use]
pub fn about_the_secret() -> String {
    phrase("ask.about-secret").text()
}

/// Why the call isn't sent without a confirmation, and how to give one in a form. `None`: its method changes nothing,
/// or it is confirmed.
#[must_use]
pub fn unconfirmed(inputs: &Inputs) -> Option<String> {
    let is_free = inputs.confirmed || inputs.only_reads();
    (!is_free).then(|| confirmation("ask.unconfirmed-here", inputs).text())
}

/// Words about the call with this method.
fn confirmation(key: &'static str, inputs: &Inputs) -> Said {
    // The address may carry a key in its query.
    let target =
        inputs.target.as_deref().and_then(quote::shown).map_or_else(|| phrase("ask.target").into(), Value::from);
    phrase(key).with("method", inputs.method.as_str()).with("target", target)
}

/// The answer to a question, checked. An invalid one is named and asked for again. `None`: an empty one.
fn checked<T, E: Display>(
    question: &Said,
    check: impl Fn(&str) -> Result<T, E>,
    console: &mut Console,
) -> Result<Option<T>, CliError> {
    let mut wrong = None;
    for _ in 0..MOST_ANSWERS {
        if let Some(reason) = &wrong {
            console.say(&format!("{reason}\n"));
        }
        match (line(question, console)?, &wrong) {
            // Nobody answers any more, and the reason stands above.
            (None, Some(_)) => return Err(CliError::Usage(phrase("ask.gave-up").text())),
            (None, None) => return Ok(None),
            (Some(answer), _) if answer.is_empty() => return Ok(None),
            (Some(answer), _) => match check(&answer) {
                Ok(value) => return Ok(Some(value)),
                Err(reason) => wrong = Some(phrase("ask.invalid").with("reason", reason.to_string()).text()),
            },
        }
    }
    Err(CliError::Usage(wrong.unwrap_or_default()))
}

/// One line of standard input; `None` at its end.
fn line(question: &Said, console: &mut Console) -> Result<Option<String>, CliError> {
    console.say(&(question.text() + " "));
    let is_terminal = io::stdin().is_terminal();
    let mut answer = String::new();
    let read = if is_terminal {
        let mut input = io::stdin().lock().take(LONGEST_ANSWER as u64);
        typed(|| input.read_line(&mut answer)).map(|_| answer)
    } else {
        piped_line()
    };
    let answer =
        read.map_err(|error| CliError::Usage(phrase("ask.answer-unreadable").with("error", error.to_string()).text()))?;
    // A terminal shows the line break that was typed; a pipe doesn't.
    if !is_terminal {
        console.say("\n");
    }
    // PowerShell begins what it pipes with a byte order mark.
    Ok((!answer.is_empty()).then(|| answer.trim_start_matches('\u{feff}').trim().to_owned()))
}

/// The next line of a pipe, and nothing after it: that is for whoever reads the same pipe next, as Kudu's `cmd` does.
fn piped_line() -> io::Result<String> {
    #[cfg(unix)]
    let input = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?;
    #[cfg(windows)]
    let input = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned()?;
    let input = File::from(input);
    let mut line = Vec::new();
    // A read of one byte asks for no more than it.
    while line.last() != Some(&b'\n') && line.len() < LONGEST_ANSWER && (&input).take(1).read_to_end(&mut line)? > 0 {}
    String::from_utf8(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
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
