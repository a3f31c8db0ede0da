//! A fault of every request, before any token is read: 500 without a token and with a deliberately invalid one. A
//! malformed issuer URL, or one whose tenant the authority doesn't know, is the cause; all else is only a candidate.

use crate::check::prelude::*;

/// The findings about a fault of every request; `None` if there is none.
pub(super) fn judge(evidence: &Evidence<'_>) -> Option<Vec<Found>> {
    let status = server_error(evidence)?;
    let requests = [Purpose::CallAnonymous, Purpose::CallInvalidToken];
    let shown = |finding: Found| finding.shown_by(evidence, requests.clone());
    Some(findings(evidence, status).into_iter().map(shown).collect())
}

/// 500 or 501 without a token, and with a deliberately invalid one if that was tried. A gateway's 502 to 504 mean that
/// the app doesn't run, and what else it writes itself is its own; step 8 judges both.
fn server_error(evidence: &Evidence<'_>) -> Option<u16> {
    let is_error = |it: &Answer| matches!(it.status, 500 | 501 | 505..=599) && responder::gateway(it).is_none();
    let anonymous = evidence.anonymous().filter(|answer| is_error(answer))?;
    let invalid = evidence.exchange(&Purpose::CallInvalidToken);
    let also = invalid.is_none_or(|exchange| exchange.answer().is_some_and(is_error));
    let reaches_more = evidence.call_status().is_some_and(|status| status < 500);
    // Easy Auth's own page needs its metadata and keys as well.
    (also && !reaches_more && evidence.me != Some(Me::Admitted)).then_some(anonymous.status)
}

/// Whether Easy Auth refuses the token on its own page, so that it reads tokens, and the app fails at an excluded path.
fn works_elsewhere(evidence: &Evidence<'_>) -> bool {
    let refuses = |answer: &Answer| match answer.status {
        401 => responder::judge(answer).by == Responder::EasyAuth,
        403 => !responder::has_own_body(answer) && !responder::is_from_before(answer),
        _ => false,
    };
    target::excludes_the_call(evidence) && evidence.answer(&Purpose::AuthMe).is_some_and(refuses)
}

fn findings(evidence: &Evidence<'_>, status: u16) -> Vec<Found> {
    if works_elsewhere(evidence) {
        let finding = Found::of(Code::AppError, "excluded").value("status", status);
        return vec![finding.shown_by(evidence, [Purpose::AuthMe])];
    }
    let setting = target::entra(evidence).and_then(|entra| entra.issuer.as_ref());
    let fault = setting.map_or_else(|| unevaluated(evidence), |setting| issuer_fault(evidence, setting));
    if let Some(invalid) = fault {
        let invalid = invalid.within(phrase("protection.metadata-unreachable").with("status", status));
        // Another site's settings explain nothing for certain.
        return vec![invalid.likely_unless(target::site_is_the_targets(evidence))];
    }
    let resolves = target::issuer_resolves(evidence) == Some(true);
    // What App 2 asks for is at its issuer's own host, and a firewall may allow others.
    let metadata = setting.and_then(Issuer::metadata_url);
    let egress = |key| Found::of(Code::TargetEgressBlocked, key).value_if_any("metadata_url", metadata.clone());
    let said = evidence.anonymous().is_some_and(spoken::tells_of_no_metadata);
    // A line of another day isn't about what App 2 answers now.
    let word = log::newest(evidence, &[Says::Metadata]).filter(|word| word.weight > Confidence::Possible);
    let mut findings = match word {
        Some(word) if word.shows_an_unknown_tenant() && !resolves => {
            return vec![Found::of(Code::IssuerInvalid, "log").because(word.entry)];
        }
        // The log may also name what stopped the connection to the authority.
        Some(word) => {
            let is_network = knowledge::tells_of_no_way_to_entra(&word.entry.text);
            vec![egress("log").likely_if(resolves || is_network).because(word.entry)]
        }
        None if said => vec![egress("answers").likely_if(resolves)],
        None => vec![Found::of(Code::TargetErrorEveryRequest, "answers").likely_if(resolves), egress("every-request")],
    };
    if !resolves || setting.is_some_and(Issuer::is_padded) {
        // What a file has in place of a tenant may be filled in when it is deployed, or stored as it is.
        let is_open = target::settings(evidence).is_some_and(|settings| settings.is_undetermined("openIdIssuer"));
        let key = if is_open { "placeholder" } else { "every-request" };
        let invalid = Found::of(Code::IssuerInvalid, key);
        findings.push(invalid.value_if_any("setting", setting.map(ToString::to_string)));
    }
    if !said {
        findings.push(Found::of(Code::ProviderSecretBroken, "answers"));
        let reaches_the_app = target::settings(evidence)
            .is_none_or(|settings| settings.enabled != Some(true) || settings.may_allow_anonymous());
        findings.extend(reaches_the_app.then(|| Found::of(Code::AppError, "every-request")));
    }
    findings.into_iter().map(|finding| finding.value("status", status)).collect()
}

/// A template's expression in the settings themselves: in a template it has a value, where it is stored it is text.
fn unevaluated(evidence: &Evidence<'_>) -> Option<Found> {
    // A template has no resource ID; what was read from Azure into a file has one.
    let is_stored = |settings: &&AuthSettings| target::settings_are_live(evidence) || settings.site_id.is_some();
    let settings = target::settings(evidence).filter(is_stored)?;
    settings.is_undetermined("openIdIssuer").then(|| Found::of(Code::IssuerInvalid, "unevaluated"))
}

/// What is wrong with the issuer URL: its form, or a tenant that the authority doesn't know.
pub(super) fn issuer_fault(evidence: &Evidence<'_>, setting: &Issuer) -> Option<Found> {
    let issuer = setting.parts();
    // Another service has paths of its own.
    let is_readable = !matches!(issuer.fault, Some(Fault::NotAnAddress | Fault::NotATenant));
    if issuer.external || is_readable && evidence.is_of_another_service(&issuer) {
        return None;
    }
    let invalid = |key| Found::of(Code::IssuerInvalid, key).value("setting", setting.as_str());
    let other = target::entra(evidence).and_then(|entra| evidence.other_id_as_tenant(entra));
    let finding = match issuer.fault {
        Some(Fault::UnknownPath(rest)) => invalid("unknown-path").value("path", rest),
        Some(fault) => invalid(fault.name()),
        None if let Some(kind) = other => invalid("other-id").when(kind, true),
        None if target::issuer_resolves(evidence) == Some(false) => {
            return Some(invalid("unknown-tenant").shown_by(evidence, [Purpose::IssuerMetadata]));
        }
        None => return None,
    };
    // A file may be old, and that http is refused is documented for classic settings alone.
    let is_sure = target::settings_are_live(evidence) && !setting.as_str().trim().starts_with("http:");
    Some(finding.certain_if(is_sure).because_set(settings_path::ISSUER, setting.as_str()))
}
