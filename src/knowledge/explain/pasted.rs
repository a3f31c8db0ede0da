//! Numbers and statuses in a pasted text.

use std::collections::BTreeSet;

use crate::case::plain::Plain;
use crate::knowledge::lookup::{entra_error, status};

/// More different numbers than this are not looked up: a text that has them is no error message.
const MOST_NUMBERS: usize = 500;

/// The digits behind each `AADSTS`, and the numbers of Entra's `error_codes` and of its page about an error, each once,
/// in their order: those first with which a message begins.
pub(super) fn entra_numbers(text: &Plain) -> Vec<String> {
    let mut numbers = Numbers::default();
    let found = || {
        text.lower.match_indices("aadsts").map(|(place, mark)| {
            let behind = behind(&text.lower, place, mark).trim_start_matches(['-', ':', ' ']);
            let number = digits(behind);
            let rest = behind.get(number.len()..).unwrap_or_default();
            let wrapped = wrapped(number, rest);
            (wrapped.is_some() || rest.starts_with(':'), wrapped.unwrap_or_else(|| number.to_owned()))
        })
    };
    found().filter(|(begins, _)| *begins).chain(found()).for_each(|(_, number)| numbers.add(&number));
    for mark in ["error?code=", "sign-in error code"] {
        for (place, _) in text.lower.match_indices(mark) {
            numbers.add(digits(behind(&text.lower, place, mark).trim_start_matches([' ', ':', '|'])));
        }
    }
    // Columns of Entra's sign-in logs, which other services' logs have as well.
    for mark in ["resulttype", "\"errorcode\""] {
        for (place, _) in text.lower.match_indices(mark) {
            let number = digits(behind(&text.lower, place, mark).trim_start_matches([' ', ':', '|', '=', '"']));
            if entra_error(number).is_some() {
                numbers.add(number);
            }
        }
    }
    for (place, mark) in text.lower.match_indices("error_codes") {
        let behind = behind(&text.lower, place, mark);
        let list = behind.split_once('[').filter(|(before, _)| before.len() < 8);
        let list = list.and_then(|(_, list)| list.split_once(']')).map_or("", |(list, _)| list);
        list.split(',').take(MOST_NUMBERS).for_each(|one| numbers.add(digits(one.trim())));
    }
    numbers.in_order
}

/// The columns of sign-in logs that have the number of an error.
pub(super) const RESULTS: [&str; 3] = ["resulttype", "errorcode", "sign-in error code"];

/// The values below a column of a table, each once, in their order: a page's table is copied with tabs, a table of
/// Markdown has bars, and an export has commas.
pub(super) fn in_table(text: &str, columns: &[&str]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut column: Option<(char, usize)> = None;
    for line in text.lines() {
        let of = |cell: &str| columns.iter().any(|name| plain_cell(cell).eq_ignore_ascii_case(name));
        let head = ['\t', '|', ',', ';'].into_iter().find_map(|mark| Some((mark, line.split(mark).position(of)?)));
        if head.is_some_and(|(mark, _)| line.contains(mark)) {
            column = head;
        } else if let Some(cell) = column.and_then(|(mark, place)| line.split(mark).nth(place)) {
            let cell = plain_cell(cell);
            if !cell.is_empty() && found.len() < MOST_NUMBERS && !found.iter().any(|known| known == cell) {
                found.push(cell.to_owned());
            }
        }
    }
    found
}

/// A cell without what surrounds its value.
fn plain_cell(cell: &str) -> &str {
    cell.trim_matches(|character: char| character.is_whitespace() || matches!(character, '"' | '*' | '`'))
}

/// The five digits behind each `IDX`, each once, in their order.
pub(super) fn idx_numbers(text: &Plain) -> Vec<String> {
    let mut numbers = Numbers::default();
    for (place, mark) in text.lower.match_indices("idx") {
        let found = digits(behind(&text.lower, place, mark));
        if found.len() == 5 && !follows_a_word(&text.lower, place) {
            numbers.add(found);
        }
    }
    numbers.in_order
}

/// A known number that a console divided at the end of its line: its first digits, and those before the next colon.
fn wrapped(first: &str, rest: &str) -> Option<String> {
    let next = digits(rest.strip_prefix(' ')?);
    let ends = rest.get(next.len().saturating_add(1)..).is_some_and(|rest| rest.starts_with(':'));
    let number = format!("{first}{next}");
    (ends && !first.is_empty() && entra_error(&number).is_some()).then_some(number)
}

#[derive(Default)]
struct Numbers {
    in_order: Vec<String>,
    seen: BTreeSet<String>,
}

impl Numbers {
    fn add(&mut self, number: &str) {
        let fits = (4..=10).contains(&number.len()) && self.seen.len() < MOST_NUMBERS;
        if fits && self.seen.insert(number.to_owned()) {
            self.in_order.push(number.to_owned());
        }
    }
}

fn behind<'a>(text: &'a str, place: usize, mark: &str) -> &'a str {
    text.get(place.saturating_add(mark.len())..).unwrap_or_default()
}

fn digits(text: &str) -> &str {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn follows_a_word(text: &str, place: usize) -> bool {
    text.get(..place).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphanumeric)
}

