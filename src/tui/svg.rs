//! The screen as a picture, for the README: the same view, drawn into memory.

use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use crate::report::Report;
use crate::session;

use super::look::Looks;
use super::model::Model;
use super::update::{Message, update};
use super::view;

/// A cell's size in the picture, in pixels.
const CELL: (usize, usize) = (9, 19);

/// A screen as plain text.
#[must_use]
pub fn text(model: &Model) -> String {
    let Some(buffer) = buffer(model) else {
        return String::new();
    };
    let mut all = String::new();
    for y in 0..buffer.area.height {
        let line: String =
            (0..buffer.area.width).filter_map(|x| buffer.cell((x, y))).map(|cell| cell.symbol()).collect();
        all.push_str(line.trim_end());
        all.push('\n');
    }
    all
}

/// A screen, drawn into memory; `None` where it has no cells.
#[must_use]
pub fn buffer(model: &Model) -> Option<Buffer> {
    let (columns, rows) = model.size;
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).ok()?;
    terminal.draw(|frame| view::render(frame, model)).ok()?;
    Some(terminal.backend().buffer().clone())
}

/// The finished screen of a report as SVG.
#[must_use]
pub fn svg(report: &Report, columns: u16, rows: u16) -> String {
    use std::fmt::Write as _;
    let (width, height) = (usize::from(columns) * CELL.0 + 20, usize::from(rows) * CELL.1 + 20);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"ui-monospace,Menlo,Consolas,monospace\" font-size=\"15\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#16181d\"/>\n"
    );
    if let Some(buffer) = buffer(&finished(report, columns, rows)) {
        for y in 0..rows {
            for (x, length, text, style) in runs(&buffer, y, columns) {
                let (left, top) = (10 + x * CELL.0, 10 + usize::from(y) * CELL.1);
                let reversed = style.add_modifier.contains(Modifier::REVERSED);
                let color = named(style.fg.unwrap_or(Color::Reset), style.add_modifier.contains(Modifier::DIM));
                // Writing to a string cannot fail.
                if reversed {
                    let _ = writeln!(
                        svg,
                        "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"{color}\"/>",
                        length * CELL.0,
                        CELL.1
                    );
                }
                let bold = if style.add_modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
                let fill = if reversed { "#16181d" } else { color };
                let _ = writeln!(
                    svg,
                    "<text x=\"{left}\" y=\"{}\" fill=\"{fill}\"{bold} textLength=\"{}\" \
                     xml:space=\"preserve\">{}</text>",
                    top + 14,
                    length * CELL.0,
                    escaped(&text)
                );
            }
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn finished(report: &Report, columns: u16, rows: u16) -> Model {
    let title = report.case().inputs.target.clone().unwrap_or_default();
    let looks = Looks::new(true, false);
    let mut model = Model::checking(title, looks, (columns, rows), report.observed().started_at);
    let report = Arc::new(report.clone());
    update(&mut model, Message::Session(session::Event::Finished(report)));
    model
}

/// The cells of a row, gathered where their style is the same; blank ones without style are left out.
fn runs(buffer: &Buffer, y: u16, columns: u16) -> Vec<(usize, usize, String, ratatui::style::Style)> {
    let mut runs: Vec<(usize, usize, String, ratatui::style::Style)> = Vec::new();
    for x in 0..columns {
        let Some(cell) = buffer.cell((x, y)) else { continue };
        match runs.last_mut() {
            Some((_, length, text, style)) if *style == cell.style() => {
                *length += 1;
                text.push_str(cell.symbol());
            }
            _ => runs.push((usize::from(x), 1, cell.symbol().to_owned(), cell.style())),
        }
    }
    runs.retain(|(_, _, text, style)| !text.trim().is_empty() || style.add_modifier.contains(Modifier::REVERSED));
    runs
}

const fn named(color: Color, dim: bool) -> &'static str {
    match color {
        Color::Green => "#7fd88f",
        Color::Yellow => "#e5c07b",
        Color::Red => "#ff7a85",
        Color::Cyan => "#6cc7d9",
        Color::Magenta => "#d18ee0",
        _ if dim => "#8b919c",
        _ => "#dfe3ea",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
