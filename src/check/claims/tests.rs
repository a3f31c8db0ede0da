use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::case::Case;
use crate::case::credential::{CredentialSource, Platform};
use crate::case::exchange::{Answer, Exchange, Outcome};
use crate::case::inputs::Inputs;
use crate::case::may_send::Foreign;
use crate::case::registration::Registration;
use crate::case::token::{AcquiredToken, SignatureVerdict};
use crate::knowledge::Confidence;

/// Whether the later steps treat the token as broken.
fn is_broken(case: &Case) -> bool {
    Earlier::of(&[check(case)]).found(Means::BrokenToken)
}

/// What the step says when all steps are judged.
fn check(case: &Case) -> StepReport {
    let mut steps = crate::check::all(&Evidence::of(case)).into_iter();
    steps.find(|step| step.id == StepId::Claims).unwrap()
}

/// The moment of the run.
const NOW: i64 = 1_767_225_600;

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

fn sound() -> Value {
    json!({"aud": "api://x", "iss": "https://sts.windows.net/t/", "appid": "c", "appidacr": "2", "oid": "o", "sub": "o",
        "idtyp": "app", "tid": "t", "ver": "1.0", "iat": NOW - 60, "nbf": NOW - 60, "exp": NOW + 86_000})
}

fn with(changes: &Value) -> Value {
    let mut claims = sound();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().shift_remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

fn encoded(header: &str, claims: &str) -> String {
    format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

fn case_of(token: &str) -> Case {
    let mut case = Case::new(Inputs::default(), at());
    case.token = Some(AcquiredToken {
        source: CredentialSource::ManagedIdentity(Platform::AppService),
        resource: None,
        response: Vec::new(),
        decoded: DecodedToken::decode(token),
        signature: Some(SignatureVerdict::Valid { kid: "k1".to_owned() }),
    });
    case
}

fn case(claims: &Value) -> Case {
    case_of(&encoded(r#"{"typ":"JWT","alg":"RS256","kid":"k1"}"#, &claims.to_string()))
}

/// An answer of App 2 whose clock is this far ahead of ours.
fn answered(case: &mut Case, purpose: Purpose, status: u16, skew: Option<i64>) {
    case.inputs.target = Some("https://app2.example/api".to_owned());
    // Easy Auth's own 401 has no text.
    let body = if status == 401 { "" } else { "hello" };
    case.exchanges.push(Exchange {
        id: 1,
        purpose,
        method: "GET".to_owned(),
        url: "https://app2.example/api".to_owned(),
        request_headers: Vec::new(),
        started_ms: 0,
        elapsed_ms: 1,
        proxy: None,
        address: None,
        outcome: Outcome::Answer(Answer { clock_skew_s: skew, ..Answer::saying(status, body) }),
    });
}

fn found(case: &Case) -> Vec<(Code, Severity)> {
    let report = check(case);
    assert_eq!(report, check(case));
    report.findings.iter().map(|finding| (finding.code, finding.severity)).collect()
}

#[test]
fn a_sound_token_passes() {
    let case = case(&sound());
    assert_eq!((found(&case), check(&case).status), (vec![], StepStatus::Pass));
    assert!(!is_broken(&case));
    let none = Case::new(Inputs::default(), at());
    assert_eq!(check(&none).status, StepStatus::Unknown);
}

#[test]
fn a_clock_that_the_other_servers_contradict_proves_nothing() {
    let sure_of = |exp: i64, others: Option<i64>| {
        let mut case = case(&with(&json!({"exp": exp, "nbf": NOW - 90_000, "iat": NOW - 90_000})));
        answered(&mut case, Purpose::CallAnonymous, 401, Some(7200));
        answered(&mut case, Purpose::KeysV1, 200, others);
        let findings = check(&case).findings;
        findings.iter().find(|found| found.code == Code::TokenExpired).map(|found| found.confidence)
    };
    let sure = |others| sure_of(NOW + 3600, others);
    // What has ended by every clock has ended, however far they are apart.
    assert_eq!(sure_of(NOW - 9_000, Some(0)), Some(Confidence::Certain));
    assert_eq!(sure(None), Some(Confidence::Certain));
    assert_eq!(sure(Some(7100)), Some(Confidence::Certain));
    assert_eq!(sure(Some(0)), Some(Confidence::Possible));
}

#[rstest]
#[case::sound(3600, None, None)]
#[case::expired_unconfirmed(-301, None, Some(Severity::Error))]
#[case::tolerated(-200, Some(0), Some(Severity::Warning))]
#[case::expired_for_app2(100, Some(500), Some(Severity::Error))]
#[case::only_here(-400, Some(-1000), Some(Severity::Warning))]
fn the_end_is_judged_by_app_2s_clock(#[case] exp: i64, #[case] skew: Option<i64>, #[case] severity: Option<Severity>) {
    let mut case = case(&with(&json!({"exp": NOW + exp, "nbf": NOW - 9_000, "iat": NOW - 9_000})));
    answered(&mut case, Purpose::CallAnonymous, 401, skew);
    let expected: Vec<(Code, Severity)> = severity.map(|severity| (Code::TokenExpired, severity)).into_iter().collect();
    let mut all = found(&case);
    all.retain(|(code, _)| *code != Code::TokenLifetimeCached);
    assert_eq!(all, expected);
    assert_eq!(is_broken(&case), severity == Some(Severity::Error));
    let sure = check(&case).findings.first().map(|finding| finding.confidence);
    if severity == Some(Severity::Error) {
        assert_eq!(sure, Some(if skew.is_some() { Confidence::Certain } else { Confidence::Likely }));
    }
}

/// A call of App 2 with the token, this long after the start of the run.
fn called_after(case: &mut Case, status: u16, seconds: u64) {
    answered(case, Purpose::CallAnonymous, 401, Some(0));
    answered(case, Purpose::CallWithToken, status, Some(0));
    case.exchanges.last_mut().unwrap().started_ms = seconds * 1000;
}

#[rstest]
#[case::expired_meanwhile(json!({"exp": NOW + 20}), 401, 400, Code::TokenExpired, Severity::Error,
    Confidence::Certain, "during-check")]
#[case::tolerance_ended(json!({"exp": NOW - 290}), 401, 20, Code::TokenExpired, Severity::Error,
    Confidence::Certain, "tolerance-ended")]
