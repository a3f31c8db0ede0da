//! What every check needs: what was observed, what was read in it, and what a check says of it.

pub(super) use crate::case::auth_settings::{AuthSettings, EntraProvider, settings_path};
pub(super) use crate::case::code::Code;
pub(super) use crate::case::credential::{self, CredentialSource};
pub(super) use crate::case::environment::Environment;
pub(super) use crate::case::exchange::{Answer, Exchange, Failure, FailureKind, Purpose};
pub(super) use crate::case::ids::{ClientId, ObjectId, TenantId, joined};
pub(super) use crate::case::issuer::{Issuer, Version};
pub(super) use crate::case::resource::{self, ChosenResource, Likeness, well_known};
pub(super) use crate::case::resource_id::Parts;
pub(super) use crate::case::shown::{self, address, quote::quote};
pub(super) use crate::case::span::moment;
pub(super) use crate::case::step::StepId;
pub(super) use crate::case::target_names;
pub(super) use crate::case::text::{or_none, short, shortened, visible};
pub(super) use crate::case::token::{AcquiredToken, Caller, DecodedToken, SignatureVerdict};
pub(super) use crate::evidence::refusal::{Class, EntraRefusal, Reply};
pub(super) use crate::evidence::responder::{self, FrontEnd, Responder};
pub(super) use crate::evidence::target::{self, Me};
pub(super) use crate::evidence::{Evidence, EvidenceLine, Gateway, Origin, Progress};
pub(super) use crate::evidence::{log, spoken};
pub(super) use crate::knowledge::{
    self, Confidence, EndpointSays, FindingEntry, Means, Said, Says, Severity, Value, Words, phrase,
};

pub(super) use super::difference::{AUDIENCE, CLIENT_ID, Difference, GROUPS, ISSUER, RESOURCE, TENANT};
pub(super) use super::earlier::Earlier;
pub(super) use super::rule::Verdict;
pub(super) use super::step_report::{Found, StepReport, StepStatus, says, setting};
pub(super) use super::weigh::weigh;
