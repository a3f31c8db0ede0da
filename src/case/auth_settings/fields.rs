//! Reading members of JSON objects whose names and forms differ from tool to tool.

use serde_json::{Map, Value};

use crate::case::ids::{has_placeholder, is_guid, values_in};
use crate::case::json;
use crate::case::secret::without_tokens;
use crate::case::shown::secret_names::is_secret_setting;
use crate::case::shown::settings::is_setting_name;

/// The member with this name, without regard to case; `null` counts as absent.
pub(super) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_object()?;
    members
        .get(name)
        .or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
        .filter(|value| !value.is_null())
}

/// Whether the object has one of these members.
pub(super) fn has_any(value: &Value, names: &[&str]) -> bool {
    names.iter().any(|name| member(value, name).is_some())
}

/// A truth value, also as a text: `isAuthFromFile` is one, and environment variables are.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// Whether a text is an expression of an ARM template (`[parameters('x')]`), whose value the template does not tell. A
/// list of IDs and addresses that a tool stored as a text (`[api://x]`) is none.
pub(super) fn is_expression(text: &str) -> bool {
    let text = text.trim();
    let is_known = |part: &str| part.contains("://") && !part.contains('(') && !has_placeholder(part);
    let is_value = |part: &&str| is_guid(part) || is_known(part);
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|inner| !inner.starts_with('[') && !values_in(inner).iter().all(is_value))
}

/// Whether an expression is anywhere in a tree.
pub(super) fn has_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => is_expression(text),
        Value::Array(items) => items.iter().any(has_expression),
        Value::Object(members) => members.values().any(has_expression),
        _ => false,
    }
}

/// Makes expressions of the texts of a file in which another tool was to put a value, for they are not what runs.
pub(super) fn hide_placeholders(value: &mut Value) {
    match value {
        Value::String(text) => match text.contains('"').then(|| json::parse(text).ok()).flatten() {
            Some(mut inner @ (Value::Object(_) | Value::Array(_))) => {
                hide_placeholders(&mut inner);
                *text = inner.to_string();
            }
            _ if has_placeholder(text) => *text = format!("[{}]", text.trim_matches(['[', ']'])),
            _ => {}
        },
        Value::Array(items) => items.iter_mut().for_each(hide_placeholders),
        Value::Object(members) => members.values_mut().for_each(hide_placeholders),
        _ => {}
    }
}

/// Makes lists of what Windows PowerShell writes for them: `{"value": […], "Count": n}`.
pub(super) fn unwrap_counted_lists(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(unwrap_counted_lists),
        Value::Object(members) => {
            members.values_mut().for_each(unwrap_counted_lists);
            let count = members.get("Count").and_then(Value::as_u64).filter(|_| members.len() == 2);
            let list = members
                .get_mut("value")
                .filter(|list| list.as_array().is_some_and(|items| u64::try_from(items.len()).ok() == count));
            if let Some(list) = list.map(Value::take) {
                *value = list;
            }
        }
        _ => {}
    }
}

/// A place in a tree of settings, which notes what it cannot determine.
pub(super) struct Place<'a> {
    value: Option<&'a Value>,
    path: String,
    is_stored: bool,
}

/// What could not be determined, by path.
pub(super) type Notes = Vec<String>;

impl<'a> Place<'a> {
    /// The root, under this name.
    pub(super) fn root(value: &'a Value, path: &str) -> Self {
        Self { value: Some(value), path: path.to_owned(), is_stored: false }
    }

    /// The root of what Azure Resource Manager stores: an expression in it was never evaluated, and is the value.
    pub(super) const fn stored(value: &'a Value) -> Self {
        Self { value: Some(value), path: String::new(), is_stored: true }
    }

    /// Whether a text hides a value.
    fn hides(&self, text: &str) -> bool {
        !self.is_stored && is_expression(text)
    }

    /// The value here.
    pub(super) const fn value(&self) -> Option<&'a Value> {
        self.value
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The member with this name; if it is a list of one block (Terraform), that block.
    pub(super) fn at(&self, name: &str, notes: &mut Notes) -> Self {
        let path = self.path_of(name);
        let value = self.value.and_then(|value| member(value, name));
        let value = match value {
            Some(Value::Array(items)) => items.first(),
            // A text or a number where an object belongs shows nothing of what is in it.
            Some(Value::String(text)) if text.trim().is_empty() => None,
            Some(Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
                notes.push(path.clone());
                None
            }
            other => other,
        };
        Self { value, path, is_stored: self.is_stored }
    }

