//! The logs that have the reason of an answer that hides it, and how to query them.

use serde::Deserialize;

/// A log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// What it is, in a few words.
    pub title: String,
    /// What it has, and for which answers.
    pub meaning: String,
    /// What its reader needs.
    pub permission: String,
    /// How to read it.
    #[serde(rename = "query")]
    pub queries: Vec<LogQuery>,
}

/// A query, for one tool.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogQuery {
    /// The tool: `az`, `powershell`, `kql` (the page Logs of a Log Analytics workspace), or `portal`.
    pub via: String,
    /// What to type there.
    pub text: String,
}
