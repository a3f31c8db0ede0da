//! `explain`: the knowledge base in words, or as JSON.

use serde::Serialize;

use crate::case::quote;
use crate::case::secret::without_tokens;
use crate::case::text::{decoded, visible_json, visible_lines};
use crate::cli::{ExplainOptions, PageFormat};
use crate::knowledge::{self, Covered, Entry, Explained, Group, Said, Shell, covered, phrase};
use crate::probe::input::{self, Kind};
use crate::report::SCHEMA_VERSION;
use crate::report::document::Block;
use crate::report::text;
use crate::report::words;
use crate::report::wrap::padded;

use super::console::Console;
use super::surroundings::Surroundings;
use super::{CliError, files};

/// More entries than this are not printed for one text.
const MOST_ENTRIES: usize = 12;

/// Prints what the knowledge base has for a text; returns the exit code.
///
/// # Errors
/// Nothing found, or a closed output.
pub fn run(options: &ExplainOptions, around: &Surroundings, console: &mut Console) -> Result<u8, CliError> {
    if options.list {
        let entries = knowledge::list();
        match options.format {
            PageFormat::Text => console.print(&list(&entries, console.style.ascii))?,
            PageFormat::Json => console.print_json(&in_json(&entries, &[], Some(covered()))?)?,
        }
        return Ok(0);
    }
    let asked = asked(options, around)?;
    let mut found = knowledge::explained(&asked);
    let left_out = found.entries.len().saturating_sub(MOST_ENTRIES);
    found.entries.truncate(MOST_ENTRIES);
    let unknown = found.of_unknown();
    if options.format == PageFormat::Json {
        let said: Vec<String> = unknown.iter().map(Said::text).collect();
        console.print_json(&in_json(&found.entries, &said, None)?)?;
    }
    if found.entries.is_empty() {
        return Err(CliError::Usage(nothing(&asked, unknown)));
    }
    if options.format == PageFormat::Text {
        in_text(&asked, &found, left_out, console)?;
    }
    Ok(0)
}

/// The text that is asked for: the arguments, a file, or standard input.
fn asked(options: &ExplainOptions, around: &Surroundings) -> Result<String, CliError> {
    let from = match (options.file.as_deref(), options.text.as_slice()) {
        (Some(file), _) => file,
        (None, [only]) if only == "-" => "-",
        (None, []) if around.input_is_terminal => return Err(CliError::Usage(phrase("explain.missing").text())),
        (None, []) => "-",
        (None, words) => return Ok(words.join(" ")),
    };
    let bytes = files::read("the file", from, Kind::Pasted)?;
    // Of a log with a few bytes that are no text, the rest is read.
    let text = decoded(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned());
    if text.trim().is_empty() {
        let file = input::named("the file", from.as_ref());
        return Err(CliError::Usage(phrase("explain.empty").with("file", file).text()));
    }
    Ok(text)
}

/// Why there is no entry, and where else to look.
fn nothing(asked: &str, unknown: Vec<Said>) -> String {
    if !unknown.is_empty() {
        return unknown.iter().map(Said::text).collect::<Vec<_>>().join("\n");
    }
    let hint = if without_tokens(asked) == asked && !asked.trim().starts_with("eyJ") {
        phrase("explain.list")
    } else {
        phrase("explain.token")
    };
    no_entry("explain.unknown", asked.trim().trim_end_matches('?')).with("hint", hint).text()
}

/// That a text has no entry, with the text unless it is too long to show.
fn no_entry(key: &'static str, asked: &str) -> Said {
    let shown = quote::value(asked);
    phrase(key).when("hidden", shown.starts_with('(')).with("text", shown)
}

