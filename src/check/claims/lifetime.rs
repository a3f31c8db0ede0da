//! Since when and until when: times against clocks, and what a cached token cannot know.
//!
//! Validators allow five minutes of difference between clocks (Microsoft.IdentityModel's default). The deciding clock is
//! App 2's; the `Date` headers of the run tell how far this machine's is from it. The deciding moment is that of the
//! call: a check of a slow App 2 takes long enough for a token to expire meanwhile.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::case::code::Code;
use crate::case::exchange::{Exchange, Purpose};
use crate::case::step::StepId;
use crate::case::token::AcquiredToken;
use crate::check::difference::{Difference, EXPIRES, NOT_BEFORE};
use crate::check::words::{moment, short, span, time};
use crate::check::{Confidence, Found, Severity};
use crate::evidence::{Evidence, target};

/// The tolerance of validators in seconds.
const TOLERANCE_S: i64 = 300;
/// A smaller difference between two clocks than this, in seconds, is none.
const RESOLUTION_S: u64 = 1;

/// How far another clock is ahead of this machine's in seconds, and whose it is: App 2's, else the middle of all others.
pub(super) fn clock(evidence: &Evidence<'_>) -> Option<(i64, &'static str)> {
    let skews = |mut wanted: Box<dyn FnMut(&Exchange) -> bool>| {
        let mut skews: Vec<i64> = evidence
            .exchanges
            .iter()
            .filter(|exchange| wanted(exchange))
            .filter_map(|exchange| exchange.answer()?.clock_skew_s)
            // A `Date` header has whole seconds, and the answer takes its time: less than this cannot be measured.
            .map(|skew| if skew.unsigned_abs() <= RESOLUTION_S { 0 } else { skew })
            .collect();
        skews.sort_unstable();
        skews.get(skews.len() / 2).copied()
    };
    let of_target = |exchange: &Exchange| {
        matches!(
            exchange.purpose.step(),
            StepId::Call | StepId::Protection | StepId::Scope
        )
    };
    let host = evidence.inputs.target_host();
    let at_target = move |exchange: &Exchange| {
        of_target(exchange) && host.as_deref().is_some_and(|host| exchange.url.contains(host))
    };
    skews(Box::new(at_target))
        .map(|skew| (skew, "App 2"))
        .or_else(|| skews(Box::new(|_| true)).map(|skew| (skew, "the other servers")))
}

/// The moment by which the token's times are judged: when App 2 was called with it; before that, when it was obtained.
pub(super) fn moment_of_use(evidence: &Evidence<'_>) -> DateTime<Utc> {
    target::final_call(evidence).map_or_else(
        || moment_of_issue(evidence),
        |call| moment_after(evidence, call.started_ms),
    )
}

/// When the token was there: with the answer to the request for it, or from the start.
fn moment_of_issue(evidence: &Evidence<'_>) -> DateTime<Utc> {
    evidence
        .exchange(&Purpose::Token)
        .map_or(evidence.started_at, |exchange| {
            moment_after(evidence, exchange.started_ms.saturating_add(exchange.elapsed_ms))
        })
}

fn moment_after(evidence: &Evidence<'_>, milliseconds: u64) -> DateTime<Utc> {
    i64::try_from(milliseconds)
        .ok()
        .and_then(TimeDelta::try_milliseconds)
        .and_then(|passed| evidence.started_at.checked_add_signed(passed))
        .unwrap_or(evidence.started_at)
}

/// The moments of a run by the clock that decides, in seconds.
struct Moments {
    /// When the token was there.
    had: i64,
    /// When it was used.
    used: i64,
    /// When it was used, by this machine's clock.
    here: DateTime<Utc>,
}

