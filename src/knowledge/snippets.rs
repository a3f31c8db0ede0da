//! The lines that several fixes share, by name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

static SNIPPETS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| crate::packed::read(packed!("knowledge/snippets.toml")).unwrap_or_default());

/// Their names and templates.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    SNIPPETS.iter().map(|(name, source)| (name.as_str(), source.as_str()))
}

/// The template of one.
pub(super) fn source(name: &str) -> Option<&'static str> {
    SNIPPETS.get(name).map(String::as_str)
}
