//! Lines for people: good at 80 columns, without color, and in a log.

use crate::case::step::StepId;
use crate::case::text::visible_lines;
use crate::knowledge::as_started;

use super::document::{self, Block, Detail};
use super::wrap::{columns, padded, width, wrap, wrap_whole};
use super::{Report, Severity, StepReport, StepStatus, Table, words};

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colors are used.
    pub color: bool,
    /// Whether nothing beyond ASCII is used.
    pub ascii: bool,
    /// The width in cells to wrap at; commands are never wrapped, so that they can be copied.
    pub width: usize,
    /// How much is shown.
    pub detail: Detail,
    /// How this program was started, where commands for this machine call it otherwise than by its name.
    pub program: Option<&'static str>,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, ascii: false, width: 80, detail: Detail::Normal, program: None }
    }
}

/// Several reports one after another.
#[must_use]
pub fn reports(reports: &[Report], style: &Style) -> String {
    if let [one] = reports {
        return report(one, style);
    }
    let pages: Vec<String> = reports.iter().map(|report| one_of_several(report, style)).collect();
    pages.join("\n") + &summary(reports, style).unwrap_or_default()
}

/// The verdicts of several reports, below them and an empty line, where they aren't all that is shown.
#[must_use]
pub fn summary(reports: &[Report], style: &Style) -> Option<String> {
    let is_needed = reports.len() > 1 && style.detail > Detail::Brief;
    is_needed.then(|| blocks(&document::summary(reports), style))
}

/// One report.
#[must_use]
pub fn report(report: &Report, style: &Style) -> String {
    blocks(&document::whole(report, style.detail), style)
}

/// One report of several.
#[must_use]
pub fn one_of_several(report: &Report, style: &Style) -> String {
    blocks(&document::one_of_several(report, style.detail), style)
}

/// The lines above the steps.
#[must_use]
pub fn head(report: &Report, style: &Style) -> String {
    blocks(&document::head(report), style)
}

/// The lines of one step.
#[must_use]
pub fn step(step: &StepReport, style: &Style) -> String {
    blocks(&document::step(step, style.detail), style)
}

/// The lines below the steps.
#[must_use]
pub fn conclusion(report: &Report, style: &Style) -> String {
    blocks(&document::conclusion(report, style.detail, document::Tools::OfReader), style)
}

/// Any blocks as lines.
#[must_use]
pub fn blocks(blocks: &[Block], style: &Style) -> String {
    let mut page = Page { style, lines: Vec::new() };
    for block in blocks {
        page.block(block);
    }
    let mut text = page.lines.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// How a piece of a line stands out. Colors are the terminal's own sixteen.
#[derive(Clone, Copy)]
enum Tone {
    Plain,
    Strong,
    Dim,
    Good,
    Warn,
    Bad,
    Command,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Warn => "33",
            Self::Bad => "31",
            Self::Command => "36",
        }
    }

    const fn of(status: StepStatus) -> Self {
        match status {
            StepStatus::Pass => Self::Good,
            StepStatus::Warn => Self::Warn,
            StepStatus::Fail => Self::Bad,
            StepStatus::Skipped => Self::Dim,
            StepStatus::Unknown => Self::Warn,
        }
    }

    const fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Bad,
            Severity::Warning => Self::Warn,
            Severity::Info => Self::Dim,
        }
    }
}

struct Page<'a> {
    style: &'a Style,
    lines: Vec<String>,
}

/// Cells between the two columns of names and values.
const GAP: usize = 2;

