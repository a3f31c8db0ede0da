//! What an answer may say for certain about a refused credential: the words of the refusal and the credential in use
//! outrank the number's entry in the table. Each row was written with its right answer before it was run.

use serde_json::{Value, json};

#[cfg(unix)]
use crate::field::caller::Seen;
use crate::field::caller::{
    AKS, CLIENT, EXCHANGE, Field, OTHER_TENANT, TENANT, app_service, as_json, entra, imds, issued, issued_with, now,
    service_account,
};
use crate::helpers::server::{IDENTITY_HEADER, RESOURCE, Server, http};
use crate::helpers::world::answer;

/// What belongs to an app registration, and to no managed identity.
const OF_REGISTRATION: [&str; 7] = [
    "App registrations",
    "az ad app ",
    "az ad sp create",
    "AZURE_CLIENT_ID",
    "AZURE_TENANT_ID",
    "New client secret",
    "Upload certificate",
];

/// The refusals of a credential that only the platform has.
const OF_PLATFORM: [(u32, &str); 12] = [
    (700_027, "Client assertion contains an invalid signature. [Reason - The key was not found.]"),
    (700_024, "Client assertion is not within its valid time range."),
    (7_000_222, "The provided client secret keys are expired."),
    (7_000_215, "Invalid client secret provided."),
    (700_016, "Application with identifier 'x' was not found in the directory 'Contoso'."),
    (7_000_229, "The client application x is missing service principal in the tenant y."),
    (90_002, "Tenant 'x' not found."),
    (900_023, "Specified tenant identifier 'x' is neither a valid DNS name, nor a valid external domain."),
    (50_013, "Assertion failed signature validation."),
    (700_213, "No matching federated identity record found for presented assertion subject 'x'."),
    (7_000_218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."),
    (1_000_901, "The provided certificate cannot be used for requesting tokens."),
];

#[test]
fn a_managed_identity_has_no_registration() {
    for (number, text) in OF_PLATFORM {
        let said = format!("AADSTS{number}: {text}");
        let by_metadata = said.clone();
        let hosts = [
            Field::app_service(move |_| app_service("400 Bad Request", &said)),
            Field::machine(move |_| imds(&by_metadata)).option(&["--credential", "managed-identity"]),
        ];
        for host in hosts {
            let seen = host.check();
            seen.root("managed-identity-stale", "likely").says(&number.to_string());
            let whole = seen.fixes() + &seen.0["root_cause"]["meaning"].to_string();
            for words in OF_REGISTRATION {
                assert!(!whole.contains(words), "{number}: {words} in {whole}");
            }
        }
    }
}

/// What is wrong with the resource, or with the caller's service principal, is so for managed identities as well.
#[test]
fn a_managed_identity_is_disabled_or_not_assigned_like_any_caller() {
    for (number, text, code) in [
        (7_000_112, "Application 'x'(app1) is disabled.", "caller-disabled"),
        (
            501_051,
            "Application 'x' is not assigned to a role for the application 'y'.",
            "assignment-required-not-assigned",
        ),
        (500_014, "The service principal for resource 'x' is disabled.", "resource-disabled"),
        (500_011, "The resource principal named x was not found in the tenant named y.", "resource-not-registered"),
    ] {
        let said = format!("AADSTS{number}: {text}");
        Field::app_service(move |_| app_service("400 Bad Request", &said)).check().root(code, "certain");
    }
}

#[test]
fn what_stands_for_a_secret_is_no_wrong_secret() {
    let wrong = || |_: &str| entra(7_000_215, "Invalid client secret provided.");
    for instead in [
        "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/x/)",
        "@Microsoft.KeyVault(VaultName=kv;SecretName=x)",
        "@Microsoft.AppConfiguration(Endpoint=https://x.azconfig.io; Key=y)",
        "$(AZURE_CLIENT_SECRET)",
        "${AZURE_CLIENT_SECRET}",
        "${{ secrets.AZURE_CLIENT_SECRET }}",
        "#{ClientSecret}#",
        "<your-client-secret>",
        "YOUR_CLIENT_SECRET",
        "changeme",
    ] {
        let field = Field::secret(wrong()).set("AZURE_CLIENT_SECRET", instead);
        let seen = field.check();
        seen.root("credential-incomplete", "certain").never_says("New client secret").never_says("credential reset");
        assert!(!field.entra.received().iter().any(|head| head.starts_with("POST")), "{instead}");
        if instead.len() > 12 {
            seen.never_says(instead);
        }
    }
    let vault = "@Microsoft.KeyVault(VaultName=kv;SecretName=x)";
    let on_app_service = Field::secret(wrong()).set("AZURE_CLIENT_SECRET", vault).set("WEBSITE_SITE_NAME", "app1");
    on_app_service.check().root("credential-incomplete", "certain").says("Key Vault Secrets User");
    // A real secret may be a GUID, or have signs in it: it is sent, and Entra's word counts.
    for secret in ["12345678-1234-4234-8234-123456789012", "abc8Q~x_y.Z-0123456789", "%a~b", "p@ss(word)$"] {
        Field::secret(wrong()).set("AZURE_CLIENT_SECRET", secret).check().root("caller-secret-invalid", "certain");
    }
}

#[test]
fn an_empty_secret_of_a_pipeline_is_named() {
    let empty = |mark: &str| {
        Field::secret(|_| issued(RESOURCE)).set("AZURE_CLIENT_SECRET", "").set(mark, "true").set("RUNNER_OS", "Linux")
    };
    for mark in ["GITHUB_ACTIONS", "TF_BUILD"] {
        let seen = empty(mark).check();
        seen.root("credential-incomplete", "certain").says("AZURE_CLIENT_SECRET").never_says("id-token: write");
    }
    let job = Field::new(|_| http("404 Not Found", "", ""))
        .set("TF_BUILD", "True")
        .set("servicePrincipalId", CLIENT)
        .set("tenantId", TENANT)
        .set("idToken", "x");
    let seen = job.check();
    seen.root("identity-unsupported-on-host", "likely").never_says("no task signed the job in");
    seen.says("--credential azure-cli").says(CLIENT);
}

#[test]
fn the_words_of_a_refusal_outrank_its_number() {
    let secret = |number, text: &'static str| Field::secret(move |_| entra(number, text)).check();
    secret(50_012, "Invalid client secret is provided.").root("caller-secret-invalid", "certain");
    secret(70_001, "Application 'x' is disabled.").root("caller-disabled", "certain");
    secret(70_001, "Application with identifier 'x' was not found in the directory y.")
        .root("caller-not-in-tenant", "certain");
    let nested = "Error validating credentials. AADSTS50012: Invalid client secret is provided.";
    secret(70_002, nested).root("caller-secret-invalid", "certain");
    // What a secret can't be refused for is nothing that a certificate or a federated credential would cure.
    for (number, text) in [
        (700_027, "Client assertion contains an invalid signature."),
        (700_213, "No matching federated identity record found for presented assertion subject 'x'."),
        (500_133, "Assertion is not within its valid time range."),
    ] {
        let seen = secret(number, text);
        seen.never_says("Upload certificate").never_says("federated-credential create");
        assert_eq!(seen.code(), "token-request-rejected");
    }
}

#[test]
#[cfg(unix)]
fn a_certificate_that_entra_names_is_the_callers() {
    for number in [1_000_502, 7_000_214, 7_000_274, 7_000_277] {
        let said = format!("ERROR: AADSTS{number}: The certificate is refused.");
        Field::azure_cli(&said).check().root("caller-certificate-rejected", "certain");
    }
}

/// Only a missing match is cured by a federated credential.
#[test]
fn an_assertion_that_is_refused_needs_no_federated_credential() {
    let federated = |claims: &Value, number, text: &str| {
        let text = text.to_owned();
        let seen = Field::federated(claims, move |_| entra(number, &text)).check();
        seen.never_says("federated-credential create").never_says("azuread_application_federated");
        seen
    };
    let claims = service_account(AKS, EXCHANGE, 60);
    for (number, text) in [
        (50_013, "Assertion failed signature validation. [Reason - The key was not found.]"),
        (50_027, "JWT token is invalid or malformed."),
        (700_027, "Client assertion contains an invalid signature. [Reason - The key was not found.]"),
        (50_012, "Client assertion contains an invalid signature."),
        (700_024, "Client assertion is not within its valid time range."),
        (
            5_000_811,
            "Unable to verify token signature. The signing key identifier does not match any valid registered keys.",
        ),
        (700_238, "Tokens issued by issuer 'x' may not be used for federated identity credential flows."),
    ] {
        let seen = federated(&claims, number, text);
        assert_eq!(seen.code(), "assertion-rejected", "{number}");
    }
    // Two times that are ahead, in the text or in the token alone.
    let text = "Client assertion is not within its valid time range. Current time: 2026-11-26T10:00:00Z, assertion \
        valid from 2026-11-26T11:00:00Z, expiry time of assertion 2026-11-26T12:00:00Z.";
    federated(&claims, 700_024, text).root("assertion-rejected", "certain").says("2026-11-26T11:00:00Z").says("clock");
    let mut ahead = claims.clone();
    (ahead["nbf"], ahead["exp"]) = (json!(now() + 4000), json!(now() + 8000));
    federated(&ahead, 700_024, "Client assertion is not within its valid time range.")
        .root("assertion-rejected", "certain")
        .says("clock");
    // A token that was itself exchanged, two credentials that match at once, and one with an audience of its own.
    for (number, text) in [
        (
            700_231,
            "Token obtained using a federated identity credential may not be used as a federated identity credential.",
        ),
        (700_263, "A federated identity credential with issuer and subject already exists."),
        (700_214, "The audience of a federated identity credential must be a URI."),
    ] {
        federated(&claims, number, text).root("federated-credential-mismatch", "certain");
    }
    // What no credential matches is still said to be so.
    let none = "No matching federated identity record found for presented assertion subject 'x'.";
    let seen = Field::federated(&claims, move |_| entra(700_213, none)).check();
    seen.root("federated-credential-mismatch", "certain").says("federated-credential create");
}

#[test]
fn an_assertion_of_another_tenant_of_entra() {
    let issuer = format!("https://login.microsoftonline.com/{OTHER_TENANT}/v2.0");
    let claims = json!({"iss": issuer, "tid": OTHER_TENANT, "sub": CLIENT, "aud": EXCHANGE, "exp": now() + 3600});
    for (number, text) in [
        (700_222, "AAD-issued tokens may not be used for federated identity credential flows in this tenant."),
        (700_236, "Entra ID tokens issued by issuer 'x' may not be used for federated identity credential flows."),
        (700_211, "No matching federated identity record found for presented assertion issuer 'x'."),
    ] {
        let seen = Field::federated(&claims, move |_| entra(number, text)).check();
        seen.root("identity-in-other-tenant", "likely").says(TENANT).says(OTHER_TENANT);
        seen.never_says("federated-credential create");
    }
    // The same tenant is none.
    let own = json!({"iss": issuer.replace(OTHER_TENANT, TENANT), "sub": CLIENT, "aud": EXCHANGE, "exp": now() + 3600});
    let text = "No matching federated identity record found for presented assertion issuer 'x'.";
    Field::federated(&own, move |_| entra(700_211, text)).check().root("federated-credential-mismatch", "certain");
}

#[test]
fn a_selector_that_is_no_guid() {
    let text = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
    let with = |id: &str| Field::app_service(move |_| app_service("400 Bad Request", text)).set("AZURE_CLIENT_ID", id);
    for id in ["my-identity", "id-app1-prod", "@Microsoft.KeyVault(VaultName=kv;SecretName=x)"] {
        let seen = with(id).check();
        seen.root("selected-identity-not-attached", "certain").says("GUID");
        assert!(!seen.fixes().contains(id), "{}", seen.fixes());
    }
    with(CLIENT).check().root("selected-identity-not-attached", "certain").says(CLIENT);
}

#[test]
#[cfg(unix)]
fn a_users_refusal_is_fixed_for_the_user() {
    let say = |said: &str| Field::azure_cli(&format!("ERROR: {said}")).check();
    let for_users = |seen: &Seen| {
        for words in ["appRoleAssignmentRequired", "Service principal sign-ins", "AZURE_CLIENT_SECRET", "app role for"]
        {
            assert!(!seen.fixes().contains(words), "{words}: {}", seen.fixes());
        }
    };
    let assigned =
        say("AADSTS50105: Your administrator has configured the application orders to block users unless they \
        are specifically granted ('assigned') access to the application.");
    assigned.root("assignment-required-not-assigned", "certain").says("Users and groups");
    for_users(&assigned);
    let blocked =
        say("AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not \
        allow token issuance.\nInteractive authentication is needed. Please run:\naz logout\naz login --tenant x");
    blocked.root("conditional-access-blocked", "certain").says("User sign-ins").says("az login --tenant");
    for_users(&blocked);
    for said in [
        "AADSTS530084: Access has been blocked by conditional access token protection policy.",
        "AADSTS53000: Your device is required to be compliant.",
    ] {
        let seen = say(said);
        seen.root("conditional-access-blocked", "certain").says("User sign-ins");
        for_users(&seen);
    }
    for said in [
        "AADSTS700082: The refresh token has expired due to inactivity.",
        "AADSTS50020: User account 'ann@fabrikam.com' does not exist in tenant 'Contoso'.",
        "AADSTS50173: The provided grant has expired due to it being revoked.",
        "AADSTS50034: The user account does not exist in the directory.",
        "AADSTS50132: The session is not valid due to password expiration.",
    ] {
        let seen = say(said);
        seen.root("token-request-rejected", "certain").says("az login --tenant");
        for_users(&seen);
    }
    // The same policy refuses an application, which has no browser.
    let text = "Access has been blocked by Conditional Access policies.";
    Field::secret(move |_| entra(53_003, text)).check().says("Service principal sign-ins").never_says("az login");
}

#[test]
#[cfg(unix)]
fn what_az_says_without_a_number() {
    let say = |said: &str| Field::azure_cli(&format!("ERROR: {said}")).check();
    for said in [
        "No subscription found. Run 'az account set' to select a subscription.",
        "[Errno 13] Permission denied: '/home/x/.azure/msal_token_cache.json'",
        "The following tenants require MFA. Use 'az login --tenant TENANT_ID' to explicitly login to a tenant.",
    ] {
        let seen = say(said);
        seen.root("credential-incomplete", "certain").says("az login").never_says("AZURE_CLIENT_SECRET");
    }
    say("No subscription found. Run 'az account set' to select a subscription.").says("--allow-no-subscriptions");
    let msi =
        say("Failed to connect to MSI. Please make sure MSI is configured correctly.\nGet Token request returned: \
        <Response [400]>");
    msi.unknown("Failed to connect to MSI", "identity-not-enabled").never_says("accountEnabled");
    let wam =
        say("(pii). Status: Response_Status.Status_IncorrectConfiguration, Error code: 3399614476, Tag: 557973645");
    wam.unknown("Status_IncorrectConfiguration", "credential-incomplete").never_says("accountEnabled");
    let arguments = say("unrecognized arguments: --scope api://x/.default");
    arguments.unknown("unrecognized arguments", "").never_says("accountEnabled").never_says("proxy or firewall");
    for network in [
        "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /x (Caused by \
         NameResolutionError(\"Failed to resolve 'login.microsoftonline.com'\"))",
        "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /x (Caused by \
         SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')))",
    ] {
        let seen = say(network);
        let named = seen.code() == "caller-egress-blocked" || seen.candidates().contains(&"caller-egress-blocked");
        assert!(named && seen.confidence() != "certain", "{:#}", seen.0["root_cause"]);
        seen.never_says("accountEnabled");
    }
}

#[test]
fn the_tenant_that_is_asked() {
    for (tenant, number, text) in [
        ("common", 700_016, "Application with identifier 'x' was not found in the directory 'Microsoft Services'."),
        ("organizations", 50_059, "No tenant-identifying information found in either the request or implied."),
        ("consumers", 9_001_023, "The grant type is not supported over the /common or /consumers endpoints."),
    ] {
        let seen = Field::secret(move |_| entra(number, text)).set("AZURE_TENANT_ID", tenant).check();
        seen.root("tenant-not-found", "certain").says(tenant).never_says("az ad sp create");
    }
    // App 2's challenge names its tenant.
    let text = "Application with identifier 'x' was not found in the directory 'Fabrikam'.";
    let field = Field::secret(move |_| entra(700_016, text)).set("AZURE_TENANT_ID", OTHER_TENANT);
    field.check().root("caller-not-in-tenant", "certain").says(OTHER_TENANT).says(TENANT);
    Field::secret(move |_| entra(700_016, text)).check().root("caller-not-in-tenant", "certain");
}

#[test]
fn an_application_that_requests_a_token_for_itself() {
    let text = "Application 'x'(orders) is requesting a token for itself. This scenario is supported only if resource \
        is specified using the GUID based App Identifier.";
    let own = format!("api://{CLIENT}");
    let field = Field::secret(move |_| entra(90_009, text)).option(&["--resource", &own]);
    let seen = field.check();
    seen.root("token-request-rejected", "certain").says(&format!("-r \\\"{CLIENT}\\\""));
}

/// An answer without Entra's number, whose words the table of error texts has.
#[test]
fn words_without_a_number() {
    let text = "AADB2C90081: The specified client_secret does not match the expected value for this client.";
    let body = json!({"error": "invalid_client", "error_description": text});
    Field::secret(move |_| as_json("400 Bad Request", &body)).check().unknown("AADB2C90081", "caller-secret-invalid");
}

/// A page for people has Entra's number, too.
#[test]
fn a_number_within_a_page() {
    let page = "<html><title>Sign in</title>AADSTS900561: The endpoint only accepts POST requests.</html>";
    let seen = Field::secret(move |_| http("200 OK", "content-type: text/html\r\n", page)).check();
    seen.root("token-request-rejected", "certain").says("900561");
}

#[test]
fn a_host_with_an_endpoint_of_its_own_is_no_pod() {
    let refused = |field: Field| {
        let mut field = field.set("KUBERNETES_SERVICE_HOST", "10.0.0.1");
        field.app2 = Server::answers(|head| answer(head, "403 Forbidden", "x-ms-middleware-request-id: 1\r\n", ""));
        field.check()
    };
    let token = |id: &'static str| move |_: &str| issued_with(RESOURCE, &json!({"xms_mirid": id}));
    let job = "/subscriptions/x/resourcegroups/rg/providers/Microsoft.App/jobs/job1";
    let app = "/subscriptions/x/resourcegroups/rg/providers/Microsoft.App/containerApps/app1";
    let endpoint =
        |field: Field| field.set("IDENTITY_ENDPOINT", "{identity}/msi/token").set("IDENTITY_HEADER", IDENTITY_HEADER);
    for field in [
        endpoint(Field::new(token(job))).set("CONTAINER_APP_JOB_NAME", "job1"),
        endpoint(Field::new(token(app))).set("CONTAINER_APP_HOSTNAME", "app1.x.westeurope.azurecontainerapps.io"),
        endpoint(Field::new(token(app))),
        Field::machine_learning(token("/subscriptions/x/providers/Microsoft.ManagedIdentity/userAssignedIdentities/e")),
    ] {
        let seen = refused(field);
        seen.never_finds("workload-identity-incomplete").never_says("kubectl").never_says("azure.workload.identity");
    }
    // Without an identity, a container of Container Apps is still no pod of the user's.
    for mark in ["CONTAINER_APP_JOB_NAME", "CONTAINER_APP_HOSTNAME", "CONTAINER_APP_JOB_EXECUTION_NAME"] {
        let field = Field::new(|_| http("404 Not Found", "", ""))
            .set("KUBERNETES_SERVICE_HOST", "10.0.0.1")
            .set(mark, "job1-x")
            .set("AZURE_POD_IDENTITY_AUTHORITY_HOST", "{identity}");
        field.check().root("identity-not-enabled", "likely").never_says("kubectl").never_says("virtual machine");
    }
    // A pod that asks its node still is one.
    let node = "/subscriptions/1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-agentpool";
    refused(Field::pod(token(node))).root("workload-identity-incomplete", "likely");
}
