//! The result of checking the signature.

use crate::case::code::Code;
use crate::case::exchange::Purpose;
use crate::case::step::StepId;
use crate::case::token::{ALG_NONE, AcquiredToken, NO_ALG, NO_SIGNATURE, SignatureVerdict};
use crate::check::difference::{Difference, KEY};
use crate::check::words::short;
use crate::check::{Confidence, Found, Severity, says};
use crate::evidence::{Evidence, Progress, target};
use crate::knowledge::{Words, phrase};

/// The result as a fact of the step.
pub(super) fn fact(verdict: Option<&SignatureVerdict>) -> Words {
    let (key, kid) = match verdict {
        None => return "not checked yet".into(),
        Some(SignatureVerdict::NotChecked { reason }) => {
            return phrase("claims.signature-unchecked").with("reason", short(reason)).into();
        }
        Some(SignatureVerdict::Valid { kid }) => ("claims.signature-valid", kid),
        Some(SignatureVerdict::Invalid { kid }) => ("claims.signature-invalid", kid),
        Some(SignatureVerdict::UnknownKey { kid, .. }) => ("claims.signature-unknown-key", kid),
    };
    phrase(key).with("kid", short(kid)).into()
}

/// Whether a defect of the token is about its signature. Such a defect is reported here, or with a foreign token.
pub(super) fn is_about(defect: &str) -> bool {
    matches!(defect, NO_SIGNATURE | ALG_NONE | NO_ALG)
}

pub(super) fn findings(evidence: &Evidence<'_>, token: &AcquiredToken) -> Option<Found> {
    let claims = &token.decoded;
    if claims.claims.is_empty() {
        return None;
    }
    if let Some(defect) = claims.defects.iter().find(|defect| is_about(defect)) {
        return Some(Found::error(Code::TokenSignatureInvalid, says("missing")).value("defect", defect));
    }
    let finding = match token.signature.as_ref() {
        Some(SignatureVerdict::Valid { .. }) => return None,
        Some(SignatureVerdict::Invalid { kid }) => {
            Found::error(Code::TokenSignatureInvalid, says("wrong")).value("kid", short(kid))
        }
        Some(SignatureVerdict::UnknownKey { kid, known }) => {
            Found::error(Code::TokenSignatureInvalid, says("unknown-key"))
                .value("kid", short(kid))
                .differs(Difference::of(KEY, known, Some(kid), evidence.inputs.authority()))
                .confidence(Confidence::Likely)
                .because(phrase("claims.authority-keys").with("keys", short(&known.join(", "))))
        }
        Some(SignatureVerdict::NotChecked { reason }) => Found::info(Code::TokenSignatureUnverified, says("unchecked"))
            .value("reason", short(reason.trim_end_matches('.'))),
        None if evidence.is_settled(StepId::Claims) => Found::info(Code::TokenSignatureUnverified, says("unchecked")),
        None => return None,
    };
    let accepted = evidence.progress >= Progress::TokenAccepted || target::other_audience(evidence) == Some(true);
    if finding.severity == Severity::Error && accepted {
        return Some(accepted_anyway(evidence, token, finding));
    }
    Some(finding)
}

/// What App 2 does outranks what the keys say: App 2 accepts the token, so it has keys that were not seen here, or
/// checks no signatures. Neither prevents the call.
fn accepted_anyway(evidence: &Evidence<'_>, token: &AcquiredToken, finding: Found) -> Found {
    let warning = match &token.signature {
        Some(SignatureVerdict::Invalid { kid }) => {
            Found::warning(Code::TokenSignatureInvalid, says("accepted-anyway")).value("kid", short(kid))
        }
        // The authority may have keys that it doesn't list here.
        _ => {
            Found::warning(Code::TokenSignatureUnverified, says("accepted-anyway")).value("message", finding.message())
        }
    };
    let call = evidence.exchange(&Purpose::CallInvalidToken).map(target::evidence);
    let lines = finding.evidence.into_iter().chain(call);
    lines.fold(warning.confidence(Confidence::Likely), Found::because)
}
