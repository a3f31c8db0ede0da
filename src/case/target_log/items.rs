//! The rows of a JSON export that is too large for memory, one after the other.

use std::io::{self, BufRead};

use serde_json::Value;

use crate::case::json;

/// A longer row is left out, in bytes.
const LONGEST_ROW: usize = 64 * 1024;

/// Calls `found` with every object of the list that the document is, or that a member of the document is.
pub(super) fn each(source: &mut dyn BufRead, mut found: impl FnMut(&Value)) -> io::Result<()> {
    let mut splitter = Splitter::default();
    loop {
        let bytes = source.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        let count = bytes.len();
        for byte in bytes {
            if splitter.take(*byte)
                && let Ok(row) = json::parse_bytes(&splitter.row)
            {
                found(&row);
            }
        }
        source.consume(count);
    }
}

/// Where in the document the reading is.
#[derive(Default)]
struct Splitter {
    /// The outermost brackets that are open: around rows they are `[`, or `{` and `[`.
    outer: Vec<u8>,
    /// How many more are open within them.
    inner: usize,
    /// How many brackets are open within a row; 0 outside of one.
    depth: usize,
    in_string: bool,
    escaped: bool,
    row: Vec<u8>,
}

impl Splitter {
    /// Takes one byte; `true` when a row is complete and short enough.
    fn take(&mut self, byte: u8) -> bool {
        let in_row = self.depth > 0;
        if in_row && self.row.len() <= LONGEST_ROW {
            self.row.push(byte);
        }
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' if !in_row && self.inner == 0 && matches!(self.outer.as_slice(), [b'['] | [b'{', b'[']) => {
                self.depth = 1;
                self.row.clear();
                self.row.push(byte);
            }
            b'{' | b'[' if in_row => self.depth = self.depth.saturating_add(1),
            b'{' | b'[' if self.outer.len() < 2 => self.outer.push(byte),
            // Deeper lists contain no rows.
            b'{' | b'[' => self.inner = self.inner.saturating_add(1),
            b'}' | b']' if in_row => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0 && self.row.len() <= LONGEST_ROW;
            }
            b'}' | b']' if self.inner > 0 => self.inner = self.inner.saturating_sub(1),
            b'}' | b']' => {
                self.outer.pop();
            }
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        each(&mut text.as_bytes(), |row| found.push(row["a"].to_string())).unwrap();
        found
    }

    #[test]
    fn rows_are_found_in_every_list_and_nowhere_else() {
        assert_eq!(rows(r#"[{"a": 1}, {"a": {"b": [2]}}]"#), ["1", r#"{"b":[2]}"#]);
        assert_eq!(rows(r#"{"x": {"y": 1}, "value": [{"a": "}\"["}, 7]}"#), [r#""}\"[""#]);
        assert_eq!(rows(r#"{"x": [[{"a": 1}]], "value": [{"a": 3}]}"#), ["3"]);
        assert_eq!(rows(r#"{"a": 1}"#).len(), 0);
        let long = format!(r#"[{{"a": "{}"}}, {{"a": 2}}]"#, "x".repeat(LONGEST_ROW));
        assert_eq!(rows(&long), ["2"]);
    }
}
