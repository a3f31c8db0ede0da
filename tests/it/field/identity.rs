//! More cases from the field about App 1: pages where a token belongs, tokens that nobody issues, IDs in braces,
//! clouds, and fixes for the credential that was used. The right answers were written before the first run.

use rstest::rstest;
use serde_json::{Value, json};

use crate::field::caller::{
    AKS, CLIENT, EXCHANGE, Field, OTHER_TENANT, Seen, TENANT, app_service, as_json, asks_for_resource_manager, entra,
    issued, issued_with, jwt, now, service_account,
};
use crate::helpers::program::doctor;
use crate::helpers::server::{RESOURCE, Server, http};

const HTML: &str = "content-type: text/html\r\n";
const PAGE: &str = "<!DOCTYPE html><html><head><title>Welcome to the harbor portal</title></head></html>";

/// No cause is determined, and the finding is a candidate.
fn is_open(seen: &Seen, candidate: &str) {
    assert_eq!(seen.code(), "undetermined-token-refusal", "{:#}", seen.0["root_cause"]);
    assert_eq!(seen.verdict(), "inconclusive");
    assert!(seen.candidates().contains(&candidate), "{:?}", seen.candidates());
}

// ------------------------------------------------------------------------------ what isn't a token answer (K3)

/// A page or nothing where JSON belongs: another server may answer, such as a proxy. Nothing is determined.
#[rstest]
#[case::page("200 OK", HTML, PAGE)]
#[case::page_not_found("404 Not Found", HTML, PAGE)]
// Siblings.
#[case::page_unauthorized("401 Unauthorized", HTML, PAGE)]
#[case::page_not_allowed("405 Method Not Allowed", HTML, PAGE)]
#[case::page_forbidden("403 Forbidden", HTML, PAGE)]
#[case::page_untyped("200 OK", "", PAGE)]
#[case::redirect("302 Found", "location: http://127.0.0.1:9/welcome\r\ncontent-type: text/html\r\n", PAGE)]
#[case::words("200 OK", "content-type: text/plain\r\n", "Welcome to the harbor portal")]
fn a_page_is_no_identity_endpoints_answer(
    #[case] status: &'static str,
    #[case] head: &'static str,
    #[case] body: &'static str,
) {
    for field in [
        Field::app_service(move |_| http(status, head, body)),
        Field::container_app(move |_| http(status, head, body)),
        Field::machine_learning(move |_| http(status, head, body)),
    ] {
        let seen = field.check();
        is_open(&seen, "proxy-intercepts-identity-endpoint");
        seen.says("Welcome to the harbor portal");
        assert!(seen.candidates().contains(&"identity-endpoint-protocol-mismatch"));
    }
}

#[rstest]
#[case::empty("200 OK", "", "")]
#[case::no_content("204 No Content", "", "")]
#[case::accepted("202 Accepted", "", "")]
fn an_empty_success_has_no_token(#[case] status: &'static str, #[case] head: &'static str, #[case] body: &'static str) {
    for field in
        [Field::app_service(move |_| http(status, head, body)), Field::machine(move |_| http(status, head, body))]
    {
        let seen = field.check();
        is_open(&seen, "identity-endpoint-protocol-mismatch");
    }
}

/// JSON of another kind, or a token that is none.
#[rstest]
#[case::null(json!({"access_token": null, "resource": RESOURCE}))]
#[case::missing(json!({"expires_on": "1999999999", "token_type": "Bearer"}))]
#[case::number(json!({"access_token": 12_345, "token_type": "Bearer"}))]
// Siblings.
#[case::empty(json!({"access_token": "", "token_type": "Bearer"}))]
#[case::object(json!({"access_token": {"value": "x"}}))]
#[case::list(json!([]))]
#[case::health(json!({"status": "healthy", "note": "the word access_token in a text"}))]
#[case::camel(json!({"accessToken": null}))]
fn a_success_without_a_token_determines_nothing(#[case] body: Value) {
    let (of_app, of_machine, of_entra) = (body.clone(), body.clone(), body);
    let seen = Field::app_service(move |_| as_json("200 OK", &of_app)).check();
    is_open(&seen, "identity-endpoint-protocol-mismatch");
    let seen = Field::machine(move |_| as_json("200 OK", &of_machine)).check();
    is_open(&seen, "identity-endpoint-protocol-mismatch");
    let seen = Field::secret(move |_| as_json("200 OK", &of_entra)).check();
    is_open(&seen, "caller-egress-blocked");
}

