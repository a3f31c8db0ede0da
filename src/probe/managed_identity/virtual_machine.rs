//! Virtual machines and scale sets: the metadata endpoint ("How to use managed identities on a VM to get a token").

use url::Url;

use crate::case::inputs::IdentitySelector;
use crate::probe::http::Request;

use super::asked::{Asked, RequestError, direct, endpoint};

/// The metadata endpoint's own address; chosen only where the machine or the user says so.
const METADATA: &str = "http://169.254.169.254";

/// `GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=…` with the header `Metadata: true`.
pub(super) fn request(asked: &Asked<'_>) -> Result<Request, RequestError> {
    let base = if asked.environment.has("AZURE_POD_IDENTITY_AUTHORITY_HOST") {
        endpoint(asked.environment, "AZURE_POD_IDENTITY_AUTHORITY_HOST")?
    } else {
        Url::parse(METADATA)?
    };
    let mut url = base.join("/metadata/identity/oauth2/token")?;
    url.query_pairs_mut()
        .append_pair("api-version", "2018-02-01")
        .append_pair("resource", asked.resource);
    let selector = match asked.selector {
        IdentitySelector::Auto | IdentitySelector::System => None,
        IdentitySelector::ClientId(id) => Some(("client_id", id.as_str())),
        IdentitySelector::ObjectId(id) => Some(("object_id", id.as_str())),
        IdentitySelector::ResourceId(id) => Some(("msi_res_id", id.as_str())),
    };
    if let Some((name, id)) = selector {
        url.query_pairs_mut().append_pair(name, id);
    }
    Ok(direct(Request::get(asked.purpose.clone(), url)).header("Metadata", "true"))
}
