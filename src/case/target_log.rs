//! App 2's own log, as far as it speaks of authentication.

mod items;
mod lines;
pub mod reader;
mod rows;

use serde::{Deserialize, Serialize};

use super::shown::quote;
use super::shown::secrets::Secrets;

/// The lines of the log that say something.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TargetLog {
    /// Where it was read.
    pub source: String,
    /// How many lines it had.
    pub lines: usize,
    /// What was recognised, in the log's order.
    pub entries: Vec<LogEntry>,
}

/// One recognised line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The line's number, from 1.
    pub line: usize,
    /// Its time in seconds since 1970, where it has one.
    pub time: Option<i64>,
    /// The `IDX` number, such as `IDX10214`.
    pub idx: Option<String>,
    /// The sub-status, such as `401.83`.
    pub sub_status: Option<String>,
    /// Values that the line still shows: `audiences`, `validAudience`, `validAudiences`, `issuer`, `validIssuer`, …
    pub values: Vec<(String, String)>,
    /// Whether the line hides its values (`[PII is hidden …]`).
    pub hidden: bool,
    /// Whether the line is the Functions host's own noise, which says nothing of Easy Auth.
    pub host_noise: bool,
    /// Whether a validator in the app's own code wrote the line (ASP.NET Core's JwtBearer), and not Easy Auth.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_app: bool,
    /// The request that the same process was last seen to receive, as `GET https://…`, cleaned and shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The line itself, cleaned and shortened.
    pub text: String,
    /// What the run must hide in what is quoted of this line.
    #[serde(skip)]
    pub secrets: Secrets,
}

impl LogEntry {
    /// The line, as it may be quoted.
    #[must_use]
    pub fn quoted(&self) -> String {
        let clean = self.secrets.scrub_foreign(&self.text);
        quote::cut_line(&clean)
    }
}
