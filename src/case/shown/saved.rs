//! The form in which a case is saved. [`Case`] itself does not serialize, so that only what may be shown can be
//! written.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::super::Case;
use super::super::auth_settings::SettingsReading;
use super::super::continued::Continued;
use super::super::environment::Environment;
use super::super::exchange::{Exchange, LeftOut};
use super::super::inputs::Inputs;
use super::super::may_send::Decision;
use super::super::registration::Registration;
use super::super::resource::ChosenResource;
use super::super::secret::SecretForm;
use super::super::site::Site;
use super::super::step::StepId;
use super::super::target_log::TargetLog;
use super::super::token::{AcquiredToken, Caller, OutsideToken};

/// The members of a case under their saved names, the same as those that it is read from.
#[derive(Serialize)]
struct Saved<'a> {
    case_version: u32,
    tool_version: &'a str,
    started_at: DateTime<Utc>,
    elapsed_ms: u64,
    #[serde(skip_serializing_if = "Continued::is_empty")]
    continued: &'a Continued,
    inputs: &'a Inputs,
    environment: &'a Option<Environment>,
    resource: &'a Option<ChosenResource>,
    token: &'a Option<AcquiredToken>,
    caller: &'a Option<Caller>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outside_token: &'a Option<OutsideToken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_form: &'a Option<SecretForm>,
    settings: &'a [SettingsReading],
    site: &'a Option<Site>,
    registration: &'a Option<Registration>,
    target_log: &'a Option<TargetLog>,
    exchanges: &'a [Exchange],
    left_out: &'a [LeftOut],
    settled: &'a [StepId],
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: &'a Option<Decision>,
}

/// Writes every member of a case of which only what may be shown is left.
pub(super) fn serialize<S: Serializer>(case: &Case, serializer: S) -> Result<S::Ok, S::Error> {
    // A member that is added to a case must be given its place here.
    let Case {
        case_version,
        tool_version,
        started_at,
        elapsed_ms,
        continued,
        inputs,
        environment,
        resource,
        token,
        caller,
        outside_token,
        secret_form,
        settings,
        site,
        registration,
        target_log,
        exchanges,
        left_out,
        settled,
        decision,
        secrets: _,
    } = case;
    Saved {
        case_version: *case_version,
        tool_version,
        started_at: *started_at,
        elapsed_ms: *elapsed_ms,
        continued,
        inputs,
        environment,
        resource,
        token,
        caller,
        outside_token,
        secret_form,
        settings,
        site,
        registration,
        target_log,
        exchanges,
        left_out,
        settled,
        decision,
    }
    .serialize(serializer)
}
