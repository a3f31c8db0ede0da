//! The values that a case has for the placeholders of fixes.

use crate::case::Case;
use crate::case::code::Code;
use crate::case::step::StepId;
use crate::check::{CONFIGURED_API_ID, Found, is_anothers};
use crate::knowledge::{self, ChangeTemplate, SettingsChange, Value};

/// The list of `jwtClaimChecks` that fixes extend.
pub(super) const CLAIM_CHECKS: &str = "allowedClientApplications";

/// Looks placeholders up: first in the finding, then in the case.
pub(super) struct Values<'a> {
    pub(super) case: &'a Case,
    pub(super) finding: Option<&'a Found>,
}

impl Values<'_> {
    pub(super) fn of_finding(&self, name: &str) -> Option<&Value> {
        self.finding?.values.get(name)
    }

    /// The value of a placeholder, if the case has it.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        let of_finding = self.of_finding(name).cloned();
        of_finding
            .or_else(|| self.of_caller(name))
            .or_else(|| self.of_token(name))
            .or_else(|| self.of_settings(name))
            .or_else(|| self.of_registration(name))
            .or_else(|| self.of_target(name))
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text().map(str::to_owned)
    }

    /// Whether the finding is about App 2's settings, which have a Microsoft API's client ID.
    pub(super) fn is_configured_api(&self) -> bool {
        self.of_finding(CONFIGURED_API_ID).is_some()
    }

    /// Whether the finding is about `jwtClaimChecks`, which only the settings object itself can show and change.
    pub(super) fn is_claim_check(&self) -> bool {
        self.of_finding("list").and_then(Value::text).is_some_and(|list| list.starts_with("jwtClaimChecks"))
    }

    /// Whether the finding is about a user and the tool that got the token. App 1 gains nothing by their being allowed,
    /// and with the tool every user would be.
    pub(super) fn is_about_a_tool(&self) -> bool {
        let is_about_the_caller =
            |found: &Found| matches!(found.code, Code::Undetermined403 | Code::UnexpectedIdentityUsed);
        let by_token = || self.text("signed_in_through").is_some();
        self.of_finding("developer_tool").is_some() || self.finding.is_some_and(is_about_the_caller) && by_token()
    }

    /// Whether the finding's fix would allow an identity that isn't App 1's, as the run itself says.
    pub(super) fn is_about_another_identity(&self) -> bool {
        let allows_the_caller = |found: &Found| match found.code {
            Code::TenantNotAllowed => false,
            code => code.step() == StepId::Authorization || code == Code::AppRequiresRoleOrScope,
        };
        self.finding.is_some_and(allows_the_caller) && is_anothers(self.case)
    }

    /// The changes of App 2's settings that fix the finding. Empty where no setting does, or a value is not known.
    pub(super) fn changes(&self) -> Vec<SettingsChange> {
        let entry = self.finding.and_then(|finding| knowledge::finding(finding.code));
        let Some(entry) = entry.filter(|_| !self.is_about_a_tool() && !self.is_about_another_identity()) else {
            return Vec::new();
        };
        let has = |name: &String| self.get(name).is_some();
        let is_made = |template: &&ChangeTemplate| {
            template.when.as_ref().is_none_or(has) && !template.unless.as_ref().is_some_and(has)
        };
        let made = entry.changes.iter().filter(is_made);
        let changes = made.map(|template| SettingsChange::of(template, |name| self.text(name)));
        let changes: Vec<SettingsChange> = changes.collect::<Option<_>>().unwrap_or_default();
        let of_checks = changes.iter().cloned().filter_map(|it| it.instead("allowedApplications", CLAIM_CHECKS));
        let of_checks: Vec<SettingsChange> = of_checks.collect();
        match self.of_finding("claim_checks") {
            _ if self.is_claim_check() => of_checks,
            // The groups that `jwtClaimChecks` requires are nothing that an entry here replaces.
            Some(_) if of_checks.is_empty() => Vec::new(),
            Some(_) => [changes, of_checks].concat(),
            None => changes,
        }
    }
}

pub(super) fn text(value: Option<impl ToString>) -> Option<Value> {
    value.map(|value| Value::Text(value.to_string()))
}

/// What is part of a command as it is.
pub(super) fn arguments(words: Option<impl ToString>) -> Option<Value> {
    words.map(|words| Value::Arguments(words.to_string()))
}

pub(super) fn yes(is_so: bool) -> Option<Value> {
    is_so.then_some(Value::Yes)
}
