//! The lab's services answer as the real ones do, and its App 2 truly checks what it is given.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::time::Duration;

use crate::helpers::lab_client::{call, claims, get, identity, send, start, token, variable};
use crate::helpers::observing::{self, scenarios};
use crate::helpers::program::doctor;
use easyauth_doctor::case::code::Code;
use easyauth_doctor::lab::{Server, scenario};

#[tokio::test]
async fn app_2_admits_the_right_token_and_refuses_every_wrong_one() {
    let lab = start("healthy").await;
    let target = lab.target();
    let good = token(&lab, &lab.resource().unwrap()).await;
    assert_eq!(call(&target, &good).await.status, 200);
    assert_eq!(get(&target, &[]).await.status, 401, "no token");
    assert_eq!(call(&target, "rubbish").await.status, 401, "not a token");

    let (message, signature) = good.rsplit_once('.').unwrap();
    let forged: String = signature.chars().rev().collect();
    assert_eq!(call(&target, &format!("{message}.{forged}")).await.status, 401, "forged signature");
    assert_eq!(call(&target, &format!("{message}.")).await.status, 401, "no signature");

    let other = token(&lab, "https://management.azure.com").await;
    assert_eq!(call(&target, &other).await.status, 401, "audience of another API");
}

#[tokio::test]
async fn a_v1_token_carries_what_it_was_asked_for_and_who_asked() {
    let lab = start("healthy").await;
    let resource = lab.resource().unwrap();
    let claims = claims(&token(&lab, &resource).await);
    let tenant = lab.value("tenant.id").unwrap();
    assert_eq!(claims["aud"], resource);
    assert_eq!(claims["iss"], format!("https://sts.windows.net/{tenant}/"));
    assert_eq!(claims["appid"], lab.value("app1.system_identity.client_id").unwrap());
    assert_eq!(claims["oid"], lab.value("app1.system_identity.object_id").unwrap());
    assert_eq!(claims["oid"], claims["sub"]);
    assert_eq!(claims["xms_mirid"], lab.value("app1.system_identity.resource_id").unwrap());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(), 86_400);
}

#[tokio::test]
async fn a_v2_token_is_for_the_client_id_whatever_was_asked() {
    let lab = start("audience-token-version-mismatch").await;
    let claims = claims(&token(&lab, &lab.resource().unwrap()).await);
    assert_eq!(claims["aud"], lab.value("registration.client_id").unwrap());
    assert_eq!(claims["ver"], "2.0");
    assert_eq!(claims["azp"], lab.value("app1.system_identity.client_id").unwrap());
    assert!(claims.get("appid").is_none());
}

#[tokio::test]
async fn the_identity_endpoint_checks_header_version_resource_and_selector() {
    let lab = start("healthy").await;
    let endpoint = variable(&lab, "IDENTITY_ENDPOINT");
    let header = variable(&lab, "IDENTITY_HEADER");
    let full = format!("{endpoint}?resource={}&api-version=2019-08-01", lab.resource().unwrap());
    let ask = async |url: &str| get(url, &[("X-IDENTITY-HEADER", &header)]).await;
    assert_eq!(ask(&full).await.status, 200);
    assert_eq!(get(&full, &[]).await.status, 401);
    assert_eq!(get(&full, &[("X-IDENTITY-HEADER", "wrong")]).await.status, 401);
    let old = ask(&full.replace("2019-08-01", "2017-09-01")).await;
    assert_eq!((old.status, old.json()["error"]["code"].as_str()), (400, Some("UnsupportedApiVersion")));
    assert_eq!(ask(&format!("{endpoint}?api-version=2019-08-01")).await.status, 400);
    let own = lab.value("app1.system_identity.client_id").unwrap();
    let selected = ask(&format!("{full}&client_id={own}")).await;
    assert_eq!(selected.status, 400);
    assert!(selected.body.contains("No User Assigned or Delegated Managed Identity found"), "{}", selected.body);
}

#[tokio::test]
async fn refusals_of_entra_are_hidden_or_passed_on_as_the_platform_does() {
    let lab = start("assignment-required-not-assigned").await;
    let answer = identity(&lab, &lab.resource().unwrap()).await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("An unexpected error occured while fetching the AAD Token."));
    assert!(!answer.body.contains("501051"));
    assert_eq!(identity(&lab, "https://management.azure.com").await.status, 200);

    let lab = start("resource-not-registered").await;
    let answer = identity(&lab, &lab.resource().unwrap()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("AADSTS500011"), "{}", answer.body);
}

#[tokio::test]
async fn the_challenge_names_the_client_id_with_spaces_between_parameters() {
    let lab = start("healthy").await;
    let answer = get(&lab.target(), &[]).await;
    let challenge = answer.header("www-authenticate").unwrap();
    let client_id = lab.value("registration.client_id").unwrap();
    assert!(challenge.starts_with("Bearer realm=\"127.0.0.1:"), "{challenge}");
    assert!(challenge.ends_with(&format!("\" resource_id=\"{client_id}\"")), "{challenge}");
    assert!(!challenge.contains(','), "{challenge}");
    assert_eq!(answer.body, "");
    assert!(answer.header("x-ms-middleware-request-id").is_some());
}

