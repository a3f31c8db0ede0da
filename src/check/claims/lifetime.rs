//! When the token is valid, by the clock that decides.
//!
//! Validators allow five minutes of difference between clocks (Microsoft.IdentityModel's default). The deciding clock
//! is App 2's, by the `Date` headers of its answers; the deciding moment is that of the call.

use crate::check::prelude::*;

impl Moments {
    /// The finding with the times that its sentence names.
    fn timed(&self, finding: Found, at: i64) -> Found {
        finding
            .value("time", moment(at, self.here))
            .value("by_clock", knowledge::of_clock(self.clock, "claims.by-clock"))
            .value("called", time(self.here.timestamp()))
    }

    /// An error about a time of the token, beside that of its use. `holds`: whether it is so at another time.
    fn error(&self, finding: Found, (claim, at): (&'static str, i64), holds: impl Fn(i64) -> bool) -> Found {
        let source = knowledge::of_clock(self.clock, "claims.clock-of");
        let difference = Difference::of(claim, [time(self.used)], Some(time(at)), source);
        // Without another clock this machine's own may be the one that is wrong.
        let found = self.timed(finding, at).differs(difference);
        // Where the other servers' clocks contradict this, one header is no proof.
        let others_s = self.clock.and_then(|clock| clock.others_s);
        let is_contradicted = others_s.is_some_and(|ahead| !holds(self.here.timestamp().saturating_add(ahead)));
        found.certain_if(self.clock.is_some()).possible_if(is_contradicted)
    }

    /// A time that the usual tolerance covers; where the token was refused, a validator without it is a possible cause.
    fn tolerated(&self, code: Code, at: i64, is_refused: bool) -> Found {
        let finding = Found::of(code, "tolerated").error_if(is_refused, Confidence::Possible);
        self.timed(finding, at).when("refused", is_refused)
    }
}

pub(super) fn findings(evidence: &Evidence<'_>, token: &AcquiredToken) -> Vec<Found> {
    let claims = &token.decoded;
    let usable = |name: &str| claims.time(name).filter(|_| !claims.claim(name).is_some_and(is_in_smaller_units));
    let unusable = |name: &'static str| {
        let value = claims.claim(name).filter(|_| usable(name).is_none())?;
        let key = if is_in_smaller_units(value) { "not-seconds" } else { "no-time" };
        let finding = Found::of(Code::TokenMalformed, key).value("claim", name);
        Some(finding.value("found", short(&value.to_string())))
    };
    let mut found: Vec<Found> = ["exp", "nbf", "iat"].into_iter().filter_map(unusable).collect();
    if claims.claim("exp").is_none() {
        found.push(Found::of(Code::TokenMalformed, "no-expiration"));
    }
    let moments = evidence.moments();
    let is_refused = evidence.refuses_the_token();
    found.extend(usable("exp").and_then(|exp| expired(&moments, exp, is_refused)));
    found.extend(usable("nbf").and_then(|nbf| not_yet_valid(&moments, nbf, is_refused)));
    found
}

fn expired(moments: &Moments, exp: i64, is_refused: bool) -> Option<Found> {
    let end = exp.saturating_add(TOLERANCE_S);
    if end <= moments.used {
        let in_run = [(exp, "during-check"), (end, "tolerance-ended")];
        let key = in_run.into_iter().find(|(at, _)| moments.are_around(*at)).map_or("expired", |(_, key)| key);
        return Some(moments.error(Found::of(Code::TokenExpired, key), (EXPIRES, exp), |now| end <= now));
    }
    if exp <= moments.used {
        let finding = moments.tolerated(Code::TokenExpired, exp, is_refused);
        return Some(finding.when("during_check", moments.are_around(exp)));
    }
    let only_here = exp <= moments.here.timestamp();
    only_here.then(|| moments.timed(Found::of(Code::TokenExpired, "only-here"), exp))
}

fn not_yet_valid(moments: &Moments, nbf: i64, is_refused: bool) -> Option<Found> {
    let begin = nbf.saturating_sub(TOLERANCE_S);
    if begin > moments.used {
        return Some(moments.error(Found::of(Code::TokenNotYetValid, "future"), (NOT_BEFORE, nbf), |now| begin > now));
    }
    // A difference that can't be measured is none: this machine may have been busy while the token was issued.
    if nbf > moments.used.saturating_add(RESOLUTION_S.cast_signed()) {
        return Some(moments.tolerated(Code::TokenNotYetValid, nbf, is_refused));
    }
    // A token that was issued just now begins now.
    if nbf > moments.had.saturating_add(RESOLUTION_S.cast_signed()) {
        return Some(moments.timed(Found::of(Code::TokenNotYetValid, "during-check"), nbf));
    }
    let only_here = nbf > moments.here.timestamp().saturating_add(TOLERANCE_S);
    only_here.then(|| moments.timed(Found::of(Code::TokenNotYetValid, "only-here"), nbf))
}
