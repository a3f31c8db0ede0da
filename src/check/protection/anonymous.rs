//! What a request without a token gets, and what that says of the protection.

use crate::case::auth_settings::AuthSettings;
use crate::case::code::Code;
use crate::case::exchange::{Answer, Purpose};
use crate::check::{Confidence, Found, StepReport};
use crate::evidence::responder::{self, Responder};
use crate::evidence::{Evidence, Origin, excluded, settings_path, target};

/// Judges what a request without a token gets.
pub(super) fn judge(evidence: &Evidence<'_>, report: &mut StepReport) {
    let Some(anonymous) = target::answer(evidence, &Purpose::CallAnonymous) else {
        return;
    };
    if let Some(settings) = target::settings(evidence) {
        inconsistent(settings, anonymous, report);
    }
    if !(200..300).contains(&anonymous.status) || responder::is_login_page(anonymous) {
        return;
    }
    if report.first_error().is_some() {
        return;
    }
    let invalid = target::answer(evidence, &Purpose::CallInvalidToken);
    let finding = match target::settings(evidence).filter(|settings| settings.enabled == Some(true)) {
        Some(settings) => explained_by_settings(evidence, settings, anonymous.status),
        None => explained_by_answers(evidence, invalid),
    };
    let support = [
        Purpose::CallAnonymous,
        Purpose::CallInvalidToken,
        Purpose::LoginRedirect,
    ];
    let mut finding = finding;
    finding.evidence.extend(
        support
            .iter()
            .filter_map(|purpose| evidence.exchange(purpose))
            .map(target::evidence),
    );
    report.find(finding);
}

/// `requireAuthentication = false` beside an action that refuses: which of them wins is not established, so the answer
/// decides.
fn inconsistent(settings: &AuthSettings, anonymous: &Answer, report: &mut StepReport) {
    let Some(action) = settings
        .unauthenticated_action
        .as_deref()
        .filter(|action| !action.eq_ignore_ascii_case("AllowAnonymous"))
    else {
        return;
    };
    if settings.require_authentication != Some(false) {
        return;
    }
    let effect = if (200..300).contains(&anonymous.status) {
        "requests without a token are let through"
    } else {
        "requests without a token are refused all the same"
    };
    report.find(Found::warning(
        Code::UnauthenticatedActionNotApplied,
        format!("requireAuthentication = false stands beside unauthenticatedClientAction = {action}, which contradict each other; observed: {effect} ({}).", anonymous.status),
    ));
}

fn explained_by_settings(evidence: &Evidence<'_>, settings: &AuthSettings, status: u16) -> Found {
    let path = excluded::target_path(&evidence.inputs);
    if let Some(pattern) = excluded::excluding_entry(settings, &evidence.inputs) {
        return Found::warning(Code::PathExcluded, format!("The path {path} is excluded from authentication (excludedPaths has {pattern}): anyone can call it, and a token proves nothing here."))
            .because_of(Origin::SettingsPath(settings_path::EXCLUDED_PATHS), format!("excludedPaths: {pattern} (from {})", target::settings_source(evidence)));
    }
    let action = settings.unauthenticated_action.as_deref().unwrap_or("not set");
    if action.eq_ignore_ascii_case("AllowAnonymous") || settings.require_authentication == Some(false) {
        return Found::warning(
            Code::UnauthenticatedRequestsAllowed,
            format!(
                "App 2 lets requests without a token through ({status}): unauthenticatedClientAction = {action}. Easy Auth leaves the refusal to the app's own code."
            ),
        );
    }
    Found::error(
        Code::UnauthenticatedActionNotApplied,
        format!("The settings refuse requests without a token (unauthenticatedClientAction = {action}), but App 2 answers {status} to one: they are not in force for this path."),
    )
    .confidence(Confidence::Likely)
    .confirm("restart App 2 after a change of its settings, and check that the settings are those of this slot")
}

fn explained_by_answers(evidence: &Evidence<'_>, invalid: Option<&Answer>) -> Found {
    let anonymous = target::answer(evidence, &Purpose::CallAnonymous).map_or(200, |answer| answer.status);
    if let Some(invalid) = invalid
        && matches!(invalid.status, 401 | 403)
        && responder::judge(invalid).by != Responder::AppValidator
    {
        return Found::warning(
            Code::UnauthenticatedRequestsAllowed,
            format!("App 2 lets requests without a token through ({anonymous}), but refuses an impossible one ({}): tokens are validated, anonymous requests are allowed.", invalid.status),
        )
        .confidence(Confidence::Likely);
    }
    let login = target::answer(evidence, &Purpose::LoginRedirect);
    match login {
        Some(answer) if responder::is_login_redirect(answer) => Found::warning(
            Code::UnauthenticatedRequestsAllowed,
            format!("Easy Auth is on (its login address redirects to the sign-in page), but a request without a token gets {anonymous}: anonymous requests are allowed, or this path is excluded."),
        )
        .confidence(Confidence::Likely),
        Some(answer) if answer.status == 404 || (200..300).contains(&answer.status) => Found::error(
            Code::EasyAuthNotActive,
            format!("Nothing protects App 2: a request without a token gets {anonymous}, an impossible token makes no difference, and Easy Auth's login address (/.auth/login/aad) is not there ({}).", answer.status),
        )
        .confidence(Confidence::Likely),
        _ => Found::error(
            Code::EasyAuthNotActive,
            format!("A request without a token gets {anonymous}: Easy Auth is off on App 2, allows anonymous requests, or excludes this path."),
        )
        .confidence(Confidence::Possible)
        .confirm("az webapp auth show: platform.enabled = false means this; AllowAnonymous or excludedPaths mean another"),
    }
}
