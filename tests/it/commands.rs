//! The printed commands, wherever they are typed: each is put to the rules of what Bash, Windows PowerShell,
//! PowerShell 7, and cmd read in the same way, and to those shells where they are installed.
//!
//! Sources: "Quoting issues with PowerShell" (Azure CLI); `about_Parsing`, `about_Splatting`;
//! "How cmd.exe parses a command".

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use easyauth_doctor::case::step::StepId;
use easyauth_doctor::case::target_kind::TargetKind;
use easyauth_doctor::cli::{self, Arguments};
use easyauth_doctor::knowledge::{self, template};
use easyauth_doctor::report::Fix;

use crate::helpers::observing;
use crate::helpers::words::words;

/// A command of the Azure CLI, and where it is printed.
type Printed = (String, String);

/// The commands of a program in a text: its lines, also those in a comment or behind a colon, and what prose has in
/// backticks.
fn commands(program: &str, from: &str, text: &str, all: &mut BTreeSet<Printed>) {
    for line in text.lines() {
        let line = line.trim_start_matches([' ', '#']).trim_end();
        if line.starts_with(program) {
            all.insert((line.to_owned(), from.to_owned()));
            continue;
        }
        // What a comment or a sentence quotes.
        let quoted = line.split('`').skip(1).step_by(2);
        all.extend(quoted.filter(|piece| piece.starts_with(program)).map(|piece| (piece.to_owned(), from.to_owned())));
        if let Some((_, command)) = line.split_once(&format!(": {program}"))
            && command.contains(" --")
        {
            all.insert((format!("{program}{command}"), from.to_owned()));
        }
    }
}

fn of_fixes(program: &str, from: &str, fixes: &[Fix], all: &mut BTreeSet<Printed>) {
    for fix in fixes {
        commands(program, from, &fix.text, all);
        commands(program, from, fix.caution.as_deref().unwrap_or_default(), all);
    }
}

/// Every command of a program in every scenario's report, on every page of `explain`, and in every step's setup text.
fn printed_of(program: &str) -> BTreeSet<Printed> {
    let mut all = BTreeSet::new();
    for observed in observing::all() {
        let from = format!("{} ({})", observed.scenario.name, observed.settings);
        let diagnosis = observed.report.diagnosis();
        if let Some(cause) = &diagnosis.root_cause {
            of_fixes(program, &from, &cause.fixes, &mut all);
        }
        for fault in &diagnosis.next {
            of_fixes(program, &from, &fault.fixes, &mut all);
        }
        for other in &diagnosis.alternatives {
            commands(program, &from, &other.distinguish, &mut all);
        }
    }
    for entry in knowledge::list() {
        commands(program, &format!("explain {}", entry.key), &entry.body, &mut all);
    }
    for step in StepId::ALL {
        for action in &knowledge::step(step).actions {
            let from = format!("setup of {}", step.id());
            commands(program, &from, &template::unfilled(&action.text, &[], TargetKind::USUAL), &mut all);
            if let Some(caution) = &action.caution {
                commands(program, &from, &template::unfilled(caution, &[], TargetKind::USUAL), &mut all);
            }
        }
    }
    all
}

/// Every command of the Azure CLI.
fn printed() -> BTreeSet<Printed> {
    printed_of("az ")
}

/// The command without the names that the reader fills in.
fn filled_in(command: &str) -> String {
    let mut text = String::new();
    let mut rest = command;
    while let Some((before, after)) = rest.split_once('<') {
        let Some((name, behind)) = after.split_once('>') else {
            break;
        };
        assert!(name.chars().all(|c| c.is_alphanumeric() || " ',-".contains(c)), "<{name}> in {command}");
        text.push_str(before);
        text.push('X');
        rest = behind;
    }
    text + rest
}

/// The rule that a command breaks.
fn broken(command: &str) -> Option<&'static str> {
    let command = filled_in(command);
    let pieces: Vec<&str> = command.split('"').collect();
    let outside = || pieces.iter().step_by(2);
    let special = |c: &char| command.contains(*c);
    if pieces.len().is_multiple_of(2) {
        Some("a double quote stays open")
    } else if outside().any(|piece| piece.contains('\'')) {
        Some("cmd knows no single quotes")
    } else if ['&', '|', '<', '>', '^'].iter().any(special) {
        Some("cmd reads the line of a batch file once more")
    } else if ['$', '`', '!', '%'].iter().any(special) {
        Some("a shell expands it")
    } else if command.ends_with(['\\', '^', '`']) {
        Some("a continued line")
    } else if command.contains("{\"") || command.contains("\\\"") {
        Some("PowerShell drops the inner quotes")
    } else if outside().any(|piece| piece.contains(['@', '[', '{', '(', ')', '}', ';'])) {
        Some("PowerShell or Bash reads it, without quotes, as something else")
    } else if outside().any(|piece| piece.split(' ').any(|word| word.contains(','))) {
        Some("PowerShell makes an array of it")
    } else if command.contains(" /subscriptions/") || command.contains("\"/subscriptions/") && command.contains("--url")
    {
        Some("Git Bash makes a path of it")
    } else if !command.is_ascii() {
        Some("cmd reads a batch file in another code page")
    } else {
        // A quote within a word begins another argument in PowerShell.
        let glued = pieces.iter().enumerate().step_by(2).any(|(at, piece)| {
            (at > 0 && !piece.is_empty() && !piece.starts_with(' ')) || (at + 1 < pieces.len() && !piece.ends_with(' '))
        });
        glued.then_some("a word is quoted in part")
    }
}

