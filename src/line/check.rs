//! `check`: each step as it finishes, then the root cause; or one document in another form.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use crate::case::secret::without_tokens;
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::case::value_parsers;
use crate::cli::{CheckOptions, targets};
use crate::knowledge::phrase;
use crate::probe::input::Kind;
use crate::probe::{self, Prepared};
use crate::report::compare::compare;
use crate::report::document::Detail;
use crate::report::{Report, StepReport, text, words};
use crate::session::watch::{Pause, Waits};
use crate::session::{self, Event, Listener};

use super::console::Console;
use super::files::{self, Named};
use super::outputs::Outputs;
use super::signals::typed;
use super::surroundings::Surroundings;
use super::waiting::Waiting;
use super::{CliError, ask, interruptible, start};

/// Targets that are checked at the same time.
const SIDE_BY_SIDE: usize = 4;

/// Everything that is needed before the first request: the inputs read, and the outputs checked.
pub struct Ready {
    /// One for each target.
    pub prepared: Vec<Prepared>,
    /// Where reports and cases go.
    pub outputs: Outputs,
}

/// The inputs of a check, read.
pub struct Inputs {
    /// One for each target.
    pub prepared: Vec<Prepared>,
    /// The files that were read.
    files: Vec<Named>,
}

/// What the options and the file of targets say, one for each target. A note names what is not used.
///
/// # Errors
/// An invalid value, or a file that cannot be read.
pub fn given(options: &CheckOptions, console: &mut Console) -> Result<Vec<crate::case::inputs::Inputs>, CliError> {
    let entries = match &options.target.targets {
        None => Vec::new(),
        Some(file) => {
            let text = files::read_text("--targets", file, Kind::Targets)?;
            let folder = Path::new(file).parent().unwrap_or_else(|| Path::new(""));
            targets::parse(file, &text, folder)?
        }
    };
    if !options.target.has_subject() {
        let why = if options.run.ask { phrase("ask.nothing-entered").text() } else { start::without_target() };
        return Err(CliError::Usage(why));
    }
    let inputs = options.target.inputs(&entries)?;
    if let Some(note) = options.target.unused_variable(&entries) {
        console.say(&format!("easyauth-doctor: note: {note}\n"));
    }
    for note in inputs.iter().filter_map(|inputs| value_parsers::about_target(inputs.target.as_deref()?)) {
        console.say(&format!("easyauth-doctor: note: {note}\n"));
    }
    Ok(inputs)
}

/// Reads the files and asks what must be asked. Nothing is sent and nothing is written.
///
/// # Errors
/// The first input that cannot be used.
pub fn read(options: &CheckOptions, around: &Surroundings, console: &mut Console) -> Result<Inputs, CliError> {
    let asked = ask::target(options, console)?;
    let mut inputs = given(asked.as_ref().unwrap_or(options), console)?;
    ask::what_is_needed(&mut inputs, options.run.ask, around, console)?;
    let targets = options.target.targets.iter();
    let files =
        targets.map(|file| Named::new("--targets", Path::new(file))).chain(inputs.iter().flat_map(Named::of)).collect();
    let prepared = typed(|| inputs.into_iter().map(probe::prepare).collect::<Result<Vec<_>, _>>())?;
    let mut notes: Vec<&String> = prepared.iter().flat_map(|prepared| &prepared.notes).collect();
    notes.dedup();
    for note in notes {
        console.say(&format!("easyauth-doctor: note: {note}\n"));
    }
    Ok(Inputs { prepared, files })
}

/// Checks all targets; returns the exit code.
///
/// # Errors
/// What ended it before it had an answer.
pub async fn run(options: &CheckOptions, around: &Surroundings, console: &mut Console) -> Result<u8, CliError> {
    let Inputs { prepared, files } = read(options, around, console)?;
    console.style.program = start::with_path();
    let outputs = Outputs::open(&options.output, prepared.len() > 1, &files)?;
    interruptible(async {
        outputs.try_out()?;
        let ready = Ready { prepared, outputs };
        perform(ready, options.run.watch, options.display.verbose, console).await
    })
    .await
}

