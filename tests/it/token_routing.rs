//! Which token is requested for App 2 and reaches it, where App 2's answers or a settings file name an app.

use std::fmt::Write as _;

use easyauth_doctor::line::loopback;
use easyauth_doctor::report::json as written;
use easyauth_doctor::session;
use serde_json::{Value, json};
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use crate::helpers::observing::{self, scenarios, side_by_side};
use crate::helpers::routing::{
    Files, NAMINGS, Naming, OTHER, OWN, Outcome, app_2, check, check_with, environ, settings,
};
use crate::helpers::server::{RESOURCE, Server, http};
use crate::helpers::world::World;

/// Microsoft's own client IDs, whose tokens an App 2 could want: Azure AI Search, Managed HSM, Relay, IoT Hub, Managed
/// Grafana, Defender, VM sign-in; Azure DevOps, Microsoft Graph.
const FIRST_PARTY: [&str; 9] = [
    "880da380-985e-4198-81b9-e05b1cc53158",
    "589d5083-6f11-4d30-a62a-a4b316a14abf",
    "91bb937c-29c2-4275-982f-9465f0caf03d",
    "89d10474-74af-4874-99a7-c23c2f643083",
    "ce34e7e5-485f-4d76-964f-b3d2b16d1e4f",
    "fc780465-2017-40d4-a0c5-307022471b92",
    "372140e0-b3b7-4226-8ef9-d57986796201",
    "499b84ac-1321-427f-aa17-267ca6975798",
    "00000003-0000-0000-c000-000000000000",
];

#[test]
fn microsofts_own_ids_in_app_2s_answers_are_never_asked_for() {
    let rows: Vec<_> = NAMINGS
        .iter()
        .flat_map(|naming| FIRST_PARTY.map(|id| (*naming, id.to_owned())))
        .chain([
            (Naming::Challenge, FIRST_PARTY[0].to_uppercase()),
            (Naming::Login, format!("{{{}}}", FIRST_PARTY[0])),
            (Naming::Challenge, format!(" {} ", FIRST_PARTY[3])),
            (Naming::SignIn, format!("api://{}", FIRST_PARTY[0])),
            (Naming::Challenge, "https://vault.azure.net".to_owned()),
            (Naming::Metadata, "https://graph.microsoft.com".to_owned()),
            (Naming::Metadata, format!("api://{}", FIRST_PARTY[5])),
            // What is no client ID is taken from no answer, whoever's it may be.
            (Naming::Challenge, "api://partner.example/api".to_owned()),
            (Naming::Metadata, "https://partner.example".to_owned()),
        ])
        .collect();
    side_by_side(rows, |(naming, id)| {
        let outcome = check(&app_2(naming, &id), &[]);
        let what = format!("{naming:?} {id}");
        assert_eq!(outcome.asked, Vec::<String>::new(), "{what}");
        outcome.assert_withheld(&what);
        assert_eq!(outcome.code(), "resource-undetermined", "{what}");
    });
}

#[test]
fn an_api_in_a_settings_file_never_leads_to_a_request_for_its_token() {
    let files = Files::new();
    let rows = FIRST_PARTY.into_iter().chain([
        "https://vault.azure.net",
        "https://management.azure.com/",
        "api://880da380-985e-4198-81b9-e05b1cc53158",
    ]);
    side_by_side(rows.collect(), |id| {
        let file = files.write(&settings(id, &[id]));
        for named in [OWN, id] {
            let outcome = check(&app_2(Naming::Challenge, named), &["--auth-settings", &file]);
            assert_eq!(outcome.asked, Vec::<String>::new(), "{id} {named}");
            outcome.assert_withheld(&format!("{id} {named}"));
        }
        // As a mere allowed audience it is not asked for either: the client ID is.
        let file = files.write(&settings(OWN, &[id]));
        let outcome = check(&app_2(Naming::Challenge, OWN), &["--auth-settings", &file]);
        assert!(outcome.arrived.iter().all(|audience| audience == OWN), "{id}: {:?}", outcome.arrived);
        assert!(!outcome.arrived.is_empty(), "{id}");
    });
}

/// Nor in App 2's environment variables, though that is believed: a mistake there gives nobody the token of an API.
#[test]
fn an_api_in_app_2s_environment_never_leads_to_a_request_for_its_token() {
    let files = Files::new();
    side_by_side(FIRST_PARTY.to_vec(), |id| {
        let environ = files.write(&environ(id));
        let outcome = check(&app_2(Naming::Challenge, OWN), &["--target-environ", &environ]);
        assert_eq!(outcome.asked, Vec::<String>::new(), "{id}");
        outcome.assert_withheld(id);
    });
}

