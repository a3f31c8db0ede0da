//! What App 2's settings say of its protection: on, with Entra, in the right place, with an issuer that leads somewhere.

use crate::case::auth_settings::{AuthSettings, EntraProvider, Shape};
use crate::case::code::Code;
use crate::case::exchange::Purpose;
use crate::check::says;
use crate::check::weigh::weigh;
use crate::check::{Confidence, Earlier, Found, StepReport};
use crate::evidence::{Evidence, Origin, settings_path, target};

use super::server_error;

/// Judges the settings, where they are readable.
pub(super) fn judge(evidence: &Evidence<'_>, earlier: Earlier<'_>, report: &mut StepReport) {
    let Some(settings) = target::settings(evidence) else {
        return;
    };
    let source = target::settings_source(evidence);
    if let Some(path) = &settings.config_file_path {
        report.find(
            Found::warning(Code::SettingsFromFile, format!("App 2 takes its settings from the file {path}: what Azure Resource Manager, the portal and the CLI show is not what is enforced. Give that file with --auth-settings."))
                .because_of(Origin::SettingsPath(settings_path::CONFIG_FILE), format!("configFilePath = {path} (from {source})")),
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

/// Whether the whole object says nothing at all: older answers for an app whose authentication was never set up are `{}`.
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
    let finding = Found::error(
        Code::EasyAuthNotActive,
        "App 2's authentication settings are empty, as they are where Easy Auth was never set up.",
    )
    .because(format!(
        "authsettingsV2 without platform.enabled and without a provider (from {source})"
    ))
    .confirm("az webapp auth show, or the portal's page Authentication: no identity provider there means this");
    let open = target::is_open(evidence);
    if target::shows_easy_auth(evidence).is_some() {
        return Found::warning(
            Code::EasyAuthNotActive,
            "The settings shown are empty, but App 2 answers with Easy Auth's own challenge: these are not the settings that run.",
        );
    }
    finding.confidence(if open { Confidence::Certain } else { Confidence::Likely })
}

fn not_active(evidence: &Evidence<'_>, source: &str) -> Found {
    let anonymous = target::answer(evidence, &Purpose::CallAnonymous).map(|answer| answer.status);
    let effect = match anonymous {
        Some(status @ 200..=299) => format!(" Anyone can call it: a request without a token gets {status}."),
        Some(status @ (401 | 403)) => format!(" The {status} comes from the app itself."),
        _ => String::new(),
    };
    let finding = Found::error(
        Code::EasyAuthNotActive,
        format!("Easy Auth is switched off on App 2 (platform.enabled = false).{effect}"),
    )
    .because_of(
        Origin::SettingsPath(settings_path::ENABLED),
        format!("platform.enabled = false (from {source})"),
    );
    if target::shows_easy_auth(evidence).is_some() {
        // The answers come from Easy Auth: the settings shown are not those that run.
        return Found {
            disproved: true,
            ..Found::warning(Code::EasyAuthNotActive, says("contradicted"))
        };
    }
    finding
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
        let places = settings.misplaced.join(", ");
        let message = format!(
            "Settings of the Entra provider stand in the wrong place and have no effect: {places}; they belong under azureActiveDirectory.registration."
        );
        let support = format!("{places} (from {source})");
        let finding = if configured.is_none() {
            weigh(
                evidence,
                earlier,
                Found::error(Code::ProviderSettingsMisplaced, message),
            )
        } else {
            Found::warning(Code::ProviderSettingsMisplaced, message)
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
                report.find(
                    linked(Confidence::Possible, source)
                        .confirm("az staticwebapp backends show: App 2 listed as a linked backend means this"),
                );
            }
            issuer(evidence, earlier, entra, report);
        }
        _ if static_web_app => report.find(weigh(evidence, earlier, linked(Confidence::Certain, source))),
        _ => missing(evidence, earlier, settings, source, report),
    }
}

fn linked(confidence: Confidence, source: &str) -> Found {
    let message = "App 2 is linked to a Static Web App (identity provider azureStaticWebApps): it takes requests through that Static Web App only, not App 1's token.";
    let finding = Found::error(Code::LinkedBackendExclusive, message).because_of(
        Origin::SettingsPath(settings_path::STATIC_WEB_APPS),
        format!("identityProviders.azureStaticWebApps (from {source})"),
    );
    if confidence == Confidence::Certain {
        finding
    } else {
        Found {
            severity: crate::check::Severity::Warning,
            ..finding
        }
        .confidence(confidence)
    }
}

fn missing(
    evidence: &Evidence<'_>,
    earlier: Earlier<'_>,
    settings: &AuthSettings,
    source: &str,
    report: &mut StepReport,
) {
    // The web view shows one switch only, and a settings object without the switch may be a fragment.
    if !settings.shows_policy() && settings.entra.is_none() && settings.enabled.is_none()
        || settings.shape == Shape::WebConfig
        || settings.entra.is_none() && settings.hides_client_id()
    {
        return;
    }
    let others = if settings.other_providers.is_empty() {
        "none".to_owned()
    } else {
        settings.other_providers.join(", ")
    };
    let what = match &settings.entra {
        Some(entra) if entra.enabled == Some(false) => "is switched off (azureActiveDirectory.enabled = false)",
        Some(_) => "has no client id (azureActiveDirectory.registration.clientId)",
        None => "is not configured",
    };
    report.find(
        weigh(evidence, earlier, Found::error(Code::EntraProviderMissing, format!("Easy Auth is on, but its Entra provider {what}, so no Entra token is accepted. Other providers: {others}.")))
            .because_of(Origin::SettingsPath(settings_path::ENTRA), format!("identityProviders.azureActiveDirectory {what} (from {source})")),
    );
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
        // App 2 answers in an orderly way, so the form alone does not prove that its metadata cannot be loaded.
        report.find(weigh(evidence, earlier, finding.confidence(Confidence::Likely)));
    }
}
