//! The rows of a log, whatever it was exported as: lines, JSON, CSV or a web server's log.

use std::io::{self, BufRead, Read as _};

use chrono::DateTime;
use serde_json::Value;

use super::printed::{Columns, Record, member};
use super::time::time_in;
use super::{items, lines};
use crate::case::json;
use crate::case::resource_id::ResourceId;
use crate::case::text::shortened;

/// One row: its text, and what is in columns of their own.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// The line's number, from 1; the row's, where the export has no lines.
    pub(super) line: usize,
    /// The message, or the whole line.
    pub(super) text: String,
    /// Its time as written.
    pub(super) time: Option<String>,
    /// Its sub-status as `401.83`.
    pub(super) sub_status: Option<String>,
    /// What other columns show of who wrote it: the category, the logger, the exception's type, the table.
    pub(super) origin: String,
    /// The app that it names, by its resource ID where it has one, else by its name.
    pub(super) app: Option<String>,
}

/// Sub-statuses of the Easy Auth module.
pub(super) const SUB_STATUSES: [&str; 13] = [
    "200.71", "200.72", "200.75", "200.77", "400.73", "400.82", "400.83", "401.71", "401.73", "401.78", "401.83",
    "403.60", "401.81",
];

/// The columns that contain the message: App Service, Functions, and Container Apps tables, Application Insights,
/// Kubernetes, and the JSON that console loggers write.
const MESSAGES: [&str; 23] = [
    "message",
    "message_s",
    "resultdescription",
    "log",
    "log_s",
    "logentry",
    "logmessage",
    "outermessage",
    "innermostmessage",
    "exceptionmessage",
    "exception",
    "renderedmessage",
    "formattedmessage",
    "@m",
    "@mt",
    "@x",
    "msg",
    "text",
    "body",
    "stderr",
    "_raw",
    "textpayload",
    "lasterrormessage",
];
/// The columns that show a row's time.
const TIMES: [&str; 14] = [
    "time",
    "timegenerated",
    "timegenerated [utc]",
    "eventtime",
    "timestamp",
    "@timestamp",
    "@t",
    "_time",
    "ts",
    "timestamp [utc]",
    "time_s",
    "time_t",
    "time_t [utc]",
    "_timestamp_d",
];
/// The columns that show who wrote the message.
const ORIGINS: [&str; 14] = [
    "category",
    "logger",
    "loggername",
    "sourcecontext",
    "exceptiontype",
    "exceptionclass",
    "type",
    "problemid",
    "assembly",
    "method",
    "outerassembly",
    "outermethod",
    "sdkversion",
    "moduleruntimeversion",
];
/// The columns that are shown behind the message.
const OTHERS: [&str; 7] =
    ["details", "exceptiondetails", "taskname", "level", "hostname", "lasterrorsource", "lasterrorreason"];
/// The columns that name the app, apart from its resource ID (`_ResourceId`).
const APPS: [&str; 7] =
    ["sitename", "s-sitename", "containerappname", "containerappname_s", "containerapp", "webappname", "appname"];
/// The columns that have a status, and a sub-status.
const STATUS: [&str; 3] = ["statuscode", "scstatus", "sc-status"];
const SUB_STATUS: [&str; 3] = ["substatuscode", "scsubstatus", "sc-substatus"];
/// Longer texts are not put together out of a row's columns.
const LONGEST_TEXT: usize = 4000;

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

/// The rows of a printed table behind its two head lines. A line whose first cell is empty goes on with the one before.
fn of_table(source: &mut dyn BufRead, first: usize, columns: &Columns, found: &mut dyn FnMut(Row)) -> io::Result<()> {
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
fn of_list(source: &mut dyn BufRead, first: usize, ahead: Vec<String>, found: &mut dyn FnMut(Row)) -> io::Result<()> {
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

/// Whether these are the names of columns: one has the message, or two have a status and a sub-status.
fn is_head(columns: &[String]) -> bool {
    let has = |names: &[&str]| columns.iter().any(|column| is_one_of(column, names));
    columns.iter().any(|column| is_message(column)) || has(&STATUS) && has(&SUB_STATUS)
}

fn is_one_of(column: &str, names: &[&str]) -> bool {
    names.iter().any(|name| column.trim().eq_ignore_ascii_case(name))
}

fn is_message(column: &str) -> bool {
    is_one_of(column, &MESSAGES)
}

/// Rows in JSON: a list of objects, `{"value": […]}`, or `{"tables": [{"columns": […], "rows": […]}]}`.
fn of_json(value: &Value) -> Option<Vec<Row>> {
    if let Some(table) = value.get("tables").and_then(|tables| tables.get(0)) {
        let columns: Vec<String> = table
            .get("columns")?
            .as_array()?
            .iter()
            .map(|column| column.get("name").and_then(Value::as_str).unwrap_or_default().to_owned())
            .collect();
        let rows = table.get("rows")?.as_array()?;
        return Some(
            rows.iter()
                .enumerate()
                .map(|(number, row)| {
                    let cells = row.as_array().into_iter().flatten().map(plain);
                    of_columns(number.saturating_add(1), columns.iter().map(String::as_str).zip(cells))
                })
                .collect(),
        );
    }
    let mut items = Vec::new();
    match value {
        Value::Array(list) => items.extend(list),
        _ => match value.get("value").or_else(|| value.get("records")) {
            Some(list) => items.extend(list.as_array()?),
            // One row, or lines of them.
            None if value.as_object()?.keys().any(|name| is_message(name)) => return None,
            None => listed(value, DEEPEST_LIST, &mut items),
        },
    }
    let rows = items.iter().enumerate().map(|(number, item)| of_object(number.saturating_add(1), item));
    Some(rows.collect::<Vec<Row>>()).filter(|rows| !rows.is_empty() || value.is_array())
}

/// Lists of rows lie no deeper in the answers of log services (`hits.hits`, `data.result[].values`).
const DEEPEST_LIST: usize = 6;

/// The rows of the lists in a document: objects with a message, and pairs of a time and a message.
fn listed<'a>(value: &'a Value, depth: usize, found: &mut Vec<&'a Value>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::Array(items) if items.iter().any(|item| has_message(item) || is_pair(item)) => found.extend(items),
        Value::Array(items) => items.iter().for_each(|item| listed(item, depth, found)),
        Value::Object(members) => members.values().for_each(|member| listed(member, depth, found)),
        _ => {}
    }
}

