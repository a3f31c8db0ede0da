//! Markdown, for tickets and wikis: headings, tables and fenced commands, everything else escaped.

use super::document::{self, Block, Detail};
use super::{Report, words};

/// Several reports one after another.
#[must_use]
pub fn reports(reports: &[Report]) -> String {
    reports.iter().map(report).collect::<Vec<_>>().join("\n---\n\n")
}

/// One report: the answer first, then the steps with all their facts, then the requests.
#[must_use]
pub fn report(report: &Report) -> String {
    let mut page = String::new();
    for block in document::head(report) {
        write(&mut page, &block);
    }
    for block in document::conclusion(report, Detail::Normal) {
        write(&mut page, &block);
    }
    write(&mut page, &Block::Heading(words::STEPS.to_owned()));
    for step in &report.steps {
        for block in document::step(step, Detail::Full) {
            write(&mut page, &block);
        }
    }
    if let Some(requests) = document::requests(report) {
        write(&mut page, &Block::Heading(words::REQUESTS.to_owned()));
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
        Block::Step {
            number,
            status,
            title,
            elapsed_ms,
            summary,
            ..
        } => {
            let time = if *elapsed_ms == 0 {
                String::new()
            } else {
                format!(" ({elapsed_ms} ms)")
            };
            format!(
                "### {number} {} {}: {}{time}\n\n{}",
                words::glyph(*status, false),
                status.word(),
                escape(title),
                escape(summary)
            )
        }
        Block::Finding {
            severity,
            possible,
            code,
            message,
        } => {
            let message = if message.is_empty() {
                String::new()
            } else {
                format!(": {}", escape(message))
            };
            format!("- {} `{code}`{message}", words::finding(*severity, *possible))
        }
        Block::Facts(facts) => table(
            &[String::new(), String::new()],
            facts.iter().map(|(name, value)| vec![name.clone(), value.clone()]),
        ),
        Block::Table(content) => {
            let title = if content.title.is_empty() {
                String::new()
            } else {
                format!("**{}**\n\n", escape(&content.title))
            };
            format!("{title}{}", table(&content.columns, content.rows.iter().cloned()))
        }
        Block::Bullets(items) => items
            .iter()
            .map(|item| format!("- {}", escape(item).replace('\n', "  \n  ")))
            .collect::<Vec<_>>()
            .join("\n"),
        Block::Verbatim(text) => fenced(text),
        Block::Caution(text) => format!("> **{}:** {}", words::CAUTION, escape(text).replace('\n', "  \n> ")),
    };
    page.push_str(text.trim_end());
    page.push_str("\n\n");
}

fn table(columns: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let row = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escape(cell).replace('\n', "<br>")).collect();
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
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{text}\n{fence}")
}

/// The text with everything that Markdown or embedded HTML would interpret escaped.
fn escape(text: &str) -> String {
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
