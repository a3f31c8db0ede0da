//! Cases from the field about App 1: its host, its credential, its identity endpoint, and Microsoft Entra ID. Each is a
//! public report built on loopback, or a sibling of one; the expectation says what is right, and why.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::helpers::network::NOBODY;
use crate::helpers::program::doctor;
use crate::helpers::server::{IDENTITY_HEADER, RESOURCE, Server, http, token_for};
use crate::helpers::world::answer;

pub const CLIENT: &str = "e5f6a7b8-5555-4666-8777-88889999aaaa";
pub const TENANT: &str = "11111111-2222-4333-8444-555555555555";
pub const OTHER_TENANT: &str = "99999999-2222-4333-8444-555555555555";

/// A world around App 1. `{identity}` and `{entra}` in a variable are the addresses of these servers.
pub struct Field {
    pub app2: Server,
    pub identity: Server,
    pub entra: Server,
    pub variables: Vec<(String, String)>,
    pub options: Vec<String>,
    pub names_a_resource: bool,
    pub files: tempfile::TempDir,
}

impl Field {
    /// App 2 lets every caller with a token in; the identity endpoint answers like this, and Entra with a token.
    pub fn new(identity: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self {
            app2: Server::answers(|head| answer(head, "200 OK", "", "hello")),
            identity: Server::answers(identity),
            entra: Server::answers(|_| issued(RESOURCE)),
            variables: Vec::new(),
            options: Vec::new(),
            names_a_resource: true,
            files: tempfile::tempdir().unwrap(),
        }
    }

    pub fn app_service(identity: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::new(identity)
            .set("WEBSITE_SITE_NAME", "app1")
            .set("IDENTITY_ENDPOINT", "{identity}/msi/token")
            .set("IDENTITY_HEADER", IDENTITY_HEADER)
    }

    pub fn container_app(identity: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::new(identity)
            .set("CONTAINER_APP_NAME", "app1")
            .set("IDENTITY_ENDPOINT", "{identity}/msi/token")
            .set("IDENTITY_HEADER", IDENTITY_HEADER)
            .set("MSI_ENDPOINT", "{identity}/msi/token")
            .set("MSI_SECRET", IDENTITY_HEADER)
    }

    pub fn machine_learning(identity: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::new(identity).set("MSI_ENDPOINT", "{identity}/MSI/auth/").set("MSI_SECRET", IDENTITY_HEADER)
    }

    pub fn machine(identity: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::new(identity).set("AZURE_POD_IDENTITY_AUTHORITY_HOST", "{identity}")
    }

