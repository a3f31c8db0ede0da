//! Step 2, `protection`: is App 2 reachable and protected by Easy Auth with Microsoft Entra ID?
//!
//! In the order in which a request meets them: the network and the front end (`reach`), a fault before any token is
//! read (`server_error`), the settings (`configured`), and what requests without a token get (`anonymous`).

mod anonymous;
mod configured;
mod inferred;
mod reach;
mod server_error;

use crate::check::prelude::*;

pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    let configured = configured::findings(evidence).into_iter().map(|found| weigh(evidence, earlier, found));
    if evidence.inputs.target.is_none() {
        report.conclude(phrase("protection.skipped"));
        return report.findings.extend(configured);
    }
    match reach::judge(evidence) {
        Some(findings) if !reach::call_got_through(evidence) => {
            report.stops_every_request = true;
            report.findings = findings;
        }
        passing => {
            let first = passing.and_then(|findings| findings.into_iter().next());
            report.findings.extend(first.map(|found| reach::passed(evidence, found)));
            let broken = server_error::judge(evidence);
            report.stops_every_request = broken.is_some();
            report.findings.extend(broken.unwrap_or_default());
            let has_fault = report.findings.iter().any(|found| found.code == Code::IssuerInvalid);
            report.findings.extend(configured.filter(|found| !has_fault || found.code != Code::IssuerInvalid));
            if !report.stops_every_request {
                anonymous::judge(evidence, report);
                report.findings.extend(configured::url_rules(evidence, report));
            }
            report.findings.extend(inferred::findings(evidence));
        }
    }
    for reading in &evidence.settings {
        let finding = of_another_app(evidence, reading).or_else(|| contradicting(evidence, reading));
        report.findings.extend(finding);
    }
    report.findings.extend(of_another_site(evidence));
    report.findings.extend(unreadable(evidence));
    conclude(evidence, report);
}

/// A file that contradicts what App 2 runs with: it isn't used, and the differences are listed.
fn contradicting(evidence: &Evidence<'_>, reading: &SettingsReading) -> Option<Found> {
    let differences = target::contradictions(evidence, reading);
    let (running, _) = target::running_reading(evidence)?;
    let names: Vec<String> = differences.iter().map(|(name, ..)| (*name).to_owned()).collect();
    (!differences.is_empty()).then(|| {
        Found::of(Code::SettingsNotUsed, "contradict")
            .value("source", reading.source.to_string())
            .value("running", running.source.to_string())
            .value("names", names)
            .because_all(differences.into_iter().map(|(name, stored, running)| {
                phrase("protection.contradiction").with("name", name).with("stored", stored).with("running", running)
            }))
    })
}

/// Settings of another app or slot, which aren't used.
fn of_another_app(evidence: &Evidence<'_>, reading: &SettingsReading) -> Option<Found> {
    let (stored, named, by) = target::names_another_app(evidence, reading)?;
    let source = reading.source.to_string();
    let read = knowledge::setting(settings_path::CLIENT_ID, &stored).with("source", &source);
    let finding = Found::of(Code::SettingsNotUsed, "another-app")
        .because_setting(settings_path::CLIENT_ID, read)
        .because(phrase("protection.named").with("id", &named).with("by", by))
        .value("source", source)
        .value("stored", stored)
        .value("named", named);
    Some(finding.value("by", by))
}

/// Settings of another slot than the one that is called, or of a site that doesn't have the target's host name. What is
/// in front of App 2 has a name of its own.
fn of_another_site(evidence: &Evidence<'_>) -> Option<Found> {
    if let Some(slot) = evidence.other_slot() {
        let read = evidence.settings.iter().find(|it| it.settings().is_some() && it.source.is_from_azure())?;
        let finding = Found::of(Code::SettingsNotUsed, "another-slot").value("slot", slot);
        return Some(finding.value("source", read.source.to_string()));
    }
    if target::site_is_the_targets(evidence) {
        return None;
    }
    let id = evidence.inputs.target_resource_id.as_ref().and_then(|id| id.parts()).map(|parts| parts.name.to_owned());
    let site = evidence.site.as_ref();
    let names = site.map(|site| site.host_names.clone()).unwrap_or_default();
    let name = site.and_then(|site| site.name.clone()).or(id);
    Some(Found::of(Code::SettingsNotUsed, "another-host").value_if_any("site", name).value("names", names))
}

/// Why settings could not be read, if none could that show more than the switch that every reader sees.
fn unreadable(evidence: &Evidence<'_>) -> Option<Found> {
    if target::settings(evidence).is_some_and(AuthSettings::shows_policy) {
        return None;
    }
    let failed = evidence.settings.iter();
    let failed: Vec<(String, &str)> =
        failed.filter_map(|reading| Some((reading.source.to_string(), reading.failure()?))).collect();
    let ((source, reason), others) = failed.split_first()?;
    let finding = Found::of(Code::SettingsUnreadable, "unreadable")
        .value("source", source)
        .value("reason", shortened(reason, 120))
        .value("others", others.iter().map(|(source, _)| source.clone()).collect::<Vec<_>>());
    Some(finding.because_all(failed.iter().map(|(source, reason)| format!("{source}: {reason}"))))
}

fn conclude(evidence: &Evidence<'_>, report: &mut StepReport) {
    let anonymous = evidence.anonymous();
    // What an answer only suggests isn't seen to be at fault.
    let is_suggested = anonymous.is_some_and(|it| matches!(it.status, 400..=499)) && !report.stops_every_request;
    if report.conclude_by_error(if is_suggested { StepStatus::Unknown } else { StepStatus::Fail }) {
        return;
    }
    let about_settings = |code| matches!(code, Code::SettingsUnreadable | Code::SettingsNotUsed);
    let is_warning = |found: &&Found| found.severity == Severity::Warning && !about_settings(found.code);
    let warning = report.findings.iter().find(is_warning).map(Found::message);
    let is_marked = anonymous.is_some_and(|answer| responder::judge(answer).by == Responder::BehindMiddleware);
    let (works, is_on) = (evidence.progress >= Progress::PastEasyAuth, target::enabled(evidence) == Some(true));
    report.conclude(match (target::shows_easy_auth(evidence), warning) {
        (Some(_), Some(warning)) => return report.conclude_as(StepStatus::Warn, warning),
        (Some(_), None) => phrase("protection.shown"),
        _ if works && is_marked => phrase("protection.works"),
        _ if works && !is_on => phrase("protection.works-without-mark"),
        (None, Some(warning)) => return report.conclude_as(StepStatus::Warn, warning),
        _ if is_on && is_marked => phrase("protection.settings"),
        _ if is_on && anonymous.is_some() => phrase("protection.settings-alone"),
        _ if evidence.exchange(&Purpose::CallAnonymous).is_some() => phrase("protection.unknown"),
        _ => phrase("protection.waiting"),
    });
}
