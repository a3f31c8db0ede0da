//! Platforms with an identity endpoint. How they are recognized and what their requests look like is data
//! (`assets/knowledge/platforms.toml`, with its sources).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A platform with an identity endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// A Kubernetes node: the metadata endpoint of its virtual machine, which its pods reach.
    KubernetesNode,
}

/// How a platform's identity endpoint is recognized and asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Protocol {
    /// The platform's name for people.
    pub name: String,
    /// The variables that tell the platform.
    pub marks: Vec<String>,
    /// The protocol's version.
    pub version: String,
    /// The variable with the endpoint's address. `None`: the request is written by code of its own.
    pub endpoint: Option<String>,
    /// The endpoint where that variable is not set.
    pub base: Option<String>,
    /// What is asked for below the endpoint.
    pub path: Option<String>,
    /// Whether the request is a form that is posted.
    pub post: bool,
    /// The proof that the request carries.
    pub secret: Option<Proof>,
    /// Further headers.
    pub headers: BTreeMap<String, String>,
    /// The variable with the thumbprint of the endpoint's certificate.
    pub pinned_by: Option<String>,
    /// How an identity is selected.
    pub select: Select,
    /// What is said where an identity cannot be selected as it was asked for.
    pub otherwise: Option<String>,
    /// Answers after which the request is repeated, besides those of every platform.
    pub again: Vec<u16>,
    /// Whether the same request can be tried on the other way around a proxy.
    pub proxied: bool,
}

/// A secret of the environment that goes into a header.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The variable.
    pub variable: String,
    /// The header.
    pub header: String,
}

/// The parameters that select a user-assigned identity.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Select {
    /// By client ID.
    pub client_id: Option<String>,
    /// By object ID.
    pub object_id: Option<String>,
    /// By ARM resource ID.
    pub resource_id: Option<String>,
    /// The variable with the client ID that is selected where nothing was asked for.
    pub default: Option<String>,
}

impl Platform {
    /// How the platform is recognized and asked.
    #[must_use]
    pub fn protocol(self) -> &'static Protocol {
        static NONE: LazyLock<Protocol> = LazyLock::new(Protocol::default);
        // A test reads the whole file, and finds each platform in it.
        static PROTOCOLS: LazyLock<BTreeMap<Platform, Protocol>> = LazyLock::new(|| read().unwrap_or_default());
        PROTOCOLS.get(&self).unwrap_or(&NONE)
    }

    /// The platform's name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        &self.protocol().name
    }

    /// The variable with the secret that the endpoint requires, if it requires one.
    #[must_use]
    pub fn secret_variable(self) -> Option<&'static str> {
        Some(self.protocol().secret.as_ref()?.variable.as_str())
    }
}

fn read() -> Option<BTreeMap<Platform, Protocol>> {
    crate::packed::read(packed!("knowledge/platforms.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_is_described() {
        let file: BTreeMap<Platform, Protocol> = read().unwrap();
        assert_eq!(file.len(), 9);
        for (platform, protocol) in &file {
            assert!(!platform.name().is_empty() && !protocol.version.is_empty() && !protocol.marks.is_empty());
            // What cannot select every kind of identity says so.
            let select = &protocol.select;
            let selects_all = select.client_id.is_some() && select.object_id.is_some() && select.resource_id.is_some();
            assert_eq!(protocol.otherwise.is_none(), selects_all, "{platform:?}");
        }
    }
}
