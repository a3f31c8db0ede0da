//! Which line of the log belongs to a run: by its time, and by the values of the token that it shows.

use super::LogEntry;
use crate::case::exchange::{Exchange, MIDDLEWARE_ID, Purpose};
use crate::case::token::DecodedToken;

/// Clocks and buffers may put a line this far outside the run, in seconds.
const AROUND_S: i64 = 300;
/// A line this much older than the run may still be about the same fault, in seconds.
const BEFORE_S: i64 = 3600;

/// When a line was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// During the run, or so close that clocks explain the difference.
    Run,
    /// In the hour before it.
    Before,
    /// Longer ago, or afterwards.
    Old,
    /// The line has no time.
    None,
}

impl LogEntry {
    /// When it was written, by a run's start in seconds since 1970 and its length.
    #[must_use]
    pub fn written(&self, start: i64, elapsed_ms: u64) -> Written {
        let Some(time) = self.time else { return Written::None };
        let end = start.saturating_add(i64::try_from(elapsed_ms / 1000).unwrap_or(0));
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
