use rstest::rstest;

use super::*;
use crate::case::Case;
use crate::case::credential::Platform;
use crate::case::environment::{Place, PlaceReading, Variable, VariableValue};
use crate::case::exchange::{Answer, Exchange, Failure, FailureKind, Outcome};
use crate::case::ids::ClientId;
use crate::case::inputs::{IdentitySelector, Inputs};
use crate::case::secret::Secret;
use crate::case::token::{AcquiredToken, DecodedToken};
use crate::knowledge::Confidence;

/// What the step says when all steps are judged.
fn check(case: &Case) -> StepReport {
    let mut steps = crate::check::all(&Evidence::of(case)).into_iter();
    steps.find(|step| step.id == StepId::Identity).unwrap()
}

fn environment(variables: &[&str], first_process: Option<Result<usize, String>>) -> Environment {
    let mut places = vec![PlaceReading { place: Place::Process, outcome: Ok(variables.len()) }];
    places.extend(first_process.map(|outcome| PlaceReading { place: Place::FirstProcess, outcome }));
    Environment {
        os: "linux".to_owned(),
        variables: variables
            .iter()
            .map(|text| {
                let (name, value) = text.split_once('=').unwrap_or((text, "value"));
                let value = if name.ends_with("HEADER") || name.ends_with("SECRET") {
                    VariableValue::Hidden(Secret::new(value.to_owned()))
                } else {
                    VariableValue::Plain(value.to_owned())
                };
                Variable { name: name.to_owned(), value, place: Place::Process }
            })
            .collect(),
        places,
        ..Environment::default()
    }
}

const APP: [&str; 3] = ["WEBSITE_SITE_NAME=app1", "IDENTITY_ENDPOINT=http://127.0.0.1:1/msi/token", "IDENTITY_HEADER"];

fn case(environment: Environment) -> Case {
    let mut case = Case::new(Inputs::default(), chrono::DateTime::UNIX_EPOCH);
    case.environment = Some(environment);
    case
}

fn exchange(purpose: Purpose, proxy: Option<&str>, outcome: Outcome) -> Exchange {
    Exchange {
        id: 1,
        purpose,
        method: "GET".to_owned(),
        url: "http://127.0.0.1:1/msi/token?resource=api://x&api-version=2019-08-01".to_owned(),
        request_headers: Vec::new(),
        started_ms: 0,
        elapsed_ms: 1,
        proxy: proxy.map(str::to_owned),
        address: None,
        outcome,
    }
}

fn answer(status: u16, body: &str) -> Outcome {
    Outcome::Answer(Answer::saying(status, body))
}

fn failure(kind: FailureKind) -> Outcome {
    Outcome::Failure(Failure { kind, message: "error".to_owned() })
}

const ISSUED: &str = r#"{"access_token":"[redacted]"}"#;
const NOT_FOUND: &str = "{\"statusCode\":400,\"message\":\"No User Assigned or Delegated Managed Identity found for \
    specified ClientId/ResourceId/PrincipalId.\"}";

fn with_token(case: &mut Case, claims: serde_json::Value) {
    let claims = claims.as_object().cloned().unwrap_or_default().into_iter().collect();
    case.token = Some(AcquiredToken {
        source: CredentialSource::ManagedIdentity(Platform::AppService),
        resource: None,
        response: Vec::new(),
        decoded: DecodedToken { claims, ..DecodedToken::default() },
        signature: None,
    });
}

fn found(case: &Case) -> Vec<(Code, Severity, Confidence)> {
    let report = check(case);
    assert_eq!(report, check(case));
    report.findings.iter().map(|finding| (finding.code, finding.severity, finding.confidence)).collect()
}

