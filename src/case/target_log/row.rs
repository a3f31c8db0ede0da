//! What a row of a log has: its message, its time, who wrote it, and the app, by the names of its columns.

use serde_json::Value;

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
    /// Its time as written in a column of another time zone than UTC.
    pub(super) local_time: Option<String>,
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
pub(super) const LONGEST_TEXT: usize = 4000;

/// Whether these are the names of columns: one has the message, or two have a status and a sub-status.
pub(super) fn is_head(columns: &[String]) -> bool {
    let has = |names: &[&str]| columns.iter().any(|column| is_one_of(column, names));
    columns.iter().any(|column| is_message(column)) || has(&STATUS) && has(&SUB_STATUS)
}

/// Whether this is the name of a column with the time.
pub(super) fn is_time(column: &str) -> bool {
    is_one_of(column, &TIMES) || is_local_time(column)
}

/// Whether the portal wrote the times of this column in the zone of whoever exported it: `TimeGenerated [Local Time]`.
fn is_local_time(column: &str) -> bool {
    let named = column.trim().strip_suffix(']').and_then(|column| column.split_once(" ["));
    named.is_some_and(|(name, zone)| is_one_of(name, &TIMES) && !zone.eq_ignore_ascii_case("utc"))
}

fn is_one_of(column: &str, names: &[&str]) -> bool {
    names.iter().any(|name| column.trim().eq_ignore_ascii_case(name))
}

fn is_message(column: &str) -> bool {
    is_one_of(column, &MESSAGES)
}

/// Rows in JSON: a list of objects, `{"value": […]}`, or `{"tables": [{"columns": […], "rows": […]}]}`.
pub(super) fn of_json(value: &Value) -> Option<Vec<Row>> {
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

pub(super) fn of_object(line: usize, item: &Value) -> Row {
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

pub(super) fn of_columns<'a>(line: usize, columns: impl Iterator<Item = (&'a str, String)>) -> Row {
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
        } else if is_local_time(name) {
            row.local_time = row.local_time.or(Some(value));
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