#[test]
fn every_command_means_the_same_in_every_shell() {
    let all = printed();
    assert!(all.len() > 400, "{}", all.len());
    let wrong: Vec<String> =
        all.iter().filter_map(|(command, from)| Some(format!("{from}: {}: {command}", broken(command)?))).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[test]
fn the_rules_find_what_has_gone_wrong_in_the_field() {
    for command in [
        "az a --settings WEBSITE_AUTH_AAD_ALLOWED_TENANTS='a,b'",
        "az rest --body '{\"x\": 1}'",
        "az rest --body @body.json",
        "az a --settings NO_PROXY=169.254.169.254,localhost",
        "az a --identities [system]",
        "az rest --url \"https://x/y?a=1&b=2\"",
        "az rest --url \"https://x/y?$filter=1\"",
        "az a --query \"[?x==`true`]\"",
        "az a --url \"https://x\"/y",
        "az a --name x \\",
        "az a > b",
        "az a --x …",
        "az a --name \"x",
    ] {
        assert!(broken(command).is_some(), "{command}");
    }
    for command in [
        "az ad sp show --id \"<App 2's client ID>\" --query \"appId\" --output tsv",
        "az a --query \"[?name=='x'].{n:name, id:id}\" -o table",
    ] {
        assert_eq!(broken(command), None, "{command}");
    }
}

/// The arguments that are meant: blanks separate them, and double quotes keep them together.
fn meant(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.remove(0);
    words.retain(|word| !word.is_empty());
    words
}

/// What a shell hands to a program, argument by argument. `None`: this shell is not here.
fn handed_on(program: &str, arguments: &[&str], script: &str) -> Option<Vec<Vec<String>>> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    let script = script.to_owned();
    let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    Some(
        text.replace('\r', "")
            .split("--end--\n")
            .map(|one| one.lines().map(str::to_owned).collect())
            .filter(|words: &Vec<String>| !words.is_empty())
            .collect(),
    )
}

/// Commands as a shell is given them: without the placeholders, whose text the reader replaces.
fn to_type() -> Vec<String> {
    let commands: BTreeSet<String> = printed().iter().map(|(command, _)| filled_in(command)).collect();
    commands.into_iter().collect()
}

fn compare(shell: &str, typed: &[String], handed: Option<Vec<Vec<String>>>) {
    let Some(handed) = handed else {
        let said = format!("{shell} isn't installed, so its reading of the commands isn't tested\n");
        std::io::stderr().write_all(said.as_bytes()).unwrap();
        return;
    };
    for (command, words) in typed.iter().zip(&handed) {
        assert_eq!(&meant(command), words, "{shell}: {command}");
    }
    assert_eq!(handed.len(), typed.len(), "{shell}");
}

#[test]
fn shells_hand_on_the_arguments_that_are_meant() {
    let typed = to_type();
    let in_bash = format!("az() {{ printf '%s\\n' \"$@\" '--end--'; }}\n{}\n", typed.join("\n"));
    compare("bash", &typed, handed_on("bash", &["--norc"], &in_bash));
    let in_powershell = format!(
        "function az {{ $args | ForEach-Object {{ [Console]::Out.Write(\"$_`n\") }}; \
         [Console]::Out.Write(\"--end--`n\") }}\n{}\n",
        typed.join("\n")
    );
    compare("pwsh", &typed, handed_on("pwsh", &["-NoProfile", "-NonInteractive", "-Command", "-"], &in_powershell));
}

