//! Durations and times, as people say them.

use chrono::{DateTime, SecondsFormat, Utc};

/// A duration in its two largest units.
#[must_use]
pub fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (1, 0, _) => "1 day".to_owned(),
        (1..=2, 1.., _) => format!("{} h", seconds / 3_600),
        (days, ..) => format!("{days} days"),
    }
}

/// A time in UTC: `2026-01-01T00:00:00Z`.
#[must_use]
pub fn time(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0)
        .map_or_else(|| seconds.to_string(), |moment| moment.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// A time in UTC with its distance from `at`: `2026-01-01T00:00:00Z (in 23 h 55 min)`.
#[must_use]
pub fn moment(seconds: i64, at: DateTime<Utc>) -> String {
    let shown = time(seconds);
    let distance = seconds.saturating_sub(at.timestamp());
    match distance {
        0 => format!("{shown} (now)"),
        1.. => format!("{shown} (in {})", span(distance.unsigned_abs())),
        _ => format!("{shown} ({} ago)", span(distance.unsigned_abs())),
    }
}
