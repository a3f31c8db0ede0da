//! What a request without a token gets, and what this says of the protection.

use crate::check::prelude::*;
use crate::evidence::excluded;

/// Judges what a request without a token gets.
pub(super) fn judge(evidence: &Evidence<'_>, report: &mut StepReport) {
    let Some(anonymous) = target::answer(evidence, &Purpose::CallAnonymous) else {
        return;
    };
    if let Some(settings) = target::settings(evidence) {
        inconsistent(settings, anonymous, report);
    }
    if !responder::is_good(anonymous) {
        left_to_the_app(evidence, anonymous, report);
        open_to_any_token(evidence, report);
        return;
    }
    if report.first_error().is_some() {
        return;
    }
    let finding = match target::settings(evidence).filter(|settings| settings.enabled == Some(true)) {
        Some(settings) => explained_by_settings(evidence, settings, anonymous.status),
        None => explained_by_answers(evidence, anonymous.status),
    };
    let support = [Purpose::CallAnonymous, Purpose::CallInvalidToken, Purpose::LoginRedirect];
    let support = support.iter().filter_map(|purpose| evidence.exchange(purpose));
    report.find(support.map(target::evidence).fold(finding, Found::because));
}

/// Settings that allow requests without a token, although App 2 rejects them: then its own code does.
fn left_to_the_app(evidence: &Evidence<'_>, anonymous: &Answer, report: &mut StepReport) {
    let settings = target::settings(evidence).filter(|settings| settings.enabled == Some(true));
    let action = settings.and_then(|settings| settings.unauthenticated_action.as_deref());
    let is_rejected = matches!(anonymous.status, 400..=499) && !responder::is_from_before(anonymous);
    if let Some(action) = action.filter(|action| is_allow(action) && is_rejected) {
        let finding = Found::warning(Code::UnauthenticatedRequestsAllowed, says("left-to-the-app"));
        report.find(finding.value("action", action).value("status", anonymous.status));
    }
}

/// A deliberately invalid token that gets a good answer, where a request without a token doesn't.
fn open_to_any_token(evidence: &Evidence<'_>, report: &mut StepReport) {
    let invalid = evidence.exchange(&Purpose::CallInvalidToken);
    let accepted = invalid.and_then(|exchange| Some((exchange, exchange.answer()?)));
    let accepted = accepted.filter(|(_, answer)| responder::is_good(answer));
    if let Some((exchange, answer)) = accepted {
        let finding = Found::warning(Code::UnauthenticatedRequestsAllowed, says("any-token"));
        report.find(finding.value("status", answer.status).because(target::evidence(exchange)));
    }
}

/// `requireAuthentication = false` beside an action that rejects: which of them wins is not established, so the answer
/// decides.
fn inconsistent(settings: &AuthSettings, anonymous: &Answer, report: &mut StepReport) {
    let action = settings.unauthenticated_action.as_deref();
    let Some(action) = action.filter(|action| !is_allow(action) && settings.require_authentication == Some(false))
    else {
        return;
    };
    report.find(
        Found::warning(Code::UnauthenticatedActionNotApplied, says("inconsistent"))
            .value("action", action)
            .value("status", anonymous.status)
            .when("open", (200..300).contains(&anonymous.status)),
    );
}

fn is_allow(action: &str) -> bool {
    action.eq_ignore_ascii_case("AllowAnonymous")
}

fn explained_by_settings(evidence: &Evidence<'_>, settings: &AuthSettings, status: u16) -> Found {
    if let Some(pattern) = excluded::excluding_entry(settings, &evidence.inputs) {
        let source = target::settings_source(evidence);
        return Found::warning(Code::PathExcluded, says("settings"))
            .because(target::setting(settings_path::EXCLUDED_PATHS, &pattern, &source))
            .value("entry", pattern);
    }
    let action = settings.unauthenticated_action.as_deref();
    let allowing = action.filter(|action| is_allow(action));
    if allowing.is_some() || settings.require_authentication == Some(false) {
        return Found::warning(Code::UnauthenticatedRequestsAllowed, says("settings"))
            .value("status", status)
            .value_if_any("action", allowing);
    }
    Found::error(Code::UnauthenticatedActionNotApplied, says("settings"))
        .confidence(Confidence::Likely)
        .value("status", status)
        .value_if_any("action", action)
}

fn explained_by_answers(evidence: &Evidence<'_>, status: u16) -> Found {
    let allowed = |key| Found::warning(Code::UnauthenticatedRequestsAllowed, says(key)).confidence(Confidence::Likely);
    let off = |key| Found::error(Code::EasyAuthNotActive, says(key));
    let rejected = target::answer(evidence, &Purpose::CallInvalidToken)
        .filter(|answer| matches!(answer.status, 401 | 403) && !is_another(answer));
    let login = target::answer(evidence, &Purpose::LoginRedirect);
    let finding = match (rejected, login) {
        (Some(invalid), _) => allowed("invalid-rejected").value("invalid", invalid.status),
        (None, Some(login)) if responder::is_login_redirect(login) => allowed("sign-in"),
        (None, Some(login)) if login.status == 404 || (200..300).contains(&login.status) => {
            off("unprotected").confidence(Confidence::Likely).value("login", login.status)
        }
        _ => off("open").confidence(Confidence::Possible),
    };
    finding.value("status", status)
}

/// Whether something that isn't Easy Auth gave an answer.
fn is_another(answer: &Answer) -> bool {
    use Responder::{AppValidator, NotEasyAuth, Server};
    matches!(responder::judge(answer).by, AppValidator | NotEasyAuth | Server(_))
}
