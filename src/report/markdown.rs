//! Markdown, for tickets and wikis: headings, tables and fenced commands, everything else escaped.

use crate::case::text::visible_lines;

use super::document::{self, Block, Detail, Tools};
use super::{Report, words};

/// Several reports one after another.
#[must_use]
pub fn reports(reports: &[Report]) -> String {
    let mut pages: Vec<String> = reports.iter().map(report).collect();
    if reports.len() > 1 {
        let mut summary = String::new();
        document::summary(reports).iter().for_each(|block| write(&mut summary, block));
        pages.insert(0, summary);
    }
    pages.join("\n---\n\n")
}

/// One report: the answer first, then the steps with all their facts, then the requests.
#[must_use]
pub fn report(report: &Report) -> String {
    let mut page = String::new();
    for block in document::head(report) {
        write(&mut page, &block);
    }
    for block in document::conclusion(report, Detail::Normal, Tools::All) {
        write(&mut page, &block);
    }
    write(&mut page, &Block::Heading(words::STEPS.text()));
    for step in report.steps() {
        for block in document::step(step, Detail::Full) {
            write(&mut page, &block);
        }
    }
    if let Some(requests) = document::requests(report) {
        write(&mut page, &Block::Heading(words::REQUESTS.text()));
        write(&mut page, &requests);
    }
    page
}

/// A block with an empty line below it.
fn write(page: &mut String, block: &Block) {
    let text = match block {
        Block::Title(text) => format!("# {}", escape(text)),
        Block::Heading(text) => format!("## {}", escape(text)),
        Block::Subheading(text) => format!("**{}**", escape(text)),
        Block::Paragraph(text) | Block::Prose(text) => escape(text).replace('\n', "  \n"),
        Block::Headline { status, text } => {
            format!("## {} {}", words::glyph(*status, false), escape(text))
        }
        Block::Step { number, status, title, elapsed_ms, summary, .. } => {
            let time = if *elapsed_ms == 0 { String::new() } else { format!(" ({elapsed_ms} ms)") };
            format!(
                "### {number} {} {}: {}{time}\n\n{}",
                words::glyph(*status, false),
                words::status(*status),
                escape(title),
                escape(summary)
            )
        }
        Block::Finding { severity, possible, code, message } => {
            let message = if message.is_empty() { String::new() } else { format!(": {}", escape(message)) };
            format!("- {} `{code}`{message}", words::finding(*severity, *possible))
        }
        Block::Facts(facts) => {
            table(&[String::new(), String::new()], facts.iter().map(|(name, value)| vec![name.clone(), value.clone()]))
        }
        Block::Table(content) => {
            let title =
                if content.title.is_empty() { String::new() } else { format!("**{}**\n\n", escape(&content.title)) };
            format!("{title}{}", table(&content.columns, content.rows.iter().cloned()))
        }
        Block::Bullets(items) => items
            .iter()
            .map(|item| format!("- {}", escape(item).replace('\n', "  \n  ")))
            .collect::<Vec<_>>()
            .join("\n"),
        Block::Verbatim(text) => fenced(text),
        Block::Caution(text) => format!("> **{}:** {}", words::CAUTION.text(), escape(text).replace('\n', "  \n> ")),
    };
    page.push_str(text.trim_end());
    page.push_str("\n\n");
}

fn table(columns: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let row = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = row(columns);
    text.push_str(&format!("|{}\n", "---|".repeat(columns.len())));
    for cells in rows {
        text.push_str(&row(&cells));
    }
    text
}

/// A fence longer than any run of backticks in the text, so that the text cannot end it.
fn fenced(text: &str) -> String {
    let text = visible_lines(text);
    let fence = "`".repeat(longest_run(&text).max(2).saturating_add(1));
    format!("{fence}\n{text}\n{fence}")
}

/// The text with everything that Markdown or embedded HTML would interpret escaped. Words that GitHub, GitLab, or Azure
/// DevOps would turn into a link or a mention become code, for they look at the rendered text, where an escape is gone.
fn escape(text: &str) -> String {
    lines(text, false)
}

