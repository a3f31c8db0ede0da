//! Azure Arc: its agent's own answers, and none for want of a header that it doesn't have.

use easyauth_doctor::case::code::Code;
use easyauth_doctor::case::exchange::{Outcome, Purpose};
use easyauth_doctor::knowledge::Confidence;
use easyauth_doctor::report::Report;
use rstest::rstest;
use serde_json::{Value, json};

use crate::helpers::network::NOBODY;
use crate::helpers::observing::{self, root};
use crate::helpers::program::{doctor, text};
use crate::helpers::server::{RESOURCE, Server, http};

/// The root cause of a check on a machine with Arc's variables.
fn on_arc(agent: &str) -> Value {
    let app2 = Server::answers(|_| http("401 Unauthorized", "www-authenticate: Bearer realm=\"x\"\r\n", ""));
    let output = doctor(&["check", "--target", &app2.url, "--authority", NOBODY, "--timeout", "2", "--format", "json"])
        .args(["--resource", RESOURCE])
        .env("IDENTITY_ENDPOINT", format!("{agent}/metadata/identity/oauth2/token"))
        .env("IMDS_ENDPOINT", agent)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    report["root_cause"].clone()
}

#[test]
fn an_agent_that_does_not_run_is_unreachable() {
    let cause = on_arc(NOBODY);
    assert_eq!(cause["code"], "identity-endpoint-unreachable", "{cause:#}");
}

#[rstest]
#[case::throttled("429 Too Many Requests", "", "identity-endpoint-throttled")]
#[case::unregistered(
    "400 Bad Request",
    r#"{"error": "invalid_resource",
        "error_description": "AADSTS500011: The resource principal named api://x was not found in the tenant."}"#,
    "resource-not-registered"
)]
// The authority doesn't answer, either.
#[case::opaque("500 Internal Server Error", "", "caller-egress-blocked")]
fn a_refusal_of_the_agent_is_read(#[case] status: &'static str, #[case] body: &'static str, #[case] code: &str) {
    let agent = Server::answers(move |_| http(status, "content-type: application/json\r\n", body));
    let cause = on_arc(&agent.url);
    assert_eq!(cause["code"], code, "{cause:#}");
}

/// Easy Auth's own page answered the same token: settings that refuse it may not be all that runs. Whether the policy
/// applies to that page isn't established (one public repository says so), so it doesn't refute them either.
#[rstest]
#[case::named(json!([{"provider_name": "aad", "user_id": "x"}]))]
#[case::empty(json!([]))]
fn a_policy_that_lets_its_own_page_pass_is_not_certain(#[case] page: Value) {
    let observed = observing::of("caller-not-in-allowed-applications", true);
    assert_eq!(root(&observed.report), Some((Code::CallerNotInAllowedApplications, Confidence::Certain)));
    let mut case = observed.report.observed().clone();
    let me = case.exchanges.iter_mut().find(|exchange| exchange.purpose == Purpose::AuthMe).unwrap();
    let Outcome::Answer(answer) = &mut me.outcome else { panic!("{me:?}") };
    answer.status = 200;
    answer.body = page.to_string();
    answer.body_length = answer.body.len() as u64;
    assert_eq!(root(&Report::of(case)), Some((Code::CallerNotInAllowedApplications, Confidence::Likely)));
}
