//! What App 1 sends by mistake, from public reports: another ID than a client ID, a resource without a name, and a
//! token that is only exchanged for an access token.

use serde_json::json;

use crate::field::caller::{
    CLIENT, Field, OTHER_TENANT, TENANT, app_service, entra, issued, jwt, now, service_account,
};
use crate::field::target::{ID, PASSED, behind_easy_auth, settings, v1_issuer};
use crate::helpers::network::NOBODY;
use crate::helpers::server::{RESOURCE, Server, http};

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

/// msdocs-fastapi-postgresql-sample-app#17, azure-docs#101253: the list contains an agent's blueprint, or the caller is
/// a service of Microsoft's.
#[test]
fn a_caller_that_is_no_app_of_ones_own_is_named() {
    let check = |client: &str, blueprint: Option<&str>| {
        let mut field = Field::secret(|_| issued(RESOURCE));
        field.app2 = Server::answers(|head| behind_easy_auth(head, |_| http("403 Forbidden", PASSED, "")));
        let token =
            jwt(&json!({"iss": v1_issuer(), "aud": RESOURCE, "appid": client, "oid": OTHER_TENANT, "ver": "1.0",
            "tid": TENANT, "iat": now() - 300, "nbf": now() - 300, "exp": now() + 3600, "idtyp": "app",
            "xms_par_app_azp": blueprint}));
        let file = |name: &str, text: &str| {
            let path = field.files.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let (token, shown) =
            (file("token", &token), file("s", &settings(&v1_issuer(), &[RESOURCE], &[ID]).to_string()));
        field.option(&["--token-file", &token, "--auth-settings", &shown]).check()
    };
    const NOT_LISTED: &str = "caller-not-in-allowed-applications";
    let seen = check("4962773b-9cdb-44cf-a8bf-237846a00ab7", None);
    seen.root(NOT_LISTED, "certain").says("The client ID of Azure Event Grid");
    let seen = check(CLIENT, Some(ID));
    seen.root(NOT_LISTED, "certain").says("agent blueprint");
    check(CLIENT, Some(OTHER_TENANT)).root(NOT_LISTED, "certain").never_says("blueprint");
}

/// login#515 and #617: what differs is the case, or the form with IDs.
#[test]
fn a_subject_of_github_says_what_may_differ() {
    const CASE: &str = "AADSTS7002138: No matching federated identity record found. The subject matches with \
        case-insensitive comparison, but not with case-sensitive comparison.";
    const NONE: &str = "AADSTS700213: No matching federated identity record found for presented assertion subject 'x'.";
    let check = |number: u32, text: &'static str, issuer: &str| {
        let claims = service_account(issuer, "api://AzureADTokenExchange", 60);
        Field::federated(&claims, move |_| entra(number, text)).check()
    };
    const GITHUB: &str = "https://token.actions.githubusercontent.com";
    for (number, text, issuer, said) in [
        (7_002_138, CASE, GITHUB, Some("only in case")),
        (700_213, NONE, GITHUB, Some("one of two forms")),
        (700_213, NONE, "https://oidc.prod-aks.azure.com/x/", None),
    ] {
        let seen = check(number, text, issuer);
        seen.root("federated-credential-mismatch", "certain");
        for words in ["only in case", "one of two forms"] {
            assert_eq!(seen.fixes().contains(words), said == Some(words), "{number} {issuer}: {}", seen.fixes());
        }
    }
}

/// azure-sdk-for-net#38218 and #23256, azure-functions#1486: who answers instead of the identity endpoint.
#[test]
fn what_answers_instead_of_an_identity_endpoint_is_known() {
    let dials = "connecting to 169.254.169.254:80: dial tcp 169.254.169.254:80: connectex: unreachable host";
    let seen = Field::machine(move |_| http("403 Forbidden", "", dials)).check();
    seen.root("proxy-intercepts-identity-endpoint", "likely");
    let mut field = Field::machine_learning(|_| String::new()).set("MSI_ENDPOINT", &format!("{NOBODY}/"));
    let seen = field.check();
    seen.root("identity-endpoint-unreachable", "certain");
    assert!(seen.fixes().contains("remove the variables MSI_ENDPOINT"), "{}", seen.fixes());
    field = Field::app_service(|_| app_service("503 Service Unavailable", "An unexpected error occured"));
    let seen = field.check();
    seen.root("identity-endpoint-transient", "likely");
    assert!(seen.fixes().contains("restart App 1"), "{}", seen.fixes());
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
