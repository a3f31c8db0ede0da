//! What the parts of the policy share: the caller's IDs, and what the settings of one source require.

use crate::case::ids::wrapped_guid;
use crate::check::prelude::*;
use crate::check::rule::Rule;

/// The caller's IDs in its token.
pub(super) struct Caller {
    /// `appid` or `azp`.
    pub(super) client_id: Option<ClientId>,
    /// `oid`.
    pub(super) object_id: Option<ObjectId>,
    /// The tool with which a user got the token.
    developer_tool: Option<&'static str>,
}

impl Caller {
    pub(super) fn of(token: &DecodedToken) -> Self {
        Self {
            client_id: token.caller_client_id(),
            object_id: token.object_id(),
            developer_tool: token.developer_tool(),
        }
    }

    /// The finding with the IDs for its sentence.
    pub(super) fn named(&self, finding: Found) -> Found {
        finding
            .value_if_any("client_id", self.client_id.as_ref().map(ToString::to_string))
            .value_if_any("object_id", self.object_id.as_ref().map(ToString::to_string))
            .value_if_any("developer_tool", self.developer_tool)
    }

    /// Whether a list of client IDs has the object ID, which is no ID of an application.
    pub(super) fn has_object_id_in(&self, list: &[ClientId]) -> bool {
        self.object_id.as_ref().is_some_and(|id| ClientId::new(id.as_str()).is_in(list))
    }

    /// Whether a list of object IDs has the client ID, which is no ID of a principal.
    pub(super) fn has_client_id_in(&self, list: &[ObjectId]) -> bool {
        self.client_id.as_ref().is_some_and(|id| ObjectId::new(id.as_str()).is_in(list))
    }

    /// An entry that has the client ID in braces, or among spaces or other IDs in one string. Whether the platform
    /// accepts that is not established.
    pub(super) fn entry_with_client_id<'a>(&self, list: &'a [ClientId]) -> Option<&'a ClientId> {
        let id = self.client_id.as_ref()?.as_str();
        let is_it = |part: &str| wrapped_guid(part).unwrap_or(part.trim()).eq_ignore_ascii_case(id);
        list.iter().find(|entry| entry.as_str().split([',', ';', ' ']).any(is_it))
    }
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

    /// Adds a rule, and says whether the token doesn't satisfy it.
    pub(super) fn refuses(
        &mut self,
        name: &'static str,
        expected: impl Into<Words>,
        found: impl Into<Words>,
        verdict: Verdict,
    ) -> bool {
        self.rules.push(Rule::new(name, expected, found, verdict));
        matches!(verdict, Verdict::Broken | Verdict::BrokenUndocumented)
    }

    pub(super) fn find(&mut self, finding: Found) {
        self.findings.push(finding);
    }
}

/// An ID for a table.
pub(super) fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
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
