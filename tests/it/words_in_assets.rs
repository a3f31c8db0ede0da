//! What a person reads is in `assets/knowledge/`, where it is read and changed in one place: no sentence is left in the
//! rooms that judge and show, and code and assets agree about keys and values.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use easyauth_doctor::case::code::Code;
use easyauth_doctor::knowledge::template::PLACEHOLDERS;
use easyauth_doctor::knowledge::{GENERAL, Text};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The rooms that say what the knowledge base words.
const ROOMS: &[&str] = &["check", "evidence", "diagnosis", "report", "tui", "line"];

fn files(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("tests.rs") {
            into.push(path);
        }
    }
}

/// A literal of code, and the function or `.method` whose first argument it is, or its second behind a `Code::…`.
struct Literal {
    text: String,
    of: Option<String>,
    code: Option<String>,
}

/// The literals of code that runs: not those of tests and of attributes, which doc comments are as well.
fn literals(tokens: TokenStream, into: &mut Vec<Literal>) {
    append(tokens, None, into);
}

/// The name of the code in `Code::Name, …`, as the knowledge base has it, and what follows.
fn first_code(tokens: TokenStream) -> (Option<String>, TokenStream) {
    let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let [TokenTree::Ident(of), TokenTree::Punct(_), TokenTree::Punct(_), TokenTree::Ident(name), _, rest @ ..] =
        all.as_slice()
    else {
        return (None, tokens);
    };
    let code = || Code::ALL.iter().find(|code| *name == format!("{code:?}")).map(|code| code.name());
    let code = Some(of).filter(|of| *of == "Code").and_then(|_| code());
    match code {
        Some(code) => (Some(code.to_owned()), rest.iter().cloned().collect()),
        None => (None, tokens),
    }
}

fn append(tokens: TokenStream, of: Option<String>, into: &mut Vec<Literal>) {
    let (code, tokens) = first_code(tokens);
    let (mut of, mut name, mut is_method) = (of, None, false);
    let mut tokens = tokens.into_iter().peekable();
    let mut test = false;
    while let Some(token) = tokens.next() {
        let (first_of, before) = (of.take(), name.take());
        let dot = std::mem::take(&mut is_method);
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                while let Some(TokenTree::Punct(_)) = tokens.peek() {
                    tokens.next();
                }
                if let Some(TokenTree::Group(group)) = tokens.peek()
                    && group.delimiter() == Delimiter::Bracket
                {
                    let attribute = group.stream().to_string().replace(' ', "");
                    test |= ["cfg(test)", "cfg(all(test,"].iter().any(|start| attribute.starts_with(start));
                    // What an error says, which is in an attribute.
                    if attribute.starts_with("error") {
                        literals(group.stream(), into);
                    }
                    tokens.next();
                }
            }
            TokenTree::Punct(mark) if mark.as_char() == ';' => test = false,
            TokenTree::Group(group) if test && group.delimiter() == Delimiter::Brace => test = false,
            TokenTree::Group(group) => append(group.stream(), before, into),
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    let code = code.clone().filter(|_| first_of.is_some());
                    into.push(Literal { text: text.value(), of: first_of, code });
                }
            }
            TokenTree::Ident(ident) => name = Some(format!("{}{ident}", if dot { "." } else { "" })),
            TokenTree::Punct(mark) => is_method = mark.as_char() == '.',
        }
    }
}

/// The literals of all files of a folder of `src`, with the file's name.
fn literals_of(room: &str) -> Vec<(String, Literal)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&source.join(room), &mut paths);
    let mut all = Vec::new();
    for path in paths {
        let mut found = Vec::new();
        literals(std::fs::read_to_string(&path).unwrap().parse().unwrap(), &mut found);
        let shown = path.strip_prefix(&source).unwrap().display().to_string();
        all.extend(found.into_iter().map(|literal| (shown.clone(), literal)));
    }
    all
}

/// How many words a text has, without values (`{name}`) and markup (`<p class="…">`).
fn words(text: &str) -> usize {
    let mut plain = String::new();
    let mut depth = 0_usize;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '<' if is_markup(rest.as_str()) => {
                plain.push(' ');
                rest.by_ref().find(|character| *character == '>');
            }
            _ if depth == 0 => plain.push(character),
            _ => {}
        }
    }
    let is_word = |word: &&str| {
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphabetic() || "'-".contains(c))
    };
    plain.split_whitespace().filter(is_word).count()
}

