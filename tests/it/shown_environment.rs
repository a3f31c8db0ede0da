//! App 1's environment: a variable whose name is not known to be harmless keeps its name and loses its value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::helpers::outputs::{came_back_the_same, leak, outputs};
use crate::helpers::server::Server;
use crate::helpers::world::{World, answer};

/// 28 random characters, a pair of which is enough to be told from anything else.
fn canary(number: usize) -> String {
    format!("Qz{number:03}vT7kXw3PmR9sLd5Bn2HcY8fJ")
}

/// Names under which environments were seen to hold secrets, and others of their kind.
const NAMES: [&str; 40] = [
    "AZURE_CREDENTIALS",
    "AZURE_DEVOPS_EXT_PAT",
    "AZURE_WEBAPP_PUBLISH_PROFILE",
    "AZURE_STORAGE_ACCOUNTKEY",
    "AZURE_SEARCH_APIKEY",
    "AZURE_DB_PASS",
    "AZURE_DB_PWD",
    "AZURE_CLIENT_CERTIFICATE",
    "AZURE_CLIENT_SECRET",
    "AZURE_PASSWORD",
    "AZURE_OPENAI_API_KEY",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_COSMOS_ENDPOINT",
    "AZURE_REDIS",
    "AZURE_ANYTHING_AT_ALL",
    "AZURE_",
    "AZURE_SIGNALR_URL",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_AUTH_V2_CONFIG_JSON",
    "WEBSITE_AUTH_ENCRYPTION_KEY",
    "WEBSITE_AUTH_SIGNING_KEY",
    "WEBSITE_SWAP_WARMUP_PING_PATH",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_LOAD_CERTIFICATES",
    "WEBSITE_ANYTHING",
    "WEBSITE_AUTH_AAD_CLAIMS_AUTHORIZATION",
    "WEBSITE_PRIVATE_EXTENSIONS",
    "IDENTITY_HEADER_OLD",
    "MSI_SECRET",
    "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET",
    "SCM_COMMIT_ID",
    "HTTP_PROXY_PASSWORD",
    "SQLCONNSTR_MAIN",
    "CUSTOMCONNSTR_X",
    "APPSETTING_KEY",
    "MY_OWN_SECRET",
    "GITHUB_TOKEN",
    "SYSTEM_ACCESSTOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
];

/// The forms of a secret in a variable.
fn forms(secret: &str) -> [String; 8] {
    [
        secret.to_owned(),
        format!("{{\"clientId\":\"x\",\"clientSecret\":\"{secret}\"}}"),
        format!("https://user:{secret}@db.example.com/path"),
        format!("https://account.blob.core.windows.net/c?sv=2024-01-01&sig={secret}%3D"),
        format!("Server=tcp:db;User ID=u;Password={secret};Encrypt=True"),
        STANDARD.encode(format!("user:{secret}")),
        format!("/warmup?code={secret}"),
        format!("short {secret} words"),
    ]
}

#[test]
fn values_of_unknown_variables_appear_nowhere() {
    for round in 0..8 {
        let mut canaries = Vec::new();
        let mut variables = Vec::new();
        for (number, name) in NAMES.into_iter().enumerate() {
            let secret = canary(number * 8 + round);
            variables.push((name.to_owned(), forms(&secret)[round].clone()));
            canaries.push((name, secret));
        }
        // App 2 shows what it can, as a page for debugging does.
        let page: String =
            variables.iter().map(|(name, value)| format!("<tr><td>{name}</td><td>{value}</td></tr>\n")).collect();
        let mut world = World::refusing("500 Internal Server Error", "content-type: text/html\r\n", &page);
        world.variables.extend(variables);
        let report = world.observe();
        let outputs = outputs(&report);
        for (name, secret) in canaries {
            assert_eq!(leak(&outputs, &secret), None, "{name}, form {round}");
        }
        came_back_the_same("environment", &outputs);
    }
}

#[test]
fn a_secret_in_the_place_of_a_harmless_value_appears_nowhere() {
    for name in [
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AZURE_AUTHORITY_HOST",
        "AZURE_FEDERATED_TOKEN_FILE",
        "WEBSITE_AUTH_CLIENT_ID",
        "WEBSITE_AUTH_OPENID_ISSUER",
        "HTTPS_PROXY",
        "NO_PROXY",
        "DEFAULT_IDENTITY_CLIENT_ID",
    ] {
        let secret = canary(900);
        for value in [
            format!("{secret}~{secret}=="),
            format!("https://user:{secret}@127.0.0.1:9/x"),
            format!("http://127.0.0.1:9/?code={secret}"),
        ] {
            let mut world = World::refusing("403 Forbidden", "", "");
            world.variables.push((name.to_owned(), value));
            let report = world.observe();
            let outputs = outputs(&report);
            assert_eq!(leak(&outputs, &secret), None, "{name}");
            came_back_the_same(name, &outputs);
        }
    }
}

#[test]
fn what_the_diagnosis_needs_of_the_environment_is_shown() {
    let mut world = World::with(Server::answers(|head| answer(head, "200 OK", "", "hello")));
    let id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    for (name, value) in [
        ("AZURE_CLIENT_ID", id),
        ("AZURE_TENANT_ID", "contoso.onmicrosoft.com"),
        ("AZURE_FUNCTIONS_ENVIRONMENT", "Development"),
    ] {
        world.variables.push((name.to_owned(), value.to_owned()));
    }
    let report = world.observe();
    let (_, text) = outputs(&report).into_iter().next().unwrap();
    for shown in [id, "contoso.onmicrosoft.com", "AZURE_FUNCTIONS_ENVIRONMENT", "app1"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains("Development"), "{text}");
}
