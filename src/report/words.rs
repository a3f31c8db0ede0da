//! The words and glyphs of the report, written once for every front end.

use crate::case::code::Code;
use crate::case::text::visible;

use super::{Confidence, Report, RootCause, Severity, Shell, StepStatus, Verdict};

/// What a report says of a run that a pause interrupted.
pub const PAUSED: &str = "This process was paused during the check, for example because its machine slept. The \
                          requests that were interrupted count for nothing.";

/// The glyph that stands before a status' word.
#[must_use]
pub const fn glyph(status: StepStatus, ascii: bool) -> &'static str {
    match (status, ascii) {
        (StepStatus::Pass, false) => "✓",
        (StepStatus::Pass, true) => "+",
        (StepStatus::Warn, _) => "!",
        (StepStatus::Fail, false) => "✗",
        (StepStatus::Fail, true) => "x",
        (StepStatus::Skipped, false) => "–",
        (StepStatus::Skipped, true) => "-",
        (StepStatus::Unknown, _) => "?",
    }
}

/// The glyph of a finding; `possible`: it is a mere candidate.
#[must_use]
pub const fn finding_glyph(severity: Severity, possible: bool, ascii: bool) -> &'static str {
    match (severity, ascii) {
        (Severity::Error, _) if possible => "?",
        (Severity::Error, false) => "✗",
        (Severity::Error, true) => "x",
        (Severity::Warning, _) => "!",
        (Severity::Info, false) => "·",
        (Severity::Info, true) => "-",
    }
}

/// The status that a verdict looks like.
#[must_use]
pub const fn verdict_status(verdict: Verdict) -> StepStatus {
    match verdict {
        Verdict::Pass | Verdict::WouldPass => StepStatus::Pass,
        Verdict::Fail => StepStatus::Fail,
        Verdict::Inconclusive => StepStatus::Unknown,
    }
}

/// The word of a severity.
#[must_use]
pub const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// The word of a finding; `possible`: it is a mere candidate.
#[must_use]
pub const fn finding(severity: Severity, possible: bool) -> &'static str {
    if possible {
        "candidate"
    } else {
        self::severity(severity)
    }
}

/// The answer in one line.
#[must_use]
pub fn headline(report: &Report) -> String {
    let diagnosis = report.diagnosis();
    let signature_is_open = |cause: &RootCause| cause.code == Code::TokenSignatureUnverified;
    let changes = visible(&report.assumed().join(", "));
    let said = match (diagnosis.verdict, &diagnosis.root_cause) {
        (Verdict::WouldPass, _) => return format!("With {changes}, nothing observed would block the call"),
        // Without a target only a token can pass.
        (Verdict::Pass, _) if report.observed().inputs.target.is_none() => "Nothing is wrong with the token".to_owned(),
        (Verdict::Pass, _) => "The call works".to_owned(),
        (Verdict::Inconclusive, Some(cause)) if signature_is_open(cause) => {
            "The token's signature could not be verified".to_owned()
        }
        (Verdict::Fail, Some(cause)) => format!("A problem was found: {}", cause.code),
        (Verdict::Fail, None) => "A problem was found".to_owned(),
        (Verdict::Inconclusive, Some(cause)) => {
            format!("The evidence does not determine the cause: {}", cause.code)
        }
        (Verdict::Inconclusive, None) => "The evidence does not determine whether the call works".to_owned(),
    };
    match report.assumed() {
        [] => said,
        _ => format!("Re-evaluated with {changes}. {said}"),
    }
}

/// What holds although changes are assumed; `None` where none are.
#[must_use]
pub fn observed(report: &Report) -> Option<String> {
    let changes = match report.assumed() {
        [] => return None,
        [_] => "The change is only assumed",
        _ => "The changes are only assumed",
    };
    Some(format!(
        "{changes}. The observed verdict is {}; it decides the exit code.",
        report.observed_verdict.word()
    ))
}

/// Where the cause is and how sure it is, in one line; empty without a cause.
#[must_use]
pub fn standing(report: &Report) -> String {
    report
        .diagnosis()
        .root_cause
        .as_ref()
        .map_or_else(String::new, |cause| {
            format!(
                "step {} ({}); {}: {}",
                cause.step.number(),
                cause.step.id(),
                cause.confidence.word(),
                confidence_meaning(cause.confidence)
            )
        })
}

/// What a confidence means.
#[must_use]
pub const fn confidence_meaning(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "seen in settings, or named by the service itself",
        Confidence::Likely => "the pattern of the answers fits this and nothing else that is common",
        Confidence::Possible => "it fits the evidence, and other causes do as well",
    }
}

/// The name of a fix's tool.
#[must_use]
pub fn tool(via: &str) -> &str {
    match via {
        "portal" => "Azure portal",
        "az" => "Azure CLI",
        "bicep" => "Bicep",
        "terraform" => "Terraform",
        "code" => "Code",
        "other" => "Otherwise",
        unknown => unknown,
    }
}

/// Whether a fix's text is to be copied as it stands, rather than read as prose.
#[must_use]
pub fn is_verbatim(via: &str) -> bool {
    !matches!(via, "portal" | "other")
}

/// Whether a line, or the comment that it is, is a command or data to be copied, and so is never wrapped.
#[must_use]
pub fn is_to_copy(line: &str) -> bool {
    let line = line.strip_prefix("# ").unwrap_or(line);
    Shell::of(line).is_some() || line.starts_with("{\"")
}

/// Heading of the evidence.
pub const EVIDENCE: &str = "Evidence";
/// Heading of the fixes.
pub const FIXES: &str = "How to mend it";
/// Heading of the alternatives of a known cause.
pub const ALTERNATIVES: &str = "Other causes that fit";
/// Heading of the candidates of an unknown cause.
pub const CANDIDATES: &str = "Candidates, likeliest first";
/// What tells an alternative apart.
pub const DISTINGUISH: &str = "Told apart by";
/// Heading of what comes after the root cause.
pub const NEXT: &str = "After this is mended, the call will next fail at";
/// Heading of the requests.
pub const REQUESTS: &str = "Requests";
/// Heading of the cautions that several fixes share.
pub const SHARED_CAUTIONS: &str = "Before you change anything";
/// What stands before a caution.
pub const CAUTION: &str = "Caution";
/// Heading of the steps.
pub const STEPS: &str = "Steps";
