//! A token that Microsoft Entra ID did not issue. It is never sent, and App 2's rules are not applied to it.

use crate::case::code::Code;
use crate::case::may_send::{Foreign, foreign};
use crate::case::token::DecodedToken;
use crate::check::words::short;
use crate::check::{Confidence, Found, says};
use crate::evidence::{Evidence, Origin};

/// Why Entra did not issue the token; `None` where it may have.
pub(super) fn of(evidence: &Evidence<'_>, token: &DecodedToken) -> Option<Foreign> {
    if token.unreadable || token.claims.is_empty() {
        return None;
    }
    let authority = evidence
        .environment
        .as_ref()
        .map_or_else(|| evidence.inputs.authority().to_owned(), |environment| environment.authority(&evidence.inputs));
    foreign(token, &authority)
}

pub(super) fn finding(token: &DecodedToken, foreign: &Foreign) -> Found {
    let is_signing = matches!(foreign, Foreign::Algorithm(_));
    let finding = Found::error(Code::TokenNotFromEntra, says("foreign"))
        .value("reason", foreign.to_string())
        .confirm(says(if foreign.is_contradiction() {
            "contradiction"
        } else if is_signing {
            "algorithm"
        } else {
            "domain"
        }))
        .confidence(if foreign.is_uncertain() { Confidence::Likely } else { Confidence::Certain });
    ["iss", "aud", "sub"].iter().filter_map(|name| Some((name, token.claim(name)?))).fold(
        finding,
        |finding, (name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            finding.because_of(Origin::Claim(name), format!("{name} = {}", short(&text)))
        },
    )
}
