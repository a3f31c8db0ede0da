//! The vocabulary of the checks: what was observed, what was read in it, and what a check says of it.

pub(super) use crate::case::Case;
pub(super) use crate::case::assume::{self, Assumption};
pub(super) use crate::case::audience::Audience;
pub(super) use crate::case::auth_settings::{AuthSettings, EntraProvider, SettingsReading, SettingsSource, Shape};
pub(super) use crate::case::auth_settings::{home, homes, settings_path};
pub(super) use crate::case::challenge::Challenge;
pub(super) use crate::case::clock::{Clock, RESOLUTION_S, TOLERANCE_S};
pub(super) use crate::case::code::Code;
pub(super) use crate::case::credential::{self, Choice, CredentialSource, INJECTED, Platform};
pub(super) use crate::case::environment::Environment;
pub(super) use crate::case::exchange::{Answer, CA_AS_SERVER, Exchange, Failure, FailureKind, LOCAL, Purpose};
pub(super) use crate::case::ids::{ClientId, ObjectId, TenantId, Unresolved, bare, is_guid, is_placeholder, joined};
pub(super) use crate::case::ids::{reads_as_resource_id, wrapped_guid};
pub(super) use crate::case::inputs::{CredentialKind, IdentitySelector, Inputs};
pub(super) use crate::case::issuer::{self, Fault, Issuer, Version};
pub(super) use crate::case::may_send::{self, Decision, Foreign, Permission, Refusal, names_a_caller};
pub(super) use crate::case::network::{is_internal, is_loopback, is_of_this_machine};
pub(super) use crate::case::registration::Registration;
pub(super) use crate::case::resource::relation::{Relation, is_client_id, relation};
pub(super) use crate::case::resource::{self, ChosenResource, Likeness, Removed, ResourceSource, well_known};
pub(super) use crate::case::resource_id::Parts;
pub(super) use crate::case::restriction;
pub(super) use crate::case::secret::SecretForm;
pub(super) use crate::case::shared_identity::shared_identity;
pub(super) use crate::case::shown::{self, address, quote::quote};
pub(super) use crate::case::site::{Ingress, Site};
pub(super) use crate::case::span::{moment, span, time};
pub(super) use crate::case::step::StepId;
pub(super) use crate::case::target_kind::TargetKind;
pub(super) use crate::case::target_log::sentences::{self, Sentence};
pub(super) use crate::case::target_names::{self, Name, Voice};
pub(super) use crate::case::text::{or_none, short, shortened, terms, visible};
pub(super) use crate::case::token::{ALG_NONE, NO_ALG, NO_SIGNATURE, is_in_smaller_units};
pub(super) use crate::case::token::{AcquiredToken, Caller, DecodedToken, SignatureVerdict};
pub(super) use crate::evidence::refusal::{self, Class, EntraRefusal, Reply, echoed_resource, gets_other_tokens};
pub(super) use crate::evidence::responder::{self, FrontEnd, Responder};
pub(super) use crate::evidence::spoken::{self, LogicApps};
pub(super) use crate::evidence::target::{self, Me};
pub(super) use crate::evidence::{Evidence, EvidenceLine, Gateway, Origin, Progress, log};
pub(super) use crate::knowledge::{self, Confidence, EndpointSays, FindingEntry, GatewaySays, Means, phrase};
pub(super) use crate::knowledge::{Said, Says, Severity, Value, Words};

pub(super) use super::difference::{
    AUDIENCE, CLIENT_ID, EXPIRES, GROUPS, IDENTITY, ISSUER, KEY, NOT_BEFORE, OBJECT_ID,
};
pub(super) use super::difference::{Difference, RESOURCE, TENANT, VERSION};
pub(super) use super::earlier::{CONFIGURED_API_ID, Earlier};
pub(super) use super::rule::{Rule, Verdict};
pub(super) use super::step_report::{Found, StepReport, StepStatus, says, setting};
pub(super) use super::weigh::{is_disproved, weigh};
