//! The JSON report of real scenarios: what there is beside the words, for programs.

use chrono::DateTime;
use easyauth_doctor::report::Shell;
use serde_json::Value;

use crate::helpers::observing;
use crate::helpers::words::words;

/// The root cause of a scenario.
fn cause(name: &str, settings: bool) -> Value {
    observing::of(name, settings).json()["root_cause"].clone()
}

#[test]
fn every_command_of_a_fix_stands_by_itself_and_is_whole() {
    let mut seen = 0;
    for observed in observing::all_with_settings() {
        let report = observed.json();
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
                // Those of PowerShell have their own rules.
                if fix["via"] == "powershell" {
                    continue;
                }
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

/// A scenario's difference in short: the subject, each expected value's name, the actual value's name.
fn difference(name: &str, settings: bool) -> (String, Vec<String>, String) {
    let difference = cause(name, settings)["difference"].clone();
    let named = |value: &Value| value["name"].as_str().unwrap_or("?").to_owned();
    (
        difference["subject"].as_str().unwrap_or("none").to_owned(),
        difference["expected"].as_array().into_iter().flatten().map(named).collect(),
        named(&difference["actual"]),
    )
}

#[rustfmt::skip]
const DIFFERENCES: &[(&str, bool, &str, &[&str], &str)] = &[
    ("caller-not-in-allowed-applications", true, CLIENT_ID, &[APP_2], "caller's client ID (app1)"),
    ("object-id-in-allowed-applications", true, CLIENT_ID, &[APP_2, "caller's object ID (app1)"],
        "caller's client ID (app1)"),
    ("application-id-in-allowed-identities", true, "object ID (oid)", &["caller's client ID (app1)"],
        "caller's object ID (app1)"),
    ("audience-not-allowed", true, AUDIENCE, &[APP_2], "App 2's Application ID URI"),
    ("audience-not-allowed", false, AUDIENCE, &["App 2's client ID"], "App 2's client ID as api://"),
    ("audience-not-allowed-log", false, AUDIENCE, &["?", "App 2's client ID"], "App 2's client ID as api://"),
    ("token-for-wrong-resource-manager", false, AUDIENCE, &["App 2's client ID"], "Azure Resource Manager"),
    ("audience-token-version-mismatch", true, "issuer (iss)", &["issuer of v1.0 tokens"], "issuer of v2.0 tokens"),
    ("foreign-tenant-token", false, "tenant (tid)", &["App 2's tenant"], "caller's tenant"),
    ("tenant-not-allowed", true, "tenant (tid)", &["?"], "App 2's tenant"),
    ("groups-claim-missing", true, "group (groups)", &["?"], "?"),
    ("resource-not-registered-opaque", true, "resource", &["App 2's Application ID URI"],
        "App 2's client ID as api://"),
    ("unexpected-identity-used", true, "identity", &["?"], "caller's client ID (app1)"),
    ("token-lifetime-cached-version", true, "token version (ver)", &["?"], "?"),
    ("token-expired", true, "expiration time (exp)", &["time of the call"], "?"),
    ("app-error", true, "none", &[], "?"),
    ("undetermined-401", false, "none", &[], "?"),
];
const CLIENT_ID: &str = "client ID (appid/azp)";
const AUDIENCE: &str = "audience (aud)";
const APP_2: &str = "App 2's client ID (app2)";

#[test]
fn the_two_values_that_decide_are_told_with_what_they_are() {
    for (scenario, settings, subject, expected, actual) in DIFFERENCES {
        let expected = expected.iter().map(|name| (*name).to_owned()).collect();
        let wanted = ((*subject).to_owned(), expected, (*actual).to_owned());
        assert_eq!(difference(scenario, *settings), wanted, "{scenario} {settings}");
    }
}

#[test]
fn the_values_of_a_difference_are_those_of_the_settings_and_the_token() {
    let observed = observing::of("object-id-in-allowed-applications", true);
    let difference = &cause("object-id-in-allowed-applications", true)["difference"];
    let token = observed.report.token().unwrap();
    assert_eq!(difference["actual"]["value"], token.text("appid").unwrap());
    assert_eq!(difference["expected"][1]["value"], token.text("oid").unwrap());
    assert_eq!(difference["source"], "Azure Resource Manager, config/authsettingsV2");
    let expired = &cause("token-expired", true)["difference"];
    let time = |value: &Value| DateTime::parse_from_rfc3339(value["value"].as_str().unwrap()).unwrap();
    assert!(time(&expired["actual"]) < time(&expired["expected"][0]), "{expired:#}");
    assert_eq!(cause("groups-claim-missing", true)["difference"]["actual"]["value"], Value::Null);
}

/// A reference of the evidence in short: `claim aud`, `exchange`, `log_line 3`.
fn reference(reference: &Value) -> String {
    let Some((kind, value)) = reference.as_object().and_then(|members| members.iter().next()) else {
        return "null".to_owned();
    };
    match value {
        Value::String(text) => format!("{kind} {}", text.rsplit('.').next().unwrap()),
        Value::Number(_) => kind.clone(),
        other => panic!("{other}"),
    }
}

#[test]
fn every_line_of_the_evidence_says_where_it_was_observed() {
    for (scenario, settings, wanted) in [
        ("caller-not-in-allowed-applications", true, &["settings_path allowedApplications", "claim appid", "null"][..]),
        ("principal-not-in-allowed-identities", true, &["settings_path allowedPrincipals", "claim oid", "null"]),
        ("tenant-not-allowed", true, &["claim tid", "null"]),
        ("audience-not-allowed-log", true, &["exchange", "claim aud", "settings_path allowedAudiences", "log_line"]),
        ("foreign-tenant-token-issuer", true, &["claim iss", "settings_path openIdIssuer"]),
        ("easy-auth-not-active", true, &["settings_path enabled"]),
        ("target-stopped", false, &["exchange"]),
        ("caller-secret-expired", true, &["exchange", "exchange", "exchange"]),
        ("assignment-required-not-assigned", true, &["exchange", "exchange"]),
        ("token-not-from-entra", true, &["claim iss", "claim aud", "claim sub"]),
    ] {
        let references = cause(scenario, settings)["evidence_refs"].clone();
        let found: Vec<String> = references.as_array().unwrap().iter().map(reference).collect();
        assert_eq!(found, wanted, "{scenario} {settings}");
    }
}

#[test]
fn every_reference_of_the_evidence_leads_to_what_it_names() {
    let mut seen = 0;
    for observed in observing::all() {
        let report = observed.json();
        let cause = &report["root_cause"];
        if cause.is_null() {
            continue;
        }
        let lines = cause["evidence"].as_array().unwrap();
        let references = cause["evidence_refs"].as_array().unwrap();
        assert_eq!(lines.len(), references.len(), "{}", observed.scenario.name);
        for (line, reference) in lines.iter().zip(references) {
            let what = format!("{}: {line} {reference}", observed.scenario.name);
            if let Some(id) = reference["exchange"].as_u64() {
                let exchanges = report["exchanges"].as_array().unwrap();
                assert!(exchanges.iter().any(|exchange| exchange["id"] == id), "{what}");
                seen += 1;
            } else if let Some(name) = reference["claim"].as_str() {
                assert!(observed.report.token().unwrap().claim(name).is_some(), "{what}");
                seen += 1;
            } else if let Some(path) = reference["settings_path"].as_str() {
                assert!(path.starts_with("properties."), "{what}");
            } else if let Some(number) = reference["log_line"].as_u64() {
                assert!(line.as_str().unwrap().contains(&format!("line {number}:")), "{what}");
            } else {
                assert!(reference.is_null(), "{what}");
            }
            // A request and a line of the log always say which.
            let says = line.as_str().unwrap();
            let is_request = says.starts_with("App 2 with") || says.starts_with("App 2's log, line");
            assert!(!is_request || !reference.is_null(), "{what}");
        }
    }
    assert!(seen > 100, "{seen}");
}

/// The IDs for a support ticket, in short.
fn support(name: &str, settings: bool) -> Vec<(String, String)> {
    let report = observing::of(name, settings).json();
    let text = |id: &Value, member: &str| id[member].as_str().unwrap().to_owned();
    let ids = report["support"].as_array().unwrap().iter();
    ids.map(|id| (text(id, "service"), text(id, "kind"))).collect()
}

#[test]
fn a_support_ticket_gets_the_ids_of_what_failed() {
    const ENTRA: &str = "Microsoft Entra ID";
    for (scenario, wanted) in [
        ("healthy", &[][..]),
        ("caller-secret-expired", &[(ENTRA, "trace_id"), (ENTRA, "correlation_id")]),
        ("network-access-restricted-front-door", &[("Azure Front Door", "x-azure-ref")]),
        ("caller-not-in-allowed-applications", &[("Easy Auth", "x-ms-middleware-request-id")]),
        // The answer without a token is as it should be, and no other request was made.
        ("identity-not-enabled", &[]),
        ("target-unreachable", &[]),
    ] {
        let wanted: Vec<(String, String)> =
            wanted.iter().map(|(service, kind)| ((*service).to_owned(), (*kind).to_owned())).collect();
        assert_eq!(support(scenario, true), wanted, "{scenario}");
    }
    let opaque = support("resource-disabled-opaque", false);
    assert!(opaque.contains(&("managed identity endpoint".to_owned(), "correlation_id".to_owned())), "{opaque:?}");
}

#[test]
fn an_id_for_support_is_the_answers_own_and_has_its_time() {
    let observed = observing::of("caller-secret-expired", true);
    let report = observed.json();
    let evidence = report["root_cause"]["evidence"].to_string();
    let start = observed.report.case().started_at;
    for id in report["support"].as_array().unwrap() {
        assert!(evidence.contains(id["id"].as_str().unwrap()), "{id} {evidence}");
        let at = DateTime::parse_from_rfc3339(id["at"].as_str().unwrap()).unwrap();
        assert!((at.to_utc() - start).num_seconds().abs() < 60, "{id} {start}");
    }
    let report = observing::of("caller-not-in-allowed-applications", true).json();
    let exchanges = report["exchanges"].as_array().unwrap();
    let call = exchanges.iter().find(|exchange| exchange["purpose"] == "App 2 with the token");
    let header = &call.unwrap()["response_headers"]["x-ms-middleware-request-id"];
    assert_eq!(report["support"][0]["id"], *header);
}
