//! What every platform's token endpoint does: choose the identity, ask Entra, pass its answer on.

use serde_json::{Value, json};
use uuid::Uuid;

use super::http::{Answer, Received};
use super::issue::{Issued, Principal, Refusal, issue};
use super::shared::Shared;
use super::world::{Identity, Refusals, World};

/// Why there is no identity for a request, in the endpoint's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoIdentity {
    /// The app has none.
    #[error("No Managed Identity found for specified app.")]
    OfApp,
    /// The app has user-assigned ones, and none is selected.
    #[error("Unable to load the proper Managed Identity.")]
    Unselected,
    /// None has the selected ID.
    #[error("No User Assigned or Delegated Managed Identity found for specified {kind}.")]
    Unknown {
        /// The kind of ID.
        kind: &'static str,
    },
}

/// The identity that the request selects by one of these parameters.
///
/// # Errors
/// The endpoint's own words.
pub(crate) fn select<'a>(
    world: &'a World,
    request: &Received,
    parameters: &[&str],
) -> Result<&'a Identity, NoIdentity> {
    let given = parameters.iter().find_map(|name| request.query(name).map(|value| (*name, value)));
    let app1 = &world.app1;
    let Some((name, value)) = given else {
        return match &app1.system_identity {
            Some(identity) => Ok(identity),
            None if app1.user_assigned.is_empty() => Err(NoIdentity::OfApp),
            None => Err(NoIdentity::Unselected),
        };
    };
    let matches = |identity: &&Identity| match name {
        "client_id" | "clientid" => identity.client_id.eq_ignore_ascii_case(&value),
        "principal_id" | "object_id" => identity.object_id.eq_ignore_ascii_case(&value),
        _ => identity.resource_id.eq_ignore_ascii_case(&value),
    };
    // The system-assigned identity's own id is refused as well (facts: caller, 3).
    app1.user_assigned.iter().find(matches).ok_or_else(|| {
        let kind = match name {
            "client_id" | "clientid" => "ClientId",
            "principal_id" | "object_id" => "PrincipalId",
            _ => "ResourceId",
        };
        NoIdentity::Unknown { kind }
    })
}

/// A managed identity as a client of Entra.
pub(crate) fn principal(identity: &Identity) -> Principal {
    Principal {
        client_id: identity.client_id.clone(),
        object_id: identity.object_id.clone(),
        name: identity.name.clone(),
        resource_id: Some(identity.resource_id.clone()),
        authenticated_by: 2,
    }
}

/// Asks Entra and writes the platform's success body, or its way of passing a refusal on.
pub(crate) fn hand_out(
    shared: &Shared,
    world: &World,
    principal: &Principal,
    resource: &str,
    body: impl FnOnce(&Issued) -> Value,
) -> Answer {
    if world.app1.egress_blocked {
        return refused(world, None);
    }
    match issue(world, &shared.keys, principal, resource) {
        Ok(Ok(issued)) => Answer::json(200, &body(&issued)),
        Ok(Err(refusal)) => refused(world, Some(&refusal)),
        Err(_) => Answer::empty(500),
    }
}

/// How the endpoint says that Entra refused (`Some`) or could not be reached (`None`).
fn refused(world: &World, refusal: Option<&Refusal>) -> Answer {
    match (world.identity_endpoint.refusals, refusal) {
        (Refusals::Wrapped, Some(refusal)) => {
            let inner = refusal.body();
            let description = inner.get("error_description").and_then(Value::as_str).unwrap_or_default();
            status_body(400, description)
        }
        (Refusals::Empty, _) => correlated(Answer::empty(500).header("server", "Kestrel")),
        (Refusals::Opaque | Refusals::Wrapped, _) => {
            // The misspelling is the platform's.
            status_body(500, "An unexpected error occured while fetching the AAD Token.")
        }
    }
}

/// An error in App Service's form.
pub(crate) fn status_body(status: u16, message: &str) -> Answer {
    correlated(Answer::json(
        status,
        &json!({"statusCode": status, "message": message, "correlationId": Uuid::new_v4().to_string()}),
    ))
}

/// The answer with a correlation ID, as App Service's endpoint gives one.
pub(crate) fn correlated(answer: Answer) -> Answer {
    answer.header("x-correlation-id", Uuid::new_v4().to_string())
}
