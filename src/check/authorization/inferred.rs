//! Who is admitted, without settings: a 403 with an empty body proves no single rule, so each that fits is a candidate.

use crate::case::code::Code;
use crate::case::text::visible;
use crate::case::token::DecodedToken;
use crate::check::{Confidence, Found, Severity, StepReport};
use crate::evidence::{Evidence, target};

use super::refused::refused;

/// Names the rules that would answer as App 2 did, the most usual first.
pub(super) fn judge(evidence: &Evidence<'_>, token: &DecodedToken, report: &mut StepReport) {
    if !refused(evidence) {
        return;
    }
    let call = target::final_call(evidence).map(target::evidence);
    let unknown = || "unknown".to_owned();
    let caller = token.caller_client_id();
    let client_id = caller.as_ref().map_or_else(unknown, |id| visible(id.as_str()));
    let object_id = token.object_id().map_or_else(unknown, |id| visible(id.as_str()));
    let tenant = token.tenant().map_or_else(unknown, |id| visible(id.as_str()));
    let own = target::client_id(evidence).map(|(id, _)| id);
    let only_itself = if own == caller {
        ""
    } else {
        " (the portal's default admits App 2 itself only)"
    };
    let mut candidates = vec![
        (
            Code::CallerNotInAllowedApplications,
            format!("App 2's allowedApplications may not hold the caller's client id {client_id}{only_itself}."),
            "App 2's settings, validation.defaultAuthorizationPolicy.allowedApplications: it must hold this client id, or be empty",
        ),
        (
            Code::ObjectIdInAllowedApplications,
            format!(
                "App 2's allowedApplications may hold the caller's object id {object_id} where its client id {client_id} is wanted."
            ),
            "App 2's settings: this object id in allowedApplications means this",
        ),
        (
            Code::PrincipalNotInAllowedIdentities,
            format!("App 2's allowedPrincipals may not hold the caller's object id {object_id}."),
            "App 2's settings, defaultAuthorizationPolicy.allowedPrincipals.identities: it must hold this object id, or be empty",
        ),
        (
            Code::ApplicationIdInAllowedIdentities,
            format!(
                "App 2's allowedPrincipals.identities may hold the caller's client id {client_id} where its object id {object_id} is wanted."
            ),
            "App 2's settings: this client id in allowedPrincipals.identities means this",
        ),
        (
            Code::TenantNotAllowed,
            format!("App 2's WEBSITE_AUTH_AAD_ALLOWED_TENANTS may not hold the token's tenant {tenant}."),
            "az webapp config appsettings list: WEBSITE_AUTH_AAD_ALLOWED_TENANTS set, without this tenant, means this",
        ),
    ];
    if token.list("groups").is_empty() {
        candidates.push((
            Code::GroupsClaimMissing,
            "App 2 may admit members of groups only, and the token has no groups claim.".to_owned(),
            "App 2's settings: allowedPrincipals.groups set and no identities means this",
        ));
    }
    let list_is_empty = target::configured_entra(evidence).is_some_and(|entra| {
        [&entra.allowed_applications, &entra.claim_check_applications]
            .into_iter()
            .any(|list| list.as_ref().is_some_and(Vec::is_empty))
    });
    if list_is_empty {
        candidates.push((
            Code::AllowedApplicationsEmpty,
            "App 2's list of allowed applications is empty, which admits everyone by its documentation; an empty classic list has been seen to refuse everyone.".to_owned(),
            "put the caller's client id into the list, or remove the list: a call that then works means this",
        ));
    }
    // Settings that admit the caller leave the list of tenants, which they do not show; the others only if others run.
    let shown = target::policy_is_told(evidence);
    if shown && target::allowed_tenants(evidence).is_none() {
        candidates.sort_by_key(|(code, _, _)| *code != Code::TenantNotAllowed);
    }
    let unless = if shown {
        " The settings shown say otherwise, so that others would have to run."
    } else {
        ""
    };
    for (code, message, test) in candidates {
        let message = if code == Code::TenantNotAllowed || code == Code::AllowedApplicationsEmpty {
            message
        } else {
            format!("{message}{unless}")
        };
        let known = |finding: &Found| finding.code == code && finding.severity == Severity::Error;
        if report.findings.iter().any(known) {
            continue;
        }
        let found = Found::error(code, message)
            .confidence(Confidence::Possible)
            .confirm(test);
        report.find(call.iter().cloned().fold(found, Found::because));
    }
}
