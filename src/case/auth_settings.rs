//! App 2's authentication settings, from any JSON shape that a person can get them in.
//!
//! The shapes (see [`Shape`]) and the wire names come from the `authsettingsV2` schema of `azure-mgmt-web`, the
//! `authV2` extension of the Azure CLI, and `azurerm`'s `auth_settings_v2`. Names are read without regard to case,
//! because tools disagree (`disableWWWAuthenticate`, `disableWwwAuthenticate`).

mod candidate;
mod classic;
mod comments;
mod compared;
mod displayed;
mod error;
mod excluded;
mod fields;
mod literal;
mod misplaced;
pub mod reader;
pub(crate) mod settings_path;
mod source;
mod template;
mod terraform;
mod v2;
mod variables;
mod wanted;
mod within;
mod yaml;

use std::collections::HashSet;

pub use error::SettingsError;
pub use misplaced::{home, homes};
use serde::{Deserialize, Serialize};
use serde_json::Value;
pub use source::SettingsSource;
pub use wanted::{Shown, Wanted};

use super::audience::Audience;
use super::ids::{ClientId, ObjectId, TenantId, is_guid};
use super::issuer::Issuer;
use super::resource_id::ResourceId;

/// One source of settings and what came of reading it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingsReading {
    /// The source.
    pub source: SettingsSource,
    /// The settings, or why they could not be read, in words that name the missing permission where one is.
    pub outcome: Result<Box<AuthSettings>, String>,
}

impl SettingsReading {
    /// The settings, where they could be read.
    #[must_use]
    pub fn settings(&self) -> Option<&AuthSettings> {
        self.outcome.as_deref().ok()
    }

    /// Why they could not be read.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.outcome.as_ref().err().map(String::as_str)
    }

    /// Whether the source has no such settings, or no such app.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.failure().is_some_and(|reason| reason.starts_with("404"))
    }
}

/// The shape in which settings came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// An ARM envelope with `properties` (`az rest`, the portal, resources.azure.com, older `az webapp auth show`).
    Arm,
    /// The V2 object without an envelope (newer `az webapp auth show`, `auth.json`, `WEBSITE_AUTH_V2_CONFIG_JSON`).
    V2,
    /// The flat classic view (`az webapp auth show` without extension, `config/authsettings/list`).
    Classic,
    /// The Entra provider's object alone (`az webapp auth microsoft show`).
    EntraProvider,
    /// `terraform show -json`, `auth_settings_v2`.
    Terraform,
    /// `terraform show -json`, classic `auth_settings`.
    TerraformClassic,
    /// An ARM or compiled Bicep template.
    Template,
    /// Single `WEBSITE_AUTH_*` variables.
    Variables,
    /// `siteAuthEnabled` alone.
    WebConfig,
}

/// App 2's settings, as far as their source shows them. `None` means: the source does not say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthSettings {
    /// The shape they came in.
    pub shape: Shape,
    /// What the shape cannot show or loses, and how to get the whole; `None` when it shows everything.
    pub incomplete: Option<String>,
    /// Classic view only: which schema is live (`v1`, `v2`).
    pub config_version: Option<String>,
    /// `platform.enabled`: whether Easy Auth is on.
    pub enabled: Option<bool>,
    /// `platform.runtimeVersion`.
    pub runtime_version: Option<String>,
    /// `platform.configFilePath` (or classic `isAuthFromFile`): the file that is enforced instead of these settings.
    pub config_file_path: Option<String>,
    /// `globalValidation.requireAuthentication`.
    pub require_authentication: Option<bool>,
    /// `globalValidation.unauthenticatedClientAction`, as written.
    pub unauthenticated_action: Option<String>,
    /// `globalValidation.redirectToProvider`.
    pub redirect_to_provider: Option<String>,
    /// `globalValidation.excludedPaths`.
    pub excluded_paths: Vec<String>,
    /// The Entra provider, when the settings have one.
    pub entra: Option<EntraProvider>,
    /// Names of other providers that are enabled and configured; a custom one says that it speaks OpenID Connect.
    pub other_providers: Vec<String>,
    /// `httpSettings.requireHttps`.
    pub require_https: Option<bool>,
    /// `httpSettings.routes.apiPrefix`, usually `/.auth`.
    pub api_prefix: Option<String>,
    /// `login.tokenStore.enabled`.
    pub token_store: Option<bool>,
    /// Whether the source shows that the app is a function app.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_function_app: bool,
    /// Whether they say what is to be deployed, and not what is stored: a plan's planned values, or a template.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub planned: bool,
    /// `WEBSITE_AUTH_AAD_ALLOWED_TENANTS`, where app settings or an environment block show it. An empty value is `[]`.
    pub allowed_tenants: Option<Vec<TenantId>>,
    /// `WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL`, where shown.
    pub require_client_service_principal: Option<bool>,
    /// Settings of the Entra provider that are in the wrong place and so have no effect, by path
    /// (`azureActiveDirectory.clientId` instead of `azureActiveDirectory.registration.clientId`).
    pub misplaced: Vec<String>,
    /// Settings that the source names without telling their value, by path: an expression of a template, or a text
    /// where a list belongs. Their fields are `None`, which here does not mean that they are absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undetermined: Vec<String>,
    /// Members that this program doesn't know, by path, where Easy Auth may read them: their effect is unknown. A name
    /// that isn't a setting's value is replaced with `…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// The app's ARM resource ID, where the source carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_id: Option<ResourceId>,
    /// The whole object as read, in the form that a PUT of `authsettingsV2` requires (an object with
    /// `properties`); `None` when the shape does not contain it whole.
    pub editable: Option<Value>,
}

