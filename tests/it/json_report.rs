//! The JSON report of real scenarios: what stands beside the words, for programs.

use easyauth_doctor::report::text::Style;
use easyauth_doctor::report::{Format, Report, Shell, render};
use serde_json::Value;

use crate::helpers::observing;
use crate::helpers::words::words;

fn json(report: &Report) -> Value {
    let text = render(std::slice::from_ref(report), false, Format::Json, &Style::default());
    serde_json::from_str(&text).unwrap()
}

/// The root cause of a scenario.
fn cause(name: &str, settings: bool) -> Value {
    json(&observing::of(name, settings).report)["root_cause"].clone()
}

#[test]
fn every_command_of_a_fix_stands_by_itself_and_is_whole() {
    let mut seen = 0;
    for observed in observing::all_with_settings() {
        let report = json(&observed.report);
        let next = report["next"].as_array().unwrap().iter();
        let faults = next.chain(Some(&report["root_cause"]).filter(|cause| !cause.is_null()));
        for fix in faults.flat_map(|fault| fault["fixes"].as_array().unwrap()) {
            let commands: Vec<&str> = fix["commands"].as_array().unwrap().iter().map(text).collect();
            let lines = fix["text"].as_str().unwrap().lines();
            let in_shell = !matches!(fix["via"].as_str(), Some("portal" | "bicep" | "terraform" | "code"));
            let printed: Vec<&str> = lines.filter(|line| in_shell && Shell::of(line).is_some()).collect();
            assert_eq!(commands, printed, "{}: {fix:#}", observed.scenario.name);
            if fix["via"] == "az" {
                let words = fix["text"].as_str().unwrap().lines();
                let others = words.filter(|line| !line.starts_with('#') && !commands.contains(line));
                assert_eq!(others.collect::<Vec<_>>(), [""; 0], "{}", observed.scenario.name);
            }
            for command in commands {
                seen += 1;
                let words = words(command).unwrap_or_else(|| panic!("{}: {command}", observed.scenario.name));
                // Nothing is left for the person to put in.
                let open = words.iter().find(|word| word.starts_with('<') || word.contains("=<"));
                assert_eq!(open, None, "{}: {command}", observed.scenario.name);
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

fn text(command: &Value) -> &str {
    assert!(["bash", "powershell"].contains(&command["shell"].as_str().unwrap()));
    command["command"].as_str().unwrap()
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
