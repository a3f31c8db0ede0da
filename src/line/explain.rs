//! `explain`: the knowledge base in words.

use crate::case::quote;
use crate::case::text::visible_lines;
use crate::cli::ExplainOptions;
use crate::knowledge::{self, Entry, Group, Said, Shell, phrase};
use crate::probe::input::Kind;
use crate::report::document::Block;
use crate::report::text;
use crate::report::wrap::padded;

use super::console::Console;
use super::{CliError, files};

/// Prints what the knowledge base has for a text (`-`: standard input); returns the exit code.
///
/// # Errors
/// Nothing found, or a closed output.
pub fn run(options: &ExplainOptions, console: &mut Console) -> Result<u8, CliError> {
    if options.list {
        let page = list(&knowledge::list(), console.style.ascii);
        console.print(&page)?;
        return Ok(0);
    }
    let asked = match options.text.as_slice() {
        [only] if only == "-" => files::read_text("explain", "-", Kind::Pasted)?,
        words => words.join(" "),
    };
    let entries = knowledge::explain(&asked);
    let shown = quote::value(&asked);
    if entries.is_empty() {
        let unknown = phrase("explain.unknown")
            .with("text", shown)
            .with("hint", elsewhere(&asked));
        return Err(CliError::Usage(unknown.text()));
    }
    if knowledge::is_a_guess(&asked) {
        console.print(&(phrase("explain.guess").with("text", shown).text() + "\n\n"))?;
    }
    for (place, entry) in entries.iter().enumerate() {
        let gap = if place == 0 { "" } else { "\n" };
        let page = text::blocks(&blocks(entry), &console.style);
        console.print(&format!("{gap}{page}"))?;
    }
    Ok(0)
}

/// Where to look for what is not in the knowledge base.
fn elsewhere(asked: &str) -> Said {
    let number = asked.trim().to_ascii_uppercase();
    let number = number.strip_prefix("AADSTS").unwrap_or_default();
    if !number.is_empty() && number.len() <= 8 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return phrase("explain.entra").with("number", number);
    }
    if asked.contains("eyJ") {
        return phrase("explain.token");
    }
    phrase("explain.list")
}

/// Keys and titles, group by group; every key is at the beginning of its line.
fn list(entries: &[Entry], ascii: bool) -> String {
    let mut page = String::new();
    let mut group: Option<Group> = None;
    for entry in entries {
        if group != Some(entry.group) {
            let gap = if group.is_none() { "" } else { "\n" };
            page.push_str(&format!("{gap}{}\n", entry.group.title().to_uppercase()));
            group = Some(entry.group);
        }
        page.push_str(&format!("{}  {}\n", padded(&entry.key, 38), entry.summary));
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
            Some(command) if !by_hand || Shell::of(command).is_some() => verbatim.push(command),
            indented => {
                if !verbatim.is_empty() {
                    blocks.push(Block::Verbatim(verbatim.join("\n")));
                    verbatim.clear();
                }
                if let Some(step) = indented {
                    blocks.push(Block::Paragraph(step.to_owned()));
                } else if line.ends_with("):") {
                    by_hand = line.ends_with("(portal):") || line.ends_with("(other):");
                    blocks.push(Block::Subheading(line.to_owned()));
                } else if !line.trim().is_empty() {
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
