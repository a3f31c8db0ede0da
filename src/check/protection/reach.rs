//! Whether App 2 can be reached: its name, the connection, the certificate, and the front end.

use crate::check::blocked;
use crate::check::prelude::*;

/// The findings about reachability, which decide the step; `None` if App 2 can be reached.
pub(super) fn judge(evidence: &Evidence<'_>) -> Option<Vec<Found>> {
    // A pause of this process says nothing of App 2.
    let exchange = evidence.exchange(&Purpose::CallAnonymous).filter(|exchange| !exchange.says_nothing())?;
    // An app that is stopped, or that isn't there, has no Easy Auth: then it is one of several instances.
    let at_most = |found: Found| found.likely_unless(target::shows_easy_auth(evidence).is_none());
    let found = unreachable(evidence, exchange)
        .or_else(|| Some(refused_by_front_end(evidence, exchange)?.into_iter().map(at_most).collect()))
        .or_else(|| {
            Some(vec![refused_by_gateway(evidence, exchange).or_else(|| lacks_a_certificate(evidence, exchange))?])
        })?;
    Some(found.into_iter().map(|finding| finding.because(exchange)).collect())
}

/// Whether the call got further than the request without a token: what stopped that one is over, or one instance's.
pub(super) fn call_got_through(evidence: &Evidence<'_>) -> bool {
    let answer = evidence.answer(&Purpose::CallWithToken).filter(|answer| !responder::is_from_before(answer));
    let differs = |answer: &Answer| evidence.anonymous().is_none_or(|first| !first.is_like(answer));
    answer.is_some_and(|answer| answer.passed_the_middleware() || differs(answer))
}

/// What stopped only the request without a token.
pub(super) fn passed(evidence: &Evidence<'_>, found: Found) -> Found {
    let got = evidence.anonymous().map(Answer::brief);
    let says = phrase("protection.passed").with_some("got", got);
    Found { says: says.into(), ..found.possible().warning_if(true) }
}

fn unreachable(evidence: &Evidence<'_>, exchange: &Exchange) -> Option<Vec<Found>> {
    // It answers, and step 8 says what is wrong with that.
    let failure = exchange.failure().filter(|failure| failure.kind != FailureKind::HeadersTooLarge)?;
    let is_own = failure.kind == FailureKind::TlsUntrusted && failure.message.starts_with(CA_AS_SERVER);
    let mode = own_site(evidence).and_then(Site::certificate_mode);
    let alerts = |alert| failure.message.contains(alert);
    let is_mutual = alerts("CertificateRequired") || mode.is_some() && alerts("HandshakeFailure");
    // What fails before that is the connection to the proxy, or the proxy's own.
    let proxy = exchange.proxy.as_ref().filter(|_| !failure.kind.is_after_connecting());
    let (code, key) = match failure.kind {
        _ if proxy.is_some() => (Code::TargetUnreachable, "proxy"),
        // The alert with this name (RFC 8446), or its older form from a site that requires one.
        FailureKind::TlsFailed if is_mutual => (Code::ClientCertificateRequired, "handshake"),
        kind => {
            let codes = [Code::TargetUnreachable, Code::TargetNotFound, Code::TargetTlsUntrusted];
            knowledge::of_failure(codes, kind).unwrap_or((Code::TargetUnreachable, "failed"))
        }
    };
    let address = evidence.target_address();
    let finding = Found::of(code, key)
        .value_if_any("proxy", proxy)
        .when("ca_as_server", is_own)
        .when("no_dns", failure.kind == FailureKind::LookupUnanswered)
        .value_if_any("mode", mode)
        .value_if_any("resolved", address.map(|(address, _)| address.to_string()))
        .when("private", address.is_some_and(|(_, is_private)| is_private))
        .value("reason", shown::reason(failure));
    Some(vec![finding.possible_if(is_own)])
}

