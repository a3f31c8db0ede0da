//! Checks that are repeated until the call succeeds.

use std::sync::Arc;

use chrono::TimeDelta;
use crossterm::event::KeyCode;

use crate::case::inputs::Inputs;
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::phrase;
use crate::report::compare::compare;
use crate::report::{Report, Verdict};
use crate::session::watch::{Pause, Waits};
use crate::tui::keys::Chord;
use crate::tui::keys::binding::{Binding, Press, row};
use crate::tui::keys::chord::{key, letter};
use crate::tui::keys::when::{When, can_check, can_open, has_answer, only};
use crate::tui::model::Model;
use crate::tui::model::place::{Focus, View};
use crate::tui::model::target::{Run, Watch};
use crate::tui::page::amount::until;

use super::begin;
use super::effect::Effect;
use super::form;

/// A longer pause, in seconds, isn't what anybody expects.
const LONG_S: u64 = 60;

pub(crate) const KEYS: &[Binding] = &[
    row(&[letter('w')], is_on, toggle, "keys.unwatch").footer("word.unwatch", 40),
    row(&[letter('w')], can_watch, toggle, "keys.watch").footer("word.watch", 40),
    row(&[key(KeyCode::Enter)], is_waiting, look_now, "keys.look-now").footer("word.look-now", 41),
    row(&[letter('d')], has_before, |model, _| compare_with_before(model), "keys.compare").footer("word.compare", 72),
    row(&[letter('r')], can_check, |model, press| check(model, None, press), "keys.again").footer("word.again", 45),
    row(&[letter('R')], can_check, |model, press| check(model, Some(model.place.step), press), "keys.again-from"),
];

fn is_on(model: &Model) -> When {
    only(model.target.watch != Watch::Off, "why.not-running")
}

/// Whether checks can be repeated until the call succeeds.
fn can_watch(model: &Model) -> When {
    can_check(model)?;
    let passes = |report: &Arc<Report>| report.verdict() == Verdict::Pass;
    only(!model.target.observed.as_ref().is_some_and(passes), "why.passes")
}

/// Whether the next check is waited for, and Enter has nothing else to do.
fn is_waiting(model: &Model) -> When {
    if matches!(model.place.view(), View::SetUp(_)) {
        // There, Enter checks: where it doesn't, that is why.
        can_check(model)?;
    }
    can_open(model)
        .err()
        .map_or(Err("why.not-opened"), |why| only(matches!(model.target.watch, Watch::Waiting { .. }), why))
}

/// Whether there is an earlier check to compare with.
fn has_before(model: &Model) -> When {
    has_answer(model)?;
    if *model.place.view() == View::Targets {
        return model.compared().and(Err("why.nothing-known"));
    }
    only(!matches!(model.place.view(), View::Compare | View::Against(_)), "why.shown-already")?;
    only(!model.target.is_cut_short(), "why.cut-short")?;
    only(model.target.before.is_some(), "why.no-before")
}

fn compare_with_before(model: &mut Model) -> bool {
    model.place.open(View::Compare);
    model.place.focus = Focus::Pane;
    true
}

/// Checks again, from this step or everything; with what was changed in the form, if something was.
pub(super) fn check(model: &mut Model, from: Option<StepId>, press: &mut Press<'_>) -> bool {
    if !may_repeat_this(model, press) {
        return true;
    }
    if is_changed(model) {
        form::submit(model, press.effects);
        return true;
    }
    begin::start(model, from.unwrap_or(StepId::Identity));
    model.place.following = from.is_none();
    goes_on(model);
    press.effects.push(Effect::Check { from });
    true
}

/// Whether calls with these inputs may be sent again: where one can change data, the key that sends them asks first.
pub(super) fn may_repeat(model: &mut Model, all: &[Inputs], press: &Press<'_>) -> bool {
    let Some(changing) = all.iter().find(|inputs| !inputs.only_reads() && !press.asked_to_repeat) else {
        return true;
    };
    model.place.repeat_asked = Some(Chord::of(press.key));
    model.log.hint(phrase("watch.repeats").with("method", visible(&changing.method)).text());
    false
}

/// The same of the selected target, with the method that is filled in now.
fn may_repeat_this(model: &mut Model, press: &Press<'_>) -> bool {
    let inputs = model.target.inputs().map(|inputs| match model.form.as_ref().and_then(|form| form.method()) {
        Some(method) => Inputs { method: method.to_owned(), ..inputs },
        None => inputs,
    });
    may_repeat(model, inputs.as_slice(), press)
}

/// Checks now instead of waiting.
fn look_now(model: &mut Model, press: &mut Press<'_>) -> bool {
    !may_repeat_this(model, press) || look(model, press.effects)
}

/// Begins to repeat checks, or ends it.
fn toggle(model: &mut Model, press: &mut Press<'_>) -> bool {
    let said = if model.target.watch == Watch::Off {
        if !may_repeat_this(model, press) {
            return true;
        }
        wait(model, Pause::default());
        if is_changed(model) {
            look(model, press.effects);
        }
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

/// Whether something in the form is other than what was checked.
fn is_changed(model: &Model) -> bool {
    model.form.as_ref().is_some_and(|form| form.stale().is_some())
}

/// Checks again when it is time; what is being changed in the form is waited for.
pub(super) fn due(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let is_edited = is_changed(model) && model.place.over.is_some();
    match model.target.watch {
        Watch::Waiting { next, .. } if model.now >= next && !is_edited => look(model, effects),
        _ => false,
    }
}

/// Checks again now.
pub(super) fn look(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let Watch::Waiting { pause, .. } = model.target.watch else {
        return false;
    };
    if is_changed(model) {
        let is_sent = form::submit(model, effects);
        model.target.watch = if is_sent { Watch::Looking(pause) } else { Watch::Off };
        return true;
    }
    model.target.watch = Watch::Looking(pause);
    model.target.earlier = model.target.before.clone();
    begin::start(model, StepId::Identity);
    effects.push(Effect::Check { from: None });
    true
}

/// Where checks are repeated from the first one on, nobody was asked here whether that may change data: it is said
/// once.
fn say_if_it_changes(model: &mut Model) {
    let inputs = model.target.inputs().filter(|inputs| model.target.before.is_none() && !inputs.only_reads());
    if let Some(inputs) = inputs {
        let said = phrase("watch.repeating").with("method", visible(&inputs.method));
        model.log.say(model.now, said.text());
    }
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
        let next = pause.next(!changes.is_empty() || model.target.before.is_none()).waiting_for(waits, model.now);
        // Why nothing is checked for so long is said once.
        if let Some(Waits::Until(at)) = waits.filter(|_| next.seconds() > LONG_S && pause.seconds() < next.seconds()) {
            let said = phrase("watch.waits").with("time", at.format("%Y-%m-%d %H:%M UTC").to_string());
            model.log.say(model.now, said.with("pause", until(next.seconds())).text());
        }
        wait(model, next);
        say_if_it_changes(model);
    }
    // The first check has none to be compared with.
    if changes.is_empty() && model.target.before.is_some() {
        // What was compared with before stays what it was.
        model.target.before = model.target.earlier.take();
        return false;
    }
    true
}
