//! The two values that decide, where a cause is such a difference: what is expected, and what there is.

use super::vocabulary::*;

/// Two values that should be the same, or one that should be in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Difference {
    /// What is compared.
    pub subject: &'static str,
    /// The values of which one is needed.
    pub expected: Vec<Value>,
    /// The value that there is.
    pub actual: Value,
    /// Where the expected values come from.
    pub source: Words,
}

/// A value, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Value {
    /// The value; `None` where there is none.
    pub value: Option<String>,
    /// What it is, such as `client ID of App 2`, where that is known.
    pub name: Option<Words>,
}

impl Difference {
    /// A difference of these values; what they are is added when it is shown.
    pub fn of<E: AsRef<str>>(
        subject: &'static str,
        expected: impl IntoIterator<Item = E>,
        actual: Option<impl AsRef<str>>,
        source: impl Into<Words>,
    ) -> Self {
        Self {
            subject,
            expected: expected.into_iter().map(|value| Value::of(value.as_ref())).collect(),
            actual: actual.map_or_else(Value::default, |value| Value::of(value.as_ref())),
            source: source.into(),
        }
    }

    /// A resource, or another name, beside those of App 2's own names that count.
    pub(super) fn of_own_names(evidence: &Evidence<'_>, actual: Option<&str>, counts: impl Fn(&str) -> bool) -> Self {
        let own = target::own_names(evidence).into_iter().filter(|(name, _)| counts(name));
        let (names, mut sources): (Vec<String>, Vec<&str>) = own.unzip();
        sources.dedup();
        Self::of(RESOURCE, names, actual, sources.join(", "))
    }

    /// The same with what the expected values are, where nothing of the case tells it.
    pub fn expected_is(mut self, name: impl Into<Words>) -> Self {
        let name = name.into();
        for value in &mut self.expected {
            value.name = Some(name.clone());
        }
        self
    }
}

impl Value {
    fn of(value: &str) -> Self {
        Self { value: Some(visible(value)), name: None }
    }
}
