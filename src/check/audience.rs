//! Step 6, `audience`: does App 2 accept this audience and issuer?
//!
//! With settings, each rule is evaluated (`rules`) and compared with what the call showed. Without them, only the
//! answers are evidence (`inferred`).
//!
//! | call | settings | outcome |
//! |---|---|---|
//! | 2xx, 403 | any | accepted: the token was valid |
//! | 401 | a rule is not met | that rule: certain where no list has the value, likely where tolerance is unknown |
//! | 401 | every rule is met | step 8 looks for who refuses |
//! | 401 | unknown | candidates |

mod inferred;
mod logged;
mod rules;
mod subject;
mod withheld;

use crate::check::prelude::*;
use subject::{Subject, accepted};

pub(super) use rules::AUDIENCE_RULE;

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Audience);
    let Some(token) = evidence.token.as_ref().map(|token| &token.decoded).filter(|token| !token.claims.is_empty())
    else {
        let key = if evidence.is_settled(StepId::Token) { "audience.no-token" } else { "audience.waiting" };
        report.conclude(StepStatus::Skipped, phrase(key));
        return report;
    };
    facts(evidence, token, &mut report);
    let subject = Subject::of(evidence, token, earlier);
    let refused = subject.seen == Seen::Refused;
    if earlier.token_is_not_from_entra() {
        report.conclude(StepStatus::Skipped, phrase("audience.not-from-entra"));
        return report;
    }
    let withheld = withheld::finding(evidence, token);
    if withheld.is_none()
        && let Some(key) = found_earlier(earlier, refused)
    {
        report.conclude(StepStatus::Fail, phrase(key));
        return report;
    }
    let has_settings = target::validating_entra(evidence).is_some();
    if has_settings {
        rules::judge(subject, &mut report);
    }
    if let Some(finding) = withheld {
        // The settings show the same fault with everything that they accept.
        match report.findings.iter_mut().find(|found| found.code == finding.code) {
            Some(known) => {
                for line in finding.evidence {
                    if !known.evidence.contains(&line) {
                        known.evidence.push(line);
                    }
                }
            }
            None => report.find(finding),
        }
    } else if has_settings {
        if refused && !earlier.token_is_broken() {
            logged::confirm(evidence, token, &mut report);
        }
        if report.first_error().is_none() && refused {
            // Settings that explain no refusal may be old or another slot's, or the source hides the reason.
            report.findings.extend(inferred::contradicted(evidence, token));
            if report.first_error().is_none() && !(shown_in_full(evidence) && target::settings_are_live(evidence)) {
                inferred::judge(subject, &mut report);
            }
        }
    } else {
        inferred::judge(subject, &mut report);
    }
    conclude(subject, &mut report);
    report
}

/// What an earlier step found that explains this one as well.
fn found_earlier(earlier: Earlier<'_>, refused: bool) -> Option<&'static str> {
    if earlier.resource_is_not_the_targets() {
        Some("audience.resource-is-not-the-targets")
    } else if refused && earlier.settings_have_an_api() {
        Some("audience.settings-have-an-api")
    } else if refused && earlier.token_is_outdated() {
        Some("audience.token-is-outdated")
    } else {
        None
    }
}

/// Whether the settings show audiences and issuer, with nothing hidden behind an expression.
fn shown_in_full(evidence: &Evidence<'_>) -> bool {
    target::validating(evidence).is_none_or(|(_, settings)| settings.shows_audiences() && settings.shows_issuer())
}

fn facts(evidence: &Evidence<'_>, token: &DecodedToken, report: &mut StepReport) {
    report.fact("token audience (aud)", token.list("aud").join(", "));
    report.fact("token issuer (iss)", token.text("iss").unwrap_or("none"));
    report.fact("token version (ver)", token.version().unwrap_or("none"));
    let is_off = target::settings(evidence).is_some_and(|settings| settings.enabled == Some(false));
    if let Some(entra) = target::validating_entra(evidence).filter(|_| !is_off) {
        report.fact("accepted audiences", joined(&accepted(entra)));
        let issuer = entra.issuer.as_ref().map_or("not set", Issuer::as_str);
        report.fact("issuer setting (openIdIssuer)", issuer);
        report.fact("settings from", target::validating_source(evidence));
    }
}

fn conclude(subject: Subject<'_>, report: &mut StepReport) {
    let evidence = subject.evidence;
    if let Some(error) = report.first_error() {
        let message = error.message();
        let sure = error.confidence != Confidence::Possible;
        report.conclude(if sure { StepStatus::Fail } else { StepStatus::Unknown }, message);
        return;
    }
    let warned = report.findings.iter().any(|finding| finding.severity == Severity::Warning);
    let good = if warned { StepStatus::Warn } else { StepStatus::Pass };
    let match_settings = target::entra(evidence).is_some()
        && shown_in_full(evidence)
        && !report.rules.is_empty()
        && target::settings_are_enforced(evidence);
    let (status, key) = match subject.seen {
        Seen::Accepted => (good, "audience.accepted-by-app-2"),
        Seen::Refused | Seen::Silent if match_settings => (good, "audience.match-settings"),
        Seen::Refused => (StepStatus::Unknown, "audience.refused"),
        Seen::Silent => (StepStatus::Unknown, "audience.open"),
    };
    report.conclude(status, phrase(key));
}
