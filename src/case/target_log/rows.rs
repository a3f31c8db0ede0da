//! The rows of a log, whatever it was exported as: lines, JSON, CSV or a web server's log.

use std::io::{self, BufRead, Read as _};

use chrono::DateTime;

use super::printed::{Columns, Record, member, of_list, of_table};
use super::row::{Row, SUB_STATUSES, is_head, is_time, of_columns, of_json, of_object};
use super::time::time_in;
use super::{items, lines};
use crate::case::json;

/// Larger documents of JSON than this are read row by row.
const LARGEST_DOCUMENT: u64 = 8 << 20;
/// Longer CSV records are cut.
const LONGEST_RECORD: usize = 4 * lines::LONGEST_LINE;

/// Calls `found` with all rows of a log, in their order, as they are read.
///
/// # Errors
/// When the log cannot be read, or is a large document of JSON whose rows are in no list.
pub(super) fn each(source: &mut dyn BufRead, found: &mut dyn FnMut(Row)) -> io::Result<()> {
    let empty_lines = skip_space(source)?;
    if source.fill_buf()?.starts_with(&[0x1f, 0x8b]) || source.fill_buf()?.starts_with(b"PK\x03\x04") {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is compressed (gzip or zip); unpack it first"));
    }
    if matches!(source.fill_buf()?.first(), Some(b'{' | b'[')) {
        let mut document = Vec::new();
        source.take(LARGEST_DOCUMENT).read_to_end(&mut document)?;
        let whole = source.fill_buf()?.is_empty();
        if whole && let Some(rows) = json::parse_bytes(&document).ok().as_ref().and_then(of_json) {
            rows.into_iter().for_each(found);
            return Ok(());
        }
        let first = document.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let lines = whole || first.len() <= lines::LONGEST_LINE && json::parse_bytes(first).is_ok();
        let mut from_start = io::Cursor::new(document).chain(source);
        return if lines { of_text(&mut from_start, empty_lines, found) } else { of_items(&mut from_start, found) };
    }
    of_text(source, empty_lines, found)
}

/// Skips the white space at the start, and counts the lines that end in it.
fn skip_space(source: &mut dyn BufRead) -> io::Result<usize> {
    let mut lines: usize = 0;
    loop {
        let bytes = source.fill_buf()?;
        let space = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let ends = bytes.iter().take(space).filter(|byte| **byte == b'\n').count();
        lines = lines.saturating_add(ends);
        let more = space > 0 && space == bytes.len();
        source.consume(space);
        if !more {
            return Ok(lines);
        }
    }
}

/// The rows of one document that is too large to be read whole.
fn of_items(source: &mut dyn BufRead, found: &mut dyn FnMut(Row)) -> io::Result<()> {
    let mut count: usize = 0;
    items::each(source, |row| {
        count = count.saturating_add(1);
        found(of_object(count, row));
    })?;
    if count > 0 {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        "it is JSON of more than 8 MiB, and its rows aren't in a list; export it as CSV or as a list of rows",
    ))
}

/// Lines, or the records of CSV, behind `before` empty lines.
fn of_text(source: &mut dyn BufRead, before: usize, found: &mut dyn FnMut(Row)) -> io::Result<()> {
    let Some(first) = lines::next(source)? else {
        return Ok(());
    };
    for mark in [',', '\t', ';', '|'] {
        let columns = fields(&first, mark);
        if columns.len() > 1 && is_head(&columns) {
            return of_csv(source, (&columns, mark), found);
        }
    }
    let mut number = before.saturating_add(1);
    let mut ahead = vec![first];
    // A record of a list ends with an empty line.
    while let Some(line) = lines::next(source)? {
        let goes_on = ahead.first().is_some_and(|line| member(line).is_some())
            && !line.trim().is_empty()
            && ahead.len() < LONGEST_PRINTED;
        ahead.push(line);
        if !goes_on {
            break;
        }
    }
    if let [names, below, ..] = ahead.as_slice()
        && let Some(columns) = Columns::of(names, below).filter(|columns| is_head(&columns.names))
    {
        return of_table(source, number, &columns, found);
    }
    let mut record = Record::default();
    let whole = ahead.iter().take_while(|line| record.take(number, line)).count();
    if whole > 1 && is_head(&record.names()) {
        return of_list(source, number, ahead, found);
    }
    let mut reader = LineReader::default();
    for line in ahead {
        reader.take(number, &line, found);
        number = number.saturating_add(1);
    }
    while let Some(line) = lines::next(source)? {
        reader.take(number, &line, found);
        number = number.saturating_add(1);
    }
    reader.pending.take().into_iter().for_each(found);
    Ok(())
}

/// A printed record has no more lines.
const LONGEST_PRINTED: usize = 100;

