//! App 2's own log, as far as it speaks of authentication.

mod items;
mod lines;
mod printed;
pub mod reader;
mod row;
mod rows;
pub mod sentences;
mod time;
pub mod written;

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
    /// Its time in an unknown time zone, as if it were UTC, where it has no other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_time: Option<i64>,
    /// The `IDX` number, such as `IDX10214`.
    pub idx: Option<String>,
    /// The sub-status, such as `401.83`.
    pub sub_status: Option<String>,
    /// Values that the line still shows: `audiences`, `validAudience`, `validAudiences`, `issuer`, `validIssuer`, …
    pub values: Vec<(String, String)>,
    /// Whether the line hides its values (`[PII is hidden …]`).
    pub hidden: bool,
    /// Who wrote the line.
    #[serde(default, skip_serializing_if = "Writer::is_unknown")]
    pub writer: Writer,
    /// The app that the row names: its resource ID, or its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The request that the same process was last seen to receive, as `GET https://…`, cleaned and shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The line itself, cleaned and shortened.
    pub text: String,
    /// What the run must hide in what is quoted of this line.
    #[serde(skip)]
    pub secrets: Secrets,
}

/// Who wrote a line of App 2's log, as far as the line and its neighbors show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Writer {
    /// Easy Auth.
    EasyAuth,
    /// The Functions host, which tries every bearer token as its own admin token: that says nothing of Easy Auth.
    FunctionsHost,
    /// A validator other than Easy Auth: in the app's own code, such as ASP.NET Core's JwtBearer, or API Management's.
    Application,
    /// Nothing shows it.
    #[default]
    Unknown,
}

impl Writer {
    /// Whether nothing shows it.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

impl LogEntry {
    /// Whether it says that a token was rejected, in a sentence: its number may have been cut off.
    #[must_use]
    pub fn names_a_rejection(&self) -> bool {
        self.text.contains("JWT validation failed")
    }

    /// Whether it says that the request came without a user's session.
    #[must_use]
    pub fn names_no_user(&self) -> bool {
        self.text.contains("for user ''")
    }

    /// The first of these values that the line shows, other than `null`.
    #[must_use]
    pub fn value(&self, names: &[&str]) -> Option<&str> {
        let (_, value) = self.values.iter().find(|(name, _)| names.contains(&name.as_str()))?;
        Some(value.trim()).filter(|value| !value.is_empty() && !value.eq_ignore_ascii_case("null"))
    }

    /// The audiences that the line's writer accepts, where it shows them.
    #[must_use]
    pub fn accepted_audiences(&self) -> Vec<&str> {
        let shown = ["validAudience", "validAudiences"].iter().filter_map(|name| self.value(&[name]));
        let mut all = Vec::new();
        for audience in shown.flat_map(|list| list.split([',', ' '])).filter(|audience| !audience.is_empty()) {
            if !all.contains(&audience) {
                all.push(audience);
            }
        }
        all
    }

    /// The issuer that the line's writer expects, where it shows it.
    #[must_use]
    pub fn expected_issuer(&self) -> Option<String> {
        let shown = ["validIssuer", "validIssuers"].iter().find_map(|name| self.value(&[name]))?;
        Some(shown.split(',').next().unwrap_or(shown).trim().to_owned())
    }

    /// Until when the token is valid that the line shows, in seconds since 1970: .NET writes it in several forms.
    #[must_use]
    pub fn valid_to(&self) -> Option<i64> {
        let text = self.value(&["validTo"])?;
        ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"]
            .iter()
            .find_map(|form| chrono::NaiveDateTime::parse_from_str(text, form).ok())
            .map(|moment| moment.and_utc().timestamp())
    }

    /// Whether it follows a request for another path than that of this address.
    #[must_use]
    pub fn follows_another_path(&self, target: Option<&str>) -> bool {
        let path = |text: &str| {
            let path = text.split(['?', '#']).next().unwrap_or_default();
            let path = path
                .split_once("://")
                .map_or(path, |(_, rest)| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"));
            path.trim_end_matches('/').to_ascii_lowercase()
        };
        let asked = self.request.as_deref().and_then(|request| request.split_whitespace().nth(1));
        asked.zip(target).is_some_and(|(asked, target)| path(asked) != path(target))
    }

    /// Whether it follows a request for the target's path.
    #[must_use]
    pub fn is_of_path(&self, target: Option<&str>) -> bool {
        self.request.is_some() && !self.follows_another_path(target)
    }

    /// Whether it says that the app or its container fails, and nothing of authentication.
    #[must_use]
    pub fn tells_of_a_crash(&self) -> bool {
        let is_of_a_token = self.idx.is_some() || self.sub_status.is_some() || self.text.contains("AADSTS");
        !is_of_a_token && self.writer != Writer::EasyAuth && sentences::is_of_a_crash(&self.text)
    }

    /// The line, as it may be quoted.
    #[must_use]
    pub fn quoted(&self) -> String {
        let clean = self.secrets.scrub_foreign(&self.text);
        quote::cut_line(&clean)
    }
}
