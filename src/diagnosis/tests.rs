//! What a run's own answers disprove (`src/check/weigh.rs`), world by world.

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::case::auth_settings::{AuthSettings, SettingsReading, SettingsSource};
use crate::case::code::Code;
use crate::case::credential::{CredentialSource, Platform};
use crate::case::exchange::Purpose;
use crate::case::exchange::{Answer, Exchange, Outcome};
use crate::case::inputs::Inputs;
use crate::case::step::StepId;
use crate::case::token::{AcquiredToken, DecodedToken, SignatureVerdict};
use crate::knowledge::Confidence;

const APP: &str = "aaaaaaaa-0000-4000-8000-00000000000a";
const CALLER: &str = "cccccccc-0000-4000-8000-00000000000c";
const OTHER: &str = "eeeeeeee-0000-4000-8000-00000000000e";
const TENANT: &str = "11111111-1111-4111-8111-111111111111";
const ELSEWHERE: &str = "22222222-2222-4222-8222-222222222222";
/// The moment of the run.
const NOW: i64 = 1_767_225_600;

/// What an answer looks like.
enum Seen {
    /// Easy Auth's challenge.
    Challenge,
    /// Easy Auth's refusal by policy.
    Policy,
    /// Application Gateway's firewall.
    Gateway,
    /// The front end's page of a stopped app.
    Stopped,
    /// A page that asks for a sign-in.
    SignIn,
    /// This status, by the app.
    App(u16),
}

fn answer(seen: &Seen) -> Answer {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let of =
        |status: u16, headers: Vec<(String, String)>, body: &str| Answer { headers, ..Answer::saying(status, body) };
    let middleware = || header("x-ms-middleware-request-id", "0f8fad5b-d9cb-469f-a165-70867728950e");
    match seen {
        Seen::Challenge => {
            let challenge = format!(
                "Bearer realm=\"app2.azurewebsites.net\" \
                 authorization_uri=\"https://login.microsoftonline.com/{TENANT}/oauth2/authorize\" \
                 resource_id=\"{APP}\""
            );
            of(401, vec![middleware(), header("www-authenticate", &challenge)], "")
        }
        Seen::Policy => of(403, vec![middleware()], ""),
        Seen::Gateway => of(
            403,
            vec![header("server", "Microsoft-Azure-Application-Gateway/v2")],
            "<html><title>403 Forbidden</title></html>",
        ),
        Seen::Stopped => of(403, Vec::new(), "<h1>Error 403 - This web app is stopped.</h1>"),
        Seen::SignIn => {
            of(200, vec![middleware(), header("content-type", "text/html")], "<title>Sign in to your account</title>")
        }
        Seen::App(status) => of(*status, vec![middleware()], "{}"),
    }
}

/// A world: App 2's settings and the token's claims, each with changes, and the answers to the call and to the token
/// for App 2's client ID.
fn judged(settings: &Value, claims: &Value, call: &Seen, other: Option<&Seen>) -> Diagnosis {
    let refused = Some(&Seen::Challenge);
    world(settings, claims, [refused, refused, Some(call), other])
}

/// The same with the answers without a token, to an invalid one, to the call, and to the token for App 2's client ID.
fn world(settings: &Value, claims: &Value, answers: [Option<&Seen>; 4]) -> Diagnosis {
    let inputs = Inputs {
        target: Some("https://app2.azurewebsites.net/api/hello".to_owned()),
        method: "GET".to_owned(),
        ..Inputs::default()
    };
    let mut case = Case::new(inputs, chrono::DateTime::from_timestamp(NOW, 0).unwrap());
    let mut whole = json!({"properties": {
        "platform": {"enabled": true},
        "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401"},
        "identityProviders": {"azureActiveDirectory": {
            "enabled": true,
            "registration": {"clientId": APP, "openIdIssuer": format!("https://sts.windows.net/{TENANT}/")},
            "validation": {"allowedAudiences": [format!("api://{APP}")]}
        }}
    }});
    for (path, value) in settings.as_object().unwrap() {
        *whole.pointer_mut(path).unwrap() = value.clone();
    }
    case.settings.push(SettingsReading {
        source: SettingsSource::File("authsettings.json".to_owned()),
        outcome: Ok(Box::new(AuthSettings::from_json(&whole).unwrap())),
    });
    let mut token = json!({"aud": format!("api://{APP}"), "iss": format!("https://sts.windows.net/{TENANT}/"),
        "appid": CALLER, "appidacr": "2", "oid": "dddddddd-0000-4000-8000-00000000000d", "idtyp": "app", "tid": TENANT,
        "ver": "1.0", "iat": NOW - 60, "nbf": NOW - 60, "exp": NOW + 86_000, "roles": ["Call"]});
    for (name, value) in claims.as_object().unwrap() {
        token[name] = value.clone();
    }
    case.token = Some(AcquiredToken {
        source: CredentialSource::ManagedIdentity(Platform::AppService),
        resource: None,
        response: Vec::new(),
        decoded: DecodedToken {
            claims: token.as_object().unwrap().clone().into_iter().collect(),
            header: vec![("alg".to_owned(), json!("RS256")), ("kid".to_owned(), json!("k"))],
            ..DecodedToken::default()
        },
        signature: Some(if claims.get("forged").is_some() {
            SignatureVerdict::Invalid { kid: "k".to_owned() }
        } else {
            SignatureVerdict::Valid { kid: "k".to_owned() }
        }),
    });
    let asked = [Purpose::CallAnonymous, Purpose::CallInvalidToken, Purpose::CallWithToken, Purpose::CallOtherAudience];
    for (id, (purpose, seen)) in (1..).zip(asked.into_iter().zip(answers)) {
        let Some(seen) = seen else { continue };
        case.exchanges.push(Exchange {
            id,
            purpose,
            method: "GET".to_owned(),
            url: "https://app2.azurewebsites.net/api/hello".to_owned(),
            request_headers: Vec::new(),
            started_ms: 0,
            elapsed_ms: 1,
            proxy: None,
            address: None,
            outcome: Outcome::Answer(answer(seen)),
        });
    }
    case.settled = StepId::ALL.to_vec();
    judge(&case).1
}