/// Checks what is ready, once or until it passes.
///
/// # Errors
/// What ended it before it had an answer.
pub async fn perform(ready: Ready, watch: bool, verbose: bool, console: &mut Console) -> Result<u8, CliError> {
    let Ready { prepared, outputs } = ready;
    let outputs = outputs.repeating(watch);
    let lines = if outputs.prints_lines() {
        Lines::Output
    } else if verbose {
        Lines::Error
    } else {
        Lines::Nowhere
    };
    // A watch ends when nobody looks any more; its files are those of the last look.
    console.outlives_reader = !watch && outputs.has_files();
    let mut reports = match prepared.as_slice() {
        [only] => vec![live(only, lines, verbose, console).await?],
        all => side_by_side(all, lines, console).await?,
    };
    if watch {
        reports = repeat(&prepared, reports, &outputs, lines, console).await?;
    }
    let code = worst(&reports);
    // The lines say so themselves.
    if lines == Lines::Nowhere && reports.iter().any(|report| report.observed().was_paused()) {
        console.say(&format!("easyauth-doctor: note: {}\n", words::PAUSED.text()));
    }
    outputs.finish(&reports, console)?;
    Ok(code)
}

/// The exit code for all: a problem found counts more than an open question, and that more than success.
#[must_use]
pub fn worst(reports: &[Report]) -> u8 {
    let codes: Vec<u8> = reports.iter().map(Report::exit_code).collect();
    [1, 3].into_iter().find(|code| codes.contains(code)).unwrap_or(0)
}

/// Where lines for people go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    Output,
    Error,
    Nowhere,
}

impl Lines {
    fn print(self, text: &str, console: &mut Console) -> Result<(), CliError> {
        let text = without_tokens(text);
        match self {
            Self::Output => console.print(&text),
            Self::Error => {
                console.say_styled(&text);
                Ok(())
            }
            Self::Nowhere => Ok(()),
        }
    }
}

/// One target, each step printed when it and those before it are complete.
async fn live(prepared: &Prepared, lines: Lines, verbose: bool, console: &mut Console) -> Result<Report, CliError> {
    let cancel = CancellationToken::new();
    // However this ends, what is under way ends with it.
    let _guard = cancel.clone().drop_guard();
    let (sender, mut events) = unbounded_channel();
    if lines == Lines::Nowhere {
        events.close();
    }
    let listener = Listener { events: sender, every_observation: false };
    let session = session::run(prepared, None, listener, cancel);
    let printing = async {
        let mut printer = Printer::new(lines);
        let mut waiting = Waiting::default();
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // The first comes at once.
        seconds.tick().await;
        loop {
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Some(event) => {
                        match &event {
                            Event::Started(request) => waiting.started(request),
                            Event::Ended { id } => waiting.ended(*id),
                            _ => {}
                        }
                        printer.hear(event, console)?;
                    }
                    None => break,
                },
                _ = seconds.tick() => {
                    waiting.tick();
                    say_what_is_waited_for(&waiting, verbose, console);
                }
            }
        }
        console.clear();
        Ok::<_, CliError>(printer)
    };
    let (report, printer) = tokio::join!(session, printing);
    printer?.finish(&report, console)?;
    Ok(report)
}

/// On a terminal a line that is shown until the answer comes; elsewhere lines, where they were asked for.
fn say_what_is_waited_for(waiting: &Waiting, verbose: bool, console: &mut Console) {
    if console.style.detail == Detail::Brief {
        return;
    }
    if console.is_live {
        match waiting.text() {
            Some(text) => console.pass(&text),
            None => console.clear(),
        }
    } else if verbose && let Some(line) = waiting.line() {
        console.say(&format!("{line}\n"));
    }
}

/// Prints steps in their order, each as soon as its evidence is complete.
struct Printer {
    lines: Lines,
    latest: Option<Arc<Report>>,
    settled: Vec<StepId>,
    printed: Vec<StepReport>,
    head: bool,
}

impl Printer {
    const fn new(lines: Lines) -> Self {
        Self { lines, latest: None, settled: Vec::new(), printed: Vec::new(), head: false }
    }

    fn hear(&mut self, event: Event, console: &mut Console) -> Result<(), CliError> {
        match event {
            Event::Started(_) | Event::Ended { .. } => {}
            Event::Progress { report, .. } => self.latest = Some(report),
            Event::Settled(step) => self.settled.push(step),
            Event::Finished(report) => self.latest = Some(report),
        }
        let Some(report) = self.latest.take() else {
            return Ok(());
        };
        // The head names the credential, which the machine's variables decide.
        if report.observed().environment.is_some() {
            self.head(&report, console)?;
        }
        for id in StepId::ALL {
            if self.printed.iter().any(|printed| printed.id == id) {
                continue;
            }
            if !self.settled.contains(&id) {
                break;
            }
            self.step(&report, id, console)?;
        }
        self.latest = Some(report);
        Ok(())
    }

