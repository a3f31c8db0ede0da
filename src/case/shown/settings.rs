//! App 2's settings as they may be shown: members that are known keep their values, every other one keeps its name.

use serde_json::{Map, Value};

use super::address;
use super::harmless::{is_ordinary, names_secret};
use crate::case::secret::REDACTED;

/// Members of `authsettingsV2` and its envelope whose values are no secrets, in lower case.
///
/// Source: the `SiteAuthSettingsV2` schema of the Web Apps REST API.
const SHOWN: [&str; 47] = [
    "allowedapplications",
    "allowedaudiences",
    "allowedclientapplications",
    "allowedexternalredirecturls",
    "allowedgroups",
    "apiprefix",
    "appid",
    "appsecretsettingname",
    "authorizationendpoint",
    "certificationuri",
    "clientid",
    "clientsecretcertificateissuer",
    "clientsecretcertificatesubjectalternativename",
    "clientsecretcertificatethumbprint",
    "clientsecretsettingname",
    "configfilepath",
    "consumerkey",
    "consumersecretsettingname",
    "convention",
    "customhostheadername",
    "customprotoheadername",
    "directory",
    "disablewwwauthenticate",
    "enabled",
    "excludedpaths",
    "graphapiversion",
    "groups",
    "id",
    "identities",
    "issuer",
    "kind",
    "location",
    "name",
    "nonceexpirationinterval",
    "openidissuer",
    "preserveurlfragmentsforlogins",
    "redirecttoprovider",
    "requireauthentication",
    "requirehttps",
    "resourcegroup",
    "runtimeversion",
    "sasurlsettingname",
    "scopes",
    "timetoexpiration",
    "tokenrefreshextensionhours",
    "type",
    "unauthenticatedclientaction",
];

/// The settings object with the values of unknown members left out.
#[must_use]
pub fn shown(settings: &Value) -> Value {
    below("", settings)
}

fn below(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut shown = Map::new();
            for (name, value) in members {
                shown.insert(name.clone(), below(name, value));
            }
            Value::Object(shown)
        }
        Value::Array(items) => items.iter().map(|item| below(name, item)).collect(),
        Value::String(_) | Value::Number(_) if !is_known(name) => Value::String(REDACTED.to_owned()),
        Value::String(text) if text.contains('?') => Value::String(address::own(text)),
        other => other.clone(),
    }
}

fn is_known(name: &str) -> bool {
    SHOWN.contains(&name.to_ascii_lowercase().as_str())
}

/// The paths of unknown members whose values may be secrets. While there is one, the whole settings object cannot be
/// written to a file: with the value it would contain a secret, and without it sending the file back would lose a
/// setting.
#[must_use]
pub fn possible_secrets(settings: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(settings, "", "", &mut found);
    found
}

fn collect(value: &Value, path: &str, name: &str, found: &mut Vec<String>) {
    const MOST: usize = 20;
    if found.len() >= MOST {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                collect(value, &path, name, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, name, found)),
        Value::String(text)
            if !is_known(name)
                && !text.is_empty()
                && (names_secret(name) || !is_ordinary(text) || text == REDACTED) =>
        {
            found.push(path.to_owned());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unknown_members_keep_their_names_and_lose_their_values() {
        let settings = json!({"properties": {"platform": {"enabled": true, "future": "abc", "number": 7},
            "identityProviders": {"azureActiveDirectory": {"registration": {"clientId": "x", "clientSecretValue": "y"}},
                "custom": {"connectionString": "AccountKey=z"}}}});
        let shown = shown(&settings);
        assert_eq!(
            shown,
            json!({"properties": {"platform": {"enabled": true, "future": REDACTED, "number": REDACTED},
                "identityProviders": {
                    "azureActiveDirectory": {"registration": {"clientId": "x", "clientSecretValue": REDACTED}},
                    "custom": {"connectionString": REDACTED}}}})
        );
        assert_eq!(
            possible_secrets(&settings),
            [
                "properties.identityProviders.azureActiveDirectory.registration.clientSecretValue",
                "properties.identityProviders.custom.connectionString"
            ]
        );
        assert!(possible_secrets(&shown).contains(&"properties.platform.future".to_owned()));
    }
}
