//! The report: plain data that programs read as JSON, and its written forms, one file per format.
//!
//! | file | holds |
//! |---|---|
//! | [`words`] | the words and glyphs that every front end uses |
//! | [`document`] | the report as blocks (headings, facts, tables, commands), written once for the formats for people |
//! | [`text`], [`markdown`], [`html`] | these blocks in their form |
//! | [`json`], [`junit`] | the report for programs |
//! | [`support`] | the IDs of failed requests, for a support ticket |
//! | [`fixes`] | how to fix a finding, filled with the values of the case |
//! | [`written`] | what other programs take: App 2's settings with the root cause fixed |
//! | [`policy`] | App 2's rules beside the token, in the order in which they apply |
//! | [`claims`](mod@claims) | the claims, each with what it was compared with |
//! | [`who`] | what an ID is, and where it occurs |
//! | [`set_up`] | how a step is set up, filled with the values of the case |
//! | [`terminal`] | what a terminal can show, by its name |
//! | [`file`](mod@file) | files, never seen half done |
//! | [`token_report`] | the report of a token alone |
//! | `model` | [`Report`] itself |
//! | `worded`, `wording` | what was judged, in words, and how they are filled in |
//! | `observed` | what was observed where a finding points to, in words |
//!
//! [`Format`] names the written forms, and [`render()`] writes them.

pub mod beside;
pub mod claims;
pub mod compare;
pub mod document;
mod facts;
pub mod file;
pub mod fixes;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
mod model;
mod named;
mod observed;
pub mod policy;
mod rules;
pub mod set_up;
pub mod support;
mod supposed;
pub mod terminal;
pub mod text;
pub mod token_report;
pub mod tour;
pub mod who;
mod worded;
mod wording;
pub mod words;
pub mod wrap;
pub mod written;

pub use crate::diagnosis::Verdict;
pub use crate::knowledge::{Command, Delay, Owner, RuleVerdict, Shell};
pub use crate::knowledge::{Confidence, Origin, Severity, StepStatus};
pub use fixes::{Fix, TakesEffect};
pub use model::{Report, SCHEMA_VERSION};
pub use support::SupportId;
pub use worded::{
    Alternative, Diagnosis, Difference, EvidenceLine, Fact, Finding, NamedValue, NextFault, RootCause, StepReport,
    Table,
};

use clap::ValueEnum;

use crate::case::secret::without_tokens;

/// The written forms. What is said here of each is what `--help` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Plain text
    #[default]
    Text,
    /// JSON for other programs
    Json,
    /// Markdown for tickets and wikis
    Markdown,
    /// One self-contained HTML page
    Html,
    /// JUnit XML for pipelines, with one test case per step
    Junit,
}

/// Writes reports in a form. With `many`, JSON is an array even of one. Whatever looks like a token is taken out once
/// more at the very end, wherever it came from.
#[must_use]
pub fn render(reports: &[Report], many: bool, format: Format, style: &text::Style) -> String {
    let written = match format {
        Format::Text => text::reports(reports, style),
        Format::Json => json::reports(reports, many),
        Format::Markdown => markdown::reports(reports),
        Format::Html => html::reports(reports),
        Format::Junit => junit::reports(reports),
    };
    let written = without_tokens(&written);
    if style.ascii { in_ascii(&written, format) } else { written }
}

/// The JSON documents of the reports on one line, for a run that writes several of them.
#[must_use]
pub fn json_line(reports: &[Report], many: bool, style: &text::Style) -> String {
    let written = without_tokens(&json::line(reports, many));
    if style.ascii { in_ascii(&written, Format::Json) } else { written }
}

/// The text in ASCII, with what a reader of the format takes for the same characters.
#[must_use]
pub fn in_ascii(text: &str, format: Format) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match format {
            _ if character.is_ascii() => plain.push(character),
            Format::Json => {
                character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| plain.push_str(&format!("\\u{unit:04x}")));
            }
            Format::Html | Format::Junit => plain.push_str(&format!("&#{};", u32::from(character))),
            Format::Text | Format::Markdown => plain.push_str(&text::to_ascii(character.encode_utf8(&mut [0; 4]))),
        }
    }
    plain
}
