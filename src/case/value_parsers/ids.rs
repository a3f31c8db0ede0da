//! IDs of applications, tenants, identities, and resources.

use crate::case::ids::{ClientId, ObjectId, TenantId, wrapped_guid};
use crate::case::inputs::IdentitySelector;
use crate::case::quote;
use crate::case::resource::is_guid;
use crate::case::resource_id::{Parts, ResourceId};

use super::resource::is_token;

/// Why a text isn't the ID that is needed, and what to give instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// A GUID with something around it.
    #[error("a GUID in braces or quotation marks; enter {inner}")]
    Wrapped {
        /// The GUID alone.
        inner: String,
    },
    /// No GUID.
    #[error("not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e")]
    NotAGuid,
    /// `common` and its like.
    #[error("this isn't a specific tenant, which app-only tokens require; use the tenant's GUID or domain")]
    NoSpecificTenant,
    /// Neither a GUID nor a domain.
    #[error("not a tenant; use its GUID or a domain such as contoso.onmicrosoft.com")]
    NotATenant,
    /// An identity's ID without its kind.
    #[error("specify which ID this is: client-id:{id} (application ID) or object-id:{id} (principal ID)")]
    WhichId {
        /// The ID.
        id: String,
    },
    /// An identity's resource ID without its prefix.
    #[error("use resource-id:{id}")]
    NoPrefix {
        /// The ID, as it may be shown.
        id: String,
    },
    /// No selector of an identity.
    #[error("use auto, system, client-id:GUID, object-id:GUID, or resource-id:/subscriptions/…")]
    NotASelector,
    /// The resource ID of something else, or none.
    #[error(
        "not the resource ID of a user-assigned identity: /subscriptions/GUID/resourceGroups/NAME/providers/\
         Microsoft.ManagedIdentity/userAssignedIdentities/NAME"
    )]
    NotAnIdentity,
    /// The resource ID of something else, or none.
    #[error(
        "not the resource ID of a web app, function app, or container app: /subscriptions/GUID/resourceGroups/NAME/\
         providers/Microsoft.Web/sites/NAME[/slots/NAME] or …/Microsoft.App/containerApps/NAME (az webapp show or \
         az containerapp show, with --query id)"
    )]
    NotAnApp,
}

/// A GUID.
///
/// # Errors
/// Anything else.
pub fn guid(text: &str) -> Result<String, IdError> {
    let text = text.trim();
    if is_guid(text) {
        return Ok(text.to_lowercase());
    }
    Err(wrapped_guid(text).map_or(IdError::NotAGuid, |inner| IdError::Wrapped { inner: inner.to_owned() }))
}

/// A client ID.
///
/// # Errors
/// Anything but a GUID.
pub fn client_id(text: &str) -> Result<ClientId, IdError> {
    guid(text).map(ClientId::new)
}

/// A tenant: a GUID or a domain.
///
/// # Errors
/// Anything else, also `common` and its like, which name no tenant.
pub fn tenant(text: &str) -> Result<TenantId, IdError> {
    let text = text.trim();
    if ["common", "organizations", "consumers"].contains(&text.to_lowercase().as_str()) {
        return Err(IdError::NoSpecificTenant);
    }
    // A token has dots, too; its parts are longer than a domain's, and the last one is no top-level domain.
    let is_domain = text.contains('.')
        && !is_token(text)
        && text.rsplit('.').next().is_some_and(is_top_level)
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
        });
    if is_guid(text) || is_domain { Ok(TenantId::new(text)) } else { Err(IdError::NotATenant) }
}

/// Whether a label can be a top-level domain: letters, or their encoding.
fn is_top_level(label: &str) -> bool {
    label.to_ascii_lowercase().starts_with("xn--") || label.chars().all(|character| character.is_ascii_alphabetic())
}

/// Which managed identity.
///
/// # Errors
/// An unknown selector, or an invalid ID.
pub fn identity(text: &str) -> Result<IdentitySelector, IdError> {
    let text = text.trim();
    match text.split_once(':') {
        None if text == "auto" => Ok(IdentitySelector::Auto),
        None if text == "system" => Ok(IdentitySelector::System),
        None if is_guid(text) => Err(IdError::WhichId { id: text.to_owned() }),
        Some(("client-id", id)) => client_id(id).map(IdentitySelector::ClientId),
        Some(("object-id" | "principal-id", id)) => guid(id).map(|id| IdentitySelector::ObjectId(ObjectId::new(id))),
        Some(("resource-id", id)) => identity_id(id).map(IdentitySelector::ResourceId),
        None if text.starts_with("/subscriptions/") => {
            let id = quote::shown(text).unwrap_or_else(|| "/subscriptions/…".to_owned());
            Err(IdError::NoPrefix { id })
        }
        _ => Err(IdError::NotASelector),
    }
}

fn identity_id(text: &str) -> Result<ResourceId, IdError> {
    let id = arm_id(text);
    if has_subscription(id.user_assigned_identity()) { Ok(id) } else { Err(IdError::NotAnIdentity) }
}

/// App 2's ARM ID.
///
/// # Errors
/// Anything that is not the id of a site or a slot of one.
pub fn site_id(text: &str) -> Result<ResourceId, IdError> {
    let id = arm_id(text);
    // Some pages name production like a slot.
    let lower = id.as_str().to_ascii_lowercase();
    let id = match lower.strip_suffix("/slots/production").and_then(|site| id.as_str().get(..site.len())) {
        Some(site) => ResourceId::new(site),
        None => id,
    };
    if has_subscription(id.app()) { Ok(id) } else { Err(IdError::NotAnApp) }
}

fn arm_id(text: &str) -> ResourceId {
    ResourceId::new(text.trim().trim_end_matches('/'))
}

fn has_subscription(parts: Option<Parts<'_>>) -> bool {
    parts.and_then(|parts| parts.subscription).is_some_and(is_guid)
}
