//! App 2's registration in Entra and the caller's assignments, as Microsoft Graph shows them.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::ids::{ClientId, ObjectId};
use super::issuer::Version;
use super::resource::{Likeness, likeness};
use super::text::{shortened, terms, visible};
use super::token::DecodedToken;

/// What Graph showed. `None` means: not readable or not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Registration {
    /// App 2's client ID.
    pub client_id: Option<ClientId>,
    /// Display name of App 2's registration.
    pub display_name: Option<String>,
    /// Object ID of App 2's service principal.
    pub service_principal_id: Option<ObjectId>,
    /// Whether the service principal is enabled (`accountEnabled`).
    pub service_principal_enabled: Option<bool>,
    /// `servicePrincipal.appRoleAssignmentRequired`.
    pub assignment_required: Option<bool>,
    /// `application.identifierUris` (or `servicePrincipalNames`).
    pub identifier_uris: Option<Vec<String>>,
    /// `application.api.requestedAccessTokenVersion`; the inner `None` is the registration's `null`, which means 1.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub requested_access_token_version: Option<Option<u8>>,
    /// `application.signInAudience`.
    pub sign_in_audience: Option<String>,
    /// App roles that applications can have: id and value.
    pub application_roles: Vec<(String, String)>,
    /// Values of the other app roles: those that only users can have, and those that are disabled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_roles: Vec<String>,
    /// The caller's client ID.
    pub caller_client_id: Option<ClientId>,
    /// The caller's object ID.
    pub caller_object_id: Option<ObjectId>,
    /// The caller's display name.
    pub caller_display_name: Option<String>,
    /// Ids of the app roles that the caller has on App 2; `None` when not readable.
    pub caller_roles: Option<Vec<String>>,
    /// When the last of them was assigned, as Graph writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_roles_since: Option<String>,
    /// What could not be read, and why.
    pub unreadable: Vec<String>,
}

/// A value that is there, `null` included: serde alone reads `null` as absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u8>>, D::Error> {
    Option::<u8>::deserialize(deserializer).map(Some)
}

impl Registration {
    /// Takes in the service principal of App 2's registration: one object, or a list with one. Says whether it was
    /// there.
    pub fn take_resource_principal(&mut self, value: &Value) -> bool {
        let Some(principal) = only(value) else { return false };
        self.service_principal_id = text(principal, "id").map(ObjectId::new);
        self.take_client_id(principal);
        self.display_name = self.display_name.take().or_else(|| text(principal, "displayName"));
        self.service_principal_enabled = principal.get("accountEnabled").and_then(Value::as_bool);
        self.assignment_required = principal.get("appRoleAssignmentRequired").and_then(Value::as_bool);
        if self.identifier_uris.is_none() {
            self.identifier_uris = texts(principal, "servicePrincipalNames");
        }
        if self.application_roles.is_empty() {
            (self.application_roles, self.other_roles) = roles(principal);
        }
        true
    }

    /// Whether the registration has this name; `None` when its names are not known.
    #[must_use]
    pub fn has_name(&self, asked: &str) -> Option<bool> {
        let uris = self.identifier_uris.as_ref()?;
        let is_own = self.client_id.as_ref().is_some_and(|id| id.as_str().eq_ignore_ascii_case(asked));
        Some(is_own || uris.iter().any(|uri| matches!(likeness(uri, asked), Likeness::Same | Likeness::Case)))
    }

    fn take_client_id(&mut self, of: &Value) {
        if let Some(id) = text(of, "appId") {
            self.client_id = Some(ClientId::new(id));
        }
    }

