//! Facts and tables of a step, before they have words.

use crate::knowledge::Words;

/// What is shown of a step beside its findings.
#[derive(Debug, Default)]
pub(in crate::report) struct Shown {
    /// Facts in the order of their importance.
    pub(in crate::report) facts: Vec<Fact>,
    /// Tables, such as the claims.
    pub(in crate::report) tables: Vec<Table>,
}

/// A named fact of a step.
#[derive(Debug)]
pub(in crate::report) struct Fact {
    /// What it is, such as `client ID`.
    pub(in crate::report) name: String,
    /// Its value.
    pub(in crate::report) value: Words,
}

/// A table of a step: the claims of the token, or the rules of an evaluation.
#[derive(Debug)]
pub(in crate::report) struct Table {
    /// Its heading.
    pub(in crate::report) title: &'static str,
    /// Names of the columns.
    pub(in crate::report) columns: &'static [&'static str],
    /// The rows; each has as many cells as there are columns.
    pub(in crate::report) rows: Vec<Vec<Words>>,
}

impl Shown {
    /// Adds a fact.
    pub(in crate::report) fn fact(&mut self, name: &str, value: impl Into<Words>) {
        self.facts.push(Fact { name: name.to_owned(), value: value.into() });
    }

    /// Adds a fact, where there is one.
    pub(in crate::report) fn fact_if_any(&mut self, name: &str, value: Option<impl Into<Words>>) {
        if let Some(value) = value {
            self.fact(name, value);
        }
    }
}
