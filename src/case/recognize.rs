//! What a pasted text is, by its form alone. Nothing is kept of it here, and nothing is sent.

use super::auth_settings::AuthSettings;
use super::environment::listed;
use super::resource::is_guid;
use super::resource_id::Parts;
use super::target_log::TargetLog;
use super::token::DecodedToken;
use super::token::copied::copied;

/// What a pasted text is.
#[derive(Debug, Clone, PartialEq)]
pub enum Recognized {
    /// A token, taken apart: without its signature.
    Token(Box<DecodedToken>),
    /// App 2's authentication settings.
    Settings,
    /// Lines of a log, or the rows that a query gave, of which this many speak of authentication.
    Log(usize),
    /// So many rows of a query, none of which speaks of authentication.
    Rows(usize),
    /// A saved case.
    Case,
    /// This many environment variables of App 2, or of whichever app.
    Variables(usize),
    /// This many environment variables of App 1: they lead to its identity, and none is Easy Auth's.
    CallerVariables(usize),
    /// A URL.
    Url,
    /// The ID of an Azure resource.
    ResourceId,
    /// A GUID.
    Guid,
    /// Any other text, such as an error.
    Text,
}

/// What each saved case begins with.
const CASE: &str = "\"case_version\"";

/// The columns that show when a row was written: rows of Log Analytics, Application Insights, and diagnostic settings
/// have one of them.
const TIMES: [&str; 4] = ["timegenerated", "timestamp", "\"time\"", "eventtime"];

/// No more of a text is looked at.
const MOST: usize = 200_000;

/// What a pasted text is.
#[must_use]
pub fn recognize(text: &str) -> Recognized {
    let text = text.get(..text.floor_char_boundary(MOST)).unwrap_or_default().trim();
    let is_one_word = !text.is_empty() && !text.contains(char::is_whitespace);
    let mut log = TargetLog::from_bytes("", text.as_bytes());
    // An exception may be pasted alone.
    log.entries.retain(|entry| !entry.tells_of_a_crash());
    let variables = variables(text);
    let token = copied(text).token;
    // Every JWT begins with `{"` in base64url. A log and an environment are more than a token that is in them.
    let is_token = token.starts_with("eyJ") && token.contains('.') && !token.contains(char::is_whitespace);
    if is_token && variables < 2 && log.entries.is_empty() {
        return Recognized::Token(Box::new(DecodedToken::decode(&token)));
    }
    if is_one_word && is_guid(text) {
        return Recognized::Guid;
    }
    if is_one_word && is_resource_id(text) {
        return Recognized::ResourceId;
    }
    if is_one_word && (text.starts_with("https://") || text.starts_with("http://")) {
        return Recognized::Url;
    }
    let is_json = text.starts_with(['{', '[']);
    // A large case is cut here: what it begins with tells.
    if text.starts_with('{') && text.get(..text.floor_char_boundary(200)).is_some_and(|start| start.contains(CASE)) {
        return Recognized::Case;
    }
    if is_json && log.entries.is_empty() && AuthSettings::from_bytes(text.as_bytes()).is_ok() {
        return Recognized::Settings;
    }
    if variables > 0 {
        let has = |names: &[&str]| names.iter().any(|name| text.contains(name));
        let is_callers = has(&["IDENTITY_ENDPOINT", "MSI_ENDPOINT", "AZURE_FEDERATED_TOKEN_FILE"]);
        return match is_callers && !has(&["WEBSITE_AUTH_"]) {
            true => Recognized::CallerVariables(variables),
            false => Recognized::Variables(variables),
        };
    }
    let is_exported = log.lines > 0 && (is_json || log.lines < text.lines().count()) && has_time_column(text);
    match log.entries.len() {
        0 if is_exported => Recognized::Rows(log.lines),
        count if count > 0 && (is_exported || !is_json && (log.lines > 1 || begins_with_time(text))) => {
            Recognized::Log(count)
        }
        _ => Recognized::Text,
    }
}

/// App 2's settings without what a terminal shows before and after them, such as the command, a warning, or the next
/// prompt; any other text as it is.
#[must_use]
pub fn settings_in(text: &str) -> &str {
    let found = text.find("\n{").and_then(|at| text.get(at.saturating_add(1)..=text.rfind('}')?));
    let is_settings = |json: &&str| recognize(json) == Recognized::Settings;
    found.filter(|_| recognize(text) == Recognized::Text).filter(is_settings).unwrap_or(text)
}

/// Whether the first row, or the row of the columns' names, has a time.
fn has_time_column(text: &str) -> bool {
    let start = text.get(..text.floor_char_boundary(4_000)).unwrap_or_default().to_ascii_lowercase();
    TIMES.iter().any(|name| start.contains(name))
}

/// Whether a line begins with the day on which it was written, as lines of a log do.
fn begins_with_time(text: &str) -> bool {
    text.get(..10).is_some_and(|day| chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok())
}

fn is_resource_id(text: &str) -> bool {
    let starts = text.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("/subscriptions/"));
    starts && Parts::of(text).is_some()
}

