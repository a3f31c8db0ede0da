//! The resource and the token for it, and the experiments after a refusal.

use tokio::sync::OnceCell;
use url::Url;

use crate::case::auth_settings::AuthSettings;
use crate::case::challenge::Challenge;
use crate::case::exchange::Purpose;
use crate::case::observation::Observation;
use crate::case::resource::{ChosenResource, ResourceSource, client_id_of, is_guid, well_known};
use crate::case::step::StepId;
use crate::case::token::{AcquiredToken, DecodedToken};
use crate::probe::http::{Reply, Request};
use crate::probe::{Again, entra};

use super::{Held, Plan};

impl Plan<'_> {
    pub(super) async fn token(&self, again: Option<&Again>, anonymous: &OnceCell<Option<Reply>>) -> Option<Held> {
        if self.from > StepId::Token {
            let token = self.prepared.remembered()?;
            let decoded = DecodedToken::decode(token.expose());
            return Some(Held {
                token,
                decoded,
                resource: again.and_then(|again| again.kept.resource.clone()),
            });
        }
        let given = self.prepared.token.is_some();
        let resource = match again.and_then(|again| again.kept.resource.clone()) {
            Some(resource) => Some(resource),
            None => self.resource(given, anonymous).await,
        };
        self.settle(StepId::Scope);
        if resource.is_none() && !given {
            self.http.leave_out(Purpose::Token, "the resource is not known");
            return None;
        }
        let asked_for = resource
            .as_ref()
            .map(|resource| resource.value.clone())
            .unwrap_or_default();
        if well_known::api(&asked_for).is_some() && !given {
            self.http.leave_out(
                Purpose::Token,
                "the resource is another API's, whose token could not be sent to App 2",
            );
            return None;
        }
        let (issued, ()) = tokio::join!(
            self.credential.token(Purpose::Token, &asked_for),
            self.credential.compare_proxy_ways(&asked_for)
        );
        let Some(issued) = issued else {
            self.experiments(&asked_for, anonymous).await;
            return None;
        };
        self.http.learn(issued.token.expose());
        self.prepared.remember(&issued.token);
        let decoded = DecodedToken::decode(issued.token.expose());
        self.http.tell(Observation::Token(Box::new(AcquiredToken {
            source: self.credential.choice.source.clone(),
            resource: (!given).then_some(asked_for),
            response: issued.response,
            decoded: decoded.clone(),
            signature: None,
        })));
        Some(Held {
            token: issued.token,
            decoded,
            resource,
        })
    }

    /// The resource: given, else what App 2's own answers name, else what its settings say.
    pub(super) async fn resource(
        &self,
        token_given: bool,
        anonymous: &OnceCell<Option<Reply>>,
    ) -> Option<ChosenResource> {
        let inputs = &self.prepared.inputs;
        let chosen = match &inputs.resource {
            Some(given) => {
                let source = if inputs.resource_from_environment {
                    ResourceSource::Environment
                } else {
                    ResourceSource::Option
                };
                Some(ChosenResource::from_given(given, source))
            }
            None if token_given => None,
            None => self.discovered(anonymous).await,
        };
        if let Some(resource) = &chosen {
            self.http.tell(Observation::Resource(resource.clone()));
        }
        chosen
    }

    pub(super) async fn discovered(&self, anonymous: &OnceCell<Option<Reply>>) -> Option<ChosenResource> {
        let named = |value: String, source| {
            Some(ChosenResource {
                value,
                given: None,
                source,
            })
        };
        let reply = anonymous.get_or_init(|| self.anonymous()).await;
        // App 2 may name its own client id, and nothing else: a token for whatever an answer names could be stolen so.
        if let Some(id) = reply
            .as_ref()
            .and_then(challenge)
            .and_then(|challenge| challenge.resource_id().map(str::to_owned))
            .filter(|id| is_an_apps(id))
        {
            return named(id, ResourceSource::Challenge);
        }
        if let Some(id) = reply.as_ref().and_then(login_client_id) {
            return named(id, ResourceSource::Challenge);
        }
        let from_file = self
            .prepared
            .settings
            .iter()
            .filter_map(|reading| reading.outcome.as_deref().ok())
            .find_map(client_id);
        let from_settings = match from_file {
            Some(id) => Some(id),
            None => self
                .settings
                .get_or_init(|| self.read_settings())
                .await
                .as_ref()
                .and_then(client_id),
        };
        if let Some(id) = from_settings {
            return named(id, ResourceSource::Settings);
        }
        let target = self.target.as_ref()?;
        if let Some(id) = target.login().await.as_ref().and_then(login_client_id) {
            return named(id, ResourceSource::Challenge);
        }
        let uri = metadata_resource(&target.metadata().await?)?;
        named(uri, ResourceSource::Metadata)
    }

    /// After a refusal: the same identity for a resource that always exists, for the bare client id, and for one that
    /// cannot exist; and the other way around a proxy.
    pub(super) async fn experiments(&self, asked_for: &str, anonymous: &OnceCell<Option<Reply>>) {
        if !self.credential.can_ask() {
            return;
        }
        let bare = client_id_of(asked_for).map(str::to_owned).or_else(|| {
            let reply = anonymous.get().and_then(Option::as_ref)?;
            challenge(reply)?.resource_id().map(str::to_owned)
        });
        let bare = bare.filter(|id| !id.eq_ignore_ascii_case(asked_for));
        let nonsense = uuid::Uuid::new_v4().to_string();
        tokio::join!(
            self.manager_token(),
            async {
                if let Some(id) = &bare {
                    self.credential.token(Purpose::TokenForBareClientId, id).await;
                }
            },
            self.credential.token(Purpose::TokenForNonsense, &nonsense),
            self.authority_within_reach(),
            self.registration(client_id_of(asked_for), None, anonymous),
        );
    }

    /// Asks the authority for its public metadata: after an opaque refusal, silence here speaks for blocked egress.
    pub(super) async fn authority_within_reach(&self) {
        let Ok(authority) = entra::authority(&self.prepared.inputs, &self.credential.environment) else {
            return;
        };
        let address = format!("{authority}/common/v2.0/.well-known/openid-configuration");
        if self.stays_home(&authority)
            && let Ok(url) = Url::parse(&address)
        {
            self.http.send(Request::get(Purpose::MetadataV2, url)).await;
        }
    }
}

