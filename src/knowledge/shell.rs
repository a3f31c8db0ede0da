//! Which lines of a fix are commands, for which shell, and how a value becomes a word of one.
//!
//! Commands of the Azure CLI are pasted into Bash, Windows PowerShell, PowerShell 7, and cmd alike, so they keep to
//! what all four read in the same way. On Windows, `az` is a batch file: PowerShell takes the quotes off a value
//! without white space, and cmd reads the line once more.

use serde::Serialize;

use crate::case::resource_id::Parts;

/// A shell that commands are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// A POSIX shell, such as Cloud Shell's Bash.
    Bash,
    /// PowerShell.
    Powershell,
}

/// A whole command. It may have several lines, as in the fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    /// The shell that it is written for.
    pub shell: Shell,
    /// The command.
    pub command: String,
}

/// The commands in the text of a fix that is made with this tool, in order. Comments and prose are none, nor is
/// anything that is not for a shell: in source code a line may begin like a command (`export default …`).
#[must_use]
pub fn commands_in(via: &str, text: &str) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    if matches!(via, "portal" | "bicep" | "terraform" | "code") {
        return commands;
    }
    let mut goes_on = false;
    for line in text.lines().map(str::trim_end) {
        match (commands.last_mut(), Shell::of(line)) {
            (Some(before), _) if goes_on => {
                before.command.push('\n');
                before.command.push_str(line);
            }
            (_, Some(shell)) => commands.push(Command { shell, command: line.to_owned() }),
            (_, None) => continue,
        }
        goes_on = commands.last().is_some_and(|command| line.ends_with(command.shell.continuation()));
    }
    // This program's command is written alike for every shell.
    if via == "powershell" {
        commands.iter_mut().for_each(|command| command.shell = Shell::Powershell);
    }
    commands
}

/// What commands begin with. A line that begins otherwise is prose, a comment, or source code.
const COMMANDS: [(&str, Shell); 20] = [
    ("az ", Shell::Bash),
    ("curl ", Shell::Bash),
    ("jq ", Shell::Bash),
    ("kubectl ", Shell::Bash),
    ("export ", Shell::Bash),
    ("unset ", Shell::Bash),
    ("nslookup ", Shell::Bash),
    ("openssl ", Shell::Bash),
    (PROGRAM, Shell::Bash),
    ("Invoke-RestMethod ", Shell::Powershell),
    ("Invoke-AzRestMethod ", Shell::Powershell),
    ("Set-AzWebApp ", Shell::Powershell),
    ("Set-Content ", Shell::Powershell),
    ("Update-AzFunctionApp", Shell::Powershell),
    ("$u = ", Shell::Powershell),
    ("$r = ", Shell::Powershell),
    ("$r.", Shell::Powershell),
    ("if ($r.", Shell::Powershell),
    // Of the console of App Service on Windows, where nslookup and ping do not work.
    ("nameresolver.exe ", Shell::Powershell),
    ("tcpping.exe ", Shell::Powershell),
];

