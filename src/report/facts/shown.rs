//! Facts and tables of a step, before they have words.

use crate::knowledge::Words;

/// What is shown of a step beside its findings.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// Facts in the order of their importance.
    pub(crate) facts: Vec<Fact>,
    /// Tables, such as the claims.
    pub(crate) tables: Vec<Table>,
}

/// A named fact of a step.
#[derive(Debug)]
pub(crate) struct Fact {
    /// What it is, such as `client ID`.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: Words,
}

/// A table of a step: the claims of the token, or the rules of an evaluation.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its heading.
    pub(crate) title: &'static str,
    /// Names of the columns.
    pub(crate) columns: &'static [&'static str],
    /// The rows; each has as many cells as there are columns.
    pub(crate) rows: Vec<Vec<Words>>,
}

impl Shown {
    /// Adds a fact.
    pub(crate) fn fact(&mut self, name: &str, value: impl Into<Words>) {
        self.facts.push(Fact { name: name.to_owned(), value: value.into() });
    }

    /// Adds a fact, where there is one.
    pub(crate) fn fact_if_any(&mut self, name: &str, value: Option<impl Into<Words>>) {
        if let Some(value) = value {
            self.fact(name, value);
        }
    }
}
