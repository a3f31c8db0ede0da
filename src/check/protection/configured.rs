//! What App 2's settings say of its protection: whether Easy Auth is on, its Microsoft Entra provider configured in the
//! right place, and its issuer URL valid.

use super::server_error;
use crate::case::auth_settings::{Shape, home};
use crate::case::target_kind::TargetKind;
use crate::check::prelude::*;

/// Judges the settings, if they could be read.
pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    let Some(settings) = target::settings(evidence) else {
        return;
    };
    let source = target::settings_source(evidence);
    if let Some(path) = &settings.config_file_path {
        report.find(
            Found::warning(Code::SettingsFromFile, says("settings"))
                .because(target::setting(settings_path::CONFIG_FILE, path, &source))
                .value("path", path),
        );
    }
    if settings.enabled == Some(false) {
        report.find(not_active(evidence, &source));
        return;
    }
    if settings.shape == Shape::EntraProvider && settings.entra.is_none() {
        let empty = Found::warning(Code::SettingsUnreadable, says("nothing")).value("source", source.as_str());
        report.find(empty.confidence(Confidence::Likely));
        return;
    }
    if was_never_configured(settings) {
        report.find(never_configured(evidence, &source));
        return;
    }
    provider(evidence, earlier, settings, &source, report);
}

/// On Windows a file in the site's root may open a path that the settings protect.
pub(super) fn url_rules(evidence: &Evidence<'_>, report: &mut StepReport) {
    let differs = |found: &&Found| {
        found.code == Code::UnauthenticatedActionNotApplied && found.severity == Severity::Error && !found.disproved
    };
    let Some(differing) = report.findings.iter().find(differs) else {
        return;
    };
    let kind = evidence.site.as_ref().and_then(|site| site.kind.as_deref());
    let is_linux = kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("linux"));
    if is_linux || target::kind(evidence) != TargetKind::WebApp {
        return;
    }
    let status = target::answer(evidence, &Purpose::CallAnonymous).map(|answer| answer.status);
    let finding = Found::error(Code::UrlAuthorizationRules, says("settings"))
        .confidence(Confidence::Possible)
        .value_if_any("status", status);
    let evidence = differing.evidence.clone();
    report.find(evidence.into_iter().fold(finding, Found::because));
}

/// Whether the whole object is empty, as it is in older answers for an app whose authentication was never set up
/// (`{}`).
fn was_never_configured(settings: &AuthSettings) -> bool {
    matches!(settings.shape, Shape::Arm | Shape::V2)
        && settings.enabled.is_none()
        && settings.entra.is_none()
        && settings.other_providers.is_empty()
        && settings.misplaced.is_empty()
        && settings.undetermined.is_empty()
        && settings.config_file_path.is_none()
        && settings.unauthenticated_action.is_none()
}

fn never_configured(evidence: &Evidence<'_>, source: &str) -> Found {
    if target::shows_easy_auth(evidence).is_some() {
        return Found::warning(Code::EasyAuthNotActive, says("empty-contradicted"));
    }
    let read = phrase("evidence.setting").with("name", "authsettingsV2").with("value", "{}");
    Found::error(Code::EasyAuthNotActive, says("empty"))
        .because(read.with("source", source))
        .confidence(if target::is_open(evidence) { Confidence::Certain } else { Confidence::Likely })
}

fn not_active(evidence: &Evidence<'_>, source: &str) -> Found {
    if target::shows_easy_auth(evidence).is_some() {
        // The answers come from Easy Auth, so App 2 doesn't run with these settings.
        return Found { disproved: true, ..Found::warning(Code::EasyAuthNotActive, says("contradicted")) };
    }
    let status = target::answer(evidence, &Purpose::CallAnonymous).map(|answer| answer.status);
    Found::error(Code::EasyAuthNotActive, says("settings"))
        .because(target::setting(settings_path::ENABLED, "false", source))
        .value_if_any("status", status)
        .when("open", matches!(status, Some(200..=299)))
        .when("rejected", matches!(status, Some(401 | 403)))
}