#[case::within_tolerance(json!({"exp": NOW + 20}), 401, 40, Code::TokenExpired, Severity::Error,
    Confidence::Possible, "tolerated")]
#[case::accepted_anyway(json!({"exp": NOW + 20}), 200, 40, Code::TokenExpired, Severity::Warning,
    Confidence::Certain, "tolerated")]
#[case::not_yet_when_called(json!({"nbf": NOW + 400}), 401, 20, Code::TokenNotYetValid, Severity::Error,
    Confidence::Certain, "future")]
#[case::began_meanwhile(json!({"nbf": NOW + 310}), 200, 320, Code::TokenNotYetValid, Severity::Info,
    Confidence::Certain, "during-check")]
#[case::in_tolerance_by_then(json!({"nbf": NOW + 310}), 401, 20, Code::TokenNotYetValid, Severity::Error,
    Confidence::Possible, "tolerated")]
fn times_are_judged_by_the_moment_of_the_call(
    #[case] times: Value,
    #[case] status: u16,
    #[case] after_s: u64,
    #[case] code: Code,
    #[case] severity: Severity,
    #[case] confidence: Confidence,
    #[case] says: &str,
) {
    let mut case = case(&with(&times));
    called_after(&mut case, status, after_s);
    let report = check(&case);
    let finding = report.findings.iter().find(|finding| finding.code == code).unwrap();
    assert_eq!((finding.severity, finding.confidence), (severity, confidence), "{finding:?}");
    assert_eq!(finding.says.key(), Some(says));
    let broken = severity == Severity::Error && confidence > Confidence::Possible;
    assert_eq!(is_broken(&case), broken);
    assert_eq!(report.status == StepStatus::Fail, broken);
}

#[test]
fn a_token_that_was_issued_during_the_check_begins_then() {
    let mut case = case(&with(&json!({"nbf": NOW + 30, "iat": NOW + 30})));
    answered(&mut case, Purpose::Token, 200, Some(0));
    case.exchanges.last_mut().unwrap().started_ms = 30_000;
    called_after(&mut case, 200, 31);
    assert_eq!(found(&case), []);
}