/// The environment variables of a process, where every line is one, or they are listed; 0 elsewhere.
fn variables(text: &str) -> usize {
    let listed = listed::block(text);
    if listed.is_listed && !listed.is_configured {
        return listed.variables.len();
    }
    let is_name = |name: &str| {
        let mut letters = name.chars();
        letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            && name.to_ascii_uppercase() == name
    };
    let mut count: usize = 0;
    for line in text.split(['\n', '\0']).map(str::trim).filter(|line| !line.is_empty()) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        match line.split_once('=') {
            Some((name, _)) if is_name(name) => count = count.saturating_add(1),
            _ => return 0,
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_found_in_what_a_terminal_shows() {
        let settings = "{\n  \"properties\": {\"platform\": {\"enabled\": true}}\n}";
        let shown = format!("WARNING: altered\nuser@Azure:~$ az rest --url x\n{settings}\nuser@Azure:~$ ");
        assert_eq!(settings_in(&shown), settings);
        for other in ["two\nlines", "x\n{\"error\": {\"code\": \"NotFound\"}}", settings] {
            assert_eq!(settings_in(other), other);
        }
    }

    #[test]
    fn each_form_is_recognized_and_a_token_loses_its_signature() {
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJhcGk6Ly94In0.c2lnbmF0dXJl";
        for text in [
            jwt.to_owned(),
            format!("Authorization: Bearer {jwt}\r\n"),
            format!("{{\"access_token\":\"{jwt}\"}}"),
            format!("export TOKEN='{jwt}'"),
            format!("$env:TOKEN = \"{jwt}\""),
            format!("curl -H \"Authorization: Bearer {jwt}\" https://app2.example/api"),
            format!("Token     : {jwt}\r\nExpiresOn : 1/1/2026 8:00:00 PM +00:00"),
            format!("https://app2.example/#access_token={jwt}&expires_in=3600"),
        ] {
            let Recognized::Token(token) = recognize(&text) else {
                panic!("{text} is a token");
            };
            assert_eq!(token.text("aud"), Some("api://x"));
            assert!(!format!("{token:?}").contains("c2lnbmF0dXJl"));
        }
        let id =
            "/subscriptions/3ed96b81-225a-4d10-83f6-568835eb6c00/resourceGroups/rg/providers/Microsoft.Web/sites/app2";
        let settings = r#"{"properties":{"platform":{"enabled":true},"identityProviders":{"azureActiveDirectory":
            {"registration":{"clientId":"3ed96b81-225a-4d10-83f6-568835eb6c00"}}}}}"#;
        let log = "2026-01-01 JWT validation failed: IDX10214: Audience validation failed.\n\
                   Sending response: 401.83 Unauthorized";
        for (text, is) in [
            ("3ED96B81-225a-4d10-83f6-568835eb6c00\n", Recognized::Guid),
            (id, Recognized::ResourceId),
            ("https://app2.azurewebsites.net/api", Recognized::Url),
            (settings, Recognized::Settings),
            ("WEBSITE_SITE_NAME=app1\nIDENTITY_ENDPOINT=http://x/?a=b\n", Recognized::CallerVariables(2)),
            ("WEBSITE_AUTH_ENABLED=True\nIDENTITY_ENDPOINT=http://x/?a=b\n", Recognized::Variables(2)),
            ("Name  : WEBSITE_SITE_NAME\r\nValue : app2\r\n\r\nName  : X\r\nValue : 1\r\n", Recognized::Variables(2)),
            (r#"{"IDENTITY_ENDPOINT": "http://x/"}"#, Recognized::CallerVariables(1)),
            (r#"[{"name": "A", "value": "1"}]"#, Recognized::Text),
            ("AADSTS500011: The resource principal was not found", Recognized::Text),
            ("{\"error\":\"invalid_resource\",\"error_description\":\"AADSTS500011: x\"}", Recognized::Text),
            ("a = b\nq\r", Recognized::Text),
            ("", Recognized::Text),
        ] {
            assert_eq!(recognize(text), is, "{text}");
        }
        assert!(matches!(recognize(log), Recognized::Log(count) if count > 0));
        // A line of a log is evidence by itself, and the same error without a time is only looked up.
        let line = log.lines().next().unwrap();
        assert_eq!(recognize(line), Recognized::Log(1));
        assert_eq!(recognize(line.trim_start_matches("2026-01-01 ")), Recognized::Text);
        // Rows of a query, as the portal and the command line export them.
        let said = "IDX10214: Audience validation failed.";
        let exported = |said: &str| {
            [
                format!(
                    "TimeGenerated [UTC],Level,ResultDescription\r\n\"11/27/2026, 2:31:41 AM\",Error,\"{said}\"\r\n"
                ),
                format!(r#"[{{"TimeGenerated": "2026-11-27T02:31:41Z", "ResultDescription": "{said}"}}]"#),
                format!(r#"[{{"TableName": "x", "TimeGenerated": "2026-11-27T02:31:41Z", "Message": "{said}"}}]"#),
                format!(
                    r#"{{"tables": [{{"name": "x", "columns": [{{"name": "TimeGenerated"}}, {{"name": "Message"}}],
                    "rows": [["2026-11-27T02:31:41Z", "{said}"]]}}]}}"#
                ),
            ]
        };
        for text in exported(said) {
            assert_eq!(recognize(&text), Recognized::Log(1), "{text}");
        }
        for text in exported("Now listening") {
            assert_eq!(recognize(&text), Recognized::Rows(1), "{text}");
        }
        assert_eq!(recognize(r#"[{"name": "app2", "state": "Running"}]"#), Recognized::Text);
        assert_eq!(recognize("{\n  \"case_version\": 1,\n  \"inputs\": {}}"), Recognized::Case);
        // What has a token in it is not the token.
        assert!(matches!(recognize(&format!("{log}\nAuthorization: Bearer {jwt}")), Recognized::Log(_)));
        assert_eq!(recognize(&format!("WEBSITE_SITE_NAME=app2\nTOKEN={jwt}")), Recognized::Variables(2));
    }
}
