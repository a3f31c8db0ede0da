//! A token by the chosen credential: the one entrance for every probe that needs one.

use crate::case::credential::{self, CredentialSource};
use crate::case::exchange::Purpose;
use crate::case::inputs::IdentitySelector;

use super::credential::{Credential, Issued, issued};
use super::entra;
use super::managed_identity::{self, Asked};

impl Credential<'_> {
    /// Asks for a token. `None`: refused or failed; the exchanges tell.
    pub async fn token(&self, purpose: Purpose, resource: &str) -> Option<Issued> {
        let is_placeholder = credential::placeholder(&self.environment, &self.prepared.inputs).is_some();
        match &self.choice.source {
            CredentialSource::ManagedIdentity(_) if is_placeholder => {
                self.incomplete(purpose, "AZURE_CLIENT_ID is a placeholder, which selects no identity")
            }
            CredentialSource::ManagedIdentity(platform) => {
                let asked = Asked {
                    environment: &self.environment,
                    selector: &self.selector,
                    resource,
                    purpose,
                    trial: self.prepared.variables.is_some(),
                };
                issued(&managed_identity::ask(self.http, *platform, asked).await?)
            }
            CredentialSource::ClientSecret => entra::with_secret(self, purpose, resource).await,
            CredentialSource::ClientCertificate => entra::with_certificate(self, purpose, resource).await,
            CredentialSource::WorkloadIdentity => entra::with_federated_token(self, purpose, resource).await,
            CredentialSource::AzureCli => entra::azure_cli::token(self, purpose, resource).await,
            CredentialSource::Token => self.prepared.token.clone().map(|token| Issued { token, response: Vec::new() }),
            CredentialSource::Unavailable => {
                self.http.leave_out(purpose, "no credential is available here");
                None
            }
        }
    }

    /// The managed identity that is used where none is selected, for a resource that always exists: an identity that is
    /// selected by its ID may be this one, which can't be selected.
    pub async fn unselected(&self) -> Option<Issued> {
        let CredentialSource::ManagedIdentity(platform) = self.choice.source else {
            return None;
        };
        let asked = self.asked_unselected()?;
        issued(&managed_identity::ask(self.http, platform, asked).await?)
    }

    /// The request of [`Self::unselected`]; `None` where no ID selects the identity.
    pub fn asked_unselected(&self) -> Option<Asked<'_>> {
        let is_by_id = match &self.selector {
            IdentitySelector::ClientId(id) => id.is_guid(),
            IdentitySelector::ObjectId(id) => id.is_guid(),
            _ => false,
        };
        let is_placeholder = credential::placeholder(&self.environment, &self.prepared.inputs).is_some();
        (is_by_id && !is_placeholder).then(|| Asked {
            environment: &self.environment,
            selector: &IdentitySelector::System,
            resource: self.prepared.inputs.cloud.resource_manager(),
            purpose: Purpose::TokenUnselected,
            trial: self.prepared.variables.is_some(),
        })
    }

    /// The same request past or through the proxy, where one would capture the identity endpoint.
    pub async fn compare_proxy_ways(&self, resource: &str) {
        let CredentialSource::ManagedIdentity(platform) = self.choice.source else {
            return;
        };
        let asked = Asked {
            environment: &self.environment,
            selector: &self.selector,
            resource,
            purpose: Purpose::TokenOtherProxyWay,
            trial: self.prepared.variables.is_some(),
        };
        if credential::placeholder(&self.environment, &self.prepared.inputs).is_none()
            && managed_identity::is_captured_by_proxy(self.http, platform, &asked)
        {
            managed_identity::ask_through_proxy(self.http, platform, asked).await;
        }
    }
}
