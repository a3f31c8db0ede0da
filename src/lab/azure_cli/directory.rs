//! `az ad`: registrations and service principals.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::azure::Azure;
use super::command::Command;
use super::refused::Refused;
use crate::lab::graph::{application, principals};
use crate::lab::world::{CertificateState, FederatedCredential, SecretState, World};

/// The registrations that the lab has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Application {
    Caller,
    Target,
}

/// The registration that `--id` names: a client ID, an object ID, or an Application ID URI.
fn named(world: &World, command: &Command) -> Result<Application, Refused> {
    let id = command.need("--id")?;
    let target = &world.registration;
    let is_target = [&target.client_id, &target.object_id]
        .into_iter()
        .chain(&target.identifier_uris)
        .any(|known| known.eq_ignore_ascii_case(id));
    if is_target {
        Ok(Application::Target)
    } else if world.service_principal.client_id.eq_ignore_ascii_case(id) {
        Ok(Application::Caller)
    } else {
        Err(missing(id))
    }
}

/// As [`named`], where the lab keeps only the caller's.
fn caller(world: &World, command: &Command) -> Result<(), Refused> {
    match named(world, command)? {
        Application::Caller => Ok(()),
        Application::Target => Err(Refused::lab("the lab keeps credentials of the caller's registration only")),
    }
}

fn missing(id: &str) -> Refused {
    Refused::NotInDirectory(id.to_owned())
}

/// `az ad app show`.
pub(super) fn show_application(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    let caller = &azure.world.service_principal;
    Ok(match named(&azure.world, command)? {
        Application::Target => application(&azure.world),
        Application::Caller => {
            json!({"appId": caller.client_id, "displayName": caller.display_name, "identifierUris": []})
        }
    })
}

/// `az ad app update`: the list of URIs is replaced, the version of access tokens set.
pub(super) fn update_application(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    if named(&azure.world, command)? != Application::Target {
        return Err(Refused::lab("the lab changes App 2's registration only"));
    }
    let (tenant, registration) = (&azure.world.tenant, &mut azure.world.registration);
    let uris = command.all("--identifier-uris");
    // What a tenant takes without any setting of its own: names that contain the client ID, the tenant ID, or its
    // domain.
    let is_allowed = |uri: &&&str| {
        let held = [&registration.client_id, &tenant.id, &tenant.domain];
        registration.identifier_uris.iter().any(|known| known == **uri) || held.into_iter().any(|id| uri.contains(id))
    };
    if let Some(refused) = uris.iter().find(|uri| !is_allowed(uri)) {
        return Err(Refused::Directory(format!(
            "Failed to add identifier URI {refused}. All newly added URIs must contain a tenant verified domain, \
             tenant ID, or app ID."
        )));
    }
    if command.has("--identifier-uris") {
        registration.identifier_uris = uris.iter().map(|uri| (*uri).to_owned()).collect();
    }
    if let Some(version) = command.get("--requested-access-token-version") {
        let version = version.parse().ok().filter(|version| matches!(version, 1 | 2));
        registration.requested_access_token_version =
            Some(version.ok_or_else(|| Refused::argument("--requested-access-token-version", "it is 1 or 2"))?);
    }
    Ok(Value::Null)
}

/// `az ad app credential list`. It shows that there is a secret, not the secret.
pub(super) fn list_credentials(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    caller(&azure.world, command)?;
    Ok(json!([{"displayName": azure.world.service_principal.display_name}]))
}

/// `az ad app credential reset --append`: another secret, whose value is printed, or another certificate.
///
/// What the caller has stays as it is: a wrong or expired secret is replaced by whoever reads the printed one.
pub(super) fn reset_credential(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    caller(&azure.world, command)?;
    if !command.has("--append") {
        return Err(Refused::lab("without --append all other credentials would go; the lab doesn't support that"));
    }
    let registered = &mut azure.world.service_principal;
    if command.has("--cert") {
        let certificate = der(command.content("--cert")?)
            .ok_or_else(|| Refused::value("--cert", "it is no certificate in PEM form"))?;
        if certificate == azure.client_certificate {
            registered.certificate = CertificateState::Registered;
        }
        return Ok(json!({"appId": registered.client_id, "tenant": azure.world.tenant.id}));
    }
    // The lab's good secret stands for the new one, so what the caller has from before must be another.
    if registered.secret == SecretState::Expired {
        registered.secret = SecretState::Wrong;
    }
    Ok(json!({"appId": registered.client_id, "password": azure.client_secret, "tenant": azure.world.tenant.id}))
}

