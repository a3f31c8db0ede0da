//! Step 6, `audience`: does App 2 accept this audience and issuer?
//!
//! With settings each rule is evaluated (`rules`) and compared with what the call showed; without them only the
//! pattern of the answers speaks (`inferred`).
//!
//! | call | settings | outcome |
//! |---|---|---|
//! | 2xx, 403 | any | accepted: a valid token was seen |
//! | 401 | a rule is broken | that rule: certain where the value stands in no list, likely where tolerance is not established |
//! | 401 | every rule holds | step 8 looks for who refuses |
//! | 401 | unknown | candidates |

mod inferred;
mod logged;
mod rules;
mod subject;
mod withheld;

use crate::case::ids::joined;
use crate::case::issuer::Issuer;
use crate::case::step::StepId;
use crate::case::text::visible;
use crate::case::token::DecodedToken;

use super::{Earlier, Severity, StepReport, StepStatus};
use crate::evidence::target::Seen;
use crate::evidence::{Evidence, target};
pub(super) use rules::AUDIENCE_RULE;
use subject::{Subject, accepted};

/// Judges the step.
#[must_use]
pub fn check(evidence: &Evidence<'_>, earlier: Earlier<'_>) -> StepReport {
    let mut report = StepReport::new(StepId::Audience);
    let Some(token) = evidence
        .token
        .as_ref()
        .map(|token| &token.decoded)
        .filter(|token| !token.claims.is_empty())
    else {
        report.conclude(
            StepStatus::Skipped,
            if evidence.is_settled(StepId::Token) {
                "there is no token to compare"
            } else {
                "waiting for the token"
            },
        );
        return report;
    };
    facts(evidence, token, &mut report);
    let subject = Subject::of(evidence, token, earlier);
    let refused = subject.seen == Seen::Refused;
    if earlier.token_is_not_from_entra() {
        report.conclude(
            StepStatus::Skipped,
            "Microsoft Entra ID didn't issue the token, so App 2's audiences say nothing about it",
        );
        return report;
    }
    if let Some(finding) = withheld::finding(evidence, token) {
        if target::validating_entra(evidence).is_some() {
            rules::judge(subject, &mut report);
        }
        // The settings name the same fault with all that they accept.
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
    } else if earlier.resource_is_not_the_targets() {
        report.conclude(
            StepStatus::Fail,
            "the audience is that of the resource asked for, which is not App 2's",
        );
        return report;
    } else if refused && earlier.settings_have_an_api() {
        report.conclude(
            StepStatus::Fail,
            "App 2's settings have the client ID of a Microsoft API, so App 2 refuses tokens of its own",
        );
        return report;
    } else if refused && earlier.token_is_outdated() {
        report.conclude(
            StepStatus::Fail,
            "the token has the version that was asked for before, which App 2 is no longer set up for",
        );
        return report;
    } else if target::validating_entra(evidence).is_some() {
        rules::judge(subject, &mut report);
        if refused && !earlier.token_is_broken() {
            logged::confirm(evidence, token, &mut report);
        }
        if report.first_error().is_none() && refused {
            // Settings that explain no refusal may be old or another slot's; what the source hides may be the reason.
            report.findings.extend(inferred::contradicted(evidence, token));
            if report.first_error().is_none() && !(told_in_full(evidence) && target::settings_are_live(evidence)) {
                inferred::judge(subject, &mut report);
            }
        }
    } else {
        inferred::judge(subject, &mut report);
    }
    conclude(subject, &mut report);
    report
}

/// Whether the settings tell audiences and issuer, with nothing hidden behind an expression.
fn told_in_full(evidence: &Evidence<'_>) -> bool {
    target::validating(evidence).is_none_or(|(_, settings)| settings.shows_audiences() && settings.shows_issuer())
}

fn facts(evidence: &Evidence<'_>, token: &DecodedToken, report: &mut StepReport) {
    report.fact("token's audience (aud)", visible(&token.list("aud").join(", ")));
    report.fact("token's issuer (iss)", visible(token.text("iss").unwrap_or("none")));
    report.fact("token's version (ver)", visible(token.version().unwrap_or("none")));
    let is_off = target::settings(evidence).is_some_and(|settings| settings.enabled == Some(false));
    if let Some(entra) = target::validating_entra(evidence).filter(|_| !is_off) {
        report.fact("accepted audiences", joined(&accepted(entra)));
        report.fact(
            "issuer setting (openIdIssuer)",
            entra.issuer.as_ref().map_or("not set", Issuer::as_str),
        );
        report.fact("settings from", target::validating_source(evidence));
    }
}

fn conclude(subject: Subject<'_>, report: &mut StepReport) {
    let evidence = subject.evidence;
    if let Some(error) = report.first_error() {
        let message = error.message();
        let sure = error.confidence != super::Confidence::Possible;
        report.conclude(if sure { StepStatus::Fail } else { StepStatus::Unknown }, message);
        return;
    }
    let warned = report
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Warning);
    let good = if warned { StepStatus::Warn } else { StepStatus::Pass };
    match subject.seen {
        Seen::Accepted => report.conclude(good, "App 2 accepted the token: audience and issuer fit"),
        Seen::Refused | Seen::Silent
            if target::entra(evidence).is_some()
                && told_in_full(evidence)
                && !report.rules.is_empty()
                && target::settings_are_enforced(evidence) =>
        {
            report.conclude(good, "audience and issuer fit App 2's settings");
        }
        Seen::Refused => report.conclude(
            StepStatus::Unknown,
            "App 2 answered 401, and does not say whether audience or issuer is the reason",
        ),
        Seen::Silent => report.conclude(
            StepStatus::Unknown,
            "nothing shows whether App 2 accepts this audience and issuer",
        ),
    }
}
