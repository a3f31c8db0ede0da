//! What the lines of App 2's log say. Message texts: Microsoft.IdentityModel, and the Easy Auth module's own.

use std::cell::LazyCell;
use std::collections::{HashMap, VecDeque};
use std::io::{self, Read};

use super::row::{Row, SUB_STATUSES};
use super::rows;
use super::sentences::{Sentence, is_of_a_crash, says};
use super::time::time_in;
use super::{LogEntry, TargetLog, Writer};
use crate::case::secret::without_tokens;
use crate::case::shown::secrets::Secrets;
use crate::case::text::{shortened, visible};

/// More entries than this are not kept; the latest are.
const MOST_ENTRIES: usize = 400;
/// The last request of no more processes is remembered.
const MOST_PROCESSES: usize = 1000;
/// Longer texts than this are shortened.
const LONGEST_TEXT: usize = 600;

/// Names of validators that are in an app's own code, and what ASP.NET Core's say.
const OWN_VALIDATORS: [&str; 9] = [
    "JwtBearerHandler",
    "Microsoft.AspNetCore.Authentication",
    "Microsoft.Identity.Web",
    "OpenIdConnectHandler",
    "Failed to validate the token.",
    "was not authenticated. Failure message",
    "IDX10231",
    "org.springframework.security",
    "JsonWebTokenError",
];
/// What only Easy Auth writes: its module's sentences, its middleware's name, and columns of its own table.
const EASY_AUTH: [&str; 6] = [
    "JWT validation failed",
    "Sending response: ",
    "EasyAuth",
    "Microsoft.Azure.AppService.Middleware",
    "AppServiceAuthenticationLogs",
    "ModuleRuntimeVersion=",
];
/// The message of such a validator goes on for this many lines.
const ITS_LINES: usize = 3;
/// Sentences that say something of authentication without a number.
const SENTENCES: [&str; 5] = [
    "JWT validation failed",
    "Audience validation failure",
    "Cross-site request forgery detected",
    "Unable to obtain configuration",
    "AADSTS",
];

impl TargetLog {
    /// Reads the bytes of a log: log stream, container log, or exported table rows. Never fails; what is not text is
    /// replaced.
    #[must_use]
    pub fn from_bytes(source: &str, bytes: &[u8]) -> Self {
        Self::from_reader(source, bytes).unwrap_or_else(|_| Self { source: source.to_owned(), ..Self::default() })
    }

    /// As [`from_bytes`](Self::from_bytes), read as a stream: a log of any length costs little memory, and the latest
    /// `MOST_ENTRIES` of the lines that say something are kept.
    ///
    /// # Errors
    /// When it cannot be read, or is a form that can be read as a whole only and is too large for that.
    pub fn from_reader(source: &str, log: impl Read) -> io::Result<Self> {
        let mut listener = Listener::default();
        let mut lines: usize = 0;
        let mut text = super::lines::utf8(log)?;
        rows::each(&mut text, &mut |row| {
            lines = lines.saturating_add(1);
            listener.hear(&row);
        })?;
        Ok(Self { source: source.to_owned(), lines, entries: listener.entries.into() })
    }
}

/// What was read so far.
#[derive(Default)]
struct Listener {
    /// The request that each process was last seen to receive.
    requests: HashMap<String, String>,
    /// The line on which a validator in an app's own code was named last.
    own_validator: Option<usize>,
    /// How many of the last entries belong to the message that the next line may go on with.
    open: usize,
    entries: VecDeque<LogEntry>,
}

impl Listener {
    fn hear(&mut self, row: &Row) {
        let process = process_of(&row.text);
        if let Some(request) = received(&row.text) {
            // Of more processes than this, most are gone.
            if self.requests.len() >= MOST_PROCESSES {
                self.requests.clear();
            }
            self.requests.insert(process.to_owned(), request);
            return;
        }
        let entry = entry(row, self.requests.get(process));
        let named = writer(row);
        if !goes_on(&row.text) {
            self.open = 0;
        }
        self.attribute(named);
        if named == Some(Writer::Application) {
            self.own_validator = Some(row.line);
        }
        let Some(entry) = entry else {
            return;
        };
        let before = self.entries.back().filter(|_| self.open > 0).map(|entry| entry.writer);
        let of_app = self.own_validator.is_some_and(|line| row.line.saturating_sub(line) <= ITS_LINES);
        let writer = named.or(before).unwrap_or(if of_app { Writer::Application } else { Writer::Unknown });
        if self.entries.len() >= MOST_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(LogEntry { writer, ..entry });
        self.open = self.open.saturating_add(1);
    }