impl Page<'_> {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Title(text) => self.paragraph(Tone::Dim, "", text),
            Block::Heading(text) => {
                self.blank();
                self.paragraph(Tone::Strong, "", text);
            }
            Block::Subheading(text) => self.paragraph(Tone::Plain, "  ", text),
            Block::Paragraph(text) => self.paragraph(Tone::Plain, "    ", text),
            Block::Prose(text) => {
                self.blank();
                self.paragraph(Tone::Plain, "", text);
            }
            Block::Headline { status, text } => self.headline(*status, text),
            Block::Step { number, status, title, elapsed_ms, summary, .. } => {
                self.step(*number, *status, title, *elapsed_ms);
                if !summary.is_empty() {
                    self.paragraph(Tone::Plain, "    ", summary);
                }
            }
            Block::Finding { severity, possible, code, message } => {
                let glyph = words::finding_glyph(*severity, *possible, self.style.ascii);
                self.paragraph(Tone::of_severity(*severity), "    ", &format!("{glyph} {code}"));
                if !message.is_empty() {
                    self.paragraph(Tone::Plain, "      ", message);
                }
            }
            Block::Facts(facts) => self.facts(facts),
            Block::Table(table) => self.table(table),
            Block::Bullets(items) => {
                let bullet = if self.style.ascii { "  * " } else { "  • " };
                for item in items {
                    self.hanging(bullet, item);
                }
            }
            Block::Verbatim(text) => {
                for line in text.lines() {
                    // A comment is for reading and may be wrapped, a command is for copying and may not.
                    if let Some(comment) = line.strip_prefix("# ").filter(|_| !words::is_to_copy(line)) {
                        let room = self.style.width.saturating_sub(6).max(16);
                        for line in wrap_whole(&self.plain(comment), room) {
                            self.push(Tone::Dim, &format!("    # {line}"));
                        }
                    } else {
                        let typed = as_started(line, self.style.program);
                        let line = self.plain(typed.as_deref().unwrap_or(line));
                        self.push(Tone::Command, &format!("    {line}"));
                    }
                }
            }
            Block::Caution(text) => self.hanging("    ! ", &format!("{}: {text}", words::CAUTION.text())),
        }
    }

    fn headline(&mut self, status: StepStatus, text: &str) {
        if self.style.detail > Detail::Brief {
            self.blank();
        }
        let glyph = words::glyph(status, self.style.ascii);
        let text = self.plain(text);
        let mut lines = wrap_whole(&format!("{glyph} {text}"), self.style.width).into_iter();
        for line in lines.by_ref() {
            let code = Tone::of(status).code();
            self.lines.push(if self.style.color { format!("\x1b[1;{code}m{line}\x1b[0m") } else { line });
        }
    }

    fn step(&mut self, number: u8, status: StepStatus, title: &str, elapsed_ms: u64) {
        let mark = padded(&format!("{} {}", words::glyph(status, self.style.ascii), words::status(status)), 10);
        let time = if elapsed_ms == 0 { String::new() } else { format!("{elapsed_ms} ms") };
        let right = self.style.width.min(80);
        let text = format!("{number} {title}");
        let room = right.saturating_sub(width(&mark) + width(&text));
        let padding = " ".repeat(room.saturating_sub(width(&time)).max(2));
        let mut line = self.toned(Tone::of(status), &mark);
        line.push_str(&self.toned(Tone::Strong, &text));
        if !time.is_empty() {
            line.push_str(&padding);
            line.push_str(&self.toned(Tone::Dim, &time));
        }
        self.lines.push(line);
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        let names = facts.iter().map(|(name, _)| width(name)).max().unwrap_or(0).min(28);
        // The head's facts are at the margin, those of a step below its line.
        let indent = if self.lines.len() <= 1 { "" } else { "      " };
        for (name, value) in facts {
            let lead = format!("{indent}{}{}", padded(&self.plain(name), names), " ".repeat(GAP));
            self.hanging(&lead, value);
        }
    }

    fn table(&mut self, table: &Table) {
        const INDENT: &str = "      ";
        if !table.title.is_empty() {
            self.paragraph(Tone::Strong, INDENT, &table.title);
        }
        // A column that is empty in every row would only take room from the others.
        let filled = |column: usize| {
            table.rows.is_empty() || table.rows.iter().any(|row| row.get(column).is_some_and(|cell| !cell.is_empty()))
        };
        let rows: Vec<Vec<String>> = std::iter::once(&table.columns)
            .chain(&table.rows)
            .map(|row| {
                let cells = row.iter().enumerate().filter(|(column, _)| filled(*column));
                cells.map(|(_, cell)| self.plain(cell)).collect()
            })
            .collect();
        let slices: Vec<&[String]> = rows.iter().map(Vec::as_slice).collect();
        // A value that is broken within a word can't be read or copied.
        let whole = |widths: &Vec<usize>| {
            let mut cells = rows.iter().flat_map(|row| row.iter().zip(widths));
            cells.all(|(cell, room)| longest_word(cell) <= *room)
        };
        let widths = columns(&slices, self.style.width.saturating_sub(width(INDENT)));
        let Some(widths) = widths.filter(whole) else {
            self.stacked(INDENT, table);
            return;
        };
        for (place, row) in rows.iter().enumerate() {
            let cells: Vec<Vec<String>> = row.iter().zip(&widths).map(|(cell, width)| wrap(cell, *width)).collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0);
            for line in 0..height {
                let text: Vec<String> = cells
                    .iter()
                    .zip(&widths)
                    .map(|(cell, width)| padded(cell.get(line).map_or("", String::as_str), *width))
                    .collect();
                let tone = if place == 0 { Tone::Dim } else { Tone::Plain };
                self.push(tone, format!("{INDENT}{}", text.join("  ")).trim_end());
            }
        }
    }

    /// A table too wide for columns: each row's first cell, and beside it the others below each other. A sentence needs
    /// no name, and neither does what is the value of the first cell.
    fn stacked(&mut self, indent: &str, table: &Table) {
        let first = table.rows.iter().filter_map(|row| row.first()).map(|cell| width(cell)).max().unwrap_or(0).min(20);
        for row in &table.rows {
            let mut cells = table.columns.iter().zip(row);
            let mut lead = cells.next().map(|(_, cell)| self.plain(cell)).unwrap_or_default();
            for (name, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
                let named = name != "value" && !cell.ends_with('.');
                let text = if named { format!("{name}: {cell}") } else { cell.clone() };
                self.hanging(&format!("{indent}{}{}", padded(&lead, first), " ".repeat(GAP)), &text);
                lead.clear();
            }
        }
    }

    fn paragraph(&mut self, tone: Tone, indent: &str, text: &str) {
        let text = self.plain(text);
        for line in wrap_whole(&text, self.style.width.saturating_sub(width(indent)).max(16)) {
            self.push(tone, &format!("{indent}{line}"));
        }
    }

    /// A first line behind `lead`, and the others below where it began.
    fn hanging(&mut self, lead: &str, text: &str) {
        let text = self.plain(text);
        let mut indent = if width(lead) + 16 <= self.style.width { width(lead) } else { 2 };
        let mut lead = lead.to_owned();
        let margin = width(&lead) - width(lead.trim_start()) + 2;
        let longest = longest_word(&text);
        // A long value is whole on a line of its own.
        if indent + longest > self.style.width && (margin + longest) <= self.style.width && margin < indent {
            self.push(Tone::Plain, &lead);
            indent = margin;
            lead = " ".repeat(margin);
        }
        for line in wrap_whole(&text, self.style.width.saturating_sub(indent).max(16)) {
            self.push(Tone::Plain, &format!("{lead}{line}"));
            lead = " ".repeat(indent);
        }
    }

    fn blank(&mut self) {
        // A blank line in front of the first would stand between what was printed before and this.
        if self.lines.last().is_none_or(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }

    fn push(&mut self, tone: Tone, line: &str) {
        let line = self.toned(tone, line.trim_end());
        self.lines.push(line);
    }

    fn toned(&self, tone: Tone, text: &str) -> String {
        let code = tone.code();
        if self.style.color && !code.is_empty() && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// The text with nothing in it that a terminal would interpret, wherever it came from.
    fn plain(&self, text: &str) -> String {
        let text = visible_lines(text);
        if self.style.ascii { to_ascii(&text) } else { text }
    }
}

/// The width of a text's longest word.
fn longest_word(text: &str) -> usize {
    text.split(char::is_whitespace).map(width).max().unwrap_or(0)
}

/// One of the program's own signs in ASCII.
#[must_use]
pub const fn sign_in_ascii(sign: char) -> Option<&'static str> {
    Some(match sign {
        '…' => "...",
        '–' | '—' | '·' | '•' => "-",
        '→' | '▸' => "->",
        '≥' => ">=",
        '≤' => "<=",
        '×' => "x",
        '“' | '”' | '«' | '»' => "\"",
        '‘' | '’' => "'",
        '\u{a0}' => " ",
        _ => return None,
    })
}

