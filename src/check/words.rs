//! Texts from outside in the sentences of checks.

use crate::case::text::{shortened, visible};

/// A text from outside, safe to show and not too long for a sentence.
pub(super) fn short(text: &str) -> String {
    visible(&shortened(text, 300))
}
