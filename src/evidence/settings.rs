//! App 2's settings in force, among everything that was read of them.

use super::answers::{challenge, named_client_id, shows_easy_auth};
use super::prelude::*;

/// App 2's settings in force: the reading that is nearest to what really runs. One that a file of App 2's overrides, or
/// that does not show who is allowed, comes after the others; one of another app does not count.
pub fn settings_reading(case: &Case) -> Option<&SettingsReading> {
    let rank = |(reading, settings): &(&SettingsReading, &AuthSettings)| {
        (settings.config_file_path.is_some(), !settings.shows_policy(), reading.source.nearness())
    };
    own_readings(case).min_by_key(rank).map(|(reading, _)| reading)
}

/// What was read of App 2's settings, without those of another app.
fn own_readings(case: &Case) -> impl Iterator<Item = (&SettingsReading, &AuthSettings)> {
    let read = case.settings.iter().filter_map(|reading| Some((reading, reading.settings()?)));
    let is_anothers = |reading: &SettingsReading| reading.source.is_from_azure() && case.other_slot().is_some();
    read.filter(move |(reading, _)| !is_anothers(reading) && names_another_app(case, reading).is_none())
}

/// The file of App 2's that overrides its settings in Azure, where a source names one.
pub fn config_file(case: &Case) -> Option<&str> {
    own_readings(case).find_map(|(_, settings)| settings.config_file_path.as_deref())
}

/// App 2's settings as they are stored, which is what is changed, unless a file overrides them.
pub fn stored_reading(case: &Case) -> Option<&SettingsReading> {
    own_readings(case)
        .filter(|(reading, settings)| {
            !reading.source.runs() && settings.shows_policy() && settings.config_file_path.is_none()
        })
        .map(|(reading, _)| reading)
        .min_by_key(|reading| reading.source.nearness())
}

/// App 2's settings as they are stored.
pub fn stored(case: &Case) -> Option<&AuthSettings> {
    stored_reading(case)?.settings()
}

/// App 2's settings in force.
pub fn settings(case: &Case) -> Option<&AuthSettings> {
    settings_reading(case)?.settings()
}

/// Whether the settings exclude the path of the call, and Easy Auth doesn't refuse a request without a token there.
pub fn excludes_the_call(case: &Case) -> bool {
    let is_refused = |answer| responder::judge(answer).by == Responder::EasyAuth;
    settings(case).is_some_and(|settings| settings.excluding_entry(&case.inputs).is_some())
        && !case.anonymous().is_some_and(is_refused)
}

/// Whether Easy Auth is on in the settings in force, where they show it.
pub fn enabled(case: &Case) -> Option<bool> {
    settings(case)?.enabled
}

/// Whether Easy Auth is off in the settings, and nothing shows that it is on.
pub fn is_switched_off(case: &Case) -> bool {
    enabled(case) == Some(false) && shows_easy_auth(case).is_none()
}

/// Whether Easy Auth is set to answer requests that it refuses with 403.
pub fn answers_with_403(case: &Case) -> bool {
    settings(case).is_some_and(|settings| settings.unauthenticated_action.as_deref() == Some("Return403"))
}

/// Where the settings in force were read.
pub fn settings_source(case: &Case) -> String {
    settings_reading(case).map_or_else(|| "no settings".to_owned(), |reading| reading.source.to_string())
}

/// Whether the authority has metadata for App 2's issuer URL; `None` if this is not known. What this run's authority
/// has, or doesn't have, says nothing of another cloud or service.
pub fn issuer_resolves(case: &Case) -> Option<bool> {
    let answer = case.answer(&Purpose::IssuerMetadata)?;
    let setting = entra(case).and_then(|entra| entra.issuer.as_ref()).map(Issuer::parts);
    let is_elsewhere =
        |it: &issuer::Parts| it.is_of_another_cloud(&case.authority_of_cloud()) || case.is_of_another_service(it);
    if setting.as_ref().is_some_and(is_elsewhere) {
        return None;
    }
    if answer.status == 200 {
        return answer.json()?.get("issuer").map(|_| true);
    }
    let tenant = setting.and_then(|setting| setting.tenant);
    let issued_a_token = tenant.is_some() && case.decoded().and_then(DecodedToken::tenant) == tenant;
    (knowledge::is_unknown_tenant(answer) && !issued_a_token).then_some(false)
}

/// App 2's Entra provider in force, if it exists and is enabled, and Easy Auth is not off.
pub fn entra(case: &Case) -> Option<&EntraProvider> {
    settings(case).filter(|settings| settings.enabled != Some(false)).and_then(AuthSettings::entra_enabled)
}

