//! Which credential App 1 would use, by the order of Microsoft's SDKs. Pure: it reads the environment's record only.

use serde::{Deserialize, Serialize};

use super::environment::{Environment, Variable};
use super::ids::{ClientId, is_placeholder};
use super::inputs::{CredentialKind, IdentitySelector, Inputs};
pub use super::platform::Platform;
use super::platform::{Ground, Protocol};

/// Where the token comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialSource {
    /// A managed identity, by the endpoint of this platform.
    ManagedIdentity(Platform),
    /// Entra, with a client secret.
    ClientSecret,
    /// Entra, with a certificate.
    ClientCertificate,
    /// Entra, with a federated token file.
    WorkloadIdentity,
    /// The Azure CLI's command.
    AzureCli,
    /// A given token.
    Token,
    /// Nothing: no credential is available here.
    Unavailable,
}

impl CredentialSource {
    /// Whether it is a service principal, which asks Entra itself for the token.
    #[must_use]
    pub const fn is_service_principal(&self) -> bool {
        matches!(self, Self::ClientSecret | Self::ClientCertificate | Self::WorkloadIdentity)
    }

    /// The kind of credential, as the report's `credential` names it.
    #[must_use]
    pub const fn kind(&self) -> CredentialKind {
        match self {
            Self::ManagedIdentity(_) | Self::Unavailable => CredentialKind::ManagedIdentity,
            Self::ClientSecret => CredentialKind::ClientSecret,
            Self::ClientCertificate => CredentialKind::ClientCertificate,
            Self::WorkloadIdentity => CredentialKind::WorkloadIdentity,
            Self::AzureCli => CredentialKind::AzureCli,
            Self::Token => CredentialKind::Token,
        }
    }
}

/// The chosen credential and the reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The chosen source.
    pub source: CredentialSource,
    /// Why, in one sentence that names the variables.
    pub because: String,
    /// What the chosen source still needs, such as `AZURE_TENANT_ID`; empty when complete.
    pub missing: Vec<String>,
}

/// Chooses the credential: what was asked for, else by the order of the SDKs' default chain (environment, workload
/// identity, managed identity). The metadata endpoint of virtual machines is chosen only on a machine that says that
/// it is one, or when `AZURE_POD_IDENTITY_AUTHORITY_HOST` names another base, or when the user asked for it.
#[must_use]
pub fn choose(environment: &Environment, inputs: &Inputs) -> Choice {
    let parts = Principal { environment, inputs };
    match inputs.credential {
        CredentialKind::Auto => automatic(&parts),
        CredentialKind::ManagedIdentity => managed_identity(environment, true, "--credential managed-identity is set"),
        CredentialKind::ClientSecret => asked(CredentialSource::ClientSecret, &parts, parts.secret()),
        CredentialKind::ClientCertificate => asked(CredentialSource::ClientCertificate, &parts, parts.certificate()),
        CredentialKind::WorkloadIdentity => asked(CredentialSource::WorkloadIdentity, &parts, parts.federated_token()),
        CredentialKind::AzureCli => Choice {
            source: CredentialSource::AzureCli,
            because: "--credential azure-cli is set".to_owned(),
            missing: Vec::new(),
        },
        CredentialKind::Token => token_file(inputs),
    }
}

fn token_file(inputs: &Inputs) -> Choice {
    Choice {
        source: CredentialSource::Token,
        because: match &inputs.token_file {
            Some(path) => format!("the token is from {}", path.display()),
            None => "--credential token is set".to_owned(),
        },
        missing: match &inputs.token_file {
            Some(_) => Vec::new(),
            None => vec!["--token-file".to_owned()],
        },
    }
}

fn asked(source: CredentialSource, parts: &Principal, proof: Result<String, &'static str>) -> Choice {
    let mut missing: Vec<String> = parts.missing().into_iter().map(str::to_owned).collect();
    let mut because = format!("--credential {} is set", source.kind().name());
    match proof {
        Ok(place) => because = format!("{because}; it authenticates with {place}"),
        Err(name) => missing.push(name.to_owned()),
    }
    Choice { source, because, missing }
}

