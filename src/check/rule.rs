//! A rule of App 2's settings beside what the token has.

use crate::knowledge::{RuleVerdict as Verdict, Words};

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
