//! App 2's authentication settings as its middleware understands them. Written anew for the lab, from the wire names.

use serde_json::Value;

use super::keys::Keys;
use super::patch::merged;
use super::tenants;
use super::validation::{Expected, Invalid, validate};
use super::world::World;

/// What the middleware acts on.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub enabled: bool,
    pub require_authentication: bool,
    pub action: String,
    pub excluded_paths: Vec<String>,
    pub api_prefix: String,
    pub token_store: bool,
    /// The Entra provider, when it is there, not disabled, and has a client ID in its right place.
    pub provider: Option<Provider>,
    /// Whether the app takes requests only from the Static Web App that it is linked to.
    pub linked: bool,
}

/// The Entra provider.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub client_id: String,
    pub issuer: String,
    pub challenge: bool,
    pub audiences: Vec<String>,
    pub applications: Vec<String>,
    pub identities: Vec<String>,
    pub groups: Vec<String>,
    pub claim_check_applications: Vec<String>,
    pub claim_check_groups: Vec<String>,
    pub tenants: Option<Vec<String>>,
    pub needs_service_principal: bool,
}

/// What an issuer setting leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// Tokens of exactly this issuer.
    Issuer(String),
    /// Tokens of every directory: the issuer is `common` or `organizations`.
    Every,
    /// Metadata cannot be had: every request fails.
    Unresolvable,
}

impl Settings {
    /// What really runs: the stored settings, but for what was changed and not applied yet.
    pub fn running(world: &World) -> Value {
        merged(&world.easy_auth.properties, &world.easy_auth.running)
    }

    /// The settings in effect: the file's, if the platform is set to read one.
    pub fn in_force(world: &World) -> Self {
        let stored = &Self::running(world);
        let from_file = text(stored, &["platform", "configFilePath"]).is_some_and(|path| !path.is_empty());
        if from_file { Self::read(world, &merged(stored, &world.easy_auth.file)) } else { Self::read(world, stored) }
    }

    fn read(world: &World, root: &Value) -> Self {
        let linked = at(root, &["identityProviders", "azureStaticWebApps"]).is_some_and(|linked| {
            flag(linked, &["enabled"]) != Some(false) && text(linked, &["registration", "clientId"]).is_some()
        });
        Self {
            enabled: flag(root, &["platform", "enabled"]).unwrap_or(false),
            require_authentication: flag(root, &["globalValidation", "requireAuthentication"]).unwrap_or(true),
            action: text(root, &["globalValidation", "unauthenticatedClientAction"])
                .unwrap_or("RedirectToLoginPage")
                .to_owned(),
            excluded_paths: [texts(root, &["globalValidation", "excludedPaths"]), world.easy_auth.opened_paths.clone()]
                .concat(),
            api_prefix: text(root, &["httpSettings", "routes", "apiPrefix"]).unwrap_or("/.auth").to_owned(),
            token_store: flag(root, &["login", "tokenStore", "enabled"]).unwrap_or(false),
            provider: Provider::read(world, root),
            linked,
        }
    }
}

impl Provider {
    fn read(world: &World, root: &Value) -> Option<Self> {
        let provider = at(root, &["identityProviders", "azureActiveDirectory"])?;
        if flag(provider, &["enabled"]) == Some(false) {
            return None;
        }
        // A client ID directly under the provider has no effect (facts: easy-auth, 1.3).
        let client_id = text(provider, &["registration", "clientId"]).filter(|id| !id.is_empty())?.to_owned();
        let mut audiences = texts(provider, &["validation", "allowedAudiences"]);
        audiences.push(client_id.clone());
        let policy = ["validation", "defaultAuthorizationPolicy"];
        let below = |rest: &[&str]| texts(provider, &[policy.as_slice(), rest].concat());
        let identities = below(&["allowedPrincipals", "identities"]);
        let setting = |name: &str| world.easy_auth.app_settings.get(name).map(String::as_str);
        Some(Self {
            client_id,
            issuer: text(provider, &["registration", "openIdIssuer"]).unwrap_or_default().to_owned(),
            challenge: flag(provider, &["login", "disableWWWAuthenticate"]) != Some(true),
            audiences,
            applications: below(&["allowedApplications"]),
            groups: below(&["allowedPrincipals", "groups"]),
            claim_check_applications: texts(provider, &["validation", "jwtClaimChecks", "allowedClientApplications"]),
            claim_check_groups: texts(provider, &["validation", "jwtClaimChecks", "allowedGroups"]),
            tenants: setting("WEBSITE_AUTH_AAD_ALLOWED_TENANTS")
                .filter(|list| !list.trim().is_empty())
                .map(|list| list.split(',').map(|tenant| tenant.trim().to_owned()).collect()),
            needs_service_principal: !identities.is_empty()
                || matches!(setting("WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL"), Some("true" | "1")),
            identities,
        })
    }