/// An endpoint without this path or method says so in no page: that is the other protocol, as before.
#[rstest]
#[case::method("405 Method Not Allowed", "")]
#[case::path("404 Not Found", "")]
fn a_bare_refusal_of_the_path_stays_the_wrong_protocol(#[case] status: &'static str, #[case] head: &'static str) {
    let seen = Field::app_service(move |_| http(status, head, "")).check();
    seen.root("identity-endpoint-protocol-mismatch", "likely");
}

/// Where the same identity gets another token, the page belongs to this request.
#[test]
fn a_page_for_one_resource_is_not_the_endpoints() {
    let field = Field::app_service(|head| {
        if asks_for_resource_manager(head) {
            issued("https://management.azure.com")
        } else {
            http("200 OK", HTML, PAGE)
        }
    });
    let seen = field.check();
    assert_eq!(seen.code(), "undetermined-token-refusal", "{:#}", seen.0["root_cause"]);
    seen.says("Welcome to the harbor portal");
    assert!(!seen.candidates().contains(&"identity-endpoint-protocol-mismatch"));
}

// ------------------------------------------------------------------------- fixes of the credential in use (K4)

/// A service principal's requests go to Entra: no fix is about a managed identity, or about requests that weren't made.
#[rstest]
#[case::unknown_number(
    "400 Bad Request",
    r#"{"error": "x", "error_description": "AADSTS7999999: New.", "error_codes": [7999999]}"#
)]
#[case::page("403 Forbidden", PAGE)]
#[case::teapot("418 I'm a teapot", "{}")]
#[case::no_token("200 OK", "{}")]
fn a_service_principals_refusal_has_its_own_fixes(#[case] status: &'static str, #[case] body: &'static str) {
    let seen = Field::secret(move |_| http(status, "", body)).check();
    assert_eq!(seen.code(), "undetermined-token-refusal", "{:#}", seen.0["root_cause"]);
    for wrong in [
        "anaged identity",
        "identity settings",
        "identity endpoint",
        "including one that doesn't exist",
        "other requests of this run",
    ] {
        seen.never_says(wrong);
    }
}

#[test]
fn a_managed_identitys_refusal_is_in_its_own_sign_in_logs() {
    let text = "An unexpected error occured while fetching the AAD Token.";
    let seen = Field::app_service(move |head| {
        if asks_for_resource_manager(head) {
            issued("https://management.azure.com")
        } else {
            app_service("500 Internal Server Error", text)
        }
    })
    .check();
    assert_eq!(seen.code(), "undetermined-token-refusal");
    assert!(seen.fixes().contains("Managed identity sign-ins"));
}

/// Entra's own 429 and 503 are about the credential that was used.
#[rstest]
#[case::many("429 Too Many Requests", "", "identity-endpoint-throttled")]
#[case::later("503 Service Unavailable", "retry-after: 1\r\n", "identity-endpoint-throttled")]
#[case::unready("503 Service Unavailable", "", "identity-endpoint-transient")]
fn entras_busy_answers_name_no_managed_identity(
    #[case] status: &'static str,
    #[case] head: &'static str,
    #[case] code: &str,
) {
    let (principal, federated) = (
        Field::secret(move |_| http(status, head, "")),
        Field::federated(&service_account(AKS, EXCHANGE, 60), move |_| http(status, head, "")),
    );
    for field in [principal, federated] {
        let seen = field.check();
        assert_eq!(seen.code(), code, "{:#}", seen.0["root_cause"]);
        seen.never_says("ManagedIdentityCredential").never_says("anaged identity").never_says("identity endpoint");
    }
    let seen = Field::app_service(move |_| http(status, head, "")).check();
    assert_eq!(seen.code(), code, "{:#}", seen.0["root_cause"]);
    if code == "identity-endpoint-throttled" {
        assert!(seen.fixes().contains("ManagedIdentityCredential"));
    }
}