/// After a refusal a token for the bare client ID is tried as well: that one is looked at, too.
#[test]
fn the_token_of_an_experiment_is_looked_at_like_the_first() {
    let uri = format!("api://{OWN}");
    for audience in [OTHER, "https://management.azure.com", "https://attest.azure.net", FIRST_PARTY[0]] {
        let answer = |asked: &str| {
            if asked == OWN { audience.to_owned() } else { asked.to_owned() }
        };
        let outcome = check_with(&app_2(Naming::Challenge, OWN), &["-r", &uri], answer);
        assert!(outcome.asked.iter().any(|asked| asked == OWN), "{:?}", outcome.asked);
        assert!(outcome.arrived.iter().all(|arrived| *arrived == uri), "{audience}: {:?}", outcome.arrived);
        assert!(!outcome.arrived.is_empty(), "{audience}");
    }
}

/// Everything that a report says.
fn said(outcome: &Outcome) -> String {
    fn collect(value: &Value, text: &mut String) {
        match value {
            Value::String(part) => writeln!(text, "{part}").unwrap(),
            Value::Array(parts) => parts.iter().for_each(|part| collect(part, text)),
            Value::Object(parts) => parts.values().for_each(|part| collect(part, text)),
            _ => {}
        }
    }
    let mut text = String::new();
    collect(&outcome.report, &mut text);
    text
}

#[test]
fn a_name_by_app_2s_own_word_is_used_and_the_report_says_whose_word_it_is() {
    let files = Files::new();
    let agreeing = files.write(&settings(OWN, &[]));
    let contradicting = files.write(&settings(OTHER, &[]));
    let environ = files.write(&environ(OWN));
    let uri = format!("api://{OWN}");
    let rows: [(&str, &[&str], &str, &str); 7] = [
        // What App 2 names, the options, the token's audience or nothing, what the report says.
        (OWN, &[], OWN, "named only by App 2's response"),
        (OTHER, &[], OTHER, "named only by App 2's response"),
        (OWN, &["--auth-settings", &agreeing], OWN, "named only by the settings file and App 2's response"),
        (OWN, &["--auth-settings", &contradicting], "", "resource-undetermined"),
        (OTHER, &["-r", &uri], &uri, "resource-differs-from-target"),
        (OTHER, &["--target-environ", &environ], OWN, "App 2's own response names the client ID"),
        (OWN, &["--target-environ", &environ], OWN, "App 2's environment variables"),
    ];
    for (named, options, audience, words) in rows {
        let outcome = check(&app_2(Naming::Challenge, named), options);
        let what = format!("{named} {options:?}");
        let arrived = outcome.arrived.iter().filter(|arrived| *arrived == audience).count();
        let bare = outcome.arrived.iter().filter(|arrived| *arrived == OWN && audience == uri).count();
        assert_eq!(arrived > 0, !audience.is_empty(), "{what}: {:?}", outcome.arrived);
        assert_eq!(arrived + bare, outcome.arrived.len(), "{what}: {:?}", outcome.arrived);
        let text = said(&outcome);
        assert!(text.contains(words), "{what}: {words} not in {text}");
        let only_claimed = text.contains("named only by");
        assert_eq!(only_claimed, words.starts_with("named only by"), "{what}: {text}");
    }
}

/// The identity endpoint can give another token than the one that was asked for: an old one, a broken sidecar's.
#[test]
fn a_token_that_was_not_asked_for_stays_here() {
    let uri = format!("api://{OWN}");
    let host = "https://app2.example/api";
    let rows = vec![
        (None, OTHER),
        (None, "https://management.azure.com"),
        (None, "https://attest.azure.net"),
        (None, "api://AzureADTokenExchange"),
        (Some(uri.as_str()), OTHER),
        (Some(uri.as_str()), "https://codesigning.azure.net"),
        (Some(uri.as_str()), "https://management.core.sovcloud-api.fr"),
        (Some(host), "https://graph.microsoft.com/"),
    ];
    side_by_side(rows, |(resource, audience)| {
        let app = app_2(Naming::Challenge, OWN);
        let options: Vec<&str> = resource.into_iter().flat_map(|resource| ["-r", resource]).collect();
        let outcome = check_with(&app, &options, |_| audience.to_owned());
        let what = format!("{resource:?} {audience}");
        outcome.assert_withheld(&what);
        assert_eq!(outcome.code(), "token-for-wrong-resource", "{what}");
        assert_eq!(outcome.verdict(), "fail", "{what}");
    });
}

