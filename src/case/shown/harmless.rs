//! What is known to be harmless: the forms of IDs, hosts, addresses, times and words that no secret has.

use crate::case::error_text::is_in_the_table;
use crate::case::ids::wrapped_guid;
use crate::case::resource::is_guid;

/// The replacement of a run of characters that was left out.
pub(super) const LEFT_OUT: &str = "[…]";
/// A run of characters without spaces that is longer than this may be a secret.
pub(super) const LONGEST_WORD: usize = 19;

/// What a name ends with, or has in it, whose value is a secret and nothing else.
const SECRETS: [&str; 9] = [
    "secret",
    "password",
    "passphrase",
    "passcode",
    "sasurl",
    "signingkey",
    "encryptionkey",
    "privatekey",
    "assertion",
];
/// What a name has in it whose value may be a secret.
const WITHIN: [&str; 12] = [
    "identityheader",
    "passwd",
    "pwd",
    "token",
    "apikey",
    "credential",
    "connectionstring",
    "signature",
    "cookie",
    "session",
    "authorization",
    "publishprofile",
];
/// Names whose values may be secrets.
const WHOLE: [&str; 6] = ["code", "jwt", "auth", "otp", "pin", "pw"];
/// What names end with whose values may be secrets.
const ENDINGS: [&str; 5] = ["key", "pass", "pat", "sas", "sig"];
/// Names that end like this only tell where a secret is kept, or what kind it is.
const NO_SECRET: [&str; 13] = [
    "secretname",
    "settingname",
    "tokentype",
    "tokenstore",
    "tokenendpoint",
    "thumbprint",
    "tokenversion",
    "accesstokenacceptedversion",
    "signinaudience",
    "authorizationuri",
    "authorizationendpoint",
    "authorizationservers",
    "keyvaulturi",
];

/// Whether a name says that its value is a secret: of a header, a query parameter, a setting, a member of JSON.
#[must_use]
pub fn names_secret(name: &str) -> bool {
    let name = plain(name);
    !NO_SECRET.iter().any(|known| name.ends_with(known))
        && (SECRETS.iter().chain(&WITHIN).any(|word| name.contains(word))
            || WHOLE.contains(&name.as_str())
            || ENDINGS.iter().any(|end| name.ends_with(end)))
}

/// Whether a member of App 2's settings holds a secret itself, so that the platform never needs it written back.
/// `clientSecretSettingName` and the certificate's members only name one, and `cookieExpiration` or
/// `tokenRefreshExtensionHours` hold none.
#[must_use]
pub fn is_secret_setting(name: &str) -> bool {
    let name = plain(name);
    SECRETS.iter().any(|ending| name.ends_with(ending))
}

/// A name in lower-case letters and digits, however its words are put together.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

/// Whether a value is so ordinary that it cannot be a secret of its own: an ID, a number, an address, a path, a word.
pub(super) fn is_ordinary(value: &str) -> bool {
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    value.len() < 8
        || letters + digits < value.len() / 2
        || digits == 0 && value.len() < 24
        || letters == 0
        || is_guid(value)
        || wrapped_guid(value).is_some()
        || is_plain_address(value)
        || is_host(value)
        || is_media_type(value)
        || is_path(value)
        || is_code(value)
}

/// Whether a run of characters shows nothing that could be a secret.
pub(super) fn is_harmless(run: &str) -> bool {
    run.chars().count() <= LONGEST_WORD && !is_random(run)
        || is_guid(run)
        || wrapped_guid(run).is_some()
        || is_host(run)
        || is_time(run)
        || is_trace(run)
        || is_code(run)
        || is_known_word(run)
        || is_media_type(run)
        || is_name_of_words(run)
        || is_service_account(run)
        || is_near_guid(run)
        || is_bare_address(run)
}