/// Whether an id that an answer of App 2 names can be a registration's own: a GUID, and no well-known API's.
fn is_an_apps(id: &str) -> bool {
    is_guid(id) && well_known::api(id).is_none()
}

fn client_id(settings: &AuthSettings) -> Option<String> {
    settings.entra_enabled().and_then(|entra| entra.client_id.clone())
}

pub(super) fn challenge(reply: &Reply) -> Option<Challenge> {
    let answer = reply.exchange.answer()?;
    Challenge::bearer(answer.headers_named("www-authenticate"))
}

/// `client_id` of a redirect to the sign-in page.
fn login_client_id(reply: &Reply) -> Option<String> {
    let url = Url::parse(reply.exchange.answer()?.header("location")?).ok()?;
    let id = url
        .query_pairs()
        .find(|(name, _)| name == "client_id")
        .map(|(_, value)| value.into_owned())?;
    is_an_apps(&id).then_some(id)
}

/// The Application ID URI in the scopes of the protected-resource metadata.
fn metadata_resource(reply: &Reply) -> Option<String> {
    let json = reply.json().filter(|_| reply.status() == Some(200))?;
    let scope = json.get("scopes_supported")?.as_array()?.first()?.as_str()?;
    scope
        .rsplit_once('/')
        .map(|(resource, _)| resource.to_owned())
        .filter(|resource| client_id_of(resource).is_some_and(is_an_apps))
}
