//! What follows from an observation, and is worked out once.

use std::fmt;
use std::sync::OnceLock;

/// A value that is worked out when it is first asked for. It is neither compared nor saved, and a copy, which may be
/// changed, works it out again.
pub struct Once<T>(OnceLock<T>);

impl<T> Once<T> {
    /// The value; `work` gives it the first time.
    pub fn get(&self, work: impl FnOnce() -> T) -> &T {
        self.0.get_or_init(work)
    }
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Clone for Once<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> PartialEq for Once<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> fmt::Debug for Once<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Once")
    }
}
