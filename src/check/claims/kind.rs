//! What kind of token it is: Entra's or not, an app's or a user's, for access or an ID token, with roles or without.

use crate::check::prelude::*;

/// A token that Microsoft Entra ID did not issue. It is never sent, and App 2's rules are not applied to it.
pub(super) fn foreign(evidence: &Evidence<'_>, token: &DecodedToken) -> Option<Found> {
    let is_read = !token.unreadable && !token.claims.is_empty();
    let foreign = may_send::foreign(token, &evidence.authority()).filter(|_| is_read)?;
    let finding = Found::of(Code::TokenNotFromEntra, "foreign")
        .value("reason", foreign.to_string())
        .when("of_bot", token.text("iss") == Some("https://api.botframework.com"))
        .confirm(says(foreign.test()))
        .certain_if(!foreign.is_uncertain());
    let claims = ["iss", "aud", "sub"].into_iter().filter_map(|name| Some((name, token.claim(name)?)));
    Some(claims.fold(finding, |finding, (name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        finding.because_claim(name, short(&text))
    }))
}

pub(super) fn findings(evidence: &Evidence<'_>, token: &AcquiredToken) -> Vec<Found> {
    let claims = &token.decoded;
    if let Some(finding) = not_an_access_token(evidence, claims) {
        return vec![finding];
    }
    [user_token(token), roles_missing(evidence, claims)].into_iter().flatten().collect()
}

/// An audience that can't be compared: missing, empty, or not a string. No API accepts such a token, so it isn't sent.
pub(super) fn audience(claims: &DecodedToken) -> Option<Found> {
    let found = claims.claim("aud");
    let finding = Found::of(Code::TokenMalformed, "audience");
    (!claims.has_usable_audience()).then(|| finding.value_if_any("found", found.map(|value| short(&value.to_string()))))
}

/// ID tokens name no calling application, and have claims that only the sign-in of a user gives.
fn not_an_access_token(evidence: &Evidence<'_>, claims: &DecodedToken) -> Option<Found> {
    if names_a_caller(claims) {
        return None;
    }
    let mut marks = ["nonce", "at_hash", "c_hash"].into_iter().filter(|name| claims.claim(name).is_some()).peekable();
    if marks.peek().is_some() {
        let audience = short(&claims.list("aud").join(", "));
        let finding = Found::of(Code::TokenNotAnAccessToken, "id-token").value("marks", marks.collect::<Value>());
        return Some(finding.because_claim("aud", &audience).value("audience", audience));
    }
    let issuer = claims.issuer()?;
    let by_entra = issuer.parts().is_of_a_known_cloud() || issuer.as_str().starts_with(evidence.inputs.authority());
    let finding = Found::of(Code::TokenNotAnAccessToken, "no-caller").value("issuer", short(issuer.as_str()));
    by_entra.then(|| finding.when("exchange", claims.list("aud").into_iter().any(well_known::is_token_exchange)))
}

fn user_token(token: &AcquiredToken) -> Option<Found> {
    let claims = &token.decoded;
    // `idtyp` is optional; `scp` alone makes a token one of a user.
    let kind = claims.text("idtyp");
    if kind == Some("app") || kind != Some("user") && claims.claim("scp").is_none() {
        return None;
    }
    let marks = ["scp", "upn", "unique_name", "preferred_username"].into_iter();
    let marks = marks.filter_map(|name| Some(format!("{name} = {}", short(claims.text(name)?))));
    Some(Found::of(Code::TokenNotAppOnly, "user").value("marks", marks.collect::<Value>()))
}

/// Easy Auth does not check roles; App 2's own code may. Whether it does can't be seen from the token.
fn roles_missing(evidence: &Evidence<'_>, claims: &DecodedToken) -> Option<Found> {
    if !claims.list("roles").is_empty() || claims.claim("scp").is_some() {
        return None;
    }
    let roles = evidence.registration.iter().flat_map(|it| &it.application_roles);
    let defined: Vec<String> = roles.map(|(_, value)| short(value)).collect();
    if defined.is_empty() && evidence.call_status() != Some(403) {
        return None;
    }
    let only = defined.first().filter(|_| defined.len() == 1);
    Some(Found::of(Code::RolesMissing, "none").value_if_any("role", only).value("defined", defined.clone()))
}
