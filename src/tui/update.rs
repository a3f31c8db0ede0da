//! The one place where the state changes: a message in, effects out.

mod begin;
pub(super) mod bench;
pub(super) mod copy;
mod effect;
pub(super) mod evidence;
mod form;
pub(super) mod moves;
pub(super) mod open;
pub(super) mod paste;
pub(super) mod program;
mod prompt;
pub(super) mod save;
mod session;
pub(super) mod suppose;
pub(super) mod targets;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_answers;
#[cfg(test)]
mod tests_of_former;
#[cfg(test)]
mod tests_of_messages;
#[cfg(test)]
mod tests_of_newcomers;
#[cfg(test)]
mod tests_of_repeats;
#[cfg(test)]
mod tests_of_ways;
pub(super) mod watch;

use std::fmt::Display;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::Report;
use crate::session as checks;

use super::bench::Done;
use super::desk::{AnyError, Refused};
use super::files::FileError;
use super::keys::binding::Press;
use super::keys::{self, Chord, Meaning};
use super::model::Model;
use super::model::form::Plan;
use super::model::place::{Over, View};
use super::model::target::{Run, Watch};
use super::page;
use super::terminal::clipboard::CopyError;
use super::view::help;
pub use effect::Effect;

/// Something that happened.
#[derive(Debug)]
pub enum Message {
    /// A key.
    Key(KeyEvent),
    /// Text that was pasted, with brackets around it or in a burst of keys.
    Paste(String),
    /// The screen has another size.
    Resized(u16, u16),
    /// The check reports something.
    Session(checks::Event),
    /// The check of the target with this number reports something.
    Target(usize, checks::Event),
    /// The time.
    Tick(DateTime<Utc>),
    /// A check of a target begins.
    Checking {
        /// What the title says of it.
        title: String,
    },
    /// What was filled in can't be used.
    Refused(Refused),
    /// What a check would send, where that is known.
    Planned(Option<Plan>),
    /// What a check would send, which was asked for.
    Requests(Plan),
    /// A saved case was opened, and what the title says of it; or not, for this reason.
    Opened(Result<(String, Arc<Report>), AnyError>),
    /// This name of a file is free.
    FreeName(String),
    /// A case was saved under this name, or not, for this reason.
    Saved(Result<String, FileError>),
    /// App 2's settings were written, and what there is to say of it; or not, for this reason.
    Written(Result<String, FileError>),
    /// What came of a request to the lab.
    Bench(Box<Done>),
    /// The list of stages was written under this name, or not, for this reason.
    Listed(Result<String, FileError>),
    /// Something was sent to the clipboard, and what there is to say of it; or not, for this reason.
    Copied(Result<String, CopyError>),
}

/// Takes a message in. Says what is to be done, and whether the screen changed.
pub fn update(model: &mut Model, message: Message) -> (Vec<Effect>, bool) {
    let mut effects = Vec::new();
    let changed = match message {
        Message::Key(key) if key.kind == KeyEventKind::Release => false,
        Message::Key(key) => on_key(model, key, &mut effects),
        Message::Paste(text) => {
            // As after a key, nothing that was asked before waits any more.
            let had_toast = model.log.toast.take().is_some();
            (model.place.stop_asked, model.place.repeat_asked) = (false, None);
            let is_done = match model.place.over {
                Some(Over::Form) => form::paste(model, &text, &mut effects),
                _ => prompt::paste(model, &text),
            };
            is_done || had_toast
        }
        Message::Resized(columns, rows) => {
            model.size = (columns, rows);
            // A page that fits again is shown from its beginning; the selected row stays in sight.
            for cursor in model.place.cursors.values_mut() {
                (cursor.top, cursor.skipped) = (0, 0);
            }
            true
        }
        Message::Session(event) => session::take(model, event),
        Message::Target(at, event) => targets::take(model, at, event),
        Message::Tick(now) => tick(model, now, &mut effects),
        Message::Checking { title } => {
            checking(model, title);
            true
        }
        Message::Refused(refused) => form::refuse(model, refused),
        Message::Planned(plan) => form::plan(model, plan),
        Message::Requests(plan) => {
            model.place.over = Some(Over::FormPlan(0));
            form::plan(model, Some(plan));
            true
        }
        Message::Opened(Ok((title, report))) => {
            let left = model.form.take().or(model.left.take());
            let program = model.program.take();
            *model = Model { left, now: model.now, program, ..Model::saved(title, model.looks, model.size, report) };
            true
        }
        Message::Opened(Err(error)) => refuse(model, &error),
        Message::FreeName(name) => prompt::propose(model, name),
        Message::Saved(Ok(path)) => {
            prompt::close(model);
            let said = phrase("screen.saved").with("file", path).text();
            let is_stale = model.stale().is_some();
            say(model, if is_stale { phrase("form.stale-saved").with("said", said).text() } else { said })
        }
        Message::Written(Ok(said)) => {
            prompt::close(model);
            say(model, said)
        }
        // The screen has left the lab.
        Message::Bench(_) if matches!(model.place.over, Some(Over::Form)) && model.target.run == Run::Never => false,
        Message::Bench(done) => bench::take(model, *done, &mut effects),
        Message::Listed(Ok(path)) => {
            prompt::close(model);
            say(model, phrase("list.saved").with("file", path).text())
        }
        Message::Saved(Err(error)) | Message::Written(Err(error)) | Message::Listed(Err(error)) => {
            refuse(model, &error)
        }
        // What was copied can be copied again: nobody looks it up among the messages.
        Message::Copied(Ok(said)) => {
            model.log.hint(said);
            true
        }
        Message::Copied(Err(error)) => say(model, error.to_string()),
    };
    let is_new = page::refresh(model);
    if changed || is_new {
        moves::settle(model);
    }
    // What is selected in the table is what every key is about.
    if model.follow_cursor() {
        page::refresh(model);
        moves::settle(model);
    }
    // What is shown of the selected item may need more rows than that of the one before.
    if page::refresh_detail(model) {
        moves::settle(model);
    }
    (effects, changed)
}

