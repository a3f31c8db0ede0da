//! Words that nobody should read: phrases of this program's past, each with what is written instead.

use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

/// Whole words or phrases in any case, as regular expressions, and what to write instead.
const REPLACED: &[(&str, &str)] = &[
    ("mend|mends|mended|mending", "fix"),
    ("told apart( by)?|tells? (it|them|these) apart", "to confirm; distinguished by"),
    ("no answer means this", "if there is no answer, this is the cause"),
    ("impossible token|token that (cannot|can't) be valid", "a deliberately invalid token"),
    ("Has App 1 an identity", "Does App 1 have an identity"),
    ("(the )?token is sound", "the token is valid"),
    ("(caller|call|principal|application|identity) is admitted", "authorized"),
    ("who is admitted|admits? (the|this|only|a) (caller|call|application|token)", "who is allowed; allows"),
    ("(the )?resource is known", "the Application ID URI is known"),
    ("(?-i:a token is issued)", "a token is obtained"),
    ("answers? 40[0-9],? and not why", "returned 403 without a reason"),
    ("be lost on the way", "was lost in transit"),
    ("connection comes about", "could not connect within 10 s"),
    ("breaks it off|breaks off", "accepts the connection and then closes it"),
    ("all the same", "anyway"),
    ("as anybody's", "possibly as an anonymous request"),
    ("say otherwise", "contradict this"),
    ("not told by|is told|are told|was told|untold", "unknown; is reported"),
    ("bearer token for a sign-in", "does not accept a bearer token"),
    ("must fit|does not fit|doesn't fit", "must match; doesn't match"),
    ("wants", "requires"),
    ("stands? (in|at|on|there|here|where|under|beside|behind|before|twice|as)", "is in"),
    ("lacks?", "is missing"),
    ("belongs? into", "belongs in"),
    ("signature (does not|doesn't) hold|signature holds", "the signature is invalid; is valid"),
    ("letter case", "case"),
    ("slips? of the finger|a slip", "a typo"),
    ("nothing is known of", "No entry for 'x'. Did you mean:"),
    ("judged as if|as if \\{changes\\}", "re-evaluated with"),
    ("would block the call any more", "nothing observed would block the call"),
    ("reports to nobody", "sends no telemetry"),
    ("reader of standard output that goes away", "if stdout is closed early"),
    ("gives programs no screen", "has no TTY"),
    ("itself knows", "App 2's own log is the best evidence"),
    ("(?-i:([Cc]lient|[Oo]bject|[Pp]rincipal|[Aa]pplication|[Tt]enant|[Cc]orrelation|[Rr]esource) ids?)", "client ID"),
    ("(?-i:id tokens?)", "ID token"),
    ("comes? to a good end", "succeeds"),
    ("time-outs?", "timeout"),
    ("e-mails?", "email"),
    ("colours?|honou?red by", "color"),
    ("misspelt", "misspelled"),
];

/// Words of a pattern that are right where this matches as well: names in code, and what others wrote.
const RIGHT: &[&str] = &[
    // Words of Azure Resource Manager and of Cloud Shell.
    "with object id '|not accept client id as",
    // Names of the lab's changes and of a gateway.
    "gateway-wants-a-key|api-management-wants-key",
    // What a placeholder, JSON member, option or resource of somebody else is called.
    "<client id>|<tenant id>|<object id>|appid|\\bclient_id\\b",
];

/// What is rewritten elsewhere just now. To be emptied.
const NOT_YET: &[&str] = &[];

/// Wire text that is kept as observed, and this list.
const NOT_OURS: &[&str] =
    &["tests/it/saved", "tests/it/explained/", "tests/it/wording.rs", "assets/knowledge/first_party_"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The phrases that the screen says in one row.
const MESSAGES: &[(&str, &str, &[&str])] = &[
    ("screen", "why", &[]),
    ("screen", "watch", &["on", "repeats", "off", "change", "passed"]),
    ("screen", "form", &["discard"]),
    ("screen", "prompt", &["empty"]),
    (
        "screen",
        "screen",
        &[
            "saved",
            "sent-to-terminal",
            "sent-to-tmux",
            "sent-to-screen",
            "too-long",
            "no-clipboard",
            "no-other-target",
            "preparing-lab",
            "re-evaluated",
            "assumed",
            "what-if-undone",
            "taken-back",
            "nothing-to-save",
            "nothing-to-write",
            "not-written",
            "written",
            "exists",
            "no-folder",
            "unwritable",
            "unknown-key",
            "pasted",
            "stop",
            "found",
            "not-found",
        ],
    ),
    ("screen", "paste", &["token-refused", "unknown-log", "rows", "case", "settings", "variables", "url"]),
    ("bench", "bench", &["not-played", "broken", "fixed", "switched", "ran", "refused", "kept"]),
    ("bench", "tour", &["moved", "not-yet", "still"]),
    ("bench", "list", &["saved"]),
];

#[test]
fn messages_of_the_screen_begin_with_a_capital_and_end_without_a_period() {
    for (file, section, names) in MESSAGES {
        let path = format!("{}/assets/knowledge/phrases/{file}.toml", env!("CARGO_MANIFEST_DIR"));
        let all: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
        let section = all[*section].as_table().unwrap();
        let named = section.iter().filter(|(name, _)| names.is_empty() || names.contains(&name.as_str()));
        let messages: Vec<&str> = named.map(|(_, message)| message.as_str().unwrap()).collect();
        assert!(messages.len() == names.len() || names.is_empty() && messages.len() > 30, "{file} {names:?}");
        for message in messages {
            // A value, or a word only in some cases, may come first.
            let is_capital = message.starts_with(|first: char| first.is_ascii_uppercase() || first == '{');
            assert!(is_capital && !message.ends_with('.'), "{message}");
        }
    }
}

#[test]
fn no_file_has_a_phrase_that_the_style_guide_replaces() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = vec![root.join("README.md")];
    for folder in ["assets", "src", "tests"] {
        files(&root.join(folder), &mut all);
    }
    assert!(all.len() > 300, "{}", all.len());
    let pattern = |text: &str| Regex::new(&format!("(?i)\\b(?:{text})\\b")).unwrap();
    let replaced: Vec<(Regex, &str)> = REPLACED.iter().map(|(from, to)| (pattern(from), *to)).collect();
    let any = pattern(&REPLACED.iter().map(|(from, _)| *from).collect::<Vec<_>>().join("|"));
    let right: Vec<Regex> = RIGHT.iter().map(|text| Regex::new(text).unwrap()).collect();
    let mut wrong = Vec::new();
    for file in all {
        let name = file.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        if NOT_YET.iter().chain(NOT_OURS).any(|start| name.starts_with(start)) {
            continue;
        }
        let Ok(text) = fs::read_to_string(&file) else { continue };
        // Nearly all files have none, and one look at the whole file tells so.
        if !any.is_match(&text) {
            continue;
        }
        for (number, line) in (1..).zip(text.lines()) {
            let mut line = line.to_owned();
            for right in &right {
                line = right.replace_all(&line, "").into_owned();
            }
            for (phrase, instead) in &replaced {
                if let Some(found) = phrase.find(&line) {
                    wrong.push(format!("{name}:{number}: {:?}, write: {instead}", found.as_str()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} phrases:\n{}", wrong.len(), wrong.join("\n"));
}
