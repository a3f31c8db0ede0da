//! A fault that every request meets, before any token is looked at: 500 without a token and with an impossible one.
//!
//! | settings | metadata of the issuer | finding |
//! |---|---|---|
//! | issuer malformed, or its tenant unknown to the authority | — | `issuer-invalid`, certain |
//! | issuer good | read from here | `target-error-every-request` likely; egress, secret, app as candidates |
//! | not readable | — | candidates only |

use crate::case::code::Code;
use crate::case::exchange::{Answer, Purpose};
use crate::case::ids::TenantId;
use crate::case::issuer::{Fault, Issuer};
use crate::check::{Confidence, Found, StepReport};
use crate::evidence::{Evidence, EvidenceLine, Origin, log, settings_path, target};
use crate::knowledge::phrase;

/// Judges a fault of every request; `true` when there is one.
pub(super) fn judge(evidence: &Evidence<'_>, report: &mut StepReport) -> bool {
    let Some(status) = server_error(evidence) else {
        return false;
    };
    let support: Vec<EvidenceLine> = [Purpose::CallAnonymous, Purpose::CallInvalidToken]
        .iter()
        .filter_map(|purpose| evidence.exchange(purpose))
        .map(target::evidence)
        .collect();
    for mut finding in findings(evidence, status) {
        finding.evidence.extend(support.iter().cloned());
        report.find(finding);
    }
    true
}

/// 500 or 501 without a token, and with an impossible one where that was tried. Gateways' 502 to 504 tell of an app
/// that does not run, which step 8 judges.
fn server_error(evidence: &Evidence<'_>) -> Option<u16> {
    let is_error = |answer: &Answer| matches!(answer.status, 500 | 501 | 505..=599);
    let anonymous = target::answer(evidence, &Purpose::CallAnonymous).filter(|answer| is_error(answer))?;
    let also = evidence
        .exchange(&Purpose::CallInvalidToken)
        .is_none_or(|exchange| exchange.answer().is_some_and(is_error));
    (also && !target::call_succeeded(evidence)).then_some(anonymous.status)
}

fn findings(evidence: &Evidence<'_>, status: u16) -> Vec<Found> {
    let setting = target::entra(evidence).and_then(|entra| entra.issuer.as_ref());
    if let Some(invalid) = setting.and_then(|setting| issuer_fault(evidence, setting)) {
        return vec![Found {
            says: phrase("protection.metadata-unreachable")
                .with("message", invalid.message())
                .with("status", status)
                .into(),
            ..invalid
        }];
    }
    let logged = log::newest(evidence, &[log::Says::Metadata]);
    let resolves = target::issuer_resolves(evidence);
    let mut findings = Vec::new();
    let egress = Found::error(
        Code::TargetEgressBlocked,
        format!("App 2 answers {status} to every request: its outbound network may not reach Entra, so that Easy Auth cannot load metadata and keys."),
    )
    .confirm("in App 2's console: curl -sS https://login.microsoftonline.com/common/.well-known/openid-configuration; no answer means this");
    if let Some(word) = logged {
        findings.push(egress.because(word.evidence()).confidence(if resolves == Some(true) {
            Confidence::Likely
        } else {
            Confidence::Possible
        }));
    } else {
        let every = Found::error(
            Code::TargetErrorEveryRequest,
            format!("App 2 answers {status} to every request, with and without a token: something fails before any token is looked at."),
        )
        .confirm("App 2's log stream during one request names the exception");
        findings.push(every.confidence(if resolves == Some(true) {
            Confidence::Likely
        } else {
            Confidence::Possible
        }));
        findings.push(egress.confidence(Confidence::Possible));
    }
    if resolves != Some(true) {
        let shown = setting.map(|setting| format!(" ({setting})")).unwrap_or_default();
        findings.push(
            Found::error(Code::IssuerInvalid, format!("App 2's issuer setting{shown} may lead to no metadata: a wrong tenant or a wrong form answers {status} on every request."))
                .confidence(Confidence::Possible)
                .confirm("read openIdIssuer in App 2's settings (--target-resource-id or --auth-settings) and open <issuer>/.well-known/openid-configuration"),
        );
    }
    let secret = target::entra(evidence)
        .and_then(|entra| entra.secret_setting.as_deref())
        .map(|name| format!(" {name}"))
        .unwrap_or_default();
    findings.push(
        Found::error(Code::ProviderSecretBroken, format!("The app setting{secret} that holds the provider's client secret may be missing, or a Key Vault reference that does not resolve."))
            .confidence(Confidence::Possible)
            .confirm("az webapp config appsettings list: the setting named by clientSecretSettingName must be there, and its Key Vault reference resolved"),
    );
    if anonymous_may_reach_app(evidence) {
        findings.push(
            Found::error(Code::AppError, format!("The app itself may answer {status}: nothing shows that Easy Auth stops requests without a token before it."))
                .confidence(Confidence::Possible)
                .confirm("App 2's application log during one request: an exception of the app means this"),
        );
    }
    findings
}

fn anonymous_may_reach_app(evidence: &Evidence<'_>) -> bool {
    target::settings(evidence).is_none_or(|settings| {
        settings.enabled != Some(true)
            || settings.require_authentication == Some(false)
            || settings
                .unauthenticated_action
                .as_deref()
                .is_some_and(|action| action.eq_ignore_ascii_case("AllowAnonymous"))
    })
}

/// What is wrong with the issuer setting, by its form or because the authority knows no such tenant.
pub(super) fn issuer_fault(evidence: &Evidence<'_>, setting: &Issuer) -> Option<Found> {
    let issuer = setting.parts();
    if issuer.external {
        return None;
    }
    let shown = crate::case::text::visible(setting.as_str());
    let message = match &issuer.fault {
        Some(Fault::NotAnAddress) => {
            format!("App 2's issuer setting (openIdIssuer) \"{shown}\" is not an https address.")
        }
        Some(Fault::WrongOrder) => format!(
            "App 2's issuer setting (openIdIssuer) {shown} has v2.0 before the tenant; the right order is https://login.microsoftonline.com/{}/v2.0.",
            issuer.tenant.as_ref().map_or("<tenant>", TenantId::as_str)
        ),
        Some(Fault::NoTenant) => format!("App 2's issuer setting (openIdIssuer) {shown} names no tenant."),
        Some(Fault::UnknownPath(rest)) => format!(
            "App 2's issuer setting (openIdIssuer) {shown} has a path that no authority has behind its tenant ({rest})."
        ),
        None if target::issuer_resolves(evidence) == Some(false) => {
            let finding = Found::error(
                Code::IssuerInvalid,
                format!(
                    "App 2's issuer setting (openIdIssuer) {shown} names a tenant that the authority does not know."
                ),
            );
            return Some(match evidence.exchange(&Purpose::IssuerMetadata) {
                Some(exchange) => finding.because(target::evidence(exchange)),
                None => finding,
            });
        }
        None => return None,
    };
    let read = format!("openIdIssuer = {shown} (from {})", target::settings_source(evidence));
    let origin = Origin::SettingsPath(settings_path::ISSUER);
    Some(Found::error(Code::IssuerInvalid, message).because_of(origin, read))
}
