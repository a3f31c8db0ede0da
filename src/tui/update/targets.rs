//! Several targets: what their checks report, and those that are repeated.

use crate::case::inputs::Inputs;
use crate::case::step::StepId;
use crate::knowledge::phrase;
use crate::session::Event;
use crate::tui::keys::binding::{Binding, Press, row};
use crate::tui::keys::chord::letter;
use crate::tui::keys::when::{When, can_check, only};
use crate::tui::model::Model;
use crate::tui::model::place::{Cursor, View};
use crate::tui::model::target::Run;
use crate::tui::model::targets::ROW;

use super::effect::Effect;
use super::{begin, session, watch};

pub(crate) const KEYS: &[Binding] = &[
    row(&[letter(' ')], in_targets, |model, _| mark(model), "keys.mark").footer("word.mark", 26),
    row(&[letter('d')], has_marked, |model, _| compare(model), "keys.compare-marked").footer("word.compare", 9),
    row(&[letter('r')], can_check_this, |model, press| watch::check(model, None, press), "keys.again-this")
        .footer("word.again", 45),
    row(&[letter('R')], can_check_all, check_all, "keys.again-all").footer("word.again-all", 11),
];

fn in_targets(model: &Model) -> When {
    only(*model.place.view() == View::Targets, "why.not-in-targets")
}

/// In the table of targets, whether the selected one can be checked again.
fn can_check_this(model: &Model) -> When {
    in_targets(model)?;
    can_check(model)
}

/// In the table of targets, whether there are two with an answer to compare.
fn has_marked(model: &Model) -> When {
    in_targets(model)?;
    let (one, other) = model.compared()?;
    let mut targets = [one, other].into_iter().filter_map(|at| model.all_targets().nth(at));
    only(targets.all(|(_, target)| target.has_answer()), "why.nothing-known")
}

/// In the table of targets, whether one of them can be checked again.
fn can_check_all(model: &Model) -> When {
    in_targets(model)?;
    let mut runs = model.all_targets().map(|(_, target)| target.run);
    if runs.any(|run| matches!(run, Run::Finished | Run::Stopped)) { Ok(()) } else { can_check(model) }
}

/// Takes in what the check of a target reports. A message about one that isn't selected names it.
pub(super) fn take(model: &mut Model, at: usize, event: Event) -> bool {
    let is_other = at != model.at();
    model.with_target(at, |model| {
        let said = model.log.entries.len();
        let is_changed = session::take(model, event);
        for entry in model.log.entries.iter_mut().skip(said).filter(|_| is_other) {
            let named = phrase("targets.said").with("target", model.title.as_str());
            entry.text = named.with("text", entry.text.as_str()).text();
            model.log.toast = Some(entry.text.clone());
        }
        is_changed
    })
}

/// Checks every target again that isn't being checked.
fn check_all(model: &mut Model, press: &mut Press<'_>) -> bool {
    let inputs: Vec<Inputs> = model.all_targets().filter_map(|(_, target)| target.inputs()).collect();
    if !watch::may_repeat(model, &inputs, press) {
        return true;
    }
    for at in 0..model.all_targets().count() {
        model.with_target(at, |model| {
            if matches!(model.target.run, Run::Finished | Run::Stopped) {
                begin::start(model, StepId::Identity);
                model.place.following = true;
                press.effects.push(Effect::CheckTarget(at));
            }
        });
    }
    true
}

/// Marks the selected target to be compared, or takes its mark away. Of three, the one that was marked first loses it.
fn mark(model: &mut Model) -> bool {
    let at = model.at();
    let marked = &mut model.targets.marked;
    let count = marked.len();
    marked.retain(|other| *other != at);
    if marked.len() == count {
        marked.push(at);
    }
    let extra = marked.len().saturating_sub(2);
    marked.drain(..extra);
    model.target.generation += 1;
    true
}

/// Shows what differs between two targets; one of them is the selected one then.
fn compare(model: &mut Model) -> bool {
    let Ok((one, other)) = model.compared() else { return false };
    model.place.set_cursor(Cursor { item: Some(format!("{ROW}{other}")), ..model.place.cursor() });
    model.follow_cursor();
    model.place.open(View::Against(one));
    true
}

/// Repeats the checks of the other targets when it is time. Says whether one begins.
pub(super) fn due(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let mut is_begun = false;
    for at in (0..model.all_targets().count()).filter(|at| *at != model.at()).collect::<Vec<_>>() {
        if model.with_target(at, |model| watch::due(model, &mut Vec::new())) {
            effects.push(Effect::CheckTarget(at));
            is_begun = true;
        }
    }
    is_begun
}
