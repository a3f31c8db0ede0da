//! Servers in the parts of App 2 and the identity endpoint that show which token went where.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::network::NOBODY;
use super::server::{Run, Server, http, token_for};

/// App 2's client ID, and another app's.
pub const OWN: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
pub const OTHER: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/// How App 2 names an app.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Naming {
    /// `resource_id` in the challenge.
    Challenge,
    /// `client_id` in the address of the sign-in page that an anonymous call is sent to.
    SignIn,
    /// The same of `/.auth/login/aad`.
    Login,
    /// A scope in the protected-resource metadata.
    Metadata,
}

pub const NAMINGS: [Naming; 4] = [Naming::Challenge, Naming::SignIn, Naming::Login, Naming::Metadata];

/// An App 2 that names this app and refuses everybody.
pub fn app_2(naming: Naming, named: &str) -> Server {
    let sign_in = format!("location: https://login.microsoftonline.com/x/oauth2/v2.0/authorize?client_id={named}\r\n");
    let challenge = format!("www-authenticate: Bearer realm=\"x\", resource_id=\"{named}\"\r\n");
    let metadata = json!({"resource": "x", "scopes_supported": [format!("{named}/user_impersonation")]}).to_string();
    Server::answers(move |head| {
        let anonymous = !head.to_lowercase().contains("\r\nauthorization:");
        match (head.split(' ').nth(1).unwrap_or_default(), naming) {
            ("/.auth/login/aad", Naming::Login) => http("302 Found", &sign_in, ""),
            ("/.well-known/oauth-protected-resource", Naming::Metadata) => {
                http("200 OK", "content-type: application/json\r\n", &metadata)
            }
            ("/.auth/login/aad" | "/.well-known/oauth-protected-resource", _) => http("404 Not Found", "", ""),
            (_, Naming::Challenge) => http("401 Unauthorized", &challenge, ""),
            (_, Naming::SignIn) if anonymous => http("302 Found", &sign_in, ""),
            _ => http("401 Unauthorized", "www-authenticate: Bearer realm=\"x\"\r\n", ""),
        }
    })
}

/// The parameter `resource` of a request to the identity endpoint.
fn asked(head: &str) -> String {
    let query = head.split(' ').nth(1).and_then(|path| path.split_once('?'));
    let mut pairs = url::form_urlencoded::parse(query.map_or("", |(_, query)| query).as_bytes());
    let resource = pairs.find(|(name, _)| name == "resource");
    resource.map_or_else(String::new, |(_, value)| value.into_owned())
}

/// An identity endpoint whose token for a resource has this audience.
fn identity(audience: impl Fn(&str) -> String + Send + Sync + 'static) -> Server {
    Server::answers(move |head| {
        let resource = asked(head);
        let body = json!({"access_token": token_for(&audience(&resource)), "expires_on": "1999999999",
            "resource": resource, "token_type": "Bearer"});
        http("200 OK", "content-type: application/json\r\n", &body.to_string())
    })
}

/// What came of a check.
pub struct Outcome {
    pub report: Value,
    /// The exit code.
    pub exit: i32,
    /// The audiences of the tokens that App 2 got, without the deliberately invalid one.
    pub arrived: Vec<String>,
    /// The resources that tokens were asked for.
    pub asked: Vec<String>,
}

impl Outcome {
    pub fn code(&self) -> &str {
        self.report["root_cause"]["code"].as_str().unwrap_or_default()
    }

    pub fn verdict(&self) -> &str {
        self.report["verdict"].as_str().unwrap_or_default()
    }

    /// A step of the report.
    pub fn step(&self, id: &str) -> &Value {
        let steps = self.report["steps"].as_array().unwrap();
        steps.iter().find(|step| step["id"] == id).unwrap()
    }

    /// Asserts that the call was left out, and not only refused.
    pub fn assert_withheld(&self, what: &str) {
        assert_eq!(self.arrived, Vec::<String>::new(), "{what}");
        assert_eq!(self.step("call")["status"], "skipped", "{what}: {:#}", self.report);
    }
}

/// A check of this App 2 with tokens for whatever is asked for.
pub fn check(app_2: &Server, options: &[&str]) -> Outcome {
    check_with(app_2, options, str::to_owned)
}

/// A check of this App 2 with tokens for this audience.
pub fn check_with(
    app_2: &Server,
    options: &[&str],
    audience: impl Fn(&str) -> String + Send + Sync + 'static,
) -> Outcome {
    let identity = identity(audience);
    let options = [&["--timeout", "2", "--format", "json"], options].concat();
    let run = Run::asking(&format!("{}/api", app_2.url), &identity.url, NOBODY, &options);
    let mut arrived = app_2.audiences();
    arrived.retain(|audience| audience != "easyauth-doctor.invalid");
    Outcome {
        report: run.report(),
        exit: run.output.status.code().unwrap(),
        arrived,
        asked: identity.received().iter().map(|head| asked(head)).collect(),
    }
}

/// A folder with files for options.
pub struct Files(tempfile::TempDir);

impl Files {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A new file with this text.
    pub fn write(&self, text: &str) -> String {
        let place: PathBuf = self.path().join(uuid::Uuid::new_v4().to_string());
        fs::write(&place, text).unwrap();
        place.to_str().unwrap().to_owned()
    }
}

/// App 2's settings with this client ID and these allowed audiences.
pub fn settings(client_id: &str, audiences: &[&str]) -> String {
    json!({"properties": {"platform": {"enabled": true}, "globalValidation": {"requireAuthentication": true},
        "identityProviders": {"azureActiveDirectory": {"enabled": true,
            "registration": {"clientId": client_id,
                "openIdIssuer": "https://sts.windows.net/11111111-2222-4333-8444-555555555555/"},
            "validation": {"allowedAudiences": audiences}}}}})
    .to_string()
}

/// App 2's environment variables block with this client ID.
pub fn environ(client_id: &str) -> String {
    format!(
        "WEBSITE_AUTH_ENABLED=True\0WEBSITE_AUTH_DEFAULT_PROVIDER=AzureActiveDirectory\0\
         WEBSITE_AUTH_CLIENT_ID={client_id}\0\
         WEBSITE_AUTH_OPENID_ISSUER=https://sts.windows.net/11111111-2222-4333-8444-555555555555/\0"
    )
}

/// A token with these claims and this algorithm.
pub fn token_of(algorithm: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({"typ": "JWT", "alg": algorithm, "kid": "k"}));
    format!("{head}.{}.{}", part(claims), URL_SAFE_NO_PAD.encode([7_u8; 256]))
}

/// The claims of a token for an audience that Entra issued, with these changes.
pub fn claims(audience: &str, changes: &Value) -> Value {
    let token = token_for(audience);
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let mut claims: Value = serde_json::from_slice(&bytes).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}
