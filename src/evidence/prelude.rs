//! What every reader of observations needs.

pub(super) use crate::case::Case;
pub(super) use crate::case::auth_settings::{AuthSettings, EntraProvider, SettingsReading, SettingsSource, Wanted};
pub(super) use crate::case::challenge::Challenge;
pub(super) use crate::case::exchange::{Answer, Exchange, FORBIDDEN_IP, FailureKind, Outcome, Purpose};
pub(super) use crate::case::ids::{ClientId, TenantId};
pub(super) use crate::case::issuer::{Issuer, Parts};
pub(super) use crate::case::resource::{self, Likeness, is_guid, well_known};
pub(super) use crate::case::target_log::{LogEntry, Writer};
pub(super) use crate::case::text::shortened;
pub(super) use crate::case::{shown, target_names};
pub(super) use crate::knowledge::known::{self, Gateway};
pub(super) use crate::knowledge::spoken;
pub(super) use crate::knowledge::{
    self, Confidence, EndpointSays, GatewaySays, Said, Says, Words, has_mark, mark_in, phrase,
};
