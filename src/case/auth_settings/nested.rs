//! Settings within an object of another form: a state of Pulumi, a parameter file of a deployment, an export of one's
//! own.

use serde_json::Value;

use super::fields::member;

/// Deeper objects than this are not searched.
const DEEPEST: usize = 10;

/// The only settings within an object, and whether they are a deployment's parameters. Where there are different ones,
/// none is known to be App 2's.
pub(super) fn only(value: &Value) -> Option<(&Value, bool)> {
    let mut found = Vec::new();
    search(value, 0, &mut found);
    let first = *found.first()?;
    found.iter().all(|other| *other == first).then(|| (first, member(value, "parameters").is_some()))
}

fn search<'a>(value: &'a Value, depth: usize, found: &mut Vec<&'a Value>) {
    match value {
        _ if depth > DEEPEST => {}
        Value::Object(_) if member(value, "identityProviders").is_some_and(Value::is_object) => found.push(value),
        Value::Object(members) => {
            // What was asked for beside what it became.
            let became = members.contains_key("outputs");
            let inner = members.iter().filter(|(name, _)| !(became && name.as_str() == "inputs"));
            inner.for_each(|(_, inner)| search(inner, depth.saturating_add(1), found));
        }
        Value::Array(items) => items.iter().for_each(|item| search(item, depth.saturating_add(1), found)),
        _ => {}
    }
}
