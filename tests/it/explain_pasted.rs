//! What people pasted into `explain` in a further round of public reports: each text with the codes that the answer
//! must point to, and texts with the same words that mean something else.

use easyauth_doctor::knowledge::{self, Entry, Explained};

use crate::field::target::PASSED;
use crate::helpers::answering::{time, with_log};
use crate::helpers::server::http;

fn codes(found: &Explained) -> Vec<&'static str> {
    found.entries.iter().flat_map(|entry| &entry.findings).map(|code| code.name()).collect()
}

fn keys(text: &str) -> Vec<String> {
    knowledge::explain(text).into_iter().map(|entry| entry.key).collect()
}

fn pages(entries: &[Entry]) -> String {
    entries.iter().map(|entry| format!("{}\n{}\n", entry.title, entry.body)).collect()
}

/// A text, the code that comes first in its answer, and what the answer must say.
type Row = (&'static str, &'static str, &'static [&'static str]);

/// Checks each row; all that is wrong is in one message.
fn all_hold(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (text, code, says) in rows {
        let found = knowledge::explained(text);
        let (codes, page) = (codes(&found), pages(&found.entries));
        if codes.first().copied().unwrap_or_default() != *code {
            wrong.push(format!("{text:?}: {code} isn't the first of {codes:?}"));
        }
        wrong
            .extend(says.iter().filter(|words| !page.contains(**words)).map(|words| format!("{text:?}: no {words:?}")));
        if found.is_a_guess {
            wrong.push(format!("{text:?}: a guess"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_about_an_error_is_explained_as_the_error() {
    assert_eq!(keys("https://login.microsoftonline.com/error?code=501051"), ["AADSTS501051"]);
    assert_eq!(keys("<https://login.microsoftonline.com/error?code=7000215>"), ["AADSTS7000215"]);
    // An address of the same host that names no error.
    assert_eq!(
        codes(&knowledge::explained("https://login.microsoftonline.com/")).first(),
        Some(&"resource-is-another-api")
    );
}

const OWN: &str = "app-validates-token-itself";

#[test]
fn what_validators_in_the_apps_code_write_is_known() {
    all_hold(&[
        ("oidc: malformed jwt: square/go-jose: compact JWS format must have three parts", "token-malformed", &[]),
        ("JWT has an invalid signature", OWN, &["Microsoft Graph"]),
        ("AzureAD: Bearer Strategy/46985: authentication failed due to: invalid signature", OWN, &["Microsoft Graph"]),
        (
            "authentication failed due to: In Strategy.prototype.jwtVerify: cannot verify token",
            OWN,
            &["Microsoft Graph"],
        ),
        ("failed to parse token: token signature is invalid: crypto/rsa: verification error", OWN, &["keys"]),
        ("crypto/rsa: verification error", OWN, &["keys"]),
        (
            "WARNING fastapi_azure_auth Malformed token received. null. Error: Error decoding token headers.\n\
             jose.exceptions.JWSError: Not enough segments",
            "token-malformed",
            &["null"],
        ),
        ("{\"status\": 401, \"title\": \"Invalid audience claim in token\"}", OWN, &[]),
        ("{\"status\":401,\"title\":\"Invalid token signature\"}", OWN, &["Microsoft Graph"]),
        ("Error: secret or public key must be provided", OWN, &["Static Web Apps"]),
        ("RuntimeException: The client_id / audience is invalid!", OWN, &[]),
        ("JsonWebTokenError: invalid signature", OWN, &["Microsoft Graph"]),
    ]);
}

#[test]
fn texts_with_the_same_words_about_other_things_are_not_the_validators() {
    for (text, code) in [
        (
            "tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of \
             \"crypto/rsa: verification error\" while trying to verify candidate authority certificate \"corp-ca\")",
            "target-tls-untrusted",
        ),
        ("TLSError: certificate verify failed: invalid signature", "target-tls-untrusted"),
    ] {
        let codes = codes(&knowledge::explained(text));
        assert!(codes.contains(&code) && !codes.contains(&OWN), "{text}: {codes:?}");
    }
    for text in ["error: gpg: invalid signature", "apt: The following signatures were invalid"] {
        assert_eq!(codes(&knowledge::explained(text)), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn what_a_text_leaves_open_is_not_decided() {
    let storage = "HTTP/1.1 401 Server failed to authenticate the request.\nWWW-Authenticate: Bearer \
                   authorization_uri=https://login.microsoftonline.com/5f0c1d2e-7a3b-4c4d-8e5f-6a7b8c9d0e1f/oauth2/\
                   authorize resource_id=https://storage.azure.com";
    let tenant = "{\"error\":{\"code\":\"InvalidAuthenticationTokenTenant\",\"message\":\"The access token is from the \
                  wrong issuer\"}}";
    all_hold(&[
        // IIS writes this sentence for a folder without a default document as well.
        (
            "HTTP 403 You do not have permission to view this directory or page.",
            "undetermined-403",
            &["doesn't show what rejects the call", "403.14"],
        ),
        ("You do not have permission to view this directory or page.", "audience-not-allowed", &["IIS sends this"]),
        // Azure Storage and Dataverse send the same parameters as Easy Auth, with the resource instead of a client ID.
        (storage, "token-for-wrong-resource", &["probably", "Azure Storage"]),
        (
            "Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize,\
             resource_id=https://contoso.crm.dynamics.com/",
            "token-for-wrong-resource",
            &["probably", "Dataverse"],
        ),
        (
            "WWW-Authenticate: Bearer realm=\"app2.azurewebsites.net\" authorization_uri=\"https://login.windows.net/\
             5f0c1d2e-7a3b-4c4d-8e5f-6a7b8c9d0e1f/oauth2/authorize\" \
             resource_id=\"4cf42951-a25a-4019-8d97-f66c4ebc9847\"",
            "audience-not-allowed",
            &["compare it with the token's aud", "doesn't say which"],
        ),
        // ASP.NET Core's JwtBearer has a sentence for an unknown key, and another for a key that doesn't match.
        (
            "Bearer error=\"invalid_token\", error_description=\"The signature is invalid\"",
            OWN,
            &["knows the key", "Microsoft Graph"],
        ),
        (
            "Bearer error=\"invalid_token\", error_description=\"The signature key was not found\"",
            OWN,
            &["isn't among the keys"],
        ),
        (tenant, "settings-unreadable", &["subscription's tenant"]),
        (
            "> Authorization: Bearer eyJ0eXAi\n< HTTP/1.1 403 Forbidden\n< Content-Length: 0\n\
             < x-ms-middleware-request-id: 1fbb4b10-1b5b-4c3f-9a67-000000000000",
            "undetermined-403",
            &["may reject the caller", "not which component"],
        ),
        (
            "< HTTP/1.1 401 Unauthorized\n< x-ms-middleware-request-id: 1fbb4b10-1b5b-4c3f-9a67-000000000000",
            "undetermined-401",
            &["log has the reason"],
        ),
    ]);
    assert_eq!(keys(tenant), ["wrong-issuer"]);
    assert_eq!(keys(storage), ["service-challenge"]);
}

#[test]
fn the_log_reader_knows_the_same_lines() {
    for line in [
        "{\"name\":\"AzureAD: Bearer Strategy\",\"msg\":\"authentication failed due to: invalid signature\",\"v\":0}",
        "authentication failed due to: In Strategy.prototype.jwtVerify: cannot verify token",
        "WARNING fastapi_azure_auth __call__() Malformed token received. Error: Error decoding token headers.",
        "level=error msg=\"no token\" error=\"token signature is invalid: crypto/rsa: verification error\"",
        "ERROR flask_azure_oauth: Invalid audience claim in token",
    ] {
        let log = format!("{} {line}\n", time("%Y-%m-%dT%H:%M:%SZ"));
        let report = with_log(|_| http("401 Unauthorized", PASSED, ""), &log);
        assert_eq!(report["root_cause"]["code"], OWN, "{line}: {}", report["root_cause"]["summary"]);
        assert_eq!(report["root_cause"]["confidence"], "likely", "{line}");
    }
    // A certificate that the app doesn't trust when it calls somebody else.
    let line = "x509: certificate signed by unknown authority (possibly because of \"crypto/rsa: verification error\")";
    let log = format!("{} {line}\n", time("%Y-%m-%dT%H:%M:%SZ"));
    let report = with_log(|_| http("401 Unauthorized", PASSED, ""), &log);
    assert_eq!(report["root_cause"]["code"], "undetermined-401");
}

#[test]
fn what_services_and_tools_say_without_a_number() {
    let operation_timed_out = "ManagedIdentityCredential authentication failed: Response from Managed Identity was \
                               successful, but the operation timed out prior to completion.";
    all_hold(&[
        ("AzureArc doesn't support user-assigned managed identities", "selected-identity-not-attached", &["Azure Arc"]),
        (
            "Couldn't acquire access token from IMDS, verify your objectId, clientId or msiResourceId.",
            "selected-identity-not-attached",
            &[],
        ),
        // The endpoint answered: no firewall drops anything.
        (operation_timed_out, "identity-endpoint-transient", &["200"]),
        (
            "failed calling webhook \"mutation.azure-workload-identity.io\": no endpoints available for service",
            "workload-identity-incomplete",
            &["kube-system"],
        ),
        (
            "##[error]Could not fetch access token for Managed Service Principal. Status code: 400",
            "identity-not-enabled",
            &["Microsoft-hosted"],
        ),
        (
            "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/ClientId/)",
            "credential-incomplete",
            &["Key Vault Secrets User", "keyVaultReferenceIdentity"],
        ),
        ("Azure Static Web Apps - 404: Not found", "target-not-found", &["staticwebapp.config.json"]),
        ("Managed identity token is added to Authorization header.", "gateway-replaced-caller", &[]),
    ]);
}

/// A row that an earlier or a longer one always hides explains nothing.
#[test]
fn every_text_of_every_row_is_explained_by_its_row() {
    let table: toml::Table = include_str!("../../assets/knowledge/error_texts.toml").parse().unwrap();
    let mut hidden = Vec::new();
    for (key, row) in &table {
        let texts = |name: &str| -> Vec<String> {
            let list = row.get(name).and_then(toml::Value::as_array).into_iter().flatten();
            list.map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let pieces: Vec<String> = [row["text"].as_str().unwrap().to_owned()].into_iter().chain(texts("also")).collect();
        for piece in &pieces {
            // A service quotes it within a sentence of its own.
            let said = format!("It said {piece} .");
            if !keys(&said).contains(key) {
                hidden.push(format!("{key}: {piece:?} is {:?}", keys(&said)));
            }
        }
        // A piece within which another one is found adds nothing.
        for (place, piece) in pieces.iter().enumerate() {
            let lower = piece.to_lowercase();
            let within = |(at, other): (usize, &String)| at != place && lower.contains(&other.to_lowercase());
            if pieces.iter().enumerate().any(within) {
                hidden.push(format!("{key}: {piece:?} contains another piece of its row"));
            }
        }
    }
    assert!(hidden.is_empty(), "{}", hidden.join("\n"));
}

/// A variant that an earlier one of its row, or another row, always hides says nothing.
#[test]
fn every_variant_is_what_its_own_words_say() {
    let tables = [
        ("", include_str!("../../assets/knowledge/error_texts.toml")),
        ("AADSTS", include_str!("../../assets/knowledge/entra_errors.toml")),
        ("", include_str!("../../assets/knowledge/easy_auth_statuses.toml")),
    ];
    let mut hidden = Vec::new();
    for (prefix, table) in tables {
        let table: toml::Table = table.parse().unwrap();
        for (key, row) in &table {
            let named = || if key.len() == 3 { format!("HTTP {key}") } else { format!("{prefix}{key}") };
            let own = row.get("text").and_then(toml::Value::as_str).map_or_else(named, str::to_owned);
            for variant in row.get("where").and_then(toml::Value::as_array).into_iter().flatten() {
                let words = match variant.get("toward").and_then(toml::Value::as_str) {
                    Some("entra") => vec!["https://login.microsoftonline.com/".to_owned()],
                    Some("other-service") => vec!["https://management.azure.com/subscriptions".to_owned()],
                    Some("token-request") => vec!["could not acquire access token".to_owned()],
                    Some(_) => vec!["http://169.254.169.254/metadata".to_owned()],
                    None => variant["text"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|text| text.as_str().unwrap().to_owned())
                        .collect(),
                };
                for words in words {
                    let page = pages(&knowledge::explain(&format!("It said {own} and {words} .")));
                    if !page.contains(variant["meaning"].as_str().unwrap()) {
                        hidden.push(format!("{key}: {words:?}"));
                    }
                }
            }
        }
    }
    assert!(hidden.is_empty(), "{}", hidden.join("\n"));
}

const NO_ENDPOINT: &str = "identity-endpoint-unreachable";

#[test]
fn a_connection_to_an_identity_endpoint_is_not_one_to_app_2() {
    let texts = [
        "ManagedIdentityCredential authentication failed: Retry failed after 6 tries. Retry settings can be adjusted \
         in ClientOptions.Retry. (No connection could be made because the target machine actively refused it.",
        "ManagedIdentityCredential authentication unavailable. Multiple attempts failed to obtain a token from the \
         managed identity endpoint. ---> Retry failed after 6 tries. (An attempt was made to access a socket in a way \
         forbidden by its access permissions.)",
        "Failed to connect to MSI. Please make sure MSI is configured correctly and check the network connection.\n\
         Error detail: HTTPConnectionPool(host='169.254.169.254', port=80): Max retries exceeded with url: \
         /metadata/identity/oauth2/token (Caused by NewConnectionError('Failed to establish a new connection: \
         [WinError 10051] A socket operation was attempted to an unreachable network'))",
        "please check whether MSI is enabled on this PC (Error details: Get http://169.254.169.254/metadata/identity: \
         dial tcp 169.254.169.254:80: connectex: An attempt was made to access a socket in a way forbidden by its \
         access permissions.)",
        "MSI endpoint is not responding. Please make sure MSI is configured correctly.\nError detail: MSI: Failed to \
         acquire tokens after 12 times",
    ];
    for text in texts {
        let found = knowledge::explained(text);
        let (codes, page) = (codes(&found), pages(&found.entries));
        assert!(codes.contains(&NO_ENDPOINT) && !codes.contains(&"target-unreachable"), "{text}: {codes:?}");
        for wrong in ["App 2's virtual network", "neither the token nor Easy Auth", "400 is a wrong"] {
            assert!(!page.contains(wrong), "{text}: {page}");
        }
    }
    // The endpoint's own refusal, and a request to App 2, stay what they were.
    let refused = "Failed to connect to MSI. Please make sure MSI is configured correctly.\nGet Token request returned \
        http error: 400, reason: Bad Request";
    assert_eq!(codes(&knowledge::explained(refused)).first(), Some(&"identity-not-enabled"));
    let to_app_2 = "HttpRequestException: No connection could be made because the target machine actively refused it. \
        (app2.azurewebsites.net:443)";
    assert_eq!(codes(&knowledge::explained(to_app_2)), ["target-unreachable"]);
}

#[test]
fn what_identity_libraries_and_entra_say_without_a_number_is_known() {
    const OPAQUE: &str = "assignment-required-not-assigned";
    const INCOMPLETE: &str = "credential-incomplete";
    all_hold(&[
        ("ClientSecretCredential: tenantId, clientId, and clientSecret are required parameters.", INCOMPLETE, &[]),
        (
            "java.io.IOException: Server returned HTTP response code: 400 for URL: http://localhost:42356/msi/token?\
             resource=https%3A%2F%2Fvault.azure.net&api-version=2017-09-01&clientid=x",
            "selected-identity-not-attached",
            &["identity-endpoint-protocol-mismatch"],
        ),
        ("[Managed Identity] Error Message: An unexpected error occurred while fetching the AAD Token.", OPAQUE, &[]),
        (
            "503 Service Unavailable: An unexpected error occured while fetching the AAD Token.",
            "identity-endpoint-transient",
            &["restart App 1"],
        ),
        (
            "[Managed Identity] The error response was either empty or could not be parsed..",
            "proxy-intercepts-identity-endpoint",
            &[],
        ),
        ("DefaultAzureCredential failed to acquire a token", "identity-not-enabled", &["credential chain"]),
        ("The request failed due to a gateway error.", "proxy-intercepts-identity-endpoint", &[]),
        ("No service connection found with identifier 1111", INCOMPLETE, &["service connection"]),
        ("401 (Unauthorized) response from OIDC endpoint", INCOMPLETE, &["System.AccessToken"]),
        ("The file at the specified path doesn't contain a PEM-encoded certificate.", INCOMPLETE, &["PEM"]),
        ("ClientCertificateCredential: Provide either a PEM certificate in string form", INCOMPLETE, &["PEM"]),
        ("Failed To Read VS Code Credentials", INCOMPLETE, &[]),
        ("Please run 'az login' to set up account", INCOMPLETE, &["az login"]),
        ("Please run 'az login' to set up an account", INCOMPLETE, &["az login"]),
        (
            "Exception Message: Tried the following 3 methods to get an access token, but none of them worked.",
            "identity-not-enabled",
            &["retired"],
        ),
        (
            "StatusCode=405 -- Original Error: adal: Refresh request failed. Status Code = '405'. Response body:",
            "identity-endpoint-protocol-mismatch",
            &[],
        ),
        ("{\"error\":{\"code\":\"ManagedIdentityIsNotEnabled\",\"message\":\"x\"}}", "identity-not-enabled", &[]),
        ("Error retrieving Agentic user token AxiosError: code 400", "token-request-rejected", &["AADSTS"]),
        ("ClientAuthError: endpoints_resolution_error", "tenant-not-found", &["caller-egress-blocked"]),
        (
            "Could not resolve endpoints. Please check network and try again. openid_config_error",
            "tenant-not-found",
            &[],
        ),
        ("Application 'AppId' is not assigned to a role for the application 'AppId'.", OPAQUE, &["501051"]),
        (
            "Property api.preAuthorizedApplications has an invalid value (InvalidAppId). ",
            "caller-not-in-allowed-applications",
            &["Managed identities"],
        ),
        ("InvalidAudience: Invalid authorization token audience.", "token-for-wrong-resource", &[]),
        ("Access token validation failure. Invalid audience.", "token-for-wrong-resource", &["Microsoft Graph"]),
        ("aud claim is \"00000003-0000-0000-c000-000000000000\"", "token-for-wrong-resource", &["Microsoft Graph"]),
    ]);
    for (text, words) in [
        ("AadWebhookResourceNotOwnedByCaller", "owner"),
        ("{\"code\": \"Authorization_RequestDenied\",\"message\": \"Insufficient privileges\"}", "Microsoft Graph"),
        ("The principal `x` … the required data action `Microsoft.CognitiveServices/y`", "Azure RBAC"),
    ] {
        let found = knowledge::explained(text);
        assert!(pages(&found.entries).contains(words) && codes(&found).is_empty(), "{text}");
    }
}

#[test]
fn callers_and_platforms_around_app_2_are_known() {
    const OPEN: &str = "undetermined-401";
    all_hold(&[
        (
            "Webhook validation handshake failed for https://x.azurewebsites.net/runtime/webhooks/blobs. Http POST \
             request failed with response code Unauthorized.",
            "function-key-required",
            &["Event Grid", "system key"],
        ),
        (
            "(Url validation) Webhook validation handshake failed for https://x.example/api/events. Http POST request \
             failed with response code Unauthorized. https://aka.ms/esvalidation",
            OPEN,
            &["Event Grid", "excludedPaths"],
        ),
        ("Notification endpoint must respond with 200 OK to validation request", OPEN, &["Microsoft Graph"]),
        (
            "There was an error sending this message to your bot: HTTP status code Unauthorized",
            "token-not-from-entra",
            &["/api/messages"],
        ),
        ("BotFrameworkAuthentication: Unauthorized Access", "token-not-from-entra", &["/api/messages"]),
        (
            "Web Api response status: 'Forbidden', Web Api response details",
            "caller-not-in-allowed-applications",
            &["AI Search"],
        ),
        ("400 Failed to fetch agent card: status code: 401 (PermissionDenied)", OPEN, &["Foundry"]),
        (
            "\"Obtaining managed identity token using clientId:x AAD Authority:https://login.windows.net/y for z \
             audience succeeded.\"",
            "gateway-replaced-caller",
            &["API Management"],
        ),
        ("ajaxExtended call failed", OPEN, &["logic app"]),
        (
            "(AuthConfigInvalidRequest) AuthConfig is invalid with detail 'IdentityProvider should be provided if \
             easyauth is enabled'",
            "entra-provider-missing",
            &[],
        ),
        (
            "{\"errorCode\": \"2108\", \"message\": \"Error calling the endpoint. Response status code: \"}",
            "target-unreachable",
            &["Data Factory"],
        ),
        (
            "Authentication failed because the remote party has closed the transport stream.",
            "target-unreachable",
            &["TLS"],
        ),
        ("このディレクトリまたはページを表示するアクセス許可がありません。", "audience-not-allowed", &["Easy Auth"]),
        (
            "Received 401 Unauthorized from http://127.0.0.1:7071/runtime/webhooks/mcp/sse",
            "function-key-required",
            &["mcp_extension"],
        ),
        (
            "(PrivateLinkAccessRestricted) Request originated from private virtual network for '/subscriptions'",
            "settings-unreadable",
            &["Azure Resource Manager"],
        ),
    ]);
    let found =
        knowledge::explained("Swap with Preview cannot be used when one of the slots has site authentication enabled");
    assert!(pages(&found.entries).contains("Swap without preview"));
}

#[test]
fn entra_numbers_of_users_sign_ins_are_known() {
    for number in [
        "50178", "500200", "500208", "50053", "50055", "50056", "50074", "50097", "50107", "50133", "53002", "70044",
        "700003", "90082", "90093", "700054", "9002325", "9002326", "9002341", "1100001", "50017", "501241", "90020",
        "90051", "90100", "90112",
    ] {
        assert_eq!(keys(&format!("ERROR: AADSTS{number}: x")), [format!("AADSTS{number}")]);
    }
}

/// What JwtBearer says is often quoted without the header that it was in.
#[test]
fn a_description_is_explained_without_its_challenge() {
    for (text, code) in [
        ("The audience 'api://app2' is invalid", "app-validates-token-itself"),
        ("The issuer 'https://sts.windows.net/contoso/' is invalid", "app-validates-token-itself"),
        ("The signature key was not found", "foreign-tenant-token"),
        ("The token expired at '01/02/2026 03:04:05'", "token-expired"),
    ] {
        assert_eq!(keys(text), ["jwt-bearer-description"], "{text}");
        assert!(codes(&knowledge::explained(text)).contains(&code), "{text}");
    }
    // Beside the challenge, or another sentence, it adds nothing.
    let challenge = "WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The signature is invalid\"";
    assert_eq!(keys(challenge), ["invalid-token-challenge"]);
}

/// Other things that are said in almost the same words.
#[test]
fn near_words_of_other_things_are_not_explained_as_these() {
    for (text, wrong) in [
        ("The user is not assigned to a role in the database", "assignment-required-not-assigned"),
        (
            "Property api.preAuthorizedApplications has an invalid value (DuplicateValue)",
            "caller-not-in-allowed-applications",
        ),
        ("Server returned HTTP response code: 400 for URL: http://localhost:8080/", "selected-identity-not-attached"),
        ("Error calling the endpoint 'https://x'. Response status code: 'Unauthorized'.", "target-unreachable"),
        ("12:10:11.503 An unexpected error occured while fetching the AAD Token", "identity-endpoint-transient"),
        ("adal: Refresh request failed. Status Code = '400'", "identity-endpoint-protocol-mismatch"),
        ("Request to External OIDC endpoint failed", "credential-incomplete"),
        ("The webhook handshake with Slack failed", "undetermined-401"),
        // What wget prints.
        ("Connecting to 169.254.169.254:80... failed: Connection refused.", "proxy-intercepts-identity-endpoint"),
        ("POST /runtime/webhooks/durabletask 401 Unauthorized", "function-key-required"),
        ("{\"aud\":\"api://app2\"}", "token-for-wrong-resource"),
    ] {
        let found = codes(&knowledge::explained(text));
        assert!(!found.contains(&wrong), "{text}: {found:?}");
    }
}
