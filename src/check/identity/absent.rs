//! No identity endpoint is configured, or, in a pod, only the node's: App 1 has no identity, this session does not see
//! App 1's variables, or this host has none.

use crate::check::prelude::*;

pub(super) fn judge(evidence: &Evidence<'_>, environment: &Environment, report: &mut StepReport) {
    let skipped = half(environment).or_else(|| skipped(environment, &evidence.inputs));
    let found = if let Some(finding) = skipped {
        vec![finding]
    } else if let Some((host, mark)) = credential::host_without_endpoint(environment) {
        vec![Found::of(Code::IdentityUnsupportedOnHost, "host").value("host", host).value("mark", mark)]
    } else if environment.is_app_service() {
        on_app_service(environment)
    } else if credential::is_container_app(environment) {
        // Its variables are also missing where it is kept from a container (identitySettings, init containers).
        let names = ["CONTAINER_APP_NAME", "CONTAINER_APP_JOB_NAME"];
        let app = names.iter().find_map(|name| environment.text(name)).map(short);
        vec![Found::of(Code::IdentityNotEnabled, "container-app").value_if_any("app", app)]
    } else if credential::is_pod(environment) {
        vec![not_injected(environment)]
    } else {
        elsewhere(environment)
    };
    let places = environment.places.iter().map(|reading| format!("{} ({})", reading.place, reading.said()));
    let read = phrase("identity.read").with("places", places.collect::<Value>());
    report.findings.extend(found.into_iter().map(|finding| {
        // A file may be a part of App 1's environment, or that of a session: what isn't in it may still be set.
        let is_shown = !environment.has_file() || finding.code == Code::IdentityUnsupportedOnHost;
        finding.likely_unless(is_shown).because(read.clone())
    }));
}

/// One variable of a pair.
pub(super) fn half(environment: &Environment) -> Option<Found> {
    let (there, absent) = credential::half_of_a_pair(environment)?;
    let finding = Found::of(Code::CredentialIncomplete, "half").value("variable", there).value("missing", absent);
    Some(finding.value("place", environment.variable(there)?.place.to_string()))
}

fn on_app_service(environment: &Environment) -> Vec<Found> {
    // A session with the platform's variables, or whose file it is, may be in another container than the app (Kudu).
    let key = if environment.has_file() { "app-service" } else { "session" };
    // The session has the platform's other variables, so most likely it has the app's whole environment.
    let hidden = environment.hides_first_process().then(|| Found::of(Code::IdentityVariablesHidden, "session"));
    let text = |name| environment.text(name).map(short);
    let with_site = |finding: Found| {
        finding
            .value_if_any("site", text("WEBSITE_SITE_NAME"))
            .value_if_any("slot", text("WEBSITE_SLOT_NAME"))
            .because_variable(environment, "WEBSITE_SITE_NAME")
    };
    std::iter::once(Found::of(Code::IdentityNotEnabled, key)).chain(hidden).map(with_site).collect()
}

/// A service principal that the SDKs skip, because a variable is missing, empty, or named in another case.
pub(super) fn skipped(environment: &Environment, inputs: &Inputs) -> Option<Found> {
    let Some((variable, missing)) = credential::begun(environment, inputs) else {
        return misspelled(environment).map(|finding| finding.error_if(true, Confidence::Certain));
    };
    let key = if variable.is_empty() { "empty" } else { "part" };
    let finding = Found::of(Code::CredentialIncomplete, key)
        .value("variable", &variable.name)
        .value("place", variable.place.to_string())
        .when("alone", missing.len() == 1);
    Some(finding.value("missing", missing))
}

/// Variables whose names have another case than those that the SDKs read: only Windows ignores it.
pub(super) fn misspelled(environment: &Environment) -> Option<Found> {
    environment.misspelled().next()?;
    let lines = environment.misspelled().map(|variable| format!("{} ({})", variable.name, variable.place));
    let finding = Found::of(Code::CredentialIncomplete, "case")
        .value("found", environment.misspelled().map(|it| it.name.as_str()).collect::<Value>())
        .value("wanted", environment.misspelled().map(|it| it.name.to_ascii_uppercase()).collect::<Value>());
    Some(finding.because_all(lines))
}