/// wine, with a prefix of these tests' own, which it makes when it first runs.
fn wine(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env("WINEPREFIX", concat!(env!("CARGO_TARGET_TMPDIR"), "/wine"))
        .env("WINEDEBUG", "-all")
        // Otherwise it asks to install them.
        .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
        .env_remove("DISPLAY")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Longer than wine takes to make its prefix on a busy machine.
const LONGEST_WINE: Duration = Duration::from_secs(300);

fn not_tested(why: &str) {
    let said = format!("{why}, so cmd's reading of the commands isn't tested\n");
    std::io::stderr().write_all(said.as_bytes()).unwrap();
}

/// cmd by way of a batch file `az.cmd`, as `az` is on Windows.
#[test]
fn cmd_hands_on_the_arguments_that_are_meant() {
    let folder = tempfile::tempdir().unwrap();
    let typed = to_type();
    // What a batch file is handed as a whole, for it takes its words apart in its own way.
    std::fs::write(folder.path().join("az.cmd"), "@set \"handed_on=%*\"\r\n@set handed_on\r\n").unwrap();
    let script: String = typed.iter().map(|command| format!("@call {command}\r\n")).collect();
    std::fs::write(folder.path().join("all.cmd"), script).unwrap();
    let handed = folder.path().join("handed.txt");
    let started = Instant::now();
    let output = File::create(&handed).unwrap();
    let Ok(mut cmd) = wine("wine", folder.path()).args(["cmd", "/c", "all.cmd"]).stdout(output).spawn() else {
        return not_tested("wine isn't installed");
    };
    let status = loop {
        match cmd.try_wait().unwrap() {
            None if started.elapsed() < LONGEST_WINE => std::thread::sleep(Duration::from_millis(100)),
            status => break status,
        }
    };
    // What wine has started for this prefix ends as well.
    let _ = wine("wineserver", folder.path()).arg("-k").status();
    if status.is_none() {
        let _ = cmd.wait();
        return not_tested("wine takes too long");
    }
    let text = std::fs::read_to_string(&handed).unwrap();
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches('\r')).collect();
    assert_eq!(lines.len(), typed.len());
    for (command, line) in typed.iter().zip(lines) {
        let handed = line.strip_prefix("handed_on=").unwrap_or_else(|| panic!("{command}: {line}"));
        assert_eq!(meant(command), meant(&format!("az {handed}")), "{command}");
    }
}

/// What sends a PUT is preceded by what saves the present settings, and followed by what restores them.
#[test]
fn what_replaces_settings_saves_them_first_and_can_be_undone() {
    let mut puts = 0;
    let mut check = |from: &str, text: &str, caution: &str| {
        let lines: Vec<&str> = text.lines().map(|line| line.trim_start_matches(['#', ' '])).collect();
        let is_put = |line: &&str| line.to_ascii_lowercase().contains("-method put");
        let Some(put) = lines.iter().position(is_put) else {
            return;
        };
        let saves = |line: &&str| {
            line.contains("--method get") && line.contains("--output-file") || line.starts_with("Set-Content ")
        };
        assert!(lines[..put].iter().any(saves), "{from}: {text}");
        assert!(lines[put + 1..].iter().any(|line| line.starts_with("To undo it")), "{from}: {text}");
        // That a container app restarts, too, isn't established.
        if text.contains("/authConfigs/") {
            assert!(!caution.contains("restarts") && !text.contains("restarts"), "{from}: {text}\n{caution}");
        } else {
            assert!(caution.contains("restart") || text.contains("restart"), "{from}: {text}\n{caution}");
        }
        puts += 1;
    };
    for observed in observing::all() {
        let diagnosis = observed.report.diagnosis();
        let next = diagnosis.next.iter().flat_map(|fault| &fault.fixes);
        for fix in diagnosis.root_cause.iter().flat_map(|cause| &cause.fixes).chain(next) {
            check(&observed.scenario.name, &fix.text, fix.caution.as_deref().unwrap_or_default());
        }
    }
    for action in StepId::ALL.into_iter().flat_map(|step| &knowledge::step(step).actions) {
        let caution = action.caution.as_ref().map(|caution| template::unfilled(caution, &[], TargetKind::USUAL));
        check("setup", &template::unfilled(&action.text, &[], TargetKind::USUAL), &caution.unwrap_or_default());
    }
    assert!(puts > 60, "{puts}");
}

/// Whoever copies a printed command of this program gets no usage error: it is read, and it has something to check.
#[test]
fn the_programs_own_commands_run_as_they_are_printed() {
    let mut wrong = BTreeSet::new();
    let mut checks = 0;
    for (command, from) in printed_of("easyauth-doctor ") {
        let arguments = words(&filled_in(&command)).unwrap_or_else(|| panic!("{from}: {command}"));
        match cli::parse(arguments.into_iter().map(OsString::from)) {
            Err(error) => drop(wrong.insert(format!("{from}: {command}: {error}"))),
            Ok(Arguments { command: Some(cli::Command::Check(options)), .. }) => {
                checks += 1;
                if !options.target.has_subject() && options.target.targets.is_none() {
                    wrong.insert(format!("{from}: {command}: nothing to check"));
                }
            }
            Ok(_) => {}
        }
    }
    assert!(checks > 50, "{checks}");
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}
