//! YAML as the Azure CLI prints it (`--output yaml`): mappings and lists by their indentation, and plain values.
//! Anchors, tags, comments behind values, and several documents are not read at all.

use serde_json::{Map, Number, Value};

/// Deeper than any settings, and not deep enough to matter.
const DEEPEST: usize = 40;

/// The mapping, or the list of mappings, that a text consists of. The CLI writes its messages before it.
pub(super) fn read(text: &str) -> Option<Value> {
    let lines: Vec<Line<'_>> = text.lines().filter_map(Line::of).collect();
    let is_message = |line: &Line<'_>| line.is_message() && line.depth == 0;
    let mut lines = lines.get(lines.iter().take_while(|line| is_message(line)).count()..)?;
    if let [Line { depth: 0, text: "---" }, rest @ ..] = lines {
        lines = rest;
    }
    let (first, behind) = lines.split_first()?;
    let (value, rest) = block(*first, behind, DEEPEST)?;
    let is_list = || value.as_array().is_some_and(|items| items.iter().all(Value::is_object));
    (rest.is_empty() && (value.is_object() || is_list())).then_some(value)
}

#[derive(Clone, Copy)]
struct Line<'a> {
    /// By how many spaces it is indented.
    depth: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    /// `None` for an empty line, and for a comment.
    fn of(line: &'a str) -> Option<Self> {
        let text = line.trim_start_matches(' ');
        let depth = line.len().saturating_sub(text.len());
        let text = text.trim_end();
        (!text.is_empty() && !text.starts_with('#')).then_some(Self { depth, text })
    }

    /// Whether it is a message of the CLI: a sentence, or what begins with its level.
    fn is_message(&self) -> bool {
        let has_level = ["WARNING: ", "INFO: ", "DEBUG: "].iter().any(|level| self.text.starts_with(level));
        has_level || self.item().is_none() && self.member().is_none() && self.text.contains(' ')
    }

    /// What is behind the dash of an item of a list, as a line of its own.
    fn item(self) -> Option<Self> {
        if self.text == "-" {
            return Some(Self { depth: self.depth.saturating_add(1), text: "" });
        }
        let text = self.text.strip_prefix("- ")?.trim_start();
        Some(Self { depth: self.depth.saturating_add(self.text.len()).saturating_sub(text.len()), text })
    }

    /// The name of a member, and the value on its line.
    fn member(self) -> Option<(&'a str, &'a str)> {
        let (name, value) = self.text.split_once(": ").or_else(|| Some((self.text.strip_suffix(':')?, "")))?;
        let is_plain = |letter: char| letter.is_alphanumeric() || "_-./".contains(letter);
        let name = name.strip_prefix('\'').and_then(|name| name.strip_suffix('\'')).unwrap_or(name);
        (!name.is_empty() && name.chars().all(is_plain)).then_some((name, value.trim()))
    }
}

/// The block that a line begins, and the lines behind it.
fn block<'a, 'l>(first: Line<'a>, behind: &'l [Line<'a>], deepest: usize) -> Option<(Value, &'l [Line<'a>])> {
    let deepest = deepest.checked_sub(1)?;
    let is_list = first.item().is_some();
    let (mut items, mut members) = (Vec::new(), Map::new());
    let (mut line, mut behind) = (first, behind);
    loop {
        if let Some(item) = line.item() {
            // A mapping may begin behind the dash, and what is deeper than the dash belongs to the item.
            let is_deeper = behind.first().is_some_and(|next| next.depth > line.depth);
            let (value, after) = match item.member() {
                Some(_) => block(item, behind, deepest)?,
                None if item.text.is_empty() && !is_deeper => (Value::Null, behind),
                None if item.item().is_some() => return None,
                None => of_line(item.text, line.depth, behind, deepest)?,
            };
            items.push(value);
            behind = after;
        } else {
            let (name, text) = line.member()?;
            let (value, after) = of_line(text, line.depth, behind, deepest)?;
            // A name that is there twice has no one value.
            if members.insert(name.to_owned(), value).is_some() {
                return None;
            }
            behind = after;
        }
        let next = behind.split_first().filter(|(next, _)| next.depth >= first.depth);
        let Some((next, after)) = next else { break };
        if next.depth > first.depth || is_list != next.item().is_some() {
            // A deeper line continues a text; a name as far left as the list is the next one of the list's parent.
            if next.depth > first.depth || !is_list {
                return None;
            }
            break;
        }
        (line, behind) = (*next, after);
    }
    Some((if is_list { Value::Array(items) } else { Value::Object(members) }, behind))
}

/// The value on a line, or in the block below it. A list may begin as far left as its name.
fn of_line<'a, 'l>(
    text: &str,
    depth: usize,
    behind: &'l [Line<'a>],
    deepest: usize,
) -> Option<(Value, &'l [Line<'a>])> {
    if !text.is_empty() {
        // A long text goes on in deeper lines.
        let more = behind.iter().take_while(|next| next.depth > depth).count();
        let (more, behind) = behind.split_at_checked(more)?;
        if more.is_empty() {
            return Some((scalar(text)?, behind));
        }
        let parts: Vec<&str> = std::iter::once(text).chain(more.iter().map(|line| line.text)).collect();
        let is_plain = parts.iter().all(|part| matches!(scalar(part), Some(Value::String(same)) if same == *part));
        return is_plain.then(|| (Value::String(parts.join(" ")), behind));
    }
    match behind.split_first() {
        Some((next, after)) if next.depth > depth || next.depth == depth && next.item().is_some() => {
            block(*next, after, deepest)
        }
        _ => Some((Value::Null, behind)),
    }
}

