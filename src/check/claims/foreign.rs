//! A token that Microsoft Entra ID did not issue: never sent anywhere, and no rule of App 2's is asked about it.

use crate::case::code::Code;
use crate::case::may_send::{Foreign, foreign};
use crate::case::token::DecodedToken;
use crate::check::words::short;
use crate::check::{Confidence, Found};
use crate::evidence::{Evidence, Origin};

/// Why the token is not one of Entra's.
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
    let advice = match foreign {
        Foreign::UnknownDomain(_) => " If this is your tenant's custom URL domain, add --authority.",
        _ => "",
    };
    let finding = Found::error(
        Code::TokenNotFromEntra,
        format!("Microsoft Entra ID didn't issue this token: {foreign}. It isn't sent to App 2.{advice}"),
    );
    let claims = ["iss", "aud", "sub"];
    let finding = claims
        .iter()
        .filter_map(|name| Some((name, token.claim(name)?)))
        .fold(finding, |finding, (name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            finding.because_of(Origin::Claim(name), format!("{name} = {}", short(&text)))
        })
        .confidence(if foreign.is_uncertain() {
            Confidence::Likely
        } else {
            Confidence::Certain
        });
    match foreign {
        Foreign::Algorithm(_) => finding.confirm(
            "run again with a token from Entra itself (az account get-access-token), whose header has alg RS256",
        ),
        _ => finding.confirm(
            "run again with --authority and the host of the token's issuer, if it is your tenant's custom URL domain",
        ),
    }
}
