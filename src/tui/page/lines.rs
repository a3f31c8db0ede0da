//! A long text in a page: each of its lines becomes an item when it is looked at, and not before.

use std::borrow::Cow;
use std::sync::Arc;

use crate::case::text::{visible_json, visible_lines_after};

use super::content::{Many, Page};
use super::item::{Item, Row};

/// What begins the IDs of lines.
const LINE: &str = "body/";

/// What is before each line.
const INDENT: &str = "    ";

/// Bytes of a line that is made whenever it is looked at.
const LONG: usize = 1_024;

/// The lines of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lines {
    text: Arc<str>,
    /// Whether it is JSON, in which a control character is shown as JSON writes it.
    is_json: bool,
    /// Where each line begins, and where the last one ends.
    bounds: Vec<usize>,
}

impl Lines {
    /// At most so many lines of a text.
    #[must_use]
    pub fn of(text: impl Into<Arc<str>>, is_json: bool, most: usize) -> Self {
        let text = text.into();
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let mut bounds: Vec<usize> = std::iter::once(0).chain(breaks).take(most.saturating_add(1)).collect();
        if bounds.len() <= most && bounds.last().is_some_and(|last| *last < text.len()) {
            bounds.push(text.len());
        }
        Self { text, is_json, bounds }
    }

    /// The bytes of the longest one.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.bounds
            .windows(2)
            .map(|line| line.iter().rev().copied().reduce(usize::saturating_sub).unwrap_or(0))
            .max()
            .unwrap_or(0)
    }

    /// The first ones of them.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        self.bounds.truncate(count.saturating_add(1));
        self
    }

    /// The page with these after its first items.
    #[must_use]
    pub fn within(self, mut page: Page, before: usize) -> Page {
        // What takes time is made once: a line that is long itself.
        if self.longest() > LONG {
            page.items.splice(before..before, (0..self.count()).filter_map(|at| Some(self.item(at)?.into_owned())));
            return page;
        }
        page.with_many(before, self)
    }

    /// A line as it is.
    fn line(&self, at: usize) -> Option<&str> {
        let line = self.text.get(*self.bounds.get(at)?..*self.bounds.get(at + 1)?)?;
        let line = line.strip_suffix('\n').unwrap_or(line);
        Some(line.strip_suffix('\r').unwrap_or(line))
    }
}

impl Many for Lines {
    fn count(&self) -> usize {
        self.bounds.len().saturating_sub(1)
    }

    fn item(&self, at: usize) -> Option<Cow<'_, Item>> {
        // A line may be long: it isn't copied more often than it has to be.
        let text = match self.is_json {
            true => format!("{INDENT}{}", visible_json(self.line(at)?)),
            false => visible_lines_after(INDENT, self.line(at)?),
        };
        let copy = text.trim().to_owned();
        let item = Item { row: Row::Code(text), ..Item::new(format!("{LINE}{at}"), Row::Blank) };
        Some(Cow::Owned(item.with_copy(copy)))
    }

    fn position(&self, id: &str) -> Option<usize> {
        id.strip_prefix(LINE)?.parse().ok().filter(|at| *at < self.count())
    }

    fn has_details(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, most: usize) -> Vec<String> {
        let lines = Lines::of(text, false, most);
        (0..lines.count()).filter_map(|at| lines.item(at)?.into_owned().copy).collect()
    }

    #[test]
    fn a_text_has_the_lines_that_it_has() {
        assert!(of("", 9).is_empty());
        assert_eq!(of("one", 9), ["one"]);
        assert_eq!(of("one\r\n\ntwo\n", 9), ["one", "", "two"]);
        assert_eq!(of("one\ntwo\nthree\nfour", 2), ["one", "two"]);
        assert_eq!(of("one\ntwo\n", 2), ["one", "two"]);
        let lines = Lines::of("one\ntwo\nthree", false, 9).first(2);
        assert_eq!((lines.count(), lines.line(2), lines.longest()), (2, None, 4));
    }
}
