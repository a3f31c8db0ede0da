use rstest::rstest;

use super::*;
use crate::case::Case;
use crate::case::credential::Platform;
use crate::case::environment::{Environment, Place, Variable, VariableValue};
use crate::case::exchange::{Answer, Exchange, Failure, FailureKind, Outcome};
use crate::case::ids::ClientId;
use crate::case::inputs::Inputs;
use crate::case::registration::Registration;
use crate::case::resource::{ChosenResource, ResourceSource};
use crate::case::token::{AcquiredToken, DecodedToken, OutsideToken};

/// What the step says when all steps are judged.
fn check(case: &Case) -> StepReport {
    let mut steps = crate::check::all(&Evidence::of(case)).into_iter();
    steps.find(|step| step.id == StepId::Token).unwrap()
}

const CLIENT: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn case(variables: &[&str]) -> Case {
    let mut case = Case::new(Inputs::default(), chrono::DateTime::UNIX_EPOCH);
    case.environment = Some(Environment {
        variables: variables
            .iter()
            .map(|name| Variable {
                name: (*name).to_owned(),
                value: VariableValue::Plain("value".to_owned()),
                place: Place::Process,
            })
            .collect(),
        ..Environment::default()
    });
    case.resource = Some(ChosenResource::from_given(&format!("api://{CLIENT}"), ResourceSource::Option));
    case
}

fn managed() -> Case {
    case(&["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "WEBSITE_SITE_NAME"])
}

fn principal() -> Case {
    case(&["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"])
}

fn put(case: &mut Case, purpose: Purpose, outcome: Outcome) {
    case.exchanges.push(Exchange {
        id: 1,
        purpose,
        method: "GET".to_owned(),
        url: "http://127.0.0.1:1/msi/token".to_owned(),
        request_headers: Vec::new(),
        started_ms: 0,
        elapsed_ms: 1,
        proxy: None,
        address: None,
        outcome,
    });
}

fn answer(status: u16, body: &str) -> Outcome {
    Outcome::Answer(Answer::saying(status, body))
}

fn failure(kind: FailureKind) -> Outcome {
    Outcome::Failure(Failure { kind, message: "no route".to_owned() })
}

const OPAQUE: &str = concat!(
    r#"{"statusCode":500,"message":"An unexpected error occured while fetching the AAD Token.","#,
    r#""correlationId":"0f8fad5b-d9cb-469f-a165-708677289501"}"#
);
const ISSUED: &str = r#"{"access_token":"[redacted]"}"#;

fn named(number: &str) -> String {
    let trace = "11111111-1111-1111-1111-111111111111";
    let correlation = "22222222-2222-2222-2222-222222222222";
    let text = format!(r"AADSTS{number}: Words.\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}");
    format!(r#"{{"error":"x","error_description":"{text}","error_codes":[{number}]}}"#)
}

#[test]
fn a_pause_of_this_process_says_nothing_of_the_endpoint() {
    let paused = || {
        Outcome::Failure(Failure {
            kind: FailureKind::Other,
            message: format!("{} for about 7 s", crate::case::exchange::PAUSED),
        })
    };
    for mut case in [managed(), principal()] {
        put(&mut case, Purpose::Token, paused());
        assert_eq!(found(&case), []);
        let report = check(&case);
        assert_eq!(report.status, StepStatus::Unknown, "{report:?}");
        assert_eq!(report.summary.key(), Some("token.paused"), "{report:?}");
        put(&mut case, Purpose::Token, answer(200, ISSUED));
        assert_eq!(Reply::to(&case, &Purpose::Token).unwrap().attempts, 1);
        put(&mut case, Purpose::Token, answer(200, ISSUED));
        assert_eq!(Reply::to(&case, &Purpose::Token).unwrap().attempts, 2);
    }
}

/// Codes with their confidence, in order.
fn found(case: &Case) -> Vec<(Code, Confidence)> {
    let report = check(case);
    assert_eq!(report, check(case));
    assert!(
        report.findings.iter().all(|finding| finding.confidence > Confidence::Possible || finding.test().is_some())
    );
    report.findings.iter().map(|finding| (finding.code, finding.confidence)).collect()
}

const EXISTS: [Code; 3] = [Code::AssignmentRequiredNotAssigned, Code::ResourceDisabled, Code::ConditionalAccessBlocked];
const ANY: [Code; 4] = [
    Code::AssignmentRequiredNotAssigned,
    Code::ResourceNotRegistered,
    Code::ResourceDisabled,
    Code::ConditionalAccessBlocked,
];

/// The decision table of `opaque.rs`, row by row: answers for M, B, N.
#[rstest]
#[case::row_1(
    Some((200, ISSUED)),
    Some((200, ISSUED)),
    Some((500, OPAQUE)),
    &[Code::ResourceNotRegistered],
    Confidence::Likely
)]
#[case::row_4(Some((200, ISSUED)), Some((500, OPAQUE)), Some((500, OPAQUE)), &ANY, Confidence::Possible)]
#[case::row_4_alone(Some((200, ISSUED)), None, None, &ANY, Confidence::Possible)]
#[case::row_5(
    Some((200, ISSUED)),
    Some((500, OPAQUE)),
    Some((400, "{\"message\":\"other\"}")),
    &EXISTS,
    Confidence::Possible
)]
#[case::row_7(
    Some((500, OPAQUE)),
    None,
    None,
    &[Code::CallerEgressBlocked, Code::IdentityEndpointTransient],
    Confidence::Possible
)]
#[case::row_8(Some((429, "")), None, None, &[Code::IdentityEndpointThrottled], Confidence::Likely)]
#[case::row_9(
    None,
    None,
    None,
    &[&ANY[..], &[Code::CallerEgressBlocked, Code::IdentityEndpointTransient]].concat(),
    Confidence::Possible
)]
fn an_opaque_refusal_is_told_apart(
    #[case] manager: Option<(u16, &str)>,
    #[case] bare: Option<(u16, &str)>,
    #[case] nonsense: Option<(u16, &str)>,
    #[case] codes: &[Code],
    #[case] confidence: Confidence,
) {
    // Silence for every resource is the endpoint's own, and judged in step 1.
    let silence = manager.filter(|(status, _)| *status == 200).map(|_| failure(FailureKind::AnswerTimeout));
    for real in [answer(500, OPAQUE), answer(500, "")].into_iter().chain(silence) {
        let opaque = |(status, body): (u16, &str)| match &real {
            // What looks alike must look alike whatever the form of the refusal.
            real if body == OPAQUE => real.clone(),
            _ => answer(status, body),
        };
        let mut case = managed();
        put(&mut case, Purpose::Token, real.clone());
        for (purpose, given) in [
            (Purpose::TokenForResourceManager, manager),
            (Purpose::TokenForBareClientId, bare),
            (Purpose::TokenForNonsense, nonsense),
        ] {
            if let Some(given) = given {
                put(&mut case, purpose, opaque(given));
            }
        }
        let expected: Vec<(Code, Confidence)> = codes.iter().map(|code| (*code, confidence)).collect();
        assert_eq!(found(&case), expected, "{real:?}");
        assert_eq!(check(&case).status, StepStatus::Fail);
    }
}

