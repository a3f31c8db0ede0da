//! Platforms with an identity endpoint: the tables of `assets/knowledge/platforms.toml`, which say how they are
//! recognized and what their requests look like, with the sources.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::tables::of_tables;

macro_rules! platforms {
    ($($tables:tt)*) => {
        of_tables! {
            /// A platform with an identity endpoint, as the knowledge base names it. The first that fits is recognized.
            Platform, "knowledge/platforms.toml",
            /// How the platform is recognized and asked.
            protocol -> Protocol: $($tables)*
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/platforms.rs"));

/// How a platform's identity endpoint is recognized and asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Protocol {
    /// The platform's name for people.
    pub name: String,
    /// What fixes call the host, where the platform's own name isn't it.
    pub host: Option<String>,
    /// The variables that tell the platform.
    pub marks: Vec<String>,
    /// Those of them without which it isn't this platform; all, where none is named.
    pub when: Vec<String>,
    /// What the process has to run on.
    pub on: Option<Ground>,
    /// Whether the file of an agent on the machine tells the platform as well.
    pub agent: bool,
    /// Whether it is the metadata endpoint of a virtual machine, which is also there where no variable names it.
    pub metadata: bool,
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
    /// Its row in the table of hosts: what it is, and how it gets its token.
    pub covered: Option<(String, String)>,
}

/// What a process runs on, by variables of the platform that say nothing of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// App Service, with Functions and Logic Apps.
    AppService,
    /// Container Apps.
    ContainerApps,
    /// A pod of Kubernetes.
    Pod,
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
    /// The platform's name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        &self.protocol().name
    }

    /// What fixes call the host (`on` in `assets/knowledge/findings/`).
    #[must_use]
    pub fn host(self) -> &'static str {
        self.protocol().host.as_deref().unwrap_or_else(|| self.id())
    }

    /// Whether its table names a variable: one that tells the platform, or one that its request reads.
    #[must_use]
    pub fn names(self, variable: &str) -> bool {
        let protocol = self.protocol();
        let of_request = [&protocol.endpoint, &protocol.pinned_by, &protocol.select.default].into_iter().flatten();
        protocol.marks.iter().chain(of_request).any(|name| name == variable) || self.secret_variable() == Some(variable)
    }

    /// The variable with the secret that the endpoint requires, if it requires one.
    #[must_use]
    pub fn secret_variable(self) -> Option<&'static str> {
        Some(self.protocol().secret.as_ref()?.variable.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_is_described() {
        let file: BTreeMap<Platform, Protocol> = read().unwrap();
        assert!(file.keys().copied().eq(Platform::ALL.iter().copied()));
        for (platform, protocol) in &file {
            assert!(!platform.name().is_empty() && !protocol.version.is_empty() && !protocol.marks.is_empty());
            // What cannot select every kind of identity says so.
            let select = &protocol.select;
            let selects_all = select.client_id.is_some() && select.object_id.is_some() && select.resource_id.is_some();
            assert_eq!(protocol.otherwise.is_none(), selects_all, "{platform:?}");
        }
    }
}
