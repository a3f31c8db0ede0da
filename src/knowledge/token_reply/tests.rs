use super::super::echo::echoed_resource;
use super::*;
use crate::case::exchange::Failure;
use proptest::prelude::*;
use rstest::rstest;

fn answer(status: u16, body: &str) -> Exchange {
    Exchange {
        id: 1,
        purpose: Purpose::Token,
        method: "GET".to_owned(),
        url: "http://127.0.0.1:41000/msi/token".to_owned(),
        request_headers: Vec::new(),
        started_ms: 0,
        elapsed_ms: 1,
        proxy: None,
        address: None,
        outcome: Outcome::Answer(Answer::saying(status, body)),
    }
}

#[rstest]
#[case(200, r#"{"access_token":"[redacted]","expires_on":"1"}"#, Class::Issued)]
#[case(200, "<html>", Class::NoToken)]
#[case(
    400,
    "{\"statusCode\":400,\"message\":\"No User Assigned or Delegated Managed Identity found for specified \
     ClientId/ResourceId/PrincipalId.\"}",
    Class::Endpoint(EndpointSays::NotAttached)
)]
#[case(
    400,
    r#"{"StatusCode":400,"Message":"No MSI found for specified ClientId/ResourceId.","CorrelationId":"x"}"#,
    Class::Endpoint(EndpointSays::NotAttached)
)]
#[case(
    400,
    r#"{"statusCode":400,"message":"Unable to load the proper Managed Identity."}"#,
    Class::Endpoint(EndpointSays::NotSelected)
)]
#[case(
    400,
    "{\"error\":\"invalid_request\",\"error_description\":\"Multiple user assigned identities exist, please specify \
     the clientId / resourceId of the identity in the token request\"}",
    Class::Endpoint(EndpointSays::Several)
)]
#[case(
    400,
    r#"{"error":"invalid_request","error_description":"Identity not found"}"#,
    Class::Endpoint(EndpointSays::NoIdentity)
)]
#[case(
    400,
    r#"{"error":{"code":"UnsupportedApiVersion","message":"x"}}"#,
    Class::Endpoint(EndpointSays::UnsupportedVersion)
)]
#[case(
    500,
    r#"{"statusCode":500,"message":"An unexpected error occured while fetching the AAD Token.","correlationId":"x"}"#,
    Class::Opaque
)]
#[case(500, "", Class::Opaque)]
#[case(401, "", Class::Endpoint(EndpointSays::Unauthorized))]
#[case(407, "", Class::Endpoint(EndpointSays::Proxy))]
#[case(429, "", Class::Throttled)]
#[case(503, "", Class::Transient)]
#[case(404, "", Class::UnknownPath)]
#[case(404, r#"{"timestamp":"x","status":404,"error":"Not Found","path":"/msi/token"}"#, Class::UnknownPath)]
#[case(404, r#"{"error":{"code":"IdentityNotReady","message":"The identity is not ready."}}"#, Class::Other)]
#[case(404, "InternalError - :{\nInfo: Request failure status code: 404\n\n}", Class::Other)]
#[case(
    404,
    r#"{"error":{"code":"DefaultIdentityNotDefined","message":"DefaultIdentityNotDefined ","details":[]}}"#,
    Class::Endpoint(EndpointSays::NotSelected)
)]
#[case(
    400,
    "User assigned identity is currently not supported clientID must not be passed in request.",
    Class::Endpoint(EndpointSays::NotAttached)
)]
#[case(418, "", Class::Other)]
fn answers_are_sorted(#[case] status: u16, #[case] body: &str, #[case] class: Class) {
    assert_eq!(classify(&answer(status, body)), class);
}

/// Its fault isn't a temporary one of Entra's.
#[test]
fn a_proxys_own_page_before_entra_is_not_entras() {
    let page = "<html><head><title>ERROR: The requested URL could not be retrieved</title></head></html>";
    let mut exchange = answer(503, page);
    exchange.url = "https://login.microsoftonline.com/t/oauth2/v2.0/token".to_owned();
    assert_eq!(classify(&exchange), Class::Transient);
    let Outcome::Answer(answer) = &mut exchange.outcome else { panic!() };
    let named = ("server".to_owned(), "squid/5.7".to_owned());
    answer.headers = vec![("content-type".to_owned(), "text/html".to_owned()), named];
    assert_eq!(classify(&exchange), Class::Other);
}

#[test]
fn entras_word_is_found_wherever_it_stands() {
    let description = "AADSTS501051: Application 'c'(app1) is not assigned to a role for the application \
        'r'(app2).\\r\\nTrace ID: 11111111-1111-1111-1111-111111111111\\r\\nCorrelation ID: \
        22222222-2222-2222-2222-222222222222\\r\\nTimestamp: 2026-01-01 00:00:00Z";
    let direct = format!(r#"{{"error":"invalid_grant","error_description":"{description}","error_codes":[501051]}}"#);
    let wrapped = format!(r#"{{"statusCode":400,"message":"{description}"}}"#);
    for (status, body) in [(400, direct.as_str()), (500, wrapped.as_str())] {
        let Class::Entra(refusal) = classify(&answer(status, body)) else { panic!("{body}") };
        assert_eq!(refusal.number, "501051");
        assert_eq!(
            refusal.text,
            "AADSTS501051: Application 'c'(app1) is not assigned to a role for the application 'r'(app2)."
        );
        assert_eq!(refusal.trace.as_deref(), Some("11111111-1111-1111-1111-111111111111"));
        assert_eq!(refusal.correlation.as_deref(), Some("22222222-2222-2222-2222-222222222222"));
    }
    let mut command = answer(200, "");
    command.outcome = Outcome::Failure(Failure {
        kind: FailureKind::Command,
        message: "ERROR: AADSTS65001: The user or administrator has not consented".to_owned(),
    });
    assert!(matches!(classify(&command), Class::Entra(refusal) if refusal.number == "65001"));
    assert_eq!(
        echoed_resource(
            "AADSTS500011: The resource principal named api://x/.default was not found in the tenant named T."
        ),
        Some("api://x/.default")
    );
}

#[test]
fn opaque_answers_are_compared_without_their_ids() {
    let (one, other) = (
        answer(500, r#"{"a":"unexpected error","correlationId":"0f8f"}"#),
        answer(500, r#"{"a":"unexpected error","correlationId":"11aa"}"#),
    );
    let (empty, gone) = (answer(500, ""), answer(400, "{}"));
    let reply = |exchange| Reply { exchange, attempts: 1, class: classify(exchange) };
    assert!(reply(&one).looks_like(&reply(&other)));
    assert!(!reply(&one).looks_like(&reply(&empty)));
    assert!(!reply(&one).looks_like(&reply(&gone)));
}

proptest! {
    #[test]
    fn arbitrary_answers_never_panic(status in 100u16..1000, body in "(AADSTS[0-9]{0,9}|Trace ID: \
        |\\{|\"|:|é|[ -~]){0,60}") {
        let _ = classify(&answer(status, &body));
        let _ = echoed_resource(&body);
    }
}

#[test]
fn a_body_that_is_only_a_long_run_is_measured() {
    let exchange = answer(500, "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4");
    assert_eq!(exchange.answer().unwrap().said_or_size(), "32 bytes");
    assert_eq!(answer(500, "").answer().unwrap().said_or_size(), "");
    assert_eq!(answer(500, "no luck today").answer().unwrap().said_or_size(), "no luck today");
}
