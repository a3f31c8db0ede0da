//! A process that was stopped (`kill -STOP`, a debugger) or slept with its machine saw no time pass: what its clock
//! then says is no timeout. A beat that comes too late, or a calendar that jumped, gives the pause away.

use std::time::{Duration, Instant, SystemTime};

use crate::case::exchange::{FailureKind, Outcome, PAUSED, Purpose};
use crate::case::inputs::is_safe;
use crate::case::step::StepId;
use crate::probe::clock;

/// The shortest and the longest gap that counts as a pause.
const GAPS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(2));

/// Waits for the work, and says for how long the process was paused meanwhile, if it was. `timeout` is what the work
/// waits for: a gap far below it does no harm.
pub async fn watched<T>(timeout: Duration, work: impl Future<Output = T>) -> (T, Option<Duration>) {
    let part = |time: Duration, of: u32| time.checked_div(of).unwrap_or(time);
    let least = part(timeout, 2).clamp(GAPS.0, GAPS.1);
    let beat = part(least, 4);
    let mut beats = tokio::time::interval(beat);
    beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut last = Moment::now();
    let mut paused = Duration::ZERO;
    tokio::pin!(work);
    let outcome = loop {
        let outcome = tokio::select! {
            biased;
            outcome = &mut work => Some(outcome),
            _ = beats.tick() => None,
        };
        let now = Moment::now();
        let gap = now.since(last).saturating_sub(beat);
        if gap >= least {
            paused = paused.saturating_add(gap);
        }
        last = now;
        if let Some(outcome) = outcome {
            break outcome;
        }
    };
    (outcome, Some(paused).filter(|paused| !paused.is_zero()))
}

/// A moment by both clocks: the one that runs on while a process is stopped, and the one that does while a machine
/// sleeps.
#[derive(Clone, Copy)]
struct Moment {
    monotonic: Instant,
    calendar: SystemTime,
}

impl Moment {
    fn now() -> Self {
        Self { monotonic: clock::monotonic(), calendar: clock::calendar() }
    }

    fn since(self, earlier: Self) -> Duration {
        let calendar = self.calendar.duration_since(earlier.calendar).unwrap_or_default();
        self.monotonic.saturating_duration_since(earlier.monotonic).max(calendar)
    }
}

/// Whether a failure may be the pause's doing, which makes it no failure of the other side.
pub fn interrupted(outcome: &mut Outcome, paused: Option<Duration>, method: &str, purpose: &Purpose) -> bool {
    let (Some(paused), Outcome::Failure(failure)) = (paused, outcome) else {
        return false;
    };
    if failure.kind == FailureKind::NotSent {
        return false;
    }
    let then = if may_be_repeated(method, purpose) {
        "the request was repeated".to_owned()
    } else {
        format!("it is unknown whether the request arrived, and {method} requests are never repeated")
    };
    failure.kind = FailureKind::Other;
    failure.message = format!(
        "{PAUSED} for about {} s while it waited for a response ({}); {then}",
        paused.as_secs().max(1),
        failure.message
    );
    true
}

/// Whether a request may be sent again: it changes nothing, or asks for a token.
pub fn may_be_repeated(method: &str, purpose: &Purpose) -> bool {
    is_safe(method) || purpose.step() == StepId::Token
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::exchange::Failure;

    #[test]
    fn what_changes_something_is_never_repeated() {
        for (purpose, method, repeated) in [
            (Purpose::CallAnonymous, "GET", true),
            (Purpose::CallWithToken, "GET", true),
            (Purpose::CallWithToken, "HEAD", true),
            (Purpose::Token, "POST", true),
            (Purpose::TokenForGraph, "POST", true),
            (Purpose::CallWithToken, "POST", false),
            (Purpose::CallWithToken, "DELETE", false),
            (Purpose::CallRedirect(0), "PUT", false),
            (Purpose::CallWithToken, "PROPFIND", false),
        ] {
            assert_eq!(may_be_repeated(method, &purpose), repeated, "{method}");
            let mut outcome = Outcome::Failure(Failure {
                kind: FailureKind::AnswerTimeout,
                message: "no response within 10 s".to_owned(),
            });
            assert!(!interrupted(&mut outcome, None, method, &purpose));
            let paused = Some(Duration::from_secs(7));
            assert!(interrupted(&mut outcome, paused, method, &purpose));
            let Outcome::Failure(failure) = outcome else {
                panic!("still a failure");
            };
            assert!(failure.message.starts_with(PAUSED) && failure.message.contains("about 7 s"));
            assert_eq!(failure.message.contains("was repeated"), repeated, "{}", failure.message);
        }
    }

    #[tokio::test]
    async fn a_thread_that_stands_still_is_noticed_and_a_quick_one_is_not() {
        let timeout = Duration::from_millis(1);
        let quick = async { tokio::time::sleep(Duration::from_millis(150)).await };
        assert_eq!(watched(timeout, quick).await.1, None);
        let slow = async { std::thread::sleep(Duration::from_millis(900)) };
        let paused = watched(timeout, slow).await.1.unwrap();
        assert!((Duration::from_millis(500)..Duration::from_secs(60)).contains(&paused), "{paused:?}");
    }
}
