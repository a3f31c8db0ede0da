//! How long is waited between checks that are repeated until the call succeeds.

use chrono::{DateTime, Utc};

use crate::report::{Delay, Report, TakesEffect, Verdict};

/// The first pause, in seconds; each is half as long again as the one before.
const FIRST_S: u64 = 5;
/// The longest pause, in seconds.
const LONGEST_S: u64 = 60;

/// The longest pause while nothing can be expected: something else than the fix may change as well.
const LONGEST_FOR_NOTHING_S: u64 = 600;

/// What the fixes of failed checks wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waits {
    /// For Microsoft Entra ID, which takes some minutes to spread a change.
    Minutes,
    /// For the moment at which the platform's cached token expires.
    Until(DateTime<Utc>),
}

impl Waits {
    /// What the first of the fixes waits for; `None` where one of them may show at once.
    #[must_use]
    pub fn of(reports: &[Report], now: DateTime<Utc>) -> Option<Self> {
        let failed = reports.iter().filter(|report| report.verdict() != Verdict::Pass);
        let waits = failed.map(|report| {
            let TakesEffect { after, at } = report.diagnosis().root_cause.as_ref()?.takes_effect?;
            match (after, at) {
                (Delay::NextToken, Some(at)) if at > now => Some(Self::Until(at)),
                (Delay::Minutes, _) => Some(Self::Minutes),
                _ => None,
            }
        });
        waits.collect::<Option<Vec<Self>>>()?.into_iter().min()
    }
}

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

    /// The same, and longer where no fix can show so soon.
    #[must_use]
    pub fn waiting_for(self, waits: Option<Waits>, now: DateTime<Utc>) -> Self {
        let least = match waits {
            None => 0,
            Some(Waits::Minutes) => LONGEST_S,
            // A second more, so that the token has expired.
            Some(Waits::Until(at)) => u64::try_from((at - now).num_seconds()).unwrap_or_default().saturating_add(1),
        };
        Self(self.0.max(least.min(LONGEST_FOR_NOTHING_S)))
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
    fn a_pause_is_longer_while_nothing_can_be_expected() {
        let now = DateTime::UNIX_EPOCH;
        let in_s = |seconds| Some(Waits::Until(now + chrono::TimeDelta::try_seconds(seconds).unwrap()));
        let seconds = |waits| Pause::default().waiting_for(waits, now).seconds();
        assert_eq!(seconds(None), 5);
        assert_eq!(seconds(Some(Waits::Minutes)), 60);
        assert_eq!([in_s(2), in_s(90), in_s(86_400), in_s(-9)].map(seconds), [5, 91, 600, 5]);
        // What is moving is looked at again soon.
        assert_eq!(Pause::default().waiting_for(in_s(86_400), now).next(true), Pause::default());
    }

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
