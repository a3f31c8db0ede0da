//! Wrong usage in words that quote what was given, where it may be quoted.

use std::fmt::Display;

use crate::case::{quote, value_parsers};

/// Invalid usage: quotes the value and says what to use instead. The exit code is 2, and nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

impl UsageError {
    /// An invalid value of an option. [`quote`] decides which part of it the message shows.
    #[must_use]
    pub fn value(option: &str, value: &str, reason: &impl Display) -> Self {
        Self(format!("invalid value {} for '{option}': {reason}", quote::value(value)))
    }
}

/// A header's name and value. A message contains the name, never the value: without a colon, the whole can be a key.
pub(super) fn header_of(option: &str, text: &str) -> Result<value_parsers::Header, UsageError> {
    value_parsers::header(text).map_err(|why| {
        let name = text.split_once(':').and_then(|(name, _)| quote::shown(name));
        let quoted = name.map_or_else(|| quote::described(text), |name| format!("'{name}: …'"));
        UsageError(format!("invalid value {quoted} for '{option}': {why}"))
    })
}
