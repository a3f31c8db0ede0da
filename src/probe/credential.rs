//! Tokens for any resource by the chosen credential: the one entrance for every probe that needs one.

use std::sync::Arc;

use crate::case::credential::{Choice, CredentialSource};
use crate::case::environment::Environment;
use crate::case::exchange::{FailureKind, Purpose};
use crate::case::ids::{ClientId, TenantId};
use crate::case::inputs::IdentitySelector;
use crate::case::secret::Secret;

use super::http::{Http, Reply};
use super::prepare::Prepared;

/// A token and what came beside it.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The token.
    pub token: Secret<String>,
    /// `expires_on`, `client_id`, `resource`, `token_type` and the like, as text.
    pub response: Vec<(String, String)>,
}

/// The chosen credential, ready to ask.
#[derive(Debug, Clone)]
pub struct Credential<'a> {
    /// The sender.
    pub http: &'a Http,
    /// The inputs and what was read for them.
    pub prepared: &'a Prepared,
    /// App 1's machine.
    pub environment: Arc<Environment>,
    /// The choice.
    pub choice: Choice,
    /// The managed identity, never `Auto`.
    pub selector: IdentitySelector,
}

impl Credential<'_> {
    /// Whether tokens for other resources can be asked for as well; a given token is the only one there is.
    pub const fn can_ask(&self) -> bool {
        !matches!(self.choice.source, CredentialSource::Token | CredentialSource::Unavailable)
    }

    /// Whether an identity endpoint issues the tokens.
    pub const fn is_managed(&self) -> bool {
        matches!(self.choice.source, CredentialSource::ManagedIdentity(_))
    }

    /// Records that the credential is incomplete, instead of a request.
    pub fn incomplete(&self, purpose: Purpose, message: &str) -> Option<Issued> {
        self.http.record_failure(purpose, self.choice.source.kind().name(), FailureKind::NotSent, message);
        None
    }

    /// A variable of App 1 that may be hidden.
    pub fn variable(&self, name: &str) -> Option<Secret<String>> {
        self.environment.variable(name).map(|variable| Secret::new(variable.exposed().to_owned()))
    }

    /// The service principal's tenant.
    pub fn tenant(&self) -> Option<TenantId> {
        self.prepared.inputs.tenant.clone().or_else(|| self.environment.text("AZURE_TENANT_ID").map(TenantId::new))
    }

    /// The service principal's client ID.
    pub fn client_id(&self) -> Option<ClientId> {
        self.prepared.inputs.client_id.clone().or_else(|| self.environment.text("AZURE_CLIENT_ID").map(ClientId::new))
    }
}

/// The token in an answer of any endpoint: `access_token`, or `accessToken` as the Azure CLI writes it.
pub fn issued(reply: &Reply) -> Option<Issued> {
    if reply.status()? != 200 {
        return None;
    }
    from_json(&reply.json()?)
}

/// The token in a JSON object.
pub fn from_json(json: &serde_json::Value) -> Option<Issued> {
    let token = ["access_token", "accessToken"].iter().find_map(|name| json.get(name)?.as_str())?;
    // What isn't valid in a header can't be sent, and isn't a token.
    if token.is_empty() || !token.chars().all(|character| character.is_ascii_graphic()) {
        return None;
    }
    let beside = [
        "expires_on",
        "expires_in",
        "ext_expires_in",
        "not_before",
        "resource",
        "token_type",
        "client_id",
        "expiresOn",
        "tokenType",
    ];
    let response = beside
        .iter()
        .filter_map(|name| {
            let text = match json.get(name)? {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Number(number) => number.to_string(),
                _ => return None,
            };
            Some(((*name).to_owned(), crate::case::text::shortened(&crate::case::text::visible(&text), 300)))
        })
        .collect();
    Some(Issued { token: Secret::new(token.to_owned()), response })
}