    /// Takes in App 2's application object: one object, or a list with one. Says whether it was there.
    pub fn take_application(&mut self, value: &Value) -> bool {
        let Some(application) = only(value) else { return false };
        self.take_client_id(application);
        self.display_name = text(application, "displayName").or_else(|| self.display_name.take());
        self.identifier_uris = texts(application, "identifierUris").or_else(|| self.identifier_uris.take());
        self.sign_in_audience = text(application, "signInAudience");
        // Manifests in the older form have the version at the top.
        let version = application
            .get("api")
            .and_then(|api| api.get("requestedAccessTokenVersion"))
            .or_else(|| application.get("accessTokenAcceptedVersion"));
        self.requested_access_token_version = match version {
            None => None,
            Some(Value::Null) => Some(None),
            Some(version) => version.as_u64().and_then(|version| u8::try_from(version).ok()).map(Some),
        };
        let (roles, others) = roles(application);
        if !(roles.is_empty() && others.is_empty()) {
            (self.application_roles, self.other_roles) = (roles, others);
        }
        true
    }

    /// Takes in the caller's service principal: one object, or a list with one. Says whether it was there.
    pub fn take_caller(&mut self, value: &Value) -> bool {
        let Some(caller) = only(value) else { return false };
        self.caller_client_id = text(caller, "appId").map(ClientId::new);
        self.caller_object_id = text(caller, "id").map(ObjectId::new);
        self.caller_display_name = text(caller, "displayName");
        true
    }

    /// Takes in the caller's app role assignments; those on App 2 are kept. Says whether they could be matched: App 2's
    /// service principal must be known before.
    pub fn take_assignments(&mut self, value: &Value) -> bool {
        let (Some(items), Some(resource)) = (value.get("value").and_then(Value::as_array), &self.service_principal_id)
        else {
            return false;
        };
        let on_resource = |item: &&Value| {
            item.get("resourceId").and_then(Value::as_str).is_some_and(|id| resource.matches(&ObjectId::new(id)))
        };
        self.caller_roles = Some(items.iter().filter(on_resource).filter_map(|item| text(item, "appRoleId")).collect());
        let dates = || items.iter().filter(on_resource).map(|item| text(item, "createdDateTime"));
        // Without one of the dates, that assignment may be the last.
        self.caller_roles_since = dates().all(|date| date.is_some()).then(|| dates().flatten().max()).flatten();
        true
    }

    /// When the caller's last app role was assigned, in seconds since 1970.
    #[must_use]
    pub fn last_assigned(&self) -> Option<i64> {
        let date = chrono::DateTime::parse_from_rfc3339(self.caller_roles_since.as_deref()?).ok()?;
        Some(date.timestamp())
    }

    /// How many app roles the caller has now, where this token shows none although one gives a role: they were assigned
    /// after it was issued.
    #[must_use]
    pub fn roles_missing_in(&self, token: &DecodedToken) -> Option<usize> {
        let assigned = self.caller_roles.as_ref()?;
        let is_in_it = || self.last_assigned().zip(token.time("iat")).is_some_and(|(at, issued)| at < issued);
        let gives_a_role = assigned.iter().any(|id| self.gives_a_role(id)) && token.list("roles").is_empty();
        (gives_a_role && !is_in_it()).then_some(assigned.len())
    }

    /// The version of the tokens that it requests, where that was read.
    #[must_use]
    pub fn requested_version(&self) -> Option<Version> {
        self.requested_access_token_version.map(|version| if version == Some(2) { Version::V2 } else { Version::V1 })
    }

    /// The roles that a text names: one that applications can have, and one that they can't.
    #[must_use]
    pub fn roles_in(&self, text: &str) -> (Option<&str>, Option<&str>) {
        let is_named = |role: &&str| terms(text).any(|term| term == *role);
        let mut of_applications = self.application_roles.iter().map(|(_, role)| role.as_str());
        (of_applications.find(is_named), self.other_roles.iter().map(String::as_str).find(is_named))
    }

    /// Whether a role must be assigned to the caller, and none is.
    #[must_use]
    pub fn misses_assignment(&self) -> Option<bool> {
        let has_role = self.caller_roles.as_ref().map(|roles| !roles.is_empty());
        match self.assignment_required {
            Some(false) => Some(false),
            Some(true) if has_role == Some(false) => Some(true),
            _ => has_role.filter(|has_role| *has_role).map(|_| false),
        }
    }

