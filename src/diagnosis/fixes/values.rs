//! The values that a case has for the placeholders of fixes.

use crate::case::Case;
use crate::case::auth_settings::{AuthSettings, EntraProvider};
use crate::case::credential::{self, CredentialSource};
use crate::case::exchange::Purpose;
use crate::case::ids::{ClientId, ObjectId, TenantId};
use crate::case::inputs::IdentitySelector;
use crate::case::issuer::{Issuer, Version};
use crate::case::resource;
use crate::case::resource_id::{Parts, ResourceId, TargetKind};
use crate::case::shown::address;
use crate::case::step::StepId;
use crate::case::token::DecodedToken;
use crate::check::{CONFIGURED_API_ID, Found};
use crate::evidence::target;
use crate::knowledge::{self, SettingsChange, Value, shell_word};

use super::moves;
use super::site::Site;
use crate::case::text::is_deceptive;

/// The version of Azure Resource Manager's web API in printed commands; any since 2020-12-01 has the same body.
const API_VERSION: &str = "2024-04-01";

/// The same of the API of container apps.
const CONTAINER_APP_API_VERSION: &str = "2024-03-01";

/// Looks placeholders up: first in the finding, then in the case.
pub(super) struct Values<'a> {
    pub(super) case: &'a Case,
    pub(super) finding: Option<&'a Found>,
}

