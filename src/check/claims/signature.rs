//! The result of checking the signature.

use crate::check::prelude::*;

pub(super) fn finding(evidence: &Evidence<'_>, token: &AcquiredToken) -> Option<Found> {
    let claims = &token.decoded;
    if claims.claims.is_empty() {
        return None;
    }
    if let Some(defect) = claims.signature_defect() {
        return Some(Found::of(Code::TokenSignatureInvalid, "missing").value("defect", defect));
    }
    let invalid = |key, kid: &str| Found::of(Code::TokenSignatureInvalid, key).value("kid", short(kid));
    let unchecked = || Found::of(Code::TokenSignatureUnverified, "unchecked");
    let finding = match token.signature.as_ref() {
        Some(SignatureVerdict::Valid { .. }) => return None,
        Some(SignatureVerdict::Invalid { kid }) => invalid("wrong", kid),
        Some(SignatureVerdict::UnknownKey { kid, known }) => invalid("unknown-key", kid)
            .differs(Difference::of(KEY, known, Some(kid), evidence.inputs.authority()))
            .because(phrase("claims.authority-keys").with("keys", short(&known.join(", ")))),
        Some(SignatureVerdict::NotChecked { reason }) => {
            unchecked().value("reason", short(reason.trim_end_matches('.')))
        }
        None if evidence.is_settled(StepId::Claims) => unchecked(),
        None => return None,
    };
    let accepted = evidence.accepts_the_token() || target::other_audience(evidence) == Some(true);
    if finding.severity != Severity::Error || !accepted {
        return Some(finding);
    }
    // What App 2 does outranks what the keys say: it has keys that were not seen here, or checks no signatures.
    let warning = match &token.signature {
        Some(SignatureVerdict::Invalid { kid }) => invalid("accepted-anyway", kid),
        // The authority may have keys that it doesn't list here.
        _ => Found::of(Code::TokenSignatureUnverified, "accepted-anyway").value("message", finding.message()),
    };
    Some(warning.because_all(finding.evidence).shown_by(evidence, [Purpose::CallInvalidToken]))
}
