//! Refusals without a reason: the endpoint returned 500 (or nothing) without Entra's text.
//!
//! App 2's registration decides first, where Microsoft Graph showed it; else the same identity's other token requests:
//! for Azure Resource Manager, which always exists, for App 2's bare client ID, and for a resource that cannot exist.

use super::entra_error;
use crate::check::prelude::*;

/// The findings: one that is likely or certain, or several possible ones, likeliest first.
pub(super) fn findings(evidence: &Evidence<'_>, reply: &Reply<'_>) -> Vec<Found> {
    let by_registration = by_registration(evidence, reply);
    if !by_registration.is_empty() {
        return by_registration.into_iter().map(|finding| finding.because(reply.exchange)).collect();
    }
    let manager = Reply::to(evidence, &Purpose::TokenForResourceManager);
    let bare = Reply::to(evidence, &Purpose::TokenForBareClientId);
    let nonsense = Reply::to(evidence, &Purpose::TokenForNonsense);
    let found = match manager.as_ref().map(|manager| (manager, &manager.class)) {
        Some((_, Class::Issued)) => this_resource(evidence, reply, [bare.as_ref(), nonsense.as_ref()]),
        // What Entra says of another request of the same identity probably applies to this one.
        Some((other, Class::Entra(refusal))) => vec![entra_error::finding(evidence, other, refusal).likely_if(true)],
        Some((manager, Class::Throttled)) => vec![throttled(manager).likely_if(true)],
        Some((manager, Class::Transient)) => vec![transient(manager)],
        Some(_) => any_resource(evidence, reply),
        None => [resource_candidates(evidence, true), any_resource(evidence, reply)].concat(),
    };
    let correlation = reply.exchange.answer().and_then(EntraRefusal::correlation_of);
    let correlation = correlation.map(|id| reply.line(format!("correlation ID {id}")));
    let compared = [Some(reply), manager.as_ref(), bare.as_ref(), nonsense.as_ref()].into_iter().flatten();
    let support: Vec<EvidenceLine> = compared.map(|reply| reply.exchange.into()).chain(correlation).collect();
    let supported = |finding: Found| {
        // Where nothing was compared, nothing is more than possible.
        let finding = finding.possible_if(manager.is_none()).when("compared", manager.is_some());
        let new = support.iter().filter(|line| !finding.evidence.contains(line)).cloned().collect::<Vec<_>>();
        finding.because_all(new)
    };
    found.into_iter().map(supported).collect()
}

pub(super) fn throttled(reply: &Reply<'_>) -> Found {
    let answer = reply.exchange.answer();
    let wait = answer.and_then(|answer| answer.header("retry-after")).map(short);
    let finding = Found::of(Code::IdentityEndpointThrottled, "answers").because(reply.exchange);
    let finding = finding.certain_if(answer.is_some_and(knowledge::known::throttles_tokens));
    finding.value_if_any("status", reply.exchange.status()).value_if_any("wait", wait)
}

pub(super) fn transient(reply: &Reply<'_>) -> Found {
    let finding = Found::of(Code::IdentityEndpointTransient, "answers").because(reply.exchange);
    finding.value("outcome", reply.outcome())
}

