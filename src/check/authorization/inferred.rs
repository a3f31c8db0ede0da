//! The policy without settings: a 403 with an empty body proves no single rule, so each that fits is a candidate.

use super::judged::named;
use crate::check::prelude::*;

/// Names the rules that would answer as App 2 did, the most usual first.
pub(super) fn judge(evidence: &Evidence<'_>, token: &DecodedToken, report: &mut StepReport) {
    if !evidence.is_refused_by_policy() {
        return;
    }
    let caller = Caller::of(token);
    let mut candidates = vec![
        Code::CallerNotInAllowedApplications,
        Code::ObjectIdInAllowedApplications,
        Code::PrincipalNotInAllowedIdentities,
        Code::ApplicationIdInAllowedIdentities,
        Code::TenantNotAllowed,
    ];
    // A person and a client are two, and nobody takes the ID of one for the other's.
    let mistaken = [Code::ObjectIdInAllowedApplications, Code::ApplicationIdInAllowedIdentities];
    candidates.retain(|code| caller.signed_in_through().is_none() || !mistaken.contains(code));
    if token.list("groups").is_empty() {
        candidates.push(Code::GroupsClaimMissing);
    }
    let list_is_empty = target::configured_entra(evidence).is_some_and(|entra| {
        let lists = [&entra.allowed_applications, &entra.claim_check_applications];
        lists.into_iter().flatten().any(Vec::is_empty)
    });
    if list_is_empty {
        candidates.push(Code::AllowedApplicationsEmpty);
    }
    candidates.retain(|code| !is_absent(evidence, *code));
    // Settings that allow the caller leave the list of tenants, which step 8 names where they don't show it.
    if target::policy_is_known(evidence) && target::configured_entra(evidence).is_some() {
        candidates.retain(|code| *code == Code::AllowedApplicationsEmpty);
    }
    let is_app_2 = target::client_id(evidence).map(|(id, _)| id) == caller.client_id;
    for code in candidates {
        let known = |finding: &Found| finding.code == code && finding.severity == Severity::Error;
        if report.findings.iter().any(known) {
            continue;
        }
        let finding = named(Found::of(code, "answers"), &caller).when("other_app", !is_app_2).confirm(says("answers"));
        report.find(finding.with_text_for_list(evidence).shown_by_call(evidence));
    }
}

/// Whether the settings that run show that these lists aren't there, though they hide another part of the policy.
fn is_absent(evidence: &Evidence<'_>, code: Code) -> bool {
    target::settings(evidence).is_some_and(|settings| settings.hides_only_others(knowledge::lists_of(code)))
        && target::settings_are_live(evidence)
        && target::settings_are_enforced(evidence)
}
