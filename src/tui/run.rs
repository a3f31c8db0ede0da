//! The loop: messages in, effects out, a frame when something changed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event as Input, EventStream};
use futures_util::StreamExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::Report;
use crate::session::{self, Prepared};

use super::files;
use super::model::{Model, Progress};
use super::terminal::Screen;
use super::theme::Theme;
use super::update::{Effect, Message, update};
use super::view;

/// How often the spinner turns while something is under way.
const TURN: Duration = Duration::from_millis(150);

/// What the screen shows.
pub enum Source {
    /// A run of its own.
    Live(Box<Prepared>),
    /// A saved case.
    Saved(Box<Report>),
}

/// How the screen looks.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether colors are used.
    pub color: bool,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// The title; the target if there is none.
    pub title: Option<String>,
}

/// How the screen was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By a key; with the report's exit code (0 pass, 1 fail, 3 inconclusive), 3 while it was still running.
    Quit(u8),
    /// By this signal.
    Signal(u8),
}

impl Exit {
    /// The exit code of the program.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Quit(code) => code,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }
}

/// Shows the screen until the person leaves it or a signal comes.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run(source: Source, options: Options) -> io::Result<Exit> {
    let mut screen = Screen::open()?;
    let theme = Theme {
        color: options.color,
        ascii: options.ascii,
    };
    let (events, heard) = unbounded_channel();
    let (prepared, report) = match source {
        Source::Live(prepared) => (Some(*prepared), None),
        Source::Saved(report) => (None, Some(report)),
    };
    let target = prepared
        .as_ref()
        .map(|prepared| &prepared.inputs)
        .or(report.as_ref().map(|report| &report.case().inputs))
        .and_then(|inputs| inputs.target.clone());
    let title = options.title.or(target).unwrap_or_else(|| "no target".to_owned());
    let mut model = Model::new(title, theme, screen.size());
    if let Some(report) = report {
        (_, _) = update(&mut model, Message::Session(session::Event::Finished(report.into())));
        model.progress = Progress::Saved;
    }
    let mut doctor = Doctor {
        prepared,
        events,
        cancel: CancellationToken::new(),
    };
    doctor.start(StepId::Identity, None);
    let exit = Loop {
        screen: &mut screen,
        model: &mut model,
        doctor: &mut doctor,
        heard,
    }
    .turn()
    .await;
    doctor.cancel.cancel();
    exit
}

/// Starts runs and stops them.
struct Doctor {
    prepared: Option<Prepared>,
    events: UnboundedSender<session::Event>,
    cancel: CancellationToken,
}

impl Doctor {
    fn start(&mut self, from: StepId, before: Option<Arc<Report>>) {
        let Some(prepared) = self.prepared.clone() else { return };
        self.cancel.cancel();
        self.cancel = CancellationToken::new();
        let (events, cancel) = (self.events.clone(), self.cancel.clone());
        tokio::spawn(async move {
            let again = before
                .as_deref()
                .filter(|_| from != StepId::Identity)
                .map(|report| (report, from));
            session::run(&prepared, again, events, cancel).await;
        });
    }
}

struct Loop<'a> {
    screen: &'a mut Screen,
    model: &'a mut Model,
    doctor: &'a mut Doctor,
    heard: UnboundedReceiver<session::Event>,
}

/// What woke the loop.
enum Woken {
    Message(Message),
    Signal(u8),
    Asleep,
    Redraw,
    Nothing,
    InputEnded,
}

impl Loop<'_> {
    async fn turn(mut self) -> io::Result<Exit> {
        let mut input = keyboard();
        let mut signals = signals::Signals::new();
        let mut ticks = tokio::time::interval(TURN);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        view::compose(self.model);
        self.screen.draw(self.model)?;
        planted_panic();
        loop {
            let busy = !self.model.busy.is_empty();
            let mut woken = tokio::select! {
                biased;
                signal = signals.next() => signal,
                event = input.recv() => from_input(event),
                Some(event) = self.heard.recv() => Woken::Message(Message::Session(event)),
                _ = ticks.tick(), if busy => Woken::Message(Message::Tick),
            };
            // Everything that waits is taken before one frame is drawn.
            let mut changed = false;
            loop {
                match woken {
                    Woken::Message(message) => {
                        let (effects, drawn) = update(self.model, message);
                        changed |= drawn;
                        for effect in effects {
                            if let Some(exit) = self.perform(effect, &mut changed)? {
                                return Ok(exit);
                            }
                        }
                    }
                    Woken::Signal(number) => return Ok(Exit::Signal(number)),
                    Woken::Asleep => changed |= self.sleep()?,
                    Woken::Redraw => changed |= self.wake()?,
                    Woken::InputEnded => return Ok(Exit::Signal(1)),
                    Woken::Nothing => {}
                }
                woken = match (self.heard.try_recv(), &mut input) {
                    (Ok(event), _) => Woken::Message(Message::Session(event)),
                    (Err(_), input) => match input.try_recv() {
                        Ok(event) => from_input(Some(event)),
                        Err(_) => break,
                    },
                };
            }
            if changed {
                self.screen.draw(self.model)?;
            }
        }
    }

    fn perform(&mut self, effect: Effect, changed: &mut bool) -> io::Result<Option<Exit>> {
        let message = match effect {
            Effect::Quit => {
                let code = self
                    .model
                    .report
                    .as_ref()
                    .filter(|_| self.model.progress != Progress::Running)
                    .map_or(3, |report| report.exit_code());
                return Ok(Some(Exit::Quit(code)));
            }
            Effect::Run(from) => {
                self.doctor.start(from, self.model.report.clone());
                return Ok(None);
            }
            Effect::Suspend => {
                *changed |= self.sleep()?;
                return Ok(None);
            }
            Effect::Copy(text) => Message::Copied(self.screen.copy(&text).map_err(|error| error.to_string())),
            Effect::Save(path) => {
                Message::Saved(files::save(self.model.report.as_deref(), &path).map_err(|error| error.to_string()))
            }
            Effect::WriteFixed(path) => Message::Written(
                files::write_fixed(self.model.report.as_deref(), &path).map_err(|error| error.to_string()),
            ),
            Effect::Assume(change) => Message::Assumed(self.assume(change)),
        };
        *changed |= update(self.model, message).1;
        Ok(None)
    }

    fn assume(&self, change: String) -> Result<Arc<Report>, String> {
        let report = self
            .model
            .report
            .as_ref()
            .ok_or_else(|| phrase("screen.nothing-to-judge").text())?;
        crate::case::assume::Assumption::parse(&change).map_err(|error| error.to_string())?;
        let mut case = report.observed().clone();
        case.inputs.assume.push(change);
        Ok(Arc::new(Report::of(case)))
    }

    /// Stops the process like Ctrl-Z in a shell, and sets up the terminal again when it continues.
    fn sleep(&mut self) -> io::Result<bool> {
        self.screen.leave();
        signals::stop();
        self.wake()
    }

    fn wake(&mut self) -> io::Result<bool> {
        self.screen.enter_again()?;
        self.model.size = self.screen.size();
        view::compose(self.model);
        Ok(true)
    }
}

