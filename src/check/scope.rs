//! Step 3, `scope`: which Application ID URI must the token be for?

mod another_api;
mod voices;

use crate::case::code::Code;
use crate::case::exchange::{Exchange, Purpose};
use crate::case::resource::{self, ChosenResource, Likeness, Removed, ResourceSource, well_known};
use crate::case::shown::quote::quote;
use crate::case::step::StepId;
use crate::case::text::visible;

use super::difference::{Difference, RESOURCE};
use super::weigh::is_disproved;
use super::{Confidence, Earlier, Found, Severity, StepReport, StepStatus};
use crate::evidence::{Evidence, Progress, refusal, responder, target};

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, _: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Scope);
    facts(evidence, &mut report);
    report.findings.extend(another_api::configured(evidence));
    if let Some(error) = report.first_error() {
        // Whatever else is said of App 2's names follows from it.
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
        let told = report
            .findings
            .iter()
            .any(|found| found.code == Code::ResourceDiffersFromTarget);
        if !told && let Some(finding) = voices::token_names_another(evidence, chosen) {
            report.find(finding);
        }
    }
    conclude(evidence, chosen, &mut report);
    report
}

fn facts(evidence: &Evidence<'_>, report: &mut StepReport) {
    if let Some(chosen) = &evidence.resource {
        report.fact("resource", visible(&chosen.value));
        report.fact("known from", chosen.source.name());
        report.fact("named by", voices::words(&voices::naming(evidence, &chosen.value)));
        report.fact("scope for v2 requests", visible(&resource::scope_for(&chosen.value)));
    }
    for (name, source) in target::own_names(evidence) {
        report.fact("App 2 calls itself", format!("{} ({source})", quote(&name)));
    }
    if let Some(version) = evidence
        .registration
        .as_ref()
        .and_then(|registration| registration.requested_access_token_version)
    {
        report.fact(
            "requestedAccessTokenVersion",
            version.map_or("null (v1)".to_owned(), |version| version.to_string()),
        );
    }
}

fn undetermined(evidence: &Evidence<'_>, report: &mut StepReport) {
    if !evidence.is_settled(StepId::Scope) {
        report.conclude(StepStatus::Unknown, "waiting for App 2's answer");
        return;
    }
    if evidence.token.is_some() {
        let also = voices::of_a_given_token(evidence).map_or_else(String::new, |words| format!("; {words}"));
        report.conclude(
            StepStatus::Skipped,
            format!("the token was given, so no resource was asked for{also}"),
        );
        return;
    }
    if evidence
        .exchange(&Purpose::CallAnonymous)
        .is_some_and(|exchange| exchange.answer().is_none())
    {
        report.conclude(
            StepStatus::Unknown,
            "App 2 cannot be reached, so it cannot tell its resource",
        );
        return;
    }
    let anonymous = evidence.exchange(&Purpose::CallAnonymous);
    let mut finding = match voices::not_taken(evidence) {
        Some(message) => Found::error(Code::ResourceUndetermined, message).confidence(Confidence::Likely),
        None => Found::error(
            Code::ResourceUndetermined,
            "No resource was given, and App 2's answers and settings don't name its client ID. \
             Give it with --resource (api://<client ID> or the client ID).",
        ),
    };
    if let Some(exchange) = anonymous {
        finding = finding.because(target::evidence(exchange));
    }
    // A gateway or the front end that answers in App 2's place is why App 2 does not name its resource.
    let before = anonymous
        .and_then(Exchange::answer)
        .is_some_and(|answer| answer.status >= 400 && responder::is_from_before(answer));
    if before {
        finding.severity = Severity::Warning;
        report.find(finding);
        report.conclude(
            StepStatus::Unknown,
            "what stands before App 2 answers, so App 2 cannot tell its resource",
        );
        return;
    }
    report.find(finding);
    report.conclude(StepStatus::Fail, "the resource is not known");
}

fn given_as_scope(chosen: &ChosenResource, report: &mut StepReport) {
    let Some(given) = &chosen.given else { return };
    for removed in resource::normalise(given).removed {
        let finding = match removed {
            Removed::Wrapping => continue,
            Removed::DefaultScope => Found::warning(
                Code::ScopeDefaultInResource,
                format!(
                    "{} is a scope. The identity endpoint wants the resource {}, without /.default; /.default belongs to the scope of a v2 request.",
                    visible(given),
                    visible(&chosen.value)
                ),
            ),
            Removed::ScopeName(name) => Found::warning(
                Code::ScopeNameInResource,
                format!(
                    "{} ends in the scope name {}. An app asks for the resource {}; scope names are for users.",
                    visible(given),
                    quote(&name),
                    visible(&chosen.value)
                ),
            ),
        };
        report.find(finding);
    }
}

