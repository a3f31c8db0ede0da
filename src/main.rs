//! Arguments to front end to exit code.

mod nss;
mod screen;

use std::process::ExitCode;

use easyauth_doctor::cli::{self, Arguments, Command, DisplayOptions};
use easyauth_doctor::line::console::Console;
use easyauth_doctor::line::surroundings::Surroundings;
use easyauth_doctor::line::{self, CliError};
use easyauth_doctor::report::text::{Style, to_ascii_lines};

fn main() -> ExitCode {
    nss::pin();
    tell_panics_without_content();
    line::survive_file_limits();
    let around = Surroundings::of_the_process();
    let arguments = match cli::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(said) => return ExitCode::from(without_work(&said, &around)),
    };
    let mut console = Console::of_the_process(around.style(&display(&arguments)));
    console.is_live = around.is_live();
    match front_end(arguments, &around, &mut console) {
        Ok(code) => ExitCode::from(code),
        Err(error) => ExitCode::from(farewell(&error, &mut console)),
    }
}

/// A panic is a bug of this program. Its message may quote what was being read, so only its place is reported.
fn tell_panics_without_content() {
    if std::env::var_os("RUST_BACKTRACE").is_some() {
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line()));
        Console::of_the_process(Style::default())
            .say(&format!("easyauth-doctor: internal error{}; report it in an issue\n", place.unwrap_or_default()));
    }));
}

/// Prints what clap says instead of arguments: wrong usage, or the help and the version that were asked for.
fn without_work(said: &clap::Error, around: &Surroundings) -> u8 {
    let mut console = Console::of_the_process(Style::default());
    let rendered = said.render();
    let to_terminal = if said.use_stderr() { around.error_is_terminal } else { around.output_is_terminal };
    let text = if around.colors(to_terminal) { rendered.ansi().to_string() } else { rendered.to_string() };
    // As this program's own errors begin; which of a conflict's options came from a variable, a usage line can't tell.
    let is_conflict = said.kind() == clap::error::ErrorKind::ArgumentConflict;
    let text = text.replacen("error:", "easyauth-doctor:", usize::from(said.use_stderr()));
    let text =
        text.split_inclusive("\n\n").filter(|part| !(is_conflict && part.contains("Usage:"))).collect::<String>();
    // What reads a pipe on Windows takes it for the system's code page.
    let text =
        if !to_terminal && around.style(&DisplayOptions::default()).ascii { to_ascii_lines(&text) } else { text };
    if said.use_stderr() {
        console.say_styled(&text);
        return 2;
    }
    match console.print(&text) {
        Ok(()) => 0,
        Err(stop) => farewell(&stop, &mut console),
    }
}

fn front_end(arguments: Arguments, around: &Surroundings, console: &mut Console) -> Result<u8, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Unavailable(format!("can't start the runtime: {error}")))?;
    let code = runtime.block_on(async {
        if let Some(code) = screen::run(&arguments, around, console).await? {
            return Ok(code);
        }
        line::run(arguments, around, console).await
    });
    // A read of standard input that nobody waits for any more must not block the program.
    runtime.shutdown_background();
    code
}

/// Says why it ended, where there is something to say and somebody to hear it, and returns the exit code.
fn farewell(stop: &CliError, console: &mut Console) -> u8 {
    if !matches!(stop, CliError::OutputClosed | CliError::Signal(_)) {
        console.say(&format!("easyauth-doctor: {stop}\n"));
    }
    stop.exit_code()
}

/// How the command in use is to be shown.
fn display(arguments: &Arguments) -> DisplayOptions {
    match &arguments.command {
        None => arguments.check.display.clone(),
        Some(Command::Check(options)) => options.display.clone(),
        Some(Command::Open(options)) => options.display.clone(),
        Some(Command::Token(options)) => options.display.clone(),
        Some(Command::Explain(options)) => options.display.clone(),
        #[cfg(feature = "lab")]
        Some(Command::Lab(options)) => options.shown(),
        Some(Command::Completions { .. } | Command::Man) => DisplayOptions::default(),
    }
}
