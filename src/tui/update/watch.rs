//! Checks that are repeated until the call succeeds.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::report::compare::compare;
use crate::report::{Report, Verdict};
use crate::session::watch::{Pause, Waits};
use crate::tui::model::Model;
use crate::tui::model::target::{Run, Watch};

use super::begin;
use super::effect::Effect;

/// Begins to repeat checks, or ends it.
pub(super) fn toggle(model: &mut Model) -> bool {
    let said = if model.target.watch == Watch::Off {
        wait(model, Pause::default());
        "watch.on"
    } else {
        model.target.watch = Watch::Off;
        "watch.off"
    };
    model.target.generation += 1;
    model.log.say(model.now, phrase(said).text());
    true
}

fn wait(model: &mut Model, pause: Pause) {
    let seconds = i64::try_from(pause.seconds()).unwrap_or(i64::MAX);
    let next = TimeDelta::try_seconds(seconds).and_then(|pause| model.now.checked_add_signed(pause));
    model.target.watch = Watch::Waiting { pause, next: next.unwrap_or(model.now) };
}

/// Another check takes the place of the one that is waited for.
pub(super) fn goes_on(model: &mut Model) {
    if let Watch::Waiting { pause, .. } = model.target.watch {
        model.target.watch = Watch::Looking(pause);
        model.target.earlier = None;
    }
}

/// Checks again when it is time.
pub(super) fn due(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    match model.target.watch {
        Watch::Waiting { next, .. } if model.now >= next => look(model, effects),
        _ => false,
    }
}

/// Checks again now.
pub(super) fn look(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let Watch::Waiting { pause, .. } = model.target.watch else {
        return false;
    };
    model.target.watch = Watch::Looking(pause);
    model.target.earlier = model.target.before.clone();
    begin::start(model, StepId::Identity);
    effects.push(Effect::Check { from: None });
    true
}

/// A check is over. Says whether it is worth being remembered: one that was repeated and found the same is not.
pub(super) fn judged(model: &mut Model, report: &Arc<Report>) -> bool {
    let Watch::Looking(pause) = model.target.watch else {
        return true;
    };
    if model.target.run != Run::Finished {
        model.target.watch = Watch::Off;
        return true;
    }
    let changes = model.target.before.as_ref().map(|before| compare(before, report)).unwrap_or_default();
    for change in &changes {
        let said = phrase("watch.change").with("change", change.line()).text();
        model.log.say(model.now, said);
    }
    if report.verdict() == Verdict::Pass {
        model.target.watch = Watch::Off;
        model.log.say(model.now, phrase("watch.passed").text());
    } else {
        let waits = Waits::of(std::slice::from_ref(&**report), model.now);
        wait(model, pause.next(!changes.is_empty() || model.target.before.is_none()).waiting_for(waits, model.now));
    }
    // The first check has none to be compared with.
    if changes.is_empty() && model.target.before.is_some() {
        // What was compared with before stays what it was.
        model.target.before = model.target.earlier.take();
        return false;
    }
    true
}
