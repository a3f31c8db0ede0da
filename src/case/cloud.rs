//! Which cloud, and which authority in it, a run is about.

use super::Case;
use super::ids::TenantId;
use super::issuer::{Issuer, Parts};
use super::token::DecodedToken;

impl Case {
    /// The cloud of App 1: that of its token's issuer, else the one that is chosen, else that of its own host name.
    #[must_use]
    pub fn own_cloud(&self) -> Parts {
        let parts = |address: String| Issuer::new(address).parts();
        let environment = self.environment.as_ref();
        let of_token = self.decoded().and_then(DecodedToken::issuer).map(|issuer| issuer.parts());
        let of_host = || Parts::of_app(environment?.text("WEBSITE_HOSTNAME")?);
        let of_option = parts(self.inputs.cloud.authority().to_owned());
        // The public cloud may be nobody's choice.
        let is_chosen = |parts: &Parts| parts.is_of_a_known_cloud() && parts.cloud_option() != Some("public");
        let of_authority = environment.map(|environment| parts(environment.authority(&self.inputs)));
        of_token
            .filter(Parts::is_of_one_cloud)
            .or_else(|| of_authority.into_iter().chain([of_option.clone()]).find(is_chosen))
            .or_else(of_host)
            .unwrap_or(of_option)
    }

    /// The authority of this run, or its cloud's where the authority is none of Microsoft's.
    #[must_use]
    pub fn authority_of_cloud(&self) -> Parts {
        let of = |authority: &str| Issuer::v2(authority, &TenantId::new("common")).parts();
        let authority = of(self.inputs.authority());
        if authority.is_of_a_known_cloud() { authority } else { of(self.inputs.cloud.authority()) }
    }

    /// Whether an issuer URL of App 2's is of another service than Microsoft's authorities, this run's, and the one
    /// that issued the token: it may be a custom domain of a tenant, or no authority of Entra's at all.
    #[must_use]
    pub fn is_of_another_service(&self, issuer: &Parts) -> bool {
        let of_token = self.decoded().and_then(DecodedToken::issuer);
        issuer.is_of_another_service(&self.authority())
            && of_token.is_none_or(|of_token| of_token.parts().host != issuer.host)
    }

    /// An openIdIssuer taken apart: one that names its tenant by a domain has the tenant ID of the metadata.
    #[must_use]
    pub fn parts_of_setting(&self, setting: &Issuer) -> Parts {
        let parts = setting.parts();
        if parts.tenant_guid().is_some() || parts.any_tenant || parts.external || parts.fault.is_some() {
            return parts;
        }
        let known = self.issuer_of_metadata().and_then(|issuer| issuer.parts().tenant_guid().cloned());
        Parts { tenant: known.or(parts.tenant), ..parts }
    }

    /// Whether App 2's openIdIssuer is of another cloud than the token's issuer, which of version 1 alone may not show
    /// its own.
    #[must_use]
    pub fn is_setting_of_another_cloud(&self, setting: &Parts, of_token: &Parts) -> bool {
        setting.is_of_another_cloud(of_token)
            || of_token.is_of_a_known_cloud() && setting.is_of_another_cloud(&self.own_cloud())
    }
}