fn refused_by_front_end(evidence: &Evidence<'_>, exchange: &Exchange) -> Option<Vec<Found>> {
    // An app may pass such a page on.
    let answer = exchange.answer().filter(|answer| !answer.passed_the_middleware())?;
    let Responder::FrontEnd(front_end) = responder::judge(answer).by else { return None };
    let is_running = evidence.site.as_ref().and_then(Site::is_running) == Some(true);
    // The page of a stopped app is also that of an app that runs and is closed to the public network.
    let may_be_closed = || own_site(evidence).is_some_and(Site::is_closed) && is_running;
    let found = match front_end {
        FrontEnd::Unavailable => return Some(unavailable(evidence, answer)),
        FrontEnd::Stopped if may_be_closed() => return Some(unavailable(evidence, answer)),
        FrontEnd::NoContainerApp => return Some(no_container_app(evidence)),
        FrontEnd::IpForbidden(address) => restricted(evidence, address),
        FrontEnd::Ingress => Found::of(Code::NetworkAccessRestricted, "ingress"),
        FrontEnd::Stopped => stopped(evidence, "stopped"),
        FrontEnd::ClientCertificateRequired if answer.status == 400 => {
            Found::of(Code::ClientCertificateRequired, "in-front").value_if_any("server", spoken::server_of(answer))
        }
        FrontEnd::ClientCertificateRequired => {
            let site = own_site(evidence);
            let mode = site.and_then(|site| site.client_certificate_mode.as_deref());
            let is_off = site.is_some_and(|site| site.client_certificate_enabled == Some(false));
            let found = Found::of(Code::ClientCertificateRequired, if is_off { "contradicted" } else { "answers" });
            let is_sure = !is_off && mode.is_none_or(|mode| ["require", "required"].contains(&&*mode.to_lowercase()));
            found.certain_if(is_sure).value_if_any("mode", mode)
        }
        FrontEnd::NoSuchSite if answer.status == 400 => Found::of(Code::TargetNotFound, "invalid-host"),
        FrontEnd::NoSuchSite => Found::of(Code::TargetNotFound, "no-such-site"),
    };
    // Another server may pass the page on, or have one with the same words; another answer to the call shows more.
    let is_whole = evidence.call_status().is_none_or(|status| status == answer.status);
    Some(vec![found.likely_unless(is_whole && responder::is_the_front_ends(answer))])
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
    let is_same = |call: &Exchange| refusal(call).is_some_and(|(other, _)| other.name == gateway.name);
    evidence.final_call().is_none_or(is_same).then(|| blocked::by_gateway(gateway, status))
}

/// A 403 without a mark for everybody, where App 2's site requires a client certificate.
fn lacks_a_certificate(evidence: &Evidence<'_>, exchange: &Exchange) -> Option<Found> {
    let answer = exchange.answer().filter(|answer| answer.status == 403)?;
    let mode = evidence.site.as_ref().and_then(Site::certificate_mode)?;
    let is_everybodys = evidence.call_status().is_none_or(|status| status == 403);
    let is_easy_auths = answer.passed_the_middleware() || target::answers_with_403(evidence);
    let finding = Found::of(Code::ClientCertificateRequired, "answers").value("mode", mode).likely_if(true);
    (is_everybodys && !is_easy_auths).then_some(finding)
}

/// App 2's site, unless it is another one's.
fn own_site<'a>(evidence: &'a Evidence<'_>) -> Option<&'a Site> {
    evidence.site.as_ref().filter(|_| target::site_is_the_targets(evidence))
}

fn restricted(evidence: &Evidence<'_>, address: Option<String>) -> Found {
    // IPv6 addresses are those of service endpoints, which no IP rule allows.
    // A gateway's address is shared by all its customers, and App 1's own changes nothing.
    let front = target::front(evidence);
    let site = own_site(evidence);
    let ruling = site.and_then(|site| site.ruling(address.as_deref()));
    let priority = ruling.as_ref().map_or(Some(restriction::USUAL), |it| it.priority);
    let is_closed = ruling.as_ref().is_some_and(|it| it.fact == "access");
    let v4 = address.clone().filter(|ip| !ip.contains(':') && front.is_none() && priority.is_some());
    let is_endpoint = address.as_deref().is_some_and(|ip| ip.to_ascii_lowercase().starts_with("fd"));
    let rules = site.filter(|site| !site.restrictions.is_empty()).map(|site| {
        let default = site.restrictions_default.as_deref();
        phrase("protection.restrictions").with("rules", joined(&site.restrictions)).with_some("default", default)
    });
    let found = Found::of(Code::NetworkAccessRestricted, if is_closed { "closed" } else { "restricted" })
        .value_if_any("egress_ip", v4)
        .value_if_any("rule_priority", priority.map(|it| it.to_string()))
        .value_if_any("address", address)
        .value_if_any("front_address", front)
        .value_if_any("gateway_rule", evidence.site.as_ref().and_then(|site| site.gateway_rule.as_deref()))
        .when("endpoint", is_endpoint)
        .because_all(rules);
    ruling.into_iter().fold(found, |found, it| found.value(it.fact, it.rule))
}

