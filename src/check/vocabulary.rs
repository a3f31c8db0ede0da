//! The vocabulary of the checks: what was observed, what was read in it, and what is known.

pub(super) use crate::evidence::prelude::*;
pub(super) use crate::evidence::refusal;
pub(super) use crate::evidence::target::{self, Me};
pub(super) use crate::evidence::{Evidence, Progress, log};
pub(super) use crate::knowledge::RuleVerdict as Verdict;
pub(super) use crate::knowledge::subject::{AUDIENCE, CLIENT_ID, EXPIRES, GROUPS, IDENTITY, ISSUER, KEY, NOT_BEFORE};
pub(super) use crate::knowledge::subject::{OBJECT_ID, RESOURCE, TENANT, VERSION};
pub(super) use crate::knowledge::{DisprovedBy, FindingEntry, Means, Severity, StepStatus, Value, echoed_resource};