/// A status, and its sub-status where the text has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Status {
    pub(super) status: String,
    pub(super) sub: Option<String>,
}

impl Status {
    /// As logs write it: `401.83`.
    pub(super) fn written(&self) -> String {
        match &self.sub {
            Some(sub) => format!("{}.{sub}", self.status),
            None => self.status.clone(),
        }
    }
}

/// What introduces a status.
const BEFORE: [&str; 37] = [
    // People.
    "get ",
    "gets ",
    "receive ",
    "receives ",
    "returns ",
    "returned ",
    "getting ",
    "got ",
    "gives ",
    // curl.
    "returned error: ",
    "http ",
    "http/1.0 ",
    "http/1.1 ",
    "http/2 ",
    "http/2.0 ",
    "http/3 ",
    "http error ",
    "error ",
    "the ",
    "a ",
    "status ",
    "status code ",
    "status code: ",
    "status code (",
    "http error: ",
    // Other languages.
    "http-fehler ",
    "erreur http ",
    "error http ",
    "status: ",
    "status=",
    "statuscode: ",
    "statuscode=",
    "[",
    // The exceptions of Java and .NET.
    "response code: ",
    "response code ",
    "indicate success: ",
    // A WebSocket's handshake in the library ws of Node.js.
    "unexpected server response: ",
];

/// What a status is followed by.
const BEHIND: [&str; 16] = [
    " unauthorized",
    " (unauthorized",
    " forbidden",
    " (forbidden",
    ") forbidden",
    ") unauthorized",
    " - unauthorized",
    " - forbidden",
    " gone",
    " not found",
    " too many requests",
    " internal server error",
    " bad gateway",
    " service unavailable",
    " client error",
    " server error",
];

/// How JSON has a status by its reason alone.
const REASONS: [(&str, &str); 4] = [
    ("\"code\":\"unauthorized\"", "401"),
    ("\"code\": \"unauthorized\"", "401"),
    ("\"code\":\"forbidden\"", "403"),
    ("\"code\": \"forbidden\"", "403"),
];

/// How lines of a web server's log have the request, the columns of which have no names.
const METHODS: [&str; 5] = [" get /", " post /", " put /", " patch /", " delete /"];

/// The columns of logs that have a status and its sub-status.
const COLUMNS: [(&str, &str); 4] = [
    ("scstatus", "scsubstatus"),
    ("sc-status", "sc-substatus"),
    ("sc_status", "sc_substatus"),
    ("statuscode", "substatuscode"),
];

/// The statuses of answers in a text, each once, in their order: those that words introduce, and those in the columns
/// of a log. A sub-status has two digits.
pub(super) fn statuses(text: &Plain, raw: &str) -> Vec<Status> {
    let mut found: Vec<Status> = Vec::new();
    let mut add = |status: Status| {
        if found.len() < MOST_NUMBERS && !found.contains(&status) {
            found.push(status);
        }
    };
    COLUMNS.iter().filter_map(|columns| in_columns(&text.lower, *columns)).for_each(&mut add);
    COLUMNS.iter().filter_map(|columns| in_table_columns(raw, *columns)).for_each(&mut add);
    let bytes = text.lower.as_bytes();
    let begins = |method: &str| text.lower.starts_with(method.trim_start());
    let is_web_log = METHODS.iter().any(|method| begins(method) || text.lower.contains(method));
    for (place, _) in text.lower.match_indices(['2', '3', '4', '5']) {
        let alone = place.checked_sub(1).and_then(|before| bytes.get(before));
        if alone.is_some_and(|before| before.is_ascii_alphanumeric() || *before == b'.') {
            continue;
        }
        let number = digits(text.lower.get(place..).unwrap_or_default());
        if number.len() != 3 {
            continue;
        }
        let rest = behind(&text.lower, place, number);
        let column = || rest.strip_prefix(' ').map(digits).filter(|sub| is_web_log && is_known(number, sub));
        let sub = rest.strip_prefix('.').map(digits).filter(|sub| sub.len() == 2).or_else(column);
        let behind_all = rest.get(sub.map_or(0, |sub| sub.len().saturating_add(1))..).unwrap_or_default();
        if behind_all.starts_with(|character: char| character.is_ascii_alphanumeric()) {
            continue;
        }
        let before = text.lower.get(..place).unwrap_or_default();
        let named = sub.is_some()
            || BEFORE.iter().any(|words| before.ends_with(words))
            || BEHIND.iter().any(|words| behind_all.starts_with(words))
            || before.ends_with(": (") && behind_all.starts_with(')')
            || before.ends_with(['"', ':', ' ']) && is_json_status(before);
        if named {
            add(Status { status: number.to_owned(), sub: sub.map(str::to_owned) });
        }
    }
    let by_reason = REASONS.iter().filter(|(reason, _)| text.lower.contains(reason));
    by_reason.for_each(|(_, status)| add(Status { status: (*status).to_owned(), sub: None }));
    found
}

/// Whether Easy Auth has this sub-status.
fn is_known(number: &str, sub: &str) -> bool {
    sub.len() == 2 && status(&format!("{number}.{sub}")).is_some()
}

