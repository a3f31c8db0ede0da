//! The paths of settings in the object `authsettingsV2`, whichever form they were read in.

macro_rules! entra {
    ($below:literal) => {
        concat!("properties.identityProviders.azureActiveDirectory", $below)
    };
}

pub(crate) const ENABLED: &str = "properties.platform.enabled";
pub(crate) const CONFIG_FILE: &str = "properties.platform.configFilePath";
pub(crate) const EXCLUDED_PATHS: &str = "properties.globalValidation.excludedPaths";
pub(crate) const STATIC_WEB_APPS: &str = "properties.identityProviders.azureStaticWebApps";
pub(crate) const ENTRA: &str = entra!("");
pub(crate) const ENTRA_ENABLED: &str = entra!(".enabled");
pub(crate) const CLIENT_ID: &str = entra!(".registration.clientId");
pub(crate) const ISSUER: &str = entra!(".registration.openIdIssuer");
pub(crate) const ALLOWED_AUDIENCES: &str = entra!(".validation.allowedAudiences");
pub(crate) const ALLOWED_APPLICATIONS: &str = entra!(".validation.defaultAuthorizationPolicy.allowedApplications");
pub(crate) const ALLOWED_PRINCIPALS: &str = entra!(".validation.defaultAuthorizationPolicy.allowedPrincipals");
pub(crate) const CLAIM_CHECK_APPLICATIONS: &str = entra!(".validation.jwtClaimChecks.allowedClientApplications");
pub(crate) const CLAIM_CHECK_GROUPS: &str = entra!(".validation.jwtClaimChecks.allowedGroups");