#[test]
fn metadata_tells_which_cause_of_a_general_failure_is_likelier() {
    let general = |metadata: Outcome| {
        let mut case = managed();
        put(&mut case, Purpose::Token, answer(500, OPAQUE));
        put(&mut case, Purpose::TokenForResourceManager, answer(500, OPAQUE));
        put(&mut case, Purpose::MetadataV2, metadata);
        found(&case)
    };
    assert_eq!(general(failure(FailureKind::ConnectTimeout))[0], (Code::CallerEgressBlocked, Confidence::Likely));
    assert_eq!(general(answer(200, "{}"))[0], (Code::IdentityEndpointTransient, Confidence::Possible));
}

#[test]
fn the_registration_decides_where_graph_shows_it() {
    let with = |registration: Registration| {
        let mut case = managed();
        put(&mut case, Purpose::Token, answer(500, OPAQUE));
        put(&mut case, Purpose::TokenForResourceManager, answer(200, ISSUED));
        case.registration = Some(registration);
        found(&case)
    };
    let good = Registration {
        client_id: Some(ClientId::new(CLIENT)),
        service_principal_enabled: Some(true),
        assignment_required: Some(true),
        identifier_uris: Some(vec![format!("api://{CLIENT}")]),
        caller_roles: Some(Vec::new()),
        ..Registration::default()
    };
    assert_eq!(with(good.clone()), [(Code::AssignmentRequiredNotAssigned, Confidence::Certain)]);
    let disabled = Registration { service_principal_enabled: Some(false), ..good.clone() };
    assert_eq!(with(disabled)[0].0, Code::ResourceDisabled);
    let renamed = Registration { identifier_uris: Some(vec!["api://other".to_owned()]), ..good.clone() };
    assert_eq!(with(renamed)[0], (Code::ResourceNotRegistered, Confidence::Certain));
    let excluded = Registration { assignment_required: Some(false), ..good };
    assert_eq!(with(excluded), [(Code::ConditionalAccessBlocked, Confidence::Possible)]);
}