impl Values<'_> {
    /// A value of the finding itself.
    fn of_finding(&self, name: &str) -> Option<&Value> {
        self.finding?.values.get(name)
    }

    /// The value of a placeholder, if the case has it.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.of_finding(name) {
            return Some(value.clone());
        }
        if let Some(list) = self.list(name) {
            return Some(Value::List(list));
        }
        match name {
            "target_args" => return self.target_site().map(|site| Value::Arguments(site.arguments())),
            "caller_args" => return self.caller_site().map(|site| Value::Arguments(site.arguments())),
            "identifier_uris_union" => return self.identifier_uris_union().map(Value::Arguments),
            "target_az" => {
                return self.target_group_of_az().map(|group| Value::Arguments(group.to_owned()));
            }
            "caller_az" => {
                return self.caller_group_of_az().map(|group| Value::Arguments(group.to_owned()));
            }
            "target_windows" => return self.is_target_on_windows().then_some(Value::Yes),
            "caller_windows" => return self.is_caller_on_windows().then_some(Value::Yes),
            "logic_app" => return self.is_logic_app().then_some(Value::Yes),
            "caller_job" => return self.variable("CONTAINER_APP_JOB_NAME").map(|_| Value::Yes),
            "reader_lacks" => return self.reader_lacks().then_some(Value::Yes),
            "container_app" => return (target::kind(self.case) == TargetKind::ContainerApp).then_some(Value::Yes),
            "settings_edit" => return self.settings_edit().map(Value::Arguments),
            "settings_moves" => return moves::filter(self.case).map(Value::Arguments),
            "is_managed" => return self.has_source(|source| matches!(source, CredentialSource::ManagedIdentity(_))),
            "is_azure_cli" => return self.has_source(|source| *source == CredentialSource::AzureCli),
            "compared" => return self.has_compared(),
            "same_cloud" => return self.of_finding("named_host").is_none().then_some(Value::Yes),
            "other_part" => return self.of_finding("token_file").is_none().then_some(Value::Yes),
            _ => {}
        }
        let text = self
            .of_target(name)
            .or_else(|| self.of_registration(name))
            .or_else(|| self.of_caller(name))
            .or_else(|| self.of_token(name))
            .or_else(|| self.of_endpoints(name));
        text.map(Value::Text)
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

    /// The changes of App 2's settings that fix the finding. Empty where no setting does, or a value is not known.
    pub(super) fn changes(&self) -> Vec<SettingsChange> {
        let entry = self.finding.and_then(|finding| knowledge::finding(finding.code));
        let templates = entry.map_or(&[][..], |entry| &entry.changes);
        let changes: Option<Vec<SettingsChange>> =
            templates.iter().map(|template| SettingsChange::of(template, |name| self.text(name))).collect();
        let changes = changes.unwrap_or_default().into_iter();
        if self.is_claim_check() {
            let instead = |change: SettingsChange| change.instead("allowedApplications", "allowedClientApplications");
            return changes.map(instead).collect();
        }
        changes.collect()
    }

    /// The filter of `jq` that makes the changes of App 2's settings which fix the finding, as a word of a shell.
    fn settings_edit(&self) -> Option<String> {
        let changes = self.changes();
        let stored = target::stored_reading(self.case).and_then(|reading| reading.outcome.as_deref().ok());
        if let Some(stored) = stored.and_then(|settings| settings.editable.as_ref()) {
            let mut edited = stored.clone();
            let applied: Option<Vec<()>> = changes.iter().map(|change| change.apply(&mut edited)).collect();
            // What the settings say already fixes nothing.
            if applied.is_some() && edited == *stored {
                return None;
            }
        }
        let of_stored = stored.and_then(|settings| settings.editable.as_ref());
        let filter = |change: &SettingsChange| of_stored.map_or_else(|| change.jq(), |stored| change.jq_of(stored));
        let filters: Option<Vec<String>> = changes.iter().map(filter).collect();
        let filter = filters?.join(" | ");
        (!filter.is_empty() && !filter.chars().any(is_deceptive)).then(|| shell_word(&filter))
    }

    /// Whether App 1's credential is of this kind, by its environment.
    fn has_source(&self, is: impl Fn(&CredentialSource) -> bool) -> Option<Value> {
        let environment = self.case.environment.as_ref()?;
        let choice = credential::choose(environment, &self.case.inputs);
        is(&choice.source).then_some(Value::Yes)
    }

    /// Whether the same identity requested a token for another resource in this run.
    fn has_compared(&self) -> Option<Value> {
        let others = [Purpose::TokenForResourceManager, Purpose::TokenForBareClientId, Purpose::TokenForNonsense];
        let asked = others.iter().any(|purpose| self.case.exchange(purpose).is_some());
        asked.then_some(Value::Yes)
    }

    pub(super) fn token(&self) -> Option<&DecodedToken> {
        self.case.token.as_ref().map(|token| &token.decoded)
    }

    fn settings(&self) -> Option<&AuthSettings> {
        target::settings(self.case)
    }

    fn entra(&self) -> Option<&EntraProvider> {
        self.settings().and_then(|settings| settings.entra.as_ref())
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let environment = self.case.environment.as_ref()?;
        environment.text(name).map(str::to_owned)
    }

    fn target_resource_id(&self) -> Option<ResourceId> {
        target::resource_id(self.case)
    }

    fn target_site(&self) -> Option<Site> {
        Site::of_target(self.target_resource_id()?.parts()?)
    }

    /// App 1 as an app of App Service: by the platform's variables, with what is missing from the token's `xms_mirid`.
    fn caller_site(&self) -> Option<Site> {
        let of_token = self.token().and_then(|token| token.text("xms_mirid")).and_then(Parts::of).and_then(Site::of);
        let Some(name) = self.variable("WEBSITE_SITE_NAME") else {
            return of_token;
        };
        let same = of_token.filter(|site| site.name.eq_ignore_ascii_case(&name));
        let subscription = self
            .variable("WEBSITE_OWNER_NAME")
            .and_then(|owner| owner.split('+').next().map(str::to_owned))
            .or_else(|| same.as_ref().map(|site| site.subscription.clone()))?;
        let group = self.variable("WEBSITE_RESOURCE_GROUP").or_else(|| same.as_ref().map(|site| site.group.clone()))?;
        let slot = self.variable("WEBSITE_SLOT_NAME").filter(|slot| !slot.eq_ignore_ascii_case("production"));
        Some(Site { subscription, group, name, slot })
    }

    fn of_target(&self, name: &str) -> Option<String> {
        let case = self.case;
        let url = || url::Url::parse(case.inputs.target.as_deref()?).ok();
        match name {
            "target_url" => case.inputs.target.as_deref().map(address::own),
            "target_host" => url()?.host_str().map(str::to_owned),
            "target_path" => Some(url()?.path().to_owned()),
            "target_site" => self.target_site().map(|site| site.name).or_else(|| case.site.as_ref()?.name.clone()),
            "target_slot" => self.target_site()?.slot,
            "target_group" => Some(self.target_site()?.group),
            "target_subscription" => Some(self.target_site()?.subscription),
            "target_resource_id" => self.target_resource_id().map(|id| id.to_string()),
            "settings_url" => {
                let path = match target::kind(case) {
                    TargetKind::WebApp => format!("config/authsettingsV2?api-version={API_VERSION}"),
                    TargetKind::ContainerApp => format!("authConfigs/current?api-version={CONTAINER_APP_API_VERSION}"),
                };
                let app = self.target_resource_id()?;
                Some(format!("{}{app}/{path}", case.inputs.resource_manager()))
            }
            "site_url" => Some(format!(
                "{}{}?api-version={API_VERSION}",
                case.inputs.resource_manager(),
                self.target_resource_id()?
            )),
            "excluded_entry" => self.excluded_entry(),
            "allowed_tenants_union" => {
                let list = target::allowed_tenants(case)?.iter().map(ToString::to_string).collect();
                Some(union(list, self.text("token_tenant")?)?.join(","))
            }
            "issuer" => self.entra()?.issuer.as_ref().map(ToString::to_string),
            "config_file" => self.settings()?.config_file_path.clone(),
            "secret_setting" => self.entra()?.secret_setting.clone(),
            "target_tenant" => target::tenant(case).map(|tenant| tenant.to_string()),
            _ => None,
        }
    }

    fn of_registration(&self, name: &str) -> Option<String> {
        let registration = self.case.registration.as_ref();
        match name {
            "target_client_id" => self.target_client_id().map(|id| id.to_string()),
            "untried_client_id" => {
                self.target_client_id().filter(|_| target::other_audience(self.case).is_none()).map(|id| id.to_string())
            }
            "target_object_id" => registration?.service_principal_id.as_ref().map(ToString::to_string),
            "identifier_uri" => self.identifier_uri(),
            "app_role_id" => self.app_role().map(|(id, _)| id),
            "app_role_value" => self.app_role().map(|(_, value)| value).filter(|value| !value.is_empty()),
            _ => None,
        }
    }

    /// App 2's client ID. Where Entra refuses the token nothing else may name it: then the one in the resource is
    /// meant.
    fn target_client_id(&self) -> Option<ClientId> {
        // A Microsoft API's, which App 2's settings or answers name, is never App 2's own.
        let known = target::client_id(self.case)
            .map(|(id, _)| id)
            .filter(|id| resource::well_known::api(id.as_str()).is_none());
        let in_resource = || {
            let resource = &self.case.resource.as_ref()?.value;
            let own = resource::well_known::api(resource).is_none()
                && self.finding.is_some_and(|finding| finding.code.step() == StepId::Token);
            own.then(|| resource::client_id_of(resource).map(ClientId::new))?
        };
        known.or_else(in_resource)
    }

    fn identifier_uri(&self) -> Option<String> {
        let registered = self.case.registration.as_ref().and_then(|registration| registration.identifier_uris.clone());
        let allowed = self.entra().map(|entra| texts(&entra.allowed_audiences));
        let of_app = |uris: Vec<String>| uris.into_iter().find(|uri| !resource::is_guid(uri));
        registered.and_then(of_app).or_else(|| allowed.and_then(of_app)).map(|uri| uri.trim_end_matches('/').to_owned())
    }

    /// The Application ID URIs that the registration has and the usual one, quoted for a shell. `None` where the
    /// registration was not read: the command replaces the list.
    fn identifier_uris_union(&self) -> Option<String> {
        let now = self.case.registration.as_ref()?.identifier_uris.clone()?;
        let usual = format!("api://{}", self.target_client_id()?);
        let words: Vec<String> = union(now, usual)?.iter().map(|uri| shell_word(uri)).collect();
        Some(words.join(" "))
    }

    /// The entry of `excludedPaths` that covers the target's path.
    fn excluded_entry(&self) -> Option<String> {
        crate::evidence::excluded::excluding_entry(self.settings()?, &self.case.inputs)
    }

    /// The app role to assign: the one that the finding names, else the only one there is.
    fn app_role(&self) -> Option<(String, String)> {
        let roles = &self.case.registration.as_ref()?.application_roles;
        match self.of_finding("role").and_then(Value::text) {
            Some(wanted) => roles.iter().find(|(_, value)| value == wanted).cloned(),
            None => match roles.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            },
        }
    }

    fn of_caller(&self, name: &str) -> Option<String> {
        let registration = self.case.registration.as_ref();
        match name {
            "caller_host" => self.caller_host(),
            "caller_app" => self.variable("CONTAINER_APP_JOB_NAME").or_else(|| self.variable("CONTAINER_APP_NAME")),
            "denied_action" => self.denied_action(),
            "caller_client_id" => self.caller_client_id().map(|id| id.to_string()),
            "caller_object_id" => self.caller_object_id().map(|id| id.to_string()),
            "caller_name" => registration?.caller_display_name.clone(),
            "caller_site" => self.variable("WEBSITE_SITE_NAME").or_else(|| self.variable("CONTAINER_APP_NAME")),
            "caller_slot" => self.caller_site()?.slot,
            "caller_group" => Some(self.caller_site()?.group),
            "caller_subscription" => Some(self.caller_site()?.subscription),
            "caller_identity_id" => match &self.case.inputs.identity {
                IdentitySelector::ResourceId(id) => Some(id.to_string()),
                _ => None,
            },
            "expected_identity" => self.case.inputs.expect_identity.clone(),
            "method" => Some(self.case.inputs.method.clone()),
            _ => None,
        }
    }

    /// The caller's object ID: what the token says, else Graph, else what the credential was given.
    fn caller_object_id(&self) -> Option<ObjectId> {
        let of_token = self.token().and_then(DecodedToken::object_id);
        of_token.or_else(|| self.case.registration.as_ref()?.caller_object_id.clone()).or_else(|| {
            match &self.case.inputs.identity {
                IdentitySelector::ObjectId(id) => Some(id.clone()),
                _ => None,
            }
        })
    }

    /// The caller's client ID: what the token says, else what the credential was given.
    fn caller_client_id(&self) -> Option<ClientId> {
        if let Some(token) = self.token() {
            return token.caller_client_id();
        }
        let of_response = self.case.registration.as_ref().and_then(|it| it.caller_client_id.clone());
        of_response
            .or_else(|| match &self.case.inputs.identity {
                IdentitySelector::ClientId(id) => Some(id.clone()),
                _ => None,
            })
            .or_else(|| self.case.inputs.client_id.clone())
            .or_else(|| self.variable("AZURE_CLIENT_ID").map(ClientId::new))
    }

    fn of_token(&self, name: &str) -> Option<String> {
        match name {
            "resource" => self.resource(),
            "scope" => self.resource().map(|resource| resource::scope_for(&resource)),
            "token_audience" => self.token_audience(),
            "new_audience" => {
                self.token_audience().or_else(|| self.resource()).filter(|aud| resource::well_known::api(aud).is_none())
            }
            "token_issuer" => self.token()?.issuer().map(|issuer| issuer.to_string()),
            "token_version" => self.token()?.version().map(str::to_owned),
            "token_tenant" => self.token()?.tenant().map(|id| id.to_string()),
            "tenant_id" => self.tenant_id().map(|id| id.to_string()),
            "issuer_v1" => Some(self.issuer(Version::V1, &self.tenant_id()?).to_string()),
            "issuer_v2" => Some(self.issuer(Version::V2, &self.tenant_id()?).to_string()),
            "issuer_for_token" => self.issuer_for_token().map(|issuer| issuer.to_string()),
            "own_tenant_issuer" => {
                let own = self.case.site.as_ref()?.identity_tenant.as_ref()?;
                let of_token = self.token()?.tenant()?;
                own.matches(&of_token).then(|| self.issuer_for_token())?.map(|issuer| issuer.to_string())
            }
            "wanted_token_version" => self.wanted_token_version(),
            _ => None,
        }
    }

    /// The resource of the call, unless it is another API: a fix must never lead there.
    fn resource(&self) -> Option<String> {
        let resource = &self.case.resource.as_ref()?.value;
        resource::well_known::api(resource).is_none().then(|| resource.clone())
    }

    /// The token's audience, when it has exactly one.
    fn token_audience(&self) -> Option<String> {
        match self.token()?.list("aud").as_slice() {
            [only] => Some((*only).to_owned()),
            _ => None,
        }
    }

    fn tenant_id(&self) -> Option<TenantId> {
        self.token()
            .and_then(DecodedToken::tenant)
            .or_else(|| target::tenant(self.case))
            .or_else(|| self.case.inputs.tenant.clone())
            .or_else(|| self.variable("AZURE_TENANT_ID").map(TenantId::new))
    }

    fn issuer(&self, version: Version, tenant: &TenantId) -> Issuer {
        match version {
            Version::V1 => Issuer::v1(self.case.inputs.cloud, tenant),
            Version::V2 => Issuer::v2(self.case.inputs.authority(), tenant),
        }
    }

    /// The issuer URL under which App 2 expects tokens like this one: the token's own issuer, where it has the form of
    /// one of Entra's. Without a token the version is the registration's.
    pub(super) fn issuer_for_token(&self) -> Option<Issuer> {
        if let Some(issuer) = self.token().and_then(DecodedToken::issuer) {
            let parsed = issuer.parts();
            let usable = parsed.fault.is_none() && parsed.version.is_some() && parsed.tenant_guid().is_some();
            return usable.then_some(issuer);
        }
        let version = self.case.registration.as_ref()?.requested_access_token_version?;
        let version = if version == Some(2) { Version::V2 } else { Version::V1 };
        Some(self.issuer(version, &self.tenant_id()?))
    }

    fn wanted_token_version(&self) -> Option<String> {
        let wanted = self.entra()?.issuer.as_ref()?.parts();
        let of_token = self.token()?.issuer()?.parts();
        if wanted.fault.is_some() || wanted.version? == of_token.version? {
            return None;
        }
        match wanted.version? {
            Version::V1 => Some("1".to_owned()),
            Version::V2 => Some("2".to_owned()),
        }
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
                let foreign = resource::well_known::api(&audience).is_some();
                (!foreign).then(|| union(self.now("allowedAudiences")?, audience))?
            }
            "allowed_applications_union" => {
                union(self.now("allowedApplications")?, self.caller_client_id()?.to_string())
            }
            "claim_checks_union" if self.is_claim_check() => {
                union(self.now("allowedApplications")?, self.caller_client_id()?.to_string())
            }
            "excluded_paths_left" => {
                let entry = self.excluded_entry()?;
                let left = self.settings()?.excluded_paths.iter().filter(|path| **path != entry);
                Some(left.cloned().collect())
            }
            "allowed_identities_union" => union(self.now("identities")?, self.text("caller_object_id")?),
            _ => None,
        }
    }

    /// A list of the settings as it is stored now, for a change writes what is stored; empty where the settings are
    /// there and the list is not.
    fn now(&self, name: &str) -> Option<Vec<String>> {
        let stored = target::stored_reading(self.case).and_then(|reading| reading.outcome.as_deref().ok());
        let settings = stored.or_else(|| self.settings())?;
        if settings.is_undetermined(name) || (name != "allowedAudiences" && !settings.shows_policy()) {
            return None;
        }
        let Some(entra) = settings.entra.as_ref() else {
            return Some(Vec::new());
        };
        Some(match name {
            "allowedAudiences" => texts(&entra.allowed_audiences),
            "allowedApplications" if self.is_claim_check() => texts(&entra.claim_check_applications),
            "allowedApplications" => texts(&entra.allowed_applications),
            _ => texts(&entra.allowed_identities),
        })
    }
}

fn texts(list: &Option<Vec<impl ToString>>) -> Vec<String> {
    list.iter().flatten().map(ToString::to_string).collect()
}

/// The list with one more member, unless it has it already.
#[allow(clippy::unnecessary_wraps, reason = "it ends chains of options")]
fn union(mut list: Vec<String>, member: String) -> Option<Vec<String>> {
    list.retain(|entry| !entry.trim().is_empty());
    let same = |one: &String| *one == member || (resource::is_guid(one) && one.eq_ignore_ascii_case(&member));
    if !list.iter().any(same) {
        list.push(member);
    }
    Some(list)
}