/// What is wrong with App 1's own application is fixed there: no step looks for App 2.
#[rstest]
#[case(7_000_112, "caller-disabled", "caller-disabled")]
#[case(700_016, "caller-not-in-tenant", "managed-identity-stale")]
#[case(7_000_215, "caller-secret-invalid", "managed-identity-stale")]
#[case(7_000_222, "caller-secret-expired", "managed-identity-stale")]
#[case(90_002, "tenant-not-found", "managed-identity-stale")]
#[case(53_003, "conditional-access-blocked", "conditional-access-blocked")]
fn the_callers_own_fault_leads_to_no_search_for_app_2(
    #[case] number: u32,
    #[case] code: &str,
    #[case] of_managed: &str,
) {
    let seen = Field::secret(move |_| entra(number, "No.")).check();
    seen.root(code, "certain").never_says("App 2's resource ID is unknown");
    // The same through a managed identity's endpoint, where no client ID of the caller is known.
    let seen = Field::app_service(move |_| app_service("400 Bad Request", &format!("AADSTS{number}: No."))).check();
    assert_eq!(seen.code(), of_managed, "{:#}", seen.0["root_cause"]);
    seen.never_says("App 2's resource ID is unknown");
}

// -------------------------------------------------------------------- the token file of a pod (K5, K6)

/// A pod whose projected token is broken: its volume, its permissions, or its age is what to look at.
#[rstest]
#[case::missing(None)]
#[case::empty(Some(""))]
#[case::blank(Some("  \n"))]
#[case::folder(Some("/"))]
fn a_pods_broken_token_file_is_fixed_in_the_pod(#[case] content: Option<&str>) {
    let field = Field::federated(&service_account(AKS, EXCHANGE, 60), |_| issued(RESOURCE));
    let file = field.files.path().join("token");
    std::fs::remove_file(&file).unwrap();
    match content {
        Some("/") => std::fs::create_dir(&file).unwrap(),
        Some(text) => std::fs::write(&file, text).unwrap(),
        None => {}
    }
    let seen = field.check();
    seen.root("credential-incomplete", "certain").says("kubectl");
    for wrong in ["AZURE_CLIENT_SECRET", "--credential managed-identity", "az webapp", "az account show"] {
        assert!(!seen.fixes().contains(wrong), "{wrong}: {}", seen.fixes());
    }
}

#[test]
fn a_pods_stale_token_is_renewed_by_the_pod() {
    let field = Field::federated(&service_account(AKS, EXCHANGE, 7200), |_| entra(700_024, "Not in range."));
    let seen = field.check();
    seen.root("assertion-expired", "certain").says("kubectl");
    assert!(!seen.fixes().contains("GitHub"), "{}", seen.fixes());
    // A pipeline has no pods.
    let field = Field::federated(&service_account(AKS, EXCHANGE, 7200), |_| entra(700_024, "Not in range."));
    let seen = field.set("KUBERNETES_SERVICE_HOST", "").set("GITHUB_ACTIONS", "true").check();
    seen.root("assertion-expired", "certain");
    assert!(!seen.fixes().contains("kubectl"), "{}", seen.fixes());
}

/// Beside a token file, what a service principal in a pod misses is still its variables.
#[test]
fn a_service_principal_in_a_pod_misses_its_own_parts() {
    let field = Field::secret(|_| issued(RESOURCE))
        .set("KUBERNETES_SERVICE_HOST", "10.0.0.1")
        .set("AZURE_TENANT_ID", "")
        .option(&["--credential", "client-secret"]);
    let seen = field.check();
    seen.root("credential-incomplete", "certain").says("AZURE_TENANT_ID");
    assert!(!seen.fixes().contains("projected"), "{}", seen.fixes());
}

// -------------------------------------------------------------------- IDs in braces (K6)

fn braces(id: &str) -> String {
    format!("{{{id}}}")
}

