use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::lab::{Keys, Lab, LabOptions, scenario};

/// Making keys takes a noticeable part of a second.
static KEYS: LazyLock<Option<Arc<Keys>>> = LazyLock::new(|| Keys::generate().ok().map(Arc::new));

/// Runs command lines, in which `{a.b}` is a value of the lab's world, on a scenario; gives the last one's result.
fn run(name: &str, lines: &[&str]) -> Result<String, String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let scenario = scenario::find(name).map_err(|error| error.to_string())?;
        let options = LabOptions { keys: KEYS.clone(), ..LabOptions::default() };
        let lab = Lab::start(&scenario, options).await.map_err(|error| error.to_string())?;
        let mut files = BTreeMap::from([("edited.json".to_owned(), r#"{"properties": {}}"#.to_owned())]);
        let mut result = Ok(String::new());
        for line in lines {
            let words: Vec<String> = line.split(' ').map(|word| filled(&lab, word)).collect();
            result = lab.az(&words, &mut files).map_err(|error| error.to_string());
        }
        result
    })
}

fn filled(lab: &Lab, word: &str) -> String {
    let Some((before, rest)) = word.split_once('{') else {
        return word.to_owned();
    };
    let (path, after) = rest.split_once('}').unwrap_or((rest, ""));
    filled(lab, &format!("{before}{}{after}", lab.value(path).unwrap_or_default()))
}

#[test]
fn the_settings_are_shown_and_short_options_are_known() {
    let shown = run("healthy", &["webapp auth show -g rg-target -n app2"]).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&shown).unwrap()["properties"]["platform"]["enabled"] == true);
    assert!(run("healthy", &["webapp auth show -g rg-caller -n app1"]).is_err());
}

#[test]
fn what_names_nothing_of_the_lab_is_refused() {
    for (line, words) in [
        ("webapp start --name app3 --resource-group rg-target", "was not found"),
        ("webapp start --name app2 --resource-group rg-other", "was not found"),
        ("webapp start --name app2 --resource-group rg-target --subscription {tenant.id}", "was not found"),
        ("webapp start --name app2 --resource-group rg-target --slot staging", "was not found"),
        // Object IDs and client IDs are different things.
        ("ad app show --id {service_principal.object_id}", "does not exist"),
        ("ad sp update --id {registration.object_id} --set accountEnabled=true", "does not exist"),
        ("ad app federated-credential list --id {tenant.id}", "does not exist"),
        ("ad sp create --id {app1.system_identity.client_id}", "already in use"),
        ("ad app update --id {registration.client_id} --identifier-uris api://other", "verified domain"),
        (
            "rest --method put --url https://management.azure.com{site_resource_id}/config/authsettingsV2 --body \
             @edited.json",
            "neither",
        ),
        ("rest --method get --url {addresses.resource_manager}{site_resource_id}/config/authsettingsV2", "api-version"),
        (
            "rest --method put --url \
             {addresses.resource_manager}{site_resource_id}x/config/authsettingsV2?api-version=1 --body @edited.json",
            "was not found",
        ),
        (
            "rest --method put --url \
             {addresses.resource_manager}{site_resource_id}/config/authsettingsV2?api-version=1 --body @other.json",
            "other.json",
        ),
    ] {
        let error = run("healthy", &[line]).unwrap_err();
        assert!(error.contains(words), "{line}: {error}");
    }
}

#[test]
fn what_the_lab_does_not_know_is_quoted() {
    for line in [
        "webapp delete --name app2 --resource-group rg-target",
        "webapp start app2",
        "webapp start --name app2 --resource-group rg-target --wait",
        "webapp start --name app2 app3 --resource-group rg-target",
        "resource update --ids {site_resource_id} --set properties.state=Running",
    ] {
        let error = run("healthy", &[line]).unwrap_err();
        assert!(error.starts_with(&format!("az {}", line.split('{').next().unwrap())), "{error}");
    }
}

#[test]
fn a_put_replaces_the_whole_object() {
    let url = "rest --url {addresses.resource_manager}{site_resource_id}/config/authsettingsV2?api-version=1 --method";
    let after = run("healthy", &[&format!("{url} put --body @edited.json"), &format!("{url} get")]).unwrap();
    assert!(after.contains("\"properties\": {}"), "{after}");
}

#[test]
fn a_new_identity_is_nobody_that_is_known() {
    let lines = ["webapp identity assign --name app1 --resource-group rg-caller"];
    let shown = run("identity-not-enabled", &lines).unwrap();
    assert!(shown.contains("\"principalId\": \""), "{shown}");
}

#[test]
fn a_role_lets_its_holder_read() {
    for (role, assignee, allowed) in [
        ("Reader", "{app1.system_identity.object_id}", true),
        ("Reader", "{app1.system_identity.client_id}", false),
        ("Owner of all", "{app1.system_identity.object_id}", false),
    ] {
        let line = format!(
            "role assignment create --assignee-object-id {assignee} --assignee-principal-type ServicePrincipal --role \
             {} --scope {{site_resource_id}}",
            role.replace(' ', "")
        );
        assert_eq!(run("settings-unreadable", &[&line]).is_ok(), allowed, "{line}");
    }
}

#[test]
fn a_list_has_the_apps_of_its_kind() {
    for (line, names) in [
        ("webapp list --query [].id -o tsv", vec!["app1", "app2"]),
        ("webapp list --resource-group rg-target", vec!["app2"]),
        ("functionapp list --query [].id -o tsv", vec![]),
        ("logicapp list", vec![]),
    ] {
        let printed = run("healthy", &[line]).unwrap();
        let apps: Vec<serde_json::Value> = serde_json::from_str(&printed).unwrap();
        let found: Vec<&str> = apps.iter().filter_map(|app| app["name"].as_str()).collect();
        assert_eq!(found, names, "{line}");
    }
}

#[test]
fn an_unsupported_command_names_the_supported_ones_of_its_group() {
    let said = |line: &str| run("healthy", &[line]).unwrap_err();
    let of_group = said("webapp auth microsoft update --name app2");
    assert!(of_group.contains("az webapp auth ") && !of_group.contains("az ad app show"), "{of_group}");
    let of_none = said("vm list");
    assert!(of_none.contains("az webapp show") && of_none.contains("az ad app show"), "{of_none}");
}
