//! The templates of fixes, and how one is filled. `engine` has their language, `placeholders` what is filled in.

use super::engine::{Text, is_comment};
use super::finding::{ChangeTemplate, FixTemplate};
pub use super::placeholders::PLACEHOLDERS;
use super::placeholders::{MOVES, OF_ONE_CASE, OF_ONE_PLACE, for_a_reader};
use super::settings_change::SettingsChange;
use super::shell::{is_plain_in_double_quotes, is_portable};
use super::words::Value;
use crate::case::target_kind::TargetKind;
use crate::case::text::is_deceptive;

/// Fills a fix. `None` when one of the values that it needs is not known, or nothing is left of it.
#[must_use]
pub fn fill(template: &FixTemplate, lookup: &dyn Fn(&str) -> Option<Value>) -> Option<String> {
    let known = |name: &str| lookup(name).filter(is_safe);
    if template.needs.iter().any(|name| known(name).is_none()) {
        return None;
    }
    // In PowerShell, only what is plain within double quotes is filled in.
    let in_powershell = |name: &str| known(name).filter(|value| value.text().is_none_or(is_plain_in_double_quotes));
    let filled = match template.via.as_str() {
        "powershell" => template.text.fill(&in_powershell),
        _ => template.text.fill(&known),
    };
    let text = without_special(&filled).trim_matches('\n').to_owned();
    // Comments alone fix nothing.
    let says_something = text.lines().any(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    says_something.then_some(text)
}

/// Takes away empty lines, and, with their comments, the commands of the Azure CLI that a shell would read in its own
/// way because of a value.
fn without_special(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    // What a template says only in some cases leaves its line empty.
    for line in text.split('\n').filter(|line| !line.is_empty()) {
        let command = line.trim_start_matches(['#', ' ']);
        if !command.starts_with("az ") || is_portable(command) {
            lines.push(line);
            continue;
        }
        while lines.last().is_some_and(|line| is_comment(line)) {
            lines.pop();
        }
    }
    lines.join("\n")
}

/// A caution, filled; `None` when nothing is left of it.
#[must_use]
pub fn fill_caution(caution: &Text, lookup: &dyn Fn(&str) -> Option<Value>) -> Option<String> {
    let text = caution.fill(&|name| lookup(name).filter(is_safe));
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Values come from the wire, from files, and from people: one with control or invisible characters is never filled in.
fn is_safe(value: &Value) -> bool {
    let safe = |text: &String| !text.is_empty() && !text.chars().any(is_deceptive);
    match value {
        Value::Text(text) | Value::Arguments(text) => safe(text),
        Value::List(items) => !items.is_empty() && items.iter().all(safe),
        Value::Yes => true,
        Value::Said(_) => false,
    }
}

/// Whether a fix says something without a case: none of what it needs is set only in some.
#[must_use]
pub fn is_for_any_case(fix: &FixTemplate) -> bool {
    let of_one = |name: &str| fix.needs.iter().any(|needed| needed == name);
    !OF_ONE_PLACE.iter().chain(OF_ONE_CASE).any(|name| of_one(name))
}

/// A template for a reader without a case and for this kind of App 2: every value is `<its name>`.
#[must_use]
pub fn unfilled(text: &Text, changes: &[ChangeTemplate], kind: TargetKind) -> String {
    let name_of = |change: &ChangeTemplate, name: &str| change.for_reader.clone().unwrap_or_else(|| for_a_reader(name));
    let filters: Vec<String> = changes
        .iter()
        .filter_map(|change| SettingsChange::of(change, |name| Some(name_of(change, name)))?.jq())
        .collect();
    let edit = format!("'{}'", filters.join(" | "));
    let value = |name: &str| match name {
        "settings_edit" => Value::Arguments(edit.clone()),
        "settings_moves" => Value::Arguments(MOVES.to_owned()),
        "settings_url" => Value::Text(kind.data().settings_url("<App 2>")),
        "caller_args" | "target_args" | "caller_az" | "target_az" => Value::Arguments(for_a_reader(name)),
        "authentication_page" => Value::Text("Settings > Authentication".to_owned()),
        name => Value::Text(for_a_reader(name)),
    };
    let filled = text.fill(&|name| (!OF_ONE_PLACE.contains(&name)).then(|| value(name)));
    filled.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// A template with the values that are known; every other value is `<its name>`.
#[must_use]
pub fn partly_filled(text: &Text, lookup: &dyn Fn(&str) -> Option<Value>) -> String {
    let value = |name: &str| {
        let known = lookup(name).filter(is_safe);
        Some(known.unwrap_or_else(|| Value::Arguments(for_a_reader(name))))
    };
    text.fill(&value).trim_matches('\n').to_owned()
}
