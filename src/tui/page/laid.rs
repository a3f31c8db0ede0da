//! The rows of a page's items as they were laid out last: a key lays out only what comes into sight.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ratatui::text::Line;

use super::sheet::Sheet;

/// So many items keep their rows.
const KEPT: usize = 1_000;

/// The rows of an item.
pub type Rows = Arc<[Line<'static>]>;

/// The rows of each item, by its place and the rows that it has at most.
type AllRows = HashMap<(usize, usize), Rows>;

/// What was laid out last, and for which sheet.
#[derive(Debug, Default)]
pub struct Laid(Mutex<(Option<Sheet>, AllRows)>);

impl Laid {
    /// The rows of the item at this place, at most so many, which are made where they are not there yet.
    pub(super) fn rows(&self, at: (usize, usize), sheet: &Sheet, make: impl FnOnce() -> Vec<Line<'static>>) -> Rows {
        let mut laid = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (made_for, rows) = &mut *laid;
        if made_for.as_ref().is_none_or(|other| !sheet.lays_out_like(other)) {
            *made_for = Some(sheet.clone());
            rows.clear();
        }
        if rows.len() >= KEPT {
            rows.clear();
        }
        Arc::clone(rows.entry(at).or_insert_with(|| make().into()))
    }
}

/// A copy of a page lays its items out itself.
impl Clone for Laid {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Pages are the same whatever of them was laid out.
impl PartialEq for Laid {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Laid {}
