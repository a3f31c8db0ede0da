//! Worlds from the field that concern several steps: sign-ins in front, pipelines, placeholders, answers and tokens
//! that contradict themselves. Each row was written with its right answer before it was run.

use easyauth_doctor::report::Confidence::{Likely, Possible};
use serde_json::{Value, json};

use crate::field::caller::{CLIENT, Field, OTHER_TENANT, TENANT, app_service, as_json, imds, issued, issued_with, now};
use crate::field::target::{HTML, World};
use crate::helpers::routing::OWN;
use crate::helpers::server::{RESOURCE, Server, http};
use crate::helpers::world::answer;

fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// Everything is redirected to this address, which answers itself with `there`.
fn gated(to: &'static str, there: &'static str) -> World {
    World::of(move |head| {
        let own = to.starts_with('/').then(|| to.split('?').next().unwrap());
        if own.is_some_and(|own| path(head).starts_with(own)) {
            return match there {
                "" => http("302 Found", &format!("location: {to}\r\n"), ""),
                idp if idp.starts_with("http") => http("302 Found", &format!("location: {idp}\r\n"), ""),
                page => http("200 OK", HTML, page),
            };
        }
        let to = to.replace("{app}", "http%3A%2F%2F127.0.0.1%2Fapi");
        http("302 Found", &format!("location: {to}\r\n"), "")
    })
}

const PAGE: &str = "<html><form><input type=\"password\"></form></html>";
const IDP: &str = "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/oauth2/v2.0/authorize?\
    client_id=a0000000-0000-4000-8000-000000000009&redirect_uri=https%3A%2F%2Fapp2.example%2Foauth2%2Fcallback";

/// A sign-in in front of everything, where marks show whose it is.
#[test]
fn a_known_sign_in_in_front() {
    for (to, there, name) in [
        ("/oauth2/start?rd=%2Fapi", IDP, "OAuth2 Proxy"),
        ("/oauth2/start?rd=%2Fapi", "", "OAuth2 Proxy"),
        ("/oauth2/sign_in", PAGE, "OAuth2 Proxy"),
        (IDP, "", "OAuth2 Proxy"),
        ("https://auth.example/oauth2/start?rd=%2Fapi", "", "OAuth2 Proxy"),
        ("/outpost.goauthentik.io/start?rd=x", PAGE, "authentik"),
        ("https://team.cloudflareaccess.com/cdn-cgi/access/login/app2.example?kid=1", "", "Cloudflare"),
        ("https://sts.example/authorize?redirect_uri=https%3A%2F%2Fapp2.example%2Foauth2%2Fidpresponse", "", "Elastic"),
    ] {
        let seen = gated(to, there).observe();
        seen.is("app-validates-token-itself", Likely);
        assert_eq!(seen.says("app-validates-token-itself").as_deref(), Some("gateway"), "{to}");
        assert!(seen.tells(name), "{to} is {name}'s");
    }
}

/// A sign-in for everybody whose owner nothing shows: the app isn't blamed.
#[test]
fn a_sign_in_of_nobody_known() {
    for (to, there) in [
        ("/login", PAGE),
        ("/login?next=%2Fapi", ""),
        ("/sso/start", "welcome"),
        ("https://login.example/signin?x=1", ""),
        ("https://sso.example/", ""),
        ("https://portal.example/?rd={app}", ""),
        ("https://idp.example/realms/x/protocol/openid-connect/auth?client_id=y", ""),
    ] {
        let seen = gated(to, there).observe();
        if to == "https://sso.example/" {
            // Nothing in the address reads like a sign-in.
            assert_eq!(seen.root(), "authorization-header-dropped");
            continue;
        }
        seen.is("undetermined-failure", Possible);
        assert!(!seen.candidates().contains(&"app-error"), "{to}: {:?}", seen.candidates());
        assert!(!seen.candidates().contains(&"audience-not-allowed"), "{to}: {:?}", seen.candidates());
    }
}

