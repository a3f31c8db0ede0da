//! An app's ARM resource ID, taken apart for command lines.

use crate::case::resource_id::Parts;
use crate::knowledge::shell_word;

/// An app of App Service, as its ARM resource ID names it.
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
    /// The app that a resource ID names.
    pub(super) fn of(id: Parts<'_>) -> Option<Self> {
        id.is_app().then_some(())?;
        Self::of_target(id)
    }

    /// App 2, which may also be a container app.
    pub(super) fn of_target(id: Parts<'_>) -> Option<Self> {
        id.target_kind().is_some().then_some(Self {
            subscription: id.subscription?.to_owned(),
            group: id.resource_group?.to_owned(),
            name: id.name.to_owned(),
            slot: id.slot.map(str::to_owned),
        })
    }

    /// The app as arguments of `az webapp` or `az containerapp`.
    pub(super) fn arguments(&self) -> String {
        let mut arguments = format!("--name {} --resource-group {}", shell_word(&self.name), shell_word(&self.group));
        if let Some(slot) = &self.slot {
            arguments.push_str(&format!(" --slot {}", shell_word(slot)));
        }
        arguments.push_str(&format!(" --subscription {}", shell_word(&self.subscription)));
        arguments
    }
}
