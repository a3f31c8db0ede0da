//! What App 2's settings say of its protection: the switch, the Microsoft Entra provider, and the issuer URL.

use super::server_error;
use crate::check::prelude::*;

pub(super) fn findings(evidence: &Evidence<'_>) -> Vec<Found> {
    let Some(settings) = target::settings(evidence) else {
        return Vec::new();
    };
    let from_file = target::config_file(evidence).map(|path| {
        let finding = Found::of(Code::SettingsFromFile, "settings").value("path", path);
        finding.because_set(settings_path::CONFIG_FILE, path)
    });
    let is_empty_provider = settings.shape == Shape::EntraProvider && settings.entra.is_none();
    let of_provider = match () {
        () if settings.enabled == Some(false) => vec![not_active(evidence)],
        () if is_empty_provider => vec![Found::of(Code::SettingsNotUsed, "nothing")],
        () if settings.is_empty() => vec![never_configured(evidence)],
        () => provider(evidence, settings),
    };
    from_file.into_iter().chain(of_provider).collect()
}

/// On Windows a file in the site's root may open a path that the settings protect.
pub(super) fn url_rules(evidence: &Evidence<'_>, report: &StepReport) -> Option<Found> {
    let differs = |found: &&Found| {
        found.code == Code::UnauthenticatedActionNotApplied && found.severity == Severity::Error && !found.disproved
    };
    let differing = report.findings.iter().find(differs)?;
    let is_linux = evidence.site.as_ref().and_then(|site| site.is_of_kind("linux"));
    (is_linux != Some(true) && target::kind(evidence) == TargetKind::WebApp).then(|| {
        Found::of(Code::UrlAuthorizationRules, "settings")
            .value_if_any("status", evidence.anonymous().map(|answer| answer.status))
            .because_all(differing.evidence.clone())
    })
}

fn never_configured(evidence: &Evidence<'_>) -> Found {
    if target::shows_easy_auth(evidence).is_some() {
        return Found::of(Code::EasyAuthNotActive, "empty-contradicted");
    }
    let read = phrase("evidence.setting").with("name", "authsettingsV2").with("value", "{}");
    let finding = Found::of(Code::EasyAuthNotActive, "empty").because(read);
    finding.certain_if(target::is_open(evidence))
}

fn not_active(evidence: &Evidence<'_>) -> Found {
    if target::shows_easy_auth(evidence).is_some() {
        // The answers come from Easy Auth, so App 2 doesn't run with these settings.
        return Found { disproved: true, ..Found::of(Code::EasyAuthNotActive, "contradicted") };
    }
    let anonymous = evidence.anonymous();
    let status = anonymous.map(|answer| answer.status);
    let is_the_apps = |it: &Answer| !responder::is_from_before(it) && !spoken::is_static_web_apps(it);
    let has_provider = target::settings(evidence).is_some_and(|settings| {
        settings.hides_client_id() || settings.entra.as_ref().is_some_and(|entra| entra.client_id.is_some())
    });
    Found::of(Code::EasyAuthNotActive, "settings")
        .when("no_provider", !has_provider)
        .because_set(settings_path::ENABLED, "false")
        .value_if_any("status", status)
        .value_if_any("given_headers", evidence.inputs.given_headers())
        .when("open", matches!(status, Some(200..=299)))
        .when("rejected", anonymous.is_some_and(is_the_apps) && matches!(status, Some(401 | 403)))
}

