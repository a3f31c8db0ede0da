//! The observations, with what every step needs to know of them.

use std::ops::Deref;

use super::answers::{self, Me};
use super::prelude::*;
use super::progress::Progress;
use super::responder::{self, Responder};

/// A case, and what was read in it once. It dereferences to the case, for what is only looked up.
#[derive(Debug)]
pub struct Evidence<'a> {
    case: &'a Case,
    /// How far the call got.
    pub progress: Progress,
    /// What Easy Auth's own page about the caller shows.
    pub me: Option<Me>,
}

impl<'a> Evidence<'a> {
    /// Reads a case.
    pub fn of(case: &'a Case) -> Self {
        let me = answers::me(case);
        Self { case, progress: Progress::of(case, me), me }
    }
}

impl Evidence<'_> {
    /// Whether the token passed validation, whatever came then.
    pub fn accepts_the_token(&self) -> bool {
        self.progress >= Progress::TokenAccepted
    }

    /// Whether Easy Auth rejected the token, or may have.
    pub fn refuses_the_token(&self) -> bool {
        self.progress == Progress::TokenRefused
    }

    /// Whether Easy Auth's own page named the caller, so that the token is valid there.
    pub const fn is_named(&self) -> bool {
        matches!(self.me, Some(Me::Admitted | Me::Named))
    }

    /// Whether the call reached the policy, or was not made. A rejected token, a fault of the app, or silence have
    /// other causes; the policy then matters only once they are fixed.
    pub fn policy_is_reached(&self) -> bool {
        self.final_call().is_none_or(|call| call.status() == Some(403))
            && !self.final_answer().is_some_and(responder::is_from_before)
    }

    /// Whether the call with the token returned a 403 that no front end, gateway, or answer of the app explains.
    pub fn is_refused_by_policy(&self) -> bool {
        // Easy Auth's own page serves this caller, so its policy allows it.
        if self.me == Some(Me::Admitted) {
            return false;
        }
        self.final_answer().is_some_and(|answer| {
            answer.status == 403
                && spoken::own_cross_site(answer).is_none()
                && !spoken::misses_a_function_key(answer)
                && spoken::logic_apps(answer).is_none()
                && spoken::behind_the_app(answer).is_none()
                && matches!(
                    responder::judge(answer).by,
                    Responder::BehindMiddleware | Responder::Unknown | Responder::EasyAuth | Responder::Server(_)
                )
        })
    }
}

impl Deref for Evidence<'_> {
    type Target = Case;

    fn deref(&self) -> &Case {
        self.case
    }
}
