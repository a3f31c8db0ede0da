//! Which commands open the interactive screen, and with what.

#[cfg(feature = "lab")]
use std::sync::Arc;

use easyauth_doctor::case::inputs::Inputs;

#[cfg(feature = "lab")]
use easyauth_doctor::cli::LabOptions;
use easyauth_doctor::cli::{Arguments, CheckOptions, ColorWhen, Command, DisplayOptions, OutputOptions, TargetOptions};
use easyauth_doctor::line::console::Console;
use easyauth_doctor::line::surroundings::Surroundings;
use easyauth_doctor::line::{CliError, ask, check, open, start};
use easyauth_doctor::tui::{self, Abilities, Desk, Options, RunError, Source, Wishes};

mod form;
#[cfg(feature = "lab")]
mod lab;

use form::CommandLine;

/// What the screen shows, and what stays there as long as it does.
struct Shown {
    source: Source,
    desk: Option<Box<dyn Desk>>,
    title: Option<String>,
    again: Option<String>,
    watch: bool,
    #[cfg(feature = "lab")]
    _lab: Option<lab::Kept>,
}

impl Shown {
    fn of(source: Source) -> Self {
        Self {
            source,
            desk: None,
            title: None,
            again: None,
            watch: false,
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
        None if is_for_the_screen(&arguments.check) && lacks_a_target(&arguments.check) => {
            let watch = arguments.check.run.watch;
            let desk = Some(Box::new(CommandLine::new(&arguments.check.target, None)) as Box<dyn Desk>);
            Shown { desk, watch, ..Shown::of(Source::Asking) }
        }
        None if is_for_the_screen(&arguments.check) => {
            let ready = check::read(&arguments.check, around, console)?;
            let first = ready.prepared.first().map(|prepared| &prepared.inputs);
            let all: Vec<&Inputs> = ready.prepared.iter().map(|prepared| &prepared.inputs).collect();
            Shown {
                desk: Some(Box::new(CommandLine::new(&arguments.check.target, first))),
                again: (all.len() > 1).then(|| tui::checks_all(arguments.check.target.targets.as_deref(), &all)),
                watch: arguments.check.run.watch,
                ..Shown::of(Source::Live(ready.prepared))
            }
        }
        Some(Command::Open(options)) if is_for_people(&options.output) => {
            if let Some(other) = &options.compare {
                let case = open::compared_with(options)?;
                let [(earlier, before), (later, after)] = open::both(case, other)?;
                let files = [earlier.to_owned(), later.to_owned()];
                let again = tui::compares(case, other);
                let shown = Shown::of(Source::Compared(Box::new(before), Box::new(after), files));
                return show(Shown { again: Some(again), ..shown }, abilities).await.map(Some);
            }
            let (reports, _) = open::read(options)?;
            Shown {
                again: Some(tui::opens(&options.cases)),
                ..Shown::of(Source::Saved(reports, options.cases.clone()))
            }
        }
        #[cfg(feature = "lab")]
        Some(Command::Lab(options)) if options.command.is_none() && is_for_people(&options.output) => {
            of_the_lab(options)?
        }
        _ => return Ok(None),
    };
    show(shown, abilities).await.map(Some)
}

async fn show(shown: Shown, abilities: Abilities) -> Result<u8, CliError> {
    let program = start::with_path().map(str::to_owned);
    let options = Options { abilities, title: shown.title, again: shown.again, watch: shown.watch, program };
    let exit = tui::run(shown.source, shown.desk, options).await.map_err(|error| match error {
        RunError::Terminal(error) => {
            CliError::Unavailable(format!("can't open the interactive screen here; use the command check: {error}"))
        }
        RunError::Unprepared(error) => CliError::Usage(error.to_string()),
    })?;
    Ok(exit.code())
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

/// What the screen shows of the lab that the options ask for.
#[cfg(feature = "lab")]
fn of_the_lab(options: &LabOptions) -> Result<Shown, CliError> {
    let kept = lab::Kept::default();
    let starting = lab::starting(options, &kept)?;
    Ok(Shown {
        title: Some(lab::title(options)),
        again: Some(lab::again(&options.scenario, options)),
        _lab: Some(Arc::clone(&kept)),
        ..Shown::of(Source::Lab(starting, lab::behind(options, &kept)))
    })
}

/// Whether there is something to look at. Decided before anything is read or asked, for line mode would do it again.
fn is_for_the_screen(options: &CheckOptions) -> bool {
    !options.run.plan && !options.display.quiet && is_for_people(&options.output)
}

/// Whether the screen has to ask what is checked. With `--ask`, line mode does.
fn lacks_a_target(options: &CheckOptions) -> bool {
    let is_given = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.trim().is_empty());
    let target = &options.target;
    let has_target = target.target.iter().any(|target| !target.trim().is_empty());
    // A resource alone may come from a variable that was set for another command. What can change data is confirmed in
    // the form.
    !options.run.ask
        && (!has_target || is_unconfirmed(target))
        && ![&target.targets, &target.token_file].into_iter().any(is_given)
}

/// Whether the one call that is asked for may change data, and nobody said that it may be sent.
fn is_unconfirmed(target: &TargetOptions) -> bool {
    let all = target.inputs(&[]).unwrap_or_default();
    matches!(&all[..], [only] if ask::unconfirmed(only).is_some())
}

/// Whether nothing but the screen was asked for: a report in a form or a file is line mode's work.
fn is_for_people(output: &OutputOptions) -> bool {
    output.output.is_none() && output.save.is_none() && output.format == easyauth_doctor::report::Format::Text
}
