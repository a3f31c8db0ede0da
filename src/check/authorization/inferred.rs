//! The policy without settings: a 403 with an empty body proves no single rule, so each that fits is a candidate.

use crate::case::code::Code;
use crate::case::token::DecodedToken;
use crate::check::{Confidence, Found, Severity, StepReport, says};
use crate::evidence::{Evidence, target};
use crate::knowledge::phrase;

use super::judged::Caller;
use super::refused::refused;

/// Names the rules that would answer as App 2 did, the most usual first.
pub(super) fn judge(evidence: &Evidence<'_>, token: &DecodedToken, report: &mut StepReport) {
    if !refused(evidence) {
        return;
    }
    let call = target::final_call(evidence).map(target::evidence);
    let caller = Caller::of(token);
    let mut candidates = vec![
        Code::CallerNotInAllowedApplications,
        Code::ObjectIdInAllowedApplications,
        Code::PrincipalNotInAllowedIdentities,
        Code::ApplicationIdInAllowedIdentities,
        Code::TenantNotAllowed,
    ];
    if token.list("groups").is_empty() {
        candidates.push(Code::GroupsClaimMissing);
    }
    let list_is_empty = target::configured_entra(evidence).is_some_and(|entra| {
        [&entra.allowed_applications, &entra.claim_check_applications]
            .into_iter()
            .any(|list| list.as_ref().is_some_and(Vec::is_empty))
    });
    if list_is_empty {
        candidates.push(Code::AllowedApplicationsEmpty);
    }
    // Settings that allow the caller leave the list of tenants, which they do not show; the others only if App 2 runs
    // with other settings.
    let shown = target::policy_is_told(evidence);
    if shown && target::allowed_tenants(evidence).is_none() {
        candidates.sort_by_key(|code| *code != Code::TenantNotAllowed);
    }
    let is_app_2 = target::client_id(evidence).map(|(id, _)| id) == caller.client_id;
    for code in candidates {
        let known = |finding: &Found| finding.code == code && finding.severity == Severity::Error;
        if report.findings.iter().any(known) {
            continue;
        }
        let mut found = caller
            .named(Found::error(code, says("answers")))
            .when("other_app", !is_app_2)
            .confidence(Confidence::Possible)
            .confirm(says("answers"));
        if shown && !matches!(code, Code::TenantNotAllowed | Code::AllowedApplicationsEmpty) {
            found.says = phrase("authorization.settings-contradict").with("message", found.message()).into();
            found.confirm = Some(phrase("authorization.other-settings").into());
        }
        report.find(call.iter().cloned().fold(found, Found::because));
    }
}
