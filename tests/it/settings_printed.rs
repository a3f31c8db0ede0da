//! App 2's settings as programs print them: they read as the same settings as the JSON, or not at all.

use easyauth_doctor::case::auth_settings::{AuthSettings, SettingsError};
use serde_json::json;

const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn read(text: &str) -> Result<AuthSettings, SettingsError> {
    AuthSettings::from_bytes(text.as_bytes())
}

const PYTHON: &str = "{'properties': {'platform': {'enabled': True}, 'globalValidation': {'requireAuthentication': \
    True, 'unauthenticatedClientAction': 'Return401', 'excludedPaths': None}, 'identityProviders': \
    {'azureActiveDirectory': {'enabled': True, 'registration': {'openIdIssuer': \
    'https://sts.windows.net/11111111-2222-4333-8444-555555555555/', 'clientId': \
    '0f8fad5b-d9cb-469f-a165-70867728950e'}, 'validation': {'allowedAudiences': ['api://orders'], \
    'defaultAuthorizationPolicy': {'allowedApplications': ['0f8fad5b-d9cb-469f-a165-70867728950e']}}}}}}";

const YAML: &str = "properties:
  globalValidation:
    excludedPaths: null
    requireAuthentication: true
    unauthenticatedClientAction: Return401
  identityProviders:
    azureActiveDirectory:
      enabled: true
      registration:
        clientId: 0f8fad5b-d9cb-469f-a165-70867728950e
        openIdIssuer: https://sts.windows.net/11111111-2222-4333-8444-555555555555/
      validation:
        allowedAudiences:
        - api://orders
        defaultAuthorizationPolicy:
          allowedApplications:
          - 0f8fad5b-d9cb-469f-a165-70867728950e
  platform:
    enabled: true
";

const BICEP: &str = "properties: {
  platform: {
    enabled: true
  }
  globalValidation: {
    requireAuthentication: true
    unauthenticatedClientAction: 'Return401'
    excludedPaths: null
  }
  identityProviders: {
    azureActiveDirectory: {
      enabled: true
      registration: {
        openIdIssuer: 'https://sts.windows.net/11111111-2222-4333-8444-555555555555/'
        clientId: '0f8fad5b-d9cb-469f-a165-70867728950e'
      }
      validation: {
        allowedAudiences: [
          'api://orders'
        ]
        defaultAuthorizationPolicy: {
          allowedApplications: [ '0f8fad5b-d9cb-469f-a165-70867728950e' ]
        }
      }
    }
  }
}
";

#[test]
fn what_programs_print_reads_as_the_json_does() {
    let right = json!({"properties": {
        "platform": {"enabled": true},
        "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401",
            "excludedPaths": null},
        "identityProviders": {"azureActiveDirectory": {
            "enabled": true,
            "registration": {"openIdIssuer": "https://sts.windows.net/11111111-2222-4333-8444-555555555555/",
                "clientId": ID},
            "validation": {"allowedAudiences": ["api://orders"],
                "defaultAuthorizationPolicy": {"allowedApplications": [ID]}}
        }}
    }});
    let right = read(&right.to_string()).unwrap();
    assert_eq!(right.entra.as_ref().unwrap().allowed_applications.as_ref().unwrap().len(), 1);
    let javascript = PYTHON.replace("True", "true").replace("'properties'", "properties");
    for text in [PYTHON, &javascript, YAML, &format!("---\n{YAML}"), BICEP] {
        let read = read(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let editable = |settings: &AuthSettings| AuthSettings { editable: None, ..settings.clone() };
        assert_eq!(editable(&read), editable(&right), "{text}");
    }
}

/// Each refusal names the command that gives what is read.
#[test]
fn what_is_cut_or_must_be_evaluated_is_refused_with_the_way_to_get_it() {
    let cut = PYTHON.replace("['api://orders']", "[Object]");
    let expression = BICEP.replace("'0f8fad5b-d9cb-469f-a165-70867728950e'", "appClientId");
    let terraform = "auth_settings_v2 {\n  auth_enabled = true\n  login {}\n}";
    let plan = format!("  ~ resource \"azurerm_linux_web_app\" \"app2\" {{\n    ~ {terraform}\n}}");
    let list = "id         : /x\nproperties : @{platform=; globalValidation=}";
    for (text, says) in [
        (cut.as_str(), "json.dumps"),
        (&expression, "az bicep build"),
        (terraform, "terraform show -json"),
        (&plan, "terraform show -json"),
        (list, "-Depth 20"),
        (&YAML.replace("api://orders", "&x api://orders"), "--output json"),
        (&YAML.replace("    requireAuthentication: true", "    requireAuthentication: yes"), "--output json"),
        ("- hosts: all\n  tasks:\n  - name: x", "--output json"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}: {text}");
    }
}

/// Other files have some of these names, too.
#[test]
fn what_has_another_platform_is_no_settings() {
    for text in [
        "platform: linux/amd64\nimage: app2\n",
        "platform:\n  os: linux\n",
        "platform: App Service\nproperties: unknown\n",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}
