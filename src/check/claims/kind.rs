//! What kind of token it is: an app's or a user's, an access token or an ID token, with roles or without.

use serde_json::Value;

use crate::case::code::Code;
use crate::case::credential::{CredentialSource, Platform};
use crate::case::may_send::names_a_caller;
use crate::case::token::{AcquiredToken, DecodedToken};
use crate::check::words::short;
use crate::check::{Confidence, Found, Severity, says};
use crate::evidence::{Evidence, Origin, target};

pub(super) fn findings(evidence: &Evidence<'_>, token: &AcquiredToken) -> Vec<Found> {
    let claims = &token.decoded;
    if let Some(finding) = not_an_access_token(evidence, claims) {
        return vec![finding];
    }
    [user_token(token), roles_missing(evidence, claims)].into_iter().flatten().collect()
}

/// An audience that can't be compared: missing, empty, or not a string. No API accepts such a token, so it isn't sent.
pub(super) fn audience(claims: &DecodedToken) -> Option<Found> {
    let is_named = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    let found = claims.claim("aud");
    let is_usable = match found {
        Some(Value::Array(items)) => !items.is_empty() && items.iter().all(is_named),
        Some(value) => is_named(value),
        None => false,
    };
    let finding = Found::error(Code::TokenMalformed, says("audience"));
    (!is_usable).then(|| finding.value_if_any("found", found.map(|value| short(&value.to_string()))))
}

/// Audiences in a list, which Entra doesn't write. Validators differ in whether one of several is enough, so no rule of
/// App 2's says what becomes of it.
pub(super) fn audience_list(claims: &DecodedToken) -> Option<Found> {
    let Some(Value::Array(_)) = claims.claim("aud") else { return None };
    let audiences = short(&claims.list("aud").join(", "));
    (!audiences.is_empty()).then(|| {
        Found::error(Code::TokenNotFromEntra, says("audience-list"))
            .confidence(Confidence::Likely)
            .because_of(Origin::Claim("aud"), format!("aud = [{audiences}]"))
            .value("audiences", audiences)
    })
}

/// ID tokens name no calling application, and have claims that only the sign-in of a user gives.
fn not_an_access_token(evidence: &Evidence<'_>, claims: &DecodedToken) -> Option<Found> {
    if names_a_caller(claims) {
        return None;
    }
    let marks: Vec<String> = ["nonce", "at_hash", "c_hash"]
        .into_iter()
        .filter(|name| claims.claim(name).is_some())
        .map(str::to_owned)
        .collect();
    if !marks.is_empty() {
        let audience = short(&claims.list("aud").join(", "));
        return Some(
            Found::error(Code::TokenNotAnAccessToken, says("id-token"))
                .value("marks", marks)
                .because_of(Origin::Claim("aud"), format!("aud = {audience}"))
                .value("audience", audience),
        );
    }
    let issuer = claims.text("iss")?;
    let by_entra = [
        "https://sts.windows.net/",
        "https://login.microsoftonline.com/",
        "https://login.microsoftonline.us/",
        "https://login.partner.microsoftonline.cn/",
        "https://sts.chinacloudapi.cn/",
        evidence.inputs.authority(),
    ]
    .iter()
    .any(|known| issuer.starts_with(known));
    by_entra.then(|| {
        Found::error(Code::TokenNotAnAccessToken, says("no-caller"))
            .value("issuer", short(issuer))
            .confidence(Confidence::Likely)
    })
}

fn user_token(token: &AcquiredToken) -> Option<Found> {
    let claims = &token.decoded;
    // `idtyp` is optional; `scp` alone makes a token one of a user.
    let kind = claims.text("idtyp");
    if kind == Some("app") || kind != Some("user") && claims.claim("scp").is_none() {
        return None;
    }
    let marks: Vec<String> = ["scp", "upn", "unique_name", "preferred_username"]
        .into_iter()
        .filter_map(|name| claims.text(name).map(|value| format!("{name} = {}", short(value))))
        .collect();
    let severity = match token.source {
        CredentialSource::AzureCli | CredentialSource::ManagedIdentity(Platform::CloudShell) => Severity::Info,
        _ => Severity::Warning,
    };
    let finding = Found::warning(Code::TokenNotAppOnly, says("user")).value("marks", marks);
    Some(Found { severity, ..finding })
}

/// Easy Auth does not check roles; App 2's own code may. Whether it does can't be seen from the token.
fn roles_missing(evidence: &Evidence<'_>, claims: &DecodedToken) -> Option<Found> {
    if !claims.list("roles").is_empty() || claims.claim("scp").is_some() {
        return None;
    }
    let registration = evidence.registration.as_ref();
    let roles = registration.map_or(&[][..], |it| &it.application_roles);
    let defined: Vec<String> = roles.iter().map(|(_, value)| short(value)).collect();
    if defined.is_empty() && target::call_status(evidence) != Some(403) {
        return None;
    }
    let only = match defined.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    };
    Some(Found::warning(Code::RolesMissing, says("none")).value_if_any("role", only).value("defined", defined))
}