/// Reads the keyboard in a task of its own: the stream wakes only the waker of its first poll, so it must not be polled
/// from two places.
fn keyboard() -> UnboundedReceiver<io::Result<Input>> {
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        let mut stream = EventStream::new();
        while let Some(event) = stream.next().await {
            if sender.send(event).is_err() {
                break;
            }
        }
    });
    receiver
}

fn from_input(event: Option<io::Result<Input>>) -> Woken {
    match event {
        Some(Ok(Input::Key(key))) => Woken::Message(Message::Key(key)),
        Some(Ok(Input::Paste(text))) => Woken::Message(Message::Paste(text)),
        Some(Ok(Input::Resize(columns, rows))) => Woken::Message(Message::Resized(columns, rows)),
        Some(Ok(Input::FocusGained | Input::FocusLost | Input::Mouse(_))) => Woken::Nothing,
        Some(Err(_)) | None => Woken::InputEnded,
    }
}

/// A panic on demand, so that a test can see the terminal given back; not in release builds.
fn planted_panic() {
    #[cfg(debug_assertions)]
    if std::env::var_os("EASYAUTH_DOCTOR_TEST_PANIC").is_some() {
        #[expect(clippy::panic, reason = "a test sees how a panic leaves the terminal")]
        {
            panic!("planted panic");
        }
    }
}

#[cfg(unix)]
mod signals {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::Woken;

    /// SIGTSTP and SIGCONT have the same numbers on every Unix that this program runs on.
    const STOP: i32 = signal_hook::consts::SIGTSTP;
    const CONTINUE: i32 = signal_hook::consts::SIGCONT;

    /// Signals that the loop hears.
    pub(super) struct Signals {
        interrupt: Option<Signal>,
        terminate: Option<Signal>,
        hangup: Option<Signal>,
        stop: Option<Signal>,
        resume: Option<Signal>,
    }

    impl Signals {
        pub(super) fn new() -> Self {
            // A signal that cannot be watched keeps its usual effect.
            let watched = |kind| signal(kind).ok();
            Self {
                interrupt: watched(SignalKind::interrupt()),
                terminate: watched(SignalKind::terminate()),
                hangup: watched(SignalKind::hangup()),
                stop: watched(SignalKind::from_raw(STOP)),
                resume: watched(SignalKind::from_raw(CONTINUE)),
            }
        }

        pub(super) async fn next(&mut self) -> Woken {
            tokio::select! {
                () = heard(&mut self.interrupt) => Woken::Signal(2),
                () = heard(&mut self.terminate) => Woken::Signal(15),
                () = heard(&mut self.hangup) => Woken::Signal(1),
                () = heard(&mut self.stop) => Woken::Asleep,
                () = heard(&mut self.resume) => Woken::Redraw,
            }
        }
    }

    async fn heard(signal: &mut Option<Signal>) {
        match signal {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }

    /// Stops this process as an unhandled SIGTSTP would.
    pub(super) fn stop() {
        let _ = signal_hook::low_level::emulate_default_handler(STOP);
    }
}

#[cfg(not(unix))]
mod signals {
    use super::Woken;

    /// Signals that the loop hears: Ctrl-C comes as a key in raw mode, so only a console's own event is left.
    pub(super) struct Signals;

    impl Signals {
        pub(super) fn new() -> Self {
            Self
        }

        pub(super) async fn next(&mut self) -> Woken {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            Woken::Signal(2)
        }
    }

    pub(super) fn stop() {}
}
