//! As much of jq as printed fixes use, for the command line of the lab: paths, `=`, `|=`, `|`, `//`, `+`, `*`, `!=`,
//! literals, `unique`, `select`, `map`, and `del`.

use serde_json::{Map, Value};

/// What a filter makes of a JSON text; `None`: it isn't JSON, or the filter uses something else.
#[must_use]
pub fn filtered(filter: &str, text: &str) -> Option<String> {
    let input: Value = serde_json::from_str(text).ok()?;
    let mut parser = Parser { rest: filter.trim() };
    let filter = parser.pipe()?;
    if !parser.rest.is_empty() {
        return None;
    }
    let output = run(&filter, &input)??;
    Some(format!("{output:#}\n"))
}

/// A filter.
enum Filter {
    Path(Vec<String>),
    Literal(Value),
    List(Vec<Filter>),
    Two(Operator, Box<(Filter, Filter)>),
    Call(String, Option<Box<Filter>>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Pipe,
    Else,
    Set,
    Update,
    Plus,
    Times,
    Differs,
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn takes(&mut self, sign: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(sign) else {
            return false;
        };
        self.rest = rest.trim_start();
        true
    }

    fn two(one: Filter, operator: Operator, other: Filter) -> Filter {
        Filter::Two(operator, Box::new((one, other)))
    }

    fn pipe(&mut self) -> Option<Filter> {
        let mut all = self.alternative()?;
        while !self.rest.starts_with("|=") && self.takes("|") {
            all = Self::two(all, Operator::Pipe, self.alternative()?);
        }
        Some(all)
    }

    fn alternative(&mut self) -> Option<Filter> {
        let one = self.assignment()?;
        if self.takes("//") {
            return Some(Self::two(one, Operator::Else, self.alternative()?));
        }
        Some(one)
    }

    fn assignment(&mut self) -> Option<Filter> {
        let one = self.comparison()?;
        if self.takes("|=") {
            return Some(Self::two(one, Operator::Update, self.comparison()?));
        }
        if !self.rest.starts_with("==") && self.takes("=") {
            return Some(Self::two(one, Operator::Set, self.comparison()?));
        }
        Some(one)
    }

    fn comparison(&mut self) -> Option<Filter> {
        let one = self.sum()?;
        if self.takes("!=") {
            return Some(Self::two(one, Operator::Differs, self.sum()?));
        }
        Some(one)
    }

    fn sum(&mut self) -> Option<Filter> {
        let mut all = self.term()?;
        loop {
            if self.takes("+") {
                all = Self::two(all, Operator::Plus, self.term()?);
            } else if self.takes("*") {
                all = Self::two(all, Operator::Times, self.term()?);
            } else {
                return Some(all);
            }
        }
    }

    fn term(&mut self) -> Option<Filter> {
        if self.takes("(") {
            let inner = self.pipe()?;
            return self.takes(")").then_some(inner);
        }
        if self.rest.starts_with('.') {
            return self.path();
        }
        if self.takes("[") {
            let mut all = Vec::new();
            while !self.takes("]") {
                all.push(self.pipe()?);
                if !self.takes(",") && !self.rest.starts_with(']') {
                    return None;
                }
            }
            return Some(Filter::List(all));
        }
        let name: String = self.rest.chars().take_while(char::is_ascii_alphabetic).collect();
        if matches!(name.as_str(), "unique" | "select" | "map" | "del") {
            self.takes(&name);
            if !self.takes("(") {
                return Some(Filter::Call(name, None));
            }
            let inner = self.pipe()?;
            return self.takes(")").then(|| Filter::Call(name, Some(Box::new(inner))));
        }
        self.literal()
    }

    /// A string, a number, `true`, `false`, `null`, or an object of such.
    fn literal(&mut self) -> Option<Filter> {
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
        let value = values.next()?.ok()?;
        self.rest = self.rest.get(values.byte_offset()..)?.trim_start();
        Some(Filter::Literal(value))
    }

    fn path(&mut self) -> Option<Filter> {
        let mut names = Vec::new();
        while let Some(rest) = self.rest.strip_prefix('.') {
            let is_of_name = |character: &char| character.is_ascii_alphanumeric() || *character == '_';
            let name: String = rest.chars().take_while(is_of_name).collect();
            self.rest = rest.get(name.len()..)?;
            if name.is_empty() {
                // `.` alone; nothing may follow it at once.
                if !names.is_empty() || self.rest.starts_with(['[', '"', '.']) {
                    return None;
                }
                break;
            }
            names.push(name);
        }
        if self.rest.starts_with(['[', '"']) {
            return None;
        }
        self.rest = self.rest.trim_start();
        Some(Filter::Path(names))
    }
}

/// The one output of a filter, or none; `None`: it can't be run on this.
fn run(filter: &Filter, input: &Value) -> Option<Option<Value>> {
    let one = |filter: &Filter| run(filter, input)?;
    Some(Some(match filter {
        Filter::Path(names) => at(input, names)?,
        Filter::Literal(value) => value.clone(),
        Filter::List(all) => {
            let all: Option<Vec<Option<Value>>> = all.iter().map(|filter| run(filter, input)).collect();
            all?.into_iter().flatten().collect()
        }
        Filter::Two(operator, both) => {
            let (left, right) = &**both;
            match (operator, left) {
                (Operator::Pipe, _) => return run(right, &one(left)?),
                (Operator::Else, _) => match run(left, input)? {
                    Some(value) if !matches!(value, Value::Null | Value::Bool(false)) => value,
                    _ => one(right)?,
                },
                (Operator::Set, Filter::Path(names)) => with(input, names, one(right)?)?,
                (Operator::Update, Filter::Path(names)) => with(input, names, run(right, &at(input, names)?)??)?,
                (Operator::Set | Operator::Update, _) => return None,
                (Operator::Plus, _) => plus(one(left)?, one(right)?)?,
                (Operator::Times, _) => times(one(left)?, one(right)?)?,
                (Operator::Differs, _) => Value::from(one(left)? != one(right)?),
            }
        }
        Filter::Call(name, argument) => match (name.as_str(), argument.as_deref(), input) {
            ("unique", None, Value::Array(list)) => {
                let mut list = list.clone();
                crate::sort::by_key(&mut list, Value::to_string);
                list.dedup();
                Value::from(list)
            }
            ("map", Some(filter), Value::Array(list)) => {
                let all: Option<Vec<Option<Value>>> = list.iter().map(|entry| run(filter, entry)).collect();
                all?.into_iter().flatten().collect()
            }
            ("select", Some(filter), _) => {
                return Some((one(filter)? == Value::Bool(true)).then(|| input.clone()));
            }
            ("del", Some(Filter::Path(names)), _) => without(input, names),
            _ => return None,
        },
    }))
}

fn at(value: &Value, names: &[String]) -> Option<Value> {
    names.iter().try_fold(value.clone(), |value, name| match value {
        Value::Null => Some(Value::Null),
        Value::Object(mut object) => Some(object.remove(name).unwrap_or_default()),
        _ => None,
    })
}

fn with(value: &Value, names: &[String], new: Value) -> Option<Value> {
    let Some((first, rest)) = names.split_first() else {
        return Some(new);
    };
    let mut object = match value {
        Value::Null => Map::new(),
        Value::Object(object) => object.clone(),
        _ => return None,
    };
    let inner = with(object.get(first).unwrap_or(&Value::Null), rest, new)?;
    object.insert(first.clone(), inner);
    Some(Value::Object(object))
}

fn without(value: &Value, names: &[String]) -> Value {
    let (Some((first, rest)), Value::Object(object)) = (names.split_first(), value) else {
        return value.clone();
    };
    let mut object = object.clone();
    if rest.is_empty() {
        object.remove(first);
    } else if let Some(inner) = object.get_mut(first) {
        *inner = without(inner, rest);
    }
    Value::Object(object)
}

fn plus(one: Value, other: Value) -> Option<Value> {
    Some(match (one, other) {
        (Value::Null, value) | (value, Value::Null) => value,
        (Value::Array(one), Value::Array(other)) => one.into_iter().chain(other).collect(),
        (Value::String(one), Value::String(other)) => Value::from(one + &other),
        (Value::Object(one), Value::Object(other)) => Value::Object(one.into_iter().chain(other).collect()),
        _ => return None,
    })
}

/// Two objects as one, and so on inwards.
fn times(one: Value, other: Value) -> Option<Value> {
    let (Value::Object(mut one), Value::Object(other)) = (one, other) else {
        return None;
    };
    for (key, value) in other {
        let merged = match (one.remove(&key), value) {
            (Some(before @ Value::Object(_)), value @ Value::Object(_)) => times(before, value)?,
            (_, value) => value,
        };
        one.insert(key, merged);
    }
    Some(Value::Object(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(filter: &str, input: &str) -> Option<Value> {
        filtered(filter, input).map(|text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn the_filters_of_printed_fixes_do_what_jq_does() {
        for (filter, input, output) in [
            (".", "[1]", "[1]"),
            (".a.b", r#"{"a": {"b": 1}}"#, "1"),
            (
                r#".a.list |= ((. // []) + ["x"] | unique)"#,
                r#"{"a": {"list": ["y", "x"], "c": 1}}"#,
                r#"{"a": {"c": 1, "list": ["x", "y"]}}"#,
            ),
            (r#".a.list |= ((. // []) + ["x"] | unique)"#, "{}", r#"{"a": {"list": ["x"]}}"#),
            (r#".a = ["x"] | .b = false"#, "{}", r#"{"a": ["x"], "b": false}"#),
            (r#".l |= map(select(. != "x"))"#, r#"{"l": ["x", "y"]}"#, r#"{"l": ["y"]}"#),
            ("del(.a.b)", r#"{"a": {"b": 1, "c": 2}}"#, r#"{"a": {"c": 2}}"#),
            (
                r#".p |= (. // {} | .enabled = true | .r.id = "x" | .v.l |= ((. // []) + ["y"] | unique))"#,
                r#"{"p": null}"#,
                r#"{"p": {"enabled": true, "r": {"id": "x"}, "v": {"l": ["y"]}}}"#,
            ),
            (
                ".to = ((.to // {}) * .from) | del(.from)",
                r#"{"from": {"a": {"b": 1}}, "to": {"a": {"c": 2}}}"#,
                r#"{"to": {"a": {"b": 1, "c": 2}}}"#,
            ),
        ] {
            let output: Value = serde_json::from_str(output).unwrap();
            assert_eq!(of(filter, input), Some(output), "{filter}");
        }
    }

    #[test]
    fn what_is_not_played_is_refused() {
        for filter in [".a | length", ".a[0]", ".[]", "map(", ".a = ", "..", r#".a |= test("x")"#, ".a == 1"] {
            assert_eq!(of(filter, r#"{"a": 1}"#), None, "{filter}");
        }
    }
}
