//! The report's blocks as lines of a given width: the same words as in line mode.

use ratatui::text::{Line, Span};

use crate::report::Table;
use crate::report::document::Block;
use crate::report::words;
use crate::report::wrap::{self, padded, wrap};
use crate::tui::theme::Theme;

/// The blocks as lines.
pub(super) fn lines(blocks: &[Block], theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut all = Vec::new();
    for block in blocks {
        append(block, theme, width, &mut all);
    }
    all
}

fn append(block: &Block, theme: Theme, width: usize, all: &mut Vec<Line<'static>>) {
    match block {
        Block::Title(text) | Block::Subheading(text) => styled(text, theme.heading(), theme, width, all),
        Block::Heading(text) => {
            all.push(Line::default());
            styled(text, theme.heading(), theme, width, all);
        }
        Block::Paragraph(text) | Block::Prose(text) => indented(text, "", theme, width, all),
        Block::Headline { status, text } => {
            styled(
                &format!("{} {text}", words::glyph(*status, theme.ascii)),
                theme.status(*status),
                theme,
                width,
                all,
            );
        }
        Block::Step {
            status, title, summary, ..
        } => {
            styled(
                &format!("{} {}: {title}", words::glyph(*status, theme.ascii), status.word()),
                theme.status(*status),
                theme,
                width,
                all,
            );
            indented(summary, "", theme, width, all);
        }
        Block::Finding {
            severity,
            possible,
            code,
            message,
        } => {
            all.push(Line::default());
            let mark = format!("{} {code}", words::finding_glyph(*severity, *possible, theme.ascii));
            styled(&mark, theme.severity(*severity), theme, width, all);
            if !message.is_empty() {
                indented(message, "  ", theme, width, all);
            }
        }
        Block::Facts(facts) => {
            all.push(Line::default());
            for (name, value) in facts {
                pair(name, value, theme, width, all);
            }
        }
        Block::Table(table) => rows(table, theme, width, all),
        Block::Bullets(items) => {
            for item in items {
                hanging(&theme.text("• "), item, theme, width, all);
            }
        }
        Block::Verbatim(text) => {
            for line in text.split('\n') {
                for piece in wrap(&theme.text(line), width.saturating_sub(2)) {
                    all.push(Line::from(Span::styled(format!("  {piece}"), theme.verbatim())));
                }
            }
        }
        Block::Caution(text) => hanging("! ", text, theme, width, all),
    }
}

fn styled(text: &str, style: ratatui::style::Style, theme: Theme, width: usize, all: &mut Vec<Line<'static>>) {
    all.extend(
        wrap(&theme.text(text), width)
            .into_iter()
            .map(|line| Line::from(Span::styled(line, style))),
    );
}

fn indented(text: &str, indent: &str, theme: Theme, width: usize, all: &mut Vec<Line<'static>>) {
    let room = width.saturating_sub(indent.len());
    all.extend(
        wrap(&theme.text(text), room)
            .into_iter()
            .map(|line| Line::from(format!("{indent}{line}"))),
    );
}

fn hanging(mark: &str, text: &str, theme: Theme, width: usize, all: &mut Vec<Line<'static>>) {
    let indent = wrap::width(mark);
    for (number, line) in wrap(&theme.text(text), width.saturating_sub(indent))
        .into_iter()
        .enumerate()
    {
        let start = if number == 0 {
            mark.to_owned()
        } else {
            " ".repeat(indent)
        };
        all.push(Line::from(format!("{start}{line}")));
    }
}

/// A fact: `name  value`, or the value below the name where it is long.
fn pair(name: &str, value: &str, theme: Theme, width: usize, all: &mut Vec<Line<'static>>) {
    let name = theme.text(name);
    let value = theme.text(value);
    if wrap::width(&name) + 2 + wrap::width(&value) <= width {
        all.push(Line::from(vec![
            Span::styled(format!("{name}  "), theme.faint()),
            Span::raw(value),
        ]));
        return;
    }
    all.push(Line::from(Span::styled(name, theme.faint())));
    indented(&value, "  ", theme, width, all);
}

/// A table: columns where they fit, else one small list a row.
fn rows(table: &Table, theme: Theme, width: usize, all: &mut Vec<Line<'static>>) {
    all.push(Line::default());
    styled(&table.title, theme.heading(), theme, width, all);
    let every: Vec<&[String]> = std::iter::once(table.columns.as_slice())
        .chain(table.rows.iter().map(Vec::as_slice))
        .collect();
    match wrap::columns(&every, width) {
        Some(widths) if width >= 60 => {
            for (number, row) in every.iter().enumerate() {
                let style = if number == 0 {
                    theme.faint()
                } else {
                    ratatui::style::Style::new()
                };
                let cells: Vec<Vec<String>> = row
                    .iter()
                    .zip(&widths)
                    .map(|(cell, width)| wrap(&theme.text(cell), *width))
                    .collect();
                let height = cells.iter().map(Vec::len).max().unwrap_or(0);
                for line in 0..height {
                    let text: Vec<String> = cells
                        .iter()
                        .zip(&widths)
                        .map(|(cell, width)| padded(cell.get(line).map_or("", String::as_str), *width))
                        .collect();
                    all.push(Line::from(Span::styled(text.join("  ").trim_end().to_owned(), style)));
                }
            }
        }
        _ => {
            for row in &table.rows {
                let mut cells = row.iter();
                if let Some(first) = cells.next() {
                    styled(first, theme.heading(), theme, width, all);
                }
                for (name, cell) in table
                    .columns
                    .iter()
                    .skip(1)
                    .zip(cells)
                    .filter(|(_, cell)| !cell.is_empty())
                {
                    hanging("  ", &format!("{name}: {cell}"), theme, width, all);
                }
            }
        }
    }
}
