//! A line to fill in: it keeps its text until it is accepted, and shows the whole reason where it isn't.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::case::assume::Assumption;
use crate::knowledge::phrase;
use crate::tui::model::Model;
use crate::tui::model::place::{Asking, Over, Prompt, View};
use crate::tui::model::target::Run;

use super::effect::Effect;
use super::{bench, moves, paste, save, suppose};

/// No more of a pasted text is taken.
const LONGEST: usize = 4_096;

pub(super) fn close(model: &mut Model) {
    if matches!(model.place.over, Some(Over::Prompt(_))) {
        model.place.over = None;
    }
}

fn prompt(model: &mut Model) -> Option<&mut Prompt> {
    match &mut model.place.over {
        Some(Over::Prompt(prompt)) => Some(prompt),
        Some(Over::Help(_) | Over::FormHelp(_) | Over::FormPlan(_) | Over::Offer(_) | Over::Form) | None => None,
    }
}

/// Shows why what was typed can't be used. Says whether there is a prompt to show it in.
pub(super) fn refuse(model: &mut Model, reason: String) -> bool {
    let Some(prompt) = prompt(model) else { return false };
    prompt.error = Some(reason);
    prompt.sent = false;
    true
}

/// A free name for the file, unless the person has typed another one already.
pub(super) fn propose(model: &mut Model, name: String) -> bool {
    let proposal = save::file_name(model);
    let is_untouched = |prompt: &&mut Prompt| match prompt.asking {
        Asking::SavePath => prompt.input.value() == proposal,
        Asking::ListPath => prompt.input.value() == save::LIST,
        Asking::FixedPath => prompt.input.value() == save::FIXED,
        _ => false,
    };
    let Some(prompt) = prompt(model).filter(is_untouched) else {
        return false;
    };
    prompt.input = Input::new(name);
    true
}

/// Pasted text goes to the cursor of a prompt; anywhere else it presses no key.
pub(super) fn paste(model: &mut Model, text: &str) -> bool {
    let is_for_lab = *model.place.view() == View::Lab || model.bench.is_some() && bench::is_command(text);
    if model.place.over.is_none() && is_for_lab {
        bench::to_lab(model);
        model.place.ask(Asking::Command, "");
    }
    let Some(prompt) = prompt(model) else {
        return paste::paste(model, text);
    };
    let has_token = paste::has_token(text);
    // A command that was refused makes way for the next one, as in a shell, and so does what was only proposed.
    if std::mem::take(&mut prompt.refused) || std::mem::take(&mut prompt.proposed) && !has_token {
        prompt.input.reset();
    }
    let joined = (prompt.asking == Asking::Command).then(|| bench::in_one_row(text));
    let text = joined.as_deref().unwrap_or(text);
    // What is entered here is shown, kept in a list, or becomes a file's name.
    prompt.error = match joined.as_deref() {
        _ if has_token => Some(phrase("paste.token-refused").text()),
        Some("") => Some(phrase("prompt.no-command").text()),
        _ => None,
    };
    if !has_token {
        paste::insert(&mut prompt.input, text, LONGEST);
    }
    true
}

pub(super) fn on_key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) -> bool {
    let is_first = model.target.run == Run::Never;
    let Some(prompt) = prompt(model) else { return false };
    match key.code {
        // The form asks for a case to open.
        KeyCode::Esc => {
            let in_form = is_first && prompt.asking == Asking::Case;
            model.place.over = in_form.then_some(Over::Form);
        }
        KeyCode::Enter => {
            let (asking, value) = (prompt.asking, prompt.input.value().trim().to_owned());
            enter(model, asking, &value, effects);
        }
        _ => {
            let before = prompt.input.value().to_owned();
            let is_typed = matches!(key.code, KeyCode::Char(_)) && !key.modifiers.contains(KeyModifiers::CONTROL);
            let is_deleted = matches!(key.code, KeyCode::Backspace | KeyCode::Delete);
            if std::mem::take(&mut prompt.proposed) && (is_typed || is_deleted) {
                prompt.input.reset();
            }
            prompt.input.handle_event(&Event::Key(key));
            if prompt.input.value() != before {
                (prompt.error, prompt.refused) = (None, false);
            }
        }
    }
    true
}

fn enter(model: &mut Model, asking: Asking, value: &str, effects: &mut Vec<Effect>) {
    if value.is_empty() && !matches!(asking, Asking::Search | Asking::Filter) {
        refuse(model, phrase("prompt.empty").text());
        return;
    }
    match asking {
        Asking::Case => send(model, Effect::Open(value.to_owned()), effects),
        Asking::SavePath => send(model, Effect::Save(value.to_owned()), effects),
        Asking::FixedPath => send(model, Effect::WriteFixed(value.to_owned()), effects),
        Asking::Command => {
            let effect = bench::run(model, value);
            send(model, effect, effects);
        }
        Asking::ListPath => send(model, Effect::WriteList(value.to_owned()), effects),
        Asking::WhatIf => what_if(model, value),
        Asking::Filter => {
            close(model);
            model.place.choices.filter = (!value.is_empty()).then(|| value.to_owned());
        }
        Asking::Search => {
            close(model);
            model.place.search = (!value.is_empty()).then(|| value.to_owned());
            moves::search(model, true, true);
        }
    }
}

/// Sends the effect once; the prompt closes with its answer.
fn send(model: &mut Model, effect: Effect, effects: &mut Vec<Effect>) {
    if let Some(prompt) = prompt(model).filter(|prompt| !prompt.sent) {
        prompt.sent = true;
        prompt.error = None;
        effects.push(effect);
    }
}

fn what_if(model: &mut Model, change: &str) {
    // Who types the whole change behind the proposed beginning means that change.
    let typed = change.strip_prefix(suppose::BEGINNING).filter(|typed| Assumption::parse(typed).is_ok());
    let change = typed.unwrap_or(change);
    match suppose::suppose(model, change) {
        Ok(()) => close(model),
        Err(error) => {
            refuse(model, error.to_string());
        }
    }
}
