//! Rows as a terminal prints them: the table of `az … --output table` and of PowerShell's `Format-Table`, the list of
//! `Format-List`, and the YAML of `--output yaml`.

use std::io::{self, BufRead};

use super::lines;
use super::row::{LONGEST_TEXT, Row, of_columns};

/// The columns of a table whose second line underlines their names.
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    /// Where each column begins, in characters.
    starts: Vec<usize>,
}

impl Columns {
    /// The columns with these names, where the line below underlines them.
    pub(super) fn of(names: &str, below: &str) -> Option<Self> {
        let mut starts = Vec::new();
        let mut before = ' ';
        for (at, character) in below.trim_end().chars().enumerate() {
            match character {
                '-' if before != '-' => starts.push(at),
                '-' | ' ' => {}
                _ => return None,
            }
            before = character;
        }
        let columns = Self { names: Vec::new(), starts };
        Some(Self { names: columns.cells(names), ..columns }).filter(|columns| !columns.starts.is_empty())
    }

    /// The cells of a line; `None` where its text goes across the columns.
    pub(super) fn row(&self, line: &str) -> Option<Vec<String>> {
        let is_apart = |start: &usize| {
            start.checked_sub(1).and_then(|before| line.chars().nth(before)).is_none_or(char::is_whitespace)
        };
        self.starts.iter().all(is_apart).then(|| self.cells(line))
    }

    fn cells(&self, line: &str) -> Vec<String> {
        let ends = self.starts.iter().skip(1).copied().chain([usize::MAX]);
        let cell = |(start, end): (&usize, usize)| {
            line.chars().skip(*start).take(end.saturating_sub(*start)).collect::<String>().trim().to_owned()
        };
        self.starts.iter().zip(ends).map(cell).collect()
    }
}

/// The name and the value of a line such as `TimeGenerated : 2026-01-01`; names are no longer than this.
const LONGEST_NAME: usize = 40;
/// Records with more members, or values in more lines, aren't printed.
const MOST_LINES: usize = 400;

/// A name and its value, where a line has them: in PowerShell's list, or as a member of a list in YAML.
pub(super) fn member(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("- ").or_else(|| line.strip_prefix("  ")).unwrap_or(line);
    let (name, value) = line.split_once(':')?;
    let is_of_a_name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '@' | '[' | ']' | '-' | ' ');
    let name = name.trim_end();
    let is_name = name.starts_with(|it: char| it.is_ascii_alphabetic() || matches!(it, '_' | '@'));
    let is_apart = value.is_empty() || value.starts_with(' ');
    (is_name && is_apart && name.len() <= LONGEST_NAME && name.chars().all(is_of_a_name)).then_some((name, value))
}

/// A record that is read line by line.
#[derive(Default)]
pub(super) struct Record {
    /// The number of its first line.
    pub(super) line: usize,
    /// Each name with the pieces of its value, and how long the line of each piece is.
    members: Vec<(String, Vec<(usize, String)>)>,
}

impl Record {
    /// Takes a line; `false` where it begins another record.
    pub(super) fn take(&mut self, number: usize, line: &str) -> bool {
        let has = |name: &str| self.members.iter().any(|(known, _)| known == name);
        let is_new = line.trim().is_empty() || line.starts_with("- ");
        let found = member(line);
        if !self.members.is_empty() && (is_new || found.is_some_and(|(name, _)| has(name))) {
            return false;
        }
        let length = line.chars().count();
        match (found, self.members.last_mut()) {
            (Some((name, value)), _) => {
                if self.members.is_empty() {
                    self.line = number;
                }
                self.members.push((name.to_owned(), vec![(length, value.trim().to_owned())]));
            }
            (None, Some((_, pieces))) if pieces.len() < MOST_LINES => pieces.push((length, line.trim().to_owned())),
            (None, _) => {}
        }
        true
    }

