//! Variables as tools list them: in JSON, and as PowerShell displays a list.

use serde_json::Value;

use super::{assignment, assignments};
use crate::case::json;

/// The variables of a text, and where they are from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Block {
    /// Each with its value as it is written.
    pub variables: Vec<(String, String)>,
    /// Whether they are those that somebody configured for an app, without what its platform adds.
    pub is_configured: bool,
    /// Whether a list says where each value ends, so that no quotation marks are around it.
    pub is_listed: bool,
    /// Whether it is a table, in which long values are cut.
    pub is_cut: bool,
}

/// What the system or the platform sets for a process: somebody's list of settings has none of these.
const OF_A_PROCESS: [&str; 9] = [
    "PATH",
    "HOSTNAME",
    "COMPUTERNAME",
    "IDENTITY_ENDPOINT",
    "MSI_ENDPOINT",
    "WEBSITE_SITE_NAME",
    "WEBSITE_INSTANCE_ID",
    "CONTAINER_APP_NAME",
    "KUBERNETES_SERVICE_HOST",
];

/// Reads variables in any of the forms in which they are listed, or as [`assignments`].
#[must_use]
pub fn block(text: &str) -> Block {
    let written = text.trim();
    if written.starts_with(['[', '{'])
        && let Ok(value) = json::parse(written)
    {
        return in_json(&value);
    }
    if let Some(variables) = displayed(written) {
        return listed(variables, false);
    }
    let variables = assignments(text).into_iter().map(|(name, it)| (name.to_owned(), it.to_owned())).collect();
    Block { variables, is_cut: is_table(text), ..Block::default() }
}

/// Whether a text is the table of names and values that PowerShell displays, in which long values are cut.
fn is_table(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_head = |line: &str| line.split_whitespace().eq(["Name", "Value"]);
    let is_rule = |line: &str| line.bytes().all(|byte| b"- ".contains(&byte));
    lines.any(is_head) && lines.next().is_some_and(is_rule)
}

fn listed(variables: Vec<(String, String)>, is_of_azure: bool) -> Block {
    let is_of_process = |(name, _): &(String, String)| OF_A_PROCESS.iter().any(|it| it.eq_ignore_ascii_case(name));
    let is_configured = is_of_azure || !variables.iter().any(is_of_process);
    Block { is_configured, variables, is_listed: true, is_cut: false }
}

/// A list of `{name, value}`, of `NAME=value`, or an object of texts, which may be the `properties` of a resource.
fn in_json(value: &Value) -> Block {
    let of_members = |value: &Value| {
        let members = value.as_object().into_iter().flatten();
        members.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    };
    match value {
        // What Azure and Kubernetes list begins with small letters. PowerShell's lists don't.
        Value::Array(items) => {
            let is_of_azure = items.iter().any(|item| item.get("name").is_some());
            listed(items.iter().filter_map(entry).collect(), is_of_azure)
        }
        _ => match value.get("properties").filter(|properties| properties.is_object()) {
            Some(properties) => listed(of_members(properties), true),
            None => listed(of_members(value), false),
        },
    }
}

/// The name and the value of an entry of a list. One whose value is kept elsewhere (`secretRef`, `valueFrom`) has none.
pub fn entry(item: &Value) -> Option<(String, String)> {
    if let Some((name, value)) = item.as_str().and_then(assignment) {
        return Some((name.to_owned(), value.to_owned()));
    }
    let of = |names: [&str; 2]| names.iter().find_map(|name| item.get(name));
    let value = of(["value", "Value"])?.as_str().unwrap_or_default();
    Some((of(["name", "Name"])?.as_str()?.to_owned(), value.to_owned()))
}

/// The pairs of `Name : X` and `Value : Y` that PowerShell displays. It goes on with a long value in the lines below,
/// with spaces before them.
fn displayed(text: &str) -> Option<Vec<(String, String)>> {
    let property = |line: &str, wanted: &str| {
        let (name, value) = line.split_once(':')?;
        let is_wanted = !line.starts_with(' ') && name.trim_end() == wanted;
        is_wanted.then(|| value.strip_prefix(' ').unwrap_or(value).to_owned())
    };
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut name = None;
    let mut is_value = false;
    for line in text.lines().map(|line| line.trim_end_matches('\r')) {
        if let Some(found) = property(line, "Name") {
            (name, is_value) = (Some(found.trim().to_owned()), false);
        } else if let Some((name, value)) = name.take_if(|_| true).zip(property(line, "Value")) {
            variables.push((name, value));
            is_value = true;
        } else if let Some((_, value)) = variables.last_mut().filter(|_| is_value && line.starts_with(' ')) {
            value.push_str(line.trim_start());
        } else {
            is_value = false;
        }
    }
    (!variables.is_empty()).then_some(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(block: &Block) -> Vec<&str> {
        block.variables.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn lists_of_every_tool_are_read() {
        let of_az = r#"[{"name": "A", "slotSetting": false, "value": "1"}, {"name": "PATH", "value": "x=y"}]"#;
        let of_container_app = r#"[{"name": "A", "value": "1"}, {"name": "S", "secretRef": "s"}]"#;
        let of_resource = r#"{"id": "/subscriptions/s", "properties": {"A": "1", "PATH": "2"}}"#;
        let of_get_az_web_app = r#"[{"Name": "A", "Value": "'1'"}]"#;
        for text in [of_az, of_container_app, of_resource, of_get_az_web_app] {
            let found = block(text);
            assert!(found.is_configured && found.is_listed, "{text}");
            assert_eq!(names(&found).first(), Some(&"A"), "{text}");
            assert!(!names(&found).contains(&"S"), "{text}");
        }
        let of_powershell = r#"[{"Key": "A", "Value": "1", "Name": "A"}, {"Name": "Path", "Value": "C:\\x"}]"#;
        let of_docker = r#"["A=1", "PATH=/bin"]"#;
        let of_node = r#"{"A": "1", "PATH": "/bin", "N": 3}"#;
        let displayed = "\r\nName  : A\r\nValue : 1\r\n\r\nName  : Path\r\nValue : C:\\x;\r\n        C:\\y=z\r\n\r\n";
        for text in [of_powershell, of_docker, of_node, displayed] {
            let found = block(text);
            assert!(!found.is_configured && found.is_listed, "{text}");
            assert_eq!(names(&found).len(), 2, "{text}");
        }
        assert_eq!(block(displayed).variables[1].1, "C:\\x;C:\\y=z");
        let plain = block("A='1'\nB=2\n");
        assert!(!plain.is_configured && !plain.is_listed);
        assert_eq!(names(&plain), ["A", "B"]);
        assert!(is_table(
            "\r\nName                           Value\r\n----                           -----\r\nA  1\r\n"
        ));
        assert!(!is_table("A=1\nName Value\n"));
    }
}
