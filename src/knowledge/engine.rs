//! The templates of the knowledge base: sentences and fixes with placeholders, in the language of Jinja.
//!
//! - `{{ name }}` is a value; a list is shown with commas. `{% if name %}…{% else %}…{% endif %}` asks whether there is
//!   one.
//! - **A line whose value is not known is left out**, and with it the comment right before a command.
//! - `{% include "name" %}` takes up a snippet of `snippets.toml`.
//! - Values come from the wire, from files, and from people, so they are written for the language they land in: `sh`
//!   makes one word of a shell (`shell` says of which), `sh1` and `sh2` a part within single or double quotes; `json`,
//!   `hcl`, `bicep`, and `code` are for JSON, Terraform, Bicep, and source code (of a list they make the whole
//!   literal). `of` writes what a number counts. `join` writes another text than a comma between the items of a list.
//! - `{% if name is ip_address %}` asks whether a host is an IP address.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{LazyLock, OnceLock};

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Output, State, Template, Value as Jinja};
use serde::{Deserialize, Deserializer};

use super::shell::{self, shell_word};
use super::snippets;
use super::words::Value;

/// Marks where a value is missing, until its line is left out. No value has it: they are made visible first.
const MISSING: char = '\u{1a}';

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(engine);

/// A template.
pub struct Text {
    source: &'static str,
    parsed: OnceLock<Option<Parsed>>,
}

struct Parsed {
    template: Template<'static, 'static>,
    names: Vec<String>,
}

impl Text {
    /// A template of this source, which lives as long as the program.
    #[must_use]
    pub const fn new(source: &'static str) -> Self {
        Self { source, parsed: OnceLock::new() }
    }

    /// What it is written as.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// The names of its placeholders. A template that does not parse has none (a test parses them all).
    #[must_use]
    pub fn names(&self) -> &[String] {
        self.parsed().map_or(&[], |parsed| &parsed.names)
    }

    /// Whether it parses.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.parsed().is_some()
    }

    /// The text with these values. Lines that need a value that there is not are left out.
    #[must_use]
    pub fn fill(&self, value_of: &dyn Fn(&str) -> Option<Value>) -> String {
        let Some(parsed) = self.parsed() else {
            return String::new();
        };
        if parsed.names.is_empty() && !self.source.contains('{') {
            return self.source.to_owned();
        }
        let mut values: BTreeMap<String, Jinja> = BTreeMap::new();
        for name in &parsed.names {
            values.extend(value_of(name).map(|value| (name.clone(), jinja(value))));
        }
        let filled = parsed.template.render(Jinja::from(values)).unwrap_or_default();
        without_gaps(&filled)
    }

    fn parsed(&self) -> Option<&Parsed> {
        self.parsed
            .get_or_init(|| {
                let template = ENGINE.template_from_str(self.source).ok()?;
                let mut names: Vec<String> = template.undeclared_variables(false).into_iter().collect();
                let included = snippets::all().filter(|(name, _)| self.source.contains(&include(name)));
                names.extend(included.flat_map(|(_, source)| Self::new(source).names().to_vec()));
                crate::sort::all(&mut names);
                names.dedup();
                Some(Parsed { template, names })
            })
            .as_ref()
    }
}

impl Clone for Text {
    fn clone(&self) -> Self {
        Self::new(self.source)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Text {}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.source, formatter)
    }
}

impl<'de> Deserialize<'de> for Text {
    /// The source is kept for good: an entry of the knowledge base is parsed once.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = String::deserialize(deserializer)?;
        Ok(Self::new(Box::leak(source.into_boxed_str())))
    }
}

/// Takes away the lines in which a value is missing, and the comments before a command that goes.
fn without_gaps(filled: &str) -> String {
    if !filled.contains(MISSING) {
        return filled.to_owned();
    }
    let mut lines: Vec<&str> = Vec::new();
    for line in filled.split('\n') {
        if !line.contains(MISSING) {
            lines.push(line);
        } else if super::Shell::of(line.strip_prefix("# ").unwrap_or(line)).is_some() {
            while lines.last().is_some_and(|line| is_comment(line)) {
                lines.pop();
            }
        }
    }
    lines.join("\n")
}