/// Notes and entries for people.
fn in_text(asked: &str, found: &Explained, left_out: usize, console: &mut Console) -> Result<(), CliError> {
    if found.is_a_guess {
        let guess = no_entry("explain.guess", asked);
        console.print(&(guess.text() + "\n\n"))?;
        if found.entries.len() > 1 {
            let page: String = found.entries.iter().map(row).collect();
            return console.print(&if console.style.ascii { text::to_ascii_lines(&page) } else { page });
        }
    }
    for note in found.notes() {
        console.print(&(text::blocks(&[Block::Paragraph(note)], &console.style) + "\n"))?;
    }
    for (place, entry) in found.entries.iter().enumerate() {
        let gap = if place == 0 { "" } else { "\n" };
        let page = text::blocks(&blocks(entry), &console.style);
        console.print(&format!("{gap}{page}"))?;
    }
    if left_out > 0 {
        let more = phrase("explain.more").with("count", left_out);
        console.print(&format!("\n{}\n", more.text()))?;
    }
    Ok(())
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Page<'a> {
    schema_version: u32,
    entries: &'a [Entry],
    unknown: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    covered: Option<&'a Covered>,
}

fn in_json(entries: &[Entry], unknown: &[String], covered: Option<&Covered>) -> Result<String, CliError> {
    let page = Page { schema_version: SCHEMA_VERSION, entries, unknown, covered };
    serde_json::to_string_pretty(&page)
        .map(|text| visible_json(&text) + "\n")
        .map_err(|error| CliError::Usage(phrase("explain.unwritable").with("error", error.to_string()).text()))
}

/// An entry's key and title.
fn row(entry: &Entry) -> String {
    format!("{}  {}\n", padded(&entry.key, 38), entry.summary)
}

/// Keys and titles, group by group, every key at the beginning of its line; and what is covered.
fn list(entries: &[Entry], ascii: bool) -> String {
    let mut page = String::new();
    let mut group: Option<Group> = None;
    for entry in entries {
        if group != Some(entry.group) {
            let gap = if group.is_none() { "" } else { "\n" };
            page.push_str(&format!("{gap}{}\n", entry.group.title().to_uppercase()));
            group = Some(entry.group);
        }
        page.push_str(&row(entry));
    }
    let tables = [("explain.hosts", &covered().hosts), ("explain.targets", &covered().targets)];
    for (heading, rows) in tables {
        page.push_str(&format!("\n{}\n", phrase(heading).text().to_uppercase()));
        for row in rows {
            page.push_str(&format!("{}  {}\n", padded(&row.name, 38), row.by));
        }
    }
    if ascii { text::to_ascii_lines(&page) } else { page }
}

/// An entry as blocks. In its body an indented line is one to copy, except below what is done in the portal or
/// elsewhere by hand, which is prose.
fn blocks(entry: &Entry) -> Vec<Block> {
    let mut blocks = vec![Block::Title(entry.key.clone()), Block::Heading(entry.title.clone())];
    let mut verbatim: Vec<&str> = Vec::new();
    let mut by_hand = false;
    let body = visible_lines(&entry.body);
    for line in body.lines() {
        match line.strip_prefix("    ") {
            Some(command) if !(by_hand || words::is_sentence(command)) || Shell::of(command).is_some() => {
                verbatim.push(command);
            }
            indented => {
                if !verbatim.is_empty() {
                    blocks.push(Block::Verbatim(verbatim.join("\n")));
                    verbatim.clear();
                }
                if let Some(step) = indented {
                    blocks.push(Block::Paragraph(step.to_owned()));
                } else if line.ends_with("):") {
                    by_hand =
                        ["portal", "other"].iter().any(|via| line.contains(&format!("({}", knowledge::tool(via))));
                    blocks.push(Block::Heading(line.trim_end_matches(':').to_owned()));
                } else if line.trim().is_empty() {
                    continue;
                } else if let Some(said) = line.strip_prefix("Caution: ") {
                    blocks.push(Block::Caution(said.to_owned()));
                } else if let Some(Block::Caution(said)) = blocks.last_mut() {
                    said.push('\n');
                    said.push_str(line);
                } else {
                    by_hand = false;
                    blocks.push(Block::Prose(line.to_owned()));
                }
            }
        }
    }
    if !verbatim.is_empty() {
        blocks.push(Block::Verbatim(verbatim.join("\n")));
    }
    blocks
}
