//! What a case has of App 1, its identity, and its token for the placeholders of fixes.

use crate::case::credential;
use crate::case::exchange::Purpose;
use crate::case::ids::{ClientId, ObjectId, TenantId};
use crate::case::inputs::IdentitySelector;
use crate::case::issuer::{Issuer, Version};
use crate::case::resource;
use crate::case::resource_id::{Parts, is_production};
use crate::case::shared_identity::shared_identity;
use crate::case::token::{Caller, DecodedToken};
use crate::evidence::target;

use super::site::Site;
use super::values::Values;

impl Values<'_> {
    /// App 1 as an app of App Service: by the platform's variables, with what is missing from the token's `xms_mirid`.
    pub(super) fn caller_site(&self) -> Option<Site> {
        let of_token = self.token().and_then(|token| token.text("xms_mirid")).and_then(Parts::of).and_then(Site::of);
        let Some(name) = self.variable("WEBSITE_SITE_NAME") else {
            return of_token;
        };
        let same = of_token.filter(|site| site.name.eq_ignore_ascii_case(&name));
        let subscription = self
            .variable("WEBSITE_OWNER_NAME")
            .and_then(|owner| owner.split('+').next().map(str::to_owned))
            .or_else(|| same.as_ref().map(|site| site.subscription.clone()))?;
        let group = self.variable("WEBSITE_RESOURCE_GROUP").or_else(|| same.as_ref().map(|site| site.group.clone()))?;
        Some(Site { subscription, group, name, slot: self.own_slot() })
    }

    /// App 1's deployment slot, by its variables.
    fn own_slot(&self) -> Option<String> {
        self.variable("WEBSITE_SLOT_NAME").filter(|slot| !is_production(slot))
    }

    pub(super) fn of_caller(&self, name: &str) -> Option<String> {
        match name {
            "caller_host" => self.caller_host(),
            "caller_app" => self.variable("CONTAINER_APP_JOB_NAME").or_else(|| self.variable("CONTAINER_APP_NAME")),
            "denied_action" => self.denied_action(),
            "caller_client_id" => self.caller_client_id().map(|id| id.to_string()),
            "caller_object_id" => self.caller_object_id().map(|id| id.to_string()),
            "shared_identity" => shared_identity(self.case),
            "caller_site" => self.variable("WEBSITE_SITE_NAME").or_else(|| self.variable("CONTAINER_APP_NAME")),
            "caller_slot" => self.own_slot().or_else(|| self.caller_site()?.slot),
            "caller_group" => Some(self.caller_site()?.group),
            "caller_identity_id" => match &self.case.inputs.identity {
                IdentitySelector::ResourceId(id) => Some(id.to_string()),
                _ => None,
            },
            "expected_identity" => self.case.inputs.expect_identity.clone(),
            "method" => Some(self.case.inputs.method.clone()),
            _ => None,
        }
    }

    /// The caller's object ID: what the token says, else Graph, else what the credential was given.
    pub(super) fn caller_object_id(&self) -> Option<ObjectId> {
        let of_token = self.token().and_then(DecodedToken::object_id);
        of_token.or_else(|| self.case.registration.as_ref()?.caller_object_id.clone()).or_else(|| {
            match &self.case.inputs.identity {
                IdentitySelector::ObjectId(id) => Some(id.clone()),
                _ => None,
            }
        })
    }

    /// The caller's client ID: what the token says, else what the credential was given.
    pub(super) fn caller_client_id(&self) -> Option<ClientId> {
        if let Some(token) = self.token() {
            return token.caller_client_id();
        }
        let of_response = self.case.registration.as_ref().and_then(|it| it.caller_client_id.clone());
        of_response
            .or_else(|| match &self.case.inputs.identity {
                IdentitySelector::ClientId(id) => Some(id.clone()),
                _ => None,
            })
            .or_else(|| self.case.inputs.client_id.clone())
            .or_else(|| self.variable("AZURE_CLIENT_ID").map(ClientId::new))
    }

    pub(super) fn of_token(&self, name: &str) -> Option<String> {
        match name {
            "resource" => self.resource(),
            "signed_in_through" => Caller::of(self.token()?).signed_in_through(),
            "developer_tool" => self.token()?.developer_tool().map(str::to_owned),
            "scope" => self.resource().map(|resource| resource::scope_for(&resource)),
            "token_audience" => self.token_audience(),
            "withheld_audience" => self.withheld_audience(),
            "new_audience" => {
                self.token_audience().or_else(|| self.resource()).filter(|audience| self.may_be_accepted(audience))
            }
            "token_issuer" => self.token()?.issuer().map(|issuer| issuer.to_string()),
            "token_version" => self.token()?.version().map(str::to_owned),
            "token_tenant" => self.token()?.tenant().map(|id| id.to_string()),
            "tenant_id" => self.tenant_id().map(|id| id.to_string()),
            "issuer_for_token" => self.issuer_for_token().map(|issuer| issuer.to_string()),
            "own_tenant_issuer" => {
                let own = self.case.site.as_ref()?.identity_tenant.as_ref()?;
                let of_token = self.token()?.tenant()?;
                own.matches(&of_token).then(|| self.issuer_for_token())?.map(|issuer| issuer.to_string())
            }
            "wanted_token_version" => self.wanted_token_version(),
            _ => None,
        }
    }

    /// The resource of the call, unless it is another API: a fix must never lead there.
    pub(super) fn resource(&self) -> Option<String> {
        let resource = &self.case.resource.as_ref()?.value;
        resource::well_known::api(resource).is_none().then(|| resource.clone())
    }

    /// Whether App 2 may accept this audience: another registration's would open it to tokens that were sent there.
    pub(super) fn may_be_accepted(&self, audience: &str) -> bool {
        resource::well_known::api(audience).is_none() && target::belongs_to_target(self.case, audience) != Some(false)
    }

    /// The Microsoft API's audience that App 2 lists and no token was sent for.
    fn withheld_audience(&self) -> Option<String> {
        let named = self.token_audience().or_else(|| Some(self.case.resource.as_ref()?.value.clone()))?;
        let listed = target::listed_api(self.case, resource::well_known::api(&named)?).is_some();
        (listed && self.case.exchange(&Purpose::CallWithToken).is_none()).then_some(named)
    }

    /// The token's audience, when it has exactly one.
    pub(super) fn token_audience(&self) -> Option<String> {
        match self.token()?.list("aud").as_slice() {
            [only] => Some((*only).to_owned()),
            _ => None,
        }
    }

    fn tenant_id(&self) -> Option<TenantId> {
        self.token()
            .and_then(DecodedToken::tenant)
            .or_else(|| target::tenant(self.case))
            .or_else(|| self.case.inputs.tenant.clone())
            .or_else(|| self.variable("AZURE_TENANT_ID").map(TenantId::new))
    }

    fn issuer(&self, version: Version, tenant: &TenantId) -> Issuer {
        match version {
            Version::V1 => Issuer::v1(self.case.inputs.cloud, tenant),
            Version::V2 => Issuer::v2(self.case.inputs.authority(), tenant),
        }
    }

    /// The issuer URL under which App 2 expects tokens like this one: the token's own issuer, where it has the form of
    /// one of Entra's. Without a token the version is the registration's.
    pub(super) fn issuer_for_token(&self) -> Option<Issuer> {
        if let Some(issuer) = self.token().and_then(DecodedToken::issuer) {
            let parsed = issuer.parts();
            let usable = parsed.fault.is_none() && parsed.version.is_some() && parsed.tenant_guid().is_some();
            return usable.then_some(issuer);
        }
        let version = self.case.registration.as_ref()?.requested_access_token_version?;
        let version = if version == Some(2) { Version::V2 } else { Version::V1 };
        Some(self.issuer(version, &self.tenant_id()?))
    }

    fn wanted_token_version(&self) -> Option<String> {
        let wanted = self.entra()?.issuer.as_ref()?.parts();
        let of_token = self.token()?.issuer()?.parts();
        if wanted.fault.is_some() || wanted.version? == of_token.version? {
            return None;
        }
        match wanted.version? {
            Version::V1 => Some("1".to_owned()),
            Version::V2 => Some("2".to_owned()),
        }
    }

    /// The group of az for App 1, where it is an app of App Service.
    pub(super) fn caller_group_of_az(&self) -> Option<&'static str> {
        match self.caller_host().as_deref() {
            Some("functions") => Some("functionapp"),
            Some("logic-apps") => Some("logicapp"),
            Some("app-service") => Some("webapp"),
            _ => None,
        }
    }

    /// The kind of App 1's host: by its variables, else by what the token names.
    pub(super) fn caller_host(&self) -> Option<String> {
        let by_variables = self.case.environment.as_ref().and_then(credential::host);
        let by_token = || credential::host_of_resource(self.token()?.text("xms_mirid")?);
        by_variables.or_else(by_token).map(str::to_owned)
    }

    /// Whether this console is that of an app of App Service on Windows.
    pub(super) fn is_caller_on_windows(&self) -> bool {
        self.case.environment.as_ref().is_some_and(|own| own.is_windows() && own.is_app_service())
    }
}
