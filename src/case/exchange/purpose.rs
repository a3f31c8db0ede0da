//! Why requests are made.

use serde::{Deserialize, Serialize};

use crate::case::step::StepId;

/// Why a request was made. Every request of a run has one; checks find their evidence by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The token for App 2's resource, from the identity endpoint or from Entra.
    Token,
    /// Azure Arc's first request, which names the key file.
    ArcChallenge,
    /// The same identity, for a resource that always exists (Azure Resource Manager). Also the token for reading
    /// settings.
    TokenForResourceManager,
    /// The same identity, for the bare client ID instead of the Application ID URI.
    TokenForBareClientId,
    /// The same request as [`Self::Token`] once more, after that for the bare client ID succeeded.
    TokenAgain,
    /// The same identity, for the resource without its last part, which may be a scope's name.
    TokenWithoutLastPart,
    /// The same identity, for a resource that cannot exist.
    TokenForNonsense,
    /// The identity that is used where none is selected, for a resource that always exists.
    TokenUnselected,
    /// The same request again, past (or through) the proxy that the variables name.
    TokenOtherProxyWay,
    /// A token for Microsoft Graph, to read the registration.
    TokenForGraph,
    /// The authority's OpenID metadata, v1 form.
    MetadataV1,
    /// The authority's OpenID metadata, v2 form.
    MetadataV2,
    /// The metadata that App 2's own `openIdIssuer` leads to, asked at the authority in use.
    IssuerMetadata,
    /// The authority's signing keys, v1 form.
    KeysV1,
    /// The authority's signing keys, v2 form.
    KeysV2,
    /// App 2 without any token.
    CallAnonymous,
    /// App 2 with a deliberately invalid token.
    CallInvalidToken,
    /// App 2 with the real token.
    CallWithToken,
    /// The same call once more, after a 401 or 403: what passes by itself has another answer then.
    CallAgain,
    /// App 2 with a real token for the other form of the audience (bare client ID against URI).
    CallOtherAudience,
    /// A redirect of the real call, followed by hand; `0` is the first.
    CallRedirect(u8),
    /// App 2's login address, whose redirect names the client ID and tenant.
    LoginRedirect,
    /// App 2's OAuth protected-resource metadata.
    ProtectedResourceMetadata,
    /// App 2's `/.auth/me`, with the real token.
    AuthMe,
    /// App 2's site object.
    Site,
    /// Search of App 2 by host name in a subscription.
    SiteSearch,
    /// `config/authsettingsV2`.
    AuthSettingsV2,
    /// `config/authsettingsV2/list`.
    AuthSettingsV2List,
    /// `config/web`, for `siteAuthEnabled`.
    ConfigWeb,
    /// Graph: the service principal of App 2's registration.
    GraphResourcePrincipal,
    /// Graph: App 2's application object.
    GraphApplication,
    /// Graph: the caller's service principal.
    GraphCaller,
    /// Graph: the caller's app role assignments.
    GraphAssignments,
    /// Graph: the service principals that App 2's policy lists.
    GraphListedIds,
}

impl Purpose {
    /// The calls of App 2's own address: without a token, with a deliberately invalid one, and with the real one.
    pub const CALLS: [Self; 3] = [Self::CallAnonymous, Self::CallInvalidToken, Self::CallWithToken];

