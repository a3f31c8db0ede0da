//! The eight steps.

use serde::{Deserialize, Serialize};

/// One of the eight steps, in the order of the call's path. Their titles and questions are in
/// `assets/knowledge/steps.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepId {
    /// App 1's identity and credential.
    Identity,
    /// App 2's reachability, and Easy Auth in front of it.
    Protection,
    /// The resource that the token is requested for.
    Scope,
    /// The token request.
    Token,
    /// The token's claims, times, and signature.
    Claims,
    /// The audience and issuer that App 2 accepts.
    Audience,
    /// App 2's policy on callers.
    Authorization,
    /// The call with the token.
    Call,
}

impl StepId {
    /// All steps in order.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::Protection,
        Self::Scope,
        Self::Token,
        Self::Claims,
        Self::Audience,
        Self::Authorization,
        Self::Call,
    ];

    /// The step's number, 1 to 8.
    #[must_use]
    pub const fn number(self) -> u8 {
        (self as u8).saturating_add(1)
    }

    /// The step's stable id, as in the JSON report.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Protection => "protection",
            Self::Scope => "scope",
            Self::Token => "token",
            Self::Claims => "claims",
            Self::Audience => "audience",
            Self::Authorization => "authorization",
            Self::Call => "call",
        }
    }

    /// The step with this stable id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.id() == id)
    }
}
