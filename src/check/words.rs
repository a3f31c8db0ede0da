//! Values of sentences: texts from outside.

use crate::case::text::{shortened, visible};

/// A text from outside, safe to show and short enough for a sentence.
pub(super) fn short(text: &str) -> String {
    visible(&shortened(text, 300))
}
