//! The clocks of this machine. What observes reads them, and what starts a run; judging and showing are given the time.

#![expect(clippy::disallowed_methods, reason = "this is the place for it")]

use std::time::{Instant, SystemTime};

use chrono::{DateTime, Utc};

/// The date and the time of day.
#[must_use]
pub fn utc() -> DateTime<Utc> {
    Utc::now()
}

/// The same as files have it.
#[must_use]
pub fn calendar() -> SystemTime {
    SystemTime::now()
}

/// The clock that only runs forward.
#[must_use]
pub fn monotonic() -> Instant {
    Instant::now()
}