#[rstest]
#[case::not_read(&["WEBSITE_SITE_NAME=app1"], None, Code::IdentityNotEnabled, Confidence::Likely)]
#[case::another_container_perhaps(
    &["WEBSITE_SITE_NAME=app1"],
    Some(Ok(40)),
    Code::IdentityNotEnabled,
    Confidence::Likely
)]
#[case::hidden(
    &["WEBSITE_SITE_NAME=app1"],
    Some(Err("denied".to_owned())),
    Code::IdentityNotEnabled,
    Confidence::Likely
)]
#[case::static_web_app(
    &["WEBSITE_SITE_NAME=x", "WEBSITE_STATICWEBAPP_RESOURCE_ID=/s"],
    None,
    Code::IdentityUnsupportedOnHost,
    Confidence::Likely
)]
#[case::container_app(&["CONTAINER_APP_NAME=c"], None, Code::IdentityNotEnabled, Confidence::Likely)]
#[case::laptop(&[], None, Code::IdentityUnsupportedOnHost, Confidence::Likely)]
#[case::sshd(&[], Some(Err("denied".to_owned())), Code::IdentityUnsupportedOnHost, Confidence::Possible)]
#[case::half(
    &["WEBSITE_SITE_NAME=app1", "IDENTITY_ENDPOINT=http://x"],
    None,
    Code::CredentialIncomplete,
    Confidence::Certain
)]
#[case::pod(&["KUBERNETES_SERVICE_HOST=10.0.0.1"], None, Code::WorkloadIdentityIncomplete, Confidence::Likely)]
#[case::azure_variables_of_a_pod(
    &["AZURE_TENANT_ID=t", "AZURE_FEDERATED_TOKEN_FILE=/var/run/secrets/azure/tokens/azure-identity-token"],
    None,
    Code::WorkloadIdentityIncomplete,
    Confidence::Certain
)]
fn without_an_endpoint(
    #[case] variables: &[&str],
    #[case] first: Option<Result<usize, String>>,
    #[case] code: Code,
    #[case] confidence: Confidence,
) {
    let case = case(environment(variables, first));
    assert_eq!(found(&case)[0], (code, Severity::Error, confidence));
    assert_eq!(check(&case).status, StepStatus::Fail);
}

#[rstest]
#[case::not_attached(
    IdentitySelector::ClientId(ClientId::new("id")),
    400,
    NOT_FOUND,
    Code::SelectedIdentityNotAttached
)]
#[case::none_selected(
    IdentitySelector::System,
    400,
    r#"{"StatusCode":400,"Message":"No MSI found for specified ClientId/ResourceId."}"#,
    Code::UserAssignedIdentityNotSelected
)]
#[case::cannot_load(
    IdentitySelector::System,
    400,
    r#"{"message":"Unable to load the proper Managed Identity."}"#,
    Code::UserAssignedIdentityNotSelected
)]
#[case::version(
    IdentitySelector::System,
    400,
    r#"{"error":{"code":"UnsupportedApiVersion"}}"#,
    Code::IdentityEndpointProtocolMismatch
)]
#[case::path(IdentitySelector::System, 404, "", Code::IdentityEndpointProtocolMismatch)]
#[case::stale(IdentitySelector::System, 401, "", Code::IdentityVariablesHidden)]
#[case::none(
    IdentitySelector::System,
    400,
    r#"{"error":"invalid_request","error_description":"Identity not found"}"#,
    Code::IdentityNotEnabled
)]
fn what_the_endpoint_says_of_the_identity(
    #[case] selector: IdentitySelector,
    #[case] status: u16,
    #[case] body: &str,
    #[case] code: Code,
) {
    let mut case = case(environment(&APP, None));
    case.inputs.identity = selector;
    case.exchanges.push(exchange(Purpose::Token, None, answer(status, body)));
    assert_eq!(found(&case)[0].0, code);
}

#[test]
fn the_variable_that_selects_is_named() {
    let mut variables = APP.to_vec();
    variables.push("AZURE_CLIENT_ID=11111111-2222-3333-4444-555555555555");
    let mut case = case(environment(&variables, None));
    case.exchanges.push(exchange(Purpose::Token, None, answer(400, NOT_FOUND)));
    let report = check(&case);
    let finding = &report.findings[0];
    assert_eq!(finding.values["from_variable"], crate::knowledge::Value::Yes);
    assert_eq!(finding.values["identity"].text(), Some("client-id:11111111-2222-3333-4444-555555555555"));
}

#[rstest]
#[case(FailureKind::ConnectionRefused, "refused")]
#[case(FailureKind::ConnectTimeout, "silent")]
#[case(FailureKind::NameNotResolved, "failed")]
#[case(FailureKind::AnswerTimeout, "unanswered")]
fn an_endpoint_out_of_reach(#[case] kind: FailureKind, #[case] key: &str) {
    let mut case = case(environment(&APP, None));
    case.exchanges.push(exchange(Purpose::Token, None, failure(kind)));
    let report = check(&case);
    assert_eq!(report.findings[0].code, Code::IdentityEndpointUnreachable);
    assert_eq!(report.findings[0].says.key(), Some(key));
    assert_eq!(report.findings[0].values["reason"].text(), Some("error"));
    // What a rule must allow is the address that was asked.
    let asked = case.exchange(&Purpose::Token).unwrap().address();
    assert_eq!(report.findings[0].values["identity_host"].text(), asked.as_deref());
}

