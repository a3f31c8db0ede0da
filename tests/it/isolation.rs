//! The network that the tests run in (`.cargo/test-network`): it has only loopback, and what is no test keeps its own.

use std::fs;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use crate::helpers::network;
use crate::helpers::program::text;

const RUNNER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.cargo/test-network");

#[test]
fn nothing_but_loopback_can_be_reached() {
    if network::is_open() {
        network::skip("a connection to 192.0.2.1");
        return;
    }
    // An address for documentation: nobody has it (RFC 5737).
    let far = SocketAddr::from(([192, 0, 2, 1], 80));
    let error = TcpStream::connect_timeout(&far, Duration::from_secs(5)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NetworkUnreachable, "{error}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    TcpStream::connect(listener.local_addr().unwrap()).unwrap();
}

/// What comes of a script in this folder that the runner is given: it prints its arguments and its network, and ends
/// with 7.
fn given(folder: &Path, arguments: &[&str], path: &str) -> Output {
    let script = folder.join("it's a program");
    fs::create_dir_all(folder).unwrap();
    fs::write(
        &script,
        "#!/bin/sh\nfor argument; do echo \"[$argument]\"; done\necho \"$EASYAUTH_DOCTOR_TEST_NETWORK\"\nexit 7\n",
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    Command::new(RUNNER).arg(script).args(arguments).env_clear().env("PATH", path).output().unwrap()
}

#[test]
fn tests_and_their_arguments_pass_the_runner_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = given(&folder.path().join("a b/deps"), &["two words", "$HOME", ""], &path);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(7), "{}", text(&output.stderr));
    assert!(shown.starts_with("[two words]\n[$HOME]\n[]\n"), "{shown}");
    assert!(network::is_open() || shown.ends_with("\nisolated\n"), "{shown}");
}

#[test]
fn what_is_no_test_passes_the_runner_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var("PATH").unwrap();
    let program = given(&folder.path().join("deps/debug"), &["check"], &path);
    assert_eq!((program.status.code(), text(&program.stdout)), (Some(7), "[check]\n\n".to_owned()));
    let benchmark = given(&folder.path().join("deps"), &["--bench"], &path);
    assert_eq!((benchmark.status.code(), text(&benchmark.stdout)), (Some(7), "[--bench]\n\n".to_owned()));
}

#[test]
fn where_there_is_no_network_of_their_own_the_tests_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let output = given(&folder.path().join("deps"), &[], "/nowhere");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(7), "open\n".to_owned()));
    let said = text(&output.stderr);
    assert!(said.contains("unshare is not installed") && said.ends_with("fail\n"), "{said}");
}

/// As in `.ci/run &`.
#[test]
fn signals_that_a_background_ignores_reach_the_tests() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("deps/program");
    fs::create_dir(script.parent().unwrap()).unwrap();
    fs::write(&script, "#!/bin/sh\nkill -INT $$\nexit 7\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let can = Command::new("env").args(["--default-signal=INT", "true"]).output();
    let status =
        Command::new("sh").args(["-c", "trap '' INT; exec \"$0\" \"$1\"", RUNNER]).arg(&script).status().unwrap();
    let is_reset = can.is_ok_and(|can| can.status.success());
    assert_eq!((status.signal(), status.code()), if is_reset { (Some(2), None) } else { (None, Some(7)) });
}