    /// Whether an assignment of this ID puts a role into tokens: that of an enabled role for applications, with a
    /// value.
    #[must_use]
    pub fn gives_a_role(&self, id: &str) -> bool {
        let is_default_access = id.chars().all(|digit| matches!(digit, '0' | '-'));
        let is_unread = self.application_roles.is_empty() && self.other_roles.is_empty();
        let is_it = |(known, value): &(String, String)| known.eq_ignore_ascii_case(id) && !value.is_empty();
        !is_default_access && (is_unread || self.application_roles.iter().any(is_it))
    }
}

/// The object, or the one object in a list (`{"value": […]}`).
fn only(value: &Value) -> Option<&Value> {
    match value.get("value") {
        Some(Value::Array(items)) => items.first().filter(|item| item.is_object()),
        _ => Some(value).filter(|value| value.get("id").is_some() || value.get("appId").is_some()),
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    let text = value.get(name)?.as_str()?;
    Some(visible(&shortened(text, 300)))
}

fn texts(value: &Value, name: &str) -> Option<Vec<String>> {
    let items = value.get(name)?.as_array()?;
    Some(items.iter().filter_map(Value::as_str).map(|text| visible(&shortened(text, 300))).collect())
}

/// The enabled roles that applications can have, and the values of the others.
fn roles(value: &Value) -> (Vec<(String, String)>, Vec<String>) {
    let can_be_had = |role: &&Value| {
        let kinds = role.get("allowedMemberTypes").and_then(Value::as_array);
        role.get("isEnabled").and_then(Value::as_bool) != Some(false)
            && kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "Application"))
    };
    let all = value.get("appRoles").and_then(Value::as_array).into_iter().flatten();
    let (roles, others): (Vec<&Value>, Vec<&Value>) = all.partition(can_be_had);
    let pair = |role: &Value| Some((text(role, "id")?, text(role, "value").unwrap_or_default()));
    (roles.into_iter().filter_map(pair).collect(), others.into_iter().filter_map(|role| text(role, "value")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn graph_objects_become_a_registration() {
        let mut registration = Registration::default();
        assert!(!registration.take_assignments(&json!({"value": []})));
        assert!(registration.take_resource_principal(&json!({"value": [{"id": "sp", "appId": "client",
            "accountEnabled": true, "appRoleAssignmentRequired": true, "servicePrincipalNames": ["client"],
            "appRoles": [{"id": "r1", "value": "Call.All", "isEnabled": true, "allowedMemberTypes": ["Application"]},
                {"id": "r2", "value": "User", "allowedMemberTypes": ["User"]},
                {"id": "r3", "value": "Old", "isEnabled": false, "allowedMemberTypes": ["Application"]}]}]})));
        assert!(
            registration.take_application(&json!({"id": "o", "appId": "client", "identifierUris": ["api://client"],
            "api": {"requestedAccessTokenVersion": null}}))
        );
        assert!(registration.take_caller(&json!({"id": "caller-sp", "appId": "caller"})));
        assert!(registration.take_assignments(&json!({"value": [{"resourceId": "SP", "appRoleId": "r1"},
            {"resourceId": "other", "appRoleId": "r9"}]})));
        assert!(!registration.take_caller(&json!({"value": []})));
        assert_eq!(registration.application_roles, [("r1".to_owned(), "Call.All".to_owned())]);
        assert_eq!(registration.caller_roles, Some(vec!["r1".to_owned()]));
        assert_eq!(registration.identifier_uris, Some(vec!["api://client".to_owned()]));
        assert_eq!(registration.requested_access_token_version, Some(None));
        let saved = serde_json::to_string(&registration).unwrap();
        assert_eq!(serde_json::from_str::<Registration>(&saved).unwrap(), registration);
        let unread = serde_json::to_string(&Registration::default()).unwrap();
        assert_eq!(serde_json::from_str::<Registration>(&unread).unwrap().requested_access_token_version, None);
    }
}