    /// The step under which the report lists the exchange.
    #[must_use]
    pub const fn step(&self) -> StepId {
        match self {
            Self::Token
            | Self::ArcChallenge
            | Self::TokenForResourceManager
            | Self::TokenForBareClientId
            | Self::TokenAgain
            | Self::TokenWithoutLastPart
            | Self::TokenForNonsense
            | Self::TokenUnselected
            | Self::TokenOtherProxyWay
            | Self::TokenForGraph => StepId::Token,
            Self::IssuerMetadata => StepId::Protection,
            Self::MetadataV1 | Self::MetadataV2 | Self::KeysV1 | Self::KeysV2 => StepId::Claims,
            Self::CallAnonymous | Self::CallInvalidToken | Self::Site | Self::SiteSearch => StepId::Protection,
            Self::LoginRedirect | Self::ProtectedResourceMetadata => StepId::Scope,
            Self::AuthSettingsV2 | Self::AuthSettingsV2List | Self::ConfigWeb => StepId::Protection,
            Self::GraphResourcePrincipal | Self::GraphApplication => StepId::Scope,
            Self::GraphCaller | Self::GraphAssignments | Self::GraphListedIds => StepId::Authorization,
            Self::CallWithToken | Self::CallAgain | Self::CallOtherAudience | Self::CallRedirect(_) | Self::AuthMe => {
                StepId::Call
            }
        }
    }

    /// Whether it goes to App 2 itself.
    #[must_use]
    pub const fn is_to_the_target(&self) -> bool {
        matches!(
            self,
            Self::CallAnonymous
                | Self::CallInvalidToken
                | Self::CallWithToken
                | Self::CallAgain
                | Self::CallOtherAudience
                | Self::CallRedirect(_)
                | Self::LoginRedirect
                | Self::ProtectedResourceMetadata
                | Self::AuthMe
        )
    }

    /// Whether it asks for a token, so that its answer contains one.
    #[must_use]
    pub const fn asks_for_token(&self) -> bool {
        matches!(
            self,
            Self::Token
                | Self::TokenForResourceManager
                | Self::TokenForBareClientId
                | Self::TokenAgain
                | Self::TokenWithoutLastPart
                | Self::TokenForNonsense
                | Self::TokenUnselected
                | Self::TokenOtherProxyWay
                | Self::TokenForGraph
        )
    }

    /// What the request is for, in words for the user.
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match self {
            Self::Token => "token for App 2",
            Self::ArcChallenge => "Azure Arc key challenge",
            Self::TokenForResourceManager => "token for Azure Resource Manager (a resource that always exists)",
            Self::TokenForBareClientId => "token for the bare client ID",
            Self::TokenAgain => "token for App 2, once more",
            Self::TokenWithoutLastPart => "token for the resource without its last part",
            Self::TokenForNonsense => "token for a resource that doesn't exist",
            Self::TokenUnselected => "token of the identity that is used if none is selected",
            Self::TokenOtherProxyWay => "the same token request with the opposite proxy setting",
            Self::TokenForGraph => "token for Microsoft Graph",
            Self::MetadataV1 => "OpenID metadata (v1)",
            Self::MetadataV2 => "OpenID metadata (v2)",
            Self::IssuerMetadata => "OpenID metadata of App 2's issuer setting",
            Self::KeysV1 => "signing keys (v1)",
            Self::KeysV2 => "signing keys (v2)",
            Self::CallAnonymous => "App 2 without a token",
            Self::CallInvalidToken => "App 2 with a deliberately invalid token",
            Self::CallWithToken => "App 2 with the token",
            Self::CallAgain => "App 2 with the token, once more",
            Self::CallOtherAudience => "App 2 with a token for its client ID",
            Self::CallRedirect(_) => "redirect of the call",
            Self::LoginRedirect => "App 2's sign-in redirect",
            Self::ProtectedResourceMetadata => "App 2's protected-resource metadata",
            Self::AuthMe => "App 2's /.auth/me",
            Self::Site => "App 2's site object",
            Self::SiteSearch => "search of App 2 by host name",
            Self::AuthSettingsV2 => "App 2's authentication settings",
            Self::AuthSettingsV2List => "App 2's authentication settings (list)",
            Self::ConfigWeb => "App 2's web configuration",
            Self::GraphResourcePrincipal => "App 2's service principal",
            Self::GraphApplication => "App 2's application registration",
            Self::GraphCaller => "the caller's service principal",
            Self::GraphAssignments => "the caller's app role assignments",
            Self::GraphListedIds => "service principals that App 2's policy lists",
        }
    }
}
