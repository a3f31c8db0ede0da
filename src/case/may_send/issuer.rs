//! Whether Microsoft Entra ID issued a token, as far as the token itself shows.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::case::ids::TenantId;
use crate::case::issuer::Version;
use crate::case::resource::{is_guid, well_known};
use crate::case::text::{shortened, visible};
use crate::case::token::DecodedToken;

/// Why a token is not one of Entra's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Foreign {
    /// `alg` is `none`: nobody signed it.
    Unsigned,
    /// No `alg`, or one that is no text: nothing says how it is signed.
    NoAlgorithm,
    /// A key that two parties share made the signature (`HS256` and the like); Microsoft Entra ID signs with `RS256`.
    SharedKey(String),
    /// Another algorithm than `RS256`. Names of algorithms are compared letter by letter (RFC 7515, section 4.1.1).
    Algorithm(String),
    /// No `iss`.
    NoIssuer,
    /// A Kubernetes service account's token, with its issuer.
    Kubernetes(String),
    /// A GitHub Actions token, with its issuer.
    GitHub(String),
    /// A token that the App Service or Functions host made, with its issuer.
    AppServiceHost(String),
    /// The issuer is none of Entra's and not the authority in use.
    Issuer(String),
    /// The issuer is none of Entra's, and the rest of the token looks like one of Entra's: a custom URL domain of the
    /// tenant has such issuers.
    UnknownDomain(String),
    /// No tenant (`tid`).
    NoTenant,
    /// The issuer names another tenant than `tid` does, with both.
    OtherTenant {
        /// The token's `iss`.
        issuer: String,
        /// The token's `tid`.
        tenant: String,
    },
    /// The issuer is that of the other version than `ver` says, with both.
    OtherVersion {
        /// The token's `iss`.
        issuer: String,
        /// The token's `ver`.
        version: String,
    },
    /// Its audience is a list, with what is in it. Entra writes one audience, as text.
    AudienceList(String),
}

impl Foreign {
    /// Whether the token may be Entra's after all: its issuer is known to the user alone, Entra began to sign
    /// otherwise, or it is Azure AD B2C's with an issuer at the former host (login.microsoftonline.com).
    #[must_use]
    pub const fn is_uncertain(&self) -> bool {
        let may_be_its = matches!(self, Self::UnknownDomain(_) | Self::Algorithm(_) | Self::AudienceList(_));
        may_be_its || self.is_contradiction() || matches!(self, Self::NoTenant)
    }

    /// How it is confirmed, by its key in the knowledge base.
    #[must_use]
    pub const fn test(&self) -> &'static str {
        match self {
            Self::AudienceList(_) | Self::NoTenant => "contradiction",
            _ if self.is_contradiction() => "contradiction",
            Self::Algorithm(_) => "algorithm",
            _ => "domain",
        }
    }

    /// Whether claims of Entra's own contradict each other: it issues no such token, so somebody changed or made it.
    #[must_use]
    pub const fn is_contradiction(&self) -> bool {
        matches!(self, Self::OtherTenant { .. } | Self::OtherVersion { .. })
    }
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |text: &str| shortened(&visible(text), 120);
        match self {
            Self::Unsigned => formatter.write_str("it isn't signed (alg is none)"),
            Self::NoAlgorithm => {
                formatter.write_str("its header has no signing algorithm (alg); Microsoft Entra ID uses RS256")
            }
            Self::Algorithm(algorithm) => {
                write!(
                    formatter,
                    "it is signed with {}; Microsoft Entra ID signs access tokens with RS256",
                    shown(algorithm)
                )
            }
            Self::SharedKey(algorithm) => write!(
                formatter,
                "it is signed with a shared key ({}); Microsoft Entra ID signs access tokens with RS256",
                shown(algorithm)
            ),
            Self::NoIssuer => formatter.write_str("it has no issuer (iss)"),
            Self::Kubernetes(issuer) => {
                write!(formatter, "it is a Kubernetes service account token, issuer {}", shown(issuer))
            }
            Self::GitHub(issuer) => write!(formatter, "it is a GitHub Actions token, issuer {}", shown(issuer)),
            Self::AppServiceHost(issuer) => {
                write!(formatter, "it is a token of the App Service or Functions host, issuer {}", shown(issuer))
            }
            Self::Issuer(issuer) | Self::UnknownDomain(issuer) => {
                write!(formatter, "its issuer {} isn't a Microsoft Entra issuer", shown(issuer))
            }
            Self::NoTenant => formatter.write_str("it has no tenant (tid)"),
            Self::OtherTenant { issuer, tenant } => {
                write!(formatter, "its tenant (tid) is {}, but its issuer is {}", shown(tenant), shown(issuer))
            }
            Self::OtherVersion { issuer, version } => {
                write!(formatter, "its version (ver) is {}, but its issuer is {}", shown(version), shown(issuer))
            }
            Self::AudienceList(list) => write!(
                formatter,
                "its audience (aud) is a list ({}); a Microsoft Entra access token has one audience",
                shown(list)
            ),
        }
    }
}

