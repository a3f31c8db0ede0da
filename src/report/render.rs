//! From a form's name to its text.

use crate::case::secret::without_tokens;

use super::{Report, html, json, junit, markdown, text};

/// The written forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// The contract with programs.
    Json,
    /// For tickets and wikis.
    Markdown,
    /// One self-contained page.
    Html,
    /// One test case a step, for pipelines.
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
    without_tokens(&written)
}
