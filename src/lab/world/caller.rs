//! The caller's side: App 1's machine, its identities, its token endpoint, and a service principal.

use serde::{Deserialize, Serialize};

use super::faults::Faults;

/// The caller's machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App1 {
    pub site_name: String,
    pub subscription: String,
    pub resource_group: String,
    pub region: String,
    pub linux: bool,
    /// As `kind` of a site object: `app,linux`, `functionapp,linux`, `functionapp,workflowapp`.
    pub kind: String,
    /// The system-assigned identity; `None` when it is not enabled.
    pub system_identity: Option<Identity>,
    pub user_assigned: Vec<Identity>,
    /// Another identity that is not attached to App 1.
    pub detached_identity: Identity,
    /// Whether the session sees the platform's variables.
    pub variables: Visibility,
    /// Whether a firewall keeps App 1's platform from reaching Entra.
    pub egress_blocked: bool,
    /// The resource that the caller requests; empty if none is given.
    pub resource: String,
}

/// Whether a session sees the identity's variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Visibility {
    /// As the app's own process does.
    Visible,
    /// Only a file has them: the app's environment block, saved.
    InFile,
    /// There are none.
    Absent,
}

/// A managed identity.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    pub name: String,
    pub client_id: String,
    pub object_id: String,
    pub resource_id: String,
}

/// The platform's token endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityEndpoint {
    /// Its name in `src/lab/platforms.rs`.
    pub platform: String,
    /// Whether clients know its certificate by the thumbprint alone.
    #[serde(default)]
    pub pinned: bool,
    /// How it passes on that Entra refused.
    pub refusals: Refusals,
    /// Whether the header in the variables is no longer the one that the endpoint requires.
    pub stale_header: bool,
    /// Whether the endpoint refuses the protocol version that the variables stand for.
    pub old_protocol_only: bool,
    pub faults: Faults,
}

/// How the token endpoint passes on that Entra refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Refusals {
    /// 500 with "An unexpected error occured while fetching the AAD Token."
    Opaque,
    /// 500 without a body.
    Empty,
    /// 400 with Entra's own words inside.
    Wrapped,
}

/// A service principal that is no managed identity.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServicePrincipal {
    pub client_id: String,
    pub object_id: String,
    pub display_name: String,
    pub secret: SecretState,
    pub certificate: CertificateState,
    /// The federated credential's expected claims; `None` when the registration has none.
    pub federated: Option<FederatedCredential>,
    /// What the outside token file says, where it differs.
    pub outside_token: OutsideToken,
    /// Whether the directory knows it.
    pub in_tenant: bool,
    pub enabled: bool,
}

/// State of the client secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SecretState {
    Valid,
    /// The variables contain another text, such as the secret's ID.
    Wrong,
    Expired,
    /// The variables contain none.
    Missing,
}

/// State of the client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CertificateState {
    Registered,
    /// The registration does not list its thumbprint.
    Unregistered,
}

/// A federated credential: what an outside token must say exactly.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FederatedCredential {
    pub issuer: String,
    pub subject: String,
    pub audience: String,
}

/// The external token that the caller has in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutsideToken {
    pub issuer: String,
    pub subject: String,
    pub audience: String,
    pub expires_in_s: i64,
}