/// A v2 token has the client ID as its audience, whatever name was asked for.
#[test]
fn a_token_for_a_confirmed_resource_may_have_its_client_id() {
    for resource in [format!("api://{OWN}"), "api://app2".to_owned(), "https://app2.contoso.example".to_owned()] {
        for audience in [OWN, &resource] {
            let audience = audience.to_owned();
            let expected = audience.clone();
            let app = app_2(Naming::Challenge, OWN);
            let outcome = check_with(&app, &["-r", &resource], move |_| audience.clone());
            assert!(!outcome.arrived.is_empty(), "{resource} {expected}");
            assert!(outcome.arrived.iter().all(|arrived| *arrived == expected), "{resource} {:?}", outcome.arrived);
        }
    }
}

/// The user decides that such a token is sent; that App 2 names another app is reported, whatever came of the call.
#[test]
fn a_client_id_that_app_2_does_not_name_is_told() {
    let accepting = |head: &str| {
        let is_invalid = head.contains("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImVhc3lhdXRoLWRvY3Rvci1wcm9iZSJ9");
        let real = head.to_lowercase().contains("authorization: bearer") && !is_invalid;
        if real {
            return http("200 OK", "", "hello");
        }
        let challenge = format!("www-authenticate: Bearer realm=\"x\", resource_id=\"{OWN}\"\r\n");
        http("401 Unauthorized", &challenge, "")
    };
    for (app, resource, audience, told) in [
        (app_2(Naming::Challenge, OWN), "api://app2", OTHER, true),
        (Server::answers(accepting), "https://app2.contoso.example", OTHER, true),
        (Server::answers(accepting), "https://app2.contoso.example", OWN, false),
    ] {
        let outcome = check_with(&app, &["-r", resource], |_| audience.to_owned());
        assert!(!outcome.arrived.is_empty(), "{resource}");
        let findings = outcome.step("scope")["findings"].as_array().unwrap();
        let warned = findings.iter().any(|finding| {
            let message = finding["message"].as_str().unwrap();
            finding["code"] == "resource-differs-from-target"
                && finding["severity"] == "warning"
                && [OWN, OTHER, resource].iter().all(|value| message.contains(value))
        });
        assert_eq!(warned, told, "{resource} {audience}: {findings:#?}");
    }
}

#[test]
fn the_token_of_another_api_is_not_even_asked_for() {
    let rows = vec![
        "https://management.azure.com",
        "https://management.azure.com/.default",
        "https://prometheus.monitor.azure.com",
        "https://management.azure.eaglex.ic.gov",
        "https://my-vault.vault.azure.net",
        FIRST_PARTY[0],
    ];
    side_by_side(rows, |resource| {
        let outcome = check(&app_2(Naming::Challenge, OWN), &["-r", resource]);
        outcome.assert_withheld(resource);
        assert_eq!(outcome.asked, Vec::<String>::new(), "{resource}");
        assert_eq!(outcome.code(), "resource-is-another-api", "{resource}");
        let certain = outcome.report["root_cause"]["confidence"] == "certain";
        assert!(!certain, "{resource}: only App 2's settings show what it accepts");
    });
}

/// Settings in Azure that have the client ID of an API of Microsoft's: without a resource, and with App 2's own.
#[test]
fn a_microsoft_apis_client_id_in_app_2s_settings_is_the_root_cause() {
    let scenario = |name: &str| scenarios().iter().find(|scenario| scenario.name == name).unwrap();
    for (name, resource, verdict, confidence) in [
        ("healthy-v2", true, "fail", "certain"),
        ("healthy-v2", false, "fail", "likely"),
        ("healthy", false, "fail", "likely"),
        // The token's audience is listed, and App 2 accepts it.
        ("healthy", true, "pass", ""),
    ] {
        for id in ["00000003-0000-0000-c000-000000000000", "880da380-985e-4198-81b9-e05b1cc53158"] {
            let what = format!("{name}, resource given: {resource}, {id}");
            let report = observing::runtime().block_on(async {
                let lab = observing::start(scenario(name), true).await;
                let mut settings = lab.settings();
                settings["properties"]["identityProviders"]["azureActiveDirectory"]["registration"]["clientId"] =
                    json!(id);
                lab.put_settings(&settings).unwrap();
                let mut prepared = loopback::prepare(&lab).unwrap();
                if !resource {
                    prepared.inputs.resource = None;
                }
                session::run(&prepared, None, unbounded_channel().0, CancellationToken::new()).await
            });
            let report: Value = serde_json::from_str(&written::reports(&[report], false)).unwrap();
            assert_eq!(report["verdict"], verdict, "{what}: {report:#}");
            let found = report["steps"][2]["findings"][0].clone();
            assert_eq!(found["code"], "resource-is-another-api", "{what}: {found:#}");
            assert!(found["message"].as_str().unwrap().contains(id), "{what}");
            if verdict == "pass" {
                assert_eq!(found["severity"], "warning", "{what}");
                continue;
            }
            let cause = &report["root_cause"];
            assert_eq!(cause["code"], "resource-is-another-api", "{what}: {cause:#}");
            assert_eq!(cause["confidence"], confidence, "{what}");
            assert_eq!(cause["owner"], "app2", "{what}: App 1 asks for nothing wrong");
            let fixes = cause["fixes"].as_array().unwrap();
            assert!(!fixes.is_empty() && fixes.iter().all(|fix| !fix.to_string().contains("--resource")), "{what}");
            assert!(fixes[0]["text"].as_str().unwrap().contains(id), "{what}: {fixes:#?}");
            assert_eq!(report["next"], json!([]), "{what}");
        }
    }
}

