//! Which lines of a fix are commands, and for which shell.

use serde::Serialize;

/// A shell that commands are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// A POSIX shell, such as Cloud Shell's Bash.
    Bash,
    /// PowerShell.
    Powershell,
}

/// What commands begin with. A line that begins otherwise is prose, a comment, or source code.
const COMMANDS: [(&str, Shell); 10] = [
    ("az ", Shell::Bash),
    ("curl ", Shell::Bash),
    ("jq ", Shell::Bash),
    ("kubectl ", Shell::Bash),
    ("export ", Shell::Bash),
    ("unset ", Shell::Bash),
    ("nslookup ", Shell::Bash),
    ("openssl ", Shell::Bash),
    ("easyauth-doctor ", Shell::Bash),
    ("Invoke-RestMethod ", Shell::Powershell),
];

impl Shell {
    /// The shell that a line is a command for.
    #[must_use]
    pub fn of(line: &str) -> Option<Self> {
        COMMANDS
            .iter()
            .find(|(start, _)| line.starts_with(start))
            .map(|(_, shell)| *shell)
    }

    /// What a line ends with when its command goes on in the next one.
    #[must_use]
    pub const fn continuation(self) -> char {
        match self {
            Self::Bash => '\\',
            Self::Powershell => '`',
        }
    }
}
