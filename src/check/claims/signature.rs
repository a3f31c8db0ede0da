//! What checking the signature gave.

use crate::case::code::Code;
use crate::case::exchange::Purpose;
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::case::token::{ALG_NONE, AcquiredToken, NO_ALG, NO_SIGNATURE, SignatureVerdict};
use crate::check::difference::{Difference, KEY};
use crate::check::{Confidence, Found, Severity};
use crate::evidence::{Evidence, Progress, target};

use crate::check::says;
use crate::check::words::short;

/// The verdict in a few words.
pub(super) fn words(verdict: Option<&SignatureVerdict>) -> String {
    match verdict {
        None => "not checked yet".to_owned(),
        Some(SignatureVerdict::Valid { kid }) => format!("valid, by the authority's key {}", short(kid)),
        Some(SignatureVerdict::Invalid { kid }) => format!("wrong, for the authority's key {}", short(kid)),
        Some(SignatureVerdict::UnknownKey { kid, .. }) => {
            format!("by the key {}, which the authority does not have", short(kid))
        }
        Some(SignatureVerdict::NotChecked { reason }) => format!("not checked: {}", short(reason)),
    }
}

/// Whether a defect of the token's form is about its signature, and so told here or as a token that is not Entra's.
pub(super) fn is_about(defect: &str) -> bool {
    matches!(defect, NO_SIGNATURE | ALG_NONE | NO_ALG)
}

pub(super) fn findings(evidence: &Evidence<'_>, token: &AcquiredToken) -> Option<Found> {
    let claims = &token.decoded;
    if claims.claims.is_empty() {
        return None;
    }
    if let Some(defect) = claims.defects.iter().find(|defect| is_about(defect)) {
        return Some(Found::error(
            Code::TokenSignatureInvalid,
            format!("The token is not signed: {defect}."),
        ));
    }
    let issuer = short(claims.text("iss").unwrap_or("nobody"));
    let authority = visible(evidence.inputs.authority());
    let finding = match token.signature.as_ref() {
        Some(SignatureVerdict::Valid { .. }) => return None,
        Some(SignatureVerdict::Invalid { kid }) => Found::error(
            Code::TokenSignatureInvalid,
            format!("The token's signature is wrong: the authority's key {} did not sign it. It was changed or cut.", short(kid)),
        ),
        Some(SignatureVerdict::UnknownKey { kid, known }) => Found::error(
            Code::TokenSignatureInvalid,
            format!(
                "The token was signed with the key {}, which {authority} does not have: it comes from another authority or cloud \
                 (its issuer is {issuer}), or the registration has signing keys of its own.",
                short(kid)
            ),
        )
        .differs(Difference::of(KEY, known, Some(kid), authority.as_str()))
        .confidence(Confidence::Likely)
        .because(format!("keys of the authority: {}", short(&known.join(", ")))),
        Some(SignatureVerdict::NotChecked { reason }) => Found::info(
            Code::TokenSignatureUnverified,
            format!("The token's signature was not checked: {}.", short(reason.trim_end_matches('.'))),
        ),
        None if evidence.is_settled(StepId::Claims) => Found::info(
            Code::TokenSignatureUnverified,
            "The token's signature was not checked: the authority's keys were not read.",
        ),
        None => return None,
    };
    let accepted = evidence.progress >= Progress::TokenAccepted || target::other_audience(evidence) == Some(true);
    if finding.severity == Severity::Error && accepted {
        return Some(disproved_and_accepted(evidence, token, finding));
    }
    Some(finding)
}

/// What App 2 does outranks what the keys say: a server that accepts the token has keys that were not seen here, or
/// checks no signatures. Neither is a fault of the call, and both are worth knowing.
fn disproved_and_accepted(evidence: &Evidence<'_>, token: &AcquiredToken, finding: Found) -> Found {
    let authority = visible(evidence.inputs.authority());
    let warning = match &token.signature {
        Some(SignatureVerdict::Invalid { kid }) => Found::warning(
            Code::TokenSignatureInvalid,
            says("accepted-anyway")
                .with("kid", short(kid))
                .with("authority", authority),
        ),
        // The authority may have keys that it doesn't list here.
        _ => Found::warning(
            Code::TokenSignatureUnverified,
            says("accepted-anyway").with("message", finding.message()),
        ),
    };
    let warning = warning.confidence(Confidence::Likely).confirm(
        "change a letter in the middle of the token's third part and call App 2 with it. If App 2 still accepts it, \
         it checks no signatures",
    );
    let warning = finding.evidence.into_iter().fold(warning, Found::because);
    match evidence.exchange(&Purpose::CallInvalidToken) {
        Some(exchange) => warning.because(target::evidence(exchange)),
        None => warning,
    }
}
