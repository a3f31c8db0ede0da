//! Guided setup: the stages from nothing to a working call, how far they are, and the list for the people who do them.

use crate::case::code::Code;
use crate::case::registration::Registration;
use crate::case::resource::{ChosenResource, ResourceSource};
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::diagnosis::Verdict;
use crate::knowledge::{self, phrase};

use super::fixes::Fix;
use super::{Owner, Report, RuleVerdict, StepReport, StepStatus, policy, set_up, words};

/// How far a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The last check saw that it is done.
    Done,
    /// The first one that isn't.
    Next,
    /// One after it.
    Later,
    /// One before it that the check couldn't look at, or nothing was checked.
    Unknown,
}

/// A stage: a step of the call, as something to set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Its step.
    pub step: StepId,
    /// How far it is.
    pub progress: Progress,
}

/// The stages in their order, by what was observed: a change in thought sets nothing up.
#[must_use]
pub fn stages(report: Option<&Report>) -> Vec<Stage> {
    let Some(report) = report else {
        let progress = Progress::Unknown;
        return StepId::ALL.into_iter().map(|step| Stage { step, progress }).collect();
    };
    let report = &*report.as_observed();
    let works = report.verdict() == Verdict::Pass;
    let rules = policy::rules(report);
    let is_met = |step: StepId| {
        let mut of_step = rules.iter().filter(|rule| rule.step == step && rule.step >= StepId::Audience);
        of_step.all(|rule| rule.verdict == RuleVerdict::Holds)
    };
    let is_fine = |step: StepId| {
        let is_fine = |step: &StepReport| match step.status {
            StepStatus::Pass => true,
            // A warning doesn't fail the call; a rule of App 2 that isn't known to be met may.
            StepStatus::Warn => is_met(step.id),
            StepStatus::Fail | StepStatus::Skipped | StepStatus::Unknown => false,
        };
        // A call that was answered whoever made it isn't what is set up.
        works || step != StepId::Call && report.step(step).is_some_and(is_fine)
    };
    let is_done = |step: StepId| is_fine(step) && (works || is_confirmed(report, step));
    let next = cause_of_the_call(report).or_else(|| StepId::ALL.into_iter().find(|step| !is_fine(*step)));
    let progress = |step| match next {
        _ if is_done(step) => Progress::Done,
        Some(next) if next == step => Progress::Next,
        Some(next) if step < next => Progress::Unknown,
        _ => Progress::Later,
    };
    let stage = |step| Stage { step, progress: progress(step) };
    StepId::ALL.into_iter().map(stage).collect()
}

/// Whether more than what was given speaks for a step. That a resource is right, only a token that was issued for it
/// shows, or the registration that lists it.
fn is_confirmed(report: &Report, step: StepId) -> bool {
    let case = report.observed();
    let given =
        |chosen: &&ChosenResource| matches!(chosen.source, ResourceSource::Option | ResourceSource::Environment);
    let Some(given) = case.resource.as_ref().filter(given).filter(|_| step == StepId::Scope) else { return true };
    let is_listed = |known: &Registration| known.identifier_uris.iter().flatten().any(|uri| *uri == given.value);
    case.token.is_some() || case.registration.as_ref().is_some_and(is_listed)
}

/// What there is to do in a stage, in one sentence. Where App 2 can't be reached, whether Easy Auth is on isn't known.
#[must_use]
pub fn what(report: Option<&Report>, step: StepId) -> String {
    let cause = report.and_then(|report| report.diagnosis().root_cause.as_ref()).filter(|cause| cause.step == step);
    let entry = knowledge::step(step);
    match cause.map(|cause| cause.code) {
        Some(
            Code::NetworkAccessRestricted
            | Code::PrivateEndpointBypassed
            | Code::TargetStopped
            | Code::TargetTlsUntrusted
            | Code::TargetUnreachable,
        ) => phrase("tour.reach").text(),
        Some(code) if code.is_undetermined() => phrase("tour.find-out").text(),
        // Who has to act isn't who sets this up, so that setting it up isn't what is missing.
        Some(code) if cause.and_then(|cause| cause.owner).is_some_and(|owner| owner != entry.owner) => {
            let title = knowledge::finding(code).map_or(code.name(), |finding| &finding.title);
            phrase("tour.resolve").with("title", title).text()
        }
        _ => entry.what.clone(),
    }
}