/// The first certificate of a text in PEM form. A private key has no business there.
fn der(pem: &str) -> Option<Vec<u8>> {
    if pem.contains("PRIVATE KEY") {
        return None;
    }
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (text, _) = rest.split_once("-----END CERTIFICATE-----")?;
    STANDARD.decode(text.split_whitespace().collect::<String>()).ok()
}

/// `az ad app federated-credential list`.
pub(super) fn list_federated(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    caller(&azure.world, command)?;
    let all = azure.world.service_principal.federated.iter();
    Ok(all.map(|one| json!({"issuer": one.issuer, "subject": one.subject, "audiences": [one.audience]})).collect())
}

/// `az ad app federated-credential create`. The lab keeps the newest one only: the old one matched no token anyway, or
/// nobody would make another. Issuer and subject together are unique, as Entra requires.
pub(super) fn create_federated(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    caller(&azure.world, command)?;
    let body = command.json("--parameters")?;
    let text = |name: &str| {
        let value = body.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
        value.map(str::to_owned).ok_or_else(|| Refused::BadRequest(format!("{name} is missing")))
    };
    text("name")?;
    let audience = match body.get("audiences").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only.as_str().unwrap_or_default().to_owned(),
        _ => return Err(Refused::bad_request("audiences must hold exactly one")),
    };
    let new = FederatedCredential { issuer: text("issuer")?, subject: text("subject")?, audience };
    let federated = &mut azure.world.service_principal.federated;
    if federated.iter().any(|one| one.issuer == new.issuer && one.subject == new.subject) {
        return Err(Refused::bad_request(
            "A federated identity credential with the same issuer and subject already exists on this application.",
        ));
    }
    *federated = Some(new);
    Ok(body)
}

/// `az ad sp show`.
pub(super) fn show_principal(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    principal(&azure.world, command.need("--id")?)
}

/// The service principal with this object ID, client ID or name.
fn principal(world: &World, id: &str) -> Result<Value, Refused> {
    let same = |value: &Value| value.as_str().is_some_and(|known| known.eq_ignore_ascii_case(id));
    let is_it = |one: &Value| {
        let names = one.get("servicePrincipalNames").and_then(Value::as_array);
        one.get("id").is_some_and(same) || names.is_some_and(|names| names.iter().any(same))
    };
    principals(world).into_iter().find(is_it).ok_or_else(|| missing(id))
}

/// `az ad sp create`.
pub(super) fn create_principal(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    let id = command.need("--id")?;
    if principal(&azure.world, id).is_ok() {
        return Err(Refused::Directory(format!(
            "The service principal cannot be created, updated, or restored because the service principal name {id} is \
             already in use."
        )));
    }
    match named(&azure.world, command)? {
        Application::Target => azure.world.registration.in_tenant = true,
        Application::Caller => azure.world.service_principal.in_tenant = true,
    }
    principal(&azure.world, id)
}

/// `az ad sp update --set`.
pub(super) fn update_principal(azure: &mut Azure, command: &Command) -> Result<Value, Refused> {
    let found = principal(&azure.world, command.need("--id")?)?;
    let is = |id: &str| found.get("id").and_then(Value::as_str) == Some(id);
    let world = &mut azure.world;
    let (is_target, is_caller) = (is(&world.registration.service_principal_id), is(&world.service_principal.object_id));
    for (name, value) in command.pairs("--set")? {
        let value: bool = value.parse().map_err(|_| Refused::value(name, format!("{value} is no boolean")))?;
        match name {
            "accountEnabled" if is_target => world.registration.enabled = value,
            "accountEnabled" if is_caller => world.service_principal.enabled = value,
            "appRoleAssignmentRequired" if is_target => world.registration.assignment_required = value,
            _ => {
                return Err(Refused::Lab(format!("the lab doesn't support --set {name} of this service principal")));
            }
        }
    }
    Ok(Value::Null)
}
