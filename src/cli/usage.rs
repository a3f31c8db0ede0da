//! Wrong usage in words that quote what was given.

use crate::case::secret::without_tokens;
use crate::case::text::{shortened, visible};

use super::forms;

/// Wrong usage: quotes the value and says what to give instead. The exit code is 2, and nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

impl UsageError {
    /// A value of an option that has not the option's form. Credentials in the value are left out.
    #[must_use]
    pub fn value(option: &str, value: &str, reason: &str) -> Self {
        Self(format!("invalid value '{}' for '{option}': {reason}", quotable(value)))
    }
}

/// The value as it may stand in a message: without credentials of a URL, tokens and control characters.
fn quotable(value: &str) -> String {
    let value = match (value.find("://"), value.find('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            let (start, rest) = value.split_at(at);
            let (scheme, _) = start.split_at(scheme + 3);
            format!("{scheme}[redacted]{rest}")
        }
        _ => value.to_owned(),
    };
    shortened(&visible(&without_tokens(&value)), 200)
}

/// A header in its parts. A message names the header, never its value.
pub(super) fn header_of(option: &str, text: &str) -> Result<forms::Header, UsageError> {
    forms::header(text).map_err(|why| {
        let quoted = match text.split_once(':') {
            Some((name, _)) => format!("{name}: …"),
            None => shortened(text, 16),
        };
        UsageError::value(option, &quoted, &why)
    })
}
