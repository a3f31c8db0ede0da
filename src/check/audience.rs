//! Step 6, `audience`: does App 2 accept this audience and issuer?
//!
//! With settings, each rule is evaluated (`rules`) and compared with what the call showed. Without them, only the
//! answers are evidence (`inferred`).

mod inferred;
mod logged;
mod rules;
mod subject;
mod withheld;

use crate::check::prelude::*;
pub(super) use rules::AUDIENCE_RULE;
use subject::Subject;

pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    let Some(token) = evidence.decoded().filter(|token| !token.claims.is_empty()) else {
        let key = if evidence.is_settled(StepId::Token) { "audience.no-token" } else { "audience.waiting" };
        return report.conclude(phrase(key));
    };
    let subject = Subject { evidence, token, earlier };
    let withheld = withheld::finding(subject);
    if earlier.found(Means::NotFromEntra) {
        report.conclude(phrase("audience.not-from-entra"));
    } else if earlier.found(Means::NoProvider) && !evidence.accepts_the_token() {
        report.conclude(phrase("audience.no-provider"));
    } else if let Some(key) = found_earlier(subject).filter(|_| withheld.is_none()) {
        report.conclude(phrase(key));
    } else {
        explain(subject, withheld, report);
        conclude(subject, report);
    }
}

fn explain(subject: Subject<'_>, withheld: Option<Found>, report: &mut StepReport) {
    let evidence = subject.evidence;
    let has_settings = target::validating_entra(evidence).is_some();
    let is_shown = subject.is_shown(AuthSettings::shows_validation);
    if has_settings {
        rules::judge(subject, report);
    }
    if let Some(finding) = withheld {
        // No entry in App 2's list helps where the token is for another app.
        let is_determined = finding.is_determined();
        let of_list = report.findings.extract_if(.., |found| is_determined && found.code == Code::AudienceNotAllowed);
        let finding = of_list.fold(finding, |finding, listed| {
            let sure = finding.confidence.max(listed.confidence);
            finding.confidence(sure).because_all(listed.evidence)
        });
        // The settings show the same fault with everything that they accept.
        match report.findings.iter_mut().find(|found| found.code == finding.code) {
            Some(known) => {
                let lines = finding.evidence.into_iter().filter(|line| !known.evidence.contains(line));
                let lines: Vec<EvidenceLine> = lines.collect();
                known.evidence.extend(lines);
            }
            None => report.find(finding),
        }
    } else if !has_settings {
        inferred::judge(subject, report);
    } else if subject.evidence.refuses_the_token() {
        if !subject.earlier.found(Means::BrokenToken) {
            logged::confirm(subject, report);
        }
        if report.first_error().is_none() {
            // Settings that explain no refusal may be old or another slot's, or the source hides the reason.
            report.findings.extend(inferred::contradicted(subject, is_shown));
            if report.first_error().is_none() && !(is_shown && target::settings_are_live(evidence)) {
                inferred::judge(subject, report);
            }
        }
    }
}

/// What an earlier step found that explains this one as well.
fn found_earlier(subject: Subject<'_>) -> Option<&'static str> {
    let (earlier, refused) = (subject.earlier, subject.evidence.refuses_the_token());
    let in_scope = |is_it: fn(&Found) -> bool| refused && earlier.errors(StepId::Scope).any(is_it);
    let is_slash = |it: &Found| it.code == Code::ResourceTrailingSlash && it.confidence == Confidence::Certain;
    let known = [
        (earlier.found(Means::AnotherResource), "audience.resource-is-not-the-targets"),
        (in_scope(|it| it.values.contains_key(CONFIGURED_API_ID)), "audience.settings-have-an-api"),
        (in_scope(is_slash), "audience.slash-is-refused"),
        (refused && earlier.found(Means::OutdatedToken), "audience.token-is-outdated"),
    ];
    known.into_iter().find(|(is_so, _)| *is_so).map(|(_, key)| key)
}

fn conclude(subject: Subject<'_>, report: &mut StepReport) {
    if report.conclude_by_error(StepStatus::Unknown) {
        return;
    }
    let evidence = subject.evidence;
    // Whether another service's issuer is one of the token's isn't judged.
    let is_open = target::entra(evidence).and_then(|entra| entra.issuer.as_ref()).is_some_and(|issuer| {
        issuer.parts().external && report.rules.iter().any(|rule| rule.verdict == Verdict::Unknown)
    });
    let match_settings = target::entra(evidence).is_some()
        && !is_open
        && subject.is_shown(AuthSettings::shows_validation)
        && !report.rules.is_empty()
        && target::settings_are_enforced(evidence)
        && !subject.earlier.found(Means::NoEasyAuth);
    // What matches can still be a pair of versions that App 2 refuses, or reach an app that is open to everybody.
    let is_refused = |it: &&Found| matches!(it.code, Code::AudienceTokenVersionMismatch | Code::AudienceNotAllowed);
    if match_settings
        && !evidence.accepts_the_token()
        && let Some(message) = report.findings.iter().find(is_refused).map(Found::message)
    {
        return report.conclude_as(report.good(), message);
    }
    let is_silent = evidence.progress < Progress::TokenRefused;
    report.conclude(phrase(match evidence.progress {
        _ if evidence.accepts_the_token() => "audience.accepted-by-app-2",
        _ if is_silent && target::excludes_the_call(evidence) => "audience.excluded",
        _ if is_silent && target::is_switched_off(evidence) => "audience.off",
        _ if match_settings => "audience.match-settings",
        Progress::TokenRefused => "audience.refused",
        _ => "audience.open",
    }));
}