#[test]
fn a_missing_service_principal_is_seen_in_graph() {
    let with = |body: &'static str| {
        let mut case = managed();
        put(&mut case, Purpose::Token, answer(500, OPAQUE));
        put(&mut case, Purpose::TokenForResourceManager, answer(200, ISSUED));
        put(&mut case, Purpose::GraphResourcePrincipal, answer(404, body));
        case.registration = Some(Registration::default());
        found(&case)
    };
    let missing = r#"{"error": {"code": "Request_ResourceNotFound", "message": "Resource doesn't exist."}}"#;
    assert_eq!(with(missing), [(Code::ResourceNotRegistered, Confidence::Certain)]);
    // What stands between has a 404 of its own.
    for body in ["", "{}", r#"{"error": "not found"}"#] {
        assert_ne!(with(body)[0].1, Confidence::Certain, "{body}");
    }
}

#[test]
fn a_graph_without_app_1_says_nothing_of_app_2() {
    let missing = r#"{"error": {"code": "Request_ResourceNotFound", "message": "Resource doesn't exist."}}"#;
    let mut case = managed();
    put(&mut case, Purpose::Token, answer(500, OPAQUE));
    put(&mut case, Purpose::TokenForResourceManager, answer(200, ISSUED));
    put(&mut case, Purpose::GraphResourcePrincipal, answer(404, missing));
    put(&mut case, Purpose::GraphCaller, answer(404, missing));
    case.registration = Some(Registration::default());
    assert_ne!(found(&case)[0].1, Confidence::Certain);
}

#[test]
fn an_identity_that_gets_other_tokens_is_not_stale() {
    let stale = |other: Option<Outcome>| {
        let mut case = managed();
        put(&mut case, Purpose::Token, answer(400, &named("1000901")));
        other.into_iter().for_each(|other| put(&mut case, Purpose::TokenForResourceManager, other));
        let steps = crate::check::all(&Evidence::of(&case));
        steps.iter().flat_map(|step| &step.findings).any(|found| found.code == Code::ManagedIdentityStale)
    };
    assert!(stale(None));
    assert!(!stale(Some(answer(200, ISSUED))));
}

#[test]
fn an_unknown_number_is_shown_with_entras_words_and_ids() {
    let mut case = principal();
    put(&mut case, Purpose::Token, answer(400, &named("9999999")));
    let report = check(&case);
    // No table knows the number: its text is shown, and determines nothing.
    assert_eq!(report.findings[0].code, Code::UndeterminedTokenRefusal);
    assert_eq!(report.findings[0].confidence, Confidence::Possible);
    let finding = &report.findings[0];
    assert_eq!(finding.values["said"].text(), Some("AADSTS9999999: Words"));
    assert_eq!(finding.values["correlation_id"].text(), Some("22222222-2222-2222-2222-222222222222"));
    assert_eq!(finding.test().unwrap().key(), Some("token.sign-in-logs"));
}

/// Numbers are added, and a new one often has the sentence of an older one.
#[rstest]
#[case("Access has been blocked by Conditional Access policies.", Code::ConditionalAccessBlocked)]
#[case("Confidential Client is not supported in Cross Cloud request.", Code::TenantNotFound)]
#[case("The resource principal named api://app2 was not found in the tenant named t.", Code::ResourceNotRegistered)]
#[case("Words of no entry.", Code::UndeterminedTokenRefusal)]
fn the_sentence_of_an_unknown_number_is_read(#[case] sentence: &str, #[case] code: Code) {
    let mut case = principal();
    put(&mut case, Purpose::Token, answer(400, &named("9999999").replace("Words", sentence)));
    let sure = if code == Code::UndeterminedTokenRefusal { Confidence::Possible } else { Confidence::Likely };
    assert_eq!(found(&case), [(code, sure)]);
}

/// Graph shows an assignment that Entra's token service doesn't know yet, or that another identity has.
#[test]
fn an_assignment_that_is_there_is_not_missing_for_certain() {
    let mut case = principal();
    put(&mut case, Purpose::Token, answer(400, &named("501051")));
    case.registration = Some(Registration { caller_roles: Some(vec!["r1".to_owned()]), ..Registration::default() });
    assert_eq!(found(&case), [(Code::AssignmentRequiredNotAssigned, Confidence::Likely)]);
    assert!(check(&case).findings[0].values.contains_key("is_assigned"));
}

