//! App 2's policy for this token: who may call (`allowedApplications`, `allowedPrincipals`), rule by rule.

use super::judged::{Policy, named};
use crate::check::prelude::*;

impl Policy<'_> {
    pub(super) fn judge(mut self) {
        let Some(entra) = target::configured_entra(self.evidence) else { return };
        self.hidden_parts();
        let is_shown = self.report.rules.is_empty();
        self.applications(entra, is_shown);
        self.principals(entra, is_shown);
        self.groups_beside_identities(entra);
        self.requirements(entra);
    }

    /// Judges the parts of the policy that single `WEBSITE_AUTH_*` variables show, where no source shows the rest.
    pub(super) fn judge_variables(mut self) {
        let unknown = EntraProvider::default();
        self.requirements(target::configured_entra(self.evidence).unwrap_or(&unknown));
    }

    /// Judges the parts of the policy that a caller's IDs alone decide; groups are not among them.
    pub(super) fn foresee(mut self) {
        let Some(entra) = target::configured_entra(self.evidence) else { return };
        let is_shown = target::policy_is_told(self.evidence);
        let by_group = entra.allowed_groups.as_ref().is_some_and(|groups| !groups.is_empty());
        self.applications(entra, is_shown);
        if !by_group && self.token.object_id().is_some() {
            self.principals(entra, is_shown);
        }
        self.claim_checks(entra);
        self.tenants();
        self.report.findings.retain(|finding| finding.severity == Severity::Error || finding.disproved);
    }

    /// The parts of the policy whose value the source hides: nothing can be said of them, even where other rules are
    /// met.
    fn hidden_parts(&mut self) {
        let hidden = |name, expected| Rule::new(name, expected, Words::none(), Verdict::Unknown);
        let settings = target::settings(self.evidence);
        for name in settings.into_iter().flat_map(AuthSettings::undetermined_policy) {
            self.breaks(hidden(name, phrase("authorization.hidden")));
        }
        for path in settings.into_iter().flat_map(AuthSettings::unread_policy) {
            self.breaks(hidden("another setting", phrase("authorization.unread").with("path", path.to_string())));
        }
    }

    /// `allowedApplications`: client IDs, compared with `appid` or `azp`; enforced only when not empty.
    fn applications(&mut self, entra: &EntraProvider, is_shown: bool) {
        const NAME: &str = "allowedApplications";
        let client_id = or_none(self.caller.client_id.as_ref());
        let list = entra.allowed_applications.as_deref().unwrap_or_default();
        if list.is_empty() {
            let is_there = entra.allowed_applications.is_some();
            if is_there || is_shown {
                let any = phrase(if is_there { "authorization.empty-list" } else { "authorization.any-application" });
                self.breaks(Rule::new(NAME, any, client_id, Verdict::Holds));
            }
            if is_there {
                self.find(Found::of(Code::AllowedApplicationsEmpty, "settings"));
            }
            return;
        }
        let Some(finding) = self.lacks_client(NAME, settings_path::ALLOWED_APPLICATIONS, list) else { return };
        let own = entra.client_id.as_ref();
        let is_own = |id: &ClientId| own.is_some_and(|own| own.matches(&ClientId::new(id.as_str().trim())));
        let blueprint = self.token.text("xms_par_app_azp").filter(|id| ClientId::new(*id).is_in(list));
        let finding = finding
            .when("only_itself", matches!(list, [only] if is_own(only)))
            .value_if_any("blueprint", blueprint)
            .because_claim(self.token.caller_claim(), client_id);
        let entry = self.caller.entry_with_client_id(list);
        self.find(match entry.filter(|_| finding.code == Code::CallerNotInAllowedApplications) {
            Some(entry) => finding.says("joint-entry").likely_if(true).value("entry", entry.to_string()),
            None => finding,
        });
    }

    /// `allowedPrincipals`: object IDs of identities, or groups; one of either suffices.
    fn principals(&mut self, entra: &EntraProvider, is_shown: bool) {
        const NAME: &str = "allowedPrincipals";
        let identities = entra.allowed_identities.as_deref().unwrap_or_default();
        let groups = entra.allowed_groups.as_deref().unwrap_or_default();
        let object_id = self.caller.object_id.clone();
        let object_id = object_id.as_ref();
        if identities.is_empty() && groups.is_empty() {
            if is_shown {
                self.breaks(Rule::new(NAME, phrase("authorization.any-identity"), or_none(object_id), Verdict::Holds));
            }
            return;
        }
        let of_token = self.token.groups();
        let is_allowed =
            object_id.is_some_and(|id| id.is_in(identities)) || of_token.iter().any(|group| group.is_in(groups));
        let expected =
            phrase("authorization.principals").with("identities", joined(identities)).with("groups", joined(groups));
        if !self.breaks(Rule::new(NAME, expected.clone(), self.principal(object_id), Verdict::of(is_allowed))) {
            return;
        }
        let entry = self.caller.entry_with_object_id(identities);
        let (code, key) = match entry {
            _ if self.caller.has_client_id_in(identities) => (Code::ApplicationIdInAllowedIdentities, "settings"),
            _ if identities.is_empty() && of_token.is_empty() => (Code::GroupsClaimMissing, "settings"),
            Some(_) => (Code::PrincipalNotInAllowedIdentities, "joint-entry"),
            None if identities.is_empty() => (Code::PrincipalNotInAllowedIdentities, "groups"),
            None => (Code::PrincipalNotInAllowedIdentities, "settings"),
        };
        let difference = match identities {
            [] => Difference::of(GROUPS, groups, self.groups(), ""),
            _ => Difference::of(OBJECT_ID, identities, object_id, ""),
        };
        let is_overage = ["hasgroups", "_claim_names"].iter().any(|name| self.token.claim(name).is_some());
        let read = phrase("authorization.allowed-principals").with("principals", expected.clone());
        let finding = named(Found::of(code, key), &self.caller)
            .value("principals", expected)
            .value_if_any("entry", entry.map(ToString::to_string))
            .value("groups", joined(groups))
            .when("overage", is_overage)
            .differs(difference)
            // A hidden list of groups may allow a caller whom the identities don't.
            .certain_if(is_shown && entry.is_none())
            .because_setting(settings_path::ALLOWED_PRINCIPALS, read);
        self.find(finding.because_claim("oid", or_none(object_id)));
    }

    /// Groups beside a list that has the caller. By the documentation one match is enough; public reports say that a
    /// managed identity was refused while groups were listed.
    fn groups_beside_identities(&mut self, entra: &EntraProvider) {
        let groups = entra.allowed_groups.as_deref().unwrap_or_default();
        let identities = entra.allowed_identities.as_deref().unwrap_or_default();
        let is_listed = self.token.object_id().is_some_and(|id| id.is_in(identities));
        let is_by_identity = is_listed && !groups.is_empty() && self.token.groups().is_empty();
        if is_by_identity && self.evidence.is_refused_by_policy() {
            self.find(Found::of(Code::GroupsClaimMissing, "beside").value("groups", joined(groups)));
        }
    }
}
