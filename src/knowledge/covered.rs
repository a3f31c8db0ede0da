//! The hosts of App 1 and the kinds of App 2 that are covered: `assets/knowledge/covered.toml`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// What is covered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covered {
    /// Where App 1 runs.
    #[serde(rename = "host")]
    pub hosts: Vec<Row>,
    /// What App 2 is, or is behind.
    #[serde(rename = "target")]
    pub targets: Vec<Row>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What is done for it.
    pub by: String,
    /// The names that the program has for it elsewhere.
    #[serde(default, skip_serializing)]
    pub code: Vec<String>,
}

/// What is covered.
#[must_use]
pub fn covered() -> &'static Covered {
    static COVERED: LazyLock<Covered> =
        LazyLock::new(|| crate::packed::read(packed!("knowledge/covered.toml")).unwrap_or_default());
    &COVERED
}
