//! What App 2's answer to the real token says of the audience.

use crate::case::Case;
use crate::case::exchange::Purpose;
use crate::case::token::DecodedToken;
use crate::check::answerer::{self, Answerer};
use crate::check::target::Me;
use crate::check::{scope, target};

/// What the call says of the token itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// The token passed validation: a good answer, or a refusal by policy behind it.
    Accepted,
    /// A 401 that Easy Auth gave or may have given.
    Refused,
    /// A 401 that something else gave, or no telling answer.
    Silent,
}

/// What the step judges: the token, in this case, after what the call said of it.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) case: &'a Case,
    pub(super) token: &'a DecodedToken,
    pub(super) seen: Seen,
}

impl<'a> Subject<'a> {
    /// The token beside the call's word, which is asked for once: it weighs every answer of App 2.
    pub(super) fn of(case: &'a Case, token: &'a DecodedToken) -> Self {
        Self {
            case,
            token,
            seen: seen(case),
        }
    }
}

fn seen(case: &Case) -> Seen {
    if target::call_succeeded(case) {
        let open = |purpose| target::answer(case, &purpose).is_some_and(|answer| (200..300).contains(&answer.status));
        // What anyone gets proves nothing about the token, unless an impossible token is refused.
        let telling = !open(Purpose::CallAnonymous)
            || target::answer(case, &Purpose::CallInvalidToken).is_some_and(|answer| answer.status == 401);
        return if telling { Seen::Accepted } else { Seen::Silent };
    }
    if target::passed_easy_auth(case) {
        return Seen::Accepted;
    }
    let Some(answer) = target::final_call(case).and_then(|exchange| exchange.answer()) else {
        return Seen::Silent;
    };
    if answer.status == 401 && target::refused_behind_easy_auth(case) {
        return Seen::Accepted;
    }
    match (answer.status, target::me(case)) {
        (401 | 403, Some(Me::Admitted | Me::Denied)) => return Seen::Accepted,
        (401, Some(Me::Refused)) => return Seen::Refused,
        _ => {}
    }
    match (answer.status, answerer::judge(answer).by) {
        // The guard against cross-site requests may refuse before any token is looked at.
        (403, Answerer::BehindMiddleware) if target::carries_a_session(case) => Seen::Silent,
        (403, Answerer::BehindMiddleware) => Seen::Accepted,
        (401, Answerer::EasyAuth | Answerer::BehindMiddleware | Answerer::Unknown) => Seen::Refused,
        _ => Seen::Silent,
    }
}

/// Everything that App 2 accepts as audience: its client id always, then the list.
pub(super) fn accepted(entra: &crate::case::auth_settings::EntraProvider) -> Vec<String> {
    let mut all: Vec<String> = entra.client_id.iter().cloned().collect();
    for audience in entra.allowed_audiences.iter().flatten() {
        if !all.contains(audience) {
            all.push(audience.clone());
        }
    }
    all
}

/// A token whose audience is another application's name.
pub(super) fn for_another_application(case: &Case, audiences: &[&str]) -> bool {
    !audiences.is_empty()
        && audiences
            .iter()
            .all(|audience| scope::belongs_to_target(case, audience) == Some(false))
}