#[test]
fn silence_for_one_resource_says_nothing_of_the_identity() {
    let mut case = case(environment(&APP, None));
    case.exchanges.push(exchange(Purpose::Token, None, failure(FailureKind::AnswerTimeout)));
    case.exchanges.push(exchange(Purpose::TokenForResourceManager, None, answer(200, ISSUED)));
    assert_eq!((found(&case), check(&case).status), (vec![], StepStatus::Pass));
}

#[test]
fn a_proxy_is_told_by_the_other_way_around_it() {
    let proxied = |outcome| exchange(Purpose::Token, Some("http://proxy:3128"), outcome);
    let past = |outcome| exchange(Purpose::TokenOtherProxyWay, None, outcome);
    let mut blocked = case(environment(&APP, None));
    blocked.exchanges = vec![proxied(answer(502, "<html>")), past(answer(200, ISSUED))];
    assert_eq!(found(&blocked), [(Code::ProxyInterceptsIdentityEndpoint, Severity::Error, Confidence::Certain)]);
    let mut alone = case(environment(&APP, None));
    alone.exchanges = vec![proxied(failure(FailureKind::Proxy))];
    assert_eq!(found(&alone)[0].2, Confidence::Likely);
    let mut direct = case(environment(&APP, None));
    direct.exchanges = vec![
        exchange(Purpose::Token, None, answer(200, ISSUED)),
        exchange(Purpose::TokenOtherProxyWay, Some("http://proxy:3128"), answer(403, "<html>")),
    ];
    assert_eq!(found(&direct)[0].1, Severity::Warning);
    assert_eq!(check(&direct).status, StepStatus::Warn);
}

#[test]
fn an_opaque_error_says_nothing_of_the_identity_but_another_token_does() {
    let mut case = case(environment(&APP, None));
    case.exchanges.push(exchange(Purpose::Token, None, answer(500, "")));
    assert_eq!((found(&case).len(), check(&case).status), (0, StepStatus::Unknown));
    case.exchanges.push(exchange(Purpose::TokenForResourceManager, None, answer(200, ISSUED)));
    assert_eq!(check(&case).status, StepStatus::Pass);
}

#[test]
fn the_tokens_identity_is_compared_with_the_expected_one() {
    let mirid = "/subscriptions/s/resourcegroups/g/providers/Microsoft.Web/sites/app1";
    let claims = serde_json::json!({"appid": "Client", "oid": "object", "xms_mirid": mirid});
    let mut good = case(environment(&APP, None));
    with_token(&mut good, claims.clone());
    assert_eq!((found(&good).len(), check(&good).status), (0, StepStatus::Pass));
    good.inputs.expect_identity = Some("OBJECT".to_owned());
    assert_eq!(found(&good), []);
    good.inputs.expect_identity = Some("another".to_owned());
    assert_eq!(found(&good)[0], (Code::UnexpectedIdentityUsed, Severity::Error, Confidence::Certain));
    good.inputs.expect_identity = None;
    good.inputs.identity = IdentitySelector::ClientId(ClientId::new("other"));
    assert_eq!(found(&good)[0].0, Code::UnexpectedIdentityUsed);

    let mut slot = case(environment(&[&APP[..], &["WEBSITE_SLOT_NAME=Production"]].concat(), None));
    let mut swapped = claims;
    swapped["xms_mirid"] = format!("{mirid}/slots/staging").into();
    with_token(&mut slot, swapped);
    assert_eq!(found(&slot)[0], (Code::UnexpectedIdentityUsed, Severity::Warning, Confidence::Likely));
    assert_eq!(check(&slot).findings[0].values["token_slot"].text(), Some("staging"));
}

#[test]
fn a_stray_service_principal_is_a_warning_and_no_secret_is_in_it() {
    let variables =
        [&APP[..], &["AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET=hunter2hunter2"]].concat();
    let case = case(environment(&variables, None));
    assert_eq!(found(&case)[0].1, Severity::Warning);
    let text = format!("{:?}", check(&case));
    assert!(!text.contains("hunter2"), "{text}");
}
