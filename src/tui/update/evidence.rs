//! What keys do in the views of the evidence.

#[cfg(test)]
mod tests;

use crate::tui::keys::Action;
use crate::tui::model::Model;
use crate::tui::model::choices::Part;
use crate::tui::model::place::Asking;

use super::prompt;

/// Does it. Says whether the screen changed.
pub(super) fn act(model: &mut Model, action: Action) -> bool {
    match action {
        Action::Header => part(model, Part::Header),
        Action::Raw => part(model, Part::Raw),
        Action::OnlyStep => model.place.choices.only_step = !model.place.choices.only_step,
        Action::Order => model.place.choices.order = model.place.choices.order.next(),
        Action::Filter => {
            let filter = model.place.choices.filter.clone().unwrap_or_default();
            return prompt::open(model, Asking::Filter, &filter);
        }
        _ => return suppose(model),
    }
    true
}

/// This part of the token; where it is shown already, the claims again.
fn part(model: &mut Model, part: Part) {
    let choices = &mut model.place.choices;
    choices.part = if choices.part == part { Part::Claims } else { part };
}

/// The selected rule's change in thought; where it is assumed already, it is taken back.
fn suppose(model: &mut Model) -> bool {
    let Some(change) = model.item().and_then(|item| item.change.clone()) else {
        return false;
    };
    let mut changes = model.target.changes().to_vec();
    if changes.contains(&change) {
        changes.retain(|known| *known != change);
        return prompt::undo(model, changes);
    }
    if let Err(error) = prompt::suppose(model, &change) {
        model.log.say(model.now, error.to_string());
    }
    true
}