    pub fn pod(identity: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::machine(identity).set("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    }

    /// A pod with everything that the webhook injects, and a service account token with these claims.
    pub fn federated(claims: &Value, entra: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let mut field = Self::pod(|_| imds("Identity not found"));
        field.entra = Server::answers(entra);
        let file = field.files.path().join("token");
        std::fs::write(&file, jwt(claims)).unwrap();
        let file = file.display().to_string();
        field.set("AZURE_CLIENT_ID", CLIENT).set("AZURE_TENANT_ID", TENANT).set("AZURE_FEDERATED_TOKEN_FILE", &file)
    }

    pub fn secret(entra: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let mut field = Self::new(|_| http("404 Not Found", "", ""));
        field.entra = Server::answers(entra);
        field
            .set("AZURE_CLIENT_ID", CLIENT)
            .set("AZURE_TENANT_ID", TENANT)
            .set("AZURE_CLIENT_SECRET", "a-secret-of-nobody-0123456789")
    }

    /// `az` prints this on standard error, and fails.
    #[cfg(unix)]
    pub fn azure_cli(said: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let field = Self::new(|_| http("404 Not Found", "", "")).option(&["--credential", "azure-cli"]);
        let az = field.files.path().join("az");
        let text = field.files.path().join("said");
        std::fs::write(&text, said).unwrap();
        std::fs::write(&az, format!("#!/bin/sh\n/bin/cat '{}' >&2\nexit 1\n", text.display())).unwrap();
        std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = field.files.path().display().to_string();
        field.set("PATH", &path)
    }

    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn option(mut self, options: &[&str]) -> Self {
        self.options.extend(options.iter().map(|option| (*option).to_owned()));
        self
    }

    /// What App 2 itself names is then the resource.
    pub fn without_resource(mut self) -> Self {
        self.names_a_resource = false;
        self
    }

    pub fn check(&self) -> Seen {
        let output = self.run();
        let text = String::from_utf8(output.stdout).unwrap();
        let report = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{error}: {text} {}", String::from_utf8_lossy(&output.stderr)));
        Seen(report)
    }

    /// As [`check`](Self::check); `None` where an input is refused.
    pub fn try_check(&self) -> Option<Seen> {
        let output = self.run();
        if output.status.code() == Some(2) {
            return None;
        }
        Some(Seen(serde_json::from_slice(&output.stdout).unwrap()))
    }

    fn run(&self) -> std::process::Output {
        let entra = self.entra.url.as_str();
        let own = ["--format", "json", "--timeout", "5", "--authority", entra, "--target"];
        let target = format!("{}/api/hello", self.app2.url);
        let mut program = doctor(&["check"]);
        program.args(own).args([target.as_str()]).args(&self.options);
        if self.names_a_resource && !self.options.iter().any(|option| option == "--resource") {
            program.args(["--resource", RESOURCE]);
        }
        for (name, value) in &self.variables {
            let value = value.replace("{identity}", &self.identity.url).replace("{entra}", entra);
            program.env(name, value);
        }
        program.output().unwrap()
    }
}

/// A report.
pub struct Seen(pub Value);

impl Seen {
    pub fn verdict(&self) -> &str {
        self.0["verdict"].as_str().unwrap()
    }

    pub fn code(&self) -> &str {
        self.0["root_cause"]["code"].as_str().unwrap_or_default()
    }

    pub fn confidence(&self) -> &str {
        self.0["root_cause"]["confidence"].as_str().unwrap_or_default()
    }

    pub fn candidates(&self) -> Vec<&str> {
        let all = self.0["alternatives"].as_array().unwrap();
        all.iter().map(|other| other["code"].as_str().unwrap()).collect()
    }

    pub fn findings(&self) -> Vec<&str> {
        let steps = self.0["steps"].as_array().unwrap();
        let all = steps.iter().flat_map(|step| step["findings"].as_array().unwrap());
        all.map(|finding| finding["code"].as_str().unwrap()).collect()
    }

    pub fn step(&self, id: &str) -> &Value {
        let mut steps = self.0["steps"].as_array().unwrap().iter();
        steps.find(|step| step["id"] == id).unwrap()
    }

    pub fn finding(&self, code: &str) -> &Value {
        let steps = self.0["steps"].as_array().unwrap();
        let mut all = steps.iter().flat_map(|step| step["findings"].as_array().unwrap());
        all.find(|finding| finding["code"] == code).unwrap_or_else(|| panic!("{code}: {:?}", self.findings()))
    }

    /// Everything that is said of the root cause and what fixes it.
    pub fn cause(&self) -> String {
        self.0["root_cause"].to_string()
    }

    pub fn fixes(&self) -> String {
        self.0["root_cause"]["fixes"].to_string()
    }

    pub fn root(&self, code: &str, confidence: &str) -> &Self {
        assert_eq!((self.code(), self.confidence()), (code, confidence), "{:#}", self.0["root_cause"]);
        self
    }

    pub fn says(&self, value: &str) -> &Self {
        assert!(self.cause().contains(value), "{value} in {:#}", self.0["root_cause"]);
        self
    }

    pub fn never_says(&self, value: &str) -> &Self {
        assert!(!self.cause().contains(value), "{value} in {:#}", self.0["root_cause"]);
        self
    }

    /// Nothing determines the cause, the words are quoted, and this is a candidate.
    pub fn unknown(&self, quoted: &str, candidate: &str) -> &Self {
        assert_eq!(self.verdict(), "inconclusive", "{:#}", self.0["root_cause"]);
        assert_eq!(self.code(), "undetermined-token-refusal", "{:#}", self.0["root_cause"]);
        self.says(quoted);
        let is_candidate = candidate.is_empty() || self.candidates().contains(&candidate);
        assert!(is_candidate, "{candidate}: {:?}", self.candidates());
        self
    }

    pub fn finds(&self, code: &str) -> &Self {
        assert!(self.findings().contains(&code), "{:?}", self.findings());
        self
    }

    pub fn never_finds(&self, code: &str) -> &Self {
        assert!(!self.findings().contains(&code), "{:?}", self.findings());
        self
    }

    pub fn passes(&self) -> &Self {
        assert_eq!(self.verdict(), "pass", "{:#}", self.0["root_cause"]);
        self
    }
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

pub fn jwt(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": "k"});
    format!("{}.{}.{}", part(&header), part(claims), URL_SAFE_NO_PAD.encode([7_u8; 256]))
}

/// A service account token of a cluster, valid for an hour from `age` seconds ago on.
pub fn service_account(issuer: &str, audience: &str, age: u64) -> Value {
    json!({"iss": issuer, "sub": "system:serviceaccount:shop:web", "aud": [audience],
        "iat": now() - age, "nbf": now() - age, "exp": now() - age + 3600})
}

pub const AKS: &str = "https://westeurope.oic.prod-aks.azure.com/11111111-2222-4333-8444-555555555555/";
pub const EXCHANGE: &str = "api://AzureADTokenExchange";

pub fn as_json(status: &str, body: &Value) -> String {
    http(status, "content-type: application/json\r\n", &body.to_string())
}

pub fn issued(audience: &str) -> String {
    let token = json!({"access_token": token_for(audience), "expires_on": "1999999999", "token_type": "Bearer"});
    as_json("200 OK", &token)
}

/// A token of another tenant, or of the node that a pod runs on.
pub fn issued_with(audience: &str, changes: &Value) -> String {
    let tenant = changes["tid"].as_str().unwrap_or(TENANT);
    let mut claims = json!({
        "aud": audience, "iss": format!("https://sts.windows.net/{tenant}/"), "tid": tenant,
        "appid": "c0000000-0000-4000-8000-000000000001", "oid": "d0000000-0000-4000-8000-000000000001",
        "idtyp": "app", "ver": "1.0", "iat": now() - 300, "nbf": now() - 300, "exp": now() + 3600,
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    as_json("200 OK", &json!({"access_token": jwt(&claims), "expires_on": "1999999999", "token_type": "Bearer"}))
}

pub fn imds(description: &str) -> String {
    as_json("400 Bad Request", &json!({"error": "invalid_request", "error_description": description}))
}

pub fn app_service(status: &str, message: &str) -> String {
    let id = "52079882-0000-4b91-8d14-e4f6c2f6cddc";
    let status_code: u16 = status.split(' ').next().unwrap().parse().unwrap();
    as_json(status, &json!({"statusCode": status_code, "message": message, "correlationId": id}))
}

/// A refusal of Entra.
pub fn entra(number: u32, text: &str) -> String {
    let description = format!(
        "AADSTS{number}: {text}\r\nTrace ID: 11111111-1111-1111-1111-111111111111\r\nCorrelation ID: \
         22222222-2222-2222-2222-222222222222\r\nTimestamp: 2026-01-01 00:00:00Z"
    );
    as_json(
        "400 Bad Request",
        &json!({"error": "invalid_request", "error_description": description, "error_codes": [number],
            "trace_id": "11111111-1111-1111-1111-111111111111"}),
    )
}

pub fn asks_for_resource_manager(head: &str) -> bool {
    head.contains("management.azure.com") || head.contains("management.core.windows.net")
}

// ------------------------------------------------------------------------- an answer that no table knows (K3)

#[test]
fn cloud_shell_has_a_fixed_list_of_audiences() {
    // The body of the form is not in the head, so this Cloud Shell refuses everything. The sentence says why.
    let text =
        "Audience api://x is not a supported MSI token audience. Supported audiences: https://management.azure.com/";
    let body = json!({"error": {"code": "AudienceNotSupported", "message": text}});
    let field = Field::new(move |_| as_json("400 Bad Request", &body)).set("MSI_ENDPOINT", "{identity}/oauth2/token");
    let field = field.set("ACC_CLOUD", "PROD");
    let seen = field.check();
    seen.root("audience-not-supported-by-endpoint", "certain").says("az login");
    seen.never_says("az webapp");
}

#[test]
fn an_identity_that_cannot_be_loaded_may_not_be_selected() {
    let field = Field::app_service(|_| app_service("400 Bad Request", "Unable to load requested managed identity."));
    let seen = field.check();
    assert_ne!(seen.confidence(), "certain");
    let named = seen.code() == "user-assigned-identity-not-selected"
        || seen.candidates().contains(&"user-assigned-identity-not-selected");
    assert!(named, "{:#}", seen.0["root_cause"]);
    seen.says("Unable to load requested managed identity.").never_says("ign-in logs");
}

#[test]
fn an_empty_403_of_container_apps_is_open() {
    let field = Field::container_app(|_| http("403 Forbidden", "server: Kestrel\r\nx-correlation-id: a\r\n", ""));
    let seen = field.check();
    assert_ne!(seen.confidence(), "certain");
    let named = seen.code() == "identity-variables-hidden" || seen.candidates().contains(&"identity-variables-hidden");
    assert!(named, "{:?}", seen.candidates());
}

#[test]
fn a_post_to_container_apps_is_the_wrong_protocol() {
    let field = Field::new(|_| http("405 Method Not Allowed", "", ""))
        .set("CONTAINER_APP_NAME", "app1")
        .set("MSI_ENDPOINT", "{identity}/msi/token");
    field.check().root("identity-endpoint-protocol-mismatch", "likely");
}

#[test]
fn a_compute_of_machine_learning_says_that_it_has_no_identity() {
    for secret in ["", IDENTITY_HEADER] {
        let field = Field::new(|_| http("404 Not Found", "", ""))
            .set("MSI_ENDPOINT", "identity-responder-not-enabled")
            .set("MSI_SECRET", secret);
        let seen = field.check();
        assert_eq!(seen.code(), "identity-not-enabled", "{:#}", seen.0["root_cause"]);
        seen.never_says("AZURE_CLIENT_SECRET").never_says("az webapp");
    }
}

#[test]
fn sentences_that_no_table_knows_determine_nothing() {
    let text = "SSO failure: unable to retrieve a token. Error Token service my-compute01. Token not found";
    Field::machine_learning(move |_| http("400 Bad Request", "", text))
        .check()
        .unknown("SSO failure: unable to retrieve a token", "identity-not-enabled")
        .never_says("ign-in logs");
    // Siblings: other products, statuses, and wordings.
    for (status, body) in [
        ("400 Bad Request", json!({"error": {"code": "TenantThrottlingGroup", "message": "Request is parked"}})),
        ("409 Conflict", json!({"message": "Identity provisioning is in flux"})),
        ("422 Unprocessable Entity", json!({"error": "identity_sidecar", "error_description": "Sidecar is off duty"})),
        ("418 I'm a teapot", json!({"title": "Nothing to hand out today"})),
    ] {
        let words = ["Request is parked", "Identity provisioning is in flux", "Sidecar is off duty", "Nothing to hand"];
        let quoted = words.into_iter().find(|words| body.to_string().contains(words)).unwrap();
        for field in [
            Field::app_service({
                let (body, status) = (body.clone(), status.to_owned());
                move |_| as_json(&status, &body)
            }),
            Field::machine({
                let (body, status) = (body.clone(), status.to_owned());
                move |_| as_json(&status, &body)
            }),
        ] {
            let field = field.option(&["--credential", "managed-identity"]);
            field.check().unknown(quoted, "").never_says("ign-in logs");
        }
    }
}

#[test]
fn an_unknown_refusal_of_one_resource_is_not_the_identitys() {
    // The same identity gets a token for Azure Resource Manager: what is wrong belongs to this resource.
    let field = Field::app_service(|head| {
        if asks_for_resource_manager(head) {
            issued("https://management.azure.com")
        } else {
            app_service("400 Bad Request", "Resource broker said no.")
        }
    });
    let seen = field.check();
    seen.unknown("Resource broker said no.", "resource-not-registered");
    assert!(!seen.findings().contains(&"user-assigned-identity-not-selected"), "{:?}", seen.findings());
}

#[test]
fn entra_without_a_known_number_is_open() {
    let text = "A policy that nobody documented applies.";
    Field::secret(move |_| entra(7_999_999, text)).check().unknown("AADSTS7999999", "");
    Field::app_service(move |_| {
        app_service("400 Bad Request", "AADSTS7999999: A policy that nobody documented applies.")
    })
    .check()
    .unknown("AADSTS7999999", "");
    // A page of something between App 1 and Entra.
    let page = "<html><head><title>Blocked by the web gateway</title></head></html>";
    Field::secret(move |_| http("403 Forbidden", "content-type: text/html\r\n", page))
        .check()
        .unknown("Blocked by the web gateway", "caller-egress-blocked");
    Field::secret(move |_| http("200 OK", "content-type: text/html\r\n", page))
        .check()
        .unknown("Blocked by the web gateway", "caller-egress-blocked");
}

#[test]
fn service_fabrics_own_codes_are_known() {
    // Service Fabric documents its codes; the texts may change.
    let body = json!({"error": {"correlationId": "1", "code": "ManagedIdentityNotFound", "message": "gone"}});
    let field = Field::app_service(move |_| as_json("404 Not Found", &body));
    assert_eq!(field.check().code(), "identity-not-enabled");
}

#[test]
#[cfg(unix)]
fn what_az_says_is_known_or_quoted() {
    let said = "ERROR: Please run 'az login' to setup account.";
    Field::azure_cli(said).check().root("credential-incomplete", "certain");
    let said = "ERROR: The token cache coordinator has left the building.";
    Field::azure_cli(said).check().unknown("The token cache coordinator has left the building", "");
}

// --------------------------------------------------------------------------------------------------- pods (K5)

#[test]
fn a_pod_into_which_nothing_was_injected_has_no_label() {
    for client in ["", CLIENT] {
        let field = Field::pod(|_| imds("Identity not found")).set("AZURE_CLIENT_ID", client);
        let seen = field.check();
        seen.root("workload-identity-incomplete", "likely").says("azure.workload.identity/use");
        seen.never_says("az webapp").never_says("virtual machine");
    }
}

#[test]
fn a_pods_file_shows_the_same() {
    for (name, block) in [("nothing", "HOSTNAME=web-1\n"), ("client", "AZURE_AUTHORITY_HOST=https://127.0.0.1:9/\n")] {
        let field = Field::new(|_| http("404 Not Found", "", ""));
        let file = field.files.path().join(name);
        std::fs::write(&file, format!("KUBERNETES_SERVICE_HOST=10.0.0.1\n{block}")).unwrap();
        let file = file.display().to_string();
        let seen = field.option(&["--environ", &file]).check();
        assert_eq!(seen.code(), "workload-identity-incomplete", "{:#}", seen.0["root_cause"]);
        seen.says("azure.workload.identity/use").never_says("az webapp");
    }
}

#[test]
fn a_pod_into_which_half_was_injected_misses_its_annotation() {
    let half = |field: Field| {
        field
            .set("AZURE_TENANT_ID", TENANT)
            .set("AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/azure/tokens/azure-identity-token")
    };
    let seen = half(Field::pod(|_| imds("Identity not found"))).check();
    assert_eq!(seen.code(), "workload-identity-incomplete", "{:#}", seen.0["root_cause"]);
    seen.says("AZURE_CLIENT_ID").says("azure.workload.identity/client-id").never_says("az webapp");
    // From a file, nobody asks the node.
    let field = Field::new(|_| http("404 Not Found", "", ""));
    let file = field.files.path().join("environ");
    let block = "KUBERNETES_SERVICE_HOST=10.0.0.1\nAZURE_TENANT_ID=11111111-2222-4333-8444-555555555555\n\
        AZURE_FEDERATED_TOKEN_FILE=/var/run/secrets/azure/tokens/azure-identity-token\n";
    std::fs::write(&file, block).unwrap();
    let file = file.display().to_string();
    let seen = field.option(&["--environ", &file]).check();
    assert_eq!(seen.code(), "workload-identity-incomplete", "{:#}", seen.0["root_cause"]);
    seen.says("azure.workload.identity/client-id");
    let summary = seen.0["root_cause"]["summary"].as_str().unwrap();
    assert!(!summary.contains("AZURE_TENANT_ID"), "that one is set: {summary}");
}

#[test]
fn a_pod_that_calls_as_its_node_needs_the_label() {
    let node = "/subscriptions/1/resourcegroups/mc/providers/Microsoft.ManagedIdentity/userAssignedIdentities/\
        shop-agentpool";
    let mut field = Field::pod(move |_| issued_with(RESOURCE, &json!({"xms_mirid": node})));
    field.app2 = Server::answers(|head| answer(head, "403 Forbidden", "x-ms-middleware-request-id: 1\r\n", ""));
    let seen = field.check();
    seen.root("workload-identity-incomplete", "likely").says("azure.workload.identity/use").says("shop-agentpool");
    // Where the call passes, it is a warning.
    let field = Field::pod(move |_| issued_with(RESOURCE, &json!({"xms_mirid": node})));
    let seen = field.check();
    seen.passes().finds("workload-identity-incomplete");
}

#[test]
fn several_identities_of_a_node_stay_unselected() {
    let text = "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity";
    for field in [Field::pod(move |_| imds(text)), Field::machine(move |_| imds(text))] {
        let field = field.option(&["--credential", "managed-identity"]);
        let seen = field.check();
        seen.root("user-assigned-identity-not-selected", "certain").never_says("App settings");
    }
    Field::machine(move |_| imds(text))
        .option(&["--credential", "managed-identity"])
        .check()
        .says("az vm identity show");
}

#[test]
fn pod_identity_still_intercepts() {
    // A leftover of the retired add-on: it doesn't pass by itself.
    let text = format!("no azure identity found for request clientID {CLIENT}\n");
    let answer = move |_: &str| http("404 Not Found", "", &text);
    let field = Field::pod(answer.clone()).set("AZURE_CLIENT_ID", CLIENT);
    field.check().root("workload-identity-incomplete", "certain").says("NMI");
    // Nothing shows that this is a pod.
    Field::machine(answer).check().root("workload-identity-incomplete", "likely").says("NMI");
}

#[test]
fn a_healthy_workload_identity_gets_no_warning() {
    let field = Field::federated(&service_account(AKS, EXCHANGE, 60), |_| issued(RESOURCE));
    let seen = field.check();
    seen.passes().never_finds("unexpected-identity-used");
    // A machine that may have a metadata endpoint is no managed identity either.
    let field = Field::secret(|_| issued(RESOURCE)).set("AZURE_POD_IDENTITY_AUTHORITY_HOST", "{identity}");
    let seen = field.check();
    seen.passes().never_finds("unexpected-identity-used");
    // An app with an identity endpoint of its own is warned: SDKs pass it by.
    let field = Field::secret(|_| issued(RESOURCE))
        .set("IDENTITY_ENDPOINT", "{identity}/msi/token")
        .set("IDENTITY_HEADER", IDENTITY_HEADER);
    let seen = field.check();
    seen.passes().finds("unexpected-identity-used");
}

// ------------------------------------------------------------------------- federated assertions and IDs (K6)

#[test]
fn an_expired_assertion_needs_a_new_one_and_no_new_credential() {
    let text = "Client assertion is not within its valid time range. Current time: 2025-09-03T17:59:55.3046782Z, \
        assertion valid from 2025-09-03T17:04:47.0000000Z, expiry time of assertion 2025-09-03T17:09:47.0000000Z.";
    let claims = json!({
        "iss": "https://token.actions.githubusercontent.com", "sub": "repo:contoso/shop:environment:prod",
        "aud": EXCHANGE, "iat": now() - 3600, "nbf": now() - 3600, "exp": now() - 3300,
    });
    let field = Field::federated(&claims, move |_| entra(700_024, text)).set("GITHUB_ACTIONS", "true");
    let field = field.set("KUBERNETES_SERVICE_HOST", "");
    let seen = field.check();
    seen.root("assertion-expired", "certain").never_says("federated-credential create");
    // The same of a pod whose file is stale, with another text of Entra's.
    let field = Field::federated(&service_account(AKS, EXCHANGE, 7200), |_| entra(50_013, "Assertion failed."));
    field.check().root("assertion-expired", "certain").never_says("federated-credential create");
}

#[test]
#[cfg(unix)]
fn az_keeps_an_assertion_that_expires() {
    let said = "ERROR: AADSTS700024: Client assertion is not within its valid time range. Current time: \
        2025-09-03T17:59:55.3046782Z, assertion valid from 2025-09-03T17:04:47.0000000Z, expiry time of assertion \
        2025-09-03T17:09:47.0000000Z. Please run: az login";
    let seen = Field::azure_cli(said).check();
    assert_eq!(seen.code(), "assertion-expired", "{:#}", seen.0["root_cause"]);
    seen.says("az login").never_says("openssl");
}

#[test]
fn an_issuer_that_entra_cannot_reach_never_works() {
    let internal = "https://kubernetes.default.svc.cluster.local";
    let text = format!(
        "No matching federated identity record found for presented assertion. Assertion Issuer: '{internal}'. \
         Assertion Subject: 'system:serviceaccount:shop:web'."
    );
    let field = Field::federated(&service_account(internal, EXCHANGE, 60), move |_| entra(70_021, &text));
    let seen = field.check();
    seen.root("assertion-issuer-unreachable", "certain").says("--enable-oidc-issuer").says(internal);
    seen.never_says("federated-credential create");
    // Siblings: a private address, and Entra's own word that it could not fetch the issuer.
    let field = Field::federated(&service_account("https://10.0.0.1:6443", EXCHANGE, 60), |_| entra(700_211, "None."));
    field.check().root("assertion-issuer-unreachable", "certain");
    let field = Field::federated(&service_account("https://oidc.example.com/", EXCHANGE, 60), |_| {
        entra(90_061, "Request to External OIDC endpoint failed.")
    });
    field.check().root("assertion-issuer-unreachable", "certain");
}

#[test]
fn a_public_issuer_without_a_match_is_a_mismatch() {
    let field = Field::federated(&service_account(AKS, EXCHANGE, 60), |_| {
        entra(700_213, "No matching federated identity record found for presented assertion subject 'x'.")
    });
    field.check().root("federated-credential-mismatch", "certain");
    // The default audience needs another token, and no credential for it.
    let field = Field::federated(&service_account(AKS, "https://kubernetes.default.svc", 60), |_| {
        entra(700_212, "No matching federated identity record found for presented assertion audience 'x'.")
    });
    let seen = field.check();
    seen.root("federated-credential-mismatch", "certain").never_says("federated-credential create");
    seen.never_says("resource \\\"azuread_application_federated_identity_credential");
}

#[test]
fn a_resource_id_is_no_client_id() {
    let id = "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers/\
        Microsoft.ManagedIdentity/userAssignedIdentities/uami";
    let refused = || |_: &str| entra(700_016, "Application with identifier was not found in the directory 'Contoso'.");
    let pod = Field::federated(&service_account(AKS, EXCHANGE, 60), refused()).set("AZURE_CLIENT_ID", id);
    let principal = Field::secret(refused()).set("AZURE_CLIENT_ID", id);
    let name = Field::secret(refused()).set("AZURE_CLIENT_ID", "my-app-registration");
    let placeholder = Field::secret(refused()).set("AZURE_CLIENT_ID", "<client-id>");
    for field in [pod, principal, name, placeholder] {
        let seen = field.check();
        seen.root("credential-incomplete", "certain").says("AZURE_CLIENT_ID").never_says("az ad sp create");
        let posted = field.entra.received().iter().any(|head| head.starts_with("POST"));
        assert!(!posted, "nothing is asked with it: {:?}", field.entra.received());
    }
}

#[test]
fn a_placeholder_selects_no_identity() {
    let text = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
    for id in ["PLACEHOLDER", "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ManagedIdentity/x/y"] {
        let field = Field::app_service(move |_| app_service("400 Bad Request", text)).set("AZURE_CLIENT_ID", id);
        field.check().root("selected-identity-not-attached", "certain");
    }
}

// ------------------------------------------------------------------------------- a typo in the suffix (K7)

#[test]
fn any_typo_in_the_suffix_is_named() {
    for suffix in ["./default", "/default", ".default", "/.defaults", "/.Default/", "/.defualt", "//default"] {
        let given = format!("{RESOURCE}{suffix}");
        let echoed = given.clone();
        let field = Field::app_service(move |_| {
            let text = format!(
                "AADSTS500011: The resource principal named {echoed} was not found in the tenant named Contoso."
            );
            app_service("400 Bad Request", &text)
        });
        let seen = field.option(&["--resource", &given]).check();
        assert_eq!(seen.code(), "scope-default-in-resource", "{given}: {:#}", seen.0["root_cause"]);
        seen.never_says("identifier-uris");
        assert_eq!(seen.0["resource"], RESOURCE, "{given}");
    }
}

#[test]
fn names_that_only_look_like_the_suffix_stay() {
    for name in ["api://contoso/defaults-service", "api://default.contoso.com", "https://contoso.com/default-api"] {
        let field = Field::app_service(move |_| issued(name)).option(&["--resource", name]);
        let seen = field.check();
        assert_eq!(seen.0["resource"], name);
        assert!(!seen.findings().contains(&"scope-default-in-resource"), "{name}");
    }
}

// ------------------------------------------------------------------------------------- two tenants (K10)

#[test]
fn a_managed_identity_of_another_tenant_gets_no_token() {
    let manager = || issued_with("https://management.azure.com", &json!({"tid": OTHER_TENANT}));
    let opaque = Field::app_service(move |head| {
        if asks_for_resource_manager(head) {
            manager()
        } else {
            app_service("500 Internal Server Error", "An unexpected error occured while fetching the AAD Token.")
        }
    });
    let seen = opaque.check();
    let first = seen.candidates().first().copied() == Some("identity-in-other-tenant");
    assert!(first || seen.code() == "identity-in-other-tenant", "{:#}", seen.0["root_cause"]);
    let whole = seen.0.to_string();
    assert!(whole.contains(TENANT) && whole.contains(OTHER_TENANT));
    let spoken = Field::app_service(move |head| {
        if asks_for_resource_manager(head) {
            manager()
        } else {
            let text =
                format!("AADSTS500011: The resource principal named {RESOURCE} was not found in the tenant named F.");
            app_service("400 Bad Request", &text)
        }
    });
    let seen = spoken.check();
    seen.root("identity-in-other-tenant", "likely").never_says("identifier-uris");
    seen.says(TENANT).says(OTHER_TENANT);
}

#[test]
fn the_same_tenant_is_no_other_tenant() {
    let field = Field::app_service(|head| {
        if asks_for_resource_manager(head) {
            issued("https://management.azure.com")
        } else {
            let text =
                format!("AADSTS500011: The resource principal named {RESOURCE} was not found in the tenant named F.");
            app_service("400 Bad Request", &text)
        }
    });
    let seen = field.check();
    seen.root("resource-not-registered", "certain");
    assert!(!seen.findings().contains(&"identity-in-other-tenant"));
}

#[test]
fn a_service_principal_of_another_tenant_is_compared_too() {
    let field = Field::secret(|_| entra(500_011, &format!("The resource principal named {RESOURCE} was not found.")))
        .set("AZURE_TENANT_ID", OTHER_TENANT);
    let seen = field.check();
    seen.root("identity-in-other-tenant", "likely").says(TENANT).says(OTHER_TENANT);
}

#[test]
#[cfg(unix)]
fn az_says_which_tenant_it_asked() {
    let said = format!(
        "WARNING: Could not retrieve credential from local cache for service principal *** under tenant {TENANT}. \
         Trying credential under tenant {OTHER_TENANT}, assuming that is an app credential.\nERROR: AADSTS53003: \
         Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."
    );
    let seen = Field::azure_cli(&said).check();
    assert_eq!(seen.code(), "identity-in-other-tenant", "{:#}", seen.0["root_cause"]);
    seen.says(TENANT).says(OTHER_TENANT).says("az login");
}

// ------------------------------------------------------------------------------------- proxies (K11)

#[test]
fn whatever_a_proxy_answers_is_the_proxys() {
    for (status, body) in [
        ("400 Bad Request", "Fail to directly connect with 169.254.169.254"),
        ("400 Bad Request", "<html><body>Bad request</body></html>"),
        ("403 Forbidden", "Access denied by policy"),
        ("502 Bad Gateway", "no route"),
        ("404 Not Found", "unknown host"),
        ("451 Unavailable", "blocked"),
        ("401 Unauthorized", "<html>log in to the proxy</html>"),
        ("302 Found", "go to the login page"),
    ] {
        let proxy = Server::answers(move |_| http(status, "", body));
        let field = Field::machine(|_| issued(RESOURCE))
            .option(&["--credential", "managed-identity"])
            .set("HTTP_PROXY", &proxy.url)
            .set("NO_PROXY", "localhost");
        let seen = field.check();
        let warned = seen.passes().findings().contains(&"proxy-intercepts-identity-endpoint");
        assert!(warned, "{status}: {:?}", seen.findings());
    }
}

#[test]
fn an_endpoint_that_answers_through_the_proxy_is_not_intercepted() {
    // The proxy passes the request on; without its header, the endpoint refuses it in its own form.
    let proxy = Server::answers(|_| imds("Required metadata header not specified"));
    let field = Field::machine(|_| issued(RESOURCE))
        .option(&["--credential", "managed-identity"])
        .set("HTTP_PROXY", &proxy.url);
    let seen = field.check();
    let warned = seen.passes().findings().contains(&"proxy-intercepts-identity-endpoint");
    assert!(!warned, "{:?}", seen.findings());
}

// ------------------------------------------------------------------------- what the environment says (K12)

#[test]
fn a_header_without_an_endpoint_is_a_leftover() {
    let field = Field::machine(|_| issued(RESOURCE))
        .set("CONTAINER_APP_NAME", "app1")
        .set("IDENTITY_HEADER", IDENTITY_HEADER)
        .set("IDENTITY_SERVER_THUMBPRINT", "0123456789012345678901234567890123456789")
        .set("IDENTITY_API_VERSION", "2020-05-01");
    field.check().passes();
    // Where the metadata endpoint gives nothing, the pair is incomplete.
    let field = Field::new(|_| http("404 Not Found", "", ""))
        .set("WEBSITE_SITE_NAME", "app1")
        .set("IDENTITY_HEADER", IDENTITY_HEADER);
    field.check().root("credential-incomplete", "certain");
}

#[test]
fn the_sdks_chain_follows_its_variable() {
    let expired = || |_: &str| entra(7_000_222, "The provided client secret keys for app 'x' are expired.");
    let with = |identity: fn(&str) -> String, value: &str| {
        let field = Field::secret(expired())
            .set("WEBSITE_SITE_NAME", "app1")
            .set("IDENTITY_ENDPOINT", "{identity}/msi/token")
            .set("IDENTITY_HEADER", IDENTITY_HEADER)
            .set("AZURE_TOKEN_CREDENTIALS", value);
        Field { identity: Server::answers(identity), ..field }
    };
    let not_attached = |_: &str| {
        let text =
            "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
        app_service("400 Bad Request", text)
    };
    let seen = with(not_attached, "ManagedIdentityCredential").check();
    seen.root("selected-identity-not-attached", "certain");
    with(|_| issued(RESOURCE), "managedidentitycredential").set("AZURE_CLIENT_ID", "").check().passes();
    // The environment comes first in the production chain.
    with(|_| issued(RESOURCE), "prod").check().root("caller-secret-expired", "certain");
    with(|_| issued(RESOURCE), "EnvironmentCredential").check().root("caller-secret-expired", "certain");
}

#[test]
fn a_chain_without_the_managed_identity_excludes_it() {
    for value in ["dev", "DEV", "AzureCliCredential", "VisualStudioCredential"] {
        let field = Field::app_service(|_| issued(RESOURCE)).set("AZURE_TOKEN_CREDENTIALS", value);
        let seen = field.check();
        seen.root("credential-excluded", "likely").says("AZURE_TOKEN_CREDENTIALS").says(value);
    }
    for value in ["prod", "ManagedIdentityCredential"] {
        let field = Field::app_service(|_| issued(RESOURCE)).set("AZURE_TOKEN_CREDENTIALS", value);
        field.check().passes();
    }
    // Who says which credential is meant, is not contradicted.
    let field = Field::app_service(|_| issued(RESOURCE)).set("AZURE_TOKEN_CREDENTIALS", "dev");
    field.option(&["--credential", "managed-identity"]).check().passes();
}

#[test]
fn an_identitys_id_beside_a_secret_is_a_mixture() {
    let field = Field::secret(|_| entra(7_000_232, "MSI identity (x) should not use ClientSecretCredential."));
    let seen = field.check();
    seen.root("credential-mixed", "certain").says("AZURE_CLIENT_SECRET");
}

// -------------------------------------------------------------------------------- fixes of the platform (K4)

#[test]
fn an_arc_servers_key_file_needs_the_group() {
    let field = Field::new(|_| {
        let realm =
            "www-authenticate: Basic realm=/var/opt/azcmagent/tokens/6bd1a3b3-0000-4000-8000-000000000001.key\r\n";
        http("401 Unauthorized", realm, "")
    })
    .set("IDENTITY_ENDPOINT", "{identity}/metadata/identity/oauth2/token")
    .set("IMDS_ENDPOINT", "{identity}");
    let seen = field.check();
    seen.root("credential-incomplete", "certain").says("usermod -aG himds").never_says("AZURE_CLIENT_SECRET");
    assert!(!seen.fixes().contains("--credential managed-identity"));
}

#[test]
fn an_init_container_has_no_endpoint() {
    let field = Field::container_app(|_| String::new()).set("IDENTITY_ENDPOINT", &format!("{NOBODY}/msi/token"));
    let seen = field.check();
    assert_eq!(seen.code(), "identity-endpoint-unreachable");
    seen.says("init container").never_says("169.254.169.254").never_says("az webapp");
}
