//! The vocabulary of the checks: what was observed, what was read in it, and what is known.

pub(super) use crate::case::assume::{self, Assumption};
pub(super) use crate::case::audience::Audience;
pub(super) use crate::case::auth_settings::{Shape, home, homes, settings_path};
pub(super) use crate::case::clock::{Moments, RESOLUTION_S, TOLERANCE_S};
pub(super) use crate::case::code::Code;
pub(super) use crate::case::credential::{self, Choice, CredentialSource, INJECTED, Platform};
pub(super) use crate::case::environment::Environment;
pub(super) use crate::case::exchange::{CA_AS_SERVER, Failure, LOCAL, MIDDLEWARE_ID};
pub(super) use crate::case::ids::{ObjectId, Unresolved, bare, guids_in, is_placeholder, joined};
pub(super) use crate::case::ids::{reads_as_resource_id, wrapped_guid};
pub(super) use crate::case::inputs::{CredentialKind, IdentitySelector, Inputs};
pub(super) use crate::case::issuer::{self, Fault, Version};
pub(super) use crate::case::may_send::{self, Decision, Permission, Refusal, names_a_caller};
pub(super) use crate::case::network::{is_internal, is_loopback, is_of_this_machine};
pub(super) use crate::case::registration::Registration;
pub(super) use crate::case::resource::relation::{Relation, is_client_id};
pub(super) use crate::case::resource::{ChosenResource, Removed, ResourceSource};
pub(super) use crate::case::resource_id::Parts;
pub(super) use crate::case::restriction;
pub(super) use crate::case::secret::SecretForm;
pub(super) use crate::case::shared_identity::shared_identity;
pub(super) use crate::case::shown::{address, quote::quote};
pub(super) use crate::case::site::{Ingress, Site};
pub(super) use crate::case::span::{moment, span, time};
pub(super) use crate::case::step::StepId;
pub(super) use crate::case::target_kind::TargetKind;
pub(super) use crate::case::target_log::sentences::{self, Sentence};
pub(super) use crate::case::target_names::{Name, Voice};
pub(super) use crate::case::text::{or_none, short, visible};
pub(super) use crate::case::token::{AcquiredToken, Caller, DecodedToken, SignatureVerdict, is_in_smaller_units};
pub(super) use crate::evidence::prelude::*;
pub(super) use crate::evidence::refusal::{self, Class, EntraRefusal, Reply, echoed_resource};
pub(super) use crate::evidence::responder::{self, FrontEnd, Responder};
pub(super) use crate::evidence::target::{self, Me};
pub(super) use crate::evidence::{Evidence, EvidenceLine, Origin, Progress, log};
pub(super) use crate::knowledge::RuleVerdict as Verdict;
pub(super) use crate::knowledge::spoken::LogicApps;
pub(super) use crate::knowledge::subject::{AUDIENCE, CLIENT_ID, EXPIRES, GROUPS, IDENTITY, ISSUER, KEY, NOT_BEFORE};
pub(super) use crate::knowledge::subject::{OBJECT_ID, RESOURCE, TENANT, VERSION};
pub(super) use crate::knowledge::{
    DisprovedBy, FindingEntry, GENERAL, Means, Place, Severity, StepStatus, Value, Values,
};