/// The default chain of azure-identity, as far as it can run unattended.
fn automatic(parts: &Principal) -> Choice {
    if parts.inputs.token_file.is_some() {
        return token_file(parts.inputs);
    }
    let absent = parts.missing();
    let chain = Chain::of(parts.environment);
    let proofs = [
        (CredentialSource::ClientSecret, parts.secret()),
        (CredentialSource::ClientCertificate, parts.certificate()),
        (CredentialSource::WorkloadIdentity, parts.federated_token()),
    ];
    let mut passed_over = String::new();
    for (source, proof) in proofs {
        let Ok(place) = proof else { continue };
        if !chain.includes(&source) {
            passed_over = format!("; AZURE_TOKEN_CREDENTIALS excludes {place}");
            continue;
        }
        if absent.is_empty() {
            return service_principal(parts.environment, source, &place);
        }
        passed_over = format!("; {place} is set but {} isn't, so the SDKs skip that credential", absent.join(" and "));
    }
    // Where a developer tool is all that is left, and no identity endpoint could be meant, the tool is used.
    if chain.includes(&CredentialSource::AzureCli)
        && !chain.includes_managed_identity()
        && platform(parts.environment).is_none()
    {
        return Choice {
            source: CredentialSource::AzureCli,
            because: "AZURE_TOKEN_CREDENTIALS allows only developer tools".to_owned(),
            missing: Vec::new(),
        };
    }
    let mut choice = managed_identity(parts.environment, false, "no other credential is set");
    choice.because.push_str(&passed_over);
    choice
}

/// The credentials that `AZURE_TOKEN_CREDENTIALS` leaves in the SDKs' default chain ("Credential chains in the Azure
/// Identity client library", Microsoft Learn). Libraries before 2025 ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chain<'a> {
    /// It isn't set.
    Whole,
    /// `dev`: developer tools.
    Developer,
    /// `prod`: environment, workload identity, and managed identity.
    Deployed,
    /// One credential, by its class name.
    Only(&'a str),
}

impl<'a> Chain<'a> {
    fn of(environment: &'a Environment) -> Self {
        match environment.text("AZURE_TOKEN_CREDENTIALS").map(str::trim) {
            None | Some("") => Self::Whole,
            Some(value) if value.eq_ignore_ascii_case("dev") => Self::Developer,
            Some(value) if value.eq_ignore_ascii_case("prod") => Self::Deployed,
            Some(value) => Self::Only(value),
        }
    }

    fn includes(self, source: &CredentialSource) -> bool {
        let class = match source {
            CredentialSource::ManagedIdentity(_) | CredentialSource::Unavailable => "ManagedIdentityCredential",
            CredentialSource::ClientSecret | CredentialSource::ClientCertificate => "EnvironmentCredential",
            CredentialSource::WorkloadIdentity => "WorkloadIdentityCredential",
            CredentialSource::AzureCli => "AzureCliCredential",
            CredentialSource::Token => return true,
        };
        match self {
            Self::Whole => true,
            Self::Developer => class == "AzureCliCredential",
            Self::Deployed => class != "AzureCliCredential",
            Self::Only(name) => name.eq_ignore_ascii_case(class),
        }
    }

    fn includes_managed_identity(self) -> bool {
        self.includes(&CredentialSource::Unavailable)
    }
}

/// The value of `AZURE_TOKEN_CREDENTIALS`, where it takes the chosen credential out of the SDKs' default chain.
#[must_use]
pub fn excluded_by<'a>(environment: &'a Environment, inputs: &Inputs, choice: &Choice) -> Option<&'a str> {
    let decides = inputs.credential == CredentialKind::Auto && !Chain::of(environment).includes(&choice.source);
    environment.text("AZURE_TOKEN_CREDENTIALS").filter(|_| decides)
}

/// What begins a service principal without completing it, which the SDKs then skip, and what is missing or empty. No
/// platform sets a secret or a certificate: whoever did means a service principal.
#[must_use]
pub fn begun<'a>(environment: &'a Environment, inputs: &Inputs) -> Option<(&'a Variable, Vec<String>)> {
    let is_proof = |variable: &&Variable| {
        ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"].contains(&variable.name.as_str())
    };
    let proof = environment.variables.iter().filter(is_proof).max_by_key(|variable| !variable.is_empty())?;
    let of_proof = Some(proof.name.as_str()).filter(|_| proof.is_empty());
    let missing: Vec<String> =
        Principal { environment, inputs }.missing().into_iter().chain(of_proof).map(str::to_owned).collect();
    (!missing.is_empty()).then_some((proof, missing))
}

fn service_principal(environment: &Environment, source: CredentialSource, place: &str) -> Choice {
    let mut because = format!(
        "AZURE_TENANT_ID, AZURE_CLIENT_ID, and {place} are set; the SDKs' default chain uses them before a managed \
         identity"
    );
    if let Some(platform) = own_endpoint(environment) {
        because.push_str(&format!(
            ". This machine also has a managed identity endpoint ({}), which isn't used; to use it, remove {place} \
             or set --credential managed-identity",
            platform.name()
        ));
    }
    Choice { source, because, missing: Vec::new() }
}

/// What a service principal needs, from options first and variables second.
struct Principal<'a> {
    environment: &'a Environment,
    inputs: &'a Inputs,
}

