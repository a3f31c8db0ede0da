//! The resource and the token for it, and the experiments after a refusal.

use url::Url;

use crate::case::exchange::Purpose;
use crate::case::ids::ClientId;
use crate::case::inputs::IdentitySelector;
use crate::case::observation::Observation;
use crate::case::resource::{
    ChosenResource, Likeness, ResourceSource, client_id_of, likeness, well_known, without_last_part,
};
use crate::case::step::StepId;
use crate::case::token::{AcquiredToken, DecodedToken};
use crate::probe::entra;
use crate::probe::http::Request;

use super::names::challenged;
use super::{Held, Plan};

impl Plan<'_> {
    pub(super) async fn token(&self) -> Option<Held> {
        let given = self.prepared.token.is_some();
        let kept = self.kept.and_then(|kept| kept.resource.clone());
        if self.from > StepId::Token {
            let token = self.prepared.remembered()?;
            let decoded = DecodedToken::decode(token.expose());
            return Some(Held { token, decoded, asked: kept.filter(|_| !given) });
        }
        let resource = match kept {
            Some(resource) => Some(resource),
            None => self.resource(given).await,
        };
        self.settle(StepId::Scope);
        if resource.is_none() && !given {
            self.http.leave_out(Purpose::Token, "the resource is unknown");
            return None;
        }
        let asked_for = resource.as_ref().map(|resource| resource.value.clone()).unwrap_or_default();
        if let Some(api) = well_known::api(&asked_for).filter(|_| !given && !self.wants_token_for(&asked_for)) {
            let reason = format!("the resource is {api}, whose token isn't sent to App 2 without --send-token-for");
            self.http.leave_out(Purpose::Token, reason);
            return None;
        }
        self.early.begin(resource.clone().filter(|_| !given));
        let (issued, ()) = tokio::join!(
            self.credential.token(Purpose::Token, &asked_for),
            self.credential.compare_proxy_ways(&asked_for)
        );
        let Some(issued) = issued else {
            self.experiments(&asked_for).await;
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
        Some(Held { token: issued.token, decoded, asked: resource.filter(|_| !given) })
    }

    /// Whether the user requests a token for this very name to be sent (`--send-token-for`).
    pub(super) fn wants_token_for(&self, resource: &str) -> bool {
        let wanted = self.prepared.inputs.send_token_for.as_deref();
        wanted.is_some_and(|wanted| likeness(wanted, resource) != Likeness::Different)
    }

    /// The resource that the user gave.
    pub(super) fn given_resource(&self) -> Option<ChosenResource> {
        let inputs = &self.prepared.inputs;
        let source =
            if inputs.resource_from_environment { ResourceSource::Environment } else { ResourceSource::Option };
        let given = inputs.resource.as_deref()?;
        Some(ChosenResource::from_given(given, source))
    }

    /// The resource: given, else discovered.
    async fn resource(&self, token_given: bool) -> Option<ChosenResource> {
        let chosen = match self.given_resource() {
            Some(given) => Some(given),
            None if token_given => None,
            None => self.discovered().await,
        };
        if let Some(resource) = &chosen {
            self.http.tell(Observation::Resource(resource.clone()));
        }
        chosen
    }

    /// After a refusal: the same identity for a resource that always exists, for the bare client ID, and for one that
    /// cannot exist; and the other way around a proxy.
    async fn experiments(&self, asked_for: &str) {
        if !self.credential.can_ask() {
            return;
        }
        let asked = self.anonymous.get().and_then(Option::as_ref).map(|reply| &reply.exchange);
        let challenged = || asked.or(self.without_token_before()).and_then(challenged);
        let own = client_id_of(asked_for).map(ClientId::new).or_else(challenged);
        let bare = own.as_ref().map(ClientId::as_str);
        let bare = bare.filter(|id| !id.eq_ignore_ascii_case(asked_for));
        let nonsense = uuid::Uuid::new_v4().to_string();
        let decisive = async {
            tokio::join!(
                self.manager_token(),
                async {
                    if let Some(id) = bare {
                        let issued = self.credential.token(Purpose::TokenForBareClientId, id).await;
                        // The endpoint may only have failed for a moment.
                        if issued.is_some() && self.credential.is_managed() {
                            self.credential.token(Purpose::TokenAgain, asked_for).await;
                        }
                    }
                },
                async {
                    if let Some(base) = without_last_part(asked_for) {
                        self.credential.token(Purpose::TokenWithoutLastPart, base).await;
                    }
                },
                self.credential.token(Purpose::TokenForNonsense, &nonsense),
                self.unselected(),
                // How long it is silent is what it says of blocked egress.
                self.authority_within_reach(),
            );
            self.decide(true);
        };
        tokio::join!(decisive, self.registration(own.as_ref(), None));
    }

    /// Asks for the identity that is used where none is selected, and tells that it is the caller where its own ID is
    /// what selects it.
    async fn unselected(&self) {
        let Some(issued) = self.credential.unselected().await else {
            return;
        };
        let decoded = DecodedToken::decode(issued.token.expose());
        let is_selected = match &self.credential.selector {
            IdentitySelector::ClientId(id) => decoded.caller_client_id().is_some_and(|own| own.matches(id)),
            IdentitySelector::ObjectId(id) => decoded.object_id().is_some_and(|own| own.matches(id)),
            _ => false,
        };
        if is_selected {
            self.introduce(&issued.token);
        }
    }

    /// Asks the authority for its public metadata: after an opaque refusal, silence here speaks for blocked egress.
    async fn authority_within_reach(&self) {
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
