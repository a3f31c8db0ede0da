//! The program as a process: exit codes, pipes, files and signals.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Command;

use easyauth_doctor::report::words;
use serde_json::Value;

use crate::helpers::program::{doctor, doctor_after, run, served, text, variable_of};

#[test]
fn the_exit_code_says_the_verdict() {
    for (scenario, code, verdict) in
        [("healthy", 0, "pass"), ("caller-not-in-allowed-applications", 1, "fail"), ("easy-auth-not-active", 1, "fail")]
    {
        let output = run(&["lab", scenario, "--format", "json"]);
        assert_eq!(output.status.code(), Some(code), "{scenario}: {}", text(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["verdict"], verdict, "{scenario}");
        if code == 1 {
            assert_eq!(report["root_cause"]["code"], scenario);
        }
        assert!(output.stderr.is_empty(), "{scenario}: {}", text(&output.stderr));
    }
    let open = run(&["lab", "caller-not-in-allowed-applications", "--without-settings", "--format", "json"]);
    assert_eq!(open.status.code(), Some(3), "an empty 403 is no proof of a policy");
}

#[test]
fn lines_name_every_step_and_fit_80_columns() {
    let output = run(&["lab", "audience-not-allowed"]);
    let shown = text(&output.stdout);
    for number in 1..=8 {
        let step = format!(" {number} ");
        assert!(shown.lines().any(|line| line.contains(&step)), "step {number} is missing:\n{shown}");
    }
    assert!(shown.contains("A problem was found: audience-not-allowed"), "{shown}");
    let (report, _fixes) = shown.split_once(&words::FIXES.text()).unwrap();
    for line in report.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(!shown.contains('\u{1b}'), "no color in a pipe");
    let coloured = text(&run(&["lab", "audience-not-allowed", "--color", "always"]).stdout);
    assert!(coloured.contains("\u{1b}[31m"), "color on request");
    let ascii = text(&run(&["lab", "audience-not-allowed", "--ascii", "-v"]).stdout);
    assert!(ascii.is_ascii(), "{ascii}");
    let quiet = text(&run(&["lab", "audience-not-allowed", "-q"]).stdout);
    assert!(quiet.lines().count() < 10 && quiet.contains("audience-not-allowed"), "{quiet}");
}

#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    for arguments in [&["explain", "--list"][..], &["lab", "healthy", "-v", "--delay", "50"], &["man"]] {
        let mut child = doctor(arguments).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "{arguments:?}");
        let mut error = String::new();
        child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(error, "", "{arguments:?}");
        assert!(matches!(status.code(), Some(0 | 1 | 141)), "{arguments:?}: {status:?}");
    }
}

/// Whoever asks for a saved case gets one, also where `head` reads the first lines alone.
#[test]
fn a_case_is_saved_whoever_reads_the_output() {
    let folder = tempfile::tempdir().unwrap();
    let (case, page) = (folder.path().join("case.json"), folder.path().join("report.html"));
    let shown = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let (save, output) = (shown(&case), shown(&page));
    let arguments = ["lab", "audience-not-allowed", "-v", "--delay", "50", "--format", "html"];
    let mut child = doctor(&[&arguments[..], &["--save", &save, "--output", &output]].concat()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(141));
    let saved: serde_json::Value = serde_json::from_slice(&std::fs::read(case).unwrap()).unwrap();
    assert_eq!(saved["case_version"], 1);
    assert!(std::fs::read_to_string(page).unwrap().contains("audience-not-allowed"));
}

#[test]
fn a_served_lab_meets_the_doctor_of_another_process() {
    let (mut lab, variables) = served(&["caller-not-in-allowed-applications"]);
    let value = |name: &str| variable_of(&variables, name);
    for name in [
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
        "AZURE_AUTHORITY_HOST",
        "EASYAUTH_DOCTOR_TARGET",
        "EASYAUTH_DOCTOR_RESOURCE",
        "EASYAUTH_DOCTOR_TARGET_RESOURCE_ID",
        "EASYAUTH_DOCTOR_RESOURCE_MANAGER",
        "EASYAUTH_DOCTOR_GRAPH",
        "LAB_TENANT_ID",
        "LAB_CLIENT_ID",
        "LAB_CLIENT_SECRET",
    ] {
        assert!(value(name).is_some(), "{name}");
    }
    let output = doctor(&["--format", "json"]).envs(variables.clone()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["root_cause"]["code"], "caller-not-in-allowed-applications");
    assert_eq!(report["resource_source"], "environment");

    // Several targets: an array, and the worst exit code.
    let target = value("EASYAUTH_DOCTOR_TARGET").unwrap();
    let mut several = doctor(&["check", "--format", "json", "-t", &target, "-t", &target]);
    several.envs(variables.iter().filter(|(name, _)| name != "EASYAUTH_DOCTOR_TARGET_RESOURCE_ID").cloned());
    let output = several.output().unwrap();
    let reports: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(reports.as_array().map(Vec::len), Some(2), "{}", text(&output.stderr));

    // Its end of input is the lab's end.
    drop(lab.stdin.take());
    assert!(lab.wait().unwrap().success());
}