/// App 2's environment variables is what runs: a settings file beside it hides none of what it tells.
#[test]
fn a_settings_file_does_not_hide_what_app_2s_environment_tells() {
    const CALLER: &str = "c0000000-0000-4000-8000-000000000001";
    let id = RESOURCE.trim_start_matches("api://");
    let issuer = "https://sts.windows.net/11111111-2222-4333-8444-555555555555/";
    let files = Files::new();
    // The file allows the caller, and has this client ID and this audience.
    let file = |id: &str, audience: &str| {
        let provider = json!({"enabled": true, "registration": {"clientId": id, "openIdIssuer": issuer},
            "validation": {"allowedAudiences": [audience],
                "defaultAuthorizationPolicy": {"allowedApplications": [CALLER]}}});
        let settings = json!({"platform": {"enabled": true}, "globalValidation": {"requireAuthentication": true},
            "identityProviders": {"azureActiveDirectory": provider}});
        files.write(&json!({"properties": settings}).to_string())
    };
    // The environment block allows this application.
    let environ = |application: &str| {
        files.write(&format!(
            "WEBSITE_AUTH_ENABLED=True\0WEBSITE_AUTH_CLIENT_ID={id}\0WEBSITE_AUTH_OPENID_ISSUER={issuer}\0\
             WEBSITE_AUTH_ALLOWED_AUDIENCES={RESOURCE}\0\
             WEBSITE_AUTH_AAD_CLAIMS_AUTHORIZATION={{\"allowed_client_applications\":[\"{application}\"]}}\0"
        ))
    };
    let not_admitted = "caller-not-in-allowed-applications";
    let rows = vec![
        ("no file", None, environ(OTHER), "403 Forbidden", not_admitted, ""),
        ("same", Some(file(id, RESOURCE)), environ(OTHER), "403 Forbidden", not_admitted, "jwtClaimChecks"),
        ("other app", Some(file(OTHER, RESOURCE)), environ(OTHER), "403 Forbidden", not_admitted, OTHER),
        // The audience that the environment accepts isn't in the file, and is not why the call is refused.
        (
            "old audience",
            Some(file(id, "api://old")),
            environ(CALLER),
            "401 Unauthorized",
            "undetermined-401",
            "allowedAudiences",
        ),
    ];
    for (what, file, environ, status, code, told) in rows {
        // No challenge names a client ID.
        let mut world = World::with(Server::answers(move |head| {
            let is_invalid =
                head.contains("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImVhc3lhdXRoLWRvY3Rvci1wcm9iZSJ9");
            let refused =
                head.to_lowercase().contains("authorization: bearer") && !is_invalid && status.starts_with("403");
            if refused {
                http(status, "", "")
            } else {
                http("401 Unauthorized", "www-authenticate: Bearer realm=\"127.0.0.1\"\r\n", "")
            }
        }));
        world.inputs.target_environ = Some(environ.into());
        world.inputs.auth_settings = file.map(Into::into);
        let report: Value = serde_json::from_str(&written::reports(&[world.observe()], false)).unwrap();
        assert_eq!(report["root_cause"]["code"], code, "{what}: {report:#}");
        let warnings: Vec<&Value> = report["steps"][1]["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["code"] == "settings-not-used")
            .collect();
        assert_eq!(warnings.is_empty(), told.is_empty(), "{what}: {warnings:#?}");
        assert!(
            warnings.iter().all(|finding| finding["message"].as_str().unwrap().contains(told)),
            "{what}: {warnings:#?}"
        );
        let audience = report["steps"][5]["findings"].as_array().unwrap();
        assert!(
            audience.iter().all(|finding| finding["severity"] != "error" || finding["confidence"] == "possible"),
            "{what}"
        );
    }
}
