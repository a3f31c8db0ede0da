//! What the observations mean, one file a step. Each check is pure: the same case always gives the same report.

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        reason = "numbers from outside may be anything: bound them, or saturate"
    )
)]

pub mod audience;
pub mod authorization;
pub mod call;
pub mod claims;
pub mod identity;
pub mod protection;
pub mod scope;
mod step_report;
pub mod token;
mod words;

use crate::case::Case;
use crate::case::step::StepId;

pub use crate::evidence::Confidence;
pub use step_report::{Fact, Finding, Severity, StepReport, StepStatus, Table};

/// Judges all eight steps.
#[must_use]
pub fn all(case: &Case) -> Vec<StepReport> {
    let checks: [fn(&Case) -> StepReport; 8] = [
        identity::check,
        protection::check,
        scope::check,
        token::check,
        claims::check,
        audience::check,
        authorization::check,
        call::check,
    ];
    checks
        .into_iter()
        .map(|check| {
            let mut report = check(case);
            report.elapsed_ms = elapsed_ms(case, report.id);
            report
        })
        .collect()
}

/// Time during which at least one request of the step was under way.
fn elapsed_ms(case: &Case, step: StepId) -> u64 {
    let mut spans: Vec<(u64, u64)> = case
        .exchanges_where(|purpose| purpose.step() == step)
        .map(|exchange| {
            (
                exchange.started_ms,
                exchange.started_ms.saturating_add(exchange.elapsed_ms),
            )
        })
        .collect();
    spans.sort_unstable();
    let mut total: u64 = 0;
    let mut reached = 0;
    for (start, end) in spans {
        total = total.saturating_add(end.saturating_sub(start.max(reached)));
        reached = reached.max(end);
    }
    total
}
