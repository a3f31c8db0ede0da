//! What a run would send, before it is sent: plain data, without any value that is a secret.

use serde::Serialize;

use crate::case::exchange::Purpose;
use crate::case::may_send::Refusal;

/// What a run for one target would send.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The target, without the values in its query.
    pub target: Option<String>,
    /// The credential in use.
    pub credential: &'static str,
    /// The resource that the token is requested for, where it is known before.
    pub resource: Option<String>,
    /// Why the token that was given stays here, where that is known before.
    pub withheld: Option<Refusal>,
    /// Why no token for App 2 is requested, where that is known before.
    pub no_token: Option<String>,
    /// The requests, in the order in which they can be sent.
    pub requests: Vec<Planned>,
}

/// One request that a run would send.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Why.
    pub purpose: Purpose,
    /// The HTTP method; `RUN` for a local command.
    pub method: String,
    /// The address. What only an answer shows is a placeholder in angle brackets.
    pub url: String,
    /// To whom.
    pub to: Recipient,
    /// The resource that a token is requested for.
    pub asks_for: Option<String>,
    /// Which token or secret goes with it.
    pub carries: Vec<Carried>,
    /// Under which condition.
    pub when: When,
    /// How often at the most, repetitions included.
    pub at_most: u32,
}

/// Who gets a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipient {
    /// The identity endpoint of App 1's platform.
    IdentityEndpoint,
    /// The proxy that the environment names.
    Proxy,
    /// The Azure CLI on this machine, which asks Entra itself.
    AzureCli,
    /// Microsoft Entra ID.
    Entra,
    /// App 2.
    #[serde(rename = "app-2")]
    App2,
    /// Azure Resource Manager.
    ResourceManager,
    /// Microsoft Graph.
    Graph,
}

/// A token or secret that goes with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carried {
    /// The platform's header for its identity endpoint (`IDENTITY_HEADER`, `MSI_SECRET`).
    IdentityHeader,
    /// The key of Azure Arc's agent.
    ArcKey,
    /// The client secret.
    ClientSecret,
    /// An assertion signed with the client certificate.
    ClientAssertion,
    /// The federated token.
    FederatedToken,
    /// A deliberately invalid token.
    InvalidToken,
    /// The token for App 2.
    TargetToken,
    /// The token for App 2's client ID.
    ClientIdToken,
    /// The token for Azure Resource Manager.
    ResourceManagerToken,
    /// The token for Microsoft Graph.
    GraphToken,
    /// A header that the user gave, by its name.
    Header(String),
    /// The body that the user gave.
    Body,
}

/// When a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Always.
    Always,
    /// Once App 2's settings or answers name its client ID, for no resource is given.
    ResourceFound,
    /// If the request before it is refused.
    PreviousRefused,
    /// If the request before it is refused, or App 2's challenge names no client ID.
    RefusedOrUnnamed,
    /// If the request before it is refused, or an access restriction rejects the request without a token.
    RefusedOrRestricted,
    /// If App 2's metadata isn't at its usual address, and App 2's challenge names another on its own host.
    MetadataNamed,
    /// If App 2 is found among the sites of the subscription.
    SiteFound,
    /// If the list has more pages, or App 2 is a slot.
    ListGoesOn,
    /// If App 2's settings can be read and name an issuer of Entra.
    IssuerFound,
    /// If the request for App 2's token is refused.
    TokenRefused,
    /// Once there is a token for App 2.
    TokenIssued,
    /// Once there is a token whose audience is App 2's.
    TokenCleared,
    /// The same, and the user agrees (`--yes`), for the method may change something.
    TokenClearedAndConfirmed,
    /// If App 2 redirects to its own host.
    Redirected,
    /// If App 2 answers with an error, 400 or above.
    Refused,
    /// If App 2 answers 401.
    Unauthorized,
    /// If App 2 answers 401 or 403 to the call.
    Rejected,
    /// If App 2 answers 401 or 403, or the request for its token is refused.
    AnythingRefused,
}
