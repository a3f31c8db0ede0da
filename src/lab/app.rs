//! The code behind Easy Auth: what it does with a request that was let through.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::http::{Answer, Received};
use super::world::{AppBehaviour, World};

/// Answers one request; `claims` are those of the caller's token, when there was a valid one.
pub(crate) fn answer(world: &World, request: &Received, claims: Option<&Value>) -> Answer {
    let path = request.path();
    if path != world.app.path && !path.starts_with("/Account/") {
        return Answer::json(404, &json!({"error": format!("Cannot {} {path}", request.method)}))
            .header("x-powered-by", "Express");
    }
    match world.app.behaviour {
        AppBehaviour::Works => hello(claims),
        AppBehaviour::FunctionKey => function(request, claims),
        AppBehaviour::OwnJwtValidation => {
            // JwtBearerHandler of ASP.NET Core names the token's audience.
            let audience = claims.and_then(|claims| claims.get("aud")?.as_str()).unwrap_or_default();
            let said = format!("The audience '{audience}' is invalid");
            let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{said}\"");
            Answer::empty(401).header("www-authenticate", challenge)
        }
        AppBehaviour::RoleRequired => role(world, claims),
        AppBehaviour::Error => Answer::json(500, &json!({"error": "NullReferenceException", "app": "app2"}))
            .header("x-powered-by", "Express"),
        AppBehaviour::Unavailable => Answer::html(
            503,
            "<!DOCTYPE html><html><head><title>Application Error</title></head><body>\
             <h1>:( Application Error</h1><p>If you are the application administrator, you can access the diagnostic \
             resources.</p></body></html>",
        ),
        AppBehaviour::LoginPage if path.starts_with("/Account/") => Answer::html(
            200,
            "<!DOCTYPE html><html><head><title>Log in</title></head><body><form method=\"post\">\
             <input name=\"Password\" type=\"password\"></form></body></html>",
        ),
        AppBehaviour::LoginPage => Answer::empty(302).header("location", "/Account/Login?ReturnUrl=%2Fapi%2Fhello"),
        AppBehaviour::PassesOnStoppedPage => Answer::html(
            403,
            "<!DOCTYPE html><html><head><title>Web App - Unavailable</title></head><body>\
             <h1>Error 403 - This web app is stopped.</h1></body></html>",
        )
        .reason("Site Disabled"),
        AppBehaviour::OtherHost => {
            Answer::empty(307).header("location", format!("{}{}", world.addresses.other_host, request.target))
        }
        AppBehaviour::NotFound => {
            Answer::json(404, &json!({"error": "Cannot GET /api/hello"})).header("x-powered-by", "Express")
        }
    }
}

fn hello(claims: Option<&Value>) -> Answer {
    let principal = claims.map(client_principal).unwrap_or_default();
    Answer::json(200, &json!({"message": "Hello from App 2", "principal_header_length": principal.len()}))
        .header("x-powered-by", "Express")
}

/// A function with authorization level `function`: Easy Auth does not replace its key (facts: easy-auth, 3.8).
fn function(request: &Received, claims: Option<&Value>) -> Answer {
    if request.header("x-functions-key").is_some() || request.query("code").is_some() {
        hello(claims)
    } else {
        Answer::empty(401)
    }
}

fn role(world: &World, claims: Option<&Value>) -> Answer {
    let has_role = claims
        .and_then(|claims| claims.get("roles"))
        .and_then(Value::as_array)
        .is_some_and(|roles| roles.iter().any(|role| role.as_str() == Some(world.app.required_role.as_str())));
    if has_role {
        hello(claims)
    } else {
        Answer::json(
            403,
            &json!({"error": "forbidden", "message": format!("The role {} is required.", world.app.required_role)}),
        )
        .header("x-powered-by", "Express")
    }
}

/// Claims as the middleware lists them.
pub(crate) fn principal_claims(claims: &Value) -> Vec<Value> {
    let Some(object) = claims.as_object() else {
        return Vec::new();
    };
    object
        .iter()
        .map(|(name, value)| {
            let kind = if name == "tid" { "http://schemas.microsoft.com/identity/claims/tenantid" } else { name };
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            json!({"typ": kind, "val": text})
        })
        .collect()
}

/// The header that names the caller to the app.
fn client_principal(claims: &Value) -> String {
    let principal = json!({
        "auth_typ": "aad",
        "claims": principal_claims(claims),
        "name_typ": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        "role_typ": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
    });
    STANDARD.encode(principal.to_string())
}
