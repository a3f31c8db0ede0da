//! What if: changes of App 2's settings and registration that are evaluated without being made. Nothing is sent
//! anywhere.

use std::borrow::Cow;

use serde_json::Value;

use super::Case;
use super::auth_settings::{AuthSettings, EntraProvider, SettingsReading};
use super::exchange::{Exchange, Purpose};
use super::ids::ClientId;
use super::inputs::Cloud;
use super::issuer::Issuer;
use super::quote;
use super::resource::is_guid;
use super::secret::without_tokens;
use super::url_password::{Expected, hidden};

/// How a setting changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Add,
    Remove,
    Set,
}

/// A setting that can be changed in thought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    AllowedAudiences,
    AllowedApplications,
    AllowedClientApplications,
    AllowedIdentities,
    AllowedGroups,
    AllowedTenants,
    Issuer,
    ClientId,
    Enabled,
    UnauthenticatedAction,
    TokenVersion,
}

impl Setting {
    /// The member of the settings' JSON that it is; empty for what is not in them.
    const fn member(self) -> &'static str {
        match self {
            Self::AllowedAudiences => "allowedAudiences",
            Self::AllowedApplications => "allowedApplications",
            Self::AllowedClientApplications => "allowedClientApplications",
            Self::AllowedIdentities => "identities",
            Self::AllowedGroups => "groups",
            Self::Issuer => "openIdIssuer",
            Self::ClientId => "clientId",
            Self::Enabled => "enabled",
            Self::UnauthenticatedAction => "unauthenticatedClientAction",
            Self::AllowedTenants | Self::TokenVersion => "",
        }
    }
}

impl Setting {
    /// Whether a value can be one of this setting's.
    ///
    /// # Errors
    /// What it is not, and what to give, as the rest of a sentence.
    fn check(self, value: &str) -> Result<(), String> {
        let id_of = |what: &str| {
            if is_guid(value) { Ok(()) } else { Err(format!("isn't a GUID; use {what}")) }
        };
        match self {
            Self::AllowedApplications | Self::AllowedClientApplications => id_of("the client ID of an application"),
            Self::AllowedIdentities => id_of("the object ID of a service principal or user"),
            Self::AllowedGroups => id_of("the object ID of a group"),
            Self::AllowedTenants => id_of("a tenant ID"),
            Self::ClientId => id_of("the client ID of App 2's app registration"),
            Self::AllowedAudiences if value.contains(char::is_whitespace) => {
                Err("contains a space; use an Application ID URI or a client ID".to_owned())
            }
            Self::Issuer if !is_web_address(value) => {
                Err("isn't a URL; use an issuer such as https://login.microsoftonline.com/<tenant ID>/v2.0".to_owned())
            }
            Self::UnauthenticatedAction if !ACTIONS.iter().any(|action| action.eq_ignore_ascii_case(value)) => {
                Err(format!("isn't an action; use one of {}", ACTIONS.join(", ")))
            }
            Self::AllowedAudiences
            | Self::Issuer
            | Self::UnauthenticatedAction
            | Self::Enabled
            | Self::TokenVersion => Ok(()),
        }
    }
}

/// The values of `unauthenticatedClientAction` ("Microsoft.Web sites/config 'authsettingsV2'", template reference).
const ACTIONS: [&str; 5] = ["RedirectToLoginPage", "AllowAnonymous", "Return401", "Return403", "Return404"];

