//! Step 2, `protection`: is App 2 reachable and protected by Easy Auth with Microsoft Entra ID?
//!
//! In the order in which a request meets them: the network and the front end (`reach`), a fault before any token is
//! read (`server_error`), the settings (`configured`), and what requests without a token get (`anonymous`).

mod anonymous;
mod configured;
mod inferred;
mod reach;
mod running;
pub(super) mod server_error;

use crate::case::auth_settings::SettingsReading;
use crate::check::prelude::*;

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Protection);
    facts(evidence, &mut report);
    if evidence.inputs.target.is_none() {
        report.conclude(StepStatus::Skipped, phrase("protection.skipped"));
        configured::judge(evidence, earlier, &mut report);
        return report;
    }
    if reach::judge(evidence, &mut report) {
        report.stops_every_request = true;
    } else {
        let broken = server_error::judge(evidence, &mut report);
        report.stops_every_request = broken;
        configured::judge(evidence, earlier, &mut report);
        if !broken {
            anonymous::judge(evidence, &mut report);
            configured::url_rules(evidence, &mut report);
        }
        inferred::judge(evidence, &mut report);
    }
    unreadable(evidence, &mut report);
    conclude(evidence, &mut report);
    report
}

fn facts(evidence: &Evidence<'_>, report: &mut StepReport) {
    if let Some(url) = &evidence.inputs.target {
        report.fact("target", address::own(url));
    }
    if let Some((address, is_private)) = target::address(evidence) {
        let resolved = phrase("protection.address").with("address", address.to_string());
        report.fact("address", resolved.when("private", is_private));
    }
    for (name, purpose) in [("without a token", Purpose::CallAnonymous), ("invalid token", Purpose::CallInvalidToken)] {
        let Some(exchange) = evidence.exchange(&purpose) else {
            continue;
        };
        if let Some(answer) = exchange.answer() {
            let outcome = phrase("protection.outcome").with("answer", responder::brief(answer));
            report.fact(name, outcome.with("mark", responder::judge(answer).because));
        } else if let Some(failure) = exchange.failure() {
            report.fact(name, shown::reason(failure));
        }
    }
    if target::is_inside(evidence) {
        report.fact("this program runs", phrase("protection.inside"));
    }
    if let Some(log) = &evidence.target_log {
        let read = phrase("protection.log").with("source", &log.source);
        report.fact("App 2's log", read.with("lines", log.lines).with("entries", log.entries.len()));
    }
    if let Some((id, source)) = target::client_id(evidence) {
        report.fact("target client ID", format!("{id} (from {source})"));
    }
    running::compare(evidence, report);
    let Some(settings) = target::settings(evidence) else {
        return;
    };
    report.fact("settings from", target::settings_source(evidence));
    let on = match settings.enabled {
        Some(true) => "on",
        Some(false) => "off",
        None => "not shown",
    };
    report.fact("Easy Auth", on);
    if let Some(action) = &settings.unauthenticated_action {
        report.fact("unauthenticated requests", action.clone());
    }
    if let Some(issuer) = settings.entra.as_ref().and_then(|entra| entra.issuer.as_ref()) {
        report.fact("issuer URL (openIdIssuer)", issuer.as_str());
    }
    if !settings.unread.is_empty() {
        report.fact("unknown settings", settings.unread.join(", "));
    }
    if let Some(loss) = &settings.incomplete {
        report.fact("missing settings", loss.clone());
    }
    if let Some(state) = evidence.site.as_ref().and_then(|site| site.state.as_deref()) {
        report.fact("site state", state);
    }
}

/// A file that contradicts what App 2 runs with: it isn't used, and the differences are listed.
fn contradicting(evidence: &Evidence<'_>, reading: &SettingsReading) -> Option<Found> {
    let differences = target::contradictions(evidence, reading);
    let (running, _) = target::running_reading(evidence)?;
    let names: Vec<String> = differences.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let finding = Found::warning(Code::SettingsUnreadable, says("contradict"))
        .value("source", reading.source.to_string())
        .value("running", running.source.to_string())
        .value("names", names);
    let finding = differences.iter().fold(finding, |finding, (name, stored, running)| {
        let read = phrase("protection.contradiction").with("name", *name);
        finding.because(read.with("stored", stored).with("running", running))
    });
    (!differences.is_empty()).then_some(finding)
}

