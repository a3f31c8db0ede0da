//! Which line of the log belongs to a run: by its time, and by the values of the token that it shows.

use super::LogEntry;
use crate::case::exchange::{Exchange, MIDDLEWARE_ID, Purpose};
use crate::case::token::DecodedToken;

/// Clocks and buffers may put a line this far outside the run, in seconds.
const AROUND_S: i64 = 300;
/// A line this much older than the run may still be about the same fault, in seconds.
const BEFORE_S: i64 = 3600;

/// How far times in an unknown time zone may be before and after UTC, in seconds: UTC-12 and UTC+14.
const BEHIND_UTC_S: i64 = 12 * 3600;
const AHEAD_OF_UTC_S: i64 = 14 * 3600;

/// When a line was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// During the run, or so close that clocks explain the difference.
    Run,
    /// In the hour before it.
    Before,
    /// Longer ago, or afterwards.
    Old,
    /// The line has no time, or one in an unknown time zone that may be the run's.
    None,
}

impl LogEntry {
    /// When it was written, by a run's start in seconds since 1970 and its length.
    #[must_use]
    pub fn written(&self, start: i64, elapsed_ms: u64) -> Written {
        let end = start.saturating_add(i64::try_from(elapsed_ms / 1000).unwrap_or(0));
        let Some(time) = self.time else {
            let earliest = start.saturating_sub(BEFORE_S).saturating_sub(BEHIND_UTC_S);
            let latest = end.saturating_add(AROUND_S).saturating_add(AHEAD_OF_UTC_S);
            let may_be_its = self.local_time.is_none_or(|time| (earliest..=latest).contains(&time));
            return if may_be_its { Written::None } else { Written::Old };
        };
        if (start.saturating_sub(AROUND_S)..=end.saturating_add(AROUND_S)).contains(&time) {
            Written::Run
        } else if (start.saturating_sub(BEFORE_S)..start).contains(&time) {
            Written::Before
        } else {
            Written::Old
        }
    }

    /// Whether it is about the call with the token, by the ID that the middleware gave the request and its answer has;
    /// `None` where it has no such ID.
    #[must_use]
    pub fn is_of_call(&self, exchanges: &[Exchange]) -> Option<bool> {
        // This program's deliberately invalid token has its name.
        if self.text.contains("easyauth-doctor") {
            return Some(false);
        }
        let ids = exchanges.iter().filter_map(|exchange| Some((exchange, exchange.answer()?.header(MIDDLEWARE_ID)?)));
        let mut own = ids.filter(|(_, id)| id.len() >= 8 && self.text.contains(id));
        own.next().map(|(exchange, _)| matches!(exchange.purpose, Purpose::CallWithToken | Purpose::CallRedirect(_)))
    }

    /// Whether the values that it shows are this token's; `None` where it shows none.
    #[must_use]
    pub fn is_of_token(&self, token: &DecodedToken) -> Option<bool> {
        let audiences = token.list("aud");
        let of_audience = self.value(&["audiences", "audience"]).and_then(|shown| {
            let parts = shown.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
            let fit: Vec<Option<bool>> = parts.map(|part| fits(part, &audiences)).collect();
            if fit.contains(&Some(false)) { Some(false) } else { (!fit.contains(&None)).then_some(true) }
        });
        let issuer: Vec<&str> = token.text("iss").into_iter().collect();
        let of_issuer = self.value(&["issuer"]).and_then(|shown| fits(shown, &issuer));
        let kid = token.header("kid").and_then(serde_json::Value::as_str);
        let of_key = self.value(&["kid"]).map(|shown| kid == Some(shown));
        let expiry = self.valid_to().zip(token.time("exp"));
        let of_expiry = expiry.map(|(shown, exp)| shown.abs_diff(exp) <= 60);
        let all: Vec<bool> = [of_audience, of_issuer, of_key, of_expiry].into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.into_iter().all(|own| own))
    }
}

/// Whether a value that a line shows is one of these. One that a tool cut shows its beginning, which proves no more
/// than that it is another one.
fn fits(shown: &str, values: &[&str]) -> Option<bool> {
    match shown.strip_suffix("...").or_else(|| shown.strip_suffix('…')) {
        Some(beginning) => (!values.iter().any(|value| value.starts_with(beginning))).then_some(false),
        None => Some(values.contains(&shown)),
    }
}

#[cfg(test)]
mod tests {
    use super::Written;
    use crate::case::target_log::TargetLog;

    #[test]
    fn a_time_in_an_unknown_zone_is_no_time_in_utc() {
        // 2026-01-01T10:00:00Z
        const START: i64 = 1_767_261_600;
        for (column, written, is) in [
            ("TimeGenerated [UTC]", "1/1/2026, 10:00:01.000 AM", Written::Run),
            ("TimeGenerated [UTC]", "1/1/2026, 11:00:01.000 AM", Written::Old),
            // In UTC+1, it is the run's.
            ("TimeGenerated [Local Time]", "1/1/2026, 11:00:01.000 AM", Written::None),
            ("timestamp [Pacific Time (US & Canada)]", "1/1/2026, 2:00:01.000 AM", Written::None),
            ("TimeGenerated [Local Time]", "12/30/2025, 10:00:01.000 AM", Written::Old),
            ("TimeGenerated [Local Time]", "1/3/2026, 10:00:01.000 AM", Written::Old),
        ] {
            let text = format!("{column},Level,ResultDescription\n\"{written}\",Error,IDX10214: Audience validation\n");
            let log = TargetLog::from_bytes("x", text.as_bytes());
            let entry = log.entries.first().unwrap();
            assert_eq!(entry.written(START, 1000), is, "{column} {written}");
            assert_eq!(
                (entry.time.is_none(), entry.local_time.is_some()),
                (!column.contains("UTC"), entry.time.is_none())
            );
        }
    }
}
