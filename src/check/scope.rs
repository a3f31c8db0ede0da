//! Step 3, `scope`: which Application ID URI must the token be requested for?

mod another_api;
mod voices;

use super::weigh::is_disproved;
use crate::case::resource::{Removed, ResourceSource};
use crate::check::prelude::*;
use crate::evidence::refusal;

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, _: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Scope);
    facts(evidence, &mut report);
    report.findings.extend(another_api::configured(evidence));
    if let Some(error) = report.first_error() {
        // Every other finding about App 2's names would follow from it.
        let summary = error.message();
        report.conclude(StepStatus::Fail, summary);
        return report;
    }
    let Some(chosen) = &evidence.resource else {
        undetermined(evidence, &mut report);
        return report;
    };
    given_as_scope(chosen, &mut report);
    if let Some(api) = well_known::api(&chosen.value) {
        report.find(another_api::finding(evidence, chosen, api));
    } else {
        trailing_slash(evidence, chosen, &mut report);
        match voices::answered_otherwise(evidence, chosen) {
            Some(finding) => report.find(finding),
            None => differs(evidence, chosen, &mut report),
        }
        let is_code = |found: &Found| found.code == Code::ResourceDiffersFromTarget;
        if !report.findings.iter().any(is_code) {
            report.findings.extend(voices::token_names_another(evidence, chosen));
        }
    }
    conclude(evidence, chosen, &mut report);
    report
}

fn facts(evidence: &Evidence<'_>, report: &mut StepReport) {
    if let Some(chosen) = &evidence.resource {
        report.fact("resource", &chosen.value);
        report.fact("known from", chosen.source.name());
        let voices = voices::words(&voices::naming(evidence, &chosen.value));
        report.fact("named by", phrase("scope.voices").with("voices", voices));
        report.fact("v2 scope", resource::scope_for(&chosen.value));
    }
    for name in own_names(evidence) {
        report.fact("App 2's name", name);
    }
    if let Some(version) =
        evidence.registration.as_ref().and_then(|registration| registration.requested_access_token_version)
    {
        report
            .fact("requestedAccessTokenVersion", version.map_or("null (v1)".to_owned(), |version| version.to_string()));
    }
}

/// App 2's own names, each with its source.
fn own_names(evidence: &Evidence<'_>) -> Vec<String> {
    target::own_names(evidence).iter().map(|(name, source)| format!("{} ({source})", quote(name))).collect()
}

fn undetermined(evidence: &Evidence<'_>, report: &mut StepReport) {
    let anonymous = evidence.exchange(&Purpose::CallAnonymous);
    if !evidence.is_settled(StepId::Scope) {
        report.conclude(StepStatus::Unknown, phrase("scope.waiting"));
    } else if evidence.token.is_some() {
        let (audience, by) = voices::of_a_given_token(evidence).unzip();
        let summary = phrase("scope.given-token").with_some("audience", audience).with_some("by", by);
        report.conclude(StepStatus::Skipped, summary);
    } else if anonymous.is_some_and(|exchange| exchange.answer().is_none()) {
        report.conclude(StepStatus::Unknown, phrase("scope.unreachable"));
    } else {
        unnamed(evidence, anonymous, report);
    }
}

/// No name of App 2's is known, or none is used unless the user gives it.
fn unnamed(evidence: &Evidence<'_>, anonymous: Option<&Exchange>, report: &mut StepReport) {
    let mut finding =
        voices::not_used(evidence).unwrap_or_else(|| Found::error(Code::ResourceUndetermined, says("answers")));
    if let Some(exchange) = anonymous {
        finding = finding.because(target::evidence(exchange));
    }
    // A gateway or front end that answers instead of App 2 is the reason why App 2 names no resource.
    let before = anonymous
        .and_then(Exchange::answer)
        .is_some_and(|answer| answer.status >= 400 && responder::is_from_before(answer));
    if before {
        finding.severity = Severity::Warning;
        report.conclude(StepStatus::Unknown, phrase("scope.before"));
    } else {
        report.conclude(StepStatus::Fail, phrase("scope.unnamed"));
    }
    report.find(finding);
}

fn given_as_scope(chosen: &ChosenResource, report: &mut StepReport) {
    let Some(given) = &chosen.given else { return };
    for removed in resource::normalise(given).removed {
        let finding = match removed {
            Removed::Wrapping => continue,
            Removed::DefaultScope => Found::warning(Code::ScopeDefaultInResource, says("given")),
            Removed::ScopeName(name) => {
                Found::warning(Code::ScopeNameInResource, says("given")).value("name", quote(&name))
            }
        };
        report.find(finding.value("given", given).value("asked", &chosen.value));
    }
}

