//! The lab's world as plain data: everything that can be right or wrong between App 1 and App 2.
//!
//! A healthy world is made fresh for each run. A change of `assets/lab/scenarios.toml` is a patch of this data, so that
//! faults combine freely and each can be mended by putting its part of the healthy world back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// What stands before App 2.
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
    pub entra: String,
    pub app2: String,
    pub resource_manager: String,
    pub graph: String,
    pub other_host: String,
    pub proxy: String,
    /// Where the lab keeps files for clients: certificate, federated token, CA.
    pub files: String,
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

/// The caller's machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App1 {
    pub site_name: String,
    pub subscription: String,
    pub resource_group: String,
    pub region: String,
    pub linux: bool,
    /// The system-assigned identity; `None` when it is not enabled.
    pub system_identity: Option<Identity>,
    pub user_assigned: Vec<Identity>,
    /// Another identity that is not attached to App 1.
    pub detached_identity: Identity,
    /// Whether the session sees the platform's variables.
    pub variables: Visibility,
    /// Whether a firewall keeps App 1's platform from reaching Entra.
    pub egress_blocked: bool,
    /// The resource that the caller is told to ask for; empty when it is told none.
    pub resource: String,
}

/// Whether a session sees the identity's variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Visibility {
    /// As the app's own process does.
    Visible,
    /// Only the app's first process has them.
    Hidden,
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

/// How a server fails as such, whatever it is asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Faults {
    /// Nothing listens: connections are refused.
    pub down: bool,
    /// Connections are accepted and never answered.
    pub silent: bool,
    /// The first requests are answered with `status`.
    pub failing_requests: u32,
    pub status: u16,
    /// `Retry-After` of those answers, in seconds.
    pub retry_after_s: Option<u32>,
    pub body: String,
    /// The server's clock less the real one, in seconds.
    pub clock_skew_s: i64,
}

/// The kinds of token endpoint that a machine can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Platform {
    /// App Service and Functions, protocol 2019-08-01.
    AppService,
    /// App Service's older protocol, 2017-09-01.
    AppService2017,
    ContainerApps,
    ServiceFabric,
    AzureArc,
    CloudShell,
    MachineLearning,
    /// A virtual machine's metadata endpoint.
    VirtualMachine,
    /// A host that never gets a token endpoint.
    Unsupported,
}

/// The platform's token endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityEndpoint {
    pub platform: Platform,
    /// How it passes on that Entra refused.
    pub refusals: Refusals,
    /// Whether the header in the variables is no longer the one that the endpoint wants.
    pub stale_header: bool,
    /// Whether the endpoint speaks only the older protocol although the variables are the newer's.
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

/// Entra ID.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entra {
    /// A refusal of every request for App 2's resource, by its AADSTS number; 0 for none.
    pub refuse: u32,
    /// The text of that refusal; empty for a plain one.
    pub refuse_text: String,
    /// Whether the refusal holds for every resource, not for App 2's alone.
    pub refuse_everything: bool,
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
    /// The variables hold another text, such as the secret's id.
    Wrong,
    Expired,
    /// The variables hold none.
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

/// The outside token that the caller holds in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutsideToken {
    pub issuer: String,
    pub subject: String,
    pub audience: String,
    pub expires_in_s: i64,
}

/// App 2's registration and its service principal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    pub client_id: String,
    /// Object id of the application.
    pub object_id: String,
    /// Object id of the service principal.
    pub service_principal_id: String,
    pub display_name: String,
    pub identifier_uris: Vec<String>,
    /// `null` counts as 1.
    pub requested_access_token_version: Option<u8>,
    pub sign_in_audience: String,
    /// Whether the directory has a service principal of it.
    pub in_tenant: bool,
    pub enabled: bool,
    pub assignment_required: bool,
    pub app_roles: Vec<AppRole>,
    pub assignments: Vec<Assignment>,
}

/// An app role that applications can have.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppRole {
    pub id: String,
    pub value: String,
}

/// An assignment of an app role.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assignment {
    /// Object id of the principal.
    pub principal: String,
    pub role: String,
}

