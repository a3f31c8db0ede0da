//! What people paste into `explain`: the field's texts and their siblings, each with what the answer must point to.
//!
//! A row of `explained/*.tsv` is a text and clauses that all hold: codes (one of them is among the findings), `not`
//! (none of these is), `says` (one of these is in the page), and `unknown` (nothing is explained).

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Output, Stdio};

use easyauth_doctor::case::platform::Platform;
use easyauth_doctor::case::target_kind::TargetKind;
use easyauth_doctor::knowledge::{self, Row};
use serde_json::Value;

use crate::helpers::observing::side_by_side;
use crate::helpers::program::{doctor, doctor_after, text};

fn explained(arguments: &[&str], input: &[u8]) -> Output {
    // What computes without end is ended, however little of the processor other tests leave it.
    let mut doctor = doctor_after("set -e; ulimit -t 20", &["explain"]);
    let mut child = doctor.args(arguments).env_clear().stdin(Stdio::piped()).spawn().unwrap();
    // What the program doesn't read to its end is closed early.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// A cell of the table with its line breaks.
fn unescaped(cell: &str) -> String {
    let mut text = String::new();
    let mut characters = cell.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(other) => text.push(other),
                None => panic!("{cell} ends in a backslash"),
            },
            (other, false) => text.push(other),
        }
    }
    text
}

fn rows() -> Vec<(String, Vec<String>)> {
    let tables = [
        include_str!("explained/field.tsv"),
        include_str!("explained/siblings.tsv"),
        include_str!("explained/later.tsv"),
        include_str!("explained/network.tsv"),
        include_str!("explained/code.tsv"),
        include_str!("explained/reported.tsv"),
    ];
    let lines = tables.iter().flat_map(|table| table.lines());
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (pasted, wanted) = line.split_once('\t').unwrap();
            (unescaped(pasted), wanted.split("; ").map(str::to_owned).collect())
        })
        .collect()
}

/// What is wrong with the answer to a text.
fn faults(pasted: &str, wanted: &[String]) -> Vec<String> {
    let json = explained(&["--format", "json"], pasted.as_bytes());
    let page = explained(&[], pasted.as_bytes());
    let said = text(&page.stdout) + &text(&page.stderr);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let report: Value = serde_json::from_str(&text(&json.stdout)).unwrap();
    let entries = report["entries"].as_array().unwrap();
    let findings: BTreeSet<&str> = entries
        .iter()
        .flat_map(|entry| entry["findings"].as_array().unwrap())
        .map(|code| code.as_str().unwrap())
        .collect();
    let is_known = !wanted.iter().any(|clause| clause == "unknown");
    let mut wrong = Vec::new();
    for output in [&json, &page] {
        if output.status.code() != Some(if is_known { 0 } else { 2 }) {
            wrong.push(format!("exit code {:?}", output.status.code()));
        }
    }
    for clause in wanted {
        let holds = match clause.split_once(' ').unwrap_or((clause, "")) {
            ("not", codes) => !codes.split(", ").any(|code| findings.contains(code)),
            ("says", words) => words.split(" or ").any(|words| said.contains(&words.to_lowercase())),
            ("unknown", "") => entries.is_empty(),
            _ => clause.split(" or ").any(|code| findings.contains(code)),
        };
        if !holds {
            wrong.push(clause.clone());
        }
    }
    if said.contains("eyj") {
        wrong.push("a token is repeated".to_owned());
    }
    if wrong.is_empty() {
        return wrong;
    }
    vec![format!("{pasted:?}: {wrong:?}, found {findings:?}")]
}

#[test]
fn what_people_paste_is_explained_rightly() {
    let rows = rows();
    assert!(rows.len() > 80, "{}", rows.len());
    let wrong = std::sync::Mutex::new(Vec::new());
    side_by_side(rows, |(pasted, wanted)| wrong.lock().unwrap().extend(faults(&pasted, &wanted)));
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} texts:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn codes_of_the_tables_are_finding_codes() {
    for (pasted, wanted) in rows() {
        for clause in wanted.iter().filter(|clause| !clause.starts_with("says ") && *clause != "unknown") {
            let codes = clause.strip_prefix("not ").unwrap_or(clause);
            for code in codes.split(", ").flat_map(|codes| codes.split(" or ")) {
                assert!(easyauth_doctor::case::code::Code::from_name(code).is_some(), "{pasted}: {code}");
            }
        }
    }
}

#[test]
fn a_text_comes_from_an_argument_a_file_or_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let key = |output: &Output| {
        let page: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        page["entries"][0]["key"].as_str().unwrap().to_owned()
    };
    let pasted = "ERROR: AADSTS7000222: The provided client secret keys are expired.";
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(pasted.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let without_mark: Vec<u8> = pasted.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let broken = [b"\xff\x80 ", pasted.as_bytes()].concat();
    for bytes in [pasted.as_bytes().to_vec(), wide, without_mark, broken] {
        let path = folder.path().join("pasted.txt");
        std::fs::write(&path, &bytes).unwrap();
        for output in [
            explained(&["--format", "json", "--file", path.to_str().unwrap()], b""),
            explained(&["--format", "json", "--file", "-"], &bytes),
            explained(&["--format", "json", "-"], &bytes),
            explained(&["--format", "json"], &bytes),
        ] {
            assert_eq!(key(&output), "AADSTS7000222");
        }
    }
    assert_eq!(key(&explained(&["--format", "json", pasted], b"")), "AADSTS7000222");
    for empty in [explained(&[], b""), explained(&[], b" \n\0")] {
        assert_eq!(empty.status.code(), Some(2), "{}", text(&empty.stderr));
    }
    let two = explained(&["aud", "--file", "x"], b"");
    assert_eq!(two.status.code(), Some(2));
}