#[rstest]
#[case(400, None, Some(Severity::Error))]
#[case(400, Some(500), Some(Severity::Warning))]
#[case(100, None, Some(Severity::Warning))]
#[case(-10, None, None)]
#[case(2, None, Some(Severity::Warning))]
#[case(1, None, None)]
fn the_begin_is_judged_likewise(#[case] nbf: i64, #[case] skew: Option<i64>, #[case] severity: Option<Severity>) {
    let mut case = case(&with(&json!({"nbf": NOW + nbf, "iat": NOW})));
    answered(&mut case, Purpose::CallAnonymous, 401, skew);
    let expected: Vec<(Code, Severity)> =
        severity.map(|severity| (Code::TokenNotYetValid, severity)).into_iter().collect();
    let mut all = found(&case);
    all.retain(|(code, _)| *code != Code::TokenLifetimeCached);
    assert_eq!(all, expected);
}

#[rstest]
#[case::id_token(json!({"appid": null, "nonce": "n"}), Code::TokenNotAnAccessToken, Severity::Error)]
#[case::probably_id_token(json!({"appid": null}), Code::TokenNotAnAccessToken, Severity::Error)]
#[case::user(json!({"scp": "user_impersonation", "idtyp": "user", "upn": "a@b"}),
    Code::TokenNotAppOnly, Severity::Warning)]
#[case::endless(json!({"exp": null}), Code::TokenMalformed, Severity::Error)]
#[case::text_as_time(json!({"exp": "tomorrow"}), Code::TokenMalformed, Severity::Error)]
#[case::cached(json!({"iat": NOW - 18_000, "nbf": NOW - 18_000}), Code::TokenLifetimeCached, Severity::Info)]
fn kinds_of_tokens(#[case] changes: Value, #[case] code: Code, #[case] severity: Severity) {
    assert_eq!(found(&case(&with(&changes))), [(code, severity)]);
}

#[rstest]
#[case::invalid(SignatureVerdict::Invalid { kid: "k".to_owned() }, Code::TokenSignatureInvalid, Severity::Error)]
#[case::unknown(SignatureVerdict::UnknownKey { kid: "k".to_owned(), known: vec![] },
    Code::TokenSignatureInvalid, Severity::Error)]
#[case::unchecked(SignatureVerdict::NotChecked { reason: "no keys".to_owned() },
    Code::TokenSignatureUnverified, Severity::Info)]
fn signatures(#[case] verdict: SignatureVerdict, #[case] code: Code, #[case] severity: Severity) {
    let mut case = case(&sound());
    case.token.as_mut().unwrap().signature = Some(verdict);
    assert_eq!(found(&case), [(code, severity)]);
    assert_eq!(is_broken(&case), severity == Severity::Error);
    // A call that succeeds with the token says that its signature is good enough for App 2.
    answered(&mut case, Purpose::CallWithToken, 200, None);
    assert!(!is_broken(&case));
    let report = check(&case);
    let finding = &report.findings[0];
    let expected = match &case.token.as_ref().unwrap().signature {
        Some(SignatureVerdict::Invalid { .. }) => (Code::TokenSignatureInvalid, Severity::Warning),
        Some(SignatureVerdict::UnknownKey { .. }) => (Code::TokenSignatureUnverified, Severity::Warning),
        _ => (Code::TokenSignatureUnverified, Severity::Info),
    };
    assert_eq!((finding.code, finding.severity), expected);
    if finding.severity == Severity::Warning {
        assert!(
            finding.confidence < Confidence::Certain && finding.says.key() == Some("accepted-anyway"),
            "{finding:?}"
        );
        assert_eq!(report.status, StepStatus::Warn);
    }
}

#[rstest]
#[case::none(r#"{"alg":"none"}"#, Confidence::Certain, Foreign::Unsigned)]
#[case::absent(r#"{"typ":"JWT"}"#, Confidence::Certain, Foreign::NoAlgorithm)]
#[case::number(r#"{"alg":256}"#, Confidence::Certain, Foreign::NoAlgorithm)]
#[case::empty(r#"{"alg":""}"#, Confidence::Certain, Foreign::NoAlgorithm)]
#[case::shared(r#"{"alg":"HS256"}"#, Confidence::Certain, Foreign::SharedKey("HS256".to_owned()))]
#[case::curve(r#"{"alg":"ES256"}"#, Confidence::Likely, Foreign::Algorithm("ES256".to_owned()))]
#[case::pss(r#"{"alg":"PS256"}"#, Confidence::Likely, Foreign::Algorithm("PS256".to_owned()))]
#[case::other_case(r#"{"alg":"rs256"}"#, Confidence::Likely, Foreign::Algorithm("rs256".to_owned()))]
fn a_token_that_is_not_signed_as_entra_signs_is_reported_once(
    #[case] header: &str,
    #[case] confidence: Confidence,
    #[case] reason: Foreign,
) {
    let case = case_of(&encoded(header, &sound().to_string()));
    assert_eq!(found(&case), [(Code::TokenNotFromEntra, Severity::Error)]);
    let finding = &check(&case).findings[0];
    assert_eq!(finding.confidence, confidence);
    assert_eq!(finding.values["reason"].text(), Some(reason.to_string().as_str()));
}

