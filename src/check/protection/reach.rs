//! Is App 2 there at all: the name, the connection, the certificate, the front end.

use crate::case::code::Code;
use crate::case::exchange::{Exchange, FailureKind, Purpose};
use crate::case::shown;
use crate::check::{Confidence, Found, StepReport};
use crate::evidence::responder::{self, FrontEnd, Responder};
use crate::evidence::{Evidence, target};

/// Judges reachability; `true` when a finding decided the step.
pub(super) fn judge(evidence: &Evidence<'_>, report: &mut StepReport) -> bool {
    let anonymous = evidence.exchange(&Purpose::CallAnonymous);
    // A pause of this process says nothing of App 2.
    let Some(exchange) = anonymous.filter(|exchange| !exchange.was_paused()) else {
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
    let failure = exchange.failure()?;
    let host = evidence.inputs.target_host().unwrap_or_default();
    let said = shown::reason(failure);
    Some(vec![match failure.kind {
        FailureKind::NameNotResolved => Found::error(
            Code::TargetNotFound,
            format!("The name {host} has no address from here: the app was deleted or renamed, its default host name has the newer form with a hash and region, or the name is in a private DNS zone that App 1 does not see ({said})."),
        )
        .confidence(Confidence::Likely),
        FailureKind::TlsUntrusted | FailureKind::TlsFailed => Found::error(
            Code::TargetTlsUntrusted,
            format!("The TLS certificate of {host} is not accepted here: {said}."),
        ),
        FailureKind::ConnectTimeout => Found::error(
            Code::TargetUnreachable,
            format!("No connection to {host} comes about within {} s: a firewall or network rule drops it, the route is missing, or TLS stalls ({said}).", evidence.inputs.timeout_s),
        ),
        FailureKind::AnswerTimeout => Found::error(
            Code::TargetUnreachable,
            format!("{host} takes the connection, but gives no whole answer within {} s ({said}): it is starting (a container may take 230 s), hangs, or something on the way does. Try a longer --timeout.", evidence.inputs.timeout_s),
        )
        .confidence(Confidence::Likely),
        FailureKind::ConnectionRefused | FailureKind::NetworkUnreachable | FailureKind::Proxy => {
            Found::error(Code::TargetUnreachable, format!("{host} cannot be reached from here: {said}."))
        }
        FailureKind::ConnectionReset => Found::error(
            Code::TargetUnreachable,
            format!("{host} takes the connection and breaks it off: {said}. What does so may be App 2, or a firewall on the way."),
        )
        .confidence(Confidence::Likely),
        FailureKind::NotHttp => Found::error(Code::TargetUnreachable, format!("What answers at {host} does not speak HTTP: {said}."))
            .confidence(Confidence::Likely),
        FailureKind::Command | FailureKind::NotSent | FailureKind::Other => {
            Found::error(Code::TargetUnreachable, format!("The request to {host} failed: {said}."))
                .confidence(Confidence::Likely)
        }
    }])
}

fn refused_by_front_end(evidence: &Evidence<'_>, exchange: &Exchange) -> Option<Vec<Found>> {
    let judged = responder::judge(exchange.answer()?);
    let Responder::FrontEnd(front_end) = judged.by else {
        return None;
    };
    let host = evidence.inputs.target_host().unwrap_or_default();
    Some(match front_end {
        FrontEnd::IpForbidden(address) => vec![restricted(address.as_deref(), &host)],
        FrontEnd::Stopped => vec![stopped(evidence, &host)],
        FrontEnd::ClientCertificateRequired => vec![Found::error(
            Code::ClientCertificateRequired,
            format!(
                "App 2 demands a client certificate of every caller (TLS), before Easy Auth looks at any token{}.",
                certificate_mode(evidence)
            ),
        )],
        FrontEnd::NoSuchSite => vec![Found::error(
            Code::TargetNotFound,
            format!(
                "App Service answers, but no app has the host name {host}: the name is wrong, the custom domain is not bound to the app, or a gateway in front sends its own host name."
            ),
        )],
        FrontEnd::Unavailable => unavailable(evidence, &host),
    })
}

/// A gateway in front that refuses with and without the token: nothing gets as far as App 2.
fn refused_by_gateway(evidence: &Evidence<'_>, exchange: &Exchange) -> Option<Found> {
    let refusal = |exchange: &Exchange| {
        let answer = exchange.answer()?;
        match responder::judge(answer).by {
            Responder::Gateway(name) if answer.status == 403 => Some((name, answer.status)),
            _ => None,
        }
    };
    let (name, status) = refusal(exchange)?;
    let call = target::final_call(evidence);
    if call.is_some_and(|call| refusal(call) != Some((name, status))) {
        return None;
    }
    Some(
        Found::error(
            Code::NetworkAccessRestricted,
            format!("{name} in front of App 2 refuses the request ({status}) before it reaches App 2: by a rule of its firewall, or by its own access control."),
        )
        .confidence(Confidence::Likely)
        .confirm("the same request to App 2's default host name, past the gateway: another answer means this"),
    )
}

fn restricted(address: Option<&str>, host: &str) -> Found {
    let (seen, rule) = match address {
        Some(ip) if ip.trim_start_matches('[').to_ascii_lowercase().starts_with("fd") => (
            format!(" It sees App 1 as {ip}, an address of a service endpoint"),
            "; it needs a virtual network rule, an IP rule does not help.".to_owned(),
        ),
        Some(ip) => (
            format!(" It sees App 1 as {ip}"),
            "; a rule must allow this address.".to_owned(),
        ),
        None => (String::new(), String::new()),
    };
    let finding = Found::error(
        Code::NetworkAccessRestricted,
        format!(
            "An access restriction of {host} refuses the connection before Easy Auth sees it (403 Ip Forbidden).{seen}{rule}"
        ),
    );
    // An address of IPv6 is a service endpoint's, which no rule for an address lets in.
    match address.filter(|ip| !ip.contains(':')) {
        Some(ip) => finding.value("egress_ip", ip),
        None => finding,
    }
}

fn stopped(evidence: &Evidence<'_>, host: &str) -> Found {
    let site = evidence.site.as_ref();
    let state = site.and_then(|site| site.state.as_deref());
    let quota = site
        .and_then(|site| site.usage_state.as_deref())
        .is_some_and(|state| state.eq_ignore_ascii_case("Exceeded"));
    let why = if quota {
        " Its quota is exceeded (usageState Exceeded), which ends at 00:00 UTC.".to_owned()
    } else if let Some(state) = state {
        format!(" Azure Resource Manager shows its state as {state}.")
    } else {
        " The reason is that it was stopped, its plan's quota is used up, or the subscription is disabled.".to_owned()
    };
    Found::error(
        Code::TargetStopped,
        format!("App 2 ({host}) is not running: the front end says so.{why}"),
    )
}

fn unavailable(evidence: &Evidence<'_>, host: &str) -> Vec<Found> {
    let site = evidence.site.as_ref();
    let running = site
        .and_then(|site| site.state.as_deref())
        .map(|state| state.eq_ignore_ascii_case("Running"));
    let private = site
        .and_then(|site| site.public_network_access.as_deref())
        .map(|access| access.eq_ignore_ascii_case("Disabled"));
    let closed = |confidence| {
        Found::error(
            Code::NetworkAccessRestricted,
            format!("{host} is closed to the public network (publicNetworkAccess Disabled): only its private endpoint answers, and App 1 comes from outside."),
        )
        .confidence(confidence)
        .confirm("az webapp show --query \"{state:state, access:publicNetworkAccess}\": Running with Disabled means this")
    };
    let not_running = |confidence| {
        stopped(evidence, host).confidence(confidence).confirm(
            "az webapp show --query \"{state:state, usage:usageState}\": a state other than Running means this",
        )
    };
    match (running, private) {
        (Some(false), _) => vec![not_running(Confidence::Certain)],
        (_, Some(true)) => vec![closed(Confidence::Certain)],
        (Some(true), _) => vec![closed(Confidence::Likely)],
        (None, _) => vec![not_running(Confidence::Possible), closed(Confidence::Possible)],
    }
}

fn certificate_mode(evidence: &Evidence<'_>) -> String {
    evidence
        .site
        .as_ref()
        .and_then(|site| site.client_certificate_mode.as_deref())
        .map(|mode| format!(" (clientCertMode {mode})"))
        .unwrap_or_default()
}
