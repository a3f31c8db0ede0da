//! The words and glyphs of the report, written once for every front end.

use chrono::{DateTime, Utc};

use crate::case::code::Code;
use crate::case::exchange::Purpose;
use crate::case::resource::ResourceSource;
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::knowledge::{Delay, Said, phrase};

pub use crate::knowledge::tool;

use super::{Confidence, Diagnosis, Origin, Report, RootCause, RuleVerdict, Severity, Shell, StepStatus, Verdict};

/// The glyph before the word of a status.
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

/// The word of a status; that of the JSON report is shorter.
#[must_use]
pub const fn status(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Warn => severity(Severity::Warning),
        other => other.word(),
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

impl StepStatus {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
        }
    }
}

impl Verdict {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::WouldPass => "would-pass",
        }
    }
}

impl RuleVerdict {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holds => "met",
            Self::Broken => "not met",
            Self::BrokenUndocumented => "not met (undocumented)",
            Self::Unknown => "unknown",
        }
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
    if possible { "candidate" } else { self::severity(severity) }
}

/// The answer in one line.
#[must_use]
pub fn headline(report: &Report) -> String {
    let diagnosis = report.diagnosis();
    let signature_is_open = |cause: &RootCause| cause.code == Code::TokenSignatureUnverified;
    let changes = Some(report.assumed().join(", ")).filter(|changes| !changes.is_empty());
    let said = match (diagnosis.verdict, &diagnosis.root_cause) {
        (Verdict::WouldPass, _) => phrase("headline.would-pass"),
        // Without a target only a token can pass.
        (Verdict::Pass, _) if report.observed().inputs.target.is_none() => phrase("headline.token-passes"),
        (Verdict::Pass, _) => phrase("headline.passes"),
        (Verdict::Fail, cause) => {
            phrase("headline.fails").with_some("code", cause.as_ref().map(|cause| cause.code.name()))
        }
        (Verdict::Inconclusive, Some(cause)) if signature_is_open(cause) => phrase("headline.unverified"),
        (Verdict::Inconclusive, Some(cause)) if is_only_not_called(report, cause) => phrase("headline.not-called"),
        (Verdict::Inconclusive, Some(cause)) => phrase("headline.undetermined").with("code", cause.code.name()),
        (Verdict::Inconclusive, None) => phrase("headline.open"),
    };
    said.with_some("changes", changes.as_deref().map(visible)).text()
}

/// Whether nothing is wrong, as far as it is known, and the call wasn't made: there is no failure then.
fn is_only_not_called(report: &Report, cause: &RootCause) -> bool {
    let mut findings = report.steps().iter().flat_map(|step| &step.findings);
    cause.code == Code::UndeterminedFailure
        && report.assumed().is_empty()
        && report.step(StepId::Call).is_some_and(|step| step.status == StepStatus::Skipped)
        && !findings.any(|finding| finding.severity == Severity::Error && finding.code != cause.code)
}

/// The verdict without the assumed changes; `None` where none are assumed.
#[must_use]
pub fn observed(report: &Report) -> Option<String> {
    let assumed = report.assumed().len();
    let said = phrase("report.observed").with("verdict", report.observed_verdict.word());
    (assumed > 0).then(|| said.when("several", assumed > 1).text())
}

/// How the warnings of a call that works are explained; with a root cause, its fixes come first.
#[must_use]
pub fn warnings(report: &Report) -> Option<String> {
    let mut codes: Vec<Code> = report.warnings().map(|(_, found)| found.code).collect();
    codes.dedup();
    let commands: Vec<String> = codes.iter().map(|code| format!("`easyauth-doctor explain {code}`")).collect();
    let said = phrase("report.warnings").when("several", codes.len() > 1).with("commands", commands.join(" and "));
    (report.verdict() == Verdict::Pass && !codes.is_empty()).then(|| said.text())
}

/// What a report of the lab says of itself; `None` for any other.
#[must_use]
pub fn of_the_lab(report: &Report) -> Option<String> {
    report.inputs().is_lab.then(|| phrase("report.lab").text())
}

