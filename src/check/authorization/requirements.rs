//! What App 2 requires beside its lists of callers: `jwtClaimChecks`, and app settings (tenants, service principals).

use super::judged::{Policy, named};
use crate::check::prelude::*;

impl Policy<'_> {
    /// Judges the claim checks, and the app settings beside the authentication settings.
    pub(super) fn requirements(&mut self, shown: &EntraProvider) {
        // The claim checks that App 2 runs with, where its environment shows them.
        let running = target::running_reading(self.evidence).and_then(|(reading, running)| {
            let entra = running.entra_enabled()?;
            let has_checks = entra.claim_check_applications.is_some() || entra.claim_check_groups.is_some();
            has_checks.then(|| (reading.source.to_string(), entra))
        });
        let stored = self.source.clone();
        let (source, entra) = running.unwrap_or_else(|| (stored.clone(), shown));
        self.source = source;
        self.claim_checks(entra);
        self.claim_groups(entra);
        self.source = stored;
        self.tenants();
        self.service_principal(shown);
    }

    /// `jwtClaimChecks.allowedClientApplications`, evaluated like `allowedApplications`: its claim is not established.
    pub(super) fn claim_checks(&mut self, entra: &EntraProvider) {
        const NAME: &str = "jwtClaimChecks.allowedClientApplications";
        let Some(list) = entra.claim_check_applications.as_deref().filter(|list| !list.is_empty()) else { return };
        if let Some(finding) = self.lacks_client(NAME, settings_path::CLAIM_CHECK_APPLICATIONS, list) {
            self.find(finding.value("list", NAME));
        }
    }

    /// `jwtClaimChecks.allowedGroups`: evaluated like the groups of `allowedPrincipals`; not established either.
    fn claim_groups(&mut self, entra: &EntraProvider) {
        const NAME: &str = "jwtClaimChecks.allowedGroups";
        let Some(list) = entra.claim_check_groups.as_deref().filter(|list| !list.is_empty()) else { return };
        let groups = self.token.groups();
        let verdict = Verdict::undocumented(groups.iter().any(|group| group.is_in(list)));
        if self.breaks(Rule::new(NAME, joined(list), self.principal(None), verdict)) {
            let code = if groups.is_empty() { Code::GroupsClaimMissing } else { Code::PrincipalNotInAllowedIdentities };
            let finding = Found::of(code, "claim-check")
                .value("groups", joined(list))
                .value("list", NAME)
                .when("is_own", self.token.object_id().is_some_and(|id| id.is_in(list)))
                .differs(Difference::of(GROUPS, list, self.groups(), ""));
            self.find(finding.because_setting(settings_path::CLAIM_CHECK_GROUPS, format!("{NAME} = {}", joined(list))));
        }
    }

    /// `WEBSITE_AUTH_AAD_ALLOWED_TENANTS`. Templates have an empty value, which is not known to block.
    pub(super) fn tenants(&mut self) {
        const NAME: &str = "WEBSITE_AUTH_AAD_ALLOWED_TENANTS";
        let Some(list) = target::allowed_tenants(self.evidence) else { return };
        let tenant = self.token.tenant();
        let tenant = tenant.as_ref();
        let is_listed = tenant.is_some_and(|tenant| tenant.is_in(list));
        let instead = list.iter().find_map(|entry| Unresolved::of(entry.as_str()));
        // Stored, a reference has a value that isn't shown; only App 2's own environment shows whether it was resolved.
        let runs = target::running_reading(self.evidence).is_some_and(|(_, running)| running.allowed_tenants.is_some());
        let (expected, verdict) = match list {
            [] => ("empty".to_owned(), Verdict::Unknown),
            _ if !is_listed && instead == Some(Unresolved::Reference) && !runs => (joined(list), Verdict::Unknown),
            list => (joined(list), Verdict::of(is_listed)),
        };
        if self.breaks(Rule::new(NAME, expected, or_none(tenant), verdict)) {
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
                .differs(Difference::of(TENANT, list, tenant, ""));
            self.find(finding.because_claim("tid", or_none(tenant)));
        }
    }

    /// `WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL`, in force when identities are listed: the token must have
    /// `oid`.
    fn service_principal(&mut self, entra: &EntraProvider) {
        let forced = entra.allowed_identities.as_deref().is_some_and(|list| !list.is_empty());
        if target::requires_service_principal(self.evidence) == Some(true) || forced {
            let object_id = self.caller.object_id.as_ref();
            let (expected, verdict) = (phrase("authorization.oid-claim"), Verdict::of(object_id.is_some()));
            let rule = Rule::new("service principal required", expected, or_none(object_id), verdict);
            if self.breaks(rule) && !forced {
                let finding = Found::of(Code::PrincipalNotInAllowedIdentities, "no-service-principal");
                self.find(named(finding, &self.caller));
            }
        }
    }
}
