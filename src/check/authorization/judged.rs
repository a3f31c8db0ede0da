//! What the parts of the policy share.

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
    pub(super) evidence: &'a Evidence<'a>,
    earlier: Earlier<'a>,
    pub(super) token: &'a DecodedToken,
    pub(super) caller: Caller,
    /// Where the settings were read.
    pub(super) source: String,
    pub(super) report: &'a mut StepReport,
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
    pub(super) fn breaks(&mut self, rule: Rule) -> bool {
        let is_broken = matches!(rule.verdict, Verdict::Broken | Verdict::BrokenUndocumented);
        self.report.rules.push(Rule { source: self.source.as_str().into(), ..rule });
        is_broken
    }

    pub(super) fn find(&mut self, finding: Found) {
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
    pub(super) fn lacks_client(&mut self, name: &'static str, path: &'static str, list: &[ClientId]) -> Option<Found> {
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

    /// What the token has of principals, for a table.
    pub(super) fn principal(&self, object_id: Option<&ObjectId>) -> Said {
        let count = self.token.groups().len();
        phrase("authorization.principal")
            .with_some("object_id", object_id.map(ToString::to_string))
            .with_some("count", (count > 0).then_some(count))
    }

    /// The groups that the token names.
    pub(super) fn groups(&self) -> Option<String> {
        Some(joined(&self.token.groups())).filter(|groups| !groups.is_empty())
    }
}
