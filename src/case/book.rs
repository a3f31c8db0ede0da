//! A file of the knowledge base, of which only those entries are parsed that somebody asks for: a run needs a few of
//! hundreds.

use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{objects, packed};

/// A TOML file with one table for each entry.
pub(crate) struct Book<T: 'static> {
    pages: Pages,
    /// Each page's entry.
    entries: OnceLock<Vec<OnceLock<Option<T>>>>,
    /// What is added to an entry when it is parsed, with its key.
    finish: fn(&str, &mut T),
}

impl<T: DeserializeOwned> Book<T> {
    pub(crate) const fn new(file: fn() -> &'static str, finish: fn(&str, &mut T)) -> Self {
        Self { pages: Pages { file, divided: OnceLock::new() }, entries: OnceLock::new(), finish }
    }

    /// The entry with this key. One that does not parse is none (a test parses them all), so that the program still
    /// judges, only without words.
    pub(crate) fn get(&self, key: &str) -> Option<&T> {
        self.entry(self.pages.all().binary_search_by_key(&key, |(key, _)| key).ok()?)
    }

    /// The keys in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.pages.all().iter().map(|(key, _)| *key)
    }

    /// All entries in the order of their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &T)> {
        self.keys().enumerate().filter_map(|(place, key)| Some((key, self.entry(place)?)))
    }

    fn entry(&self, place: usize) -> Option<&T> {
        let entries = self.entries.get_or_init(|| self.keys().map(|_| OnceLock::new()).collect());
        let parsed = || {
            let mut entry = objects::from_value(self.pages.value(place)?).ok()?;
            (self.finish)(self.pages.all().get(place)?.0, &mut entry);
            Some(entry)
        };
        entries.get(place)?.get_or_init(parsed).as_ref()
    }
}

/// The text of each entry. What is alike for all types of entries is written for none of them.
struct Pages {
    file: fn() -> &'static str,
    divided: OnceLock<Vec<(&'static str, &'static str)>>,
}

impl Pages {
    /// The keys in order, and their texts.
    fn all(&self) -> &[(&'static str, &'static str)] {
        self.divided.get_or_init(|| {
            let mut pages: Vec<_> = divided((self.file)()).collect();
            crate::sort::all(&mut pages);
            pages
        })
    }

    fn value(&self, place: usize) -> Option<Value> {
        let (key, text) = self.all().get(place)?;
        packed::value(text).ok()?.get_mut(*key).map(Value::take)
    }
}

/// The keys of a file and the text of each entry: from its header to the next one. The tables within an entry
/// (`[[key.fix]]`)
/// belong to it.
fn divided(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut at = 0;
    let mut headers = Vec::new();
    for line in file.split_inclusive('\n') {
        headers.extend(key_of(line).map(|key| (key, at)));
        at += line.len();
    }
    let ends: Vec<usize> = headers.iter().skip(1).map(|(_, start)| *start).chain([at]).collect();
    headers.into_iter().zip(ends).filter_map(move |((key, start), end)| Some((key, file.get(start..end)?)))
}

/// The key in the header of an entry: `[key]` or `["a key"]`.
fn key_of(line: &str) -> Option<&str> {
    let name = line.trim_end().strip_prefix('[')?.strip_suffix(']')?;
    match name.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"'),
        None => {
            let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            (!name.is_empty() && name.bytes().all(is_bare)).then_some(name)
        }
    }
}
