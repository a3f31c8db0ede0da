//! The report: plain data as `interface.md` describes it, and its written forms, one file a format.

use crate::case::Case;
use crate::case::step::StepId;
use crate::case::token::DecodedToken;
use crate::check;
pub use crate::check::{Confidence, Fact, Finding, Severity, StepReport, StepStatus, Table};
use crate::diagnosis;
pub use crate::diagnosis::{Alternative, Diagnosis, Fix, NextFault, RootCause, Verdict};

/// The version of the JSON report.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything that is shown of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The case it was made from.
    pub case: Case,
    /// The eight steps in order.
    pub steps: Vec<StepReport>,
    /// Root cause, alternatives and what comes next.
    pub diagnosis: Diagnosis,
}

impl Report {
    /// Judges a case.
    #[must_use]
    pub fn of(case: Case) -> Self {
        let steps = check::all(&case);
        let diagnosis = diagnosis::diagnose(&case, &steps);
        Self { case, steps, diagnosis }
    }

    /// The report of one step.
    #[must_use]
    pub fn step(&self, id: StepId) -> Option<&StepReport> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// The exit code of line mode: 0 pass, 1 fail, 3 inconclusive.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.diagnosis.verdict {
            Verdict::Pass => 0,
            Verdict::Fail => 1,
            Verdict::Inconclusive => 3,
        }
    }

    /// The decoded token, if there is one.
    #[must_use]
    pub fn token(&self) -> Option<&DecodedToken> {
        self.case.token.as_ref().map(|token| &token.decoded)
    }
}