/// Without credentials, a pipeline's job needs the pipeline's own sign-in.
#[test]
fn a_job_of_a_pipeline_has_no_managed_identity() {
    // The agent is a virtual machine whose metadata endpoint is silent or has no identity, or no machine shows.
    let silent = |mark: &str| Field::new(|_| http("404 Not Found", "", "")).set(mark, "true");
    let machine = |mark: &str| Field::machine(|_| imds("Identity not found")).set(mark, "true");
    let by_file = |mark: &str| {
        let field = Field::new(|_| http("404 Not Found", "", ""));
        let file = field.files.path().join("environ");
        std::fs::write(&file, format!("{mark}=true\n")).unwrap();
        let file = file.display().to_string();
        field.option(&["--environ", &file])
    };
    for job in [silent, machine] {
        let permitted =
            job("GITHUB_ACTIONS").set("ACTIONS_ID_TOKEN_REQUEST_URL", "https://pipelines.example/t").check();
        permitted.root("identity-unsupported-on-host", "likely").never_says("no permission");
    }
    for github in [silent("GITHUB_ACTIONS"), machine("GITHUB_ACTIONS"), by_file("GITHUB_ACTIONS")] {
        let seen = github.check();
        seen.root("identity-unsupported-on-host", "likely").says("id-token: write").says("azure/login");
        seen.never_says("Static Web Apps").never_says("create-for-rbac").never_says("AzureCLI@2");
    }
    for devops in [silent("TF_BUILD"), machine("TF_BUILD"), by_file("TF_BUILD")] {
        devops.check().root("identity-unsupported-on-host", "likely").says("AzureCLI@2").never_says("azure/login");
    }
}

/// What only holds the place of an ID has a form of its own, and nothing is asked with it.
#[test]
fn a_placeholder_is_sent_to_nobody() {
    let places =
        ["<your-client-id>", "00000000-0000-0000-0000-000000000000", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "$(ID)"];
    for place in places {
        let field = Field::secret(|_| issued(RESOURCE)).set("AZURE_CLIENT_ID", place);
        field.check().root("credential-incomplete", "certain").says("placeholder");
        assert!(!field.entra.received().iter().any(|head| head.starts_with("POST")), "{place}");
        let field = Field::secret(|_| issued(RESOURCE)).set("AZURE_TENANT_ID", place);
        field.check().root("credential-incomplete", "certain").says("placeholder");
        assert!(!field.entra.received().iter().any(|head| head.starts_with("POST")), "{place}");
        let field = Field::app_service(|_| issued(RESOURCE)).set("AZURE_CLIENT_ID", place);
        field.check().root("selected-identity-not-attached", "certain").says("placeholder");
        assert!(field.identity.received().is_empty(), "{place}: {:?}", field.identity.received());
    }
    Field::app_service(|_| issued(RESOURCE))
        .set("AZURE_CLIENT_ID", CLIENT)
        .check()
        .never_finds("credential-incomplete");
}

/// Entra's text has one number, and its list another: neither is judged by with certainty.
#[test]
fn a_refusal_that_contradicts_itself() {
    let refusal = |listed: &Value| {
        let text = "AADSTS7000215: Invalid client secret provided. Trace ID: x";
        as_json(
            "401 Unauthorized",
            &json!({"error": "invalid_client", "error_description": text, "error_codes": listed}),
        )
    };
    let two = Field::secret(move |_| refusal(&json!([500_011]))).check();
    two.root("undetermined-token-refusal", "possible").says("7000215").says("500011");
    for code in ["caller-secret-invalid", "resource-not-registered"] {
        assert!(two.candidates().contains(&code), "{:?}", two.candidates());
    }
    // The list may have more numbers, and none at all.
    for listed in [json!([500_011, 7_000_215]), json!([7_000_215]), json!([])] {
        Field::secret(move |_| refusal(&listed)).check().root("caller-secret-invalid", "certain");
    }
    // A number of the first step.
    let step_1 = Field::app_service(|_| {
        let text = "AADSTS7000215: Invalid client secret provided.";
        as_json("400 Bad Request", &json!({"error": "x", "error_description": text, "error_codes": [700_016]}))
    });
    assert_ne!(step_1.check().confidence(), "certain");
}

