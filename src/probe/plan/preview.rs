//! The plan as a list, for somebody who needs it beforehand. Nothing is sent to make it.

use crate::case::credential::CredentialSource;
use crate::case::exchange::Purpose;
use crate::case::may_send::Refusal;
use crate::case::resource::{ChosenResource, well_known};
use crate::case::token::DecodedToken;
use crate::probe::entra;
use crate::probe::preview::{Planned, Preview};

use super::Plan;
use entry::shown_target;

mod app_2;
mod azure;
mod entry;
mod tokens;

impl Plan<'_> {
    /// What this run would send.
    pub(super) fn preview(&self) -> Preview {
        let given = self.prepared.token.as_ref().map(|token| DecodedToken::decode(token.expose()));
        let withheld = given.as_ref().and_then(|token| self.surely_withheld(token));
        let resource = self.given_resource();
        let mut requests = self.without_a_token();
        requests.extend(self.of_resource_manager());
        let asks = given.is_none() && self.credential.can_ask();
        if asks {
            requests.extend(self.for_the_token(resource.as_ref()));
        }
        let gets_one = requests.iter().any(|request| request.purpose == Purpose::Token);
        if given.is_some() || gets_one {
            requests.extend(self.of_the_signature(given.as_ref()));
            if withheld.is_none() {
                requests.extend(self.with_the_token(resource.as_ref(), asks));
            }
            requests.extend(self.after_a_refusal(resource.as_ref(), asks));
        }
        Preview {
            target: self.target.as_ref().map(|target| shown_target(&target.url)),
            credential: match &self.credential.choice.source {
                CredentialSource::Unavailable => "none",
                source => source.kind().name(),
            },
            resource: resource.as_ref().map(|resource| resource.value.clone()),
            withheld,
            no_token: given.is_none().then(|| self.why_no_token(resource.as_ref(), &requests)).flatten(),
            requests,
        }
    }

    /// Why a given token stays here whatever App 2 answers.
    fn surely_withheld(&self, token: &DecodedToken) -> Option<Refusal> {
        let refusal = self.decide_by_now(token, None).err()?;
        let open = matches!(refusal, Refusal::Unnamed { .. } | Refusal::Contradicted { .. });
        (!open).then_some(refusal)
    }

    /// Why no token for App 2 is requested.
    fn why_no_token(&self, resource: Option<&ChosenResource>, requests: &[Planned]) -> Option<String> {
        if requests.iter().any(|request| request.purpose == Purpose::Token) {
            return None;
        }
        let api = resource.and_then(|resource| well_known::api(&resource.value));
        let missing = &self.credential.choice.missing;
        Some(match api.filter(|_| self.is_another_api(resource)) {
            Some(api) => format!("the resource is {api}, and its token isn't sent to App 2"),
            None if missing.is_empty() => "this machine has no credential that can request one".to_owned(),
            None => format!("the credential is incomplete ({})", missing.join(", ")),
        })
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
