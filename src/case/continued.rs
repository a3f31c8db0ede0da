//! Runs that were continued: the time for which they stood still is no part of theirs.

use serde::{Deserialize, Serialize};

/// Where a run was continued from one of its steps on, the earliest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Continued(Vec<Part>);

/// A part of a run, but not the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    /// When it began, in milliseconds since the start of the run.
    at_ms: u64,
    /// For how long nothing had been observed that was kept.
    idle_ms: u64,
}

impl Continued {
    /// Whether the run has one part.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Begins another part at this time; what is kept of the others had ended at that one.
    pub fn begin(&mut self, at_ms: u64, ended_ms: u64) {
        let at_ms = at_ms.max(ended_ms);
        self.0.retain(|earlier| earlier.at_ms <= ended_ms);
        self.0.push(Part { at_ms, idle_ms: at_ms.saturating_sub(ended_ms) });
    }

    /// When the last part began.
    #[must_use]
    pub fn last_ms(&self) -> u64 {
        self.0.last().map_or(0, |last| last.at_ms)
    }

    /// For how long the run had been under way at this time.
    #[must_use]
    pub fn worked(&self, at_ms: u64) -> u64 {
        let before = self.0.iter().filter(|part| part.at_ms <= at_ms);
        before.fold(at_ms, |left, part| left.saturating_sub(part.idle_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_stood_still_is_not_its_time() {
        let mut continued = Continued::default();
        continued.begin(14_000, 300);
        assert_eq!([300, 14_000, 14_150].map(|at| continued.worked(at)), [300, 300, 450]);
        // Once more, with all that was observed kept, and again with what the first part observed.
        continued.begin(60_000, 14_150);
        assert_eq!((continued.worked(60_050), continued.last_ms()), (500, 60_000));
        continued.begin(90_000, 300);
        assert_eq!((continued.worked(90_050), continued.last_ms()), (350, 90_000));
        // A clock that was set back takes nothing away.
        continued.begin(0, 90_050);
        assert_eq!((continued.worked(90_050), continued.last_ms()), (350, 90_050));
    }
}
