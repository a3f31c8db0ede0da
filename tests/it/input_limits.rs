//! Files as attackers: each is read up to the limit of its kind, and no file that is read costs more than 512 MiB of
//! memory.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::helpers::network::NOBODY;
use crate::helpers::observing;
use crate::helpers::program::{doctor, doctor_after, text};
use crate::helpers::server::Server;

const MIB: usize = 1 << 20;

/// The program with at most 512 MiB of memory of its own and 30 seconds of processor time: what takes more ends with a
/// signal.
fn in_little_memory(arguments: &[&str]) -> Output {
    doctor_after("set -e; ulimit -d 524288; ulimit -t 30", arguments).output().unwrap()
}

fn written(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A list of zeros of this many bytes.
fn zeros(bytes: usize) -> String {
    format!("[{}0]", "0,".repeat((bytes - 3) / 2))
}

#[test]
fn what_is_larger_than_its_limit_is_refused_with_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let of = |kib: usize| vec![b' '; kib * 1024 + 1];
    for (arguments, content, limit) in [
        (&["open"][..], of(32 * 1024), "32 MiB"),
        (&["token"], of(4 * 1024), "4 MiB"),
        (&["check", "--targets"], of(2 * 1024), "2 MiB"),
        (&["check", "-t", NOBODY, "--auth-settings"], of(8 * 1024), "8 MiB"),
        (&["check", "-t", NOBODY, "--target-environ"], of(2 * 1024), "2 MiB"),
        (&["check", "-t", NOBODY, "--environ"], of(2 * 1024), "2 MiB"),
        (&["check", "-t", NOBODY, "--token-file"], of(4 * 1024), "4 MiB"),
        (&["check", "-t", NOBODY, "--client-secret-file"], of(64), "64 KiB"),
        (&["check", "-t", NOBODY, "--ca-bundle"], of(2 * 1024), "2 MiB"),
        (&["check", "-t", NOBODY, "-X", "PUT", "--yes", "--data"], of(8 * 1024), "8 MiB"),
    ] {
        let path = written(folder.path(), "large", content);
        let arguments = [arguments, &[&path]].concat();
        let output = in_little_memory(&arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(limit) && error.contains("limit"), "{arguments:?}: {error}");
    }
}

#[test]
fn devices_and_endless_pipes_end_in_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let place = pipe.to_str().unwrap();
    for (arguments, endless) in [
        (&["open", "/dev/zero"][..], false),
        (&["token", "/dev/zero"], false),
        (&["check", "-t", NOBODY, "--environ", "/dev/zero"], false),
        (&["check", "-t", NOBODY, "--auth-settings", "/dev/zero"], false),
        (&["check", "-t", NOBODY, "--ca-bundle", "/dev/zero"], false),
        (&["check", "-t", NOBODY, "--target-log", "/dev/zero"], false),
        (&["check", "-t", NOBODY, "--auth-settings", place], true),
        (&["open", place], true),
    ] {
        let writer = endless.then(|| {
            let pipe = pipe.clone();
            std::thread::spawn(move || {
                let mut pipe = File::options().write(true).open(pipe).unwrap();
                // The reader goes away once it has read enough.
                while pipe.write_all(&[b' '; 64 * 1024]).is_ok() {}
            })
        });
        let output = in_little_memory(arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(if endless { "limit" } else { "it is a device" }), "{arguments:?}: {error}");
        if let Some(writer) = writer {
            writer.join().unwrap();
        }
    }
    let output = doctor(&["check", "-t", NOBODY]).env("SSL_CERT_FILE", "/dev/zero").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("SSL_CERT_FILE"), "{}", text(&output.stderr));
}

#[test]
fn what_is_no_case_and_no_settings_costs_little() {
    let folder = tempfile::tempdir().unwrap();
    let nested = serde_json::to_string(&zeros(3 * MIB)).unwrap();
    for (name, content, settings) in [
        ("zeros", zeros(32 * MIB), false),
        ("deep", format!("{{\"a\":{}", "[".repeat(32 * MIB - 5)), false),
        ("member", format!("{{\"case_version\":1,\"inputs\":{}}}", zeros(31 * MIB)), false),
        ("few", format!("{}{}", zeros(900_000), " ".repeat(20 * MIB)), false),
        ("zeros", zeros(8 * MIB), true),
        // Each of these costs fifty times its size.
        ("lists", format!("[{}[0]]", "[0],".repeat(2 * MIB - 2)), true),
        ("few", format!("{}{}", zeros(900_000), " ".repeat(7 * MIB)), true),
        ("deep", "[".repeat(8 * MIB), true),
        ("members", format!("{{{}\"b\":0}}", "\"a\":0,".repeat(160_000)), true),
        ("text", nested, true),
        ("texts", format!("[{}\"\"]", "\"\",".repeat(400_000)), true),
    ] {
        let path = written(folder.path(), name, content);
        let arguments =
            if settings { vec!["check", "-t", NOBODY, "--auth-settings", &path] } else { vec!["open", &path] };
        let output = in_little_memory(&arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name} {settings}: {:?} {error}", output.status);
        assert!(error.len() < 1000, "{name}: {error}");
    }
}