/// The records of a table behind the first line, with this mark between the fields. A quoted field may contain line
/// breaks.
fn of_csv(source: &mut dyn BufRead, (columns, mark): (&[String], char), found: &mut dyn FnMut(Row)) -> io::Result<()> {
    let mut number: usize = 1;
    let mut open: Option<(usize, String)> = None;
    let mut record = |line: usize, text: &str| {
        found(of_columns(line, columns.iter().map(String::as_str).zip(fields(text, mark))));
    };
    let of_time = columns.iter().position(|column| is_time(column));
    let begins = |line: &str| {
        let fields = fields(line, mark);
        let is_time = |field: &String| field.len() < 40 && time_in(field).is_some();
        fields.len() > 1 && of_time.and_then(|at| fields.get(at)).is_some_and(is_time)
    };
    while let Some(line) = lines::next(source)? {
        number = number.saturating_add(1);
        // A row that was cut within a quoted field ends where the next one begins.
        if let Some((start, text)) = open.take_if(|(_, text)| begins(text) && begins(&line)) {
            record(start, &text);
        }
        // An odd number of quotation marks opens a field that goes on in the next line, or ends one.
        let turns = line.matches('"').count() % 2 == 1;
        match (open.take(), turns) {
            (Some((start, mut text)), ends) => {
                if text.len() < LONGEST_RECORD {
                    text.push(' ');
                    text.push_str(&line);
                }
                if ends {
                    record(start, &text);
                } else {
                    open = Some((start, text));
                }
            }
            (None, true) => open = Some((number, line)),
            (None, false) => record(number, &line),
        }
    }
    if let Some((start, text)) = open {
        record(start, &text);
    }
    Ok(())
}

/// The fields of one record.
fn fields(record: &str, mark: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = record.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                push(&mut fields, '"');
            }
            '"' => quoted = !quoted,
            _ if character == mark && !quoted => fields.push(String::new()),
            _ => push(&mut fields, character),
        }
    }
    if mark != ',' {
        fields.iter_mut().for_each(|field| *field = field.trim().to_owned());
    }
    fields
}

fn push(fields: &mut [String], character: char) {
    if let Some(field) = fields.last_mut() {
        field.push(character);
    }
}

/// Plain lines; those of JSON and those of a web server's log (`#Fields:`) are understood one by one.
#[derive(Default)]
struct LineReader {
    web_columns: Vec<String>,
    /// The last row, which the next line may go on with.
    pending: Option<Row>,
}

impl LineReader {
    fn take(&mut self, number: usize, line: &str, found: &mut dyn FnMut(Row)) {
        if let Some(names) = line.strip_prefix("#Fields:") {
            self.web_columns = names.split_whitespace().take(100).map(str::to_owned).collect();
            return;
        }
        // A message goes on in indented lines, as console loggers write it.
        if line.starts_with([' ', '\t'])
            && let Some(row) = self.pending.as_mut().filter(|row| continues(row, line))
        {
            row.text.push(' ');
            row.text.push_str(line.trim());
            return;
        }
        self.pending.take().into_iter().for_each(&mut *found);
        self.pending = Some(self.row(number, line));
    }

    fn row(&self, number: usize, line: &str) -> Row {
        if line.trim_start().starts_with('{')
            && let Ok(value) = json::parse(line)
        {
            return of_object(number, &value);
        }
        let mut row = Row { line: number, text: line.to_owned(), ..Row::default() };
        // Tables without a head may have the time as their last column.
        let last = line.rsplit_once('\t').map(|(_, last)| last.trim());
        row.time = last.filter(|last| DateTime::parse_from_rfc3339(last).is_ok()).map(str::to_owned);
        if !self.web_columns.is_empty() && !line.starts_with('#') {
            let cells = line.split_whitespace().map(str::to_owned);
            let columns = self.web_columns.iter().map(String::as_str).zip(cells);
            let columns = of_columns(number, columns);
            (row.sub_status, row.app) = (columns.sub_status, columns.app);
        } else {
            row.sub_status = of_web_server(line);
        }
        row
    }
}

/// How requests look in a web server's log.
const METHODS: [&str; 5] = [" GET /", " POST /", " PUT /", " PATCH /", " DELETE /"];

/// The sub-status in a line of a web server's log whose head wasn't copied. App Service's columns end so: status,
/// sub-status, Windows status, bytes sent, bytes received, milliseconds.
fn of_web_server(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let start = words.len().checked_sub(6).filter(|_| METHODS.iter().any(|method| line.contains(method)))?;
    let numbers = words.get(start..)?;
    let all_digits = numbers.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let written = format!("{}.{}", numbers.first()?, numbers.get(1)?);
    (all_digits && SUB_STATUSES.contains(&written.as_str())).then_some(written)
}

/// Longer messages are not put together: a log of indented lines only would become one.
const LONGEST_MESSAGE: usize = 4000;

/// Whether a line belongs to the row before it: that one is no row of a table, and it begins no message of its own.
fn continues(row: &Row, line: &str) -> bool {
    let numbered = |text: &str| text.contains("IDX");
    let begins = line.trim_start();
    row.sub_status.is_none()
        && !begins.starts_with(|character: char| character.is_ascii_digit())
        && !begins.starts_with("PID[")
        && row.text.len().saturating_add(line.len()) < LONGEST_MESSAGE
        && !(numbered(&row.text) && numbered(line))
}
