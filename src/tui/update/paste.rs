//! A text that is pasted outside a field: what it is, and what can be done with it. Nothing is done unasked.

use crossterm::event::{KeyCode, KeyEvent};

use tui_input::Input;

use crate::case::auth_settings::AuthSettings;
use crate::case::recognize::{Recognized, recognize, settings_in};
use crate::case::secret::{Secret, without_tokens};
use crate::case::token::DecodedToken;
use crate::knowledge::{self, Explained, phrase};
use crate::tui::keys::binding::{Binding, row};
use crate::tui::keys::chord::key;
use crate::tui::keys::when::{When, only};
use crate::tui::model::Model;
use crate::tui::model::choices::Part;
use crate::tui::model::form::option_of;
use crate::tui::model::place::{Focus, Offer, Offered, Over, View};

use super::effect::Effect;

pub(crate) const KEYS: &[Binding] =
    &[row(&[key(KeyCode::Esc)], shows_pasted, |model, _| forget(model), "keys.forget").footer("word.forget", 12)];

/// No more of a text is looked up.
const MOST: usize = 20_000;

/// Says what a text is, and offers what can be done with it.
pub(super) fn paste(model: &mut Model, text: &str) -> bool {
    let text = settings_in(text).trim();
    offer(model, text, recognize(text))
}

/// Offers what can be done with a text that is known as this.
pub(super) fn offer(model: &mut Model, text: &str, recognized: Recognized) -> bool {
    let text = text.trim();
    // Where nothing can be checked, it can only be looked at.
    let option = option_of(&recognized).filter(|_| model.form.is_some());
    let uses = option.map(|option| (option, Secret::new(text.to_owned())));
    let can_be_used = uses.is_some();
    let is_text = matches!(recognized, Recognized::Text);
    let is_callers = matches!(recognized, Recognized::CallerVariables(_));
    let (said, does) = match recognized {
        Recognized::Token(token) => (phrase("paste.token").with("count", token.length), Some(Offered::Token(token))),
        Recognized::Guid | Recognized::ResourceId => {
            (phrase("paste.id"), Some(Offered::View(View::Who(text.to_owned()))))
        }
        Recognized::Log(count) => match known(text) {
            Some(view) => {
                let said = phrase("paste.log").with("count", count).when("several", count > 1);
                (said, Some(Offered::View(view)))
            }
            None => (phrase(if can_be_used { "paste.use-log" } else { "paste.unknown-log" }), None),
        },
        Recognized::Rows(count) => (phrase("paste.rows").with("count", count).when("several", count > 1), None),
        // A screen that never had a form opens nothing else.
        Recognized::Case if model.form.is_none() && model.left.is_none() => (phrase("paste.case"), None),
        Recognized::Case => (phrase("paste.open-case"), Some(Offered::Case(text.into()))),
        Recognized::Settings if can_be_used => (phrase("paste.use-settings"), None),
        // Where no other settings can be used, these are compared with the token.
        Recognized::Settings => {
            let settings = AuthSettings::from_bytes(text.as_bytes()).ok().filter(|_| model.target.shown().is_some());
            let key = if settings.is_some() { "paste.compare-settings" } else { "paste.settings" };
            (phrase(key), settings.map(|settings| Offered::Settings(Box::new(settings))))
        }
        Recognized::Variables(count) | Recognized::CallerVariables(count) => {
            let said = phrase(if can_be_used { "paste.use-variables" } else { "paste.variables" });
            let said = said.when("caller", is_callers);
            (said.with("count", count).when("several", count > 1), None)
        }
        Recognized::Url => match known(text) {
            Some(view) => (phrase("paste.known"), Some(Offered::View(view))),
            None => (phrase(if can_be_used { "paste.use-url" } else { "paste.url" }), None),
        },
        Recognized::Text => match known(text) {
            Some(view) => (phrase("paste.known"), Some(Offered::View(view))),
            None => (phrase("screen.pasted"), None),
        },
    };
    // What looks like an error but has no entry: where else to look.
    let notes = if is_text { looked_up(text).notes() } else { Vec::new() };
    let text = said.when("lab", model.bench.is_some()).text();
    let in_form = matches!(model.place.over, Some(Over::Form | Over::FormHelp(_) | Over::FormPlan(_)));
    let Some(does) = does.or(can_be_used.then_some(Offered::Use)) else {
        model.place.over = in_form.then_some(Over::Form);
        model.log.hint(if notes.is_empty() { text } else { notes.join("\n") });
        return true;
    };
    model.log.toast = None;
    model.place.over = Some(Over::Offer(Offer { text, does, uses, in_form }));
    true
}

