//! The vocabulary of the checks, and what a check says.

pub(super) use super::earlier::{CONFIGURED_API_ID, Earlier};
pub(super) use super::step_report::StepReport;
pub(super) use super::vocabulary::*;
pub(super) use super::weigh::{is_disproved, weigh};
