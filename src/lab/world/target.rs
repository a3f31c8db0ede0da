//! The target's side: App 2's registration, site, settings, app, and what is in front of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::faults::Faults;

/// App 2's registration and its service principal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    pub client_id: String,
    /// Object ID of the application.
    pub object_id: String,
    /// Object ID of the service principal.
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
    /// Object ID of the principal.
    pub principal: String,
    pub role: String,
}

/// App 2 as a resource of Azure Resource Manager. Field names are ours; `resource_manager` writes the real ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Site {
    pub name: String,
    /// The deployment slot that App 2 is, when it is one.
    pub slot: Option<String>,
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
    /// The private endpoints, as Resource Manager shows them.
    pub private_endpoint_connections: Vec<Value>,
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
    /// What runs otherwise than is stored in `properties`: a change that App 2 has not applied yet.
    pub running: Value,
    /// What `auth.json` says otherwise than `properties`; enforced when `platform.configFilePath` names a file.
    pub file: Value,
    /// Paths that `authorization.json` opens, whatever the settings say.
    pub opened_paths: Vec<String>,
    /// App settings that the middleware reads.
    pub app_settings: BTreeMap<String, String>,
    /// The form of the challenge.
    pub challenge: ChallengeForm,
    /// The client ID that challenge and sign-in address name in place of App 2's own; empty for its own.
    pub names_client_id: String,
    /// Whether metadata of the issuer can be fetched from App 2's network.
    pub egress_blocked: bool,
    /// Whether the setting that contains the provider's secret cannot be resolved, and every request fails for it.
    pub secret_unresolvable: bool,
    /// Whether the validation of tokens itself fails, as where keys cannot be fetched; requests without one are
    /// challenged.
    pub validation_fails: bool,
    /// Whether its log hides the values of the tokens that it refuses.
    pub log_hides_values: bool,
    /// Whether a 403 of the Windows module has the 58-character body of its 401; not established for the real one.
    pub windows_403_with_body: bool,
    /// Whether a request with an invalid token counts as anonymous where anonymous requests are allowed; not
    /// established for the real one.
    pub invalid_counts_as_anonymous: bool,
    /// Whether it accepts what the real one isn't known to refuse: `api://<client id>` that no list
    /// contains, audiences that differ in case or a slash at the end, and tokens of the other version.
    pub lenient: bool,
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

/// What the code behind Easy Auth does with an allowed request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App {
    /// The path that the caller calls.
    pub path: String,
    pub behaviour: AppBehaviour,
    /// The role that the app itself requires, with `role-required`.
    pub required_role: String,
}

/// Kinds of app behind Easy Auth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AppBehaviour {
    /// Says hello.
    Works,
    /// A function whose authorization level requires a key.
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
    /// Calls another app in turn, which is stopped, and passes its page on.
    PassesOnStoppedPage,
    /// 404 of its own.
    NotFound,
}

/// What is in front of App 2.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrontEnd {
    pub gateway: Gateway,
    /// Whether the gateway removes the `Authorization` header.
    pub strips_authorization: bool,
    /// Whether App 2 speaks https with a certificate that nobody trusts.
    pub untrusted_certificate: bool,
    /// Whether the front end does not know the host.
    pub unknown_host: bool,
    /// A redirect that the gateway sends: `https`, `other-host`, or empty.
    pub redirect: String,
    /// The address that App 1's requests come from.
    pub caller_address: String,
    pub faults: Faults,
}

/// Gateways that can be in front of App 2 and answer in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Gateway {
    None,
    /// Application Gateway's firewall refuses.
    ApplicationGatewayForbids,
    /// Front Door passes everything on, and marks it.
    FrontDoor,
    /// Front Door refuses.
    FrontDoorForbids,
    /// API Management requires a subscription key.
    ApiManagementWantsKey,
    /// A web server in front asks for a user name and a password.
    AsksForPassword,
    /// Static Web Apps puts its own token in place of the caller's, and App 2's code refuses that.
    StaticWebApps,
    /// 502 of a gateway that cannot reach App 2.
    CannotReachApp,
}
