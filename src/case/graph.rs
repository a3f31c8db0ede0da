//! What Microsoft Graph's answers say is not in the tenant.

use url::Url;

use super::Case;
use super::exchange::Purpose;
use super::ids::{ClientId, guids_in, is_guid};

impl Case {
    /// The client ID for which Microsoft Graph has no service principal, where it was asked for the requested
    /// resource's. A proxy has a 404 of its own; Graph names what it doesn't find ("Microsoft Graph error responses",
    /// Microsoft Learn).
    #[must_use]
    pub fn absent_principal(&self) -> Option<ClientId> {
        let exchange = self.exchange(&Purpose::GraphResourcePrincipal)?;
        let json = exchange.answer().filter(|answer| answer.status == 404)?.json()?;
        let is_absent = json.pointer("/error/code").is_some_and(|code| code == "Request_ResourceNotFound");
        let id = guids_in(&exchange.url).into_iter().next().filter(|_| is_absent)?;
        Some(ClientId::new(id))
    }

    /// The app roles of App 2 that Microsoft Graph shows for the caller, as evidence; `None`: none, or not read.
    #[must_use]
    pub fn roles_shown(&self) -> Option<String> {
        let roles = self.registration.as_ref()?.caller_roles.as_ref().filter(|roles| !roles.is_empty())?;
        Some(format!("appRoleAssignments = [{}]", roles.join(", ")))
    }

    /// The IDs in App 2's policy that no service principal of the tenant has, of those that Microsoft Graph was asked
    /// for.
    #[must_use]
    pub fn absent_ids(&self) -> Option<Vec<String>> {
        let exchange = self.exchange(&Purpose::GraphListedIds)?;
        let json = exchange.answer().filter(|answer| answer.status == 200)?.json()?;
        // What is on another page may be there.
        let found = json.get("value")?.as_array().filter(|_| json.get("@odata.nextLink").is_none())?;
        let has = |id: &str| {
            let names = found.iter().flat_map(|entry| [entry.get("appId"), entry.get("id")]).flatten();
            names.filter_map(serde_json::Value::as_str).any(|name| name.eq_ignore_ascii_case(id))
        };
        let url = Url::parse(&exchange.url).ok()?;
        let (_, filter) = url.query_pairs().find(|(name, _)| name == "$filter")?;
        let mut absent: Vec<String> = Vec::new();
        for id in filter.split('\'').filter(|part| is_guid(part) && !has(part)) {
            if !absent.iter().any(|known| known == id) {
                absent.push(id.to_owned());
            }
        }
        Some(absent)
    }
}
