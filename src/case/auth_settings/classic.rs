//! The classic (V1) settings, flat: `enabled`, `clientId`, `issuer`, `allowedAudiences`, …

use serde_json::Value;

use super::fields::{Notes, Place, has_any, member};
use super::{AuthSettings, EntraProvider, Shape, v2};
use crate::case::ids::{ClientId, ObjectId};
use crate::case::issuer::Issuer;
use crate::case::resource_id::ResourceId;

/// The members by which the classic view is recognised.
pub(super) const MEMBERS: [&str; 8] = [
    "issuer",
    "clientId",
    "isAuthFromFile",
    "unauthenticatedClientAction",
    "defaultProvider",
    "tokenStoreEnabled",
    "validateIssuer",
    "configVersion",
];

/// Those of them that no other software's configuration has.
pub(super) const MEMBERS_OF_ITS_OWN: [&str; 4] =
    ["isAuthFromFile", "unauthenticatedClientAction", "tokenStoreEnabled", "additionalLoginParams"];

/// Reads the classic view; `id` is the resource ID of its envelope.
pub(super) fn read(value: &Value, id: Option<&str>) -> AuthSettings {
    let mut notes = Notes::new();
    let place = Place::root(value, "");
    let config_version = place.text("configVersion", &mut notes);
    let from_file = place.flag("isAuthFromFile", &mut notes) == Some(true);
    let file = place.text("authFilePath", &mut notes);
    let action = place.text("unauthenticatedClientAction", &mut notes);
    let acl = place.text("aadClaimsAuthorization", &mut notes);
    let (claim_check_applications, claim_check_groups) = claims_authorization(acl.as_deref(), &mut notes);
    let provider = EntraProvider {
        claim_check_applications,
        claim_check_groups,
        client_id: place.text("clientId", &mut notes).map(ClientId::new),
        issuer: place.text("issuer", &mut notes).map(Issuer::new),
        secret_setting: place.setting_name("clientSecretSettingName", &mut notes),
        allowed_audiences: place.list("allowedAudiences", &mut notes),
        ..EntraProvider::default()
    };
    AuthSettings {
        enabled: place.flag("enabled", &mut notes),
        runtime_version: place.text("runtimeVersion", &mut notes),
        config_file_path: from_file.then(|| file.unwrap_or_else(|| "auth.json".to_owned())),
        unauthenticated_action: action,
        redirect_to_provider: place.text("defaultProvider", &mut notes),
        entra: (provider.client_id.is_some() || provider.issuer.is_some()).then_some(provider),
        other_providers: other_providers(value),
        token_store: place.flag("tokenStoreEnabled", &mut notes),
        incomplete: incomplete(config_version.as_deref(), id),
        config_version,
        undetermined: notes,
        ..AuthSettings::unknown(Shape::Classic)
    }
}

/// The applications and groups of the classic access list: a text with JSON in it, whose members go by the names of
/// `jwtClaimChecks` in other letters. What cannot be read is noted.
pub(super) fn claims_authorization(
    text: Option<&str>,
    notes: &mut Notes,
) -> (Option<Vec<ClientId>>, Option<Vec<ObjectId>>) {
    let Some(text) = text else {
        return (None, None);
    };
    let Ok(list) = crate::case::json::parse(text) else {
        notes.push("jwtClaimChecks".to_owned());
        return (None, None);
    };
    let place = Place::root(&list, "aadClaimsAuthorization");
    (
        either(&place, ["allowed_client_applications", "allowedClientApplications"], notes),
        either(&place, ["allowed_groups", "allowedGroups"], notes),
    )
}

fn either<T: From<String>>(place: &Place<'_>, names: [&str; 2], notes: &mut Notes) -> Option<Vec<T>> {
    names.iter().find_map(|name| place.list(name, notes))
}

fn incomplete(config_version: Option<&str>, id: Option<&str>) -> Option<String> {
    if config_version == Some("v1") {
        return None;
    }
    let site = id
        .and_then(|id| ResourceId::new(id).app_of_configuration())
        .map_or_else(|| "/subscriptions/…/sites/<app>".to_owned(), |site| site.path());
    Some(format!(
        "this is the classic view{}, without allowedApplications, allowedPrincipals, Return401, and Return403. To \
         get all settings: az rest --method get --url \
         \"https://management.azure.com{site}/config/authsettingsV2?api-version=2024-04-01\"",
        if config_version.is_some() { " of an app that uses the V2 settings" } else { "" }
    ))
}

fn other_providers(value: &Value) -> Vec<String> {
    [
        ("google", "googleClientId"),
        ("facebook", "facebookAppId"),
        ("gitHub", "gitHubClientId"),
        ("twitter", "twitterConsumerKey"),
        ("microsoftAccount", "microsoftAccountClientId"),
    ]
    .into_iter()
    .filter(|(_, id)| member(value, id).and_then(Value::as_str).is_some_and(|id| !id.is_empty()))
    .map(|(name, _)| name.to_owned())
    .collect()
}

/// The V2 settings in `config/web` and in a site's `siteConfig`.
pub(super) const WEB_V2: &str = "siteAuthSettingsV2";

/// Reads `config/web` or a site's `siteConfig`: its V2 settings, else `siteAuthEnabled` alone.
pub(super) fn read_web(value: &Value) -> Option<AuthSettings> {
    let mut notes = Notes::new();
    let enabled = Place::root(value, "").flag("siteAuthEnabled", &mut notes);
    if let Some(settings) = member(value, WEB_V2).filter(|settings| settings.is_object()) {
        let settings = v2::read(settings, Shape::Arm);
        return Some(AuthSettings { enabled: settings.enabled.or(enabled), ..settings });
    }
    if !has_any(value, &["siteAuthEnabled"]) {
        return None;
    }
    Some(AuthSettings {
        enabled,
        incomplete: Some(
            "config/web shows only whether authentication is turned on (siteAuthEnabled), not its settings".to_owned(),
        ),
        undetermined: notes,
        ..AuthSettings::unknown(Shape::WebConfig)
    })
}
