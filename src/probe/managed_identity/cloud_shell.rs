//! Cloud Shell (`msal/managed_identity.py`): the signed-in user's token.

use crate::case::inputs::IdentitySelector;
use crate::probe::http::Request;

use super::asked::{Asked, RequestError, direct, endpoint};

/// `POST {MSI_ENDPOINT}` with the form `resource=…` and the header `Metadata: true`.
pub(super) fn request(asked: &Asked<'_>) -> Result<Request, RequestError> {
    if !matches!(asked.selector, IdentitySelector::System | IdentitySelector::Auto) {
        return Err(RequestError::SignedInUserOnly(asked.selector.clone()));
    }
    let url = endpoint(asked.environment, "MSI_ENDPOINT")?;
    let request = direct(Request::get(asked.purpose.clone(), url)).header("Metadata", "true");
    Ok(request.form(&[("resource", asked.resource)]))
}