fn is_web_address(value: &str) -> bool {
    url::Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

const NAMES: [(&str, Setting); 11] = [
    ("allowedAudiences", Setting::AllowedAudiences),
    ("allowedApplications", Setting::AllowedApplications),
    ("allowedClientApplications", Setting::AllowedClientApplications),
    ("allowedIdentities", Setting::AllowedIdentities),
    ("allowedGroups", Setting::AllowedGroups),
    ("allowedTenants", Setting::AllowedTenants),
    ("issuer", Setting::Issuer),
    ("clientId", Setting::ClientId),
    ("enabled", Setting::Enabled),
    ("unauthenticatedClientAction", Setting::UnauthenticatedAction),
    ("requestedAccessTokenVersion", Setting::TokenVersion),
];

/// What is wrong with a change. The text says what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssumptionError {
    /// No operator in it.
    #[error("use a change such as allowedAudiences+=api://… or issuer=https://…")]
    Form,
    /// No setting of this name.
    #[error("{shown} isn't a known setting; use one of {}", NAMES.map(|(known, _)| known).join(", "))]
    UnknownSetting {
        /// The name, as it may be shown.
        shown: String,
    },
    /// Something that a terminal interprets.
    #[error("{name}: the value contains control characters")]
    ControlCharacters {
        /// The setting.
        name: &'static str,
    },
    /// A secret in the wrong place.
    #[error("{name}: the value looks like a token; use an audience, an ID, or an issuer")]
    Token {
        /// The setting.
        name: &'static str,
    },
    /// A password in a URL.
    #[error("{name}: the value can't contain a user name or password; remove them")]
    Password {
        /// The setting.
        name: &'static str,
    },
    /// Nothing behind the operator.
    #[error("{name}: the value is missing")]
    NoValue {
        /// The setting.
        name: &'static str,
    },
    /// A value that the setting cannot have.
    #[error("{name}: {shown} {reason}")]
    WrongValue {
        /// The setting.
        name: &'static str,
        /// The value, as it may be shown.
        shown: String,
        /// What is wrong with it, and what to give.
        reason: String,
    },
    /// A version that tokens do not have.
    #[error("{name} must be 1 or 2")]
    NoVersion {
        /// The setting.
        name: &'static str,
    },
    /// No truth value.
    #[error("{name} must be true or false")]
    NoFlag {
        /// The setting.
        name: &'static str,
    },
    /// An operator for lists.
    #[error("{name} isn't a list; use = instead of +=")]
    NoList {
        /// The setting.
        name: &'static str,
    },
}

/// One change, read from `setting+=value`, `setting-=value` or `setting=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    setting: Setting,
    change: Change,
    value: String,
}

impl Assumption {
    /// Reads a change.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what to write; whoever asks for the change says where it is.
    pub fn parse(text: &str) -> Result<Self, AssumptionError> {
        let (name, change, value) = if let Some((name, value)) = text.split_once("+=") {
            (name, Change::Add, value)
        } else if let Some((name, value)) = text.split_once("-=") {
            (name, Change::Remove, value)
        } else if let Some((name, value)) = text.split_once('=') {
            (name, Change::Set, value)
        } else {
            return Err(AssumptionError::Form);
        };
        let name = name.trim();
        let (name, setting) = NAMES
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .ok_or_else(|| AssumptionError::UnknownSetting { shown: quote::value(name) })?;
        if value.chars().any(char::is_control) {
            return Err(AssumptionError::ControlCharacters { name });
        }
        if without_tokens(value) != value {
            return Err(AssumptionError::Token { name });
        }
        let has_password = |entry: &str| entry.contains('@') && !hidden(entry, Expected::Text, false).is_empty();
        if value.split(',').any(has_password) {
            return Err(AssumptionError::Password { name });
        }
        let value = value.trim().to_owned();
        if value.split(',').all(|entry| entry.trim().is_empty()) {
            return Err(AssumptionError::NoValue { name });
        }
        if setting == Setting::TokenVersion && !matches!(value.as_str(), "1" | "2") {
            return Err(AssumptionError::NoVersion { name });
        }
        let is_bool = ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word));
        if setting == Setting::Enabled && !is_bool {
            return Err(AssumptionError::NoFlag { name });
        }
        let is_list = matches!(
            setting,
            Setting::AllowedAudiences
                | Setting::AllowedApplications
                | Setting::AllowedClientApplications
                | Setting::AllowedIdentities
                | Setting::AllowedGroups
                | Setting::AllowedTenants
        );
        if !is_list && change != Change::Set {
            return Err(AssumptionError::NoList { name });
        }
        let assumption = Self { setting, change, value };
        // A wrong entry is taken out as it stands.
        if change != Change::Remove {
            for value in assumption.values() {
                setting.check(&value).map_err(|reason| AssumptionError::WrongValue {
                    name,
                    shown: quote::value(&value),
                    reason,
                })?;
            }
        }
        Ok(assumption)
    }

    /// Whether this change makes another one, or an equal one: the same entries of a list, or another value of the same
    /// setting, which the judging then compares. The token's version decides its issuer.
    #[must_use]
    pub fn covers(&self, wanted: &Self) -> bool {
        match (self.setting, wanted.setting) {
            (Setting::TokenVersion, Setting::Issuer) => true,
            (own, other) if own != other => false,
            _ if wanted.change == Change::Set => true,
            _ => {
                let own = self.values();
                self.change != Change::Remove
                    && wanted.values().iter().all(|value| own.iter().any(|own| own.eq_ignore_ascii_case(value)))
            }
        }
    }

    /// Whether it changes the audiences that App 2 accepts.
    #[must_use]
    pub const fn changes_audiences(&self) -> bool {
        matches!(self.setting, Setting::AllowedAudiences | Setting::ClientId)
    }

    /// Whether it changes the issuer that App 2 expects, or that of its tokens.
    #[must_use]
    pub const fn changes_issuer(&self) -> bool {
        matches!(self.setting, Setting::Issuer | Setting::TokenVersion)
    }

    fn values(&self) -> Vec<String> {
        self.value.split(',').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    fn on_list<T: From<String> + AsRef<str> + PartialEq>(&self, list: &mut Option<Vec<T>>) {
        let values = self.values();
        match self.change {
            Change::Set => *list = Some(values.into_iter().map(T::from).collect()),
            Change::Add => {
                let list = list.get_or_insert_default();
                for value in values.into_iter().map(T::from) {
                    if !list.contains(&value) {
                        list.push(value);
                    }
                }
            }
            Change::Remove => {
                if let Some(list) = list {
                    list.retain(|entry| !values.iter().any(|value| value.eq_ignore_ascii_case(entry.as_ref())));
                }
            }
        }
    }

    fn on_settings(&self, settings: &mut AuthSettings) {
        if self.change == Change::Set {
            let name = self.setting.member();
            settings.undetermined.retain(|path| path != name && !path.ends_with(&format!(".{name}")));
        }
        if self.setting == Setting::AllowedTenants {
            self.on_list(&mut settings.allowed_tenants);
            return;
        }
        if self.setting == Setting::Enabled {
            settings.enabled = Some(self.value.eq_ignore_ascii_case("true"));
            return;
        }
        if self.setting == Setting::UnauthenticatedAction {
            settings.unauthenticated_action = Some(self.value.clone());
            return;
        }
        let entra = settings.entra.get_or_insert_with(EntraProvider::default);
        match self.setting {
            Setting::AllowedAudiences => self.on_list(&mut entra.allowed_audiences),
            Setting::AllowedApplications => self.on_list(&mut entra.allowed_applications),
            Setting::AllowedClientApplications => self.on_list(&mut entra.claim_check_applications),
            Setting::AllowedIdentities => self.on_list(&mut entra.allowed_identities),
            Setting::AllowedGroups => self.on_list(&mut entra.allowed_groups),
            Setting::Issuer => entra.issuer = Some(Issuer::new(self.value.clone())),
            Setting::ClientId => entra.client_id = Some(ClientId::new(self.value.clone())),
            Setting::AllowedTenants | Setting::Enabled | Setting::UnauthenticatedAction | Setting::TokenVersion => {}
        }
    }
}

