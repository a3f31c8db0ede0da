//! Outputs: what could not be written has an exit code of its own, no two documents share a place, and no file is ever
//! seen half done or left behind.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use easyauth_doctor::knowledge::{Value, phrase};

use crate::helpers::network::NOBODY;
use crate::helpers::observing;
use crate::helpers::program::{doctor, doctor_after, run, text};
use crate::helpers::server::{Server, token_for};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A saved case, and the folder that holds it alone.
fn saved() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let case = serde_json::to_string(observing::of("audience-not-allowed", true).report.case()).unwrap();
    let path = folder.path().join("case.json");
    fs::write(&path, case).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn a_full_standard_output_is_code_4_for_every_command() {
    let (folder, case) = saved();
    let token = folder.path().join("token");
    fs::write(&token, token_for("api://x")).unwrap();
    let token = token.to_str().unwrap();
    for arguments in [
        &["open", &case][..],
        &["open", &case, "--format", "json"],
        &["open", &case, "--format", "html"],
        &["open", &case, "-o", "/dev/null", "--save", "-"],
        &["check", "-t", NOBODY, "-r", "api://x", "--timeout", "1"],
        &["lab", "healthy", "--format", "junit"],
        &["lab", "list"],
        &["lab", "verify", "healthy"],
        &["explain", "aud"],
        &["explain", "--list"],
        &["token", token],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["--version"],
    ] {
        let output = doctor(&[])
            .args(arguments)
            .stdout(File::options().write(true).open("/dev/full").unwrap().into())
            .output()
            .unwrap();
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{arguments:?}: {error}");
        assert!(error.contains(&phrase("line.output-unwritable").with("error", "").text()), "{arguments:?}: {error}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_code_4_and_the_rest_is_written() {
    let (folder, case) = saved();
    let other = folder.path().join("other");
    let other = other.to_str().unwrap();
    for (options, on_console) in [
        (&["-o", "/dev/full", "--save", other][..], false),
        (&["--save", "/dev/full"], true),
        (&["--edited-settings", "/dev/full"], true),
        (&["--save", "/dev/full", "--format", "markdown", "-o", other], false),
        (&["--save", other, "--format", "markdown", "-o", "/dev/full"], false),
    ] {
        let output = run(&[&["open", &case], options].concat());
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{options:?}: {error}");
        assert!(error.contains("'/dev/full' can't be written"), "{options:?}: {error}");
        if on_console {
            assert!(text(&output.stdout).contains("audience-not-allowed"), "{options:?}");
        } else {
            assert!(fs::metadata(other).unwrap().len() > 1000, "{options:?}");
            fs::remove_file(other).unwrap();
        }
        assert_eq!(names(folder.path()), ["case.json"], "{options:?}");
    }
}

/// The program below a limit of a shell.
fn limited(limit: &str, arguments: &[&str]) -> Output {
    Command::new("sh")
        .args(["-c", &format!("{limit} && exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_easyauth-doctor")])
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn a_file_that_may_not_grow_leaves_what_was_there() {
    let (folder, case) = saved();
    let place = folder.path().join("report.json");
    fs::write(&place, "old").unwrap();
    let place = place.to_str().unwrap();
    let arguments = ["open", &case, "--format", "json", "-o", place];
    let output = limited("ulimit -f 1", &arguments);
    assert_eq!(output.status.code(), Some(4), "{:?} {}", output.status, text(&output.stderr));
    assert_eq!(fs::read_to_string(place).unwrap(), "old");
    assert_eq!(names(folder.path()), ["case.json", "report.json"]);
    let output = limited("ulimit -f 1", &["open", &case, "--format", "json", "--save", "-", "-o", "/dev/null"]);
    assert!(output.status.code().is_some(), "a pipe has no size: {:?}", output.status);
    let redirected = format!("exec > '{}' && ulimit -f 1", folder.path().join("lines").display());
    let output = limited(&redirected, &["open", &case, "--format", "json"]);
    assert_eq!(output.status.code(), Some(4), "{:?} {}", output.status, text(&output.stderr));
    fs::remove_file(folder.path().join("lines")).unwrap();
    // A small disk, where this machine lets us have one.
    let small = folder.path().join("small");
    fs::create_dir(&small).unwrap();
    let place = small.join("report.json");
    let mount = format!(
        "mount -t tmpfs -o size=8k none '{0}' && ls -A '{0}' >/dev/null && trap 'ls -A \"{0}\" >&2' EXIT",
        small.display()
    );
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c"])
        .arg(format!("{mount}; \"$0\" \"$@\"; code=$?; exit $code"))
        .arg(env!("CARGO_BIN_EXE_easyauth-doctor"))
        .args(["open", &case, "--format", "json", "-o", place.to_str().unwrap()])
        .output();
    if let Ok(output) = output
        && !text(&output.stderr).contains("unshare:")
        && !text(&output.stderr).contains("mount:")
    {
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{error}");
        assert!(!error.contains(".part") && error.lines().count() == 1, "nothing is left: {error}");
    }
}

/// Standard output that is open for reading alone takes nothing.
#[test]
fn standard_output_that_takes_nothing_is_told() {
    for arguments in [
        &["lab", "healthy"][..],
        &["lab", "healthy", "--format", "json"],
        &["explain", "--list"],
        &["completions", "bash"],
    ] {
        let output = doctor_after("exec 1</dev/null", arguments).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{arguments:?}: {said}");
        assert!(said.contains(&phrase("line.output-unwritable").with("error", "").text()), "{arguments:?}: {said}");
    }
}

#[test]
fn two_documents_never_share_a_place_and_nothing_is_sent() {
    let (folder, case) = saved();
    let server = Server::answers(|_| String::new());
    let settings = folder.path().join("settings.json");
    fs::write(&settings, "{\"platform\": {\"enabled\": true}}").unwrap();
    std::os::unix::fs::symlink(&settings, folder.path().join("link.json")).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (settings, link, new) = (path("settings.json"), path("link.json"), path("new.json"));
    let roundabout = path("./new.json");
    let before: Vec<String> = names(folder.path());
    let check = ["check", "-t", &server.url, "-r", "api://x", "--auth-settings", &settings];
    let said = |key, first: (&'static str, Value), second: (&'static str, Value)| {
        phrase(key).with(first.0, first.1).with(second.0, second.1).text()
    };
    let console =
        |first: Value, second: &str| said("files.two-on-console", ("first", first), ("second", second.into()));
    let report = || Value::from(phrase("files.report"));
    let twice =
        |other: &str, option: &str| said("files.written-twice", ("other", other.into()), ("option", option.into()));
    let read = |option: &str| {
        let other = ("other", "--auth-settings".into());
        said("files.read-and-written", ("option", option.into()), other)
    };
    for (options, message) in [
        (&["--save", "-"][..], console(report(), "--save")),
        (&["--save", "-", "--format", "json"], console(report(), "--save")),
        (&["-o", "-", "--save", "-"], console("--output".into(), "--save")),
        (&["--edited-settings", "-", "--format", "html"], console(report(), "--edited-settings")),
        (&["--save", "-", "--edited-settings", "-", "-o", &new], console("--save".into(), "--edited-settings")),
        (&["-o", &new, "--save", &new], twice("--output", "--save")),
        (&["-o", &new, "--save", &roundabout], twice("--output", "--save")),
        (&["--save", &new, "--edited-settings", &roundabout], twice("--save", "--edited-settings")),
        (&["-o", &settings], read("--output")),
        (&["--save", &link], read("--save")),
        (&["--edited-settings", &settings], read("--edited-settings")),
        (&["-o", "/nowhere/x"], "/nowhere/x".to_owned()),
        (&["--save", "/dev/null/x"], "/dev/null/x".to_owned()),
    ] {
        let output = doctor(&[])
            .args(check)
            .args(options)
            .envs([("IDENTITY_ENDPOINT", server.url.as_str()), ("IDENTITY_HEADER", "h")])
            .output()
            .unwrap();
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options:?}: {error}");
        assert!(error.contains(&message) && output.stdout.is_empty(), "{options:?}: {error}");
        assert_eq!(names(folder.path()), before, "{options:?}");
    }
    assert_eq!(server.received().len(), 0, "{:?}", server.received());
    for options in [&["-o", &case][..], &["--save", &case]] {
        let output = run(&[&["open", &case], options].concat());
        assert_eq!(output.status.code(), Some(2), "{options:?}: {}", text(&output.stderr));
    }
    // Standard output may be the same file by redirection, and the lines stay out of a document's way.
    let output = doctor(&["open", &case, "--format", "json", "--save", &new])
        .stdout(File::create(&new).unwrap().into())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    let output = run(&["open", &case, "-o", "/dev/null", "--save", "-"]);
    assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok(), "{}", text(&output.stdout));
}

#[test]
fn new_files_are_their_owners_and_others_keep_their_mode() {
    let (folder, case) = saved();
    let path = |name: &str| folder.path().join(name);
    let mode = |name: &str| fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
    fs::write(path("old.html"), "old").unwrap();
    fs::set_permissions(path("old.html"), fs::Permissions::from_mode(0o644)).unwrap();
    let output = run(&[
        "open",
        &case,
        "--format",
        "html",
        "-o",
        path("old.html").to_str().unwrap(),
        "--save",
        path("new.json").to_str().unwrap(),
        "--edited-settings",
        path("edited.json").to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!((mode("old.html"), mode("new.json"), mode("edited.json")), (0o644, 0o600, 0o600));
    assert!(fs::read_to_string(path("old.html")).unwrap().ends_with("</html>\n"));
}

#[test]
fn a_signal_at_any_moment_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (case, report) = (folder.path().join("case.json"), folder.path().join("report.html"));
    let server = Server::play(|_, _| thread::sleep(Duration::from_secs(300)));
    let runs: Vec<_> = (0..24_u64)
        .map(|number| {
            let (case, report, url) = (case.clone(), report.clone(), server.url.clone());
            thread::spawn(move || {
                // Early ones meet no handler yet: a background job ignores all of them but this.
                let (signal, code) = match number {
                    22 => ("-INT", 130),
                    23 => ("-HUP", 129),
                    _ => ("-TERM", 143),
                };
                let mut child = doctor(&["check", "-t", &url, "-r", "api://x", "--timeout", "120", "--format", "html"])
                    .args(["-o", report.to_str().unwrap(), "--save", case.to_str().unwrap()])
                    .spawn()
                    .unwrap();
                thread::sleep(Duration::from_millis(if number > 20 { 4000 } else { number * 4 }));
                let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
                assert!(killed.success());
                let status = child.wait().unwrap();
                let early = status.signal().map(|signal| 128 + signal);
                assert_eq!(status.code().or(early), Some(code), "{signal}: {status:?}");
            })
        })
        .collect();
    for run in runs {
        run.join().unwrap();
    }
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
}

/// A ticket's text outside of code: spans and fences cut out as Markdown reads them.
fn outside_of_code(page: &str) -> String {
    let mut outside = String::new();
    let mut fence: Option<&str> = None;
    for line in page.lines() {
        let mark = line.trim_start().split(|character| character != '`').next().unwrap_or_default();
        match fence {
            Some(open) if mark == open => fence = None,
            Some(_) => {}
            None if mark.len() >= 3 => fence = Some(mark),
            None => {
                let span = regex_lite::Regex::new("(^|[^`\\\\])``?[^`]+``?").unwrap();
                outside.push_str(&span.replace_all(line, "$1"));
                outside.push('\n');
            }
        }
    }
    assert_eq!(fence, None, "a fence stays open");
    outside
}

#[test]
fn a_ticket_mentions_nobody_and_links_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let live =
        " @octocat #123 org/repo#4 AB#12 !9 https://evil.example/x www.evil.example a@b.example | x\n- y\n```\n# z";
    let mut case = serde_json::to_value(observing::of("audience-not-allowed", true).report.case()).unwrap();
    for place in [
        "/token/decoded/claims/0/1",
        "/settings/0/outcome/Ok/entra/issuer",
        "/settings/0/outcome/Ok/entra/client_id",
        "/exchanges/0/url",
        "/inputs/target",
        "/resource/value",
    ] {
        let text = case.pointer_mut(place).unwrap_or_else(|| panic!("{place}"));
        *text = format!("{}{live}", text.as_str().unwrap_or_default()).into();
    }
    let path = folder.path().join("case.json");
    fs::write(&path, case.to_string()).unwrap();
    let output = run(&["open", path.to_str().unwrap(), "--format", "markdown"]);
    let page = text(&output.stdout);
    let outside = outside_of_code(&page);
    assert!(page.matches("octocat").count() > 3, "{page}");
    for gone in ["@octocat", "#123", "#4", "AB#12", "!9", "://", "www.", "a@b"] {
        assert!(!outside.contains(gone), "{gone} in {outside}");
    }
    // Each row of a table has the cells of its heading.
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut columns = 0;
    for line in page.lines() {
        match line.starts_with('|') {
            true if columns > 0 => assert_eq!(cells(line), columns, "{line}"),
            true => columns = cells(line),
            false => columns = 0,
        }
    }
}

/// Somebody who does not read must not keep the program from ending.
#[test]
fn a_reader_who_does_not_read_holds_nothing() {
    let (folder, case) = saved();
    let end = |mut child: Child, times: usize, what: &str| {
        thread::sleep(Duration::from_millis(1_500));
        for _ in 0..times {
            let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
            assert!(sent.success(), "{what}");
            thread::sleep(Duration::from_millis(200));
        }
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > Duration::from_secs(10) {
                child.kill().unwrap();
                panic!("{what}: it does not end");
            }
            thread::sleep(Duration::from_millis(20));
        };
        let code = status.code().or(status.signal().map(|signal| 128 + signal));
        assert_eq!(code, Some(143), "{what}");
    };
    // A pipe that nobody opens for reading.
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.to_str().unwrap();
    let child = doctor(&["open", &case, "--format", "html", "-o", pipe]).spawn().unwrap();
    end(child, 1, "a report for a pipe");
    let child = doctor(&["check", "-t", NOBODY, "-r", "api://x", "--save", pipe]).spawn().unwrap();
    end(child, 1, "a case for a pipe");
    // Standard output whose pipe is full: with a file to write the first signal is waited out, the second is not.
    let many = format!("[{}]", vec![fs::read_to_string(&case).unwrap(); 60].join(","));
    fs::write(&case, many).unwrap();
    let child = doctor(&["open", &case, "-v"]).spawn().unwrap();
    end(child, 1, "lines alone");
    let report = folder.path().join("other.json");
    let child = doctor(&["open", &case, "-v", "--save", report.to_str().unwrap()]).spawn().unwrap();
    end(child, 2, "lines beside a file");
    assert_eq!(names(folder.path()), ["case.json", "pipe"]);
}
