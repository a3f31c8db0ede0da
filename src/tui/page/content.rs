//! A page: what a view shows, as items in their order. Those that are alike and may be many are made when they are
//! looked at.

use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::Arc;

use crate::report::wrap;

use super::item::{Item, Names, Row};
use super::laid::Laid;

/// Items that are alike and may be many: each is made when it is looked at, and can be selected.
pub trait Many: Debug + Send + Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// One of them.
    fn item(&self, at: usize) -> Option<Cow<'_, Item>>;

    /// The place of an item among them.
    fn position(&self, id: &str) -> Option<usize>;

    /// Whether there is more to show of each below the page.
    fn has_details(&self) -> bool;
}

/// What a view shows.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The items in order, without those that are made when they are looked at.
    pub items: Vec<Item>,
    /// Those, and how many of the items are before them.
    pub many: Option<(usize, Arc<dyn Many>)>,
    /// The item that is selected at first, if it is in sight then.
    pub start: Option<String>,
    /// Whether it is out of date, and so shown faint.
    pub stale: bool,
    /// What of it was laid out last.
    pub laid: Laid,
}

impl Page {
    /// A page of these items.
    #[must_use]
    pub fn of(mut items: Vec<Item>) -> Self {
        align(&mut items);
        align_cells(&mut items);
        Self { items, ..Self::default() }
    }

    /// The same with these after the first items.
    #[must_use]
    pub fn with_many(self, before: usize, many: impl Many + 'static) -> Self {
        Self { many: Some((before, Arc::new(many))), ..self }
    }

    /// How many items are before the many, and how many these are.
    fn counts(&self) -> (usize, usize) {
        self.many.as_ref().map_or((self.items.len(), 0), |(before, many)| (*before, many.count()))
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len() + self.counts().1
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item in this place.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Cow<'_, Item>> {
        let (before, count) = self.counts();
        match (at.checked_sub(before), &self.many) {
            (Some(one), Some((_, many))) if one < count => many.item(one),
            (Some(after), _) => self.items.get(before + after - count).map(Cow::Borrowed),
            (None, _) => self.items.get(at).map(Cow::Borrowed),
        }
    }

    /// All items.
    pub fn all(&self) -> impl Iterator<Item = Cow<'_, Item>> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// Whether the item in this place can be selected.
    fn is_selectable(&self, at: usize) -> bool {
        let (before, count) = self.counts();
        let is_one = at.checked_sub(before).is_some_and(|one| one < count);
        is_one || self.get(at).is_some_and(|item| item.is_selectable())
    }

    /// The place of an item.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        let (before, count) = self.counts();
        if let Some(one) = self.many.as_ref().and_then(|(_, many)| many.position(id)) {
            return Some(before + one);
        }
        let at = self.items.iter().position(|item| item.is_selectable() && item.id == id)?;
        Some(if at < before { at } else { at + count })
    }

    /// The first item from here on that can be selected.
    #[must_use]
    pub fn selectable_from(&self, at: usize) -> Option<usize> {
        (at..self.len()).find(|at| self.is_selectable(*at))
    }

    /// The last item before this one that can be selected.
    #[must_use]
    pub fn selectable_before(&self, at: usize) -> Option<usize> {
        (0..at.min(self.len())).rfind(|at| self.is_selectable(*at))
    }

    /// How many of the items before this one can be selected.
    #[must_use]
    pub fn count_before(&self, at: usize) -> usize {
        let (before, count) = self.counts();
        let of_many = at.saturating_sub(before).min(count);
        of_many + self.items.iter().take(at - of_many).filter(|item| item.is_selectable()).count()
    }

    /// The whole text, unwrapped, for copying and printing.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.all().map(|item| item.plain()).collect();
        lines.join("\n").trim().to_owned() + "\n"
    }
}

/// Gives the names of pairs that follow one another a column of the same width.
fn align(items: &mut [Item]) {
    let is_pair = |item: &Item| matches!(item.row, Row::Pair { .. } | Row::Below(..));
    for group in items.chunk_by_mut(|one, other| is_pair(one) && is_pair(other)) {
        let names = Names::of(group.iter().filter_map(|item| match &item.row {
            Row::Pair { name, .. } => Some(wrap::width(name)),
            _ => None,
        }));
        for item in group {
            if let Row::Pair { column, .. } | Row::Below(_, column) = &mut item.row {
                *column = names;
            }
        }
    }
}

/// Gives all cells of a page the same columns.
fn align_cells(items: &mut [Item]) {
    let mut widths: Vec<usize> = Vec::new();
    for item in items.iter() {
        let Row::Cells(row) = &item.row else { continue };
        for (at, (text, _)) in row.cells.iter().enumerate() {
            let width = wrap::width(text);
            match widths.get_mut(at) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    for item in items {
        if let Row::Cells(row) = &mut item.row {
            row.widths.clone_from(&widths);
        }
    }
}