/// A job of a pipeline, whose own sign-in gives it a credential, or a service without an identity endpoint.
pub(super) fn pipeline(environment: &Environment) -> Option<Found> {
    let host = credential::host(environment)?;
    if ["databricks", "codespaces", "synapse"].contains(&host) {
        let finding = Found::of(Code::IdentityUnsupportedOnHost, "service");
        return Some(finding.when("databricks", host == "databricks").when("codespaces", host == "codespaces"));
    }
    let may_federate = host != "github-actions" || environment.has("ACTIONS_ID_TOKEN_REQUEST_URL");
    let host = credential::pipeline_name(environment)?;
    let finding = Found::of(Code::IdentityUnsupportedOnHost, "pipeline").value("host", host);
    let signed_in = ["SERVICEPRINCIPALID", "AZURESUBSCRIPTION_CLIENT_ID"];
    let signed_in = signed_in.iter().find_map(|name| environment.text(name)).map(short);
    Some(finding.when("may_federate", may_federate).value_if_any("signed_in", signed_in))
}

/// Nothing identifies the host.
fn elsewhere(environment: &Environment) -> Vec<Found> {
    if let Some(finding) = pipeline(environment) {
        return vec![finding];
    }
    // Its jobs and computes have such variables, and with an identity MSI_ENDPOINT as well.
    if environment.variables.iter().any(|variable| variable.name.starts_with("AZUREML_")) {
        let finding = Found::of(Code::IdentityNotEnabled, "unknown").value("platform", Platform::AzureMl.name());
        return vec![finding.likely_if(true)];
    }
    let unsupported = Found::of(Code::IdentityUnsupportedOnHost, "environment");
    if !environment.hides_first_process() {
        return vec![unsupported];
    }
    vec![unsupported.possible(), Found::of(Code::IdentityVariablesHidden, "environment")]
}

/// What is missing of what the webhook injects.
pub(super) fn not_injected(environment: &Environment) -> Found {
    let (set, missing): (Vec<&str>, Vec<&str>) = INJECTED.into_iter().partition(|name| environment.has(name));
    let line = |name: &&str| format!("{name} = {}", environment.text(name).map(short).unwrap_or_default());
    // The client ID alone may be set by hand; a tenant or a token file is injected.
    let is_half = set.iter().any(|name| *name != "AZURE_CLIENT_ID");
    Found::of(Code::WorkloadIdentityIncomplete, if is_half { "half" } else { "nothing" })
        .because_all(set.iter().map(line))
        .when("no_client", is_half && missing.contains(&"AZURE_CLIENT_ID"))
        .value("missing", missing.into_iter().collect::<Value>())
}

/// What the node answered to a pod without a workload identity of its own.
pub(super) fn from_node(evidence: &Evidence<'_>, environment: &Environment, reply: &Reply<'_>) -> Option<Found> {
    if !credential::is_pod(environment) || INJECTED.iter().all(|name| environment.has(name)) {
        return None;
    }
    let finding = not_injected(environment);
    match reply.class {
        _ if evidence.token.is_some() => as_node(evidence, environment),
        Class::Endpoint(EndpointSays::PodIdentity) => Some(of_pod_identity(reply)),
        Class::Endpoint(EndpointSays::NoIdentity | EndpointSays::NotAttached) | Class::Failure(_) => Some(finding),
        _ => Some(finding).filter(|finding| finding.confidence == Confidence::Certain),
    }
}

/// AAD Pod Identity's component answered.
pub(super) fn of_pod_identity(reply: &Reply<'_>) -> Found {
    Found::of(Code::WorkloadIdentityIncomplete, "nmi").value_if_any("said", shown::sentence(reply.exchange))
}

/// The pod got the token of its node, whose identity every pod of the pool can use.
fn as_node(evidence: &Evidence<'_>, environment: &Environment) -> Option<Found> {
    let (selector, _) = credential::effective_selector(environment, &evidence.inputs);
    let resource = evidence.decoded()?.text("xms_mirid")?;
    let identity = Parts::of(resource)?;
    (selector == IdentitySelector::System).then(|| {
        Found::of(Code::WorkloadIdentityIncomplete, "node")
            .error_if(evidence.call_status() == Some(403), Confidence::Likely)
            .value("identity", short(identity.name))
            .because_claim("xms_mirid", short(resource))
    })
}