#[test]
fn a_client_id_in_braces_is_shown_and_explained() {
    let field = Field::secret(|_| issued(RESOURCE)).set("AZURE_CLIENT_ID", &braces(CLIENT));
    let seen = field.check();
    seen.root("credential-incomplete", "certain").says(&braces(CLIENT)).says("braces");
    assert!(field.entra.received().iter().all(|head| !head.starts_with("POST")));
    // On the command line it is a wrong use.
    let output = doctor(&["check", "--client-id", &braces(CLIENT), "--target", "http://127.0.0.1:9"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(&braces(CLIENT)) && said.contains("braces"), "{said}");
}

#[test]
fn a_tenant_in_braces_is_shown_and_explained() {
    let field = Field::secret(|_| issued(RESOURCE)).set("AZURE_TENANT_ID", &braces(TENANT));
    let seen = field.check();
    seen.root("credential-incomplete", "certain").says(&braces(TENANT)).says("braces");
}

#[test]
fn a_selector_in_braces_is_shown_and_explained() {
    let text = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
    let field =
        Field::app_service(move |_| app_service("400 Bad Request", text)).set("AZURE_CLIENT_ID", &braces(CLIENT));
    let seen = field.check();
    seen.root("selected-identity-not-attached", "certain").says(&braces(CLIENT)).says("braces");
    // Without braces, nothing is said of them.
    let field = Field::app_service(move |_| app_service("400 Bad Request", text)).set("AZURE_CLIENT_ID", CLIENT);
    let seen = field.check();
    seen.root("selected-identity-not-attached", "certain").never_says("braces");
}

// ------------------------------------------------------------------------------------------ clouds (T9, K10)

/// App 2 challenges with the sign-in page of this host and tenant, and refuses the real token.
fn of_cloud(host: &'static str, tenant: &'static str) -> Field {
    let mut field = Field::app_service(|head| {
        if asks_for_resource_manager(head) {
            issued_with("https://management.azure.com", &json!({}))
        } else {
            issued_with(RESOURCE, &json!({}))
        }
    });
    field.app2 = Server::answers(move |_| {
        let challenge = format!(
            "www-authenticate: Bearer realm=\"app2\" \
             authorization_uri=\"https://{host}/{tenant}/oauth2/v2.0/authorize\" \
             resource_id=\"{}\"\r\nx-ms-middleware-request-id: 1\r\n",
            RESOURCE.trim_start_matches("api://")
        );
        http("401 Unauthorized", &challenge, "")
    });
    field.option(&["--cloud", "public"])
}

/// The challenge names a sign-in page of another cloud: that is the difference, whatever the tenants.
#[rstest]
#[case::china("login.chinacloudapi.cn", "china")]
#[case::china_partner("login.partner.microsoftonline.cn", "china")]
#[case::government("login.microsoftonline.us", "usgov")]
#[case::government_old("login-us.microsoftonline.com", "usgov")]
fn a_challenge_of_another_cloud_is_no_other_tenant(#[case] host: &'static str, #[case] cloud: &str) {
    for tenant in [OTHER_TENANT, TENANT] {
        let seen = of_cloud(host, tenant).check();
        let said = seen.0["root_cause"]["summary"].as_str().unwrap();
        assert_ne!(seen.confidence(), "certain");
        assert!(said.contains(host), "{said}");
        seen.says(&format!("--cloud {cloud}")).never_says("multitenant");
    }
}

/// Other hosts of the same cloud, and hosts of nobody, are no other cloud.
#[rstest]
#[case("login.windows.net")]
#[case("login.microsoftonline.com")]
#[case("sts.windows.net")]
#[case("login.contoso.com")]
fn a_challenge_of_the_same_cloud_is_none(#[case] host: &'static str) {
    let seen = of_cloud(host, OTHER_TENANT).check();
    assert_eq!(seen.code(), "foreign-tenant-token", "{:#}", seen.0["root_cause"]);
    seen.never_says("--cloud");
    let seen = of_cloud(host, TENANT).check();
    assert_ne!(seen.code(), "foreign-tenant-token");
    seen.never_says("--cloud");
}

/// Without a token, too: Entra of the public cloud doesn't know a resource of another one.
#[test]
fn a_resource_of_another_cloud_is_no_other_tenants() {
    let mut field = of_cloud("login.chinacloudapi.cn", OTHER_TENANT);
    field.identity = Server::answers(|head| {
        if asks_for_resource_manager(head) {
            issued_with("https://management.azure.com", &json!({}))
        } else {
            let text = format!("AADSTS500011: The resource principal named {RESOURCE} was not found.");
            app_service("400 Bad Request", &text)
        }
    });
    let seen = field.check();
    assert_eq!(seen.code(), "identity-in-other-tenant", "{:#}", seen.0["root_cause"]);
    seen.says("login.chinacloudapi.cn").says("--cloud china").never_says("federated credential");
}

// ------------------------------------------------------------------------------- tokens nobody issues (K9)

fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "aud": RESOURCE, "iss": format!("https://sts.windows.net/{TENANT}/"), "tid": TENANT, "ver": "1.0",
        "appid": "c0000000-0000-4000-8000-000000000001", "oid": "d0000000-0000-4000-8000-000000000001",
        "idtyp": "app", "iat": now() - 300, "nbf": now() - 300, "exp": now() + 3600,
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

/// Whether `check` sends the token of a file to App 2, its report, and that of `token` for the same file.
fn both(changes: &Value) -> (bool, Seen, Value) {
    let mut field = Field::new(|_| http("404 Not Found", "", ""));
    field.app2 = Server::answers(|_| http("401 Unauthorized", "www-authenticate: Bearer realm=\"app2\"\r\n", ""));
    let file = field.files.path().join("given");
    let token = jwt(&claims(changes));
    std::fs::write(&file, &token).unwrap();
    let path = file.display().to_string();
    let field = field.option(&["--token-file", &path]);
    let seen = field.check();
    let output = doctor(&["token", &path, "--format", "json"]).output().unwrap();
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    let is_sent = field.app2.received().iter().any(|head| head.contains(&token));
    (is_sent, seen, read)
}

/// Entra's issuer has the token's tenant and version in it. A token that contradicts itself was not issued like this.
#[rstest]
#[case::tenant_v1(json!({"tid": OTHER_TENANT}), OTHER_TENANT)]
#[case::version_2_of_v1(json!({"ver": "2.0"}), "2.0")]
// Siblings.
#[case::tenant_v2(json!({"iss": format!("https://login.microsoftonline.com/{OTHER_TENANT}/v2.0"), "ver": "2.0"}),
    TENANT)]
