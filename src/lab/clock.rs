//! The lab's clock.

#![expect(clippy::disallowed_methods, reason = "this is the place for it")]

use chrono::{DateTime, Utc};

/// The date and the time of day.
pub(crate) fn utc() -> DateTime<Utc> {
    Utc::now()
}