impl Moments {
    fn of(evidence: &Evidence<'_>, clock: Option<(i64, &'static str)>) -> Self {
        let skew = clock.map_or(0, |(skew, _)| skew);
        let here = moment_of_use(evidence);
        Self {
            had: moment_of_issue(evidence).timestamp().saturating_add(skew),
            used: here.timestamp().saturating_add(skew),
            here,
        }
    }

    /// Whether a moment is between the two.
    const fn between(&self, moment: i64) -> bool {
        self.had < moment && moment <= self.used
    }

    /// A time of the token beside the time of its use, by the clock that decides.
    fn against(&self, claim: &'static str, moment: i64, clock: Option<(i64, &'static str)>) -> Difference {
        let source = clock.map_or_else(
            || "this machine's clock".to_owned(),
            |(_, whose)| format!("clock of {whose}"),
        );
        Difference::of(claim, [time(self.used)], Some(time(moment)), source).expected_is("time of the call")
    }

    /// When App 2 was called, for messages.
    fn called(&self) -> String {
        self.here.to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

pub(super) fn findings(evidence: &Evidence<'_>, token: &AcquiredToken) -> Vec<Found> {
    let claims = &token.decoded;
    let clock = clock(evidence);
    let mut found = Vec::new();
    for name in ["exp", "nbf", "iat"] {
        if let Some(value) = claims.claim(name)
            && claims.time(name).is_none()
        {
            found.push(
                Found::error(
                    Code::TokenMalformed,
                    format!(
                        "The claim {name} is {}, which is no moment in time.",
                        short(&value.to_string())
                    ),
                )
                .confidence(Confidence::Likely),
            );
        }
    }
    if claims.claim("exp").is_none() {
        found.push(
            Found::error(
                Code::TokenMalformed,
                "The token has no exp: it never ends, and validators refuse that.",
            )
            .confidence(Confidence::Likely),
        );
    }
    let moments = Moments::of(evidence, clock);
    let refused = evidence.seen() == target::Seen::Refused;
    for finding in [
        claims.time("exp").and_then(|exp| expired(&moments, exp, clock)),
        claims.time("nbf").and_then(|nbf| not_yet_valid(&moments, nbf, clock)),
    ] {
        found.extend(finding.map(|(finding, tolerated)| {
            if tolerated && refused {
                intolerant(finding)
            } else {
                finding
            }
        }));
    }
    found
}

/// What is known of the clocks, for messages.
fn by_whose(clock: Option<(i64, &'static str)>) -> String {
    match clock {
        None => "by this machine's clock, which no other confirms".to_owned(),
        Some((0, whose)) => format!("by {whose}'s clock and this machine's"),
        Some((skew, whose)) => format!(
            "by {whose}'s clock; this machine's is {} {}",
            span(skew.unsigned_abs()),
            if skew > 0 { "behind" } else { "ahead" }
        ),
    }
}

/// Without another clock the machine's own may be the one that is wrong.
const fn sure(clock: Option<(i64, &'static str)>) -> Confidence {
    match clock {
        Some(_) => Confidence::Certain,
        None => Confidence::Likely,
    }
}

/// The tolerance is usual, not certain: where the token was refused, a validator without it is a possible cause.
fn intolerant(finding: Found) -> Found {
    Found {
        severity: Severity::Error,
        ..finding
    }
    .confidence(Confidence::Possible)
    .confirm("call App 2 again with a token that is valid for some minutes; if that works, this is the cause")
}

/// What is wrong with the end of a token's life, and whether the usual tolerance covers it.
fn expired(moments: &Moments, exp: i64, clock: Option<(i64, &'static str)>) -> Option<(Found, bool)> {
    let until = moment(exp, moments.here);
    let end = exp.saturating_add(TOLERANCE_S);
    if end <= moments.used {
        let message = if moments.between(exp) {
            format!(
                "The token expired during the check: it was valid until {until}, and App 2 was called at {}, {}.",
                moments.called(),
                by_whose(clock)
            )
        } else if moments.between(end) {
            format!(
                "The token expired: it was valid until {until}, {}. The usual tolerance of 5 minutes ended during the \
                 check.",
                by_whose(clock)
            )
        } else {
            format!("The token expired: it was valid until {until}, {}.", by_whose(clock))
        };
        let finding = Found::error(Code::TokenExpired, message)
            .differs(moments.against(EXPIRES, exp, clock))
            .confidence(sure(clock));
        return Some((finding, false));
    }
    if exp <= moments.used {
        let when = if moments.between(exp) { " during the check," } else { "" };
        let message = format!(
            "The token expired{when} within the usual tolerance of 5 minutes: {until}, {}.",
            by_whose(clock)
        );
        return Some((Found::warning(Code::TokenExpired, message), true));
    }
    (exp <= moments.here.timestamp()).then(|| {
        let message = format!(
            "The token is expired only by this machine's wrong clock: valid until {until}, {}.",
            by_whose(clock)
        );
        (Found::warning(Code::TokenExpired, message), false)
    })
}

/// What is wrong with the beginning of a token's life, and whether the usual tolerance covers it.
fn not_yet_valid(moments: &Moments, nbf: i64, clock: Option<(i64, &'static str)>) -> Option<(Found, bool)> {
    let since = moment(nbf, moments.here);
    if nbf.saturating_sub(TOLERANCE_S) > moments.used {
        let message = format!(
            "The token is not valid yet: it becomes valid at {since}, {}.",
            by_whose(clock)
        );
        let finding = Found::error(Code::TokenNotYetValid, message)
            .differs(moments.against(NOT_BEFORE, nbf, clock))
            .confidence(sure(clock));
        return Some((finding, false));
    }
    if nbf > moments.used {
        let message = format!(
            "The token becomes valid within the usual tolerance of 5 minutes: {since}, {}.",
            by_whose(clock)
        );
        return Some((Found::warning(Code::TokenNotYetValid, message), true));
    }
    // A token that was issued just now begins now.
    if nbf > moments.had.saturating_add(1) {
        let message = format!(
            "The token became valid during the check: at {since}, {}. App 2 was called at {}.",
            by_whose(clock),
            moments.called()
        );
        return Some((Found::info(Code::TokenNotYetValid, message), false));
    }
    (nbf > moments.here.timestamp().saturating_add(TOLERANCE_S)).then(|| {
        let message = format!(
            "The token is not valid yet only by this machine's wrong clock: {since}, {}.",
            by_whose(clock)
        );
        (Found::warning(Code::TokenNotYetValid, message), false)
    })
}
