//! Causes for which the answers leave room where no settings can be read: no Entra provider, misplaced settings, a
//! linked static web app, or Easy Auth off. What Easy Auth answers without a working provider is not established, so
//! all of it is only possible.

use crate::check::prelude::*;
use crate::evidence::spoken::LogicApps;

/// Adds the candidates.
pub(super) fn judge(evidence: &Evidence<'_>, report: &mut StepReport) {
    let Some((anonymous, call)) = target::answer(evidence, &Purpose::CallAnonymous).zip(target::final_answer(evidence))
    else {
        return;
    };
    if let Some(finding) = own_runtime(evidence, call) {
        report.find(finding);
        return;
    }
    // Everybody is refused, or sent to the same other place.
    let refused = call.status >= 300 && call.status == anonymous.status;
    let Some(login) = target::answer(evidence, &Purpose::LoginRedirect).filter(|answer| leads_nowhere(answer)) else {
        return;
    };
    if !refused
        || target::settings(evidence).is_some()
        || target::client_id(evidence).is_some()
        || responder::is_from_before(anonymous)
        || responder::is_from_before(call)
    {
        return;
    }
    let other = other_provider(anonymous).filter(|_| login.status == 404);
    let support = [Purpose::CallAnonymous, Purpose::LoginRedirect]
        .iter()
        .filter_map(|purpose| evidence.exchange(purpose))
        .map(target::evidence);
    let mut found = Vec::new();
    // If a validator of the app's own rejects a request without a token, nothing in front of the app rejects it.
    let is_another = responder::is_of_another(call);
    if call.status == 401 && !is_another {
        found.extend([
            Found::error(Code::EntraProviderMissing, says("answers")).value("login", login.status),
            Found::error(Code::ProviderSettingsMisplaced, says("answers")),
            Found::error(Code::LinkedBackendExclusive, says("answers")),
        ]);
    }
    let marked = target::shows_easy_auth(evidence).is_some()
        || [anonymous, call].iter().any(|answer| responder::passed_the_middleware(answer));
    if !marked && login.status == 404 {
        found.push(Found::error(Code::EasyAuthNotActive, says("no-mark")).value("status", call.status));
    }
    let is_sure = other.is_some();
    found.extend(other.map(|provider| {
        let finding = Found::error(Code::EntraProviderMissing, says("other-provider"));
        finding.value("provider", provider).value("login", login.status)
    }));
    for finding in found {
        let finding = finding.confidence(if is_sure { Confidence::Likely } else { Confidence::Possible });
        report.find(support.clone().fold(finding, Found::because));
    }
}

/// The runtime of Logic Apps reads the real token's header itself, so Easy Auth isn't in front of it. Stored settings
/// that differ have not been applied.
fn own_runtime(evidence: &Evidence<'_>, call: &Answer) -> Option<Found> {
    let (says_so, mark) = spoken::logic_apps(call)?;
    let is_shown = target::shows_easy_auth(evidence).is_some();
    let known = target::settings(evidence).is_some_and(|settings| settings.enabled == Some(false));
    if says_so != LogicApps::OwnScheme || known {
        return None;
    }
    let finding = Found::error(Code::EasyAuthNotActive, says("logic-apps"))
        .confidence(if is_shown { Confidence::Possible } else { Confidence::Likely })
        .value("mark", mark)
        .value("status", call.status)
        .value_if_any("said", spoken::words(call))
        .when("stored", target::settings(evidence).is_some_and(|settings| settings.enabled == Some(true)));
    let asked = [target::final_call(evidence), evidence.exchange(&Purpose::LoginRedirect)];
    Some(asked.into_iter().flatten().map(target::evidence).fold(finding, Found::because))
}

/// The provider to whose sign-in Easy Auth redirects, where it isn't Microsoft Entra ID's.
fn other_provider(answer: &Answer) -> Option<String> {
    let location = answer.header("location").filter(|_| (300..400).contains(&answer.status))?;
    let (_, rest) = location.split_once("/.auth/login/")?;
    let provider: String = rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    let is_entra = ["aad", "azureactivedirectory"].iter().any(|name| provider.eq_ignore_ascii_case(name));
    (!provider.is_empty() && !is_entra).then(|| answer.quote(&provider))
}

/// Whether Easy Auth's sign-in address doesn't lead to a sign-in page.
fn leads_nowhere(login: &Answer) -> bool {
    !responder::is_login_redirect(login) && !responder::is_login_page(login) && !(300..400).contains(&login.status)
}
