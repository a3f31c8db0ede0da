//! The app whose settings are wanted of a file.

use crate::case::resource_id::{Parts, ResourceId};

/// The app whose settings are wanted, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The target's host name. Behind a custom domain or a gateway it tells nothing.
    pub host: Option<&'a str>,
    /// The app's resource ID.
    pub id: Option<&'a ResourceId>,
}

impl Wanted<'_> {
    /// Whether this is the ID of another app: beside the ID that is wanted, else beside the host name that App Service
    /// gives an app (`app2.azurewebsites.net`, `app2-staging.azurewebsites.net`).
    pub(super) fn is_not(self, id: &ResourceId) -> bool {
        if let Some(wanted) = self.id {
            return !wanted.path().eq_ignore_ascii_case(&id.path());
        }
        let label = self.host.unwrap_or_default().to_ascii_lowercase();
        let label = label.strip_suffix(".azurewebsites.net").and_then(|label| label.split('.').next());
        let named = id.parts().map(site_of).unwrap_or_default().to_ascii_lowercase().replace('/', "-");
        // Newer host names have a random part behind the name.
        let is_rest = |rest: &str| rest.is_empty() || rest.starts_with('-');
        label.is_some_and(|label| !label.strip_prefix(&named).is_some_and(is_rest))
    }
}

/// The name of an app, with that of its slot.
pub(super) fn site_of(parts: Parts<'_>) -> String {
    parts.slot.map_or_else(|| parts.name.to_owned(), |slot| format!("{}/{slot}", parts.name))
}
