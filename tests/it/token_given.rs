//! Tokens given by hand with `--token-file`: which of them reach App 2, and what the report says of the others.

use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use easyauth_doctor::case::step::StepId;
use easyauth_doctor::lab::{Lab, Server};
use easyauth_doctor::line::loopback;
use easyauth_doctor::session;

use crate::helpers::observing::{self, scenarios, side_by_side};
use crate::helpers::program::doctor;
use crate::helpers::routing::{
    Files, Naming, OTHER, OWN, app_2, check, check_with, claims, environ, settings, token_of,
};
use crate::helpers::server::token_for;

/// APIs of Microsoft's in public, sovereign and air-gapped clouds.
const APIS: [&str; 16] = [
    "https://management.core.sovcloud-api.fr",
    "https://management.core.sovcloud-api.de/",
    "https://graph.svc.sovcloud.fr",
    "https://management.azure.eaglex.ic.gov",
    "https://management.azure.microsoft.scloud",
    "https://codesigning.azure.net",
    "https://atlas.microsoft.com/",
    "https://api.botframework.com",
    "https://attest.azure.net",
    "https://prometheus.monitor.azure.com",
    "https://confidential-ledger.azure.com",
    "https://management.azure.com",
    "https://management.core.windows.net/",
    "https://contoso.sharepoint.com",
    "00000003-0000-0000-c000-000000000000",
    "499b84ac-1321-427f-aa17-267ca6975798",
];

#[test]
fn a_token_for_a_microsoft_api_never_reaches_app_2() {
    let files = Files::new();
    side_by_side(APIS.to_vec(), |api| {
        let token = files.write(&token_for(api));
        let file = files.write(&settings(OWN, &[]));
        for (options, code) in [
            (&[][..], "token-for-wrong-resource"),
            (&["-r", OWN], "token-for-wrong-resource"),
            (&["-r", api], "resource-is-another-api"),
            (&["--auth-settings", &file], "token-for-wrong-resource"),
            (&["--send-token-for", "https://vault.azure.net"], "token-for-wrong-resource"),
        ] {
            for naming in [Naming::Challenge, Naming::Metadata] {
                let named = if naming == Naming::Challenge { OWN } else { api };
                let options = [&["--token-file", token.as_str()], options].concat();
                let outcome = check(&app_2(naming, named), &options);
                let what = format!("{api} {naming:?} {options:?}");
                outcome.assert_withheld(&what);
                assert_eq!(outcome.code(), code, "{what}");
                assert_eq!(outcome.exit, 1, "{what}");
            }
        }
    });
}

#[test]
fn a_token_that_entra_did_not_issue_never_reaches_app_2() {
    let now = 1_893_456_000;
    let without_tenant = |issuer: &str| claims(OWN, &json!({"iss": issuer, "tid": null, "appid": null, "oid": null}));
    let like_entra = |issuer: &str| claims(OWN, &json!({"iss": issuer}));
    let with_shared_key =
        |issuer: &str| json!({"iss": issuer, "aud": OWN, "exp": now, "iat": now - 60, "nbf": now - 60});
    let rows = vec![
        ("Kubernetes", "RS256", without_tenant("https://kubernetes.default.svc.cluster.local")),
        (
            "AKS",
            "RS256",
            without_tenant("https://westeurope.oic.prod-aks.azure.com/11111111-2222-4333-8444-555555555555/x/"),
        ),
        ("EKS", "RS256", without_tenant("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC")),
        ("GitHub", "RS256", without_tenant("https://token.actions.githubusercontent.com")),
        ("GitLab", "RS256", without_tenant("https://gitlab.com")),
        ("Google", "RS256", without_tenant("https://accounts.google.com")),
        ("Auth0", "RS256", without_tenant("https://contoso.eu.auth0.com/")),
        ("Azure DevOps", "RS256", without_tenant("https://vstoken.dev.azure.com/11111111-2222-4333-8444-555555555555")),
        ("App Service", "HS256", with_shared_key("https://app2.azurewebsites.net")),
        ("Functions", "HS256", with_shared_key("https://app2.scm.azurewebsites.net")),
        ("Easy Auth session", "HS256", with_shared_key("https://app2.azurewebsites.net/")),
        ("unsigned", "none", like_entra("https://sts.windows.net/11111111-2222-4333-8444-555555555555/")),
        ("shared key", "HS512", like_entra("https://sts.windows.net/11111111-2222-4333-8444-555555555555/")),
        ("elliptic curve", "ES256", like_entra("https://sts.windows.net/11111111-2222-4333-8444-555555555555/")),
        ("lookalike", "RS256", like_entra("https://sts.windows.net.example/11111111-2222-4333-8444-555555555555/")),
        ("userinfo", "RS256", like_entra("https://login.microsoftonline.com@evil.example/x/v2.0")),
        ("no issuer", "RS256", claims(OWN, &json!({"iss": null}))),
        ("plain http", "RS256", like_entra("http://sts.windows.net/11111111-2222-4333-8444-555555555555/")),
    ];
    let files = Files::new();
    side_by_side(rows, |(name, algorithm, claims)| {
        let token = files.write(&token_of(algorithm, &claims));
        for options in [&[][..], &["-r", OWN], &["-r", OWN, "--send-token-for", OWN]] {
            let options = [&["--token-file", token.as_str()], options].concat();
            let outcome = check(&app_2(Naming::Challenge, OWN), &options);
            let what = format!("{name} {options:?}");
            outcome.assert_withheld(&what);
            assert_eq!(outcome.code(), "token-not-from-entra", "{what}");
            assert_eq!(outcome.verdict(), "fail", "{what}");
            assert!(!app_2_was_asked_for_me(&outcome.report), "{what}");
        }
    });
}