#[case::version_1_of_v2(json!({"iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0")}), "1.0")]
#[case::china(json!({"iss": format!("https://login.partner.microsoftonline.cn/{TENANT}/v2.0")}), "1.0")]
#[case::government(json!({"iss": format!("https://login.microsoftonline.us/{OTHER_TENANT}/v2.0"), "ver": "2.0"}),
    TENANT)]
fn a_token_that_contradicts_its_issuer_is_not_entras(#[case] changes: Value, #[case] said: &str) {
    let (is_sent, seen, read) = both(&changes);
    assert_eq!(seen.code(), "token-not-from-entra", "{:#}", seen.0["root_cause"]);
    seen.says(said);
    assert!(!is_sent);
    assert_eq!((&read["verdict"], &read["root_cause"]["code"]), (&json!("fail"), &json!("token-not-from-entra")));
}

/// Issuers that have no tenant ID, a word, or other letters contradict nothing.
#[rstest]
#[case::capitals(json!({"tid": TENANT.to_uppercase()}))]
#[case::no_version(json!({"ver": null}))]
#[case::v2(json!({"iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "ver": "2.0",
    "azp": "c0000000-0000-4000-8000-000000000001"}))]
#[case::external(json!({"iss": format!("https://contoso.ciamlogin.com/{OTHER_TENANT}/v2.0"), "ver": "2.0"}))]
fn a_token_that_contradicts_nothing_is_sent(#[case] changes: Value) {
    let (is_sent, seen, _) = both(&changes);
    assert!(!seen.findings().contains(&"token-not-from-entra"), "{:?}", seen.findings());
    assert!(is_sent);
}

