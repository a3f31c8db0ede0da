//! What the parts of the policy share: what the settings of one source require, beside what the token has.

use crate::check::prelude::*;
use crate::check::rule::Rule;

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

/// What the settings of one source require, compared with the token.
pub(super) struct Judged {
    pub(super) source: String,
    pub(super) findings: Vec<Found>,
    pub(super) rules: Vec<Rule>,
}

impl Judged {
    pub(super) const fn from(source: String) -> Self {
        Self { source, findings: Vec::new(), rules: Vec::new() }
    }

    /// Adds a rule, and says whether the token breaks it.
    pub(super) fn breaks(&mut self, rule: Rule) -> bool {
        let is_broken = matches!(rule.verdict, Verdict::Broken | Verdict::BrokenUndocumented);
        self.rules.push(rule);
        is_broken
    }

    /// Adds the rule of a list of client IDs; the finding, where the caller's isn't in it. Only of
    /// `allowedApplications` it is established how the platform applies it.
    pub(super) fn lacks_client(
        &mut self,
        name: &'static str,
        path: &'static str,
        list: &[ClientId],
        token: &DecodedToken,
    ) -> Option<Found> {
        let caller = Caller::of(token);
        let client_id = caller.client_id.as_ref();
        let is_allowed = client_id.is_some_and(|id| id.is_in(list));
        let is_documented = path == settings_path::ALLOWED_APPLICATIONS;
        let verdict = if is_documented { Verdict::of(is_allowed) } else { Verdict::undocumented(is_allowed) };
        let code = match caller.has_object_id_in(list) {
            true => Code::ObjectIdInAllowedApplications,
            false => Code::CallerNotInAllowedApplications,
        };
        self.breaks(Rule::new(name, joined(list), or_none(client_id), verdict)).then(|| {
            named(Found::of(code, "settings").certain_if(is_documented), &caller)
                .value("listed", joined(list))
                .when("no_caller_id", client_id.is_none())
                .differs(Difference::of(CLIENT_ID, list, client_id, ""))
                .because_setting(path, format!("{name} = {}", joined(list)))
        })
    }
}

/// The groups that a token names.
pub(super) fn groups_of(token: &DecodedToken) -> Option<String> {
    Some(joined(&token.groups())).filter(|groups| !groups.is_empty())
}

/// What a token has of principals, for a table.
pub(super) fn principal(object_id: Option<&ObjectId>, token: &DecodedToken) -> Said {
    let count = token.groups().len();
    phrase("authorization.principal")
        .with_some("object_id", object_id.map(ToString::to_string))
        .with_some("count", (count > 0).then_some(count))
}