fn app_2_was_asked_for_me(report: &serde_json::Value) -> bool {
    let exchanges = report["exchanges"].as_array().cloned().unwrap_or_default();
    exchanges.iter().any(|exchange| exchange["url"].as_str().is_some_and(|url| url.contains("/.auth/me")))
}

/// The audiences of a token by hand, who names what, and whether it is sent.
#[test]
fn a_given_token_is_sent_where_its_audience_is_app_2s() {
    let uri = format!("api://{OWN}");
    let below = format!("api://{OWN}/hello");
    let upper = format!("API://{}/", OWN.to_uppercase());
    let files = Files::new();
    let file_of_own = files.write(&settings(OWN, &["https://app2.contoso.example"]));
    let file_of_other = files.write(&settings(OTHER, &[]));
    let environ = files.write(&environ(OWN));
    let silent = (Naming::Challenge, "");
    let named = (Naming::Challenge, OWN);
    let another = (Naming::Login, OTHER);
    let wrong = "token-for-wrong-resource";
    let undetermined = "undetermined-failure";
    type Row<'a> = (&'a str, (Naming, &'a str), Vec<&'a str>, Option<&'a str>);
    let rows: Vec<Row<'_>> = vec![
        // Named by nobody.
        (OWN, silent, vec![], Some(undetermined)),
        ("api://app2", silent, vec![], Some(undetermined)),
        ("https://app2.contoso.example", named, vec![], Some(undetermined)),
        // Named by the user.
        (OWN, silent, vec!["-r", &uri], None),
        (&below, silent, vec!["-r", OWN], None),
        (&uri, silent, vec!["-r", &upper], None),
        ("api://app2", silent, vec!["-r", "api://app2"], None),
        (OTHER, named, vec!["-r", OTHER], None),
        // The user names another one.
        (OTHER, silent, vec!["-r", OWN], Some(wrong)),
        (OWN, another, vec!["-r", OTHER], Some(wrong)),
        // Named by App 2 alone.
        (OWN, named, vec![], None),
        (&below, named, vec![], None),
        (OTHER, named, vec![], Some(wrong)),
        // Named by a file.
        (OWN, silent, vec!["--auth-settings", &file_of_own], None),
        ("https://app2.contoso.example", silent, vec!["--auth-settings", &file_of_own], None),
        (OTHER, silent, vec!["--auth-settings", &file_of_own], Some(wrong)),
        // A file and App 2 name two apps: the user must say which is right.
        (OWN, named, vec!["--auth-settings", &file_of_other], Some(undetermined)),
        (OTHER, named, vec!["--auth-settings", &file_of_other], Some(undetermined)),
        // Named by App 2's environment variables.
        (OWN, another, vec!["--target-environ", &environ], None),
        (OTHER, another, vec!["--target-environ", &environ], Some(wrong)),
    ];
    side_by_side(rows, |(audience, (naming, named), options, withheld)| {
        let token = files.write(&token_for(audience));
        let options = [&["--token-file", token.as_str()], options.as_slice()].concat();
        let outcome = check(&app_2(naming, named), &options);
        let what = format!("{audience} {naming:?} {named} {options:?}: {:?}", outcome.code());
        match withheld {
            Some(code) => {
                outcome.assert_withheld(&what);
                assert_eq!(outcome.code(), code, "{what}");
                let reason = outcome.step("call")["summary"].as_str().unwrap_or_default();
                let advice = format!("add --resource {audience}");
                assert_eq!(reason.contains(&advice), code == undetermined, "{what}: {reason}");
            }
            None => assert!(
                !outcome.arrived.is_empty() && outcome.arrived.iter().all(|arrived| arrived == audience),
                "{what}: {:?}",
                outcome.arrived
            ),
        }
    });
}