/// Cases that are cases, made to cost as much memory as a file of their size can.
#[test]
fn a_case_made_to_cost_memory_is_read_within_bounds_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let case = serde_json::to_value(observing::of("audience-not-allowed", true).report.case()).unwrap();
    let with = |path: &str, value: Value| {
        let mut case = case.clone();
        *case.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
        case
    };
    let many = |item: Value, count: usize| Value::Array(vec![item; count]);
    let settings = "/settings/0/outcome/Ok";
    for (name, case, read) in [
        ("editable", with(&format!("{settings}/editable"), json!({"properties": many(json!(0), 400_000)})), true),
        ("defects", with("/token/decoded/defects", many(json!("x"), 400_000)), true),
        ("claims", with("/token/decoded/claims", many(json!(["", 0]), 300_000)), false),
        ("claim", with("/token/decoded/claims/0", json!(["a", many(json!(0), 400_000)])), true),
        ("body", with("/exchanges/0/outcome/answer/body", json!(zeros(16 * MIB))), false),
        ("exchanges", with("/exchanges", many(case["exchanges"][0].clone(), 11_000)), false),
    ] {
        let path = written(folder.path(), name, case.to_string());
        let output = in_little_memory(&["open", &path]);
        let code = if read { Some(1) } else { Some(2) };
        assert_eq!(output.status.code(), code, "{name}: {:?} {}", output.status, text(&output.stderr));
    }
}

#[test]
fn a_long_log_is_read_as_a_stream_from_its_beginning_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large_easyauth_docker.log");
    let mut log = File::create(&path).unwrap();
    log.write_all(b"2026-01-01T10:00:00Z IDX10214: Audience validation failed. Audiences: 'api://first'.\n").unwrap();
    // A hole costs no room on the disk: one line of two GiB.
    log.seek(SeekFrom::Start(2 << 30)).unwrap();
    log.write_all(b"\n2026-01-01T10:00:01Z IDX10223: Lifetime validation failed.\n").unwrap();
    drop(log);
    let case = folder.path().join("case.json");
    let output = in_little_memory(&[
        "check",
        "-t",
        NOBODY,
        "-r",
        "api://x",
        "--timeout",
        "1",
        "--target-log",
        path.to_str().unwrap(),
        "--save",
        case.to_str().unwrap(),
        "--format",
        "json",
    ]);
    assert!(matches!(output.status.code(), Some(1 | 3)), "{:?} {}", output.status, text(&output.stderr));
    let case: Value = serde_json::from_str(&std::fs::read_to_string(&case).unwrap()).unwrap();
    let log = &case["target_log"];
    assert_eq!(log["entries"][0]["idx"], "IDX10214");
    assert_eq!(log["entries"][1]["idx"], "IDX10223");
    assert_eq!((log["lines"].as_u64(), log["entries"][1]["line"].as_u64()), (Some(3), Some(3)));
}

/// Exports of many rows, larger than what is held in memory.
#[test]
fn a_long_export_is_read_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let row = |number: usize| {
        json!({"TimeGenerated": "2026-01-01T10:00:01Z", "Message": format!("IDX1021{}: x", number % 10),
            "StatusCode": 401, "SubStatusCode": 83, "Details": "d".repeat(300)})
        .to_string()
    };
    let rows: Vec<String> = (0..21_000).map(row).collect();
    let few = &rows[..2_000];
    for (name, content) in [
        ("list.json", format!("[{}]", rows.join(",\n"))),
        ("value.json", format!("{{\"value\": [{}]}}", rows.join(","))),
        ("lines.json", few.join("\n")),
        (
            "rows.csv",
            format!(
                "TimeGenerated,StatusCode,SubStatusCode,Message\n{}",
                "2026-01-01T10:00:01Z,401,83,IDX10219: x\n".repeat(2_000)
            ),
        ),
    ] {
        let path = written(folder.path(), name, content);
        let log = File::open(&path).unwrap();
        let log = easyauth_doctor::case::target_log::TargetLog::from_reader("log", log).unwrap();
        let large = std::fs::metadata(&path).unwrap().len() > 8 << 20;
        assert_eq!((log.lines, log.entries.len()), (if large { 21_000 } else { 2_000 }, 400), "{name}");
        let last = log.entries.last().unwrap();
        assert_eq!((last.idx.as_deref(), last.sub_status.as_deref()), (Some("IDX10219"), Some("401.83")), "{name}");
    }
}

/// A named pipe is opened only once something writes to it.
#[test]
fn a_pipe_that_nothing_writes_to_ends_in_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.to_str().unwrap();
    let server = Server::answers(|_| String::new());
    let runs = [
        "--token-file",
        "--auth-settings",
        "--target-log",
        "--target-environ",
        "--environ",
        "--data",
        "--ca-bundle",
        "--client-secret-file",
    ]
    .map(|option| {
        let mut check = doctor(&["check", "-t", &server.url, option, pipe]);
        if option == "--data" {
            check.args(["-X", "POST", "--yes"]);
        }
        (option, check.spawn().unwrap())
    });
    for (option, child) in runs {
        let output = child.wait_with_output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{option}: {said}");
        assert!(said.contains(option) && said.contains("no process opened it for writing"), "{option}: {said}");
    }
    assert_eq!(server.received(), Vec::<String>::new());
}
