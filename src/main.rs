//! Arguments to front end to exit code.

mod nss;
mod screen;

use std::process::ExitCode;

use anyhow::Context as _;
use easyauth_doctor::cli::{self, Arguments, Command, DisplayOptions, LabCommand};
use easyauth_doctor::line::console::Console;
use easyauth_doctor::line::surroundings::Surroundings;
use easyauth_doctor::line::{self, Stop};

fn main() -> ExitCode {
    nss::pin();
    let arguments = match cli::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        // `--help` and `--version` come this way too, with exit code 0.
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let around = Surroundings::of_the_process();
    let mut console = Console::of_the_process(around.style(&display(&arguments)));
    match front_end(arguments, &around, &mut console) {
        Ok(code) => ExitCode::from(code),
        Err(error) => ExitCode::from(farewell(&error, &mut console)),
    }
}

fn front_end(arguments: Arguments, around: &Surroundings, console: &mut Console) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let code = runtime.block_on(async {
        if let Some(code) = screen::run(&arguments, around, console).await? {
            return Ok(code);
        }
        line::run(arguments, around, console).await.map_err(anyhow::Error::from)
    });
    // A read of standard input that nobody waits for any more must not hold the program back.
    runtime.shutdown_background();
    code
}

/// Says why it ended, where there is something to say and somebody to hear it, and returns the exit code.
fn farewell(error: &anyhow::Error, console: &mut Console) -> u8 {
    match error.downcast_ref::<Stop>() {
        Some(stop @ (Stop::OutputClosed | Stop::Signal(_))) => stop.exit_code(),
        Some(stop @ Stop::Usage(_)) => {
            console.say(&format!("easyauth-doctor: {stop}\n"));
            stop.exit_code()
        }
        None => {
            console.say(&format!("easyauth-doctor: {error:#}\n"));
            2
        }
    }
}

/// How the command in use is to be shown.
fn display(arguments: &Arguments) -> DisplayOptions {
    match &arguments.command {
        None => arguments.check.display.clone(),
        Some(Command::Check(options)) => options.display.clone(),
        Some(Command::Open(options)) => options.display.clone(),
        Some(Command::Token(options)) => options.display.clone(),
        Some(Command::Explain(options)) => options.display.clone(),
        Some(Command::Lab(options)) => match &options.command {
            Some(LabCommand::List { display } | LabCommand::Verify { display, .. }) => display.clone(),
            Some(LabCommand::Serve { .. }) => DisplayOptions::default(),
            None => options.display.clone(),
        },
        Some(Command::Completions { .. } | Command::Man) => DisplayOptions::default(),
    }
}
