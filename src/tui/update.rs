//! The one place where the state changes: a message in, effects out.

use std::sync::Arc;

use crossterm::event::{Event, KeyEvent, KeyEventKind};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::{Report, StepStatus};
use crate::session;

use super::keymap::{self, Action};
use super::model::{Asking, Model, Overlay, Progress, Tab};
use super::view::{self, layout};

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key.
    Key(KeyEvent),
    /// Text that was pasted.
    Paste(String),
    /// The screen has another size.
    Resized(u16, u16),
    /// The run reports something.
    Session(session::Event),
    /// Time for the spinner to turn.
    Tick,
    /// A case was saved, or not.
    Saved(Result<String, String>),
    /// App 2's settings were written, or not.
    Written(Result<String, String>),
    /// Something was sent to the clipboard, or could not be.
    Copied(Result<(), String>),
    /// A judgement with a changed setting is there.
    Assumed(Result<Arc<Report>, String>),
}

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Check again, from this step.
    Run(StepId),
    /// Send a text to the terminal's clipboard.
    Copy(String),
    /// Save the case in this file.
    Save(String),
    /// Write App 2's settings with the root cause fixed into this file.
    WriteFixed(String),
    /// Judge again with this change.
    Assume(String),
    /// Go to sleep until the shell wakes the program.
    Suspend,
    /// Leave.
    Quit,
}

/// Takes a message in. Says what is to be done, and whether the screen changed.
pub fn update(model: &mut Model, message: Message) -> (Vec<Effect>, bool) {
    let mut effects = Vec::new();
    let changed = match message {
        Message::Key(key) if key.kind == KeyEventKind::Release => false,
        Message::Key(key) => on_key(model, key, &mut effects),
        Message::Paste(text) => paste(model, &text),
        Message::Resized(columns, rows) => {
            model.size = (columns, rows);
            true
        }
        Message::Session(event) => on_session(model, event),
        Message::Tick => {
            model.turn = model.turn.wrapping_add(1);
            !model.busy.is_empty()
        }
        Message::Saved(Ok(path)) => notice(model, phrase("screen.saved").with("file", path).text()),
        Message::Written(Ok(said)) => notice(model, said),
        Message::Saved(Err(reason)) | Message::Written(Err(reason)) => notice(model, reason),
        Message::Copied(Ok(())) => notice(model, phrase("screen.copied").text()),
        Message::Copied(Err(reason)) => notice(model, reason),
        Message::Assumed(Ok(report)) => {
            let changes = report.case().inputs.assume.join(", ");
            model.report = Some(report);
            follow(model);
            notice(model, phrase("screen.re-evaluated").with("changes", changes).text())
        }
        Message::Assumed(Err(reason)) => notice(model, reason),
    };
    if changed {
        view::compose(model);
        clamp(model);
    }
    (effects, changed)
}

fn notice(model: &mut Model, text: String) -> bool {
    model.notice = Some(text);
    true
}

fn on_session(model: &mut Model, event: session::Event) -> bool {
    match event {
        session::Event::Started(under_way) => {
            let step = under_way.purpose.step();
            let is_new = !model.busy.contains(&step);
            if is_new {
                model.busy.push(step);
            }
            is_new
        }
        session::Event::Ended { .. } | session::Event::Settled(_) => false,
        session::Event::Progress { report, busy } => {
            model.report = Some(report);
            model.busy = busy;
            true
        }
        session::Event::Finished(report) => {
            model.report = Some(report);
            model.busy.clear();
            model.progress = Progress::Finished;
            follow(model);
            true
        }
    }
}

/// Until the person chooses a step, the screen shows the one that matters: the root cause's.
fn follow(model: &mut Model) {
    if model.chosen {
        return;
    }
    let Some(report) = &model.report else { return };
    if let Some(cause) = &report.diagnosis().root_cause {
        model.selected = cause.step;
    } else if let Some(step) = report
        .steps()
        .iter()
        .find(|step| matches!(step.status, StepStatus::Fail | StepStatus::Warn))
    {
        model.selected = step.id;
    }
}

fn on_key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) -> bool {
    if matches!(model.overlay, Some(Overlay::Prompt { .. })) && !is_interrupt(key) {
        return on_prompt_key(model, key, effects);
    }
    let Some(action) = keymap::action(key) else {
        return false;
    };
    if model.overlay.is_some() && !matches!(action, Action::Quit | Action::Suspend) {
        model.overlay = None;
        return true;
    }
    if model.overlay.is_some() && action == Action::Quit && !is_interrupt(key) {
        model.overlay = None;
        return true;
    }
    model.enables(action) && act(model, action, effects)
}

