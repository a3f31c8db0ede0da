//! The eight steps.

use serde::{Deserialize, Serialize};

/// One of the eight steps, in the order of the call's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepId {
    /// Has App 1 an identity, and can it be used from here?
    Identity,
    /// Is App 2 reachable and protected by Easy Auth with Entra?
    Protection,
    /// Which Application ID URI must the token be for?
    Scope,
    /// Does the identity endpoint (or Entra) issue that token?
    Token,
    /// Is the token what it should be?
    Claims,
    /// Does App 2 accept this audience and issuer?
    Audience,
    /// Does App 2's policy admit this caller?
    Authorization,
    /// Does the authenticated call succeed, and who answered?
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

    /// The step as a positive statement, so that the list of steps reads as a specification.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Identity => "App 1 has an identity",
            Self::Protection => "App 2 is protected by Easy Auth",
            Self::Scope => "The resource is known",
            Self::Token => "A token is issued",
            Self::Claims => "The token is sound",
            Self::Audience => "Audience and issuer are accepted",
            Self::Authorization => "The caller is admitted",
            Self::Call => "The call succeeds",
        }
    }

    /// The question that the step answers.
    #[must_use]
    pub const fn question(self) -> &'static str {
        match self {
            Self::Identity => "Has App 1 an identity, and can it be used from here?",
            Self::Protection => "Is App 2 reachable and protected by Easy Auth with Entra?",
            Self::Scope => "Which Application ID URI must the token be for?",
            Self::Token => "Does the identity endpoint (or Entra) issue that token?",
            Self::Claims => "Is the token what it should be: who, for whom, by whom, until when, signed?",
            Self::Audience => "Does App 2 accept this audience and issuer?",
            Self::Authorization => "Does App 2's policy admit this application, identity, tenant and group?",
            Self::Call => "Does the authenticated call succeed, and who answered?",
        }
    }

    /// The step with this stable id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.id() == id)
    }
}
