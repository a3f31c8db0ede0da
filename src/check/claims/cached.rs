//! A managed identity's token from the platform's cache: what was changed after it was issued is not in it.
//!
//! | Microsoft Graph shows | the token | the call | finding |
//! |---|---|---|---|
//! | roles of the caller | none | refused by App 2's own code (403) | error, likely |
//! | the other token version | of the version before | refused (401), App 2 is set up for the new version | error, likely |
//! | either | without it | otherwise | warning |
//! | neither, or it cannot be read | older than this run | any | information |

use crate::case::code::Code;
use crate::case::credential::CredentialSource;
use crate::case::exchange::Purpose;
use crate::case::issuer::Version;
use crate::case::token::AcquiredToken;
use crate::check::difference::{Difference, VERSION};
use crate::check::words::{moment, span};
use crate::check::{Confidence, Found};
use crate::evidence::target::Me;
use crate::evidence::{Evidence, target};

use super::lifetime::{clock, moment_of_use};

/// A token older than this was not issued for this run.
const FRESH_S: i64 = 300;

/// Judges a token from the platform's cache.
pub(super) fn finding(evidence: &Evidence<'_>, token: &AcquiredToken) -> Option<Found> {
    let age = age(evidence, token).filter(|age| *age >= FRESH_S)?;
    let until = token
        .decoded
        .time("exp")
        .map(|exp| moment(exp, moment_of_use(evidence)))
        .unwrap_or_default();
    let given = format!(
        "The platform gave a token from its cache: issued {} ago, kept until {until}.",
        span(age.unsigned_abs())
    );
    Some(
        later_version(evidence, token, &given)
            .or_else(|| later_roles(evidence, token, &given))
            .unwrap_or_else(|| {
                Found::info(
                    Code::TokenLifetimeCached,
                    format!(
                        "{given} Roles and groups given since then are not in it, and a restart does not renew it."
                    ),
                )
            }),
    )
}

/// How long ago the platform got the token, in seconds by the servers' clocks; only managed identities' are cached so.
fn age(evidence: &Evidence<'_>, token: &AcquiredToken) -> Option<i64> {
    if !matches!(token.source, CredentialSource::ManagedIdentity(_)) {
        return None;
    }
    let issued = token.decoded.time("iat").or_else(|| token.decoded.time("nbf"))?;
    let skew = clock(evidence).map_or(0, |(skew, _)| skew);
    Some(
        moment_of_use(evidence)
            .timestamp()
            .saturating_add(skew)
            .saturating_sub(issued),
    )
}

/// Roles that Graph shows and the token lacks.
fn later_roles(evidence: &Evidence<'_>, token: &AcquiredToken, given: &str) -> Option<Found> {
    let assigned = evidence.registration.as_ref()?.caller_roles.as_ref()?;
    if assigned.is_empty() || !token.decoded.list("roles").is_empty() {
        return None;
    }
    let seen = format!(
        "Graph: the caller has {} app role assignment(s) on App 2; the token has no roles",
        assigned.len()
    );
    let finding = if refused_by_the_app(evidence) {
        Found::error(
            Code::TokenLifetimeCached,
            format!("{given} App 2's own code refuses the caller, whose app roles on App 2 are not in this token: they were assigned after it was issued. A restart does not renew it."),
        )
        .confidence(Confidence::Likely)
    } else {
        Found::warning(
            Code::TokenLifetimeCached,
            format!(
                "{given} App roles that the caller has on App 2 are not in it: they were assigned after it was issued. A restart does not renew it."
            ),
        )
    };
    Some(finding.because_asked(evidence.exchange(&Purpose::GraphAssignments), seen).confirm(
        "a token obtained otherwise (a service principal, or the same identity after the cache ends) has the roles",
    ))
}

/// Whether a 403 is the app's own: Easy Auth admits the caller, or the answer has a body that Easy Auth does not send.
fn refused_by_the_app(evidence: &Evidence<'_>) -> bool {
    let admitted = target::call_status(evidence) == Some(403) && evidence.me == Some(Me::Admitted);
    admitted || target::app_refused_in_words(evidence)
}

/// A version that the registration asks for now, and the token does not have: the registration decides it, whatever the
/// caller does ("Microsoft Graph application manifest").
fn later_version(evidence: &Evidence<'_>, token: &AcquiredToken, given: &str) -> Option<Found> {
    let asked = evidence.registration.as_ref()?.requested_access_token_version?;
    let asked = if asked == Some(2) { Version::V2 } else { Version::V1 };
    let has = Version::of_claim(token.decoded.version()?)?;
    if asked == has {
        return None;
    }
    let wanted = target::configured_entra(evidence)
        .and_then(|entra| entra.issuer.as_ref())
        .and_then(|issuer| issuer.parts().version);
    let message = format!(
        "{given} It is a {} token, and App 2's registration asks for {} tokens: that was changed after it was issued. A restart does not renew it.",
        has.word(),
        asked.word()
    );
    let finding = if target::call_status(evidence) == Some(401) && wanted == Some(asked) {
        Found::error(Code::TokenLifetimeCached, message).confidence(Confidence::Likely)
    } else {
        Found::warning(Code::TokenLifetimeCached, message)
    };
    let versions = Difference::of(VERSION, [asked.claim()], Some(has.claim()), "Microsoft Graph");
    Some(
        finding
            .differs(versions)
            .because_asked(
                evidence.exchange(&Purpose::GraphApplication),
                format!(
                    "Graph: requestedAccessTokenVersion of App 2's registration stands for {}; the token's ver is {}",
                    asked.word(),
                    has.word()
                ),
            )
            .confirm("the same identity's token for the other form of the resource is cached by itself: its ver shows what the registration asks for now"),
    )
}
