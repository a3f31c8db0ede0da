//! The JSON report of real scenarios: what stands beside the words, for programs.

use easyauth_doctor::report::text::Style;
use easyauth_doctor::report::{Format, Report, render};
use serde_json::Value;

use crate::helpers::observing;

fn json(report: &Report) -> Value {
    let text = render(std::slice::from_ref(report), false, Format::Json, &Style::default());
    serde_json::from_str(&text).unwrap()
}

/// The root cause of a scenario.
fn cause(name: &str, settings: bool) -> Value {
    json(&observing::of(name, settings).report)["root_cause"].clone()
}

#[test]
fn the_owner_is_who_has_to_act() {
    for (scenario, owner) in [
        ("caller-secret-expired", "app1"),
        ("caller-not-in-allowed-applications", "app2"),
        ("assignment-required-not-assigned", "registration"),
        ("caller-disabled", "tenant"),
        ("target-egress-blocked", "network"),
        ("resource-is-another-api", "app1"),
    ] {
        let cause = cause(scenario, true);
        assert_eq!(cause["owner"], owner, "{scenario}: {}", cause["code"]);
    }
}