/// As [`escape`], for a cell of a table.
fn cell(text: &str) -> String {
    lines(text, true).replace('\n', "<br>")
}

fn lines(text: &str, in_table: bool) -> String {
    let clean = visible_lines(text);
    let lines: Vec<String> = clean.split('\n').map(|text| line(text, in_table)).collect();
    lines.join("\n")
}

fn line(text: &str, in_table: bool) -> String {
    // Four spaces at the start would make code, and a mark with a space a list.
    let text = text.trim_start();
    let pieces: Vec<&str> = text.split('`').collect();
    let line = if has_code(&pieces) {
        let piece =
            |(at, text): (usize, &&str)| if at % 2 == 1 { code_in(text, in_table) } else { words(text, in_table) };
        pieces.iter().enumerate().map(piece).collect()
    } else {
        words(text, in_table)
    };
    let digits = line.find(|character: char| !character.is_ascii_digit()).unwrap_or(0);
    match line.split_at_checked(digits) {
        Some((number, rest)) if digits > 0 && rest.starts_with(['.', ')']) => format!("{number}\\{rest}"),
        _ if line.starts_with(['-', '+', '=']) => format!("\\{line}"),
        _ => line,
    }
}

/// Whether every second piece between backticks is code: a command or a name, with space or punctuation around it.
pub(super) fn has_code(pieces: &[&str]) -> bool {
    let opens = |text: &str| text.trim_end_matches('(').chars().next_back().is_none_or(char::is_whitespace);
    let closes = |text: &str| {
        let rest = text.trim_start_matches(['.', ',', ';', ':', ')', '?']);
        rest.chars().next().is_none_or(char::is_whitespace)
    };
    let last = pieces.len().saturating_sub(1);
    let is_fit = |(at, text): (usize, &&str)| match at {
        _ if at % 2 == 1 => text.trim() == *text && !text.is_empty(),
        0 => opens(text),
        _ if at == last => closes(text),
        _ => !text.is_empty() && opens(text) && closes(text),
    };
    pieces.len() > 2 && last.is_multiple_of(2) && pieces.iter().enumerate().all(is_fit)
}

/// Code. In a table a pipe would end the cell even there.
fn code_in(text: &str, in_table: bool) -> String {
    if in_table { code(&text.replace('|', "\\|")) } else { code(text) }
}

fn words(text: &str, in_table: bool) -> String {
    let words: Vec<String> = text.split(' ').map(|text| word(text, in_table)).collect();
    words.join(" ")
}

fn word(text: &str, in_table: bool) -> String {
    if !is_live(text) {
        return escape_marks(text);
    }
    let start = text.trim_start_matches(['(', '"', '\'', '\u{201c}', '\u{2018}']);
    let is_mark = |mark: char| ".,;:?!)\"'\u{201d}\u{2019}".contains(mark);
    let mut core = start.trim_end_matches(is_mark);
    // A parenthesis that the word itself opens is a part of it, with what is before it.
    if core.contains('(') && !core.contains(')') {
        let marks = start.get(core.len()..).unwrap_or_default();
        let end = marks.find(')').map_or(0, |place| place.saturating_add(1));
        core = start.get(..core.len().saturating_add(end)).unwrap_or(core);
    }
    let cut = |whole: &str, part: &str| whole.len().saturating_sub(part.len());
    let (before, _) = text.split_at_checked(cut(text, start)).unwrap_or_default();
    let (_, after) = start.split_at_checked(core.len()).unwrap_or_default();
    format!("{}{}{}", escape_marks(before), code_in(core, in_table), escape_marks(after))
}

