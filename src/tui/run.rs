//! The loop: messages in, effects out, a frame when something changed and the one before is written.

mod ask;
mod perform;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyModifiers};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use crate::case::inputs::Inputs;
use crate::case::shown::address;
use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::Report;
use crate::session::{self, Prepared};

use super::bench::{Bench, Doing, Done};
use super::desk::{AnyError, Desk, Preparing, Refused};
use super::doctor::Doctor;
use super::look::Looks;
use super::model::Model;
use super::model::place::View;
use super::model::target::Target;
use super::terminal::keyboard::{self, Input};
use super::terminal::signals::{self, INTERRUPT, Signal};
use super::terminal::{Screen, Writer};
use super::update::{Message, update};
use super::view;
pub use ask::{Exit, Options, RunError, Source};

/// How often the spinner turns while something is under way.
const TURN: Duration = Duration::from_millis(150);

/// How often it turns in a run that takes long, for a slow line.
const SLOW_TURN: Duration = Duration::from_millis(500);

/// What a check brings is shown no sooner after the frame before: observations that come one after another are one
/// frame. What a person does is shown at once.
const PACE: Duration = Duration::from_millis(100);

/// After an interrupt the end of a paste is there within this time, if the interrupt was a character of its text.
const REST_OF_A_PASTE: Duration = Duration::from_millis(250);

/// How often a pause is counted down.
const SECOND: Duration = Duration::from_secs(1);

/// A run takes long after this time.
const LONG: Duration = Duration::from_secs(3);

/// Shows the screen until the person leaves it or a signal comes, and prints the answer on the normal screen then.
///
/// # Errors
/// When the terminal cannot be used, or nothing could be prepared.
pub async fn run(source: Source, desk: Option<Box<dyn Desk>>, options: Options) -> Result<Exit, RunError> {
    let mut screen = Screen::open(options.abilities)?;
    let abilities = screen.abilities();
    let looks = Looks::of(abilities);
    let (mut prepared, mut preparing, mut reports, mut before, mut bench) = (Vec::new(), None, Vec::new(), None, None);
    let mut files: Vec<String> = Vec::new();
    match source {
        Source::Asking => {}
        Source::Live(inputs) => prepared = inputs,
        Source::Lab(future, lab) => (preparing, bench) = (Some(future), Some(lab)),
        Source::Saved(saved, named) => (reports, files) = (saved, named),
        Source::Compared(earlier, later, named) => {
            (before, reports, files) = (Some(earlier), vec![*later], named.to_vec());
        }
    }
    let now = session::now();
    let live = prepared.iter().map(|prepared| (titled(&prepared.inputs), Target::checking(now)));
    let saved = reports.into_iter().map(|report| (titled(&report.case().inputs), Target::saved(Arc::new(report))));
    let mut all: Vec<(String, Target)> = live.chain(saved).collect();
    Model::name_apart(&mut all, &files);
    if all.len() == files.len() {
        all.iter_mut().zip(&files).for_each(|((_, target), file)| target.files = vec![file.clone()]);
    }
    let mut form = desk.as_ref().map(|desk| desk.form()).filter(|_| all.len() < 2);
    let is_live = !prepared.is_empty();
    let mut model = match all.pop() {
        Some(last) if !all.is_empty() => {
            all.push(last);
            Model::several(all, looks, screen.size(), now)
        }
        Some((title, target)) => {
            let mut model = Model::new(options.title.clone().unwrap_or(title), looks, screen.size());
            (model.now, model.target) = (now, target);
            model.follow();
            model
        }
        None if preparing.is_none() => {
            let form = form.take().unwrap_or_default();
            // A target that was given is in the form for a reason.
            let refused = form.has_target().then(|| desk.as_ref()?.prepare(&form.draft()).err()).flatten();
            let mut model = Model::asking(form, looks, screen.size());
            if let Some(refused) = refused {
                (_, _) = update(&mut model, Message::Refused(refused));
            }
            model
        }
        None => {
            let title = options.title.clone().unwrap_or_else(|| titled(&Inputs::default()));
            Model::checking(title, looks, screen.size(), now)
        }
    };
    model.program = options.program.clone();
    if options.watch {
        model.watch_all();
    }
    if let Some(mut form) = form.filter(|_| is_live) {
        form.check();
        model.form = Some(form);
    }
    if let Some(before) = before {
        model.target.before = Some(Arc::from(before));
        model.target.files = files;
        model.place.open(View::Compare);
    }
    if preparing.is_some() {
        model.log.hint(phrase("screen.preparing-lab").text());
    }
    // The first page is made before the first frame.
    (_, _) = update(&mut model, Message::Tick(session::now()));
    let mut doctor = Doctor::new(prepared);
    doctor.start_all();
    let exit = Loop {
        writer: screen.writer(),
        screen: &mut screen,
        model: &mut model,
        doctor: &mut doctor,
        preparing,
        desk,
        bench,
        doing: VecDeque::new(),
        options: &options,
        written: Vec::new(),
        saved: None,
        is_dirty: true,
        is_urgent: true,
        drawn: Instant::now(),
        pasted: None,
        started: Instant::now(),
    }
    .turn()
    .await;
    doctor.stop_all();
    exit
}