    /// A stack trace shows who wrote the message before it.
    fn attribute(&mut self, named: Option<Writer>) {
        let Some(named) = named else {
            return;
        };
        let of_message = self.entries.iter_mut().rev().take(self.open);
        for entry in of_message.filter(|entry| entry.writer.is_unknown()) {
            entry.writer = named;
        }
    }
}

/// Who wrote a line, by the line itself.
fn writer(row: &Row) -> Option<Writer> {
    let has = |names: &[&str]| names.iter().any(|name| row.text.contains(name) || row.origin.contains(name));
    let wants_key = says(Sentence::FunctionKey, &row.text);
    if !wants_key && (is_host_noise(&row.text) || is_host_noise(&row.origin)) {
        Some(Writer::FunctionsHost)
    } else if wants_key {
        None
    } else if has(&OWN_VALIDATORS)
        || says(Sentence::OwnValidator, &row.text)
        || says(Sentence::NoScopeOrRole, &row.text)
        || says(Sentence::ApiManagement, &row.text)
    {
        Some(Writer::Application)
    } else if has(&EASY_AUTH) || sub_status(&row.text).is_some() {
        Some(Writer::EasyAuth)
    } else {
        None
    }
}

/// Whether a line goes on with the message before it: an exception's type and message, or a frame of its stack.
fn goes_on(text: &str) -> bool {
    let text = text.trim_start();
    let text = match text.split_once(char::is_whitespace) {
        Some((time, rest)) if time_in(time).is_some() => rest.trim_start(),
        _ => text,
    };
    let first = text.split_whitespace().next().unwrap_or_default();
    let of_exception = first.trim_end_matches(':').ends_with("Exception") && first.contains('.');
    of_exception || text.starts_with("at ") || text.starts_with("---")
}

/// The process that a line of the Windows module names (`PID[3712]`); empty for others.
fn process_of(text: &str) -> &str {
    text.find("PID[")
        .and_then(|at| text.get(at..)?.split_once(']'))
        .map(|(process, _)| process)
        .filter(|process| process.len() <= 20)
        .unwrap_or_default()
}

/// The request that a line says was received.
fn received(text: &str) -> Option<String> {
    let (_, request) = text.split_once("Received request: ")?;
    Some(visible(&shortened(&without_tokens(request.trim()), LONGEST_TEXT)))
}

fn entry(row: &Row, request: Option<&String>) -> Option<LogEntry> {
    let text = row.text.trim();
    let idx = number_after(text, "IDX", 5);
    let sub_status = row.sub_status.clone().or_else(|| sub_status(text));
    let speaks = is_of_a_crash(text)
        || SENTENCES.iter().any(|sentence| text.contains(sentence))
        || [Sentence::OwnValidator, Sentence::NoScopeOrRole, Sentence::FunctionKey].iter().any(|of| says(*of, text));
    if idx.is_none() && sub_status.is_none() && !speaks {
        return None;
    }
    let time = row.time.as_deref().and_then(time_in).or_else(|| time_in(text));
    let hidden = text.contains("[PII is hidden") || text.contains("[PII of type");
    Some(LogEntry {
        line: row.line,
        time,
        local_time: row.local_time.as_deref().and_then(time_in).filter(|_| time.is_none()),
        idx,
        sub_status,
        values: values(text),
        hidden,
        writer: Writer::Unknown,
        app: row.app.as_deref().map(|app| visible(&shortened(app, LONGEST_TEXT))),
        request: request.cloned(),
        text: visible(&shortened(&without_tokens(text), LONGEST_TEXT)),
        secrets: Secrets::default(),
    })
}

/// The Functions host tries every bearer token as its own admin token and logs the failure, which decides nothing
/// (azure-functions-host issues 10532 and 10621).
fn is_host_noise(text: &str) -> bool {
    text.contains("Unexpected JWT Validation Exception")
        || (text.contains("IDX10503") && text.contains("does not have a kid"))
        || text.contains("Microsoft.Azure.WebJobs.Script")
}

/// A number of this many digits behind a prefix, with the prefix: `IDX10214`.
fn number_after(text: &str, prefix: &str, digits: usize) -> Option<String> {
    text.match_indices(prefix).find_map(|(at, _)| {
        let rest = text.get(at.saturating_add(prefix.len())..)?;
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (number.len() == digits).then(|| format!("{prefix}{number}"))
    })
}

/// A sub-status of the Easy Auth module: one it is known to give, or any three digits, dot, two digits behind words
/// that introduce one.
fn sub_status(text: &str) -> Option<String> {
    // Read once: a text can consist of such numbers.
    let introduced = LazyCell::new(|| {
        let lower = text.to_ascii_lowercase();
        ["sending response", "http error", "sub-status", "substatus"].iter().any(|words| lower.contains(words))
    });
    text.split(|character: char| !character.is_ascii_digit() && character != '.')
        .map(|word| word.trim_matches('.'))
        .find(|word| {
            let form = word.split_once('.').is_some_and(|(status, sub)| {
                status.len() == 3
                    && (1..=3).contains(&sub.len())
                    && !sub.contains('.')
                    && status.starts_with(['2', '3', '4', '5'])
            });
            form && (SUB_STATUSES.contains(word) || *introduced)
        })
        .map(str::to_owned)
}

