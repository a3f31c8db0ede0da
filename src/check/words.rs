//! Values of sentences: texts from outside, times, and what a log line shows.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::case::span::span;
use crate::case::text::{shortened, visible};
use crate::evidence::log::Word;

/// A text from outside, safe to show and short enough for a sentence.
pub(super) fn short(text: &str) -> String {
    visible(&shortened(text, 300))
}

/// The values that a line of App 2's log shows, each with its name.
pub(super) fn logged_values(word: &Word<'_>) -> Vec<String> {
    let values = word.entry.values.iter().filter(|(_, value)| value != "null");
    values.map(|(name, value)| format!("{name} {value}")).collect()
}

/// A time in UTC: `2026-01-01T00:00:00Z`.
pub(super) fn time(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0)
        .map_or_else(|| seconds.to_string(), |moment| moment.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// A time in UTC with its distance from `at`: `2026-01-01T00:00:00Z (in 23 h 55 min)`.
pub(super) fn moment(seconds: i64, at: DateTime<Utc>) -> String {
    let shown = time(seconds);
    let distance = seconds.saturating_sub(at.timestamp());
    match distance {
        0 => format!("{shown} (now)"),
        1.. => format!("{shown} (in {})", span(distance.unsigned_abs())),
        _ => format!("{shown} ({} ago)", span(distance.unsigned_abs())),
    }
}
