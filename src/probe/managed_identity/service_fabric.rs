//! Service Fabric, protocol 2019-07-01-preview (`msal/managed_identity.py`): the server's certificate is known by its
//! thumbprint alone.

use crate::case::inputs::IdentitySelector;
use crate::probe::http::{Request, Way};

use super::asked::{Asked, RequestError, endpoint};

/// `GET {IDENTITY_ENDPOINT}?resource=…&api-version=2019-07-01-preview` with the header `Secret`.
pub(super) fn request(asked: &Asked<'_>) -> Result<Request, RequestError> {
    if !matches!(asked.selector, IdentitySelector::System | IdentitySelector::Auto) {
        return Err(RequestError::ManifestOnly(asked.selector.clone()));
    }
    let mut url = endpoint(asked.environment, "IDENTITY_ENDPOINT")?;
    let secret = asked
        .environment
        .hidden("IDENTITY_HEADER")
        .ok_or(RequestError::NotSet("IDENTITY_HEADER"))?;
    let thumbprint = asked
        .environment
        .text("IDENTITY_SERVER_THUMBPRINT")
        .ok_or(RequestError::NotSet("IDENTITY_SERVER_THUMBPRINT"))?;
    url.query_pairs_mut()
        .append_pair("resource", asked.resource)
        .append_pair("api-version", "2019-07-01-preview");
    let request = Request::get(asked.purpose.clone(), url).way(Way::Pinned(thumbprint.to_owned()));
    Ok(request.hidden("Secret", secret.clone()))
}
