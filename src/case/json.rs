//! JSON from outside, read within bounds. A number of one byte costs more than a hundred bytes of memory once it is a
//! [`Value`], so that the size of a file says little: the values are counted before they are read.

use serde_json::Value;

use super::quote::parser_message;

/// More values than this in one document are not read into memory: about 100 MiB.
pub const MOST_VALUES: usize = 500_000;

/// Why a document was not read. The text says what is wrong and where, without quoting values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// It may contain more values than are read.
    #[error("it contains {count} JSON values; at most {most} are read")]
    TooMany {
        /// How many it may contain.
        count: usize,
        /// How many are read.
        most: usize,
    },
    /// It is no JSON, or not of the wanted form.
    #[error("{0}")]
    Broken(String),
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(told(&error))
    }
}

/// Reads a document of at most [`MOST_VALUES`] values.
///
/// # Errors
/// What is wrong with it and where, without quoting its values.
pub fn parse(text: &str) -> Result<Value, JsonError> {
    within(text.as_bytes(), MOST_VALUES)?;
    Ok(serde_json::from_str(text)?)
}

/// As [`parse`], for bytes.
///
/// # Errors
/// As there.
pub fn parse_bytes(bytes: &[u8]) -> Result<Value, JsonError> {
    within(bytes, MOST_VALUES)?;
    // One reader for all JSON: another one, of bytes, makes the program larger.
    let text = std::str::from_utf8(bytes).map_err(|error| {
        JsonError::Broken(format!("it isn't UTF-8 (first invalid byte at {})", error.valid_up_to()))
    })?;
    Ok(serde_json::from_str(text)?)
}

/// Checks that a text can contain at most this many values.
///
/// # Errors
/// How many it may contain.
pub fn within(text: &[u8], most: usize) -> Result<(), JsonError> {
    // A value takes a byte, so a short text need not be counted.
    let count = if text.len() < most { 0 } else { values_in(text) };
    if count <= most {
        return Ok(());
    }
    Err(JsonError::TooMany { count, most })
}

/// A reader's error in words: what is wrong and where, without the values that it quotes.
#[must_use]
pub fn told(error: &serde_json::Error) -> String {
    let words = match (error.is_eof(), error.to_string()) {
        (true, _) => "it is incomplete; the end of the text is missing".to_owned(),
        // The reader takes some letters for the beginning of `true`, `false`, or `null`.
        (false, message)
            if error.line() == 1
                && error.column() <= 2
                && ["expected ident", "expected value"].iter().any(|start| message.starts_with(start)) =>
        {
            "it isn't JSON".to_owned()
        }
        (false, message) => parser_message(&message),
    };
    match error.line() {
        0 => words,
        line => format!("{words} (line {line}, column {})", error.column()),
    }
}

/// How many values a text can contain at the most: every value but the first follows a comma, a colon, or a bracket.
fn values_in(text: &[u8]) -> usize {
    let mut count: usize = 1;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => in_string = true,
                b',' | b':' | b'[' | b'{' => count = count.saturating_add(1),
                _ => {}
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_of_texts() {
        assert_eq!(values_in(br#"{"a,b:[": "\",[", "c": [1, 2]}"#), 7);
        assert_eq!(values_in(b"0"), 1);
        let zeros = format!("[{}0]", "0,".repeat(MOST_VALUES));
        let error = parse(&zeros).unwrap_err().to_string();
        assert!(error.contains("500002") && error.contains("500000"), "{error}");
    }

    #[test]
    fn errors_say_where_and_not_what() {
        let error = parse("{\"a\": sesame}").unwrap_err().to_string();
        assert_eq!(error, "a value is missing or misspelled (line 1, column 7)");
        let error = serde_json::from_str::<Vec<u64>>("[\"sesame\"]").unwrap_err();
        assert_eq!(told(&error), "expected a number, found a string (line 1, column 9)");
    }
}
