//! Telling an opaque refusal apart: the endpoint answers 500 (or nothing) without Entra's word.
//!
//! What is known of App 2's registration decides first, where Graph showed it: a disabled service principal, a name that
//! is not among the identifier URIs, a required role that the caller lacks. Otherwise the same identity's other token
//! requests decide. R: the real resource; M: Azure Resource Manager, which always exists; B: App 2's bare client id, where
//! R is a URI; N: a resource that cannot exist.
//!
//! | # | M | B | N | meaning |
//! |---|---|---|---|---|
//! | 1 | issued | issued | any | R is not an identifier URI of App 2's registration: `resource-not-registered`, likely |
//! | 2 | issued | named by Entra | any | Entra's word for B holds for R, likely |
//! | 3 | issued | named, or not asked | named "unknown" (500011) | R exists, for it gets another answer: assignment required, resource disabled or conditional access, each possible |
//! | 4 | issued | opaque, or not asked | looks like R | unknown resource, or assignment required, disabled, conditional access: each possible |
//! | 5 | issued | any | looks unlike R | as 3 |
//! | 6 | named by Entra | any | any | not this resource's fault; Entra's word for M, likely |
//! | 7 | opaque or silent like R | any | any | not this resource's fault: blocked egress, or a broken endpoint; the authority's metadata, asked from the same machine, tells which is likelier |
//! | 8 | throttled, not ready | any | any | the endpoint itself, likely |
//! | 9 | not asked | any | any | as 4, and as 7, each possible |
//!
//! Row 7: metadata out of reach makes blocked egress likely. Metadata within reach does not exclude it, because the
//! platform may route the endpoint's traffic otherwise than the app's (`outboundVnetRouting.managedIdentityTraffic`).

use crate::case::code::Code;
use crate::case::exchange::{FailureKind, Purpose};
use crate::case::registration::Registration;
use crate::case::resource::{self, Likeness};
use crate::case::shown;
use crate::check::difference::{Difference, RESOURCE};
use crate::check::words::short;
use crate::check::{Confidence, Found};
use crate::evidence::refusal::{Class, Reply, correlation_of};
use crate::evidence::{Evidence, EvidenceLine, Origin};

use super::entra_error;
use super::transient::{resource_of, throttled, transient};

/// The findings: one that is likely or certain, or several possible ones, likeliest first.
pub(super) fn findings(evidence: &Evidence<'_>, reply: &Reply<'_>) -> Vec<Found> {
    if let Some(finding) = by_registration(evidence) {
        return vec![finding.because(reply.evidence())];
    }
    let manager = Reply::to(evidence, &Purpose::TokenForResourceManager);
    let bare = Reply::to(evidence, &Purpose::TokenForBareClientId);
    let nonsense = Reply::to(evidence, &Purpose::TokenForNonsense);
    let all = [Some(reply), manager.as_ref(), bare.as_ref(), nonsense.as_ref()];
    let support: Vec<EvidenceLine> = all
        .into_iter()
        .flatten()
        .map(Reply::evidence)
        .chain(
            reply
                .exchange
                .answer()
                .and_then(correlation_of)
                .map(|id| EvidenceLine::of(Origin::Exchange(reply.exchange.id), format!("correlation id {id}"))),
        )
        .collect();
    let mut found = match manager.as_ref().map(|reply| &reply.class) {
        Some(Class::Issued) => this_resource(evidence, reply, bare.as_ref(), nonsense.as_ref()),
        Some(Class::Entra(refusal)) => {
            let manager = manager.as_ref().unwrap_or(reply);
            vec![entra_error::finding(evidence, manager, refusal).confidence(Confidence::Likely)]
        }
        Some(Class::Throttled) => vec![throttled(reply).confidence(Confidence::Likely)],
        Some(Class::Transient) => vec![transient(reply)],
        Some(_) => any_resource(evidence),
        None => [resource_candidates(evidence, true), any_resource(evidence)].concat(),
    };
    if manager.is_none() {
        // Nothing was compared, so that nothing is more than possible.
        for finding in &mut found {
            finding.confidence = Confidence::Possible;
        }
    }
    for finding in &mut found {
        for line in &support {
            if !finding.evidence.contains(line) {
                finding.evidence.push(line.clone());
            }
        }
    }
    found
}

