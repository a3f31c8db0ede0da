//! A rule of App 2's settings beside what the token has.

use crate::knowledge::Words;

/// What comes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The token satisfies it.
    Holds,
    /// The token does not.
    Broken,
    /// The token does not, and what the platform makes of the rule is not documented.
    BrokenAsRead,
    /// The source does not tell, or what the platform makes of it is not established.
    Undetermined,
}

impl Verdict {
    /// Whether the token satisfies a rule whose meaning is documented.
    #[must_use]
    pub const fn of(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Broken }
    }

    /// The same for a rule whose meaning is not.
    #[must_use]
    pub const fn as_read(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::BrokenAsRead }
    }

    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Broken => "broken",
            Self::BrokenAsRead => "broken (its exact meaning is not documented)",
            Self::Undetermined => "undetermined",
        }
    }
}

/// A rule, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The setting's name.
    pub name: &'static str,
    /// What the setting wants, safe to show.
    pub expected: Words,
    /// What the token has, safe to show.
    pub found: Words,
    /// What comes of it.
    pub verdict: Verdict,
    /// Where the setting was read, in words.
    pub source: Words,
}

impl Rule {
    /// A rule with its values.
    #[must_use]
    pub fn new(name: &'static str, expected: impl Into<Words>, found: impl Into<Words>, verdict: Verdict) -> Self {
        Self {
            name,
            expected: expected.into(),
            found: found.into(),
            verdict,
            source: Words::none(),
        }
    }

    /// The same with where its setting was read.
    #[must_use]
    pub fn from(mut self, source: impl Into<Words>) -> Self {
        self.source = source.into();
        self
    }
}