fn provider(
    evidence: &Evidence<'_>,
    earlier: Earlier<'_>,
    settings: &AuthSettings,
    source: &str,
    report: &mut StepReport,
) {
    let configured = settings.entra.as_ref().filter(|entra| entra.client_id.is_some() || is_expression(settings));
    if !settings.misplaced.is_empty() {
        let support = format!("{} (from {source})", settings.misplaced.join(", "));
        let finding = named(Found::error(Code::ProviderSettingsMisplaced, says("settings")), &settings.misplaced);
        let finding = match configured {
            None => weigh(evidence, earlier, finding),
            Some(_) => as_warning(finding),
        };
        report.find(finding.because_of(Origin::SettingsPath(settings_path::ENTRA), support));
        if configured.is_none() {
            return;
        }
    }
    if configured.is_none() && settings.misplaced.is_empty() && !settings.unread.is_empty() {
        report.find(not_understood(evidence, earlier, settings, source));
        return;
    }
    let respelled: Vec<String> = settings.unread.iter().filter(|path| home(path).is_some()).cloned().collect();
    if settings.misplaced.is_empty() && !respelled.is_empty() {
        let support = format!("{} (from {source})", respelled.join(", "));
        let finding = named(Found::warning(Code::ProviderSettingsMisplaced, says("spelling")), &respelled);
        report.find(finding.because_of(Origin::SettingsPath(settings_path::ENTRA), support));
    }
    let static_web_app = settings.other_providers.iter().any(|name| name.eq_ignore_ascii_case("azureStaticWebApps"));
    match configured {
        Some(entra) if entra.enabled != Some(false) => {
            if static_web_app {
                let beside = as_warning(linked("beside-entra", source));
                report.find(beside.confidence(Confidence::Possible));
            }
            issuer(evidence, earlier, entra, report);
        }
        _ if static_web_app => report.find(weigh(evidence, earlier, linked("settings", source))),
        _ => missing(evidence, earlier, settings, source, report),
    }
}

/// Whether a template's expression hides the client ID, and nothing that isn't understood does.
fn is_expression(settings: &AuthSettings) -> bool {
    settings.hides_client_id() && settings.unread.is_empty()
}

/// Members that Easy Auth doesn't read where they are, and no provider beside them. If App 2 stores them like this, it
/// runs without the provider; a tool may also have written its settings in another form.
fn not_understood(evidence: &Evidence<'_>, earlier: Earlier<'_>, settings: &AuthSettings, source: &str) -> Found {
    let support = format!("{} (from {source})", settings.unread.join(", "));
    let finding = named(Found::error(Code::ProviderSettingsMisplaced, says("not-understood")), &settings.unread)
        .because_of(Origin::SettingsPath(settings_path::ENTRA), support);
    // A challenge or a sign-in address with a client ID shows that App 2 runs with a provider.
    if target::names_a_client_id(evidence) {
        return Found { disproved: true, ..as_warning(finding) };
    }
    let is_refused = target::call_status(evidence) == Some(401);
    weigh(evidence, earlier, finding.confidence(if is_refused { Confidence::Likely } else { Confidence::Possible }))
}

/// The finding with the places of settings, and the places that Easy Auth reads them from.
fn named(finding: Found, places: &[String]) -> Found {
    let mut homes: Vec<String> = Vec::new();
    for home in places.iter().filter_map(|place| home(place)) {
        if !homes.iter().any(|known| known == home) {
            homes.push(home.to_owned());
        }
    }
    let within = |place: &String| match place.strip_prefix("identityProviders.") {
        Some(rest) if rest.starts_with("azureActiveDirectory.") => rest.to_owned(),
        _ => place.clone(),
    };
    let finding = finding.value("places", places.iter().map(within).collect::<Vec<_>>());
    if homes.is_empty() { finding } else { finding.value("homes", homes) }
}

fn as_warning(finding: Found) -> Found {
    Found { severity: Severity::Warning, ..finding }
}

fn linked(key: &'static str, source: &str) -> Found {
    let read = format!("identityProviders.azureStaticWebApps (from {source})");
    Found::error(Code::LinkedBackendExclusive, says(key))
        .because_of(Origin::SettingsPath(settings_path::STATIC_WEB_APPS), read)
}

fn missing(
    evidence: &Evidence<'_>,
    earlier: Earlier<'_>,
    settings: &AuthSettings,
    source: &str,
    report: &mut StepReport,
) {
    // The web view has only one switch, and a settings object without the switch may be a fragment.
    if !settings.shows_policy() && settings.entra.is_none() && settings.enabled.is_none()
        || settings.shape == Shape::WebConfig
        || settings.entra.is_none() && settings.hides_client_id()
    {
        return;
    }
    let (key, path, value) = match &settings.entra {
        Some(entra) if entra.enabled == Some(false) => ("off", settings_path::ENTRA_ENABLED, "false"),
        Some(_) => ("no-client-id", settings_path::CLIENT_ID, "null"),
        None => ("absent", settings_path::ENTRA, "null"),
    };
    let finding = Found::error(Code::EntraProviderMissing, says(key)).value("others", settings.other_providers.clone());
    let finding = weigh(evidence, earlier, finding);
    report.find(finding.because(target::setting(path, value, source)));
}

fn issuer(evidence: &Evidence<'_>, earlier: Earlier<'_>, entra: &EntraProvider, report: &mut StepReport) {
    let already = report.findings.iter().any(|finding| finding.code == Code::IssuerInvalid);
    let Some(setting) = entra.issuer.as_ref().filter(|_| !already) else {
        return;
    };
    if let Some(finding) = server_error::issuer_fault(evidence, setting) {
        // App 2 returns no server error, so the form alone doesn't prove that the metadata can't be loaded.
        report.find(weigh(evidence, earlier, finding.confidence(Confidence::Likely)));
    }
}