const ISSUER: &str = "/properties/identityProviders/azureActiveDirectory/registration/openIdIssuer";
const VALIDATION: &str = "/properties/identityProviders/azureActiveDirectory/validation";
const ENABLED: &str = "/properties/platform/enabled";

fn foreign() -> Value {
    json!({ISSUER: format!("https://sts.windows.net/{ELSEWHERE}/")})
}

fn admits_another() -> Value {
    json!({VALIDATION: {
        "allowedAudiences": [format!("api://{APP}")],
        "defaultAuthorizationPolicy": {"allowedApplications": [OTHER]}
    }})
}

fn no_audience() -> Value {
    json!({VALIDATION: {"allowedAudiences": []}})
}

/// The token for the other form of the name differs in its audience alone, so what else may be wrong is not.
#[rstest]
#[case::tenant(foreign(), json!({}))]
#[case::expired(json!({}), json!({"exp": NOW - 3_600}))]
#[case::not_yet_valid(json!({}), json!({"nbf": NOW + 3_600}))]
#[case::signature(json!({}), json!({"forged": true}))]
#[case::issuer_without_metadata(json!({ISSUER: "https://login.microsoftonline.com/v2.0/x/"}), json!({}))]
#[case::provider_off(json!({"/properties/identityProviders/azureActiveDirectory/enabled": false}), json!({}))]
fn an_accepted_second_audience_leaves_the_audience(#[case] settings: Value, #[case] claims: Value) {
    for other in [Seen::App(200), Seen::Policy, Seen::App(500)] {
        let found = judged(&settings, &claims, &Seen::Challenge, Some(&other));
        let root = found.root_cause.unwrap();
        assert_eq!(
            (root.found.code, root.found.confidence),
            (Code::AudienceNotAllowed, Confidence::Likely),
            "{}",
            root.found.says.raw()
        );
    }
}

/// A refusal by policy, and an answer that only the real token gets, show that the token is valid.
#[rstest]
#[case::tenant(foreign(), json!({}))]
#[case::audience(no_audience(), json!({}))]
#[case::expired(json!({}), json!({"exp": NOW - 3_600}))]
#[case::signature(json!({}), json!({"forged": true}))]
fn what_comes_behind_the_validation_shows_that_the_token_is_valid(#[case] settings: Value, #[case] claims: Value) {
    for (call, codes) in [
        (Seen::Policy, &[Code::Undetermined403][..]),
        (Seen::SignIn, &[Code::AppValidatesTokenItself]),
        (Seen::App(404), &[Code::AppError]),
        (Seen::App(500), &[Code::AppError]),
    ] {
        let root = judged(&settings, &claims, &call, None).root_cause.unwrap();
        assert!(codes.contains(&root.found.code), "{}: {}", root.found.code.name(), root.found.says.raw());
    }
    assert_eq!(judged(&settings, &claims, &Seen::App(200), None).root_cause, None);
}

/// A policy is certain only where its own refusal was seen, and the settings weren't disproved.
#[test]
fn a_policy_is_as_sure_as_the_403_and_the_settings() {
    let root = |settings: &Value, claims: &Value, call: &Seen| judged(settings, claims, call, None).root_cause.unwrap();
    let refused = root(&admits_another(), &json!({}), &Seen::Policy);
    assert_eq!(
        (refused.found.code, refused.found.confidence),
        (Code::CallerNotInAllowedApplications, Confidence::Certain)
    );
    for call in [Seen::Gateway, Seen::Stopped] {
        let stopped = root(&admits_another(), &json!({}), &call);
        assert_ne!(stopped.found.code, Code::CallerNotInAllowedApplications, "{}", stopped.found.says.raw());
    }
    let mut off = admits_another();
    off[ENABLED] = json!(false);
    let disproved = root(&off, &json!({}), &Seen::Policy);
    assert_eq!(disproved.found.code, Code::Undetermined403, "{}", disproved.found.says.raw());
    assert_eq!(judged(&off, &json!({}), &Seen::App(200), None).root_cause, None);
}

#[test]
fn a_tenant_that_the_challenge_contradicts_is_not_certain() {
    let root = judged(&foreign(), &json!({}), &Seen::Challenge, None).root_cause.unwrap();
    assert_eq!((root.found.code, root.found.confidence), (Code::ForeignTenantToken, Confidence::Likely));
}

/// A token that changes the answer has arrived, so nothing drops its header.
#[rstest]
#[case(Seen::Challenge, true)]
#[case(Seen::App(500), false)]
#[case(Seen::App(200), false)]
fn a_header_that_arrives_is_not_dropped(#[case] invalid: Seen, #[case] may_be_dropped: bool) {
    let answers = [Some(&Seen::Challenge), Some(&invalid), Some(&Seen::Challenge), None];
    let found = world(&json!({}), &json!({}), answers);
    let named = found.alternatives.iter().map(|other| other.found.code);
    let named: Vec<Code> = named.chain(found.root_cause.map(|root| root.found.code)).collect();
    assert_eq!(named.contains(&Code::AuthorizationHeaderDropped), may_be_dropped, "{named:?}");
}
