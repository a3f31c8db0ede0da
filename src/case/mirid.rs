//! The resource id of a managed identity, as the claim `xms_mirid` has it.

/// The parts of the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedIdentityId {
    /// The subscription.
    pub subscription: Option<String>,
    /// The resource group.
    pub resource_group: Option<String>,
    /// Whether it is a user-assigned identity; a system-assigned one has the id of its resource.
    pub user_assigned: bool,
    /// The resource's type, such as `Microsoft.Web/sites`.
    pub kind: String,
    /// The name of the identity, or of the resource that has it.
    pub name: String,
    /// The deployment slot, where the resource is one.
    pub slot: Option<String>,
}

impl ManagedIdentityId {
    /// Takes an id apart: `/subscriptions/…/resourcegroups/…/providers/TYPE/NAME[/slots/SLOT]`.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let parts: Vec<&str> = id.trim().trim_matches('/').split('/').collect();
        let after = |name: &str| {
            let place = parts.iter().position(|part| part.eq_ignore_ascii_case(name))?;
            parts.get(place + 1).map(|part| (*part).to_owned())
        };
        let provider = parts.iter().position(|part| part.eq_ignore_ascii_case("providers"))?;
        let (namespace, kind, name) = (
            parts.get(provider + 1)?,
            parts.get(provider + 2)?,
            parts.get(provider + 3)?,
        );
        Some(Self {
            subscription: after("subscriptions"),
            resource_group: after("resourceGroups"),
            user_assigned: kind.eq_ignore_ascii_case("userAssignedIdentities"),
            kind: format!("{namespace}/{kind}"),
            name: (*name).to_owned(),
            slot: after("slots"),
        })
    }
}

impl std::fmt::Display for ManagedIdentityId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let assigned = if self.user_assigned {
            "user-assigned identity"
        } else {
            "system-assigned identity of"
        };
        write!(formatter, "{assigned} {}", self.name)?;
        if let Some(slot) = &self.slot {
            write!(formatter, ", slot {slot}")?;
        }
        if !self.user_assigned {
            write!(formatter, " ({})", self.kind)?;
        }
        if let Some(group) = &self.resource_group {
            write!(formatter, ", resource group {group}")?;
        }
        if let Some(subscription) = &self.subscription {
            write!(formatter, ", subscription {subscription}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_taken_apart() {
        let system = ManagedIdentityId::parse(
            "/subscriptions/s/resourcegroups/g/providers/Microsoft.Web/sites/app1/slots/staging",
        )
        .unwrap();
        assert_eq!(
            (system.name.as_str(), system.slot.as_deref(), system.user_assigned),
            ("app1", Some("staging"), false)
        );
        assert_eq!(
            system.to_string(),
            "system-assigned identity of app1, slot staging (Microsoft.Web/sites), resource group g, subscription s"
        );
        let user = ManagedIdentityId::parse(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1",
        )
        .unwrap();
        assert!(user.user_assigned && user.name == "id1");
        assert_eq!(ManagedIdentityId::parse("nonsense"), None);
        assert_eq!(ManagedIdentityId::parse("/providers/x"), None);
    }
}
