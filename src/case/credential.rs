//! Which credential App 1 would use, by the order of Microsoft's SDKs. Pure: it reads the environment's record only.

mod host;

use serde::{Deserialize, Serialize};

use super::environment::{Environment, Variable};
use super::ids::{ClientId, is_placeholder};
use super::inputs::{CredentialKind, IdentitySelector, Inputs};
pub use super::platform::Platform;
pub use host::{
    INJECTED, NO_RESPONDER, half_of_a_pair, host, host_of_resource, host_without_endpoint, is_container_app, is_pod,
    own_endpoint, pipeline_name, platform,
};
use host::{is_hosted, metadata_endpoint};

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