/// The assumptions of a case.
#[must_use]
pub fn of(case: &Case) -> Vec<Assumption> {
    case.inputs.assume.iter().filter_map(|text| Assumption::parse(text).ok()).collect()
}

/// The case as it would be with its own assumptions made: settings and token changed, and without the observations that
/// the change makes void (the answers to the real call). A case without assumptions comes back as it is.
#[must_use]
pub fn applied(case: &Case) -> Cow<'_, Case> {
    let assumptions = of(case);
    if assumptions.is_empty() {
        return Cow::Borrowed(case);
    }
    let mut changed = case.clone();
    for reading in &mut changed.settings {
        if let Ok(settings) = &mut reading.outcome {
            assumptions.iter().for_each(|assumption| assumption.on_settings(settings));
        }
    }
    for assumption in &assumptions {
        if assumption.setting == Setting::TokenVersion {
            reissue(&mut changed, assumption.value == "2");
        }
    }
    void(&mut changed, &assumptions);
    Cow::Owned(changed)
}

/// The case without the observations that its assumptions make void, but nothing changed: what is seen besides these.
#[must_use]
pub fn voided(case: &Case) -> Case {
    let mut left = case.clone();
    void(&mut left, &of(case));
    left
}

/// Takes away what would be observed otherwise with these changes.
fn void(changed: &mut Case, assumptions: &[Assumption]) {
    if assumptions.iter().any(|assumption| assumption.setting == Setting::Issuer) {
        changed.exchanges.retain(|exchange| exchange.purpose != Purpose::IssuerMetadata);
    }
    let anonymous = changed.exchange(&Purpose::CallAnonymous).and_then(Exchange::status);
    let void = assumptions.iter().any(|assumption| match assumption.setting {
        Setting::Enabled | Setting::UnauthenticatedAction => true,
        // Without metadata every request fails; a good issuer ends that.
        Setting::Issuer | Setting::ClientId => anonymous.is_some_and(|status| status >= 500),
        _ => false,
    });
    if void {
        changed
            .exchanges
            .retain(|exchange| !matches!(exchange.purpose, Purpose::CallAnonymous | Purpose::CallInvalidToken));
    }
    // What the bare client ID's token got stays true while issuer and client ID are what they were.
    let other_validation = assumptions.iter().any(|assumption| {
        matches!(assumption.setting, Setting::Enabled | Setting::Issuer | Setting::ClientId | Setting::TokenVersion)
    });
    changed.exchanges.retain(|exchange| match exchange.purpose {
        Purpose::CallWithToken | Purpose::CallAgain | Purpose::CallRedirect(_) | Purpose::AuthMe => false,
        Purpose::CallOtherAudience => !other_validation,
        _ => true,
    });
}

