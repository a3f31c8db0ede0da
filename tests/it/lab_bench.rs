//! The lab bench: what is broken while the lab runs is what the doctor then finds, and what is fixed is gone; and Azure
//! Resource Manager takes the settings that are written to it.

use easyauth_doctor::lab::{Lab, scenario};
use easyauth_doctor::report::{Report, Verdict};
use serde_json::{Value, json};

use crate::helpers::lab_client::{call, send, start, token, variable};
use crate::helpers::observing::{observe, runtime, side_by_side};

fn root(report: &Report) -> Option<&'static str> {
    report.diagnosis().root_cause.as_ref().map(|cause| cause.code.name())
}

fn is_broken(lab: &Lab, name: &str) -> bool {
    let faults = lab.faults();
    faults.iter().find(|fault| fault.name == name).unwrap().broken
}

/// What the doctor says is what the bench says that it must say.
async fn agrees(lab: &Lab, about: &str) -> Option<&'static str> {
    let expected = lab.expected().unwrap_or_else(|| panic!("{about}: nothing is expected"));
    let report = observe(lab).await;
    assert_eq!(report.verdict().word(), expected.verdict, "{about}");
    assert_eq!(root(&report), expected.code.as_deref(), "{about}");
    root(&report)
}

#[test]
fn each_fault_is_found_while_it_is_there_and_gone_when_it_is_fixed() {
    let names: Vec<String> = {
        let lab = runtime().block_on(start("healthy"));
        lab.faults().into_iter().map(|fault| fault.name).collect()
    };
    assert!(names.len() >= 15, "{names:?}");
    side_by_side(names, |name| {
        runtime().block_on(async {
            let lab = start("healthy").await;
            assert!(!is_broken(&lab, &name), "{name}");
            lab.set(&name, true).await.unwrap();
            assert!(is_broken(&lab, &name), "{name}");
            agrees(&lab, &name).await;
            lab.set(&name, false).await.unwrap();
            assert!(!is_broken(&lab, &name), "{name}");
            assert_eq!(agrees(&lab, &format!("{name}, fixed")).await, None);
        });
    });
}

#[tokio::test]
async fn what_a_command_has_changed_outlasts_a_fault_elsewhere() {
    let lab = start("caller-not-in-allowed-applications").await;
    let mut properties: Value = lab.settings()["properties"].clone();
    let provider = &mut properties["identityProviders"]["azureActiveDirectory"];
    let list = &mut provider["validation"]["defaultAuthorizationPolicy"]["allowedApplications"];
    *list = json!([lab.value("registration.client_id"), lab.value("app1.system_identity.client_id")]);
    let written = list.clone();
    lab.put_settings(&json!({ "properties": properties })).unwrap();
    assert!(!is_broken(&lab, "own-application-only"), "the world tells, not the switch");
    assert!(lab.expected().is_none());
    lab.set("stopped", true).await.unwrap();
    assert_eq!(root(&observe(&lab).await), Some("target-stopped"));
    lab.set("stopped", false).await.unwrap();
    let path = "/properties/identityProviders/azureActiveDirectory/validation/defaultAuthorizationPolicy/\
                allowedApplications";
    assert_eq!(lab.settings().pointer(path), Some(&written));
    assert_eq!(observe(&lab).await.verdict(), Verdict::Pass);
    // Broken again, it is what it was.
    lab.set("own-application-only", true).await.unwrap();
    assert_eq!(agrees(&lab, "again").await, Some("caller-not-in-allowed-applications"));
}

#[tokio::test]
async fn another_scenario_has_the_same_ports_and_keys_and_nothing_of_the_one_before() {
    let lab = start("target-unreachable").await;
    let (target, client_id) = (lab.target(), lab.value("registration.client_id"));
    assert_eq!(agrees(&lab, "down").await, Some("target-unreachable"));
    for name in ["healthy", "selected-identity-not-attached", "target-unreachable", "healthy-after-hiccups"] {
        let scenario = scenario::find(name).unwrap();
        lab.switch(&scenario).await.unwrap();
        assert_eq!((lab.target(), lab.value("registration.client_id")), (target.clone(), client_id.clone()));
        assert_eq!(agrees(&lab, name).await, scenario.expect.with_settings.code.as_deref(), "{name}");
    }
}

/// What came of a PUT of these settings with App 1's token: the status, and the code of a refusal.
async fn put(lab: &Lab, token: &str, body: &str) -> (u16, Value) {
    let url = format!(
        "{}{}/config/authsettingsV2?api-version=2024-04-01",
        lab.resource_manager(),
        lab.target_resource_id().unwrap()
    );
    let answer = send("PUT", &url, &[("authorization", &format!("Bearer {token}"))], body).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn azure_resource_manager_takes_settings_that_have_the_form_and_app_2_acts_on_them() {
    let lab = start("caller-not-in-allowed-applications").await;
    let manager = token(&lab, "https://management.azure.com").await;
    let mine = token(&lab, &lab.resource().unwrap()).await;
    assert_eq!(call(&lab.target(), &mine).await.status, 403);
    let mut settings = lab.settings();
    let list = "/properties/identityProviders/azureActiveDirectory/validation/defaultAuthorizationPolicy/\
                allowedApplications";
    let caller = lab.value("app1.system_identity.client_id").unwrap();
    settings.pointer_mut(list).unwrap().as_array_mut().unwrap().push(Value::from(caller));
    // What hasn't the form is refused, and changes nothing.
    for (path, value) in [
        (list, json!("one")),
        ("/properties/platform/enabled", json!("true")),
        ("/properties/globalValidation/unauthenticatedClientAction", json!("RejectWith401")),
        ("/properties", json!([])),
    ] {
        let mut wrong = settings.clone();
        *wrong.pointer_mut(path).unwrap() = value;
        assert_eq!(put(&lab, &manager, &wrong.to_string()).await.0, 400, "{path}");
    }
    assert_eq!(put(&lab, &manager, "{").await.0, 400);
    assert_eq!(put(&lab, &mine, &settings.to_string()).await.0, 401, "another API's token");
    assert_eq!(call(&lab.target(), &mine).await.status, 403);
    let (status, stored) = put(&lab, &manager, &settings.to_string()).await;
    assert_eq!((status, &stored["properties"]), (200, &settings["properties"]));
    assert_eq!(call(&lab.target(), &mine).await.status, 200);
    assert_eq!(observe(&lab).await.verdict(), Verdict::Pass);
    assert_eq!(variable(&lab, "EASYAUTH_DOCTOR_RESOURCE_MANAGER"), lab.resource_manager());
}

#[tokio::test]
async fn whoever_may_only_read_may_not_write() {
    let lab = start("settings-unreadable").await;
    let manager = token(&lab, "https://management.azure.com").await;
    let (status, refusal) = put(&lab, &manager, &lab.settings().to_string()).await;
    assert_eq!((status, refusal["error"]["code"].as_str()), (403, Some("AuthorizationFailed")));
}

#[tokio::test]
async fn a_container_app_takes_them_too() {
    let lab = start("healthy-container-app").await;
    let manager = token(&lab, "https://management.azure.com").await;
    let url = format!(
        "{}{}/authConfigs/current?api-version=2024-03-01",
        lab.resource_manager(),
        lab.target_resource_id().unwrap()
    );
    let mut settings = lab.settings();
    settings["properties"]["platform"]["enabled"] = json!(false);
    let header = format!("Bearer {manager}");
    let answer = send("PUT", &url, &[("authorization", &header)], &settings.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(root(&observe(&lab).await), Some("easy-auth-not-active"));
}
