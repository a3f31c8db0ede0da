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

/// Whether one of the texts with this key, which are in lower case, is in a text in any case.
#[must_use]
pub fn has_mark(key: &str, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    marks(key).iter().any(|mark| lower.contains(mark.as_str()))
}

/// The first of the texts with this key that is in a text, letter by letter.
#[must_use]
pub fn mark_in(key: &str, text: &str) -> Option<&'static str> {
    marks(key).iter().find(|mark| text.contains(mark.as_str())).map(String::as_str)
}

/// What the first of the texts with this key names (`what: its name`) whose first part is so.
#[must_use]
pub fn named_by(key: &str, is_so: impl Fn(&str) -> bool) -> Option<&'static str> {
    let mut named = marks(key).iter().filter_map(|mark| mark.split_once(": "));
    named.find(|(what, _)| is_so(what)).map(|(_, name)| name)
}

/// The service whose issuer this is: nobody else can publish its keys, and it is reachable but for a fault of its own.
#[must_use]
pub fn service_of_issuer(issuer: &str) -> Option<&'static str> {
    let host = url::Url::parse(issuer.trim()).ok()?.host_str()?.to_ascii_lowercase();
    let is_below = |end: &str| host.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    named_by("issuers-of-services", is_below)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_key_has_texts() {
        assert!(super::read().unwrap().values().all(|marks| !marks.texts.is_empty()));
    }
}
