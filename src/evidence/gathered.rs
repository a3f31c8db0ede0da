//! The observations, with what every step needs to know of them: above all how far the call got.

use std::ops::Deref;

use super::answers::*;
use super::prelude::*;

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
        let me = me(case);
        Self { case, progress: Progress::of(case, me), me }
    }

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
        use Responder::{BehindMiddleware, EasyAuth, Server, Unknown};
        // Easy Auth's own page serves this caller, so its policy allows it.
        if self.me == Some(Me::Admitted) {
            return false;
        }
        let is_its = |by| matches!(by, BehindMiddleware | Unknown | EasyAuth | Server(_));
        let refused = self.final_answer().filter(|it| it.status == 403 && !spoken::names_its_speaker(it));
        refused.is_some_and(|answer| is_its(responder::judge(answer).by))
    }
}

impl Deref for Evidence<'_> {
    type Target = Case;

    fn deref(&self) -> &Case {
        self.case
    }
}

/// How far the real call got. A later value includes the earlier ones: what got past Easy Auth had a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// It was not made, or was not answered.
    Unknown,
    /// Nothing shows what became of the token: a front end or a gateway answered, or there is a fault of every request.
    Unclear,
    /// Easy Auth rejected the token, or may have.
    TokenRefused,
    /// The token passed validation. A policy rejects the caller, or may.
    TokenAccepted,
    /// It got past Easy Auth, token and policy alike. The app rejects it, fails, or has nothing at this path.
    PastEasyAuth,
    /// It succeeded.
    Succeeded,
}

impl Progress {
    fn of(case: &Case, me: Option<Me>) -> Self {
        let Some(answer) = case.final_answer() else {
            return Self::Unknown;
        };
        let past = answered_otherwise(case).is_some()
            || passed_easy_auth(case)
            || refused_behind_easy_auth(case)
            || me == Some(Me::Admitted)
            || is_sign_in(answer);
        match Self::of_the_token(case, answer, me) {
            Self::TokenAccepted if call_succeeded(case) => Self::Succeeded,
            Self::TokenAccepted if past => Self::PastEasyAuth,
            other => other,
        }
    }

    /// What the real call says of the token itself, whatever the settings say: it passed validation (a good answer, or
    /// a rejection by the policy behind it), Easy Auth returned a 401 or may have, or the answer shows nothing.
    fn of_the_token(case: &Case, call: &Answer, me: Option<Me>) -> Self {
        if let Some(again) = answered_otherwise(case) {
            return if responder::is_good(again) { Self::TokenAccepted } else { Self::Unclear };
        }
        if call_succeeded(case) {
            // What anyone gets proves nothing about the token, unless a deliberately invalid one is rejected.
            let telling = !is_open(case) || case.invalid_token_gets(401);
            return if telling { Self::TokenAccepted } else { Self::Unclear };
        }
        match (call.status, me) {
            _ if sign_in_for_everybody(case).is_some() => Self::Unclear,
            _ if passed_easy_auth(case) => Self::TokenAccepted,
            (401, _) if refused_behind_easy_auth(case) => Self::TokenAccepted,
            // The same as for everybody, and not for the bare client ID: Easy Auth's action for what it refuses is 404.
            (404, _) if other_audience(case) == Some(true) => Self::TokenRefused,
            (401 | 403, Some(Me::Denied)) | (403, Some(Me::Named)) | (400.., Some(Me::Admitted)) => Self::TokenAccepted,
            (401, Some(Me::Refused)) => Self::TokenRefused,
            _ => Self::by_its_writer(case, call),
        }
    }

    /// The same where only the call's own answer tells.
    fn by_its_writer(case: &Case, call: &Answer) -> Self {
        let signs_in = is_sign_in(call);
        match (call.status, responder::judge(call).by) {
            // The protection against cross-site requests may reject the call before any token is read.
            (403, Responder::BehindMiddleware) if case.inputs.carries_a_session() => Self::Unclear,
            // If a deliberately invalid token gets 403, too, a 403 does not show that the real one is valid.
            (403, Responder::BehindMiddleware) if case.invalid_token_gets(403) => Self::TokenRefused,
            (403, Responder::BehindMiddleware) => Self::TokenAccepted,
            (401, Responder::EasyAuth | Responder::BehindMiddleware | Responder::Unknown) => Self::TokenRefused,
            // A sign-in page, like a request without a token or with a rejected one.
            _ if signs_in && (!case.invalid_token_gets(401) || has_easy_auths_form(case, call)) => Self::TokenRefused,
            // A sign-in page that only the real token gets is the app's own: Easy Auth rejects the other tokens.
            _ if signs_in && case.anonymous().is_some_and(|other| !is_sign_in(other)) => Self::TokenAccepted,
            _ => Self::Unclear,
        }
    }
}
