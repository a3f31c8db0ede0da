//! How things look: roles instead of colors, and the glyphs of Unicode or ASCII.
//!
//! No color of the sixteen is readable on both a black and a white background, so color is only on marks and on the
//! word beside a mark. Sentences, values, and commands are in the terminal's own foreground.

use ratatui::style::{Color, Modifier, Style};

use crate::report::text::sign_in_ascii;
use crate::report::{Severity, StepStatus};

use super::terminal::Abilities;

/// What a piece of text is, whatever it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sentences, values, commands.
    Text,
    /// What could be left out.
    Faint,
    /// Headings.
    Heading,
    /// The mark of a success.
    Good,
    /// The mark of a warning.
    Warn,
    /// The mark of a failure.
    Bad,
    /// The mark of what isn't known.
    Open,
    /// The mark of a request under way.
    Busy,
    /// One of the two values that decide.
    Value,
    /// What is only supposed.
    Supposed,
    /// The selected row of the focused pane.
    Selected,
    /// A place that the search found.
    Hit,
}

impl Role {
    /// The role of a status.
    #[must_use]
    pub const fn of(status: StepStatus) -> Self {
        match status {
            StepStatus::Pass => Self::Good,
            StepStatus::Warn => Self::Warn,
            StepStatus::Fail => Self::Bad,
            StepStatus::Skipped => Self::Faint,
            StepStatus::Unknown => Self::Open,
        }
    }

    /// The role of a finding.
    #[must_use]
    pub const fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Bad,
            Severity::Warning => Self::Warn,
            Severity::Info => Self::Faint,
        }
    }
}

/// Which colors are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// The terminal's own colors, on marks only.
    #[default]
    Auto,
    /// No color; bold, reverse, and underline instead.
    Mono,
}

/// Colors and glyphs in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looks {
    /// The colors.
    pub palette: Palette,
    /// Whether marks and letters are ASCII.
    pub ascii: bool,
    /// Whether lines are box drawing anyway, as on the console of Linux.
    pub boxes: bool,
}

impl Looks {
    /// These colors and glyphs.
    #[must_use]
    pub const fn new(color: bool, ascii: bool) -> Self {
        let palette = if color { Palette::Auto } else { Palette::Mono };
        Self { palette, ascii, boxes: false }
    }

    /// What this terminal can show.
    #[must_use]
    pub const fn of(abilities: Abilities) -> Self {
        Self { boxes: abilities.boxes, ..Self::new(abilities.color, !abilities.marks) }
    }

    /// The style of a role.
    #[must_use]
    pub fn style(self, role: Role) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let color = |color, mono: Style| match self.palette {
            Palette::Auto => Style::new().fg(color),
            Palette::Mono => mono,
        };
        match role {
            Role::Text => Style::new(),
            Role::Faint => Style::new().add_modifier(Modifier::DIM),
            Role::Heading | Role::Value => bold,
            Role::Good => color(Color::Green, Style::new()),
            Role::Warn => color(Color::Yellow, bold),
            Role::Bad => color(Color::Red, Style::new()).add_modifier(Modifier::BOLD),
            Role::Open | Role::Busy => color(Color::Cyan, Style::new()),
            Role::Supposed => color(Color::Magenta, Style::new().add_modifier(Modifier::UNDERLINED)),
            Role::Selected => Style::new().add_modifier(Modifier::REVERSED),
            Role::Hit => Style::new().add_modifier(Modifier::UNDERLINED),
        }
    }

    /// The glyph of something under way, after this many milliseconds. It slows down after three seconds.
    #[must_use]
    pub fn spinner(self, milliseconds: i64) -> &'static str {
        let glyphs: &[&str] =
            if self.ascii { &["|", "/", "-", "\\"] } else { &["⠋", "⠙", "⠸", "⠴", "⠦", "⠇"] };
        let turn = if milliseconds < 3_000 { milliseconds / 150 } else { 20 + (milliseconds - 3_000) / 500 };
        let count = i64::try_from(glyphs.len()).unwrap_or(1);
        let at = usize::try_from(turn.rem_euclid(count)).unwrap_or(0);
        glyphs.get(at).copied().unwrap_or("*")
    }

    const fn either(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }

    /// Box drawing of code page 437: the console's font has no other.
    const fn line(self, boxes: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii && !self.boxes { ascii } else { boxes }
    }

    /// A horizontal rule.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        self.line("─", "-")
    }

    /// A vertical rule.
    #[must_use]
    pub const fn bar(self) -> &'static str {
        self.line("│", "|")
    }

    /// Where a vertical rule begins below a horizontal one.
    #[must_use]
    pub const fn tee(self) -> &'static str {
        self.line("┬", "+")
    }

    /// A part of the path behind its end.
    #[must_use]
    pub const fn behind(self) -> &'static str {
        self.either("┄", "~")
    }

    /// The mark of the selected item.
    #[must_use]
    pub const fn cursor(self) -> &'static str {
        self.either("▌", ">")
    }

    /// Where a row is cut.
    #[must_use]
    pub const fn cut(self) -> &'static str {
        self.either("›", ">")
    }

    /// Where a wrapped command goes on in the next row.
    #[must_use]
    pub const fn wrapped(self) -> &'static str {
        self.either("↪", "\\")
    }

    /// Where a row begins further to the left.
    #[must_use]
    pub const fn cut_before(self) -> &'static str {
        self.either("‹", "<")
    }

    /// What was marked, to be compared with another.
    #[must_use]
    pub const fn marked(self) -> &'static str {
        self.either("◆", "#")
    }

    /// What Enter opens.
    #[must_use]
    pub const fn opens(self) -> &'static str {
        self.either("▸", ">")
    }

    /// There is more above.
    #[must_use]
    pub const fn above(self) -> &'static str {
        self.either("▴", "^")
    }

    /// There is more below.
    #[must_use]
    pub const fn below(self) -> &'static str {
        self.either("▾", "v")
    }

    /// A step that waits for an answer.
    #[must_use]
    pub const fn busy(self) -> &'static str {
        self.either("•", "*")
    }

    /// A step that the check has not come to.
    #[must_use]
    pub const fn waiting(self) -> &'static str {
        self.either("·", ".")
    }

    /// What is only supposed.
    #[must_use]
    pub const fn supposed(self) -> &'static str {
        self.either("◇", "~")
    }

    /// A cell of a bar.
    #[must_use]
    pub const fn wave(self) -> &'static str {
        self.either("━", "=")
    }

    /// A moment on a bar.
    #[must_use]
    pub const fn moment(self) -> &'static str {
        self.either("●", "O")
    }

    /// Whatever text comes, in what can be drawn.
    #[must_use]
    pub fn text(self, text: &str) -> String {
        if !self.ascii || text.is_ascii() {
            return text.to_owned();
        }
        let mut plain = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '◇' => plain.push('~'),
                '▸' | '›' => plain.push('>'),
                '‹' => plain.push('<'),
                '←' => plain.push_str("<-"),
                '✓' => plain.push('+'),
                '✗' => plain.push('x'),
                other if other.is_ascii() => plain.push(other),
                other => plain.push_str(sign_in_ascii(other).unwrap_or("?")),
            }
        }
        plain
    }
}