/// Whether a tag, an end tag, or a declaration goes on like this behind its `<`.
fn is_markup(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) && rest.contains('>')
}

#[test]
fn no_sentence_is_left_in_the_rooms_that_judge_and_show() {
    let all: Vec<(String, Literal)> = ROOMS.iter().flat_map(|room| literals_of(room)).collect();
    let found: Vec<String> = all
        .iter()
        .filter(|(_, literal)| words(&literal.text) >= 4)
        .map(|(file, literal)| format!("{file}: {}", literal.text))
        .collect();
    assert!(all.len() > 1_000, "only {} literals were seen", all.len());
    assert!(found.is_empty(), "{} sentences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn sentences_are_distinguished_from_data() {
    assert_eq!(words("App 2's {list} may not contain the ID."), 6);
    assert_eq!(words("{caller} = {value}"), 0);
    assert_eq!(words("# a comment of a command"), 5);
    assert_eq!(words("<p class=\"a b c d\">One <b>or {two}</b> words</p>"), 3);
    assert_eq!(words("is 1 < 2 and 3 > 2, or less"), 4);
    let mut found = Vec::new();
    let code = "/// Some words of a comment.\nfn f() { g(\"one\"); a.with(\"name\", \"b\"); format!(\"two {x}\"); \
        of(Code::AppError, \"key\"); of(Code::AppError, x(), \"no\"); }\n\
        #[cfg(test)]\nmod tests { fn g() { h(\"three\"); } }\nconst X: &str = \"four\";";
    literals(code.parse().unwrap(), &mut found);
    let texts: Vec<(&str, Option<&str>)> =
        found.iter().map(|literal| (literal.text.as_str(), literal.of.as_deref())).collect();
    let expected = [
        ("one", Some("g")),
        ("name", Some(".with")),
        ("b", None),
        ("two {x}", None),
        ("key", Some("of")),
        ("no", None),
        ("four", None),
    ];
    assert_eq!(texts, expected);
    let codes: Vec<&str> = found.iter().filter_map(|literal| literal.code.as_deref()).collect();
    assert_eq!(codes, ["app-error"]);
}

/// A text of the knowledge base: `table.key`, or for longer ways the keys down to it.
struct Entry {
    path: Vec<String>,
    text: String,
}

impl Entry {
    fn key(&self) -> String {
        self.path.join(".")
    }

    fn names(&self) -> Vec<String> {
        let text = Text::new(Box::leak(self.text.clone().into_boxed_str()));
        assert!(text.is_sound(), "{} does not parse: {}", self.key(), self.text);
        text.names().to_vec()
    }
}

/// All texts in a file, or in the files of a folder, of `assets/knowledge`.
fn entries(name: &str) -> Vec<Entry> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/knowledge").join(name);
    let paths: Vec<PathBuf> = if place.is_dir() {
        std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()).collect()
    } else {
        vec![place]
    };
    let mut all = Vec::new();
    for path in paths {
        let file: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        collect(&mut Vec::new(), &toml::Value::Table(file), &mut all);
    }
    all
}

/// What findings say, and how they are confirmed.
fn said_by_findings() -> Vec<Entry> {
    let is_said = |entry: &Entry| entry.path.get(1).is_some_and(|kind| kind == "says" || kind == "confirm");
    entries("findings").into_iter().filter(is_said).collect()
}

fn collect(path: &mut Vec<String>, value: &toml::Value, into: &mut Vec<Entry>) {
    match value {
        toml::Value::String(text) => into.push(Entry { path: path.clone(), text: text.clone() }),
        toml::Value::Array(items) => items.iter().for_each(|item| collect(path, item, into)),
        toml::Value::Table(table) => {
            for (key, value) in table {
                path.push(key.clone());
                collect(path, value, into);
                path.pop();
            }
        }
        _ => {}
    }
}