fn trailing_slash(evidence: &Evidence<'_>, chosen: &ChosenResource, report: &mut StepReport) {
    let own = target::own_names(evidence);
    let twin = own
        .iter()
        .find(|(name, _)| *name != chosen.value && resource::likeness(name, &chosen.value) == Likeness::TrailingSlash);
    let exact = own.iter().any(|(name, _)| *name == chosen.value);
    let Some((name, source)) = twin.filter(|_| !exact) else {
        if chosen.value.ends_with('/') && !exact {
            let message = format!(
                "The resource {} ends in a slash. Entra forbids one at the end of an Application ID URI, and keeps it in the token's audience.",
                visible(&chosen.value)
            );
            report.find(if target::call_status(evidence) == Some(401) {
                Found::error(Code::ResourceTrailingSlash, message)
                    .confidence(Confidence::Possible)
                    .confirm(format!(
                        "ask for {} instead",
                        visible(chosen.value.trim_end_matches('/'))
                    ))
            } else {
                Found::warning(Code::ResourceTrailingSlash, message)
            });
        }
        return;
    };
    let message = format!(
        "The resource {} and App 2's {} ({source}) differ in the slash at the end; a v1 token's audience is the resource exactly as asked for.",
        visible(&chosen.value),
        quote(name)
    );
    let refused = target::call_status(evidence) == Some(401);
    let not_registered = refusal::refused_as_unknown_resource(evidence);
    let finding = if refused || not_registered {
        Found::error(Code::ResourceTrailingSlash, message)
            .confidence(if not_registered {
                Confidence::Certain
            } else {
                Confidence::Likely
            })
            .confirm(format!("ask for {} instead", quote(name)))
    } else {
        Found::warning(Code::ResourceTrailingSlash, message)
    };
    let finding = finding.differs(Difference::of(RESOURCE, [name], Some(&chosen.value), source.as_str()));
    report.find(finding.because(format!(
        "resource = {}; {source}: {}",
        visible(&chosen.value),
        quote(name)
    )));
}

fn differs(evidence: &Evidence<'_>, chosen: &ChosenResource, report: &mut StepReport) {
    if target::belongs_to_target(evidence, &chosen.value) != Some(false) {
        return;
    }
    let names: Vec<String> = target::own_names(evidence)
        .iter()
        .map(|(name, source)| format!("{} ({source})", quote(name)))
        .collect();
    let finding = Found::warning(
        Code::ResourceDiffersFromTarget,
        format!(
            "The resource {} is none of App 2's names: {}.",
            visible(&chosen.value),
            names.join(", ")
        ),
    )
    .differs(of_own_names(evidence, &chosen.value))
    .because(format!(
        "resource = {} (from {})",
        visible(&chosen.value),
        chosen.source.name()
    ));
    let finding = if is_disproved(evidence, finding.code) {
        // App 2 accepts it all the same.
        Found {
            severity: Severity::Info,
            ..finding
        }
    } else if blocks(evidence, chosen) {
        let settings_tell = target::entra(evidence).is_some() && target::settings_are_enforced(evidence);
        let sure = if settings_tell {
            Confidence::Certain
        } else {
            Confidence::Likely
        };
        Found {
            severity: Severity::Error,
            ..finding
        }
        .confidence(sure)
    } else if evidence.is_settled(StepId::Token)
        && evidence.token.is_none()
        && evidence.exchange(&Purpose::Token).is_some()
    {
        // Entra may refuse it for being nobody's name, or for another reason.
        Found {
            severity: Severity::Error,
            ..finding
        }
        .confidence(Confidence::Possible)
        .confirm("ask for the client id that App 2 names: a token for it means this")
    } else {
        finding
    };
    report.find(finding);
}

/// A resource beside the names of App 2's own.
fn of_own_names(evidence: &Evidence<'_>, resource: &str) -> Difference {
    let (names, mut sources): (Vec<String>, Vec<String>) = target::own_names(evidence).into_iter().unzip();
    sources.dedup();
    Difference::of(RESOURCE, names, Some(resource), sources.join(", "))
}

/// Whether a resource that is not App 2's blocks the call: a token was issued for it, carries it, and is refused, or
/// meets settings that are enforced and do not list it. A token that is refused by Entra, or that carries another audience
/// than was asked for, is judged by its own step.
pub(super) fn blocks(evidence: &Evidence<'_>, chosen: &ChosenResource) -> bool {
    let asked = matches!(chosen.source, ResourceSource::Option | ResourceSource::Environment);
    let carried = evidence.token.as_ref().is_some_and(|token| {
        let audiences = token.decoded.list("aud");
        token.resource.is_some()
            && (token.decoded.version() == Some("2.0")
                || audiences
                    .iter()
                    .any(|audience| resource::likeness(audience, &chosen.value) != Likeness::Different))
    });
    let refused = match evidence.progress {
        Progress::TokenRefused => true,
        // A policy that refuses has accepted the token before.
        Progress::TokenAccepted | Progress::PastEasyAuth | Progress::Succeeded => false,
        Progress::Unknown | Progress::Untold => {
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
    let source = match chosen.source {
        ResourceSource::Option => "as given",
        ResourceSource::Environment => "from EASYAUTH_DOCTOR_RESOURCE",
        ResourceSource::Challenge => "as App 2's own answer names it",
        ResourceSource::Settings => "from App 2's settings",
        ResourceSource::Metadata => "from App 2's protected-resource metadata",
        ResourceSource::Registration => "from App 2's registration",
        ResourceSource::Host => "App 2's host name",
    };
    let warned = report
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Warning);
    let unconfirmed = voices::unconfirmed(evidence, chosen);
    let summary = if unconfirmed.is_empty() {
        format!("{} ({source})", visible(&chosen.value))
    } else {
        format!(
            "{} (named only by {}; add --resource to confirm it)",
            visible(&chosen.value),
            voices::words(&unconfirmed)
        )
    };
    report.conclude(if warned { StepStatus::Warn } else { StepStatus::Pass }, summary);
}
