//! The `jq` program, where it is installed.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a filter makes of a JSON text; `None`: there is no `jq` here.
pub fn jq(filter: &str, input: &str) -> Option<String> {
    let mut jq = Command::new("jq").arg(filter).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    jq.stdin.take()?.write_all(input.as_bytes()).unwrap();
    let output = jq.wait_with_output().unwrap();
    assert!(output.status.success(), "jq {filter}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Whether there is a `jq` here.
pub fn is_installed() -> bool {
    let version = Command::new("jq").arg("--version").stdout(Stdio::null()).status();
    version.is_ok()
}
