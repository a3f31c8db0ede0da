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
    /// What Easy Auth's own page about the caller says.
    pub me: Option<Me>,
}

impl<'a> Evidence<'a> {
    /// Reads a case.
    #[must_use]
    pub fn of(case: &'a Case) -> Self {
        let me = answers::me(case);
        Self {
            case,
            progress: Progress::of(case, me),
            me,
        }
    }
}

impl Evidence<'_> {
    /// What the call says of the token itself.
    #[must_use]
    pub const fn seen(&self) -> Seen {
        match self.progress {
            Progress::TokenAccepted | Progress::PastEasyAuth | Progress::Succeeded => Seen::Accepted,
            Progress::TokenRefused => Seen::Refused,
            Progress::Unknown | Progress::Untold => Seen::Silent,
        }
    }

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
