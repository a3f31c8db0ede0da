//! What a request without a token gets, and what this says of the protection.

use crate::check::prelude::*;

pub(super) fn judge(evidence: &Evidence<'_>, report: &mut StepReport) {
    let Some(anonymous) = evidence.anonymous() else { return };
    let settings = target::settings(evidence);
    report.findings.extend(settings.and_then(|settings| inconsistent(settings, anonymous)));
    let switched_on = settings.filter(|settings| settings.enabled == Some(true));
    if !responder::is_good(anonymous) {
        report.findings.extend(switched_on.and_then(|settings| left_to_the_app(settings, anonymous)));
        let is_passed_by = || target::excludes_the_call(evidence) && !target::call_succeeded(evidence);
        let excluded = switched_on.filter(|_| is_passed_by());
        report.findings.extend(excluded.and_then(|settings| excluded_path(evidence, settings, "refused")));
        report.findings.extend(redirected_alike(evidence, anonymous));
        if report.first_error().is_none() {
            report.findings.extend(open_to_any_token(evidence, switched_on));
        }
    } else if report.first_error().is_none() {
        let finding = match switched_on {
            Some(settings) if !target::settings_are_others(evidence) => explained_by_settings(evidence, settings),
            _ => explained_by_answers(evidence),
        };
        let requests = [Purpose::CallAnonymous, Purpose::CallInvalidToken, Purpose::LoginRedirect];
        let finding = finding.about(anonymous).value_if_any("given_headers", evidence.inputs.given_headers());
        report.find(finding.shown_by(evidence, requests));
    }
}

/// Settings that allow requests without a token, although App 2 rejects them: then its own code does.
fn left_to_the_app(settings: &AuthSettings, anonymous: &Answer) -> Option<Found> {
    let action = settings.unauthenticated_action.as_deref().filter(|_| settings.allows_anonymous())?;
    let is_rejected = matches!(anonymous.status, 400..=499) && !responder::is_from_before(anonymous);
    (is_rejected || anonymous.is_login_redirect()).then(|| {
        // Only Easy Auth's own challenge or sign-in shows that it rejects the request, whatever is stored.
        let finding = match responder::judge(anonymous).by {
            Responder::EasyAuth => Found::of(Code::UnauthenticatedActionNotApplied, "rejected"),
            _ => Found::of(Code::UnauthenticatedRequestsAllowed, "left-to-the-app"),
        };
        finding.value("action", action).value("status", anonymous.status)
    })
}

/// A request without a token that is redirected to where the call succeeds: nothing shows that this place is protected.
fn redirected_alike(evidence: &Evidence<'_>, anonymous: &Answer) -> Option<Found> {
    let call = evidence.answer(&Purpose::CallWithToken)?;
    let is_same = anonymous.header("location").is_some_and(|to| call.header("location") == Some(to));
    let is_on = target::settings(evidence).is_some_and(|settings| settings.enabled == Some(true));
    let is_shown = target::shows_easy_auth(evidence).is_some();
    let finding = Found::of(Code::EasyAuthNotActive, "redirect").about(anonymous);
    (is_same && call.status == anonymous.status && target::call_succeeded(evidence) && !is_on && !is_shown)
        .then(|| finding.shown_by(evidence, [Purpose::CallAnonymous]))
}

/// A deliberately invalid token that gets a good answer, where a request without a token doesn't: Easy Auth doesn't
/// validate the tokens, unless the settings leave that to the app.
fn open_to_any_token(evidence: &Evidence<'_>, settings: Option<&AuthSettings>) -> Option<Found> {
    let answer = evidence.answer(&Purpose::CallInvalidToken).filter(|answer| responder::is_good(answer))?;
    let is_the_apps = settings.is_some_and(AuthSettings::allows_anonymous) || target::excludes_the_call(evidence);
    let login = evidence.answer(&Purpose::LoginRedirect).map(|login| login.status);
    let finding = if is_the_apps || target::shows_easy_auth(evidence).is_some() {
        Found::of(Code::UnauthenticatedRequestsAllowed, "any-token")
    } else {
        let is_sure = login == Some(404) && target::front(evidence).is_none();
        Found::of(Code::EasyAuthNotActive, "any-token").likely_if(is_sure).when("stored", settings.is_some())
    };
    let finding = finding.value("status", answer.status).value_if_any("login", login);
    Some(finding.shown_by(evidence, [Purpose::CallInvalidToken, Purpose::LoginRedirect]))
}

