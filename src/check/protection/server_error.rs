//! A fault of every request, before any token is read: 500 without a token and with a deliberately invalid one. A
//! malformed issuer URL, or one whose tenant the authority doesn't know, is the cause; all else is only a candidate.

use crate::case::issuer::{self, Fault};
use crate::check::prelude::*;

/// Judges a fault of every request; `true` if there is one.
pub(super) fn judge(evidence: &Evidence<'_>, report: &mut StepReport) -> bool {
    let Some(status) = server_error(evidence) else {
        return false;
    };
    for finding in findings(evidence, status) {
        let support = [Purpose::CallAnonymous, Purpose::CallInvalidToken];
        let support = support.iter().filter_map(|purpose| evidence.exchange(purpose));
        report.find(support.map(target::evidence).fold(finding, Found::because));
    }
    true
}

/// 500 or 501 without a token, and with a deliberately invalid one if that was tried. A gateway's 502 to 504 mean that
/// the app doesn't run, and what else it writes itself is its own; step 8 judges both.
fn server_error(evidence: &Evidence<'_>) -> Option<u16> {
    let is_error =
        |answer: &Answer| matches!(answer.status, 500 | 501 | 505..=599) && responder::gateway_of(answer).is_none();
    let anonymous = target::answer(evidence, &Purpose::CallAnonymous).filter(|answer| is_error(answer))?;
    let also =
        evidence.exchange(&Purpose::CallInvalidToken).is_none_or(|exchange| exchange.answer().is_some_and(is_error));
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
    let found = |code, key, is_likely: bool| {
        let confidence = if is_likely { Confidence::Likely } else { Confidence::Possible };
        let finding = Found::error(code, says(key)).confidence(confidence);
        finding.value("status", status)
    };
    // What resolves at this run's authority may not at another cloud's.
    let is_elsewhere = setting.is_some_and(|setting| setting.parts().is_of_another_cloud(&cloud_of(evidence)));
    let resolves = target::issuer_resolves(evidence) == Some(true) && !is_elsewhere;
    let egress = |key, is_likely| found(Code::TargetEgressBlocked, key, is_likely).confirm(says("console"));
    let mut findings = match log::newest(evidence, &[log::Says::Metadata]) {
        Some(word) => vec![egress("log", resolves).because(word.evidence())],
        None => vec![found(Code::TargetErrorEveryRequest, "answers", resolves), egress("every-request", false)],
    };
    if !resolves {
        let invalid = found(Code::IssuerInvalid, "every-request", false).confirm(says("metadata"));
        findings.push(invalid.value_if_any("setting", setting.map(ToString::to_string)));
    }
    findings.push(found(Code::ProviderSecretBroken, "answers", false));
    if anonymous_may_reach_app(evidence) {
        findings.push(found(Code::AppError, "every-request", false));
    }
    findings
}

/// The authority of this run, or its cloud's where the authority is none of Microsoft's.
fn cloud_of(evidence: &Evidence<'_>) -> issuer::Parts {
    let of = |authority: &str| Issuer::v2(authority, &TenantId::new("common")).parts();
    let authority = of(evidence.inputs.authority());
    if authority.is_of_a_known_cloud() { authority } else { of(evidence.inputs.cloud.authority()) }
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

/// What is wrong with the issuer URL: its form, or a tenant that the authority doesn't know.
pub(super) fn issuer_fault(evidence: &Evidence<'_>, setting: &Issuer) -> Option<Found> {
    let issuer = setting.parts();
    if issuer.external {
        return None;
    }
    let invalid = |key| Found::error(Code::IssuerInvalid, says(key)).value("setting", setting.as_str());
    let finding = match issuer.fault {
        Some(Fault::NotAnAddress) => invalid("not-an-address"),
        Some(Fault::WrongOrder) => {
            let tenant = issuer.tenant.as_ref().map(ToString::to_string);
            invalid("wrong-order").value_if_any("tenant", tenant)
        }
        Some(Fault::NoTenant) => invalid("no-tenant"),
        Some(Fault::UnknownPath(rest)) => invalid("unknown-path").value("path", rest),
        None if target::issuer_resolves(evidence) == Some(false) => {
            let asked = evidence.exchange(&Purpose::IssuerMetadata).map(target::evidence);
            return Some(asked.into_iter().fold(invalid("unknown-tenant"), Found::because));
        }
        None => return None,
    };
    let source = target::settings_source(evidence);
    // A file may be old.
    let finding = if target::settings_are_live(evidence) { finding } else { finding.confidence(Confidence::Likely) };
    Some(finding.because(target::setting(settings_path::ISSUER, setting.as_str(), &source)))
}
