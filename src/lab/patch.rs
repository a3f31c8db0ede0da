//! Patches of JSON data, with placeholders that name other parts of it.

use serde_json::{Map, Value};

/// The text of a leaf that removes its key.
const ABSENT: &str = "{absent}";
/// The text of a leaf that stands for `null`, which TOML has not.
const NULL: &str = "{null}";

/// A placeholder that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the placeholder {{{0}}} names nothing")]
pub(crate) struct UnknownPlaceholder(String);

/// The data with the patch merged in: objects are merged, everything else is replaced.
pub(crate) fn merged(base: &Value, patch: &Value) -> Value {
    match (base, patch) {
        (Value::Object(base), Value::Object(patch)) => {
            let mut result = base.clone();
            for (key, value) in patch {
                if value.as_str() == Some(ABSENT) {
                    result.remove(key);
                } else {
                    let before = base.get(key).unwrap_or(&Value::Null);
                    result.insert(key.clone(), merged(before, value));
                }
            }
            Value::Object(result)
        }
        (_, Value::Object(patch)) => merged(&Value::Object(Map::new()), &Value::Object(patch.clone())),
        (_, Value::String(text)) if text == NULL => Value::Null,
        (_, other) => other.clone(),
    }
}

/// The patch that makes the second of the first: what is missing in it is removed, and what differs is replaced.
pub(crate) fn difference(before: &Value, after: &Value) -> Value {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return as_leaf(after);
    };
    let mut patch = Map::new();
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        patch.insert(key.clone(), Value::from(ABSENT));
    }
    for (key, value) in after {
        match before.get(key) {
            Some(known) if known == value => {}
            Some(known) => drop(patch.insert(key.clone(), difference(known, value))),
            None => drop(patch.insert(key.clone(), as_leaf(value))),
        }
    }
    Value::Object(patch)
}

/// A value as a patch has it: `null` by its name.
fn as_leaf(value: &Value) -> Value {
    match value {
        Value::Null => Value::from(NULL),
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), as_leaf(value))).collect(),
        other => other.clone(),
    }
}

/// The value with the placeholders in all its texts filled: `{a.b.0}` is the value at that path of `data`.
///
/// A text that is one placeholder and nothing else becomes the value itself, whatever its type.
///
/// # Errors
/// The first placeholder that names nothing.
pub(crate) fn filled(value: &Value, data: &Value) -> Result<Value, UnknownPlaceholder> {
    Ok(match value {
        Value::String(text) if text == ABSENT || text == NULL => value.clone(),
        Value::String(text) => match whole(text) {
            Some(path) => lookup(path, data)?.clone(),
            None => Value::String(filled_text(text, data)?),
        },
        Value::Array(list) => Value::Array(list.iter().map(|entry| filled(entry, data)).collect::<Result<_, _>>()?),
        Value::Object(object) => Value::Object(
            object
                .iter()
                .map(|(key, entry)| Ok((key.clone(), filled(entry, data)?)))
                .collect::<Result<_, UnknownPlaceholder>>()?,
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    })
}

/// The text with its placeholders filled.
///
/// # Errors
/// The first placeholder that names nothing.
pub(crate) fn filled_text(text: &str, data: &Value) -> Result<String, UnknownPlaceholder> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((path, after)) = after.split_once('}') else {
            break;
        };
        result.push_str(before);
        match lookup(path, data)? {
            Value::String(value) => result.push_str(value),
            other => result.push_str(&other.to_string()),
        }
        rest = after;
    }
    result.push_str(rest);
    Ok(result)
}

fn whole(text: &str) -> Option<&str> {
    let path = text.strip_prefix('{')?.strip_suffix('}')?;
    (!path.contains(['{', '}'])).then_some(path)
}

fn lookup<'a>(path: &str, data: &'a Value) -> Result<&'a Value, UnknownPlaceholder> {
    data.pointer(&format!("/{}", path.replace('.', "/"))).ok_or_else(|| UnknownPlaceholder(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_merge_lists_are_replaced_and_keys_can_go() {
        let base = json!({"a": {"b": 1, "c": [1, 2]}, "d": 1});
        let patch = json!({"a": {"c": [3], "e": "{null}"}, "d": "{absent}"});
        assert_eq!(merged(&base, &patch), json!({"a": {"b": 1, "c": [3], "e": null}}));
    }

    #[test]
    fn the_difference_of_two_makes_the_second_of_the_first() {
        let one = json!({"a": {"b": 1, "c": [1, 2], "x": {"y": 1}}, "d": null});
        let other = json!({"a": {"c": [3], "x": null, "e": {"f": null}}, "d": {"g": 1}});
        assert_eq!(merged(&one, &difference(&one, &other)), other);
        assert_eq!(merged(&other, &difference(&other, &one)), one);
        assert_eq!(difference(&one, &one), json!({}));
    }

    #[test]
    fn placeholders_take_values_of_any_type_and_unknown_ones_are_errors() {
        let data = json!({"a": {"list": ["x", "y"], "n": 3}});
        assert_eq!(filled(&json!("{a.list}"), &data), Ok(json!(["x", "y"])));
        assert_eq!(filled(&json!(["api://{a.list.1}/{a.n}"]), &data), Ok(json!(["api://y/3"])));
        assert!(filled(&json!("{a.missing}"), &data).is_err());
    }
}
