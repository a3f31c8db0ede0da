//! Words that are known, however long they are, and what they tell.

use crate::case::error_text::is_in_the_table;

/// A run of characters without spaces that is longer than this may be a secret.
pub(super) const LONGEST_WORD: usize = 19;

/// Long words that servers, gateways and libraries write, and that tell who answered and why.
const WORDS: [&str; 67] = [
    "authenticationScheme",
    "DefaultAuthenticateScheme",
    "DefaultChallengeScheme",
    "DefaultForbidScheme",
    "AuthenticationOptions",
    "AuthorizationPermissionMismatch",
    "AuthorizationFailure",
    "KeyBasedAuthenticationNotPermitted",
    "PublicAccessNotPermitted",
    "InsufficientAccountPermissions",
    "AppServiceAuthSession",
    "Microsoft-Azure-Application-Gateway",
    "Microsoft-HTTPAPI",
    "AzureApiManagementKey",
    "UnsupportedApiVersion",
    "SecurityTokenInvalidAudienceException",
    "SecurityTokenInvalidIssuerException",
    "SecurityTokenExpiredException",
    "SecurityTokenNotYetValidException",
    "SecurityTokenInvalidSignatureException",
    "SecurityTokenSignatureKeyNotFoundException",
    "SecurityTokenMalformedException",
    "temporarily_unavailable",
    "unsupported_grant_type",
    "interaction_required",
    "InvalidAuthenticationToken",
    "InvalidAuthenticationTokenTenant",
    "AuthorizationFailed",
    "ManagedIdentityCredential",
    "DefaultAzureCredential",
    "DirectApiRequestHasMoreThanOneAuthorization",
    "DirectApiInvalidAuthorizationScheme",
    "DirectApiAuthorizationRequired",
    "MisMatchingOAuthClaims",
    // Members of App 2's settings, its site, and what Microsoft Graph says of it.
    "appRoleAssignmentRequired",
    "azureActiveDirectory",
    "clientSecretCertificateThumbprint",
    "clientSecretCertificateSubjectAlternativeName",
    "clientSecretCertificateIssuer",
    "defaultAuthorizationPolicy",
    "allowedClientApplications",
    "unauthenticatedClientAction",
    "requireAuthentication",
    "preserveUrlFragmentsForLogins",
    "allowedExternalRedirectUrls",
    "tokenRefreshExtensionHours",
    "nonceExpirationInterval",
    "customOpenIdConnectProviders",
    "openIdConnectConfiguration",
    "authorizationEndpoint",
    "disableWWWAuthenticate",
    "servicePrincipalNames",
    "servicePrincipalType",
    "preAuthorizedApplications",
    "oauth2PermissionScopes",
    "delegatedPermissionIds",
    "knownClientApplications",
    "groupMembershipClaims",
    "userAssignedIdentities",
    "virtualNetworkSubnetId",
    "clientCertExclusionPaths",
    "keyVaultReferenceIdentity",
    "ipSecurityRestrictions",
    "ipSecurityRestrictionsDefaultAction",
    "scmIpSecurityRestrictions",
    "possibleOutboundIpAddresses",
    "managedEnvironmentId",
];
/// Names of types and settings that begin like this.
const NAMESPACES: [&str; 4] = ["Microsoft.", "System.", "validationParameters.", "Azure."];

pub(super) fn is_known_word(run: &str) -> bool {
    let is_name = |text: &str| {
        text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b'/'))
    };
    // Names of headers, such as Ocp-Apim-Subscription-Key.
    let is_header = run.matches('-').count() >= 2
        && run.split('-').all(|word| {
            word.len() <= 14 && word.starts_with(|first: char| first.is_ascii_uppercase()) && is_name(word)
        });
    WORDS.contains(&run)
        || is_header
        || NAMESPACES.iter().any(|start| run.starts_with(start))
            && is_name(run)
            && run.split(['.', '/']).all(|part| part.len() <= 60)
        || run.len() > LONGEST_WORD && is_in_the_table(run)
}

/// What of a run that may contain a secret is still worth showing: error numbers, and names that tell who wrote it.
pub(super) fn marks_in(run: &str) -> Vec<&str> {
    let mut marks = Vec::new();
    for prefix in ["AADSTS", "IDX"] {
        for (at, _) in run.match_indices(prefix) {
            let digits =
                run.get(at + prefix.len()..).unwrap_or_default().bytes().take_while(u8::is_ascii_digit).count();
            if let Some(code) = run.get(at..at + prefix.len() + digits).filter(|code| is_code(code)) {
                marks.push(code);
            }
        }
    }
    let known = ["login.microsoftonline.com", "access_token", "accessToken"];
    marks.extend(WORDS.into_iter().chain(known).filter(|word| run.contains(word)));
    marks
}

/// An error number of Entra or of the identity model libraries.
pub(super) fn is_code(text: &str) -> bool {
    ["AADSTS", "IDX"].iter().any(|prefix| {
        text.strip_prefix(prefix)
            .is_some_and(|digits| (4..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
    })
}
