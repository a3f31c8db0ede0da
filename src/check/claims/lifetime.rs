//! Since when and until when: times against clocks, and what a cached token cannot know.
//!
//! Validators allow five minutes of difference between clocks (Microsoft.IdentityModel's default). The deciding clock is
//! App 2's; the `Date` headers of the run tell how far this machine's is from it.

use crate::case::Case;
use crate::case::code::Code;
use crate::case::exchange::Exchange;
use crate::case::step::StepId;
use crate::case::token::AcquiredToken;
use crate::check::words::{moment, short, span};
use crate::check::{Confidence, Finding, Severity};
use crate::evidence::target;

/// The tolerance of validators in seconds.
const TOLERANCE_S: i64 = 300;

/// How far another clock is ahead of this machine's in seconds, and whose it is: App 2's, else the middle of all others.
pub(super) fn clock(case: &Case) -> Option<(i64, &'static str)> {
    let skews = |mut wanted: Box<dyn FnMut(&Exchange) -> bool>| {
        let mut skews: Vec<i64> = case
            .exchanges
            .iter()
            .filter(|exchange| wanted(exchange))
            .filter_map(|exchange| exchange.answer()?.clock_skew_s)
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
    let host = case.inputs.target_host();
    let at_target = move |exchange: &Exchange| {
        of_target(exchange) && host.as_deref().is_some_and(|host| exchange.url.contains(host))
    };
    skews(Box::new(at_target))
        .map(|skew| (skew, "App 2"))
        .or_else(|| skews(Box::new(|_| true)).map(|skew| (skew, "the other servers")))
}

pub(super) fn findings(case: &Case, token: &AcquiredToken) -> Vec<Finding> {
    let claims = &token.decoded;
    let clock = clock(case);
    let mut found = Vec::new();
    for name in ["exp", "nbf", "iat"] {
        if let Some(value) = claims.claim(name)
            && claims.time(name).is_none()
        {
            found.push(
                Finding::error(
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
            Finding::error(
                Code::TokenMalformed,
                "The token has no exp: it never ends, and validators refuse that.",
            )
            .confidence(Confidence::Likely),
        );
    }
    found.extend(claims.time("exp").and_then(|exp| expired(case, exp, clock)));
    found.extend(claims.time("nbf").and_then(|nbf| not_yet_valid(case, nbf, clock)));
    if target::passed_easy_auth(case) {
        // App 2's own validation is what counts, and it took the token.
        for finding in &mut found {
            finding.severity = Severity::Warning;
            finding.message.push_str(" App 2 takes the token all the same.");
        }
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

fn expired(case: &Case, exp: i64, clock: Option<(i64, &'static str)>) -> Option<Finding> {
    let here = case.started_at.timestamp();
    let there = here.saturating_add(clock.map_or(0, |(skew, _)| skew));
    let until = moment(exp, case.started_at);
    if exp.saturating_add(TOLERANCE_S) <= there {
        let message = format!("The token expired: it was valid until {until}, {}.", by_whose(clock));
        Some(Finding::error(Code::TokenExpired, message).confidence(sure(clock)))
    } else if exp <= there {
        Some(Finding::warning(
            Code::TokenExpired,
            format!(
                "The token expired within the usual tolerance of 5 minutes: {until}, {}.",
                by_whose(clock)
            ),
        ))
    } else if exp <= here {
        Some(Finding::warning(
            Code::TokenExpired,
            format!(
                "The token is expired only by this machine's wrong clock: valid until {until}, {}.",
                by_whose(clock)
            ),
        ))
    } else {
        None
    }
}

fn not_yet_valid(case: &Case, nbf: i64, clock: Option<(i64, &'static str)>) -> Option<Finding> {
    let here = case.started_at.timestamp();
    let there = here.saturating_add(clock.map_or(0, |(skew, _)| skew));
    let since = moment(nbf, case.started_at);
    if nbf.saturating_sub(TOLERANCE_S) > there {
        let message = format!(
            "The token is not valid yet: it becomes valid at {since}, {}.",
            by_whose(clock)
        );
        Some(Finding::error(Code::TokenNotYetValid, message).confidence(sure(clock)))
    } else if nbf > there {
        Some(Finding::warning(
            Code::TokenNotYetValid,
            format!(
                "The token becomes valid within the usual tolerance of 5 minutes: {since}, {}.",
                by_whose(clock)
            ),
        ))
    } else if nbf > here.saturating_add(TOLERANCE_S) {
        Some(Finding::warning(
            Code::TokenNotYetValid,
            format!(
                "The token is not valid yet only by this machine's wrong clock: {since}, {}.",
                by_whose(clock)
            ),
        ))
    } else {
        None
    }
}