fn stopped(evidence: &Evidence<'_>, key: &'static str) -> Found {
    let site = own_site(evidence);
    let is_over_quota = site.is_some_and(Site::is_over_quota);
    let state = site.and_then(|site| site.state.as_deref());
    // The page alone has causes that a restart doesn't fix: a billing limit, a quota ("Error 403 - This web app is
    // stopped message", Microsoft Learn), or a deployment in progress (Azure/azure-functions-host#8925).
    let is_sure = is_over_quota || state.is_some_and(|state| !state.eq_ignore_ascii_case("Running"));
    Found::of(Code::TargetStopped, key).likely_unless(is_sure).value_if_any("state", state).when("quota", is_over_quota)
}

/// One page for a container app that is stopped or closed to the internet, and for none of this name.
fn no_container_app(evidence: &Evidence<'_>) -> Vec<Found> {
    let is_running = evidence.site.as_ref().and_then(Site::is_running);
    if is_running == Some(false) {
        return vec![stopped(evidence, "stopped")];
    }
    let closed = Found::of(Code::NetworkAccessRestricted, "internal-ingress");
    let name = Found::of(Code::TargetNotFound, "container-app");
    // A default host name begins with the app's.
    let host = evidence.inputs.target_host().unwrap_or_default();
    let is_named = |site: &&Site| site.name.as_ref().is_none_or(|name| host.starts_with(name.as_str()));
    let is_own = |site: &&Site| is_named(site) || TargetKind::by_host(&host).is_none();
    match evidence.site.as_ref().filter(is_own).and_then(|site| site.ingress) {
        Some(Ingress::Off) => return vec![closed.likely_if(true).when("no_ingress", true)],
        Some(Ingress::Internal) => return vec![closed.likely_if(true).when("internal", true), name],
        // What runs and takes requests from everywhere has another name.
        Some(Ingress::External) if is_running == Some(true) => return vec![name],
        _ => {}
    }
    let state = is_running.is_none().then(|| Found::of(Code::TargetStopped, "container-app"));
    let mut possible: Vec<Found> = state.into_iter().chain([closed, name]).collect();
    if evidence.site.is_none() && evidence.settings.iter().any(SettingsReading::is_absent) {
        possible.reverse();
    }
    possible
}

fn unavailable(evidence: &Evidence<'_>, answer: &Answer) -> Vec<Found> {
    let site = evidence.site.as_ref();
    let is_private = own_site(evidence).is_some_and(Site::is_closed);
    let closed = |key| Found::of(Code::NetworkAccessRestricted, key);
    let address = evidence.target_address();
    // Behind a private address the public front end isn't asked.
    let came_privately = address.is_some_and(|(_, is_private)| is_private);
    let bypassed = |key| {
        let resolved = address.map(|(address, _)| phrase("protection.resolved").with("address", address.to_string()));
        Found::of(Code::PrivateEndpointBypassed, key).because_all(resolved)
    };
    match site.and_then(Site::is_running) {
        Some(false) => vec![stopped(evidence, "stopped")],
        _ if came_privately => vec![stopped(evidence, "unavailable"), closed("unavailable")],
        // The front end's page comes from the public address only.
        running if is_private && site.is_some_and(|site| site.private_endpoints > 0) => {
            vec![bypassed("answers").certain_if(running == Some(true))]
        }
        _ if is_private => vec![closed("private")],
        Some(true) => vec![closed("unavailable").confidence(Confidence::Likely).when("running", true)],
        None => {
            // The page of a stopped app has other words.
            let is_blocked = knowledge::mark_in("page-blocks-access", &answer.body).is_some();
            let closed = closed(if is_blocked { "blocked" } else { "unavailable" });
            let mut possible = [stopped(evidence, "unavailable"), closed, bypassed("unavailable")];
            possible.rotate_left(usize::from(is_blocked));
            possible.map(|found| found.possible().when("in_front", true)).into()
        }
    }
}
