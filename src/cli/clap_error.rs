//! clap's messages about invalid usage, with every typed value checked before clap repeats it.

use std::ffi::OsString;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::case::quote;

/// What is wrong with the arguments whatever their meaning: one isn't text, or an option's value is empty, as where a
/// script's variable is.
pub(super) fn unusable(arguments: &[OsString]) -> Option<(ErrorKind, String)> {
    if let Some(wrong) = arguments.iter().skip(1).find(|argument| argument.to_str().is_none()) {
        let shown = quote::path(&wrong.to_string_lossy());
        return Some((
            ErrorKind::InvalidUtf8,
            format!("the argument {shown} isn't valid UTF-8; if it is the name of a file, rename the file"),
        ));
    }
    let texts = arguments.iter().filter_map(|argument| argument.to_str());
    let mut pairs = texts.clone().zip(texts.clone().skip(1));
    let is_blank = |value: &str| value.trim().is_empty();
    let before = pairs.find(|(option, value)| option.starts_with('-') && is_blank(value)).map(|(option, _)| option);
    let joined = || texts.filter_map(|text| text.split_once('='));
    let option = before.or_else(|| {
        let (option, _) = joined().find(|(option, value)| option.starts_with("--") && is_blank(value))?;
        Some(option)
    })?;
    let said = format!("the value of {} is empty; enter a value, or remove the option", quote::path(option));
    Some((ErrorKind::InvalidValue, said))
}

/// An argument that isn't a URL may be a command with a typing error; then clap's words about commands fit better.
pub(super) fn about_a_command(error: Error, command: &clap::Command) -> Error {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidValue) else {
        return error;
    };
    let is_bare =
        matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(name)) if name.starts_with("[URL]"));
    if error.kind() != ErrorKind::ValueValidation || !is_bare || word.contains(['.', ':', '/']) {
        return error;
    }
    let near = command
        .get_subcommands()
        .map(|known| (strsim::jaro(word, known.get_name()), known.get_name()))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, name)| ContextValue::Strings(vec![name.to_owned()]));
    let mut better = Error::new(ErrorKind::InvalidSubcommand).with_cmd(command);
    better.insert(ContextKind::InvalidSubcommand, ContextValue::String(word.clone()));
    let is_misplaced = command.get_subcommands().any(|known| known.get_name() == word);
    let way = INSTEAD.iter().find(|(name, _)| name == word).map(|(_, way)| format!("use {way}"));
    let way =
        way.or_else(|| is_misplaced.then(|| format!("options go after the command: 'easyauth-doctor {word} ...'")));
    match (way, near) {
        (Some(way), _) => better.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![way.into()])),
        (None, Some(near)) => better.insert(ContextKind::SuggestedSubcommand, near),
        (None, None) => None,
    };
    better
}

/// A word behind a scenario, such as in `lab run healthy`: clap takes it for a command in conflict with the scenario.
pub(super) fn about_a_second_scenario(error: Error, command: &clap::Command) -> Error {
    let word = error.get(ContextKind::InvalidSubcommand).filter(|_| error.kind() == ErrorKind::ArgumentConflict);
    let Some(ContextValue::String(word)) = word else {
        return error;
    };
    let mut better = Error::new(ErrorKind::UnknownArgument).with_cmd(command);
    better.insert(ContextKind::InvalidArg, ContextValue::String(word.clone()));
    let way = "name one scenario: 'easyauth-doctor lab SCENARIO'".to_owned();
    better.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![way.into()]));
    better
}

/// What is no command, and how it is done.
const INSTEAD: [(&str, &str); 2] =
    [("plan", "'easyauth-doctor check URL --plan'"), ("compare", "'easyauth-doctor open LATER --compare EARLIER'")];

/// The error with harmless values only: possible secrets are described, and control characters are made visible.
/// Names of options and commands, possible values, and clap's styling are kept.
pub(super) fn cleaned(mut error: Error) -> Error {
    // Elsewhere the argument is one of ours, by its name.
    let argument = (error.kind() == ErrorKind::UnknownArgument).then_some(ContextKind::InvalidArg);
    let mut changed = false;
    for kind in [ContextKind::InvalidSubcommand, ContextKind::InvalidValue].into_iter().chain(argument) {
        let clean = match error.get(kind) {
            Some(ContextValue::String(text)) => ContextValue::String(shown(text, &mut changed)),
            Some(ContextValue::Strings(texts)) => {
                ContextValue::Strings(texts.iter().map(|text| shown(text, &mut changed)).collect())
            }
            _ => continue,
        };
        error.insert(kind, clean);
    }
    if changed {
        // A tip repeats the value as it was typed.
        error.remove(ContextKind::Suggested);
    }
    error
}

