//! Settings of the Entra provider that are in another place than Easy Auth reads them from, and the right place of
//! each.

use serde_json::Value;

use super::fields::member;

/// The members of the objects that decide who may call, and of nothing else: first those whose absence means something,
/// then the others.
///
/// Source: "Microsoft.Web sites/config 'authsettingsV2'" and "Microsoft.App containerApps/authConfigs" (template
/// reference).
#[rustfmt::skip]
pub(super) const KNOWN: &[(&[&str], &[&str], &[&str])] = &[
    (&[], &["platform", "globalValidation", "identityProviders"], &["httpSettings", "login", "encryptionSettings",
        "etag"]),
    (&["platform"], &["enabled"], &["runtimeVersion", "configFilePath"]),
    (&["globalValidation"], &["requireAuthentication", "unauthenticatedClientAction", "excludedPaths"],
        &["redirectToProvider"]),
    (&["identityProviders"], &["azureActiveDirectory"], &["apple", "azureStaticWebApps", "customOpenIdConnectProviders",
        "facebook", "gitHub", "google", "legacyMicrosoftAccount", "openIdConnectProviders", "twitter"]),
    (&["identityProviders", "azureActiveDirectory"], &["registration", "validation"], &["enabled", "login",
        "isAutoProvisioned"]),
    (&["identityProviders", "azureActiveDirectory", "registration"], &["clientId", "openIdIssuer"],
        &["clientSecretSettingName", "clientSecretCertificateThumbprint", "clientSecretCertificateIssuer",
        "clientSecretCertificateSubjectAlternativeName"]),
    (&["identityProviders", "azureActiveDirectory", "validation"], &["allowedAudiences", "jwtClaimChecks",
        "defaultAuthorizationPolicy"], &[]),
    (&["identityProviders", "azureActiveDirectory", "validation", "jwtClaimChecks"], &["allowedGroups",
        "allowedClientApplications"], &[]),
    (&["identityProviders", "azureActiveDirectory", "validation", "defaultAuthorizationPolicy"], &["allowedPrincipals",
        "allowedApplications"], &[]),
    (&["identityProviders", "azureActiveDirectory", "validation", "defaultAuthorizationPolicy", "allowedPrincipals"],
        &["identities", "groups"], &[]),
];

/// The places of settings whose names have one meaning only. Paths within the provider begin with its name.
///
/// Source: "Microsoft.Web sites/config 'authsettingsV2'" (template reference).
const HOMES: [&str; 20] = [
    "platform",
    "globalValidation",
    "globalValidation.requireAuthentication",
    "globalValidation.unauthenticatedClientAction",
    "globalValidation.excludedPaths",
    "identityProviders",
    "identityProviders.azureActiveDirectory",
    "azureActiveDirectory.registration",
    "azureActiveDirectory.registration.clientId",
    "azureActiveDirectory.registration.openIdIssuer",
    "azureActiveDirectory.registration.clientSecretSettingName",
    "azureActiveDirectory.validation",
    "azureActiveDirectory.validation.allowedAudiences",
    "azureActiveDirectory.validation.jwtClaimChecks",
    "azureActiveDirectory.validation.jwtClaimChecks.allowedClientApplications",
    "azureActiveDirectory.validation.jwtClaimChecks.allowedGroups",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedApplications",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedPrincipals",
    "azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedPrincipals.identities",
];

/// Names that people and tools give to settings that have another.
const ALIASES: [(&str, &str); 2] = [
    ("issuer", "azureActiveDirectory.registration.openIdIssuer"),
    ("groups", "azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedPrincipals.groups"),
];

/// Where Easy Auth reads the setting that a path ends with, in whatever spelling; `None` for a name that isn't a
/// setting's, or that several settings have.
#[must_use]
pub fn home(path: &str) -> Option<&'static str> {
    let name = last(path).replace(['_', '-'], "");
    let homes = HOMES.into_iter().map(|home| (last(home), home));
    homes.chain(ALIASES).find(|(known, _)| known.eq_ignore_ascii_case(&name)).map(|(_, home)| home)
}

/// Where Easy Auth reads these settings, each place once.
#[must_use]
pub fn homes(paths: &[String]) -> Vec<String> {
    let mut homes: Vec<String> = Vec::new();
    for home in paths.iter().filter_map(|path| home(path)) {
        if !homes.iter().any(|known| known == home) {
            homes.push(home.to_owned());
        }
    }
    homes
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// A path within the settings, as findings name it: one within the provider begins with the provider's name.
pub(super) fn short(path: &[&str], name: &str) -> String {
    let whole = path.iter().copied().chain([name]).collect::<Vec<_>>().join(".");
    let within = "identityProviders.azureActiveDirectory.";
    match whole.strip_prefix("identityProviders.") {
        Some(rest) if whole.starts_with(within) => rest.to_owned(),
        _ => whole,
    }
}

/// Whether a member is a setting of the provider that Easy Auth reads in another place. One that is in its place under
/// another spelling isn't.
pub(super) fn is_misplaced(path: &[&str], name: &str) -> bool {
    let Some(home) = home(name).filter(|home| home.starts_with("azureActiveDirectory") || is_provider(home)) else {
        return false;
    };
    short(path, last(home)) != home
}

/// The provider itself, and what it is in.
fn is_provider(home: &str) -> bool {
    home.starts_with("identityProviders")
}

/// The provider's settings in other places, by path.
pub(super) fn misplaced(value: &Value) -> Vec<String> {
    const LOGIN: &[&str] = &["identityProviders", "azureActiveDirectory", "login"];
    let known = KNOWN.iter().map(|(path, deciding, others)| (*path, [*deciding, *others].concat()));
    let mut found = Vec::new();
    for (path, names) in known.chain([(LOGIN, Vec::new())]) {
        let place = path.iter().try_fold(value, |value, name| member(value, name));
        for (name, member) in place.and_then(Value::as_object).into_iter().flatten() {
            let is_known = names.iter().any(|known| known.eq_ignore_ascii_case(name));
            if !is_known && !member.is_null() && is_misplaced(path, name) {
                found.push(short(path, name));
            }
        }
    }
    found
}
