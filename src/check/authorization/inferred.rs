//! The policy without settings: a 403 with an empty body proves no single rule, so each that fits is a candidate.

use super::judged::named;
use crate::check::prelude::*;

/// Names the rules that would answer as App 2 did, the most usual first.
pub(super) fn judge(evidence: &Evidence<'_>, token: &DecodedToken, report: &mut StepReport) {
    if !evidence.is_refused_by_policy() {
        return;
    }
    let caller = Caller::of(token);
    let entra = target::configured_entra(evidence);
    let has_empty_list = entra.is_some_and(|entra| {
        let lists = [&entra.allowed_applications, &entra.claim_check_applications];
        lists.into_iter().flatten().any(Vec::is_empty)
    });
    // Settings that allow the caller leave the list of tenants, which step 8 names where they don't show it.
    let is_open = entra.is_none() || !target::policy_is_known(evidence);
    // A person and a client are two, and nobody takes the ID of one for the other's.
    let may_be_mistaken = is_open && caller.signed_in_through().is_none();
    let candidates = [
        (is_open, Code::CallerNotInAllowedApplications),
        (may_be_mistaken, Code::ObjectIdInAllowedApplications),
        (is_open, Code::PrincipalNotInAllowedIdentities),
        (may_be_mistaken, Code::ApplicationIdInAllowedIdentities),
        (is_open, Code::TenantNotAllowed),
        (is_open && token.list("groups").is_empty(), Code::GroupsClaimMissing),
        (has_empty_list, Code::AllowedApplicationsEmpty),
    ];
    let is_app_2 = target::client_id(evidence).map(|(id, _)| id) == caller.client_id;
    for (_, code) in candidates.into_iter().filter(|(may_be, code)| *may_be && !is_absent(evidence, *code)) {
        let is_it = |finding: &Found| finding.code == code && finding.severity == Severity::Error;
        if !report.findings.iter().any(is_it) {
            let finding = named(Found::of(code, "answers"), &caller).when("other_app", !is_app_2);
            report.find(finding.with_text_for_list(evidence).shown_by_call(evidence));
        }
    }
}

/// Whether the settings that run show that these lists aren't there, though they hide another part of the policy.
fn is_absent(evidence: &Evidence<'_>, code: Code) -> bool {
    const AROUND: [&str; 4] = ["identityProviders", "azureActiveDirectory", "validation", "defaultAuthorizationPolicy"];
    let Some(settings) = target::settings(evidence).filter(|settings| settings.shows_policy()) else { return false };
    let lists = knowledge::lists_of(code);
    let is_hidden = |name: &str| lists.iter().any(|list| list == name) || AROUND.contains(&name);
    !lists.is_empty()
        && target::settings_are_live(evidence)
        && target::settings_are_enforced(evidence)
        && settings.unread_policy().next().is_none()
        && settings.undetermined_policy().next().is_some()
        && !settings.undetermined_policy().any(is_hidden)
}
