//! Issuers: what App 2's setting `openIdIssuer` accepts, and which issuer a token names.
//!
//! Easy Auth downloads metadata from `openIdIssuer` and compares the token's `iss` with the issuer in it (documentation
//! of the Entra provider). The typed address therefore counts by its tenant and its version:
//!
//! | typed | accepted `iss` |
//! |---|---|
//! | `https://login.microsoftonline.com/{tid}` | v1: `https://sts.windows.net/{tid}/` |
//! | `https://sts.windows.net/{tid}/` | the same |
//! | either with `/v2.0` | v2: `https://login.microsoftonline.com/{tid}/v2.0` |
//! | `…/v2.0/{tid}` | wrong order: no metadata there |
//! | `…/common`, `…/organizations` | any tenant |
//!
//! Whether the middleware takes a v1 token with a v2 issuer (or the reverse) is not established: such a mismatch is
//! never certain. The portal wrote `https://sts.windows.net/{tid}/v2.0` for registrations that got v1 tokens, so with
//! this form it is at most possible ([`Parts::is_portals_v2`]).

use super::ids::{TenantId, is_guid, is_placeholder, observed_text};
use super::inputs::Cloud;
use super::plain_address::PlainAddress;

/// The version of an issuer or a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// v1: `sts.windows.net`.
    V1,
    /// v2: `…/v2.0`.
    V2,
}

impl Version {
    /// The version that the claim `ver` stands for.
    #[must_use]
    pub fn of_claim(ver: &str) -> Option<Self> {
        match ver {
            "1.0" => Some(Self::V1),
            "2.0" => Some(Self::V2),
            _ => None,
        }
    }

    /// The claim `ver` of its tokens.
    #[must_use]
    pub const fn claim(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
        }
    }

    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::V2 => "v2.0",
        }
    }
}

observed_text! {
    /// An issuer, as the claim `iss` or the setting `openIdIssuer` has it. It may be any text; [`Issuer::parts`] says
    /// what it means.
    Issuer
}

impl Issuer {
    /// The issuer of version 1 tokens of a tenant in a cloud.
    ///
    /// Source: "Access token claims reference" and "National clouds" (Microsoft Learn).
    #[must_use]
    pub fn v1(cloud: Cloud, tenant: &TenantId) -> Self {
        match cloud {
            Cloud::Public | Cloud::UsGov => Self(format!("https://sts.windows.net/{tenant}/")),
            Cloud::China => Self(format!("https://sts.chinacloudapi.cn/{tenant}/")),
        }
    }

    /// The issuer of version 2 tokens of a tenant at an authority: its cloud's ([`Cloud::authority`]), or another.
    #[must_use]
    pub fn v2(authority: &str, tenant: &TenantId) -> Self {
        Self(format!("{authority}/{tenant}/v2.0"))
    }

    /// Whether there is white space around it.
    #[must_use]
    pub fn is_padded(&self) -> bool {
        self.0.trim() != self.0
    }

    /// The address of its OpenID metadata, which the setting may be itself; `None` where its form is wrong.
    ///
    /// Source: "OpenID Connect on the Microsoft identity platform" (Microsoft Learn).
    #[must_use]
    pub fn metadata_url(&self) -> Option<String> {
        let base = strip_metadata(self.0.trim());
        self.parts().fault.is_none().then(|| format!("{base}/.well-known/openid-configuration"))
    }

    /// Takes it apart, as an issuer or an `openIdIssuer` setting.
    #[must_use]
    pub fn parts(&self) -> Parts {
        Parts::of(&self.0)
    }
}

/// What is wrong with an issuer's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Not an absolute https address.
    NotAnAddress,
    /// `v2.0` precedes the tenant.
    WrongOrder,
    /// No tenant in it.
    NoTenant,
    /// The place of the tenant has what no tenant is, such as a placeholder.
    NotATenant,
    /// A path behind the tenant that no authority has.
    UnknownPath(String),
}

impl Fault {
    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotAnAddress => "not-an-address",
            Self::WrongOrder => "wrong-order",
            Self::NoTenant => "no-tenant",
            Self::NotATenant => "not-a-tenant",
            Self::UnknownPath(_) => "unknown-path",
        }
    }
}