/// What Graph showed of App 2's registration and the caller's roles, as far as this run's other requests agree.
fn by_registration(evidence: &Evidence<'_>, reply: &Reply<'_>) -> Vec<Found> {
    let Some(registration) = evidence.registration.as_ref() else { return Vec::new() };
    let bare = Reply::to(evidence, &Purpose::TokenForBareClientId);
    let manager = Reply::to(evidence, &Purpose::TokenForResourceManager);
    // The client ID needs no URI. Who gets a token for it is assigned, to an application that exists and is enabled.
    let is_issued = bare.as_ref().is_some_and(|bare| bare.class == Class::Issued);
    let unassigned = unassigned(evidence, registration).filter(|_| !is_issued);
    let uri = unregistered(evidence, registration);
    let mut found = match bare.filter(|bare| bare.looks_like(reply)) {
        _ if !is_issued && let Some(finding) = of_principal(evidence, registration) => vec![finding],
        // The assignment is missing first.
        Some(_) if unassigned.is_some() => unassigned.into_iter().chain(uri).collect(),
        // The client ID, which needs no URI, is refused in the same way: more than that is wrong.
        Some(bare) if let Some(uri) = uri => {
            let uri = uri.at_most(Confidence::Likely).because(bare.exchange).when("client_id_refused", true);
            let of_app_1 = [(Code::CallerDisabled, "unknown"), (Code::CallerEgressBlocked, "cached")];
            let of_app_1 = of_app_1.map(|(code, key)| Found::of(code, key)).into_iter();
            std::iter::once(uri).chain(resource_candidates(evidence, false)).chain(of_app_1).collect()
        }
        Some(_) => Vec::new(),
        None => uri.into_iter().chain(unassigned).collect(),
    };
    // What doesn't get any token isn't refused because of App 2 alone.
    if let Some(manager) = manager.filter(|manager| !found.is_empty() && manager.looks_like(reply)) {
        let found_here = found.into_iter().map(|it| it.at_most(Confidence::Likely).because(manager.exchange));
        found = found_here.chain(any_resource(evidence, reply).into_iter().map(Found::possible)).collect();
    }
    let named = |finding: Found| finding.value_if_any("display_name", registration.display_name.as_ref());
    found.into_iter().map(named).collect()
}

/// App 2's application in the caller's tenant: it is missing, or disabled.
fn of_principal(evidence: &Evidence<'_>, registration: &Registration) -> Option<Found> {
    let asked = evidence.exchange(&Purpose::GraphResourcePrincipal);
    if registration.service_principal_enabled == Some(false) {
        return Some(Found::of(Code::ResourceDisabled, "graph").because_asked(asked, "accountEnabled = false"));
    }
    // What was requested may be another application than App 2: step 3 says so.
    let absent = evidence.absent_principal().filter(|_| registration.service_principal_id.is_none())?;
    let own = target::client_id(evidence).map(|(id, _)| id).filter(ClientId::is_guid);
    let is_its_own = own.is_none_or(|own| own.matches(&absent));
    // One that doesn't have App 1 either, which gets tokens, is another tenant's.
    let knows_app_1 = evidence.exchange(&Purpose::GraphCaller).is_none_or(|exchange| exchange.status() != Some(404));
    // Graph was read with the caller's own token, in the caller's tenant.
    let tenant = evidence.caller.as_ref().and_then(|caller| caller.tenant.as_ref()).map(ToString::to_string);
    let finding = Found::of(Code::ResourceNotRegistered, "no-service-principal").value_if_any("tenant_id", tenant);
    (is_its_own && knows_app_1).then(|| finding.because_asked(asked, phrase("token.no-principal")))
}

fn unassigned(evidence: &Evidence<'_>, registration: &Registration) -> Option<Found> {
    let shown = "appRoleAssignmentRequired = true, appRoleAssignments = []";
    let finding = Found::of(Code::AssignmentRequiredNotAssigned, "graph");
    let finding = finding.because_asked(evidence.exchange(&Purpose::GraphAssignments), shown);
    (registration.misses_assignment() == Some(true)).then_some(finding)
}

fn unregistered(evidence: &Evidence<'_>, registration: &Registration) -> Option<Found> {
    let asked = evidence.requested().filter(|asked| registration.has_name(asked) == Some(false))?;
    // Where the application object can't be read, the service principal has the names as well.
    let mut readings = [Purpose::GraphApplication, Purpose::GraphResourcePrincipal].into_iter();
    let read_from = readings.find_map(|purpose| evidence.exchange(&purpose).filter(|it| it.status() == Some(200)));
    let uris = registration.identifier_uris.clone().unwrap_or_default();
    // The name that a registration usually has is missing there, where it is asked for.
    let asks_for_usual = resource::client_id_of(asked).is_some();
    let registered = uris.first().filter(|_| !asks_for_usual).cloned();
    let finding = Found::of(Code::ResourceNotRegistered, "graph")
        .differs(Difference::of(RESOURCE, &uris, Some(asked), "Microsoft Graph"))
        .because_asked(read_from, format!("identifierUris = [{}]", uris.join(", ")))
        .value_if_any("registered_uri", registered);
    Some(finding.value("uris", uris))
}

