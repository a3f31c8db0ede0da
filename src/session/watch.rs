//! How long is waited between checks that are repeated until the call succeeds.

/// The first pause, in seconds; each is half as long again as the one before.
const FIRST_S: u64 = 5;
/// The longest pause, in seconds.
const LONGEST_S: u64 = 60;

/// A pause before the next check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause(u64);

impl Default for Pause {
    fn default() -> Self {
        Self(FIRST_S)
    }
}

impl Pause {
    /// How long it is.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// The pause after the next check: longer where that changed nothing. Where something is moving, it is looked at
    /// again soon.
    #[must_use]
    pub fn next(self, has_changed: bool) -> Self {
        if has_changed {
            return Self::default();
        }
        Self((self.0 + self.0 / 2).min(LONGEST_S))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_begin_again_when_something_changes() {
        let mut pause = Pause::default();
        let mut seconds = Vec::new();
        for _ in 0..9 {
            seconds.push(pause.seconds());
            pause = pause.next(false);
        }
        assert_eq!(seconds, [5, 7, 10, 15, 22, 33, 49, 60, 60]);
        assert_eq!(pause.next(true), Pause::default());
    }
}
