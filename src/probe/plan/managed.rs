//! Azure Resource Manager: the caller's own token for it, App 2's site and settings, the metadata of App 2's issuer.

use tokio::sync::OnceCell;
use url::Url;

use crate::case::auth_settings::SettingsReading;
use crate::case::exchange::{Answer, Purpose};
use crate::case::ids::{ClientId, ObjectId, TenantId};
use crate::case::issuer::Issuer;
use crate::case::observation::Observation;
use crate::case::resource::is_guid;
use crate::case::resource_id::ResourceId;
use crate::case::secret::Secret;
use crate::case::token::{Caller, DecodedToken};
use crate::probe::credential::Issued;
use crate::probe::entra;
use crate::probe::http::{Reply, Request};
use crate::probe::resource_manager::ResourceManager;

use super::Plan;
use super::names::challenged;

/// App 2 as Azure Resource Manager can be asked for it.
pub(super) enum App {
    /// By its resource ID.
    Id(ResourceId),
    /// By its host name among the sites of App 1's subscription.
    Among {
        /// The subscription.
        subscription: String,
        /// The host name.
        host: String,
    },
}

impl Plan<'_> {
    pub(super) async fn manager_token(&self) -> Option<&Issued> {
        let resource = self.prepared.inputs.cloud.resource_manager();
        self.manager_token
            .get_or_init(|| async {
                if !self.credential.can_ask() {
                    return None;
                }
                let issued = self.credential.token(Purpose::TokenForResourceManager, resource).await?;
                self.introduce(&issued.token);
                Some(issued)
            })
            .await
            .as_ref()
    }

    /// Tells who the caller is, by a token of its own for another resource.
    pub(super) fn introduce(&self, token: &Secret<String>) {
        let decoded = DecodedToken::decode(token.expose());
        let caller = Caller {
            client_id: decoded.caller_client_id().filter(ClientId::is_guid),
            object_id: decoded.object_id().filter(ObjectId::is_guid),
            tenant: decoded.tenant().filter(TenantId::is_guid),
            ..Caller::of(&decoded)
        };
        if caller.client_id.is_some() {
            self.http.tell(Observation::Caller(caller));
        }
    }

    /// App 2's site and settings, and the metadata that its issuer leads to.
    pub(super) async fn managed(&self) {
        let managed = self.managed_settings().await;
        tokio::join!(self.metadata_of(managed), self.restrictions());
    }

    /// App 2's access restrictions, where one of them rejects the request without a token. The site is read by then.
    async fn restrictions(&self) {
        let is_rejected = |reply: &Reply| reply.exchange.answer().is_some_and(Answer::is_ip_forbidden);
        if let Some((manager, id)) = self.app_2.get()
            && self.anonymous().await.is_some_and(is_rejected)
        {
            manager.restrictions(id).await;
        }
    }

    async fn metadata_of(&self, managed: Option<&SettingsReading>) {
        let first = self.prepared.settings.iter().find(|reading| reading.outcome.is_ok());
        let issuer = first.or(managed).and_then(|reading| reading.settings()?.entra.as_ref()?.issuer.clone());
        if let Some(issuer) = issuer {
            self.issuer_metadata(&issuer).await;
        }
    }

    /// App 2's settings in Azure Resource Manager, where they can be read.
    pub(super) async fn managed_settings(&self) -> Option<&SettingsReading> {
        self.settings.get_or_init(|| self.read_settings()).await.as_ref()
    }

    /// App 2 in Azure Resource Manager, where this run may look for it; else why not, where that is worth telling.
    pub(super) fn managed_app(&self) -> Result<App, Option<&'static str>> {
        let inputs = &self.prepared.inputs;
        let subscription = self
            .credential
            .environment
            .text("WEBSITE_OWNER_NAME")
            .and_then(|owner| owner.split('+').next())
            .filter(|id| is_guid(id));
        let host = self.target.as_ref().and_then(|target| target.url.host_str());
        let app = match (&inputs.target_resource_id, subscription, self.target.is_some()) {
            (Some(id), _, _) => App::Id(id.clone()),
            (None, Some(subscription), true) if inputs.auth_settings.is_none() => {
                App::Among { subscription: subscription.to_owned(), host: host.unwrap_or_default().to_owned() }
            }
            _ => return Err(None),
        };
        if !self.stays_home(inputs.resource_manager()) {
            return Err(Some("App 2 is on loopback, but --resource-manager isn't"));
        }
        if !self.credential.can_ask() {
            return Err(Some("this credential can't get a token for Azure Resource Manager; use --auth-settings"));
        }
        Ok(app)
    }

    async fn read_settings(&self) -> Option<SettingsReading> {
        let app = match self.managed_app() {
            Ok(app) => app,
            Err(reason) => {
                self.http.leave_out(Purpose::AuthSettingsV2, reason?);
                return None;
            }
        };
        let base = self.prepared.inputs.resource_manager().to_owned();
        let token = self.manager_token().await?.token.clone();
        let manager = ResourceManager { http: self.http, base, token, configuration: OnceCell::new() };
        let id = match app {
            App::Id(id) => id,
            App::Among { subscription, host } => manager.find(&subscription, &host).await?,
        };
        let at_once = self.waits_for_settings().await;
        let (manager, id) = self.app_2.get_or_init(async || (manager, id)).await;
        let (settings, ()) = tokio::join!(manager.settings(id, at_once), manager.site(id));
        settings
    }

    /// Whether the resource may be named by App 2's settings alone, so that everything else waits for them.
    async fn waits_for_settings(&self) -> bool {
        self.may_wait_for_settings() && self.anonymous().await.and_then(|reply| challenged(&reply.exchange)).is_none()
    }

    /// Whether the settings are needed to find the resource at all.
    pub(super) fn may_wait_for_settings(&self) -> bool {
        self.given_resource().is_none() && self.prepared.token.is_none() && self.kept.is_none()
    }

    /// The metadata of App 2's issuer setting, asked at the authority in use under the same tenant and version.
    async fn issuer_metadata(&self, issuer: &Issuer) {
        if let Some(address) = self.issuer_address(issuer) {
            self.http.send(Request::get(Purpose::IssuerMetadata, address)).await;
        }
    }

    pub(super) fn issuer_address(&self, issuer: &Issuer) -> Option<Url> {
        let authority = entra::authority(&self.prepared.inputs, &self.credential.environment)
            .ok()
            .filter(|authority| self.stays_home(authority))?;
        let url = Url::parse(issuer.as_str().trim()).ok()?;
        let path = url.path().split("/.well-known").next().unwrap_or_default();
        let path = path.trim_matches('/');
        let known_host = [
            "login.microsoftonline.",
            "sts.windows.net",
            "login.windows.net",
            "login.microsoft.com",
            "sts.chinacloudapi.cn",
            "login.partner.microsoftonline.cn",
            "login.chinacloudapi.cn",
        ];
        let of_entra = url.host_str().is_some_and(|host| known_host.iter().any(|known| host.starts_with(known)))
            || Url::parse(&authority).is_ok_and(|authority| authority.origin() == url.origin());
        let clean = path.split('/').all(crate::probe::address::is_tenant);
        let address = format!("{authority}/{path}/.well-known/openid-configuration");
        (of_entra && clean).then(|| Url::parse(&address).ok())?
    }
}
