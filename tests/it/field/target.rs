//! Worlds from the field, on App 2's side: who answered, and what its words say. Each has the right answer and why.

use std::path::PathBuf;

use easyauth_doctor::case::Case;
use easyauth_doctor::case::code::Code;
use easyauth_doctor::case::inputs::{Cloud, Inputs};
use easyauth_doctor::case::secret::Secret;
use easyauth_doctor::check;
use easyauth_doctor::evidence::Evidence;
use easyauth_doctor::knowledge::Found;
use easyauth_doctor::probe;
use easyauth_doctor::report::text::Style;
use easyauth_doctor::report::{Confidence, Format, Report, Severity, Verdict, render};
use easyauth_doctor::session;
use serde_json::{Value, json};
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use crate::field::caller::issued_with;
use crate::helpers::network;
use crate::helpers::observing::{runtime, side_by_side};
use crate::helpers::server::{IDENTITY_HEADER, RESOURCE, Server, http, token_for};
use crate::helpers::world::inputs_for;

pub(crate) const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
pub(crate) const TENANT: &str = "11111111-2222-4333-8444-555555555555";
pub(crate) const CALLER: &str = "c0000000-0000-4000-8000-000000000001";
pub(crate) const JSON: &str = "content-type: application/json\r\n";
pub(crate) const HTML: &str = "content-type: text/html\r\n";
pub(crate) const PLAIN: &str = "content-type: text/plain\r\n";
/// A header of the Linux middleware, which is on everything that passes it.
pub(crate) const PASSED: &str = "x-ms-middleware-request-id: 5b0e8f5e-1c7b-4b1a-8f0e-6a1d2c3b4a59\r\n";

/// What a request brings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Brings {
    Nothing,
    InvalidToken,
    /// A token for the Application ID URI.
    Uri,
    /// A token for the bare client ID.
    Bare,
}

impl Brings {
    pub(crate) fn of(head: &str) -> Self {
        use base64::Engine as _;
        let line = head.lines().find(|line| line.to_lowercase().starts_with("authorization: bearer"));
        let Some(line) = line else { return Self::Nothing };
        let claims = line.split('.').nth(1).unwrap_or_default();
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        match claims["aud"].as_str() {
            Some(ID) => Self::Bare,
            Some(audience) if audience.contains("invalid") => Self::InvalidToken,
            _ => Self::Uri,
        }
    }

    pub(crate) fn is_real(self) -> bool {
        matches!(self, Self::Uri | Self::Bare)
    }
}

fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// Easy Auth's own 401.
pub(crate) fn challenge() -> String {
    let header = format!(
        "{PASSED}www-authenticate: Bearer realm=\"127.0.0.1\" \
         authorization_uri=\"https://login.windows.net/{TENANT}/oauth2/authorize\" resource_id=\"{ID}\"\r\n"
    );
    http("401 Unauthorized", &header, "")
}

/// Easy Auth on, in front of code that answers the real tokens.
pub(crate) fn behind_easy_auth(head: &str, code: impl Fn(Brings) -> String) -> String {
    let brings = Brings::of(head);
    match path(head) {
        "/.auth/login/aad" => sign_in(),
        path if path.starts_with("/.auth") || path.starts_with("/.well-known") => http("404 Not Found", PASSED, ""),
        _ if brings.is_real() => code(brings),
        _ => challenge(),
    }
}

fn sign_in() -> String {
    let to = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?client_id={ID}");
    http("302 Found", &format!("location: {to}\r\n"), "")
}

/// No Easy Auth: the same answer for every request, and nothing at Easy Auth's own paths.
pub(crate) fn for_everybody(head: &str, answer: &str) -> String {
    if path(head).starts_with("/.auth") || path(head).starts_with("/.well-known") {
        return http("404 Not Found", "", "");
    }
    answer.to_owned()
}

/// App 2's settings: this issuer, these audiences, and these allowed applications.
pub(crate) fn settings(issuer: &str, audiences: &[&str], applications: &[&str]) -> Value {
    json!({"properties": {
        "platform": {"enabled": true},
        "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401"},
        "identityProviders": {"azureActiveDirectory": {
            "enabled": true,
            "registration": {"openIdIssuer": issuer, "clientId": ID},
            "validation": {
                "allowedAudiences": audiences,
                "defaultAuthorizationPolicy": {"allowedApplications": applications}
            }
        }}
    }})
}

fn portal_issuer() -> String {
    format!("https://sts.windows.net/{TENANT}/v2.0")
}

pub(crate) fn v1_issuer() -> String {
    format!("https://sts.windows.net/{TENANT}/")
}

/// A version 2 token for App 2.
fn v2_token(issuer: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let v1 = token_for(ID);
    let parts: Vec<&str> = v1.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    claims["iss"] = json!(issuer);
    claims["ver"] = json!("2.0");
    claims["azp"] = claims["appid"].take();
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    [parts[0], &claims, parts[2]].join(".")
}

pub(crate) struct World {
    inputs: Inputs,
    app2: Server,
    identity: Server,
    files: Vec<tempfile::NamedTempFile>,
    _manager: Option<Server>,
}

/// App 2's resource ID, where Azure Resource Manager is asked.
const SITE: &str =
    "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers/Microsoft.Web/sites/app2";

impl World {
    pub(crate) fn of(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let app2 = Server::answers(answer);
        let identity = Server::answers(|head| {
            let asked = url::Url::parse(&format!("http://localhost{}", path(head))).unwrap();
            let asked = asked.query_pairs().find(|(name, _)| name == "resource");
            let asked = asked.map(|(_, value)| value.into_owned()).unwrap_or_default();
            let body = json!({"access_token": token_for(&asked), "expires_on": "1999999999", "resource": asked,
                "token_type": "Bearer"});
            http("200 OK", JSON, &body.to_string())
        });
        let inputs = inputs_for(&app2);
        Self { inputs, app2, identity, files: Vec::new(), _manager: None }
    }

    /// The identity endpoint gives version 2 tokens of this issuer.
    pub(crate) fn issuing(mut self, issuer: String) -> Self {
        self.identity = Server::answers(move |_| {
            let token = v2_token(&issuer);
            let body = json!({"access_token": token, "expires_on": "1999999999", "token_type": "Bearer"});
            http("200 OK", JSON, &body.to_string())
        });
        self
    }

    /// The identity endpoint gives tokens with these claims instead of its own.
    pub(crate) fn giving(mut self, claims: Value) -> Self {
        self.identity = Server::answers(move |_| issued_with(RESOURCE, &claims));
        self
    }