#[tokio::test]
async fn the_front_end_answers_with_its_own_reason_phrase() {
    let lab = start("network-access-restricted").await;
    let answer = get(&lab.target(), &[]).await;
    assert_eq!((answer.status, answer.reason.as_str()), (403, "Ip Forbidden"));
    assert!(answer.header("x-ms-forbidden-ip").is_some());
}

#[tokio::test]
async fn resource_manager_shows_settings_to_those_who_may_read_them() {
    let lab = start("healthy").await;
    let site = format!("{}{}", lab.resource_manager(), lab.target_resource_id().unwrap());
    let url = format!("{site}/config/authsettingsV2?api-version=2024-04-01");
    assert_eq!(get(&url, &[]).await.status, 401);
    let wrong = token(&lab, &lab.resource().unwrap()).await;
    assert_eq!(call(&url, &wrong).await.json()["error"]["code"], "InvalidAuthenticationTokenAudience");
    let good = token(&lab, "https://management.azure.com").await;
    let settings = call(&url, &good).await.json();
    assert_eq!(settings["name"], "authsettingsV2");
    assert_eq!(settings["properties"]["platform"]["enabled"], true);
    assert_eq!(call(&format!("{site}?api-version=2024-04-01"), &good).await.json()["name"], "app2");

    let lab = observing::start(&scenario::find("healthy").unwrap(), false).await;
    assert!(lab.target_resource_id().is_none());
    let good = token(&lab, "https://management.azure.com").await;
    let url = format!(
        "{}/subscriptions/{}/providers/Microsoft.Web/sites?api-version=2024-04-01",
        lab.resource_manager(),
        lab.value("site.subscription").unwrap()
    );
    let denied = call(&url, &good).await;
    assert_eq!((denied.status, denied.json()["error"]["code"].as_str().unwrap()), (403, "AuthorizationFailed"));
}

#[tokio::test]
async fn graph_shows_registration_and_assignments() {
    let lab = start("healthy").await;
    let token = token(&lab, "https://graph.microsoft.com").await;
    let client_id = lab.value("registration.client_id").unwrap();
    let url = format!("{}/v1.0/servicePrincipals(appId='{client_id}')", lab.graph());
    let principal = call(&url, &token).await.json();
    assert_eq!(principal["appRoleAssignmentRequired"], false);
    let url = format!("{}/v1.0/applications?$filter=appId%20eq%20'{client_id}'", lab.graph());
    assert_eq!(call(&url, &token).await.json()["value"][0]["appId"], client_id);
}

#[tokio::test]
async fn entra_gives_tokens_for_a_secret_and_refuses_in_its_own_words() {
    let lab = start("healthy").await;
    let url = format!("{}/{}/oauth2/v2.0/token", lab.authority(), lab.value("tenant.id").unwrap());
    let form = |secret: &str| {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &variable(&lab, "LAB_CLIENT_ID"))
            .append_pair("client_secret", secret)
            .append_pair("scope", &format!("{}/.default", lab.resource().unwrap()))
            .finish()
    };
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let good = send("POST", &url, &kind, &form(&variable(&lab, "LAB_CLIENT_SECRET"))).await;
    assert_eq!(good.status, 200, "{}", good.body);
    let token = good.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(call(&lab.target(), &token).await.status, 200);

    let bad = send("POST", &url, &kind, &form("wrong")).await;
    assert_eq!((bad.status, bad.json()["error"].as_str().unwrap()), (401, "invalid_client"));
    assert_eq!(bad.json()["error_codes"][0], 7_000_215);
    assert!(bad.json()["trace_id"].is_string());
}

#[tokio::test]
async fn metadata_names_the_issuer_of_each_version_and_keys_on_the_same_authority() {
    let lab = start("healthy").await;
    let tenant = lab.value("tenant.id").unwrap();
    let v1 = get(&format!("{}/{tenant}/.well-known/openid-configuration", lab.authority()), &[]).await.json();
    let v2 = get(&format!("{}/{tenant}/v2.0/.well-known/openid-configuration", lab.authority()), &[]).await.json();
    assert_eq!(v1["issuer"], format!("https://sts.windows.net/{tenant}/"));
    assert_eq!(v2["issuer"], format!("https://login.microsoftonline.com/{tenant}/v2.0"));
    let keys = get(v2["jwks_uri"].as_str().unwrap(), &[]).await.json();
    assert_eq!(keys["keys"][0]["kty"], "RSA");
}

#[tokio::test]
async fn mending_a_fault_heals_the_world() {
    for name in [
        "caller-not-in-allowed-applications",
        "audience-not-allowed",
        "assignment-required-not-assigned",
        "audience-token-version-mismatch",
    ] {
        let lab = start(name).await;
        assert!(lab.apply_fix(name).unwrap(), "{name}");
        let token = token(&lab, &lab.resource().unwrap()).await;
        assert_eq!(call(&lab.target(), &token).await.status, 200, "{name}");
        assert!(!lab.apply_fix(name).unwrap(), "{name} was fixed twice");
    }
}

