//! What was given beside a case: a token, App 2's settings, or both, judged against each other and with what is known
//! of the case. Nothing was observed with them.

use chrono::{DateTime, Utc};

use crate::case::Case;
use crate::case::auth_settings::{AuthSettings, SettingsReading, SettingsSource};
use crate::case::credential::CredentialSource;
use crate::case::observation::Observation;
use crate::case::step::StepId;
use crate::case::text::PASTED;
use crate::case::token::{AcquiredToken, DecodedToken};

use super::Report;

/// The case with this token and these settings in the place of its own. What App 2 and Microsoft Entra ID answered was
/// said of others, so it is left out. The case's token is judged at the moment of its use, a given one now.
#[must_use]
pub fn judged(
    report: &Report,
    token: Option<&DecodedToken>,
    settings: Option<&AuthSettings>,
    now: DateTime<Utc>,
) -> Report {
    let observed = report.observed();
    let used = if token.is_some() { now } else { observed.moment_of_use() };
    let mut case = Case::new(observed.inputs.clone(), used);
    case.inputs.assume.clear();
    case.secrets = observed.secrets.clone();
    case.token = match token {
        Some(decoded) => Some(AcquiredToken {
            source: CredentialSource::Token,
            resource: None,
            response: Vec::new(),
            decoded: decoded.clone(),
            signature: None,
        }),
        None => observed.token.clone(),
    };
    match settings {
        Some(settings) => case.apply(Observation::Settings(Box::new(SettingsReading {
            source: SettingsSource::File(PASTED.to_owned()),
            outcome: Ok(Box::new(settings.clone())),
        }))),
        None => case.settings.clone_from(&observed.settings),
    }
    case.settled.extend(StepId::ALL);
    Report::of(case)
}