/// What Graph showed of App 2's registration and the caller's roles.
fn by_registration(evidence: &Evidence<'_>) -> Option<Found> {
    let registration = evidence.registration.as_ref()?;
    let resource = resource_of(evidence);
    let name = registration
        .display_name
        .clone()
        .unwrap_or_else(|| "App 2's registration".to_owned());
    let missing = evidence
        .exchange(&Purpose::GraphResourcePrincipal)
        .is_some_and(|exchange| exchange.status() == Some(404));
    if missing && registration.service_principal_id.is_none() {
        return Some(
            Found::error(
                Code::ResourceNotRegistered,
                format!("{name} has no service principal in this tenant, so Entra knows no resource {resource}."),
            )
            .confidence(Confidence::Likely)
            .because_asked(
                evidence.exchange(&Purpose::GraphResourcePrincipal),
                "Graph: the service principal of App 2's client id is not found (404)",
            )
            .confirm("`az ad sp show --id <App 2's client id>`; `az ad sp create --id …` makes one"),
        );
    }
    if registration.service_principal_enabled == Some(false) {
        return Some(
            Found::error(
                Code::ResourceDisabled,
                format!("App 2's service principal ({name}) is disabled, so Entra issues no token for {resource}."),
            )
            .because_asked(
                evidence.exchange(&Purpose::GraphResourcePrincipal),
                "Graph: accountEnabled = false",
            ),
        );
    }
    let asked = &evidence.resource.as_ref()?.value;
    if registers(registration, asked) == Some(false) {
        // Where the application object is not readable, the service principal has the names as well.
        let read_from = [Purpose::GraphApplication, Purpose::GraphResourcePrincipal]
            .iter()
            .filter_map(|purpose| evidence.exchange(purpose))
            .find(|exchange| exchange.status() == Some(200));
        let known = registration.identifier_uris.clone().unwrap_or_default().join(", ");
        return Some(
            Found::error(
                Code::ResourceNotRegistered,
                format!(
                    "{resource} is not an identifier URI of {name}; registered: {}.",
                    if known.is_empty() { "none" } else { &known }
                ),
            )
            .differs(Difference::of(
                RESOURCE,
                registration.identifier_uris.iter().flatten(),
                Some(asked),
                "Microsoft Graph",
            ))
            .because_asked(read_from, format!("Graph: identifierUris = [{known}]")),
        );
    }
    let lacks_role = registration.caller_roles.as_ref().is_some_and(Vec::is_empty);
    if registration.assignment_required == Some(true) && lacks_role {
        return Some(
            Found::error(
                Code::AssignmentRequiredNotAssigned,
                format!("{name} requires an assignment, and App 1's identity has no app role on it, so Entra issues no token for {resource}."),
            )
            .because_asked(evidence.exchange(&Purpose::GraphAssignments), "Graph: appRoleAssignmentRequired = true, no app role assignment of the caller"),
        );
    }
    None
}

/// Whether the registration has this name; `None` when its names are not known.
fn registers(registration: &Registration, asked: &str) -> Option<bool> {
    let uris = registration.identifier_uris.as_ref()?;
    let is_own = registration
        .client_id
        .as_ref()
        .is_some_and(|id| id.as_str().eq_ignore_ascii_case(asked));
    Some(
        is_own
            || uris
                .iter()
                .any(|uri| matches!(resource::likeness(uri, asked), Likeness::Same | Likeness::Case)),
    )
}

/// Rows 1 to 5: the identity works for another resource.
fn this_resource(
    evidence: &Evidence<'_>,
    real: &Reply<'_>,
    bare: Option<&Reply<'_>>,
    nonsense: Option<&Reply<'_>>,
) -> Vec<Found> {
    match bare.map(|bare| (bare, &bare.class)) {
        Some((_, Class::Issued)) => {
            let id = evidence
                .resource
                .as_ref()
                .and_then(|chosen| resource::client_id_of(&chosen.value));
            let asked = evidence.resource.as_ref().map(|chosen| &chosen.value);
            let forms = Difference::of(RESOURCE, id, asked, "the same identity's other token requests");
            let hint = id.map_or_else(String::new, |id| format!(" ({id})"));
            return vec![
                Found::error(
                    Code::ResourceNotRegistered,
                    format!(
                        "{} is not an identifier URI of App 2's registration: for its bare client id{hint} the same identity gets \
                         a token.",
                        resource_of(evidence)
                    ),
                )
                .differs(forms)
                .confidence(Confidence::Likely)
                .confirm("`az ad app show --id <App 2's client id> --query identifierUris`"),
            ];
        }
        Some((bare, Class::Entra(refusal))) => {
            return vec![entra_error::finding(evidence, bare, refusal).confidence(Confidence::Likely)];
        }
        _ => {}
    }
    let exists = nonsense.is_some_and(|nonsense| !nonsense.looks_like(real) && nonsense.exchange.answer().is_some());
    resource_candidates(evidence, !exists)
}

