//! What App 1 runs on, by the marks that each host leaves in its environment.

use crate::case::environment::Environment;
use crate::case::platform::{Ground, Platform, Protocol};

/// The platform whose identity endpoint this machine's variables, agent file or firmware name. The order: MSAL's.
#[must_use]
pub fn platform(environment: &Environment) -> Option<Platform> {
    Platform::ALL.iter().copied().find(|platform| is_here(environment, *platform))
}

fn is_here(environment: &Environment, platform: Platform) -> bool {
    let protocol = platform.protocol();
    let wanted = if protocol.when.is_empty() { &protocol.marks } else { &protocol.when };
    let is_told = || {
        let all_are_set = wanted.iter().all(|name| environment.has(name));
        all_are_set || protocol.agent && environment.arc_agent.is_some()
    };
    is_on(environment, protocol) && if protocol.metadata { reaches_metadata(environment) } else { is_told() }
}

/// Whether the process runs on what a platform needs.
fn is_on(environment: &Environment, protocol: &Protocol) -> bool {
    protocol.on.is_none_or(|wanted| ground(environment) == Some(wanted))
}

fn ground(environment: &Environment) -> Option<Ground> {
    if environment.is_app_service() {
        Some(Ground::AppService)
    } else if is_container_app(environment) {
        Some(Ground::ContainerApps)
    } else {
        // A host with an identity endpoint of its own may run its containers in Kubernetes, but they are no pods of the
        // user's, and never ask the node.
        let of_host = environment.has("IDENTITY_ENDPOINT") || environment.has("MSI_ENDPOINT");
        let injected = environment.text("AZURE_FEDERATED_TOKEN_FILE").is_some_and(|file| file.starts_with(MOUNT));
        (!of_host && (injected || environment.has("KUBERNETES_SERVICE_HOST"))).then_some(Ground::Pod)
    }
}

/// Where the webhook of workload identity mounts a pod's token. Of a pod's variables, people often show only Azure's.
const MOUNT: &str = "/var/run/secrets/azure/";

/// Whether the process runs on App Service or in Container Apps.
pub(super) fn is_hosted(environment: &Environment) -> bool {
    matches!(ground(environment), Some(Ground::AppService | Ground::ContainerApps))
}

/// Whether the process reaches the metadata endpoint of a virtual machine. App Service and Container Apps run on
/// virtual machines themselves, but their workloads never reach that one: without variables they have no identity. A
/// header without an endpoint is a leftover of the fabric below, where the SDKs go on to the metadata endpoint.
fn reaches_metadata(environment: &Environment) -> bool {
    let is_sandboxed = is_hosted(environment) && !environment.has("IDENTITY_HEADER");
    !is_sandboxed && (environment.has("AZURE_POD_IDENTITY_AUTHORITY_HOST") || environment.is_azure_vm())
}

/// The machine whose metadata endpoint a process reaches. A node is a virtual machine, too: the pod's mark comes first.
pub(super) fn metadata_endpoint(environment: &Environment) -> Option<Platform> {
    let mut all = Platform::ALL.iter().copied();
    all.find(|platform| platform.protocol().metadata && is_on(environment, platform.protocol()))
}

/// The platform whose identity endpoint this app's own variables name. A machine that has a metadata endpoint may have
/// no identity.
#[must_use]
pub fn own_endpoint(environment: &Environment) -> Option<Platform> {
    platform(environment).filter(|platform| !platform.protocol().metadata).filter(|platform| {
        let own = platform.protocol().endpoint.as_deref();
        own.into_iter().chain(["IDENTITY_ENDPOINT", "MSI_ENDPOINT"]).any(|name| environment.has(name))
    })
}

/// Whether the process runs in a pod of Kubernetes that isn't App Service's or Container Apps' own.
#[must_use]
pub fn is_pod(environment: &Environment) -> bool {
    ground(environment) == Some(Ground::Pod)
}

/// What the webhook of workload identity injects into a pod, and a federated credential needs.
pub const INJECTED: [&str; 3] = ["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"];

/// The variable that is set of a pair of which an identity endpoint needs both, and the other one.
#[must_use]
pub fn half_of_a_pair(environment: &Environment) -> Option<(&'static str, &'static str)> {
    // Azure Arc's pair has no header.
    let other = if environment.has("IMDS_ENDPOINT") { "IMDS_ENDPOINT" } else { "IDENTITY_HEADER" };
    let pairs =
        [("IDENTITY_ENDPOINT", other), ("IDENTITY_HEADER", "IDENTITY_ENDPOINT"), ("MSI_SECRET", "MSI_ENDPOINT")];
    pairs.into_iter().find(|(there, absent)| environment.has(there) && !environment.has(absent))
}

/// The name of the pipeline that a job runs in.
#[must_use]
pub fn pipeline_name(environment: &Environment) -> Option<&'static str> {
    match host(environment)? {
        "github-actions" => Some("GitHub Actions"),
        "azure-devops" => Some("Azure Pipelines"),
        _ => None,
    }
}

/// The kind of host that a resource with this ID is, which the token of its identity names.
#[must_use]
pub fn host_of_resource(id: &str) -> Option<&'static str> {
    let id = id.to_ascii_lowercase();
    let kinds = [
        ("/microsoft.web/sites/", "app-service"),
        ("/microsoft.app/", "container-apps"),
        ("/microsoft.compute/", "virtual-machine"),
        ("/microsoft.hybridcompute/", "azure-arc"),
    ];
    kinds.iter().find(|(provider, _)| id.contains(provider)).map(|(_, host)| *host)
}

