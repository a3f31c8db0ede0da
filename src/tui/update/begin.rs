//! A check begins.

use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::tui::model::Model;

/// Begins a check. What was only assumed isn't carried over, which is said.
pub(super) fn start(model: &mut Model, from: StepId) {
    if !model.target.changes().is_empty() {
        model.log.say(model.now, phrase("screen.what-if-undone").text());
    }
    model.renumber();
    model.target.start(from, model.now);
}
