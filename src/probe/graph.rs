//! Microsoft Graph: App 2's registration and the caller's assignments, as far as the identity may read them.

use url::Url;

use crate::case::exchange::Purpose;
use crate::case::ids::{ClientId, ObjectId};
use crate::case::observation::Observation;
use crate::case::registration::Registration;
use crate::case::secret::Secret;

use super::http::{Http, Reply, Request};

/// Microsoft Graph, with a token for it.
#[derive(Debug, Clone)]
pub struct Graph<'a> {
    /// The sender.
    pub http: &'a Http,
    /// The base address.
    pub base: String,
    /// The token.
    pub token: Secret<String>,
}

impl Graph<'_> {
    async fn get(&self, purpose: Purpose, path: &str) -> Option<Reply> {
        let url = Url::parse(&format!("{}/v1.0{path}", self.base)).ok()?;
        Some(self.http.send(Request::get(purpose, url).bearer(&self.token)).await)
    }

    /// Reads App 2's registration by its client ID, and the caller by its object ID.
    pub async fn registration(&self, client_id: &ClientId, caller: Option<&ObjectId>) {
        if !client_id.is_guid() {
            return;
        }
        let principal_path = format!("/servicePrincipals(appId='{client_id}')");
        let application_path = format!("/applications(appId='{client_id}')");
        let caller = caller.filter(|id| id.is_guid());
        let (principal, application, of_caller, assignments) = tokio::join!(
            self.get(Purpose::GraphResourcePrincipal, &principal_path),
            self.get(Purpose::GraphApplication, &application_path),
            self.of_caller(Purpose::GraphCaller, caller, ""),
            self.of_caller(Purpose::GraphAssignments, caller, "/appRoleAssignments"),
        );
        let mut registration = Registration::default();
        let mut take = |reply: Option<Reply>, what: &str, read: fn(&mut Registration, &serde_json::Value) -> bool| {
            let Some(reply) = reply else { return };
            if reply.exchange.was_not_waited_for() {
                return;
            }
            let taken =
                reply.json().filter(|_| reply.status() == Some(200)).is_some_and(|json| read(&mut registration, &json));
            if !taken {
                let status = reply.status().map_or_else(|| "no response".to_owned(), |status| status.to_string());
                registration.unreadable.push(format!("{what} ({status})"));
            }
        };
        take(principal, "App 2's service principal", Registration::take_resource_principal);
        take(application, "App 2's application", Registration::take_application);
        take(of_caller, "the caller's service principal", Registration::take_caller);
        take(assignments, "the caller's app role assignments", Registration::take_assignments);
        self.http.tell(Observation::Registration(Box::new(registration)));
    }

    /// Which of these IDs the tenant's service principals have, as client ID or object ID.
    pub async fn listed(&self, ids: &[String]) {
        let quoted: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        let list = quoted.join(",");
        let path = format!("/servicePrincipals?$select=id,appId&$filter=appId in ({list}) or id in ({list})");
        self.get(Purpose::GraphListedIds, &path).await;
    }

    async fn of_caller(&self, purpose: Purpose, caller: Option<&ObjectId>, rest: &str) -> Option<Reply> {
        self.get(purpose, &format!("/servicePrincipals/{}{rest}", caller?)).await
    }
}
