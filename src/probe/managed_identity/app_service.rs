//! App Service, Functions and Container Apps, protocol 2019-08-01 ("How to use managed identities for App Service").

use crate::case::inputs::IdentitySelector;
use crate::probe::http::Request;

use super::asked::{Asked, RequestError, direct, endpoint};

/// `GET {IDENTITY_ENDPOINT}?resource=…&api-version=2019-08-01` with the header `X-IDENTITY-HEADER`.
pub(super) fn request(asked: &Asked<'_>) -> Result<Request, RequestError> {
    let mut url = endpoint(asked.environment, "IDENTITY_ENDPOINT")?;
    let secret = asked
        .environment
        .hidden("IDENTITY_HEADER")
        .ok_or(RequestError::NotSet("IDENTITY_HEADER"))?;
    url.query_pairs_mut()
        .append_pair("resource", asked.resource)
        .append_pair("api-version", "2019-08-01");
    let selector = match asked.selector {
        IdentitySelector::Auto | IdentitySelector::System => None,
        IdentitySelector::ClientId(id) => Some(("client_id", id.as_str())),
        IdentitySelector::ObjectId(id) => Some(("principal_id", id.as_str())),
        IdentitySelector::ResourceId(id) => Some(("mi_res_id", id.as_str())),
    };
    if let Some((name, id)) = selector {
        url.query_pairs_mut().append_pair(name, id);
    }
    Ok(direct(Request::get(asked.purpose.clone(), url)).hidden("X-IDENTITY-HEADER", secret.clone()))
}
