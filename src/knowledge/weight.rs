//! How sure and how bad a finding is, by the sentence that says it.

use serde::{Deserialize, Serialize};

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It fits the evidence, and so do other causes.
    Possible,
    /// The answers fit this best.
    Likely,
    /// Read in the settings, or named by the service itself.
    Certain,
}

impl Confidence {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It prevents the call (or makes its success worthless).
    Error,
    /// It does not prevent this call, but needs attention.
    Warning,
    /// Worth knowing.
    Info,
}