    fn head(&mut self, report: &Report, console: &mut Console) -> Result<(), CliError> {
        if self.head || console.style.detail == Detail::Brief {
            return Ok(());
        }
        self.head = true;
        self.lines.print(&(text::head(report, &console.style) + "\n"), console)
    }

    fn step(&mut self, report: &Report, id: StepId, console: &mut Console) -> Result<(), CliError> {
        if console.style.detail == Detail::Brief {
            return Ok(());
        }
        self.head(report, console)?;
        if let Some(step) = report.step(id) {
            self.lines.print(&text::step(step, &console.style), console)?;
            self.printed.push(step.clone());
        }
        Ok(())
    }

    /// The steps that are left, those that later evidence changed, and the conclusion.
    fn finish(mut self, report: &Report, console: &mut Console) -> Result<(), CliError> {
        let printed = std::mem::take(&mut self.printed);
        let mut again = String::new();
        for step in report.steps() {
            match printed.iter().find(|printed| printed.id == step.id) {
                None => self.step(report, step.id, console)?,
                Some(before) if text::differs(before, step) => again.push_str(&text::step(step, &console.style)),
                Some(_) => {}
            }
        }
        if !again.is_empty() {
            let heading = phrase("check.updated").text();
            self.lines.print(&format!("\n{heading}\n{again}"), console)?;
        }
        self.lines.print(&text::conclusion(report, &console.style), console)
    }
}

/// Many targets: several at a time, each printed whole and in the order given.
async fn side_by_side(prepared: &[Prepared], lines: Lines, console: &mut Console) -> Result<Vec<Report>, CliError> {
    let mut running = stream::iter(prepared)
        .map(|prepared| async {
            let cancel = CancellationToken::new();
            let _guard = cancel.clone().drop_guard();
            let (sender, _) = unbounded_channel();
            session::run(prepared, None, sender, cancel).await
        })
        .buffered(SIDE_BY_SIDE);
    let mut reports = Vec::new();
    while let Some(report) = running.next().await {
        let gap = if reports.is_empty() { "" } else { "\n" };
        let text = text::one_of_several(&report, &console.style);
        lines.print(&format!("{gap}{text}"), console)?;
        reports.push(report);
    }
    if let Some(summary) = text::summary(&reports, &console.style) {
        lines.print(&summary, console)?;
    }
    Ok(reports)
}

/// Checks again until all pass, with growing pauses, printing what changed.
async fn repeat(
    prepared: &[Prepared],
    mut reports: Vec<Report>,
    outputs: &Outputs,
    lines: Lines,
    console: &mut Console,
) -> Result<Vec<Report>, CliError> {
    let mut pause = Pause::default();
    let mut changed = true;
    let changing = prepared.iter().map(|prepared| &prepared.inputs).find(|inputs| !inputs.only_reads());
    if let Some(inputs) = changing.filter(|_| worst(&reports) != 0) {
        let note = phrase("check.repeats").with("method", visible(&inputs.method)).text();
        console.say(&format!("easyauth-doctor: note: {note}\n"));
    }
    while worst(&reports) != 0 {
        outputs.look(&reports, changed, console)?;
        let now = session::now();
        let waits = Waits::of(&reports, now);
        pause = pause.waiting_for(waits, now);
        let said = match waits {
            Some(Waits::Until(at)) => phrase("check.again-after-token").with("at", words::time(at)),
            Some(Waits::Minutes) => phrase("check.again-after-minutes"),
            None => phrase("check.again"),
        };
        let said = said.with("seconds", pause.seconds()).text();
        lines.print(&format!("\n{said}\n"), console)?;
        tokio::time::sleep(Duration::from_secs(pause.seconds())).await;
        let after = side_by_side(prepared, Lines::Nowhere, console).await?;
        changed = false;
        for (before, after) in reports.iter().zip(&after) {
            // A new token has other times, which is no change.
            if !compare(before, after).is_empty() {
                changed = true;
                let text = text::changes(before, after, &console.style);
                lines.print(&(text::head(after, &console.style) + &text), console)?;
                lines.print(&text::conclusion(after, &console.style), console)?;
            }
        }
        pause = pause.next(changed);
        if !changed {
            lines.print(&(phrase("check.unchanged").text() + "\n"), console)?;
        }
        reports = after;
    }
    Ok(reports)
}
