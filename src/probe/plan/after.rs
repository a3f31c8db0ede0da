//! What is asked once the token is there: its signature, the call, the other audience, the registration.

use crate::case::auth_settings::{AuthSettings, EntraProvider, SettingsReading};
use crate::case::exchange::{Exchange, Purpose};
use crate::case::ids::{ClientId, ObjectId};
use crate::case::may_send::Decision;
use crate::case::observation::Observation;
use crate::case::resource::{ChosenResource, ResourceSource, client_id_of, well_known};
use crate::case::step::StepId;
use crate::case::token::{DecodedToken, SignatureVerdict};
use crate::probe::credential::Issued;
use crate::probe::graph::Graph;
use crate::probe::http::Reply;
use crate::probe::target::Target;
use crate::probe::{entra, signature};

use super::names::challenged;
use super::{Held, Plan};

impl Plan<'_> {
    pub(super) async fn with_token(&self, held: &Held) {
        let signature = async {
            if self.from <= StepId::Claims {
                let verdict = self.signature(held).await;
                self.http.tell(Observation::Signature(verdict));
                self.settle(StepId::Claims);
            }
        };
        tokio::join!(signature, self.call(held));
    }

    pub(super) async fn signature(&self, held: &Held) -> SignatureVerdict {
        match entra::authority(&self.prepared.inputs, &self.credential.environment) {
            Ok(authority) if self.stays_home(&authority) => {
                let early = match held.decoded.tenant() {
                    Some(tenant) => self.known_metadata(&tenant, signature::version(&held.decoded)).await,
                    None => None,
                };
                signature::verify(self.http, &authority, &held.token, &held.decoded, early).await
            }
            Ok(_) => SignatureVerdict::NotChecked { reason: "App 2 is on loopback, but --authority isn't".to_owned() },
            Err(error) => SignatureVerdict::NotChecked { reason: error.to_string() },
        }
    }

    pub(super) async fn call(&self, held: &Held) {
        let Some(target) = &self.target else {
            self.http.leave_out(Purpose::CallWithToken, "there is no target");
            return;
        };
        let token = match self.clear(&held.token, &held.decoded, held.asked.as_ref()).await {
            Ok((token, permission)) => {
                self.http.tell(Observation::Decision(Decision::Sent(permission)));
                token
            }
            Err(refusal) => {
                self.http.leave_out(Purpose::CallWithToken, refusal.to_string());
                self.http.tell(Observation::Decision(Decision::Withheld(refusal)));
                return;
            }
        };
        let reply = target.call(&token).await;
        let status = reply.as_ref().and_then(Reply::status);
        // Easy Auth's action for what it refuses may be a 404.
        if status == Some(404) && self.without_token().await.and_then(Exchange::status) == status {
            self.other_audience(target, held, status).await;
        }
        if !matches!(status, Some(401 | 403)) {
            // Where the call was left out, the token's signature is the last thing to learn.
            if reply.is_some() {
                self.decide(status.is_none_or(|status| status >= 400));
            }
            // Whom Easy Auth saw explains every error.
            if status.is_some_and(|status| status >= 400) {
                target.me(&token, &self.api_prefix()).await;
            }
            return;
        }
        let (prefix, reply) = (self.api_prefix(), reply.as_ref());
        let caller = held.decoded.object_id();
        let own = held
            .asked
            .as_ref()
            .and_then(|resource| client_id_of(&resource.value))
            .or_else(|| held.decoded.list("aud").into_iter().find_map(client_id_of))
            .map(ClientId::new);
        tokio::join!(
            async {
                self.other_audience(target, held, status).await;
                self.decide(true);
                // What failed for a moment may work by the time another audience's token was tried.
                if let Some(reply) = reply {
                    target.call_again(&token, reply).await;
                }
            },
            target.me(&token, &prefix),
            async {
                // Whose URI it is, only App 2's registration shows.
                let own = match own {
                    None => self.client_id_of_app_2().await,
                    own => own,
                };
                self.registration(own.as_ref(), caller.as_ref()).await;
            },
            self.listed_ids(status)
        );
    }

    /// App 2's settings that are known by now and could be read, those that were given first; none of another app.
    fn known_settings(&self) -> impl Iterator<Item = &AuthSettings> {
        self.settings_of_app_2().filter_map(SettingsReading::settings)
    }

    /// The client ID of App 2's registration, by its settings.
    fn client_id_in_settings(&self) -> Option<ClientId> {
        self.known_settings()
            .filter_map(AuthSettings::entra_enabled)
            .find_map(|entra| entra.client_id.clone())
            .filter(ClientId::is_guid)
    }

    /// The client ID of App 2's registration, by its settings, else by its challenge.
    async fn client_id_of_app_2(&self) -> Option<ClientId> {
        if self.from <= StepId::Protection {
            self.managed_settings().await;
        }
        let known = match self.client_id_in_settings() {
            None => self.without_token().await.and_then(challenged),
            known => known,
        };
        known.filter(ClientId::is_guid)
    }

    /// App 2's answer to the request without a token, which may still be under way when the call has been answered. It
    /// is that of the run before in one that begins later.
    async fn without_token(&self) -> Option<&Exchange> {
        match self.from <= StepId::Protection {
            true => self.anonymous().await.map(|reply| &reply.exchange),
            false => self.without_token_before(),
        }
    }

    /// App 2's `apiPrefix`, where its settings are known by now.
    pub(super) fn api_prefix(&self) -> String {
        self.known_settings()
            .find_map(|settings| settings.api_prefix.clone())
            .filter(|prefix| prefix.starts_with('/'))
            .unwrap_or_else(|| "/.auth".to_owned())
    }

    /// A token for App 2's bare client ID, where the first one was for a URI and App 2 answered 401, or 404. The ID is
    /// that in the URI or in the token, else that in App 2's settings, else the one that App 2's response names.
    pub(super) async fn other_audience(&self, target: &Target<'_>, held: &Held, status: Option<u16>) {
        let Some(resource) =
            held.asked.as_ref().filter(|_| matches!(status, Some(401 | 404)) && self.credential.can_ask())
        else {
            return;
        };
        let of_the_resource = client_id_of(&resource.value).map(|id| (id.to_owned(), resource.source));
        let audiences = held.decoded.list("aud");
        let in_audience = || Some((audiences.iter().find_map(|name| client_id_of(name))?.to_owned(), resource.source));
        let in_settings = || Some((self.client_id_in_settings()?.to_string(), ResourceSource::Settings));
        let known = match of_the_resource.or_else(in_audience).or_else(in_settings) {
            None => {
                let named = self.without_token().await.and_then(challenged);
                named.map(|id| (id.to_string(), ResourceSource::Challenge))
            }
            known => known,
        };
        // The audience that the token has (v2 tokens) would ask the same question twice.
        let is_new = |id: &str| id != resource.value && !audiences.contains(&id) && well_known::api(id).is_none();
        let Some((bare, source)) = known.filter(|(id, _)| is_new(id)) else {
            return;
        };
        let Some(issued) = self.credential.token(Purpose::TokenForBareClientId, &bare).await else {
            return;
        };
        let decoded = DecodedToken::decode(issued.token.expose());
        self.http.learn(issued.token.expose());
        if decoded.list("aud") == audiences {
            return;
        }
        let asked = ChosenResource { value: bare, given: None, source };
        match self.clear(&issued.token, &decoded, Some(&asked)).await {
            Ok((token, _)) => target.call_other(&token).await,
            Err(refusal) => self.http.leave_out(Purpose::CallOtherAudience, refusal.to_string()),
        }
    }

    /// The token for Microsoft Graph, asked for once.
    pub(super) async fn graph_token(&self) -> Option<&Issued> {
        let resource = self.prepared.inputs.cloud.graph();
        let ask = self.credential.token(Purpose::TokenForGraph, resource);
        self.graph_token.get_or_init(|| ask).await.as_ref()
    }

    /// App 2's registration, after a refusal, where Graph may be asked.
    pub(super) async fn registration(&self, client_id: Option<&ClientId>, caller: Option<&ObjectId>) {
        let Some(client_id) = client_id else {
            return;
        };
        let base = self.prepared.inputs.graph().to_owned();
        if !self.stays_home(&base) || !self.credential.can_ask() {
            self.http.leave_out(Purpose::TokenForGraph, "Microsoft Graph isn't used in this run");
            return;
        }
        if let Some(issued) = self.graph_token().await {
            let graph = Graph { http: self.http, base, token: issued.token.clone() };
            let own = DecodedToken::decode(graph.token.expose()).object_id();
            graph.registration(client_id, caller.or(own.as_ref())).await;
        }
    }

    /// Which of the IDs in App 2's policy still exist, after a refusal that the policy can explain.
    async fn listed_ids(&self, status: Option<u16>) {
        if status != Some(403) || !self.may_need_graph() {
            return;
        }
        if self.from <= StepId::Protection {
            self.managed_settings().await;
        }
        let ids = self.known_settings().find_map(AuthSettings::entra_enabled).map(EntraProvider::listed_ids);
        let ids = ids.unwrap_or_default();
        if ids.is_empty() {
            return;
        }
        if let Some(issued) = self.graph_token().await {
            let base = self.prepared.inputs.graph().to_owned();
            Graph { http: self.http, base, token: issued.token.clone() }.listed(&ids).await;
        }
    }
}