/// The text with the program's own signs in ASCII and every other character beyond it as `\u{…}`.
#[must_use]
pub fn to_ascii(text: &str) -> String {
    use std::fmt::Write as _;
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match sign_in_ascii(character) {
            Some(sign) => plain.push_str(sign),
            None if character.is_ascii() => plain.push(character),
            None => {
                // Writing to a string cannot fail.
                let _ = write!(plain, "\\u{{{:x}}}", character as u32);
            }
        }
    }
    plain
}

/// As [`to_ascii`], line by line.
#[must_use]
pub fn to_ascii_lines(text: &str) -> String {
    text.lines().map(|line| to_ascii(line) + "\n").collect()
}

/// What changed between two runs, one line a step; empty when nothing did.
#[must_use]
pub fn changes(before: &Report, after: &Report, style: &Style) -> String {
    let mut lines = String::new();
    for id in StepId::ALL {
        if let (Some(old), Some(new)) = (before.step(id), after.step(id))
            && differs(old, new)
        {
            lines.push_str(&step(new, style));
        }
    }
    lines
}

/// Whether two reports of a step say different things; how long its requests took is not among them.
#[must_use]
pub fn differs(old: &StepReport, new: &StepReport) -> bool {
    let says = |report: &StepReport| {
        // A warning that is only worded anew is not worth the whole step again.
        report
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| (finding.code, finding.severity, finding.message.clone()))
            .collect::<Vec<_>>()
    };
    old.status != new.status || old.summary != new.summary || says(old) != says(new)
}