/// The identity gets a token for another resource: what it gets for the bare client ID decides, or what a resource that
/// cannot exist gets. An answer that differs from that one's shows that the resource exists.
fn this_resource(evidence: &Evidence<'_>, real: &Reply<'_>, [bare, nonsense]: [Option<&Reply<'_>>; 2]) -> Vec<Found> {
    match bare.map(|bare| (bare, &bare.class)) {
        Some((_, Class::Issued)) => {
            if let Some(again) = Reply::issued(evidence, &Purpose::TokenAgain) {
                return vec![transient(real).likely_if(true).because(again.exchange)];
            }
            let asked = evidence.requested();
            let id = asked.and_then(resource::client_id_of);
            let difference = Difference::of(RESOURCE, id, asked, phrase("token.other-requests"));
            let unknown = || Found::of(Code::ResourceNotRegistered, "bare-client-id").value_if_any("bare", id);
            let finding = entra_error::scope_behind(evidence, None).unwrap_or_else(unknown);
            vec![finding.differs(difference).when("is_registered", entra_error::is_listed(evidence))]
        }
        _ if Reply::issued(evidence, &Purpose::TokenWithoutLastPart).is_some()
            && let Some(scope) = entra_error::scope_behind(evidence, None) =>
        {
            vec![scope]
        }
        Some((bare, Class::Entra(refusal))) => vec![entra_error::finding(evidence, bare, refusal).likely_if(true)],
        _ => {
            let is_other = |nonsense: &Reply<'_>| !nonsense.looks_like(real) && nonsense.exchange.answer().is_some();
            resource_candidates(evidence, !nonsense.is_some_and(is_other))
        }
    }
}

/// The causes that concern one resource, likeliest first, without those that Graph rules out.
fn resource_candidates(evidence: &Evidence<'_>, may_be_unknown: bool) -> Vec<Found> {
    let registration = evidence.registration.as_ref();
    let registered = registration.zip(evidence.requested()).and_then(|(known, asked)| known.has_name(asked));
    let is_assigned = registration.and_then(Registration::misses_assignment) == Some(false);
    let enabled = registration.is_some_and(|registration| registration.service_principal_enabled == Some(true));
    let candidates = [
        (!is_assigned, Code::AssignmentRequiredNotAssigned),
        (may_be_unknown && registered != Some(true), Code::ResourceNotRegistered),
        (!enabled, Code::ResourceDisabled),
        (true, Code::ConditionalAccessBlocked),
    ];
    let possible = candidates.into_iter().filter(|(is_possible, _)| *is_possible);
    possible.map(|(_, code)| Found::of(code, "answers")).collect()
}

/// The identity gets no token at all: blocked egress, which is likelier if the authority's metadata can't be reached
/// either, or a failing endpoint. The platform may route its traffic differently.
fn any_resource(evidence: &Evidence<'_>, reply: &Reply<'_>) -> Vec<Found> {
    if let Some(said) = shown::sentence(reply.exchange).filter(|said| knowledge::tells_of_no_way_to_entra(said)) {
        return vec![Found::of(Code::CallerEgressBlocked, "endpoint").value("said", said)];
    }
    let metadata = [Purpose::MetadataV2, Purpose::MetadataV1, Purpose::KeysV2, Purpose::KeysV1];
    let asked = || metadata.iter().filter_map(|purpose| evidence.exchange(purpose));
    let reached = asked().find(|exchange| exchange.answer().is_some());
    let unanswered = asked().find_map(|exchange| Some((exchange, exchange.failure()?)));
    let unanswered = unanswered.filter(|(_, failure)| failure.kind != FailureKind::NotSent);
    let failing = Found::of(Code::IdentityEndpointTransient, "any-resource");
    let egress = |key| Found::of(Code::CallerEgressBlocked, key);
    match (reached, unanswered) {
        (None, Some((exchange, failure))) => {
            let line = phrase("refusal.no-answer").with("request", exchange.purpose.describe());
            let line = line.with("reason", short(&shown::reason(failure)));
            vec![egress("metadata").because_asked(Some(exchange), line), failing]
        }
        (Some(exchange), _) => {
            let line = phrase("token.reached").with("request", exchange.purpose.describe());
            vec![failing.because_asked(Some(exchange), line), egress("any-resource")]
        }
        (None, None) => vec![egress("any-resource"), failing],
    }
}
