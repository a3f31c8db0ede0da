//! The program as a process of its own. Its environment is empty: nothing of the machine that runs the tests decides
//! anything, and whom a test does not name is asked where nobody listens.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use super::network::{self, ENDPOINTS, NOBODY};
use super::words::words;

/// A run of the program to be.
pub struct Program(Command);

/// The program with these arguments, without standard input, and with pipes for what it prints.
pub fn doctor(arguments: &[&str]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_easyauth-doctor"));
    command
        .args(arguments)
        .env_clear()
        .envs(ENDPOINTS.map(|name| (name, NOBODY)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Program(command)
}

/// The program with these arguments, started by a shell after these words of it.
pub fn doctor_after(words: &str, arguments: &[&str]) -> Program {
    let doctor = doctor(arguments);
    network::guard(doctor.refused());
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{words}; exec \"$0\" \"$@\"")])
        .arg(doctor.0.get_program())
        .args(doctor.0.get_args())
        .env_clear()
        .envs(doctor.0.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Program(command)
}

impl Program {
    pub fn args<S: AsRef<OsStr>>(&mut self, arguments: impl IntoIterator<Item = S>) -> &mut Self {
        self.0.args(arguments);
        self
    }

    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.0.env(name, value);
        self
    }

    pub fn envs<N: AsRef<OsStr>, V: AsRef<OsStr>>(&mut self, all: impl IntoIterator<Item = (N, V)>) -> &mut Self {
        self.0.envs(all);
        self
    }

    pub fn env_clear(&mut self) -> &mut Self {
        self.0.env_clear();
        self
    }

    pub fn stdin(&mut self, stdin: Stdio) -> &mut Self {
        self.0.stdin(stdin);
        self
    }

    pub fn stdout(&mut self, stdout: Stdio) -> &mut Self {
        self.0.stdout(stdout);
        self
    }

    pub fn in_folder(&mut self, folder: &std::path::Path) -> &mut Self {
        self.0.current_dir(folder);
        self
    }

    /// Whom it would ask beyond loopback.
    pub fn refused(&self) -> Option<String> {
        network::refused(&self.0)
    }

    pub fn spawn(&mut self) -> io::Result<Child> {
        network::guard(self.refused());
        self.0.spawn()
    }

    pub fn output(&mut self) -> io::Result<Output> {
        network::guard(self.refused());
        self.0.output()
    }
}

/// What comes of the program with these arguments.
pub fn run(arguments: &[&str]) -> Output {
    doctor(arguments).output().unwrap()
}

/// What was printed, as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A served lab whose `READY` was seen, with its variables. It ends when its standard input is dropped.
pub fn served(arguments: &[&str]) -> (Child, Vec<(String, String)>) {
    let mut child = doctor(&["lab", "serve"]).args(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut variables = Vec::new();
    for line in BufReader::new(child.stdout.as_mut().unwrap()).lines() {
        let line = line.unwrap();
        if line == "# READY" {
            return (child, variables);
        }
        // As a shell reads them.
        let [assignment] = <[String; 1]>::try_from(words(&line).unwrap()).unwrap();
        let (name, value) = assignment.split_once('=').unwrap();
        variables.push((name.to_owned(), value.to_owned()));
    }
    panic!("the lab ended before it was ready: {:?}", child.wait());
}

/// A variable of a served lab.
pub fn variable_of(variables: &[(String, String)], name: &str) -> Option<String> {
    let found = variables.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone())
}
