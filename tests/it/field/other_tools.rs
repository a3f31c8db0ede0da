//! Settings out of other tools' documents, logs out of other services, what gateways and sidecars say, and fixes that
//! exist where App 1 runs. Each was written with its right answer before it was run.

use easyauth_doctor::case::auth_settings::{AuthSettings, Wanted};
use easyauth_doctor::case::code::Code;
use easyauth_doctor::case::ids::ClientId;
use easyauth_doctor::case::target_log::{TargetLog, Writer};
use easyauth_doctor::knowledge::{self, Entry};
use easyauth_doctor::report::Confidence::{Certain, Likely, Possible};
use serde_json::{Value, json};

use crate::field::caller::{CLIENT, Field, TENANT};
use crate::field::target::{
    CALLER, HTML, ID, JSON, PASSED, PLAIN, World, behind_easy_auth, challenge, for_everybody, refused_by_policy,
    settings, text, to_tokens, v1_issuer,
};
use crate::helpers::server::{RESOURCE, http};

const OTHER: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const SITE: &str =
    "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/rg/providers/Microsoft.Web/sites/app2";

fn now() -> String {
    chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// App 2's settings, which allow App 2 alone, with App 2's ID.
fn stored() -> Value {
    let mut stored = settings(&v1_issuer(), &[RESOURCE], &[ID]);
    stored["id"] = json!(format!("{SITE}/config/authsettingsV2"));
    stored["name"] = json!("authsettingsV2");
    stored
}

/// Who is allowed, in App 2's settings.
fn policy(settings: &mut Value) -> &mut Value {
    let place = "/properties/identityProviders/azureActiveDirectory/validation/defaultAuthorizationPolicy";
    settings.pointer_mut(place).unwrap()
}

// -------------------------------------------------------------------------------- settings in documents of other tools

/// A web app in a state file, which allows these applications.
fn in_state(name: &str, applications: &[&str]) -> Value {
    json!({"mode": "managed", "type": "azurerm_linux_web_app", "name": name, "instances": [{"schema_version": 1,
        "private": "eyJ", "attributes": {"name": name, "id": SITE.replace("app2", name),
            "default_hostname": format!("{name}.azurewebsites.net"),
            "site_credential": [{"name": "$app2", "password": "a-password-of-nobody-0123456789"}],
            "auth_settings": [], "auth_settings_v2": [{"auth_enabled": true, "require_authentication": true,
                "unauthenticated_action": "Return401", "excluded_paths": [], "facebook_v2": [],
                "active_directory_v2": [{"client_id": ID, "tenant_auth_endpoint": v1_issuer(), "allowed_groups": [],
                    "allowed_audiences": [RESOURCE], "allowed_applications": applications}]}]}}]})
}

fn state(resources: &[Value]) -> Value {
    json!({"version": 4, "terraform_version": "1.9.5", "serial": 3, "lineage": "x", "outputs": {},
        "resources": resources})
}

/// Settings that were copied out of the document in which a tool shows them: they are still App 2's.
#[test]
fn settings_are_found_in_the_documents_of_other_tools() {
    let (stored, inner) = (stored(), stored()["properties"].clone());
    let azapi = |body: Value| {
        json!({"mode": "managed", "type": "azapi_resource", "name": "auth", "instances": [{"attributes": {
            "type": "Microsoft.Web/sites/config@2022-03-01", "name": "authsettingsV2", "parent_id": SITE,
            "body": body}}]})
    };
    let mut counted = stored.clone();
    policy(&mut counted)["allowedApplications"] = json!({"value": [ID], "Count": 1});
    let documents = [
        ("state file", state(&[in_state("app2", &[ID])])),
        ("state file, azapi", state(&[azapi(json!(json!({"properties": inner}).to_string()))])),
        ("state file, azapi with an object", state(&[azapi(json!({"properties": inner}))])),
        ("batch", json!({"responses": [{"httpStatusCode": 200, "content": stored}]})),
        ("what-if", json!({"changes": [{"resourceId": stored["id"], "before": stored, "after": stored}]})),
        ("Resource Graph", json!({"data": [stored], "count": 1, "totalRecords": 1})),
        (
            "activity log",
            json!({"operationName": {"value": "write"}, "properties": {"statusCode": "OK",
            "responseBody": stored.to_string()}}),
        ),
        (
            "Pulumi",
            json!({"version": 3, "deployment": {"resources": [{"urn": "urn:pulumi:dev::a::b::c",
            "inputs": inner, "outputs": inner}]}}),
        ),
        ("lists of Windows PowerShell", counted),
    ];
    for (name, document) in documents {
        let read =
            AuthSettings::from_bytes(document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let entra = read.entra.as_ref().unwrap_or_else(|| panic!("{name}"));
        assert_eq!(entra.allowed_applications, Some(vec![ClientId::new(ID)]), "{name}");
        assert_eq!(
            (&entra.client_id, read.enabled, read.planned),
            (&Some(ClientId::new(ID)), Some(true), false),
            "{name}"
        );
        assert!(!serde_json::to_string(&read).unwrap().contains("a-password-of-nobody"), "{name}");
    }
    let seen = refused_by_policy().with_settings(&state(&[in_state("app2", &[ID])])).observe();
    assert_eq!(seen.root(), "caller-not-in-allowed-applications");
    assert!(seen.fixes().contains(CALLER) && !text(&seen).contains("a-password-of-nobody"));
}

/// What is to be deployed isn't what runs; an instance that is about to be destroyed, and another app, aren't App 2.
#[test]
fn other_settings_in_a_document_are_not_app_2s() {
    let mut changed = stored();
    changed["properties"]["platform"]["enabled"] = json!(false);
    let change = |before: Value| json!({"changes": [{"before": before, "after": changed}]}).to_string();
    let read = |text: &str| AuthSettings::from_bytes(text.as_bytes());
    assert_eq!(read(&change(stored())).map(|it| (it.enabled, it.planned)), Ok((Some(true), false)));
    assert_eq!(read(&change(Value::Null)).map(|it| (it.enabled, it.planned)), Ok((Some(false), true)));
    // Two apps: the one that is called, or none.
    let two = state(&[in_state("app2", &[ID]), in_state("app9", &[OTHER])]).to_string();
    let error = read(&two).unwrap_err().to_string();
    assert!(error.contains("app2.azurewebsites.net") && error.contains("app9.azurewebsites.net"), "{error}");
    let wanted = Wanted { host: Some("app9.azurewebsites.net"), id: None };
    let chosen = AuthSettings::from_bytes_for(two.as_bytes(), wanted).unwrap().entra.unwrap();
    assert_eq!(chosen.allowed_applications, Some(vec![ClientId::new(OTHER)]));
    let mut deposed = in_state("app2", &[OTHER]);
    deposed["instances"][0]["deposed"] = json!("0123abcd");
    assert!(read(&state(&[deposed]).to_string()).is_err());
    // Single members of other things aren't settings.
    assert!(read(r#"{"a": {"login": {"x": 1}, "platform": "linux"}}"#).is_err());
}

/// Settings of another app aren't asked for a second time.
#[test]
fn where_the_given_settings_are_anothers_app_2s_own_are_asked_for() {
    let challenged = || World::of(|head| behind_easy_auth(head, |_| challenge().replace(ID, OTHER)).replace(ID, OTHER));
    let seen = challenged().asking(Some(&format!("api://{OTHER}"))).with_settings(&stored()).observe();
    seen.is("undetermined-401", Possible);
    assert!(!seen.found("settings-not-used").is_empty());
    assert!(seen.fixes().contains("The settings that were read are another app's"), "{}", seen.fixes());
    let seen = to_tokens(&challenge()).observe();
    assert!(seen.fixes().contains("App 2's settings usually show the cause"), "{}", seen.fixes());
}

// ---------------------------------------------------------------------------------------------- logs of other services

/// A line of Easy Auth's log in the form in which each service stores or exports it.
#[test]
fn a_line_is_read_in_the_form_of_every_log_service() {
    const LINE: &str = "JWT validation failed: IDX10214: Audience validation failed. Audiences: 'api://a'. Did not \
        match: validationParameters.ValidAudience: 'b' or validationParameters.ValidAudiences: 'null'.";
    let (reason, at) = (LINE.trim_start_matches("JWT validation failed: "), 1_767_261_601_i64);
    let rows = [
        ("Datadog", json!([{"attributes": {"timestamp": "2026-01-01T10:00:01Z", "message": LINE, "service": "a"}}])),
        (
            "Loki",
            json!({"status": "success", "data": {"resultType": "streams", "result": [{"stream": {"app": "a"},
            "values": [[format!("{at}000000000"), LINE]]}]}}),
        ),
        (
            "Elasticsearch",
            json!({"hits": {"hits": [{"_source": {"@timestamp": "2026-01-01T10:00:01Z",
            "message": LINE}}]}}),
        ),
        ("Splunk", json!({"preview": false, "result": {"_time": "2026-01-01T10:00:01.000+00:00", "_raw": LINE}})),
        ("Serilog", json!({"@t": "2026-01-01T10:00:01Z", "@mt": "JWT validation failed: {Error}", "Error": reason})),
        ("pino", json!({"level": 40, "time": at * 1000, "msg": LINE})),
        ("Google Cloud", json!([{"textPayload": LINE, "timestamp": "2026-01-01T10:00:01Z"}])),
    ];
    for (name, row) in rows {
        let log = TargetLog::from_bytes("log", format!("{row}\n").as_bytes());
        let [entry] = log.entries.as_slice() else { panic!("{name}: {log:?}") };
        assert_eq!((entry.idx.as_deref(), entry.time), (Some("IDX10214"), Some(at)), "{name}");
        assert_eq!((entry.value(&["audiences"]), entry.writer), (Some("api://a"), Writer::EasyAuth), "{name}");
    }
    // A line of an app's own has lists in it that are no rows.
    let own = json!({"time": now(), "message": LINE, "errors": [{"message": "x"}]});
    assert_eq!(TargetLog::from_bytes("log", own.to_string().as_bytes()).entries.len(), 1);
}

/// API Management's own log: its policy rejected the token, and App 2's settings are not to be changed for it.
#[test]
fn a_row_of_api_management_is_api_managements() {
    let row = json!([{"TimeGenerated": now(), "ResponseCode": 401, "LastErrorSource": "validate-jwt",
        "LastErrorReason": "TokenAudienceNotAllowed", "Url": "https://x.azure-api.net/app2",
        "LastErrorMessage": format!("JWT Validation Failed: IDX10214: Audience validation failed. Audiences: \
            '{RESOURCE}'. Did not match: validationParameters.ValidAudience: '{ID}' or \
            validationParameters.ValidAudiences: 'null'.")}]);
    let body = r#"{ "statusCode": 401, "message": "Unauthorized" }"#;
    let refused = World::of(move |head| for_everybody(head, &http("401 Unauthorized", JSON, body)));
    let seen = refused.with_log(&row.to_string()).observe();
    seen.is("app-validates-token-itself", Likely);
    assert!(seen.tells("API Management") && seen.fixes().contains("validate-azure-ad-token"));
    assert!(!seen.fixes().contains("allowedAudiences") && !seen.fixes().contains("C#"), "{}", seen.fixes());
}

/// The middleware container of Linux says that the app didn't answer it (azureossd.github.io, 2023-04-05).
#[test]
fn a_request_that_could_not_be_forwarded_is_quoted() {
    let line = "[Error] Failed to forward request to http://169.254.129.3:8080. Encountered a \
        System.Threading.Tasks.TaskCanceledException exception after 300067.221ms with message: The operation was \
        canceled.";
    let seen = to_tokens(&http("502 Bad Gateway", &format!("{PASSED}{HTML}"), ""));
    let seen = seen.with_log(&format!("{} {line}\n", now())).observe();
    seen.is("app-unavailable", Likely);
    assert!(text(&seen).contains("Failed to forward request"));
}

// ----------------------------------------------------------------------------------------------------- who else speaks

/// A proxy's own page in place of Microsoft Entra ID's answer.
#[test]
fn a_named_proxy_that_answers_for_entra_is_the_cause() {
    let page = "<html><title>Web Page Blocked</title><body>FortiGuard Web Filtering</body></html>";
    let seen = Field::secret(move |_| http("200 OK", HTML, page)).check();
    seen.root("caller-egress-blocked", "likely").says("FortiGate");
    let seen = Field::secret(|_| http("200 OK", HTML, "<html><title>Hello</title></html>")).check();
    seen.unknown("Hello", "caller-egress-blocked").never_says("FortiGate");
}

/// Dapr's sidecar has a token of its own (dapr/dapr: pkg/http/server.go).
#[test]
fn the_token_of_dapr_is_not_entras() {
    let said = |body: &'static str| to_tokens(&http("401 Unauthorized", &format!("{PASSED}{PLAIN}"), body)).observe();
    let seen = said("invalid api token\n");
    seen.is("app-error", Likely);
    assert!(seen.tells("Dapr") && seen.fixes().contains("dapr-api-token"), "{}", seen.fixes());
    assert!(!seen.fixes().contains("access control policy") && !seen.fixes().contains("ValidAudiences"));
    // An app that says more says it itself.
    let seen = said("invalid api token: signature has expired");
    assert!(!seen.tells("Dapr"));
}

// -------------------------------------------------------------------------------------------------------- pasted texts

fn entries(text: &str) -> Vec<Entry> {
    knowledge::explained(text).entries
}

/// Texts of public reports: what the first entry points to, and what it says.
#[test]
fn texts_of_public_reports_are_explained() {
    for (text, code, says) in [
        ("invalid api token", Code::AppValidatesTokenItself, "DAPR_API_TOKEN"),
        ("{\"errorCode\":\"ERR_DIRECT_INVOKE\",\"message\":\"fail to invoke, id: orders\"}", Code::AppError, "app ID"),
        (
            "{\"errorCode\":\"2108\",\"message\":\"Error calling the endpoint 'https://a'. Response status: 'NA'\"}",
            Code::TargetUnreachable,
            "integration runtime",
        ),
        (
            "Call to provided Azure function 'f1' failed with status-'Unauthorized' and message - 'Invoking Azure \
             function failed with HttpStatusCode - Unauthorized.'.",
            Code::AudienceNotAllowed,
            "linked service",
        ),
        (
            "{\"errorCode\":\"3608\",\"message\":\"Call to provided Azure function 'f1' failed with 'Forbidden'\"}",
            Code::CallerNotInAllowedApplications,
            "factory's managed identity",
        ),
        ("[Error] Failed to forward request to http://169.254.129.3:8080.", Code::AppUnavailable, "middleware"),
        (
            "App resource defined in manifest and iframe origin do not match",
            Code::ResourceDiffersFromTarget,
            "webApplicationInfo",
        ),
        (
            "{\"Message\":\"Authorization has been denied for this request.\"}",
            Code::AppValidatesTokenItself,
            "ASP.NET Web API",
        ),
        (
            "IDW10303: Issuer: 'https://a/', does not match any of the valid issuers provided for this application.",
            Code::AppValidatesTokenItself,
            "AzureAd",
        ),
        (
            "IDW10104: Both client secret and client certificate cannot be null or whitespace, and only ONE must be \
             included",
            Code::CredentialIncomplete,
            "SignedAssertionFromManagedIdentity",
        ),
        (
            "The Issuer \"https://a/\" provided in the configuration did not match the requested issuer \"https://b\"",
            Code::AppError,
            "issuer-uri",
        ),
        ("jwt.exceptions.ImmatureSignatureError: The token is not yet valid (iat)", Code::TokenNotYetValid, "clock"),
        (
            "connect to login.microsoftonline.com: tunneling socket could not be established, statusCode=403",
            Code::CallerEgressBlocked,
            "proxy",
        ),
        ("UnauthorizedError: No authorization token was found", Code::AuthorizationHeaderDropped, "express-jwt"),
        ("Dynamic client registration not supported.", Code::CallerNotInAllowedApplications, "MCP client"),
        (
            "ERROR: failed to get token: HTTP error: 403 from http://localhost:42356/msi/token",
            Code::IdentityVariablesHidden,
            "X-IDENTITY-HEADER",
        ),
        ("Error: SSE error: Non-200 status code (401)", Code::Undetermined401, "401"),
        ("IDX12723: Unable to decode the payload", Code::TokenMalformed, "truncated"),
        (
            ":( Application Error If you are the application administrator, you can access the diagnostic resources.",
            Code::AppError,
            "log stream",
        ),
        ("AADSTS240002: Input id_token cannot be used as grant.", Code::TokenRequestRejected, "access token"),
        ("AADSTS1000104: Resource cloud isn't allowed", Code::ConditionalAccessBlocked, "cloud"),
        ("ActionFailed. {\"code\":\"Unauthorized\",\"message\":\"Unauthorized\"}", Code::Undetermined401, "401"),
    ] {
        let found = entries(text);
        let first = found.first().unwrap_or_else(|| panic!("{text}"));
        assert!(first.findings.contains(&code), "{text}: {:?}", first.findings);
        assert!(format!("{first:?}").contains(says), "{text}: {first:?}");
    }
    // A person's missing right to assign an identity is none to read settings.
    let denied = "does not have authorization to perform action \
        'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'";
    assert!(entries(denied)[0].body.contains("Managed Identity Operator") && entries(denied)[0].findings.is_empty());
    // A connection of Power Platform is none of App 2's.
    let refused = entries("Error from token exchange: Permission denied due to missing connection ACL");
    assert!(refused[0].body.contains("Power Platform") && refused[0].findings.is_empty());
}

/// The reason in a trace of API Management is API Management's; the same words in Easy Auth's log are Easy Auth's.
#[test]
fn a_trace_of_api_management_names_its_policy_and_the_reason() {
    for trace in [
        "validate-jwt (1.2 ms) { \"message\": \"JWT Validation Failed: IDX10205: Issuer validation failed.\" }",
        "{\"source\":\"validate-jwt\",\"data\":{\"message\":\"JWT Validation Failed: IDX10205: Issuer validation\"}}",
        "validate-azure-ad-token: Invalid Azure AD JWT. IDX10205: Issuer validation failed.",
    ] {
        let keys: Vec<String> = entries(trace).into_iter().map(|entry| entry.key).collect();
        assert_eq!(keys, ["api-management-jwt", "IDX10205"], "{trace}");
    }
    let own = r#"{"StatusCode":401,"Message":"JWT validation failed: IDX10205: Issuer validation failed."}"#;
    assert_eq!(entries(own).iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["IDX10205"]);
}

// ----------------------------------------------------------------------------------- fixes that exist where App 1 runs

/// A token of the platform's is missing: no secret is the way to it.
#[test]
fn the_fix_for_a_missing_federated_token_is_the_hosts() {
    let without_a_file = |mark: &str| {
        let field = Field::new(|_| http("404 Not Found", "", "")).set(mark, "true");
        let field = field.set("AZURE_CLIENT_ID", CLIENT).set("AZURE_TENANT_ID", TENANT);
        field.option(&["--credential", "workload-identity"]).check()
    };
    let workflow = without_a_file("GITHUB_ACTIONS");
    workflow.root("credential-incomplete", "certain").says("id-token: write").never_says("AZURE_CLIENT_SECRET");
    let pipeline = without_a_file("TF_BUILD");
    pipeline.root("credential-incomplete", "certain").says("AzureCLI@2").never_says("credential reset");
}

/// Nothing listens where the agent of Azure Arc does: its service is started, and no session read again.
#[test]
fn the_fix_for_a_stopped_agent_is_its_service() {
    let field = Field::new(|_| http("404 Not Found", "", ""))
        .set("IDENTITY_ENDPOINT", "http://127.0.0.1:9/metadata/identity/oauth2/token")
        .set("IMDS_ENDPOINT", "http://127.0.0.1:9");
    let seen = field.check();
    seen.root("identity-endpoint-unreachable", "certain").says("himdsd").never_says("/proc/1/environ");
}

// ------------------------------------------------------------------------------- controls: right before, to stay right

/// Two lists refuse the caller: the first is the cause, and the second is named before anybody is surprised by it.
#[test]
fn both_lists_that_refuse_the_caller_are_named() {
    let mut both = stored();
    policy(&mut both)["allowedPrincipals"] = json!({"identities": [OTHER]});
    let seen = refused_by_policy().managed(&both, &json!({})).observe();
    seen.is("caller-not-in-allowed-applications", Certain);
    let next: Vec<&str> = seen.0.diagnosis().next.iter().map(|fault| fault.code.name()).collect();
    assert_eq!(next, ["principal-not-in-allowed-identities"]);
}

/// FastAPI's HTTPBearer says this where no header came.
#[test]
fn a_framework_that_got_no_header_keeps_the_lost_header_possible() {
    let body = json!({"detail": "Not authenticated"}).to_string();
    let seen = to_tokens(&http("403 Forbidden", &format!("{PASSED}{JSON}server: uvicorn\r\n"), &body)).observe();
    assert!(seen.sureness() < Some(Certain));
    assert!(seen.candidates().contains(&"authorization-header-dropped"), "{:?}", seen.candidates());
}

/// The other audience is rejected in the same way, so that the audience isn't what decides.
#[test]
fn an_audience_whose_twin_is_rejected_too_is_no_candidate() {
    let page = "You do not have permission to view this directory or page.";
    let refused = challenge().replace("content-length: 0", &format!("content-length: {}", page.len())) + page;
    let seen = to_tokens(&refused).observe();
    seen.is("undetermined-401", Possible);
    assert!(!seen.candidates().contains(&"audience-not-allowed"), "{:?}", seen.candidates());
}