/// Inserts a pasted text at the cursor of a field of one line, without what no line has, as far as it fits.
pub(super) fn insert(input: &mut Input, text: &str, most: usize) {
    let (before, at) = (input.value(), input.cursor());
    let room = most.saturating_sub(before.chars().count());
    let pasted: String = text.chars().filter(|character| !character.is_control()).take(room).collect();
    let cursor = at.saturating_add(pasted.chars().count());
    let (left, right): (String, String) = (before.chars().take(at).collect(), before.chars().skip(at).collect());
    *input = Input::new(left + &pasted + &right).with_cursor(cursor);
}

/// Whether a token is in a text, so that no field that shows its value may take it.
pub(super) fn has_token(text: &str) -> bool {
    without_tokens(text) != text
}

/// Whether the knowledge base has something of a text.
pub(super) fn is_known(text: &str) -> bool {
    known(text).is_some()
}

fn looked_up(text: &str) -> Explained {
    knowledge::explained(text.get(..text.floor_char_boundary(MOST)).unwrap_or_default())
}

/// The explanation of what the knowledge base has of a text.
fn known(text: &str) -> Option<View> {
    let found = looked_up(text);
    let is_known = !found.is_a_guess && !found.entries.is_empty();
    is_known.then(|| View::Explain(without_tokens(text)))
}

/// A key while something is offered: Enter does it, `u` uses it for the next check, and any other key only takes the
/// offer away.
pub(super) fn on_key(model: &mut Model, pressed: KeyEvent, effects: &mut Vec<Effect>) -> bool {
    let Some(Over::Offer(offer)) = model.place.over.take() else {
        return false;
    };
    let is_use = matches!((pressed.code, &offer.does), (KeyCode::Char('u'), _) | (KeyCode::Enter, Offered::Use));
    if let Some((option, text)) = offer.uses.filter(|_| is_use) {
        return fill(model, option, text.expose(), effects);
    }
    if pressed.code != KeyCode::Enter {
        model.place.over = offer.in_form.then_some(Over::Form);
        return true;
    }
    model.place.focus = Focus::Pane;
    match offer.does {
        Offered::Token(token) => decode(model, *token),
        Offered::Settings(settings) => compare(model, *settings),
        Offered::View(view) => model.place.open(view),
        Offered::Use => {}
        Offered::Case(text) => effects.push(Effect::OpenText(text)),
    }
    true
}

/// Opens the form with this text in a field. Nothing is sent before the person checks.
fn fill(model: &mut Model, option: &str, text: &str, effects: &mut Vec<Effect>) -> bool {
    let Some(form) = &mut model.form else { return false };
    // What was given for another app isn't used for this one: a token for it would be sent here.
    let is_other = option == "target" && form.has_other_host(text) && form.forget_app_2();
    if let Some(at) = form.fields.iter().position(|field| field.name == option) {
        form.give(at, text);
    }
    effects.push(Effect::Plan(form.draft()));
    model.place.over = Some(Over::Form);
    if is_other {
        model.log.hint(phrase("paste.other-app").text());
    }
    true
}

pub(super) fn decode(model: &mut Model, token: DecodedToken) {
    model.pasted.token = Some(token);
    model.target.generation += 1;
    model.place.choices.part = Part::Claims;
    model.place.show(View::Token);
}

fn compare(model: &mut Model, settings: AuthSettings) {
    model.pasted.settings = Some(settings);
    model.target.generation += 1;
    model.place.cursors.remove(&View::Policy);
    model.place.show(View::Policy);
}

/// Where something that was pasted is shown.
fn shows_pasted(model: &Model) -> When {
    let is_there = match model.place.view() {
        View::Token => model.pasted.token.is_some(),
        View::Policy => model.pasted.settings.is_some(),
        _ => false,
    };
    only(is_there, "why.nothing-open")
}

/// Takes what is shown of what was pasted away.
fn forget(model: &mut Model) -> bool {
    match model.place.view() {
        View::Token => model.pasted.token = None,
        _ => model.pasted.settings = None,
    }
    // What decides is selected again.
    let view = model.place.view().clone();
    model.place.cursors.remove(&view);
    model.target.generation += 1;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_goes_to_the_cursor_as_far_as_it_fits() {
        let mut input = Input::new("ad".to_owned()).with_cursor(1);
        insert(&mut input, "b\n\u{1b}c", 10);
        assert_eq!((input.value(), input.cursor()), ("abcd", 3));
        insert(&mut input, &"👩‍💻".repeat(10_000), 10);
        assert_eq!((input.value().chars().count(), input.cursor()), (10, 9));
        insert(&mut input, "no more", 10);
        assert_eq!(input.value().chars().last(), Some('d'));
    }
}
