//! What fixes a finding: who is meant, what this call needs of App 2, which of App 2's settings change, and whether
//! that is stored already. The report fills in the words of the fixes.

use crate::case::prelude::*;
use crate::check::{self, is_anothers};
use crate::evidence::{Evidence, target};
use crate::knowledge::{self, ChangeTemplate, Found, SettingsChange, Value, with_changes, with_entry};

use super::{Change, RootCause};

/// The list of `jwtClaimChecks` that fixes extend.
pub const CLAIM_CHECKS: &str = "allowedClientApplications";

/// What the fix of a finding is about; without a finding, what the case alone says of it.
#[derive(Debug, Clone, Copy)]
pub struct Remedy<'a> {
    /// The case.
    pub case: &'a Case,
    /// What was found.
    pub finding: Option<&'a Found>,
}

/// A finding of this step as the root cause.
pub fn cause(case: &Case, step: StepId, found: &Found) -> RootCause {
    RootCause { step, found: found.clone(), change: change(case, found) }
}

/// What the fixes of a finding change.
pub fn change(case: &Case, found: &Found) -> Change {
    let stored = Remedy::of(case, found).stored_without();
    stored.map_or(Change::OfCode, |reading| Change::Restart(reading.source.to_string().into()))
}

impl<'a> Remedy<'a> {
    /// The fix of a finding.
    pub const fn of(case: &'a Case, finding: &'a Found) -> Self {
        Self { case, finding: Some(finding) }
    }

