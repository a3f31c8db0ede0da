//! Whether App 2 can be reached: its name, the connection, the certificate, and the front end.

use crate::case::exchange::CA_AS_SERVER;
use crate::check::blocked;
use crate::check::prelude::*;

/// Judges reachability; `true` if a finding decides the step.
pub(super) fn judge(evidence: &Evidence<'_>, report: &mut StepReport) -> bool {
    let anonymous = evidence.exchange(&Purpose::CallAnonymous);
    // A pause of this process says nothing of App 2.
    let Some(exchange) = anonymous.filter(|exchange| !exchange.says_nothing()) else {
        return false;
    };
    let finding = unreachable(evidence, exchange)
        .or_else(|| refused_by_front_end(evidence, exchange))
        .or_else(|| refused_by_gateway(evidence, exchange).map(|finding| vec![finding]));
    let decided = finding.is_some();
    for finding in finding.into_iter().flatten() {
        report.find(finding.because(target::evidence(exchange)));
    }
    decided
}

fn unreachable(evidence: &Evidence<'_>, exchange: &Exchange) -> Option<Vec<Found>> {
    // It answers, and step 8 says what is wrong with that.
    let failure = exchange.failure().filter(|failure| failure.kind != FailureKind::HeadersTooLarge)?;
    let unreachable = |key| Found::error(Code::TargetUnreachable, says(key));
    let finding = match failure.kind {
        FailureKind::TlsUntrusted => {
            let is_own = failure.message.starts_with(CA_AS_SERVER);
            let finding = Found::error(Code::TargetTlsUntrusted, says("answers")).when("ca_as_server", is_own);
            if is_own { finding.confidence(Confidence::Possible) } else { finding }
        }
        FailureKind::ConnectionRefused | FailureKind::NetworkUnreachable | FailureKind::Proxy => {
            unreachable("unreachable")
        }
        kind => match kind {
            FailureKind::LookupUnanswered => unreachable("dns"),
            FailureKind::NameNotResolved => Found::error(Code::TargetNotFound, says("name")),
            FailureKind::ConnectTimeout => unreachable("connect-timeout"),
            FailureKind::AnswerTimeout => unreachable("answer-timeout"),
            FailureKind::ConnectionReset => unreachable("reset"),
            FailureKind::NotHttp => unreachable("not-http"),
            FailureKind::TlsFailed => unreachable("tls"),
            _ => unreachable("failed"),
        }
        .confidence(Confidence::Likely),
    };
    let address = target::address(evidence);
    let finding = finding
        .when("silent", failure.kind == FailureKind::AnswerTimeout)
        .value_if_any("resolved", address.map(|(address, _)| address.to_string()))
        .when("private", address.is_some_and(|(_, is_private)| is_private));
    Some(vec![finding.value("reason", shown::reason(failure))])
}

fn refused_by_front_end(evidence: &Evidence<'_>, exchange: &Exchange) -> Option<Vec<Found>> {
    // An app may pass such a page on.
    let answer = exchange.answer().filter(|answer| !responder::passed_the_middleware(answer))?;
    let Responder::FrontEnd(front_end) = responder::judge(answer).by else {
        return None;
    };
    let site = evidence.site.as_ref();
    Some(match front_end {
        FrontEnd::IpForbidden(address) => vec![restricted(evidence, address)],
        FrontEnd::Ingress => {
            vec![Found::error(Code::NetworkAccessRestricted, says("ingress")).confidence(Confidence::Likely)]
        }
        FrontEnd::Stopped => vec![stopped(evidence, "stopped")],
        FrontEnd::ClientCertificateRequired => {
            let mode = site.and_then(|site| site.client_certificate_mode.as_deref());
            vec![Found::error(Code::ClientCertificateRequired, says("answers")).value_if_any("mode", mode)]
        }
        FrontEnd::NoSuchSite => vec![Found::error(Code::TargetNotFound, says("no-such-site"))],
        FrontEnd::Unavailable => unavailable(evidence),
    })
}

/// A gateway in front that rejects the request with and without the token, so that nothing reaches App 2.
fn refused_by_gateway(evidence: &Evidence<'_>, exchange: &Exchange) -> Option<Found> {
    let refusal = |exchange: &Exchange| {
        let answer = exchange.answer()?;
        let gateway = responder::gateway(answer)?;
        let is_refusal = gateway.blocks() || answer.status == 403 && gateway.says.is_none();
        is_refusal.then_some((gateway, answer.status))
    };
    let (gateway, status) = refusal(exchange)?;
    let call = target::final_call(evidence);
    if call.is_some_and(|call| refusal(call).is_none_or(|(other, _)| other.name != gateway.name)) {
        return None;
    }
    Some(blocked::by_gateway(gateway, status))
}

fn restricted(evidence: &Evidence<'_>, address: Option<String>) -> Found {
    // IPv6 addresses are those of service endpoints, which no IP rule allows.
    let v4 = address.clone().filter(|ip| !ip.contains(':'));
    let is_endpoint =
        address.as_deref().is_some_and(|ip| ip.trim_start_matches('[').to_ascii_lowercase().starts_with("fd"));
    Found::error(Code::NetworkAccessRestricted, says("restricted"))
        .value_if_any("egress_ip", v4)
        .value_if_any("address", address)
        .value_if_any("gateway_rule", evidence.site.as_ref().and_then(|site| site.gateway_rule.as_deref()))
        .when("endpoint", is_endpoint)
}

fn stopped(evidence: &Evidence<'_>, key: &'static str) -> Found {
    let site = evidence.site.as_ref();
    let usage = site.and_then(|site| site.usage_state.as_deref());
    Found::error(Code::TargetStopped, says(key))
        .value_if_any("state", site.and_then(|site| site.state.as_deref()))
        .when("quota", usage.is_some_and(|state| state.eq_ignore_ascii_case("Exceeded")))
}

fn unavailable(evidence: &Evidence<'_>) -> Vec<Found> {
    let site = evidence.site.as_ref();
    let state = site.and_then(|site| site.state.as_deref());
    let access = site.and_then(|site| site.public_network_access.as_deref());
    let is_running = state.map(|state| state.eq_ignore_ascii_case("Running"));
    let is_private = access.is_some_and(|access| access.eq_ignore_ascii_case("Disabled"));
    let closed = |key| Found::error(Code::NetworkAccessRestricted, says(key));
    let address = target::address(evidence);
    // Behind a private address the public front end isn't asked.
    let came_privately = address.is_some_and(|(_, is_private)| is_private);
    let bypassed = |key| {
        let finding = Found::error(Code::PrivateEndpointBypassed, says(key));
        let resolved = address.map(|(address, _)| phrase("protection.resolved").with("address", address.to_string()));
        resolved.into_iter().fold(finding, Found::because)
    };
    match is_running {
        Some(false) => vec![stopped(evidence, "stopped")],
        _ if came_privately => {
            let possible = [stopped(evidence, "unavailable"), closed("unavailable")];
            possible.map(|finding| finding.confidence(Confidence::Possible)).into()
        }
        // The front end's page comes from the public address only.
        running if is_private && site.is_some_and(|site| site.private_endpoints > 0) => {
            let finding = bypassed("answers");
            vec![finding.confidence(if running == Some(true) { Confidence::Certain } else { Confidence::Likely })]
        }
        _ if is_private => vec![closed("private")],
        Some(true) => vec![closed("unavailable").confidence(Confidence::Likely).when("running", true)],
        None => [stopped(evidence, "unavailable"), closed("unavailable"), bypassed("unavailable")]
            .map(|finding| finding.confidence(Confidence::Possible))
            .into(),
    }
}
