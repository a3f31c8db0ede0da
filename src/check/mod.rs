//! What the observations mean, one file a step. Each check is pure: the same case always gives the same report.

// Numbers from outside may be anything: bound them, or saturate.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation))]
#![cfg_attr(not(test), deny(clippy::cast_possible_wrap, clippy::cast_sign_loss))]

mod audience;
pub mod authorization;
mod blocked;
mod call;
pub mod claims;
mod earlier;
mod identity;
mod prelude;
mod protection;
pub mod scope;
mod step_report;
mod token;
mod vocabulary;
mod weigh;

use crate::case::step::StepId;
use crate::evidence::Evidence;

pub use earlier::{CONFIGURED_API_ID, Earlier};
pub use identity::is_anothers;
pub use step_report::StepReport;

/// Judges all eight steps.
pub fn all(evidence: &Evidence<'_>) -> Vec<StepReport> {
    let judges: [fn(&Evidence<'_>, Earlier<'_>, &mut StepReport); 8] = [
        identity::judge,
        protection::judge,
        scope::judge,
        token::judge,
        claims::judge,
        audience::judge,
        authorization::judge,
        call::judge,
    ];
    let mut steps = Vec::with_capacity(judges.len());
    for (id, judge) in StepId::ALL.into_iter().zip(judges) {
        let mut report = StepReport::new(id);
        judge(evidence, Earlier::of(&steps), &mut report);
        report.elapsed_ms = evidence.elapsed_of(id);
        steps.push(report);
    }
    steps
}
