//! Commands, statements and functions that take a credential as an argument: `curl -u user:…`, `sshpass -p …`,
//! `IDENTIFIED BY '…'`, `mysqli_connect('host', 'user', '…')`.

use std::ops::Range;

use super::bytes::{is_space, skip};
use super::extent;

/// Where the credential is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// It is the argument behind the option.
    Next,
    /// It is behind the user's name and this sign in that argument.
    Behind(u8),
    /// The option and it are one word.
    Attached,
    /// It is the argument behind the command.
    First,
    /// It is the argument with this number, from 0, in brackets.
    InBrackets(usize),
}
use Takes::{Attached, Behind, First, InBrackets, Next};

/// A command, or a word of one behind this other word.
pub(super) struct Command {
    behind: &'static str,
    word: &'static str,
    options: &'static [(&'static str, Takes)],
}

const fn command(word: &'static str, options: &'static [(&'static str, Takes)]) -> Command {
    Command { behind: "", word, options }
}

static COMMANDS: [Command; 33] = [
    Command { behind: "machine", word: "login", options: &[("password", Next)] },
    command("machine", &[]),
    command("curl", &[("-u", Behind(b':')), ("--user", Behind(b':')), ("-U", Behind(b':'))]),
    command("login", &[("-p", Next)]),
    command("sshpass", &[("-p", Next), ("-p", Attached)]),
    command("mysql", &[("-p", Attached)]),
    command("mysqldump", &[("-p", Attached)]),
    command("mysqladmin", &[("-p", Attached)]),
    command("mongo", &[("-p", Next)]),
    command("mongosh", &[("-p", Next)]),
    command("redis-cli", &[("-a", Next)]),
    command("sqlcmd", &[("-P", Next)]),
    command("bcp", &[("-P", Next)]),
    command("ldapsearch", &[("-w", Next)]),
    command("ldapmodify", &[("-w", Next)]),
    command("ldapadd", &[("-w", Next)]),
    command("smbclient", &[("-U", Behind(b'%'))]),
    command("psexec", &[("-p", Next)]),
    command("plink", &[("-pw", Next)]),
    command("pscp", &[("-pw", Next)]),
    command("unzip", &[("-P", Next)]),
    command("keyvault", &[("--value", Next)]),
    command("sqlplus", &[("", Behind(b'/'))]),
    command("ConvertTo-SecureString", &[("", First)]),
    command("identified", &[("by", Next)]),
    command("digest", &[("response", Next)]),
    command("setx", &[]),
    command("mysqli_connect", &[("", InBrackets(2))]),
    command("mysqli", &[("", InBrackets(2))]),
    command("mysql_connect", &[("", InBrackets(2))]),
    command("__construct", &[("", InBrackets(2))]),
    command("ftp_login", &[("", InBrackets(2))]),
    command("ldap_bind", &[("", InBrackets(2))]),
];

/// Bytes of a command's name.
const LONGEST: usize = 24;

/// The command that this name is one of, behind another.
pub(super) fn of(before: Option<&Command>, name: &[u8]) -> Option<&'static Command> {
    let name = name.strip_suffix(b".exe").unwrap_or(name);
    if name.len() > LONGEST {
        return None;
    }
    COMMANDS.iter().find(|known| {
        name.eq_ignore_ascii_case(known.word.as_bytes())
            && (known.behind.is_empty() || before.is_some_and(|before| before.word == known.behind))
    })
}

/// Whether this is the command that sets a variable: behind its name stands the value.
pub(super) fn sets(command: Option<&Command>) -> bool {
    command.is_some_and(|command| command.word == "setx")
}

/// The credential that the command is given here, at its own name or at the name of an option.
pub(super) fn value(
    bytes: &[u8],
    command: Option<&Command>,
    name: &Range<usize>,
    is_own: bool,
) -> Option<Range<usize>> {
    let word = bytes.get(name.clone())?;
    command?.options.iter().find_map(|(option, takes)| match takes {
        Attached => {
            let is_it = word.starts_with(option.as_bytes()) && word.len() > option.len();
            let place = extent::argument(bytes, name.start + option.len()).filter(|_| is_it)?;
            (place.start < place.end).then_some(place)
        }
        InBrackets(number) => in_brackets(bytes, name.end, *number).filter(|_| is_own),
        _ if option.is_empty() != is_own || !is_own && !is_option(word, option) => None,
        _ => {
            let is_between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'=');
            let start = skip(bytes, name.end, is_between);
            let start = skip(bytes, start + if bytes.get(start..)?.starts_with(b"-String ") { 8 } else { 0 }, is_space);
            let place = extent::argument(bytes, start).filter(|_| start > name.end)?;
            let value = bytes.get(place.clone())?;
            let is_it = *takes != First || !value.first().is_some_and(|first| b"-$(".contains(first));
            match takes {
                Behind(sign) => {
                    let first = value.iter().position(|byte| byte == sign)? + 1;
                    let length = value.get(first..)?.iter().rposition(|byte| *byte == b'@').filter(|_| *sign == b'/');
                    let end = length.map_or(place.end, |length| place.start + first + length);
                    Some(place.start + first..end)
                }
                _ => Some(place).filter(|_| is_it),
            }
        }
    })
}

fn is_option(word: &[u8], option: &str) -> bool {
    // The case of a letter tells options apart.
    if option.starts_with('-') { word == option.as_bytes() } else { word.eq_ignore_ascii_case(option.as_bytes()) }
}

/// The argument with a number, in quotation marks, of those in brackets.
fn in_brackets(bytes: &[u8], open: usize, number: usize) -> Option<Range<usize>> {
    let mut at = (bytes.get(open) == Some(&b'(')).then_some(open + 1)?;
    for _ in 0..number {
        let start = skip(bytes, at, is_space);
        let end = extent::word(bytes, start)?.end;
        let end = end + extent::sign(bytes, end).map_or(0, extent::Sign::len);
        at = skip(bytes, end, is_space) + 1;
        if bytes.get(at - 1) != Some(&b',') {
            return None;
        }
    }
    let start = skip(bytes, at, is_space);
    extent::word(bytes, start).filter(|place| place.start > start)
}