#[test]
fn hostile_texts_end_soon_and_print_nothing_that_a_terminal_interprets() {
    let numbers: String = (0..60_000).map(|number| format!("AADSTS{number:06} IDX{number:05} ")).collect();
    let numbers = numbers.get(..1 << 20).unwrap_or(&numbers).to_owned();
    let known = "AADSTS500011 \u{1b}]52;c;eA==\u{7}\u{202e}".repeat(20_000);
    let escapes = "\u{1b}[31m\\u0027\\n&quot;".repeat(50_000);
    let codes = "audience-not-allowed a-b ".repeat(40_000);
    let statuses = "HTTP 403.71 HTTP/1.1 401 ".repeat(40_000);
    let secret = format!("{} client_secret=abc8Q~aBcDeFgHiJkLmNoPqRsTuVwXyZ-12345", "x".repeat(70));
    for (input, code) in [
        (numbers.into_bytes(), 2),
        (known.into_bytes(), 0),
        (escapes.into_bytes(), 2),
        (codes.into_bytes(), 0),
        (statuses.into_bytes(), 0),
        (secret.into_bytes(), 2),
        (vec![0; 1 << 20], 2),
        (vec![0xff; 1 << 20], 2),
        (vec![b'x'; 1 << 20], 2),
        (vec![b'\n'; 1 << 20], 2),
        (vec![b'x'; (1 << 20) + 1], 2),
    ] {
        let begin = String::from_utf8_lossy(&input).chars().take(30).collect::<String>();
        for format in ["text", "json"] {
            let output = explained(&["--format", format], &input);
            let shown = text(&output.stdout) + &text(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{begin}: {shown}");
            let clean = shown.chars().all(|character| character == '\n' || !character.is_control());
            assert!(clean && !shown.contains('\u{202e}') && !shown.contains("8Q~"), "{begin}: {shown}");
            assert!(shown.len() < 64 << 10, "{begin}: {} bytes", shown.len());
        }
    }
}

#[test]
fn every_log_that_an_entry_names_has_an_entry() {
    let list = knowledge::list();
    let keys: BTreeSet<&str> = list.iter().map(|entry| entry.key.as_str()).collect();
    let mut named = 0;
    for entry in &list {
        for (_, rest) in
            entry.body.match_indices("`easyauth-doctor explain ").map(|(at, mark)| entry.body.split_at(at + mark.len()))
        {
            let key = rest.split('`').next().unwrap();
            // A placeholder, and an option.
            if !key.contains('<') && key != "CODE" && !key.starts_with("--") {
                assert!(keys.contains(key), "{}: {key}", entry.key);
                named += 1;
            }
        }
    }
    assert!(named >= 8, "{named}");
}

/// The rules for commands that work in Bash, PowerShell, and cmd.
#[test]
fn the_commands_for_logs_work_in_every_shell() {
    let logs: Vec<_> = knowledge::list().into_iter().filter(|entry| entry.group == knowledge::Group::Log).collect();
    assert_eq!(logs.len(), 4);
    let lines = logs.iter().flat_map(|entry| entry.body.lines());
    let commands: Vec<&str> = lines.filter_map(|line| line.strip_prefix("    az ")).collect();
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        assert_eq!(command.matches('"').count() % 2, 0, "{command}");
        let outside: String = command.split('"').step_by(2).collect();
        assert!(!outside.contains(['\'', '(', ')', '@']), "{command}");
        // Placeholders are to be replaced.
        let filled = regex_lite::Regex::new("<[^>]*>").unwrap().replace_all(command, "x").into_owned();
        assert!(!filled.contains(['&', '|', '<', '>', '^', '$', '`', '!', '%', '{']), "{command}");
        assert!(!command.ends_with('\\'), "{command}");
    }
}

/// The README has these rows, no more and no fewer, below the head with this column. INSTA_UPDATE=always writes them.
fn in_the_readme(column: &str, rows: &[Row]) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let head = format!(" | {column} |\n|---|---|\n");
    let (before, rest) = readme.split_once(&head).unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let rows: String = rows.iter().map(|row| format!("| {} | {} |\n", row.name, row.by)).collect();
    let wanted = format!("{before}{head}{rows}\n{after}");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(path, wanted).unwrap();
    } else {
        assert_eq!(readme, wanted);
    }
}

#[test]
fn hosts_and_targets_are_listed_and_in_the_readme() {
    let page = text(&doctor(&["explain", "--list"]).env_clear().output().unwrap().stdout);
    let covered = knowledge::covered();
    assert!(covered.hosts.len() >= 9 && covered.targets.len() >= 4);
    for row in covered.hosts.iter().chain(&covered.targets) {
        assert!(page.lines().any(|line| line.starts_with(&row.name) && line.ends_with(&row.by)), "{}", row.name);
    }
    in_the_readme("how it gets its token", &covered.hosts);
    in_the_readme("what is covered", &covered.targets);
    // Each platform with an identity endpoint, and each kind of host that fixes are written for.
    let codes = |rows: &[Row]| rows.iter().flat_map(|row| row.code.clone()).collect::<Vec<String>>();
    let (hosts, targets) = (codes(&covered.hosts), codes(&covered.targets));
    assert!(Platform::ALL.iter().all(|platform| hosts.iter().any(|host| host == platform.id())), "{hosts:?}");
    assert!(TargetKind::ALL.iter().all(|kind| targets.iter().any(|target| target == kind.id())), "{targets:?}");
}
