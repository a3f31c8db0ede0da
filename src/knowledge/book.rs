//! A file of the knowledge base, of which only those entries are parsed that somebody asks for: a run needs a few of
//! hundreds.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;

use crate::packed;

/// A TOML file with one table for each entry.
pub(super) struct Book<T: 'static> {
    file: fn() -> &'static str,
    pages: OnceLock<BTreeMap<&'static str, Page<T>>>,
    /// What is added to an entry when it is parsed, with its key.
    finish: fn(&str, &mut T),
}

/// The text of one entry.
struct Page<T> {
    text: &'static str,
    entry: OnceLock<Option<T>>,
}

impl<T: DeserializeOwned> Book<T> {
    pub(super) const fn new(file: fn() -> &'static str, finish: fn(&str, &mut T)) -> Self {
        Self { file, pages: OnceLock::new(), finish }
    }

    /// The entry with this key. One that does not parse is none (a test parses them all), so that the program still
    /// judges,
    /// only without words.
    pub(super) fn get(&self, key: &str) -> Option<&T> {
        self.entry(key, self.pages().get(key)?)
    }

    /// The keys in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.pages().keys().copied()
    }

    /// All entries in the order of their keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &T)> {
        self.pages().iter().filter_map(|(key, page)| Some((*key, self.entry(key, page)?)))
    }

    fn pages(&self) -> &BTreeMap<&'static str, Page<T>> {
        self.pages.get_or_init(|| {
            divided((self.file)()).map(|(key, text)| (key, Page { text, entry: OnceLock::new() })).collect()
        })
    }

    fn entry<'a>(&self, key: &str, page: &'a Page<T>) -> Option<&'a T> {
        page.entry
            .get_or_init(|| {
                let mut tables: BTreeMap<String, T> = packed::read(page.text)?;
                let mut entry = tables.remove(key)?;
                (self.finish)(key, &mut entry);
                Some(entry)
            })
            .as_ref()
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
