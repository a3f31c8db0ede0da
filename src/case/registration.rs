//! App 2's registration in Entra and the caller's assignments, as Microsoft Graph shows them.

use serde::{Deserialize, Serialize};

/// What Graph showed. `None` means: not readable or not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Registration {
    /// App 2's client id.
    pub client_id: Option<String>,
    /// Display name of App 2's registration.
    pub display_name: Option<String>,
    /// Object id of App 2's service principal.
    pub service_principal_id: Option<String>,
    /// Whether the service principal is enabled (`accountEnabled`).
    pub service_principal_enabled: Option<bool>,
    /// `servicePrincipal.appRoleAssignmentRequired`.
    pub assignment_required: Option<bool>,
    /// `application.identifierUris` (or `servicePrincipalNames`).
    pub identifier_uris: Option<Vec<String>>,
    /// `application.api.requestedAccessTokenVersion`; the inner `None` is the registration's `null`, which means 1.
    pub requested_access_token_version: Option<Option<u8>>,
    /// `application.signInAudience`.
    pub sign_in_audience: Option<String>,
    /// App roles that applications can have: id and value.
    pub application_roles: Vec<(String, String)>,
    /// The caller's client id.
    pub caller_client_id: Option<String>,
    /// The caller's object id.
    pub caller_object_id: Option<String>,
    /// The caller's display name.
    pub caller_display_name: Option<String>,
    /// Ids of the app roles that the caller has on App 2; `None` when not readable.
    pub caller_roles: Option<Vec<String>>,
    /// What could not be read, and why.
    pub unreadable: Vec<String>,
}
