//! Inputs that cannot be used.

/// An input that cannot be used. Its text quotes the input and says what to change; the exit code is 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InputError(pub String);