#[tokio::test]
async fn the_recorder_keeps_what_arrived_and_where() {
    let lab = start("healthy").await;
    get(&lab.target(), &[("x-test", "yes")]).await;
    let received = lab.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].server, Server::App2);
    assert_eq!(received[0].header("x-test"), Some("yes"));
}

#[tokio::test]
async fn dropping_the_lab_stops_its_servers_and_removes_its_files() {
    let lab = start("healthy").await;
    let files = lab.value("addresses.files").unwrap();
    assert!(std::path::Path::new(&files).exists());
    let target = url::Url::parse(&lab.target()).unwrap();
    drop(lab);
    assert!(!std::path::Path::new(&files).exists());
    let address = format!("127.0.0.1:{}", target.port().unwrap());
    while tokio::net::TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_scenario_starts_and_speaks_in_known_codes() {
    let known = |code: &str| Code::from_name(code).is_some();
    for scenario in scenarios() {
        let lab = observing::start(scenario, true).await;
        assert!(lab.target().contains("://127.0.0.1:"), "{}", scenario.name);
        for text in lab.arguments().into_iter().chain(lab.variables().into_iter().map(|(_, value)| value)) {
            assert!(!text.contains("{"), "{}: {text}", scenario.name);
        }
        for black_box in [false, true] {
            let expected = scenario.expected(black_box);
            assert!(["pass", "fail", "inconclusive"].contains(&expected.verdict.as_str()), "{}", scenario.name);
            assert_eq!(expected.code.is_none(), expected.verdict == "pass", "{}", scenario.name);
            let all = expected.code.iter().chain(&expected.candidates).chain(&expected.findings);
            for code in all.chain(&scenario.expect.next) {
                assert!(known(code), "{}: {code}", scenario.name);
            }
        }
    }
}

#[test]
fn every_finding_code_has_a_scenario_that_expects_it() {
    let expects = |code: &str| {
        scenarios().iter().any(|scenario| {
            [false, true].into_iter().any(|black_box| {
                let expected = scenario.expected(black_box);
                let mut all = expected.code.iter().chain(&expected.candidates).chain(&expected.findings);
                all.any(|known| known == code)
            })
        })
    };
    let missing: Vec<&str> = Code::ALL
        .iter()
        // What fits no rule has no scenario: a scenario has a cause.
        .filter(|code| **code != Code::UndeterminedFailure)
        .map(|code| code.name())
        .filter(|code| !expects(code))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// The scenarios whose App 1 has an identity endpoint of App Service, and no fault that fixing leaves to the caller.
#[tokio::test]
async fn after_mending_everything_a_plain_client_gets_through() {
    for scenario in scenarios() {
        let lab = observing::start(scenario, true).await;
        for code in Code::ALL {
            lab.apply_fix(code.name()).unwrap();
        }
        let variables = lab.variables();
        let is_set = |name: &str| variables.iter().any(|(known, _)| known == name);
        let plain = is_set("WEBSITE_SITE_NAME") && is_set("IDENTITY_ENDPOINT") && !is_set("AZURE_TENANT_ID");
        if !plain || !lab.arguments().is_empty() || lab.resource().is_none() {
            continue;
        }
        let mut url = format!("{}?api-version=2019-08-01", variable(&lab, "IDENTITY_ENDPOINT"));
        let resource = lab.resource().unwrap();
        url.push_str(&format!(
            "&resource={}",
            url::form_urlencoded::byte_serialize(resource.as_bytes()).collect::<String>()
        ));
        if is_set("AZURE_CLIENT_ID") {
            url.push_str(&format!("&client_id={}", variable(&lab, "AZURE_CLIENT_ID")));
        }
        let header = variable(&lab, "IDENTITY_HEADER");
        let mut answer = get(&url, &[("x-identity-header", &header)]).await;
        for _ in 0..2 {
            if answer.status == 503 {
                answer = get(&url, &[("x-identity-header", &header)]).await;
            }
        }
        assert_eq!(answer.status, 200, "{}: {}", scenario.name, answer.body);
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(call(&lab.target(), &token).await.status, 200, "{}", scenario.name);
    }
}

#[cfg(unix)]
#[test]
fn a_served_lab_that_nobody_can_end_through_its_input_goes_on() {
    // Its input is /dev/null.
    let mut lab = doctor(&["lab", "serve"]).spawn().unwrap();
    let mut lines = BufReader::new(lab.stdout.take().unwrap()).lines().map(Result::unwrap);
    let target = lines.find_map(|line| line.strip_prefix("EASYAUTH_DOCTOR_TARGET=").map(str::to_owned)).unwrap();
    let address = target.trim_matches('"').trim_start_matches("http://").split('/').next().unwrap().to_owned();
    assert!(lines.any(|line| line == "# READY"));
    // It would have ended as soon as it was ready.
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(lab.try_wait().unwrap(), None);
    assert!(TcpStream::connect(address).is_ok());
    lab.kill().unwrap();
    lab.wait().unwrap();
}