/// A check begins; of another target, nothing that was known before is kept.
fn checking(model: &mut Model, title: String) {
    if model.title != title {
        (model.target.observed, model.target.before) = (None, None);
        model.target.history.clear();
        model.title = title;
    }
    let is_repeated = matches!(model.target.watch, Watch::Looking(_)) && !model.target.is_running();
    if !is_repeated {
        model.target.watch = Watch::Off;
    }
    model.target.earlier = None;
    model.place.over = None;
    model.place.following = true;
    model.place.show(View::Cause);
    if let Some(form) = &mut model.form {
        form.check();
        if form.sets_up {
            model.place.step = StepId::Identity;
            model.place.show(View::SetUp(StepId::Identity));
        }
    }
    begin::start(model, StepId::Identity);
}

fn say(model: &mut Model, text: String) -> bool {
    model.log.say(model.now, text);
    true
}

/// Says why not: in the prompt that asked, where it is still open.
fn refuse(model: &mut Model, error: &impl Display) -> bool {
    let reason = error.to_string();
    model.log.keep(model.now, reason.clone());
    if !prompt::refuse(model, reason.clone()) {
        model.log.hint(reason);
    }
    true
}

/// Time changes the screen only while something is under way: once a turn of the spinner.
fn tick(model: &mut Model, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> bool {
    let before = std::mem::replace(&mut model.now, now);
    if !model.moves() {
        return false;
    }
    if targets::due(model, effects) | watch::due(model, effects) {
        return true;
    }
    let since = model.all_targets().filter_map(|(_, target)| target.since()).min().unwrap_or(before);
    let turn = |at: DateTime<Utc>| model.looks.spinner((at - since).num_milliseconds());
    turn(before) != turn(now) || before.timestamp() != now.timestamp()
}

fn on_key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) -> bool {
    let had_toast = model.log.toast.take().is_some();
    let asked_to_stop = std::mem::take(&mut model.place.stop_asked);
    // What was agreed to belongs to the key that asked, and ends with any other.
    let asked_to_repeat = model.place.repeat_asked.take() == Some(Chord::of(key));
    let meaning = keys::meaning(model, key);
    let is_over = match meaning {
        Meaning::Does(binding) => !binding.is_for_all,
        Meaning::Nothing(_) | Meaning::Unknown => true,
    };
    match &model.place.over {
        Some(Over::Prompt(_)) if is_over => return prompt::on_key(model, key, effects),
        Some(Over::Form) if is_over => return form::on_key(model, key, (asked_to_stop, asked_to_repeat), effects),
        Some(Over::Help(top) | Over::FormHelp(top) | Over::FormPlan(top)) if is_over => {
            let top = *top;
            return in_help(model, top, key, effects);
        }
        Some(Over::Offer(_)) if is_over => return paste::on_key(model, key, effects),
        _ => {}
    }
    match meaning {
        Meaning::Does(binding) => {
            let is_done = (binding.act)(model, &mut Press { key, asked_to_stop, asked_to_repeat, effects })
                || !effects.is_empty();
            // What can't go on says so, as does every other key that does nothing.
            if !is_done && let Some(why) = binding.no_effect {
                model.log.hint(phrase(why).text());
                return true;
            }
            is_done || had_toast
        }
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

/// A key while the help or the list of requests is open: it scrolls, and everything else closes it.
fn in_help(model: &mut Model, top: usize, key: KeyEvent, effects: &mut Vec<Effect>) -> bool {
    if matches!(model.place.over, Some(Over::FormPlan(_))) && key.code == KeyCode::Char('P') {
        let plan = model.form.as_ref().and_then(|form| form.plan.as_ref());
        effects.extend(plan.map(|plan| Effect::Plain(model.looks.text(&plan.whole))));
        return true;
    }
    let (rows, height) = help::size(model);
    let last = rows.saturating_sub(height);
    let page = height.max(1);
    let does = match keys::meaning(model, key) {
        Meaning::Does(binding) => binding.help,
        Meaning::Nothing(_) | Meaning::Unknown => "",
    };
    let top = match does {
        "keys.up" => Some(top.saturating_sub(1)),
        "keys.down" => Some(top + 1),
        "keys.page-up" => Some(top.saturating_sub(page)),
        "keys.page-down" | "keys.space" => Some(top + page),
        "keys.first" => Some(0),
        "keys.last" => Some(last),
        _ => None,
    };
    let top = top.map(|top| top.min(last));
    model.place.over = match (model.place.over.take(), top) {
        (Some(Over::FormHelp(_)), Some(top)) => Some(Over::FormHelp(top)),
        (Some(Over::FormPlan(_)), Some(top)) => Some(Over::FormPlan(top)),
        (Some(Over::FormHelp(_) | Over::FormPlan(_)), None) => Some(Over::Form),
        (_, top) => top.map(Over::Help),
    };
    true
}
