//! A token that Microsoft Entra ID did not issue. It is never sent, and App 2's rules are not applied to it.

use crate::case::code::Code;
use crate::case::issuer::Version;
use crate::case::may_send::{Foreign, foreign};
use crate::case::resource::is_guid;
use crate::case::token::DecodedToken;
use crate::check::words::short;
use crate::check::{Confidence, Found, says};
use crate::evidence::{Evidence, Origin};
use crate::knowledge::{Said, phrase};

/// Why Entra did not issue the token; `None` where it may have.
pub(super) fn of(evidence: &Evidence<'_>, token: &DecodedToken) -> Option<Foreign> {
    if token.unreadable || token.claims.is_empty() {
        return None;
    }
    let authority = evidence.environment.as_ref().map_or_else(
        || evidence.inputs.authority().to_owned(),
        |environment| environment.authority(&evidence.inputs),
    );
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
        .confidence(if foreign.is_uncertain() {
            Confidence::Likely
        } else {
            Confidence::Certain
        });
    ["iss", "aud", "sub"]
        .iter()
        .filter_map(|name| Some((name, token.claim(name)?)))
        .fold(finding, |finding, (name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            finding.because_of(Origin::Claim(name), format!("{name} = {}", short(&text)))
        })
}

/// Where its claims contradict each other: Entra issues no such token, but what looks like one may be only edited.
pub(super) fn contradiction(token: &DecodedToken) -> Option<Found> {
    let reason = other_tenant(token)
        .or_else(|| other_version(token))
        .or_else(|| milliseconds(token))?;
    let found = Found::warning(Code::TokenNotFromEntra, says("contradiction"));
    Some(found.confidence(Confidence::Likely).value("reason", reason))
}

/// The tenant of the issuer is the claim `tid`'s.
fn other_tenant(token: &DecodedToken) -> Option<Said> {
    let (parts, tid) = (token.issuer()?.parts(), token.tenant()?);
    let named = parts.tenant.filter(|named| is_guid(named.as_str()))?;
    let differs = !parts.external && !named.as_str().eq_ignore_ascii_case(tid.as_str());
    differs.then(|| {
        phrase("claims.other-tenant")
            .with("issuer", short(named.as_str()))
            .with("tid", short(tid.as_str()))
    })
}

/// The issuer's form is that of the claim `ver`.
fn other_version(token: &DecodedToken) -> Option<Said> {
    let ver = token.version().and_then(Version::of_claim)?;
    let parts = token.issuer()?.parts();
    let of_issuer = parts.version.filter(|version| *version != ver && !parts.external)?;
    Some(
        phrase("claims.other-version")
            .with("ver", ver.claim())
            .with("issuer", of_issuer.claim()),
    )
}

/// Times are in seconds: later than the year 5000 is one in milliseconds.
fn milliseconds(token: &DecodedToken) -> Option<Said> {
    const YEAR_5000: i64 = 95_617_584_000;
    let claim = ["exp", "nbf", "iat"]
        .into_iter()
        .find(|claim| token.time(claim).is_some_and(|time| time > YEAR_5000))?;
    Some(phrase("claims.milliseconds").with("claim", claim))
}
