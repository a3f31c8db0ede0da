//! App 1 and its identity: what its variables, its token, and the options of the run say of them together.

use super::Case;
use super::credential;
use super::ids::{ClientId, ObjectId};
use super::inputs::{CredentialKind, IdentitySelector};
use super::platform::Platform;
use super::resource_id::{Parts, is_production};
use super::secret::REDACTED;
use super::shown::variables::has_its_form;
use super::token::DecodedToken;

impl Case {
    /// A variable of App 1's whose value is what its name says. Another one is hidden in a saved case, and in commands.
    #[must_use]
    pub fn own_variable(&self, name: &str) -> Option<&str> {
        let value = self.environment.as_ref()?.text(name)?;
        (value != REDACTED && has_its_form(name, value)).then_some(value)
    }

    /// The managed identity that App 1 has and doesn't use, because the variables of a service principal come first:
    /// the platform of its endpoint.
    #[must_use]
    pub fn shadowed_identity(&self) -> Option<Platform> {
        let is_by_variables = self.inputs.credential == CredentialKind::Auto;
        self.credential_source().filter(|source| is_by_variables && source.is_service_principal())?;
        credential::own_endpoint(self.environment.as_ref()?)
    }

    /// The kind of App 1's host: by its variables, else by what the token names.
    #[must_use]
    pub fn caller_host(&self) -> Option<&'static str> {
        let by_variables = self.environment.as_ref().and_then(credential::host);
        by_variables.or_else(|| credential::host_of_resource(self.decoded()?.text("xms_mirid")?))
    }

    /// App 1 as an app of App Service: by the platform's variables, with what is missing from the token's `xms_mirid`.
    #[must_use]
    pub fn caller_site(&self) -> Option<Parts<'_>> {
        let of_token = self.decoded().and_then(DecodedToken::resource_of_identity);
        let of_token = of_token.filter(|site| site.is_app() && site.is_for_commands());
        let Some(name) = self.own_variable("WEBSITE_SITE_NAME") else { return of_token };
        let same = of_token.filter(|site| site.name.eq_ignore_ascii_case(name));
        let subscription = self.own_variable("WEBSITE_OWNER_NAME").and_then(|owner| owner.split('+').next());
        let group = self.own_variable("WEBSITE_RESOURCE_GROUP");
        Some(Parts {
            subscription: Some(subscription.or_else(|| same?.subscription)?),
            resource_group: Some(group.or_else(|| same?.resource_group)?),
            namespace: "Microsoft.Web",
            kind: "sites",
            name,
            slot: self.caller_slot(),
            below: None,
        })
    }

    /// App 1's deployment slot, by its variables.
    #[must_use]
    pub fn caller_slot(&self) -> Option<&str> {
        self.own_variable("WEBSITE_SLOT_NAME").filter(|slot| !is_production(slot))
    }

    /// The caller's object ID: what the token says, else Graph, else what the credential was given.
    #[must_use]
    pub fn caller_object_id(&self) -> Option<ObjectId> {
        let of_token = self.decoded().and_then(DecodedToken::object_id);
        let known = of_token.or_else(|| self.registration.as_ref()?.caller_object_id.clone());
        known.or_else(|| match &self.inputs.identity {
            IdentitySelector::ObjectId(id) => Some(id.clone()),
            _ => None,
        })
    }

    /// The caller's client ID: what the token says, else what the credential was given.
    #[must_use]
    pub fn caller_client_id(&self) -> Option<ClientId> {
        if let Some(token) = self.decoded() {
            return token.caller_client_id();
        }
        let of_graph = self.registration.as_ref().and_then(|it| it.caller_client_id.clone());
        let given = of_graph.or_else(|| match &self.inputs.identity {
            IdentitySelector::ClientId(id) => Some(id.clone()),
            _ => self.inputs.client_id.clone(),
        });
        given.or_else(|| self.own_variable("AZURE_CLIENT_ID").map(ClientId::new))
    }
}
