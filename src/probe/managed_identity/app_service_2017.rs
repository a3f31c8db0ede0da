//! App Service's older protocol 2017-09-01, and Azure Machine Learning, which speaks the same (`msal/managed_identity.py`).

use crate::case::inputs::IdentitySelector;
use crate::probe::http::Request;

use super::asked::{Asked, RequestError, direct, endpoint};

/// `GET {MSI_ENDPOINT}?resource=…&api-version=2017-09-01` with the header `Secret`. It knows `clientid` only.
pub(super) fn request(asked: &Asked<'_>) -> Result<Request, RequestError> {
    let mut url = endpoint(asked.environment, "MSI_ENDPOINT")?;
    let secret = asked
        .environment
        .hidden("MSI_SECRET")
        .ok_or(RequestError::NotSet("MSI_SECRET"))?;
    url.query_pairs_mut()
        .append_pair("resource", asked.resource)
        .append_pair("api-version", "2017-09-01");
    let client_id = match asked.selector {
        // Azure Machine Learning names the identity of its compute in a variable of its own.
        IdentitySelector::Auto | IdentitySelector::System => asked.environment.text("DEFAULT_IDENTITY_CLIENT_ID"),
        IdentitySelector::ClientId(id) => Some(id.as_str()),
        IdentitySelector::ObjectId(_) | IdentitySelector::ResourceId(_) => {
            return Err(RequestError::ClientIdOnly(asked.selector.clone()));
        }
    };
    if let Some(id) = client_id {
        url.query_pairs_mut().append_pair("clientid", id);
    }
    Ok(direct(Request::get(asked.purpose.clone(), url)).hidden("Secret", secret.clone()))
}
