//! Sentences about what a case has, which the checks and the report say alike.

use super::words::{Said, Value, phrase};
use crate::case::clock::Clock;
use crate::case::credential::CredentialSource;
use crate::case::span::span;

/// This sentence, with whose clock it is and how far this machine's is off.
#[must_use]
pub fn of_clock(clock: Option<Clock>, key: &'static str) -> Said {
    let Some(Clock { ahead_s, is_targets, .. }) = clock else {
        return phrase(key).when("unconfirmed", true);
    };
    let off = (ahead_s != 0).then(|| span(ahead_s.unsigned_abs()));
    phrase(key).when("target", is_targets).when("behind", ahead_s > 0).with_some("off", off)
}

/// A credential by its kind, and a managed identity by its platform.
#[must_use]
pub fn credential(source: &CredentialSource) -> Said {
    let platform = match source {
        CredentialSource::ManagedIdentity(platform) => Some(platform.name()),
        _ => None,
    };
    phrase("identity.credential").with("kind", source.kind().name()).with_some("platform", platform)
}

/// A setting's name, its value, and, unless it is said otherwise, where the settings in force were read.
#[must_use]
pub fn setting(path: &'static str, value: impl Into<Value>) -> Said {
    let name = path.trim_start_matches("properties.").trim_start_matches("identityProviders.");
    phrase("evidence.setting").with("name", name).with("value", value)
}