/// The causes that lie with one resource, likeliest first; those that Graph excludes are left out.
fn resource_candidates(evidence: &Evidence<'_>, may_be_unknown: bool) -> Vec<Found> {
    let resource = resource_of(evidence);
    let registration = evidence.registration.as_ref();
    let registered = registration
        .zip(evidence.resource.as_ref())
        .and_then(|(registration, chosen)| registers(registration, &chosen.value));
    let free = registration.is_some_and(|registration| {
        registration.assignment_required == Some(false)
            || registration
                .caller_roles
                .as_ref()
                .is_some_and(|roles| !roles.is_empty())
    });
    let enabled = registration.is_some_and(|registration| registration.service_principal_enabled == Some(true));
    let mut candidates = Vec::new();
    let mut add = |fits: bool, code: Code, message: String, test: &str| {
        if fits {
            candidates.push(
                Found::error(code, message)
                    .confidence(Confidence::Possible)
                    .confirm(test),
            );
        }
    };
    add(
        !free,
        Code::AssignmentRequiredNotAssigned,
        format!(
            "App 2's enterprise application may require an assignment that App 1's identity does not have ({resource})."
        ),
        "`az ad sp show --id <App 2's client id> --query appRoleAssignmentRequired`: true makes it this, unless App 1's \
         identity has an app role there (AADSTS501051 in the managed identity sign-in logs)",
    );
    add(
        may_be_unknown && registered != Some(true),
        Code::ResourceNotRegistered,
        format!("{resource} may not be registered in this tenant, or its service principal may be missing."),
        "`az ad sp list --filter \"servicePrincipalNames/any(n:n eq '<resource>')\"`: an empty list makes it this (AADSTS500011 \
         in the managed identity sign-in logs)",
    );
    add(
        !enabled,
        Code::ResourceDisabled,
        format!("App 2's service principal may be disabled ({resource})."),
        "`az ad sp show --id <App 2's client id> --query accountEnabled`: false makes it this",
    );
    add(
        true,
        Code::ConditionalAccessBlocked,
        format!(
            "A policy of the tenant may block App 1's identity for {resource}. Conditional access does not cover managed identities; other policies may."
        ),
        "the managed identity sign-in logs show AADSTS53003 and the policy's name",
    );
    candidates
}

/// Row 7: the identity gets no token at all.
fn any_resource(evidence: &Evidence<'_>) -> Vec<Found> {
    let metadata = [
        Purpose::MetadataV2,
        Purpose::MetadataV1,
        Purpose::KeysV2,
        Purpose::KeysV1,
    ];
    let asked: Vec<_> = metadata
        .iter()
        .filter_map(|purpose| evidence.exchange(purpose))
        .collect();
    let reached = asked.iter().find(|exchange| exchange.answer().is_some());
    let blocked = asked.iter().find(|exchange| {
        exchange
            .failure()
            .is_some_and(|failure| failure.kind != FailureKind::NotSent)
    });
    let egress = |confidence: Confidence| {
        Found::error(
            Code::CallerEgressBlocked,
            "App 1's platform may not reach Entra: the identity gets no token for any resource. Outbound rules must allow \
             login.microsoftonline.com (and login.windows.net, *.login.microsoft.com; for Container Apps *.identity.azure.net).",
        )
        .confidence(confidence)
        .confirm(
            "`curl -v https://login.microsoftonline.com` from App 1: silence or a refused connection makes it this; see also \
             outboundVnetRouting.managedIdentityTraffic of the site",
        )
    };
    let broken = |confidence: Confidence| {
        Found::error(
            Code::IdentityEndpointTransient,
            "The platform's identity endpoint fails for every resource: a fault of the platform, or the identity was removed or \
             disabled in Entra while the app still has its variables.",
        )
        .confidence(confidence)
        .confirm("restart App 1 and check again; `az ad sp show --id <principalId>` shows whether the identity still exists")
    };
    match (reached, blocked) {
        (None, Some(exchange)) => {
            let failure = exchange.failure().map(shown::reason).unwrap_or_default();
            vec![
                egress(Confidence::Likely).because_of(
                    Origin::Exchange(exchange.id),
                    format!("{}: no answer, {}", exchange.purpose.describe(), short(&failure)),
                ),
                broken(Confidence::Possible),
            ]
        }
        (Some(exchange), _) => vec![
            broken(Confidence::Possible).because_of(
                Origin::Exchange(exchange.id),
                format!("{} is within reach of App 1", exchange.purpose.describe()),
            ),
            egress(Confidence::Possible),
        ],
        (None, None) => vec![egress(Confidence::Possible), broken(Confidence::Possible)],
    }
}