/// Whether a line is a comment in words, and not a command that is commented out.
pub(super) fn is_comment(line: &str) -> bool {
    line.starts_with('#') && super::Shell::of(line.trim_start_matches(['#', ' '])).is_none()
}

fn jinja(value: Value) -> Jinja {
    match value {
        Value::Text(text) => Jinja::from(text),
        Value::List(items) => Jinja::from(items),
        Value::Arguments(arguments) => Jinja::from_safe_string(arguments),
        Value::Yes => Jinja::from(true),
        // Whoever fills a template renders other words first.
        Value::Said(_) => Jinja::UNDEFINED,
    }
}

/// How a template takes up a snippet.
fn include(name: &str) -> String {
    format!("{{% include \"{name}\" %}}")
}

fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    for (name, source) in snippets::all() {
        // One that does not parse is missing where it is included (a test parses them all).
        let _ = engine.add_template(name, source);
    }
    engine.set_formatter(write);
    engine.add_filter("sh", |value: Jinja| written(&value, true, shell_word, |items| shell_word(&items.join(","))));
    engine.add_filter("sh1", |value: Jinja| {
        written(&value, true, in_single_quotes, |items| in_single_quotes(&items.join(",")))
    });
    engine.add_filter("sh2", |value: Jinja| {
        written(&value, true, in_double_quotes, |items| in_double_quotes(&items.join(",")))
    });
    engine.add_filter("of", counted);
    engine.add_test("ip_address", |value: Jinja| is_ip_address(&value.to_string()));
    engine.add_filter("join", |value: Jinja, between: &str| items(&value).join(between));
    engine.add_filter("json", |value: Jinja| written(&value, false, json_text, json_list));
    engine.add_filter("code", |value: Jinja| written(&value, false, json_inner, json_list));
    engine.add_filter("hcl", |value: Jinja| {
        written(&value, false, in_terraform, |items| list_of(items, |item| format!("\"{}\"", in_terraform(item))))
    });
    engine.add_filter("bicep", |value: Jinja| {
        written(&value, false, in_bicep, |items| list_of(items, |item| format!("'{}'", in_bicep(item))))
    });
    engine
}

/// Whether a host is an IP address, which isn't looked up in DNS. An IPv6 address in a URL has brackets.
fn is_ip_address(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
}

/// A value in prose.
fn write(output: &mut Output<'_>, state: &mut State<'_, '_>, value: &Jinja) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Undefined => output.write_char(MISSING).map_err(Error::from),
        ValueKind::Seq => output.write_str(&items(value).join(", ")).map_err(Error::from),
        _ => minijinja::escape_formatter(output, state, value),
    }
}

fn items(value: &Jinja) -> Vec<String> {
    value.try_iter().map(|items| items.map(|item| item.to_string()).collect()).unwrap_or_default()
}

/// A value written for a language. What is missing stays missing, and with `keep_safe` what is quoted already stays as
/// it is.
fn written(
    value: &Jinja,
    keep_safe: bool,
    text: impl Fn(&str) -> String,
    list: impl Fn(&[String]) -> String,
) -> Result<Jinja, Error> {
    match value.kind() {
        ValueKind::Undefined => Ok(Jinja::UNDEFINED),
        ValueKind::Seq => Ok(Jinja::from(list(&items(value)))),
        _ if keep_safe && value.is_safe() => Ok(value.clone()),
        _ => match value.as_str() {
            Some(plain) => Ok(Jinja::from(text(plain))),
            None => Err(Error::new(ErrorKind::InvalidOperation, "only texts and lists can be quoted")),
        },
    }
}

/// A number and what it counts: `1 request`, `2 requests`. What is missing stays missing.
fn counted(count: Jinja, what: &str) -> Jinja {
    match count.to_string() {
        _ if count.is_undefined() => Jinja::UNDEFINED,
        one if one == "1" => Jinja::from(format!("{one} {what}")),
        several => Jinja::from(format!("{several} {what}s")),
    }
}

fn in_single_quotes(text: &str) -> String {
    text.replace('\'', "'\\''")
}

/// The double quotes end before the value and begin again behind it, where a shell would read something into it.
fn in_double_quotes(text: &str) -> String {
    if shell::is_plain_in_double_quotes(text) { text.to_owned() } else { format!("\"{}\"", shell_word(text)) }
}

