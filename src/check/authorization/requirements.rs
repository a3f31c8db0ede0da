//! What App 2 requires beside its lists of callers: `jwtClaimChecks`, and app settings (tenants, service principals).

use super::judged::{Judged, groups_of, named, principal};
use crate::check::prelude::*;

/// Judges the claim checks, and the app settings beside the authentication settings.
pub(super) fn judge(evidence: &Evidence<'_>, shown: &EntraProvider, token: &DecodedToken) -> [Judged; 2] {
    // The claim checks that App 2 runs with, where its environment shows them.
    let running = target::running_reading(evidence).and_then(|(reading, running)| {
        let entra = running.entra_enabled()?;
        let has_checks = entra.claim_check_applications.is_some() || entra.claim_check_groups.is_some();
        has_checks.then(|| (reading.source.to_string(), entra))
    });
    let (source, entra) = running.unwrap_or_else(|| (target::settings_source(evidence), shown));
    let mut checks = Judged::from(source);
    claim_checks(entra, token, &mut checks);
    claim_groups(entra, token, &mut checks);
    let mut beside = Judged::from(target::settings_source(evidence));
    tenants(evidence, token, &mut beside);
    service_principal(evidence, shown, token, &mut beside);
    [checks, beside]
}

/// `jwtClaimChecks.allowedClientApplications`, evaluated like `allowedApplications`: its claim is not established.
pub(super) fn claim_checks(entra: &EntraProvider, token: &DecodedToken, judged: &mut Judged) {
    const NAME: &str = "jwtClaimChecks.allowedClientApplications";
    let list = entra.claim_check_applications.as_deref().filter(|list| !list.is_empty());
    let path = settings_path::CLAIM_CHECK_APPLICATIONS;
    let finding = list.and_then(|list| judged.lacks_client(NAME, path, list, token));
    judged.findings.extend(finding.map(|finding| finding.value("list", NAME)));
}

/// `jwtClaimChecks.allowedGroups`: evaluated like the groups of `allowedPrincipals`; not established either.
fn claim_groups(entra: &EntraProvider, token: &DecodedToken, judged: &mut Judged) {
    const NAME: &str = "jwtClaimChecks.allowedGroups";
    let Some(list) = entra.claim_check_groups.as_deref().filter(|list| !list.is_empty()) else { return };
    let of_token = token.groups();
    let verdict = Verdict::undocumented(of_token.iter().any(|group| group.is_in(list)));
    if !judged.breaks(Rule::new(NAME, joined(list), principal(None, token), verdict)) {
        return;
    }
    let code = if of_token.is_empty() { Code::GroupsClaimMissing } else { Code::PrincipalNotInAllowedIdentities };
    let finding = Found::of(code, "claim-check")
        .confidence(Confidence::Likely)
        .value("groups", joined(list))
        .value("list", NAME)
        .when("is_own", token.object_id().is_some_and(|id| id.is_in(list)))
        .differs(Difference::of(GROUPS, list, groups_of(token), ""))
        .because_setting(settings_path::CLAIM_CHECK_GROUPS, format!("{NAME} = {}", joined(list)));
    judged.findings.push(finding);
}

/// `WEBSITE_AUTH_AAD_ALLOWED_TENANTS`. Templates have an empty value, which is not known to block.
pub(super) fn tenants(evidence: &Evidence<'_>, token: &DecodedToken, judged: &mut Judged) {
    const NAME: &str = "WEBSITE_AUTH_AAD_ALLOWED_TENANTS";
    let Some(list) = target::allowed_tenants(evidence) else { return };
    let tenant = token.tenant();
    let tenant = tenant.as_ref();
    let is_listed = tenant.is_some_and(|tenant| tenant.is_in(list));
    let instead = list.iter().find_map(|entry| Unresolved::of(entry.as_str()));
    // Stored, a reference has a value that isn't shown; only App 2's own environment shows whether it was resolved.
    let runs = target::running_reading(evidence).is_some_and(|(_, running)| running.allowed_tenants.is_some());
    let (expected, verdict) = match list {
        [] => ("empty".to_owned(), Verdict::Unknown),
        _ if !is_listed && instead == Some(Unresolved::Reference) && !runs => (joined(list), Verdict::Unknown),
        list => (joined(list), Verdict::of(is_listed)),
    };
    if judged.breaks(Rule::new(NAME, expected, or_none(tenant), verdict)) {
        let entry = tenant.and_then(|tenant| tenant.entry_in(list));
        let key = match instead {
            Some(_) => "unresolved",
            None => entry.map_or("settings", |_| "joint-entry"),
        };
        let finding = Found::of(Code::TenantNotAllowed, key)
            .value("listed", joined(list))
            .value_if_any("instead", instead.map(Unresolved::words))
            .value_if_any("entry", entry.map(ToString::to_string))
            .value("token_tenant", or_none(tenant))
            .differs(Difference::of(TENANT, list, tenant, ""))
            .because_claim("tid", or_none(tenant));
        judged.findings.push(finding);
    }
}

/// `WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL`, in force when identities are listed: the token must have `oid`.
fn service_principal(evidence: &Evidence<'_>, entra: &EntraProvider, token: &DecodedToken, judged: &mut Judged) {
    let forced = entra.allowed_identities.as_deref().is_some_and(|list| !list.is_empty());
    if target::requires_service_principal(evidence) != Some(true) && !forced {
        return;
    }
    let caller = Caller::of(token);
    let object_id = caller.object_id.as_ref();
    let (expected, verdict) = (phrase("authorization.oid-claim"), Verdict::of(object_id.is_some()));
    let is_broken = judged.breaks(Rule::new("service principal required", expected, or_none(object_id), verdict));
    if is_broken && !forced {
        judged.findings.push(named(Found::of(Code::PrincipalNotInAllowedIdentities, "no-service-principal"), &caller));
    }
}
