//! The policy without settings: a 403 with an empty body proves no single rule, so each that fits is a candidate.

use super::policy::named;
use crate::check::prelude::*;

/// Names the rules that would answer as App 2 did, the most usual first.
pub(super) fn judge(evidence: &Evidence<'_>, token: &DecodedToken, report: &mut StepReport) {
    if !evidence.is_refused_by_policy() {
        return;
    }
    let caller = Caller::of(token);
    let entra = target::configured_entra(evidence);
    let is_empty = |list: Option<&Vec<ClientId>>| list.is_some_and(Vec::is_empty);
    // According to reports, an empty list of the claim checks let nobody in
    // (hashicorp/terraform-provider-azurerm#20820, #21021).
    let checks_nobody = is_empty(entra.and_then(|entra| entra.claim_check_applications.as_ref()));
    let allows_nobody = is_empty(entra.and_then(|entra| entra.allowed_applications.as_ref()));
    // Settings that allow the caller leave the list of tenants, which step 8 names where they don't show it.
    let is_open = entra.is_none() || !target::policy_is_known(evidence);
    // A person and a client are two, and nobody takes the ID of one for the other's.
    let may_be_mistaken = is_open && caller.signed_in_through().is_none();
    // What the settings show comes before what they may have.
    let candidates = [
        (checks_nobody || allows_nobody, Code::AllowedApplicationsEmpty),
        (is_open, Code::CallerNotInAllowedApplications),
        (may_be_mistaken, Code::ObjectIdInAllowedApplications),
        (is_open, Code::PrincipalNotInAllowedIdentities),
        (may_be_mistaken, Code::ApplicationIdInAllowedIdentities),
        (is_open, Code::TenantNotAllowed),
        (is_open && token.list("groups").is_empty(), Code::GroupsClaimMissing),
    ];
    let is_app_2 = target::client_id(evidence).map(|(id, _)| id) == caller.client_id;
    for (_, code) in candidates.into_iter().filter(|(may_be, code)| *may_be && !is_absent(evidence, *code)) {
        let is_it = |finding: &Found| finding.code == code && finding.severity == Severity::Error;
        if !report.findings.iter().any(is_it) {
            let is_checked = checks_nobody && code == Code::AllowedApplicationsEmpty;
            let finding = named(Found::of(code, "answers"), &caller).when("other_app", !is_app_2);
            let finding = finding.when("checks_nobody", is_checked).shown_by_call(evidence);
            report.find(finding.likely_if(is_checked && evidence.me == Some(Me::Denied)));
        }
    }
}

/// Whether the settings that run show that these lists aren't there, though they hide another part of the policy.
fn is_absent(evidence: &Evidence<'_>, code: Code) -> bool {
    target::settings(evidence).is_some_and(|settings| settings.hides_only_others(knowledge::lists_of(code)))
        && target::settings_are_live(evidence)
        && target::settings_are_enforced(evidence)
}
