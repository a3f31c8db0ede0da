//! App 2's settings as they may be shown: members that are known keep their values, every other one keeps its name.

use serde_json::{Map, Value};

use super::address;
use super::harmless::{is_harmless, is_ordinary};
use super::secret_names::names_secret;
use crate::case::ids::{Unresolved, values_in};
use crate::case::quote;
use crate::case::secret::REDACTED;
use crate::case::text::percent_decoded;

/// Members of `authsettingsV2` and its envelope whose values are no secrets, in lower case.
///
/// Source: the `SiteAuthSettingsV2` schema of the Web Apps REST API.
const SHOWN: [&str; 41] = [
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
    "clientsecretsettingname",
    "configfilepath",
    "consumersecretsettingname",
    "convention",
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

/// Members of the same schema that hold no secret either and that no verdict needs: they are written back, and not
/// shown.
const WRITTEN: [&str; 6] = [
    "clientsecretcertificateissuer",
    "clientsecretcertificatesubjectalternativename",
    "clientsecretcertificatethumbprint",
    "consumerkey",
    "customhostheadername",
    "customprotoheadername",
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
        Value::String(text) if is_misplaced(name, text) => Value::String(REDACTED.to_owned()),
        Value::String(_) | Value::Number(_) if !is_shown(name) => Value::String(REDACTED.to_owned()),
        Value::String(text) if text.contains('?') => Value::String(address::own(text)),
        other => other.clone(),
    }
}

fn is_shown(name: &str) -> bool {
    SHOWN.contains(&name.to_ascii_lowercase().as_str())
}

fn is_written(name: &str) -> bool {
    is_shown(name) || WRITTEN.contains(&name.to_ascii_lowercase().as_str())
}

/// Values under names whose values are shown that may be secrets: the secret itself where the name of its setting
/// belongs, a key in a list of audiences.
#[must_use]
pub fn misplaced_secrets(settings: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    collect_misplaced("", settings, &mut found);
    found
}

fn collect_misplaced<'a>(name: &str, value: &'a Value, found: &mut Vec<&'a str>) {
    if found.len() >= MOST {
        return;
    }
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| collect_misplaced(name, value, found)),
        Value::Array(items) => items.iter().for_each(|item| collect_misplaced(name, item, found)),
        Value::String(text) if is_id_without_hyphens(name, text) => {}
        Value::String(text) if is_misplaced(name, text) || is_shown(name) && may_be_secret(text) => found.push(text),
        _ => {}
    }
}

/// Whether an ID in a list of IDs is written without hyphens, as `Guid.ToString("N")` does: it has the form of a key.
fn is_id_without_hyphens(name: &str, text: &str) -> bool {
    const LISTS: [&str; 5] =
        ["allowedapplications", "allowedclientapplications", "allowedgroups", "groups", "identities"];
    LISTS.contains(&name.to_ascii_lowercase().as_str())
        && text.len() == 32
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a member that names an app setting has something else: the secret itself, by a common mistake.
fn is_misplaced(name: &str, text: &str) -> bool {
    name.to_ascii_lowercase().ends_with("settingname") && !text.is_empty() && text != REDACTED && !is_setting_name(text)
}

/// Whether a text can be the name of an app setting: letters, digits, underscores, periods, and on Windows hyphens and
/// colons, in words that say something.
#[must_use]
pub fn is_setting_name(text: &str) -> bool {
    let is_of_names = |character: char| character.is_ascii_alphanumeric() || "_.-:".contains(character);
    text.chars().all(is_of_names) && !may_be_secret(text)
}

/// Whether a value that is shown under its name may be a secret that was put in the wrong place.
#[must_use]
pub fn may_be_secret(text: &str) -> bool {
    let values = values_in(text);
    if values.len() > 1 {
        return values.into_iter().any(may_be_secret);
    }
    // A copy from a query is encoded.
    let decoded = percent_decoded(text, |_| true);
    if decoded.contains("://") {
        // An address with a password, or a key in its query.
        return address::own(&decoded) != decoded;
    }
    !is_ordinary(text) && !is_harmless(text) && quote::shown(text).is_none() && !is_expression(text)
}

/// Whether a text is an expression of a template or a pipeline that was not evaluated, and made of short words:
/// `[reference(resourceId('Microsoft.Web/sites', 'app1')).clientId]`, `${app1.identity.clientId}`.
fn is_expression(text: &str) -> bool {
    let call = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).and_then(|inner| inner.split_once('('));
    let is_call = call.is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    (is_call || Unresolved::of(text) == Some(Unresolved::Variable)) && words.into_iter().all(is_harmless)
}

/// No more members than this are looked for.
const MOST: usize = 20;

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
    if found.len() >= MOST {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let shown = quote::shown(name).unwrap_or_else(|| "…".to_owned());
                let path = if path.is_empty() { shown } else { format!("{path}.{shown}") };
                collect(value, &path, name, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, name, found)),
        Value::String(text)
            if text == REDACTED
                || is_misplaced(name, text)
                || !is_written(name) && !text.is_empty() && (names_secret(name) || !is_ordinary(text)) =>
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
    fn a_secret_in_place_of_its_settings_name_is_neither_shown_nor_written() {
        for name in ["MICROSOFT_PROVIDER_AUTHENTICATION_SECRET", "AAD_SECRET", "Auth:Secret", "App2.Secret"] {
            assert!(is_setting_name(name), "{name}");
        }
        for secret in ["PlantedOldSecret[.]x?y@z:-_=+9", "PlantedHunter2!", "Zq8Q~PlantedRawSecretValueAbCdEfGhIjKlmno"]
        {
            assert!(!is_setting_name(secret), "{secret}");
            for name in ["clientSecretSettingName", "appSecretSettingName", "sasUrlSettingName"] {
                let settings = serde_json::json!({"registration": {name: secret}});
                assert_eq!(shown(&settings)["registration"][name], REDACTED, "{secret}");
                assert_eq!(misplaced_secrets(&settings), [secret]);
                assert_eq!(possible_secrets(&settings), [format!("registration.{name}")]);
            }
        }
    }

    /// A percent-encoded resource hid App 2's client ID in every report of the run.
    #[test]
    fn an_encoded_address_is_judged_as_what_it_says() {
        for id in ["api%3A%2F%2F0f8fad5b-d9cb-469f-a165-70867728950e", "https%3a%2f%2forders.contoso.example%2fapi"] {
            assert!(!may_be_secret(id), "{id}");
        }
        for secret in ["https%3A%2F%2Fme%3Apw%40a.example", "https%3A%2F%2Fa.example%2Fx%3Fcode%3Dabc"] {
            assert!(may_be_secret(secret), "{secret}");
        }
    }

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
        assert_eq!(
            possible_secrets(&json!({"Zk7Q~vC4nary.S3cr3tVal-ue99": {"clientSecretValue": "y"}})),
            ["….clientSecretValue"]
        );
    }
}
