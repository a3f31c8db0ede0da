//! The vocabulary of the checks, and what a check says.

pub(super) use super::difference::{
    AUDIENCE, CLIENT_ID, EXPIRES, GROUPS, IDENTITY, ISSUER, KEY, NOT_BEFORE, OBJECT_ID,
};
pub(super) use super::difference::{Difference, RESOURCE, TENANT, VERSION};
pub(super) use super::earlier::{CONFIGURED_API_ID, Earlier};
pub(super) use super::rule::{Rule, Verdict};
pub(super) use super::step_report::{Found, StepReport, says, setting};
pub(super) use super::vocabulary::*;
pub(super) use super::weigh::{is_disproved, weigh};
