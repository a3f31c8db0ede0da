//! What nothing in the answers shows, where no settings can be read: Easy Auth itself, or its Entra provider.
//!
//! | Easy Auth's mark | `/.auth/login/aad` | answer to the call | candidates |
//! |---|---|---|---|
//! | middleware or challenge without a client id | no sign-in address | 401 | no Entra provider, settings in the wrong place, a linked Static Web App |
//! | none | not there | any refusal or error | the same for a 401, and Easy Auth off |
//!
//! What Easy Auth answers without a working provider is not established, so all of it is possible only.

use crate::case::code::Code;
use crate::case::exchange::{Answer, Purpose};
use crate::check::{Confidence, Found, StepReport};
use crate::evidence::responder::{self, Responder};
use crate::evidence::{Evidence, target};

/// Adds the candidates.
pub(super) fn judge(evidence: &Evidence<'_>, report: &mut StepReport) {
    let told = target::settings(evidence).is_some();
    let Some((anonymous, call)) = target::answer(evidence, &Purpose::CallAnonymous).zip(final_answer(evidence)) else {
        return;
    };
    let refused = call.status >= 400 && call.status == anonymous.status;
    let Some(login) = target::answer(evidence, &Purpose::LoginRedirect).filter(|answer| leads_nowhere(answer)) else {
        return;
    };
    if told
        || !refused
        || target::client_id(evidence).is_some()
        || responder::is_from_before(anonymous)
        || responder::is_from_before(call)
    {
        return;
    }
    let support = [Purpose::CallAnonymous, Purpose::LoginRedirect]
        .iter()
        .filter_map(|purpose| evidence.exchange(purpose))
        .map(target::evidence);
    let mut found = Vec::new();
    // A validator of the app's own that a request without a token reaches shows that nothing before it refuses.
    if call.status == 401 && responder::judge(call).by != Responder::AppValidator {
        found.extend(without_provider(login.status));
    }
    let marked = target::shows_easy_auth(evidence).is_some()
        || [anonymous, call]
            .iter()
            .any(|answer| answer.header(responder::MIDDLEWARE_ID).is_some());
    if !marked && login.status == 404 {
        found.push(switched_off(call.status));
    }
    for finding in found {
        report.find(
            support
                .clone()
                .fold(finding.confidence(Confidence::Possible), Found::because),
        );
    }
}

fn final_answer<'a>(evidence: &'a Evidence<'_>) -> Option<&'a Answer> {
    target::final_call(evidence)?.answer()
}

/// Whether Easy Auth's login address for Entra is no way to a sign-in page.
fn leads_nowhere(login: &Answer) -> bool {
    !responder::is_login_redirect(login) && !responder::is_login_page(login) && !(300..400).contains(&login.status)
}

fn without_provider(login: u16) -> [Found; 3] {
    let seen = format!(
        "App 2 answers 401, names no client id, and Easy Auth's login address for Entra leads to no sign-in ({login})"
    );
    [
        Found::error(
            Code::EntraProviderMissing,
            format!(
                "{seen}: Easy Auth may have no Entra provider that is switched on, so that it accepts no Entra token."
            ),
        )
        .confirm("az webapp auth microsoft show: no registration.clientId, or enabled = false, means this"),
        Found::error(
            Code::ProviderSettingsMisplaced,
            "App 2's client id and issuer may stand directly under azureActiveDirectory, where they have no effect.",
        )
        .confirm("App 2's authsettingsV2: azureActiveDirectory.clientId outside of registration means this"),
        Found::error(
            Code::LinkedBackendExclusive,
            "App 2 may be linked to a Static Web App, and then takes requests through that one only.",
        )
        .confirm("App 2's authsettingsV2: a provider azureStaticWebApps means this; or az staticwebapp backends show"),
    ]
}

fn switched_off(status: u16) -> Found {
    Found::error(
        Code::EasyAuthNotActive,
        format!("Nothing in App 2's answers shows Easy Auth, and its login address (/.auth/login/aad) is not there (404): it may be off, so that the app itself answers {status}."),
    )
    .confirm("az webapp auth show: platform.enabled = false means this")
}
