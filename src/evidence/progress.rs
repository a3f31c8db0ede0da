//! How far the call got.

use super::answers::{
    Me, answered_otherwise, call_succeeded, has_easy_auths_form, is_open, is_sign_in, other_audience, passed_easy_auth,
    refused_behind_easy_auth, sign_in_for_everybody,
};
use super::prelude::*;
use super::responder::{self, Responder};

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
    pub(super) fn of(case: &Case, me: Option<Me>) -> Self {
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
        match (call.status, responder::judge(call).by) {
            // The protection against cross-site requests may reject the call before any token is read.
            (403, Responder::BehindMiddleware) if case.inputs.carries_a_session() => Self::Unclear,
            // If a deliberately invalid token gets 403, too, a 403 does not show that the real one is valid.
            (403, Responder::BehindMiddleware) if case.invalid_token_gets(403) => Self::TokenRefused,
            (403, Responder::BehindMiddleware) => Self::TokenAccepted,
            (401, Responder::EasyAuth | Responder::BehindMiddleware | Responder::Unknown) => Self::TokenRefused,
            // A sign-in page, like a request without a token or with a rejected one.
            _ if is_sign_in(call) && (!case.invalid_token_gets(401) || has_easy_auths_form(case, call)) => {
                Self::TokenRefused
            }
            // A sign-in page that only the real token gets is the app's own: Easy Auth rejects the other tokens.
            _ if is_sign_in(call) && case.anonymous().is_some_and(|anonymous| !is_sign_in(anonymous)) => {
                Self::TokenAccepted
            }
            _ => Self::Unclear,
        }
    }
}
