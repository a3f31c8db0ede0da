//! How sure and how bad a finding is, and what came of a step or a rule.

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
    /// Certain where this is so, and else likely.
    #[must_use]
    pub const fn certain_if(is_so: bool) -> Self {
        if is_so { Self::Certain } else { Self::Likely }
    }

    /// Likely where this is so, and else possible.
    #[must_use]
    pub const fn likely_if(is_so: bool) -> Self {
        if is_so { Self::Likely } else { Self::Possible }
    }

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

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepStatus {
    /// Observed and good.
    Pass,
    /// Observed and good, with something to know.
    Warn,
    /// Observed and bad.
    Fail,
    /// Not needed, or pointless after an earlier failure.
    Skipped,
    /// The evidence is missing.
    Unknown,
}

/// Whether a token satisfies a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleVerdict {
    /// It does.
    Holds,
    /// It doesn't.
    Broken,
    /// It doesn't, and how the platform applies the rule isn't documented.
    BrokenUndocumented,
    /// The source hides the value, or how the platform applies the rule isn't established.
    Unknown,
}

impl RuleVerdict {
    /// The verdict for a documented rule.
    #[must_use]
    pub const fn of(is_met: bool) -> Self {
        if is_met { Self::Holds } else { Self::Broken }
    }

    /// The verdict for a rule that isn't documented.
    #[must_use]
    pub const fn undocumented(is_met: bool) -> Self {
        if is_met { Self::Holds } else { Self::BrokenUndocumented }
    }
}
