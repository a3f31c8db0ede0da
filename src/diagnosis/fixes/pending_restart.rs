//! A fault that only what runs has: what is stored is right already, and App 2 has not taken it up.

use crate::case::Case;
use crate::case::code::Code;
use crate::case::step::StepId;
use crate::check::{self, Found};
use crate::evidence::{Evidence, target};
use crate::knowledge::Words;

use super::values::Values;

/// Where the stored settings are read from that do not have this fault, while App 2 has it: what it really runs with
/// shows it, or its answers do, and the change that would fix it is stored already.
pub fn stored_without(case: &Case, finding: &Found) -> Option<Words> {
    // The list of tenants is an app setting, which the stored settings never show.
    if finding.code == Code::TenantNotAllowed {
        return None;
    }
    if !matches!(finding.code.step(), StepId::Protection | StepId::Audience | StepId::Authorization) {
        return None;
    }
    let stored = target::stored_reading(case)?;
    if has_the_change(case, finding) {
        return Some(stored.source.to_string().into());
    }
    let running = target::settings_reading(case).filter(|reading| reading.source.runs())?;
    let mut as_stored = case.clone();
    as_stored.settings.retain(|reading| reading.source != running.source && !reading.source.runs());
    let has_it = |case: &Case| {
        let steps = check::all(&Evidence::of(case));
        steps.iter().flat_map(|step| &step.findings).any(|other| other.code == finding.code && other.is_determined())
    };
    (has_it(case) && !has_it(&as_stored)).then(|| stored.source.to_string().into())
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
    let is_in = |stored: &serde_json::Value| {
        let mut edited = stored.clone();
        changes.iter().all(|change| change.apply(&mut edited).is_some()) && edited == *stored
    };
    // What was read from a template can't be edited, and shows its lists.
    let is_listed = || {
        let lists = ["allowed_audiences", "allowed_audiences_union"].map(|name| values.list(name));
        finding.code == Code::AudienceNotAllowed && lists[0].is_some() && lists[0] == lists[1]
    };
    !changes.is_empty() && stored.map_or_else(is_listed, is_in)
}
