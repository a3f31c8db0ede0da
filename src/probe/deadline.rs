//! Points in time from numbers that may be anything.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// No deadline is later than this, and no wait that a server asks for is longer.
const LONGEST: Duration = Duration::from_secs(3600);

/// The moment after this time, one hour at the most.
pub(super) fn after(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time.min(LONGEST)).unwrap_or(now)
}

/// How long a `Retry-After` asks to wait: seconds, or a date; one hour at the most. `None` where it says neither.
pub(super) fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if let Ok(date) = DateTime::parse_from_rfc2822(text) {
        let wait = date.signed_duration_since(now).to_std().unwrap_or_default();
        return Some(wait.min(LONGEST));
    }
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // More seconds than fit the number are more than an hour.
    digits.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    #[test]
    fn every_form_of_a_wait_is_bounded() {
        let now = DateTime::parse_from_rfc3339("2026-01-01T00:00:00Z").unwrap().to_utc();
        let seconds = |text: &str| retry_after(text, now).map(|wait| wait.as_secs());
        for (text, wait) in [
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("9223372036854775807", Some(3600)),
            ("99999999999999999999999999", Some(3600)),
            ("Thu, 01 Jan 2026 00:00:30 GMT", Some(30)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(3600)),
            ("-1", None),
            ("1.5", None),
            ("1e9", None),
            ("3, 4", None),
            ("+3", None),
            ("", None),
            ("soon", None),
        ] {
            assert_eq!(seconds(text), wait, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(7),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]
        #[test]
        fn nothing_overflows(text in "[0-9:, A-Za-z+.-]{0,40}", seconds: u64, nanos in 0_u32..1_000_000_000) {
            let _ = retry_after(&text, DateTime::<Utc>::MIN_UTC);
            let _ = retry_after(&text, DateTime::<Utc>::MAX_UTC);
            prop_assert!(after(Duration::new(seconds, nanos)) <= Instant::now() + LONGEST);
        }
    }
}