/// The step of what prevents the call, where that is known, or where the call itself was answered: whatever was not
/// seen before it isn't what is missing.
fn cause_of_the_call(report: &Report) -> Option<StepId> {
    let cause = report.diagnosis().root_cause.as_ref()?;
    let is_answered = report.step(StepId::Call).is_some_and(|call| call.status == StepStatus::Fail);
    (report.verdict() == Verdict::Fail || is_answered).then_some(cause.step)
}

/// What was seen of a stage: what prevents the call, where that is known to be there, else how its step ended.
#[must_use]
pub fn seen(report: &Report, step: StepId) -> Option<&str> {
    let cause = report.diagnosis().root_cause.as_ref().filter(|cause| cause.step == step && !cause.fixes.is_empty());
    let summary = || report.step(step).map(|step| step.summary.as_str()).filter(|summary| !summary.is_empty());
    cause.map(|cause| cause.summary.as_str()).or_else(summary)
}

/// The stage that is to be done next; `None` when all are done, or nothing was checked.
#[must_use]
pub fn next(report: Option<&Report>) -> Option<StepId> {
    let stages = stages(report);
    let next = stages.iter().find(|stage| stage.progress == Progress::Next);
    next.map(|stage| stage.step)
}

/// How many stages are done.
#[must_use]
pub fn done(stages: &[Stage]) -> usize {
    stages.iter().filter(|stage| stage.progress == Progress::Done).count()
}

/// How a stage is done, and who does it: the fix of what was found there, else how it is set up.
#[must_use]
pub fn ways(report: Option<&Report>, step: StepId) -> (Vec<Fix>, Owner) {
    let owner = knowledge::step(step).owner;
    let Some(shown) = report else {
        return (set_up::ways(None, step), owner);
    };
    let diagnosis = shown.diagnosis();
    if let Some(cause) = diagnosis.root_cause.as_ref()
        && cause.step == step
        && !cause.fixes.is_empty()
    {
        return (cause.fixes.clone(), cause.owner.unwrap_or(owner));
    }
    let later = diagnosis.next.iter().find(|fault| fault.step == step);
    match later.filter(|fault| !fault.fixes.is_empty()) {
        Some(fault) => (fault.fixes.clone(), owner),
        None => (set_up::ways(report, step), owner),
    }
}

/// The stages as Markdown, for the people who do them: what, why, who, and the commands with the values known so far.
#[must_use]
pub fn markdown(report: Option<&Report>) -> String {
    let stages = stages(report);
    let count = stages.len();
    let mut parts = vec![phrase("list.title").text()];
    if let Some(report) = report {
        if let Some(target) = &report.inputs().target {
            parts.push(phrase("list.target").with("target", code(target)).text());
        }
        let at = report.observed().started_at.format("%Y-%m-%d %H:%M UTC");
        let said = phrase("list.checked-at").with("time", at.to_string());
        parts.push(said.with("done", done(&stages)).with("count", count).text());
    }
    let observed = report.map(Report::as_observed);
    for stage in stages {
        let entry = knowledge::step(stage.step);
        let (ways, owner) = ways(report, stage.step);
        let mark = if stage.progress == Progress::Done { "x" } else { " " };
        parts.push(format!("## {}. {}", stage.step.number(), entry.title));
        parts.push(format!("- [{mark}] {}", what(observed.as_deref(), stage.step)));
        let seen = observed.as_deref().filter(|_| stage.progress == Progress::Next);
        let seen = seen.and_then(|report| self::seen(report, stage.step));
        parts.extend(seen.map(|seen| phrase("list.now").with("seen", visible(seen)).text()));
        parts.push(entry.why.clone());
        parts.push(phrase("list.by-hand").with("owner", owner.name()).text());
        if stage.progress != Progress::Done {
            for way in &ways {
                parts.push(format!("**{}**", words::tool(&way.via)));
                parts.push(way_text(way));
                let cautions = way.caution.iter().flat_map(|caution| caution.lines());
                parts.extend(cautions.map(|caution| format!("> {}", visible(caution))));
            }
        }
        parts.push(phrase("list.checked-by").with("checked", &entry.checked).text());
    }
    parts.join("\n\n") + "\n"
}

fn way_text(way: &Fix) -> String {
    let text = way.text.trim_end();
    if words::is_verbatim(&way.via) {
        return fenced(text);
    }
    let part = |line: &str| if words::is_to_copy(line) { fenced(line) } else { line.to_owned() };
    text.lines().map(part).collect::<Vec<_>>().join("\n\n")
}

