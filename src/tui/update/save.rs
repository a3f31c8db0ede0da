//! Files: their names, and what asks for them.

use crate::knowledge::phrase;
use crate::report::{Verdict, written};
use crate::tui::keys::binding::{Binding, Press, row};
use crate::tui::keys::chord::letter;
use crate::tui::keys::when::{When, has_answer, only};
use crate::tui::model::Model;
use crate::tui::model::place::Asking;

use super::effect::Effect;

/// The name that is proposed for the list of stages.
pub(super) const LIST: &str = "app2-setup.md";

/// The name that is proposed for App 2's edited settings.
pub(super) const FIXED: &str = "edited.json";

pub(crate) const KEYS: &[Binding] = &[
    row(&[letter('s')], has_answer, save, "keys.save").footer("word.save", 55),
    row(&[letter('e')], can_write, write_fixed, "keys.edit"),
];

/// Whether there is something to fix.
fn can_write(model: &Model) -> When {
    has_answer(model)?;
    only(!model.target.observed.as_ref().is_some_and(|report| report.verdict() == Verdict::Pass), "why.passes")
}

fn save(model: &mut Model, press: &mut Press<'_>) -> bool {
    let name = file_name(model);
    press.effects.push(Effect::FindName(name.clone()));
    model.place.ask(Asking::SavePath, &name)
}

/// Asks for a name for the list of stages.
pub(super) fn save_list(model: &mut Model, press: &mut Press<'_>) -> bool {
    press.effects.push(Effect::FindName(LIST.to_owned()));
    model.place.ask(Asking::ListPath, LIST)
}

/// Asks for a name, where there is something to write.
fn write_fixed(model: &mut Model, press: &mut Press<'_>) -> bool {
    let Some(report) = model.target.observed.as_deref() else { return false };
    if let Err(reason) = written::edited_settings(report) {
        model.log.hint(phrase("screen.not-written").with("reason", reason.to_string()).text());
        return true;
    }
    press.effects.push(Effect::FindName(FIXED.to_owned()));
    model.place.ask(Asking::FixedPath, FIXED)
}

/// A name for the saved case: App 2's name and the time of the check.
#[must_use]
pub(super) fn file_name(model: &Model) -> String {
    let observed = model.target.observed.as_ref();
    let host = observed.and_then(|report| report.observed().inputs.target_host());
    let first = host.as_deref().and_then(|host| host.split('.').next()).unwrap_or_default();
    let is_plain = |character: &char| character.is_ascii_alphanumeric() || *character == '-';
    let name: String = first.chars().filter(is_plain).collect();
    let name = if name.chars().any(|character| character.is_ascii_alphabetic()) { &*name } else { "app2" };
    let at = observed.map_or(model.now, |report| report.observed().checked_at());
    format!("{name}-{}.case.json", at.format("%Y%m%d-%H%M%S"))
}
