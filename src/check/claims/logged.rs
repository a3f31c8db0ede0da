//! What App 2's own log says of the token itself: expired, not yet valid, unreadable, or with an invalid signature.

use crate::case::code::Code;
use crate::case::token::{AcquiredToken, SignatureVerdict};
use crate::check::words::{logged_values, moment};
use crate::check::{Confidence, Found, Severity, says};
use crate::evidence::log::{self, Says};
use crate::evidence::{Evidence, target};

use super::lifetime::moment_of_use;

/// Adds what the log says: as evidence where the claims say the same, as a finding where they don't.
pub(super) fn confirm(evidence: &Evidence<'_>, token: &AcquiredToken, found: &mut Vec<Found>) {
    if target::call_status(evidence) != Some(401) {
        return;
    }
    let Some(word) = log::reason(evidence) else { return };
    let (code, claim) = match word.says {
        Says::Expired => (Code::TokenExpired, "exp"),
        Says::NotYetValid => (Code::TokenNotYetValid, "nbf"),
        Says::Malformed => (Code::TokenMalformed, ""),
        // The authority's keys verify this signature, so App 2 has other keys: that is judged in step 6.
        Says::Signature if !matches!(token.signature, Some(SignatureVerdict::Valid { .. })) => {
            (Code::TokenSignatureInvalid, "")
        }
        _ => return,
    };
    let confidence = word.weight.min(Confidence::Likely);
    let known = found.iter_mut().find(|finding| finding.severity == Severity::Error && finding.code == code);
    if let Some(known) = known {
        known.confidence = known.confidence.max(confidence);
        known.evidence.push(word.evidence());
        return;
    }
    let time = token.decoded.time(claim);
    found.push(
        Found::error(code, says("log"))
            .value_if_any("time", time.map(|time| moment(time, moment_of_use(evidence))))
            .value("log_values", logged_values(&word))
            .confidence(confidence)
            .because(word.evidence()),
    );
}