/// Microsoft's Logic Apps documentation tells people to list Azure Resource Manager as an audience.
#[test]
fn an_api_among_the_allowed_audiences_is_a_warning_and_the_token_stays_here() {
    let files = Files::new();
    let rows = vec![
        ("https://management.azure.com", "https://management.azure.com"),
        ("https://management.azure.com/", "https://management.azure.com"),
        ("https://storage.azure.com", "https://storage.azure.com/"),
        ("https://attest.azure.net", "https://attest.azure.net"),
    ];
    side_by_side(rows, |(audience, listed)| {
        let token = files.write(&token_for(audience));
        let file = files.write(&settings(OWN, &[listed, OWN]));
        for resource in [None, Some(audience)] {
            let mut options = vec!["--token-file", token.as_str(), "--auth-settings", file.as_str()];
            options.extend(resource.into_iter().flat_map(|resource| ["-r", resource]));
            let outcome = check(&app_2(Naming::Challenge, OWN), &options);
            let what = format!("{audience} {listed} {resource:?} {:#}", outcome.report["root_cause"]);
            outcome.assert_withheld(&what);
            assert_eq!((outcome.verdict(), outcome.exit), ("inconclusive", 3), "{what}");
            let findings = outcome.step("audience")["findings"].as_array().cloned().unwrap_or_default();
            let severity = findings
                .iter()
                .find(|finding| finding["code"] == "token-for-wrong-resource")
                .map(|finding| &finding["severity"]);
            assert_eq!(severity, Some(&json!("warning")), "{what}");
        }
    });
}

#[test]
fn an_exception_must_equal_the_audience() {
    let manager = "https://management.azure.com";
    let files = Files::new();
    let rows: Vec<(&str, Vec<&str>, bool)> = vec![
        (manager, vec![manager], true),
        ("https://management.azure.com/", vec!["https://management.azure.com/"], true),
        ("https://attest.azure.net", vec!["https://attest.azure.net", "-r", "https://attest.azure.net"], true),
        ("00000003-0000-0000-c000-000000000000", vec!["00000003-0000-0000-c000-000000000000"], true),
        ("api://app2", vec!["api://app2"], true),
        (manager, vec!["https://management.azure.com/"], false),
        ("https://management.azure.com/", vec![manager], false),
        (manager, vec!["https://Management.azure.com"], false),
        (manager, vec!["https://management.core.windows.net"], false),
        (manager, vec![OWN, "-r", OWN], false),
        // The option says which audience is expected, so it holds for App 2's own tokens, too.
        (OWN, vec![OTHER, "-r", OWN], false),
    ];
    side_by_side(rows, |(audience, mut options, sent)| {
        let token = files.write(&token_for(audience));
        options.splice(0..0, ["--token-file", token.as_str(), "--send-token-for"]);
        let outcome = check(&app_2(Naming::Challenge, OWN), &options);
        let what = format!("{audience} {options:?}");
        if sent {
            assert!(outcome.arrived.iter().any(|arrived| arrived == audience), "{what}");
        } else {
            outcome.assert_withheld(&what);
            let reason = outcome.step("call")["summary"].as_str().unwrap_or_default();
            assert!(reason.contains("--send-token-for"), "{what}: {reason}");
        }
    });
}

