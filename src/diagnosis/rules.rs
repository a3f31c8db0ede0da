//! The rules of the diagnosis, over the errors of all steps. A step whose error follows from an earlier one reports
//! none of its own, so what is here is independent.
//!
//! 1. The path of the call decides, not the loudest symptom: the root cause is the surest *determined* error (certain
//!    or likely) of the earliest step. Without one the verdict is inconclusive, under the symptom's `undetermined-*`.
//! 2. Other determined errors are what bites next. Those of the root cause's own step are alternatives where all are
//!    only likely: they explain the same symptom. So are possible errors, unless the root cause is certain.
//! 3. What stops every request comes before what is wrong with the token, and a token that isn't issued before what App
//!    2 would say to it: while their own cause is open the verdict is inconclusive, and the rest bites next.
//! 4. Where the call did not come as far as the policy, or something in front of Easy Auth answered it, what those
//!    would say is not the root cause, but bites next.

use crate::case::prelude::*;
use crate::check::StepReport;
use crate::evidence::Evidence;
use crate::knowledge::token_reply::{Class, Reply};
use crate::knowledge::{Confidence, Found, Said, Severity, StepStatus, phrase};

use super::remedy::cause;
use super::{Change, Diagnosis, Other, Verdict};

/// An error, and the step that found it.
type Error<'a> = (StepId, &'a Found);

pub(super) fn diagnose(evidence: &Evidence<'_>, steps: &[StepReport]) -> Diagnosis {
    let findings = steps.iter().flat_map(|step| step.findings.iter().map(|finding| (step.id, finding)));
    let mut errors: Vec<Error<'_>> = findings.filter(|(_, finding)| finding.severity == Severity::Error).collect();
    crate::sort::by_key(&mut errors, |(_, finding)| is_a_pair_that_usually_works(finding));
    let has_passed = |step: &StepReport| matches!(step.status, StepStatus::Pass | StepStatus::Warn);
    let call_passed = steps.iter().any(|step| step.id == StepId::Call && has_passed(step));
    if errors.is_empty() && call_passed {
        return Diagnosis { verdict: Verdict::Pass, root_cause: None, alternatives: Vec::new(), next: Vec::new() };
    }
    let asked = evidence.policy_is_reached();
    let is_in_front = |found: &Found| matches!(found.code, Code::NetworkAccessRestricted | Code::AppUnavailable);
    // Easy Auth would have answered the token with 401.
    let in_front = evidence.final_answer().is_some_and(|answer| answer.status != 401)
        && errors.iter().any(|(step, finding)| *step == StepId::Call && is_determined(finding) && is_in_front(finding));
    let those = |is: &dyn Fn(StepId) -> bool| errors.iter().filter(|(step, _)| is(*step)).copied().collect::<Vec<_>>();
    let may_be_root = those(&|step| match step {
        StepId::Authorization => asked,
        StepId::Audience => !in_front,
        _ => true,
    });
    let stopped = steps.iter().any(StepReport::stops);
    let is_refused = evidence.token.is_none() && errors.iter().any(|(step, _)| *step == StepId::Token);
    let of_symptom = match root(&may_be_root) {
        Some((step, _)) if (stopped || is_refused) && step > StepId::Token => those(&|step| step <= StepId::Token),
        Some((step, finding)) => return determined(evidence, &errors, step, finding, stopped),
        None => may_be_root,
    };
    let later = errors.iter().filter(|(_, finding)| is_determined(finding));
    Diagnosis { next: once_each(later), ..undetermined(evidence, steps, &of_symptom) }
}

/// The surest determined finding of the earliest step that has one; of equals the first.
fn root<'a>(errors: &[Error<'a>]) -> Option<Error<'a>> {
    let (step, _) = errors.iter().find(|(_, finding)| is_determined(finding))?;
    let of_step = errors.iter().rev().filter(|(of, finding)| of == step && is_determined(finding));
    of_step.max_by_key(|(_, finding)| finding.confidence).copied()
}

