//! A request while it waits for its answer, as it may be shown.

use std::fmt;
use std::time::Duration;

use super::exchange::Purpose;
use super::shown::address;
use super::shown::secrets::Secrets;

/// A request that has started and has no answer yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// The number of its exchange. A local command has one that no exchange has.
    pub id: u32,
    /// Why it is made.
    pub purpose: Purpose,
    /// The HTTP method; `RUN` for a local command.
    pub method: String,
    /// Where it goes.
    pub url: ShownUrl,
    /// When it started, since the start of the run; for who listens, since it was continued.
    pub at: Duration,
    /// How long it may take.
    pub limit: Duration,
}

/// An address without user names, passwords, and values of its query that may be secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownUrl(String);

impl ShownUrl {
    /// The address of a request as it may be shown.
    #[must_use]
    pub fn of(purpose: &Purpose, url: &str) -> Self {
        Self(match purpose {
            // Where a redirect leads, somebody else has decided.
            Purpose::CallRedirect(_) => address::host_of(url),
            _ => address::own(url),
        })
    }

    /// The same without any secret of the run.
    #[must_use]
    pub fn without(self, secrets: &Secrets) -> Self {
        Self(secrets.scrub(&self.0).into_owned())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShownUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
