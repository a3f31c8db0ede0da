//! What is asked together with App 2's token, because it is needed right after it.
//!
//! - the authority's metadata in both forms, where no resource is given and App 2's challenge or login redirect names
//!   the tenant;
//! - the token for Microsoft Graph, where the resource is a client ID or contains one, so that App 2's registration can
//!   be found.

use tokio::sync::OnceCell;

use crate::case::ids::TenantId;
use crate::case::issuer::Version;
use crate::case::resource::{ChosenResource, client_id_of};
use crate::case::target_names;
use crate::probe::entra::{self, metadata};
use crate::probe::http::Reply;

use super::{Early, Plan};

impl Early {
    /// App 2's token is asked for now.
    pub(super) fn begin(&self, resource: Option<ChosenResource>) {
        if let Some(resource) = resource {
            // It is asked for once in a run.
            let _ = self.resource.set(resource);
        }
        self.begun.cancel();
    }

    /// It is not asked for, or no longer.
    pub(super) fn never(&self) {
        self.begun.cancel();
    }
}

impl Plan<'_> {
    /// Asks what is needed right after the token.
    pub(super) async fn early(&self) {
        self.early.begun.cancelled().await;
        let Some(resource) = self.early.resource.get() else {
            return;
        };
        let graph = async {
            if self.may_need_graph() && client_id_of(&resource.value).is_some() {
                self.graph_token().await;
            }
        };
        let tenant = self.tenant_in_answers();
        let metadata = async {
            if let Some(tenant) = &tenant {
                tokio::join!(self.early_metadata(tenant, Version::V1), self.early_metadata(tenant, Version::V2));
            }
        };
        tokio::join!(graph, metadata);
    }

    /// Whether App 2 will be called, and Microsoft Graph can explain why it rejects the call.
    pub(super) fn may_need_graph(&self) -> bool {
        let inputs = &self.prepared.inputs;
        let calls = !inputs.changes_state() || inputs.confirmed;
        self.target.is_some() && calls && self.credential.can_ask() && self.stays_home(inputs.graph())
    }

    /// The tenant that App 2's challenge or login redirect names; where a resource is given, the token comes first.
    fn tenant_in_answers(&self) -> Option<TenantId> {
        if self.given_resource().is_some() {
            return None;
        }
        let answer = |cell: &'_ OnceCell<Option<Reply>>| cell.get()?.as_ref()?.exchange.answer().cloned();
        let challenged = answer(&self.anonymous).and_then(|answer| {
            let challenge = answer.bearers().easy_auths.as_ref()?;
            Some(TenantId::new(challenge.tenant_hint()?))
        });
        let of_login = || target_names::sign_in_tenant(&answer(&self.login)?).map(TenantId::new);
        challenged.filter(TenantId::is_guid).or_else(of_login)
    }

    async fn early_metadata(&self, tenant: &TenantId, version: Version) -> Option<&Reply> {
        let cell = match version {
            Version::V1 => &self.early.v1,
            Version::V2 => &self.early.v2,
        };
        let ask = async {
            let authority = entra::authority(&self.prepared.inputs, &self.credential.environment).ok()?;
            if !self.stays_home(&authority) {
                return None;
            }
            metadata::ask(self.http, &authority, tenant, version).await
        };
        cell.get_or_init(|| ask).await.as_ref()
    }

    /// The metadata of the token's tenant, where it was asked for before the token was there.
    pub(super) async fn known_metadata(&self, tenant: &TenantId, version: Version) -> Option<&Reply> {
        self.early.resource.get()?;
        let early = self.tenant_in_answers()?;
        let is_same = early.as_str().eq_ignore_ascii_case(tenant.as_str());
        if is_same { self.early_metadata(&early, version).await } else { None }
    }
}
