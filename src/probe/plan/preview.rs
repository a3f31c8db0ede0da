//! The plan as a list, for somebody who wants to know beforehand. Nothing is sent to make it.

use crate::case::may_send::Refusal;
use crate::case::resource::{ChosenResource, well_known};
use crate::case::token::DecodedToken;
use crate::probe::entra;
use crate::probe::preview::Preview;

use super::Plan;
use entry::shown_target;

mod app_2;
mod azure;
mod entry;
mod tokens;

impl Plan<'_> {
    /// What this run would send.
    pub(super) fn preview(&self) -> Preview {
        let given = self
            .prepared
            .token
            .as_ref()
            .map(|token| DecodedToken::decode(token.expose()));
        let withheld = given.as_ref().and_then(|token| self.surely_withheld(token));
        let resource = self.given_resource();
        let mut requests = self.without_a_token();
        requests.extend(self.of_resource_manager());
        let asks = given.is_none() && self.credential.can_ask();
        if asks {
            requests.extend(self.for_the_token(resource.as_ref()));
        }
        if given.is_some() || asks && !self.is_another_api(resource.as_ref()) {
            requests.extend(self.of_the_signature(given.as_ref()));
            if withheld.is_none() {
                requests.extend(self.with_the_token(resource.as_ref(), asks));
            }
            requests.extend(self.after_a_refusal(resource.as_ref(), asks));
        }
        Preview {
            target: self.target.as_ref().map(|target| shown_target(&target.url)),
            credential: self.credential.choice.source.kind().name(),
            resource: resource.map(|resource| resource.value),
            withheld,
            requests,
        }
    }

    /// Why a given token stays here whatever App 2 answers.
    fn surely_withheld(&self, token: &DecodedToken) -> Option<Refusal> {
        let refusal = self.decide_by_now(token, None).err()?;
        let open = matches!(refusal, Refusal::Unnamed { .. } | Refusal::Contradicted { .. });
        (!open).then_some(refusal)
    }

    pub(super) fn is_another_api(&self, resource: Option<&ChosenResource>) -> bool {
        resource.is_some_and(|resource| {
            well_known::api(&resource.value).is_some() && !self.wants_token_for(&resource.value)
        })
    }

    /// The authority in use, where this run may ask it.
    pub(super) fn authority_at_hand(&self) -> Option<String> {
        entra::authority(&self.prepared.inputs, &self.credential.environment)
            .ok()
            .filter(|authority| self.stays_home(authority))
    }
}