/// Whether an object has a message, itself or in an object within it.
fn has_message(value: &Value) -> bool {
    let own = |value: &Value| value.as_object().is_some_and(|members| members.keys().any(|name| is_message(name)));
    own(value) || value.as_object().is_some_and(|members| members.values().any(own))
}

/// A row of Loki: its time in nanoseconds, and the line.
fn is_pair(value: &Value) -> bool {
    let cells = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let digits = |text: &str| text.len() == 19 && text.bytes().all(|byte| byte.is_ascii_digit());
    matches!(cells, [Value::String(time), Value::String(_), ..] if digits(time))
}

fn of_object(line: usize, item: &Value) -> Row {
    if is_pair(item) {
        return of_columns(line, ["time", "log"].into_iter().zip(item.as_array().into_iter().flatten().map(plain)));
    }
    let Some(members) = item.as_object() else {
        return Row { line, text: plain(item), ..Row::default() };
    };
    // Diagnostic settings put the columns into `properties`, as an object or as a text of JSON; log services into an
    // object of another name.
    let inner = members.get("properties").cloned().and_then(|inner| match inner {
        Value::String(text) => json::parse(&text).ok(),
        other => Some(other),
    });
    let own = members.keys().any(|name| is_message(name));
    let within = || members.values().find(|value| !own && has_message(value));
    let inner = inner.as_ref().or_else(within).and_then(Value::as_object);
    let pairs = members
        .iter()
        .filter(|(name, value)| name.as_str() != "properties" && !value.is_object())
        .chain(inner.into_iter().flatten())
        .map(|(name, value)| (name.as_str(), plain(value)));
    of_columns(line, pairs)
}

fn of_columns<'a>(line: usize, columns: impl Iterator<Item = (&'a str, String)>) -> Row {
    let mut row = Row { line, ..Row::default() };
    let (mut status, mut sub_status) = (None, None);
    let (mut others, mut unknown) = (Vec::new(), Vec::new());
    for (name, value) in columns {
        let name = name.trim();
        let is = |names: &[&str]| names.iter().any(|other| name.eq_ignore_ascii_case(other));
        if value.is_empty() {
            continue;
        } else if is(&TIMES) {
            row.time = row.time.or(Some(value));
        } else if is(&["_resourceid", "resourceid", "_resourceid_s"]) && is_app(&value) {
            row.app = Some(value);
        } else if is(&APPS) {
            row.app = row.app.or(Some(value));
        } else if is(&STATUS) {
            status = Some(value);
        } else if is(&SUB_STATUS) {
            sub_status = Some(value);
        } else if is_message(name) {
            if !row.text.is_empty() {
                row.text.push(' ');
            }
            row.text.push_str(&value);
        } else if is(&OTHERS) {
            others.push(value);
        } else if is(&ORIGINS) {
            row.origin = format!("{} {name}={value}", row.origin);
        } else {
            unknown.push((name, value));
        }
    }
    // A template, as Serilog writes it, has the values in columns of their own.
    if row.text.contains('{') {
        for (name, value) in &unknown {
            let hole = format!("{{{name}}}");
            if row.text.len() < LONGEST_TEXT && row.text.contains(&hole) {
                row.text = row.text.replacen(&hole, value, 1);
            }
        }
    }
    if row.text.is_empty() {
        // A row whose text is in no column that is known is read whole.
        others.extend(unknown.into_iter().map(|(_, value)| value));
        row.text = shortened(&others.join(" "), LONGEST_TEXT);
    } else if !others.is_empty() {
        row.text = format!("{} [{}]", row.text, others.join(" "));
    }
    if let (Some(status), Some(sub_status)) = (status, sub_status)
        && sub_status.parse::<f64>().is_ok_and(|number| number > 0.0)
    {
        let whole = |text: &str| text.split('.').next().unwrap_or_default().to_owned();
        row.sub_status = Some(format!("{}.{}", whole(&status), whole(&sub_status)));
    }
    row
}

/// Whether this is the resource ID of an app: other rows have the ID of what collected them.
fn is_app(id: &str) -> bool {
    ResourceId::new(id).app().is_some()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The records of a table behind the first line, with this mark between the fields. A quoted field may contain line
/// breaks.
fn of_csv(source: &mut dyn BufRead, (columns, mark): (&[String], char), found: &mut dyn FnMut(Row)) -> io::Result<()> {
    let mut number: usize = 1;
    let mut open: Option<(usize, String)> = None;
    let mut record = |line: usize, text: &str| {
        found(of_columns(line, columns.iter().map(String::as_str).zip(fields(text, mark))));
    };
    let of_time = columns.iter().position(|column| is_one_of(column, &TIMES));
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
