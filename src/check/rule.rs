//! A rule of App 2's settings beside what the token has.

use crate::knowledge::Words;

/// Whether a token satisfies a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Holds,
    /// It doesn't.
    Broken,
    /// It doesn't, and how the platform applies the rule isn't documented.
    BrokenUndocumented,
    /// The source hides the value, or how the platform applies the rule isn't established.
    Unknown,
}

impl Verdict {
    /// The verdict for a documented rule.
    pub const fn of(is_met: bool) -> Self {
        if is_met { Self::Holds } else { Self::Broken }
    }

    /// The verdict for a rule that isn't documented.
    pub const fn undocumented(is_met: bool) -> Self {
        if is_met { Self::Holds } else { Self::BrokenUndocumented }
    }
}

/// A rule, and its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Rule {
    /// The setting's name.
    pub name: &'static str,
    /// The setting's value.
    pub expected: Words,
    /// The token's value.
    pub found: Words,
    /// Whether the token satisfies it.
    pub verdict: Verdict,
    /// Where the setting was read.
    pub source: Words,
}

impl Rule {
    /// A rule with its values.
    pub fn new(name: &'static str, expected: impl Into<Words>, found: impl Into<Words>, verdict: Verdict) -> Self {
        Self { name, expected: expected.into(), found: found.into(), verdict, source: Words::none() }
    }
}
