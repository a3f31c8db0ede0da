//! The time of a row, in the forms in which logs write it.

use chrono::{DateTime, NaiveDateTime};

/// The time at the start of a text, in seconds since 1970; without a zone it is UTC, as App Service writes it.
pub(super) fn time_in(text: &str) -> Option<i64> {
    let starts = text.char_indices().take(48).filter(|(_, character)| character.is_ascii_digit());
    for (at, _) in starts {
        let Some(candidate) = text.get(at..).and_then(|rest| rest.get(..19)) else {
            continue;
        };
        let Ok(time) = NaiveDateTime::parse_from_str(&candidate.replace('T', " "), "%Y-%m-%d %H:%M:%S") else {
            continue;
        };
        let zoned = text
            .get(at..)
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|word| DateTime::parse_from_rfc3339(word.trim_end_matches([',', ']', '"'])).ok());
        return Some(zoned.map_or_else(|| time.and_utc().timestamp(), |zoned| zoned.timestamp()));
    }
    // The portal's export as a file has the times of its column `TimeGenerated [UTC]` so.
    let exported = NaiveDateTime::parse_from_str(text.trim(), "%m/%d/%Y, %I:%M:%S%.f %p");
    exported.ok().map(|time| time.and_utc().timestamp()).or_else(|| since_1970(text.trim()))
}

/// A time that is a number of seconds, milliseconds, or nanoseconds.
fn since_1970(text: &str) -> Option<i64> {
    let text = text.split('.').next().unwrap_or_default();
    let unit = match text.len() {
        10 => 1,
        13 => 1_000,
        19 => 1_000_000_000,
        _ => return None,
    };
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok()?.checked_div(unit)).flatten()
}
