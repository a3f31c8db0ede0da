//! What a diagnosis says.

use serde::{Deserialize, Serialize};

use crate::case::step::StepId;
use crate::knowledge::{Found, Words};

/// The answer to "does the call work".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The call works.
    Pass,
    /// It does not, and the cause is known.
    Fail,
    /// It does not (or was not tried), and the evidence does not determine why.
    Inconclusive,
    /// With the changes that are assumed, nothing that was observed would block the call. It was not made with them.
    WouldPass,
}

/// What a fix changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// What the knowledge base says of the code.
    OfCode,
    /// Nothing that is stored: it has no such fault (where it was read), and App 2 still runs with other settings.
    Restart(Words),
    /// Nothing: what would pass needs no fix.
    Nothing,
}

/// A finding and its step: another cause that fits the evidence, or a fault that the call meets after the root cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Its step.
    pub step: StepId,
    /// What was found.
    pub found: Found,
}

/// The root cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootCause {
    /// Its step.
    pub step: StepId,
    /// What was found.
    pub found: Found,
    /// What its fixes change.
    pub change: Change,
}

/// The diagnosis of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Does the call work?
    pub verdict: Verdict,
    /// What prevents it; `None` when the verdict is `pass` or `would-pass`.
    pub root_cause: Option<RootCause>,
    /// Other causes that fit, likeliest first.
    pub alternatives: Vec<Other>,
    /// Faults that the call meets after the root cause is fixed, in order.
    pub next: Vec<Other>,
}
