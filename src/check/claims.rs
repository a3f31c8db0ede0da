//! Step 5, `claims`: are the token's audience, issuer, caller, validity, and signature in order?

mod cached;
mod kind;
mod lifetime;
mod signature;

use crate::check::prelude::*;

pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    let Some(token) = &evidence.token else {
        if let Some(finding) = unreadable(evidence) {
            report.conclude_as(StepStatus::Fail, finding.message());
            return report.find(finding);
        }
        let refused = evidence.exchange(&Purpose::Token).is_some() || evidence.left_out(&Purpose::Token).is_some();
        let is_over = refused || evidence.is_settled(StepId::Token);
        return report.conclude(phrase(if is_over { "claims.no-token" } else { "claims.not-yet" }));
    };
    report.findings = findings(evidence, token).into_iter().map(|finding| weigh(evidence, earlier, finding)).collect();
    conclude(token, evidence.moment_of_use(), report);
}

fn findings(evidence: &Evidence<'_>, token: &AcquiredToken) -> Vec<Found> {
    let claims = &token.decoded;
    let mut found = Vec::from_iter(malformed(evidence, claims));
    // Nothing else about such a token is judged: other rules apply to another issuer's tokens.
    if let Some(other) = kind::foreign(evidence, claims) {
        found.push(other);
        return found;
    }
    if !claims.claims.is_empty() {
        found.extend(kind::audience(claims));
        found.extend(lifetime::findings(evidence, token));
        found.extend(cached::finding(evidence, token));
        found.extend(kind::findings(evidence, token));
    }
    found.extend(signature::finding(evidence, token));
    let left = logged(evidence, token).and_then(|finding| finding.confirming(&mut found));
    found.extend(left);
    found
}

/// An answer to the request whose token can't be taken from it, once nothing more comes.
fn unreadable(evidence: &Evidence<'_>) -> Option<Found> {
    let reply = Reply::to(evidence, &Purpose::Token).filter(|reply| reply.class == Class::Issued)?;
    let is_cut = reply.exchange.answer().is_some_and(|answer| answer.truncated);
    let finding = Found::of(Code::TokenMalformed, "response").when("cut", is_cut).when("from_request", true);
    evidence.is_settled(StepId::Token).then(|| finding.because(reply.exchange))
}

/// Defects of the form. Those that hide claims are errors; servers differ about the others.
fn malformed(evidence: &Evidence<'_>, claims: &DecodedToken) -> Option<Found> {
    // An unsigned token is reported with the signature, or as a foreign one.
    let (key, first) = claims.main_defect().filter(|_| !claims.is_well_formed())?;
    // Whatever answered the request for it sent something else than a token.
    let request = evidence.exchange(&Purpose::Token).filter(|_| claims.unreadable);
    let sent = request.map(|exchange| {
        let said = phrase("claims.not-a-token").with_some("status", exchange.status()).with("count", claims.length);
        EvidenceLine::of(Origin::Exchange(exchange.id), said)
    });
    let finding = Found::of(Code::TokenMalformed, key).value("defect", first).when("encrypted", claims.is_encrypted());
    let others = claims.defects.iter().filter(|defect| *defect != first).cloned();
    Some(finding.when("from_request", request.is_some()).because_all(sent).because_all(others))
}

/// What App 2's own log says of the token itself: expired, not yet valid, unreadable, or with an invalid signature.
fn logged(evidence: &Evidence<'_>, token: &AcquiredToken) -> Option<Found> {
    let word = log::reason(evidence).filter(|_| evidence.call_status() == Some(401))?;
    let (code, claim) = match word.says {
        Says::Expired => (Code::TokenExpired, "exp"),
        Says::NotYetValid => (Code::TokenNotYetValid, "nbf"),
        Says::Malformed => (Code::TokenMalformed, ""),
        // The authority's keys verify this signature, so App 2 has other keys: that is judged in step 6.
        Says::Signature if !matches!(token.signature, Some(SignatureVerdict::Valid { .. })) => {
            (Code::TokenSignatureInvalid, "")
        }
        _ => return None,
    };
    let time = token.decoded.time(claim);
    let finding = Found::of(code, "log")
        .value_if_any("time", time.map(|time| moment(time, evidence.moment_of_use())))
        .value("log_values", shown::logged_values(word.entry))
        .confidence(word.weight.min(Confidence::Likely));
    Some(finding.because(word.entry))
}

fn conclude(token: &AcquiredToken, at: DateTime<Utc>, report: &mut StepReport) {
    let claims = &token.decoded;
    let determined = report.findings.iter().find(|finding| finding.is_determined()).map(Found::message);
    if let Some(message) = determined {
        return report.conclude_as(StepStatus::Fail, message);
    }
    if report.conclude_by_error(StepStatus::Warn) {
        return;
    }
    let summary = phrase("claims.valid")
        .with_some("version", claims.version().and_then(Version::of_claim).map(Version::word))
        .with("audience", short(&claims.list("aud").join(", ")))
        .when("expired", claims.time("exp").is_some_and(|exp| exp < at.timestamp()))
        .with_some("until", claims.time("exp").map(|time| moment(time, at)))
        .when("unverified", !matches!(token.signature, Some(SignatureVerdict::Valid { .. })));
    report.conclude(summary);
}

#[cfg(test)]
mod tests;
