//! What is expected beside what there is: the two values that decide, where a cause is such a difference, and the rules
//! of App 2's settings beside what the token has.

use super::weight::RuleVerdict;
use super::words::Words;
use crate::case::text::visible;

/// Two values that should be the same, or one that should be in a list. What they are is said when it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Difference {
    /// What is compared.
    pub subject: &'static str,
    /// The values of which one is needed.
    pub expected: Vec<String>,
    /// The value that there is, if any.
    pub actual: Option<String>,
    /// Where the expected values come from.
    pub source: Words,
    /// Whether it is said what the values are, where that is known.
    pub is_named: bool,
}

impl Difference {
    /// A difference of these values.
    pub fn of<E: AsRef<str>>(
        subject: &'static str,
        expected: impl IntoIterator<Item = E>,
        actual: Option<impl AsRef<str>>,
        source: impl Into<Words>,
    ) -> Self {
        let expected = expected.into_iter().map(|value| visible(value.as_ref())).collect();
        let actual = actual.map(|value| visible(value.as_ref()));
        Self { subject, expected, actual, source: source.into(), is_named: true }
    }
}

/// A rule of App 2's settings, and its verdict.
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
    pub verdict: RuleVerdict,
    /// Where the setting was read.
    pub source: Words,
}

impl Rule {
    /// A rule with its values.
    pub fn new(name: &'static str, expected: impl Into<Words>, found: impl Into<Words>, verdict: RuleVerdict) -> Self {
        Self { name, expected: expected.into(), found: found.into(), verdict, source: Words::none() }
    }
}