    /// A value of the finding.
    pub fn of_finding(&self, name: &str) -> Option<&'a Value> {
        self.finding?.values.get(name)
    }

    /// Whether the finding is about `jwtClaimChecks`, which only the settings object itself can show and change.
    pub fn is_claim_check(&self) -> bool {
        self.of_finding("list").and_then(Value::text).is_some_and(|list| list.starts_with("jwtClaimChecks"))
    }

    /// Whether the finding is about a user and the tool that got the token. App 1 gains nothing by their being allowed,
    /// and with the tool every user would be.
    pub fn is_about_a_tool(&self) -> bool {
        let is_about_the_caller = |it: &Found| matches!(it.code, Code::Undetermined403 | Code::UnexpectedIdentityUsed);
        let by_token = || self.case.decoded().is_some_and(|token| Caller::of(token).signed_in_through().is_some());
        self.of_finding("developer_tool").is_some() || self.finding.is_some_and(is_about_the_caller) && by_token()
    }

    /// Whether the finding's fix would allow an identity that isn't App 1's, as the run itself says.
    pub fn is_about_another_identity(&self) -> bool {
        let allows_the_caller = |found: &Found| match found.code {
            Code::TenantNotAllowed => false,
            code => code.step() == StepId::Authorization || code == Code::AppRequiresRoleOrScope,
        };
        self.finding.is_some_and(allows_the_caller) && is_anothers(self.case)
    }

    /// The changes of App 2's settings that fix the finding. Empty where no setting does, or a value is not known.
    pub fn changes(&self) -> Vec<SettingsChange> {
        let entry = self.finding.and_then(|finding| knowledge::finding(finding.code));
        let Some(entry) = entry.filter(|_| !self.is_about_a_tool() && !self.is_about_another_identity()) else {
            return Vec::new();
        };
        let has = |name: &String| self.needed(name).is_some();
        let is_made = |template: &&ChangeTemplate| {
            template.when.as_ref().is_none_or(has) && !template.unless.as_ref().is_some_and(has)
        };
        let made = entry.changes.iter().filter(is_made);
        let text = |name: &str| self.needed(name)?.text().map(str::to_owned);
        let changes = made.map(|template| SettingsChange::of(template, text));
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

    /// What a change of App 2's settings takes, or depends on, by its name: as the finding has it, else as the case.
    pub fn needed(&self, name: &str) -> Option<Value> {
        let case = self.case;
        let text = match name {
            _ if let Some(value) = self.of_finding(name) => return Some(value.clone()),
            "caller_client_id" => case.caller_client_id()?.to_string(),
            "caller_object_id" => case.caller_object_id()?.to_string(),
            "token_tenant" => case.decoded()?.text("tid")?.to_owned(),
            "new_audience" => self.new_audience()?.to_owned(),
            "likely_client_id" => self.likely_client_id()?.to_string(),
            "issuer_for_token" => self.issuer_for_token()?.to_string(),
            "own_tenant_issuer" => {
                let own = case.site.as_ref()?.identity_tenant.as_ref()?;
                own.matches(&case.decoded()?.tenant()?).then(|| self.issuer_for_token())??.to_string()
            }
            "stored_action" => {
                let settings = target::settings(case).filter(|settings| !settings.allows_anonymous())?;
                settings.unauthenticated_action.clone()?
            }
            "whole_provider" => return self.provider()?.issuer.is_some().then_some(Value::Yes),
            _ => return None,
        };
        Some(Value::Text(text))
    }

    /// The resource of the call, unless it is another API: a fix must never lead there.
    pub fn resource(&self) -> Option<&'a str> {
        self.case.requested().filter(|resource| well_known::api(resource).is_none())
    }

    /// The audience that App 2 would have to accept, unless it may not: another registration's would open it to tokens
    /// that were sent there.
    pub fn new_audience(&self) -> Option<&'a str> {
        let needed = self.case.decoded().and_then(DecodedToken::only_audience).or_else(|| self.resource());
        needed.filter(|audience| {
            well_known::api(audience).is_none() && target::belongs_to_target(self.case, audience) != Some(false)
        })
    }

    /// The tenant of the call.
    pub fn tenant_id(&self) -> Option<TenantId> {
        let of_token = self.case.decoded().and_then(DecodedToken::tenant);
        let known = of_token.or_else(|| target::tenant(self.case)).or_else(|| self.case.inputs.tenant.clone());
        known.or_else(|| self.case.own_variable("AZURE_TENANT_ID").map(TenantId::new))
    }

    /// The issuer URL under which App 2 expects tokens like this one: the token's own issuer, where it has the form of
    /// one of Entra's. Without a token the version is the registration's.
    fn issuer_for_token(&self) -> Option<Issuer> {
        if let Some(issuer) = self.case.decoded().and_then(DecodedToken::issuer) {
            let parsed = issuer.parts();
            let usable = parsed.fault.is_none() && parsed.version.is_some() && parsed.tenant_guid().is_some();
            return usable.then_some(issuer);
        }
        let (inputs, tenant) = (&self.case.inputs, self.tenant_id());
        Some(match self.case.registration.as_ref()?.requested_version()? {
            Version::V2 => Issuer::v2(inputs.authority(), &tenant?),
            Version::V1 => Issuer::v1(inputs.cloud, &tenant?),
        })
    }

    /// App 2's client ID; where Entra refuses the token and nothing names it, the one in the resource.
    pub fn target_client_id(&self) -> Option<ClientId> {
        // A Microsoft API's, which App 2's settings or answers name, is never App 2's own.
        let known = target::client_id(self.case).map(|(id, _)| id);
        known.filter(|id| well_known::api(id.as_str()).is_none()).or_else(|| {
            let is_refused = self.finding.is_some_and(|finding| finding.code.step() == StepId::Token);
            resource::client_id_of(self.resource().filter(|_| is_refused)?).map(ClientId::new)
        })
    }

    /// App 2's client ID, else the one in the resource.
    fn likely_client_id(&self) -> Option<ClientId> {
        let known = self.target_client_id().filter(ClientId::is_guid);
        known.or_else(|| resource::client_id_of(self.resource()?).map(ClientId::new))
    }

    /// App 2's Microsoft provider, where its client ID can be one.
    pub fn provider(&self) -> Option<&'a EntraProvider> {
        let entra = target::settings(self.case)?.entra.as_ref();
        entra.filter(|entra| entra.client_id.as_ref().is_some_and(ClientId::is_guid))
    }

    /// A list of the settings as it is stored now, for a change writes what is stored.
    pub fn now(&self, name: &str) -> Option<Vec<String>> {
        let name = if self.is_claim_check() && name == "allowedApplications" { CLAIM_CHECKS } else { name };
        target::stored(self.case).or_else(|| target::settings(self.case))?.entries(name)
    }

    /// The stored settings, where they don't have this fault while App 2 has it: what it really runs with shows it, or
    /// its answers do, and the change that would fix it is stored already.
    pub fn stored_without(&self) -> Option<&'a SettingsReading> {
        let (case, finding) = (self.case, self.finding?);
        // The list of tenants is an app setting, which the stored settings never show.
        let is_shown = finding.code != Code::TenantNotAllowed
            && matches!(finding.code.step(), StepId::Protection | StepId::Audience | StepId::Authorization);
        let stored = target::stored_reading(case).filter(|_| is_shown)?;
        if self.has_the_change(finding, stored.settings()?) {
            return Some(stored);
        }
        let running = target::settings_reading(case).filter(|reading| reading.source.runs())?;
        let mut as_stored = case.clone();
        as_stored.settings.retain(|reading| reading.source != running.source && !reading.source.runs());
        let is_it = |other: &Found| other.code == finding.code && other.is_determined();
        let has_it = |case: &Case| check::all(&Evidence::of(case)).iter().flat_map(|step| &step.findings).any(is_it);
        (has_it(case) && !has_it(&as_stored)).then_some(stored)
    }

    /// Whether what is stored has all that the fix would change.
    fn has_the_change(&self, finding: &Found, stored: &AuthSettings) -> bool {
        // The other steps' changes may be a part of their fix alone.
        if finding.code.step() != StepId::Audience || !finding.is_determined() {
            return false;
        }
        let changes = self.changes();
        // What was read from a template can't be edited, and shows its lists.
        let is_listed = || {
            let now = self.now("allowedAudiences").filter(|_| finding.code == Code::AudienceNotAllowed);
            let needed = now.as_ref().zip(self.new_audience());
            needed.is_some_and(|(now, audience)| with_entry(now, audience.to_owned()) == *now)
        };
        let is_in = |stored| with_changes(stored, &changes).as_ref() == Some(stored);
        !changes.is_empty() && stored.editable.as_ref().map_or_else(is_listed, is_in)
    }
}
