//! The hosts of App 1 and the kinds of App 2 that are covered: `assets/knowledge/covered.toml`, and the platforms and
//! kinds that have a row of their own.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::case::platform::Platform;
use crate::case::target_kind::TargetKind;

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
    static COVERED: LazyLock<Covered> = LazyLock::new(|| {
        let mut covered: Covered = crate::packed::read(packed!("knowledge/covered.toml")).unwrap_or_default();
        let platforms = Platform::ALL.iter().map(|platform| (platform.id(), &platform.protocol().covered));
        add(&mut covered.hosts, platforms);
        let kinds = TargetKind::ALL.iter().map(|kind| (kind.id(), &kind.data().covered));
        add(&mut covered.targets, kinds);
        covered
    });
    &COVERED
}

/// Adds the rows of those that have their own, behind the rows that name any.
fn add<'a>(rows: &mut Vec<Row>, own: impl Iterator<Item = (&'a str, &'a Option<(String, String)>)>) {
    let others: Vec<Row> = rows.extract_if(.., |row| row.code.is_empty()).collect();
    rows.extend(own.filter_map(|(code, row)| {
        let (name, by) = row.clone()?;
        Some(Row { name, by, code: vec![code.to_owned()] })
    }));
    rows.extend(others);
}
