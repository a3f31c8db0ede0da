//! An app's ARM resource id, taken apart for command lines.

use crate::knowledge::template::shell_word;

/// An app of App Service, as its ARM resource id names it.
pub(super) struct Site {
    /// The subscription id.
    pub(super) subscription: String,
    /// The resource group.
    pub(super) group: String,
    /// The name.
    pub(super) name: String,
    /// The slot, when it is not the production slot.
    pub(super) slot: Option<String>,
}

impl Site {
    /// Reads `/subscriptions/…/resourceGroups/…/providers/Microsoft.Web/sites/…[/slots/…]`, in any case.
    pub(super) fn parse(id: &str) -> Option<Self> {
        let segments: Vec<&str> = id.trim_matches('/').split('/').collect();
        let after = |name: &str| {
            let at = segments.iter().position(|segment| segment.eq_ignore_ascii_case(name))?;
            segments.get(at + 1).map(|segment| (*segment).to_owned())
        };
        Some(Self {
            subscription: after("subscriptions")?,
            group: after("resourceGroups")?,
            name: after("sites")?,
            slot: after("slots"),
        })
    }

    /// The app as arguments of `az webapp`.
    pub(super) fn arguments(&self) -> String {
        let mut arguments = format!(
            "--name {} --resource-group {}",
            shell_word(&self.name),
            shell_word(&self.group)
        );
        if let Some(slot) = &self.slot {
            arguments.push_str(&format!(" --slot {}", shell_word(slot)));
        }
        arguments.push_str(&format!(" --subscription {}", shell_word(&self.subscription)));
        arguments
    }
}