/// The values that a message shows as `Name: 'value'`, named as in `validAudience`. Hidden ones are left out.
fn values(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(": '") {
        let Some((value, next)) = after.split_once('\'') else {
            break;
        };
        let name = name_in(before);
        // A decoded token is shown as its line, without what in it is named as a secret.
        if !name.is_empty() && !value.contains("[PII") && !value.contains('{') && found.len() < 12 {
            found.push((name, visible(&shortened(&without_tokens(value), 300))));
        }
        rest = next;
    }
    found
}

/// The name at the end of the words before a value: `… or validationParameters.ValidAudiences` is `validAudiences`.
fn name_in(before: &str) -> String {
    let sentence = [". ", ", ", "; ", " or ", "\n", "(", "' "]
        .iter()
        .fold(before, |text, boundary| text.rsplit(boundary).next().unwrap_or(text));
    // `ValidTo (UTC)`: the bracket was cut at its opening, so that the name is before it.
    let sentence = if sentence.starts_with("UTC") {
        before.rsplit_once(" (").map_or("", |(name, _)| name).rsplit([',', '.']).next().unwrap_or_default()
    } else {
        sentence
    };
    let words: Vec<&str> = sentence.split_whitespace().collect();
    // More than two words are prose, of which the last one is the name.
    let name = match words.as_slice() {
        [first, second] => format!("{first}{}", capitalised(second)),
        [.., last] => (*last).to_owned(),
        [] => String::new(),
    };
    let name = name.rsplit('.').next().unwrap_or_default();
    let mut characters = name.chars().filter(|character| character.is_ascii_alphanumeric());
    let first = characters.next().map(|character| character.to_ascii_lowercase());
    first.into_iter().chain(characters).take(40).collect()
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|character| character.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AUDIENCE: &str = "PID[1234] Warning JWT validation failed: IDX10214: Audience validation failed. Audiences: \
        'https://management.azure.com'. Did not match: validationParameters.ValidAudience: '0f8fad5b' or \
        validationParameters.ValidAudiences: 'api://a, api://b'.";

    fn read(text: &str) -> TargetLog {
        TargetLog::from_bytes("log", text.as_bytes())
    }

    #[test]
    fn lines_that_speak_are_found_with_their_values() {
        let log = read(&format!(
            "2026-01-01T10:00:00  PID[1234] Verbose Received request: GET https://app2/\n2026-01-01T10:00:01.5Z \
             {AUDIENCE}\n\
             2026-01-01 10:00:01 PID[1234] Information Sending response: 401.83 Unauthorized\nversion 10.401.83 of x\n"
        ));
        assert_eq!((log.lines, log.entries.len()), (4, 2));
        let audience = &log.entries[0];
        assert_eq!((audience.line, audience.idx.as_deref(), audience.time), (2, Some("IDX10214"), Some(1_767_261_601)));
        assert_eq!(
            audience.values,
            [
                ("audiences".to_owned(), "https://management.azure.com".to_owned()),
                ("validAudience".to_owned(), "0f8fad5b".to_owned()),
                ("validAudiences".to_owned(), "api://a, api://b".to_owned())
            ]
        );
        assert_eq!(log.entries[1].sub_status.as_deref(), Some("401.83"));
    }

    #[test]
    fn a_line_of_numbers_like_sub_statuses_is_read_once() {
        // Were it read once for each of them, this would take minutes.
        let numbers = "412.75 ".repeat(150_000);
        assert_eq!(read(&numbers).entries, []);
        let introduced = read(&format!("Sending response: {numbers}"));
        assert_eq!(introduced.entries[0].sub_status.as_deref(), Some("412.75"));
    }

    #[test]
    fn other_messages_give_their_values_too() {
        let values = |text: &str| read(text).entries[0].values.clone();
        assert_eq!(
            values(
                "IDX10205: Issuer validation failed. Issuer: 'https://a/'. Did not match: \
                 validationParameters.ValidIssuer: 'https://b/' or validationParameters.ValidIssuers: 'null'."
            ),
            [
                ("issuer".to_owned(), "https://a/".to_owned()),
                ("validIssuer".to_owned(), "https://b/".to_owned()),
                ("validIssuers".to_owned(), "null".to_owned())
            ]
        );
        let lifetime = values(
            "IDX10223: Lifetime validation failed. The token is expired. ValidTo (UTC): '1/1/2026 8:00:00 AM', \
             Current time (UTC): '1/1/2026 9:00:00 AM'.",
        );
        assert_eq!(lifetime[0], ("validTo".to_owned(), "1/1/2026 8:00:00 AM".to_owned()));
        assert_eq!(lifetime[1].0, "currentTime");
        assert_eq!(
            values(
                "IDX20803: Unable to obtain configuration from: 'https://login.microsoftonline.com/x/v2.0'. Will retry"
            )[0]
            .0,
            "from"
        );
    }

    #[test]
    fn hidden_values_and_host_noise_are_marked() {
        let hidden = read(
            "IDX10214: Audience validation failed. Audiences: '[PII is hidden. For more details, see \
             https://aka.ms/x.]'. Did not match: validationParameters.ValidAudience: 'null'",
        );
        assert!(hidden.entries[0].hidden);
        assert_eq!(hidden.entries[0].values, [("validAudience".to_owned(), "null".to_owned())]);
        let noise = read(
            "[Error] Unexpected JWT Validation Exception - IDX10205: Issuer validation failed.\nIDX10503: Signature \
             validation failed. Token does not have a kid.",
        );
        assert_eq!(noise.entries.iter().map(|entry| entry.writer).collect::<Vec<_>>(), [Writer::FunctionsHost; 2]);
    }

    #[test]
    fn exported_rows_read_like_lines() {
        let quoted = AUDIENCE.replace('"', "\"\"");
        let json = serde_json::json!([{"TimeGenerated": "2026-01-01T10:00:01Z", "Message": AUDIENCE, "StatusCode": 401,
            "SubStatusCode": 83, "Level": "Warning"}]);
        let exports = [
            json.to_string(),
            serde_json::json!({"value": json}).to_string(),
            serde_json::json!({"records": [{"time": "2026-01-01T10:00:01Z", "properties": serde_json::json!({
                "Message": AUDIENCE, "StatusCode": "401", "SubStatusCode": "83"}).to_string()}]})
            .to_string(),
            serde_json::json!({"tables": [{"columns": [{"name": "TimeGenerated"}, {"name": "StatusCode"},
                {"name": "SubStatusCode"}, {"name": "Message"}],
                "rows": [["2026-01-01T10:00:01Z", 401, 83, AUDIENCE]]}]})
            .to_string(),
            format!(
                "\u{feff}TimeGenerated,StatusCode,SubStatusCode,Message\n\
                2026-01-01T10:00:01Z,401,83,\"{quoted}\"\n"
            ),
            json[0].to_string(),
        ];
        for export in exports {
            let log = read(&export);
            assert_eq!(log.entries.len(), 1, "{export}");
            let entry = &log.entries[0];
            assert_eq!(entry.sub_status.as_deref(), Some("401.83"), "{export}");
            assert_eq!((entry.idx.as_deref(), entry.time), (Some("IDX10214"), Some(1_767_261_601)), "{export}");
            assert_eq!(entry.values.len(), 3, "{export}");
        }
        for export in [
            "TimeGenerated,CsMethod,CsUriStem,ScStatus,ScSubStatus\n2026-01-01T10:00:01Z,GET,/api,401,83\n",
            "TimeGenerated [UTC]\tCsMethod\tScStatus\tScSubStatus\n1/1/2026, 10:00:01.000 AM\tGET\t401\t83\n",
            "| TimeGenerated | ScStatus | ScSubStatus |\n|---|---|---|\n| 2026-01-01T10:00:01Z | 401 | 83 |\n",
            "2026-01-01 10:00:01 APP2 GET /api - 443 - 10.0.0.1 curl/8 - - app2.example 401 83 0 408 900 15\n",
        ] {
            let log = read(export);
            assert_eq!(log.entries.len(), 1, "{export}");
            assert_eq!(log.entries[0].sub_status.as_deref(), Some("401.83"), "{export}");
            assert_eq!(log.entries[0].time, Some(1_767_261_601), "{export}");
        }
        let web = read(
            "#Fields: date time cs-uri-stem sc-status sc-substatus\n2026-01-01 10:00:01 /api 401 83\n2026-01-01 \
             10:00:02 /api 200 0\n",
        );
        assert_eq!(web.entries.len(), 1);
        assert_eq!(web.entries[0].sub_status.as_deref(), Some("401.83"));
    }

    proptest! {
        #[test]
        fn arbitrary_logs_never_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
            text in "(IDX10214: |A: '|'|401\\.83|2026-01-01T|,|\"|\n|é|\\{|#Fields: sc-status sc-substatus\n){0,40}",
        ) {
            let _ = TargetLog::from_bytes("log", &bytes);
            let log = TargetLog::from_bytes("log", text.as_bytes());
            prop_assert!(log.entries.iter().all(|entry| !entry.text.chars().any(char::is_control)));
        }
    }
}
