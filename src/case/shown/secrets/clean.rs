//! Texts that were searched before and hold nothing to hide.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// A longer text is hardly there twice.
const LONGEST: usize = 200;
/// No more texts are kept.
const MOST: usize = 4096;

/// What is shown as it is. While a check runs, its case is judged and shown again with each answer, and then with each
/// change that is assumed: nearly all of its texts are the same.
#[derive(Clone, Default)]
pub struct Clean(Arc<Mutex<HashSet<String>>>);

impl Clean {
    /// Whether the text was found to be one of these.
    pub fn has(&self, text: &str) -> bool {
        text.len() <= LONGEST && self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(text)
    }

    /// Remembers a text that is shown as it is, whichever case it is in.
    pub fn add(&self, text: &str) {
        if text.len() > LONGEST {
            return;
        }
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if texts.len() < MOST {
            texts.insert(text.to_owned());
        }
    }
}
