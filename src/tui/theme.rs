//! How things look: the terminal's own sixteen colors and default background, or none at all.

use ratatui::style::{Color, Modifier, Style};

use crate::report::{Severity, StepStatus};

/// Colors and glyphs in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Whether colors are used; without them words, glyphs, bold and reverse carry everything.
    pub color: bool,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
}

impl Theme {
    fn colored(self, color: Color) -> Style {
        if self.color {
            Style::new().fg(color)
        } else {
            Style::new()
        }
    }

    /// A status.
    #[must_use]
    pub fn status(self, status: StepStatus) -> Style {
        match status {
            StepStatus::Pass => self.colored(Color::Green),
            StepStatus::Warn => self.colored(Color::Yellow),
            StepStatus::Fail => self.colored(Color::Red).add_modifier(Modifier::BOLD),
            StepStatus::Skipped => self.faint(),
            StepStatus::Unknown => self.colored(Color::Cyan),
        }
    }

    /// A finding.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.colored(Color::Red),
            Severity::Warning => self.colored(Color::Yellow),
            Severity::Info => self.faint(),
        }
    }

    /// Less important text.
    #[must_use]
    pub fn faint(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Headings.
    #[must_use]
    pub fn heading(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Text to copy as it stands.
    #[must_use]
    pub fn verbatim(self) -> Style {
        self.colored(Color::Cyan)
    }

    /// The selected row.
    #[must_use]
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The glyph of a busy step at a moment of its turning.
    #[must_use]
    pub fn spinner(self, turn: usize) -> &'static str {
        let glyphs: &[&str] = if self.ascii {
            &["|", "/", "-", "\\"]
        } else {
            &["⠋", "⠙", "⠸", "⠴", "⠦", "⠇"]
        };
        glyphs.get(turn % glyphs.len()).copied().unwrap_or("*")
    }

    /// The glyph of a horizontal rule.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        if self.ascii { "-" } else { "─" }
    }

    /// The glyph of a vertical rule.
    #[must_use]
    pub const fn bar(self) -> &'static str {
        if self.ascii { "|" } else { "│" }
    }

    /// Whatever text comes, in what this theme can draw.
    #[must_use]
    pub fn text(self, text: &str) -> String {
        if !self.ascii || text.is_ascii() {
            return text.to_owned();
        }
        text.chars()
            .map(|character| match character {
                '…' => "...".to_owned(),
                '–' | '—' => "-".to_owned(),
                '→' => "->".to_owned(),
                '·' | '•' => "*".to_owned(),
                '“' | '”' => "\"".to_owned(),
                '’' | '‘' => "'".to_owned(),
                other if other.is_ascii() => other.to_string(),
                _ => "?".to_owned(),
            })
            .collect()
    }
}