/// A server's answer that is no HTTP, in this program's words.
#[test]
fn a_malformed_answer_in_plain_words() {
    for (answer, words) in [
        ("HTTP/1.1 200 OK\r\nbad header\r\n\r\n", "a response header is malformed"),
        ("HTTP/1.1 2x0 OK\r\n\r\n", "first line"),
        ("SSH-2.0-OpenSSH\r\n\r\n", "doesn't begin with an HTTP version"),
        ("HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n", "Content-Length"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\nshort", "closed before the response was complete"),
    ] {
        let mut field = Field::app_service(|_| issued(RESOURCE));
        field.app2 = Server::answers(move |_| answer.to_owned());
        let seen = field.check();
        seen.root("target-unreachable", "likely").says(words).never_says("parsed").never_says("invalid HTTP");
    }
}

/// A list of audiences isn't Entra's form: no rule of App 2's decides about it, whether one of them is listed or not.
#[test]
fn an_audience_in_a_list() {
    for list in [json!([RESOURCE]), json!([RESOURCE, "api://other"]), json!(["api://other"])] {
        let mut field = Field::app_service(move |_| issued_with(RESOURCE, &json!({"aud": list})));
        field.app2 = Server::answers(|head| answer(head, "401 Unauthorized", "", ""));
        field.check().root("token-not-from-entra", "likely").never_finds("audience-not-allowed");
    }
    let works = Field::app_service(|_| issued_with(RESOURCE, &json!({"aud": [RESOURCE]}))).check();
    assert_ne!((works.verdict(), works.confidence()), ("fail", "certain"));
    Field::app_service(|_| issued_with(RESOURCE, &json!({}))).check().passes();
}

/// What an issuer adds to a token keeps its name and loses its value, in every format.
#[test]
fn an_unknown_claim_keeps_its_value_to_itself() {
    let secret = "pa55phrase-of-nobody";
    let changes = json!({"extension_key": secret, "custom": {"deep": secret}, "more": [secret], "tenant_ctry": "DE"});
    for format in ["text", "json", "markdown", "html", "junit"] {
        let field = Field::app_service({
            let changes = changes.clone();
            move |_| issued_with(RESOURCE, &changes)
        });
        let case = field.files.path().join("case.json");
        let mut program = crate::helpers::program::doctor(&["check", "-v", "--timeout", "5", "--format", format]);
        program.args(["--authority", &field.entra.url, "--resource", RESOURCE, "--target"]);
        program.args([format!("{}/api", field.app2.url).as_str(), "--save", case.to_str().unwrap()]);
        for (name, value) in &field.variables {
            program.env(name, value.replace("{identity}", &field.identity.url));
        }
        let output = program.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &std::fs::read_to_string(&case).unwrap();
        assert!(!said.contains(secret), "{format}");
        assert!(said.contains("extension_key") && said.contains("[text, 20 characters]"), "{format}");
    }
}

/// Without a placeholder in the way, the words of the endpoint still decide.
#[test]
fn an_id_that_is_none_of_app_1s_is_asked_for() {
    let text = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
    let field = Field::app_service(move |_| app_service("400 Bad Request", text)).set("AZURE_CLIENT_ID", TENANT);
    field.check().root("selected-identity-not-attached", "certain").never_says("placeholder");
    assert!(now() > 0 && !field.identity.received().is_empty());
}

/// What Graph says of the IDs that App 2 lists: a deleted one is a warning, whatever else refuses the caller.
#[test]
fn listed_ids_that_no_longer_exist() {
    let found = |status: &'static str, body: Value| {
        let graph = Server::answers(move |head| match head.contains("%20in%20") {
            true => as_json(status, &body),
            false => as_json("403 Forbidden", &json!({"error": {"code": "Authorization_RequestDenied"}})),
        });
        let settings = json!({"properties": {"platform": {"enabled": true}, "identityProviders": {
            "azureActiveDirectory": {"registration": {"clientId": OWN}, "validation": {
                "defaultAuthorizationPolicy": {"allowedApplications": [OWN, GONE], "allowedPrincipals":
                    {"identities": [TENANT]}}}}}}});
        let mut field = Field::app_service(|head| match head.contains("graph.microsoft.com") {
            true => issued("https://graph.microsoft.com"),
            false => issued(RESOURCE),
        });
        field.app2 = Server::answers(|head| answer(head, "403 Forbidden", "", ""));
        let file = field.files.path().join("settings.json");
        std::fs::write(&file, settings.to_string()).unwrap();
        let file = file.display().to_string();
        let seen = field.option(&["--auth-settings", &file, "--graph", &graph.url]).check();
        let asked: Vec<String> = graph.received().into_iter().filter(|head| head.contains("%20in%20")).collect();
        assert_eq!(asked.len(), 1);
        assert!(asked[0].contains(GONE) && asked[0].contains(TENANT) && !asked[0].contains(OWN), "{asked:?}");
        seen
    };
    let warned = found("200 OK", json!({"value": [{"id": TENANT, "appId": OTHER_TENANT}]}));
    warned.root("caller-not-in-allowed-applications", "certain").finds("listed-identity-deleted");
    let finding = warned.0["steps"][6]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["code"] == "listed-identity-deleted");
    let finding = finding.unwrap();
    assert_eq!(finding["severity"], "warning");
    assert!(finding["message"].as_str().is_some_and(|text| text.contains(GONE) && !text.contains(TENANT)), "{finding}");
    // All are there, not all are shown, and nothing is shown.
    for (status, body) in [
        ("200 OK", json!({"value": [{"id": TENANT}, {"appId": GONE.to_uppercase()}]})),
        ("200 OK", json!({"value": [], "@odata.nextLink": "https://graph.microsoft.com/next"})),
        ("200 OK", json!({"error": "none"})),
        ("403 Forbidden", json!({"value": []})),
    ] {
        found(status, body).never_finds("listed-identity-deleted");
    }
}

const GONE: &str = "e8f6a7b8-5555-4666-8777-88889999aaab";