/// A block of code, with a fence that the text itself doesn't close.
fn fenced(text: &str) -> String {
    let fence = if text.contains("```") { "~~~~" } else { "```" };
    format!("{fence}\n{text}\n{fence}")
}

fn code(text: &str) -> String {
    format!("`{}`", visible(text).replace('`', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let text = include_str!("../../tests/it/saved/caller-not-in-allowed-applications-slot.json");
        Report::of(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn the_first_stage_that_was_not_seen_is_next_and_a_change_in_thought_does_none() {
        let report = report();
        assert_eq!(next(Some(&report)), Some(StepId::Authorization));
        assert_eq!(done(&stages(Some(&report))), 6);
        let mut case = report.observed().clone();
        case.inputs.assume.extend(report.suggested_assumption().map(str::to_owned));
        let supposed = Report::of(case);
        assert_eq!(supposed.verdict(), Verdict::WouldPass);
        assert_eq!(next(Some(&supposed)), Some(StepId::Authorization));
        assert_eq!((next(None), done(&stages(None))), (None, 0));
    }

    #[test]
    fn a_call_that_anybody_may_make_is_not_set_up() {
        let text = include_str!("../../tests/it/saved/easy-auth-not-active.json");
        let report = Report::of(serde_json::from_str(text).unwrap());
        assert_eq!(report.step(StepId::Call).unwrap().status, StepStatus::Pass);
        let stages = stages(Some(&report));
        assert_eq!(next(Some(&report)), Some(StepId::Protection));
        assert!(stages.iter().any(|stage| stage.step == StepId::Call && stage.progress == Progress::Later));
    }

    #[test]
    fn what_there_is_to_do_agrees_with_who_does_it() {
        let of = |text| Report::of(serde_json::from_str(text).unwrap());
        // No setting of App 2 is missing where App 1 has to get its token in another way.
        let foreign = of(include_str!("../../tests/it/saved/foreign-tenant-token-issuer.json"));
        let title = &knowledge::finding(Code::ForeignTenantToken).unwrap().title;
        let said = what(Some(&foreign), StepId::Audience);
        assert_eq!(said, phrase("tour.resolve").with("title", title).text());
        assert!(markdown(Some(&foreign)).contains(&said));
        let open = of(include_str!("../../tests/it/saved/caller-not-in-allowed-applications-without-settings.json"));
        assert_eq!(next(Some(&open)), Some(StepId::Call));
        assert_eq!(what(Some(&open), StepId::Call), phrase("tour.find-out").text());
        let own = report();
        assert_eq!(what(Some(&own), StepId::Authorization), knowledge::step(StepId::Authorization).what);
    }

    #[test]
    fn commands_among_words_are_blocks_of_code() {
        let text = "Look it up:\nnslookup \"app2\"".to_owned();
        let way = Fix { via: "other".to_owned(), text, caution: None };
        assert_eq!(way_text(&way), "Look it up:\n\n```\nnslookup \"app2\"\n```");
        // Each line of a caution is a paragraph of its own.
        assert!(!markdown(None).contains("\\n"));
    }

    #[test]
    fn the_list_has_the_commands_of_what_is_not_done_and_no_others() {
        let report = report();
        let list = markdown(Some(&report));
        let fix = &report.diagnosis().root_cause.as_ref().unwrap().fixes;
        let az = fix.iter().find(|fix| fix.via == "az").unwrap();
        assert!(list.contains(az.text.trim_end()), "{list}");
        assert!(!list.contains("az webapp identity assign"), "{list}");
        // Each line of a caution is a line of the list, and a command in prose is in a block of code.
        let caution = az.caution.as_deref().unwrap_or_default();
        assert!(caution.lines().count() > 1 && caution.lines().all(|line| list.contains(&format!("\n> {line}\n"))));
        assert!(markdown(None).contains("```\ncurl -s "));
        assert!(markdown(None).contains("az webapp identity assign"));
        assert_eq!(list.matches("- [x]").count(), 6);
        // What is to be done is an instruction, and what was seen is below it.
        let (what, summary) =
            (&knowledge::step(StepId::Authorization).what, seen(&report, StepId::Authorization).unwrap());
        assert_eq!(summary, report.diagnosis().root_cause.as_ref().unwrap().summary);
        assert!(list.contains(&format!("- [ ] {what}\n\nNow: {summary}\n")), "{list}");
        for stage in stages(Some(&report)) {
            assert!(list.contains(&format!("] {}\n", knowledge::step(stage.step).what)), "{list}");
        }
    }
}
