//! What keys do in the views of the evidence.

#[cfg(test)]
mod tests;

use crate::tui::keys::binding::{Binding, row};
use crate::tui::keys::chord::letter;
use crate::tui::keys::when::{When, has_answer, only};
use crate::tui::model::Model;
use crate::tui::model::choices::Part;
use crate::tui::model::place::{Asking, View};

use super::suppose;

pub(crate) const KEYS: &[Binding] = &[
    row(&[letter(' ')], can_suppose, |model, _| assume(model), "keys.suppose").footer("word.try", 7),
    row(&[letter('/')], shows_requests, |model, _| filter(model), "keys.filter").footer("word.filter", 22),
    row(&[letter('f')], shows_requests, |model, _| only_step(model), "keys.only-step").footer("word.only-step", 24),
    row(&[letter('O')], shows_requests, |model, _| order(model), "keys.order").footer("word.order", 23),
    row(&[letter('h')], shows_header, |model, _| part(model, Part::Claims), "keys.claims").footer("word.claims", 22),
    row(&[letter('v')], shows_raw, |model, _| part(model, Part::Claims), "keys.claims-of-raw")
        .footer("word.claims", 22),
    row(&[letter('h')], shows_token, |model, _| part(model, Part::Header), "keys.header").footer("word.header", 22),
    row(&[letter('v')], shows_token, |model, _| part(model, Part::Raw), "keys.raw").footer("word.raw", 23),
];

/// On a rule or a change that can be evaluated, once a check is over.
fn can_suppose(model: &Model) -> When {
    if *model.place.view() != View::Policy {
        return Err("why.not-policy");
    }
    has_answer(model)?;
    only(model.item().is_some_and(|item| item.change.is_some()), "why.no-change-of-rule")
}

fn shows_requests(model: &Model) -> When {
    only(*model.place.view() == View::Requests, "why.not-requests")
}

fn shows_token(model: &Model) -> When {
    let report = model.target.shown();
    let has_one = model.pasted.token.is_some() || report.is_some_and(|report| report.token().is_some());
    only(*model.place.view() == View::Token && has_one, "why.not-token")
}

fn filter(model: &mut Model) -> bool {
    let filter = model.place.choices.filter.clone().unwrap_or_default();
    model.place.ask(Asking::Filter, &filter)
}

fn only_step(model: &mut Model) -> bool {
    model.place.choices.only_step = !model.place.choices.only_step;
    true
}

fn order(model: &mut Model) -> bool {
    model.place.choices.order = model.place.choices.order.next();
    true
}

fn shows_header(model: &Model) -> When {
    only(shows_token(model).is_ok() && model.place.choices.part == Part::Header, "why.not-token")
}

fn shows_raw(model: &Model) -> When {
    only(shows_token(model).is_ok() && model.place.choices.part == Part::Raw, "why.not-token")
}

/// Shows this part of the token.
fn part(model: &mut Model, part: Part) -> bool {
    model.place.choices.part = part;
    true
}

/// The selected rule's change in thought; where it is assumed already, it is taken back.
fn assume(model: &mut Model) -> bool {
    let Some(change) = model.item().and_then(|item| item.change.clone()) else {
        return false;
    };
    let mut changes = model.target.changes().to_vec();
    if changes.contains(&change) {
        changes.retain(|known| *known != change);
        return suppose::undo(model, changes);
    }
    if let Err(error) = suppose::suppose(model, &change) {
        model.log.say(model.now, error.to_string());
    }
    true
}
