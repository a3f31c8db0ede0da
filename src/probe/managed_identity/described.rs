//! The request of a platform as `assets/knowledge/platforms.toml` describes it.

use url::Url;

use crate::case::inputs::IdentitySelector;
use crate::case::platform::{Platform, Protocol};
use crate::probe::http::{Request, Way};

use super::asked::{Asked, RequestError, direct, endpoint};

/// The request for a token. `None`: the platform's requests are written by code of their own.
pub(super) fn request(platform: Platform, asked: &Asked<'_>) -> Option<Result<Request, RequestError>> {
    let protocol = platform.protocol();
    let variable = protocol.endpoint.as_deref()?;
    Some(described(protocol, variable, asked))
}

fn described(protocol: &'static Protocol, variable: &'static str, asked: &Asked<'_>) -> Result<Request, RequestError> {
    let selected = selected(protocol, asked)?;
    let mut url = match &protocol.base {
        Some(base) if !asked.environment.has(variable) => Url::parse(base)?,
        _ => endpoint(asked.environment, variable)?,
    };
    if let Some(path) = &protocol.path {
        url = url.join(path)?;
    }
    let mut parameters = vec![("resource", asked.resource)];
    if !protocol.post {
        parameters.push(("api-version", protocol.version.as_str()));
    }
    parameters.extend(selected);
    if !protocol.post {
        url.query_pairs_mut().extend_pairs(&parameters);
    }
    let mut request = Request::get(asked.purpose.clone(), url);
    for (name, value) in &protocol.headers {
        request = request.header(name, value);
    }
    if let Some(proof) = &protocol.secret {
        let secret = asked.environment.hidden(&proof.variable);
        let secret = secret.ok_or(RequestError::NotSet(&proof.variable))?;
        request = request.hidden(&proof.header, secret.clone());
    }
    request = match &protocol.pinned_by {
        Some(variable) => {
            let thumbprint = asked.environment.text(variable);
            request.way(Way::Pinned(thumbprint.ok_or(RequestError::NotSet(variable))?.to_owned()))
        }
        None => direct(request),
    };
    Ok(if protocol.post { request.form(&parameters) } else { request })
}

/// The parameter that selects the identity.
fn selected<'a>(
    protocol: &'static Protocol,
    asked: &Asked<'a>,
) -> Result<Option<(&'static str, &'a str)>, RequestError> {
    let select = &protocol.select;
    let (parameter, id) = match asked.selector {
        IdentitySelector::Auto | IdentitySelector::System => {
            let default = select.default.as_deref().and_then(|name| asked.environment.text(name));
            return Ok(select.client_id.as_deref().zip(default));
        }
        IdentitySelector::ClientId(id) => (&select.client_id, id.as_str()),
        IdentitySelector::ObjectId(id) => (&select.object_id, id.as_str()),
        IdentitySelector::ResourceId(id) => (&select.resource_id, id.as_str()),
    };
    match parameter {
        Some(parameter) => Ok(Some((parameter, id))),
        None => Err(RequestError::CannotSelect {
            reason: protocol.otherwise.as_deref().unwrap_or_default(),
            asked: asked.selector.clone(),
        }),
    }
}