    /// Its members, whole.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, String)> {
        self.members.iter().map(|(name, pieces)| (name.as_str(), joined(pieces)))
    }

    /// The names of its members.
    pub(super) fn names(&self) -> Vec<String> {
        self.members.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// A value in one line. Lines of equal length were cut at the width of the screen, also within a word.
fn joined(pieces: &[(usize, String)]) -> String {
    let (_, cut) = pieces.split_last().unzip();
    let cut = cut.unwrap_or_default();
    let is_hard = cut.len() > 1 && cut.iter().all(|(length, _)| cut.first().is_some_and(|(first, _)| length == first));
    let texts: Vec<&str> = pieces.iter().map(|(_, text)| text.as_str()).collect();
    let value = texts.join(if is_hard { "" } else { " " });
    let quoted = ['\'', '"'].iter().find_map(|mark| value.strip_prefix(*mark)?.strip_suffix(*mark));
    quoted.map_or_else(|| value.clone(), |inner| inner.replace("''", "'"))
}

/// The rows of a printed table behind its two head lines. A line whose first cell is empty goes on with the one before.
pub(super) fn of_table(
    source: &mut dyn BufRead,
    first: usize,
    columns: &Columns,
    found: &mut dyn FnMut(Row),
) -> io::Result<()> {
    let mut number = first.saturating_add(1);
    let row =
        |(line, cells): (usize, Vec<String>)| of_columns(line, columns.names.iter().map(String::as_str).zip(cells));
    let mut open: Option<(usize, Vec<String>)> = None;
    while let Some(line) = lines::next(source)? {
        number = number.saturating_add(1);
        let Some(cells) = columns.row(&line) else {
            open.take().into_iter().map(row).for_each(&mut *found);
            found(Row { line: number, text: line, ..Row::default() });
            continue;
        };
        match &mut open {
            Some((_, known))
                if line.starts_with(' ') && known.iter().map(String::len).sum::<usize>() < LONGEST_TEXT =>
            {
                for (known, cell) in known.iter_mut().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                    *known = format!("{known} {cell}");
                }
            }
            _ if line.trim().is_empty() => {}
            _ => open.replace((number, cells)).into_iter().map(row).for_each(&mut *found),
        }
    }
    open.into_iter().map(row).for_each(found);
    Ok(())
}

/// The records of a printed list, of which some lines were read.
pub(super) fn of_list(
    source: &mut dyn BufRead,
    first: usize,
    ahead: Vec<String>,
    found: &mut dyn FnMut(Row),
) -> io::Result<()> {
    let mut number = first;
    let mut record = Record::default();
    let mut take = |line: &str| {
        if !record.take(number, line) {
            let whole = std::mem::take(&mut record);
            found(of_columns(whole.line, whole.columns()));
            record.take(number, line);
        }
        number = number.saturating_add(1);
    };
    ahead.iter().for_each(|line| take(line));
    while let Some(line) = lines::next(source)? {
        take(&line);
    }
    take("");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_table_is_taken_apart_at_its_columns() {
        let columns = Columns::of("Level    Message", "-------  ---------").unwrap();
        assert_eq!(columns.names, ["Level", "Message"]);
        assert_eq!(columns.cells("Warning  JWT validation failed"), ["Warning", "JWT validation failed"]);
        assert_eq!(columns.cells("é"), ["é", ""]);
        assert!(columns.row("Warning JWT failed").is_none() && columns.row("Warning").is_some());
        assert!(Columns::of("Level", "").is_none() && Columns::of("a: b", "c: d").is_none());
    }

    #[test]
    fn a_value_that_was_cut_at_the_width_is_whole_again() {
        let mut record = Record::default();
        for line in ["Level   : 2", "Message : abcdefghij", "          klmnopqrst", "          uv"] {
            assert!(record.take(1, line));
        }
        assert!(!record.take(5, "") && !record.take(5, "Level   : 3"));
        let columns: Vec<_> = record.columns().collect();
        assert_eq!(columns, [("Level", "2".to_owned()), ("Message", "abcdefghijklmnopqrstuv".to_owned())]);
        for line in ["12:30:00 started", "at a::b: c", "https://a: b", "x".repeat(50).as_str()] {
            assert_eq!(member(line), None, "{line}");
        }
        assert_eq!(member("- Message: 'a'"), Some(("Message", " 'a'")));
    }

    proptest! {
        #[test]
        fn nothing_panics(lines in proptest::collection::vec("[-a é: ']{0,12}", 0..9)) {
            let mut record = Record::default();
            for line in &lines {
                let _ = record.take(1, line);
                let _ = Columns::of(line, line).map(|columns| columns.cells(line));
            }
            let _ = record.columns().count();
        }
    }
}