/// The kind of App 1's host, as fixes name it (`on` in `assets/knowledge/findings/`).
#[must_use]
pub fn host(environment: &Environment) -> Option<&'static str> {
    if is_pod(environment) {
        return Some("kubernetes");
    }
    let (platform, ground) = (platform(environment), ground(environment));
    if let (None, Some(service)) = (ground, service(environment)) {
        return Some(service);
    }
    // A hosted runner is a virtual machine as well.
    if platform.is_none_or(|platform| platform.protocol().metadata)
        && ground.is_none()
        && let Some(pipeline) = pipeline(environment)
    {
        return Some(pipeline);
    }
    match platform.map(Platform::host) {
        Some("app-service") => Some(app_service_kind(environment)),
        Some("cloud-shell" | "virtual-machine") | None if ground == Some(Ground::AppService) => {
            Some(app_service_kind(environment))
        }
        Some("cloud-shell" | "virtual-machine") | None if ground == Some(Ground::ContainerApps) => {
            Some("container-apps")
        }
        Some("cloud-shell") if environment.text("MSI_ENDPOINT") == Some(NO_RESPONDER) => Some("azure-ml"),
        named => named,
    }
}

/// The kind of an app of App Service. Sources: "App settings reference for Azure Functions"; public app settings of
/// Standard logic apps.
fn app_service_kind(environment: &Environment) -> &'static str {
    if environment.text("APP_KIND").is_some_and(|kind| kind.eq_ignore_ascii_case("workflowApp")) {
        "logic-apps"
    } else if environment.has("FUNCTIONS_WORKER_RUNTIME")
        || environment.has("FUNCTIONS_EXTENSION_VERSION")
        || environment.text("WEBSITE_SKU") == Some("FlexConsumption")
    {
        "functions"
    } else {
        "app-service"
    }
}

/// A service that runs the process on a machine of its own, by the variables that it sets there: each with what its
/// value begins with. Sources: "Azure Batch runtime environment variables", "Default environment variables for your
/// codespace"; seen in public code for the others.
fn service(environment: &Environment) -> Option<&'static str> {
    const SERVICES: [(&str, &str, &str); 7] = [
        ("batch", "AZ_BATCH_POOL_ID", ""),
        ("container-instances", "FABRIC_APPLICATIONNAME", "caas-"),
        ("databricks", "DATABRICKS_RUNTIME_VERSION", ""),
        ("codespaces", "CODESPACES", "true"),
        ("synapse", "AZURE_SERVICE", "Microsoft.ProjectArcadia"),
        ("automation", "AUTOMATION_ASSET_ACCOUNTID", ""),
        ("automation", "AZUREPS_HOST_ENVIRONMENT", "AzureAutomation"),
    ];
    let is_here = |name: &str, start: &str| {
        environment.variable(name).is_some_and(|variable| variable.exposed().starts_with(start))
    };
    SERVICES.iter().find(|(_, name, start)| is_here(name, start)).map(|(service, ..)| *service)
}

/// The pipeline that the process is a job of.
fn pipeline(environment: &Environment) -> Option<&'static str> {
    let is_true = |name: &str| environment.text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if is_true("GITHUB_ACTIONS") { Some("github-actions") } else { is_true("TF_BUILD").then_some("azure-devops") }
}

/// What Azure Machine Learning sets as `MSI_ENDPOINT` on a compute without an identity.
pub const NO_RESPONDER: &str = "identity-responder-not-enabled";

/// Whether the process runs in Container Apps, as an app or a job, by the platform's own variables ("Manage environment
/// variables on Azure Container Apps").
#[must_use]
pub fn is_container_app(environment: &Environment) -> bool {
    let marks = [
        "CONTAINER_APP_NAME",
        "CONTAINER_APP_REVISION",
        "CONTAINER_APP_JOB_NAME",
        "CONTAINER_APP_JOB_EXECUTION_NAME",
        "CONTAINER_APP_HOSTNAME",
        "CONTAINER_APP_PORT",
        "CONTAINER_APP_ENV_DNS_SUFFIX",
        "CONTAINER_APP_REPLICA_NAME",
    ];
    marks.iter().any(|mark| environment.has(mark))
}

/// The kind of host when it is one that never gets an identity endpoint, with the mark that shows it. The variables of
/// Static Web Apps are seen in public code, not documented.
#[must_use]
pub fn host_without_endpoint(environment: &Environment) -> Option<(&'static str, String)> {
    if let Some(mark) = environment
        .variables
        .iter()
        .find(|variable| variable.name.starts_with("WEBSITE_STATICWEBAPP_") && !variable.is_empty())
    {
        return Some(("managed functions of Static Web Apps", mark.name.clone()));
    }
    ["DOCKER_CUSTOM_IMAGE_NAME", "WEBSITE_LINUX_FX_VERSION"]
        .into_iter()
        .find(|name| {
            environment.text(name).is_some_and(|value| value.starts_with("COMPOSE|") || value.starts_with("KUBE|"))
        })
        .map(|name| ("multi-container app", name.to_owned()))
}