/// Times in thousandths of a second are no times of a token.
#[rstest]
#[case::exp("exp", json!((now() + 3600) * 1000))]
#[case::nbf("nbf", json!((now() - 300) * 1000))]
#[case::iat("iat", json!((now() - 300) * 1000))]
// Siblings: a fraction, millionths, and a token that is old in seconds.
#[case::millionths("exp", json!((now() + 3600) * 1_000_000))]
#[case::old("exp", json!((now() - 36_000) * 1000))]
fn times_in_milliseconds_are_named(#[case] claim: &str, #[case] value: Value) {
    let (_, seen, read) = both(&json!({claim: value}));
    assert_eq!(seen.code(), "token-malformed", "{:#}", seen.0["root_cause"]);
    seen.says(claim).says("seconds");
    assert_eq!(read["root_cause"]["code"], "token-malformed");
    for code in ["token-not-yet-valid", "token-expired"] {
        assert!(!seen.findings().contains(&code), "{:?}", seen.findings());
    }
}

// ------------------------------------------------------------------- what App 2 names, and common issuers (T3, T6)

/// App 2 advertises a name that nobody registered: its clients get the same refusal until its setting is corrected.
#[test]
fn metadata_names_host() {
    for in_challenge in [true, false] {
        let name = "https://app2.azurewebsites.net";
        let mut field = Field::app_service(move |head| {
            if asks_for_resource_manager(head) {
                issued("https://management.azure.com")
            } else {
                let text = format!("AADSTS500011: The resource principal named {name} was not found in the tenant.");
                app_service("400 Bad Request", &text)
            }
        });
        field.app2 = Server::answers(move |head| {
            if head.contains("/.well-known/oauth-protected-resource") {
                let body = json!({"scopes_supported": [format!("{name}/user_impersonation")]});
                return as_json("200 OK", &body);
            }
            let scope = if in_challenge { format!(" scope=\"{name}/user_impersonation\"") } else { String::new() };
            let id = RESOURCE.trim_start_matches("api://");
            let challenge = format!("www-authenticate: Bearer realm=\"app2\" resource_id=\"{id}\"{scope}\r\n");
            http("401 Unauthorized", &challenge, "")
        });
        let seen = field.option(&["--resource", name]).check();
        seen.root("resource-not-registered", "certain");
        if in_challenge {
            assert!(seen.fixes().contains("WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES"), "{}", seen.fixes());
        }
    }
}

/// Nothing is said of a setting that isn't there.
#[test]
fn metadata_that_names_another_resource_is_not_blamed() {
    let field = Field::app_service(|head| {
        if asks_for_resource_manager(head) {
            issued("https://management.azure.com")
        } else {
            let text = format!("AADSTS500011: The resource principal named {RESOURCE} was not found in the tenant.");
            app_service("400 Bad Request", &text)
        }
    });
    let seen = field.check();
    seen.root("resource-not-registered", "certain");
    assert!(!seen.fixes().contains("WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES"));
}

/// A multitenant issuer accepts a caller of another tenant.
#[test]
fn common_issuer_foreign() {
    for word in ["common", "organizations"] {
        let field = Field::app_service(|_| issued_with(RESOURCE, &json!({"tid": OTHER_TENANT})));
        let file = field.files.path().join("settings.json");
        let settings = json!({"properties": {"platform": {"enabled": true},
            "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401"},
            "identityProviders": {"azureActiveDirectory": {"enabled": true,
                "registration": {"clientId": RESOURCE.trim_start_matches("api://"),
                    "openIdIssuer": format!("https://login.microsoftonline.com/{word}/v2.0")},
                "validation": {"allowedAudiences": [RESOURCE]}}}}});
        std::fs::write(&file, settings.to_string()).unwrap();
        let path = file.display().to_string();
        let seen = field.option(&["--auth-settings", &path]).check();
        assert!(!seen.passes().findings().contains(&"foreign-tenant-token"), "{:?}", seen.findings());
    }
}
