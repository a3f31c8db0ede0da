//! The lab's world as plain data: everything that can be right or wrong between App 1 and App 2.
//!
//! A healthy world is made fresh for each run. A change of `assets/lab/scenarios.toml` is a patch of this data, so that
//! faults combine freely and each can be fixed by putting its part of the healthy world back.

mod caller;
mod faults;
mod target;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use caller::*;
pub(crate) use faults::Faults;
pub(crate) use target::*;

/// Everything the lab's servers act on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct World {
    /// Base URLs of the servers, without a trailing slash.
    pub addresses: Addresses,
    /// The directory that both apps belong to.
    pub tenant: Tenant,
    /// The caller's machine.
    pub app1: App1,
    /// The platform's token endpoint on the caller's machine.
    pub identity_endpoint: IdentityEndpoint,
    /// Entra ID.
    pub entra: Entra,
    /// A service principal that is no managed identity.
    pub service_principal: ServicePrincipal,
    /// App 2's registration and its service principal.
    pub registration: Registration,
    /// App 2 as a resource of Azure Resource Manager.
    pub site: Site,
    /// App 2's authentication settings.
    pub easy_auth: EasyAuth,
    /// What the code behind Easy Auth does.
    pub app: App,
    /// What is in front of App 2.
    pub front_end: FrontEnd,
    /// Azure Resource Manager.
    pub resource_manager: Reader,
    /// Microsoft Graph.
    pub graph: Reader,
}

/// Base URLs of the lab's servers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Addresses {
    pub identity: String,
    /// The same as `identity`, by the name `localhost`: a proxy exception for 127.0.0.1 does not cover it.
    pub identity_by_name: String,
    pub entra: String,
    pub app2: String,
    pub resource_manager: String,
    pub graph: String,
    pub other_host: String,
    pub proxy: String,
    /// Where the lab keeps files for clients: certificate, federated token, CA.
    pub files: String,
    /// Where Azure Arc's key lies.
    pub arc: String,
}

/// A directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tenant {
    pub id: String,
    /// Another directory, for tokens from elsewhere.
    pub foreign_id: String,
    pub domain: String,
}

/// Entra ID.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entra {
    /// A refusal of every request for App 2's resource, by its AADSTS number; 0 for none.
    pub refuse: u32,
    /// The text of that refusal; empty for a plain one.
    pub refuse_text: String,
    /// Whether the refusal applies to every resource, not only to App 2.
    pub refuse_everything: bool,
    /// Names of other APIs of the directory, for which anybody gets a v1 token.
    pub other_resources: Vec<String>,
    /// What is odd about the tokens for App 2.
    pub tokens: TokenShape,
    pub faults: Faults,
}

/// How tokens for App 2 differ from what they should be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenShape {
    /// When it was issued, in seconds before now: the platform caches tokens.
    pub issued_ago_s: i64,
    /// From issue to expiry; 0 for what the caller's kind gets.
    pub lifetime_s: i64,
    pub signature: SignatureShape,
    /// Claims to set, whatever they are otherwise.
    pub set_claims: BTreeMap<String, Value>,
    pub drop_claims: Vec<String>,
    /// A text to give out instead of a token.
    pub raw: String,
    /// Whether the other directory issued it.
    pub foreign_tenant: bool,
    /// Whether it is for Azure Resource Manager, whatever was asked: a cache that mixes resources up.
    pub for_resource_manager: bool,
    /// Number of entries of a `groups` claim; 0 for no such claim.
    pub groups: u32,
    /// The version of a token that was cached before the registration's changed.
    pub cached_version: Option<u8>,
    /// Whether roles assigned since the token was cached are missing in it.
    pub without_roles: bool,
}

/// What is done to a token's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SignatureShape {
    Good,
    /// One byte differs.
    Tampered,
    /// `alg` is `none` and the third part is empty.
    None,
    /// A `nonce` in the header, as tokens for Microsoft Graph have: nobody else can check them.
    Nonce,
    /// `HS256`, with a key that nobody has: what the Functions host makes for its own use.
    SharedKey,
}

/// A control-plane API and what the caller may read there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reader {
    pub access: Access,
    pub faults: Faults,
}

/// What the caller may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Access {
    None,
    /// The site and `config/web`, as a custom role may allow, but not the authentication settings.
    SiteOnly,
    Reader,
    Contributor,
}
