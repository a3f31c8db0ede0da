//! Refusals without a reason: the endpoint returned 500 (or nothing) without Entra's text.
//!
//! App 2's registration decides first, where Microsoft Graph showed it: a disabled service principal, a name that is
//! not among the identifier URIs, or a required role that the caller doesn't have. Otherwise the same identity's other
//! token requests decide. R: the real resource; M: Azure Resource Manager, which always exists; B: App 2's bare client
//! ID, where R is a URI; N: a resource that cannot exist. The row with the first match applies:
//!
//! 1. M and B issued: R is not an identifier URI of App 2's registration, likely.
//! 2. M issued, B refused by Entra: the text for B applies to R, likely.
//! 3. M issued, N refused as unknown (500011): R exists, because its answer differs. Assignment required, resource
//!    disabled, or Conditional Access: each possible.
//! 4. M issued, N opaque like R, or not requested: as 3, or an unknown resource: each possible.
//! 5. M issued, N differs from R otherwise: as 3.
//! 6. M refused by Entra: not specific to this resource. The text for M applies, likely.
//! 7. M opaque or silent like R: not specific to this resource. Blocked egress or a failing endpoint; the authority's
//!    metadata, requested from the same machine, shows which is likelier.
//! 8. M throttled or not ready: the endpoint itself, likely.
//! 9. M not requested: as 4, and as 7, each possible.
//!
//! Row 7: if metadata can't be reached, blocked egress is likely. Reachable metadata doesn't rule it out, because the
//! platform may route the endpoint's traffic differently (`outboundVnetRouting.managedIdentityTraffic`).

use super::entra_error;
use super::transient::{requested, throttled, transient};
use crate::case::registration::Registration;
use crate::check::prelude::*;
use crate::evidence::refusal::correlation_of;

/// The findings: one that is likely or certain, or several possible ones, likeliest first.
pub(super) fn findings(evidence: &Evidence<'_>, reply: &Reply<'_>) -> Vec<Found> {
    let asked = |finding: Found| finding.value_if_any("asked", requested(evidence));
    if let Some(finding) = by_registration(evidence) {
        return vec![asked(finding).because(reply.evidence())];
    }
    let manager = Reply::to(evidence, &Purpose::TokenForResourceManager);
    let bare = Reply::to(evidence, &Purpose::TokenForBareClientId);
    let nonsense = Reply::to(evidence, &Purpose::TokenForNonsense);
    let mut found = match manager.as_ref().map(|manager| (manager, &manager.class)) {
        Some((_, Class::Issued)) => this_resource(evidence, reply, bare.as_ref(), nonsense.as_ref()),
        Some((manager, Class::Entra(refusal))) => vec![of_another_request(evidence, manager, refusal)],
        Some((manager, Class::Throttled)) => vec![throttled(manager).confidence(Confidence::Likely)],
        Some((manager, Class::Transient)) => vec![transient(manager)],
        Some(_) => any_resource(evidence),
        None => [resource_candidates(evidence, true), any_resource(evidence)].concat(),
    };
    let all = [Some(reply), manager.as_ref(), bare.as_ref(), nonsense.as_ref()];
    let correlation = reply.exchange.answer().and_then(correlation_of);
    let support: Vec<EvidenceLine> = all
        .into_iter()
        .flatten()
        .map(Reply::evidence)
        .chain(
            correlation.map(|id| EvidenceLine::of(Origin::Exchange(reply.exchange.id), format!("correlation ID {id}"))),
        )
        .collect();
    for finding in &mut found {
        if manager.is_none() {
            // Nothing was compared, so nothing is more than possible.
            finding.confidence = Confidence::Possible;
        }
        for line in &support {
            if !finding.evidence.contains(line) {
                finding.evidence.push(line.clone());
            }
        }
    }
    let compared = |finding: Found| asked(finding).when("compared", manager.is_some());
    found.into_iter().map(compared).collect()
}

/// Entra's refusal of another request of the same identity, which probably applies to this one.
fn of_another_request(evidence: &Evidence<'_>, reply: &Reply<'_>, refusal: &EntraRefusal) -> Found {
    entra_error::finding(evidence, reply, refusal).confidence(Confidence::Likely)
}

/// What Graph showed of App 2's registration and the caller's roles.
fn by_registration(evidence: &Evidence<'_>) -> Option<Found> {
    let registration = evidence.registration.as_ref()?;
    let principal = evidence.exchange(&Purpose::GraphResourcePrincipal);
    let missing = principal.is_some_and(|exchange| exchange.status() == Some(404));
    let found = if missing && registration.service_principal_id.is_none() {
        Found::error(Code::ResourceNotRegistered, says("no-service-principal"))
            .confidence(Confidence::Likely)
            .because_asked(principal, "Graph servicePrincipals: 404")
    } else if registration.service_principal_enabled == Some(false) {
        Found::error(Code::ResourceDisabled, says("graph")).because_asked(principal, "accountEnabled = false")
    } else {
        let asked = requested(evidence)?;
        if registers(registration, asked) == Some(false) {
            unregistered(evidence, registration, asked)
        } else {
            let has_no_role = registration.caller_roles.as_ref().is_some_and(Vec::is_empty);
            if registration.assignment_required != Some(true) || !has_no_role {
                return None;
            }
            let assignments = evidence.exchange(&Purpose::GraphAssignments);
            Found::error(Code::AssignmentRequiredNotAssigned, says("graph"))
                .because_asked(assignments, "appRoleAssignmentRequired = true, appRoleAssignments = []")
        }
    };
    Some(found.value_if_any("display_name", registration.display_name.as_ref()))
}