#[test]
fn a_token_of_entras_that_lost_its_signature_is_one_with_a_wrong_signature() {
    let whole = encoded(r#"{"alg":"RS256"}"#, &sound().to_string());
    let case = case_of(whole.trim_end_matches("c2ln"));
    assert_eq!(found(&case), [(Code::TokenSignatureInvalid, Severity::Error)]);
}

#[test]
fn forms_that_hide_claims_are_errors_and_others_warnings() {
    let broken = case_of(&encoded(r#"{"alg":"RS256"}"#, "{\"aud\":\"a\",\"exp\":99999999999,"));
    assert_eq!(found(&broken)[0], (Code::TokenMalformed, Severity::Error));
    let opaque = case_of("0f8fad5b-d9cb-469f-a165-70867728950e");
    assert_eq!(
        (found(&opaque), check(&opaque).status),
        (vec![(Code::TokenMalformed, Severity::Error)], StepStatus::Fail)
    );
    let twice = encoded(r#"{"alg":"RS256"}"#, &sound().to_string().replacen('{', "{\"aud\":\"first\",", 1));
    assert_eq!(found(&case_of(&twice)), [(Code::TokenMalformed, Severity::Warning)]);
}

#[test]
fn roles_assigned_after_the_cached_token_are_reported() {
    let old = with(&json!({"iat": NOW - 18_000, "nbf": NOW - 18_000}));
    let mut case = case(&old);
    case.registration = Some(Registration {
        application_roles: vec![("r1".to_owned(), "Call.All".to_owned())],
        caller_roles: Some(vec!["r1".to_owned()]),
        ..Registration::default()
    });
    assert_eq!(found(&case), [(Code::TokenLifetimeCached, Severity::Warning), (Code::RolesMissing, Severity::Warning)]);
    assert!(!is_broken(&case));
}

proptest! {
    #[test]
    fn arbitrary_claims_never_panic_and_are_judged_alike(
        name in "aud|iss|exp|nbf|iat|appid|roles|groups|scp|nonce|ver|xms_mirid|idtyp|[a-z]{1,4}",
        value in prop_oneof![
            Just(json!(null)), any::<i64>().prop_map(Value::from), any::<f64>().prop_map(Value::from),
            "\\PC{0,30}".prop_map(Value::from), Just(json!([1, "a", null])), Just(json!({"a": {}})),
            Just(serde_json::from_str("1e400").unwrap()), Just(json!(i64::MAX)), Just(json!(i64::MIN)),
        ],
        skew in proptest::option::of(any::<i64>()),
    ) {
        let mut claims = sound();
        claims[&name] = value;
        let mut case = case(&claims);
        answered(&mut case, Purpose::CallAnonymous, 401, skew);
        let report = check(&case);
        prop_assert_eq!(&report, &check(&case));
        let shown = format!("{report:?}");
        prop_assert!(!shown.contains("c2ln"));
    }

    #[test]
    fn arbitrary_tokens_are_explained_or_refused(text in ".{0,120}") {
        let report = check(&case_of(&text));
        prop_assert!(report.status == StepStatus::Fail || !report.findings.is_empty());
    }
}

#[test]
fn a_token_that_cannot_be_taken_from_the_response_is_the_cause_once_nothing_more_comes() {
    let mut case = Case::new(Inputs::default(), at());
    answered(&mut case, Purpose::Token, 200, None);
    let Outcome::Answer(answer) = &mut case.exchanges[0].outcome else { panic!() };
    (answer.body, answer.truncated) = (r#"{"access_token":"AAAA"#.to_owned(), true);
    let codes = |case: &Case| check(case).findings.iter().map(|finding| finding.code).collect::<Vec<_>>();
    assert_eq!(codes(&case), [], "it may be on its way");
    case.settled.push(StepId::Token);
    assert_eq!(codes(&case), [Code::TokenMalformed]);
}