fn trailing_slash(evidence: &Evidence<'_>, chosen: &ChosenResource, report: &mut StepReport) {
    let own = target::own_names(evidence);
    if own.iter().any(|(name, _)| *name == chosen.value) {
        return;
    }
    let twin = own.iter().find(|(name, _)| resource::likeness(name, &chosen.value) == Likeness::TrailingSlash);
    if twin.is_none() && !chosen.value.ends_with('/') {
        return;
    }
    let not_registered = twin.is_some() && refusal::refused_as_unknown_resource(evidence);
    let finding = Found::error(Code::ResourceTrailingSlash, says("slash")).value("asked", &chosen.value);
    let finding = match twin {
        Some((name, source)) => finding
            .value("name", quote(name))
            .value("source", source)
            .differs(Difference::of(RESOURCE, [name], Some(&chosen.value), source.as_str()))
            .because(format!("resource = {}", chosen.value))
            .because(format!("{source}: {}", quote(name))),
        None => finding.value("other", chosen.value.trim_end_matches('/')),
    };
    report.find(if not_registered {
        finding
    } else if target::call_status(evidence) == Some(401) {
        finding.confidence(if twin.is_some() { Confidence::Likely } else { Confidence::Possible })
    } else {
        Found { severity: Severity::Warning, ..finding }
    });
}

fn differs(evidence: &Evidence<'_>, chosen: &ChosenResource, report: &mut StepReport) {
    if target::belongs_to_target(evidence, &chosen.value) != Some(false) {
        return;
    }
    let was_refused =
        evidence.is_settled(StepId::Token) && evidence.token.is_none() && evidence.exchange(&Purpose::Token).is_some();
    let (severity, confidence) = if is_disproved(evidence, Code::ResourceDiffersFromTarget) {
        // App 2 accepts it anyway.
        (Severity::Info, Confidence::Certain)
    } else if blocks(evidence, chosen) {
        let by_settings = target::entra(evidence).is_some() && target::settings_are_enforced(evidence);
        let confidence = if by_settings { Confidence::Certain } else { Confidence::Likely };
        (Severity::Error, confidence)
    } else if was_refused {
        // Entra may refuse it because it is unknown, or for another reason.
        (Severity::Error, Confidence::Possible)
    } else {
        (Severity::Warning, Confidence::Certain)
    };
    let finding = Found { severity, confidence, ..Found::error(Code::ResourceDiffersFromTarget, says("names")) };
    report.find(
        finding
            .value("asked", &chosen.value)
            .value("names", own_names(evidence))
            .differs(of_own_names(evidence, &chosen.value))
            .because(voices::chosen_from(chosen)),
    );
}

/// A resource beside App 2's own names.
fn of_own_names(evidence: &Evidence<'_>, resource: &str) -> Difference {
    let (names, mut sources): (Vec<String>, Vec<String>) = target::own_names(evidence).into_iter().unzip();
    sources.dedup();
    Difference::of(RESOURCE, names, Some(resource), sources.join(", "))
}

/// Whether a resource that is not App 2's blocks the call: a token with this audience was issued, and App 2 refused it
/// or enforces settings that don't list it. A refusal by Entra, and a token with another audience than requested, are
/// judged by their own steps.
pub(super) fn blocks(evidence: &Evidence<'_>, chosen: &ChosenResource) -> bool {
    let asked = matches!(chosen.source, ResourceSource::Option | ResourceSource::Environment);
    let carried = evidence.token.as_ref().is_some_and(|token| {
        let audiences = token.decoded.list("aud");
        token.resource.is_some()
            && (token.decoded.version() == Some("2.0")
                || audiences.iter().any(|audience| resource::likeness(audience, &chosen.value) != Likeness::Different))
    });
    let refused = match evidence.progress {
        Progress::TokenRefused => true,
        // A policy refuses only after the token was accepted.
        Progress::TokenAccepted | Progress::PastEasyAuth | Progress::Succeeded => false,
        Progress::Unknown | Progress::Unclear => {
            !target::call_succeeded(evidence)
                && target::entra(evidence).is_some()
                && target::settings_are_enforced(evidence)
        }
    };
    asked && carried && refused && target::belongs_to_target(evidence, &chosen.value) == Some(false)
}

fn conclude(evidence: &Evidence<'_>, chosen: &ChosenResource, report: &mut StepReport) {
    if let Some(error) = report.first_error() {
        let message = error.message();
        let sure = error.confidence != Confidence::Possible;
        report.conclude(if sure { StepStatus::Fail } else { StepStatus::Warn }, message);
        return;
    }
    let warned = report.findings.iter().any(|finding| finding.severity == Severity::Warning);
    let unconfirmed = voices::unconfirmed(evidence, chosen);
    let summary = phrase("scope.known")
        .with("asked", &chosen.value)
        .with("source", chosen.source.name())
        .with("unconfirmed", voices::words(&unconfirmed));
    report.conclude(if warned { StepStatus::Warn } else { StepStatus::Pass }, summary);
}
