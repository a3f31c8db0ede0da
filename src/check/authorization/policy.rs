//! App 2's policy for this token, part by part: who may call (`allowedApplications`, `allowedPrincipals`), and what is
//! required beside: `jwtClaimChecks`, and app settings (tenants, service principals).

use crate::check::prelude::*;

/// The finding with the caller's IDs for its sentence.
pub(super) fn named(finding: Found, caller: &Caller) -> Found {
    // A client of one's own may be listed; the person who signed in with it isn't App 1 either.
    let is_of_the_person = !matches!(finding.code, Code::CallerNotInAllowedApplications | Code::TenantNotAllowed);
    let through = if is_of_the_person { caller.signed_in_through() } else { caller.developer_tool.clone() };
    let service = caller.client_id.as_ref().and_then(|id| knowledge::first_party_app(id.as_str()));
    finding
        .value_if_any("service", service)
        .value_if_any("client_id", caller.client_id.as_ref().map(ToString::to_string))
        .value_if_any("object_id", caller.object_id.as_ref().map(ToString::to_string))
        .value_if_any("developer_tool", through)
}

/// The policy of App 2's settings, compared with the token.
pub(super) struct Policy<'a> {
    evidence: &'a Evidence<'a>,
    earlier: Earlier<'a>,
    token: &'a DecodedToken,
    caller: Caller,
    /// Where the settings were read.
    source: String,
    report: &'a mut StepReport,
}

impl<'a> Policy<'a> {
    pub(super) fn of(
        evidence: &'a Evidence<'a>,
        earlier: Earlier<'a>,
        token: &'a DecodedToken,
        report: &'a mut StepReport,
    ) -> Self {
        let source = target::settings_source(evidence);
        Self { evidence, earlier, token, caller: Caller::of(token), source, report }
    }

    /// Adds a rule, and says whether the token breaks it.
    fn breaks(&mut self, rule: Rule) -> bool {
        let is_broken = matches!(rule.verdict, Verdict::Broken | Verdict::BrokenUndocumented);
        self.report.rules.push(Rule { source: self.source.as_str().into(), ..rule });
        is_broken
    }

    fn find(&mut self, finding: Found) {
        let mut finding = finding.because(phrase("authorization.settings").with("source", self.source.as_str()));
        if let Some(difference) = &mut finding.difference {
            difference.source = self.source.as_str().into();
        }
        // A caller must pass both: the fix of one without the other changes nothing.
        let twin = self.report.findings.iter_mut().find(|known| known.code == finding.code);
        let listed = ["listed", "groups"].iter().find_map(|name| finding.values.get(name));
        if let Some((known, listed)) = twin.zip(listed.filter(|_| finding.values.contains_key("list"))) {
            *known = known.clone().value("claim_checks", listed.clone());
        }
        let finding = weigh(self.evidence, self.earlier, finding);
        // Whether an identity that others have may be allowed is for its owner to say.
        self.report.find(finding.likely_unless(shared_identity(self.evidence).is_none()));
    }

    /// Adds the rule of a list of client IDs; the finding, where the caller's isn't in it. Only of
    /// `allowedApplications` it is established how the platform applies it.
    fn lacks_client(&mut self, name: &'static str, path: &'static str, list: &[ClientId]) -> Option<Found> {
        let client_id = self.caller.client_id.clone();
        let is_allowed = client_id.as_ref().is_some_and(|id| id.is_in(list));
        let is_documented = path == settings_path::ALLOWED_APPLICATIONS;
        let verdict = if is_documented { Verdict::of(is_allowed) } else { Verdict::undocumented(is_allowed) };
        let code = match self.caller.has_object_id_in(list) {
            true => Code::ObjectIdInAllowedApplications,
            false => Code::CallerNotInAllowedApplications,
        };
        self.breaks(Rule::new(name, joined(list), or_none(client_id.as_ref()), verdict)).then(|| {
            named(Found::of(code, "settings").certain_if(is_documented), &self.caller)
                .value("listed", joined(list))
                .when("no_caller_id", client_id.is_none())
                .differs(Difference::of(CLIENT_ID, list, client_id, ""))
                .because_setting(path, format!("{name} = {}", joined(list)))
        })
    }

    fn principal(&self, object_id: Option<&ObjectId>) -> Said {
        let count = self.token.groups().len();
        phrase("authorization.principal")
            .with_some("object_id", object_id.map(ToString::to_string))
            .with_some("count", (count > 0).then_some(count))
    }

    fn groups(&self) -> Option<String> {
        Some(joined(&self.token.groups())).filter(|groups| !groups.is_empty())
    }

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

    /// The parts of the policy whose value the source hides: nothing is known, even where other rules are met.
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
        let is_in_a_group = || of_token.iter().any(|group| group.is_in(groups));
        let is_allowed = object_id.is_some_and(|id| id.is_in(identities)) || is_in_a_group();
        let expected = phrase("authorization.principals").with("identities", joined(identities));
        let expected = expected.with("groups", joined(groups));
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

    /// Judges the claim checks, and the app settings beside the authentication settings.
    fn requirements(&mut self, shown: &EntraProvider) {
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
    fn claim_checks(&mut self, entra: &EntraProvider) {
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
    fn tenants(&mut self) {
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

    /// `WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL`, in force when identities are listed: `oid` must be there.
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