/// Hosts of Entra's issuers in all clouds: those of `KnownMetadataProvider.cs` of MSAL.NET and of the v1 issuers
/// ("Access token claims reference" and "National clouds" of Microsoft Learn). A leading dot: any host below.
const ISSUERS: [&str; 22] = [
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
    "login-us.microsoftonline.com",
    "login.microsoftonline.us",
    "login.usgovcloudapi.net",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "sts.chinacloudapi.cn",
    "login.microsoftonline.de",
    "sts.microsoftonline.de",
    "login.sovcloud-identity.fr",
    "login.sovcloud-identity.de",
    "login.sovcloud-identity.sg",
    "login.microsoftonline.eaglex.ic.gov",
    "login.microsoftonline.microsoft.scloud",
    "accounts.accesscontrol.windows.net",
    ".ciamlogin.com",
    B2C,
    ".login.microsoftonline.com",
    ".login.microsoft.com",
];

/// Azure AD B2C, whose tokens have no `tid` ("Overview of tokens in Azure Active Directory B2C").
const B2C: &str = ".b2clogin.com";

/// Why a token is not one of Entra's; `None` where nothing says so. `authority` is the one in use.
///
/// Nothing here proves that Entra issued a token: only its signature does.
#[must_use]
pub fn foreign(token: &DecodedToken, authority: &str) -> Option<Foreign> {
    let algorithms: Vec<&Value> =
        token.header.iter().filter(|(name, _)| name == "alg").map(|(_, value)| value).collect();
    // Where it comes twice, readers disagree which one counts.
    let algorithm = algorithms
        .iter()
        .find(|value| value.as_str() != Some(RS256))
        .or(algorithms.first())
        .and_then(|value| value.as_str())
        .filter(|name| !name.is_empty());
    let Some(algorithm) = algorithm else {
        return Some(Foreign::NoAlgorithm);
    };
    if algorithm.eq_ignore_ascii_case("none") {
        return Some(Foreign::Unsigned);
    }
    let mut issuers = token.claims.iter().filter(|(name, _)| name == "iss").peekable();
    if issuers.peek().is_none() {
        return Some(Foreign::NoIssuer);
    }
    // Where a claim comes twice, readers disagree which one counts.
    for (_, issuer) in issuers {
        let Some(issuer) = issuer.as_str().filter(|issuer| !issuer.trim().is_empty()) else {
            return Some(Foreign::NoIssuer);
        };
        if !is_entras(issuer, authority) {
            return Some(of_another(token, issuer, algorithm));
        }
    }
    if algorithm != RS256 {
        return Some(by_algorithm(algorithm));
    }
    let b2c = host(token.text("iss").unwrap_or_default()).is_some_and(|host| host.ends_with(B2C));
    let is_id = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let has_tenant = token.text("tid").is_some_and(is_id);
    if !has_tenant && !b2c {
        return Some(Foreign::NoTenant);
    }
    contradiction(token).or_else(|| audience_list(token))
}

/// Audiences in a list ("Access token claims reference" of Microsoft Learn: `aud` is a string). One that can't be read
/// is another fault.
fn audience_list(token: &DecodedToken) -> Option<Foreign> {
    let lists = token.claims.iter().filter(|(name, _)| name == "aud");
    let list = lists.filter_map(|(_, value)| value.as_array()).find(|list| !list.is_empty())?;
    let audiences: Option<Vec<&str>> =
        list.iter().map(|item| item.as_str().filter(|it| !it.trim().is_empty())).collect();
    Some(Foreign::AudienceList(audiences?.join(", ")))
}

