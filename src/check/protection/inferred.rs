//! Causes for which the answers leave room where no settings can be read: no Entra provider, misplaced settings, a
//! linked static web app, or Easy Auth off. What Easy Auth answers without a working provider is not established, so
//! all of it is only possible.

use crate::check::prelude::*;

pub(super) fn findings(evidence: &Evidence<'_>) -> Vec<Found> {
    let is_workflow = evidence.inputs.is_consumption_workflow();
    let Some(anonymous) = evidence.anonymous().filter(|_| !is_workflow) else { return Vec::new() };
    // Without a call it is what a request without a token gets.
    let is_called = evidence.final_answer().is_some();
    let call = evidence.final_answer().unwrap_or(anonymous);
    if let Some(finding) = own_runtime(evidence, call) {
        return vec![finding];
    }
    if let Some(issuer) = Says::expected_static_web_app(call) {
        return vec![Found::of_answer(Code::LinkedBackendExclusive, "expects", call).value("expected", issuer)];
    }
    // Everybody is refused, or sent to the same other place.
    let refused = call.status >= 300 && call.status == anonymous.status;
    // A sign-in address that doesn't lead to a sign-in page.
    let leads_nowhere = |login: &&Answer| !target::is_sign_in(login) && !login.is_redirect();
    let Some(login) = evidence.answer(&Purpose::LoginRedirect).filter(leads_nowhere) else { return Vec::new() };
    if !refused
        || target::settings(evidence).is_some()
        || target::client_id(evidence).is_some()
        || responder::is_from_before(anonymous)
        || responder::is_from_before(call)
    {
        return Vec::new();
    }
    let is_marked = target::shows_easy_auth(evidence).is_some()
        || [anonymous, call].iter().any(|answer| answer.passed_the_middleware());
    let may_be_off = is_called && !is_marked && login.status == 404;
    let is_absent = may_be_off && has_no_auth_config(evidence);
    // If a validator of the app's own rejects a request without a token, nothing in front of the app rejects it.
    let lacks_provider = is_called && call.status == 401 && !responder::is_of_another(call) && !is_absent;
    let codes = [Code::EntraProviderMissing, Code::ProviderSettingsMisplaced, Code::LinkedBackendExclusive];
    let by_provider = codes.into_iter().filter(|_| lacks_provider).map(|code| Found::of(code, "answers"));
    let linked = evidence.is_like_a_linked_backend().then(|| Found::of(Code::LinkedBackendExclusive, "bare"));
    let off = Found::of(Code::EasyAuthNotActive, if is_absent { "no-auth-config" } else { "no-mark" }).about(call);
    let other = target_names::other_provider(anonymous).filter(|_| login.status == 404);
    let is_sure = other.is_some() || is_absent;
    let by_other = |provider| Found::of(Code::EntraProviderMissing, "other-provider").value("provider", provider);
    let shown = |finding: Found| {
        let is_provider = finding.code == Code::EntraProviderMissing;
        let finding = finding.likely_if(is_sure).value_if_any("login", is_provider.then_some(login.status));
        finding.shown_by(evidence, [Purpose::CallAnonymous, Purpose::LoginRedirect])
    };
    by_provider.chain(linked).chain(may_be_off.then_some(off)).chain(other.map(by_other)).map(shown).collect()
}

/// Whether App 2 is a container app that was read, and that never had authentication settings.
fn has_no_auth_config(evidence: &Evidence<'_>) -> bool {
    let mut read = evidence.settings.iter().filter(|reading| reading.source == SettingsSource::AuthConfigs);
    read.any(SettingsReading::is_absent) && evidence.site.is_some() && target::site_is_the_targets(evidence)
}

/// The runtime of Logic Apps reads the token itself, so Easy Auth isn't in front of it, whatever settings are stored.
fn own_runtime(evidence: &Evidence<'_>, call: &Answer) -> Option<Found> {
    let (says_so, mark) = spoken::logic_apps(call)?;
    let enabled = target::enabled(evidence);
    if says_so != LogicApps::OwnScheme || enabled == Some(false) {
        return None;
    }
    let is_shown = target::shows_easy_auth(evidence).is_some();
    let finding = Found::of_answer(Code::EasyAuthNotActive, "logic-apps", call)
        .likely_if(!is_shown)
        .when("shown", is_shown)
        .value("mark", mark)
        .when("stored", enabled == Some(true))
        .shown_by_call(evidence);
    Some(finding.shown_by(evidence, [Purpose::LoginRedirect]))
}
