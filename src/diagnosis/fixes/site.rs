//! An app's ARM resource ID, taken apart for command lines.

use crate::case::resource_id::Parts;
use crate::knowledge::shell_option;

/// An app of App Service, or a container app, as its ARM resource ID names it.
pub(super) struct Site {
    pub(super) subscription: String,
    pub(super) group: String,
    pub(super) name: String,
    /// The slot, when it is not the production slot.
    pub(super) slot: Option<String>,
}

impl Site {
    /// The app that a resource ID names.
    pub(super) fn of(id: Parts<'_>) -> Option<Self> {
        // No name begins like this, and az would read the file that is named behind it.
        let names_file = [Some(id.name), id.resource_group, id.slot].iter().flatten().any(|name| name.starts_with('@'));
        id.target_kind().filter(|_| !names_file)?;
        Some(Self {
            subscription: id.subscription?.to_owned(),
            group: id.resource_group?.to_owned(),
            name: id.name.to_owned(),
            slot: id.slot.map(str::to_owned),
        })
    }

    /// The app as arguments of `az webapp` or `az containerapp`.
    pub(super) fn arguments(&self) -> String {
        let slot = self.slot.as_ref().map(|slot| shell_option("--slot", slot));
        let options = [shell_option("--name", &self.name), shell_option("--resource-group", &self.group)];
        let subscription = shell_option("--subscription", &self.subscription);
        options.into_iter().chain(slot).chain([subscription]).collect::<Vec<_>>().join(" ")
    }
}