/// The Entra provider (`identityProviders.azureActiveDirectory`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EntraProvider {
    /// `enabled`; absent counts as true.
    pub enabled: Option<bool>,
    /// `registration.clientId`: always an accepted audience.
    pub client_id: Option<ClientId>,
    /// `registration.openIdIssuer`: where metadata, keys and the expected issuer come from.
    pub issuer: Option<Issuer>,
    /// `registration.clientSecretSettingName`.
    pub secret_setting: Option<String>,
    /// `login.disableWWWAuthenticate`.
    pub disable_www_authenticate: Option<bool>,
    /// `validation.allowedAudiences`.
    pub allowed_audiences: Option<Vec<Audience>>,
    /// `validation.jwtClaimChecks.allowedClientApplications`.
    pub claim_check_applications: Option<Vec<ClientId>>,
    /// `validation.jwtClaimChecks.allowedGroups`.
    pub claim_check_groups: Option<Vec<ObjectId>>,
    /// `validation.defaultAuthorizationPolicy.allowedApplications`; enforced only when not empty.
    pub allowed_applications: Option<Vec<ClientId>>,
    /// `validation.defaultAuthorizationPolicy.allowedPrincipals.identities`: object IDs.
    pub allowed_identities: Option<Vec<ObjectId>>,
    /// `validation.defaultAuthorizationPolicy.allowedPrincipals.groups`: object IDs.
    pub allowed_groups: Option<Vec<ObjectId>>,
}

impl EntraProvider {
    /// Every audience that App 2 accepts: its client ID always, then the list.
    #[must_use]
    pub fn accepted_audiences(&self) -> Vec<Audience> {
        let mut seen = HashSet::new();
        let own = self.client_id.iter().map(ClientId::as_str);
        let listed = self.allowed_audiences.iter().flatten().map(Audience::as_str);
        own.chain(listed).filter(|name| seen.insert(*name)).map(Audience::new).collect()
    }

    /// Whether tokens of every tenant are accepted, whoever has them: neither issuer nor tenant is validated then.
    #[must_use]
    pub fn is_open_to_every_tenant(&self) -> bool {
        let is_empty = |list: Option<bool>| list.unwrap_or(true);
        self.issuer.as_ref().is_some_and(|issuer| issuer.parts().any_tenant)
            && is_empty(self.allowed_applications.as_ref().map(Vec::is_empty))
            && is_empty(self.claim_check_applications.as_ref().map(Vec::is_empty))
            && is_empty(self.allowed_identities.as_ref().map(Vec::is_empty))
    }

    /// The IDs of applications and identities that the policy lists beside App 2 itself, as many as one request names.
    #[must_use]
    pub fn listed_ids(&self) -> Vec<String> {
        const MOST: usize = 15;
        let applications = self.allowed_applications.iter().flatten();
        let applications = applications.filter(|id| self.client_id.as_ref().is_none_or(|own| !own.matches(id)));
        let identities = self.allowed_identities.iter().flatten().map(ToString::to_string);
        let mut ids: Vec<String> = applications.map(ToString::to_string).chain(identities).collect();
        ids.retain(|id| is_guid(id));
        crate::sort::all(&mut ids);
        ids.dedup();
        ids.truncate(MOST);
        ids
    }
}