struct Loop<'a> {
    screen: &'a mut Screen,
    writer: Writer,
    model: &'a mut Model,
    doctor: &'a mut Doctor,
    preparing: Option<Preparing>,
    desk: Option<Box<dyn Desk>>,
    bench: Option<Box<dyn Bench>>,
    /// What the lab was asked for, in its order.
    doing: VecDeque<Doing>,
    options: &'a Options,
    /// What was said of each file that was written.
    written: Vec<String>,
    /// The file of the case, as it was saved last.
    saved: Option<String>,
    /// Whether something changed since the last frame.
    is_dirty: bool,
    /// Whether it has to be seen at once.
    is_urgent: bool,
    /// When the last frame was made.
    drawn: Instant,
    /// When a text came last that the terminal marks as pasted.
    pasted: Option<Instant>,
    /// When the run began.
    started: Instant,
}

/// What woke the loop.
enum Woken {
    Inputs(Vec<Input>),
    Message(Message),
    Signal(Signal),
    Prepared(Result<Box<Prepared>, AnyError>),
    Bench(Box<Done>),
    /// The terminal has taken what was written.
    Written,
    /// It's time for the spinner to turn.
    Turn,
    /// It's time to show what came.
    Due,
}

impl Loop<'_> {
    async fn turn(mut self) -> Result<Exit, RunError> {
        let mut input = keyboard::read();
        let mut signals = signals::Signals::new();
        let mut next_turn = Instant::now() + TURN;
        // From now on a change of the size is heard, also one that the keyboard's thread begins too late to notice; one
        // before this is seen here.
        self.look_at_size()?;
        self.draw();
        planted_panic();
        loop {
            let is_busy = self.model.moves();
            let is_late = self.is_dirty && self.screen.is_ready();
            let mut woken = tokio::select! {
                biased;
                signal = signals.next() => Woken::Signal(signal),
                inputs = input.recv() => Woken::Inputs(inputs.unwrap_or_else(|| vec![Input::End])),
                message = self.doctor.next() => Woken::Message(message),
                prepared = made(&mut self.preparing) => Woken::Prepared(prepared),
                done = did(&mut self.doing) => Woken::Bench(Box::new(done)),
                () = self.writer.idle() => Woken::Written,
                () = tokio::time::sleep_until(self.drawn + PACE), if is_late => Woken::Due,
                () = tokio::time::sleep_until(next_turn), if is_busy => Woken::Turn,
            };
            let woken_at = Instant::now();
            woken = out_of_a_paste(woken, self.pasted, &mut input).await;
            if let Some(exit) = self.tell(Message::Tick(session::now()))? {
                return Ok(self.leave(exit));
            }
            // Everything that waits is taken before one frame is made.
            loop {
                if matches!(woken, Woken::Turn) {
                    let is_long = self.started.elapsed() > LONG;
                    next_turn = Instant::now()
                        + match (self.model.is_running(), is_long) {
                            (true, false) => TURN,
                            (true, true) => SLOW_TURN,
                            // Seconds are counted down.
                            (false, _) => SECOND,
                        };
                }
                self.is_urgent |= !matches!(woken, Woken::Message(_) | Woken::Written | Woken::Turn | Woken::Due);
                if let Some(exit) = self.take(woken)? {
                    return Ok(self.leave(exit));
                }
                // A signal doesn't wait for the keys that were typed before it.
                let signal = tokio::select! {
                    biased;
                    signal = signals.next() => Some(signal),
                    () = std::future::ready(()) => None,
                };
                woken = match (signal, self.doctor.already()) {
                    (Some(signal), message) => {
                        if let Some(message) = message {
                            self.tell(message)?;
                        }
                        out_of_a_paste(Woken::Signal(signal), self.pasted, &mut input).await
                    }
                    (None, Some(message)) => Woken::Message(message),
                    (None, None) => match input.try_recv() {
                        Ok(inputs) => Woken::Inputs(inputs),
                        Err(_) => break,
                    },
                };
            }
            if self.writer.has_failed() {
                return Ok(self.leave(Exit::Signal(1)));
            }
            self.draw();
            // No signal was heard while a paste was taken and shown, however long that took.
            self.pasted = self.pasted.map(|at| if at >= woken_at { Instant::now() } else { at });
        }
    }

    /// Makes a frame where something changed and the terminal has taken the one before. What changes meanwhile is one
    /// later frame.
    fn draw(&mut self) {
        let is_due = self.is_urgent || !self.model.is_running() || self.drawn.elapsed() >= PACE;
        if self.is_dirty && is_due && self.screen.is_ready() {
            let model = &*self.model;
            self.screen.draw(|frame| view::render(frame, model));
            (self.is_dirty, self.is_urgent, self.drawn) = (false, false, Instant::now());
        }
    }

    fn take(&mut self, woken: Woken) -> Result<Option<Exit>, RunError> {
        match woken {
            Woken::Inputs(inputs) => {
                let was_over = self.model.place.over.is_some();
                for input in inputs {
                    // What keys that came together have opened, none of them confirms: nobody has seen it yet.
                    let confirms = matches!(&input, Input::Key(key) if key.code == KeyCode::Enter);
                    if confirms && !was_over && self.model.place.over.is_some() {
                        continue;
                    }
                    if let Some(exit) = self.take_input(input)? {
                        return Ok(Some(exit));
                    }
                }
                Ok(None)
            }
            Woken::Message(message) => self.tell(message),
            Woken::Signal(Signal::End(number)) => Ok(Some(Exit::Signal(number))),
            Woken::Signal(Signal::Stop) => {
                self.sleep()?;
                Ok(None)
            }
            Woken::Signal(Signal::Continue) => {
                self.wake()?;
                Ok(None)
            }
            Woken::Signal(Signal::Resize) => self.look_at_size(),
            Woken::Prepared(Ok(prepared)) => {
                self.doctor.prepare(*prepared);
                let title = self.model.title.clone();
                self.model.log.toast = None;
                self.start(StepId::Identity, None);
                let state = self.bench.as_ref().and_then(|bench| bench.state());
                self.tell(Message::Bench(Box::new(Done { state, ..Done::default() })))?;
                self.tell(Message::Checking { title })
            }
            Woken::Prepared(Err(error)) if self.model.form.is_some() => {
                self.tell(Message::Refused(Refused { field: None, reason: error.to_string() }))
            }
            Woken::Bench(done) => {
                if let Some(prepared) = &done.prepared {
                    self.doctor.prepare((**prepared).clone());
                }
                self.tell(Message::Bench(done))
            }
            Woken::Prepared(Err(error)) => Err(RunError::Unprepared(error)),
            Woken::Written | Woken::Turn | Woken::Due => Ok(None),
        }
    }

    fn take_input(&mut self, input: Input) -> Result<Option<Exit>, RunError> {
        if matches!(input, Input::Paste(_)) {
            self.pasted = Some(Instant::now());
        }
        match input {
            Input::Interrupt => Ok(Some(Exit::Signal(INTERRUPT))),
            Input::End => Ok(Some(Exit::Signal(1))),
            Input::Resized => self.look_at_size(),
            // Any key leads back from the normal screen; only these do at once, for others may be meant for it.
            Input::Key(key) if self.screen.is_plain() => {
                match key.code {
                    KeyCode::Enter | KeyCode::Esc | KeyCode::Char('q') => {
                        self.screen.end_plain();
                        self.is_dirty = true;
                    }
                    KeyCode::Char('z') if key.modifiers.contains(KeyModifiers::CONTROL) => self.sleep()?,
                    _ => {}
                }
                self.look_at_size()
            }
            Input::Paste(_) | Input::Burst(_) if self.screen.is_plain() => Ok(None),
            Input::Key(key) => self.tell(Message::Key(key)),
            Input::Paste(text) | Input::Burst(text) => self.tell(Message::Paste(text)),
        }
    }

    /// Takes another size of the terminal over.
    fn look_at_size(&mut self) -> Result<Option<Exit>, RunError> {
        let size = crossterm::terminal::size().ok();
        let Some((columns, rows)) = size.filter(|size| size.0 > 0 && size.1 > 0 && *size != self.model.size) else {
            return Ok(None);
        };
        self.screen.resize(columns, rows);
        self.tell(Message::Resized(columns, rows))
    }

    fn tell(&mut self, message: Message) -> Result<Option<Exit>, RunError> {
        let (effects, is_changed) = update(self.model, message);
        self.is_dirty |= is_changed;
        for effect in effects {
            if let Some(exit) = self.perform(effect)? {
                return Ok(Some(exit));
            }
        }
        Ok(None)
    }

    fn start(&mut self, from: StepId, before: Option<Arc<Report>>) {
        self.started = Instant::now();
        // What was saved is what an earlier check found.
        self.saved = None;
        self.doctor.start(self.model.at(), from, before);
    }
}

