//! Objects as languages print or write them: Python's `print`, Node's `console.log`, and Bicep without expressions.
//! Whatever needs an evaluation, or was cut when it was printed, is not read at all.

use serde_json::{Map, Number, Value};

/// Deeper than any settings, and not deep enough to matter.
const DEEPEST: usize = 40;

/// The one object, list, or members without braces around them that a text consists of.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut cursor = Cursor { rest: text };
    cursor.blank();
    let value = match cursor.rest.chars().next()? {
        '{' | '[' => cursor.value(DEEPEST)?,
        _ => Value::Object(cursor.members(DEEPEST, true)?),
    };
    cursor.blank();
    cursor.rest.is_empty().then_some(value)
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// Passes over spaces, lines, and comments; whether a new line began.
    fn blank(&mut self) -> bool {
        let mut has_line = false;
        loop {
            let trimmed = self.rest.trim_start();
            let passed = self.rest.len().saturating_sub(trimmed.len());
            has_line |= self.rest.get(..passed).is_some_and(|blank| blank.contains('\n'));
            self.rest = trimmed;
            match self.rest.strip_prefix("//") {
                Some(comment) => self.rest = comment.find('\n').and_then(|end| comment.get(end..)).unwrap_or_default(),
                None => return has_line,
            }
        }
    }

    fn eat(&mut self, sign: char) -> bool {
        let behind = self.rest.strip_prefix(sign);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    /// Whether the list or object goes on: behind an item there is a comma, or a new line where it is written by lines,
    /// as in Bicep. In Python, two texts without a comma are one.
    fn goes_on(&mut self, by_line: bool) -> bool {
        let has_line = self.blank();
        let has_comma = self.eat(',');
        self.blank();
        has_line && by_line || has_comma
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        match self.rest.chars().next()? {
            '{' => {
                self.eat('{');
                let by_line = self.blank();
                let members = self.members(depth, by_line)?;
                self.eat('}').then_some(Value::Object(members))
            }
            '[' => {
                self.eat('[');
                let by_line = self.blank();
                let mut items = Vec::new();
                while !self.rest.starts_with(']') {
                    items.push(self.value(depth)?);
                    if !self.goes_on(by_line) {
                        break;
                    }
                }
                self.eat(']').then_some(Value::Array(items))
            }
            '\'' | '"' => self.string().map(Value::String),
            _ => match self.word() {
                "true" | "True" => Some(Value::Bool(true)),
                "false" | "False" => Some(Value::Bool(false)),
                "null" | "None" | "undefined" => Some(Value::Null),
                number => number.parse::<Number>().ok().map(Value::Number),
            },
        }
    }

    fn members(&mut self, depth: usize, by_line: bool) -> Option<Map<String, Value>> {
        let mut members = Map::new();
        while !self.rest.is_empty() && !self.rest.starts_with('}') {
            let key = match self.rest.chars().next()? {
                '\'' | '"' => self.string()?,
                _ => Some(self.word()).filter(|word| !word.is_empty())?.to_owned(),
            };
            self.blank();
            if !self.eat(':') {
                return None;
            }
            self.blank();
            // A name that is there twice has no one value.
            if members.insert(key, self.value(depth)?).is_some() {
                return None;
            }
            if !self.goes_on(by_line) {
                break;
            }
        }
        Some(members)
    }

    fn word(&mut self) -> &'a str {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_$.+-".contains(letter);
        let end = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        word
    }

    /// A text in quotation marks of either kind. One with a value to be put in, as in Bicep, isn't known.
    fn string(&mut self) -> Option<String> {
        let mut letters = self.rest.chars();
        let quote = letters.next()?;
        let mut text = String::new();
        loop {
            match letters.next()? {
                letter if letter == quote => break,
                '\n' => return None,
                '\\' => text.push(match letters.next()? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    same @ ('\\' | '\'' | '"' | '/' | '$') => same,
                    _ => return None,
                }),
                letter => text.push(letter),
            }
        }
        self.rest = letters.as_str();
        // Three quotation marks begin another kind of text, and a text behind a text belongs to it.
        let is_whole = !self.rest.starts_with(['\'', '"']) && !text.contains("${");
        is_whole.then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_languages_print_is_read() {
        let right = json!({"a": {"b": true, "c": null, "d": ["x", "it's"]}, "n": 72.5});
        for text in [
            "{'a': {'b': True, 'c': None, 'd': ['x', \"it's\"]}, 'n': 72.5}",
            "{\n  a: { b: true, c: undefined, d: [ 'x', \"it's\" ] },\n  n: 72.5\n}",
            "a: {\n  b: true // on\n  c: null\n  d: [\n    'x'\n    'it\\'s'\n  ]\n}\nn: 72.5\n",
            "{\"a\": {\"b\": true, \"c\": null, \"d\": [\"x\", \"it's\",],}, \"n\": 72.5,}",
        ] {
            assert_eq!(read(text), Some(right.clone()), "{text}");
        }
    }

    #[test]
    fn what_would_have_to_be_evaluated_or_was_cut_is_not_read() {
        for text in [
            "{ a: [Object] }",
            "{ a: ... 3 more items }",
            "{'a': datetime.datetime(2026, 1, 1)}",
            "{'a': <object at 0x7f>}",
            "a: appClientId",
            "a: 'api://${appClientId}'",
            "a: [\n  subscription().tenantId\n]",
            "a: '''\nx'''",
            "{'a': 1} {'b': 2}",
            "{'a': 1, 'a': 2}",
            "{'a': 1",
            "{'a' 1}",
            "{a: 'x' 'y'}",
            "{'a': ['api://'\n       'x', 'y']}",
            "{a: b ? 'c' : 'd'}",
            "a",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&"[".repeat(100_000)), None);
    }
}