impl AuthSettings {
    /// Whether they have the provider that linking App 2 to a static web app adds.
    #[must_use]
    pub fn has_static_web_apps(&self) -> bool {
        self.other_providers.iter().any(|name| name.eq_ignore_ascii_case("azureStaticWebApps"))
    }

    /// Settings of which nothing is known but their shape.
    #[must_use]
    pub const fn unknown(shape: Shape) -> Self {
        Self {
            shape,
            incomplete: None,
            config_version: None,
            enabled: None,
            runtime_version: None,
            config_file_path: None,
            require_authentication: None,
            unauthenticated_action: None,
            redirect_to_provider: None,
            excluded_paths: Vec::new(),
            entra: None,
            other_providers: Vec::new(),
            require_https: None,
            api_prefix: None,
            token_store: None,
            is_function_app: false,
            planned: false,
            allowed_tenants: None,
            require_client_service_principal: None,
            misplaced: Vec::new(),
            undetermined: Vec::new(),
            unread: Vec::new(),
            site_id: None,
            editable: None,
        }
    }

    /// Whether the source shows the policy (who is allowed) at all. The web view and single variables do not; the
    /// classic view does only where the classic schema is live, which has none.
    #[must_use]
    pub fn shows_policy(&self) -> bool {
        match self.shape {
            Shape::Arm | Shape::V2 | Shape::Terraform | Shape::Template => true,
            // `{}` is also what a failed command prints.
            Shape::EntraProvider => self.entra.is_some(),
            Shape::Classic => self.config_version.as_deref() == Some("v1"),
            Shape::TerraformClassic | Shape::Variables | Shape::WebConfig => false,
        }
    }

    /// Whether the source names this setting without telling its value. The name is the end of a path, such as
    /// `allowedAudiences`.
    #[must_use]
    pub fn is_undetermined(&self, name: &str) -> bool {
        self.undetermined.iter().any(|path| path == name || path.ends_with(&format!(".{name}")))
    }

    /// Whether a part of the policy is hidden, and none of these lists, by the end of their path.
    #[must_use]
    pub fn hides_only_others(&self, lists: &[String]) -> bool {
        const AROUND: [&str; 4] =
            ["identityProviders", "azureActiveDirectory", "validation", "defaultAuthorizationPolicy"];
        let is_one = |name: &str| lists.iter().any(|list| list == name) || AROUND.contains(&name);
        self.shows_policy()
            && !lists.is_empty()
            && self.unread_policy().next().is_none()
            && self.undetermined_policy().next().is_some()
            && !self.undetermined_policy().any(is_one)
    }

    /// The object of `authsettingsV2` as a file of the app has it: without the envelope, in which it would be ignored.
    #[must_use]
    pub fn in_a_file(mut object: Value) -> Option<Value> {
        let mut settings = object.get_mut("properties")?.take();
        if let Some(providers) = settings.get_mut("identityProviders").and_then(Value::as_object_mut)
            && let Some(custom) = providers.remove("customOpenIdConnectProviders")
        {
            providers.insert("openIdConnectProviders".to_owned(), custom);
        }
        Some(settings)
    }

    /// The settings of the policy (who is allowed) that the source names without telling their value, by the end of
    /// their path. While there is one, nobody can say that the policy allows a caller.
    pub fn undetermined_policy(&self) -> impl Iterator<Item = &'static str> + '_ {
        // A part stands for everything below it, for the source hides the whole of it.
        const PARTS: [&str; 11] = [
            "identityProviders",
            "azureActiveDirectory",
            "validation",
            "defaultAuthorizationPolicy",
            "allowedPrincipals",
            "jwtClaimChecks",
            "allowedApplications",
            "identities",
            "groups",
            "allowedClientApplications",
            "allowedGroups",
        ];
        PARTS.into_iter().filter(|name| self.is_undetermined(name))
    }

