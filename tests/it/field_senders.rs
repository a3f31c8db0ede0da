//! What App 1 sends by mistake, from public reports: another ID than a client ID, a resource without a name, and a
//! token that is only exchanged for an access token.

use serde_json::json;

use crate::field_caller::{Field, TENANT, entra, issued, jwt};
use crate::field_target::ID;
use crate::helpers::server::{RESOURCE, Server};

const NOT_FOUND: &str = "AADSTS700016: Application with identifier 'x' was not found in the directory 'Contoso'.";

/// azure-functions-java-worker#200: `AZURE_CLIENT_ID` has the object ID of the app's own managed identity.
#[test]
fn an_app_with_a_managed_identity_need_not_be_another_application() {
    let mut field = Field::secret(|_| entra(700_016, NOT_FOUND));
    let seen = field.check();
    seen.root("caller-not-in-tenant", "certain");
    assert!(!seen.fixes().contains("managed identity"), "{}", seen.fixes());
    field = field
        .set("IDENTITY_ENDPOINT", "{identity}/msi/token")
        .set("IDENTITY_HEADER", "x")
        .set("WEBSITE_SITE_NAME", "a");
    let seen = field.check();
    seen.root("caller-not-in-tenant", "certain");
    let fixes = seen.fixes();
    assert!(fixes.contains("App 1 also has a managed identity"), "{fixes}");
    // A service principal can't be created by an object ID.
    assert!(fixes.contains("App 1 sends an object ID"), "{fixes}");
}

/// azure-search-openai-demo#1529: the variable behind `api://` was empty.
#[test]
fn a_resource_that_is_only_a_scheme_is_app_1s_own_fault() {
    for resource in ["api://", "https://"] {
        let text =
            format!("AADSTS500011: The resource principal named {resource} was not found in the tenant named x.");
        let mut field = Field::secret(move |_| entra(500_011, &text));
        field = field.option(&["--resource", resource]);
        let Some(seen) = field.try_check() else {
            continue;
        };
        seen.root("resource-undetermined", "certain").says("nothing after the scheme");
        assert_eq!(seen.0["root_cause"]["owner"], "app1", "{resource}");
        assert!(!seen.0.to_string().contains("resource-not-registered"), "{resource}: {:#}", seen.0);
    }
    // A name that only ends in a slash is another fault.
    let seen = Field::app_service(|_| issued(RESOURCE)).option(&["--resource", "api://app2/"]).check();
    assert!(seen.code() != "resource-undetermined", "{:#}", seen.0);
}

/// Azure DevOps' newer OIDC token has an issuer and a version of Entra's own access tokens.
#[test]
fn a_federated_token_is_exchanged_not_an_id_token() {
    let check = |audience: &str, subject: &str| {
        let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let token = jwt(&json!({"iss": issuer, "aud": audience, "sub": subject, "ver": "2.0", "tid": TENANT,
            "iat": 1_700_000_000, "exp": 4_000_000_000_u64}));
        let mut field = Field::secret(|_| issued(RESOURCE));
        field.entra = Server::answers(|_| issued(RESOURCE));
        let file = field.files.path().join("token");
        std::fs::write(&file, token).unwrap();
        field.without_resource().option(&["--token-file", file.to_str().unwrap()]).check()
    };
    let seen = check("fb60f99c-7a34-4190-8149-302f77469936", "/eid1/c/pub/t/x/a/y/sc/z/w");
    seen.root("token-not-an-access-token", "likely").says("federated token");
    assert!(seen.fixes().contains("AzureCLI@2") && !seen.fixes().contains("id_token"), "{}", seen.fixes());
    let seen = check(ID, "a-user");
    seen.root("token-not-an-access-token", "likely").says("an ID token");
    assert!(!seen.fixes().contains("AzureCLI@2"), "{}", seen.fixes());
}
