//! A line of evidence, and where it was observed.

use serde::Serialize;

use super::words::Words;
use crate::case::exchange::Exchange;
use crate::case::target_log::LogEntry;

/// An observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceLine {
    /// What was observed; `None` where it is what was found there, which has its words once somebody reads them.
    pub text: Option<Words>,
    /// Where it was observed, if that is one place.
    pub origin: Option<Origin>,
}

/// Where something was observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A request, by its number in the report.
    Exchange(u32),
    /// A claim of the token.
    Claim(&'static str),
    /// A member of App 2's authentication settings, by its path, such as `properties.platform.enabled`.
    SettingsPath(&'static str),
    /// A line of App 2's log, from 1.
    LogLine(usize),
}

impl EvidenceLine {
    /// What was observed there.
    pub fn of(origin: Origin, text: impl Into<Words>) -> Self {
        Self { text: Some(text.into()), origin: Some(origin) }
    }
}

impl<W: Into<Words>> From<W> for EvidenceLine {
    fn from(text: W) -> Self {
        Self { text: Some(text.into()), origin: None }
    }
}

/// A request and what it got.
impl From<&Exchange> for EvidenceLine {
    fn from(exchange: &Exchange) -> Self {
        Self { text: None, origin: Some(Origin::Exchange(exchange.id)) }
    }
}

impl From<&LogEntry> for EvidenceLine {
    fn from(entry: &LogEntry) -> Self {
        Self { text: None, origin: Some(Origin::LogLine(entry.line)) }
    }
}