/// An issuer taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The host, in lower case.
    pub host: String,
    /// The tenant: a GUID, a domain, or a word such as `common`.
    pub tenant: Option<TenantId>,
    /// The version, where the form shows it.
    pub version: Option<Version>,
    /// Whether any tenant is accepted (`common`, `organizations`).
    pub any_tenant: bool,
    /// Whether it is of Azure AD B2C or External ID, whose forms differ.
    pub external: bool,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

impl Parts {
    fn of(text: &str) -> Self {
        let mut issuer =
            Self { host: String::new(), tenant: None, version: None, any_tenant: false, external: false, fault: None };
        let text = text.trim();
        if let Some(plain) = PlainAddress::of(text)
            && let Some(path) = plain.path()
        {
            issuer.read(plain.host, path, plain.is_https);
            return issuer;
        }
        match url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http")) {
            Some(url) if url.has_host() => {
                issuer.read(url.host_str().unwrap_or_default(), url.path(), url.scheme() == "https");
            }
            _ => issuer.fault = Some(Fault::NotAnAddress),
        }
        issuer
    }

    fn read(&mut self, host: &str, path: &str, is_https: bool) {
        let tenant_like = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
        self.host = host.to_ascii_lowercase();
        self.external = self.host.ends_with(".b2clogin.com") || self.host.ends_with(".ciamlogin.com");
        let path = strip_metadata(path.trim_end_matches('/'));
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        self.take(&segments);
        let is_none = |text: &str| !text.chars().all(tenant_like) || is_placeholder(text) && !is_guid(text);
        if self.tenant.as_ref().is_some_and(|tenant| is_none(tenant.as_str())) {
            self.fault = Some(Fault::NotATenant);
        }
        // Metadata is loaded over https alone, but from a machine's own address.
        if !is_https && !matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "[::1]") {
            self.fault = Some(Fault::NotAnAddress);
        }
    }

    fn take(&mut self, segments: &[&str]) {
        match segments {
            [] => self.fault = Some(Fault::NoTenant),
            [version, tenant, ..] if is_v2(version) => {
                self.tenant = Some(TenantId::new(tenant.to_ascii_lowercase()));
                self.fault = Some(Fault::WrongOrder);
            }
            [only] if is_v2(only) => self.fault = Some(Fault::NoTenant),
            [tenant, rest @ ..] => {
                self.tenant = Some(TenantId::new(tenant.to_ascii_lowercase()));
                self.any_tenant = ["common", "organizations"].iter().any(|word| word.eq_ignore_ascii_case(tenant));
                match rest {
                    // The issuers of B2C and External ID are their own, whatever the version in the address.
                    _ if self.external => {}
                    [] => self.version = Some(Version::V1),
                    [version] if is_v2(version) => self.version = Some(Version::V2),
                    // B2C has the policy in the path; what is there doesn't matter.
                    _ if rest.iter().any(|segment| segment.to_ascii_lowercase().starts_with("b2c_")) => {
                        self.external = true;
                    }
                    _ => self.fault = Some(Fault::UnknownPath(rest.join("/"))),
                }
            }
        }
    }

    /// Whether the two are of different clouds, as far as their hosts show it.
    #[must_use]
    pub fn is_of_another_cloud(&self, other: &Self) -> bool {
        let (own, others) = (self.clouds(), other.clouds());
        !own.is_empty() && !others.is_empty() && !own.iter().any(|cloud| others.contains(cloud))
    }

    /// Whether its host is one of Microsoft's, so that its cloud is known.
    #[must_use]
    pub fn is_of_a_known_cloud(&self) -> bool {
        !self.clouds().is_empty()
    }

    /// The sign-in page of the cloud that an app's host name belongs to, where the name shows it.
    #[must_use]
    pub fn of_app(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        let (_, sign_in) = APP_HOSTS.iter().find(|(suffix, _)| host.ends_with(suffix))?;
        Some(Self::of(&format!("https://{sign_in}/common")))
    }

    /// Whether its host is one cloud's alone.
    #[must_use]
    pub fn is_of_one_cloud(&self) -> bool {
        self.clouds().len() == 1
    }

    /// Whether its host is none of Microsoft's that are known, nor this authority's: another service's, or a custom
    /// domain of a tenant.
    #[must_use]
    pub fn is_of_another_service(&self, authority: &str) -> bool {
        let own = Issuer::new(authority).parts();
        let known = self.external || self.is_of_a_known_cloud() || self.host == "login.microsoft.com";
        !(known || self.host.is_empty() || self.host == own.host)
    }

    /// Its cloud as `--cloud` names it, where that is known and the option has it.
    #[must_use]
    pub fn cloud_option(&self) -> Option<&'static str> {
        let options = ["public", "usgov", "china"];
        match self.clouds().as_slice() {
            [only] if options.contains(only) => Some(only),
            _ => None,
        }
    }

    fn clouds(&self) -> Vec<&'static str> {
        let host = self.host.as_str();
        let of_host = CLOUDS.iter().filter(|(_, hosts)| hosts.contains(&host));
        of_host.map(|(cloud, _)| *cloud).collect()
    }

    /// Whether it is the v2 issuer as the portal writes it: at the v1 host (`sts.windows.net`), with `/v2.0`.
    #[must_use]
    pub fn is_portals_v2(&self) -> bool {
        self.version == Some(Version::V2) && self.host.starts_with("sts.")
    }

    /// Whether it stands for personal Microsoft accounts alone, which have one tenant ("OpenID Connect on the Microsoft
    /// identity platform", Microsoft Learn).
    #[must_use]
    pub fn is_for_consumers(&self) -> bool {
        const TENANTS: [&str; 2] = ["consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"];
        self.tenant.as_ref().is_some_and(|tenant| TENANTS.contains(&tenant.as_str()))
    }

    /// Whether it takes personal accounts alone, and the other issuer is a tenant's.
    #[must_use]
    pub fn refuses_tenant_of(&self, other: &Self) -> bool {
        self.is_for_consumers() && other.tenant_guid().is_some() && !other.is_for_consumers()
    }

    /// The tenants of the two, where both are known by GUID and differ.
    #[must_use]
    pub fn other_tenant<'a>(&'a self, other: &'a Self) -> Option<(&'a TenantId, &'a TenantId)> {
        self.tenant_guid().zip(other.tenant_guid()).filter(|(own, others)| own != others)
    }

    /// The versions of the two, where both show theirs and they differ.
    #[must_use]
    pub fn other_version(&self, other: &Self) -> Option<(Version, Version)> {
        self.version.zip(other.version).filter(|(own, others)| own != others)
    }

    /// The tenant where it is known by GUID.
    #[must_use]
    pub fn tenant_guid(&self) -> Option<&TenantId> {
        self.tenant.as_ref().filter(|tenant| tenant.is_guid())
    }
}