/// `requireAuthentication = false` beside an action that rejects: which wins is not established, so the answer decides.
fn inconsistent(settings: &AuthSettings, anonymous: &Answer) -> Option<Found> {
    let action = settings.unauthenticated_action.as_deref()?;
    (!settings.allows_anonymous() && settings.require_authentication == Some(false)).then(|| {
        Found::of(Code::UnauthenticatedActionNotApplied, "inconsistent")
            .value("action", action)
            .value("status", anonymous.status)
            .when("open", (200..300).contains(&anonymous.status))
    })
}

/// A path that isn't checked by Easy Auth, and on which the app sees no caller.
fn excluded_path(evidence: &Evidence<'_>, settings: &AuthSettings, key: &'static str) -> Option<Found> {
    let pattern = settings.excluding_entry(&evidence.inputs)?;
    Some(Found::of(Code::PathExcluded, key).because_set(settings_path::EXCLUDED_PATHS, pattern).value("entry", pattern))
}

fn explained_by_settings(evidence: &Evidence<'_>, settings: &AuthSettings) -> Found {
    let action = settings.unauthenticated_action.as_deref();
    let allowing = action.filter(|_| settings.allows_anonymous());
    let found = |code, action| Found::of(code, "settings").value_if_any("action", action);
    excluded_path(evidence, settings, "settings").unwrap_or_else(|| match allowing {
        None if is_not_running(evidence, settings) => explained_by_answers(evidence).when("stored", true),
        _ if settings.may_allow_anonymous() => found(Code::UnauthenticatedRequestsAllowed, allowing),
        _ => found(Code::UnauthenticatedActionNotApplied, action),
    })
}

/// Whether nothing of Easy Auth answers where the settings turn it on: any token gets the same as none, and its sign-in
/// address isn't there. What is in front of App 2 may hide that address.
fn is_not_running(evidence: &Evidence<'_>, settings: &AuthSettings) -> bool {
    let is_usual = settings.api_prefix.as_deref().is_none_or(|prefix| prefix.trim_matches('/') == ".auth");
    let is_good = evidence.answer(&Purpose::CallInvalidToken).is_some_and(responder::is_good);
    let login = evidence.answer(&Purpose::LoginRedirect).filter(|login| login.status == 404);
    let is_hidden = |login: &Answer| responder::gateway(login).is_some() || target::front(evidence).is_some();
    is_usual && is_good && settings.entra_enabled().is_some() && login.is_some_and(|login| !is_hidden(login))
}

fn explained_by_answers(evidence: &Evidence<'_>) -> Found {
    let rejected = evidence
        .answer(&Purpose::CallInvalidToken)
        .filter(|answer| matches!(answer.status, 401 | 403) && !responder::is_of_another(answer));
    let login = evidence.answer(&Purpose::LoginRedirect);
    // A cache in front may give anyone what App 2 gave to a caller with a token.
    let cache = evidence.anonymous().and_then(Answer::cache);
    // A page that asks for a password is something's own protection.
    let asks_itself = evidence.anonymous().is_some_and(responder::asks_for_sign_in);
    let allowed = |key| {
        let key = if cache.is_some() { "cached" } else { key };
        Found::of(Code::UnauthenticatedRequestsAllowed, key).value_if_any("cache", cache.clone())
    };
    match (rejected, login) {
        (Some(invalid), _) => allowed("invalid-rejected").value("invalid", invalid.status),
        (None, Some(login)) if login.is_login_redirect() => allowed("sign-in"),
        (None, Some(login)) if !asks_itself && matches!(login.status, 404 | 200..=299) => {
            let invalid = evidence.answer(&Purpose::CallInvalidToken).map(|answer| answer.status);
            let other = invalid.filter(|invalid| evidence.anonymous().is_some_and(|it| it.status != *invalid));
            Found::of(Code::EasyAuthNotActive, "unprotected")
                .value("login", login.status)
                .value_if_any("invalid", other)
        }
        _ => Found::of(Code::EasyAuthNotActive, "open"),
    }
}