#[test]
fn a_served_lab_with_tls_is_trusted_by_its_file_only() {
    let (mut lab, variables) = served(&["healthy", "--tls"]);
    let authority = variable_of(&variables, "LAB_CA_FILE").unwrap();
    assert!(variables.iter().any(|(name, value)| name == "EASYAUTH_DOCTOR_TARGET" && value.starts_with("https://")));
    let trusted =
        doctor(&["check", "--format", "json", "--ca-bundle", &authority]).envs(variables.clone()).output().unwrap();
    assert_eq!(trusted.status.code(), Some(0), "{}", text(&trusted.stdout));
    let untrusted = doctor(&["check", "--format", "json"]).envs(variables).output().unwrap();
    let report: Value = serde_json::from_slice(&untrusted.stdout).unwrap();
    assert_ne!(report["verdict"], "pass");
    drop(lab.stdin.take());
    assert!(lab.wait().unwrap().success());
}

#[test]
fn signals_end_it_with_their_own_exit_codes() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        // Every answer takes far longer than the test: only the signal can end it.
        let mut child = doctor(&["lab", "healthy", "-v", "--delay", "60000"]).spawn().unwrap();
        let mut line = String::new();
        // The first line stands once the first step is complete, so the handlers are there.
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
        let (mut lab, _) = served(&["healthy"]);
        // Waiting would close its input, which ends it as well.
        let _input = lab.stdin.take();
        Command::new("kill").args([signal, &lab.id().to_string()]).status().unwrap();
        assert_eq!(lab.wait().unwrap().code(), Some(code), "{signal} to a served lab");
    }
}

/// `nohup` and a script's background jobs start programs with signals ignored.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_was_ignored_from_the_start_stays_ignored() {
    let arguments = ["lab", "healthy", "-v", "--delay", "300"];
    let mut child = doctor_after("trap '' HUP INT", &arguments).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    for signal in ["-HUP", "-INT", "-HUP", "-INT"] {
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }
    std::io::copy(&mut output, &mut std::io::sink()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn reports_go_to_files_and_cases_come_back_from_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (report, case) = (path("report.html"), path("case.json"));
    let output =
        run(&["lab", "caller-not-in-allowed-applications", "--format", "html", "-o", &report, "--save", &case]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("caller-not-in-allowed-applications"), "lines still go to standard output");
    let page = std::fs::read_to_string(&report).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(!page.contains("<script"), "no script");

    let before = std::fs::read_to_string(&case).unwrap();
    let opened = run(&["open", &case, "--format", "json"]);
    assert_eq!(opened.status.code(), Some(1), "{}", text(&opened.stderr));
    let opened: Value = serde_json::from_slice(&opened.stdout).unwrap();
    assert_eq!(opened["root_cause"]["code"], "caller-not-in-allowed-applications");
    assert_eq!(opened["exchanges"].as_array().map(|all| all.is_empty()), Some(false));
    assert_eq!(before, std::fs::read_to_string(&case).unwrap(), "opening changes nothing");

    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["case.json", "report.html"], "nothing half done is left");
}

#[test]
fn a_case_reads_the_same_in_every_time_zone_and_language() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case.json").to_str().unwrap().to_owned();
    run(&["lab", "token-expired", "--save", &case]);
    for format in ["text", "json", "markdown", "html", "junit"] {
        let written = |zone: &str, language: &str| {
            let output =
                doctor(&["open", &case, "--format", format]).env("TZ", zone).env("LC_ALL", language).output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
            output.stdout
        };
        let usual = written("UTC", "C.UTF-8");
        assert!(text(&usual).contains("token-expired"));
        for (zone, language) in
            [("Pacific/Kiritimati", "C.UTF-8"), ("America/St_Johns", "de_DE.UTF-8"), ("XYZ-13:30", "tr_TR.UTF-8")]
        {
            assert_eq!(usual, written(zone, language), "{format} in {zone}");
        }
    }
}

#[test]
fn many_targets_come_from_a_file() {
    let (mut lab, variables) = served(&["healthy"]);
    let target = variable_of(&variables, "EASYAUTH_DOCTOR_TARGET").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("targets.toml");
    let other = "api://00000000-0000-4000-8000-000000000000";
    std::fs::write(
        &file,
        format!("[[target]]\nurl = \"{target}\"\n\n[[target]]\nurl = \"{target}\"\nresource = \"{other}\"\n"),
    )
    .unwrap();
    let output =
        doctor(&["check", "--format", "json", "--targets", file.to_str().unwrap()]).envs(variables).output().unwrap();
    let reports: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    assert_eq!(reports[0]["verdict"], "pass");
    assert_ne!(reports[1]["verdict"], "pass");
    assert_eq!(
        (reports[1]["resource"].as_str(), reports[1]["resource_source"].as_str()),
        (Some(other), Some("option"))
    );
    assert_ne!(output.status.code(), Some(0), "the worst counts");
    drop(lab.stdin.take());
    lab.wait().unwrap();
}
