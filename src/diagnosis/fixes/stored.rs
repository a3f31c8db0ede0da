//! App 2's stored settings: the whole object with the fix in it, and whether a fault is only of what runs.

use serde_json::Value as Json;

use crate::case::Case;
use crate::case::auth_settings::{AuthSettings, SettingsReading};
use crate::case::code::Code;
use crate::case::step::StepId;
use crate::check::{self, Found};
use crate::evidence::{Evidence, target};
use crate::knowledge::{SettingsChange, Words, with_changes};

use super::values::Values;

/// App 2's settings object with lists extended, or the issuer set, so that these findings are fixed, for the person to
/// send back with a PUT; and the codes of those that it fixes. `None` where the settings were not read whole, where a
/// change's value is not known, and where such a change fixes none of them.
pub fn edited_settings(case: &Case, findings: &[&Found]) -> Option<(Json, Vec<Code>)> {
    let mut edited = editable(case)?.clone();
    let mut fixed = Vec::new();
    // What is stored right already is not edited.
    for finding in findings.iter().filter(|finding| stored_without(case, finding).is_none()) {
        let changes = Values { case, finding: Some(finding) }.changes();
        if !changes.iter().all(SettingsChange::is_in_settings) {
            continue;
        }
        let after = with_changes(&edited, &changes)?;
        // What the settings say already fixes nothing.
        if after != edited {
            fixed.push(finding.code);
            edited = after;
        }
    }
    let edited = if target::config_file(case).is_some() { AuthSettings::in_a_file(edited)? } else { edited };
    (!fixed.is_empty()).then_some((edited, fixed))
}

/// Whether App 2's settings were read whole, so that they can be written again.
pub fn has_whole_settings(case: &Case) -> bool {
    editable(case).is_some()
}

/// The object as it is stored, else that of the settings in force, else of any other reading that holds it whole.
fn editable(case: &Case) -> Option<&Json> {
    let all = case.settings.iter().filter_map(SettingsReading::settings);
    let in_azure = target::settings(case).into_iter().chain(all).filter(|settings| settings.config_file_path.is_none());
    target::stored(case).into_iter().chain(in_azure).find_map(|settings| settings.editable.as_ref())
}

/// Where the stored settings are read from that do not have this fault, while App 2 has it: what it really runs with
/// shows it, or its answers do, and the change that would fix it is stored already.
pub fn stored_without(case: &Case, finding: &Found) -> Option<Words> {
    // The list of tenants is an app setting, which the stored settings never show.
    let is_shown = finding.code != Code::TenantNotAllowed
        && matches!(finding.code.step(), StepId::Protection | StepId::Audience | StepId::Authorization);
    let stored = target::stored_reading(case).filter(|_| is_shown)?;
    let source = || Some(stored.source.to_string().into());
    if has_the_change(case, finding) {
        return source();
    }
    let running = target::settings_reading(case).filter(|reading| reading.source.runs())?;
    let mut as_stored = case.clone();
    as_stored.settings.retain(|reading| reading.source != running.source && !reading.source.runs());
    let has_it = |case: &Case| {
        let steps = check::all(&Evidence::of(case));
        steps.iter().flat_map(|step| &step.findings).any(|other| other.code == finding.code && other.is_determined())
    };
    source().filter(|_| has_it(case) && !has_it(&as_stored))
}

/// Whether what is stored has all that the fix would change.
fn has_the_change(case: &Case, finding: &Found) -> bool {
    // The other steps' changes may be a part of their fix alone.
    if finding.code.step() != StepId::Audience || !finding.is_determined() {
        return false;
    }
    let values = Values { case, finding: Some(finding) };
    let changes = values.changes();
    let stored = target::stored(case).and_then(|settings| settings.editable.as_ref());
    // What was read from a template can't be edited, and shows its lists.
    let is_listed = || {
        let now = values.get("allowed_audiences").filter(|_| finding.code == Code::AudienceNotAllowed);
        now.is_some() && now == values.get("allowed_audiences_union")
    };
    let is_in = |stored| with_changes(stored, &changes).as_ref() == Some(stored);
    !changes.is_empty() && stored.map_or_else(is_listed, is_in)
}
