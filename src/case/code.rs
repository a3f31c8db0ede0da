//! The finding codes: a contract with scripts, so each is listed here once with its step.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::step::StepId;

macro_rules! codes {
    ($($step:ident: { $($variant:ident = $text:literal,)* })*) => {
        /// A finding code. Its texts are in `assets/knowledge/findings/`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(
                #[doc = concat!("`", $text, "`")]
                $variant,
            )*)*
        }

        impl Code {
            /// Every code, in the order of the steps.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// The stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $text,)*)* }
            }

            /// The step that the code belongs to.
            #[must_use]
            pub const fn step(self) -> StepId {
                match self { $($(Self::$variant => StepId::$step,)*)* }
            }
        }
    };
}

codes! {
    Identity: {
        IdentityNotEnabled = "identity-not-enabled",
        IdentityVariablesHidden = "identity-variables-hidden",
        IdentityUnsupportedOnHost = "identity-unsupported-on-host",
        IdentityEndpointProtocolMismatch = "identity-endpoint-protocol-mismatch",
        IdentityEndpointUnreachable = "identity-endpoint-unreachable",
        ProxyInterceptsIdentityEndpoint = "proxy-intercepts-identity-endpoint",
        UserAssignedIdentityNotSelected = "user-assigned-identity-not-selected",
        SelectedIdentityNotAttached = "selected-identity-not-attached",
        UnexpectedIdentityUsed = "unexpected-identity-used",
        CredentialIncomplete = "credential-incomplete",
        CredentialExcluded = "credential-excluded",
        CredentialMixed = "credential-mixed",
        WorkloadIdentityIncomplete = "workload-identity-incomplete",
    }
    Protection: {
        EasyAuthNotActive = "easy-auth-not-active",
        UnauthenticatedRequestsAllowed = "unauthenticated-requests-allowed",
        PathExcluded = "path-excluded",
        EntraProviderMissing = "entra-provider-missing",
        LinkedBackendExclusive = "linked-backend-exclusive",
        ProviderSettingsMisplaced = "provider-settings-misplaced",
        SettingsFromFile = "settings-from-file",
        SettingsUnreadable = "settings-unreadable",
        UnauthenticatedActionNotApplied = "unauthenticated-action-not-applied",
        UrlAuthorizationRules = "url-authorization-rules",
        IssuerInvalid = "issuer-invalid",
        TargetEgressBlocked = "target-egress-blocked",
        ProviderSecretBroken = "provider-secret-broken",
        TargetErrorEveryRequest = "target-error-every-request",
        TargetNotFound = "target-not-found",
        TargetUnreachable = "target-unreachable",
        TargetTlsUntrusted = "target-tls-untrusted",
        TargetStopped = "target-stopped",
        NetworkAccessRestricted = "network-access-restricted",
        PrivateEndpointBypassed = "private-endpoint-bypassed",
        ClientCertificateRequired = "client-certificate-required",
    }
    Scope: {
        ResourceUndetermined = "resource-undetermined",
        ResourceDiffersFromTarget = "resource-differs-from-target",
        ScopeDefaultInResource = "scope-default-in-resource",
        ScopeNameInResource = "scope-name-in-resource",
        ResourceTrailingSlash = "resource-trailing-slash",
        ResourceIsAnotherApi = "resource-is-another-api",
    }
    Token: {
        ResourceNotRegistered = "resource-not-registered",
        ResourceDisabled = "resource-disabled",
        AssignmentRequiredNotAssigned = "assignment-required-not-assigned",
        DeveloperToolNotPreauthorized = "developer-tool-not-preauthorized",
        CallerNotInTenant = "caller-not-in-tenant",
        CallerDisabled = "caller-disabled",
        CallerSecretInvalid = "caller-secret-invalid",
        CallerSecretExpired = "caller-secret-expired",
        CallerCertificateRejected = "caller-certificate-rejected",
        FederatedCredentialMismatch = "federated-credential-mismatch",
        TenantNotFound = "tenant-not-found",
        ConditionalAccessBlocked = "conditional-access-blocked",
        CallerEgressBlocked = "caller-egress-blocked",
        IdentityEndpointThrottled = "identity-endpoint-throttled",
        IdentityEndpointTransient = "identity-endpoint-transient",
        IdentityInOtherTenant = "identity-in-other-tenant",
        AudienceNotSupportedByEndpoint = "audience-not-supported-by-endpoint",
        AssertionExpired = "assertion-expired",
        AssertionIssuerUnreachable = "assertion-issuer-unreachable",
        TokenRequestRejected = "token-request-rejected",
        UndeterminedTokenRefusal = "undetermined-token-refusal",
    }
    Claims: {
        TokenMalformed = "token-malformed",
        TokenNotFromEntra = "token-not-from-entra",
        TokenExpired = "token-expired",
        TokenNotYetValid = "token-not-yet-valid",
        TokenSignatureInvalid = "token-signature-invalid",
        TokenSignatureUnverified = "token-signature-unverified",
        TokenNotAnAccessToken = "token-not-an-access-token",
        TokenNotAppOnly = "token-not-app-only",
        TokenLifetimeCached = "token-lifetime-cached",
        RolesMissing = "roles-missing",
    }
    Audience: {
        TokenForWrongResource = "token-for-wrong-resource",
        AudienceNotAllowed = "audience-not-allowed",
        AudienceTokenVersionMismatch = "audience-token-version-mismatch",
        IssuerNotAccepted = "issuer-not-accepted",
        ForeignTenantToken = "foreign-tenant-token",
    }
    Authorization: {
        CallerNotInAllowedApplications = "caller-not-in-allowed-applications",
        ObjectIdInAllowedApplications = "object-id-in-allowed-applications",
        AllowedApplicationsEmpty = "allowed-applications-empty",
        PrincipalNotInAllowedIdentities = "principal-not-in-allowed-identities",
        ApplicationIdInAllowedIdentities = "application-id-in-allowed-identities",
        TenantNotAllowed = "tenant-not-allowed",
        GroupsClaimMissing = "groups-claim-missing",
    }
    Call: {
        AuthorizationHeaderDropped = "authorization-header-dropped",
        AuthorizationSchemeConflict = "authorization-scheme-conflict",
        GatewayReplacedCaller = "gateway-replaced-caller",
        FunctionKeyRequired = "function-key-required",
        AppValidatesTokenItself = "app-validates-token-itself",
        AppRequiresRoleOrScope = "app-requires-role-or-scope",
        CsrfOriginRejected = "csrf-origin-rejected",
        AppError = "app-error",
        AppUnavailable = "app-unavailable",
        Undetermined401 = "undetermined-401",
        Undetermined403 = "undetermined-403",
        UndeterminedFailure = "undetermined-failure",
    }
}

impl Code {
    /// The code with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// Whether the code says that the cause can't be determined.
    #[must_use]
    pub const fn is_undetermined(self) -> bool {
        matches!(
            self,
            Self::UndeterminedTokenRefusal | Self::Undetermined401 | Self::Undetermined403 | Self::UndeterminedFailure
        )
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| serde::de::Error::custom(format!("unknown finding code {name:?}")))
    }
}
