//! Changes of App 2's settings in thought: the observations evaluated with them, and without them again.

use crate::case::assume::AssumptionError;
use crate::knowledge::phrase;
use crate::report::Verdict;
use crate::tui::keys::binding::{Binding, row};
use crate::tui::keys::chord::letter;
use crate::tui::keys::when::{When, has_answer, only};
use crate::tui::model::Model;
use crate::tui::model::place::{Asking, View};

/// How the proposed change begins where none is known to fix the root cause.
pub(super) const BEGINNING: &str = "allowedAudiences+=";

pub(crate) const KEYS: &[Binding] = &[
    row(&[letter('a')], can_try, |model, _| try_fix(model), "keys.try").footer("word.try", 30),
    row(&[letter('A')], has_answer, |model, _| what_if(model), "keys.what-if"),
    row(&[letter('u')], can_undo, |model, _| undo_last(model), "keys.undo").footer("word.undo", 8),
    row(&[letter('U')], can_undo, |model, _| undo(model, Vec::new()), "keys.undo-all"),
];

fn can_try(model: &Model) -> When {
    has_answer(model)?;
    if !model.target.changes().is_empty() {
        return Ok(());
    }
    let observed = model.target.observed.as_ref();
    only(!observed.is_some_and(|report| report.verdict() == Verdict::Pass), "why.passes")?;
    only(observed.is_some_and(|report| report.suggested_assumption().is_some()), "why.no-change-fixes")
}

fn can_undo(model: &Model) -> When {
    only(!model.target.changes().is_empty(), "why.nothing-supposed")
}

/// The change that fixes the shown root cause, in thought: after the first, that of the cause which shows then. Where
/// there is none any more, all are taken back.
fn try_fix(model: &mut Model) -> bool {
    let shown = model.target.shown().cloned();
    let change = shown.as_ref().and_then(|report| report.suggested_assumption());
    let is_new = |change: &&str| !model.target.changes().iter().any(|made| made == change);
    let Some(change) = change.filter(is_new) else {
        return undo(model, Vec::new());
    };
    if let Err(error) = suppose(model, change) {
        model.log.say(model.now, error.to_string());
    }
    model.place.show(View::Cause);
    true
}

/// Asks for a change.
fn what_if(model: &mut Model) -> bool {
    let report = model.target.shown().cloned();
    let change = report.as_ref().and_then(|report| report.suggested_assumption());
    model.place.ask(Asking::WhatIf, change.unwrap_or(BEGINNING))
}

fn undo_last(model: &mut Model) -> bool {
    let mut changes = model.target.changes().to_vec();
    changes.pop();
    undo(model, changes)
}

/// Adds a change in thought.
pub(super) fn suppose(model: &mut Model, change: &str) -> Result<(), AssumptionError> {
    model.target.suppose(change)?;
    // What is supposed stands above the answer.
    model.place.cursors.remove(&View::Cause);
    let changes = model.target.changes().join(", ");
    let said = phrase("screen.re-evaluated").with("changes", changes);
    model.log.say(model.now, said.text());
    // The answer says it all; here it only has to be clear that it is a supposition.
    model.log.hint(phrase("screen.assumed").text());
    Ok(())
}

/// Keeps only these changes in thought.
pub(super) fn undo(model: &mut Model, left: Vec<String>) -> bool {
    model.target.set_supposed(left);
    model.place.cursors.remove(&View::Cause);
    let said = match model.target.changes() {
        [] => phrase("screen.taken-back").text(),
        changes => phrase("screen.re-evaluated").with("changes", changes.join(", ")).text(),
    };
    model.log.say(model.now, said);
    true
}
