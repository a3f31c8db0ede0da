//! The rules of the diagnosis, over the findings of all steps.
//!
//! 1. Only findings of severity *error* can be causes. A step whose error follows from an earlier one reports none of
//!    its own, so what is here is independent.
//! 2. A finding is *determined* when it is certain or likely. The root cause is the determined finding of the earliest
//!    step, the surest of that step first: the path of the call decides, not the loudest symptom.
//! 3. Other determined findings are what bites next, in the order of the path. Those that are only likely and are in
//!    the root cause's step, which is itself only likely, are alternatives: they explain the same symptom.
//! 4. Possible findings are alternatives, likeliest first, unless the root cause is certain and no later symptom is
//!    left for them to explain.
//! 5. Without a determined finding the verdict is inconclusive under the `undetermined-*` code of the symptom.
//! 6. What stops every request, with and without a token, comes before whatever is wrong with the token: while its own
//!    cause is open the verdict is inconclusive, and the determined findings of later steps are what bites next. The
//!    same goes for a token that isn't issued, while it is open why.
//!    Likewise a possible fault of the identity explains nothing before a token is requested, and bites then.
//! 7. Where the call did not come as far as the policy (a 401, a fault, silence) what the policy would refuse is not
//!    the root cause, but what bites next.
//!    Nor is what Easy Auth would say of the token, where something in front answered the call in its place.
//! 8. No error and a successful call pass. No error and no successful call are inconclusive.

use crate::case::Case;
use crate::case::code::Code;
use crate::case::exchange::Purpose;
use crate::case::may_send::Decision;
use crate::case::step::StepId;
use crate::check::{Confidence, Found, Severity, StepReport, StepStatus};
use crate::evidence::Evidence;
use crate::evidence::refusal::{Class, Reply};
use crate::knowledge::{Said, phrase};

use super::cause::cause;
use super::{Change, Diagnosis, Other, Verdict};

pub(super) fn diagnose(evidence: &Evidence<'_>, steps: &[StepReport]) -> Diagnosis {
    let mut errors: Vec<(StepId, &Found)> = steps
        .iter()
        .flat_map(|step| step.findings.iter().map(|finding| (step.id, finding)))
        .filter(|(_, finding)| finding.severity == Severity::Error)
        .collect();
    crate::sort::by_key(&mut errors, |(_, finding)| is_a_pair_that_usually_works(finding));
    let has_passed = |step: &StepReport| matches!(step.status, StepStatus::Pass | StepStatus::Warn);
    let call_passed = steps.iter().any(|step| step.id == StepId::Call && has_passed(step));
    if errors.is_empty() && call_passed {
        return Diagnosis { verdict: Verdict::Pass, root_cause: None, alternatives: Vec::new(), next: Vec::new() };
    }
    // A refusal before the policy is asked has another cause, whatever the policy says.
    let asked = evidence.policy_is_reached();
    // What is in front of Easy Auth; that would have answered the token with 401.
    let is_in_front = |found: &Found| matches!(found.code, Code::NetworkAccessRestricted | Code::AppUnavailable);
    let in_front = evidence.final_answer().is_some_and(|answer| answer.status != 401)
        && errors.iter().any(|(step, finding)| *step == StepId::Call && is_determined(finding) && is_in_front(finding));
    let is_asked = |step: StepId| match step {
        StepId::Authorization => asked,
        StepId::Audience => !in_front,
        _ => true,
    };
    let may_be_root: Vec<(StepId, &Found)> = errors.iter().filter(|(step, _)| is_asked(*step)).copied().collect();
    let root = root(&may_be_root);
    // Where every request is stopped before its token is looked at, what is wrong with the token is not why the call
    // fails.
    let stopped = steps.iter().any(StepReport::stops);
    // Nor does it where the token isn't issued, whatever App 2 would say to one.
    let is_refused = evidence.token.is_none() && errors.iter().any(|(step, _)| *step == StepId::Token);
    match root {
        Some((step, _)) if (stopped || is_refused) && step > StepId::Token => {
            // The errors that a request meets before its token is looked at.
            let before: Vec<_> = errors.iter().filter(|(step, _)| *step <= StepId::Token).copied().collect();
            Diagnosis { next: later(&errors), ..undetermined(evidence, steps, &before) }
        }
        Some((step, finding)) => determined(evidence, &errors, step, finding, stopped),
        None => Diagnosis { next: later(&errors), ..undetermined(evidence, steps, &may_be_root) },
    }
}

/// The surest determined finding of the earliest step that has one; of equals the first.
fn root<'a>(errors: &[(StepId, &'a Found)]) -> Option<(StepId, &'a Found)> {
    let (step, _) = errors.iter().find(|(_, finding)| is_determined(finding))?;
    let of_step = errors.iter().rev().filter(|(of, finding)| of == step && is_determined(finding));
    of_step.max_by_key(|(_, finding)| finding.confidence).copied()
}

