//! The observations with what was read from them, for every step alike.

use std::ops::Deref;

use crate::case::Case;

use super::answers::{self, Me, Seen};
use super::progress::Progress;

/// A case, read once. What is only looked up in it is asked of the case itself, which this stands for.
#[derive(Debug)]
pub struct Evidence<'a> {
    case: &'a Case,
    /// How far the call got.
    pub progress: Progress,
    /// What the call says of the token itself.
    pub seen: Seen,
    /// What Easy Auth's own page about the caller says.
    pub me: Option<Me>,
    /// Whether requests without a token are let through, so that a success proves nothing about the token.
    pub is_open: bool,
}

impl<'a> Evidence<'a> {
    /// Reads a case.
    #[must_use]
    pub fn of(case: &'a Case) -> Self {
        Self {
            case,
            progress: Progress::of(case),
            seen: answers::seen(case),
            me: answers::me(case),
            is_open: answers::answer(case, &crate::case::exchange::Purpose::CallAnonymous)
                .is_some_and(|answer| (200..300).contains(&answer.status)),
        }
    }
}

impl Evidence<'_> {
    /// Whether the call came as far as the policy, or was not made: a refusal of the token, a fault of the app, or
    /// silence have other causes, and the policy is then what bites once they are mended.
    #[must_use]
    pub fn policy_is_reached(&self) -> bool {
        answers::final_call(self).is_none_or(|call| call.status() == Some(403))
            && !answers::stopped_before_the_target(self)
    }
}

impl Deref for Evidence<'_> {
    type Target = Case;

    fn deref(&self) -> &Case {
        self.case
    }
}
