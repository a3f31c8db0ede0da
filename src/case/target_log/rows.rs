//! The rows of a log, whatever it was exported as: lines, JSON, CSV or a web server's log.

use serde_json::Value;

/// One row: its text, and what stands in columns of their own.
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
}

/// All rows of a log.
pub(super) fn of(text: &str) -> Vec<Row> {
    let trimmed = text.trim_start();
    if trimmed.starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str::<Value>(text)
        && let Some(rows) = of_json(&value)
    {
        return rows;
    }
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let columns = fields(first);
    if columns.len() > 1 && columns.iter().any(|column| is_message(column)) {
        return of_csv(text, &columns);
    }
    of_lines(text)
}

fn is_message(column: &str) -> bool {
    ["message", "resultdescription", "log_s", "message_s"]
        .iter()
        .any(|name| column.trim().eq_ignore_ascii_case(name))
}

/// Rows in JSON: a list of objects, `{"value": […]}`, or `{"tables": [{"columns": […], "rows": […]}]}`.
fn of_json(value: &Value) -> Option<Vec<Row>> {
    if let Some(table) = value.get("tables").and_then(|tables| tables.get(0)) {
        let columns: Vec<String> = table
            .get("columns")?
            .as_array()?
            .iter()
            .map(|column| {
                column
                    .get("name")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect();
        let rows = table.get("rows")?.as_array()?;
        return Some(
            rows.iter()
                .enumerate()
                .map(|(number, row)| {
                    let cells = row.as_array().into_iter().flatten().map(plain);
                    of_columns(number + 1, columns.iter().map(String::as_str).zip(cells))
                })
                .collect(),
        );
    }
    let items = match value {
        Value::Array(items) => items,
        _ => value.get("value").or_else(|| value.get("records"))?.as_array()?,
    };
    Some(
        items
            .iter()
            .enumerate()
            .map(|(number, item)| of_object(number + 1, item))
            .collect(),
    )
}

fn of_object(line: usize, item: &Value) -> Row {
    let Some(members) = item.as_object() else {
        return Row {
            line,
            text: plain(item),
            ..Row::default()
        };
    };
    // Diagnostic settings put the columns into `properties`, as an object or as a text of JSON.
    let inner = members.get("properties").cloned().and_then(|inner| match inner {
        Value::String(text) => serde_json::from_str(&text).ok(),
        other => Some(other),
    });
    let inner = inner.as_ref().and_then(Value::as_object);
    let pairs = members
        .iter()
        .chain(inner.into_iter().flatten())
        .filter(|(_, value)| !value.is_object())
        .map(|(name, value)| (name.as_str(), plain(value)));
    of_columns(line, pairs)
}

fn of_columns<'a>(line: usize, columns: impl Iterator<Item = (&'a str, String)>) -> Row {
    let mut row = Row { line, ..Row::default() };
    let (mut status, mut sub_status) = (None, None);
    let mut others = Vec::new();
    for (name, value) in columns {
        let name = name.trim();
        let is = |names: &[&str]| names.iter().any(|other| name.eq_ignore_ascii_case(other));
        if value.is_empty() {
            continue;
        } else if is(&["time", "timegenerated", "timegenerated [utc]", "eventtime", "timestamp"]) {
            row.time = row.time.or(Some(value));
        } else if is(&["statuscode", "scstatus", "sc-status"]) {
            status = Some(value);
        } else if is(&["substatuscode", "scsubstatus", "sc-substatus"]) {
            sub_status = Some(value);
        } else if is_message(name) {
            row.text = value;
        } else if is(&["details", "taskname", "level", "hostname"]) {
            others.push(value);
        }
    }
    if row.text.is_empty() {
        row.text = others.join(" ");
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

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn of_csv(text: &str, columns: &[String]) -> Vec<Row> {
    records(text)
        .into_iter()
        .skip(1)
        .map(|(line, record)| of_columns(line, columns.iter().map(String::as_str).zip(fields(&record))))
        .collect()
}

/// The records of CSV with the line on which each begins; a quoted field may hold line breaks.
fn records(text: &str) -> Vec<(usize, String)> {
    let mut records: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        match records.last_mut().filter(|_| open) {
            Some((_, record)) => {
                record.push(' ');
                record.push_str(line);
            }
            None => records.push((number + 1, line.to_owned())),
        }
        if line.matches('"').count() % 2 == 1 {
            open = !open;
        }
    }
    records
}

/// The fields of one CSV record.
fn fields(record: &str) -> Vec<String> {
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
            ',' if !quoted => fields.push(String::new()),
            _ => push(&mut fields, character),
        }
    }
    fields
}

fn push(fields: &mut [String], character: char) {
    if let Some(field) = fields.last_mut() {
        field.push(character);
    }
}

/// Plain lines; those of JSON and those of a web server's log (`#Fields:`) are understood one by one.
fn of_lines(text: &str) -> Vec<Row> {
    let mut web_columns: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        if let Some(names) = line.strip_prefix("#Fields:") {
            web_columns = names.split_whitespace().collect();
            continue;
        }
        if line.trim_start().starts_with('{')
            && let Ok(value) = serde_json::from_str::<Value>(line)
        {
            rows.push(of_object(number, &value));
            continue;
        }
        // A message goes on in indented lines, as console loggers write it.
        if line.starts_with([' ', '\t'])
            && let Some(row) = rows.last_mut()
            && continues(row, line)
        {
            row.text.push(' ');
            row.text.push_str(line.trim());
            continue;
        }
        let mut row = Row {
            line: number,
            text: line.to_owned(),
            ..Row::default()
        };
        if !web_columns.is_empty() && !line.starts_with('#') {
            let cells = line.split_whitespace().map(str::to_owned);
            row.sub_status = of_columns(number, web_columns.iter().copied().zip(cells)).sub_status;
        }
        rows.push(row);
    }
    rows
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
        && row.text.len() + line.len() < LONGEST_MESSAGE
        && !(numbered(&row.text) && numbered(line))
}