/// A value on one line. A word that another version of YAML takes for a truth value isn't read.
fn scalar(text: &str) -> Option<Value> {
    let quoted = |quote| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    if let Some(inner) = quoted('\'') {
        let text = inner.replace("''", "\n");
        return (!text.contains('\'')).then(|| Value::String(text.replace('\n', "'")));
    }
    if let Some(inner) = quoted('"') {
        return (!inner.contains(['\\', '"'])).then(|| Value::String(inner.to_owned()));
    }
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "null" | "~" => Some(Value::Null),
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "[]" => Some(Value::Array(Vec::new())),
        "{}" => Some(Value::Object(Map::new())),
        "yes" | "no" | "on" | "off" | "y" | "n" => None,
        _ if text.starts_with(['[', '{', '&', '*', '!', '|', '>', '%', '@', '`', '\'', '"', '?', ',', '#']) => None,
        _ if text.contains(": ") || text.contains([' ', '\t']) && text.contains('#') || text.ends_with(':') => None,
        // What has an exponent is a number for some readers, and a text for others.
        _ => {
            let number =
                Some(text).filter(|text| !text.contains(['e', 'E'])).and_then(|text| text.parse::<Number>().ok());
            Some(number.map_or_else(|| Value::String(text.to_owned()), Value::Number))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_azure_cli_prints_is_read() {
        let right = json!({"id": "/subscriptions/1/sites/app2", "properties": {
            "globalValidation": {"excludedPaths": [], "requireAuthentication": true},
            "login": {"hours": 72.0, "nonce": {}, "text": "it's", "version": "~1"},
            "validation": {"allowedAudiences": ["api://x", "https://x/y"], "groups": null},
            "list": [{"a": 1, "b": "x"}, {"a": 2, "b": ["z"]}]}});
        for text in [
            "id: /subscriptions/1/sites/app2\nproperties:\n  globalValidation:\n    excludedPaths: []\n    \
             requireAuthentication: true\n  login:\n    hours: 72.0\n    nonce: {}\n    text: 'it''s'\n    version: \
             ~1\n  validation:\n    allowedAudiences:\n    - api://x\n    - https://x/y\n    groups: null\n  list:\n  \
             - a: 1\n    b: x\n  - a: 2\n    b:\n    - z\n",
            "---\n# az\nid: \"/subscriptions/1/sites/app2\"\n\nproperties:\n    globalValidation:\n        \
             excludedPaths: []\n        requireAuthentication: true\n    login:\n        hours: 72.0\n        nonce: \
             {}\n        text: it's\n        version: '~1'\n    validation:\n        allowedAudiences:\n            - \
             api://x\n            - https://x/y\n        groups:\n    list:\n        - a: 1\n          b: x\n        - \
             a: 2\n          b:\n              - z\n",
        ] {
            assert_eq!(read(text), Some(right.clone()), "{text}");
        }
        // Long texts go on in deeper lines, and an item may be empty.
        let folded = "a:\n- scope=openid profile\n  offline_access\n- x\nb: one\n  two\nc:\n-\n- x\nd: 12e3\n";
        let right =
            json!({"a": ["scope=openid profile offline_access", "x"], "b": "one two", "c": [null, "x"], "d": "12e3"});
        assert_eq!(read(folded), Some(right));
        let messages =
            "This command has been deprecated.\nWARNING: Group 'x' is in preview: y\n---\n- a: 1\n  b: x\n- a: 2\n";
        assert_eq!(read(messages), Some(json!([{"a": 1, "b": "x"}, {"a": 2}])));
    }

    #[test]
    fn what_means_more_than_it_shows_is_not_read() {
        for text in [
            "a: &x 1\nb: *x",
            "a: !secret x",
            "a: |\n  text",
            "a: >\n  text",
            "a: one\n  two: 3",
            "a: 'one\n  two'",
            "a: x\t# note",
            "a:\n- # note\n- x",
            "a:\n- - x",
            "a: yes",
            "a: [1, 2]",
            "a: {b: 1}",
            "a: x # note",
            "a: b: c",
            "a: 1\na: 2",
            "a: 1\n---\na: 2",
            "a:\n    b: 1\n  c: 2",
            "- a\n- b",
            "just words",
            "a: \"x\\n\"",
            "Name    Enabled\n------  -------",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let deep: String = (0..5000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert_eq!(read(&deep), None);
    }
}
