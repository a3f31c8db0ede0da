//! Keys in the form: from field to field, values, and the ways on.

#[cfg(test)]
mod tests;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::case::recognize::{Recognized, recognize, settings_in};
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::tui::desk::Refused;
use crate::tui::keys::{Chord, chord};
use crate::tui::model::Model;
use crate::tui::model::form::{At, Field, Form, Kind, Plan};
use crate::tui::model::place::{Asking, Over, View};
use crate::tui::model::target::{Run, Watch};

use super::effect::Effect;
use super::paste;

/// No longer text is pasted into a line: no URL, path, or ID is that long.
const LONGEST: usize = 4_096;

/// The same of a field that hides its value: a header can have a token.
const LONGEST_HIDDEN: usize = 16_384;

/// The field that says whether to ask before a call is sent that can change data.
const CONFIRMED: &str = "yes";

/// The field of App 2's log.
const LOG: &str = "target-log";

/// What the numbers of Microsoft Entra's errors begin with. App 2's log has none.
const ENTRA_ERROR: &str = "AADSTS";

/// Shows the form.
pub(super) fn open(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let Some(form) = &model.form else { return false };
    effects.push(Effect::Plan(form.draft()));
    model.place.over = Some(Over::Form);
    true
}

/// A key in the form, and whether the key before it asked whether to go on: to quit, or to send what can change data.
pub(super) fn on_key(
    model: &mut Model,
    key: KeyEvent,
    (asked_to_stop, asked_to_send): (bool, bool),
    effects: &mut Vec<Effect>,
) -> bool {
    let is_first = model.form_is_first();
    let Some(form) = &mut model.form else {
        model.place.over = None;
        return true;
    };
    match key.code {
        KeyCode::Esc if is_first && form.is_changed() && !asked_to_stop => {
            model.place.stop_asked = true;
            model.log.hint(phrase("form.discard").text());
        }
        KeyCode::Esc if is_first => effects.push(Effect::Quit),
        KeyCode::Esc => {
            model.place.over = None;
            if let Some(step) = model.stale() {
                model.log.hint(phrase("form.stale").with("number", step.number()).text());
            }
        }
        _ if is_control(key, 'r') => _ = submit(model, effects),
        KeyCode::Enter if asked_to_send => {
            let confirmation = form.fields.iter_mut().find(|field| field.name == CONFIRMED);
            confirmation.into_iter().for_each(|field| field.input = Input::new("no".to_owned()));
            submit(model, effects);
        }
        KeyCode::Enter => enter(model, effects),
        KeyCode::Tab | KeyCode::Down => go(form, true, effects),
        KeyCode::BackTab | KeyCode::Up => go(form, false, effects),
        KeyCode::Right | KeyCode::Left if !matches!(form.at, At::Field(_) | At::More) => {
            go(form, key.code == KeyCode::Right, effects);
        }
        KeyCode::F(1) => model.place.over = Some(Over::FormHelp(0)),
        KeyCode::F(2) => {
            form.fields.iter_mut().for_each(Field::settle);
            if form.select_error() {
                model.log.hint(phrase("form.correct").text());
            } else {
                effects.push(Effect::ShowPlan(form.draft()));
            }
        }
        KeyCode::F(3) => show_pasted(model),
        KeyCode::Char(' ') if form.at == At::More => form.more = !form.more,
        // What was pasted can't be typed again: one key doesn't throw it away.
        _ if form.field().is_some_and(|field| field.pasted.is_some()) && !is_control(key, 'u') => {
            model.log.hint(phrase("why.pasted").text());
        }
        _ => {
            let before = form.draft();
            edit(form, key);
            // What is said of the check stays true.
            let draft = form.draft();
            if draft != before {
                effects.push(Effect::Plan(draft));
            } else if let KeyCode::Char(_) = key.code
                && form.field().is_none_or(|field| matches!(field.kind, Kind::Choice(_)))
            {
                let name = visible(&Chord::of(key).name(model.looks.ascii));
                model.log.hint(phrase("form.unknown-key").with("key", name).text());
            }
        }
    }
    true
}

/// Shows the token that was pasted into the selected field.
fn show_pasted(model: &mut Model) {
    let token = model.form.as_ref().and_then(Form::pasted_token);
    match token {
        Some(token) => {
            model.place.over = None;
            paste::decode(model, token);
        }
        None => model.log.hint(phrase("why.no-pasted-token").text()),
    }
}

/// The next or the previous stop, round and round; the field that is left is checked.
fn go(form: &mut Form, forward: bool, effects: &mut Vec<Effect>) {
    if let Some(field) = form.field_mut() {
        field.settle();
    }
    let stops = form.stops();
    let here = stops.iter().position(|stop| *stop == form.at).unwrap_or(0);
    let next = if forward { here + 1 } else { here + stops.len().saturating_sub(1) };
    if let Some(stop) = stops.get(next % stops.len().max(1)) {
        form.at = *stop;
    }
    effects.push(Effect::Plan(form.draft()));
}

fn is_control(key: KeyEvent, letter: char) -> bool {
    key.code == KeyCode::Char(letter) && key.modifiers.contains(KeyModifiers::CONTROL)
}

fn edit(form: &mut Form, key: KeyEvent) {
    let Some(field) = form.field_mut() else { return };
    if let Kind::Choice(choices) = &field.kind {
        let here = choices.iter().position(|choice| choice == field.input.value()).unwrap_or(0);
        let next = match key.code {
            KeyCode::Left => here + choices.len().saturating_sub(1),
            KeyCode::Right | KeyCode::Char(' ') => here + 1,
            _ => return,
        };
        let chosen = choices.get(next % choices.len().max(1)).cloned();
        field.input = Input::new(chosen.unwrap_or_default());
        field.error = None;
        return;
    }
    if field.pasted.is_some() {
        if is_control(key, 'u') {
            (field.pasted, field.error) = (None, None);
        }
        return;
    }
    let before = field.input.value().to_owned();
    field.input.handle_event(&Event::Key(key));
    // A reason that is shown goes when it no longer holds.
    if field.input.value() != before && field.error.is_some() {
        field.validate();
    }
}