impl Shell {
    /// The shell that a line is a command for.
    #[must_use]
    pub fn of(line: &str) -> Option<Self> {
        COMMANDS.iter().find(|(start, _)| line.starts_with(start)).map(|(_, shell)| *shell)
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

/// How printed commands call this program.
const PROGRAM: &str = "easyauth-doctor";

/// A command as it can be typed here, where this program is called otherwise than by its name. Other lines stay as they
/// are.
#[must_use]
pub fn as_started(line: &str, program: Option<&str>) -> Option<String> {
    let options = line.strip_prefix(PROGRAM).filter(|rest| rest.is_empty() || rest.starts_with(' '))?;
    Some(format!("{}{options}", program?))
}

/// A value as one word: in double quotes, which every shell knows, or else as a POSIX shell quotes it.
#[must_use]
pub fn shell_word(text: &str) -> String {
    if is_plain_in_double_quotes(text) {
        return format!("\"{text}\"");
    }
    // Only a NUL cannot be quoted, and no value has one.
    shlex::try_quote(text).map_or_else(|_| "''".to_owned(), std::borrow::Cow::into_owned)
}

/// An option with its value. One that begins with a hyphen would be read as the next option.
#[must_use]
pub fn shell_option(name: &str, value: &str) -> String {
    let sign = if value.starts_with('-') { '=' } else { ' ' };
    format!("{name}{sign}{}", shell_word(value))
}

/// An app as options of `az webapp` or `az containerapp`.
#[must_use]
pub fn app_options(app: &Parts<'_>) -> String {
    let subscription = ("--subscription", app.subscription);
    let named =
        [("--name", Some(app.name)), ("--resource-group", app.resource_group), ("--slot", app.slot), subscription];
    let options = named.into_iter().filter_map(|(name, value)| Some(shell_option(name, value?)));
    options.collect::<Vec<_>>().join(" ")
}

/// Whether every shell takes a text within double quotes as it stands. PowerShell ends a text also at a curly double
/// quote ("about_Quoting_Rules", Microsoft Learn).
pub(super) fn is_plain_in_double_quotes(text: &str) -> bool {
    !text.contains(['"', '\u{201c}', '\u{201d}', '\u{201e}', '$', '`', '!', '\\'])
}

/// Whether a command of the Azure CLI means the same in every shell. What is in angle brackets is for the reader to
/// fill in.
pub(super) fn is_portable(command: &str) -> bool {
    let mut rest = command;
    let mut filled_in = String::new();
    while let Some((before, after)) = rest.split_once('<') {
        filled_in.push_str(before);
        match after.split_once('>') {
            Some((name, behind)) if name.chars().all(|c| c.is_alphanumeric() || " ',.-".contains(c)) => rest = behind,
            _ => return false,
        }
    }
    filled_in.push_str(rest);
    let special = ['&', '|', '<', '>', '^', '$', '`', '!', '%'];
    let pieces: Vec<&str> = filled_in.split('"').collect();
    pieces.len() % 2 == 1
        && !filled_in.contains(special)
        && !filled_in.contains("{\"")
        && !filled_in.ends_with('\\')
        && !pieces.iter().step_by(2).any(|outside| outside.contains('\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(via: &str, text: &str) -> Vec<(Shell, String)> {
        let commands = commands_in(via, text).into_iter();
        commands.map(|command| (command.shell, command.command)).collect()
    }

    #[test]
    fn commands_are_told_from_comments_and_prose() {
        let bash = |text: &str| (Shell::Bash, text.to_owned());
        assert_eq!(
            commands("az", "# read:\naz rest --x\n# az rest --y\njq '.a' b > c\n"),
            [bash("az rest --x"), bash("jq '.a' b > c")]
        );
        assert_eq!(
            commands("az", "az rest \\\n  --method get \\\n  --url x  \naz login"),
            [bash("az rest \\\n  --method get \\\n  --url x"), bash("az login")]
        );
        assert_eq!(
            commands("other", "A word about az and curl.\nnslookup app2\nIt must resolve."),
            [bash("nslookup app2")]
        );
        let rest = "Invoke-RestMethod `\n  -Uri x";
        assert_eq!(commands("other", rest), [(Shell::Powershell, rest.to_owned())]);
        assert_eq!(
            commands("powershell", "easyauth-doctor check -t x"),
            [(Shell::Powershell, "easyauth-doctor check -t x".to_owned())]
        );
        assert_eq!(commands("code", "export default { fetch }"), []);
        assert_eq!(commands("az", ""), []);
    }

    #[test]
    fn a_value_that_begins_with_a_hyphen_is_no_option() {
        for (value, written) in [
            ("app1", "--name \"app1\""),
            ("--debug", "--name=\"--debug\""),
            ("-o", "--name=\"-o\""),
            ("-$(x)", "--name='-$(x)'"),
        ] {
            assert_eq!(shell_option("--name", value), written);
        }
    }

    #[test]
    fn words_are_in_double_quotes_where_every_shell_takes_them_so() {
        assert_eq!(shell_word("api://it's (one)?a=1&b=2"), "\"api://it's (one)?a=1&b=2\"");
        for text in ["$(id)", "a`b", "a\"b", "a\\", "wow!", "a\u{201d}; calc; \u{201c}b", ""] {
            assert_eq!(shlex::split(&shell_word(text)).unwrap(), [text], "{text}");
        }
        assert!(!shell_word("$(id)").starts_with('"'));
    }

    #[test]
    fn a_portable_command_has_nothing_that_a_shell_reads_in_its_own_way() {
        for command in [
            "az rest --url \"https://x/y?api-version=1\" --body \"@edited.json\"",
            "az ad sp show --id \"<App 1's client ID>\" --query \"[?a=='x'].{n:name, id:id}\"",
        ] {
            assert!(is_portable(command), "{command}");
        }
        for command in [
            "az a --settings 'A=b'",
            "az a --body '{\"x\": 1}'",
            "az a --url \"https://x?a=1&b=2\"",
            "az a --id \"$(id)\"",
            "az a --id \"%PATH%\"",
            "az a > file",
            "az a --id \"x",
            "az a \\",
        ] {
            assert!(!is_portable(command), "{command}");
        }
    }
}