/// The hosts of issuers by cloud ("National clouds" of Microsoft Learn, `KnownMetadataProvider.cs` of MSAL.NET). The
/// version 1 tokens of US Government come from the public cloud's `sts.windows.net`.
const CLOUDS: [(&str, &[&str]); 7] = [
    ("public", &["login.microsoftonline.com", "login.windows.net", "sts.windows.net"]),
    (
        "usgov",
        &["login.microsoftonline.us", "login-us.microsoftonline.com", "login.usgovcloudapi.net", "sts.windows.net"],
    ),
    ("china", &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn", "sts.chinacloudapi.cn"]),
    ("germany", &["login.microsoftonline.de", "sts.microsoftonline.de"]),
    ("bleu", &["login.sovcloud-identity.fr"]),
    ("delos", &["login.sovcloud-identity.de"]),
    ("govsg", &["login.sovcloud-identity.sg"]),
];

/// How the host names of apps end by cloud, and that cloud's sign-in page.
const APP_HOSTS: [(&str, &str); 4] = [
    (".azurewebsites.net", "login.microsoftonline.com"),
    (".azurecontainerapps.io", "login.microsoftonline.com"),
    (".azurewebsites.us", "login.microsoftonline.us"),
    (".chinacloudsites.cn", "login.partner.microsoftonline.cn"),
];

fn is_v2(segment: &str) -> bool {
    segment.eq_ignore_ascii_case("v2.0")
}

fn strip_metadata(path: &str) -> &str {
    path.find("/.well-known/").map_or(path, |at| path.split_at(at).0).trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TENANT: &str = "11111111-2222-4333-8444-555555555555";

    #[test]
    fn the_address_of_the_metadata_is_behind_the_issuer_or_the_setting_itself() {
        let metadata = "https://sts.windows.net/contoso.com/v2.0/.well-known/openid-configuration";
        for form in
            ["https://sts.windows.net/contoso.com/v2.0", " https://sts.windows.net/contoso.com/v2.0/ ", metadata]
        {
            assert_eq!(Issuer::new(form).metadata_url().as_deref(), Some(metadata), "{form}");
        }
        assert_eq!(Issuer::new("contoso.com").metadata_url(), None);
    }

    #[test]
    fn every_documented_form_is_read() {
        for (form, version) in [
            ("https://sts.windows.net/T/", Some(Version::V1)),
            ("https://login.microsoftonline.com/T", Some(Version::V1)),
            ("https://login.microsoftonline.com/T/v2.0", Some(Version::V2)),
            ("https://sts.windows.net/T/v2.0", Some(Version::V2)),
            ("https://login.microsoftonline.com/T/v2.0/.well-known/openid-configuration", Some(Version::V2)),
        ] {
            let issuer = Issuer::new(form.replace('T', TENANT)).parts();
            assert_eq!(
                (issuer.tenant, issuer.version, issuer.fault),
                (Some(TenantId::new(TENANT)), version, None),
                "{form}"
            );
        }
        assert_eq!(
            Issuer::new(format!("https://login.microsoftonline.com/v2.0/{TENANT}/")).parts().fault,
            Some(Fault::WrongOrder)
        );
        assert!(Issuer::new("https://login.microsoftonline.com/common/v2.0").parts().any_tenant);
        assert_eq!(Issuer::new("sts.windows.net").parts().fault, Some(Fault::NotAnAddress));
        assert!(Issuer::new("https://x.b2clogin.com/x.onmicrosoft.com/B2C_1_signin/v2.0").parts().external);
    }
    #[test]
    fn clouds_are_told_apart_by_their_hosts() {
        let parts = |host: &str| Issuer::new(format!("https://{host}/{TENANT}/v2.0")).parts();
        let differ = |one: &str, other: &str| parts(one).is_of_another_cloud(&parts(other));
        assert!(differ("login.microsoftonline.com", "login.microsoftonline.us"));
        assert!(differ("sts.chinacloudapi.cn", "sts.windows.net"));
        let of_app = |host: &str| Parts::of_app(host).and_then(|parts| parts.cloud_option());
        for (host, cloud) in [
            ("App2.azurewebsites.us", Some("usgov")),
            ("app2.scm.chinacloudsites.cn", Some("china")),
            ("app2.azurewebsites.net", Some("public")),
            ("app2.azurewebsites.us.example", None),
        ] {
            assert_eq!(of_app(host), cloud, "{host}");
        }
        for (one, other) in [
            ("sts.windows.net", "login.microsoftonline.us"),
            ("sts.windows.net", "login.microsoftonline.com"),
            ("login.microsoftonline.us", "login.usgovcloudapi.net"),
            ("localhost", "login.microsoftonline.us"),
            ("login.microsoft.com", "login.microsoftonline.us"),
        ] {
            assert!(!differ(one, other) && !differ(other, one), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn issuers_that_are_made_are_read_again(
            tenant in "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
            cloud in prop_oneof![Just(Cloud::Public), Just(Cloud::UsGov), Just(Cloud::China)],
        ) {
            let tenant = TenantId::new(tenant);
            let (v1, v2) = (Issuer::v1(cloud, &tenant).parts(), Issuer::v2(cloud.authority(), &tenant).parts());
            prop_assert_eq!((v1.tenant_guid(), v1.version, &v1.fault), (Some(&tenant), Some(Version::V1), &None));
            prop_assert_eq!((v2.tenant_guid(), v2.version, &v2.fault), (Some(&tenant), Some(Version::V2), &None));
        }

        #[test]
        fn nothing_panics(text in "(https://)?[a-z./?#é]{0,30}(/v2.0)?(/.well-known/)?.{0,9}") {
            let issuer = Issuer::new(text.clone());
            let _ = issuer.parts();
            prop_assert_eq!(issuer.to_string(), text);
        }
    }
}
