//! What App 2's middleware has logged a moment ago, when App 1 called: as the log stream shows it.
//!
//! The texts are those of Microsoft.IdentityModel (facts: easy-auth, 3.7).

use serde_json::Value;

use super::error::LabError;
use super::issue::{Principal, issue};
use super::settings::{Accepted, Provider, Settings};
use super::shared::Shared;
use super::validation::Invalid;
use super::world::World;

/// What is in the place of a value in a log that hides personal data.
const HIDDEN: &str = "[PII is hidden. For more details, see https://aka.ms/IdentityModel/PII.]";

/// The lines of one call by this caller.
pub(crate) fn lines(shared: &Shared, world: &World, caller: &Principal) -> Result<String, LabError> {
    let time = super::clock::utc().format("%Y-%m-%dT%H:%M:%S");
    let line = |level: &str, text: &str| format!("{time}  PID[3712] {level:<11} {text}\n");
    let site = &world.site;
    let request = format!("Received request: GET https://{}{}", site.default_host_name, world.app.path);
    let mut log = line("Verbose", &request);
    for (level, text) in outcome(shared, world, caller)? {
        log.push_str(&line(level, &text));
    }
    Ok(log)
}

fn outcome(shared: &Shared, world: &World, caller: &Principal) -> Result<Vec<(&'static str, String)>, LabError> {
    let sent = |status: &str| ("Information", format!("Sending response: {status}"));
    if world.easy_auth.egress_blocked {
        let address = "https://sts.windows.net/[PII is hidden]/.well-known/openid-configuration";
        let text =
            format!("System.InvalidOperationException: IDX20803: Unable to obtain configuration from: '{address}'.");
        return Ok(vec![("Critical", text)]);
    }
    let token = issue(world, &shared.keys, caller, &world.app1.resource)?.ok();
    let provider = Settings::in_force(world).provider;
    let (Some(token), false) = (token, world.front_end.strips_authorization) else {
        return Ok(vec![sent("401.71 Unauthorized")]);
    };
    // What is logged without a provider is not established.
    let Some(provider) = provider else {
        return Ok(Vec::new());
    };
    Ok(match provider.validate(world, &shared.keys, &token.token) {
        Ok(_) => vec![sent("200.0 OK")],
        Err(reason) => vec![
            (
                "Warning",
                format!("JWT validation failed: {}", sentence(reason, world, &provider, &claims(&token.token))),
            ),
            sent("401.83 Unauthorized"),
        ],
    })
}

/// The claims without any check: the log shows them although the token is refused.
fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let part = token.split('.').nth(1).unwrap_or_default();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part);
    super::http::json(&bytes.unwrap_or_default()).unwrap_or_default()
}

fn sentence(reason: Invalid, world: &World, provider: &Provider, claims: &Value) -> String {
    let value = |text: &str| {
        if world.easy_auth.log_hides_values { HIDDEN.to_owned() } else { text.to_owned() }
    };
    let claim = |name: &str| value(claims.get(name).and_then(Value::as_str).unwrap_or("null"));
    match reason {
        Invalid::Malformed => "IDX12741: JWT must have three segments (JWS) or five segments (JWE).".to_owned(),
        Invalid::Signature => {
            "IDX10511: Signature validation failed. Keys tried: 'Microsoft.IdentityModel.Tokens.X509SecurityKey'."
                .to_owned()
        }
        Invalid::Issuer => {
            let wanted = match provider.accepted_issuer(world) {
                Accepted::Issuer(issuer) => issuer,
                Accepted::Every | Accepted::Unresolvable => "null".to_owned(),
            };
            format!(
                "IDX10205: Issuer validation failed. Issuer: '{}'. Did not match: validationParameters.ValidIssuer: \
                 '{}' or validationParameters.ValidIssuers: 'null'.",
                claim("iss"),
                value(&wanted)
            )
        }
        Invalid::Audience => format!(
            "IDX10214: Audience validation failed. Audiences: '{}'. Did not match: \
             validationParameters.ValidAudience: 'null' or validationParameters.ValidAudiences: '{}'.",
            claim("aud"),
            value(&provider.audiences.join(", "))
        ),
        Invalid::Expired => "IDX10223: Lifetime validation failed. The token is expired.".to_owned(),
        Invalid::NotYetValid => "IDX10222: Lifetime validation failed. The token is not yet valid.".to_owned(),
    }
}
