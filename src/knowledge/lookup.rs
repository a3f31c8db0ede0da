//! One entry by its key.

use std::sync::OnceLock;

use crate::case::code::Code;
use crate::case::resource::well_known;
use crate::case::step::StepId;

use super::tables::{ClaimEntry, EntraError, FindingEntry, FixTemplate, Role, StatusEntry, StepEntry, Tables};

static TABLES: OnceLock<Tables> = OnceLock::new();

pub(super) fn tables() -> &'static Tables {
    TABLES.get_or_init(Tables::read)
}

/// How App 2's resource id is found, for fixes that cannot be written without it.
#[must_use]
pub fn find_target() -> Option<&'static FixTemplate> {
    tables().find_target.as_ref()
}

/// How App 2 takes up settings that are stored already.
#[must_use]
pub fn restart_target() -> &'static [FixTemplate] {
    &tables().restart_target
}

/// The entry of a finding code.
#[must_use]
pub fn finding(code: Code) -> Option<&'static FindingEntry> {
    tables().findings.get(code.name())
}

/// What an Entra error means in this flow; `number` with or without `AADSTS`.
#[must_use]
pub fn entra_error(number: &str) -> Option<&'static EntraError> {
    let number = number.trim();
    let digits = match number.get(..6) {
        Some(prefix) if prefix.eq_ignore_ascii_case("aadsts") => number.get(6..)?,
        _ => number,
    };
    tables().entra_errors.get(digits)
}

/// The entry of a claim of an access token or an id token.
#[must_use]
pub fn claim(name: &str) -> Option<&'static ClaimEntry> {
    tables().claims.get(name)
}

/// The name of a well-known Microsoft application, by its client id.
#[must_use]
pub fn first_party_app(client_id: &str) -> Option<&'static str> {
    tables()
        .first_party_apps
        .get(&client_id.trim().to_ascii_lowercase())
        .map(String::as_str)
}

/// The name of a well-known API that App 2 certainly is not, by its URI, scope or client id.
#[must_use]
pub fn well_known_api(resource: &str) -> Option<&'static str> {
    well_known::api(resource)
}

/// What an Easy Auth sub-status (`401.83`) or an IDX number (`IDX10214`) means.
#[must_use]
pub fn status(key: &str) -> Option<&'static StatusEntry> {
    let key = key.trim();
    tables()
        .statuses
        .get(key)
        .or_else(|| tables().statuses.get(&key.to_ascii_uppercase()))
}

/// A built-in role of Azure or Entra, by its name, in any case.
#[must_use]
pub fn role(name: &str) -> Option<&'static Role> {
    tables()
        .roles
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name.trim()))
        .map(|(_, role)| role)
}

/// What to do at a step when the pair is set up for the first time.
#[must_use]
pub fn step(step: StepId) -> Option<&'static StepEntry> {
    tables().steps.get(step.id())
}