/// App 2 as a resource of Azure Resource Manager. Field names are ours; `resource_manager` writes the real ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Site {
    pub name: String,
    pub subscription: String,
    pub resource_group: String,
    pub kind: String,
    pub location: String,
    /// Whether the middleware answers as the Linux container does, or as the Windows module.
    pub linux: bool,
    pub default_host_name: String,
    pub host_names: Vec<String>,
    pub state: String,
    pub usage_state: String,
    pub availability_state: String,
    pub https_only: bool,
    pub client_certificate_enabled: bool,
    pub client_certificate_mode: String,
    pub client_certificate_exclusions: Option<String>,
    pub public_network_access: String,
    pub restrictions_default: String,
    pub restrictions: Vec<Value>,
    pub identity_principal_id: String,
}

/// App 2's authentication settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EasyAuth {
    /// The `properties` of `config/authsettingsV2`.
    pub properties: Value,
    /// `auth.json`, enforced instead of `properties` when `platform.configFilePath` names one.
    pub file: Value,
    /// App settings that the middleware reads.
    pub app_settings: BTreeMap<String, String>,
    /// The form of the challenge.
    pub challenge: ChallengeForm,
    /// Whether metadata of the issuer can be fetched from App 2's network.
    pub egress_blocked: bool,
    /// Whether the setting that holds the provider's secret cannot be resolved, and every request fails for it.
    pub secret_unresolvable: bool,
    /// Whether a 403 of the Windows module has the 58-character body of its 401; not established for the real one.
    pub windows_403_with_body: bool,
    /// Whether a request with an invalid token counts as anonymous where anonymous requests are allowed; not
    /// established for the real one.
    pub invalid_counts_as_anonymous: bool,
}

/// Forms in which the challenge has been captured (facts 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ChallengeForm {
    /// `authorization_uri` at login.windows.net, v1.
    WindowsNetV1,
    /// `authorization_uri` at login.microsoftonline.com, v2.
    MicrosoftOnlineV2,
    /// `common` instead of the tenant.
    Common,
    /// `realm` alone.
    RealmOnly,
    /// With `scope` and `resource_metadata`.
    ProtectedResource,
}

/// What the code behind Easy Auth does with an admitted request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App {
    /// The path that the caller calls.
    pub path: String,
    pub behaviour: AppBehaviour,
    /// The role that the app itself wants, with `role-required`.
    pub required_role: String,
}

/// Kinds of app behind Easy Auth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AppBehaviour {
    /// Says hello.
    Works,
    /// A function whose authorization level wants a key.
    FunctionKey,
    /// ASP.NET Core's JwtBearer with an audience of its own: 401 with `error="invalid_token"`.
    OwnJwtValidation,
    /// 403 unless the token has the role.
    RoleRequired,
    /// 500 of its own.
    Error,
    /// 503 "Application Error".
    Unavailable,
    /// Sends to a sign-in page of its own.
    LoginPage,
    /// Redirects to the same path on another host.
    OtherHost,
    /// 404 of its own.
    NotFound,
}

/// What stands before App 2.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrontEnd {
    pub gateway: Gateway,
    /// Whether the gateway removes the `Authorization` header.
    pub strips_authorization: bool,
    /// Whether the front end does not know the host.
    pub unknown_host: bool,
    /// A redirect that the gateway sends: `https`, `other-host`, or empty.
    pub redirect: String,
    /// The address that App 1's requests come from.
    pub caller_address: String,
    pub faults: Faults,
}

/// Gateways that can stand before App 2 and answer in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Gateway {
    None,
    /// Application Gateway's firewall refuses.
    ApplicationGatewayForbids,
    /// Front Door refuses.
    FrontDoorForbids,
    /// API Management wants a subscription key.
    ApiManagementWantsKey,
    /// 502 of a gateway that cannot reach App 2.
    CannotReachApp,
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

impl World {
    /// Everything in order: App 1's system-assigned identity may call App 2.
    pub fn healthy(addresses: Addresses) -> Self {
        super::healthy::world(addresses)
    }

    /// App 2's resource id in Azure Resource Manager.
    pub fn site_resource_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Web/sites/{}",
            self.site.subscription, self.site.resource_group, self.site.name
        )
    }
}
