//! Wrong usage in words that quote what was given, where it may be quoted.

use crate::case::quote;

use super::value_parsers;

/// Wrong usage: quotes the value and says what to give instead. The exit code is 2, and nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

impl UsageError {
    /// A value that isn't valid for its option. [`quote`] decides what of it the message repeats.
    #[must_use]
    pub fn value(option: &str, value: &str, reason: &str) -> Self {
        Self(format!(
            "invalid value {} for '{option}': {reason}",
            quote::value(value)
        ))
    }
}

/// A header in its parts. A message names the header, never its value: without a colon, the whole may be a key.
pub(super) fn header_of(option: &str, text: &str) -> Result<value_parsers::Header, UsageError> {
    value_parsers::header(text).map_err(|why| {
        let name = text.split_once(':').and_then(|(name, _)| quote::shown(name));
        let quoted = name.map_or_else(|| quote::described(text), |name| format!("'{name}: …'"));
        UsageError(format!("invalid value {quoted} for '{option}': {why}"))
    })
}
