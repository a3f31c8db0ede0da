//! Step 2, `protection`: is App 2 reachable and protected by Easy Auth with Entra?
//!
//! In the order in which a request meets them: the network and the front end (`reach`), a fault before any token is
//! looked at (`server_error`), the settings themselves (`configured`), and what anonymous requests get
//! (`anonymous`). The table of probe patterns stands in [`target`].

mod anonymous;
mod configured;
mod inferred;
mod reach;
mod running;
pub(super) mod server_error;

use crate::case::auth_settings::{AuthSettings, SettingsReading};
use crate::case::code::Code;
use crate::case::exchange::Purpose;
use crate::case::shown;
use crate::case::shown::address;
use crate::case::step::StepId;
use crate::case::text::visible;

use super::{Confidence, Earlier, Found, Severity, StepReport, StepStatus};
use crate::evidence::{Evidence, Origin, Progress, responder, settings_path, target};

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Protection);
    facts(evidence, &mut report);
    if evidence.inputs.target.is_none() {
        report.conclude(StepStatus::Skipped, "no target was given, so App 2 was not asked");
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
    for (name, purpose) in [
        ("without a token", Purpose::CallAnonymous),
        ("with an impossible token", Purpose::CallInvalidToken),
    ] {
        if let Some(exchange) = evidence.exchange(&purpose) {
            let outcome = exchange.answer().map_or_else(
                || exchange.failure().map(shown::reason).unwrap_or_default(),
                |answer| format!("{} ({})", responder::brief(answer), responder::judge(answer).because),
            );
            report.fact(name, outcome);
        }
    }
    if target::is_inside(evidence) {
        report.fact(
            "this program runs",
            "inside App 2: it reads App 2's own settings and log, and calls as App 2 itself",
        );
    }
    if let Some(log) = &evidence.target_log {
        report.fact(
            "App 2's log",
            format!(
                "{}: {} lines, {} of them speak of authentication",
                visible(&log.source),
                log.lines,
                log.entries.len()
            ),
        );
    }
    if let Some((id, source)) = target::client_id(evidence) {
        report.fact("App 2's client id", format!("{id} (from {source})"));
    }
    running::compare(evidence, report);
    let Some(settings) = target::settings(evidence) else {
        return;
    };
    report.fact("settings from", target::settings_source(evidence));
    let yes_no = |value: Option<bool>| {
        value.map_or("not shown".to_owned(), |value| {
            if value { "on" } else { "off" }.to_owned()
        })
    };
    report.fact("Easy Auth", yes_no(settings.enabled));
    if let Some(action) = &settings.unauthenticated_action {
        report.fact("unauthenticated requests", action.clone());
    }
    if let Some(issuer) = settings.entra.as_ref().and_then(|entra| entra.issuer.as_ref()) {
        report.fact("issuer setting (openIdIssuer)", issuer.as_str());
    }
    if !settings.unread.is_empty() {
        report.fact("settings this program doesn't know", settings.unread.join(", "));
    }
    if let Some(loss) = &settings.incomplete {
        report.fact("settings are partial", loss.clone());
    }
    if let Some(state) = evidence.site.as_ref().and_then(|site| site.state.as_deref()) {
        report.fact("site state", state);
    }
}

/// A file that contradicts what App 2 runs with: it is left out, and where they differ is told.
fn contradicting(evidence: &Evidence<'_>, reading: &SettingsReading) -> Option<Found> {
    let differences = target::contradictions(evidence, reading);
    let (running, _) = target::running_reading(evidence)?;
    let names: Vec<&str> = differences.iter().map(|(name, ..)| *name).collect();
    let finding = Found::warning(
        Code::SettingsUnreadable,
        format!(
            "The settings from {} contradict {} in {}. The environment is what runs, so it counts where it tells a \
             setting; the file may be old or another slot's.",
            reading.source,
            running.source,
            names.join(", ")
        ),
    );
    let finding = differences.iter().fold(finding, |finding, (name, stored, running)| {
        finding.because(format!(
            "{name}: {} in the file, {} in what runs",
            visible(stored),
            visible(running)
        ))
    });
    (!differences.is_empty()).then_some(finding)
}

