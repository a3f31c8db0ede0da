//! The commands among the words of a fix, for programs that offer to run or copy them.

use crate::diagnosis::Fix;
use crate::knowledge::{Command, Shell, commands_in};

impl Fix {
    /// The commands in the fix, in order. Comments and prose are none, nor is anything that is not for a shell.
    pub fn commands(&self) -> Vec<Command> {
        // In source code a line may begin like a command: `export default …`.
        if matches!(self.via.as_str(), "portal" | "bicep" | "terraform" | "code") {
            return Vec::new();
        }
        let mut commands = commands_in(&self.text);
        // This program's command is written alike for every shell.
        if self.via == "powershell" {
            commands.iter_mut().for_each(|command| command.shell = Shell::Powershell);
        }
        commands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(via: &str, text: &str) -> Vec<(Shell, String)> {
        let fix = Fix { via: via.to_owned(), text: text.to_owned(), caution: None };
        let commands = fix.commands().into_iter();
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
}
