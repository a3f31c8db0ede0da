//! Values out of a few.

use crate::case::inputs::{Cloud, CredentialKind};

/// What is none of the values that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// Another cloud.
    #[error("unknown cloud; use public, usgov, or china")]
    Cloud,
    /// Another kind of credential.
    #[error("unknown credential; use one of {}", CredentialKind::ALL.map(CredentialKind::name).join(", "))]
    Credential,
    /// A timeout that is none, or too long.
    #[error("must be a whole number of seconds, 1 to 300")]
    Timeout,
}

/// The cloud.
///
/// # Errors
/// An unknown name.
pub fn cloud(text: &str) -> Result<Cloud, ChoiceError> {
    let wanted = text.trim();
    let known = Cloud::ALL.into_iter().find(|cloud| cloud.name().eq_ignore_ascii_case(wanted));
    known.ok_or(ChoiceError::Cloud)
}

/// The kind of credential.
///
/// # Errors
/// An unknown name.
pub fn credential(text: &str) -> Result<CredentialKind, ChoiceError> {
    let known = CredentialKind::ALL.into_iter().find(|kind| kind.name() == text.trim());
    known.ok_or(ChoiceError::Credential)
}

/// A timeout in seconds.
///
/// # Errors
/// Anything but a whole number from 1 to 300.
pub fn timeout(text: &str) -> Result<u64, ChoiceError> {
    match text.parse() {
        Ok(seconds @ 1..=300) => Ok(seconds),
        _ => Err(ChoiceError::Timeout),
    }
}
