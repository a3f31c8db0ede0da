//! A managed identity's token from the platform's cache, without the changes that Microsoft Graph may already show.

use crate::check::prelude::*;

/// A token older than this was not issued for this run.
const FRESH_S: i64 = 300;

/// Entra's `iat` and `nbf` are so long before the moment of issue.
const BEFORE_ISSUE_S: i64 = 300;

pub(super) fn finding(evidence: &Evidence<'_>, token: &AcquiredToken) -> Option<Found> {
    let (moments, until) = (evidence.moments(), token.decoded.time("exp"));
    // What has expired is replaced anyway.
    if !token.is_of_managed_identity() || until.is_some_and(|exp| exp <= moments.here.timestamp()) {
        return None;
    }
    let issued = token.decoded.time("iat").or_else(|| token.decoded.time("nbf"))?;
    let age = moments.used.saturating_sub(issued).saturating_sub(BEFORE_ISSUE_S);
    let is_older = age > FRESH_S;
    let finding = later_version(evidence, token)
        .or_else(|| later_roles(evidence, token))
        .or_else(|| is_older.then(|| Found::of(Code::TokenLifetimeCached, "cached")))?
        // What Graph shows may take some minutes to reach a new token, too.
        .value_if_any("age", is_older.then(|| span(age.unsigned_abs())))
        .value_if_any("until", until.map(|exp| moment(exp, moments.here)));
    Some(finding)
}

/// An error where App 2's answer fits, else a warning.
fn weighed(key: &'static str, is_refused: bool) -> Found {
    Found::of(Code::TokenLifetimeCached, key).error_if(is_refused, Confidence::Likely).when("refused", is_refused)
}

/// App roles that Graph shows and that are missing from the token.
fn later_roles(evidence: &Evidence<'_>, token: &AcquiredToken) -> Option<Found> {
    let count = evidence.registration.as_ref()?.roles_missing_in(&token.decoded)?;
    let seen = phrase("claims.graph-roles").with("count", count);
    let asked = evidence.exchange(&Purpose::GraphAssignments);
    Some(weighed("roles", refused_by_the_app(evidence)).because_asked(asked, seen))
}

/// Whether a 403 is the app's own: Easy Auth accepts the caller, or the answer has a body that Easy Auth does not send.
fn refused_by_the_app(evidence: &Evidence<'_>) -> bool {
    // Its words may be about something else.
    let may_be_of_a_role = |answer: &Answer| {
        answer.words().is_none_or(|said| knowledge::may_be_about_permissions(&said))
            && spoken::own_cross_site(answer).is_none()
            && spoken::page_of(answer).is_none()
            && !responder::is_from_before(answer)
    };
    evidence.final_answer().is_some_and(|answer| answer.status == 403 && may_be_of_a_role(answer))
        && (evidence.is_named() || target::app_refused_in_words(evidence))
}

/// The registration requests another version than the token has ("Microsoft Graph application manifest").
fn later_version(evidence: &Evidence<'_>, token: &AcquiredToken) -> Option<Found> {
    let registration = evidence.registration.as_ref()?;
    let (setting, asked) = registration.requested_access_token_version.zip(registration.requested_version())?;
    let has = Version::of_claim(token.decoded.version()?)?;
    if asked == has {
        return None;
    }
    let of_app_2 = target::configured_entra(evidence).and_then(|entra| entra.issuer.as_ref()?.parts().version);
    // What Easy Auth lets through is rejected for another reason.
    let is_refused = evidence.progress == Progress::TokenRefused && of_app_2 == Some(asked);
    let setting = setting.map_or_else(|| "null".to_owned(), |version| version.to_string());
    let read = format!("requestedAccessTokenVersion = {setting}");
    let finding = weighed("version", is_refused)
        .value("has", has.word())
        .value("asked", asked.word())
        .differs(Difference::of(VERSION, [asked.claim()], Some(has.claim()), "Microsoft Graph"))
        .because_asked(evidence.exchange(&Purpose::GraphApplication), read);
    Some(finding.because_claim("ver", has.claim()))
}
