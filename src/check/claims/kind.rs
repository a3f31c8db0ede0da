//! What kind of token it is: for an app or for a user, an access token or an id token, with roles or without.

use crate::case::code::Code;
use crate::case::credential::CredentialSource;
use crate::case::may_send::names_a_caller;
use crate::case::token::{AcquiredToken, DecodedToken};
use crate::check::{Confidence, Found};
use crate::evidence::{Evidence, Origin, target};

use crate::check::words::short;

use serde_json::Value;

pub(super) fn findings(evidence: &Evidence<'_>, token: &AcquiredToken) -> Vec<Found> {
    let claims = &token.decoded;
    if let Some(finding) = not_an_access_token(evidence, claims) {
        return vec![finding];
    }
    [user_token(token), roles_missing(evidence, claims)]
        .into_iter()
        .flatten()
        .collect()
}

/// An audience that cannot be compared: missing, empty, or no text. No API takes such a token, so it is sent to none.
pub(super) fn audience(claims: &DecodedToken) -> Option<Found> {
    let fault = match claims.claim("aud") {
        None => "it has no audience (aud)".to_owned(),
        Some(Value::String(text)) if !text.trim().is_empty() => return None,
        Some(Value::Array(items))
            if !items.is_empty()
                && items
                    .iter()
                    .all(|item| item.as_str().is_some_and(|text| !text.trim().is_empty())) =>
        {
            return None;
        }
        Some(other) => format!("its audience (aud) is {}", short(&other.to_string())),
    };
    Some(Found::error(
        Code::TokenMalformed,
        format!("No API can accept this token: {fault}. It isn't sent to App 2."),
    ))
}

/// Id tokens name no calling application, and carry what only the sign-in of a user gives.
fn not_an_access_token(evidence: &Evidence<'_>, claims: &DecodedToken) -> Option<Found> {
    if names_a_caller(claims) {
        return None;
    }
    let marks: Vec<&str> = ["nonce", "at_hash", "c_hash"]
        .into_iter()
        .filter(|name| claims.claim(name).is_some())
        .collect();
    let audience = short(&claims.list("aud").join(", "));
    if !marks.is_empty() {
        return Some(
            Found::error(
                Code::TokenNotAnAccessToken,
                format!(
                    "This is an id token, not an access token: it has {} and names no calling application (appid or azp). It is \
                     for the application {audience} to learn who signed in, and APIs refuse it.",
                    marks.join(" and ")
                ),
            )
            .because_of(Origin::Claim("aud"), format!("aud = {audience}")),
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
        Found::error(
            Code::TokenNotAnAccessToken,
            format!("Entra issued this token ({}), but it names no calling application (appid or azp): it is probably an id token.", short(issuer)),
        )
        .confidence(Confidence::Likely)
        .confirm("an access token has appid (v1) or azp (v2); id tokens have nonce and the client's own id as audience")
    })
}

fn user_token(token: &AcquiredToken) -> Option<Found> {
    let claims = &token.decoded;
    let marks: Vec<String> = ["scp", "upn", "unique_name", "preferred_username"]
        .into_iter()
        .filter_map(|name| claims.text(name).map(|value| format!("{name} = {}", short(value))))
        .collect();
    let is_user = claims.text("idtyp") == Some("user") || claims.claim("scp").is_some();
    // `idtyp` is optional; `scp` alone makes a token one of a user.
    if !is_user || claims.text("idtyp") == Some("app") {
        return None;
    }
    let message = format!(
        "The token is a user's ({}), not the application's own: policies for applications and app roles do not judge it as they \
         judge App 1's identity.",
        if marks.is_empty() {
            "idtyp = user".to_owned()
        } else {
            marks.join(", ")
        }
    );
    Some(match token.source {
        CredentialSource::AzureCli
        | CredentialSource::ManagedIdentity(crate::case::credential::Platform::CloudShell) => {
            Found::info(Code::TokenNotAppOnly, message)
        }
        _ => Found::warning(Code::TokenNotAppOnly, message),
    })
}

/// Easy Auth does not check roles; App 2's own code may. Whether it does cannot be seen from the token.
fn roles_missing(evidence: &Evidence<'_>, claims: &DecodedToken) -> Option<Found> {
    if !claims.list("roles").is_empty() || claims.claim("scp").is_some() {
        return None;
    }
    let defined: Vec<String> = evidence
        .registration
        .as_ref()
        .map(|registration| {
            registration
                .application_roles
                .iter()
                .map(|(_, value)| short(value))
                .collect()
        })
        .unwrap_or_default();
    let refused = target::call_status(evidence) == Some(403);
    if defined.is_empty() && !refused {
        return None;
    }
    let message = if defined.is_empty() {
        "The token has no app roles. Easy Auth does not check roles, but App 2's own code may, and then answers 403."
            .to_owned()
    } else {
        format!(
            "The token has no app roles, though App 2's registration defines {} for applications. Easy Auth does not check roles, \
             but App 2's own code may.",
            defined.join(", ")
        )
    };
    let mut finding = Found::warning(Code::RolesMissing, message);
    if let [only] = defined.as_slice() {
        finding = finding.value("role", only.clone());
    }
    Some(finding)
}