/// What the issuer contradicts: in the clouds' own issuers are the tenant and the version of the token ("Access token
/// claims reference" of Microsoft Learn).
fn contradiction(token: &DecodedToken) -> Option<Foreign> {
    let issuer = token.issuer()?;
    let parts = issuer.parts();
    if !parts.is_of_a_known_cloud() || parts.external || parts.fault.is_some() {
        return None;
    }
    let tenants = parts.tenant_guid().zip(token.tenant().filter(TenantId::is_guid));
    if let Some((_, tenant)) = tenants.filter(|(issuer, tenant)| !issuer.matches(tenant)) {
        return Some(Foreign::OtherTenant { issuer: issuer.to_string(), tenant: tenant.to_string() });
    }
    // The v1 issuer and the v2 issuer are at two hosts, so the forms between them are nobody's.
    let of_issuer = match (parts.version?, parts.host.starts_with("sts.")) {
        (Version::V1, true) => Version::V1,
        (Version::V2, false) => Version::V2,
        _ => return None,
    };
    let version = token.version()?;
    let differs = Version::of_claim(version).is_some_and(|of_token| of_token != of_issuer);
    differs.then(|| Foreign::OtherVersion { issuer: issuer.to_string(), version: version.to_owned() })
}

/// What signs Entra's access tokens ("Access token claims reference", and `id_token_signing_alg_values_supported` of
/// the OpenID metadata).
const RS256: &str = "RS256";

/// Why a token with another algorithm is not one of Entra's.
fn by_algorithm(algorithm: &str) -> Foreign {
    if algorithm.get(..2).is_some_and(|kind| kind.eq_ignore_ascii_case("HS")) {
        Foreign::SharedKey(algorithm.to_owned())
    } else {
        Foreign::Algorithm(algorithm.to_owned())
    }
}

fn host(issuer: &str) -> Option<String> {
    let url = Url::parse(issuer).ok()?;
    (url.scheme() == "https").then(|| url.host_str().map(str::to_ascii_lowercase))?
}

/// Whether an issuer is written as Entra writes it: an address without port, query, fragment, or anything that a reader
/// of addresses takes out or reads differently.
fn is_plain(issuer: &str) -> bool {
    Url::parse(issuer).is_ok_and(|url| {
        let read = url.as_str();
        let same = read.eq_ignore_ascii_case(issuer) || read.trim_end_matches('/').eq_ignore_ascii_case(issuer);
        let dotted = url.host_str().is_some_and(|host| host.ends_with('.'));
        same && !dotted && url.port().is_none() && url.query().is_none() && url.fragment().is_none()
    })
}

fn is_entras(issuer: &str, authority: &str) -> bool {
    let same_origin = Url::parse(issuer)
        .ok()
        .zip(Url::parse(authority).ok())
        .is_some_and(|(issuer, authority)| issuer.origin() == authority.origin());
    same_origin
        || is_plain(issuer)
            && host(issuer).is_some_and(|host| {
                let listed = |known: &str| match known.strip_prefix('.') {
                    Some(_) => host.ends_with(known),
                    None => host == known,
                };
                // The v1 issuers of the air-gapped clouds are not published; their hosts are Microsoft's.
                let of_another_cloud = host.starts_with("sts.") && well_known::api(&host).is_some();
                ISSUERS.iter().any(|known| listed(known)) || of_another_cloud
            })
}

fn of_another(token: &DecodedToken, issuer: &str, algorithm: &str) -> Foreign {
    let of = host(issuer).unwrap_or_default();
    let issuer = issuer.to_owned();
    let kubernetes = token.claim("kubernetes.io").is_some()
        || of.starts_with("kubernetes.default.svc")
        || of.contains(".oic.prod-aks.")
        || token.text("sub").is_some_and(|subject| subject.starts_with("system:serviceaccount:"));
    let looks_like_entras = algorithm == RS256
        && token.text("tid").is_some_and(is_guid)
        && matches!(token.version(), Some("1.0" | "2.0"))
        && token.caller_client_id().is_some();
    if kubernetes {
        Foreign::Kubernetes(issuer)
    } else if of == "token.actions.githubusercontent.com" || issuer.contains("/_services/token") {
        Foreign::GitHub(issuer)
    } else if of.contains(".scm.") && of.contains("azurewebsites") {
        Foreign::AppServiceHost(issuer)
    } else if algorithm.get(..2).is_some_and(|kind| kind.eq_ignore_ascii_case("HS")) {
        Foreign::SharedKey(algorithm.to_owned())
    } else if looks_like_entras {
        Foreign::UnknownDomain(issuer)
    } else {
        Foreign::Issuer(issuer)
    }
}
