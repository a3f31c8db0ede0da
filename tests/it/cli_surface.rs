//! The surface of the program as snapshots: a change of the interface is seen in review.

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
