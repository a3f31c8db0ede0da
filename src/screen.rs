//! Which commands open the interactive screen, and with what.

use easyauth_doctor::cli::{Arguments, CheckOptions, ColorWhen, Command, DisplayOptions, OutputOptions};
use easyauth_doctor::line::console::Console;
use easyauth_doctor::line::outputs::format_of;
use easyauth_doctor::line::surroundings::Surroundings;
use easyauth_doctor::line::{CliError, check, open};
use easyauth_doctor::tui::{self, Abilities, Options, RunError, Source, Wishes};

/// What the screen shows, and what stays there as long as it does.
struct Shown {
    source: Source,
    title: Option<String>,
    again: Option<String>,
    #[cfg(feature = "lab")]
    _lab: Option<lab::Kept>,
}

impl Shown {
    fn of(source: Source) -> Self {
        Self {
            source,
            title: None,
            again: None,
            #[cfg(feature = "lab")]
            _lab: None,
        }
    }
}

/// Opens the screen where the command and the terminal allow it; `None`: line mode.
///
/// # Errors
/// Inputs that cannot be used, or a terminal that is gone.
pub async fn run(arguments: &Arguments, around: &Surroundings, console: &mut Console) -> Result<Option<u8>, CliError> {
    if !around.can_draw() {
        return Ok(None);
    }
    let display = match &arguments.command {
        None => &arguments.check.display,
        Some(Command::Open(options)) => &options.display,
        #[cfg(feature = "lab")]
        Some(Command::Lab(options)) => &options.display,
        _ => return Ok(None),
    };
    let Some(abilities) = Abilities::of(|name| around.variable(name), wishes(display)) else {
        return Ok(None);
    };
    let shown = match &arguments.command {
        None if is_for_the_screen(&arguments.check) => {
            let ready = check::read(&arguments.check, around, console)?;
            let Ok([first]) = <[_; 1]>::try_from(ready.prepared) else {
                return Ok(None);
            };
            Shown::of(Source::Live(Box::new(first)))
        }
        Some(Command::Open(options)) if is_for_people(&options.output) => {
            let (reports, _) = open::read(options)?;
            let Ok([report]) = <[_; 1]>::try_from(reports) else {
                return Ok(None);
            };
            Shown {
                again: Some(tui::opens(&options.case)),
                ..Shown::of(Source::Saved(Box::new(report)))
            }
        }
        #[cfg(feature = "lab")]
        Some(Command::Lab(options)) if options.command.is_none() && is_for_people(&options.output) => {
            lab::shown(options)?
        }
        _ => return Ok(None),
    };
    let options = Options {
        abilities,
        title: shown.title,
        again: shown.again,
    };
    let exit = tui::run(shown.source, options).await.map_err(|error| match error {
        RunError::Terminal(error) => CliError::Unavailable(format!(
            "can't open the interactive screen here; use the command check: {error}"
        )),
        RunError::Unprepared(reason) => CliError::Usage(reason),
    })?;
    Ok(Some(exit.code()))
}

fn wishes(display: &DisplayOptions) -> Wishes {
    Wishes {
        color: match display.color {
            ColorWhen::Always => Some(true),
            ColorWhen::Never => Some(false),
            ColorWhen::Auto => None,
        },
        unicode: match (display.ascii, display.unicode) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        },
    }
}

#[cfg(feature = "lab")]
mod lab {
    use std::sync::{Arc, Mutex, PoisonError};

    use easyauth_doctor::cli::LabOptions;
    use easyauth_doctor::lab::Lab;
    use easyauth_doctor::line::{CliError, loopback};
    use easyauth_doctor::tui::{self, Source};

    use super::Shown;

    /// The lab must outlive the screen that looks at it.
    pub(super) type Kept = Arc<Mutex<Option<Lab>>>;

    /// A lab that starts while the screen is there already: its keys take a noticeable part of a second, so they are
    /// made on another thread.
    pub(super) fn shown(options: &LabOptions) -> Result<Shown, CliError> {
        loopback::named(&options.scenario)?;
        let kept = Kept::default();
        let (place, started) = (Arc::clone(&kept), options.clone());
        let preparing = async move {
            let runtime = tokio::runtime::Handle::current();
            let starting = tokio::task::spawn_blocking(move || runtime.block_on(loopback::start(&started)));
            let (lab, prepared) = starting
                .await
                .map_err(|error| error.to_string())?
                .map_err(|error| error.to_string())?;
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(lab);
            Ok(prepared)
        };
        Ok(Shown {
            source: Source::Preparing(Box::pin(preparing)),
            title: Some(format!("lab {}", options.scenario)),
            again: Some(tui::shows_lab(&options.scenario, options.without_settings)),
            _lab: Some(kept),
        })
    }
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
