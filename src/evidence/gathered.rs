//! The observations, with what every step needs to know of them.

use std::ops::Deref;

use crate::case::Case;

use super::answers::{self, Me, Seen};
use super::progress::Progress;

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
    /// What the call says of the token itself.
    pub const fn seen(&self) -> Seen {
        match self.progress {
            Progress::TokenAccepted | Progress::PastEasyAuth | Progress::Succeeded => Seen::Accepted,
            Progress::TokenRefused => Seen::Refused,
            Progress::Unknown | Progress::Unclear => Seen::Silent,
        }
    }

    /// Whether the call reached the policy, or was not made. A rejected token, a fault of the app, or silence have
    /// other causes; the policy then matters only once they are fixed.
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