/// A GUID with a few characters too many at one end, as a copy leaves it: what is wrong with it must be seen.
fn is_near_guid(run: &str) -> bool {
    const GUID: usize = 36;
    let is_plain = run.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let ends = [run.get(..GUID), run.len().checked_sub(GUID).and_then(|start| run.get(start..))];
    is_plain && run.len() <= GUID + 6 && ends.into_iter().flatten().any(is_guid)
}

/// A host and a path of IDs and short words, from which the scheme was left out.
fn is_bare_address(run: &str) -> bool {
    let is_part = |part: &str| is_guid(part) || part.len() <= LONGEST_WORD && !is_random(part);
    run.split_once('/').is_some_and(|(host, path)| is_host(host) && path.split('/').all(is_part))
}

/// The subject of a Kubernetes service account's token, by its namespace and its name, which are DNS names: a federated
/// credential must have the same.
fn is_service_account(run: &str) -> bool {
    let is_name = |name: &str| {
        (1..=63).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && name.split('-').all(|part| part.len() <= LONGEST_WORD)
    };
    let names = run.strip_prefix("system:serviceaccount:").and_then(|names| names.split_once(':'));
    names.is_some_and(|(namespace, name)| is_name(namespace) && is_name(name))
}

/// Whether a text has the form of a federated token's issuer or subject: of GitHub, GitLab, Terraform, Azure DevOps,
/// Kubernetes, SPIFFE, Amazon Web Services, and Entra itself (`/eid1/c/pub/t/…`, whose tenant and client are GUIDs in
/// 22 characters). Each part is an ID or a short name; Amazon's issuer for a cluster ends with an ID of 32 characters.
pub(super) fn is_federated(text: &str) -> bool {
    const BEGINNINGS: [&str; 11] = [
        "repo:",
        "organization:",
        "project_path:",
        "system:serviceaccount:",
        "sc://",
        "p://",
        "spiffe://",
        "arn:aws:",
        "/eid1/c/pub/t/",
        "https://",
        "api://",
    ];
    const LONGEST: usize = 400;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._@:/*".contains(&byte);
    let is_known = text.len() <= LONGEST && text.bytes().all(is_plain);
    let has_user = text.contains("://") && text.contains('@');
    let is_encoded = |part: &str| part.len() <= 22 && text.starts_with("/eid1/");
    let is_cluster = |part: &str| {
        let is_id = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        part.len() == 32 && part.bytes().all(is_id) && text.starts_with("https://oidc.eks.")
    };
    let is_short = |word: &str| word.len() <= LONGEST_WORD && !is_random(word);
    let is_part =
        |part: &str| is_guid(part) || is_encoded(part) || is_cluster(part) || part.split(['-', '_', '.']).all(is_short);
    // Google's subject is a number.
    let is_number = text.len() <= 24 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number
        || is_known
            && !has_user
            && BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
            && text.split(['/', ':', '@']).all(is_part)
}

/// Whether a text is a name of words in camel case, and of letters only. What is drawn at random has capitals beside
/// each other, or words without a vowel.
pub(super) fn is_camel_case(text: &str) -> bool {
    let words = words_of(text);
    let is_word = |word: &&str| {
        let rest = word.get(1..).unwrap_or_default();
        (3..=16).contains(&word.len())
            && rest.bytes().all(|byte| byte.is_ascii_lowercase())
            && word.bytes().any(|byte| b"aeiouyAEIOUY".contains(&byte))
    };
    text.len() <= 60 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) && words.iter().all(is_word)
}

/// What keys begin with that are known by it: of GitHub, GitLab, Slack, Stripe, and Amazon Web Services.
const KEY_BEGINNINGS: [&str; 9] =
    ["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_", "AKIA"];

/// Whether a short run has a word that is drawn at random: letters of both cases and digits in turns, or a key that is
/// known by its beginning.
fn is_random(run: &str) -> bool {
    const SHORTEST: usize = 10;
    if run.len() < SHORTEST {
        return false;
    }
    let kind = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let words = run.split(|character: char| !character.is_ascii_alphanumeric());
    let is_mixed = |word: &str| {
        let bytes = word.as_bytes();
        let turns = bytes.windows(2).filter(|pair| matches!(pair, [one, other] if kind(*one) != kind(*other))).count();
        let has = |is: fn(&u8) -> bool| bytes.iter().any(is);
        bytes.len() >= SHORTEST
            && 2 * turns >= bytes.len()
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_lowercase)
    };
    words.into_iter().any(is_mixed) || begins_like_a_key(run)
}

/// Whether a run is a key that is known by its beginning, or has a whole one in it.
pub(super) fn begins_like_a_key(run: &str) -> bool {
    const SHORTEST: usize = 10;
    const WHOLE: usize = 16;
    let key = run.trim_start_matches(['"', '\'', '(', '[', '`']);
    let is_whole = |rest: &str| {
        let key = rest.get(..WHOLE).unwrap_or_default().as_bytes();
        let is_of = |kind: fn(&u8) -> bool| key.iter().any(kind);
        !key.is_empty()
            && key.iter().all(u8::is_ascii_alphanumeric)
            && is_of(u8::is_ascii_digit)
            && is_of(u8::is_ascii_alphabetic)
            // What Amazon's keys begin with may also be in a word.
            && (!run.contains("AKIA") || !is_of(u8::is_ascii_lowercase))
    };
    KEY_BEGINNINGS.iter().any(|beginning| {
        key.strip_prefix(beginning).is_some_and(|rest| rest.len() >= SHORTEST)
            || run.split(beginning).skip(1).any(is_whole)
    })
}

/// A name that is made of words, such as a type's, a scope's, or a subject's: `Orders.ReadWrite.All`,
/// `org.springframework.security`, `repo:contoso/app1:ref:refs/heads/main`. What is drawn at random has no words.
fn is_name_of_words(run: &str) -> bool {
    let parts: Vec<&str> = run.split(['.', '_', '-', '/', ':', '+']).collect();
    let has_vowel = |word: &str| word.bytes().any(|byte| b"aeiouyAEIOUY".contains(&byte));
    let is_part = |part: &&str| {
        // `app1`, `v2`: a word may have a number.
        let name = part.trim_end_matches(|character: char| character.is_ascii_digit());
        let part = if part.len() - name.len() <= 4 && !name.is_empty() { name } else { part };
        let words = words_of(part);
        part.len() <= 40
            && part.bytes().all(|byte| byte.is_ascii_alphabetic())
            && words.iter().all(|word| word.len() <= 16 && (word.len() <= 4 || has_vowel(word)))
            // Single letters in turns of case are no words.
            && 3 * words.len() <= part.len().max(3) + 2
    };
    let is_number = |part: &&str| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    run.len() <= 160 && parts.len() >= 2 && parts.iter().all(|part| part.is_empty() || is_part(part) || is_number(part))
}

/// The words of a name in camel case.
fn words_of(name: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let bytes = name.as_bytes();
    for (at, pair) in bytes.windows(2).enumerate() {
        if let [before, after] = pair
            && before.is_ascii_lowercase()
            && after.is_ascii_uppercase()
        {
            words.extend(name.get(start..=at));
            start = at + 1;
        }
    }
    words.extend(name.get(start..));
    words
}

/// A host name, or a wildcard of a certificate, with an optional port. No label looks like a secret.
pub(super) fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let labels: Vec<&str> = host.trim_start_matches("*.").trim_end_matches('.').split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_')
            && label.split('-').all(|part| part.len() <= LONGEST_WORD)
    };
    let is_top = |label: &&str| label.bytes().all(|byte| byte.is_ascii_lowercase());
    port.is_none_or(|port| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()))
        && labels.len() >= 2
        && labels.iter().all(is_label)
        && labels.last().is_some_and(is_top)
}

/// An address without user name and query.
fn is_plain_address(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| scheme.len() <= 8 && !rest.contains(['@', '?', '#']))
}

/// A media type, such as `application/json; charset=utf-8`.
fn is_media_type(text: &str) -> bool {
    let (kind, _) = text.split_once(';').unwrap_or((text, ""));
    kind.split_once('/').is_some_and(|(kind, subtype)| {
        let is_name = |name: &str| {
            !name.is_empty()
                && name.len() <= 40
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'.' | b'+' | b'*'))
        };
        is_name(kind) && is_name(subtype)
    })
}

/// A path whose parts are short names.
fn is_path(text: &str) -> bool {
    let rest = text.strip_prefix('/').or_else(|| text.get(1..)?.strip_prefix(":\\"));
    rest.is_some_and(|rest| rest.split(['/', '\\']).all(|part| part.len() <= LONGEST_WORD || is_guid(part)))
}

/// An error number of Entra or of the identity model libraries.
fn is_code(text: &str) -> bool {
    ["AADSTS", "IDX"].iter().any(|prefix| {
        text.strip_prefix(prefix)
            .is_some_and(|digits| (4..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// A date and time as ISO 8601 writes it.
fn is_time(text: &str) -> bool {
    (19..=35).contains(&text.len())
        && text.as_bytes().get(4) == Some(&b'-')
        && text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b' '))
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'+' | b'T' | b'Z'))
}

/// A request's ID as traces and ASP.NET Core write it, by which its log is found: `00-<32>-<16>-01` in hexadecimal
/// digits, and `0HMVD1Q8GKBNT:00000002`.
fn is_trace(text: &str) -> bool {
    let is_hexadecimal = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let parts: Vec<&str> = text.split('-').collect();
    let is_parent = parts.iter().map(|part| part.len()).eq([2, 32, 16, 2]) && parts.iter().all(|it| is_hexadecimal(it));
    let is_request = text.split_once(':').is_some_and(|(connection, number)| {
        connection.len() == 13
            && connection.starts_with("0H")
            && connection.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            && number.len() == 8
            && number.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    is_parent || is_request
}

/// A method and the first type of its parameters in a trace of the stack: `Orders.OrdersController.GetAllAsync(Int32`.
pub(super) fn is_call(run: &str) -> bool {
    let is_type = |text: &str| text.len() <= LONGEST_WORD && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    run.split_once('(').is_some_and(|(method, parameter)| {
        method.contains('.')
            && method.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'.')
            && is_harmless(method)
            && is_type(parameter.trim_end_matches([')', ',', '&', ']', '[']))
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_of_members_are_kept_one_by_one_and_no_other_long_word_is() {
        for name in ["azureActiveDirectory", "appRoleAssignmentRequired", "defaultAuthorizationPolicy"] {
            assert!(is_harmless(name), "{name}");
            assert!(!is_harmless(&format!("{name}X")) && !is_harmless(&name.to_ascii_uppercase()), "{name}");
        }
    }

    #[test]
    fn a_saved_case_keeps_the_long_words_by_which_an_answer_is_recognized() {
        use crate::case::error_text::ERROR_TEXTS;
        let pieces: Vec<&str> = ERROR_TEXTS.iter().flat_map(|(_, text)| text.pieces()).collect();
        let words = pieces
            .iter()
            .flat_map(|piece| piece.split(|sign: char| sign.is_whitespace() || "\\\"'`,;()".contains(sign)));
        let lost: Vec<&str> = words.filter(|word| !is_harmless(word)).collect();
        assert_eq!(lost, [""; 0]);
        assert!(!is_harmless("DefaultIdentityNotDefinedX") && !is_harmless("efaultIdentityNotDefined"));
    }

    #[test]
    fn names_tell_secrets_from_settings() {
        for name in [
            "AZURE_CLIENT_SECRET",
            "x-functions-key",
            "Ocp-Apim-Subscription-Key",
            "clientSecretValue",
            "connectionString",
            "SharedAccessKey",
            "sig",
            "subscription_key",
            "AZURE_DEVOPS_EXT_PAT",
            "DB_PWD",
            "Set-Cookie",
            "X-MS-TOKEN-AAD-ACCESS-TOKEN",
            "apiKey",
            "code",
        ] {
            assert!(names_secret(name), "{name}");
        }
        for name in [
            "clientSecretSettingName",
            "token_type",
            "tokenStore",
            "requestedAccessTokenVersion",
            "api-version",
            "status",
            "message",
            "authorization_uri",
            "statusCode",
        ] {
            assert!(!names_secret(name), "{name}");
        }
    }

    #[test]
    fn what_is_wrong_with_an_id_or_an_address_is_seen() {
        const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let tail = format!("{ID}sdxz");
        let tenant = format!("login.microsoftonline.com/{ID}/v2.0");
        for shown in [tail.as_str(), tenant.as_str(), "sts.windows.net/common/"] {
            assert!(is_harmless(shown), "{shown}");
        }
        let long = format!("{ID}{}", "k8Jq2Wm5Zx9");
        let key = "hooks.example.com/services/kJ8f7Hs0dkq3nWm2Zx9Tt1Lr";
        for hidden in [long.as_str(), key, "kJ8f7Hs0dkq3nWm2Zx9Tt1Lr/v2.0"] {
            assert!(!is_harmless(hidden), "{hidden}");
        }
    }

    #[test]
    fn ordinary_values_are_no_secrets() {
        for value in [
            "Development",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            "https://account.blob.core.windows.net/",
            "application/json; charset=utf-8",
            "/home/site/wwwroot",
            "app2.azurewebsites.net",
            "AADSTS700016",
            "20240101",
            "~4",
            "West Europe",
        ] {
            assert!(is_ordinary(value), "{value}");
        }
        for value in [
            "hunter2hunter2",
            "Ab8Q~x.y-z_0123456789abcdefghijklmnopqrs",
            "https://account.blob.core.windows.net/c?sv=2024&sig=abcdefgh12345678",
            "https://user:hunter2@proxy:8080",
            "abcdefghijklmnopqrstuvwxyz",
        ] {
            assert!(!is_ordinary(value), "{value}");
        }
    }

    #[test]
    fn long_runs_are_harmless_only_in_a_known_form() {
        for run in [
            "short",
            "OAuth2Token",
            "Win32Exception",
            "0HN7GLK8A8J2D",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            "my-app-of-the-orders-team.azurewebsites.net:443",
            "2026-11-26T00:00:00.0000000Z",
            "Microsoft.IdentityModel.Tokens.SecurityTokenInvalidAudienceException",
            "UnsupportedApiVersion",
            "application/problem+json;",
            "Orders.ReadWrite.All.Application",
            "access_as_application",
            "org.springframework.jdbc.CannotGetJdbcConnectionException",
            "repo:contoso/orders:ref:refs/heads/main",
            "repo:contoso/app1:environment:prod",
            "app2_orders_v2_reader",
            "kv-contoso-orders-prod-2024",
        ] {
            assert!(is_harmless(run), "{run}");
        }
        for run in [
            "abcdefghijklmnopqrstuvwxyz",
            "AbCd1234EfGh5678",
            "(\"kJ83ZtQw7x\")",
            "ghp_Abcdefg12345",
            "A1b2C3d4E5f6G7h8I9j0",
            "abcdefghijklmnopqrstuvwx.example.com",
            "Microsoft.0123456789abcdef",
            "aBcDeFgHiJ.kLmNoPqRsT",
            "qwrtplkjhgf_zxcvbnmsdfg",
        ] {
            assert!(!is_harmless(run), "{run}");
        }
        assert_eq!(marks_in("\"sErrTxt\":\"AADSTS700016:xyz"), ["AADSTS700016"]);
    }
}
