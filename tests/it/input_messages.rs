//! Messages: whatever is in an argument, a file's name, or a file, no control character reaches the terminal, and no
//! secret that was put in the wrong place is repeated.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Output;

use easyauth_doctor::case::Case;
use easyauth_doctor::case::text::is_deceptive;
use easyauth_doctor::report::Table;
use easyauth_doctor::report::document::Block;
use easyauth_doctor::report::text::{self, Style};
use serde_json::Value;

use crate::helpers::network::NOBODY;
use crate::helpers::observing;
use crate::helpers::program::{doctor, run};

/// Fills the clipboard, colors, turns the direction, and begins a line.
const HOSTILE: &str = "a\u{1b}]52;c;eA==\u{7}\u{9b}31m\u{202e}b\nc\r\u{7f}\u{200b}";
const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJhcGk6Ly94In0.c2lnbmF0dXJl";
/// As Entra makes client secrets.
const APP2: &str =
    "/subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e/resourceGroups/rg/providers/Microsoft.Web/sites/app2";
const SECRET: &str = "kJ88Q~aBcDeFgHiJkLmNoPqRsTuVwXyZ-12345";

/// What was printed, without the program's own styles; nothing else that a terminal interprets is in it.
fn printed(output: &Output) -> String {
    let all = [output.stdout.as_slice(), &output.stderr].concat();
    let text = String::from_utf8(all).expect("what is printed is UTF-8");
    let own = regex_lite::Regex::new("\u{1b}\\[(0|1|2|3[1236]|1;3[1236])m").unwrap();
    let text = own.replace_all(&text, "").into_owned();
    let raw = text.chars().find(|character| *character != '\n' && is_deceptive(*character));
    assert_eq!(raw, None, "{text:?}");
    text
}

/// Every place of the command line where a value may be put by mistake.
fn places() -> Vec<Vec<&'static str>> {
    let with_target = |rest: &[&'static str]| [&["check", "-t", NOBODY], rest].concat();
    let mut places: Vec<Vec<&str>> = [
        "--targets",
        "--authority",
        "--resource-manager",
        "--graph",
        "--cloud",
        "--credential",
        "--identity",
        "--tenant",
        "--client-id",
        "--expect-identity",
        "--target-resource-id",
        "-X",
        "-H",
        "--timeout",
        "--assume",
        "--format",
        "--color",
        "--environ",
        "--auth-settings",
        "--target-log",
        "--target-environ",
        "--token-file",
        "--client-secret-file",
        "--ca-bundle",
    ]
    .iter()
    .map(|option| with_target(&[option]))
    .collect();
    places.extend([
        vec!["check"],
        vec![],
        vec!["check", "-t"],
        vec!["check", "-X", "POST", "--yes", "-t", NOBODY, "--data"],
        vec!["explain"],
        vec!["open"],
        vec!["token"],
        vec!["token", "--expect-identity"],
        vec!["lab"],
        vec!["lab", "serve"],
        vec!["lab", "verify"],
        vec!["lab", "healthy"],
        vec!["lab", "--delay"],
        vec!["completions"],
        vec!["man"],
    ]);
    places
}

#[test]
fn no_argument_reaches_the_terminal_or_repeats_a_secret() {
    for place in places() {
        for value in [HOSTILE, TOKEN, SECRET] {
            let output = doctor(&place).args([value]).output().unwrap();
            let text = printed(&output);
            assert_eq!(output.status.code(), Some(2), "{place:?} {value:?}: {text}");
            assert!(!text.contains(TOKEN) && !text.contains(SECRET), "{place:?}: {text}");
            assert!(!text.is_empty() && output.stdout.is_empty(), "{place:?}: {text}");
        }
    }
}

