//! A run that repeats a part of an earlier one.

use crate::case::Case;
use crate::case::step::StepId;

/// What is asked again, and what is taken over from an earlier run of the same program.
#[derive(Debug, Clone)]
pub struct Again {
    /// The earlier run's case, reduced to what is kept (see [`Case::keep_before`]).
    pub kept: Case,
    /// The first step that is observed anew.
    pub from: StepId,
}
