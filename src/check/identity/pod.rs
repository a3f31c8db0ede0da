//! A pod of Kubernetes into which workload identity injected nothing, or a part: its SDK asks the node instead.

use crate::case::credential::INJECTED;
use crate::case::inputs::IdentitySelector;
use crate::check::prelude::*;

/// What is missing of what the webhook injects.
pub(super) fn missing(environment: &Environment) -> Found {
    let (set, missing): (Vec<&str>, Vec<&str>) = INJECTED.into_iter().partition(|name| environment.has(name));
    let line = |name: &&str| format!("{name} = {}", environment.text(name).map(short).unwrap_or_default());
    // The client ID alone may be set by hand; a tenant or a token file is injected.
    let is_half = set.iter().any(|name| *name != "AZURE_CLIENT_ID");
    Found::of(Code::WorkloadIdentityIncomplete, if is_half { "half" } else { "nothing" })
        .because_all(set.iter().map(line))
        .when("no_client", is_half && missing.contains(&"AZURE_CLIENT_ID"))
        .value("missing", missing.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>())
}

/// What the node answered to a pod without a workload identity of its own.
pub(super) fn finding(evidence: &Evidence<'_>, environment: &Environment, reply: &Reply<'_>) -> Option<Found> {
    if !credential::is_pod(environment) || INJECTED.iter().all(|name| environment.has(name)) {
        return None;
    }
    if evidence.token.is_some() {
        return as_node(evidence, environment);
    }
    let finding = missing(environment);
    match reply.class {
        Class::PodIdentity => {
            Some(Found::of(Code::WorkloadIdentityIncomplete, "nmi").value_if_any("said", reply.sentence()))
        }
        Class::NoIdentity | Class::NotAttached | Class::Failure(_) => Some(finding),
        _ => Some(finding).filter(|finding| finding.confidence == Confidence::Certain),
    }
}

/// The pod got the token of its node, whose identity every pod of the pool can use.
fn as_node(evidence: &Evidence<'_>, environment: &Environment) -> Option<Found> {
    let (selector, _) = credential::effective_selector(environment, &evidence.inputs);
    let resource = evidence.decoded()?.text("xms_mirid")?;
    let identity = Parts::of(resource)?;
    (selector == IdentitySelector::System).then(|| {
        Found::of(Code::WorkloadIdentityIncomplete, "node")
            .error_if(target::call_status(evidence) == Some(403), Confidence::Likely)
            .value("identity", short(identity.name))
            .because_claim("xms_mirid", short(resource))
    })
}
