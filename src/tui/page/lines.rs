//! A long text in a page: each of its lines becomes an item when it is looked at, and not before.

use crate::case::text::{visible_json, visible_lines};

/// The lines of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lines {
    text: String,
    /// Whether it is JSON, in which a control character is shown as JSON writes it.
    is_json: bool,
    /// Where each line begins, and where the last one ends.
    bounds: Vec<usize>,
}

impl Lines {
    /// At most so many lines of a text.
    #[must_use]
    pub fn of(text: String, is_json: bool, most: usize) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let mut bounds: Vec<usize> = std::iter::once(0).chain(breaks).take(most.saturating_add(1)).collect();
        if bounds.len() <= most && bounds.last().is_some_and(|last| *last < text.len()) {
            bounds.push(text.len());
        }
        Self { text, is_json, bounds }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.bounds.len().saturating_sub(1)
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

    /// A line, as it may be shown.
    #[must_use]
    pub fn line(&self, at: usize) -> Option<String> {
        let line = self.text.get(*self.bounds.get(at)?..*self.bounds.get(at + 1)?)?;
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        Some(if self.is_json { visible_json(line) } else { visible_lines(line) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, most: usize) -> Vec<String> {
        let lines = Lines::of(text.to_owned(), false, most);
        (0..lines.count()).filter_map(|at| lines.line(at)).collect()
    }

    #[test]
    fn a_text_has_the_lines_that_it_has() {
        assert!(of("", 9).is_empty());
        assert_eq!(of("one", 9), ["one"]);
        assert_eq!(of("one\r\n\ntwo\n", 9), ["one", "", "two"]);
        assert_eq!(of("one\ntwo\nthree\nfour", 2), ["one", "two"]);
        assert_eq!(of("one\ntwo\n", 2), ["one", "two"]);
        let lines = Lines::of("one\ntwo\nthree".to_owned(), false, 9).first(2);
        assert_eq!((lines.count(), lines.line(2), lines.longest()), (2, None, 4));
    }
}