/// Settings of another app or slot, which aren't used.
fn of_another_app(evidence: &Evidence<'_>, reading: &SettingsReading) -> Option<Found> {
    let (stored, named, by) = target::names_another_app(evidence, reading)?;
    let source = reading.source.to_string();
    Some(
        Found::warning(Code::SettingsUnreadable, says("another-app"))
            .because(target::setting(settings_path::CLIENT_ID, stored.clone(), &source))
            .because(phrase("protection.named").with("id", &named).with("by", by.word()))
            .value("source", source)
            .value("stored", stored)
            .value("named", named)
            .value("by", by.word()),
    )
}

/// Reports which settings are another app's, and why settings could not be read, if none could.
fn unreadable(evidence: &Evidence<'_>, report: &mut StepReport) {
    for reading in &evidence.settings {
        let finding = of_another_app(evidence, reading).or_else(|| contradicting(evidence, reading));
        report.findings.extend(finding);
    }
    // The one switch that every reader sees says nothing of issuer, audiences, and policy.
    if target::settings(evidence).is_some_and(AuthSettings::shows_policy) {
        return;
    }
    let failed: Vec<(String, &String)> = evidence
        .settings
        .iter()
        .filter_map(|reading| Some((reading.source.to_string(), reading.outcome.as_ref().err()?)))
        .collect();
    let Some(((source, reason), others)) = failed.split_first() else {
        return;
    };
    let others: Vec<String> = others.iter().map(|(source, _)| source.clone()).collect();
    let finding = Found::warning(Code::SettingsUnreadable, says("unreadable"))
        .value("source", source)
        .value("reason", shortened(reason, 120))
        .value("others", others);
    report
        .find(failed.iter().fold(finding, |finding, (source, reason)| finding.because(format!("{source}: {reason}"))));
}

/// Whether a request without a token was rejected with a mark of Easy Auth's middleware.
fn behind_the_middleware(evidence: &Evidence<'_>) -> bool {
    target::answer(evidence, &Purpose::CallAnonymous)
        .is_some_and(|answer| responder::judge(answer).by == responder::Responder::BehindMiddleware)
}

/// Whether the call gets past Easy Auth.
fn works(evidence: &Evidence<'_>) -> bool {
    evidence.progress >= Progress::PastEasyAuth
}

/// Whether the settings say that Easy Auth is on.
fn is_on(evidence: &Evidence<'_>) -> bool {
    target::settings(evidence).is_some_and(|settings| settings.enabled == Some(true))
}

fn conclude(evidence: &Evidence<'_>, report: &mut StepReport) {
    let anonymous = target::answer(evidence, &Purpose::CallAnonymous);
    if let Some(error) = report.first_error() {
        let message = error.message();
        // What an answer only suggests isn't seen to be at fault.
        let is_guess = error.confidence == Confidence::Possible
            && anonymous.is_some_and(|answer| matches!(answer.status, 400..=499))
            && !report.stops_every_request;
        let status = if is_guess { StepStatus::Unknown } else { StepStatus::Fail };
        report.conclude(status, message);
        return;
    }
    let warning = report
        .findings
        .iter()
        .find(|finding| finding.severity == Severity::Warning && finding.code != Code::SettingsUnreadable)
        .map(Found::message);
    let status = match warning {
        Some(_) => StepStatus::Warn,
        None => StepStatus::Pass,
    };
    let (status, summary): (StepStatus, Words) = if let Some(mark) = target::shows_easy_auth(evidence) {
        let shown = || phrase("protection.shown").with("mark", mark).into();
        (status, warning.unwrap_or_else(shown))
    } else if works(evidence) && behind_the_middleware(evidence) {
        (status, phrase("protection.works").into())
    } else if works(evidence) && !is_on(evidence) {
        (StepStatus::Warn, phrase("protection.works-without-mark").into())
    } else if let Some(warning) = warning {
        (StepStatus::Warn, warning)
    } else if is_on(evidence) && behind_the_middleware(evidence) {
        (status, phrase("protection.settings").into())
    } else if is_on(evidence) && anonymous.is_some() {
        (StepStatus::Unknown, phrase("protection.settings-alone").into())
    } else if evidence.exchange(&Purpose::CallAnonymous).is_some() {
        (StepStatus::Unknown, phrase("protection.unknown").into())
    } else {
        (StepStatus::Unknown, phrase("protection.waiting").into())
    };
    report.conclude(status, summary);
}
