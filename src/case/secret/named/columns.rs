//! Tables whose columns have names: CSV, Markdown, the command line's. Below the name of a credential stand its values.

use std::ops::Range;

use super::bytes::is_of_name;
use super::names::{self, Kind};

/// Bytes of the first line of a table, and of one of its names.
const LONGEST_LINE: usize = 300;
const LONGEST_NAME: usize = 40;

/// What is between the fields of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Sign(u8),
    /// Two spaces or more.
    Spaces,
}

/// Where in a text the values of columns stand that are named like credentials.
pub(super) fn values(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut lines = lines(text).peekable();
    while let Some(line) = lines.next() {
        let Some((between, names)) = header(text, &line) else {
            continue;
        };
        let hidden: Vec<usize> = names.iter().enumerate().filter(|(_, is_it)| **is_it).map(|(at, _)| at).collect();
        let has_rule = lines.next_if(|line| is_rule(text.get(line.clone()).unwrap_or_default())).is_some();
        // Without a line below the names, the first of two is the name of the second.
        let is_table = has_rule || matches!(between, Between::Sign(b',' | b';' | b'\t')) && hidden != [0];
        while is_table && let Some(row) = lines.next_if(|line| fields(text, line, between).len() == names.len()) {
            let row = fields(text, &row, between);
            found.extend(hidden.iter().filter_map(|at| row.get(*at)).filter(|place| !place.is_empty()).cloned());
        }
    }
    found
}

/// The lines of a text, also where a line break is escaped.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let bytes = rest.as_bytes();
        let end = bytes
            .iter()
            .enumerate()
            .position(|(at, byte)| *byte == b'\n' || *byte == b'\\' && bytes.get(at + 1) == Some(&b'n'));
        let line = start..start + end.unwrap_or(rest.len());
        start = line.end + end.map_or(0, |end| if bytes.get(end) == Some(&b'\n') { 1 } else { 2 });
        Some(line)
    })
}

/// What is between the names of a table's first line, and which of them are credentials'.
fn header(text: &str, line: &Range<usize>) -> Option<(Between, Vec<bool>)> {
    let first = text.get(line.clone()).filter(|line| line.len() <= LONGEST_LINE)?;
    let sign = |sign: u8| first.as_bytes().contains(&sign).then_some(Between::Sign(sign));
    let between = sign(b'|').or_else(|| sign(b'\t')).or_else(|| sign(b';')).or_else(|| sign(b','));
    let between = between.or_else(|| first.contains("  ").then_some(Between::Spaces))?;
    // What is before the first name in its line isn't of it.
    let lead = first.rfind(": ").map(|at| at + 2).into_iter().chain(first.rfind('>').map(|at| at + 1)).max();
    let fields = fields(text, &(line.start + lead.unwrap_or_default()..line.end), between);
    let names: Option<Vec<bool>> = fields.into_iter().map(|place| name(text.get(place)?)).collect();
    names.filter(|names| names.len() >= 2 && names.contains(&true)).map(|names| (between, names))
}

/// Whether a name is that of a credential; `None`: it is no name.
fn name(field: &str) -> Option<bool> {
    let is_name = !field.is_empty()
        && field.len() <= LONGEST_NAME
        && field.split(' ').count() <= 2
        && field.bytes().all(|byte| is_of_name(&byte) || byte == b' ');
    is_name.then(|| matches!(names::kind(b"", field.as_bytes()), Some(Kind::Secret | Kind::Password)))
}

/// Whether a line only separates the names from what is below them.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.contains("--") && line.bytes().all(|byte| matches!(byte, b'-' | b'|' | b'+' | b'=' | b':' | b' ' | b'\t'))
}

/// The fields of a line, without the quotation marks around them.
fn fields(text: &str, line: &Range<usize>, between: Between) -> Vec<Range<usize>> {
    let Some(row) = text.get(line.clone()) else {
        return Vec::new();
    };
    let parts: Vec<&str> = match between {
        Between::Sign(sign) => row.trim().trim_matches('|').split(char::from(sign)).collect(),
        Between::Spaces => row.split("  ").filter(|part| !part.trim().is_empty()).collect(),
    };
    let place = |part: &str| {
        let inner = part.trim().trim_matches(['"', '\'', '*', '`']).trim();
        let start = inner.as_ptr().addr().saturating_sub(text.as_ptr().addr());
        start..start + inner.len()
    };
    parts.into_iter().map(place).collect()
}