fn is_interrupt(key: KeyEvent) -> bool {
    keymap::action(key) == Some(Action::Quit) && key.modifiers.contains(crossterm::event::KeyModifiers::CONTROL)
}

fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) -> bool {
    model.notice = None;
    match action {
        Action::Up if model.opened => scroll(model, -1),
        Action::Down if model.opened => scroll(model, 1),
        Action::First if model.opened => scroll(model, isize::MIN),
        Action::Last if model.opened => scroll(model, isize::MAX),
        Action::Up => choose(model, usize::from(model.selected.number()).checked_sub(2)),
        Action::Down => choose(model, Some(usize::from(model.selected.number()))),
        Action::First => choose(model, Some(0)),
        Action::Last => choose(model, Some(7)),
        Action::Step(step) => choose(model, Some(usize::from(step.number()) - 1)),
        Action::PageUp => scroll(model, -page(model)),
        Action::PageDown => scroll(model, page(model)),
        Action::NextTab => turn_to(model, model.tab.moved(1)),
        Action::PreviousTab => turn_to(model, model.tab.moved(Tab::ALL.len() - 1)),
        Action::Open => {
            model.opened = !model.opened;
            true
        }
        Action::Back => {
            model.opened = false;
            true
        }
        Action::RunAll => run(model, StepId::Identity, effects),
        Action::RunFrom => run(model, model.selected, effects),
        Action::Copy => {
            effects.push(Effect::Copy(view::source_text(model)));
            true
        }
        Action::Save => ask(model, Asking::SavePath, "easyauth-case.json"),
        Action::Assume => {
            let change = model.report.as_ref().and_then(|report| report.suggested_assumption());
            ask(model, Asking::Assume, change.as_deref().unwrap_or("allowedAudiences+="))
        }
        Action::WriteFixed => ask(model, Asking::FixedPath, "edited.json"),
        Action::Help => {
            model.overlay = Some(Overlay::Help);
            true
        }
        Action::Quit => {
            effects.push(Effect::Quit);
            false
        }
        Action::Suspend => {
            effects.push(Effect::Suspend);
            false
        }
    }
}

fn run(model: &mut Model, from: StepId, effects: &mut Vec<Effect>) -> bool {
    model.progress = Progress::Running;
    model.chosen = from != StepId::Identity;
    effects.push(Effect::Run(from));
    true
}

fn ask(model: &mut Model, asking: Asking, proposal: &str) -> bool {
    model.overlay = Some(Overlay::Prompt {
        asking,
        input: Input::new(proposal.to_owned()),
    });
    true
}

fn choose(model: &mut Model, place: Option<usize>) -> bool {
    let Some(step) = place.and_then(|place| StepId::ALL.get(place)) else {
        return false;
    };
    model.chosen = true;
    if *step == model.selected {
        return false;
    }
    model.selected = *step;
    model.scroll = 0;
    true
}

fn turn_to(model: &mut Model, tab: Tab) -> bool {
    model.tab = tab;
    model.scroll = 0;
    true
}

fn page(model: &Model) -> isize {
    isize::try_from(layout::text_rows(model).saturating_sub(1).max(1)).unwrap_or(1)
}

fn scroll(model: &mut Model, by: isize) -> bool {
    let before = model.scroll;
    model.scroll = model.scroll.saturating_add_signed(by);
    clamp(model);
    model.scroll != before
}

/// The text never scrolls past its end.
fn clamp(model: &mut Model) {
    let last = model.text.len().saturating_sub(layout::text_rows(model));
    model.scroll = model.scroll.min(last);
}

fn on_prompt_key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) -> bool {
    use crossterm::event::KeyCode;
    match key.code {
        KeyCode::Esc => model.overlay = None,
        KeyCode::Enter => {
            if let Some(Overlay::Prompt { asking, input }) = model.overlay.take() {
                let value = input.value().trim().to_owned();
                if !value.is_empty() {
                    effects.push(match asking {
                        Asking::SavePath => Effect::Save(value),
                        Asking::Assume => Effect::Assume(value),
                        Asking::FixedPath => Effect::WriteFixed(value),
                    });
                }
            }
        }
        _ => {
            if let Some(Overlay::Prompt { input, .. }) = &mut model.overlay {
                input.handle_event(&Event::Key(key));
            }
        }
    }
    true
}

fn paste(model: &mut Model, text: &str) -> bool {
    let Some(Overlay::Prompt { input, .. }) = &mut model.overlay else {
        return false;
    };
    let line: String = text
        .chars()
        .filter(|character| !character.is_control())
        .take(4096)
        .collect();
    *input = Input::new(format!("{}{line}", input.value()));
    true
}
