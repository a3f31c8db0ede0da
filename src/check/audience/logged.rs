//! What App 2's own log says of audience and issuer.

use super::subject::Subject;
use crate::check::prelude::*;

const LOG: &str = "App 2's log";
const ANSWER: &str = "App 2's responses";

/// Adds what the log says to what the rules found: as evidence where they agree, else as a finding of its own.
pub(super) fn confirm(subject: Subject<'_>, report: &mut StepReport) {
    for logged in findings(subject) {
        let Some(logged) = logged.confirming(&mut report.findings) else { continue };
        let determined = report.findings.iter().any(Found::is_determined);
        // A line without values can't outweigh a rule that isn't met, and what is possible adds nothing to it.
        if determined && logged.confidence < Confidence::Certain {
            continue;
        }
        let contradicts = !determined && !report.rules.is_empty() && logged.confidence > Confidence::Possible;
        report.find(if !contradicts {
            logged
        } else if log::reason(subject.evidence).is_some_and(|word| word.older) {
            // What was refused before may have been fixed since.
            logged.possible().confirm(phrase("audience.log-line-is-older"))
        } else {
            // Of two sources that disagree, one is wrong.
            logged.at_most(Confidence::Likely).within(phrase("audience.settings-do-not-explain"))
        });
    }
}

/// The findings that the log's line about this token stands for, the likeliest first.
pub(super) fn findings(subject: Subject<'_>) -> Vec<Found> {
    let Some(word) = log::reason(subject.evidence) else {
        return Vec::from_iter(by_the_answer(subject));
    };
    let about = |finding: Found| {
        let finding = finding.value("log_values", shown::logged_values(word.entry)).confidence(word.weight);
        finding.because(word.entry)
    };
    // An issuer that fails without the value that App 2 expects fits each of these.
    let each = |key: &'static str| {
        let codes = [Code::IssuerNotAccepted, Code::AudienceTokenVersionMismatch, Code::ForeignTenantToken];
        // The first says no more than a line with this token's issuer does.
        let is_said = |code| code == Code::IssuerNotAccepted && word.says == Says::Issuer && word.own;
        let most = |code| if is_said(code) { Confidence::Likely } else { Confidence::Possible };
        codes.map(|code| about(Found::of(code, key)).at_most(most(code))).to_vec()
    };
    match word.says {
        Says::Audience => {
            let accepted = word.entry.accepted_audiences();
            let difference = Difference::of(AUDIENCE, accepted, Some(subject.audience()), LOG);
            vec![about(subject.about_audience(Code::AudienceNotAllowed, "log")).differs(difference)]
        }
        Says::Issuer => match word.entry.expected_issuer() {
            Some(expected) => {
                vec![about(of_values("log-values", subject.token, &expected, LOG)).value("expected", expected)]
            }
            None => each("log"),
        },
        Says::UnknownKey => each("log-key"),
        _ => Vec::new(),
    }
}

/// The issuer that a validator expects in place of this token's, in the words of its 401, whoever it is; or the
/// audience that Easy Auth rejects in its own, which may hide the values.
fn by_the_answer(subject: Subject<'_>) -> Option<Found> {
    let (says, entry) = Says::in_answer(subject.evidence.final_answer().filter(|answer| answer.status == 401)?)?;
    if says == Says::Audience {
        let difference = Difference::of(AUDIENCE, entry.accepted_audiences(), Some(subject.audience()), ANSWER);
        let finding = subject.about_audience(Code::AudienceNotAllowed, "answer-values").differs(difference);
        // The bare client ID is always accepted: another one than this may be App 2's, unless the values are shown.
        let is_refuted = target::other_audience(subject.evidence) == Some(false);
        let finding = finding.likely_if(!is_refuted || entry.is_of_token(subject.token) == Some(true));
        return said(subject).map(|_| finding.shown_by_call(subject.evidence));
    }
    let issuer = entry.value(&["issuer"]).filter(|issuer| subject.token.text("iss") == Some(issuer));
    let expected = entry.expected_issuer().filter(|expected| issuer.is_some_and(|issuer| issuer != expected))?;
    let finding = of_values("answer-values", subject.token, &expected, ANSWER).value("expected", expected);
    (says == Says::Issuer).then(|| finding.shown_by_call(subject.evidence))
}

/// What Easy Auth says of this token in its own 401.
pub(super) fn said(subject: Subject<'_>) -> Option<Says> {
    Says::of_easy_auth(subject.evidence.final_answer()?, subject.token)
}

fn of_values(key: &'static str, token: &DecodedToken, expected: &str, source: &'static str) -> Found {
    let found = |code| Found::of(code, key);
    let (of_token, of_app) = (token.issuer().unwrap_or_default().parts(), Issuer::new(expected).parts());
    if let Some((token, app)) = of_token.other_tenant(&of_app) {
        return found(Code::ForeignTenantToken)
            .differs(Difference::of(TENANT, [app], Some(token), source))
            .value("token_tenant", token.to_string())
            .value("target_tenant", app.to_string());
    }
    let have_tenants = of_token.tenant_guid().is_some() && of_app.tenant_guid().is_some();
    let finding = match of_token.other_version(&of_app).filter(|_| have_tenants) {
        Some((token, app)) => {
            let finding = found(Code::AudienceTokenVersionMismatch).value("of_app", app.word());
            finding.value("of_token", token.word())
        }
        None => found(Code::IssuerNotAccepted),
    };
    finding.differs(Difference::of(ISSUER, [expected], token.text("iss"), source))
}
