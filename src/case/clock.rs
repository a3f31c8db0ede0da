//! The clocks of a run: this machine's, and those of the servers, by the `Date` headers of their answers.

use chrono::{DateTime, Utc};

use super::Case;
use super::exchange::{Exchange, Purpose};
use super::step::StepId;

/// The tolerance of validators in seconds (Microsoft.IdentityModel's default).
pub const TOLERANCE_S: i64 = 300;
/// A difference between two clocks up to this, in seconds, is ignored.
pub const RESOLUTION_S: u64 = 1;

/// Another clock than this machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// How far it is ahead of this machine's, in seconds.
    pub ahead_s: i64,
    /// Whether it is App 2's, and not the median of all servers'.
    pub is_targets: bool,
    /// How far those of Entra, Graph, and Resource Manager are ahead, where they show another time than App 2's.
    pub others_s: Option<i64>,
}

/// When a run had its token and used it, in seconds, by the clock that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moments {
    /// When the token was obtained.
    pub had: i64,
    /// When it was used.
    pub used: i64,
    /// When it was used, by this machine's clock.
    pub here: DateTime<Utc>,
    /// Whose clock decides; this machine's where no other was seen.
    pub clock: Option<Clock>,
}

impl Moments {
    /// Whether a moment is after the one, and not after the other.
    #[must_use]
    pub const fn are_around(&self, moment: i64) -> bool {
        self.had < moment && moment <= self.used
    }
}

impl Case {
    /// When the token was obtained and used.
    #[must_use]
    pub fn moments(&self) -> Moments {
        let clock = self.clock();
        let here = self.moment_of_use();
        let by_clock = |at: DateTime<Utc>| at.timestamp().saturating_add(clock.map_or(0, |clock| clock.ahead_s));
        Moments { had: by_clock(self.moment_of_issue()), used: by_clock(here), here, clock }
    }

    /// App 2's clock, else the median of all servers', as far as the answers show them.
    #[must_use]
    pub fn clock(&self) -> Option<Clock> {
        let host = self.inputs.target_host();
        let is_targets = |exchange: &Exchange| {
            matches!(exchange.purpose.step(), StepId::Call | StepId::Protection | StepId::Scope)
                && host.as_deref().is_some_and(|host| exchange.url.contains(host))
        };
        // An identity endpoint runs on this machine, and has its clock.
        let is_independent =
            |exchange: &Exchange| !is_targets(exchange) && !matches!(exchange.purpose.step(), StepId::Token);
        let median = |of: &dyn Fn(&Exchange) -> bool| {
            let asked = self.exchanges.iter().filter(|exchange| of(exchange));
            let skews = asked.filter_map(|exchange| exchange.answer()?.clock_skew_s);
            // A `Date` header has whole seconds, and the answer takes its time: less than this can't be measured.
            let mut skews: Vec<i64> =
                skews.map(|skew| if skew.unsigned_abs() <= RESOLUTION_S { 0 } else { skew }).collect();
            crate::sort::all(&mut skews);
            skews.get(skews.len() / 2).copied()
        };
        let own = median(&is_targets);
        let others = median(&is_independent);
        let ahead_s = own.or_else(|| median(&|_| true))?;
        let others_s = others.filter(|others| own.is_some() && ahead_s.abs_diff(*others) > TOLERANCE_S.unsigned_abs());
        Some(Clock { ahead_s, is_targets: own.is_some(), others_s })
    }

    /// The time at which the token's validity counts: when App 2 was called with it; before that, when it was obtained.
    #[must_use]
    pub fn moment_of_use(&self) -> DateTime<Utc> {
        self.final_call().map_or_else(|| self.moment_of_issue(), |call| self.after(call.started_ms))
    }

    /// When the token was obtained: with the answer to the request for it, or before the start.
    #[must_use]
    pub fn moment_of_issue(&self) -> DateTime<Utc> {
        self.exchange(&Purpose::Token)
            .map_or(self.started_at, |exchange| self.after(exchange.started_ms.saturating_add(exchange.elapsed_ms)))
    }
}