    /// The claims of a token that is valid here.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn validate(&self, world: &World, keys: &Keys, token: &str) -> Result<Value, Invalid> {
        let lenient = world.easy_auth.lenient;
        let issuers = match self.accepted_issuer(world) {
            Accepted::Issuer(issuer) if lenient => {
                Some([Some(issuer), self.other_version(world)].into_iter().flatten().collect())
            }
            Accepted::Issuer(issuer) => Some(vec![issuer]),
            Accepted::Every => None,
            Accepted::Unresolvable => Some(Vec::new()),
        };
        let implied = lenient.then(|| format!("api://{}", self.client_id));
        let audiences: Vec<String> = self.audiences.iter().cloned().chain(implied).collect();
        let expected = Expected { audiences: &audiences, issuers: issuers.as_deref(), loosely: lenient };
        validate(keys, token, &expected)
    }

    /// The issuer of the same tenant's tokens of the other version.
    fn other_version(&self, world: &World) -> Option<String> {
        let v2 = self.issuer.trim_end_matches('/').ends_with("/v2.0");
        tenants::issuer(world, self.tenant(), !v2)
    }

    /// The tenant that the issuer setting names, as the challenge shows it.
    pub fn tenant(&self) -> &str {
        self.issuer.split('/').find(|segment| uuid::Uuid::try_parse(segment).is_ok()).unwrap_or("common")
    }

    /// What the issuer setting leads to: the issuer that its metadata names (facts: easy-auth, 2.2).
    pub fn accepted_issuer(&self, world: &World) -> Accepted {
        let known_host = |host: &str| {
            matches!(host, "login.microsoftonline.com" | "sts.windows.net" | "login.windows.net")
                || world.addresses.entra.ends_with(&format!("//{host}"))
        };
        let Some((_, rest)) = self.issuer.split_once("://") else {
            return Accepted::Unresolvable;
        };
        let mut segments = rest.split('/').filter(|segment| !segment.is_empty());
        let (Some(host), Some(tenant)) = (segments.next(), segments.next()) else {
            return Accepted::Unresolvable;
        };
        let rest: Vec<&str> = segments.collect();
        let v2 = match rest.as_slice() {
            [] | [".well-known", "openid-configuration"] => false,
            ["v2.0"] | ["v2.0", ".well-known", "openid-configuration"] => true,
            _ => return Accepted::Unresolvable,
        };
        let outside = host.ends_with(".b2clogin.com") || host.ends_with(".ciamlogin.com");
        if outside && v2 && !world.easy_auth.egress_blocked {
            return Accepted::Issuer(format!("https://{host}/{tenant}/v2.0/"));
        }
        if !known_host(host) || world.easy_auth.egress_blocked {
            return Accepted::Unresolvable;
        }
        if matches!(tenant, "common" | "organizations") {
            return Accepted::Every;
        }
        tenants::issuer(world, tenant, v2).map_or(Accepted::Unresolvable, Accepted::Issuer)
    }
}

fn at<'a>(root: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(root, |value, name| value.get(name))
}

fn text<'a>(root: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(root, path)?.as_str()
}

fn flag(root: &Value, path: &[&str]) -> Option<bool> {
    at(root, path)?.as_bool()
}

fn texts(root: &Value, path: &[&str]) -> Vec<String> {
    at(root, path)
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default()
}