#[test]
fn outputs_inputs_and_addresses_keep_their_secrets_to_themselves() {
    let at = |text: &str| text.replace("SECRET", SECRET).replace("HOSTILE", HOSTILE).replace("TOKEN", TOKEN);
    for (line, word) in [
        (&["check", "-t", "https://user:SECRET@app2.example/"][..], "app2.example"),
        (&["check", "-t", "http://app2.example/x?code=SECRET"], "app2.example"),
        (&["check", "-t", "http://app2.example/TOKEN"], "app2.example"),
        (&["check", "-t", NOBODY, "--authority", "http://login.example/?sig=SECRET"], "login.example"),
        (&["check", "-t", NOBODY, "-r", "TOKEN"], "--token-file"),
        (&["check", "-t", NOBODY, "-r", "HOSTILE"], "--resource"),
        (&["token", "-r", "TOKEN"], "--resource"),
        (&["check", "-t", NOBODY, "-H", "x-functions-key SECRET"], "no colon"),
        (&["check", "-t", NOBODY, "-H", "SECRET"], "no colon"),
        (&["check", "-t", NOBODY, "-H", "x-key: a\u{1b}SECRET"], "'x-key: …'"),
        (&["check", "-t", NOBODY, "-H", "Authorization: Bearer TOKEN"], "'Authorization: …'"),
        (&["check", "-t", NOBODY, "--identity", "client-id:SECRET"], "--identity"),
        (&["check", "-t", NOBODY, "--identity", "resource-id:/subscriptions/SECRET"], "--identity"),
        (&["check", "-t", NOBODY, "-o", "/nowhere/HOSTILE"], "--output"),
        (&["check", "-t", NOBODY, "--save", "/nowhere/HOSTILE/x"], "--save"),
        (&["check", "-t", NOBODY, "--edited-settings", "/nowhere/HOSTILE"], "--edited-settings"),
        (&["explain", "HOSTILE", "TOKEN"], "no entry"),
        (&["check", "--SECRET"], "unexpected argument"),
        (&["check", "--frob=SECRET"], "unexpected argument"),
        (&["--color", "always", "check", "HOSTILE"], "subcommand"),
    ] {
        let line: Vec<String> = line.iter().map(|word| at(word)).collect();
        let words: Vec<&str> = line.iter().map(String::as_str).collect();
        let output = doctor(&[]).args(&words).output().unwrap();
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {text}");
        assert!(text.contains(word), "{words:?}: {text}");
        for secret in [TOKEN, SECRET] {
            assert!(!text.contains(secret), "{words:?}: {text}");
        }
    }
}