/// An interrupt, unless it was a character of a text that was pasted: then the paste, which presses nothing.
/// Which of the two is heard first, is chance.
async fn out_of_a_paste(woken: Woken, pasted: Option<Instant>, input: &mut UnboundedReceiver<Vec<Input>>) -> Woken {
    if !matches!(woken, Woken::Signal(Signal::End(INTERRUPT))) {
        return woken;
    }
    if pasted.is_some_and(|at| at.elapsed() < REST_OF_A_PASTE) {
        return Woken::Inputs(Vec::new());
    }
    let end = Instant::now() + REST_OF_A_PASTE;
    let mut came = Vec::new();
    while let Ok(Some(inputs)) = tokio::time::timeout_at(end, input.recv()).await {
        came.extend(inputs);
        if came.iter().any(|input| matches!(input, Input::Paste(_))) {
            return Woken::Inputs(came);
        }
    }
    woken
}

/// What a check is called: its target's address, as it may be shown.
fn titled(inputs: &Inputs) -> String {
    inputs.target.as_deref().map_or_else(|| "no target".to_owned(), address::own)
}

/// What was prepared; never, where nothing is being prepared.
async fn made(preparing: &mut Option<Preparing>) -> Result<Box<Prepared>, AnyError> {
    let Some(making) = preparing else {
        return std::future::pending().await;
    };
    let prepared = making.await;
    *preparing = None;
    prepared.map(Box::new)
}

/// What came of the first thing that is being done; never, where nothing is.
async fn did(doing: &mut VecDeque<Doing>) -> Done {
    let Some(first) = doing.front_mut() else {
        return std::future::pending().await;
    };
    let done = first.as_mut().await;
    doing.pop_front();
    done
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