/// The token as Entra would issue it for the other version ("Access token claims reference").
fn reissue(case: &mut Case, v2: bool) {
    let cloud: Cloud = case.inputs.cloud;
    let client_id = case
        .settings
        .iter()
        .filter_map(SettingsReading::settings)
        .find_map(|settings| settings.entra.as_ref()?.client_id.clone())
        .map(|id| id.to_string());
    let resource = case.resource.as_ref().map(|resource| resource.value.clone());
    let Some(token) = &mut case.token else { return };
    let tenant = token.decoded.tenant().unwrap_or_default();
    let (issuer, version, audience) = if v2 {
        (
            Issuer::v2(cloud.authority(), &tenant),
            "2.0",
            client_id.or_else(|| resource.as_deref().and_then(super::resource::client_id_of).map(str::to_owned)),
        )
    } else {
        (Issuer::v1(cloud, &tenant), "1.0", resource)
    };
    let renamed = |name: &str| -> String {
        match (name, v2) {
            ("appid", true) => "azp",
            ("azp", false) => "appid",
            ("appidacr", true) => "azpacr",
            ("azpacr", false) => "appidacr",
            (other, _) => other,
        }
        .to_owned()
    };
    for (name, value) in &mut token.decoded.claims {
        *name = renamed(name);
        match name.as_str() {
            "iss" => *value = Value::String(issuer.to_string()),
            "ver" => *value = Value::String(version.to_owned()),
            "aud" => {
                if let Some(audience) = &audience {
                    *value = Value::String(audience.clone());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read_and_bad_ones_are_quoted() {
        assert!(Assumption::parse("allowedAudiences+=api://x").is_ok());
        assert!(Assumption::parse("ALLOWEDAPPLICATIONS-=a,b").is_ok());
        assert!(Assumption::parse("clientId=11111111-2222-3333-4444-555555555555").is_ok());
        assert!(Assumption::parse("unauthenticatedclientaction=return401").is_ok());
        for (bad, word) in [
            ("allowedAudiences", "allowedAudiences+=api://"),
            ("shade=red", "'shade' isn't a known setting"),
            ("nope+=1", "allowedAudiences, allowedApplications"),
            ("+=x", "'' isn't a known setting"),
            ("issuer+=x", "issuer isn't a list"),
            ("allowedaudiences+=", "allowedAudiences: the value is missing"),
            ("allowedApplications= , ", "the value is missing"),
            ("issuer=", "the value is missing"),
            ("issuer=https://x\u{1b}[2J", "control characters"),
            ("requestedAccessTokenVersion=3", "1 or 2"),
            ("enabled=perhaps", "true or false"),
            ("allowedApplications+=foo", "allowedApplications: 'foo' isn't a GUID; use the client ID"),
            ("allowedApplications=11111111-2222-3333-4444-555555555555,foo", "'foo' isn't a GUID"),
            ("allowedClientApplications+=api://x", "use the client ID of an application"),
            ("allowedIdentities+=app1", "use the object ID of a service principal"),
            ("allowedGroups+=readers", "the object ID of a group"),
            ("allowedTenants+=contoso.com", "use a tenant ID"),
            ("clientId=app2", "the client ID of App 2's app registration"),
            ("allowedAudiences+=api://a b", "contains a space"),
            ("allowedAudiences=api://a,https://me:canary@host.example", "user name or password; remove them"),
            ("issuer=contoso", "isn't a URL"),
            ("unauthenticatedClientAction=Return402", "Return401, Return403"),
        ] {
            let error = Assumption::parse(bad).unwrap_err().to_string();
            assert!(error.contains(word) && !error.contains("canary"), "{bad}: {error}");
        }
    }
}
