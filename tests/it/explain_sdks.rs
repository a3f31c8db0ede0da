//! What people paste from the issues of SDKs and tools (Azure Identity, MSAL, Terraform, azure/login, KEDA,
//! azure-functions-host, azure-container-apps, …), each with the code that comes first in its answer.

use easyauth_doctor::knowledge::{self, Explained};

fn first_code(found: &Explained) -> &'static str {
    found.entries.first().and_then(|entry| entry.findings.first()).map_or("none", |code| code.name())
}

/// Each text, the code that comes first (`none`: it isn't about App 2 or App 1's token), and words of the answer.
fn all_hold(rows: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (text, code, says) in rows {
        let found = knowledge::explained(text);
        let page: String = found.entries.iter().map(|entry| format!("{}\n{}\n", entry.title, entry.body)).collect();
        if found.entries.is_empty() || first_code(&found) != *code {
            wrong.push(format!("{text:?}: {code} isn't the first of {:?}", found.entries));
        }
        if found.is_a_guess || !page.contains(says) {
            wrong.push(format!("{text:?}: no {says:?} in {page}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_status_of_an_identity_endpoint_is_not_app_2s() {
    all_hold(&[
        (
            "ManagedIdentityCredential authentication failed: Service request failed.\nStatus: 429 (Too Many \
             Requests)\nContent:\n{\"error\":\"invalid_request\",\"error_description\":\"Too many requests\"}",
            "identity-endpoint-throttled",
            "429",
        ),
        (
            "ManagedIdentityCredential authentication failed: Service request failed. Status: 400 (Bad Request) \
             Content: Headers: Server: Kestrel",
            "selected-identity-not-attached",
            "400",
        ),
        (
            "ManagedIdentityCredential authentication failed: Service request failed.\nStatus: 500 (Internal Server \
             Error)\n\nContent:\n\nHeaders:\nServer: Kestrel",
            "assignment-required-not-assigned",
            "AADSTS501051",
        ),
        (
            "> GET /msi/token?api-version=2019-08-01 HTTP/1.1\n> Host: localhost:42356\n< HTTP/1.1 403 Forbidden",
            "identity-endpoint-protocol-mismatch",
            "names an identity endpoint",
        ),
        (
            "EnvironmentCredential is unavailable.\nMSI_ENDPOINT=http://172.16.2.6:8081/msi/token\nResponse status \
             code: 400",
            "selected-identity-not-attached",
            "names an identity endpoint",
        ),
        (
            "HTTPConnectionPool(host='proxy', port=8080): Max retries exceeded with url: \
             http://169.254.169.254/metadata (Caused by ProxyError('Unable to connect to proxy', \
             OSError('Tunnel connection failed: 403 Forbidden')))",
            "proxy-intercepts-identity-endpoint",
            "NO_PROXY",
        ),
        // Both are named: the status may be App 2's.
        (
            "token from http://169.254.169.254/metadata\nGET https://app2.azurewebsites.net/api HTTP/1.1 403 Forbidden",
            "undetermined-403",
            "A 403 alone",
        ),
        (
            "Azure.Data.AppConfiguration: Service request failed.\nStatus: 403 (Forbidden)",
            "undetermined-403",
            "no role",
        ),
        (
            "GET http://169.254.169.254/metadata/identity/oauth2/token\nRESPONSE 410 Gone",
            "identity-endpoint-transient",
            "70 seconds",
        ),
        (
            "virtual machine managed identity credential: server returned error status which will not be retried: 400",
            "selected-identity-not-attached",
            "status 400",
        ),
        ("{\"error\":{\"code\":401,\"status\":\"x\"}}", "undetermined-401", "A 401 alone"),
    ]);
}

#[test]
fn what_sdks_and_tools_say_of_a_credential_is_known() {
    all_hold(&[
        (
            "ChainedTokenCredential: failed to acquire a token.\\nAttempted credentials:\\n\\tAzureCLICredential: \
             fork/exec /bin/sh: no such file or directory\\n\\terror reading service account token - open : no such \
             file or directory",
            "workload-identity-incomplete",
            "azure.workload.identity/use",
        ),
        ("error: sources must contain at least one TokenCredential", "credential-incomplete", "empty chain"),
        ("unable to build authorizer: no Authorizer could be configured", "credential-incomplete", "ARM_CLIENT_ID"),
        (
            "Attempted credentials:\n\tManagedIdentityCredential: Unexpected content type \"text/plain\"\n\
             \tAzureCliCredential: Azure CLI not found on path",
            "proxy-intercepts-identity-endpoint",
            "Another server",
        ),
        (
            "Connect-AzAccount : ManagedIdentityCredential authentication failed: User assigned identity is currently \
             not supported clientID must not be passed in request.",
            "selected-identity-not-attached",
            "Azure Arc",
        ),
        (
            "Error:  Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable.\nError: : AADSTS50027: JWT token is \
             invalid or malformed.",
            "credential-incomplete",
            "id-token: write",
        ),
        (
            "Fetch client threw: Error: HTTP status code 400 | Attempted to reach: \
             https://login.microsoftonline.com/common/oauth2/v2.0/token",
            "token-request-rejected",
            "the network works",
        ),
        ("Failed to acquire token silently as no token was found in the cache.", "credential-incomplete", "cache"),
        ("AADSTS70002: Error validating credentials. AADSTS70000: invalid or malformed.", "token-request-rejected", ""),
        ("AADSTS75011: Authentication method doesn't match", "token-request-rejected", "SAML"),
        (
            "TimeGenerated [UTC]\tResultType\tServicePrincipalName\n2024-03-01T10:00:00.000Z\t7000112\tfunc-a",
            "caller-disabled",
            "",
        ),
        ("| ScStatus | ScSubStatus |\n|---|---|\n| 403 | 60 |", "csrf-origin-rejected", "cookie"),
    ]);
}

#[test]
fn pages_of_app_2_and_of_other_services_are_told_apart() {
    all_hold(&[
        ("Failed to forward request to http://127.0.0.1:80. Connection refused", "app-unavailable", "target port"),
        (
            "IDX10205: Issuer validation failed. Issuer: 'https://blue-sea-1-7.centralus.5.azurestaticapps.net/.auth'.",
            "linked-backend-exclusive",
            "preview environment",
        ),
        (
            "Received invalid status code: 401 in the backend server's HTTP response. As per the health probe \
             configuration, 200-399 is the acceptable status code.",
            "app-unavailable",
            "health probe",
        ),
        (
            "The client IP address '203.0.113.7' is not in the allowed caller IP address ranges specified in the \
             workflow access control configuration.",
            "network-access-restricted",
            "allowedCallerIpAddresses",
        ),
        ("publicNetworkAccess: SecuredByPerimeter", "network-access-restricted", "perimeter"),
        ("HTTP Error 500.30 - ASP.NET Core app failed to start", "app-error", "isn't the reason"),
        ("No authentication handler is registered for the scheme 'ArmToken'.", "app-error", "isolated"),
        ("IDW10201: Neither scope or roles claim was found at Microsoft.Identity.Web.X", "roles-missing", "app role"),
        (
            "JwtBearerHandler[12] AuthenticationScheme: Bearer was challenged.",
            "app-validates-token-itself",
            "no bearer",
        ),
        (
            "Bearer error=\"invalid_token\", error_description=\"The audience \
             '00000003-0000-0000-c000-000000000000' is invalid\"",
            "token-for-wrong-resource",
            "Microsoft Graph",
        ),
        (
            "Bearer error=\"invalid_token\", error_description=\"The token expired at '01/01/2026 10:00:00'\"",
            "token-expired",
            "clock",
        ),
        (
            "attempting to decode the Jwt: Couldn't retrieve remote JWK set: java.net.SocketTimeoutException",
            "target-egress-blocked",
            "signing keys",
        ),
        (
            "< HTTP/1.1 302 Found\n< Location: https://login.windows.net/x/oauth2/authorize?redirect_uri=https%3A%2F%2F\
             app2.azurewebsites.net%2F.auth%2Flogin%2Faad%2Fcallback",
            "authorization-header-dropped",
            "HTTP 401",
        ),
        ("Message=\"AKV10022: Invalid\n audience. Expected https://vault.azure.net\"", "token-for-wrong-resource", ""),
        ("Status: 403\nErrorCode: AuthorizationPermissionMismatch", "none", "not App 2"),
        ("Login failed for user '<token-identified principal>'.", "none", "not App 2"),
        ("Access denied due to invalid subscription key or wrong API endpoint.", "none", "OpenAI"),
        ("POST https://f.azurewebsites.net/runtime/webhooks/signalr 403 (Forbidden)", "function-key-required", ""),
    ]);
}
