//! What App 2's own log says of the token itself: expired, not yet valid, unreadable, badly signed.

use crate::case::code::Code;
use crate::case::token::{AcquiredToken, SignatureVerdict};
use crate::check::{Confidence, Found, Severity};
use crate::evidence::log::{self, Says};
use crate::evidence::{Evidence, target};

use crate::check::words::moment;

use super::lifetime::moment_of_use;

/// Adds the log's word: as evidence where the claims say the same, as a finding where they do not.
pub(super) fn confirm(evidence: &Evidence<'_>, token: &AcquiredToken, found: &mut Vec<Found>) {
    if target::call_status(evidence) != Some(401) {
        return;
    }
    let Some(word) = log::reason(evidence) else { return };
    let until = |name: &str| {
        token.decoded.time(name).map_or_else(
            || "not told".to_owned(),
            |seconds| moment(seconds, moment_of_use(evidence)),
        )
    };
    let (code, message) = match word.says {
        Says::Expired => (
            Code::TokenExpired,
            format!(
                "App 2's log says that the token is expired by App 2's own clock; its exp is {}.",
                until("exp")
            ),
        ),
        Says::NotYetValid => (
            Code::TokenNotYetValid,
            format!(
                "App 2's log says that the token is not valid yet by App 2's own clock; its nbf is {}.",
                until("nbf")
            ),
        ),
        Says::Malformed => (
            Code::TokenMalformed,
            "App 2's log says that the token cannot be read as it arrived.".to_owned(),
        ),
        // A signature that the authority's keys confirm is whole; then App 2 has other keys, which is step 6's affair.
        Says::Signature if !matches!(token.signature, Some(SignatureVerdict::Valid { .. })) => (
            Code::TokenSignatureInvalid,
            "App 2's log says that the token's signature failed.".to_owned(),
        ),
        _ => return,
    };
    let known = found
        .iter_mut()
        .find(|finding| finding.severity == Severity::Error && finding.code == code);
    match known {
        Some(known) => {
            known.confidence = known.confidence.max(word.weight.min(Confidence::Likely));
            known.evidence.push(word.evidence());
        }
        None => found.push(
            Found::error(code, format!("{message}{}", word.values()))
                .confidence(word.weight.min(Confidence::Likely))
                .confirm("ask for a fresh token and call again; App 2's log then shows the same number or none")
                .because(word.evidence()),
        ),
    }
}