impl Principal<'_> {
    fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.inputs.tenant.is_none() && !self.environment.has("AZURE_TENANT_ID") {
            missing.push("AZURE_TENANT_ID");
        }
        if self.inputs.client_id.is_none() && !self.environment.has("AZURE_CLIENT_ID") {
            missing.push("AZURE_CLIENT_ID");
        }
        missing
    }

    /// Where the secret comes from, or the name of what is missing.
    fn secret(&self) -> Result<String, &'static str> {
        if self.inputs.client_secret.is_some() {
            return Ok("the prompt's secret".to_owned());
        }
        if let Some(path) = &self.inputs.client_secret_file {
            return Ok(path.display().to_string());
        }
        self.variable("AZURE_CLIENT_SECRET")
    }

    fn certificate(&self) -> Result<String, &'static str> {
        self.variable("AZURE_CLIENT_CERTIFICATE_PATH")
    }

    fn federated_token(&self) -> Result<String, &'static str> {
        self.variable("AZURE_FEDERATED_TOKEN_FILE")
    }

    fn variable(&self, name: &'static str) -> Result<String, &'static str> {
        if self.environment.has(name) { Ok(name.to_owned()) } else { Err(name) }
    }
}

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
        (environment.has("KUBERNETES_SERVICE_HOST") && !of_host).then_some(Ground::Pod)
    }
}

/// Whether the process runs on App Service or in Container Apps.
fn is_hosted(environment: &Environment) -> bool {
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
fn metadata_endpoint(environment: &Environment) -> Option<Platform> {
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

fn managed_identity(environment: &Environment, asked: bool, reason: &str) -> Choice {
    let found = platform(environment);
    let chosen = found.or_else(|| metadata_endpoint(environment).filter(|_| asked && !is_hosted(environment)));
    let because = match chosen {
        Some(platform) if found.is_some() => format!("{}: {reason}", marks(environment, platform)),
        Some(_) => format!(
            "{reason}, and no variable contains an endpoint, so only the metadata endpoint of virtual machines remains"
        ),
        None => format!(
            "no identity endpoint: neither IDENTITY_ENDPOINT with IDENTITY_HEADER nor MSI_ENDPOINT is set, and {}",
            if environment.is_app_service() {
                "App Service has no other"
            } else if is_container_app(environment) {
                "Container Apps has no other"
            } else {
                "nothing indicates that this machine is an Azure virtual machine or an Azure Arc server"
            }
        ),
    };
    Choice {
        source: chosen.map_or(CredentialSource::Unavailable, CredentialSource::ManagedIdentity),
        because,
        missing: Vec::new(),
    }
}

/// What told the platform, with where each variable was found.
fn marks(environment: &Environment, platform: Platform) -> String {
    let names = &platform.protocol().marks;
    let found: Vec<String> = names
        .iter()
        .filter_map(|name| environment.variable(name))
        .map(|variable| format!("{} ({})", variable.name, variable.place))
        .collect();
    if !found.is_empty() {
        return format!("{}, detected from {}", platform.name(), found.join(", "));
    }
    match &environment.arc_agent {
        Some(agent) if platform.protocol().agent => format!("{}, detected from its agent {agent}", platform.name()),
        _ => format!("{}, detected from the machine's chassis asset tag", platform.name()),
    }
}

/// `AZURE_CLIENT_ID`, where it selects the managed identity and only holds the place of an ID.
#[must_use]
pub fn placeholder<'a>(environment: &'a Environment, inputs: &Inputs) -> Option<&'a str> {
    let selects = inputs.identity == IdentitySelector::Auto;
    environment.text("AZURE_CLIENT_ID").filter(|value| selects && is_placeholder(value))
}

/// Which managed identity is asked for in effect, and why: `--identity`, else `AZURE_CLIENT_ID` as
/// `DefaultAzureCredential` reads it, else the system-assigned one. Never [`IdentitySelector::Auto`].
#[must_use]
pub fn effective_selector(environment: &Environment, inputs: &Inputs) -> (IdentitySelector, String) {
    match &inputs.identity {
        IdentitySelector::Auto => match environment.variable("AZURE_CLIENT_ID") {
            Some(variable) if environment.text("AZURE_CLIENT_ID").is_some() => {
                let id = environment.text("AZURE_CLIENT_ID").unwrap_or_default();
                (
                    IdentitySelector::ClientId(ClientId::new(id)),
                    format!("AZURE_CLIENT_ID ({}) selects the identity", variable.place),
                )
            }
            _ => (IdentitySelector::System, "no identity is selected, and AZURE_CLIENT_ID isn't set".to_owned()),
        },
        chosen => (chosen.clone(), format!("--identity {chosen} is set")),
    }
}

#[cfg(test)]
mod tests;