#[test]
fn every_sentence_is_said_somewhere_and_every_one_that_is_said_is_there() {
    let (phrases, says) = (entries("phrases"), said_by_findings());
    let said = literals_of("");
    let findings = entries("findings");
    // What is said of a failed request is in the table of failures, by their kinds.
    let of_failures = findings.iter().filter(|entry| entry.path.get(1).is_some_and(|field| field == "failures"));
    let of_failures: Vec<&Entry> = of_failures.collect();
    // And the test that several sentences share, by their keys.
    let is_shared = |entry: &&Entry| entry.path.get(1).is_some_and(|field| field == "confirmed_as");
    let by_tables = of_failures.iter().copied().chain(findings.iter().filter(is_shared));
    let said_by_code = said.iter().map(|(_, literal)| literal.text.as_str());
    let texts: BTreeSet<&str> = said_by_code.chain(by_tables.map(|entry| entry.text.as_str())).collect();
    let keys: BTreeSet<String> = phrases.iter().map(Entry::key).collect();
    let of_code = |kind: &str| -> BTreeSet<&str> {
        says.iter()
            .filter(|entry| entry.path.get(1).is_some_and(|known| known == kind))
            .map(|entry| entry.path.get(2).map_or(GENERAL, String::as_str))
            .collect()
    };
    let (messages, confirms) = (of_code("says"), of_code("confirm"));
    let mut wrong = Vec::new();
    for entry in of_failures {
        let says = [entry.path[0].as_str(), "says", entry.text.as_str()];
        if !findings.iter().any(|other| other.path == says) {
            wrong.push(format!("{}: no {}", entry.key(), says.join(".")));
        }
    }
    for (file, literal) in &said {
        let key = literal.text.as_str();
        match literal.of.as_deref() {
            Some("phrase") if !keys.contains(key) => wrong.push(format!("{file}: no phrase {key}")),
            Some("of") => {
                let of_code = |code: &str| says.iter().any(|entry| entry.path == [code, "says", key]);
                if literal.code.as_deref().is_some_and(|code| !of_code(code)) {
                    wrong.push(format!("{file}: {:?} has no says.{key}", literal.code));
                }
            }
            Some("says") if !messages.contains(key) && !confirms.contains(key) => {
                wrong.push(format!("{file}: no code says {key}"));
            }
            _ => {}
        }
    }
    let unused = keys.iter().filter(|key| !texts.contains(key.as_str()));
    wrong.extend(unused.map(|key| format!("the phrase {key} is never said")));
    let unused = messages.union(&confirms).filter(|key| **key != GENERAL && !texts.contains(*key));
    wrong.extend(unused.map(|key| format!("says.{key} is never said")));
    assert!(keys.len() > 100, "only {} phrases", keys.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_placeholder_of_a_sentence_has_a_value_and_every_value_a_placeholder() {
    let said = literals_of("");
    let setters = [".with", ".with_some", ".when", ".value", ".value_if_any"];
    let given_to = |methods: &[&str]| -> BTreeSet<&str> {
        said.iter()
            .map(|(_, literal)| literal)
            .filter(|literal| literal.of.as_deref().is_some_and(|of| methods.contains(&of)))
            .map(|literal| literal.text.as_str())
            .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
            .collect()
    };
    let passed = given_to(&setters);
    // Values of which other values are made.
    let read = given_to(&[".of_finding"]);
    let of_case = |name: &str| PLACEHOLDERS.iter().any(|(known, _)| *known == name);
    let mut wrong = Vec::new();
    let mut used: BTreeSet<String> = BTreeSet::new();
    for entry in entries("phrases").iter().chain(&said_by_findings()) {
        let names = entry.names();
        let unknown = names.iter().filter(|name| !of_case(name) && !passed.contains(name.as_str()));
        wrong.extend(unknown.map(|name| format!("{}: nobody gives a value for {name}", entry.key())));
        used.extend(names);
    }
    for file in ["findings", "snippets.toml", "steps.toml"] {
        for entry in entries(file) {
            used.extend(entry.names());
            match entry.path.get(1..).unwrap_or_default() {
                [.., last] if last == "needs" || last == "value" => _ = used.insert(entry.text),
                [owner_where, name] if owner_where == "owner_where" => _ = used.insert(name.clone()),
                _ => {}
            }
        }
    }
    let unused = passed.iter().filter(|name| !used.contains(**name) && !read.contains(*name));
    wrong.extend(unused.map(|name| format!("no text uses the value {name}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
