//! What the runtime of Logic Apps says, by its codes.

use crate::case::exchange::Answer;

/// What the runtime of Logic Apps says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogicApps {
    /// A signature in the address (SAS) and a bearer token at once.
    BothSchemes,
    /// It reads the Authorization header itself, as it does where Easy Auth isn't in front of it.
    OwnScheme,
    /// The claims don't match the workflow's own authorization policy.
    Claims,
    /// The workflow's access control has another list of addresses.
    Address,
}

/// The codes of the runtime (facts: easy-auth, 3.8), and sentences that are also quoted without theirs.
const LOGIC_APPS: [(&str, LogicApps); 6] = [
    ("DirectApiRequestHasMoreThanOneAuthorization", LogicApps::BothSchemes),
    ("Only one scheme should", LogicApps::BothSchemes),
    ("DirectApiInvalidAuthorizationScheme", LogicApps::OwnScheme),
    ("DirectApiAuthorizationRequired", LogicApps::OwnScheme),
    ("MisMatchingOAuthClaims", LogicApps::Claims),
    ("is not in the allowed caller IP address ranges", LogicApps::Address),
];

/// What the runtime of Logic Apps says in an answer, and the mark.
#[must_use]
pub fn logic_apps(answer: &Answer) -> Option<(LogicApps, &'static str)> {
    let known = LOGIC_APPS.iter().find(|(mark, _)| answer.body.contains(mark));
    known.filter(|_| answer.status >= 400).map(|(mark, says)| (*says, *mark))
}