/// A pasted text goes to the field that takes it as it is, or to the cursor of the selected field. What would replace
/// another pasted text, or lose its line breaks, is only offered.
pub(super) fn paste(model: &mut Model, text: &str, effects: &mut Vec<Effect>) -> bool {
    let Some(form) = &mut model.form else { return false };
    let text = settings_in(text);
    let known = recognize(text.trim());
    // An error in words is no name of a file, no URL, and no ID.
    let is_words = known == Recognized::Text && text.trim().contains(char::is_whitespace) && paste::is_known(text);
    let log = form.fields.iter().position(|field| field.name == LOG);
    let log = log.filter(|at| is_words && form.at == At::Field(*at));
    let taker = form.taker(text, &known).or(log);
    // An error that is known may be pasted to be explained: it is used only when asked.
    let is_elsewhere = |at: &usize| form.at != At::Field(*at);
    let is_error = text.contains(ENTRA_ERROR) && taker.as_ref().is_some_and(is_elsewhere);
    let holds_other = |field: &Field| field.pasted.is_some() || is_error;
    if let Some(at) = taker.filter(|at| !form.fields.get(*at).is_some_and(holds_other)) {
        form.give(at, text);
        effects.push(Effect::Plan(form.draft()));
        return true;
    }
    // A field that hides its value may take a token.
    let shows_token = form.field().is_some_and(|field| field.kind != Kind::Hidden) && paste::has_token(text);
    if taker.is_some() || text.trim().contains('\n') || shows_token || form.field().is_some_and(holds_other) {
        let is_of_lines = known == Recognized::Text && form.field().is_some_and(|field| !field.takes_text);
        if is_of_lines && taker.is_none() && !shows_token && !paste::is_known(text) {
            model.log.hint(phrase("why.one-line").text());
            return true;
        }
        return paste::offer(model, text, known);
    }
    let hides = |field: &Field| field.kind == Kind::Hidden;
    let Some(field) = form.field_mut().filter(|field| !is_words || hides(field)) else {
        return paste::offer(model, text, known);
    };
    if matches!(field.kind, Kind::Choice(_)) {
        return paste::offer(model, text, known);
    }
    let most = if field.kind == Kind::Hidden { LONGEST_HIDDEN } else { LONGEST };
    let room = most.saturating_sub(field.input.value().chars().count());
    if text.trim().chars().nth(room).is_some() {
        model.log.hint(phrase("why.too-long").with("count", most).text());
        return true;
    }
    paste::insert(&mut field.input, text, most);
    // What a slow line brings at once may be typed: more can follow.
    field.validate();
    effects.push(Effect::Plan(form.draft()));
    true
}

fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = &mut model.form else { return };
    match form.at {
        At::Field(_) | At::Check => _ = submit(model, effects),
        At::SetUp => set_up(model, effects),
        At::More => form.more = !form.more,
        At::Lab => effects.push(Effect::Lab),
        At::Open => {
            model.place.ask(Asking::Case, "");
        }
    }
}

/// Checks how far a new pair is; without App 2's URL, shows what there is to do.
fn set_up(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.form.as_ref().is_some_and(Form::has_target) {
        submit(model, effects);
        return;
    }
    model.place.over = None;
    model.place.step = StepId::Identity;
    model.place.show(View::SetUp(StepId::Identity));
}

/// Checks with the values of the form; one that can't be used is shown there. Says whether they are sent. A change of
/// one value can change what any step asks, so that everything is checked: the same values have the same answer.
pub(super) fn submit(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let Some(form) = &mut model.form else { return false };
    form.sets_up = form.at == At::SetUp;
    form.fields.iter_mut().for_each(Field::settle);
    if form.select_error() {
        model.place.over = Some(Over::Form);
        model.log.hint(phrase("form.correct").text());
        return false;
    }
    effects.push(Effect::CheckForm(form.draft()));
    true
}

/// Shows why what was filled in can't be used, at its field.
pub(super) fn refuse(model: &mut Model, refused: Refused) -> bool {
    let Some(form) = &mut model.form else { return false };
    if refused.field == Some(CONFIRMED) {
        // To ask is what this field says; the same key once more is the answer.
        model.place.repeat_asked = Some(chord::key(KeyCode::Enter));
        model.log.hint(phrase("form.confirm").text());
    }
    let named = refused.field.and_then(|name| form.fields.iter().position(|field| field.name == name));
    let here = match form.at {
        At::Field(at) => at,
        _ => 0,
    };
    let at = named.unwrap_or(here);
    form.select(at);
    // What is asked before the first check is answered here, and that check is repeated if it was to be.
    let is_first = model.target.run == Run::Never;
    if matches!(model.target.watch, Watch::Looking(_)) && !model.target.is_running() && !is_first {
        // The check that was to be repeated can't be made.
        model.target.watch = Watch::Off;
        model.place.over = Some(Over::Form);
    }
    if let Some(field) = form.field_mut() {
        field.error = Some(refused.reason);
    }
    true
}

/// What would be sent; `None` while that isn't known.
pub(super) fn plan(model: &mut Model, plan: Option<Plan>) -> bool {
    let Some(form) = model.form.as_mut().filter(|form| form.plan != plan) else {
        return false;
    };
    form.plan = plan;
    true
}
