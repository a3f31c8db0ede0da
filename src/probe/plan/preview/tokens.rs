//! The requests for tokens.

use crate::case::credential::CredentialSource;
use crate::case::exchange::Purpose;
use crate::case::inputs::IdentitySelector;
use crate::case::resource::{ChosenResource, client_id_of, without_last_part};
use crate::case::shown::address;
use crate::probe::entra::{self, azure_cli};
use crate::probe::http::{HeaderText, Request};
use crate::probe::managed_identity::{self, Asked};
use crate::probe::plan::Plan;
use crate::probe::preview::{Carried, Planned, Recipient, When};

use super::entry::{CLIENT_ID, RANDOM, planned, shown, to_entra};

impl Plan<'_> {
    /// The token for App 2, and the experiments after a refusal.
    pub(super) fn for_the_token(&self, resource: Option<&ChosenResource>) -> Vec<Planned> {
        if self.is_another_api(resource) || resource.is_none() && self.target.is_none() {
            return Vec::new();
        }
        let (name, when) = match resource {
            Some(resource) => (resource.value.as_str(), When::Always),
            None => (CLIENT_ID.0, When::ResourceFound),
        };
        let mut requests = self.token_requests(Purpose::Token, name, when);
        requests.extend(self.through_the_proxy(name, when));
        if self.managed_app().is_err() {
            let manager = self.prepared.inputs.cloud.resource_manager();
            requests.extend(self.token_requests(Purpose::TokenForResourceManager, manager, When::TokenRefused));
        }
        let bare = client_id_of(name).unwrap_or(CLIENT_ID.0);
        if bare != name {
            let purpose = Purpose::TokenForBareClientId;
            requests.extend(self.token_requests(purpose, bare, When::AnythingRefused));
            if self.credential.is_managed() {
                requests.extend(self.token_requests(Purpose::TokenAgain, name, When::TokenRefused));
            }
        }
        if let Some(base) = without_last_part(name) {
            requests.extend(self.token_requests(Purpose::TokenWithoutLastPart, base, When::TokenRefused));
        }
        requests.extend(self.token_requests(Purpose::TokenForNonsense, RANDOM.0, When::TokenRefused));
        if self.credential.asked_unselected().is_some() {
            let manager = self.prepared.inputs.cloud.resource_manager();
            requests.extend(self.token_requests(Purpose::TokenUnselected, manager, When::TokenRefused));
        }
        if let Some(authority) = self.authority_at_hand() {
            let url = format!("{authority}/common/v2.0/.well-known/openid-configuration");
            requests.push(to_entra(Purpose::MetadataV2, url, When::TokenRefused, 1));
        }
        requests
    }

    /// The requests for one token by the credential in use.
    pub(super) fn token_requests(&self, purpose: Purpose, resource: &str, when: When) -> Vec<Planned> {
        let of_entra = |carried| {
            let url = entra::token_endpoint(&self.credential).ok()?;
            self.credential.client_id()?;
            let form = Request::get(purpose.clone(), url).form(&[]);
            Some((vec![form], Recipient::Entra, Some(carried), 1))
        };
        let planned_requests = match &self.credential.choice.source {
            CredentialSource::ManagedIdentity(platform) => {
                let requests = managed_identity::planned(*platform, &self.asked(resource, purpose.clone()));
                Some((requests, Recipient::IdentityEndpoint, None, managed_identity::attempts(&purpose)))
            }
            CredentialSource::ClientSecret => of_entra(Carried::ClientSecret),
            CredentialSource::ClientCertificate => {
                let twice = |(requests, to, carried, _)| (requests, to, carried, 2);
                of_entra(Carried::ClientAssertion).map(twice)
            }
            CredentialSource::WorkloadIdentity => of_entra(Carried::FederatedToken),
            CredentialSource::AzureCli => {
                return vec![Planned {
                    method: "RUN".to_owned(),
                    url: azure_cli::COMMAND.to_owned(),
                    to: Recipient::AzureCli,
                    asks_for: Some(shown(resource)),
                    when,
                    ..planned(purpose)
                }];
            }
            CredentialSource::Token | CredentialSource::Unavailable => None,
        };
        let Some((requests, to, carried, at_most)) = planned_requests else {
            return Vec::new();
        };
        requests
            .into_iter()
            .map(|request| Planned {
                url: shown(&address::own(request.url.as_str())),
                method: request.method.clone(),
                to,
                asks_for: Some(shown(resource)),
                carries: carried.clone().into_iter().chain(identity_secrets(&request)).collect(),
                when,
                at_most,
                ..planned(request.purpose)
            })
            .collect()
    }

    fn asked<'b>(&'b self, resource: &'b str, purpose: Purpose) -> Asked<'b> {
        let unselected = purpose == Purpose::TokenUnselected;
        Asked {
            environment: &self.credential.environment,
            selector: if unselected { &IdentitySelector::System } else { &self.credential.selector },
            resource,
            purpose,
            trial: self.prepared.variables.is_some(),
        }
    }

    /// The same request through the proxy that would capture it, without its secret.
    fn through_the_proxy(&self, resource: &str, when: When) -> Vec<Planned> {
        let CredentialSource::ManagedIdentity(platform) = self.credential.choice.source else {
            return Vec::new();
        };
        let asked = self.asked(resource, Purpose::TokenOtherProxyWay);
        let captured = managed_identity::is_captured_by_proxy(self.http, platform, &asked);
        let request = managed_identity::through_proxy(platform, &asked).filter(|_| captured);
        let through = request.map(|request| Planned {
            url: shown(&address::own(request.url.as_str())),
            method: request.method,
            to: Recipient::Proxy,
            asks_for: Some(shown(resource)),
            when,
            ..planned(Purpose::TokenOtherProxyWay)
        });
        through.into_iter().collect()
    }
}

/// The secret that a request to the identity endpoint has in a header.
fn identity_secrets(request: &Request) -> Option<Carried> {
    let hidden = |(_, text): &&(String, HeaderText)| matches!(text, HeaderText::Hidden(_));
    let (name, _) = request.headers.iter().find(hidden)?;
    Some(if name == "Authorization" { Carried::ArcKey } else { Carried::IdentityHeader })
}
