//! A fault that only what runs has: what is stored is right already, and App 2 has not taken it up.

use crate::case::Case;
use crate::case::code::Code;
use crate::case::step::StepId;
use crate::check::{self, Found};
use crate::evidence::{Evidence, target};
use crate::knowledge::Words;

/// Where the stored settings are read from that do not have this fault, while what App 2 really runs with has it.
/// `None` where only one of the two was read.
pub fn stored_without(case: &Case, finding: &Found) -> Option<Words> {
    // The list of tenants is an app setting, which the stored settings never show.
    if finding.code == Code::TenantNotAllowed {
        return None;
    }
    if !matches!(finding.code.step(), StepId::Protection | StepId::Audience | StepId::Authorization) {
        return None;
    }
    let running = target::settings_reading(case).filter(|reading| target::is_running(&reading.source))?;
    let stored = target::stored_reading(case)?;
    let mut as_stored = case.clone();
    as_stored.settings.retain(|reading| reading.source != running.source && !target::is_running(&reading.source));
    let has_it = |case: &Case| {
        let steps = check::all(&Evidence::of(case));
        steps.iter().flat_map(|step| &step.findings).any(|other| other.code == finding.code && other.is_determined())
    };
    (has_it(case) && !has_it(&as_stored)).then(|| stored.source.to_string().into())
}