    /// A text that is not empty. A number counts as its text.
    pub(super) fn text(&self, name: &str, notes: &mut Notes) -> Option<String> {
        match member(self.value?, name)? {
            Value::String(text) if self.hides(text) => {
                notes.push(self.path_of(name));
                None
            }
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => self.not_understood(name, notes),
        }
    }

    /// The name of an app setting. What can't be one may be the secret itself, and isn't kept.
    pub(super) fn setting_name(&self, name: &str, notes: &mut Notes) -> Option<String> {
        self.text(name, notes).filter(|text| is_setting_name(text))
    }

    /// The same as a text, with the white space around it.
    pub(super) fn padded_text(&self, name: &str, notes: &mut Notes) -> Option<String> {
        let text = self.text(name, notes)?;
        Some(member(self.value?, name)?.as_str().map_or(text, str::to_owned))
    }

    /// What is there and has none of the forms that are read is noted: it doesn't count as absent.
    fn not_understood<T>(&self, name: &str, notes: &mut Notes) -> Option<T> {
        notes.push(self.path_of(name));
        None
    }

    /// A truth value, also as a text.
    pub(super) fn flag(&self, name: &str, notes: &mut Notes) -> Option<bool> {
        match member(self.value?, name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) if !is_expression(text) => truth(text).or_else(|| self.not_understood(name, notes)),
            _ => self.not_understood(name, notes),
        }
    }

    /// A list of texts. One whose members are not all known is undetermined as a whole, for a missing member could be
    /// the deciding one; so is a text that is where a list belongs, for what the platform makes of it is not known.
    pub(super) fn list<T: From<String>>(&self, name: &str, notes: &mut Notes) -> Option<Vec<T>> {
        match member(self.value?, name)? {
            Value::Array(items) => {
                let known: Option<Vec<T>> = items
                    .iter()
                    .filter(|item| !item.is_null())
                    .map(|item| item_text(item).filter(|text| !self.hides(text)).map(T::from))
                    .collect();
                known.or_else(|| self.not_understood(name, notes))
            }
            Value::String(text) if text.trim().is_empty() => None,
            _ => self.not_understood(name, notes),
        }
    }
}

fn item_text(item: &Value) -> Option<String> {
    match item {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The value without secrets and without `null`s, in which tools print what is absent.
pub(super) fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(name, value)| !value.is_null() && !is_secret_setting(name))
                .map(|(name, value)| (name.clone(), without_secrets(value)))
                .collect::<Map<_, _>>(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_secrets).collect()),
        Value::String(text) if text.contains("eyJ") => Value::String(without_tokens(text)),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_go_and_their_names_stay() {
        let clean = without_secrets(&json!({
            "clientSecret": "hunter2", "googleClientSecret": "x", "consumerSecret": {"a": 1},
            "clientSecretSettingName": "NAME", "clientSecretCertificateThumbprint": "AA", "nothing": null,
            "list": [{"clientSecret": "y", "a": "b"}]
        }));
        assert_eq!(
            clean,
            json!({"clientSecretSettingName": "NAME", "clientSecretCertificateThumbprint": "AA", "list": [{"a": "b"}]})
        );
    }

    #[test]
    fn expressions_are_noted_and_not_taken_for_values() {
        let value = json!({"CLIENTID": "[parameters('id')]", "list": ["a", "[variables('b')]"], "flag": "True",
            "text": "b", "escaped": "[[a]", "joint": "[api://a, https://b]"});
        let place = Place::root(&value, "root");
        let mut notes = Vec::new();
        assert_eq!(place.text("clientId", &mut notes), None);
        assert_eq!(place.list::<String>("list", &mut notes), None);
        assert_eq!(place.list::<String>("text", &mut notes), None);
        assert_eq!(place.flag("flag", &mut notes), Some(true));
        assert_eq!(place.text("escaped", &mut notes).as_deref(), Some("[[a]"));
        assert_eq!(notes, ["root.clientId", "root.list", "root.text"]);
    }
}