/// The step of the root cause, and how sure it is unless the cause is undetermined, in one line; empty without a cause.
#[must_use]
pub fn standing(report: &Report) -> String {
    report.diagnosis().root_cause.as_ref().map_or_else(String::new, |cause| {
        let known = !cause.code.is_undetermined();
        phrase("report.standing")
            .with("number", cause.step.number())
            .with("step", cause.step.id())
            .with_some("confidence", known.then(|| confidence(report, cause)))
            .text()
    })
}

/// When the fix shows; `None` where that is at once, not known, or said with the fix.
#[must_use]
pub fn takes_effect(cause: &RootCause) -> Option<String> {
    let effect = cause.takes_effect?;
    let at = effect.at.map(time);
    let said = phrase(match effect.after {
        Delay::NextToken => "takes-effect.next-token",
        Delay::Minutes => "takes-effect.minutes",
        Delay::RestartOfApp1 => "takes-effect.restart-of-app1",
        // The cautions of the fixes say so.
        Delay::RestartOfApp2 => return None,
    });
    Some(said.with_some("at", at).text())
}

/// A moment in the time of Azure's logs.
#[must_use]
pub fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// When a report was checked, where the day is known: `14:05:09 UTC`.
#[must_use]
pub fn checked_at(report: &Report) -> String {
    report.observed().checked_at().format("%H:%M:%S UTC").to_string()
}

/// How sure the root cause is, and what makes it so.
#[must_use]
pub fn confidence(report: &Report, cause: &RootCause) -> Said {
    phrase(match cause.confidence {
        Confidence::Certain => certain(report, cause),
        Confidence::Likely => "report.likely",
        Confidence::Possible => "report.possible",
    })
}

/// What makes it certain: the strongest of what its evidence was read from.
fn certain(report: &Report, cause: &RootCause) -> &'static str {
    let origins = cause.evidence.iter().filter_map(|line| line.origin);
    match origins.filter_map(|origin| Basis::of(report, origin)).min() {
        Some(Basis::Log) => "report.certain-log",
        Some(Basis::Settings) => "report.certain-settings",
        Some(Basis::Graph) => "report.certain-graph",
        Some(Basis::TokenRequest) => "report.certain-token-request",
        Some(Basis::Target) => "report.certain-target",
        // A token alone shows nothing of App 2's policy.
        Some(Basis::Token) if cause.step == StepId::Authorization => "report.certain-settings",
        Some(Basis::Token) => "report.certain-token",
        None => "report.certain",
    }
}

/// What a line of evidence was read from, the strongest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Basis {
    Log,
    Settings,
    Graph,
    TokenRequest,
    Target,
    Token,
}