/// Whether a site would make something of a word: an address, a mention, a reference to an issue, a request, or a
/// commit.
fn is_live(word: &str) -> bool {
    let reference = |(mark, next): (char, char)| {
        matches!(mark, '@' | '#' | '!' | '$' | '%' | '~' | '&' | '^') && (next.is_alphanumeric() || next == '_')
    };
    let lower = word.to_ascii_lowercase();
    let hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let commit = hex && word.len() >= 7 && !word.bytes().all(|byte| byte.is_ascii_digit());
    lower.contains("://")
        || lower.contains("www.")
        || lower.contains("mailto:")
        || lower.contains("gh-")
        || commit
        || word.chars().zip(word.chars().skip(1)).any(reference)
}

/// A word as code.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).saturating_add(1));
    // A backtick at an end would join the fence.
    let gap = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{gap}{text}{gap}{fence}")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

fn escape_marks(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => clean.push_str("&lt;"),
            '>' => clean.push_str("&gt;"),
            '&' => clean.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                clean.push('\\');
                clean.push(character);
            }
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    #[test]
    fn nothing_from_outside_becomes_a_link_or_a_mention() {
        for (text, written) in [
            ("ask @octocat about #123", "ask `@octocat` about `#123`"),
            ("see https://evil.example/x.", "see `https://evil.example/x`."),
            ("(www.evil.example)", "(`www.evil.example`)"),
            ("GET http://h/a(id='1')", "GET `http://h/a(id='1')`"),
            ("(http://h/a(b)).", "(`http://h/a(b)`)."),
            ("(http://h/a(b", "(`http://h/a(b`"),
            ("mail a@b.example, or AB#12", "mail `a@b.example`, or `AB#12`"),
            ("org/repo#5 !7 ~bug %3 GH-9", "`org/repo#5` `!7` `~bug` `%3` `GH-9`"),
            ("a5c3785ed8d6a35868bc169f07e40e889087fd2e", "`a5c3785ed8d6a35868bc169f07e40e889087fd2e`"),
            ("x`@y", "``x`@y``"),
            ("@a|b", "`@a|b`"),
            ("- item", "\\- item"),
            ("12. item", "12\\. item"),
            ("    code", "code"),
            ("a_b*c [x](y) <b>", "a\\_b\\*c \\[x\\](y) &lt;b&gt;"),
            ("100% of 12345678 # x @", "100% of 12345678 \\# x @"),
            ("\u{1b}[31m", "\\\\x1b\\[31m"),
        ] {
            assert_eq!(escape(text), written, "{text}");
        }
        assert_eq!(cell("@a|b c|d\ne"), "`@a\\|b` c\\|d<br>e");
    }

    /// What stands outside of code, as Markdown reads it: a run of backticks ends at the next run of that length.
    fn outside_of_code(text: &str) -> Option<String> {
        let all: Vec<char> = text.chars().collect();
        let run = |from: usize| {
            let rest = all.get(from..).unwrap_or_default();
            rest.iter().take_while(|character| **character == '`').count()
        };
        let (mut at, mut outside) = (0, String::new());
        while let Some(first) = all.get(at) {
            if *first == '\\' {
                outside.extend(all.iter().skip(at).take(2));
                at += 2;
            } else if *first == '`' {
                let fence = run(at);
                at += fence;
                while run(at) != fence {
                    all.get(at)?;
                    at += run(at).max(1);
                }
                at += fence;
            } else {
                outside.push(*first);
                at += 1;
            }
        }
        Some(outside)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(7),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]
        #[test]
        fn outside_of_code_nothing_is_live(text in "([a-z@#!`|&.: /\\\\(-]|www\\.|https://|@a|#1|\n){0,60}") {
            let written = escape(&text);
            let Some(rest) = outside_of_code(&written) else {
                return Err(TestCaseError::fail(format!("{text:?} became {written:?}")));
            };
            for live in ["://", "www."] {
                prop_assert!(!rest.contains(live), "{text:?} became {written:?}");
            }
            let mention = rest.as_bytes().windows(2).any(|pair| pair[0] == b'@' && pair[1].is_ascii_alphanumeric());
            prop_assert!(!mention, "{text:?} became {written:?}");
        }
    }
}