fn shown(text: &str, changed: &mut bool) -> String {
    let shown = quote::shown(text).unwrap_or_else(|| quote::described(text));
    *changed |= shown != text;
    shown
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::error::ErrorKind;

    use super::unusable;
    use crate::cli::parse;

    #[test]
    fn an_empty_value_is_named_by_its_option() {
        for (line, option) in [
            (&["check", "--save", ""][..], Some("'--save'")),
            (&["open", "case.json", "-o", ""], Some("'-o'")),
            (&["check", "--save="], Some("'--save'")),
            (&["check", "--header=X=", "--save", "x"], None),
            (&["explain", ""], None),
        ] {
            let line: Vec<OsString> =
                std::iter::once("easyauth-doctor").chain(line.iter().copied()).map(Into::into).collect();
            let said = unusable(&line);
            assert_eq!(said.as_ref().map(|(kind, _)| *kind), option.map(|_| ErrorKind::InvalidValue), "{line:?}");
            assert!(said.zip(option).is_none_or(|((_, said), option)| said.contains(option)), "{line:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_argument_that_is_no_text_is_named() {
        use std::os::unix::ffi::OsStringExt as _;
        let line = ["easyauth-doctor", "token"].map(OsString::from).into_iter();
        let line: Vec<OsString> = line.chain([OsString::from_vec(b"caf\xe9.txt".to_vec())]).collect();
        let (kind, said) = unusable(&line).unwrap();
        assert!(kind == ErrorKind::InvalidUtf8 && said.contains("caf\u{fffd}.txt"), "{said}");
    }

    #[test]
    fn a_word_behind_check_is_no_command() {
        for (words, kind) in [
            (&["app2"][..], ErrorKind::InvalidSubcommand),
            (&["check", "app2"], ErrorKind::ValueValidation),
            (&["check", "app 2"], ErrorKind::ValueValidation),
        ] {
            let line = std::iter::once("easyauth-doctor").chain(words.iter().copied()).map(OsString::from);
            assert_eq!(parse(line).unwrap_err().kind(), kind, "{words:?}");
        }
    }

    #[cfg(feature = "lab")]
    #[test]
    fn a_second_scenario_is_no_command() {
        let line = ["easyauth-doctor", "lab", "run", "healthy"].map(OsString::from);
        let error = parse(line).unwrap_err();
        let said = error.to_string();
        assert_eq!(error.kind(), ErrorKind::UnknownArgument, "{said}");
        assert!(said.contains("'healthy'") && said.contains("'easyauth-doctor lab SCENARIO'"), "{said}");
    }

    #[test]
    fn an_option_before_a_command_says_where_it_goes() {
        let line = ["easyauth-doctor", "--ascii", "explain", "aud"].map(OsString::from);
        let said = parse(line).unwrap_err().to_string();
        assert!(said.contains("'easyauth-doctor explain ...'"), "{said}");
        assert!(!said.contains("similar subcommand"), "{said}");
    }

    #[test]
    fn what_was_typed_in_the_wrong_place_is_described() {
        let token = "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln";
        let osc = "\u{1b}]52;c;eA==\u{7}";
        for line in [
            vec!["check"],
            vec![],
            vec!["lab", "healthy"],
            vec!["open", "case.json", "--format"],
            vec!["check", "--cloud"],
            vec!["check", "--timeout"],
            vec!["check", "--format"],
            vec!["check", "--identity"],
            vec!["check", "--credential"],
            vec!["check", "-X"],
            vec!["check", "--tenant"],
            vec!["check", "--client-id"],
            vec!["check", "--expect-identity"],
            vec!["check", "--color"],
            vec!["lab", "--delay"],
            vec!["completions"],
        ] {
            if line.first() == Some(&"lab") && !cfg!(feature = "lab") {
                continue;
            }
            for typed in [token, osc] {
                let words = ["easyauth-doctor"].iter().chain(&line).copied().chain([typed]);
                let error = parse(words.map(OsString::from)).unwrap_err();
                let said = format!("{error}{}", error.render().ansi());
                assert!(!said.contains(token) && !said.contains(osc), "{line:?}: {said}");
                assert!(said.contains("characters, not shown"), "{line:?}: {said}");
            }
        }
        let error = parse(["easyauth-doctor", "chekc"].map(OsString::from)).unwrap_err();
        assert!(error.to_string().contains("'chekc'") && error.to_string().contains("'check'"), "{error}");
    }
}
