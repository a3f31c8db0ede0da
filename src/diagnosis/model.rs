//! What a diagnosis says.

use serde::{Deserialize, Serialize};

use crate::case::code::Code;
use crate::case::step::StepId;
use crate::check::{Confidence, Difference};
use crate::evidence::EvidenceLine;
use crate::knowledge::Owner;

/// The answer to "does the call work".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The call works.
    Pass,
    /// It does not, and the cause is known.
    Fail,
    /// It does not (or was not tried), and the evidence does not determine why.
    Inconclusive,
    /// With the changes that are assumed, nothing that was observed would block the call. It was not made with them.
    WouldPass,
}

impl Verdict {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::WouldPass => "would-pass",
        }
    }
}

/// A way to mend the cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// The tool: `portal`, `az`, `bicep`, `terraform`, `code` or `other`.
    pub via: String,
    /// What to do, with the case's values filled in; may have several lines.
    pub text: String,
    /// A trap of this way.
    pub caution: Option<String>,
}

/// The root cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RootCause {
    /// The finding's code.
    pub code: Code,
    /// Its step.
    pub step: StepId,
    /// How sure it is.
    pub confidence: Confidence,
    /// Who has to act; `None` where the knowledge base has no entry for the code.
    pub owner: Option<Owner>,
    /// One sentence that names the actual values.
    pub summary: String,
    /// The observations that support it.
    pub evidence: Vec<EvidenceLine>,
    /// The two values that decide, where the cause is such a difference.
    pub difference: Option<Difference>,
    /// How to mend it.
    pub fixes: Vec<Fix>,
}

/// Another cause that fits the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    /// The finding's code.
    pub code: Code,
    /// Its step.
    pub step: StepId,
    /// How sure it is.
    pub confidence: Confidence,
    /// One sentence that names the actual values.
    pub summary: String,
    /// The test that would tell it apart.
    pub distinguish: String,
}

/// A fault that will bite once the root cause is mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextFault {
    /// The finding's code.
    pub code: Code,
    /// Its step.
    pub step: StepId,
    /// One sentence that names the actual values.
    pub summary: String,
    /// How to mend it.
    pub fixes: Vec<Fix>,
}

/// The diagnosis of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// Does the call work?
    pub verdict: Verdict,
    /// What prevents it; `None` when the verdict is `pass` or `would-pass`.
    pub root_cause: Option<RootCause>,
    /// Other causes that fit, likeliest first.
    pub alternatives: Vec<Alternative>,
    /// Faults that will bite after the root cause is mended, in the order in which they will.
    pub next: Vec<NextFault>,
}

impl Fix {
    fn each_text(&mut self, visit: &mut impl FnMut(&mut String)) {
        visit(&mut self.text);
        self.caution.iter_mut().for_each(visit);
    }
}

impl Diagnosis {
    /// Visits every text that is shown of the diagnosis.
    pub fn each_text(&mut self, visit: &mut impl FnMut(&mut String)) {
        if let Some(cause) = &mut self.root_cause {
            visit(&mut cause.summary);
            cause.evidence.iter_mut().for_each(|line| visit(&mut line.text));
            if let Some(difference) = &mut cause.difference {
                difference.each_text(visit);
            }
            cause.fixes.iter_mut().for_each(|fix| fix.each_text(visit));
        }
        for alternative in &mut self.alternatives {
            visit(&mut alternative.summary);
            visit(&mut alternative.distinguish);
        }
        for fault in &mut self.next {
            visit(&mut fault.summary);
            fault.fixes.iter_mut().for_each(|fix| fix.each_text(visit));
        }
    }
}
