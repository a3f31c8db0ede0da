//! `marks.toml`: texts by which something is recognized.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marks {
    texts: Vec<String>,
    #[expect(dead_code, reason = "for whoever changes the file")]
    source: String,
}

fn read() -> Result<BTreeMap<String, Marks>, crate::packed::Unreadable> {
    crate::packed::read(packed!("knowledge/marks.toml"))
}

static MARKS: LazyLock<BTreeMap<String, Marks>> = LazyLock::new(|| read().unwrap_or_default());

/// The texts with this key, in their order.
#[must_use]
pub fn marks(key: &str) -> &'static [String] {
    MARKS.get(key).map(|marks| marks.texts.as_slice()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_key_has_texts() {
        assert!(super::read().unwrap().values().all(|marks| !marks.texts.is_empty()));
    }
}