/// Tells which settings are another app's, and why settings could not be read, when none could.
fn unreadable(evidence: &Evidence<'_>, report: &mut StepReport) {
    for reading in &evidence.settings {
        if let Some((stored, named, by)) = target::names_another_app(evidence, reading) {
            let message = format!(
                "The settings from {} are not those that run here: their client id is {stored}, and {by} names \
                 {named}. They are another app's or slot's, or App 2 has not taken them up yet; they are left out.",
                reading.source
            );
            report.find(
                Found::warning(Code::SettingsUnreadable, message)
                    .because_of(
                        Origin::SettingsPath(settings_path::CLIENT_ID),
                        format!("clientId = {stored} (from {})", reading.source),
                    )
                    .because(format!("client ID = {named} (from {by})")),
            );
            continue;
        }
        report.findings.extend(contradicting(evidence, reading));
    }
    // The one switch that every reader sees tells nothing of issuer, audiences and policy.
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
    let also = if others.is_empty() {
        String::new()
    } else {
        let others: Vec<&str> = others.iter().map(|(source, _)| source.as_str()).collect();
        format!(" Nor from: {}.", others.join("; "))
    };
    let message = format!("App 2's settings could not be read from {source}: {reason}{also}");
    report.find(failed.iter().fold(
        Found::warning(Code::SettingsUnreadable, message),
        |finding, (source, reason)| finding.because(format!("{source}: {reason}")),
    ));
}

/// Whether the refusal of requests without a token has at least a mark of what stands in front of the app.
fn behind_the_middleware(evidence: &Evidence<'_>) -> bool {
    target::answer(evidence, &Purpose::CallAnonymous)
        .is_some_and(|answer| responder::judge(answer).by == responder::Responder::BehindMiddleware)
}

/// Whether the real token gets an answer that others don't get: the call succeeds, or at least gets past Easy Auth.
fn works(evidence: &Evidence<'_>) -> bool {
    evidence.progress >= Progress::PastEasyAuth
}

/// Whether the settings say that Easy Auth is on.
fn is_on(evidence: &Evidence<'_>) -> bool {
    target::settings(evidence).is_some_and(|settings| settings.enabled == Some(true))
}

fn conclude(evidence: &Evidence<'_>, report: &mut StepReport) {
    if let Some(error) = report.first_error() {
        let message = error.message();
        // What only an answer's silence suggests is not seen to be at fault.
        let silent = error.confidence == Confidence::Possible
            && target::answer(evidence, &Purpose::CallAnonymous)
                .is_some_and(|answer| matches!(answer.status, 400..=499))
            && !report.stops_every_request;
        let status = if silent { StepStatus::Unknown } else { StepStatus::Fail };
        report.conclude(status, message);
        return;
    }
    let warned = report
        .findings
        .iter()
        .find(|finding| finding.severity == Severity::Warning && finding.code != Code::SettingsUnreadable);
    let status = if warned.is_some() {
        StepStatus::Warn
    } else {
        StepStatus::Pass
    };
    if let Some(mark) = target::shows_easy_auth(evidence) {
        let summary = warned.map_or_else(
            || format!("App 2 is protected by Easy Auth: {mark}").into(),
            |warning| warning.message(),
        );
        report.conclude(status, summary);
    } else if works(evidence) && behind_the_middleware(evidence) {
        report.conclude(status, "App 2 refuses requests without a token and takes the real one");
    } else if works(evidence) && !is_on(evidence) {
        report.conclude(
            StepStatus::Warn,
            "App 2 refuses requests without a token and takes the real one; nothing in its answers shows Easy Auth, so its own code may do so",
        );
    } else if is_on(evidence) && target::answer(evidence, &Purpose::CallAnonymous).is_some() {
        let summary = warned.map_or_else(
            || "Easy Auth is on by App 2's settings".into(),
            |warning| warning.message(),
        );
        report.conclude(status, summary);
    } else if let Some(warning) = warned {
        let message = warning.message();
        report.conclude(StepStatus::Warn, message);
    } else if evidence.exchange(&Purpose::CallAnonymous).is_some() {
        report.conclude(
            StepStatus::Unknown,
            "App 2 answers, but nothing in its answers tells whether Easy Auth protects it",
        );
    } else {
        report.conclude(StepStatus::Unknown, "App 2 has not answered yet");
    }
}