/// The resource is not among the registered names.
fn unregistered(evidence: &Evidence<'_>, registration: &Registration, asked: &str) -> Found {
    // Where the application object can't be read, the service principal has the names as well.
    let read_from = [Purpose::GraphApplication, Purpose::GraphResourcePrincipal]
        .iter()
        .filter_map(|purpose| evidence.exchange(purpose))
        .find(|exchange| exchange.status() == Some(200));
    let uris = registration.identifier_uris.clone().unwrap_or_default();
    let difference = Difference::of(RESOURCE, &uris, Some(asked), "Microsoft Graph");
    Found::error(Code::ResourceNotRegistered, says("graph"))
        .differs(difference)
        .because_asked(read_from, format!("identifierUris = [{}]", uris.join(", ")))
        .value("uris", uris)
}

/// Whether the registration has this name; `None` when its names are not known.
fn registers(registration: &Registration, asked: &str) -> Option<bool> {
    let uris = registration.identifier_uris.as_ref()?;
    let is_own = registration.client_id.as_ref().is_some_and(|id| id.as_str().eq_ignore_ascii_case(asked));
    Some(is_own || uris.iter().any(|uri| matches!(resource::likeness(uri, asked), Likeness::Same | Likeness::Case)))
}

/// Rows 1 to 5: the identity gets a token for another resource.
fn this_resource(
    evidence: &Evidence<'_>,
    real: &Reply<'_>,
    bare: Option<&Reply<'_>>,
    nonsense: Option<&Reply<'_>>,
) -> Vec<Found> {
    match bare.map(|bare| (bare, &bare.class)) {
        Some((_, Class::Issued)) => {
            let asked = requested(evidence);
            let id = asked.and_then(|asked| resource::client_id_of(asked));
            let difference = Difference::of(RESOURCE, id, asked, phrase("token.other-requests"));
            return vec![
                Found::error(Code::ResourceNotRegistered, says("bare-client-id"))
                    .differs(difference)
                    .confidence(Confidence::Likely)
                    .value_if_any("bare", id),
            ];
        }
        Some((bare, Class::Entra(refusal))) => return vec![of_another_request(evidence, bare, refusal)],
        _ => {}
    }
    let exists = nonsense.is_some_and(|nonsense| !nonsense.looks_like(real) && nonsense.exchange.answer().is_some());
    resource_candidates(evidence, !exists)
}

/// The causes that concern one resource, likeliest first, without those that Graph rules out.
fn resource_candidates(evidence: &Evidence<'_>, may_be_unknown: bool) -> Vec<Found> {
    let registration = evidence.registration.as_ref();
    let registered =
        registration.zip(requested(evidence)).and_then(|(registration, asked)| registers(registration, asked));
    let needs_no_role = registration.is_some_and(|registration| {
        registration.assignment_required == Some(false)
            || registration.caller_roles.as_ref().is_some_and(|roles| !roles.is_empty())
    });
    let enabled = registration.is_some_and(|registration| registration.service_principal_enabled == Some(true));
    [
        (!needs_no_role, Code::AssignmentRequiredNotAssigned),
        (may_be_unknown && registered != Some(true), Code::ResourceNotRegistered),
        (!enabled, Code::ResourceDisabled),
        (true, Code::ConditionalAccessBlocked),
    ]
    .into_iter()
    .filter(|(is_possible, _)| *is_possible)
    .map(|(_, code)| Found::error(code, says("answers")).confidence(Confidence::Possible))
    .collect()
}

/// Row 7: the identity gets no token at all.
fn any_resource(evidence: &Evidence<'_>) -> Vec<Found> {
    let metadata = [Purpose::MetadataV2, Purpose::MetadataV1, Purpose::KeysV2, Purpose::KeysV1];
    let asked = || metadata.iter().filter_map(|purpose| evidence.exchange(purpose));
    let reached = asked().find(|exchange| exchange.answer().is_some());
    let unanswered = asked().find_map(|exchange| {
        let failure = exchange.failure().filter(|failure| failure.kind != FailureKind::NotSent)?;
        Some((exchange, failure))
    });
    let possible = |code, key| Found::error(code, says(key)).confidence(Confidence::Possible);
    let failing = possible(Code::IdentityEndpointTransient, "any-resource");
    let egress = |key| possible(Code::CallerEgressBlocked, key);
    match (reached, unanswered) {
        (None, Some((exchange, failure))) => {
            let line = phrase("refusal.no-answer")
                .with("request", exchange.purpose.describe())
                .with("reason", short(&shown::reason(failure)));
            let egress =
                egress("metadata").confidence(Confidence::Likely).because_of(Origin::Exchange(exchange.id), line);
            vec![egress, failing]
        }
        (Some(exchange), _) => {
            let line = phrase("token.reached").with("request", exchange.purpose.describe());
            let failing = failing.because_of(Origin::Exchange(exchange.id), line);
            vec![failing, egress("any-resource")]
        }
        (None, None) => vec![egress("any-resource"), failing],
    }
}