/// These errors, of each code the first.
fn once_each<'a>(errors: impl Iterator<Item = &'a Error<'a>>) -> Vec<Other> {
    let mut others = Vec::new();
    errors.for_each(|(step, found)| add_once(&mut others, *step, found));
    others
}

fn surest_first(others: &mut [Other]) {
    crate::sort::by_key(others, |other| std::cmp::Reverse(other.found.confidence));
}

fn add_once(others: &mut Vec<Other>, step: StepId, found: &Found) {
    if !others.iter().any(|known| known.found.code == found.code) {
        others.push(Other { step, found: found.clone() });
    }
}

/// Whether all that is wrong is that token and settings have different versions, as in the portal's default: it comes
/// after whatever else may be the cause (facts: easy-auth, 2.2).
fn is_a_pair_that_usually_works(finding: &Found) -> bool {
    finding.code == Code::AudienceTokenVersionMismatch && finding.confidence == Confidence::Possible
}

fn is_determined(finding: &Found) -> bool {
    finding.confidence > Confidence::Possible && !finding.code.is_undetermined()
}

fn determined(case: &Case, errors: &[Error<'_>], step: StepId, root: &Found, stopped: bool) -> Diagnosis {
    let is_sure = |finding: &Found| finding.confidence == Confidence::Certain;
    // Once the identity that is meant calls, App 2's policy judges another caller.
    let is_of_another = |of: StepId| root.code == Code::UnexpectedIdentityUsed && of == StepId::Authorization;
    let is_other = |of: StepId, code: Code| code != root.code && !code.is_undetermined() && !is_of_another(of);
    let mut alternatives = Vec::new();
    let mut next: Vec<Other> = Vec::new();
    for (of, finding) in errors.iter().copied().filter(|(of, finding)| is_other(*of, finding.code)) {
        // What stops every request is seen, whichever its cause; it explains no refusal of the token request.
        let of_every_request = stopped && of == StepId::Protection && step != of;
        // An identity that may be missing explains nothing before a token is requested, and is met then.
        let of_no_token = of == StepId::Identity && step > of && step < StepId::Token && case.token.is_none();
        if is_determined(finding) && (of != step || is_sure(finding) || is_sure(root)) {
            add_once(&mut next, of, finding);
        } else if !is_determined(finding) && (of_every_request || of_no_token) {
            if !next.iter().any(|fault| fault.step == of) {
                let says = phrase("diagnosis.one-of-several").with("message", finding.message()).into();
                next.push(Other { step: of, found: Found { says, ..finding.clone() } });
            }
        } else if !is_sure(root) {
            alternatives.push(Other { step: of, found: finding.clone() });
        }
    }
    surest_first(&mut alternatives);
    let mut root_cause = cause(case, step, root);
    if let Change::Restart(source) = &root_cause.change {
        let stored = phrase("diagnosis.stored-without-fault").with("source", source.clone());
        root_cause.found.evidence.push(stored.into());
    }
    Diagnosis { verdict: Verdict::Fail, root_cause: Some(root_cause), alternatives, next }
}

fn undetermined(case: &Case, steps: &[StepReport], errors: &[Error<'_>]) -> Diagnosis {
    let named = errors.iter().find(|(_, finding)| finding.code.is_undetermined()).map(|(_, finding)| *finding);
    let mut alternatives = once_each(errors.iter().filter(|(_, finding)| !finding.code.is_undetermined()));
    surest_first(&mut alternatives);
    let first = errors.first();
    let code = named.map_or_else(|| symptom(case, errors), |finding| finding.code);
    let shown = named.or(first.map(|(_, finding)| *finding));
    let of_named = named.map(|finding| &finding.evidence).filter(|evidence| !evidence.is_empty());
    let unknown = Found {
        evidence: of_named.or(first.map(|(_, finding)| &finding.evidence)).cloned().unwrap_or_default(),
        confirm: named.and_then(|finding| finding.confirm.clone()),
        values: shown.map(|finding| finding.values.clone()).unwrap_or_default(),
        ..Found::error(code, named.map_or_else(|| describe(case, steps, errors).into(), Found::message)).possible()
    };
    let step = first.filter(|_| named.is_none()).map_or(code.step(), |(step, _)| *step);
    let mut root_cause = cause(case, step, &unknown);
    // What would pass needs no fix: the change itself is the fix.
    if errors.is_empty() && is_what_if(case) {
        root_cause.change = Change::Nothing;
    }
    Diagnosis { verdict: Verdict::Inconclusive, root_cause: Some(root_cause), alternatives, next: Vec::new() }
}

/// The `undetermined-*` code of the symptom that is seen.
fn symptom(case: &Case, errors: &[Error<'_>]) -> Code {
    if case.token.is_none() && errors.iter().any(|(step, _)| *step == StepId::Token) {
        return Code::UndeterminedTokenRefusal;
    }
    match case.call_status() {
        Some(401) => Code::Undetermined401,
        Some(403) => Code::Undetermined403,
        _ => Code::UndeterminedFailure,
    }
}

fn is_what_if(case: &Case) -> bool {
    !case.inputs.assume.is_empty()
}

fn describe(case: &Case, steps: &[StepReport], errors: &[Error<'_>]) -> Said {
    if let Some((StepId::Token, _)) = errors.first()
        && let Some(reply) = Reply::to(case, &Purpose::Token).filter(|reply| reply.class == Class::Opaque)
        && Reply::issued(case, &Purpose::TokenForResourceManager).is_some()
    {
        return phrase("diagnosis.only-this-resource")
            .with_some("asked", case.resource.as_ref().map(|resource| resource.value.clone()))
            .with_some("status", reply.exchange.status());
    }
    if let Some((_, first)) = errors.first() {
        // Where the token makes a difference, the two answers say more than the first of the causes.
        let answer = case.anonymous().map(|answer| answer.status);
        let without = answer.filter(|status| case.call_status().is_some_and(|call| call != *status));
        return phrase("diagnosis.unproven")
            .with("message", first.message())
            .with_some("status", case.call_status())
            .with_some("without", without)
            .with_some("count", (errors.len() > 1).then_some(errors.len()));
    }
    let open = |said: Said, step: &StepReport| {
        said.with("number", step.id.number()).with("step", step.id.id()).with("summary", step.summary.clone())
    };
    if let (true, Some(step)) = (is_what_if(case), first_open(case, steps, StepId::Authorization)) {
        return open(phrase("diagnosis.open-what-if").with("changes", case.inputs.assume.clone()), step);
    }
    if let Some(Decision::Withheld(refusal)) = &case.decision {
        return phrase("diagnosis.token-withheld").with("reason", refusal.to_string());
    }
    match first_open(case, steps, StepId::Call) {
        Some(step) => open(phrase("diagnosis.open"), step).when("called", case.call_status().is_some()),
        None => phrase("diagnosis.no-fault"),
    }
}

/// The first step, up to this one, that was not judged.
fn first_open<'a>(case: &Case, steps: &'a [StepReport], until: StepId) -> Option<&'a StepReport> {
    steps.iter().filter(|step| step.id <= until).find(|step| is_open(case, step))
}

/// Whether a step was not judged. Where the token is given, its request is not needed. An identity that isn't tested
/// because no token is requested leaves that open, in its step.
pub fn is_open(case: &Case, step: &StepReport) -> bool {
    let is_given = step.id == StepId::Token && case.token.is_some();
    let is_untested = step.id == StepId::Identity && step.status == StepStatus::Skipped;
    !is_given && !is_untested && matches!(step.status, StepStatus::Unknown | StepStatus::Skipped)
}