impl Basis {
    fn of(report: &Report, origin: Origin) -> Option<Self> {
        match origin {
            Origin::LogLine(_) => Some(Self::Log),
            Origin::SettingsPath(_) => Some(Self::Settings),
            Origin::Claim(_) => Some(Self::Token),
            Origin::Exchange(id) => {
                let mut exchanges = report.case().exchanges.iter();
                let exchange = exchanges.find(|exchange| exchange.id == id)?;
                // A request without an answer shows something, too, but no response does.
                exchange.answer()?;
                match exchange.purpose.step() {
                    _ if exchange.url.starts_with(report.case().inputs.graph()) => Some(Self::Graph),
                    StepId::Token => Some(Self::TokenRequest),
                    StepId::Protection | StepId::Call => Some(Self::Target),
                    _ => None,
                }
            }
        }
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

/// Whether a line of code in a fix is a sentence about it: code and comments end or begin in other ways.
#[must_use]
pub fn is_sentence(line: &str) -> bool {
    let ends = line.ends_with('.') || line.ends_with(':');
    ends && line.starts_with(char::is_uppercase) && line.split(' ').count() > 4
}

/// What stands for the credential where there is none.
pub const NO_CREDENTIAL: Said = phrase("start.no-credential");
/// What a report says of a run that a pause interrupted.
pub const PAUSED: Said = phrase("report.paused");
/// What is shown for an answer that was not waited for.
pub const NOT_WAITED: Said = phrase("report.not-waited");

/// Which answers a report was not waited for, so that nobody takes them for failures. `None`: all were there.
#[must_use]
pub fn not_waited_for(report: &Report) -> Option<String> {
    let exchanges = report.case().exchanges.iter();
    let mut names: Vec<&str> = exchanges
        .filter(|exchange| exchange.was_not_waited_for())
        // It would only have explained a rejection.
        .filter(|exchange| exchange.purpose != Purpose::TokenForGraph || report.exit_code() != 0)
        .map(|exchange| exchange.purpose.describe())
        .collect();
    names.dedup();
    let said = phrase("report.not-waited-for").when("several", names.len() > 1);
    (!names.is_empty()).then(|| said.with("answers", names.join(", ")).text())
}

/// Heading of the evidence.
pub const EVIDENCE: Said = phrase("heading.evidence");
/// Heading of the fixes.
pub const FIXES: Said = phrase("heading.fixes");
/// Heading of the fixes of this cause: where it is unknown, they are ways to find it.
#[must_use]
pub const fn fixes_of(cause: &RootCause) -> Said {
    if cause.code.is_undetermined() { phrase("screen.find-out") } else { FIXES }
}
/// That the call succeeds with a resource that App 2 named itself: App 1's code may request another one.
#[must_use]
pub fn discovered(report: &Report) -> Option<String> {
    let (resource, source) = report.resource()?;
    let by_app_2 = matches!(source, ResourceSource::Challenge | ResourceSource::Metadata | ResourceSource::Host);
    let is_pass = report.diagnosis().verdict == Verdict::Pass && report.assumed().is_empty();
    let said = phrase("report.discovered").with("resource", visible(&resource)).with("source", source.place());
    let said = said.with_some("target", report.case().inputs.target.as_deref().map(visible));
    (by_app_2 && is_pass).then(|| said.text())
}

/// Who has to act; `None` where that isn't known, or the cause isn't.
#[must_use]
pub fn who(cause: &RootCause) -> Option<String> {
    let owner = cause.owner.filter(|_| !cause.code.is_undetermined())?;
    Some(phrase("report.who").with("owner", owner.name()).text())
}
/// Where the commands of the Azure CLI are run.
pub const WHERE_AZ: Said = phrase("report.where-az");
/// Heading of the alternatives of a known cause.
pub const ALTERNATIVES: Said = phrase("heading.alternatives");
/// Heading of the candidates of an unknown cause.
pub const CANDIDATES: Said = phrase("heading.candidates");
/// Label of how an alternative is confirmed.
pub const CONFIRM: Said = phrase("heading.confirm");
/// How an alternative is confirmed that is confirmed like the one before it.
pub const CONFIRM_SAME: Said = phrase("heading.confirm-same");
/// Heading of what comes after the root cause, or beside it: where some of it is of an earlier step, and where there is
/// no fix yet that it could remain after.
#[must_use]
pub fn others(diagnosis: &Diagnosis) -> Said {
    let before = diagnosis.root_cause.as_ref().map(|cause| cause.step);
    let is_later = diagnosis.next.iter().all(|fault| Some(fault.step) >= before);
    let is_open = diagnosis.verdict == Verdict::Inconclusive;
    phrase(if is_later && !is_open { "heading.next" } else { "heading.others" })
}
/// Heading of the requests.
pub const REQUESTS: Said = phrase("heading.requests");
/// Heading of the cautions that several fixes share.
pub const SHARED_CAUTIONS: Said = phrase("heading.shared-cautions");
/// Label of a caution.
pub const CAUTION: Said = phrase("heading.caution");
/// How the commands of a fix for Azure PowerShell are shown.
pub const POWERSHELL: Said = phrase("report.powershell");
/// Heading of the steps.
pub const STEPS: Said = phrase("heading.steps");
/// Above the verdicts of several reports.
pub const SUMMARY: Said = phrase("heading.summary");