fn in_bicep(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'").replace("${", "\\${")
}

fn in_terraform(text: &str) -> String {
    json_inner(text).replace("${", "$${").replace("%{", "%%{")
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn json_inner(text: &str) -> String {
    let quoted = json_text(text);
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned()
}

fn json_list(items: &[String]) -> String {
    list_of(items, json_text)
}

/// With a space behind each comma, at which a narrow screen can break the line without cutting an ID in two.
fn list_of(items: &[String], item: impl Fn(&str) -> String) -> String {
    let items: Vec<String> = items.iter().map(|one| item(one)).collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_is_looked_up() {
        let look_up = Text::new("{% if host is not ip_address %}nslookup {{ host|sh }}{% endif %}");
        let of = |host: &str| look_up.fill(&|_| Some(Value::Text(host.to_owned())));
        assert_eq!(of("app2.azurewebsites.net"), "nslookup \"app2.azurewebsites.net\"");
        for address in ["127.0.0.1", "10.1.2.3", "[fd00::1]"] {
            assert_eq!(of(address), "", "{address}");
        }
        assert_eq!(look_up.fill(&|_| None), "");
    }

    fn filled(source: &'static str, values: &[(&str, Value)]) -> String {
        let find = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        Text::new(source).fill(&find)
    }

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn a_line_whose_value_is_unknown_is_left_out_with_its_comment() {
        let source = "# first:\naz a {{ x|sh }}\n# second:\naz b {{ y|sh }}\nSee {{ z }}.\nThe end.";
        assert_eq!(filled(source, &[("x", "1 2".into())]), "# first:\naz a \"1 2\"\nThe end.");
        let commented = "# first:\n# az a 1\n# second:\naz b {{ y|sh }}";
        assert_eq!(filled(commented, &[]), "# first:\n# az a 1");
        let choice = "{% if x %}It is {{ x }}.{% else %}It is unknown.{% endif %}";
        assert_eq!(filled(choice, &[]), "It is unknown.");
        assert_eq!(filled(choice, &[("x", list(&["a", "b"]))]), "It is a, b.");
    }

    #[test]
    fn one_of_a_thing_is_said_as_one() {
        for (count, said) in [("1", "1 byte"), ("0", "0 bytes"), ("12", "12 bytes")] {
            assert_eq!(filled("{{ count|of('byte') }}", &[("count", count.into())]), said);
        }
        assert_eq!(filled("all of {{ count|of('byte') }}\nx", &[]), "x");
    }

    #[test]
    fn values_are_written_for_the_language_they_land_in() {
        let evil = Value::from("a'\"$(id)`${x}%{y}");
        let word = filled("{{ x|sh }}", &[("x", evil.clone())]);
        assert_eq!(shlex::split(&word).unwrap(), ["a'\"$(id)`${x}%{y}"]);
        let single = filled("'<{{ x|sh1 }}>'", &[("x", evil.clone())]);
        assert_eq!(shlex::split(&single).unwrap(), ["<a'\"$(id)`${x}%{y}>"]);
        let double = filled("\"<{{ x|sh2 }}>\"", &[("x", evil.clone())]);
        assert_eq!(shlex::split(&double).unwrap(), ["<a'\"$(id)`${x}%{y}>"]);
        assert_eq!(filled("{{ x|json }}", &[("x", evil.clone())]), r#""a'\"$(id)`${x}%{y}""#);
        assert_eq!(filled("\"{{ x|hcl }}\"", &[("x", evil.clone())]), r#""a'\"$(id)`$${x}%%{y}""#);
        assert_eq!(filled("'{{ x|bicep }}'", &[("x", evil)]), r#"'a\'"$(id)`\${x}%{y}'"#);
        assert_eq!(filled("{{ x|bicep }}", &[("x", list(&["a", "b"]))]), "['a', 'b']");
        assert_eq!(filled("'{{ x|json|sh1 }}'", &[("x", list(&["a", "it's"]))]), r#"'["a", "it'\''s"]'"#);
        assert_eq!(filled("{{ x|sh }}", &[("x", Value::Arguments("--a 'b c'".to_owned()))]), "--a 'b c'");
    }
}
