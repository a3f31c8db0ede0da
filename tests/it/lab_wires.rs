//! Every other wire of the lab: platforms, credentials, faults of servers, and whoever else may answer for App 2.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::helpers::lab_client::{Answer, call, claims, get, identity, send, start, token, variable};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use serde_json::{Value, json};

use easyauth_doctor::lab::{Lab, LabOptions, Server, scenario};

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

async fn ask_entra(lab: &Lab, fields: &[(&str, &str)]) -> Answer {
    let tenant = lab.value("tenant.id").unwrap();
    let url = format!("{}/{tenant}/oauth2/v2.0/token", lab.authority());
    let scope = format!("{}/.default", lab.resource().unwrap());
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &variable(lab, "LAB_CLIENT_ID"))
        .append_pair("scope", &scope)
        .extend_pairs(fields)
        .finish();
    send("POST", &url, &FORM, &body).await
}

async fn assert_with(lab: &Lab, assertion: &str) -> Answer {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    ask_entra(lab, &[("client_assertion_type", kind), ("client_assertion", assertion)]).await
}

fn error_number(answer: &Answer) -> u64 {
    answer.json()["error_codes"][0].as_u64().unwrap()
}

/// Private key and certificate of a PEM file, DER.
fn read_pem(path: &str) -> (Vec<u8>, Vec<u8>) {
    let text = std::fs::read_to_string(path).unwrap();
    let part = |label: &str| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----")).unwrap();
        let (body, _) = rest.split_once("-----END").unwrap();
        base64::engine::general_purpose::STANDARD.decode(body.replace('\n', "")).unwrap()
    };
    (part("PRIVATE KEY"), part("CERTIFICATE"))
}

struct Signer {
    key: RsaKeyPair,
    thumbprints: (String, String),
    now: i64,
}

impl Signer {
    fn new(lab: &Lab) -> Self {
        let (key, certificate) = read_pem(&variable(lab, "AZURE_CLIENT_CERTIFICATE_PATH"));
        let thumbprint = |algorithm| URL_SAFE_NO_PAD.encode(ring::digest::digest(algorithm, &certificate).as_ref());
        Self {
            key: RsaKeyPair::from_pkcs8(&key).unwrap(),
            thumbprints: (thumbprint(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY), thumbprint(&ring::digest::SHA256)),
            now: chrono::Utc::now().timestamp(),
        }
    }

    fn claims(&self, lab: &Lab) -> Value {
        let client = variable(lab, "LAB_CLIENT_ID");
        let tenant = lab.value("tenant.id").unwrap();
        json!({
            "aud": format!("{}/{tenant}/oauth2/v2.0/token", lab.authority()),
            "iss": client, "sub": client, "jti": "1", "nbf": self.now, "exp": self.now + 600,
        })
    }