/// Every row of the facts' table of numbers that can stand for one finding only.
#[rstest]
#[case("500011", Code::ResourceNotRegistered)]
#[case("500014", Code::ResourceDisabled)]
#[case("501051", Code::AssignmentRequiredNotAssigned)]
#[case("65005", Code::TokenRequestRejected)]
#[case("700016", Code::CallerNotInTenant)]
#[case("7000112", Code::CallerDisabled)]
#[case("7000215", Code::CallerSecretInvalid)]
#[case("7000222", Code::CallerSecretExpired)]
#[case("90002", Code::TenantNotFound)]
#[case("53003", Code::ConditionalAccessBlocked)]
#[case("50196", Code::IdentityEndpointThrottled)]
#[case("90033", Code::IdentityEndpointTransient)]
#[case("50194", Code::TokenRequestRejected)]
// Consent is a matter of tools; an app that is refused so asks wrongly.
#[case("65001", Code::TokenRequestRejected)]
#[case("650057", Code::ResourceNotRegistered)]
fn entras_numbers_become_findings(#[case] number: &str, #[case] code: Code) {
    let mut case = principal();
    put(&mut case, Purpose::Token, answer(400, &named(number)));
    assert_eq!(found(&case)[0].0, code);
    assert_eq!(check(&case).findings[0].values["aadsts"].text(), Some(number));
}

#[test]
fn numbers_are_read_with_the_credential_and_the_echoed_name_in_mind() {
    let told = |variables: &[&str], body: &str| {
        let mut case = case(variables);
        put(&mut case, Purpose::Token, answer(400, body));
        found(&case)
    };
    let service = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];
    let workload = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"];
    let certificate = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_CERTIFICATE_PATH"];
    let managed = ["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "WEBSITE_SITE_NAME"];
    for (variables, number, code) in [
        (&workload[..], "700024", Code::AssertionRejected),
        (&workload, "700212", Code::FederatedCredentialMismatch),
        (&workload, "700027", Code::AssertionRejected),
        (&certificate, "700024", Code::CallerCertificateRejected),
        (&certificate, "700027", Code::CallerCertificateRejected),
        (&service, "700027", Code::TokenRequestRejected),
        (&service, "700212", Code::TokenRequestRejected),
    ] {
        assert_eq!(told(variables, &named(number))[0].0, code, "{variables:?} {number}");
    }
    let tool = concat!(
        r#"{"error":"invalid_grant","error_description":"AADSTS65001: The application with ID "#,
        r#"'04b07795-8ddb-461a-bbee-02f9e1bf7b46' has no consent.","error_codes":[65001]}"#
    );
    assert_eq!(told(&service, tool)[0].0, Code::DeveloperToolNotPreauthorized);
    let echo = concat!(
        r#"{"error":"invalid_resource","error_description":"AADSTS500011: The resource principal named "#,
        r#"api://x/.default was not found in the tenant named t.","error_codes":[500011]}"#
    );
    assert_eq!(told(&service, echo)[0].0, Code::ScopeDefaultInResource);
    // What a number says of the credential itself belongs to step 1.
    assert_eq!(told(&service, &named("7000216")), []);
    for number in ["700027", "700016", "7000216"] {
        assert_eq!(told(&managed, &named(number)), [], "{number}");
    }
}

#[test]
fn a_refusal_carries_what_its_fixes_need() {
    let mut workload = case(&["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"]);
    workload.outside_token = Some(OutsideToken {
        not_before: None,
        issuer: Some("https://issuer.example/".to_owned()),
        subject: Some("repo:org/app:ref".to_owned()),
        audiences: vec!["api://other".to_owned()],
        expires: None,
        marked: false,
    });
    put(&mut workload, Purpose::Token, answer(400, &named("700213")));
    let finding = check(&workload).findings.remove(0);
    assert_eq!(finding.values["federation_issuer"].text().unwrap(), "https://issuer.example/");
    // With another audience a credential for this subject would not help.
    assert_eq!(finding.values["federation_audience"].text().unwrap(), "api://other");
    assert!(!finding.values.contains_key("subject"));
    assert!(finding.evidence.contains(&"federated token: aud = api://other".into()));
    if let Some(token) = &mut workload.outside_token {
        token.audiences = vec!["api://AzureADTokenExchange".to_owned()];
    }
    let finding = check(&workload).findings.remove(0);
    assert_eq!(finding.values["subject"].text().unwrap(), "repo:org/app:ref");

    let mut tool = principal();
    let text = concat!(
        r#"{"error":"invalid_grant","error_description":"AADSTS65001: The application with ID "#,
        r#"'04b07795-8ddb-461a-bbee-02f9e1bf7b46' has no consent. Trace ID: 3f2a Correlation ID: 77","#,
        r#""error_codes":[65001],"trace_id":"3f2a"}"#
    );
    put(&mut tool, Purpose::Token, answer(400, text));
    let finding = check(&tool).findings.remove(0);
    assert_eq!(finding.values["developer_tool_client_id"].text().unwrap(), "04b07795-8ddb-461a-bbee-02f9e1bf7b46");
}