/// A file from somebody else names the target; it must not also release another API's token to it.
#[test]
fn a_file_of_targets_releases_no_token() {
    let files = Files::new();
    let audience = "https://management.azure.com";
    let token = files.write(&token_for(audience));
    let app2 = app_2(Naming::Challenge, OWN);
    let targets = files.write(&format!("[[target]]\nurl = \"{}/api\"\nsend-token-for = \"{audience}\"\n", app2.url));
    let output = doctor(&["check", "--targets", &targets, "--token-file", &token]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(app2.received().is_empty());
    // On the command line it is the user's own word.
    let targets = files.write(&format!("[[target]]\nurl = \"{}/api\"\n", app2.url));
    doctor(&["check", "--targets", &targets, "--token-file", &token, "--send-token-for", audience]).output().unwrap();
    assert!(app2.audiences().iter().any(|arrived| arrived == audience));
}

/// A check that is repeated from any step decides again.
#[test]
fn a_token_that_stays_here_stays_here_when_a_step_is_repeated() {
    for name in [
        "token-for-wrong-resource-manager",
        "token-for-wrong-resource-listed",
        "token-for-wrong-resource-unnamed",
        "token-not-from-entra",
        "resource-is-another-api",
    ] {
        let scenario = scenarios().iter().find(|scenario| scenario.name == name).unwrap();
        observing::runtime().block_on(async {
            let lab = observing::start(scenario, true).await;
            let prepared = loopback::prepare(&lab).unwrap();
            let run =
                async |again| session::run(&prepared, again, unbounded_channel().0, CancellationToken::new()).await;
            let first = run(None).await;
            for step in StepId::ALL {
                let again = run(Some((&first, step))).await;
                let code = |report: &easyauth_doctor::report::Report| {
                    report.diagnosis().root_cause.as_ref().map(|cause| cause.code)
                };
                assert_eq!(code(&again), code(&first), "{name} from {step:?}");
            }
            assert_eq!(real_tokens(&lab), 0, "{name}");
        });
    }
}

/// Tokens that arrived at App 2, but for the deliberately invalid one.
fn real_tokens(lab: &Lab) -> usize {
    let received = lab.received();
    let to_app_2 = received.iter().filter(|request| request.server == Server::App2);
    let tokens = to_app_2.filter_map(|request| request.bearer());
    tokens.filter(|token| !audience(token).contains("easyauth-doctor.invalid")).count()
}

fn audience(token: &str) -> String {
    easyauth_doctor::case::token::DecodedToken::decode(token).list("aud").join(" ")
}

/// The audience of a token, the options, the root cause, and what its summary says.
#[test]
fn a_wrong_exception_is_the_root_cause_with_its_values() {
    let (api, vault) = ("https://management.azure.com", "https://vault.azure.net");
    let wrong = "token-for-wrong-resource";
    let files = Files::new();
    let file = files.write(&settings(OWN, &[]));
    let rows: Vec<(&str, Vec<&str>, &str, Vec<&str>)> = vec![
        (OTHER, vec!["-r", OWN, "--send-token-for", OWN], wrong, vec![OTHER, OWN]),
        (OTHER, vec!["--send-token-for", vault], wrong, vec![OTHER, vault]),
        (api, vec!["-r", OWN, "--send-token-for", vault], wrong, vec![api, vault]),
        (api, vec!["--auth-settings", &file, "--send-token-for", vault], wrong, vec![api]),
        // Without the option the token is App 2's.
        (
            OWN,
            vec!["-r", OWN, "--send-token-for", OTHER],
            "undetermined-failure",
            vec![OWN, OTHER, "Without this option"],
        ),
    ];
    side_by_side(rows, |(audience, options, code, says)| {
        for by_hand in [true, false] {
            let token = files.write(&token_for(audience));
            let given = [&["--token-file", token.as_str()], options.as_slice()].concat();
            let options = if by_hand { &given } else { &options };
            let of = audience.to_owned();
            let outcome = check_with(&app_2(Naming::Challenge, OWN), options, move |_| of.clone());
            let what = format!("{audience} {options:?}: {:#}", outcome.report["root_cause"]);
            outcome.assert_withheld(&what);
            assert_eq!(outcome.code(), code, "{what}");
            let cause = &outcome.report["root_cause"];
            let all = cause.to_string();
            assert!(says.iter().all(|value| all.contains(value)), "{what}");
            assert!(all.contains("--send-token-for"), "{what}");
        }
    });
}
