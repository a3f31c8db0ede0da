//! The vocabulary of a case, for those who judge it.

pub(crate) use chrono::{DateTime, Utc};
pub(crate) use url::Url;

pub(crate) use super::Case;
pub(crate) use super::assume::{self, Assumption};
pub(crate) use super::audience::Audience;
pub(crate) use super::auth_settings::{AuthSettings, EntraProvider, SettingsReading, SettingsSource, Wanted};
pub(crate) use super::auth_settings::{Shape, home, homes, settings_path};
pub(crate) use super::challenge::Challenge;
pub(crate) use super::clock::{Moments, RESOLUTION_S, TOLERANCE_S};
pub(crate) use super::code::Code;
pub(crate) use super::credential::{self, Choice, CredentialSource, INJECTED, Platform};
pub(crate) use super::environment::Environment;
pub(crate) use super::exchange::{Answer, CA_AS_SERVER, Exchange, Failure, FailureKind, LOCAL, MIDDLEWARE_ID, Purpose};
pub(crate) use super::ids::{ClientId, ObjectId, TenantId, Unresolved, bare, guids_in, is_placeholder, joined};
pub(crate) use super::ids::{reads_as_resource_id, wrapped_guid};
pub(crate) use super::inputs::{CredentialKind, IdentitySelector, Inputs};
pub(crate) use super::issuer::{self, Fault, Issuer, Version};
pub(crate) use super::may_send::{self, Decision, Permission, Refusal, names_a_caller};
pub(crate) use super::network::{is_internal, is_loopback, is_of_this_machine};
pub(crate) use super::registration::Registration;
pub(crate) use super::resource::relation::{Relation, is_client_id};
pub(crate) use super::resource::{self, ChosenResource, Likeness, Removed, ResourceSource, is_guid, well_known};
pub(crate) use super::resource_id::{Parts, ResourceId};
pub(crate) use super::restriction;
pub(crate) use super::secret::SecretForm;
pub(crate) use super::shared_identity::shared_identity;
pub(crate) use super::shown::{self, address, quote::quote};
pub(crate) use super::site::{Ingress, Site};
pub(crate) use super::span::{moment, span, time};
pub(crate) use super::step::StepId;
pub(crate) use super::target_kind::TargetKind;
pub(crate) use super::target_log::sentences::{self, Sentence};
pub(crate) use super::target_log::{LogEntry, Writer};
pub(crate) use super::target_names::{self, Name, Voice};
pub(crate) use super::text::{or_none, short, shortened, visible};
pub(crate) use super::token::{AcquiredToken, Caller, DecodedToken, SignatureVerdict, is_in_smaller_units};