/// App 2's Entra provider as it is configured, also if Easy Auth is off: what will be in force when it is on.
pub fn configured_entra(case: &Case) -> Option<&EntraProvider> {
    settings(case).and_then(AuthSettings::entra_enabled)
}

/// Whether the settings are what is enforced, as far as is known: a configuration file overrides them, and App 2's
/// answers or its own environment may show that others run.
pub fn settings_are_enforced(case: &Case) -> bool {
    settings(case).is_some_and(|settings| settings.config_file_path.is_none())
        && site_is_the_targets(case)
        && !are_refuted(case)
        && settings_reading(case).is_none_or(|reading| contradictions(case, reading).is_empty())
}

/// Whether the settings decide nothing, whatever they say: a configuration file is in effect instead of them, or they
/// are those of a site that can't have the target's host name.
pub fn settings_are_others(case: &Case) -> bool {
    settings(case).is_some_and(|settings| settings.config_file_path.is_some()) || site_is_anothers(case)
}

/// Whether the site whose settings were read in Azure can't have the target's host name, which is an app's own.
fn site_is_anothers(case: &Case) -> bool {
    !site_is_the_targets(case) && host_names(case).any(|host| TargetKind::by_host(&host).is_some())
}

/// Whether the site whose settings were read in Azure has the target's host name, or the one in its challenge, as far
/// as is known. A gateway in front has a name of its own.
pub fn site_is_the_targets(case: &Case) -> bool {
    if !settings_reading(case).is_some_and(|reading| reading.source.is_from_azure()) {
        return true;
    }
    let mut names = host_names(case).peekable();
    names.peek().is_none()
        || match (&case.site, &case.inputs.target_resource_id) {
            (Some(site), _) if !site.host_names.is_empty() => names.any(|name| site.has_host(&name)),
            // Its own host name begins with the name in its ID.
            (_, Some(id)) => !names.any(|name| Wanted { host: Some(&name), id: None }.is_not(id)),
            _ => true,
        }
}

/// The host names of App 2: the one that is called, and the one in its challenge, whatever is in front of it.
fn host_names(case: &Case) -> impl Iterator<Item = String> {
    let realm = challenge(case).and_then(|challenge| challenge.parameter("realm").map(str::to_owned));
    case.inputs.target_host().into_iter().chain(realm).filter(|name| !name.is_empty())
}

/// Whether App 2's own answers refute the settings: Easy Auth answers although it is off in them, or it names a client
/// ID although they have none that is in force.
pub fn are_refuted(case: &Case) -> bool {
    let Some(settings) = settings(case) else { return false };
    if settings.enabled == Some(false) {
        return shows_easy_auth(case).is_some();
    }
    let has_id = settings.entra_enabled().is_some_and(|entra| entra.client_id.is_some()) || settings.hides_client_id();
    !has_id && settings.shows_policy() && challenge(case).and_then(Challenge::resource_id).is_some()
}

/// App 2's resource ID, where a source or the user names it.
pub fn resource_id(case: &Case) -> Option<ResourceId> {
    let from_azure = || case.settings.iter().filter(|reading| reading.source.is_from_azure());
    let of_settings = || settings(case)?.site_id.clone();
    let site = case.site.as_ref();
    // The ID that was given is none where Azure Resource Manager has nothing, and may be another app's.
    if site.is_none() && from_azure().any(SettingsReading::is_absent) {
        return of_settings();
    }
    let is_known = site.is_some_and(|site| !site.host_names.is_empty());
    if is_known && site_is_anothers(case) || from_azure().any(|reading| names_another_app(case, reading).is_some()) {
        return None;
    }
    let of_site = site.and_then(|site| site.id.clone());
    let id = of_site.or_else(|| case.inputs.target_resource_id.clone()).or_else(of_settings)?;
    Some(case.other_slot().map_or_else(|| id.clone(), |slot| id.of_slot(&slot)))
}

/// What kind of app App 2 is: by its resource ID, its host name, or its front end. A web app, where none shows a kind.
pub fn kind(case: &Case) -> TargetKind {
    let by_id = resource_id(case).and_then(|id| id.parts()?.target_kind());
    let by_page = || crate::knowledge::front_end::kind_behind(case.anonymous()?);
    by_id.or_else(|| case.inputs.target_kind()).or_else(by_page).unwrap_or(TargetKind::USUAL)
}

/// Whether the settings in force were read from Azure or from App 2 itself in this run; a file may be old.
pub fn settings_are_live(case: &Case) -> bool {
    settings_reading(case).is_some_and(|reading| !matches!(reading.source, SettingsSource::File(_)))
}