/// Whether what is before a number is the member `status`, `statusCode`, or `code` of JSON.
fn is_json_status(before: &str) -> bool {
    let name = before.trim_end_matches(['"', ':', ' ']);
    ["\"status", "\"statuscode", "\"status_code", "\"code"].iter().any(|member| name.ends_with(member))
}

fn in_columns(text: &str, (status, sub): (&str, &str)) -> Option<Status> {
    let value = |column: &str| {
        let place = text.match_indices(column).find(|(place, _)| !follows_a_word(text, *place))?.0;
        let value = behind(text, place, column).trim_start_matches(['"', ':', '=', ' ', '\'']);
        Some(digits(value)).filter(|digits| !digits.is_empty())
    };
    let (status, sub) = (value(status)?, value(sub)?);
    (status.len() == 3 && sub.len() == 2).then(|| Status { status: status.to_owned(), sub: Some(sub.to_owned()) })
}

/// The first status with a sub-status below the columns of a table.
fn in_table_columns(text: &str, (status, sub): (&str, &str)) -> Option<Status> {
    let (all, subs) = (in_table(text, &[status]), in_table(text, &[sub]));
    let sub = subs.into_iter().find(|sub| all.iter().any(|status| is_known(status, sub)))?;
    let status = all.into_iter().find(|status| is_known(status, &sub))?;
    Some(Status { status, sub: Some(sub) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<String> {
        statuses(&Plain::of(text), text).iter().map(Status::written).collect()
    }

    #[test]
    fn statuses_are_found_where_words_introduce_them() {
        for (text, found) in [
            ("HTTP/1.1 401 Unauthorized", &["401"][..]),
            ("HTTP 403", &["403"]),
            ("curl: (22) The requested URL returned error: 403", &["403"]),
            ("HTTP/2 403\nserver: x", &["403"]),
            ("Request failed with status code 403", &["403"]),
            ("Error during WebSocket handshake: Unexpected response code: 401", &["401"]),
            ("does not indicate success: 401 (Unauthorized).", &["401"]),
            ("hat einen Fehler: (401) Nicht", &["401"]),
            ("Response status code: '401 - Unauthorized'", &["401"]),
            ("{\"code\":\"Forbidden\",\"message\":\"x\"}", &["403"]),
            ("Get Token request returned: <Response [405]>", &["405"]),
            ("{\"statusCode\": 401}", &["401"]),
            ("Server returned HTTP response code: 400 for URL: http://localhost/msi/token", &["400"]),
            ("Response status code does not indicate success: 400 (Bad Request).", &["400"]),
            ("Sending response: 401.83 Unauthorized", &["401.83"]),
            ("2026-01-01 08:00:00 APP2 GET /api/hello - 443 - 10.0.0.1 curl - app2.example 401 83 0 408", &["401.83"]),
            ("2026-01-01 08:00:00 APP2 GET /api/hello - 443 - 10.0.0.1 curl - app2.example 401 17 0 408", &[]),
            ("GET /api/hello - 443 - 10.0.0.1 - - - app2.example 401 83 0 415 780 15", &["401.83"]),
            ("line 401 83 times", &[]),
            ("why do I get 401 although App 1 has a role?", &["401"]),
            ("{\"ScStatus\":401,\"ScSubStatus\":\"83\"}", &["401.83"]),
            ("port 443, line 401:12, version 4.401.2, 10.0.4.403", &[]),
            ("took 401 ms", &[]),
            ("my app returns 403 when another app calls it", &["403"]),
        ] {
            assert_eq!(written(text), found, "{text}");
        }
    }

    #[test]
    fn numbers_are_found_in_any_form() {
        let text = Plain::of(
            "aadsts500011: x AADSTS50076 \"error_codes\": [\n 7000215 ], https://x/error?code=7000222 AADSTS500011",
        );
        assert_eq!(entra_numbers(&text), ["500011", "50076", "7000222", "7000215"]);
        for (text, number) in [
            ("AADSTS501\n051: Application", "501051"),
            ("│ Error: AADSTS50\n│ 1051: Application", "501051"),
            ("AADSTS50105\n1: Application", "501051"),
            ("Sign-in error code\n501051\nFailure reason", "501051"),
            ("| Sign-in error code | 501051 |", "501051"),
            ("\"status\": {\"errorCode\": 501051, \"failureReason\": \"x\"}", "501051"),
            ("ResultType: 501051", "501051"),
            ("AADSTS50105 2026-01-01 10:00:00", "50105"),
            ("AADSTS50105 17: x", "50105"),
        ] {
            assert_eq!(entra_numbers(&Plain::of(text)), [number], "{text}");
        }
        assert!(entra_numbers(&Plain::of("{\"errorCode\": \"2108\"} error code 501051")).is_empty());
        assert_eq!(idx_numbers(&Plain::of("IDX10214: x, idx10205, ridx10206, IDX1")), ["10214", "10205"]);
        let many: String = (0..100_000).map(|number| format!("AADSTS{number:06} ")).collect();
        assert_eq!(entra_numbers(&Plain::of(&many)).len(), MOST_NUMBERS);
    }
}