#[test]
fn names_that_are_no_text_are_refused_in_words() {
    let name = OsStr::from_bytes(b"/nowhere/\xff\x1b[31m");
    for option in ["--auth-settings", "--save", "--targets"] {
        let output = doctor(&["check", "-t", NOBODY, option]).args([name]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{option}: {}", printed(&output));
    }
    for command in ["open", "token", "explain"] {
        let output = doctor(&[command]).args([name]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{command}: {}", printed(&output));
    }
}

/// A file with a hostile name and this content, and its path.
fn file(folder: &tempfile::TempDir, content: &str) -> String {
    let path = folder.path().join("n\u{1b}]52;c;eA==\u{7}\u{9b}\u{202e}\nx.json");
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_stands_in_a_file_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let hidden = format!("{HOSTILE}{SECRET}").replace(['\n', '\r'], "");
    // Neither JSON nor TOML has every control character as it is.
    let escaped: String = hidden
        .chars()
        .map(|character| match character {
            control if is_deceptive(control) => format!("\\u{:04x}", control as u32),
            other => other.to_string(),
        })
        .collect();
    let quoted = format!("\"{escaped}\"");
    let case = serde_json::to_value(observing::of("audience-not-allowed", true).report.case()).unwrap();
    let broken = |path: &[&str], value: Value| {
        let mut case = case.clone();
        *path.iter().fold(&mut case, |place, name| &mut place[*name]) = value;
        case.to_string()
    };
    let target = ["check", "-t", NOBODY];
    let of = |option: &'static str| [&target[..], &[option]].concat();
    for (arguments, content, word) in [
        (vec!["open"], broken(&["inputs", "credential"], Value::from(hidden.as_str())), "an unknown value"),
        (vec!["open"], broken(&["elapsed_ms"], Value::from(hidden.as_str())), "expected a number, found a string"),
        (vec!["open"], broken(&["started_at"], Value::from(hidden.as_str())), "isn't a saved case"),
        (vec!["open"], broken(&["settled"], serde_json::json!([hidden])), "an unknown value"),
        (vec!["open"], hidden.clone(), "isn't a saved case"),
        (vec!["open"], format!("{{{quoted}: 1}}"), "case_version"),
        (vec!["check", "--targets"], format!("[[target]]\nurl = {quoted} {hidden}"), "line 2"),
        (vec!["check", "--targets"], format!("[[target]]\nheaders = {quoted}"), "line 2"),
        (vec!["check", "--targets"], format!("[[target]]\nurl = \"{NOBODY}\"\n{SECRET} = 1"), "line 3"),
        (vec!["check", "--targets"], format!("[[target]]\nurl = {quoted}"), "target 1"),
        (vec!["check", "--targets"], format!("[[target]]\nurl = \"{NOBODY}\"\nheaders = [{quoted}]"), "no colon"),
        (
            vec!["check", "--targets"],
            format!("[[target]]\nurl = \"{NOBODY}\"\ntenant = {quoted}"),
            "tenant of target 1",
        ),
        (of("--auth-settings"), hidden.clone(), "neither JSON"),
        (of("--auth-settings"), format!("{{{quoted}: 1}}"), "its properties"),
        (of("--auth-settings"), format!("{{\"a\": {hidden}"), "is invalid"),
        (of("--auth-settings"), quoted.clone(), "a string"),
        (of("--auth-settings"), format!("<{hidden}>"), "web page"),
        (
            of("--auth-settings"),
            format!("{{\"error\": {{\"code\": {quoted}, \"message\": {quoted}}}}}"),
            "error response",
        ),
        (of("--auth-settings"), format!("{{\"properties\": \"@{{{SECRET}}}\"}}"), "PowerShell"),
        (of("--target-environ"), hidden.clone(), "NAME=value"),
        (of("--target-environ"), format!("WEBSITE_AUTH_V2_CONFIG_JSON={{{hidden}"), "isn't JSON"),
        (
            [&target[..], &["--target-resource-id", APP2, "--target-environ"]].concat(),
            format!("WEBSITE_SITE_NAME=app1\nKEY {hidden}\0A=1\0B=2\0"),
            "WEBSITE_AUTH_",
        ),
        (of("--environ"), hidden.clone(), "NAME=value"),
        // What somebody configured for an app has no variable of its platform: it would seem to have no identity.
        (of("--environ"), format!("[{{\"name\": \"A\", \"value\": {quoted}}}]"), "lists app settings"),
        (of("--environ"), format!("Name  : A\r\nValue : {SECRET}\r\n"), "lists app settings"),
        (of("--target-environ"), format!("[{{\"name\": \"A\", \"secretRef\": {quoted}}}]"), "NAME=value"),
        (of("--target-environ"), format!("\r\nName  Value\r\n----  -----\r\nA=1   {SECRET}\r\n"), "cmd /c set"),
        (of("--token-file"), hidden.clone(), "no readable token"),
        (
            of("--ca-bundle"),
            format!("-----BEGIN CERTIFICATE-----\n{hidden}\n-----END CERTIFICATE-----\n"),
            "--ca-bundle",
        ),
    ] {
        let path = file(&folder, &content);
        for color in ["auto", "always"] {
            let mut arguments = arguments.clone();
            arguments.push(&path);
            if arguments.first() != Some(&"open") || color == "auto" {
                arguments.extend(["--color", color]);
            }
            let output = doctor(&arguments).output().unwrap();
            let text = printed(&output);
            assert_eq!(output.status.code(), Some(2), "{arguments:?} {content}: {text}");
            assert!(text.contains(word), "{arguments:?} {content}: {text}");
            assert!(!text.contains(SECRET), "{arguments:?} {content}: {text}");
        }
    }
}

/// Every text of a JSON value that may be any text, made hostile.
fn hostile(value: &Value, whole: &dyn Fn(&[String], &Value) -> bool, path: &mut Vec<String>) -> Value {
    match value {
        Value::String(text) => {
            let changed = Value::from(format!("{text}{HOSTILE}"));
            if whole(path, &changed) { changed } else { value.clone() }
        }
        Value::Array(items) => {
            let mut changed = Vec::new();
            for (at, item) in items.iter().enumerate() {
                path.push(at.to_string());
                changed.push(hostile(item, whole, path));
                path.pop();
            }
            Value::Array(changed)
        }
        Value::Object(members) => {
            let mut changed = serde_json::Map::new();
            for (name, item) in members {
                path.push(name.clone());
                changed.insert(name.clone(), hostile(item, whole, path));
                path.pop();
            }
            Value::Object(changed)
        }
        other => other.clone(),
    }
}

/// A case from somebody else holds whatever they wrote: shown in every form, it must not get through.
#[test]
fn a_case_made_by_hand_is_shown_without_control_characters() {
    let folder = tempfile::tempdir().unwrap();
    for scenario in ["caller-not-in-allowed-applications", "token-expired", "identity-not-enabled"] {
        let case = serde_json::to_value(observing::of(scenario, true).report.case()).unwrap();
        // What must be a known word stays as it is.
        let is_still_a_case = |path: &[String], changed: &Value| {
            let mut case = case.clone();
            let pointer: String =
                path.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect();
            *case.pointer_mut(&pointer).unwrap() = changed.clone();
            // What can't be a method is refused.
            path.last().is_none_or(|name| name != "method") && serde_json::from_value::<Case>(case).is_ok()
        };
        let changed = hostile(&case, &is_still_a_case, &mut Vec::new());
        assert!(changed.to_string().matches("]52;c").count() > 50, "most texts are free");
        let path = file(&folder, &changed.to_string());
        for format in ["text", "json", "markdown", "html", "junit"] {
            for color in ["never", "always"] {
                let output = run(&["open", &path, "--format", format, "-v", "--color", color]);
                let text = printed(&output);
                assert!(text.len() > 1000, "{format}: {text}");
            }
        }
        let report = folder.path().join("report");
        // What goes to a file passes no console.
        for format in ["text", "json", "markdown", "html", "junit"] {
            let written = run(&["open", &path, "--format", format, "-v", "-o", report.to_str().unwrap()]);
            printed(&written);
            let page = std::fs::read_to_string(&report).unwrap();
            let raw = page.chars().find(|character| *character != '\n' && is_deceptive(*character));
            assert_eq!(raw, None, "{format}: {page}");
        }
    }
}

/// The writer of lines cleans whatever it is given: not every sentence knows where its values came from.
#[test]
fn every_block_of_lines_is_cleaned() {
    let hostile = || HOSTILE.to_owned();
    let table = Table { title: hostile(), columns: vec![hostile(), hostile()], rows: vec![vec![hostile(), hostile()]] };
    let blocks = [
        Block::Title(hostile()),
        Block::Heading(hostile()),
        Block::Subheading(hostile()),
        Block::Paragraph(hostile()),
        Block::Prose(hostile()),
        Block::Facts(vec![(hostile(), hostile())]),
        Block::Table(table),
        Block::Bullets(vec![hostile()]),
        Block::Verbatim(hostile()),
        Block::Verbatim(format!("# {HOSTILE}")),
        Block::Caution(hostile()),
    ];
    for width in [20, 110] {
        let lines = text::blocks(&blocks, &Style { width, ..Style::default() });
        let raw = lines.chars().find(|character| *character != '\n' && is_deceptive(*character));
        assert_eq!(raw, None, "{lines:?}");
        assert!(lines.contains("\\x1b"), "{lines:?}");
    }
}
