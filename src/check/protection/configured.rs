//! What App 2's settings say of its protection: whether Easy Auth is on, its Microsoft Entra provider configured in the
//! right place, and its issuer URL valid.

use crate::case::auth_settings::{AuthSettings, EntraProvider, Shape};
use crate::case::code::Code;
use crate::case::exchange::Purpose;
use crate::check::weigh::weigh;
use crate::check::{Confidence, Earlier, Found, Severity, StepReport, says};
use crate::evidence::{Evidence, Origin, settings_path, target};
use crate::knowledge::phrase;

use super::server_error;

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
    if was_never_configured(settings) {
        report.find(never_configured(evidence, &source));
        return;
    }
    provider(evidence, earlier, settings, &source, report);
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
    let read = phrase("evidence.setting")
        .with("name", "authsettingsV2")
        .with("value", "{}");
    Found::error(Code::EasyAuthNotActive, says("empty"))
        .because(read.with("source", source))
        .confidence(if target::is_open(evidence) {
            Confidence::Certain
        } else {
            Confidence::Likely
        })
}

fn not_active(evidence: &Evidence<'_>, source: &str) -> Found {
    if target::shows_easy_auth(evidence).is_some() {
        // The answers come from Easy Auth, so App 2 doesn't run with these settings.
        return Found {
            disproved: true,
            ..Found::warning(Code::EasyAuthNotActive, says("contradicted"))
        };
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
    let configured = settings
        .entra
        .as_ref()
        .filter(|entra| entra.client_id.is_some() || settings.hides_client_id());
    if !settings.misplaced.is_empty() {
        let support = format!("{} (from {source})", settings.misplaced.join(", "));
        let finding =
            Found::error(Code::ProviderSettingsMisplaced, says("settings")).value("places", settings.misplaced.clone());
        let finding = match configured {
            None => weigh(evidence, earlier, finding),
            Some(_) => as_warning(finding),
        };
        report.find(finding.because_of(Origin::SettingsPath(settings_path::ENTRA), support));
        if configured.is_none() {
            return;
        }
    }
    let static_web_app = settings
        .other_providers
        .iter()
        .any(|name| name.eq_ignore_ascii_case("azureStaticWebApps"));
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

fn as_warning(finding: Found) -> Found {
    Found {
        severity: Severity::Warning,
        ..finding
    }
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
    let already = report
        .findings
        .iter()
        .any(|finding| finding.code == Code::IssuerInvalid);
    let Some(setting) = entra.issuer.as_ref().filter(|_| !already) else {
        return;
    };
    if let Some(finding) = server_error::issuer_fault(evidence, setting) {
        // App 2 returns no server error, so the form alone doesn't prove that the metadata can't be loaded.
        report.find(weigh(evidence, earlier, finding.confidence(Confidence::Likely)));
    }
}
