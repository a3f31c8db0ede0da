//! What Azure Resource Manager, Microsoft Graph, and Entra's metadata get.

use crate::case::exchange::Purpose;
use crate::case::resource::{ChosenResource, client_id_of};
use crate::case::resource_id::ResourceId;
use crate::case::target_kind::TargetKind;
use crate::case::token::DecodedToken;
use crate::probe::plan::Plan;
use crate::probe::plan::managed::App;
use crate::probe::preview::{Carried, Planned, Recipient, When};
use crate::probe::resource_manager::{MOST_SEARCHES, kind_of};

use super::entry::{CLIENT_ID, planned, to_entra};

/// What stands for the IDs in the address of one request.
const LISTED: &str = "<the IDs that App 2's policy lists>";

impl Plan<'_> {
    /// App 2's settings in Azure, and the metadata that its issuer leads to.
    pub(super) fn of_resource_manager(&self) -> Vec<Planned> {
        let Ok(app) = self.managed_app() else {
            return self.of_the_issuer(false).into_iter().collect();
        };
        let resource = self.prepared.inputs.cloud.resource_manager();
        let mut requests = self.token_requests(Purpose::TokenForResourceManager, resource, When::Always);
        let (id, when) = match &app {
            App::Id(id) => (id.clone(), When::Always),
            App::Among { subscription, .. } => {
                requests.extend(self.of_the_search(subscription));
                (ResourceId::new("/<App 2's resource ID>"), When::SiteFound)
            }
        };
        let site = [(Purpose::Site, "")].into_iter();
        let settings = kind_of(&id).settings.iter().map(|(purpose, path, _)| (purpose.clone(), path.as_str()));
        for (place, (purpose, path)) in site.chain(settings).enumerate() {
            let url = format!("{}{path}?api-version={}", id.path(), kind_of(&id).version);
            let when = match (place > 1, self.may_wait_for_settings()) {
                (false, _) => when,
                (true, false) if purpose == Purpose::ConfigWeb => When::RefusedOrRestricted,
                (true, false) => When::PreviousRefused,
                (true, true) => When::RefusedOrUnnamed,
            };
            requests.push(self.to_resource_manager(purpose, &url, when));
        }
        requests.extend(self.of_the_issuer(true));
        requests
    }

    /// App 2 by its host name among the sites of a subscription.
    fn of_the_search(&self, subscription: &str) -> [Planned; 2] {
        let version = &TargetKind::USUAL.data().version;
        let sites = format!("/subscriptions/{subscription}/providers/Microsoft.Web/sites?api-version={version}");
        let more = "/<next page of the list, or a site's slots>";
        [
            self.to_resource_manager(Purpose::SiteSearch, &sites, When::Always),
            Planned {
                at_most: MOST_SEARCHES - 1,
                ..self.to_resource_manager(Purpose::SiteSearch, more, When::ListGoesOn)
            },
        ]
    }

    fn to_resource_manager(&self, purpose: Purpose, path: &str, when: When) -> Planned {
        Planned {
            url: format!("{}{path}", self.prepared.inputs.resource_manager()),
            to: Recipient::ResourceManager,
            carries: vec![Carried::ResourceManagerToken],
            when,
            ..planned(purpose)
        }
    }

    fn of_the_issuer(&self, settings_are_read: bool) -> Option<Planned> {
        let in_a_file = self.prepared.settings.iter().find(|reading| reading.outcome.is_ok());
        let issuer = in_a_file.map(|reading| reading.settings()?.entra.as_ref()?.issuer.clone());
        let (url, when) = match issuer {
            Some(issuer) => (self.issuer_address(&issuer?)?.to_string(), When::Always),
            None if settings_are_read => {
                let authority = self.authority_at_hand()?;
                (format!("{authority}/<tenant of App 2's issuer>/.well-known/openid-configuration"), When::IssuerFound)
            }
            None => return None,
        };
        Some(to_entra(Purpose::IssuerMetadata, url, when, 1))
    }

    pub(super) fn of_the_signature(&self, given: Option<&DecodedToken>) -> Vec<Planned> {
        let Some(authority) = self.authority_at_hand() else {
            return Vec::new();
        };
        let tenant = given.map(|token| token.text("tid"));
        let is_found = given.is_none() && self.given_resource().is_none();
        let tenant = match tenant {
            Some(None) => return Vec::new(),
            Some(Some(tenant)) => crate::case::text::visible(tenant),
            None if is_found => "<tenant of the token, or that App 2's responses name>".to_owned(),
            None => "<the token's tenant>".to_owned(),
        };
        let version = given.map(|token| token.version() == Some("2.0"));
        let (when, times) = match given {
            Some(_) => (When::Always, 2),
            // Asked for together with the token, and again where the token is from another tenant.
            None if is_found => (When::ResourceFound, 3),
            None => (When::TokenIssued, 2),
        };
        let after = if given.is_some() { When::Always } else { When::TokenIssued };
        let keys = format!("{authority}/<path of the keys>");
        let forms =
            [(false, Purpose::MetadataV1, Purpose::KeysV1, ""), (true, Purpose::MetadataV2, Purpose::KeysV2, "/v2.0")];
        forms
            .into_iter()
            .filter(|(v2, ..)| version.is_none_or(|version| version == *v2))
            .flat_map(|(_, metadata, jwks, path)| {
                let url = format!("{authority}/{tenant}{path}/.well-known/openid-configuration");
                [to_entra(metadata, url, when, times), to_entra(jwks, keys.clone(), after, 2)]
            })
            .collect()
    }

    /// App 2's registration and the caller, in Microsoft Graph.
    pub(super) fn after_a_refusal(&self, resource: Option<&ChosenResource>, asks: bool) -> Vec<Planned> {
        let base = self.prepared.inputs.graph();
        if !asks || !self.stays_home(base) {
            return Vec::new();
        }
        let own = resource.and_then(|resource| client_id_of(&resource.value)).unwrap_or(CLIENT_ID.1);
        let when = When::AnythingRefused;
        let get = |purpose, path: String| Planned {
            url: format!("{base}/v1.0{path}"),
            to: Recipient::Graph,
            carries: vec![Carried::GraphToken],
            when,
            ..planned(purpose)
        };
        // Asked for together with App 2's token, where it can be needed.
        let is_early = self.may_need_graph() && !self.is_another_api(resource);
        let asked = match resource {
            None if is_early => When::ResourceFound,
            Some(resource) if is_early && client_id_of(&resource.value).is_some() => When::Always,
            _ => when,
        };
        let mut requests = self.token_requests(Purpose::TokenForGraph, self.prepared.inputs.cloud.graph(), asked);
        requests.extend([
            get(Purpose::GraphResourcePrincipal, format!("/servicePrincipals(appId='{own}')")),
            get(Purpose::GraphApplication, format!("/applications(appId='{own}')")),
            get(Purpose::GraphCaller, "/servicePrincipals/<the caller's object ID>".to_owned()),
            get(Purpose::GraphAssignments, "/servicePrincipals/<the caller's object ID>/appRoleAssignments".to_owned()),
            get(Purpose::GraphListedIds, format!("/servicePrincipals?$select=id,appId&$filter={LISTED}")),
        ]);
        requests
    }
}
