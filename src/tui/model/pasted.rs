//! What was pasted beside what is checked: a token, App 2's settings, or both. It is only looked at here; never kept,
//! saved, or sent.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::case::auth_settings::AuthSettings;
use crate::case::token::DecodedToken;
use crate::report::{Report, beside};

/// What was pasted.
#[derive(Debug, Clone, Default)]
pub struct Pasted {
    /// A token, taken apart: without its signature.
    pub token: Option<DecodedToken>,
    /// App 2's settings.
    pub settings: Option<AuthSettings>,
    /// Both judged, and beside which state of which target.
    judged: Option<((usize, u64), Arc<Report>)>,
}

impl Pasted {
    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.token.is_none() && self.settings.is_none()
    }

    /// It judged beside what is shown.
    #[must_use]
    pub fn judged(&self) -> Option<&Report> {
        self.judged.as_ref().map(|(_, report)| &**report)
    }

    /// Judges it beside this report, unless that was done.
    pub fn judge(&mut self, of: (usize, u64), report: &Report, now: DateTime<Utc>) {
        if self.judged.as_ref().is_none_or(|(known, _)| *known != of) {
            let judged = beside::judged(report, self.token.as_ref(), self.settings.as_ref(), now);
            self.judged = Some((of, Arc::new(judged)));
        }
    }
}