    /// Azure Resource Manager shows these settings, and a site with these properties.
    pub(crate) fn managed(mut self, settings: &Value, properties: &Value) -> Self {
        let (settings, mut properties) = (settings.clone(), properties.clone());
        for (name, value) in [("state", json!("Running")), ("hostNames", json!(["127.0.0.1"]))] {
            properties.as_object_mut().unwrap().entry(name).or_insert(value);
        }
        // What the site doesn't show.
        let web = json!({"properties": properties.as_object_mut().unwrap().remove("web")});
        let site = json!({"id": SITE, "name": "app2", "kind": "app,linux", "properties": properties});
        let manager = Server::answers(move |head| {
            let path = path(head).split('?').next().unwrap_or_default().to_ascii_lowercase();
            match path.strip_prefix(&SITE.to_ascii_lowercase()) {
                Some("") => http("200 OK", JSON, &site.to_string()),
                Some("/config/authsettingsv2") => http("200 OK", JSON, &settings.to_string()),
                Some("/config/web") if web["properties"].is_object() => http("200 OK", JSON, &web.to_string()),
                _ => http("404 Not Found", JSON, r#"{"error":{"code":"NotFound","message":"x"}}"#),
            }
        });
        self.inputs.resource_manager = Some(manager.url.clone());
        self.inputs.target_resource_id = Some(SITE.to_owned().into());
        self._manager = Some(manager);
        self
    }

    /// App 2 is a container app with these properties in Azure Resource Manager; `None`: there is no such app.
    pub(crate) fn container_app(self, properties: Option<&Value>) -> Self {
        self.container_app_with(properties, Some(settings(&v1_issuer(), &[RESOURCE], &[])))
    }

    /// As [`container_app`](Self::container_app), with these authentication settings.
    pub(crate) fn container_app_with(mut self, properties: Option<&Value>, settings: Option<Value>) -> Self {
        const APP: &str = "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers/\
            Microsoft.App/containerApps/app2";
        let app = properties.map(|properties| json!({"id": APP, "name": "app2", "properties": properties}));
        let manager = Server::answers(move |head| {
            let path = path(head).split('?').next().unwrap_or_default().to_ascii_lowercase();
            match (&app, &settings, path.strip_prefix(&APP.to_ascii_lowercase())) {
                (Some(app), _, Some("")) => http("200 OK", JSON, &app.to_string()),
                (Some(_), Some(settings), Some("/authconfigs/current")) => http("200 OK", JSON, &settings.to_string()),
                _ => http("404 Not Found", JSON, r#"{"error":{"code":"ResourceNotFound","message":"x"}}"#),
            }
        });
        self.inputs.resource_manager = Some(manager.url.clone());
        self.inputs.target_resource_id = Some(APP.to_owned().into());
        self._manager = Some(manager);
        self
    }

    /// A file for as long as this world.
    fn file(&mut self, text: &str) -> PathBuf {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let path = file.path().to_path_buf();
        self.files.push(file);
        path
    }

    /// App 2's own environment, as a file.
    pub(crate) fn with_environ(mut self, text: &str) -> Self {
        self.inputs.target_environ = Some(self.file(text));
        self
    }

    /// App 2's log, as a file.
    pub(crate) fn with_log(mut self, text: &str) -> Self {
        self.inputs.target_log = Some(self.file(text));
        self
    }

    /// The caller is expected to have this ID.
    pub(crate) fn expecting(mut self, id: &str) -> Self {
        self.inputs.expect_identity = Some(id.to_owned());
        self
    }

    pub(crate) fn assuming(mut self, change: &str) -> Self {
        self.inputs.assume.push(change.to_owned());
        self
    }

    /// The audiences of the real tokens that App 2 got.
    pub(crate) fn arrived(&self) -> Vec<String> {
        let mut arrived = self.app2.audiences();
        arrived.retain(|audience| !audience.contains("invalid"));
        arrived
    }

    pub(crate) fn with_settings(mut self, settings: &Value) -> Self {
        self.inputs.auth_settings = Some(self.file(&settings.to_string()));
        self
    }

    /// The call has this header.
    pub(crate) fn sending(mut self, name: &str, value: &str) -> Self {
        self.inputs.headers.push((name.to_owned(), Secret::new(value.to_owned())));
        self
    }

    pub(crate) fn at(mut self, path: &str) -> Self {
        self.inputs.target = Some(format!("{}{path}", self.app2.url));
        self
    }

    pub(crate) fn asking(mut self, resource: Option<&str>) -> Self {
        self.inputs.resource = resource.map(str::to_owned);
        self
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        let heads = self.identity.received();
        heads.iter().map(|head| path(head).to_owned()).collect()
    }

    pub(crate) fn observe(&self) -> Seen {
        let variables = [
            ("IDENTITY_ENDPOINT", format!("{}/msi/token", self.identity.url)),
            ("IDENTITY_HEADER", IDENTITY_HEADER.to_owned()),
            ("WEBSITE_SITE_NAME", "app1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        let prepared = probe::prepare_with(self.inputs.clone(), Some(variables.clone())).unwrap();
        network::guard(network::refused_inputs(&prepared.inputs, &variables));
        let (events, _) = unbounded_channel();
        let report = runtime().block_on(session::run(&prepared, None, events, CancellationToken::new()));
        // A saved case is judged like the live one, whatever was left out of the bodies.
        let saved = serde_json::to_string(report.case()).unwrap();
        let mut again: Case = serde_json::from_str(&saved).unwrap();
        again.inputs.assume = self.inputs.assume.clone();
        let again = Report::of(again);
        assert_eq!(again.diagnosis(), report.diagnosis());
        Seen(report)
    }
}

/// A report, as the tests look at it.
pub(crate) struct Seen(pub(crate) Report);

/// Easy Auth, which answers every real token like this.
pub(crate) fn to_tokens(answer: &str) -> World {
    let answer = answer.to_owned();
    World::of(move |head| behind_easy_auth(head, |_| answer.clone()))
}

pub(crate) fn refused_by_policy() -> World {
    to_tokens(&http("403 Forbidden", PASSED, ""))
}

/// The whole report.
pub(crate) fn text(seen: &Seen) -> String {
    render(std::slice::from_ref(&seen.0), true, Format::Json, &Default::default())
}

impl Seen {
    pub(crate) fn verdict(&self) -> Verdict {
        self.0.verdict()
    }

    /// The fixes of the root cause, and their cautions.
    pub(crate) fn fixes(&self) -> String {
        let root = self.0.diagnosis().root_cause.as_ref().unwrap();
        root.fixes.iter().map(|fix| format!("{}\n{:?}\n", fix.text, fix.caution)).collect()
    }

    /// App 2's settings with the root cause corrected.
    pub(crate) fn edited(&self) -> Option<Value> {
        Some(self.0.edited_settings()?.0)
    }

    pub(crate) fn root(&self) -> &str {
        let root = &self.0.diagnosis().root_cause;
        root.as_ref().map_or("pass", |root| root.code.name())
    }

    pub(crate) fn sureness(&self) -> Option<Confidence> {
        self.0.diagnosis().root_cause.as_ref().map(|root| root.confidence)
    }

    /// The root cause and the alternatives.
    pub(crate) fn candidates(&self) -> Vec<&str> {
        let others = self.0.diagnosis().alternatives.iter().map(|other| other.code.name());
        std::iter::once(self.root()).chain(others).collect()
    }

    fn next(&self) -> Vec<&str> {
        self.0.diagnosis().next.iter().map(|fault| fault.code.name()).collect()
    }

    /// The severities of the findings with this code.
    pub(crate) fn found(&self, code: &str) -> Vec<Severity> {
        let code = Code::from_name(code).unwrap();
        let findings = self.0.steps().iter().flat_map(|step| &step.findings);
        findings.filter(|finding| finding.code == code).map(|finding| finding.severity).collect()
    }

    /// What was found, with its values.
    fn findings(&self) -> Vec<Found> {
        let steps = check::all(&Evidence::of(self.0.observed()));
        steps.into_iter().flat_map(|step| step.findings).collect()
    }

    /// The name of the sentence of a finding with this code.
    pub(crate) fn says(&self, code: &str) -> Option<String> {
        let code = Code::from_name(code);
        let finding = self.findings().into_iter().find(|finding| Some(finding.code) == code)?;
        finding.says.key().map(str::to_owned)
    }

    /// Whether a candidate has this text of an answer among its values.
    fn quotes(&self, text: &str) -> bool {
        let candidates = self.candidates();
        let findings = self.findings().into_iter();
        findings
            .filter(|finding| candidates.contains(&finding.code.name()))
            .any(|finding| finding.values.values().any(|value| format!("{value:?}").contains(text)))
    }

    /// Whether the sentence of a candidate has this text.
    pub(crate) fn tells(&self, text: &str) -> bool {
        let report = render(std::slice::from_ref(&self.0), false, Format::Json, &Style::default());
        let report: Value = serde_json::from_str(&report).unwrap();
        let others = report["alternatives"].as_array().unwrap();
        std::iter::once(&report["root_cause"])
            .chain(others)
            .any(|told| told["summary"].as_str().is_some_and(|message| message.contains(text)))
    }

    fn step_passes(&self, name: &str) -> bool {
        let step = self.0.steps().iter().find(|step| step.id.id() == name).unwrap();
        format!("{:?}", step.status) == "Pass"
    }

    #[track_caller]
    pub(crate) fn is(&self, code: &str, sureness: Confidence) -> &Self {
        assert_eq!(
            (self.root(), self.sureness()),
            (code, Some(sureness)),
            "{:?}\n{:#?}",
            self.candidates(),
            self.0.diagnosis()
        );
        self
    }
}

// ------------------------------------------------------------------------------------- T3: observation before rule

mod versions {
    use super::*;

    /// Easy Auth accepts the bare client ID, and the URI where `uri`.
    fn accepting(uri: bool) -> World {
        World::of(move |head| {
            behind_easy_auth(head, |brings| {
                if uri || brings == Brings::Bare { http("200 OK", PASSED, "hello") } else { challenge() }
            })
        })
    }

    #[test]
    fn portal_default() {
        let seen = accepting(false).with_settings(&settings(&portal_issuer(), &[], &[])).observe();
        assert_eq!(seen.root(), "audience-not-allowed", "{:?}", seen.candidates());
        assert!(seen.found("audience-token-version-mismatch").is_empty());
    }

    #[test]
    fn portal_default_healthy() {
        let seen = accepting(true).with_settings(&settings(&portal_issuer(), &[RESOURCE], &[])).observe();
        assert_eq!(seen.root(), "pass");
        assert!(seen.found("audience-token-version-mismatch").is_empty());
    }

    #[test]
    fn portal_default_blind() {
        accepting(false).observe().is("audience-not-allowed", Confidence::Likely);
    }

    /// Sibling: the v2 issuer of the other host. The bare client ID is accepted with the same iss and ver, so the
    /// version is no fault, and the audience is.
    #[test]
    fn v2_issuer_disproved_by_the_bare_client_id() {
        let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let seen = accepting(false).with_settings(&settings(&issuer, &[], &[])).observe();
        assert_eq!(seen.root(), "audience-not-allowed", "{:?}", seen.candidates());
        assert!(!seen.found("audience-token-version-mismatch").contains(&Severity::Error));
    }

    /// Sibling: the portal's issuer, and App 2 refuses both audiences: the version is possible, and no more.
    #[test]
    fn portal_issuer_both_refused() {
        let world = World::of(|head| behind_easy_auth(head, |_| challenge()));
        let seen = world.with_settings(&settings(&portal_issuer(), &[RESOURCE], &[])).observe();
        assert_eq!(seen.sureness(), Some(Confidence::Possible), "{:?}", seen.candidates());
        assert!(seen.candidates().contains(&"audience-token-version-mismatch"));
    }

    /// Sibling: China's v1 host in the portal's form: the same rule.
    #[test]
    fn portal_issuer_of_another_cloud_is_no_warning() {
        let issuer = format!("https://sts.chinacloudapi.cn/{TENANT}/v2.0");
        let seen = accepting(true).with_settings(&settings(&issuer, &[RESOURCE], &[])).observe();
        assert_eq!(seen.root(), "pass");
        assert!(seen.found("audience-token-version-mismatch").is_empty());
    }

    const KEY_MISSING: &str = r#"{"detail":"Not authenticated: API key missing"}"#;

    fn open_app() -> World {
        let answer = http("401 Unauthorized", &format!("{JSON}x-powered-by: Express\r\n"), KEY_MISSING);
        World::of(move |head| for_everybody(head, &answer))
    }

    fn allowing_anonymous(issuer: &str) -> Value {
        let mut settings = settings(issuer, &[RESOURCE], &[]);
        settings["properties"]["globalValidation"] =
            json!({"requireAuthentication": false, "unauthenticatedClientAction": "AllowAnonymous"});
        settings
    }

    #[test]
    fn open_app_401() {
        for issuer in [portal_issuer(), v1_issuer()] {
            let seen = open_app().with_settings(&allowing_anonymous(&issuer)).observe();
            assert!(
                matches!(seen.root(), "app-validates-token-itself" | "undetermined-401"),
                "{:?}",
                seen.candidates()
            );
            assert!(seen.candidates().contains(&"app-validates-token-itself"));
            assert!(seen.quotes("API key missing"));
            assert!(seen.found("audience-token-version-mismatch").is_empty());
            assert_eq!(seen.found("unauthenticated-requests-allowed"), [Severity::Warning]);
        }
    }

    /// Sibling: the same without settings: nothing shows who says it, so it is not certain, and quoted.
    #[test]
    fn open_app_401_blind() {
        let seen = open_app().observe();
        assert!(seen.candidates().contains(&"app-validates-token-itself"));
        assert!(seen.sureness() < Some(Confidence::Certain));
        assert!(seen.quotes("API key missing"));
    }
}

// ------------------------------------------------------------------ T5: the bodies of 400, 401, 404, 405 are read

mod bodies {
    use super::*;

    /// The app behind Easy Auth answers the real token like this.
    fn app_says(status: &'static str, headers: &str, body: &'static str) -> Seen {
        let headers = format!("{PASSED}{headers}");
        World::of(move |head| behind_easy_auth(head, |_| http(status, &headers, body))).observe()
    }

    const BOTH: &str = "{\"error\":{\"code\":\"DirectApiRequestHasMoreThanOneAuthorization\",\"message\":\"The request \
        has both SAS authentication scheme and 'Bearer' authorization scheme. Only one scheme should be used.\"}}";

    #[test]
    fn logic_app_both() {
        for status in ["400 Bad Request", "401 Unauthorized", "403 Forbidden"] {
            let answer = http(status, JSON, BOTH);
            let seen = World::of(move |head| {
                // Without the signature, which the program leaves out there, a request without a token is not let in.
                if Brings::of(head) == Brings::Nothing {
                    for_everybody(head, &http("401 Unauthorized", JSON, REQUIRED))
                } else {
                    for_everybody(head, &answer)
                }
            })
            .observe();
            seen.is("authorization-scheme-conflict", Confidence::Likely);
            assert!(seen.quotes("Only one scheme should be used"), "{status}");
        }
    }

    const REQUIRED: &str = "{\"error\":{\"code\":\"DirectApiAuthorizationRequired\",\"message\":\"The request must be \
        authenticated only by Shared Access scheme.\"}}";
    const SCHEME: &str = "{\"error\":{\"code\":\"DirectApiInvalidAuthorizationScheme\",\"message\":\"The provided \
        authorization token is not valid. The authorization scheme 'Bearer' is not supported.\"}}";

    /// The same as it is in use: the signature is in the target's address, and either one alone gets 200. What is sent
    /// without the signature, the token for the bare client ID among it, says nothing of the audience.
    #[test]
    fn logic_app_both_with_a_signature_in_the_address() {
        const SIGNATURE: &str = "Zk3nQ9vT7yLw2Xc5Rb8Hd1Mf4Jg6Ps0Aa_Uu-EeIiOo";
        for status in ["400 Bad Request", "401 Unauthorized"] {
            let world = World::of(move |head| {
                let bears = Brings::of(head) != Brings::Nothing;
                match (path(head).contains("sig="), bears) {
                    (true, true) => http(status, JSON, BOTH),
                    (true, false) => http("200 OK", "", "hello"),
                    (false, true) if Brings::of(head).is_real() => http("200 OK", "", "hello"),
                    (false, _) => for_everybody(head, &http("401 Unauthorized", JSON, REQUIRED)),
                }
            });
            let seen = world.at(&format!("/api/hello?sp=%2Ftriggers&sv=1.0&sig={SIGNATURE}"));
            let report = seen.observe();
            report.is("authorization-scheme-conflict", Confidence::Likely);
            assert!(report.quotes("Only one scheme should be used"), "{status}");
            let without_token = |head: &&String| Brings::of(head) == Brings::Nothing;
            assert!(!seen.app2.received().iter().filter(without_token).any(|head| head.contains("sig=")));
            assert!(!easyauth_doctor::report::json::reports(&[report.0], false).contains(SIGNATURE));
        }
    }

    /// Sibling: the workflow's own policy, whose claims don't match.
    #[test]
    fn logic_app_claims() {
        let body = "{\"error\":{\"code\":\"MisMatchingOAuthClaims\",\"message\":\"One or more claims either missing \
            or does not match with the open authentication access control policy.\"}}";
        let seen = app_says("401 Unauthorized", JSON, body);
        seen.is("app-validates-token-itself", Confidence::Likely);
        assert!(seen.quotes("MisMatchingOAuthClaims") && seen.quotes("access control policy"));
    }

    /// Siblings: statuses that no table has. Behind Easy Auth the app is the likeliest, otherwise nothing is
    /// determined.
    #[test]
    fn statuses_of_no_table() {
        let said = r#"{"message":"the orbit is too low"}"#;
        for status in ["418 I'm a teapot", "499 Unknown", "451 Unavailable For Legal Reasons", "599 Strange"] {
            let answer = http(status, JSON, said);
            let seen = World::of(move |head| {
                if Brings::of(head).is_real() {
                    answer.clone()
                } else {
                    for_everybody(head, &http("200 OK", "", "hello"))
                }
            })
            .observe();
            assert!(seen.sureness() < Some(Confidence::Certain), "{status}");
            assert!(seen.quotes("the orbit is too low") || seen.root() == "easy-auth-not-active", "{status}");
        }
        app_says("418 I'm a teapot", JSON, said).is("app-error", Confidence::Likely);
        for status in ["418 I'm a teapot", "499 Unknown"] {
            let answer = http(status, JSON, said);
            let seen = World::of(move |_| answer.clone()).observe();
            seen.is("undetermined-failure", Confidence::Possible);
            assert!(seen.quotes("the orbit is too low"), "{status}");
        }
    }

    #[test]
    fn logic_app_not_active() {
        let mut stored = settings(&portal_issuer(), &[RESOURCE], &[]);
        stored["properties"]["globalValidation"] =
            json!({"requireAuthentication": false, "unauthenticatedClientAction": "AllowAnonymous"});
        let answer = http("401 Unauthorized", JSON, SCHEME);
        let world = World::of(move |head| for_everybody(head, &answer));
        let seen = world.with_settings(&stored).observe();
        seen.is("easy-auth-not-active", Confidence::Likely);
        assert!(seen.quotes("DirectApiInvalidAuthorizationScheme"));
        assert!(!seen.step_passes("protection"));
        assert!(seen.found("audience-token-version-mismatch").is_empty());
    }

    #[test]
    fn role_401() {
        let seen = app_says(
            "401 Unauthorized",
            PLAIN,
            "IDW10201: Neither scope nor roles claim was found in the bearer token. Authentication scheme used: \
             'Bearer'.",
        );
        seen.is("app-requires-role-or-scope", Confidence::Likely);
        assert!(seen.quotes("IDW10201"));
    }

    #[test]
    fn principal_missing() {
        let seen = app_says("401 Unauthorized", JSON, r#"{"error": "missing x-ms-client-principal"}"#);
        seen.is("app-validates-token-itself", Confidence::Likely);
        assert!(seen.quotes("missing x-ms-client-principal"));
        let fixes = &seen.0.diagnosis().root_cause.as_ref().unwrap().fixes;
        assert!(!fixes.iter().any(|fix| fix.text.contains("ValidAudiences")));
    }

    /// A quota, an address, or the state of an account is no missing role, whose fix would grant one.
    #[test]
    fn a_403_that_speaks_of_something_else() {
        for body in [
            r#"{"error":"quota exceeded for plan Free"}"#,
            r#"{"message":"IP 10.0.0.4 is not on the list"}"#,
            r#"{"error":"Your account is suspended until payment is received."}"#,
        ] {
            let seen = app_says("403 Forbidden", JSON, body);
            seen.is("app-error", Confidence::Likely);
            assert!(!seen.candidates().contains(&"app-requires-role-or-scope"), "{body}");
        }
    }

    /// A sign-in in front redirects every request, whatever token it has: nothing drops a header.
    #[test]
    fn a_sign_in_in_front() {
        let to = "location: https://auth.example/oauth2/start?rd=%2Fapi\r\n";
        let seen = World::of(|head| for_everybody(head, &http("302 Found", to, ""))).observe();
        seen.is("app-validates-token-itself", Confidence::Likely);
    }

    #[test]
    fn role_403() {
        let seen = app_says("403 Forbidden", JSON, r#"{"error":"scope 'access_as_user' missing"}"#);
        seen.is("app-requires-role-or-scope", Confidence::Likely);
    }

    /// Siblings: the words of the validators of usual frameworks, behind Easy Auth. None of them is Easy Auth's.
    #[test]
    fn validators_of_frameworks() {
        let rows = [
            // Spring Security's challenge.
            (
                "401 Unauthorized",
                "www-authenticate: Bearer error=\"invalid_token\", error_description=\"Signed JWT rejected: Another \
                 algorithm expected, or no matching key(s) found\"\r\n",
                "",
                "app-validates-token-itself",
                "Signed JWT rejected",
            ),
            // Spring's insufficient scope.
            (
                "403 Forbidden",
                "www-authenticate: Bearer error=\"insufficient_scope\", error_description=\"The request requires \
                 higher privileges than provided by the access token.\"\r\n",
                "",
                "app-requires-role-or-scope",
                "higher privileges",
            ),
            // passport-azure-ad and Express.
            (
                "401 Unauthorized",
                "content-type: text/plain\r\nx-powered-by: Express\r\n",
                "Error: jwt audience invalid. expected: api://other",
                "app-validates-token-itself",
                "jwt audience invalid",
            ),
            // Flask-JWT-Extended.
            ("422 Unprocessable Entity", JSON, r#"{"msg":"Not enough segments"}"#, "app-error", "Not enough segments"),
            // Microsoft.Identity.Web's audience.
            (
                "401 Unauthorized",
                JSON,
                r#"{"error":"IDW10214: Audience validation failed"}"#,
                "app-validates-token-itself",
                "IDW10214",
            ),
            // ASP.NET Core's authorization middleware names the role.
            (
                "403 Forbidden",
                PLAIN,
                "IDW10203: The 'scope' or 'scp' claim does not contain scopes 'access_as_user'.",
                "app-requires-role-or-scope",
                "IDW10203",
            ),
            // An unknown app behind Easy Auth: its words are quoted, whatever they are.
            (
                "401 Unauthorized",
                JSON,
                r#"{"fehler":"Zugriff verweigert, Vertrag fehlt"}"#,
                "app-validates-token-itself",
                "Vertrag fehlt",
            ),
        ];
        side_by_side(rows.to_vec(), |(status, headers, body, code, quoted)| {
            let seen = app_says(status, headers, body);
            seen.is(code, Confidence::Likely);
            assert!(seen.quotes(quoted), "{status} {body}");
        });
    }

    /// Siblings: a 401 of no known speaker, for everybody: not certain, quoted, and no claim that there is no reason.
    #[test]
    fn unknown_words_for_everybody_are_undetermined() {
        for body in [r#"{"message":"tenant quota exceeded"}"#, r#"{"detail":"device not enrolled"}"#] {
            let answer = http("401 Unauthorized", JSON, body);
            let seen = World::of(move |head| for_everybody(head, &answer)).observe();
            assert_eq!(seen.sureness(), Some(Confidence::Possible), "{:?}", seen.candidates());
            assert_eq!(seen.root(), "undetermined-401");
            let text = body.split('"').nth(3).unwrap();
            assert!(seen.quotes(text), "{body}");
        }
    }

    /// A validator that Functions' extensions use says no more than that a handler failed: the host requires its key.
    #[test]
    fn functions_extension_without_its_key() {
        let seen = app_says(
            "403 Forbidden",
            JSON,
            "Authorization failed. These requirements were not met: Handler assertion should evaluate to true.",
        );
        seen.is("function-key-required", Confidence::Likely);
        assert!(seen.quotes("Handler assertion should evaluate to true"));
    }

    #[test]
    fn container_apps_ip_restriction() {
        let answer = http("403 Forbidden", PLAIN, "RBAC: access denied");
        let seen = World::of(move |_| answer.clone()).observe();
        assert_eq!(seen.root(), "network-access-restricted", "{:?}", seen.candidates());
        assert!(seen.sureness() < Some(Confidence::Certain));
        let real_only =
            World::of(|head| behind_easy_auth(head, |_| http("403 Forbidden", PLAIN, "RBAC: access denied")));
        assert!(real_only.observe().candidates().contains(&"network-access-restricted"));
    }

    /// An invalid token that gets 200 is worth a warning: whoever makes up a token gets in.
    #[test]
    fn an_invalid_token_that_gets_200() {
        let seen = World::of(|head| {
            if Brings::of(head) == Brings::Nothing {
                return behind_easy_auth(head, |_| challenge());
            }
            http("200 OK", PASSED, "hello")
        })
        .observe();
        assert_eq!(seen.root(), "pass");
        assert_eq!(seen.found("unauthenticated-requests-allowed"), [Severity::Warning]);
    }
}

// --------------------------------------------------------------------------------- T12: who answered is measured

mod servers {
    use super::*;

    const UVICORN: &str = "server: uvicorn\r\ncontent-type: application/json\r\nwww-authenticate: Bearer\r\n";
    const INVALID: &str = r#"{"detail":{"error":"invalid_token","message":"Token contains invalid claims"}}"#;

    #[test]
    fn fastapi_audience() {
        let seen = World::of(|head| behind_easy_auth(head, |_| http("401 Unauthorized", UVICORN, INVALID))).observe();
        seen.is("app-validates-token-itself", Confidence::Likely);
        assert!(seen.quotes("Token contains invalid claims"));
    }

    #[test]
    fn fastapi_role() {
        let body = r#"{"detail":"Role Orders.Read is required"}"#;
        let headers = format!("server: uvicorn\r\n{PASSED}{JSON}");
        let world = World::of(move |head| behind_easy_auth(head, |_| http("403 Forbidden", &headers, body)));
        let seen = world.with_settings(&settings(&v1_issuer(), &[RESOURCE], &[ID, CALLER])).observe();
        seen.is("app-requires-role-or-scope", Confidence::Likely);
        assert!(seen.quotes("Orders.Read"));
        assert!(!seen.candidates().iter().any(|code| code.contains("allowed")), "{:?}", seen.candidates());
    }

    #[test]
    fn bearer_role_401() {
        let headers = format!(
            "{PASSED}www-authenticate: Bearer realm=\"api\", error=\"invalid_token\", error_description=\"Missing \
             'roles' claim\"\r\n"
        );
        let seen = World::of(move |head| behind_easy_auth(head, |_| http("401 Unauthorized", &headers, ""))).observe();
        seen.is("app-requires-role-or-scope", Confidence::Likely);
        assert!(seen.quotes("Missing 'roles' claim"));
    }

    #[test]
    fn django_audience() {
        let headers = format!("{JSON}www-authenticate: Bearer realm=\"api\"\r\nserver: gunicorn\r\n");
        let body =
            r#"{"detail":"Given token not valid for any token type","messages":[{"message":"Token is invalid"}]}"#;
        let world = World::of(move |head| behind_easy_auth(head, |_| http("401 Unauthorized", &headers, body)));
        let seen = world.with_settings(&settings(&portal_issuer(), &[RESOURCE], &[])).observe();
        seen.is("app-validates-token-itself", Confidence::Likely);
        assert!(seen.quotes("Given token not valid"));
        assert!(!seen.candidates().contains(&"authorization-header-dropped"));
    }

    #[test]
    fn fastapi_control_audience() {
        let world = World::of(|head| {
            behind_easy_auth(head, |brings| match brings {
                Brings::Bare => http("401 Unauthorized", UVICORN, INVALID),
                _ => challenge(),
            })
        });
        let seen = world.observe();
        seen.is("audience-not-allowed", Confidence::Likely);
        assert_eq!(seen.next(), ["app-validates-token-itself"]);
    }

    const NGINX_401: &str = "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n<center>\
        <h1>401 Authorization Required</h1></center>\r\n<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n";

    #[test]
    fn nginx_basic() {
        let headers = format!("{HTML}server: nginx/1.24.0\r\nwww-authenticate: Basic realm=\"Staging\"\r\n");
        let answer = http("401 Unauthorized", &headers, NGINX_401);
        let seen = World::of(move |_| answer.clone()).observe();
        seen.is("authorization-scheme-conflict", Confidence::Likely);
        assert!(seen.quotes("Staging"));
        let rules = ["audience-not-allowed", "issuer-not-accepted", "audience-token-version-mismatch"];
        assert!(!seen.candidates().iter().any(|code| rules.contains(code)), "{:?}", seen.candidates());
    }

    /// Sibling: Basic only for the call, by the app behind Easy Auth.
    #[test]
    fn basic_behind_easy_auth() {
        let headers = format!("{PASSED}www-authenticate: Basic realm=\"Orders\"\r\n");
        let seen = World::of(move |head| behind_easy_auth(head, |_| http("401 Unauthorized", &headers, ""))).observe();
        seen.is("authorization-scheme-conflict", Confidence::Likely);
        assert!(seen.quotes("Orders"));
    }

    #[test]
    fn nginx_to_https_same_host() {
        let seen = World::of(|head| {
            let host = head
                .lines()
                .find_map(|line| line.strip_prefix("host: ").or_else(|| line.strip_prefix("Host: ")))
                .unwrap_or("127.0.0.1");
            let host = host.split(':').next().unwrap_or_default();
            let to = format!("location: https://{host}:9{}\r\nserver: nginx\r\n", path(head));
            http("301 Moved Permanently", &to, "")
        })
        .observe();
        assert!(!seen.step_passes("protection"));
        assert!(seen.quotes("https://127.0.0.1"), "{:#?}", seen.0.diagnosis());
        assert_ne!(seen.sureness(), None);
    }

    /// Sibling: a redirect within App 2 is followed, and the report says so.
    #[test]
    fn a_redirect_within_app_2_is_said() {
        let world = World::of(|head| {
            behind_easy_auth(head, |_| match path(head) {
                "/api/hello" => http("307 Temporary Redirect", &format!("{PASSED}location: /v2/hello\r\n"), ""),
                _ => http("200 OK", PASSED, "hello"),
            })
        });
        let seen = world.observe();
        assert_eq!(seen.root(), "pass");
        let steps = check::all(&Evidence::of(seen.0.observed()));
        let call = steps.iter().find(|step| step.id.id() == "call").unwrap();
        assert!(format!("{:?}", call.summary).contains("/v2/hello"), "{:?}", call.summary);
    }

    /// Siblings: Easy Auth's realm is App 2's host; the app's challenge has parameters of its own or another realm.
    #[test]
    fn challenges_of_apps_behind_easy_auth() {
        for challenge in [
            "Bearer realm=\"Orders API\"",
            "Bearer",
            "Bearer scope=\"orders.read\"",
            "JWT realm=\"api\"",
            "Bearer realm=\"api\", charset=\"UTF-8\"",
        ] {
            let headers = format!("{PASSED}www-authenticate: {challenge}\r\n");
            let world = World::of(move |head| behind_easy_auth(head, |_| http("401 Unauthorized", &headers, "")));
            let seen = world.observe();
            assert!(seen.candidates().contains(&"app-validates-token-itself"), "{challenge}: {:?}", seen.candidates());
            assert!(!seen.candidates().contains(&"audience-not-allowed"), "{challenge}");
            assert!(seen.sureness() < Some(Confidence::Certain));
        }
    }

    const NGINX_413: &str = "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center>\
        <h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n";

    #[test]
    fn nginx_413() {
        let headers = format!("{HTML}server: nginx/1.24.0\r\n");
        let mut world = World::of(move |head| {
            behind_easy_auth(head, |_| http("413 Request Entity Too Large", &headers, NGINX_413))
        });
        world.inputs.method = "POST".to_owned();
        world.inputs.confirmed = true;
        let seen = world.observe();
        seen.is("app-error", Confidence::Likely);
        assert_eq!(seen.says("app-error").as_deref(), Some("body-too-large"));
        assert!(seen.quotes("nginx"));
    }

    /// Sibling: an app's `Bearer realm="…"` for everybody is not Easy Auth's: nothing else shows Easy Auth.
    #[test]
    fn a_bare_realm_for_everybody_is_not_certainly_easy_auth() {
        let headers = format!("{JSON}www-authenticate: Bearer realm=\"orders\"\r\n");
        let answer = http("401 Unauthorized", &headers, r#"{"detail":"Invalid token."}"#);
        let seen = World::of(move |head| for_everybody(head, &answer)).observe();
        assert!(!seen.step_passes("protection"));
        assert!(seen.sureness() < Some(Confidence::Certain));
        assert!(seen.candidates().contains(&"app-validates-token-itself"), "{:?}", seen.candidates());
        assert!(seen.quotes("Invalid token"));
    }

    /// Siblings: pages of other servers, only for the call and without the middleware's header: something in front.
    #[test]
    fn pages_of_servers_in_front_are_never_easy_auths_policy_alone() {
        let rows = [
            (
                "nginx",
                "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr>\
                 <center>nginx</center></body></html>",
            ),
            (
                "HAProxy",
                "<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n",
            ),
            (
                "Apache",
                "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>403 Forbidden\
                 </title>\n</head><body>\n<h1>Forbidden</h1>\n<p>You don't have permission to access this resource.\
                 </p>\n<hr>\n<address>Apache/2.4.58 (Ubuntu) Server at app2 Port 80</address>\n</body></html>\n",
            ),
        ];
        side_by_side(rows.to_vec(), |(server, page)| {
            let seen = World::of(move |head| behind_easy_auth(head, |_| http("403 Forbidden", HTML, page))).observe();
            assert!(seen.candidates().contains(&"network-access-restricted"), "{server}: {:?}", seen.candidates());
            assert!(seen.sureness() < Some(Confidence::Certain));
            assert!(seen.quotes(server), "{server}: {:#?}", seen.0.diagnosis());
        });
    }

    /// Sibling: Django's CSRF page: the app refuses a form post, not a caller.
    #[test]
    fn django_csrf_page() {
        let page = "<html><head><title>403 Forbidden</title></head><body><h1>Forbidden <span>(403)</span></h1>\
            <p>CSRF verification failed. Request aborted.</p></body></html>";
        let headers = format!("{HTML}{PASSED}");
        let seen = World::of(move |head| behind_easy_auth(head, |_| http("403 Forbidden", &headers, page))).observe();
        assert!(seen.quotes("CSRF verification failed"));
        assert!(seen.sureness() < Some(Confidence::Certain));
        assert!(!seen.candidates().iter().any(|code| code.contains("not-in-allowed")), "{:?}", seen.candidates());
    }
}

// ---------------------------------------------------------------------------------------------- T7, T9, T6

mod platforms {
    use super::*;

    #[test]
    fn static_web_app() {
        let body = "Issuer validation failed. Issuer: 'https://7d3f.scm.azurewebsites.net'. Signature algorithm HS256.";
        let world = World::of(move |head| match path(head) {
            "/.auth/login/aad" => {
                http("302 Found", "location: https://identity.7.azurestaticapps.net/.redirect/aad\r\n", "")
            }
            path if path.starts_with("/.") => http("404 Not Found", "", ""),
            _ => http("401 Unauthorized", PLAIN, body),
        });
        let seen = world.observe();
        assert!(seen.candidates().contains(&"gateway-replaced-caller"), "{:?}", seen.candidates());
        assert!(seen.sureness() < Some(Confidence::Certain));
        assert_eq!(seen.says("gateway-replaced-caller").as_deref(), Some("static-web-apps"));
    }

    /// Sibling: every page of the site leads to the sign-in of Static Web Apps.
    #[test]
    fn static_web_app_redirects_the_call() {
        let to = "location: https://identity.2.azurestaticapps.net/.redirect/aad?hostName=x\r\n";
        let seen = World::of(move |head| match path(head) {
            path if path.starts_with("/.well-known") => http("404 Not Found", "", ""),
            _ => http("302 Found", to, ""),
        })
        .observe();
        assert!(seen.candidates().contains(&"gateway-replaced-caller"), "{:?}", seen.candidates());
    }

    /// App 2 refuses everything, and its issuer is this one; `v2` has the issuer of the caller's version 2 token.
    fn issuers(status: &'static str, issuer: &str, v2: Option<&str>, cloud: Cloud) -> Seen {
        let mut world = World::of(move |head| {
            if status.starts_with('5') { http(status, "", "") } else { behind_easy_auth(head, |_| challenge()) }
        });
        if let Some(v2) = v2 {
            world = world.issuing(v2.to_owned());
        }
        world.inputs.cloud = cloud;
        world.with_settings(&settings(issuer, &[RESOURCE], &[])).observe()
    }

    const REFUSED: &str = "401 Unauthorized";
    const ERROR: &str = "500 Internal Server Error";

    #[test]
    fn us_token_public_issuer() {
        let public = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let of_token = format!("https://login.microsoftonline.us/{TENANT}/v2.0");
        let seen = issuers(REFUSED, &public, Some(&of_token), Cloud::UsGov);
        seen.is("issuer-not-accepted", Confidence::Likely);
        assert!(seen.quotes("login.microsoftonline.com"));
    }

    /// Siblings: other pairs of clouds. The host of both is known, and differs by cloud.
    #[test]
    fn issuers_of_other_clouds() {
        let china = format!("https://login.partner.microsoftonline.cn/{TENANT}");
        issuers(REFUSED, &china, None, Cloud::Public).is("issuer-not-accepted", Confidence::Likely);
        let (us, public) = (
            format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
            format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        );
        issuers(REFUSED, &us, Some(&public), Cloud::Public).is("issuer-not-accepted", Confidence::Likely);
    }

    /// `sts.windows.net` issues version 1 tokens of both the public cloud and US Government: this host is no proof.
    #[test]
    fn a_v1_token_under_a_us_government_issuer_is_no_other_cloud() {
        let us = format!("https://login.microsoftonline.us/{TENANT}");
        let seen = issuers(REFUSED, &us, None, Cloud::UsGov);
        assert_ne!((seen.root(), seen.sureness()), ("issuer-not-accepted", Some(Confidence::Likely)));
    }

    #[test]
    fn us_public_issuer_500() {
        let public = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let of_token = format!("https://login.microsoftonline.us/{TENANT}/v2.0");
        let seen = issuers(ERROR, &public, Some(&of_token), Cloud::UsGov);
        assert!(seen.candidates().contains(&"issuer-invalid"), "{:?}", seen.candidates());
    }

    /// App 2 names its own metadata's address and scope in the challenge.
    fn discovering(metadata: &'static str, scope: &'static str, at: &'static str) -> World {
        World::of(move |head| {
            let host = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("host: ").map(str::to_owned))
                .unwrap_or_default();
            if path(head) == at {
                return http("200 OK", JSON, metadata);
            }
            if path(head).starts_with("/.") {
                return http("404 Not Found", "", "");
            }
            if Brings::of(head).is_real() {
                return http("200 OK", PASSED, "hello");
            }
            let challenge = format!(
                "{PASSED}www-authenticate: Bearer realm=\"127.0.0.1\" scope=\"{scope}\" \
                 resource_metadata=\"http://{host}{at}\"\r\n"
            );
            http("401 Unauthorized", &challenge, "")
        })
        .at("/mcp")
        .asking(None)
    }

    const OWN_SCOPE: &str = r#"{"scopes_supported":["api://0f8fad5b-d9cb-469f-a165-70867728950e/user_impersonation"]}"#;
    const NAMED_SCOPE: &str = r#"{"scopes_supported":["api://orders-api/user_impersonation"]}"#;

    #[test]
    fn metadata_under_path() {
        let seen = discovering(OWN_SCOPE, "", "/.well-known/oauth-protected-resource/mcp").observe();
        assert_eq!(seen.root(), "pass", "{:#?}", seen.0.diagnosis());
    }

    #[test]
    fn metadata_names_client_id() {
        let seen = discovering(OWN_SCOPE, "", "/.well-known/oauth-protected-resource").observe();
        assert_eq!(seen.root(), "pass");
    }

    /// Sibling: the challenge's scope alone names the client ID.
    #[test]
    fn challenge_scope_names_the_client_id() {
        let scope = "api://0f8fad5b-d9cb-469f-a165-70867728950e/user_impersonation";
        let seen = discovering("{}", scope, "/.well-known/nothing").observe();
        assert_eq!(seen.root(), "pass", "{:#?}", seen.0.diagnosis());
    }

    #[test]
    fn metadata_names_uri() {
        for scope in ["api://orders-api/user_impersonation", ""] {
            let world = discovering(NAMED_SCOPE, scope, "/.well-known/oauth-protected-resource");
            let seen = world.observe();
            assert_eq!(seen.root(), "resource-undetermined");
            assert!(seen.sureness() < Some(Confidence::Certain));
            assert!(seen.quotes("api://orders-api"));
            assert!(!world.asked().iter().any(|asked| asked.contains("orders-api")), "{:?}", world.asked());
        }
    }

    /// App 2 names a host that nobody registered, and Entra doesn't know it: its own setting is to be corrected.
    #[test]
    fn metadata_names_host() {
        let named = |scope: &'static str| {
            let mut world = discovering(scope, "", "/.well-known/oauth-protected-resource");
            world.identity = Server::answers(|_| {
                let said = "AADSTS500011: The resource principal named https://app2.azurewebsites.net was not found in \
                    the tenant named Contoso. Trace ID: 0f8fad5b-0000-4000-8000-000000000001";
                http("400 Bad Request", JSON, &json!({"statusCode": 400, "message": said}).to_string())
            });
            world.asking(Some("https://app2.azurewebsites.net")).observe()
        };
        let seen = named(r#"{"scopes_supported":["https://app2.azurewebsites.net/user_impersonation"]}"#);
        seen.is("resource-not-registered", Confidence::Certain);
        assert!(seen.quotes("https://app2.azurewebsites.net"));
        let fixes = |seen: &Seen| format!("{:?}", seen.0.diagnosis().root_cause.as_ref().unwrap().fixes);
        assert!(fixes(&seen).contains("WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES"));
        // Sibling: it names another, so the setting isn't at fault.
        let other = named(r#"{"scopes_supported":["api://0f8fad5b-d9cb-469f-a165-70867728950e/x"]}"#);
        other.is("resource-not-registered", Confidence::Certain);
        assert!(!fixes(&other).contains("WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES"));
    }

    /// Sibling: a scope in the challenge alone names a URI: said, not used.
    #[test]
    fn challenge_scope_names_a_uri() {
        let world = discovering("{}", "api://orders-api/user_impersonation", "/.well-known/nothing");
        let seen = world.observe();
        assert_eq!(seen.root(), "resource-undetermined");
        assert!(seen.sureness() < Some(Confidence::Certain));
        assert!(seen.quotes("api://orders-api"));
        assert!(!world.asked().iter().any(|asked| asked.contains("orders-api")));
    }

    /// Sibling: metadata on another host is not asked: nobody but App 2 says what App 2 is.
    #[test]
    fn metadata_of_another_host_is_not_followed() {
        let other = Server::answers(|_| http("200 OK", JSON, OWN_SCOPE));
        let at = format!("{}/.well-known/oauth-protected-resource", other.url);
        let world = World::of(move |head| {
            if path(head).starts_with("/.") {
                return http("404 Not Found", "", "");
            }
            let challenge = format!("www-authenticate: Bearer realm=\"h\" resource_metadata=\"{at}\"\r\n");
            http("401 Unauthorized", &challenge, "")
        });
        let seen = world.asking(None).observe();
        assert_eq!(seen.root(), "resource-undetermined");
        assert!(other.received().is_empty());
    }
}
