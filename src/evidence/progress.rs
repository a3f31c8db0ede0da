//! How far the call got.

use crate::case::Case;
use crate::case::exchange::Exchange;

use super::answers::{
    Me, Seen, answered_otherwise, call_succeeded, is_sign_in, passed_easy_auth, refused_behind_easy_auth, seen,
};

/// How far the real call got. A later value includes the earlier ones: what got past Easy Auth had a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// It was not made, or was not answered.
    Unknown,
    /// It was answered, but nothing shows what became of the token: by a front end, a gateway, or a fault of every
    /// request.
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
        let Some(answer) = case.final_call().and_then(Exchange::answer) else {
            return Self::Unknown;
        };
        let past = answered_otherwise(case).is_some()
            || passed_easy_auth(case)
            || refused_behind_easy_auth(case)
            || me == Some(Me::Admitted)
            || is_sign_in(answer);
        match seen(case) {
            Seen::Accepted if call_succeeded(case) => Self::Succeeded,
            Seen::Accepted if past => Self::PastEasyAuth,
            Seen::Accepted => Self::TokenAccepted,
            Seen::Refused => Self::TokenRefused,
            Seen::Silent => Self::Unclear,
        }
    }
}