fn provider(evidence: &Evidence<'_>, settings: &AuthSettings) -> Vec<Found> {
    // A template's expression may hide the client ID, and nothing that isn't understood does.
    let is_expression = settings.hides_client_id() && settings.unread.is_empty();
    let configured = settings.entra.as_ref().filter(|entra| entra.client_id.is_some() || is_expression);
    let mut found = Vec::new();
    if !settings.misplaced.is_empty() {
        found.push(misplaced("settings", &settings.misplaced).warning_if(configured.is_some()));
        if configured.is_none() {
            return found;
        }
    } else if configured.is_none() && !settings.unread.is_empty() {
        return vec![not_understood(evidence, settings)];
    } else {
        let respelled: Vec<String> = settings.unread.iter().filter(|path| home(path).is_some()).cloned().collect();
        found.extend((!respelled.is_empty()).then(|| misplaced("spelling", &respelled)));
    }
    let linked = |key| {
        // What Easy Auth answers there to a token of Entra's isn't documented.
        let is_refused = matches!(evidence.call_status(), None | Some(401));
        let read = phrase("evidence.settings").with("names", "identityProviders.azureStaticWebApps");
        let key = if key == "beside-entra" && evidence.is_like_a_linked_backend() { "bare-beside" } else { key };
        let finding = Found::of(Code::LinkedBackendExclusive, key).likely_unless(is_refused);
        settings.has_static_web_apps().then(|| finding.because_setting(settings_path::STATIC_WEB_APPS, read))
    };
    match configured {
        Some(entra) if entra.enabled != Some(false) => {
            found.extend(linked("beside-entra"));
            // What only holds the place of an ID is a template's.
            let is_another = |id: &&ClientId| !id.is_guid() && !is_placeholder(id.as_str());
            let other = entra.client_id.as_ref().filter(is_another).filter(|_| !settings.is_undetermined("clientId"));
            found.extend(other.map(|id| {
                let finding = Found::of(Code::EntraProviderMissing, "not-an-id").value("setting", id.as_str());
                finding.because_set(settings_path::CLIENT_ID, id.as_str())
            }));
            // App 2 returns no server error, so the form alone doesn't prove that the metadata can't be loaded.
            let fault = entra.issuer.as_ref().and_then(|setting| server_error::issuer_fault(evidence, setting));
            found.extend(fault.map(|finding| finding.confidence(Confidence::Likely)));
            let any_tenant = entra.is_open_to_every_tenant() && settings.shows_policy();
            let is_open = any_tenant && target::allowed_tenants(evidence).is_none_or(<[_]>::is_empty);
            let setting = entra.issuer.as_ref().filter(|_| is_open);
            found.extend(setting.map(|it| Found::of(Code::IssuerInvalid, "any-tenant").value("setting", it.as_str())));
        }
        _ => found.extend(linked("settings").or_else(|| missing(evidence, settings))),
    }
    found
}

/// Members that Easy Auth doesn't read where they are, and no provider beside them. If App 2 stores them like this, it
/// runs without the provider; a tool may also have written its settings in another form.
fn not_understood(evidence: &Evidence<'_>, settings: &AuthSettings) -> Found {
    let finding = misplaced("not-understood", &settings.unread);
    // A challenge or a sign-in address with a client ID shows that App 2 runs with a provider.
    if target::named_client_id(evidence).is_some() {
        return Found { disproved: true, ..finding.warning_if(true) };
    }
    finding.likely_if(evidence.call_status() == Some(401))
}

/// Settings in places that Easy Auth doesn't read them from, and where it does.
fn misplaced(key: &'static str, places: &[String]) -> Found {
    let within = |place: &String| match place.strip_prefix("identityProviders.") {
        Some(rest) if rest.starts_with("azureActiveDirectory.") => rest.to_owned(),
        _ => place.clone(),
    };
    Found::of(Code::ProviderSettingsMisplaced, key)
        .value("places", places.iter().map(within).collect::<Vec<_>>())
        .value_if_any("homes", Some(homes(places)).filter(|homes| !homes.is_empty()))
        .because_setting(settings_path::ENTRA, phrase("evidence.settings").with("names", places.join(", ")))
}

fn missing(evidence: &Evidence<'_>, settings: &AuthSettings) -> Option<Found> {
    // A few variables of an environment don't show that others aren't set, which the challenge shows to be.
    let is_excerpt = settings.shape == Shape::Variables && target::named_client_id(evidence).is_some();
    // The web view has only one switch, and a settings object without the switch may be a fragment.
    let is_fragment = !settings.shows_policy() && settings.enabled.is_none();
    let may_be_hidden = settings.entra.is_none() && (is_fragment || is_excerpt || settings.hides_client_id());
    if may_be_hidden || settings.shape == Shape::WebConfig {
        return None;
    }
    let (key, path, value) = match &settings.entra {
        Some(entra) if entra.enabled == Some(false) => ("off", settings_path::ENTRA_ENABLED, "false"),
        Some(_) => ("no-client-id", settings_path::CLIENT_ID, "null"),
        None => ("absent", settings_path::ENTRA, "null"),
    };
    let finding = Found::of(Code::EntraProviderMissing, key).value("others", settings.other_providers.clone());
    Some(finding.because_set(path, value))
}