/// The determined findings as what bites once the call gets further.
fn later(errors: &[(StepId, &Found)]) -> Vec<Other> {
    let mut next: Vec<Other> = Vec::new();
    for (step, finding) in errors.iter().filter(|(_, finding)| is_determined(finding)) {
        add_once(&mut next, *step, finding);
    }
    next
}

/// Adds a finding, unless there is one with its code.
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

fn determined(case: &Case, errors: &[(StepId, &Found)], step: StepId, root: &Found, stopped: bool) -> Diagnosis {
    let rivals = |of: StepId, finding: &Found| {
        root.confidence < Confidence::Certain && finding.confidence < Confidence::Certain && of == step
    };
    // Once the identity that is meant calls, App 2's policy judges another caller.
    let is_of_another = |of: StepId| root.code == Code::UnexpectedIdentityUsed && of == StepId::Authorization;
    let others = errors.iter().copied().filter(|(_, finding)| finding.code != root.code);
    let others = others.filter(|(of, finding)| !finding.code.is_undetermined() && !is_of_another(*of));
    let mut alternatives = Vec::new();
    let mut next: Vec<Other> = Vec::new();
    for (of, finding) in others {
        // What stops every request is seen, whichever its cause; it explains no refusal of the token request.
        let of_every_request = stopped && of == StepId::Protection && step != of;
        // An identity that may be missing explains nothing before a token is requested, and is met then.
        let of_no_token = of == StepId::Identity && step > of && step < StepId::Token && case.token.is_none();
        if (of_every_request || of_no_token) && finding.confidence == Confidence::Possible {
            if !next.iter().any(|fault| fault.step == of) {
                let says = phrase("diagnosis.one-of-several").with("message", finding.message()).into();
                next.push(Other { step: of, found: Found { says, ..finding.clone() } });
            }
        } else if finding.confidence == Confidence::Possible || rivals(of, finding) {
            if root.confidence < Confidence::Certain {
                alternatives.push(Other { step: of, found: finding.clone() });
            }
        } else {
            add_once(&mut next, of, finding);
        }
    }
    crate::sort::by_key(&mut alternatives, |alternative| std::cmp::Reverse(alternative.found.confidence));
    let mut root_cause = cause(case, step, root);
    if let Change::Restart(source) = &root_cause.change {
        let stored = phrase("diagnosis.stored-without-fault").with("source", source.clone());
        root_cause.found.evidence.push(stored.into());
    }
    Diagnosis { verdict: Verdict::Fail, root_cause: Some(root_cause), alternatives, next }
}

fn undetermined(case: &Case, steps: &[StepReport], errors: &[(StepId, &Found)]) -> Diagnosis {
    let named = errors.iter().find(|(_, finding)| finding.code.is_undetermined()).map(|(_, finding)| *finding);
    let mut alternatives: Vec<Other> = Vec::new();
    for (step, finding) in errors.iter().filter(|(_, finding)| !finding.code.is_undetermined()) {
        add_once(&mut alternatives, *step, finding);
    }
    crate::sort::by_key(&mut alternatives, |alternative| std::cmp::Reverse(alternative.found.confidence));
    let code = named.map_or_else(|| symptom(case, errors), |finding| finding.code);
    let evidence = named
        .map(|finding| finding.evidence.clone())
        .filter(|evidence| !evidence.is_empty())
        .unwrap_or_else(|| errors.first().map(|(_, finding)| finding.evidence.clone()).unwrap_or_default());
    let says = named.map_or_else(|| describe(case, steps, errors).into(), Found::message);
    let step = if named.is_some() { code.step() } else { errors.first().map_or(code.step(), |(step, _)| *step) };
    let unknown = Found {
        evidence,
        confirm: named.and_then(|finding| finding.confirm.clone()),
        values: named.map(|finding| finding.values.clone()).unwrap_or_default(),
        ..Found::error(code, says).confidence(Confidence::Possible)
    };
    let mut root_cause = cause(case, step, &unknown);
    // What would pass needs no fix: the change itself is the fix.
    if errors.is_empty() && is_what_if(case) {
        root_cause.change = Change::Nothing;
    }
    Diagnosis { verdict: Verdict::Inconclusive, root_cause: Some(root_cause), alternatives, next: Vec::new() }
}

/// The `undetermined-*` code of the symptom that is seen.
fn symptom(case: &Case, errors: &[(StepId, &Found)]) -> Code {
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

fn describe(case: &Case, steps: &[StepReport], errors: &[(StepId, &Found)]) -> Said {
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
