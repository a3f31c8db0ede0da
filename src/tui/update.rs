//! The one place where the state changes: a message in, effects out.

mod act;
mod effect;
mod evidence;
mod moves;
mod open;
mod paste;
mod prompt;
mod session;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use crossterm::event::{KeyEvent, KeyEventKind};

use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::session as checks;

use super::keys::{self, Action, Chord, Meaning};
use super::model::Model;
use super::model::place::Over;
use super::page;
pub use effect::Effect;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key.
    Key(KeyEvent),
    /// Text that was pasted, with brackets around it or in a burst of keys.
    Paste(String),
    /// The screen has another size.
    Resized(u16, u16),
    /// The check reports something.
    Session(checks::Event),
    /// The time.
    Tick(DateTime<Utc>),
    /// A check of a target begins.
    Checking {
        /// What the title says of it.
        title: String,
    },
    /// What was typed last can't be used, for this reason.
    Refused(String),
    /// This name of a file is free.
    FreeName(String),
    /// A case was saved under this name, or not, for this reason.
    Saved(Result<String, String>),
    /// App 2's settings were written, and what there is to say of it; or not, for this reason.
    Written(Result<String, String>),
    /// Something was sent to the clipboard, and what there is to say of it; or not, for this reason.
    Copied(Result<String, String>),
}

/// Takes a message in. Says what is to be done, and whether the screen changed.
pub fn update(model: &mut Model, message: Message) -> (Vec<Effect>, bool) {
    let mut effects = Vec::new();
    let changed = match message {
        Message::Key(key) if key.kind == KeyEventKind::Release => false,
        Message::Key(key) => on_key(model, key, &mut effects),
        Message::Paste(text) => prompt::paste(model, &text),
        Message::Resized(columns, rows) => {
            model.size = (columns, rows);
            true
        }
        Message::Session(event) => session::take(model, event),
        Message::Tick(now) => tick(model, now),
        Message::Checking { title } => {
            model.title = title;
            prompt::close(model);
            model.target.start(StepId::Identity, model.now);
            true
        }
        Message::Refused(reason) => refuse(model, reason),
        Message::FreeName(name) => prompt::propose(model, name),
        Message::Saved(Ok(path)) => {
            prompt::close(model);
            say(model, phrase("screen.saved").with("file", path).text())
        }
        Message::Written(Ok(said)) => {
            prompt::close(model);
            say(model, said)
        }
        Message::Saved(Err(reason)) | Message::Written(Err(reason)) => refuse(model, reason),
        Message::Copied(Ok(said) | Err(said)) => say(model, said),
    };
    let is_new = page::refresh(model);
    if changed || is_new {
        moves::settle(model);
    }
    page::refresh_detail(model);
    (effects, changed)
}

fn say(model: &mut Model, text: String) -> bool {
    model.log.say(model.now, text);
    true
}

/// Says why not: in the prompt that asked, where it is still open.
fn refuse(model: &mut Model, reason: String) -> bool {
    if !prompt::refuse(model, reason.clone()) {
        say(model, reason);
    }
    true
}

/// Time changes the screen only while something is under way: once a turn of the spinner.
fn tick(model: &mut Model, now: DateTime<Utc>) -> bool {
    let before = std::mem::replace(&mut model.now, now);
    if !model.moves() {
        return false;
    }
    let since = model.target.since().unwrap_or(before);
    let turn = |at: DateTime<Utc>| model.looks.spinner((at - since).num_milliseconds());
    turn(before) != turn(now) || before.timestamp() != now.timestamp()
}

fn on_key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) -> bool {
    let had_toast = model.log.toast.take().is_some();
    let asked_to_stop = std::mem::take(&mut model.place.stop_asked);
    let meaning = keys::meaning(model, key);
    let is_over = match meaning {
        Meaning::Does(binding) => !matches!(binding.action, Action::Interrupt | Action::Suspend | Action::Redraw),
        Meaning::Nothing(_) | Meaning::Unknown => true,
    };
    match &model.place.over {
        Some(Over::Prompt(_)) if is_over => return prompt::on_key(model, key, effects),
        Some(Over::Help(top)) if is_over => {
            let top = *top;
            return act::in_help(model, top, key);
        }
        Some(Over::Offer(_)) if is_over => return paste::on_key(model, key),
        _ => {}
    }
    match meaning {
        Meaning::Does(binding) => act::act(model, binding.action, key, asked_to_stop, effects) || had_toast,
        Meaning::Nothing(why) => {
            model.log.hint(phrase(why).text());
            true
        }
        Meaning::Unknown => {
            let name = visible(&Chord::of(key).name(model.looks.ascii));
            model.log.hint(phrase("screen.unknown-key").with("key", name).text());
            true
        }
    }
}