    /// Texts that are stored where a list belongs, by path. What Easy Auth makes of one isn't documented.
    fn texts_for_lists(&self) -> impl Iterator<Item = (&str, &str)> {
        const LISTS: [&str; 7] = [
            "allowedAudiences",
            "allowedApplications",
            "identities",
            "groups",
            "allowedClientApplications",
            "allowedGroups",
            "excludedPaths",
        ];
        let stored = self.editable.as_ref().and_then(|object| object.get("properties"));
        let lists = self.undetermined.iter().filter(|path| LISTS.contains(&path.rsplit('.').next().unwrap_or(path)));
        lists.filter_map(move |path| {
            let value = path.split('.').try_fold(stored?, |value, name| value.get(name))?;
            Some((path.as_str(), value.as_str()?))
        })
    }

    /// The first setting that decides on callers and tokens, and whose value the source doesn't show.
    #[must_use]
    pub fn hidden_setting(&self) -> Option<&str> {
        const NAMES: [&str; 6] = [
            "allowedApplications",
            "identities",
            "groups",
            "allowedAudiences",
            "openIdIssuer",
            "allowedClientApplications",
        ];
        let names = self.undetermined.iter().map(|path| path.rsplit('.').next().unwrap_or(path));
        names.into_iter().find(|name| NAMES.contains(name))
    }

    /// The text that is stored where the first of these lists belongs, which are named by the end of their path.
    #[must_use]
    pub fn text_for_list(&self, names: &[String]) -> Option<&str> {
        let mut texts = self.texts_for_lists();
        let is_one = |path: &str| names.iter().any(|name| path.rsplit('.').next() == Some(name));
        texts.find(|(path, _)| is_one(path)).map(|(_, text)| text)
    }

    /// Unknown members of the policy (who is allowed), and parts of it in the wrong place, by path: App 2 may run with
    /// one of them, and refuse a caller.
    pub fn unread_policy(&self) -> impl Iterator<Item = &str> {
        let of_policy = |path: &&str| {
            let home = home(path).unwrap_or_default();
            home.starts_with("azureActiveDirectory.validation") && !home.ends_with("allowedAudiences")
        };
        let unread = self.unread.iter().map(String::as_str);
        let misplaced = self.misplaced.iter().map(String::as_str).filter(of_policy);
        unread.filter(|path| path.contains("azureActiveDirectory.validation")).chain(misplaced)
    }

    /// Whether the accepted audiences are reported in full: neither the list nor what it is in is hidden.
    #[must_use]
    pub fn shows_audiences(&self) -> bool {
        !["identityProviders", "azureActiveDirectory", "registration", "clientId", "validation", "allowedAudiences"]
            .iter()
            .any(|name| self.is_undetermined(name))
    }

    /// Whether the source hides the Entra provider's client ID, or whether there is such a provider at all.
    #[must_use]
    pub fn hides_client_id(&self) -> bool {
        ["identityProviders", "azureActiveDirectory", "registration", "clientId"]
            .iter()
            .any(|name| self.is_undetermined(name))
    }

    /// Whether the issuer setting is reported, present or absent.
    #[must_use]
    pub fn shows_issuer(&self) -> bool {
        !["identityProviders", "azureActiveDirectory", "registration", "openIdIssuer"]
            .iter()
            .any(|name| self.is_undetermined(name))
    }

    /// Whether every audience and the issuer are there, with nothing hidden behind an expression.
    #[must_use]
    pub fn shows_validation(&self) -> bool {
        self.shows_audiences() && self.shows_issuer()
    }

    /// Whether the whole object is empty, as it is in older answers for an app whose authentication was never set up
    /// (`{}`).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self.shape, Shape::Arm | Shape::V2)
            && self.enabled.is_none()
            && self.entra.is_none()
            && self.other_providers.is_empty()
            && self.misplaced.is_empty()
            && self.undetermined.is_empty()
            && self.config_file_path.is_none()
            && self.unauthenticated_action.is_none()
    }

    /// Whether requests without a token are left to the app.
    #[must_use]
    pub fn allows_anonymous(&self) -> bool {
        self.unauthenticated_action.as_deref().is_some_and(|action| action.eq_ignore_ascii_case("AllowAnonymous"))
    }

    /// Whether requests without a token may be let through: by the action, or because no authentication is required.
    #[must_use]
    pub fn may_allow_anonymous(&self) -> bool {
        self.allows_anonymous() || self.require_authentication == Some(false)
    }

    /// Whether the Entra provider is there and not disabled.
    #[must_use]
    pub fn entra_enabled(&self) -> Option<&EntraProvider> {
        self.entra.as_ref().filter(|entra| entra.enabled != Some(false))
    }
}