#[rstest]
#[case(429, Code::IdentityEndpointThrottled)]
#[case(503, Code::IdentityEndpointTransient)]
#[case(500, Code::IdentityEndpointTransient)]
#[case(418, Code::UndeterminedTokenRefusal)]
fn entra_without_a_number(#[case] status: u16, #[case] code: Code) {
    let mut case = principal();
    put(&mut case, Purpose::Token, answer(status, ""));
    assert_eq!(found(&case)[0].0, code);
}

/// A gateway or sidecar before the endpoint has the same statuses: only what the endpoint says itself is certain.
#[rstest]
#[case(429, "", "", Code::IdentityEndpointThrottled, Confidence::Certain)]
#[case(429, "", r#"{"error": "too_many_requests"}"#, Code::IdentityEndpointThrottled, Confidence::Certain)]
#[case(429, "", "<html><h1>429 Too Many Requests</h1></html>", Code::IdentityEndpointThrottled, Confidence::Likely)]
#[case(429, "nginx/1.25", "", Code::IdentityEndpointThrottled, Confidence::Likely)]
#[case(503, "", r#"{"error": "busy"}"#, Code::IdentityEndpointThrottled, Confidence::Likely)]
#[case(503, "", "", Code::IdentityEndpointThrottled, Confidence::Likely)]
#[case(503, "", "<html><h1>503 Service Unavailable</h1></html>", Code::IdentityEndpointTransient, Confidence::Likely)]
#[case(503, "envoy", "no healthy upstream", Code::IdentityEndpointTransient, Confidence::Likely)]
#[case(503, "Microsoft-Azure-Application-Gateway/v2", "{}", Code::IdentityEndpointTransient, Confidence::Likely)]
fn throttled_by_whom(
    #[case] status: u16,
    #[case] server: &str,
    #[case] body: &str,
    #[case] code: Code,
    #[case] sureness: Confidence,
) {
    let mut case = principal();
    let mut exchange = answer(status, body);
    if let Outcome::Answer(answer) = &mut exchange {
        answer.headers.push(("retry-after".into(), "5".into()));
        answer.headers.push(("server".into(), server.into()));
    }
    put(&mut case, Purpose::Token, exchange);
    assert_eq!(found(&case)[0], (code, sureness));
}

#[rstest]
#[case(FailureKind::ConnectTimeout)]
#[case(FailureKind::NameNotResolved)]
#[case(FailureKind::TlsUntrusted)]
fn entra_out_of_reach(#[case] kind: FailureKind) {
    let mut case = principal();
    put(&mut case, Purpose::Token, failure(kind));
    assert_eq!(found(&case), [(Code::CallerEgressBlocked, Confidence::Likely)]);
}

#[test]
fn what_belongs_to_the_identity_is_not_told_twice() {
    let mut case = managed();
    put(
        &mut case,
        Purpose::Token,
        answer(400, r#"{"message":"No User Assigned or Delegated Managed Identity found for specified ClientId"}"#),
    );
    let report = check(&case);
    assert_eq!((report.findings.len(), report.status), (0, StepStatus::Fail));
    let absent = self::case(&["WEBSITE_SITE_NAME"]);
    assert_eq!((check(&absent).findings.len(), check(&absent).status), (0, StepStatus::Skipped));
}

#[test]
fn an_issued_token_passes_and_retries_are_told() {
    let mut case = managed();
    assert_eq!(check(&case).status, StepStatus::Unknown);
    case.token = Some(AcquiredToken {
        source: CredentialSource::ManagedIdentity(Platform::AppService),
        resource: None,
        response: vec![("token_type".to_owned(), "Bearer".to_owned())],
        decoded: DecodedToken::default(),
        signature: None,
    });
    put(&mut case, Purpose::Token, answer(200, ISSUED));
    assert_eq!(check(&case).status, StepStatus::Pass);
    case.exchanges.clear();
    put(&mut case, Purpose::Token, answer(500, ""));
    put(&mut case, Purpose::Token, answer(200, ISSUED));
    assert_eq!((check(&case).status, found(&case)[0].0), (StepStatus::Warn, Code::IdentityEndpointTransient));
}
