//! The values that a case has for the placeholders of fixes.

use crate::case::Case;
use crate::case::auth_settings::{AuthSettings, EntraProvider};
use crate::case::code::Code;
use crate::case::credential::{self, CredentialSource};
use crate::case::exchange::Purpose;
use crate::case::inputs::{CredentialKind, IdentitySelector};
use crate::case::platform::Platform;
use crate::case::secret::REDACTED;
use crate::case::shown::variables::has_its_form;
use crate::case::step::StepId;
use crate::case::target_kind::TargetKind;
use crate::case::text::is_deceptive;
use crate::case::token::DecodedToken;
use crate::check::{CONFIGURED_API_ID, Found, is_anothers};
use crate::evidence::target;
use crate::knowledge::{self, ChangeTemplate, SettingsChange, Value, phrase, shell_option, shell_word, with_entry};

use super::moves;

/// The list of `jwtClaimChecks` that fixes extend.
const CLAIM_CHECKS: &str = "allowedClientApplications";

/// Looks placeholders up: first in the finding, then in the case.
pub(super) struct Values<'a> {
    pub(super) case: &'a Case,
    pub(super) finding: Option<&'a Found>,
}

impl Values<'_> {
    /// A value of the finding itself.
    pub(super) fn of_finding(&self, name: &str) -> Option<&Value> {
        self.finding?.values.get(name)
    }

    /// The value of a placeholder, if the case has it.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.of_finding(name) {
            return Some(value.clone());
        }
        if name == "roles" {
            let roles = self.token().map(|token| token.list("roles")).unwrap_or_default();
            return Some(phrase("call.roles").with("roles", texts(&Some(roles))).into());
        }
        if let Some(list) = self.list(name) {
            return Some(Value::List(list));
        }
        if let Some(is_set) = self.flag(name) {
            return is_set.then_some(Value::Yes);
        }
        if let Some(arguments) = self.arguments(name) {
            return Some(Value::Arguments(arguments));
        }
        let text = self
            .of_target(name)
            .or_else(|| self.of_registration(name))
            .or_else(|| self.of_caller(name))
            .or_else(|| self.of_token(name))
            .or_else(|| self.of_endpoints(name));
        text.map(Value::Text)
    }

    /// What is only set or not; `None` for every other placeholder.
    fn flag(&self, name: &str) -> Option<bool> {
        Some(match name {
            "target_windows" => self.is_target_on_windows(),
            "caller_windows" => self.is_caller_on_windows(),
            "logic_app" => self.is_logic_app(),
            "settings_read" => target::policy_is_known(self.case) && target::me(self.case) != Some(target::Me::Denied),
            "settings_of_another" => {
                target::settings(self.case).is_none() && self.case.settings.iter().any(|it| it.settings().is_some())
            }
            "secret_around" => self.text("secret_form").is_some_and(|form| form != "guid"),
            "user_assigned" => self.case.environment.as_ref().is_some_and(|environment| {
                credential::effective_selector(environment, &self.case.inputs).0 != IdentitySelector::System
            }),
            "anonymous_allowed" => target::settings(self.case).is_some_and(AuthSettings::may_allow_anonymous),
            "shadowed" => self.is_shadowed(),
            "key_sent" => self.case.inputs.carries_a_function_key(),
            "caller_job" => self.variable("CONTAINER_APP_JOB_NAME").is_some(),
            "reader_lacks" => self.reader_lacks(),
            "is_managed" => self.has_source(|source| matches!(source, CredentialSource::ManagedIdentity(_))),
            "by_principal" => self.has_source(CredentialSource::is_service_principal),
            // An hour: what is younger may have been issued for this run.
            "cached_version" => self.case.token.as_ref().is_some_and(|token| {
                let issued = token.decoded.time("iat").unwrap_or(i64::MAX);
                matches!(token.source, CredentialSource::ManagedIdentity(_))
                    && issued < self.case.started_at.timestamp().saturating_sub(3600)
            }),
            "is_azure_cli" => self.has_source(|source| *source == CredentialSource::AzureCli),
            "node_identity" => self
                .case
                .token
                .as_ref()
                .is_some_and(|token| token.source == CredentialSource::ManagedIdentity(Platform::KubernetesNode)),
            "no_credential" => self.has_source(|source| *source == CredentialSource::Unavailable),
            "compared" => self.has_compared(),
            "assignable" => self.of_finding("own").or_else(|| self.of_finding("of_target")).is_none(),
            _ if TargetKind::ALL.iter().any(|kind| kind.is_placeholder(name)) => {
                target::kind(self.case).is_placeholder(name)
            }
            _ => return None,
        })
    }

    /// What is part of a command as it is.
    fn arguments(&self, name: &str) -> Option<String> {
        match name {
            "target_args" => self.target_site().map(|site| site.arguments()),
            "caller_args" => self.caller_site().map(|site| site.arguments()),
            "target_az" => self.target_group_of_az().map(str::to_owned),
            "caller_az" => self.caller_group_of_az().map(str::to_owned),
            "identifier_uris_union" => self.identifier_uris_union(),
            "settings_edit" => self.settings_edit(),
            "settings_moves" => moves::filter(self.case),
            "run_options" => {
                let options = self.case.inputs.of_the_caller();
                let words = options.iter().map(|(name, value)| format!(" {}", shell_option(name, value)));
                Some(words.collect::<String>()).filter(|words| !words.is_empty())
            }
            _ => None,
        }
    }

    /// Whether the variables of a service principal are used in an app that has a managed identity.
    fn is_shadowed(&self) -> bool {
        let environment = self.case.environment.as_ref();
        self.case.inputs.credential == CredentialKind::Auto
            && self.has_source(CredentialSource::is_service_principal)
            && environment.and_then(credential::own_endpoint).is_some()
    }

    /// The value of a placeholder that is a text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            Value::List(_) | Value::Arguments(_) | Value::Said(_) | Value::Yes => None,
        }
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
        if self.is_about_a_tool() || self.is_about_another_identity() {
            return Vec::new();
        }
        let entry = self.finding.and_then(|finding| knowledge::finding(finding.code));
        let templates = entry.map_or(&[][..], |entry| &entry.changes);
        let has = |name: &String| self.get(name).is_some();
        let is_made = |template: &&ChangeTemplate| {
            template.when.as_ref().is_none_or(has) && !template.unless.as_ref().is_some_and(has)
        };
        let changes: Option<Vec<SettingsChange>> = templates
            .iter()
            .filter(is_made)
            .map(|template| SettingsChange::of(template, |name| self.text(name)))
            .collect();
        let changes = changes.unwrap_or_default();
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

    /// The filter of `jq` that makes the changes of App 2's settings which fix the finding, as a word of a shell.
    fn settings_edit(&self) -> Option<String> {
        let changes = self.changes();
        let of_stored = target::stored(self.case).and_then(|settings| settings.editable.as_ref());
        if let Some(stored) = of_stored {
            let mut edited = stored.clone();
            let applied: Option<Vec<()>> = changes.iter().map(|change| change.apply(&mut edited)).collect();
            // What the settings say already fixes nothing.
            if applied.is_some() && edited == *stored {
                return None;
            }
        }
        let filter = |change: &SettingsChange| of_stored.map_or_else(|| change.jq(), |stored| change.jq_of(stored));
        let filters: Option<Vec<String>> = changes.iter().map(filter).collect();
        let mut filter = filters?.join(" | ");
        if target::config_file(self.case).is_some() {
            filter = filter.replace(".properties.", ".");
        }
        (!filter.is_empty() && !filter.chars().any(is_deceptive)).then(|| shell_word(&filter))
    }

    /// Whether App 1's credential is of this kind, by its environment.
    fn has_source(&self, is: impl Fn(&CredentialSource) -> bool) -> bool {
        let environment = self.case.environment.as_ref();
        environment.is_some_and(|environment| is(&credential::choose(environment, &self.case.inputs).source))
    }

    /// Whether the same identity requested a token for another resource in this run.
    fn has_compared(&self) -> bool {
        let others = [Purpose::TokenForResourceManager, Purpose::TokenForBareClientId, Purpose::TokenForNonsense];
        others.iter().any(|purpose| self.case.exchange(purpose).is_some())
    }

    pub(super) fn token(&self) -> Option<&DecodedToken> {
        self.case.token.as_ref().map(|token| &token.decoded)
    }

    pub(super) fn settings(&self) -> Option<&AuthSettings> {
        target::settings(self.case)
    }

    pub(super) fn entra(&self) -> Option<&EntraProvider> {
        self.settings().and_then(|settings| settings.entra.as_ref())
    }

    /// A variable whose value is what its name says. Another one is hidden in a saved case, and in commands.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let environment = self.case.environment.as_ref()?;
        environment.text(name).filter(|value| *value != REDACTED && has_its_form(name, value)).map(str::to_owned)
    }

    fn of_endpoints(&self, name: &str) -> Option<String> {
        let inputs = &self.case.inputs;
        match name {
            "authority" => Some(inputs.authority().to_owned()),
            "authority_host" => url::Url::parse(inputs.authority()).ok()?.host_str().map(str::to_owned),
            "resource_manager" => Some(inputs.resource_manager().to_owned()),
            "graph" => Some(inputs.graph().to_owned()),
            _ => None,
        }
    }

    /// Lists that App 2 has now, and their extension by what this call needs. `None` where the settings do not show the
    /// list: an extension of the unknown would replace it.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        match name {
            "allowed_audiences" => self.now("allowedAudiences"),
            "allowed_applications" => self.now("allowedApplications"),
            "allowed_identities" => self.now("identities"),
            "allowed_audiences_union" => {
                let audience = self.token_audience().or_else(|| self.resource())?;
                self.may_be_accepted(&audience).then(|| Some(with_entry(&self.now("allowedAudiences")?, audience)))?
            }
            "allowed_applications_union" => {
                Some(with_entry(&self.now("allowedApplications")?, self.caller_client_id()?.to_string()))
            }
            "claim_checks_union" if self.is_claim_check() || self.of_finding("claim_checks").is_some() => {
                Some(with_entry(&self.now(CLAIM_CHECKS)?, self.caller_client_id()?.to_string()))
            }
            "excluded_paths_left" => {
                let entry = self.settings()?.excluding_entry(&self.case.inputs)?;
                let left = self.settings()?.excluded_paths.iter().filter(|path| *path != entry);
                Some(left.cloned().collect())
            }
            "allowed_identities_union" => Some(with_entry(&self.now("identities")?, self.text("caller_object_id")?)),
            _ => None,
        }
    }

    /// A list of the settings as it is stored now, for a change writes what is stored; empty where the settings are
    /// there and the list is not.
    fn now(&self, name: &str) -> Option<Vec<String>> {
        let settings = target::stored(self.case).or_else(|| self.settings())?;
        if settings.is_undetermined(name) || (name != "allowedAudiences" && !settings.shows_policy()) {
            return None;
        }
        let Some(entra) = settings.entra.as_ref() else {
            return Some(Vec::new());
        };
        Some(match name {
            "allowedAudiences" => texts(&entra.allowed_audiences),
            "allowedApplications" if self.is_claim_check() => texts(&entra.claim_check_applications),
            CLAIM_CHECKS => texts(&entra.claim_check_applications),
            "allowedApplications" => texts(&entra.allowed_applications),
            _ => texts(&entra.allowed_identities),
        })
    }
}

pub(super) fn texts(list: &Option<Vec<impl ToString>>) -> Vec<String> {
    list.iter().flatten().map(ToString::to_string).collect()
}
