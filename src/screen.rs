//! Which commands open the interactive screen, and with what.

use easyauth_doctor::cli::{Arguments, CheckOptions, Command, DisplayOptions, OutputOptions};
use easyauth_doctor::line::console::Console;
use easyauth_doctor::line::outputs::format_of;
use easyauth_doctor::line::surroundings::Surroundings;
use easyauth_doctor::line::{CliError, check, open};
use easyauth_doctor::tui::{self, Options, Source};

#[cfg(feature = "lab")]
use easyauth_doctor::{lab::Lab, line::loopback};

/// There is none.
#[cfg(not(feature = "lab"))]
type Lab = std::convert::Infallible;

/// Opens the screen where the command and the terminal allow it; `None`: line mode.
///
/// # Errors
/// Inputs that cannot be used, or a terminal that is gone.
pub async fn run(arguments: &Arguments, around: &Surroundings, console: &mut Console) -> Result<Option<u8>, CliError> {
    if !around.can_draw() {
        return Ok(None);
    }
    // The lab must outlive the screen that looks at it.
    let (source, display, title, _lab): (Source, &DisplayOptions, Option<String>, Option<Lab>) =
        match &arguments.command {
            None if is_for_the_screen(&arguments.check) => {
                let ready = check::read(&arguments.check, around, console)?;
                let Ok([first]) = <[_; 1]>::try_from(ready.prepared) else {
                    return Ok(None);
                };
                (Source::Live(Box::new(first)), &arguments.check.display, None, None)
            }
            Some(Command::Open(options)) if is_for_people(&options.output) => {
                let (reports, _) = open::read(options)?;
                let Ok([report]) = <[_; 1]>::try_from(reports) else {
                    return Ok(None);
                };
                (Source::Saved(Box::new(report)), &options.display, None, None)
            }
            #[cfg(feature = "lab")]
            Some(Command::Lab(options)) if options.command.is_none() && is_for_people(&options.output) => {
                let (lab, prepared) = loopback::start(options).await?;
                let title = format!("lab {}", options.scenario);
                (
                    Source::Live(Box::new(prepared)),
                    &options.display,
                    Some(title),
                    Some(lab),
                )
            }
            _ => return Ok(None),
        };
    let style = around.style(display);
    let options = Options {
        color: style.color,
        ascii: style.ascii,
        title,
    };
    let exit = tui::run(source, options).await.map_err(|error| {
        CliError::Unavailable(format!(
            "can't open the interactive screen here; use the command check: {error}"
        ))
    })?;
    Ok(Some(exit.code()))
}

/// Whether there is one target to look at. Decided before anything is read or asked, for line mode would do it again.
fn is_for_the_screen(options: &CheckOptions) -> bool {
    let one = options.target.targets.is_none() && options.target.target.len() <= 1;
    one && !options.run.watch && !options.run.plan && !options.display.quiet && is_for_people(&options.output)
}

/// Whether nothing but the screen was asked for: a report in a form or a file is line mode's work.
fn is_for_people(output: &OutputOptions) -> bool {
    output.output.is_none()
        && output.save.is_none()
        && format_of(output.format) == easyauth_doctor::report::Format::Text
}