/// Whether the settings show the whole policy: no part of it is an expression, or unknown to this program.
pub fn policy_is_told(case: &Case) -> bool {
    settings(case).is_some_and(|settings| {
        settings.shows_policy()
            && settings.undetermined_policy().next().is_none()
            && settings.unread_policy().next().is_none()
    })
}

/// Whether the settings show the whole policy that is enforced: a rule that rejects the caller would have been found.
pub fn policy_is_known(case: &Case) -> bool {
    policy_is_told(case) && settings_are_enforced(case)
}

/// `WEBSITE_AUTH_AAD_ALLOWED_TENANTS`, from whichever source shows it.
pub fn allowed_tenants(case: &Case) -> Option<&[TenantId]> {
    own_readings(case).find_map(|(_, settings)| settings.allowed_tenants.as_deref())
}

/// `WEBSITE_AUTH_AAD_REQUIRE_CLIENT_SERVICE_PRINCIPAL`, from whichever source shows it.
pub fn requires_service_principal(case: &Case) -> Option<bool> {
    own_readings(case).find_map(|(_, settings)| settings.require_client_service_principal)
}

/// What App 2 runs with, by its own environment.
pub fn running_reading(case: &Case) -> Option<(&SettingsReading, &AuthSettings)> {
    let mut running = case.settings.iter().filter(|reading| reading.source.runs());
    running.find_map(|reading| Some((reading, reading.settings()?)))
}

/// The settings that a token is compared with: what App 2 runs with, if its environment shows it, else those in force.
pub fn validating(case: &Case) -> Option<(&SettingsReading, &AuthSettings)> {
    running_reading(case)
        .filter(|(reading, running)| {
            let is_known = running.entra_enabled().is_some_and(|entra| entra.client_id.is_some());
            is_known && running.config_file_path.is_none() && names_another_app(case, reading).is_none()
        })
        .or_else(|| settings_reading(case).and_then(|reading| Some((reading, reading.settings()?))))
}

/// The Entra provider of [`validating`], also if Easy Auth is off, and where it was read.
pub fn validating_entra(case: &Case) -> Option<(&EntraProvider, &SettingsSource)> {
    let (reading, settings) = validating(case)?;
    Some((settings.entra_enabled()?, &reading.source))
}

/// The settings of a file that contradict what App 2 runs with, where both are known: name, value in the file, value in
/// the environment. The file is then old, another slot's, or not applied yet. Settings that are stored in Azure are
/// compared in step 2: App 2 will apply them.
pub fn contradictions(case: &Case, reading: &SettingsReading) -> Vec<(&'static str, String, String)> {
    let Some((_, running)) = running_reading(case).filter(|_| matches!(reading.source, SettingsSource::File(_))) else {
        return Vec::new();
    };
    let stored = reading.settings().filter(|_| running.config_file_path.is_none());
    let mut differing = stored.map(|stored| stored.differing(running)).unwrap_or_default();
    // The environment variable has other names for the actions.
    differing.retain(|(name, stored, running)| {
        *name != "unauthenticatedClientAction" && !stored.eq_ignore_ascii_case(running)
    });
    differing
}

/// The client ID in stored settings and the one that App 2 itself names, with what names it (its challenge or sign-in
/// address, or its environment), if they differ: the settings belong to another app or slot, or are not in force yet,
/// and do not explain why the call is rejected.
pub fn names_another_app(case: &Case, reading: &SettingsReading) -> Option<(String, String, &'static str)> {
    let stored = reading.settings()?.entra.as_ref()?.client_id.as_ref()?.as_str();
    if reading.source == SettingsSource::OwnEnviron {
        return None;
    }
    let running = || {
        let (_, running) = running_reading(case).filter(|_| matches!(reading.source, SettingsSource::File(_)))?;
        running.entra.as_ref()?.client_id.clone()
    };
    let challenged = challenge(case).and_then(Challenge::resource_id);
    // Everybody asks, and nearly always they are the same, letter by letter.
    if challenged.is_some_and(|named| named == stored || named.eq_ignore_ascii_case(stored)) || !is_guid(stored) {
        return None;
    }
    let (named, by) = named_client_id(case)
        .map(|(named, _)| (named, "challenge"))
        .or_else(|| running().map(|named| (named.to_string(), "environment")))?;
    let assumed = case.inputs.assume.iter().any(|change| change.to_ascii_lowercase().starts_with("clientid"));
    let differ = !assumed && is_guid(&named) && !stored.eq_ignore_ascii_case(&named);
    (differ && !case.challenges_have(stored)).then(|| (stored.to_owned(), named, by))
}
