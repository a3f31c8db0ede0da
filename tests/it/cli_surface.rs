//! The surface of the program as snapshots: a change of the interface is seen in review.

use easyauth_doctor::knowledge::phrase;
use easyauth_doctor::report::wrap;

use crate::helpers::program::{doctor, text};

fn printed(arguments: &[&str]) -> String {
    let output = doctor(arguments).env_clear().output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    text(&output.stdout)
}

#[test]
fn help() {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help_short", &["-h"]),
        ("help_check", &["check", "--help"]),
        ("help_open", &["open", "--help"]),
        ("help_token", &["token", "--help"]),
        ("help_explain", &["explain", "--help"]),
        ("help_lab", &["lab", "--help"]),
        ("help_lab_list", &["lab", "list", "--help"]),
        ("help_lab_serve", &["lab", "serve", "--help"]),
        ("help_lab_verify", &["lab", "verify", "--help"]),
        ("help_completions", &["completions", "--help"]),
        ("help_man", &["man", "--help"]),
    ] {
        insta::assert_snapshot!(name, printed(arguments));
    }
}

#[test]
fn the_manual_page() {
    let page = printed(&["man"]).replace(env!("CARGO_PKG_VERSION"), "[version]");
    insta::assert_snapshot!("man", page);
}

#[test]
fn completions_exist_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(&["completions", shell]);
        assert!(script.contains("easyauth-doctor") && script.contains("auth-settings"), "{shell}");
    }
}

#[test]
fn a_report_of_the_lab_says_so_once_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case.json");
    let case = case.to_str().unwrap();
    printed(&["lab", "healthy", "--save", case]);
    let said = phrase("report.lab").text();
    let words = |page: &str| page.split_whitespace().collect::<Vec<_>>().join(" ");
    for format in ["text", "markdown", "html", "junit"] {
        let page = printed(&["open", case, "--format", format]);
        assert_eq!(words(&page).matches(&said).count(), 1, "{format}: {page}");
    }
    let report: serde_json::Value = serde_json::from_str(&printed(&["open", case, "--format", "json"])).unwrap();
    assert_eq!(report["lab"], true);
    // A file gets the report, and standard output nothing.
    let report = folder.path().join("report.txt");
    assert_eq!(printed(&["open", case, "-o", report.to_str().unwrap()]), "");
    assert!(words(&std::fs::read_to_string(report).unwrap()).contains(&said));
}

#[test]
fn scenarios_are_listed_by_a_command_and_an_option_in_lines_that_a_terminal_holds() {
    let list = printed(&["lab", "list"]);
    assert_eq!(list, printed(&["lab", "--list"]));
    assert!(list.lines().all(|line| wrap::width(line) <= 80), "{list}");
    let names: Vec<&str> =
        list.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(' ').next()).collect();
    let all = easyauth_doctor::lab::scenario::all().unwrap();
    assert_eq!(names, all.iter().map(|scenario| scenario.name.as_str()).collect::<Vec<_>>());
}
