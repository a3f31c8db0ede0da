//! Faults that every server can have.

use serde::{Deserialize, Serialize};

/// How a server fails as such, whatever it is asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Faults {
    /// Nothing listens: connections are refused.
    pub down: bool,
    /// Connections are accepted and never answered.
    pub silent: bool,
    /// The first requests for the same address are answered with `status`, so that the order of others doesn't matter.
    pub failing_requests: u32,
    pub status: u16,
    /// `Retry-After` of those answers, in seconds.
    pub retry_after_s: Option<u32>,
    pub body: String,
    /// The server's clock less the real one, in seconds.
    pub clock_skew_s: i64,
}