    fn sign(&self, header: &Value, claims: &Value, padding: &'static dyn RsaEncoding) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(padding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

#[tokio::test]
async fn a_certificate_proves_the_client_in_both_algorithms_and_nothing_else_does() {
    let lab = start("healthy-client-certificate").await;
    let signer = Signer::new(&lab);
    let rs256 = json!({"alg": "RS256", "typ": "JWT", "x5t": signer.thumbprints.0});
    let ps256 = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": signer.thumbprints.1});
    let good = signer.claims(&lab);
    let first = assert_with(&lab, &signer.sign(&rs256, &good, &RSA_PKCS1_SHA256)).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let token = first.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(claims(&token)["appidacr"], "2");
    assert_eq!(call(&lab.target(), &token).await.status, 200);
    assert_eq!(assert_with(&lab, &signer.sign(&ps256, &good, &RSA_PSS_SHA256)).await.status, 200);

    let refused = |header: Value, claims: Value, padding| {
        let assertion = signer.sign(&header, &claims, padding);
        let lab = &lab;
        async move { error_number(&assert_with(lab, &assertion).await) }
    };
    let changed = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    assert_eq!(refused(ps256.clone(), good.clone(), &RSA_PKCS1_SHA256).await, 700_027, "wrong padding");
    let other = json!({"alg": "RS256", "x5t": "b3RoZXI"});
    assert_eq!(refused(other, good.clone(), &RSA_PKCS1_SHA256).await, 700_027, "unknown certificate");
    let old = changed("exp", json!(signer.now - 3600));
    assert_eq!(refused(rs256.clone(), old, &RSA_PKCS1_SHA256).await, 700_024, "expired");
    let elsewhere = changed("aud", json!("https://elsewhere.example"));
    assert_eq!(refused(rs256.clone(), elsewhere, &RSA_PKCS1_SHA256).await, 700_023, "audience");
    let another = changed("sub", json!("another"));
    assert_eq!(refused(rs256, another, &RSA_PKCS1_SHA256).await, 700_021, "subject");
}

#[tokio::test]
async fn a_federated_token_must_match_exactly_and_be_signed_by_its_issuer() {
    for (name, number) in [
        ("federated-credential-mismatch", 700_211),
        ("federated-credential-mismatch-subject", 700_213),
        ("federated-credential-mismatch-audience", 700_212),
        ("federated-credential-mismatch-none", 70_025),
    ] {
        let lab = start(name).await;
        let token = std::fs::read_to_string(variable(&lab, "AZURE_FEDERATED_TOKEN_FILE")).unwrap();
        assert_eq!(error_number(&assert_with(&lab, &token).await), number, "{name}");
    }
    let lab = start("healthy-workload-identity").await;
    let token = std::fs::read_to_string(variable(&lab, "AZURE_FEDERATED_TOKEN_FILE")).unwrap();
    assert_eq!(assert_with(&lab, &token).await.status, 200);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{message}.{other}{}", signature.split_at(1).1);
    assert_eq!(error_number(&assert_with(&lab, &forged).await), 50_013);
}

#[tokio::test]
async fn secrets_and_callers_are_refused_by_their_own_numbers() {
    for (name, number) in [
        ("caller-secret-invalid", 7_000_215),
        ("caller-secret-expired", 7_000_222),
        ("caller-not-in-tenant", 700_016),
        ("caller-disabled", 7_000_112),
        ("conditional-access-blocked", 53_003),
        ("assignment-required-not-assigned-client-secret", 501_051),
        ("resource-disabled", 500_014),
        ("resource-not-registered-client-secret", 500_011),
    ] {
        let lab = start(name).await;
        let answer = ask_entra(&lab, &[("client_secret", &variable(&lab, "AZURE_CLIENT_SECRET"))]).await;
        assert_eq!(error_number(&answer), number, "{name}");
    }
}

#[tokio::test]
async fn the_older_protocol_gives_a_date_and_knows_clientid_only() {
    let lab = start("healthy-app-service-2017").await;
    let endpoint = variable(&lab, "MSI_ENDPOINT");
    let secret = variable(&lab, "MSI_SECRET");
    let url = format!("{endpoint}?resource={}&api-version=2017-09-01", lab.resource().unwrap());
    let answer = get(&url, &[("secret", &secret)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let expires = answer.json()["expires_on"].as_str().unwrap().to_owned();
    assert!(expires.ends_with("+00:00") && expires.contains('/'), "{expires}");
    assert_eq!(get(&url, &[]).await.status, 401);
    let other = get(&format!("{url}&clientid=none"), &[("secret", &secret)]).await;
    assert!(other.body.contains("No MSI found"), "{}", other.body);
}

#[tokio::test]
async fn a_virtual_machine_wants_the_metadata_header() {
    let lab = start("healthy-virtual-machine").await;
    let base = variable(&lab, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
    let url =
        format!("{base}/metadata/identity/oauth2/token?api-version=2018-02-01&resource={}", lab.resource().unwrap());
    assert_eq!(get(&url, &[]).await.status, 400);
    assert_eq!(get(&url, &[("metadata", "true"), ("x-forwarded-for", "1.2.3.4")]).await.status, 400);
    let body = get(&url, &[("metadata", "true")]).await.json();
    assert!(body["expires_in"].is_string() && body["access_token"].is_string());
}

#[tokio::test]
async fn azure_arc_wants_the_content_of_the_file_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let options = LabOptions { arc_directory: Some(folder.path().to_owned()), ..LabOptions::default() };
    let mut healthy = scenario::find("healthy").unwrap();
    healthy.changes = vec!["on-azure-arc".to_owned()];
    let lab = Lab::start(&healthy, options).await.unwrap();
    let endpoint = variable(&lab, "IDENTITY_ENDPOINT");
    let url = format!("{endpoint}?api-version=2020-06-01&resource={}", lab.resource().unwrap());
    let challenge = get(&url, &[("metadata", "true")]).await;
    assert_eq!(challenge.status, 401);
    let path = challenge.header("www-authenticate").unwrap().strip_prefix("Basic realm=").unwrap().to_owned();
    assert!(path.starts_with(folder.path().to_str().unwrap()) && path.ends_with(".key"), "{path}");
    let key = format!("Basic {}", std::fs::read_to_string(path).unwrap());
    assert_eq!(get(&url, &[("metadata", "true"), ("authorization", &key)]).await.status, 200);
    assert_eq!(get(&url, &[("metadata", "true"), ("authorization", "Basic x")]).await.status, 401);
}

#[tokio::test]
async fn hiccups_pass_and_throttling_says_when_to_come_back() {
    let lab = start("healthy-after-hiccups").await;
    let resource = lab.resource().unwrap();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(identity(&lab, &resource).await.status);
    }
    assert_eq!(statuses, [503, 503, 200]);
    let lab = start("identity-endpoint-throttled").await;
    let answer = identity(&lab, &resource).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
}

#[tokio::test]
async fn a_server_that_is_down_refuses_until_it_is_mended() {
    let lab = start("target-unreachable").await;
    let address = lab.target().replace("http://", "").replace("/api/hello", "");
    let error = tokio::net::TcpStream::connect(&address).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(lab.apply_fix("target-unreachable").unwrap());
    assert_eq!(get(&lab.target(), &[]).await.status, 401);
}

#[tokio::test]
async fn whoever_answers_for_app_2_leaves_its_own_marks() {
    let status_and = async |name: &str| {
        let lab = start(name).await;
        let token = token(&lab, &lab.resource().unwrap()).await;
        call(&lab.target(), &token).await
    };
    let stopped = status_and("target-stopped").await;
    assert_eq!((stopped.status, stopped.reason.as_str()), (403, "Site Disabled"));
    assert!(
        stopped.body.contains("This web app is stopped") || stopped.body.contains("this web app is stopped"),
        "{}",
        stopped.body
    );
    let certificate = status_and("client-certificate-required").await;
    assert!(certificate.body.contains("Error 403 - Forbidden: Client Certificate Required."));
    assert!(status_and("target-not-found").await.body.contains("404 Web Site not found"));
    let gateway = status_and("network-access-restricted-gateway").await;
    assert!(gateway.header("server").unwrap().contains("Application-Gateway"));
    let own = status_and("app-validates-token-itself").await;
    assert!(own.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
    let function = status_and("function-key-required").await;
    assert_eq!((function.status, function.header("www-authenticate")), (401, None));
    let role = status_and("app-requires-role-or-scope").await;
    assert_eq!(role.status, 403);
    assert!(role.body.contains("role"));
    let away = status_and("authorization-header-dropped-redirect").await;
    assert_eq!(away.status, 301);
}

#[tokio::test]
async fn policies_are_enforced_one_by_one() {
    for name in [
        "caller-not-in-allowed-applications",
        "caller-not-in-allowed-applications-claim-check",
        "object-id-in-allowed-applications",
        "principal-not-in-allowed-identities",
        "application-id-in-allowed-identities",
        "tenant-not-allowed",
        "groups-claim-missing",
        "settings-from-file-stricter",
    ] {
        let lab = start(name).await;
        let token = token(&lab, &lab.resource().unwrap()).await;
        let answer = call(&lab.target(), &token).await;
        assert_eq!((answer.status, answer.body.as_str()), (403, ""), "{name}");
        assert_eq!(answer.header("www-authenticate"), None, "{name}");
    }
}

#[tokio::test]
async fn bad_tokens_get_401_whatever_is_bad() {
    for name in [
        "token-expired",
        "token-not-yet-valid",
        "token-signature-invalid",
        "token-not-from-entra-unsigned",
        "token-not-an-access-token",
        "audience-not-allowed",
        "audience-token-version-mismatch",
        "audience-token-version-mismatch-v1",
        "issuer-not-accepted",
        "foreign-tenant-token",
        "resource-trailing-slash",
    ] {
        let lab = start(name).await;
        let token = token(&lab, &lab.resource().unwrap()).await;
        assert_eq!(call(&lab.target(), &token).await.status, 401, "{name}");
    }
}

#[tokio::test]
async fn faults_before_any_token_give_500_to_everybody() {
    for name in ["issuer-invalid", "issuer-invalid-tenant", "target-egress-blocked", "provider-secret-broken"] {
        let lab = start(name).await;
        let token = token(&lab, &lab.resource().unwrap()).await;
        assert_eq!(get(&lab.target(), &[]).await.status, 500, "{name}");
        assert_eq!(call(&lab.target(), &token).await.status, 500, "{name}");
    }
}

#[tokio::test]
async fn windows_answers_with_its_58_characters() {
    let lab = start("healthy-windows").await;
    let answer = get(&lab.target(), &[]).await;
    assert_eq!(answer.body.len(), 58);
    assert_eq!(answer.header("x-powered-by"), Some("ASP.NET"));
    assert_eq!(answer.header("x-ms-middleware-request-id"), None);
}

#[tokio::test]
async fn what_app_2_tells_about_itself() {
    let lab = start("healthy-discovered-metadata").await;
    let base = lab.target().replace("/api/hello", "");
    let client_id = lab.value("registration.client_id").unwrap();
    let metadata = get(&format!("{base}/.well-known/oauth-protected-resource"), &[]).await.json();
    assert_eq!(metadata["scopes_supported"][0], format!("api://{client_id}/user_impersonation"));
    let login = get(&format!("{base}/.auth/login/aad"), &[]).await;
    assert_eq!(login.status, 302);
    assert!(login.header("location").unwrap().contains(&format!("client_id={client_id}")));
    assert_eq!(get(&format!("{base}/.auth/me"), &[]).await.status, 401);
    let token = token(&lab, &client_id).await;
    let me = call(&format!("{base}/.auth/me"), &token).await.json();
    assert_eq!(me[0]["provider_name"], "aad");
    let browser = get(&lab.target(), &[("user-agent", "Mozilla/5.0")]).await;
    assert_eq!(browser.status, 401, "Return401 holds for browsers, too");
}

#[tokio::test]
async fn every_answer_takes_the_delay_that_was_asked_for() {
    let options = LabOptions { delay: Duration::from_millis(150), ..LabOptions::default() };
    let lab = Lab::start(&scenario::find("healthy").unwrap(), options).await.unwrap();
    let begun = Instant::now();
    get(&lab.target(), &[]).await;
    assert!(begun.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn with_tls_every_address_is_https_and_the_ca_file_is_enough() {
    let options = LabOptions { tls: true, ..LabOptions::default() };
    let lab = Lab::start(&scenario::find("healthy").unwrap(), options).await.unwrap();
    for (name, value) in lab.variables() {
        assert!(!value.starts_with("http://"), "{name}={value}");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let pem = std::fs::read(variable(&lab, "LAB_CA_FILE")).unwrap();
    let client = reqwest::Client::builder();
    let _ = provider.install_default_if_none();
    let client = client.tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()]).no_proxy().build().unwrap();
    assert_eq!(client.get(lab.target()).send().await.unwrap().status(), 401);
    assert_eq!(lab.received().last().unwrap().server, Server::App2);
}

trait InstallOnce {
    fn install_default_if_none(&self) -> bool;
}

impl InstallOnce for Arc<rustls::crypto::CryptoProvider> {
    fn install_default_if_none(&self) -> bool {
        rustls::crypto::CryptoProvider::get_default().is_some() || (**self).clone().install_default().is_ok()
    }
}
