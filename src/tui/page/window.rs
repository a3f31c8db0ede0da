//! What of a page is in sight. Only that is wrapped: a page of any length costs the same.

use ratatui::text::Line;

use super::content::Page;
use super::item::{Item, Row};
use super::laid::Rows;
use super::layout::{self, Sheet};

/// A row in sight, and the item that it is of.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The rows of the item.
    rows: Rows,
    /// Which of them it is.
    row: usize,
    /// The item's place in the page.
    pub item: usize,
}

impl Placed {
    /// The row.
    #[must_use]
    pub fn line(&self) -> Option<&Line<'static>> {
        self.rows.get(self.row)
    }
}

/// The rows in sight, from `skipped` rows of the item `top` on.
#[must_use]
pub fn window(page: &Page, top: usize, skipped: usize, sheet: &Sheet) -> Vec<Placed> {
    let mut placed = Vec::with_capacity(sheet.height);
    for item in top..page.len() {
        let rows = rows(page, item, sheet);
        let skip = if item == top { skipped } else { 0 };
        let left = sheet.height.saturating_sub(placed.len());
        placed.extend((skip..rows.len()).take(left).map(|row| Placed { rows: Rows::clone(&rows), row, item }));
        if placed.len() >= sheet.height {
            break;
        }
    }
    placed
}

fn rows(page: &Page, at: usize, sheet: &Sheet) -> Rows {
    let most = if sheet.selected == Some(at) { usize::MAX } else { sheet.comments };
    rows_of(page, at, most, sheet)
}

/// The rows of an item; of a comment, at most so many.
fn rows_of(page: &Page, at: usize, most: usize, sheet: &Sheet) -> Rows {
    let most = if is_comment(page, at) { most } else { usize::MAX };
    page.laid.rows((at, most), sheet, || match page.get(at) {
        Some(item) => layout::rows(&item, &Sheet { comments: most, ..sheet.clone() }),
        None => Vec::new(),
    })
}

/// Whether an item is one; among those that are made when they are looked at there is none.
fn is_comment(page: &Page, at: usize) -> bool {
    page.many.is_none() && page.items.get(at).is_some_and(|item| matches!(item.row, Row::Comment(_)))
}

/// So many rows may a comment above the first command have for this to be in sight at the beginning of the page. Where
/// it can't be, comments are whole.
#[must_use]
pub fn comment_rows(page: &Page, sheet: &Sheet) -> usize {
    let of_command = |item: &Item| matches!(item.row, Row::Command { .. });
    let command = page.items.iter().position(of_command);
    let Some(command) = command.filter(|at| *at < sheet.height && (0..*at).any(|at| is_comment(page, at))) else {
        return usize::MAX;
    };
    let whole = (0..command).map(|at| (at, rows_of(page, at, usize::MAX, sheet).len()));
    let (comments, others): (Vec<_>, Vec<_>) = whole.partition(|(at, _)| is_comment(page, *at));
    let taken = 1 + others.iter().map(|(_, rows)| rows).sum::<usize>();
    let fits = |most: &usize| taken + comments.iter().map(|(_, rows)| most.min(rows)).sum::<usize>() <= sheet.height;
    (1..=sheet.height).rev().find(fits).filter(|most| *most < sheet.height).unwrap_or(usize::MAX)
}

/// How many rows an item has.
#[must_use]
pub fn height(page: &Page, at: usize, sheet: &Sheet) -> usize {
    rows(page, at, sheet).len()
}

/// The place from which on the rows up to the end of this item just fill the pane.
#[must_use]
pub fn top_for_end(page: &Page, last: usize, sheet: &Sheet) -> (usize, usize) {
    let mut left = sheet.height;
    for at in (0..=last).rev() {
        let rows = height(page, at, sheet);
        if rows >= left {
            return (at, rows - left);
        }
        left -= rows;
    }
    (0, 0)
}

/// The place from which on the item is in sight: the present one where it is in sight already.
#[must_use]
pub fn follow(page: &Page, top: (usize, usize), item: usize, sheet: &Sheet) -> (usize, usize) {
    let top = (top.0.min(page.len().saturating_sub(1)), top.1);
    if item < top.0 || (item == top.0 && top.1 > 0 && height(page, item, sheet) <= sheet.height) {
        // Headings right above come into sight with it, and so does the beginning of the page.
        let mut first = item;
        let mut used = height(page, item, sheet);
        while let Some(above) = first.checked_sub(1) {
            let is_heading = page.get(above).is_some_and(|item| !item.is_selectable());
            used += height(page, above, sheet);
            if !is_heading || used > sheet.height {
                break;
            }
            first = above;
        }
        return (first, 0);
    }
    // What is higher than the pane stays where it was scrolled to: the pane shows nothing else.
    if item == top.0 && height(page, item, sheet).saturating_sub(top.1) >= sheet.height {
        return top;
    }
    let mut used = 0;
    for at in top.0..=item {
        let rows = height(page, at, sheet);
        used += if at == top.0 { rows.saturating_sub(top.1) } else { rows };
        if used > sheet.height {
            let end = top_for_end(page, item, sheet);
            // What is higher than the pane is shown from its beginning.
            return if end.0 == item { (item, 0) } else { end };
        }
    }
    top
}

/// The place some rows further on, not past the end.
#[must_use]
pub fn scrolled_down(page: &Page, top: (usize, usize), rows: usize, sheet: &Sheet) -> (usize, usize) {
    let Some(last) = page.len().checked_sub(1) else {
        return (0, 0);
    };
    let (mut at, mut skipped) = (top.0, top.1 + rows);
    while at < last {
        let rows = height(page, at, sheet);
        if skipped < rows {
            break;
        }
        skipped -= rows;
        at += 1;
    }
    (at, skipped).min(top_for_end(page, last, sheet))
}

/// The place some rows back.
#[must_use]
pub fn scrolled_up(page: &Page, top: (usize, usize), rows: usize, sheet: &Sheet) -> (usize, usize) {
    let (mut at, mut skipped) = top;
    let mut left = rows;
    while left > skipped {
        left -= skipped;
        let Some(above) = at.checked_sub(1) else {
            return (0, 0);
        };
        at = above;
        skipped = height(page, at, sheet);
    }
    (at, skipped - left)
}
