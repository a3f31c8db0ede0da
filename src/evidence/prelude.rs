//! What every reader of observations needs, the checks included.

pub(crate) use crate::case::Case;
pub(crate) use crate::case::auth_settings::{AuthSettings, EntraProvider, SettingsReading, SettingsSource, Wanted};
pub(crate) use crate::case::challenge::Challenge;
pub(crate) use crate::case::exchange::{Answer, Exchange, FORBIDDEN_IP, FailureKind, Outcome, Purpose};
pub(crate) use crate::case::ids::{ClientId, TenantId};
pub(crate) use crate::case::issuer::Issuer;
pub(crate) use crate::case::resource::{self, Likeness, is_guid, well_known};
pub(crate) use crate::case::target_log::{LogEntry, Writer};
pub(crate) use crate::case::text::shortened;
pub(crate) use crate::case::{shown, target_names};
pub(crate) use crate::knowledge::known::{self, Gateway};
pub(crate) use crate::knowledge::spoken;
pub(crate) use crate::knowledge::{
    self, Confidence, EndpointSays, GatewaySays, Said, Says, Words, has_mark, mark_in, phrase,
};
